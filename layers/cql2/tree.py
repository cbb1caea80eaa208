"""A filter as a tree: what stands between its text and its evaluation. Every part is frozen and compares by value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import shapely
from shapely.geometry.base import BaseGeometry

from geo.areas import Bounds

SHOWN = 60
"""The longest piece of a filter that an error quotes, in characters."""


@dataclass(frozen=True)
class Literal:
    """A number, a text or true and false; ``pattern`` is a text's reading on the right of LIKE, where \\% stays escaped."""

    value: bool | int | float | str
    pattern: str = field(default="", compare=False)


@dataclass(frozen=True)
class Null:
    """The word NULL where a value should stand."""


@dataclass(frozen=True)
class Instant:
    """A date, in days since 1970-01-01, or a timestamp, in microseconds since then in UTC."""

    kind: str
    value: int
    text: str = field(default="", compare=False)


@dataclass(frozen=True)
class Interval:
    """The time from one instant to another, both included; None is open (``..``)."""

    start: Node | None
    end: Node | None


@dataclass(frozen=True)
class Shape:
    """A geometry that the filter names, in CRS84; ``boxes`` where it is a BBOX, of one or two parts."""

    geometry: BaseGeometry
    boxes: tuple[Bounds, ...] = ()


@dataclass(frozen=True)
class Items:
    """A list of values: an array, or what IN chooses from."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Property:
    """A property of the feature."""

    name: str


@dataclass(frozen=True)
class Geometry:
    """The geometry of the feature."""


@dataclass(frozen=True)
class Call:
    """An operator or a function with its arguments; ``op`` in lower case."""

    op: str
    args: tuple[Node, ...]
    depth: int = field(default=1, compare=False)


Node: TypeAlias = Literal | Null | Instant | Interval | Shape | Items | Property | Geometry | Call

COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
ARITHMETIC = ("+", "-", "*", "/", "%", "div", "^")


def children(node: Node | None) -> tuple[Node, ...]:
    """Return the parts of a node, in order."""
    match node:
        case Call(args=parts) | Items(items=parts):
            return parts
        case Interval(start=start, end=end):
            return tuple(part for part in (start, end) if part is not None)
    return ()


def depth(node: Node) -> int:
    """Return how many calls stand inside each other."""
    return node.depth if isinstance(node, Call) else max((depth(part) for part in children(node)), default=0)


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything within it."""
    yield node
    for part in children(node):
        yield from walk(part)


def show(node: Node | None) -> str:
    """Return a node as CQL2 text, shortened to fit into an error."""
    text = _show(node)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _show(node: Node | None) -> str:
    match node:
        case None:
            return "'..'"
        case Literal(value=str(value)):
            return "'" + value[:SHOWN].replace("'", "''") + "'"
        case Literal(value=bool(value)):
            return "true" if value else "false"
        case Literal(value=value):
            return f"{value:,}".replace(",", "") if isinstance(value, int) else f"{value!r}"
        case Instant(kind=kind, text=text):
            return f"{kind.upper()}('{text}')"
        case Interval(start=start, end=end):
            return f"INTERVAL({_show(start)},{_show(end)})"
        case Shape(geometry=geometry, boxes=boxes):
            return f"BBOX({_corners(boxes)})" if boxes else _wkt(geometry)
        case Items(items=items):
            return f"({','.join(_show(item) for item in items[:8])})"
        case Property(name=name):
            return name if name.isidentifier() else f'"{name}"'
        case Geometry():
            return "geometry"
        case Call(op=op, args=args):
            return _show_call(op, args)
    return "NULL"


def _show_call(op: str, args: tuple[Node, ...]) -> str:
    shown = [_show(arg) for arg in args[:8]]
    if op in COMPARISONS or op in ARITHMETIC or op in ("and", "or", "like", "in"):
        return f" {op.upper()} ".join(shown)
    if op == "not":
        return f"NOT {shown[0]}"
    if op == "isnull":
        return f"{shown[0]} IS NULL"
    if op == "between":
        return f"{shown[0]} BETWEEN {shown[1]} AND {shown[2]}"
    return f"{op.upper()}({', '.join(shown)})"


def _corners(boxes: tuple[Bounds, ...]) -> str:
    return ",".join(f"{side:g}" for side in (*boxes[0][:2], *boxes[-1][2:]))


def _wkt(geometry: BaseGeometry) -> str:
    if shapely.get_num_coordinates(geometry) > 8:
        return f"{geometry.geom_type.upper()}(…)"
    return str(shapely.to_wkt(geometry, rounding_precision=6))
