"""Spatial functions: candidates by their boxes over plain arrays, then the exact predicate on those alone.

Geometries are read on the longitude–latitude plane (RFC 7946, section 3.1.1).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.areas import Bounds
from layers import arrow
from layers.cql2.table import Rows, Value
from layers.cql2.tree import Geometry, Node, Shape

Mask = NDArray[np.bool_]

_PREDICATES = {
    "s_intersects": shapely.intersects, "s_disjoint": shapely.disjoint, "s_equals": shapely.equals,
    "s_touches": shapely.touches, "s_within": shapely.within, "s_contains": shapely.contains,
    "s_overlaps": shapely.overlaps, "s_crosses": shapely.crosses,
}  # fmt: skip
_TURNED = {"s_within": "s_contains", "s_contains": "s_within"}  # the others are the same from either side
_MOST_BOXES = 8


def relate(op: str, left: Node, right: Node, rows: Rows) -> Value:
    """Return where a spatial relation holds; null where the feature has no geometry."""
    if isinstance(left, Shape) and isinstance(right, Shape):
        return arrow.scalar(bool(_PREDICATES[op](left.geometry, right.geometry)))
    bounds = rows.table.bounds
    missing = np.isnan(bounds[:, 0])
    if isinstance(left, Geometry) and isinstance(right, Geometry):
        found = _with_itself(op, rows, missing)
    elif isinstance(right, Shape):
        found = _with_shape(_TURNED.get(op, op), right, rows)
    else:
        assert isinstance(left, Shape)
        found = _with_shape(op, left, rows)
    return arrow.booleans(found, missing if missing.any() else None)


def _with_shape(op: str, shape: Shape, rows: Rows) -> Mask:
    """Return where ``shape op feature`` holds."""
    if op == "s_disjoint":
        return ~_with_shape("s_intersects", shape, rows)
    found = _near(shape, rows.table.bounds)
    if op == "s_intersects" and shape.boxes and rows.table.points:
        return found
    near = np.flatnonzero(found)
    found[near] = _exact(op, shape.geometry, rows, near)
    return found


def _near(shape: Shape, bounds: NDArray[np.float64]) -> Mask:
    """Return the rows whose box meets a box of the shape."""
    found = np.zeros(len(bounds), dtype=np.bool_)
    west, south, east, north = bounds.T
    crossing = west > east
    across = crossing if crossing.any() else None
    for box in shape.boxes or _boxes(shape.geometry):
        found |= _beside(box, west, east, across) & (south <= box[3]) & (north >= box[1])
    return found


def _beside(box: Bounds, west: Any, east: Any, across: Mask | None) -> Mask:
    from_west, from_east = west <= box[2], east >= box[0]
    beside: Mask = from_west & from_east
    if across is not None:
        beside |= across & (from_west | from_east)
    return beside


def _boxes(geometry: BaseGeometry) -> list[Bounds]:
    if geometry.is_empty:
        return []
    parts = shapely.get_parts(geometry)
    parts = parts[~shapely.is_empty(parts)]
    several = parts if len(parts) <= _MOST_BOXES else [geometry]
    return [tuple(box) for box in shapely.bounds(several).tolist()]


def _exact(op: str, geometry: BaseGeometry, rows: Rows, near: NDArray[np.int64]) -> Mask:
    shapely.prepare(geometry)
    if rows.table.points:
        lon, lat = rows.table.bounds[near, 0], rows.table.bounds[near, 1]
        if op == "s_intersects":
            return np.asarray(shapely.intersects_xy(geometry, lon, lat), dtype=np.bool_)
        if op == "s_contains":
            return np.asarray(shapely.contains_xy(geometry, lon, lat), dtype=np.bool_)
        return np.asarray(_PREDICATES[op](geometry, shapely.points(lon, lat)), dtype=np.bool_)
    return np.asarray(_PREDICATES[op](geometry, _shapes(rows, near)), dtype=np.bool_)


def _with_itself(op: str, rows: Rows, missing: Mask) -> Mask:
    found = np.zeros(rows.length, dtype=np.bool_)
    have = np.flatnonzero(~missing)
    shapes = _shapes(rows, have)
    found[have] = _PREDICATES[op](shapes, shapes)
    return found


def _shapes(rows: Rows, near: NDArray[np.int64]) -> NDArray[np.object_]:
    shapes = np.empty(len(near), dtype=object)
    shapes[:] = list(rows.table.shapes(near))
    return shapes
