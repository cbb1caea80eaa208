"""The waters of a region, and how far a place lies from any water: both by the shipped coast.

The waters are an approximation that every answer states: the region's polygon and what lies within 12 nautical miles of it,
the widest territorial sea (United Nations Convention on the Law of the Sea, article 3), measured from the coast of the
shipped boundaries and not from baselines.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo import boundaries, measure
from geo.antimeridian import split_polygon

if TYPE_CHECKING:
    import pyproj

WATERS_NM = 12.0
"""How far a region's waters reach from its coast."""

_TILE_DEG = 10.0
_DENSE_DEG = 0.25
_NEAREST_POLE = 85.0
_KM_PER_DEGREE = 111.0


@lru_cache(maxsize=32)
def of_region(region: str) -> BaseGeometry:
    """Return a region's polygon with its waters, within [-180°, 180°], by the region's id.

    Notes
    -----
    Buffered on an azimuthal equidistant plane about each tile of 10°, where 22 km are true to less than 0.5 %. Beyond 85°
    of latitude there are no lanes, and nothing is drawn.
    """
    shape = boundaries.load().shape(region)
    parts = [_buffered(piece, WATERS_NM * measure.KM_PER_NM) for piece in _tiles(shape)]
    return shapely.union_all(parts)


def inland_km(lon: float, lat: float, *, most: float) -> float:
    """Return how far a place lies from the nearest water by the shipped coast, in km: 0 at sea, at most ``most``."""
    here = shapely.Point(lon, lat)
    land = _land()
    if not len(land.query(here, predicate="intersects")):
        return 0.0
    high = most / _KM_PER_DEGREE * 1.1
    wide = min(high / max(math.cos(math.radians(lat)), 0.05), 179.0)
    around = shapely.box(lon - wide, max(lat - high, -90.0), lon + wide, min(lat + high, 90.0))
    near = land.geometries[land.query(around)]
    water = shapely.difference(around, shapely.union_all(shapely.intersection(near, around), grid_size=1e-6))
    return min(measure.separation_km(lon, lat, water), most)


@lru_cache(maxsize=1)
def _land() -> shapely.STRtree:
    parts = boundaries.land()
    # A place by 180° looks across it: what ends there is met again on the other side.
    east = [shapely.transform(p, lambda c: np.add(c, (360.0, 0.0))) for p in parts if p.bounds[0] < -170]
    west = [shapely.transform(p, lambda c: np.subtract(c, (360.0, 0.0))) for p in parts if p.bounds[2] > 170]
    return shapely.STRtree([*parts, *east, *west])


def _tiles(shape: BaseGeometry) -> list[BaseGeometry]:
    west, south, east, north = shape.bounds
    south, north = max(south, -_NEAREST_POLE), min(north, _NEAREST_POLE)
    columns, rows = np.arange(west, east, _TILE_DEG), np.arange(south, north, _TILE_DEG)
    boxes = [shapely.box(x, y, x + _TILE_DEG, min(y + _TILE_DEG, north)) for x in columns for y in rows]
    pieces = [shapely.intersection(shape, box) for box in boxes]
    return [part for piece in pieces for part in measure.simple_parts(piece) if part.geom_type == "Polygon" and part.area > 0]


def _buffered(piece: BaseGeometry, km: float) -> BaseGeometry:
    """Return a small polygon with what lies within ``km`` of it."""
    west, south, east, north = piece.bounds
    middle = (west + east) / 2
    plane = _plane(middle, (south + north) / 2)
    flat = shapely.transform(shapely.segmentize(piece, _DENSE_DEG), lambda c: np.column_stack(plane(c[:, 0], c[:, 1])))
    wide = shapely.buffer(flat, km * 1000, quad_segs=4)

    def back(places: Any) -> Any:
        lon, lat = plane(places[:, 0], places[:, 1], inverse=True)
        # Continuous about the middle, so that a shore by 180° is not torn.
        return np.column_stack([middle + (lon - middle + 180) % 360 - 180, lat])

    return split_polygon(shapely.make_valid(shapely.transform(wide, back)))


def _plane(lon: float, lat: float) -> pyproj.Proj:
    import pyproj  # noqa: PLC0415  most answers measure nothing

    return pyproj.Proj(proj="aeqd", lat_0=lat, lon_0=lon, ellps="WGS84")
