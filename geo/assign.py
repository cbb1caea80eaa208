"""To which of several polygons each of many places belongs: the one it lies in, else the nearest within reach.

For millions of places, in arrays. Distances are first taken on a plane about each place, true to a ten-thousandth within the
reach; where that leaves open which polygon is nearest, or whether it is in reach, the geodesic measure decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo import measure
from geo.areas import Shape
from geo.pointindex import PointIndex

NOBODY = -1
_CHUNK = 50_000
_DENSE_DEG = 0.25
_SEAM_DEG = 30.0
"""What lies nearer to 180° is also looked for on its other side; at 89° of latitude 25 km are 13°."""

_KM_PER_DEG = 110.0
"""Less than any degree of latitude, so that a window in degrees holds what lies within reach."""

_POLAR_DEG = 88.0
_KM_PER_POLAR_DEG = 111.69
"""Of latitude, on WGS 84 beside a pole."""

_OPEN_KM, _OPEN_SHARE = 0.02, 0.001


def assign(
    lon: NDArray[np.float64], lat: NDArray[np.float64], shapes: Sequence[BaseGeometry], *, reach_km: float
) -> NDArray[np.int32]:
    """Return for each place the number of its polygon, or NOBODY; of two equally near the first.

    Polygons are within [-180°, 180°]; a place on the boundary lies within.
    """
    owner = np.full(len(lon), NOBODY, dtype=np.int32)
    points = PointIndex.build(lon, lat)
    for number in range(len(shapes) - 1, -1, -1):
        owner[points.within(Shape(shapes[number]))] = number
    left = np.flatnonzero((owner == NOBODY) & np.isfinite(lon) & np.isfinite(lat))
    if len(left) and len(shapes):
        edges = _Edges.of(shapes, reach_km)
        for part in np.array_split(left, -(-len(left) // _CHUNK)):
            owner[part] = edges.nearest(lon[part], lat[part], shapes)
    return owner


@dataclass(frozen=True)
class _Edges:
    """The edges of polygons, short, with the number of the polygon of each."""

    tree: shapely.STRtree
    ends: NDArray[np.float64]
    owner: NDArray[np.int32]
    reach_km: float

    @classmethod
    def of(cls, shapes: Sequence[BaseGeometry], reach_km: float) -> _Edges:
        rings, of_shape = shapely.get_parts(shapely.boundary(np.array(shapes, dtype=object)), return_index=True)
        points, of_ring = shapely.get_coordinates(shapely.segmentize(rings, _DENSE_DEG), return_index=True)
        same = of_ring[1:] == of_ring[:-1]
        ends = np.stack([points[:-1][same], points[1:][same]], axis=1)
        owner = of_shape[of_ring[:-1][same]].astype(np.int32)
        turns = [(0.0, np.ones(len(ends), dtype=np.bool_))]
        turns += [(360.0, ends[:, 0, 0] < -180 + _SEAM_DEG), (-360.0, ends[:, 0, 0] > 180 - _SEAM_DEG)]
        ends, owner = np.concatenate([ends[k] + (t, 0.0) for t, k in turns]), np.concatenate([owner[k] for _, k in turns])
        lines: Any = shapely.linestrings(ends)
        return cls(shapely.STRtree(lines), ends, owner, reach_km)

    def nearest(self, lon: NDArray[np.float64], lat: NDArray[np.float64], shapes: Sequence[BaseGeometry]) -> NDArray[np.int32]:
        """Return for each place the number of the nearest polygon within reach, or NOBODY."""
        place, edge = self.tree.query(_windows(lon, lat, self.reach_km * 1.01))
        km = _distance_km(lon[place], lat[place], self.ends[edge])
        first, best, second = _two_nearest(place, self.owner[edge], km, len(lon))
        found = np.where(best <= self.reach_km, first, NOBODY)
        slack = _OPEN_KM + _OPEN_SHARE * self.reach_km
        unsure = (np.abs(best - self.reach_km) < slack) | ((best < self.reach_km + slack) & (second < best + slack))
        for i in np.flatnonzero(unsure).tolist():
            near = np.unique(self.owner[edge[place == i]])
            exact = [(measure.separation_km(lon[i], lat[i], shapes[n]), int(n)) for n in near.tolist()]
            found[i] = min((pair for pair in exact if pair[0] <= self.reach_km), default=(0.0, NOBODY))[1]
        return found.astype(np.int32)


def _windows(lon: NDArray[np.float64], lat: NDArray[np.float64], reach_km: float) -> NDArray[np.object_]:
    high = reach_km / _KM_PER_DEG
    poleward = np.minimum(np.abs(lat) + high, 89.0)
    wide = np.where(np.abs(lat) + high >= 89.0, 180.0, high / np.cos(np.radians(poleward)))
    return np.asarray(shapely.box(lon - wide, lat - high, lon + wide, lat + high), dtype=object)


def _distance_km(lon: NDArray[np.float64], lat: NDArray[np.float64], ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distance of places from edges, shape (n, 2, 2), on planes about the places."""
    x, y = _offsets_km(lon, lat, ends)
    polar = np.abs(lat) > _POLAR_DEG
    if polar.any():
        x[polar], y[polar] = _polar_offsets_km(lon[polar], lat[polar], ends[polar])
    along_x, along_y = x[:, 1] - x[:, 0], y[:, 1] - y[:, 0]
    length = along_x**2 + along_y**2
    share = np.clip(-(x[:, 0] * along_x + y[:, 0] * along_y) / np.where(length > 0, length, 1), 0, 1)
    return np.asarray(np.hypot(x[:, 0] + share * along_x, y[:, 0] + share * along_y), dtype=np.float64)


