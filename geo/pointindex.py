"""An index over points: bands of latitude, each sorted by longitude, as plain arrays that can be memory-mapped.

A box touches a run of each band, found by one binary search over all bands at once; only what the runs hold is compared.
Any other area is asked through the boxes that cover it and then, for the candidates, exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.areas import Area, Box

Places = NDArray[np.int64]
"""Of points in the index, from 0."""

Keys = NDArray[np.float64]

_BANDS_PER_DEG = 8
_FEW = 1024  # points are compared faster than what would spare them the comparison
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
        if isinstance(area, Box):
            # Its cover holds nothing else.
            found = _once([self._in_box(*box) for box in area.cover()])
        else:
            found = _once([self._near_box(*box) for box in area.cover()])
            found = found[area.contains(self.lon[found], self.lat[found])]
        return np.sort(self.row[found]) if len(self.row) else found.astype(np.int32)

    def _near_box(self, west: float, south: float, east: float, north: float) -> Places:
        """Return the places in the index of what lies in a box, and of some points beside it, ascending."""
        return _runs(*self._ends(*_keys(west, south, east, north)))

    def _in_box(self, west: float, south: float, east: float, north: float) -> Places:
        """Return the places in the index of what lies in a box, ascending."""
        keys = _keys(west, south, east, north)
        begin, end = self._ends(*keys)
        found = _runs(begin, end)
        if len(found) < _FEW or len(begin) == 1 or self._shares(begin, end, *keys):
            lon, lat = self.lon[found], self.lat[found]
            return found[(lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)]
        # Every band between the first and the last lies between the latitudes.
        low, high = self.lat[begin[0] : end[0]] >= south, self.lat[begin[-1] : end[-1]] <= north
        last = len(found) - len(high)
        return np.concatenate((found[: len(low)][low], found[len(low) : last], found[last:][high]))

    def _ends(self, first: Keys, last: Keys) -> tuple[Places, Places]:
        """Return where the runs between two keys each, both within, begin and end."""
        begin: Places = self.key.searchsorted(first)
        end: Places = self.key.searchsorted(last, side="right")
        return begin, end

    def _shares(self, begin: Places, end: Places, first: Keys, last: Keys) -> bool:
        """Tell whether a point of a run has the key of the run's end: it may lie beyond it by what the key was rounded."""
        held = end > begin
        met = (self.key[begin[held]] == first[held]) | (self.key[end[held] - 1] == last[held])
        return bool(met.any())


def _keys(west: float, south: float, east: float, north: float) -> tuple[Keys, Keys]:
    """Return the first and the last key in a box of each band that it touches."""
    bands = np.arange(_band_of(south), _band_of(north) + 1) * _STRIDE
    return np.add(bands, west + 360.0), np.add(bands, east + 360.0)


def _band_of(lat: float) -> int:
    return math.floor((lat + 90.0) * _BANDS_PER_DEG)


def _key(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    # Rounding keeps the order of longitudes, so that no point at a box's edge is lost; what it adds is compared exactly.
    return np.floor((lat + 90.0) * _BANDS_PER_DEG) * _STRIDE + (lon + 360.0)


def _once(parts: list[Places]) -> Places:
    """Return the places of several lists, each once, ascending."""
    if len(parts) == 1:
        return parts[0]
    return np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)


def _runs(begin: Places, end: Places) -> Places:
    """Return all numbers of the runs ``[begin, end)``, one after another."""
    length = end - begin
    until = length.cumsum()
    if not len(until):
        return np.empty(0, dtype=np.int64)
    return np.asarray((begin - until + length).repeat(length) + np.arange(until[-1]), dtype=np.int64)
