"""Functions beyond those of the standard, published as data: OGC 21-065, requirements class "Functions"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from shapely import Point

from geo import measure
from geo.areas import Circle
from geo.errors import InputError
from layers import arrow
from layers.cql2.table import Rows, Value
from layers.cql2.tree import Geometry, Node, Shape, show


@dataclass(frozen=True)
class Argument:
    """What a function takes at one place; types in the words of OGC 21-065, functions.yml."""

    title: str
    types: tuple[str, ...]


@dataclass(frozen=True)
class Function:
    """A function that a filter may call, in any case of letters."""

    name: str
    args: tuple[Argument, ...]
    returns: tuple[str, ...]
    description: str
    apply: Callable[..., Value]

    def kind_at(self, place: int) -> tuple[str, ...]:
        """Return the kinds of value that stand at a place."""
        return self.args[place].types if place < len(self.args) else ()

    def document(self) -> dict[str, Any]:
        """Return the function as the resource /functions describes it."""
        args = [{"title": arg.title, "type": list(arg.types)} for arg in self.args]
        return {"name": self.name, "description": self.description, "args": args, "returns": list(self.returns)}


def distance_km(rows: Rows, *places: Node) -> Value:
    """Return the geodesic distance between two places, in km."""
    (lon, lat), (to_lon, to_lat) = (_position(rows, place) for place in places)
    km = measure.distance_km(lon, lat, to_lon, to_lat)
    return arrow.numbers(np.broadcast_to(km, rows.length), np.broadcast_to(np.isnan(km), rows.length))


def compare_distance(rows: Rows, places: Sequence[Node], op: str, limit_km: float) -> Value | None:
    """Return where ``distance_km(places) op limit_km``, measuring only what a box round the circle holds.

    None where the distance is not one from the features to a place, or is asked to be equal: then it is measured for all.
    """
    fixed = [place for place in places if isinstance(place, Shape)]
    if len(fixed) != 1 or op in ("=", "<>") or not 0 <= limit_km < measure.HALF_MERIDIAN_KM:
        return None
    lon, lat = _position(rows, fixed[0])
    to_lon, to_lat = _position(rows, next(place for place in places if place is not fixed[0]))
    found = np.zeros(rows.length, dtype=np.bool_)
    for west, south, east, north in Circle(lon, lat, limit_km).cover():
        found |= (to_lon >= west) & (to_lon <= east) & (to_lat >= south) & (to_lat <= north)
    near = np.flatnonzero(found)
    km = measure.distance_km(lon, lat, to_lon[near], to_lat[near])
    found[near] = km < limit_km if op in ("<", ">=") else km <= limit_km
    missing = np.isnan(to_lon)
    return arrow.booleans(found if op in ("<", "<=") else ~found, missing if missing.any() else None)


def _position(rows: Rows, place: Node) -> tuple[Any, Any]:
    if isinstance(place, Shape) and isinstance(place.geometry, Point) and not place.geometry.is_empty:
        return place.geometry.x, place.geometry.y
    if isinstance(place, Geometry) and rows.table.points:
        return rows.table.bounds[:, 0], rows.table.bounds[:, 1]
    shown = "the layer's geometry, which are no points," if isinstance(place, Geometry) else show(place)
    raise InputError(f"filter: distance_km measures between points, but {shown} was given. Write for example POINT(80.3 13.1).")


def _round(number: Value) -> Value:
    return number if number.type == pa.int64() else pc.round(number, round_mode="half_towards_infinity")


_TEXT, _NUMBER = (Argument("text", ("string",)),), (Argument("number", ("number",)),)
FUNCTIONS: tuple[Function, ...] = (
    Function("upper", _TEXT, ("string",), "The text in upper case.", lambda _, text: pc.utf8_upper(text)),
    Function("lower", _TEXT, ("string",), "The text in lower case.", lambda _, text: pc.utf8_lower(text)),
    Function("trim", _TEXT, ("string",), "The text without blanks at its ends.", lambda _, t: pc.utf8_trim_whitespace(t)),
    Function(
        "length", _TEXT, ("integer",), "How many characters the text has.", lambda _, t: pc.utf8_length(t).cast(pa.int64())
    ),
    Function("abs", _NUMBER, ("number",), "The number without its sign.", lambda _, number: pc.abs(number)),
    Function("floor", _NUMBER, ("number",), "The largest whole number that is not above.", lambda _, number: pc.floor(number)),
    Function("ceil", _NUMBER, ("number",), "The smallest whole number that is not below.", lambda _, number: pc.ceil(number)),
    Function("round", _NUMBER, ("number",), "The nearest whole number; halves go away from zero.", lambda _, n: _round(n)),
    Function(
        "distance_km",
        (Argument("from", ("geometry",)), Argument("to", ("geometry",))),
        ("number",),
        "The geodesic distance on WGS 84 between two points, in km: distance_km(geometry, POINT(80.3 13.1)) < 300.",
        distance_km,
    ),
)
BY_NAME = {function.name: function for function in FUNCTIONS}
