"""The literals of a filter that need more than the parser: geometries, boxes, dates and times. All checks of them are here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from geo.antimeridian import split_polygon
from geo.areas import Bounds
from geo.errors import InputError
from layers import times
from layers.cql2.carry import ToCrs84, carried
from layers.cql2.tree import SHOWN, Instant, Shape

_FARTHEST_LON = 540
_KIND = re.compile(r"^\w+Exception: ")
_REASONS = {
    "do not form a closed": "a ring is not closed. End it with the position that it begins with",
    "Invalid number of points in LinearRing": "a ring has fewer than four positions, the last of which is the first",
    "point array must contain": "a line has a single position",
}
"""What GEOS says of a geometry, in our words."""

_KINDS = {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}


def instant(text: str, kind: str) -> Instant:
    """Return the instant that an RFC 3339 text names; ``kind`` is ``date`` or ``timestamp``.

    Raises
    ------
    InputError
        If it is no such text, or no such day or time exists.
    """
    try:
        value = times.days(text) if kind == "date" else times.microseconds(text)
    except (ValueError, OverflowError) as error:
        example = "DATE('2024-05-31')" if kind == "date" else "TIMESTAMP('2024-05-31T12:00:00Z')"
        said = f" ({error})" if not str(error).startswith("Invalid iso") else ""
        raise InputError(f"filter: {text[:SHOWN]!r} is no {kind} of RFC 3339{said}. Write for example {example}.") from None
    return Instant(kind, value, text)


def instant_or_open(text: str) -> Instant | None:
    """Return an end of an interval: a date, a timestamp, or None for ``..``."""
    if text == "..":
        return None
    return instant(text, "timestamp" if len(text) > len("2024-05-31") else "date")


def shape_of_wkt(text: str, to_crs84: ToCrs84 | None = None) -> Shape:
    """Return the geometry of a well-known text, checked and in CRS84."""
    try:
        geometry = shapely.from_wkt(text)
    except shapely.errors.ShapelyError as error:
        raise InputError(f"filter: {_short(text)} is no geometry: {_reason(error)}.") from None
    return _checked(geometry, _short(text), to_crs84)


def shape_of_geojson(document: dict[str, Any], to_crs84: ToCrs84 | None = None) -> Shape:
    """Return a GeoJSON geometry, checked and in CRS84."""
    raw = orjson.dumps(document).decode()
    kind = document.get("type")
    if kind not in _KINDS:
        raise InputError(f"filter: {kind!r} is no type of GeoJSON geometry. Known: {', '.join(sorted(_KINDS))}.")
    try:
        geometry = shapely.from_geojson(raw)
    except shapely.errors.ShapelyError as error:
        raise InputError(f"filter: {_short(raw)} is no GeoJSON geometry: {_reason(error)}.") from None
    return _checked(geometry, _short(raw), to_crs84)


def shape_of_box(numbers: Sequence[float], to_crs84: ToCrs84 | None = None) -> Shape:
    """Return the box of four numbers (six with heights, which are left out); west > east crosses 180°."""
    shown = _short(f"BBOX({','.join(f'{n:g}' for n in numbers)})")
    if len(numbers) not in (4, 6):
        raise InputError(f"filter: {shown} has {len(numbers)} numbers. Write west, south, east and north.")
    # OGC 21-065, 6.9.1: six numbers carry heights at the third and sixth place.
    west, south, east, north = numbers if len(numbers) == 4 else (*numbers[:2], *numbers[3:5])
    if to_crs84 is not None and _only_swaps(to_crs84, numbers):
        (south, west, north, east), to_crs84 = (west, south, east, north), None
    if south > north:
        raise InputError(f"filter: {shown} has its south, {south:g}, above its north, {north:g}. Swap the two.")
    if to_crs84 is not None:
        return _checked(_rectangle(west, south, east, north), shown, to_crs84)
    for name, value, limit in (("west", west, 180), ("south", south, 90), ("east", east, 180), ("north", north, 90)):
        if abs(value) > limit:
            raise InputError(f"filter: {shown} has its {name} at {value:g}, outside ±{limit}. Write degrees.")
    boxes: tuple[Bounds, ...] = ((west, south, east, north),)
    if west > east:
        boxes = ((west, south, 180.0, north), (-180.0, south, east, north))
    parts = [_rectangle(*box) for box in boxes]
    return Shape(parts[0] if len(parts) == 1 else shapely.union_all(parts), boxes)


def _only_swaps(to_crs84: ToCrs84, numbers: Sequence[float]) -> bool:
    """Tell whether a system is in degrees with latitude first, as EPSG:4326 is: a box of it may cross 180°."""
    first, second = np.array([numbers[0], 1.0]), np.array([numbers[1], 2.0])
    lon, lat = to_crs84(first, second)
    return bool((lon == second).all() and (lat == first).all())


def _checked(geometry: BaseGeometry, shown: str, to_crs84: ToCrs84 | None) -> Shape:
    if shapely.get_num_coordinates(geometry) == 0:
        return Shape(geometry)
    geometry = shapely.force_2d(geometry)
    if not shapely.is_valid(geometry):
        raise InputError(f"filter: {shown} is not valid: {shapely.is_valid_reason(geometry)}. Repair it and try again.")
    return Shape(_on_earth(geometry, shown) if to_crs84 is None else _carried(geometry, shown, to_crs84))


def _carried(geometry: BaseGeometry, shown: str, to_crs84: ToCrs84) -> BaseGeometry:
    points = shapely.get_coordinates(geometry)
    if not np.isfinite(np.column_stack(to_crs84(points[:, 0], points[:, 1]))).all():
        raise InputError(f"filter: {shown} lies outside the coordinate system of the filter.")
    return _on_earth(carried(geometry, to_crs84), shown)


def _on_earth(geometry: BaseGeometry, shown: str) -> BaseGeometry:
    """Return a geometry within [-180°, 180°]; areas drawn beyond it are split there, places are moved."""
    lon, lat = shapely.get_coordinates(geometry).T
    if (np.abs(lat) > 90).any():
        worst = lat[np.abs(lat).argmax()]
        raise InputError(f"filter: {shown} has the latitude {worst:g}, outside ±90. Write longitude, then latitude.")
    farthest = float(np.abs(lon).max())
    if farthest <= 180:
        return geometry
    if farthest > _FARTHEST_LON:
        raise InputError(f"filter: {shown} has the longitude {farthest:g}, outside ±180. Write degrees.")
    if shapely.get_dimensions(geometry) == 0:
        return shapely.transform(geometry, lambda p: np.column_stack([(p[:, 0] + 180) % 360 - 180, p[:, 1]]))
    return split_polygon(geometry)


def _rectangle(west: float, south: float, east: float, north: float) -> BaseGeometry:
    if west == east or south == north:
        ends = [(west, south), (east, north)]
        return shapely.Point(ends[0]) if ends[0] == ends[1] else shapely.LineString(ends)
    return shapely.box(west, south, east, north)


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _reason(error: Exception) -> str:
    said = str(error)
    for sign, words in _REASONS.items():
        if sign in said:
            return words
    return _KIND.sub("", said).strip().rstrip(".") or type(error).__name__
