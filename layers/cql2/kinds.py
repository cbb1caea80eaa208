"""What kind of value each part of a filter is, and what cannot be asked of it: checked before anything is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from geo.errors import nearest
from layers.cql2.build import ARRAYS, BROKEN, SPATIAL, TEMPORAL
from layers.cql2.functions import BY_NAME
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
    children,
    show,
)

SCALARS = ("string", "number", "boolean", "date", "timestamp")
KINDS = (*SCALARS, "interval", "array", "geometry", "null", "any", "other")
INTERVALS_ONLY = tuple(op for op in TEMPORAL if op not in ("t_after", "t_before", "t_disjoint", "t_equals", "t_intersects"))
"""OGC 21-065, 7.6.2, second table: instants given to these are the client's error."""

_KNOWN_CALLS = ("casei", "accenti", *SPATIAL, *TEMPORAL, *ARRAYS, *BY_NAME)
_NAMED = {
    "string": "a text", "number": "a number", "boolean": "true or false", "date": "a date", "timestamp": "a timestamp",
    "interval": "an interval", "array": "an array", "geometry": "a geometry", "null": "NULL", "other": "of no kind to compare",
}  # fmt: skip
_HELP = {
    ("date", "string"): "Write DATE('2024-05-31').",
    ("string", "timestamp"): "Write TIMESTAMP('2024-05-31T12:00:00Z').",
    ("date", "timestamp"): "Ask with T_INTERSECTS, T_AFTER or T_BEFORE, which know a day's length.",
    ("number", "string"): "Write a number without quotation marks.",
}

Fault = Callable[[str], None]


def kind_of(node: Node | None, kinds: Mapping[str, str], fault: Fault) -> str:
    """Return the kind of a node, and say to ``fault`` what cannot be asked; properties without a kind pass as any."""
    return _KINDS_OF[type(node)](node, kinds, fault)


def check_filter(node: Node, kinds: Mapping[str, str], fault: Fault) -> None:
    """Say what is wrong with a whole filter, which must be true or false for each feature."""
    _want(node, ("boolean",), "true or false for a feature", kinds, fault)


def granularity(node: Node | None, kinds: Mapping[str, str]) -> str:
    """Return ``date`` or ``timestamp`` for what a temporal function takes, ``any`` for what is open."""
    parts = children(node) if isinstance(node, Interval) else (node,)
    return next((k for part in parts if (k := kind_of(part, kinds, quiet)) in ("date", "timestamp")), "any")


def _call(node: Call, kinds: Mapping[str, str], fault: Fault) -> str:
    op = node.op
    if op in BY_NAME:
        return _function(node, kinds, fault)
    check = _CHECKS.get(op)
    if check is None:
        fault(f"filter: no function is called {op!r}. {nearest(op, _KNOWN_CALLS) or nearest('', BY_NAME)}")
        return "any"
    return check(node, kinds, fault)


def _want(node: Node, wanted: tuple[str, ...], role: str, kinds: Mapping[str, str], fault: Fault) -> None:
    kind = kind_of(node, kinds, fault)
    if kind not in (*wanted, "any"):
        fault(f"filter: {show(node)} is {_NAMED[kind]}, where something is needed that is {role}.")


def _logic(node: Call, kinds: Mapping[str, str], fault: Fault) -> str:
    if node.op != "not" and len(node.args) < 2:
        fault(f"filter: {node.op.upper()} joins two conditions or more, not {len(node.args)}.")
    for arg in node.args:
        _want(arg, ("boolean",), "true or false for a feature", kinds, fault)
    return "boolean"


def _compare(node: Call, kinds: Mapping[str, str], fault: Fault) -> str:
    _comparable(node, node.args, kinds, fault)
    return "boolean"


def _in(node: Call, kinds: Mapping[str, str], fault: Fault) -> str:
    wanted, items = node.args
    if not (isinstance(items, Items) and items.items):
        fault(f"filter: {show(node)} needs a list after IN, with something in it.")
    _comparable(node, (wanted, *children(items)), kinds, fault)
    return "boolean"


def _comparable(node: Call, args: tuple[Node, ...], kinds: Mapping[str, str], fault: Fault) -> None:
    found = [kind_of(arg, kinds, fault) for arg in args]
    for arg, kind in zip(args, found, strict=True):
        if kind == "null":
            fault(f"filter: {show(node)} compares with NULL, which nothing equals. Ask IS NULL or IS NOT NULL.")
        elif kind not in (*SCALARS, "any"):
            fault(f"filter: {show(node)} compares {show(arg)}, which is {_NAMED[kind]}. {_instead(kind)}")
    scalars = list(dict.fromkeys(kind for kind in found if kind in SCALARS))
    if len(scalars) > 1:
        first, second = scalars[:2]
        low, high = sorted((first, second))
        fault(f"filter: {show(node)} compares {_NAMED[first]} with {_NAMED[second]}. {_HELP.get((low, high), '')}")


def _instead(kind: str) -> str:
    ways = {"geometry": "S_EQUALS or S_INTERSECTS", "array": "A_EQUALS or A_CONTAINS", "interval": "T_EQUALS or T_INTERSECTS"}
    return f"Ask with {ways[kind]}." if kind in ways else "It can only be asked whether it IS NULL."


def _between(node: Call, kinds: Mapping[str, str], fault: Fault) -> str:
    _comparable(node, node.args, kinds, fault)
    return "boolean"


