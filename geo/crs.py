"""Coordinate reference systems: what coordinates come in and go out in, beside the longitude and latitude of storage.

The order of the axes is the authority's: EPSG:4326 is latitude, longitude. A box in a projection of the poles is an area of
its own, since no box of longitudes and latitudes has its shape; one in Web Mercator is an ordinary box.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo import measure
from geo.areas import Area, Bounds, Box, make_box
from geo.errors import InputError, nearest

if TYPE_CHECKING:
    import pyproj

Numbers = NDArray[np.float64]
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CRS84H = "http://www.opengis.net/def/crs/OGC/0/CRS84h"
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}".format
_DENSE_DEG = 0.25
_DENSE_M = 10_000.0
_SLACK_M = 1.0
_METRE_DECIMALS = 3
_NEARLY_POLE = 90 - 1e-7  # PROJ has no coordinates for the last 1e-8°


@dataclass(frozen=True)
class Crs:
    """A coordinate reference system that the atlas takes and gives coordinates in."""

    uri: str
    title: str
    code: str
    """As PROJ calls it."""

    polar: bool = False

    def project(self, lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
        """Return places, in degrees, as coordinates in the order of the authority's axes.

        Notes
        -----
        What a projection sends to infinity has coordinates too, so that no feature loses its geometry: a pole in Web Mercator
        lies 242,528 km off, where PROJ puts it and whence PROJ brings it back; the south pole in a projection of the north is
        the rim of the plane, met on the meridian that it is written with.
        """
        if self.code == "EPSG:4326":
            return lat, lon
        if not self._metric:
            return lon, lat
        south = np.maximum(lat, -_NEARLY_POLE) if self.polar else lat
        a, b = _transformer(self.code).transform(np.array(lon), np.array(south))
        return np.asarray(a), np.asarray(b)

    def unproject(self, a: Numbers, b: Numbers) -> tuple[Numbers, Numbers]:
        """Return coordinates as longitude and latitude in degrees, not finite where the projection has no such place."""
        if self.code == "EPSG:4326":
            return b, a
        if not self._metric:
            return a, b
        lon, lat = _transformer(self.code).transform(np.array(a), np.array(b), direction="INVERSE")
        return np.asarray(lon), np.asarray(lat)

    def written(self, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return stored geometries with the coordinates of this system, to the millimetre where they are metres."""
        decimals = _METRE_DECIMALS if self._metric else None

        def project(points: Numbers) -> Numbers:
            placed = np.column_stack(self.project(points[:, 0], points[:, 1]))
            return placed if decimals is None else placed.round(decimals)

        return np.asarray(shapely.transform(geometries, project), dtype=object)

    def area(self, numbers: tuple[float, float, float, float]) -> Area:
        """Return the box between two corners, each given in the order of the axes, the lower left one first.

        Raises
        ------
        InputError
            If the numbers are not a box of this system.
        """
        a, b, c, d = numbers
        if self.code == "EPSG:4326":
            return make_box(b, a, d, c)
        if not self._metric:
            return make_box(*numbers)
        if self.polar:
            # Both axes of EPSG:3576 point south, so that no corner is the lower left one: two opposite corners make the box.
            return ProjectedBox(self, min(a, c), min(b, d), max(a, c), max(b, d))
        return self._mercator_box(a, b, c, d)

    @property
    def _metric(self) -> bool:
        return self.code not in ("OGC:CRS84", "EPSG:4326")

    def _mercator_box(self, west: float, south: float, east: float, north: float) -> Box:
        half = float(self.project(np.array([180.0]), np.array([0.0]))[0][0])
        pole = float(self.project(np.array([0.0]), np.array([90.0]))[1][0])
        given = f"{west:.15g},{south:.15g},{east:.15g},{north:.15g}"
        if max(abs(west), abs(east)) > half + _SLACK_M:
            raise InputError(
                f"The box {given} reaches over the edge of {self.code} at ±{half:.2f} m east. "
                "A west above the east crosses 180°."
            )
        if south > north:
            raise InputError(f"The box {given} has south {south:.15g} above north {north:.15g}. Write west,south,east,north.")
        # Every place on Earth but the poles has a finite northing, so that a box may end anywhere beyond them.
        lat = self.unproject(np.zeros(2), np.clip([south, north], -pole, pole))[1]
        edges = [max(-180.0, min(180.0, x / half * 180)) for x in (west, east)]
        return Box(edges[0], float(lat[0]), edges[1], float(lat[1]))


