"""Where somebody can ask: a box, a polygon, a circle. One protocol, so that every door tests membership alike.

A point lies within; a line or polygon intersects. ``margin_km`` tells how far inside a point lies, from which follows
whether a place of known accuracy is a certain or only a possible member.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo import measure
from geo.antimeridian import split_polygon
from geo.errors import Faults, InputError

_LEAST_RADIUS_KM = 6335.0
"""Less than any radius of curvature of WGS 84 (6,335.4 km along the meridian at the equator)."""

_LONGEST_DEGREE_KM = 111.7
"""More than any degree of latitude or longitude (111.694 km of latitude at a pole)."""

_POLYGON_BYTES = 20_000_000
_FARTHEST_LON = 540
_BOX_HELP = "Write west,south,east,north in degrees, for example 170,60,-170,70; a west above the east crosses 180°."


Bounds = tuple[float, float, float, float]
"""An ordinary box: west ≤ east, south ≤ north, in degrees."""


@runtime_checkable
class Area(Protocol):
    """A part of the Earth's surface."""

    def cover(self) -> list[Bounds]:
        """Return ordinary boxes that together hold every place of the area, however its longitude is written."""

    def contains(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell for each place whether it lies in the area, boundary included."""

    def intersects(self, geometry: BaseGeometry) -> bool:
        """Tell whether a stored line or polygon meets the area."""

    def meets(self, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Tell of each of many stored geometries whether it meets the area; what is None does not."""

    def margin_km(self, lon: float, lat: float) -> float:
        """Return how far a place inside lies from the area's boundary, in km."""

    def deeper(self, lon: NDArray[np.float64], lat: NDArray[np.float64], km: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell of each place inside whether it surely lies farther than ``km`` from the boundary; quick, and false in doubt."""


@dataclass(frozen=True)
class Box:
    """A box of longitudes and latitudes; west > east crosses the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    def cover(self) -> list[Bounds]:
        if -180 < self.west <= self.east < 180 and self.south > -90 and self.north < 90:
            return [(self.west, self.south, self.east, self.north)]
        # The other writing of what lies on ±180° or on a pole.
        edges = [(-edge, self.south, -edge, self.north) for edge in (-180.0, 180.0) if edge in (self.west, self.east)]
        poles = [(-180.0, lat, 180.0, lat) for lat in (self.south, self.north) if abs(lat) == 90]
        return [*self.parts, *edges, *poles]

    def contains(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        if -180 < self.west <= self.east < 180 and self.south > -90 and self.north < 90:
            inside = (lon >= self.west) & (lon <= self.east) & (lat >= self.south) & (lat <= self.north)
            return np.asarray(inside, dtype=np.bool_)
        # The poles and ±180° are one place each, whatever longitude they are written with.
        across = (lon >= self.west) | (lon <= self.east) if self.west > self.east else self._between(lon)
        pole = np.abs(lat) == 90
        return np.asarray((across | pole) & (lat >= self.south) & (lat <= self.north), dtype=np.bool_)

    def intersects(self, geometry: BaseGeometry) -> bool:
        return bool(shapely.intersects(self.geometry, geometry))

    def meets(self, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
        return np.asarray(shapely.intersects(self.geometry, shapes), dtype=np.bool_)

    def margin_km(self, lon: float, lat: float) -> float:
        if self.west == self.east or self.south == self.north:
            return 0.0
        return min((measure.separation_km(lon, lat, edge) for edge in self._edges), default=float("inf"))

    def deeper(self, lon: NDArray[np.float64], lat: NDArray[np.float64], km: NDArray[np.float64]) -> NDArray[np.bool_]:
        deep = np.ones(len(lon), dtype=np.bool_)
        if self.south > -90:
            deep &= (lat - self.south) * measure.SHORTEST_DEGREE_KM > km
        if self.north < 90:
            deep &= (self.north - lat) * measure.SHORTEST_DEGREE_KM > km
        if not (self.west == -180 and self.east == 180):
            for edge in (self.west, self.east):
                # How far a meridian is on a sphere that lies within the ellipsoid.
                away = np.radians(np.minimum(np.abs((lon - edge + 180) % 360 - 180), 90))
                deep &= np.arcsin(np.cos(np.radians(lat)) * np.sin(away)) * _LEAST_RADIUS_KM > km
        return deep

    def _between(self, lon: NDArray[np.float64]) -> NDArray[np.bool_]:
        inside = (lon >= self.west) & (lon <= self.east)
        if self.west == -180:
            inside |= lon == 180
        if self.east == 180:
            inside |= lon == -180
        return inside

    @cached_property
    def geometry(self) -> BaseGeometry:
        """The box within [-180°, 180°], in two parts where it crosses the antimeridian."""
        return shapely.MultiPolygon([shapely.box(*part) for part in self.parts])

    @property
    def parts(self) -> list[tuple[float, float, float, float]]:
        """The box as one or two ordinary boxes, ``(west, south, east, north)``."""
        if self.west <= self.east:
            return [(self.west, self.south, self.east, self.north)]
        return [(self.west, self.south, 180.0, self.north), (-180.0, self.south, self.east, self.north)]

    @cached_property
    def _edges(self) -> list[BaseGeometry]:
        parts = self.parts
        lines = [[(w, lat), (e, lat)] for w, _, e, _ in parts for lat in (self.south, self.north) if abs(lat) < 90]
        if not (self.west == -180 and self.east == 180):
            lines += [[(lon, self.south), (lon, self.north)] for lon in (self.west, self.east)]
        return [shapely.LineString(line) for line in lines if line[0] != line[1]]


@dataclass(frozen=True)
class Shape:
    """A polygon or several, stored within [-180°, 180°]."""

    geometry: BaseGeometry

    def __post_init__(self) -> None:
        shapely.prepare(self.geometry)

    def cover(self) -> list[Bounds]:
        """Return one box, or two where parts touch 180° from both sides, and lines for what touches 180° or a pole."""
        bounds = shapely.bounds(shapely.get_parts(self.geometry))
        west = bounds[:, 0] == -180
        groups = [bounds[west], bounds[~west]] if west.any() and (bounds[:, 2] == 180).any() else [bounds]
        boxes = [(*part[:, :2].min(axis=0).tolist(), *part[:, 2:].max(axis=0).tolist()) for part in groups if len(part)]
        edges = [(-lon, -90.0, -lon, 90.0) for lon in (-180.0, 180.0) if self._touches(meridian=lon)]
        return [*boxes, *edges, *((-180.0, lat, 180.0, lat) for lat in (-90.0, 90.0) if self._touches(parallel=lat))]

    def contains(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        inside = np.asarray(shapely.intersects_xy(self.geometry, lon, lat), dtype=np.bool_)
        # The poles and ±180° are one place each, whatever longitude they are written with.
        if self._touches(meridian=180.0) or self._touches(meridian=-180.0):
            edge = np.abs(lon) == 180
            inside[edge] |= shapely.intersects_xy(self.geometry, -lon[edge], lat[edge])
        for pole in (-90.0, 90.0):
            if self._touches(parallel=pole):
                inside |= lat == pole
        return inside

    def _touches(self, *, meridian: float | None = None, parallel: float | None = None) -> bool:
        west, south, east, north = self.geometry.bounds
        return meridian in (west, east) if parallel is None else parallel in (south, north)

    def intersects(self, geometry: BaseGeometry) -> bool:
        return bool(shapely.intersects(self.geometry, geometry))

    def meets(self, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
        return np.asarray(shapely.intersects(self.geometry, shapes), dtype=np.bool_)

    def margin_km(self, lon: float, lat: float) -> float:
        return measure.separation_km(lon, lat, self._boundary)

    def deeper(self, lon: NDArray[np.float64], lat: NDArray[np.float64], km: NDArray[np.float64]) -> NDArray[np.bool_]:  # noqa: ARG002
        return np.zeros(len(lon), dtype=np.bool_)

    @cached_property
    def _boundary(self) -> BaseGeometry:
        """The boundary without what only closes the parts along the antimeridian."""
        seam = shapely.MultiLineString([[(x, -90), (x, 90)] for x in (-180, 180)])
        return shapely.difference(shapely.boundary(self.geometry), seam)


@dataclass(frozen=True)
class Circle:
    """All places within a geodesic radius of a centre."""

    lon: float
    lat: float
    radius_km: float

    def cover(self) -> list[Bounds]:
        """Return boxes round the circle, a little larger than it: one, or two where it crosses 180°."""
        # A little more: places a billionth of a degree apart are measured as one.
        reach = self.radius_km / measure.SHORTEST_DEGREE_KM + 1e-9
        south, north = self.lat - reach, self.lat + reach
        if south <= -90 or north >= 90:
            return [(-180.0, max(south, -90.0), 180.0, min(north, 90.0))]
        # On a sphere a circle's meridians touch it where sin(width) = sin(reach) / cos(latitude).
        wide = math.degrees(math.asin(min(1.0, math.sin(math.radians(reach)) / math.cos(math.radians(self.lat))))) * 1.01
        west, east = self.lon - wide, self.lon + wide
        if east - west >= 360:
            return [(-180.0, south, 180.0, north)]
        boxes = [(max(west, -180.0), south, min(east, 180.0), north)]
        if west <= -180:
            boxes.append((west + 360, south, 180.0, north))
        elif east >= 180:
            boxes.append((-180.0, south, east - 360, north))
        return boxes

    def contains(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        return measure.distance_km(self.lon, self.lat, lon, lat) <= self.radius_km

    def intersects(self, geometry: BaseGeometry) -> bool:
        return measure.separation_km(self.lon, self.lat, geometry) <= self.radius_km

    def meets(self, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
        # Most are settled by their vertices: one lies within, or none comes near enough for an edge to reach.
        found = np.asarray(shapely.intersects_xy(shapes, self.lon, self.lat), dtype=np.bool_)
        points, of_shape = shapely.get_coordinates(shapes, return_index=True)
        if not len(points):
            return found
        away = measure.distance_km(self.lon, self.lat, points[:, 0], points[:, 1])
        nearest, longest = np.full(len(shapes), np.inf), np.zeros(len(shapes))
        np.minimum.at(nearest, of_shape, away)
        steps = np.hypot(*np.diff(points, axis=0).T) * _LONGEST_DEGREE_KM
        np.maximum.at(longest, of_shape[1:], np.where(of_shape[1:] == of_shape[:-1], steps, 0))
        found |= nearest <= self.radius_km
        for i in np.flatnonzero(~found & (nearest - longest / 2 <= self.radius_km)).tolist():
            found[i] = shapes[i] is not None and self.intersects(shapes[i])
        return found

    def margin_km(self, lon: float, lat: float) -> float:
        return self.radius_km - float(measure.distance_km(self.lon, self.lat, lon, lat))

    def deeper(self, lon: NDArray[np.float64], lat: NDArray[np.float64], km: NDArray[np.float64]) -> NDArray[np.bool_]:
        return self.radius_km - measure.distance_km(self.lon, self.lat, lon, lat) > km


def parse_box(text: str) -> Box:
    """Return the box that ``west,south,east,north`` describes (six numbers: heights are left out).

    Raises
    ------
    InputError
        With every fault of the text.
    """
    numbers = [_number(part) for part in text.split(",")]
    if len(numbers) not in (4, 6) or None in numbers:
        raise InputError(f"{text!r} is not a box of four numbers. {_BOX_HELP}")
    # OGC API Features Part 1, parameter bbox: six numbers carry heights at the third and sixth place.
    west, south, east, north = (n for i, n in enumerate(numbers) if len(numbers) == 4 or i not in (2, 5))
    return make_box(west or 0.0, south or 0.0, east or 0.0, north or 0.0)


def make_box(west: float, south: float, east: float, north: float) -> Box:
    """Return a box after checking its numbers."""
    if not (abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90):
        _refuse_box(west, south, east, north)
    return Box(west, south, east, north)


def _refuse_box(west: float, south: float, east: float, north: float) -> None:
    fault = Faults()
    given = f"{west:g},{south:g},{east:g},{north:g}"
    for side, value, limit in (("west", west, 180), ("south", south, 90), ("east", east, 180), ("north", north, 90)):
        if not abs(value) <= limit:
            fault(f"The box {given} has {side} {value:g}, which is outside ±{limit}. {_BOX_HELP}")
    if south > north:
        fault(f"The box {given} has south {south:g} above north {north:g}. {_BOX_HELP}")
    fault.throw()


def parse_position(text: str) -> tuple[float, float] | None:
    """Return the ``lon,lat`` of ``near`` as numbers, or None where the text is something else.

    Raises
    ------
    InputError
        If it is two numbers, but not a place on Earth.
    """
    parts = text.split(",")
    try:
        lon, lat = (float(part) if part.isascii() else None for part in parts) if len(parts) == 2 else (None, None)
    except ValueError:
        return None
    if lon is None or lat is None:
        return None
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        swapped = f" Did you mean {lat:g},{lon:g}?" if abs(lat) <= 180 and abs(lon) <= 90 else ""
        raise InputError(f"near {text!r} is not a place: write longitude,latitude in degrees.{swapped}")
    return lon, lat


def read_polygon(path: str | Path) -> Shape:
    """Return the polygons of a GeoJSON file as one area.

    Raises
    ------
    InputError
        If the file cannot be read, is not GeoJSON, holds no polygon, or a polygon of it is not valid.
    """
    shown = str(path)
    try:
        raw = Path(path).read_bytes() if Path(path).stat().st_size <= _POLYGON_BYTES else None
    except (OSError, ValueError) as error:  # the name holds a zero byte
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{shown!r} cannot be read: {reason}. Name a GeoJSON file with a polygon.") from None
    if raw is None:
        raise InputError(f"{shown!r} is larger than {_POLYGON_BYTES // 1_000_000} MB. Simplify the polygon first.")
    return parse_polygon(raw, shown)


def parse_polygon(raw: bytes, shown: str) -> Shape:
    """Return the polygons of a GeoJSON text as one area; ``shown`` names the text in errors."""
    try:
        document = json.loads(raw)
        geometries = [shapely.from_geojson(json.dumps(g)) for g in _geometries(document)]
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError, shapely.errors.ShapelyError):
        raise InputError(f"{shown!r} is not GeoJSON. Export the area as GeoJSON (RFC 7946) with a Polygon.") from None
    return make_shape(shapely.GeometryCollection(geometries), shown)


def make_shape(geometry: BaseGeometry, shown: str) -> Shape:
    """Return the polygons of a geometry as one area after checking them; ``shown`` names the geometry in errors."""
    parts = measure.simple_parts(geometry)
    polygons = [p for p in parts if p.geom_type == "Polygon" and not p.is_empty]
    if not polygons:
        raise InputError(f"{shown!r} holds no polygon. Draw the area as a Polygon or MultiPolygon.")
    for lon, lat in shapely.get_coordinates(polygons):
        # Beyond one turn either way nobody means a place on Earth, but metres of a projection.
        if not (abs(lon) <= _FARTHEST_LON and abs(lat) <= 90):
            raise InputError(
                f"{shown!r} has the position {lon:g}, {lat:g}. GeoJSON is in longitude, latitude in degrees (WGS 84)."
            )
    for p in polygons:
        if not p.is_valid:
            raise InputError(
                f"{shown!r} has a polygon that is not valid: {shapely.is_valid_reason(p)}. Repair it and try again."
            )
    return Shape(split_polygon(shapely.union_all(polygons)))


def _geometries(document: dict[str, object]) -> list[object]:
    kind = document.get("type")
    if kind == "FeatureCollection":
        return [f["geometry"] for f in document["features"] if f.get("geometry")]  # type: ignore[attr-defined]
    return [document["geometry"]] if kind == "Feature" else [document]


def _number(text: str) -> float | None:
    try:
        value = float(text) if text.isascii() else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None