def _offsets_km(lon: NDArray[np.float64], lat: NDArray[np.float64], ends: NDArray[np.float64]) -> tuple[Any, Any]:
    """Return how far east and north of its place each end lies, by the ellipsoid's radii there and the mean latitude."""
    root = np.sqrt(1 - measure.ECCENTRICITY_2 * np.sin(np.radians(lat)) ** 2)
    north = np.radians(measure.EQUATOR_KM * (1 - measure.ECCENTRICITY_2) / root**3)
    east = np.radians(measure.EQUATOR_KM / root)[:, None] * np.cos(np.radians((ends[:, :, 1] + lat[:, None]) / 2))
    return (ends[:, :, 0] - lon[:, None]) * east, (ends[:, :, 1] - lat[:, None]) * north[:, None]


def _polar_offsets_km(lon: NDArray[np.float64], lat: NDArray[np.float64], ends: NDArray[np.float64]) -> tuple[Any, Any]:
    """Return the same on the plane about the pole, where meridians meet."""
    side = np.sign(lat)[:, None]

    def plane(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[Any, Any]:
        away = (90 - side * y) * _KM_PER_POLAR_DEG
        return away * np.sin(np.radians(x)), away * np.cos(np.radians(x))

    (end_x, end_y), (x, y) = plane(ends[:, :, 0], ends[:, :, 1]), plane(lon[:, None], lat[:, None])
    return end_x - x, end_y - y


def _two_nearest(
    place: NDArray[np.int64], owner: NDArray[np.int32], km: NDArray[np.float64], count: int
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
    """Return for each place the owner of the nearest edge, how far it is, and how far the nearest edge of another owner."""
    first = np.full(count, NOBODY, dtype=np.int32)
    best, second = np.full(count, np.inf), np.full(count, np.inf)
    order = np.lexsort((owner, km, place))
    head = order[np.flatnonzero(np.diff(place[order], prepend=-1))]
    first[place[head]], best[place[head]] = owner[head], km[head]
    other = owner != first[place]
    np.minimum.at(second, place[other], km[other])
    return first, best, second
