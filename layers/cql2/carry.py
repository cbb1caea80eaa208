"""Geometries of another CRS, carried to longitude and latitude: straight edges that bend there, 180° and the poles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.antimeridian import split_line, split_polygon, unwrap
from geo.measure import simple_parts

ToCrs84 = Callable[[NDArray[np.float64], NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]]
"""From a CRS to longitude and latitude in degrees."""

Points = NDArray[np.float64]
_PIECES = 128  # that the longer side of a geometry's box is cut into, where its edges bend
_STRAIGHT_DEG = 1e-7


def carried(geometry: BaseGeometry, to_crs84: ToCrs84) -> BaseGeometry:
    """Return a geometry in longitude and latitude, within [-180°, 180°] where it crosses the antimeridian or holds a pole.

    Notes
    -----
    An edge is straight in the CRS of the filter; where it bends in degrees, vertices are added along it.
    """

    def carry(points: Points) -> Points:
        return np.column_stack(to_crs84(points[:, 0], points[:, 1]))

    if shapely.get_dimensions(geometry) > 0 and _bends(geometry, carry):
        west, south, east, north = geometry.bounds
        geometry = shapely.segmentize(geometry, max(east - west, north - south) / _PIECES)
    moved = shapely.transform(geometry, carry)
    parts = simple_parts(moved)
    if not any(_crosses(part) for part in parts):
        return moved
    whole = [_PARTS[part.geom_type](part) for part in parts]
    kinds = {part.geom_type for part in parts}
    return shapely.union_all(whole) if kinds == {"Polygon"} else shapely.GeometryCollection(whole)


def _bends(geometry: BaseGeometry, carry: Callable[[Points], Points]) -> bool:
    """Tell whether the middle of an edge leaves the straight line between its ends in degrees."""
    ends = shapely.get_coordinates(geometry)
    start, end, middle = carry(ends[:-1]), carry(ends[1:]), carry((ends[:-1] + ends[1:]) / 2)
    edge, way = _short_way(end - start), _short_way(middle - start)
    length = np.maximum(np.hypot(edge[:, 0], edge[:, 1]), 1e-300)
    aside = np.abs(edge[:, 0] * way[:, 1] - edge[:, 1] * way[:, 0]) / length
    return bool((aside > _STRAIGHT_DEG).any())


def _short_way(steps: Points) -> Points:
    steps[:, 0] -= 360 * np.rint(steps[:, 0] / 360)
    return steps


def _crosses(part: BaseGeometry) -> bool:
    rings = [part] if part.geom_type != "Polygon" else shapely.get_rings(part)
    return any((np.abs(np.diff(shapely.get_coordinates(ring)[:, 0])) > 180).any() for ring in rings)


def _area(polygon: BaseGeometry) -> BaseGeometry:
    shell, *holes = (_within(shapely.get_coordinates(ring)) for ring in shapely.get_rings(polygon))
    return shapely.difference(shell, shapely.union_all(holes)) if holes else shell


def _within(ring: Points) -> BaseGeometry:
    """Return what a ring encloses; one that goes round the world encloses the pole that is nearer."""
    points = unwrap(ring)
    if abs(points[-1, 0] - points[0, 0]) > 180:
        pole = np.copysign(90.0, points[:, 1].mean())
        points = np.vstack([points, [points[-1, 0], pole], [points[0, 0], pole]])
    return split_polygon(shapely.make_valid(shapely.Polygon(points)))


_PARTS: dict[str, Callable[[BaseGeometry], BaseGeometry]] = {
    "Polygon": _area,
    "LineString": lambda line: split_line(shapely.get_coordinates(line)),
    "Point": lambda point: point,
}
