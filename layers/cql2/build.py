"""From what the library has read, one group at a time, to the tree; every fault is gathered, so that all are said at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cql2

from geo.errors import Faults, InputError
from layers.cql2 import literals
from layers.cql2.carry import ToCrs84
from layers.cql2.functions import BY_NAME
from layers.cql2.limits import Limits
from layers.cql2.tree import (
    ARITHMETIC,
    COMPARISONS,
    Call,
    Geometry,
    Instant,
    Interval,
    Items,
    Literal,
    Node,
    Null,
    Property,
    Shape,
)
from layers.cql2.tree import depth as depth_of

SPATIAL = ("s_intersects", "s_equals", "s_disjoint", "s_touches", "s_within", "s_overlaps", "s_crosses", "s_contains")
TEMPORAL = tuple(
    "t_after t_before t_contains t_disjoint t_during t_equals t_finishedby t_finishes t_intersects t_meets t_metby "
    "t_overlappedby t_overlaps t_startedby t_starts".split()
)
ARRAYS = ("a_equals", "a_contains", "a_containedby", "a_overlaps")
GEOMETRY_NAMES = ("geometry", "geom")
"""What a spatial function may call the feature's geometry: by ours, and by the name in the standard's own test cases."""

_ARITY = dict.fromkeys((*COMPARISONS, *ARITHMETIC, *SPATIAL, *TEMPORAL, *ARRAYS, "like", "in"), 2)
_ARITY |= {"not": 1, "isnull": 1, "casei": 1, "accenti": 1, "between": 3}
BROKEN = Property("")
"""Stands for what could not be read; its fault was said."""


class Builder:
    """Builds the tree bottom-up: what is finished gets a short name, under which the library meets it in the next group."""

    def __init__(self, limits: Limits, to_crs84: ToCrs84 | None) -> None:
        self.limits = limits
        self.to_crs84 = to_crs84
        self.fault = Faults()
        self._named: list[Node] = []
        self._nodes = 0
        self._vertices = 0

    def name(self, node: Node) -> str:
        """Return the name that stands for a node in the texts given to the library."""
        self._named.append(node)
        return f"v{len(self._named) - 1}"

    def shape(self, make: Callable[..., Shape], source: Any, vertices: int) -> Node:
        """Return a geometry of the filter, or say its fault."""
        before, self._vertices = self._vertices, self._vertices + vertices
        if self._vertices > self.limits.vertices:
            if before <= self.limits.vertices:
                self.fault(f"filter: its geometries have more than {self.limits.vertices:,} vertices. Simplify them.")
            return BROKEN
        made = self.fault.attempt(make, source, self.to_crs84)
        return BROKEN if made is None else made

    def read(self, read: Callable[[str], Any], text: str, blame: Callable[[str], str]) -> Node:
        """Return the tree of one group, which the library reads by ``read``; ``blame`` makes a fault of its error."""
        try:
            tree = read(text).to_json()
        except (cql2.ParseError, cql2.ValidationError, ValueError) as error:
            self.fault(blame(str(error)))
            return BROKEN
        except BaseException as error:
            # A panic of the library is no Exception and has no name to catch it by; all else is not ours to keep.
            if type(error).__name__ != "PanicException":
                raise
            self.fault(blame(str(error)))
            return BROKEN
        node = self.fault.attempt(self.node, tree)
        return BROKEN if node is None else node

    def node(self, tree: Any) -> Node:
        """Return the node of the library's JSON."""
        self._nodes += 1
        if self._nodes > self.limits.nodes:
            raise InputError(f"filter: it has more than {self.limits.nodes:,} parts. Ask for less at once.")
        if isinstance(tree, dict):
            return self._object(tree)
        if isinstance(tree, list):
            return Items(tuple(self.node(item) for item in tree))
        return Null() if tree is None else self._number(tree)

    def _object(self, tree: dict[str, Any]) -> Node:
        match tree:
            case {"property": name}:
                return self._named_node(name)
            case {"op": op, "args": args}:
                return self._call(op.lower(), tuple(self.node(arg) for arg in args))
            case {"date": given}:
                return self._instant(given, "date")
            case {"timestamp": given}:
                return self._instant(given, "timestamp")
            case {"interval": [start, end]}:
                return self._interval(start, end)
        raise InputError(f"filter: {str(tree)[:60]} is not CQL2.")

    def _named_node(self, name: str) -> Node:
        place = name[1:]
        if name[:1] == "v" and place.isdecimal() and int(place) < len(self._named):
            return self._named[int(place)]
        # A word of the language that the library takes for a property where no operator can stand.
        raise InputError(f'filter: {name} is a word of CQL2. To name a property so, write it in quotation marks: "{name}".')

    def _number(self, number: bool | float) -> Node:
        if isinstance(number, bool):
            return Literal(number)
        if abs(number) == float("inf"):
            raise InputError("filter: a number in it is too large: it must be finite.")
        # The library gives every number as a float; a whole one is kept as such, so that it compares exactly.
        return Literal(int(number) if float(number).is_integer() and abs(number) <= 2**53 else number)

    def _instant(self, given: Any, kind: str) -> Node:
        node = self.node(given)
        if node is BROKEN:
            return node
        if not (isinstance(node, Literal) and isinstance(node.value, str)):
            example = "'2024-05-31'" if kind == "date" else "'2024-05-31T12:00:00Z'"
            raise InputError(f"filter: {kind.upper()} takes a text, for example {kind.upper()}({example}).")
        return literals.instant(node.value, kind)

    def _interval(self, start: Any, end: Any) -> Node:
        made = Interval(self._end(start), self._end(end))
        if isinstance(made.start, Instant) and isinstance(made.end, Instant):
            if made.start.kind != made.end.kind:
                # OGC 21-065, 7.6.1: both instants have the same granularity.
                raise InputError(f"filter: {_interval_text(made)} joins a date with a timestamp. Write two of one kind.")
            if made.start.value > made.end.value:
                raise InputError(f"filter: {_interval_text(made)} ends before it starts. Swap the two.")
        return made

    def _end(self, given: Any) -> Node | None:
        node = self.node(given)
        if isinstance(node, Literal) and isinstance(node.value, str):
            return literals.instant_or_open(node.value)
        if isinstance(node, Instant | Property):  # BROKEN is one of these
            return node
        raise InputError("filter: an end of an INTERVAL is a date, a timestamp, a property or '..'.")

    def _call(self, op: str, args: tuple[Node, ...]) -> Node:
        wanted = _ARITY.get(op)
        if wanted is not None and len(args) != wanted:
            raise InputError(f"filter: {op.upper()} takes {wanted} argument{'s' * (wanted > 1)}, not {len(args)}.")
        if op in SPATIAL or op in BY_NAME:
            args = tuple(self._as_geometry(op, place, arg) for place, arg in enumerate(args))
        if op in ARRAYS:
            # The library writes the array of one element, ('a'), as the element, and so do those who translate with it.
            args = tuple(Items((arg,)) if isinstance(arg, Literal | Instant) else arg for arg in args)
        if op == "*" and args[0] == Literal(-1) and isinstance(args[1], Literal) and isinstance(args[1].value, int | float):
            return Literal(-args[1].value)  # how the library writes the minus before what has a name
        if op in ("and", "or"):
            args = tuple(part for arg in args for part in (arg.args if isinstance(arg, Call) and arg.op == op else (arg,)))
        made = Call(op, args, 1 + max((depth_of(arg) for arg in args), default=0))
        if made.depth > self.limits.depth:
            raise InputError(f"filter: its operators stand more than {self.limits.depth} deep in each other. Flatten it.")
        return made

    def _as_geometry(self, op: str, place: int, arg: Node) -> Node:
        spatial = op in SPATIAL or "geometry" in BY_NAME[op].kind_at(place)
        return Geometry() if spatial and isinstance(arg, Property) and arg.name in GEOMETRY_NAMES else arg


def _interval_text(interval: Interval) -> str:
    ends = (interval.start, interval.end)
    return f"INTERVAL({','.join(repr(end.text) for end in ends if isinstance(end, Instant))})"


read_text = cql2.parse_text
read_json = cql2.parse_json
