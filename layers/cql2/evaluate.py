"""A filter over whole columns, in three-valued logic: OGC 21-065, truth tables of 6.2 and 6.5."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from layers import arrow
from layers.cql2 import arrays, spatial, strings, temporal
from layers.cql2.arithmetic import arithmetic
from layers.cql2.build import ARRAYS, SPATIAL, TEMPORAL
from layers.cql2.functions import BY_NAME, compare_distance
from layers.cql2.kinds import granularity, kind_of, quiet
from layers.cql2.table import Rows, Value, full, same_numbers, typed
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
    Property,
    Shape,
    children,
    walk,
)

_UNKNOWN = arrow.null(pa.bool_())
_FLOAT_ZERO = arrow.scalar(0.0)
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_COMPARE: dict[str, Callable[[Any, Any], Value]] = {
    "=": pc.equal, "<>": pc.not_equal, "<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal,
}  # fmt: skip


def evaluate(node: Node, rows: Rows) -> Value:
    """Return the value of a node in each row, or one scalar where it is the same in all."""
    match node:
        case Literal(value=value):
            return arrow.scalar(value)
        case Instant(value=value):
            return arrow.scalar(value)
        case Property(name=name):
            return rows.column(name)
        case Call(op=op):
            return _CALLS[op](node, rows)
    return _UNKNOWN


def _logic(node: Call, rows: Rows) -> Value:
    join = pc.and_kleene if node.op == "and" else pc.or_kleene
    return reduce(join, (_truth(arg, rows) for arg in node.args))


def _truth(node: Node, rows: Rows) -> Value:
    value = evaluate(node, rows)
    return value if value.type == pa.bool_() else pc.cast(value, pa.bool_())


def _not(node: Call, rows: Rows) -> Value:
    return pc.invert(_truth(node.args[0], rows))


def _compare(node: Call, rows: Rows) -> Value:
    near = _compare_distance(node, rows)
    if near is not None:
        return near
    left, right = (evaluate(arg, rows) for arg in node.args)
    return compare(node.op, left, right)


def _compare_distance(node: Call, rows: Rows) -> Value | None:
    left, right, op = *node.args, node.op
    if isinstance(right, Call):
        left, right, op = right, left, _TURNED.get(op, op)
    if isinstance(left, Call) and left.op == "distance_km" and isinstance(right, Literal):
        return compare_distance(rows, left.args, op, float(right.value))
    return None


def compare(op: str, left: Value, right: Value) -> Value:
    """Return where two values of one kind compare so."""
    left, right = typed(left, right.type), typed(right, left.type)
    if pa.types.is_null(left.type):
        left = right = left.cast(pa.bool_())
    elif pa.types.is_string(left.type):
        left, right = strings.canonical(left), strings.canonical(right)
    elif pa.types.is_boolean(left.type):
        left, right = pc.cast(left, pa.int8()), pc.cast(right, pa.int8())
    else:
        left, right = same_numbers(left, right)
    return _COMPARE[op](left, right)


def _between(node: Call, rows: Rows) -> Value:
    value, low, high = (evaluate(arg, rows) for arg in node.args)
    return pc.and_kleene(compare(">=", value, low), compare("<=", value, high))


def _in(node: Call, rows: Rows) -> Value:
    value = evaluate(node.args[0], rows)
    items = [evaluate(item, rows) for item in children(node.args[1])]
    one_of = [item.as_py() for item in items if isinstance(item, pa.Scalar)]
    found = [compare("=", value, item) for item in items if not isinstance(item, pa.Scalar)]
    if one_of:
        found.append(_is_one_of(value, one_of))
    return reduce(pc.or_kleene, found)


def _is_one_of(value: Value, one_of: list[Any]) -> Value:
    known = [item for item in one_of if item is not None]
    if len(known) < len(one_of) or isinstance(value, pa.Scalar) or not known:
        return reduce(pc.or_kleene, (compare("=", value, _typed(item, value)) for item in one_of))
    if pa.types.is_string(value.type):
        choice, value = strings.canonical(arrow.texts(known)), strings.canonical(value)
    else:
        value, choice = same_numbers(value, arrow.array(known))
        if pa.types.is_floating(value.type):
            # is_in() looks values up by their bits, and those of minus zero differ from those of zero.
            value, choice = pc.add(value, _FLOAT_ZERO), pc.add(choice, _FLOAT_ZERO)
    found = pc.is_in(value, value_set=choice)
    return pc.if_else(pc.is_valid(value), found, _UNKNOWN) if value.null_count else found


def _typed(item: Any, like: Value) -> Value:
    return arrow.null(like.type) if item is None else arrow.scalar(item)


def _like(node: Call, rows: Rows) -> Value:
    return strings.like(_text(node.args[0], rows), node.args[1])


def _text(node: Node, rows: Rows) -> Value:
    return typed(evaluate(node, rows), pa.string())


def _arithmetic(node: Call, rows: Rows) -> Value:
    left, right = (typed(evaluate(arg, rows), pa.float64()) for arg in node.args)
    return arithmetic(node.op, left, right)


def _is_null(node: Call, rows: Rows) -> Value:
    arg = node.args[0]
    if isinstance(arg, Geometry):
        return arrow.booleans(np.isnan(rows.table.bounds[:, 0]))
    if isinstance(arg, Shape | Items | Interval):
        return arrow.scalar(False)
    return pc.is_null(evaluate(arg, rows))


def _temporal(node: Call, rows: Rows) -> Value:
    kinds = {part.name: rows.kind(part.name) for part in walk(node) if isinstance(part, Property)}
    spans = [_span(arg, rows) for arg in node.args]
    found = [granularity(arg, kinds) for arg in node.args]
    if "timestamp" in found:
        spans = [temporal.whole_days(s) if kind == "date" else s for s, kind in zip(spans, found, strict=True)]
    return temporal.relate(node.op, spans[0], spans[1])


def _span(node: Node, rows: Rows) -> temporal.Span:
    if not isinstance(node, Interval):
        value = typed(evaluate(node, rows), pa.int64())
        return value, value
    ends = zip((node.start, node.end), (temporal.FIRST, temporal.LAST), strict=True)
    start, end = (
        arrow.scalar(open_end) if part is None else typed(evaluate(part, rows), pa.int64()) for part, open_end in ends
    )
    return start, end


def _arrays(node: Call, rows: Rows) -> Value:
    left, right = (_sets(arg, rows) for arg in node.args)
    return arrays.relate(node.op, left, right)


def _sets(node: Node, rows: Rows) -> arrays.Sets:
    if isinstance(node, Items):
        kinds = {part.name: rows.kind(part.name) for part in walk(node) if isinstance(part, Property)}
        kind = kind_of(node.items[0], kinds, quiet) if node.items else "any"
        return arrays.Sets.of_items([evaluate(item, rows) for item in node.items], rows.length, kind=kind)
    return arrays.Sets.of_column(typed(evaluate(node, rows), pa.list_(pa.string())))


def _function(node: Call, rows: Rows) -> Value:
    function = BY_NAME[node.op]
    return function.apply(
        rows, *(_argument(arg, wanted.types[0], rows) for arg, wanted in zip(node.args, function.args, strict=True))
    )


def _argument(node: Node, kind: str, rows: Rows) -> Any:
    """Return what a function is given: a geometry as the node it is, since only the function knows what it reads of it."""
    if kind == "geometry":
        return node
    return typed(evaluate(node, rows), pa.string() if kind == "string" else pa.float64())


_CALLS: dict[str, Callable[[Call, Rows], Value]] = {
    **dict.fromkeys(("and", "or"), _logic),
    **dict.fromkeys(COMPARISONS, _compare),
    **dict.fromkeys(ARITHMETIC, _arithmetic),
    **dict.fromkeys(SPATIAL, lambda node, rows: spatial.relate(node.op, node.args[0], node.args[1], rows)),
    **dict.fromkeys(TEMPORAL, _temporal),
    **dict.fromkeys(ARRAYS, _arrays),
    **dict.fromkeys(BY_NAME, _function),
    "not": _not,
    "like": _like,
    "in": _in,
    "between": _between,
    "isnull": _is_null,
    "casei": lambda node, rows: strings.casei(_text(node.args[0], rows)),
    "accenti": lambda node, rows: strings.accenti(_text(node.args[0], rows)),
}


def mask(node: Node, rows: Rows) -> NDArray[np.bool_]:
    """Return which rows match; null counts as no."""
    return arrow.truths(full(_truth(node, rows), rows.length))