@dataclass(frozen=True)
class ProjectedBox:
    """A box in the plane of a projection about the north pole, in metres; it may hold the pole."""

    crs: Crs
    left: float
    bottom: float
    right: float
    top: float

    def cover(self) -> list[Bounds]:
        south = self._latitude(max(math.hypot(x, y) for x, y in self._corners))
        if self._holds_pole:
            return [(-180.0, south, 180.0, 90.0)]
        near_x = max(self.left, min(self.right, 0.0))
        near_y = max(self.bottom, min(self.top, 0.0))
        north = self._latitude(math.hypot(near_x, near_y))
        # Seen from the pole, a box that does not hold it spans less than 180°, from corner to corner.
        middle = ((self.left + self.right) / 2, (self.bottom + self.top) / 2)
        lon, *corners = self._longitudes([middle, *self._corners])
        aside = [(corner - lon + 180) % 360 - 180 for corner in corners]
        west, east = lon + min(aside) - 1e-9, lon + max(aside) + 1e-9
        return _ordinary(west, max(south - 1e-9, -90.0), east, min(north + 1e-9, 90.0))

    def contains(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        x, y = self.crs.project(np.atleast_1d(lon), np.atleast_1d(lat))
        return np.asarray((x >= self.left) & (x <= self.right) & (y >= self.bottom) & (y <= self.top), dtype=np.bool_)

    def intersects(self, geometry: BaseGeometry) -> bool:
        def project(points: Numbers) -> Numbers:
            return np.column_stack(self.crs.project(points[:, 0], points[:, 1]))

        flat = shapely.transform(shapely.segmentize(geometry, _DENSE_DEG), project)
        return bool(shapely.intersects(shapely.make_valid(flat), self._plane))

    def meets(self, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
        return np.array([shape is not None and self.intersects(shape) for shape in shapes], dtype=np.bool_)

    def deeper(self, lon: Numbers, lat: Numbers, km: Numbers) -> NDArray[np.bool_]:  # noqa: ARG002
        return np.zeros(len(lon), dtype=np.bool_)

    def margin_km(self, lon: float, lat: float) -> float:
        return measure.chain_separation_km(lon, lat, *self._edge)

    @property
    def _corners(self) -> list[tuple[float, float]]:
        return [(x, y) for x in (self.left, self.right) for y in (self.bottom, self.top)]

    @property
    def _holds_pole(self) -> bool:
        # Or nearly: a metre from it the longitudes of the corners are no longer worth their digits.
        return self.left <= 1 and self.right >= -1 and self.bottom <= 1 and self.top >= -1

    @cached_property
    def _plane(self) -> BaseGeometry:
        # A box without width or height is a line or a point, which shapely would not take for a polygon.
        return shapely.envelope(shapely.MultiPoint(self._corners))

    @cached_property
    def _edge(self) -> tuple[Numbers, Numbers]:
        """The boundary as places not 10 km apart; not finite where it runs outside the plane."""
        rim = self._rim
        sides = (self.left, self.bottom, self.right, self.top)
        left, bottom, right, top = (max(-2 * rim, min(2 * rim, side)) for side in sides)
        ring = shapely.LinearRing([(left, bottom), (left, top), (right, top), (right, bottom)])
        points = shapely.get_coordinates(shapely.segmentize(ring, _DENSE_M))
        inside = np.hypot(*points.T) < rim
        points[~inside] = np.nan
        return self.crs.unproject(points[:, 0], points[:, 1])

    @cached_property
    def _rim(self) -> float:
        """How far from the north pole the plane reaches, in metres: there the south pole lies."""
        x, y = self.crs.project(np.array([0.0]), np.array([-90.0]))
        return float(np.hypot(x, y)[0])

    def _latitude(self, distance: float) -> float:
        lat = float(self.crs.unproject(np.array([0.0]), np.array([-distance]))[1][0])
        return lat if math.isfinite(lat) else -90.0  # at the rim of the plane and beyond it

    def _longitudes(self, points: list[tuple[float, float]]) -> list[float]:
        """Return the meridians of points, taken near the pole: those beyond the plane have none else."""
        x, y = np.array(points).T
        scale = 1000 / np.hypot(x, y)
        return [float(lon) for lon in self.crs.unproject(x * scale, y * scale)[0]]


SYSTEMS: tuple[Crs, ...] = (
    Crs(CRS84, "WGS 84 longitude, latitude", "OGC:CRS84"),
    Crs(_EPSG(4326), "WGS 84 latitude, longitude", "EPSG:4326"),
    Crs(_EPSG(3857), "WGS 84 / Pseudo-Mercator", "EPSG:3857"),
    Crs(_EPSG(3576), "WGS 84 / North Pole LAEA Russia", "EPSG:3576", polar=True),
)
_AXES = {
    "OGC:CRS84": "longitude and latitude in degrees",
    "EPSG:4326": "latitude and longitude in degrees",
    "EPSG:3857": "easting and northing in metres",
    "EPSG:3576": "x along 180° and y along 90° W … 90° E in metres",
}
_BY_URI = {one.uri: one for one in SYSTEMS}
DEFAULT = SYSTEMS[0]


def find(uri: str) -> Crs:
    """Return the system that a URI names.

    Raises
    ------
    InputError
        If it is none of SYSTEMS.
    """
    if uri not in _BY_URI:
        raise InputError(f"{uri!r} is not a coordinate reference system of this service. {nearest(uri, _BY_URI)}")
    return _BY_URI[uri]


def parse_box(text: str, crs: Crs, *, heights: bool = False) -> Area:
    """Return the area of a box in a system: four numbers, or six of which the third and the last are heights.

    Raises
    ------
    InputError
        If the text is not a box of that system.
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    count = 6 if heights else 4
    if len(numbers) != count or not all(math.isfinite(n) for n in numbers):
        raise InputError(f"{text!r} is not a box of {count} numbers in {crs.code}, whose axes are {_AXES[crs.code]}.")
    a, b, c, d = (n for i, n in enumerate(numbers) if not heights or i not in (2, 5))
    return crs.area((a, b, c, d))


@cache
def _transformer(code: str) -> pyproj.Transformer:
    # From CRS84 the places go in as longitude, latitude; what comes out keeps the order of the authority's axes.
    made: pyproj.Transformer = _proj().Transformer.from_crs("OGC:CRS84", code)
    return made


@cache
def _proj() -> Any:
    """Return pyproj, loaded when coordinates are first transformed, and kept off the network."""
    import pyproj  # noqa: PLC0415
    import pyproj.network  # noqa: PLC0415

    # With a network that does not answer PROJ gives inf for every place. All that is used here needs no grid.
    pyproj.network.set_network_enabled(False)  # type: ignore[attr-defined]
    return pyproj


def _ordinary(west: float, south: float, east: float, north: float) -> list[Bounds]:
    """Return a box of continuous longitudes as one or two within ±180°, with the other writing of what lies on 180°."""
    turn = 360 * math.floor((west + 180) / 360)
    west, east = west - turn, east - turn
    if east < 180:
        return [(west, south, east, north)]
    return [(west, south, 180.0, north), (-180.0, south, east - 360, north)]
