"""An index over points: bands of latitude, each sorted by longitude, as plain arrays that can be memory-mapped.

A box touches a run of each band, found by one binary search over all bands at once; only what the runs hold is compared.
Any other area is asked through the boxes that cover it and then, for the candidates, exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.areas import Area, Bounds

_BANDS_PER_DEG = 8
_STRIDE = 1024.0  # of the sort key from one band to the next: more than the longitudes of one


@dataclass(frozen=True)
class PointIndex:
    """Points in the order of the index: sort key, longitude, latitude in degrees, and the row that each one has outside.

    ``row`` is empty where the points stand outside in the same order.
    """

    key: NDArray[np.float64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    row: NDArray[np.int32]

    @classmethod
    def build(cls, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> PointIndex:
        """Return the index of points, whose rows are their places in the arrays; what is no number is left out."""
        rows = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        key = _key(lon[rows], lat[rows])
        order = np.argsort(key, kind="stable")
        rows = rows[order]
        own = np.array_equal(rows, np.arange(len(rows)))
        return cls(key[order], lon[rows], lat[rows], rows[: 0 if own else None].astype(np.int32))

    def rows(self) -> NDArray[np.int32]:
        """Return the row outside of each point, in the order of the index."""
        return self.row if len(self.row) else np.arange(len(self.key), dtype=np.int32)

    def within(self, area: Area) -> NDArray[np.int32]:
        """Return the rows of the points that lie in an area, in ascending order."""
        found = self._candidates(area.cover())
        found = found[area.contains(self.lon[found], self.lat[found])]
        return np.sort(self.row[found]) if len(self.row) else found.astype(np.int32)

    def _candidates(self, boxes: Iterable[Bounds]) -> NDArray[np.int64]:
        """Return the places in the index of what may lie in one of the boxes, each once, ascending."""
        parts = [self._in_box(*box) for box in boxes]
        if len(parts) == 1:
            return parts[0]
        return np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)

    def _in_box(self, west: float, south: float, east: float, north: float) -> NDArray[np.int64]:
        bands = np.arange(_band_of(south), _band_of(north) + 1)[:, None] * _STRIDE
        keys = bands + np.array((west + 360.0, east + 360.0))
        keys[:, 1] = np.nextafter(keys[:, 1], np.inf)  # so that both ends are found as one, from the left
        begin, end = self.key.searchsorted(keys).T
        return _runs(begin, end)


def _band_of(lat: float) -> int:
    return math.floor((lat + 90.0) * _BANDS_PER_DEG)


def _key(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    # Rounding keeps the order of longitudes, so that no point at a box's edge is lost; what it adds is compared exactly.
    return np.floor((lat + 90.0) * _BANDS_PER_DEG) * _STRIDE + (lon + 360.0)


def _runs(begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return all numbers of the runs ``[begin, end)``, one after another."""
    length = end - begin
    until = length.cumsum()
    if not len(until):
        return np.empty(0, dtype=np.int64)
    return np.asarray((begin - until + length).repeat(length) + np.arange(until[-1]), dtype=np.int64)
