"""Measuring on the WGS 84 ellipsoid. Every distance, length and radius of the atlas comes from here.

Geodesics after Karney (2013), doi:10.1007/s00190-012-0578-z, through pyproj.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geo.errors import InputError

if TYPE_CHECKING:
    import pyproj

KM_PER_NM = 1.852
"""The international nautical mile (BIPM, The International System of Units, 9th edition, table 8)."""

EQUATOR_KM = 6378.137
"""The equatorial radius of WGS 84 (NGA.STND.0036)."""

_FLATTENING = 1 / 298.257223563
ECCENTRICITY_2 = _FLATTENING * (2 - _FLATTENING)
"""The square of the first eccentricity of WGS 84."""

HALF_MERIDIAN_KM = 20_003.9315
"""Pole to pole along a meridian of WGS 84: no two places are farther apart."""

SHORTEST_DEGREE_KM = 110.57
"""A little less than any degree of latitude or of a great circle on WGS 84 (110.574 km on the meridian at the equator)."""

_UNITS = {"km": 1.0, "m": 0.001, "nm": KM_PER_NM, "nmi": KM_PER_NM, "mi": 1.609344}
_LENGTH = re.compile(r"\s*([0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)\s*([A-Za-z]+)\s*")
_DENSE_DEG = 0.25
_TORN_M = 15_000_000.0
_POLYGON, _SEVERAL = 3, 4
"""Of the type ids of shapely: a polygon, and the first of those that hold others."""


def distance_km(lon: ArrayLike, lat: ArrayLike, to_lon: ArrayLike, to_lat: ArrayLike) -> NDArray[np.float64]:
    """Return the geodesic distance between places, in km; the arguments broadcast."""
    arrays = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (lon, lat, to_lon, to_lat)))
    # pyproj writes into the arrays it is given, so that a broadcast view must be copied; one of a single element it takes for
    # a number, which NumPy before 2.4 warns of.
    single = arrays[0].size == 1
    given: list[Any] = [a.item() if single else np.array(a) for a in arrays]
    metres = _geod().inv(*given)[2]
    return np.asarray(metres, dtype=np.float64).reshape(arrays[0].shape) / 1000


def length_km(line: BaseGeometry) -> float:
    """Return the geodesic length of a line or of all parts of a multi-line, in km."""
    return float(_geod().geometry_length(line)) / 1000


def separation_km(lon: float, lat: float, geometry: BaseGeometry) -> float:
    """Return the distance from a place to the nearest point of a geometry, in km; 0 inside a polygon.

    Notes
    -----
    On an azimuthal equidistant plane about the place, where distances from it are true. Edges are read as lines on the
    longitude–latitude plane (RFC 7946, section 3.1.1) and cut to 0.25° before they are projected. What lies beyond 15,000 km
    is measured by the ends of these: the plane is torn open at the antipode.
    """
    if geometry.is_empty:
        return float("inf")
    if shapely.covers(geometry, shapely.Point(lon, lat)):
        return 0.0
    return _nearest_km(*_around(lon, lat, geometry))


def simple_parts(geometry: BaseGeometry) -> NDArray[np.object_]:
    """Return the points, lines and polygons of a geometry, of collections within collections too."""
    parts = np.array([geometry])
    while (shapely.get_type_id(parts) >= _SEVERAL).any():
        parts = shapely.get_parts(parts)
    return parts


def chain_separation_km(lon: float, lat: float, chain_lon: NDArray[np.float64], chain_lat: NDArray[np.float64]) -> float:
    """Return the distance from a place to a chain of places that stand close, in km; it is broken where one is no number."""
    x, y = _plane(lon, lat, chain_lon, chain_lat)
    return _nearest_km(x, y, np.zeros(len(x), dtype=np.int64))


def parse_length(text: str) -> float:
    """Return a length such as ``500km``, ``300 nm`` or ``20mi`` in km.

    Raises
    ------
    InputError
        If the text is not a positive number with a unit, or reaches farther than half round the Earth.
    """
    found = _LENGTH.fullmatch(text)
    if found is None or found[2].lower() not in _UNITS:
        raise InputError(f"{text!r} is not a distance. Write a number with its unit, for example 500km, 300nm or 200mi.")
    km = float(found[1]) * _UNITS[found[2].lower()]
    if not 0 < km <= HALF_MERIDIAN_KM:
        raise InputError(f"{text!r} is out of range: a radius is more than 0 and at most {int(HALF_MERIDIAN_KM):,} km.")
    return km


@cache
def _geod() -> pyproj.Geod:
    import pyproj  # noqa: PLC0415  a fifth of the time in which a server starts; most answers measure nothing

    return pyproj.Geod(ellps="WGS84")


def _nearest_km(x: Any, y: Any, of_part: Any) -> float:
    """Return how far the origin of a plane is from lines on it, given by their vertices in metres and the line of each."""
    away = np.hypot(x, y)
    follows = (of_part[1:] == of_part[:-1]) & (away[1:] < _TORN_M) & (away[:-1] < _TORN_M)
    step_x, step_y = np.diff(x)[follows], np.diff(y)[follows]
    begin_x, begin_y = x[:-1][follows], y[:-1][follows]
    length = step_x**2 + step_y**2
    share = np.clip(-(begin_x * step_x + begin_y * step_y) / np.where(length > 0, length, 1), 0, 1)
    near = np.hypot(begin_x + share * step_x, begin_y + share * step_y)
    return float(min(away[np.isfinite(away)].min(initial=np.inf), near.min(initial=np.inf))) / 1000


def _around(lon: float, lat: float, geometry: BaseGeometry) -> tuple[Any, Any, Any]:
    """Return the vertices of a geometry on the plane about a place, x and y in metres, and of which line or ring each is."""
    parts = simple_parts(geometry)
    areal = shapely.get_type_id(parts) == _POLYGON
    lines = np.concatenate([parts[~areal], shapely.get_rings(parts[areal])])
    points, of_part = shapely.get_coordinates(shapely.segmentize(lines, _DENSE_DEG), return_index=True)
    return *_plane(lon, lat, points[:, 0], points[:, 1]), of_part


def _plane(lon: float, lat: float, to_lon: NDArray[np.float64], to_lat: NDArray[np.float64]) -> tuple[Any, Any]:
    """Return places on the azimuthal equidistant plane about one, in metres; infinite where they are no numbers."""
    import pyproj  # noqa: PLC0415  as above

    x, y = pyproj.Proj(proj="aeqd", lat_0=lat, lon_0=lon, ellps="WGS84")(to_lon, to_lat)
    return np.asarray(x), np.asarray(y)
