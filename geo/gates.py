"""The gates of the passages: what each is called, and where along a route it is passed.

A gate is a line across the whole water, in several segments where there are islands; geo/data/passages.csv cites each.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from geo import measure
from geo.antimeridian import split_line

_PASSAGES = files("geo") / "data" / "passages.csv"


@dataclass(frozen=True)
class Gate:
    """A passage's gate: its id, its name, and its lines within [-180°, 180°]."""

    id: str
    name: str
    line: BaseGeometry


@cache
def gates() -> Mapping[str, Gate]:
    """Return the shipped gates by the id of their passage, read once."""
    with _PASSAGES.open(encoding="utf-8") as lines:
        read = [Gate(row["id"], row["name"], _line(row["line"])) for row in csv.DictReader(lines)]
    return MappingProxyType({gate.id: gate for gate in read})


def met_km(route: shapely.MultiLineString, gate: BaseGeometry) -> float | None:
    """Return how far along a route it first meets a gate, in km from its start, or None where it does not."""
    done = 0.0
    for part in route.geoms:
        met = shapely.intersection(part, gate)
        if not met.is_empty:
            first = min(shapely.line_locate_point(part, shapely.Point(p)) for p in shapely.get_coordinates(met))
            return done + measure.length_km(substring(part, 0, first))
        done += measure.length_km(part)
    return None


def _line(text: str) -> BaseGeometry:
    """Return the lines that a row writes as ``lon lat;lon lat``, with ``|`` between segments."""
    segments = [[tuple(map(float, place.split())) for place in part.split(";")] for part in text.split("|")]
    return shapely.union_all([split_line(segment, as_drawn=True) for segment in segments])