def _like(node: Call, kinds: Mapping[str, str], fault: Fault) -> str:
    _want(node.args[0], ("string",), "a text", kinds, fault)
    pattern = node.args[1]
    while isinstance(pattern, Call) and pattern.op in ("casei", "accenti"):
        pattern = pattern.args[0]
    if not (isinstance(pattern, Literal) and isinstance(pattern.value, str)) and pattern is not BROKEN:
        # OGC 21-065, rule patternExpression: a character literal, in CASEI and ACCENTI or not.
        fault(f"filter: {show(node)} needs a text in quotation marks after LIKE, for example LIKE 'Vlad%'.")
    return "boolean"


def _text(node: Call, kinds: Mapping[str, str], fault: Fault) -> str:
    _want(node.args[0], ("string",), "a text", kinds, fault)
    return "string"


def _arithmetic(node: Call, kinds: Mapping[str, str], fault: Fault) -> str:
    for arg in node.args:
        _want(arg, ("number",), "a number", kinds, fault)
    return "number"


def _is_null(node: Call, kinds: Mapping[str, str], fault: Fault) -> str:
    kind_of(node.args[0], kinds, fault)
    return "boolean"


def _spatial(node: Call, _: Mapping[str, str], fault: Fault) -> str:
    for arg in node.args:
        if not isinstance(arg, Shape | Geometry) and arg is not BROKEN:
            fault(f"filter: {show(node)} takes geometries, but {show(arg)} is none. Write geometry, a WKT or a BBOX.")
    return "boolean"


def _temporal(node: Call, kinds: Mapping[str, str], fault: Fault) -> str:
    for arg in node.args:
        kind = kind_of(arg, kinds, fault)
        if kind not in ("date", "timestamp", "interval", "any"):
            fault(f"filter: {show(node)} takes times, but {show(arg)} is {_NAMED[kind]}. Write a DATE, TIMESTAMP or INTERVAL.")
        elif node.op in INTERVALS_ONLY and not isinstance(arg, Interval) and arg is not BROKEN:
            fault(f"filter: {node.op.upper()} is for intervals, but {show(arg)} is none. Write INTERVAL(start, end).")
    return "boolean"


def _interval(node: Interval, kinds: Mapping[str, str], fault: Fault) -> str:
    found = {kind_of(part, kinds, fault) for part in children(node)}
    for kind in sorted(found - {"date", "timestamp", "any"}):
        fault(f"filter: {show(node)} has an end that is {_NAMED[kind]}. Its ends are dates or timestamps.")
    if {"date", "timestamp"} <= found:
        fault(f"filter: {show(node)} joins a date with a timestamp. Write two of one kind.")
    return "interval"


def _array(node: Call, kinds: Mapping[str, str], fault: Fault) -> str:
    for arg in node.args:
        _want(arg, ("array",), "an array", kinds, fault)
    return "boolean"


def _items(node: Items, kinds: Mapping[str, str], fault: Fault) -> str:
    """Check that what an array holds is of one kind; an array within it is said once, whatever it holds."""
    found = list(dict.fromkeys("array" if isinstance(i, Items) else kind_of(i, kinds, fault) for i in node.items))
    for kind in found:
        if kind not in (*SCALARS, "any"):
            fault(f"filter: the array {show(node)} holds {_NAMED[kind]}. Arrays hold texts, numbers, booleans or instants.")
    scalars = [kind for kind in found if kind in SCALARS]
    if len(scalars) > 1:
        fault(f"filter: the array {show(node)} mixes {_NAMED[scalars[0]]} and {_NAMED[scalars[1]]}.")
    return "array"


def _function(node: Call, kinds: Mapping[str, str], fault: Fault) -> str:
    function = BY_NAME[node.op]
    if len(node.args) != len(function.args):
        fault(f"filter: {function.name} takes {len(function.args)}, not {len(node.args)} arguments.")
    for arg, wanted in zip(node.args, function.args, strict=False):
        role = _NAMED[wanted.types[0]]
        _want(arg, wanted.types, role, kinds, fault)
    return "number" if function.returns == ("integer",) else function.returns[0]


def quiet(_: str) -> None:
    """Drop a fault that was said before."""


_CHECKS: dict[str, Callable[[Call, Mapping[str, str], Fault], str]] = {
    **dict.fromkeys(("and", "or", "not"), _logic),
    **dict.fromkeys(COMPARISONS, _compare),
    **dict.fromkeys(ARITHMETIC, _arithmetic),
    **dict.fromkeys(SPATIAL, _spatial),
    **dict.fromkeys(TEMPORAL, _temporal),
    **dict.fromkeys(ARRAYS, _array),
    **dict.fromkeys(("casei", "accenti"), _text),
    "in": _in,
    "between": _between,
    "like": _like,
    "isnull": _is_null,
}


def _literal(node: Literal, *_: Any) -> str:
    if isinstance(node.value, bool):
        return "boolean"
    return "string" if isinstance(node.value, str) else "number"


_KINDS_OF: dict[type, Callable[[Any, Mapping[str, str], Fault], str]] = {
    Literal: _literal,
    Null: lambda *_: "null",
    Instant: lambda node, *_: str(node.kind),
    Property: lambda node, kinds, _: kinds.get(node.name, "any"),
    Shape: lambda *_: "geometry",
    Geometry: lambda *_: "geometry",
    Items: _items,
    Interval: _interval,
    Call: _call,
    type(None): lambda *_: "any",
}
