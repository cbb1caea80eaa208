"""A filter as a tree: what stands between its text and its evaluation. Every part is frozen and compares by value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import shapely
from shapely.geometry.base import BaseGeometry

from geo.areas import Bounds

SHOWN = 60
"""The longest piece of a filter that an error quotes, in characters."""


@dataclass(frozen=True)
class Literal:
    """A number, a text or true and false; ``pattern`` is a text as LIKE reads it, with its escapes of wildcards."""

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
    return _SHOWN[type(node)](node)


def _show_literal(node: Literal) -> str:
    if isinstance(node.value, str):
        return "'" + node.value[:SHOWN].replace("'", "''") + "'"
    return str(node.value).lower() if isinstance(node.value, bool) else repr(node.value)


def _show_shape(node: Shape) -> str:
    if node.boxes:
        corners = (*node.boxes[0][:2], *node.boxes[-1][2:])
        return f"BBOX({','.join(f'{side:g}' for side in corners)})"
    if shapely.get_num_coordinates(node.geometry) > 8:
        return f"{node.geometry.geom_type.upper()}(…)"
    return str(shapely.to_wkt(node.geometry, rounding_precision=6))


def _show_call(node: Call) -> str:
    op, shown = node.op, [_show(arg) for arg in node.args[:8]]
    if op in COMPARISONS or op in ARITHMETIC or op in ("and", "or", "like", "in"):
        return f" {op.upper()} ".join(shown)
    if op == "not":
        return f"NOT {shown[0]}"
    if op == "isnull":
        return f"{shown[0]} IS NULL"
    if op == "between":
        return f"{shown[0]} BETWEEN {shown[1]} AND {shown[2]}"
    return f"{op.upper()}({', '.join(shown)})"


_SHOWN: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "'..'",
    Null: lambda _: "NULL",
    Geometry: lambda _: "geometry",
    Literal: _show_literal,
    Instant: lambda node: f"{node.kind.upper()}('{node.text}')",
    Interval: lambda node: f"INTERVAL({_show(node.start)},{_show(node.end)})",
    Shape: _show_shape,
    Items: lambda node: f"({','.join(_show(item) for item in node.items[:8])})",
    Property: lambda node: node.name if node.name.isidentifier() else f'"{node.name}"',
    Call: _show_call,
}
