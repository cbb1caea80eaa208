"""An index over points: bands of latitude, each sorted by longitude, as plain arrays that can be memory-mapped.

A box touches a run of each band, found by one binary search over all bands at once; only what the runs hold is compared.
Any other area is asked through the boxes that cover it and then, for the candidates, exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.areas import Area, Bounds

_BANDS_PER_DEG = 8
_STRIDE = 1024.0  # of the sort key from one band to the next: more than the longitudes of one


@dataclass(frozen=True)
class PointIndex:
    """Points in the order of the index: sort key, longitude, latitude in degrees, and the row each one has outside."""

    key: NDArray[np.float64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    row: NDArray[np.int32]

    @classmethod
    def build(cls, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> PointIndex:
        """Return the index of points, whose rows are their places in the arrays; what is no number is left out."""
        rows = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        key = _key(_band(lat[rows]), lon[rows])
        order = np.argsort(key, kind="stable")
        rows = rows[order]
        return cls(key[order], lon[rows], lat[rows], rows.astype(np.int32))

    def within(self, area: Area) -> NDArray[np.int32]:
        """Return the rows of the points that lie in an area, in ascending order."""
        found = self._candidates(area.cover())
        hit = area.contains(self.lon[found], self.lat[found])
        return np.sort(self.row[found[hit]])

    def _candidates(self, boxes: Iterable[Bounds]) -> NDArray[np.int64]:
        """Return the places in the index of what may lie in one of the boxes, each once."""
        parts = [self._in_box(*box) for box in boxes]
        if len(parts) == 1:
            return parts[0]
        return np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)

    def _in_box(self, west: float, south: float, east: float, north: float) -> NDArray[np.int64]:
        bands = np.arange(int(_band(np.array(south))), int(_band(np.array(north))) + 1)
        begin = np.searchsorted(self.key, _key(bands, west), side="left")
        end = np.searchsorted(self.key, _key(bands, east), side="right")
        held = end > begin
        return _runs(begin[held], end[held])


def _band(lat: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.asarray(np.floor((lat + 90.0) * _BANDS_PER_DEG), dtype=np.int64)


def _key(band: NDArray[np.int64], lon: Any) -> NDArray[np.float64]:
    # Rounding keeps the order of longitudes, so that no point at a box's edge is lost; what it adds is compared exactly.
    return np.asarray(band * _STRIDE + (lon + 360.0), dtype=np.float64)


def _runs(begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return all numbers of the runs ``[begin, end)``, one after another."""
    length = end - begin
    total = int(length.sum())
    if not total:
        return np.empty(0, dtype=np.int64)
    first = np.repeat(begin - np.concatenate(([0], np.cumsum(length)[:-1])), length)
    return np.asarray(first + np.arange(total), dtype=np.int64)
