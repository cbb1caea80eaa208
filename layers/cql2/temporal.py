"""Temporal functions over whole columns, by the relations of the Time Ontology in OWL between starts and ends.

An instant is an interval that ends as it starts. Where both sides are dates they compare as days; beside a timestamp a date
is its whole day in UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from layers import arrow
from layers.cql2.table import Value

DAY_US = 86_400_000_000
FIRST, LAST = -(2**63), 2**63 - 1
"""Before and after every instant: the ends of what is open."""

Span = tuple[Value, Value]


def _and(*conditions: Value) -> Value:
    return reduce(pc.and_kleene, conditions)


def _disjoint(a: Span, b: Span) -> Value:
    return pc.or_kleene(pc.less(a[1], b[0]), pc.greater(a[0], b[1]))


def _contains(a: Span, b: Span) -> Value:
    return _and(pc.less(a[0], b[0]), pc.greater(a[1], b[1]))


def _overlaps(a: Span, b: Span) -> Value:
    return _and(pc.less(a[0], b[0]), pc.greater(a[1], b[0]), pc.less(a[1], b[1]))


def _starts(a: Span, b: Span) -> Value:
    return _and(pc.equal(a[0], b[0]), pc.less(a[1], b[1]))


def _finishes(a: Span, b: Span) -> Value:
    return _and(pc.greater(a[0], b[0]), pc.equal(a[1], b[1]))


def _swapped(relation: Callable[[Span, Span], Value]) -> Callable[[Span, Span], Value]:
    return lambda a, b: relation(b, a)


# W3C/OGC Time Ontology in OWL, topological temporal relations; T_STARTS and T_STARTEDBY by their names (the table of
# OGC 21-065 links each to the other's definition, its test cases do not).
RELATIONS: dict[str, Callable[[Span, Span], Value]] = {
    "t_after": lambda a, b: pc.greater(a[0], b[1]),
    "t_before": lambda a, b: pc.less(a[1], b[0]),
    "t_contains": _contains,
    "t_disjoint": _disjoint,
    "t_during": _swapped(_contains),
    "t_equals": lambda a, b: _and(pc.equal(a[0], b[0]), pc.equal(a[1], b[1])),
    "t_finishedby": _swapped(_finishes),
    "t_finishes": _finishes,
    "t_intersects": lambda a, b: pc.invert(_disjoint(a, b)),
    "t_meets": lambda a, b: pc.equal(a[1], b[0]),
    "t_metby": lambda a, b: pc.equal(a[0], b[1]),
    "t_overlappedby": _swapped(_overlaps),
    "t_overlaps": _overlaps,
    "t_startedby": _swapped(_starts),
    "t_starts": _starts,
}


def relate(op: str, left: Span, right: Span) -> Value:
    """Return where a relation holds; null where an end of either side is null."""
    known = _and(*(pc.is_valid(end) for end in (*left, *right)))
    return pc.if_else(known, RELATIONS[op](left, right), arrow.null(pa.bool_()))


def whole_days(span: Span) -> Span:
    """Return spans of days as spans of microseconds, from the first of the first day to the last of the last."""
    return _microseconds(span[0], 0), _microseconds(span[1], DAY_US - 1)


def _microseconds(days: Value, plus: int) -> Value:
    if isinstance(days, pa.Scalar) and days.as_py() in (FIRST, LAST):
        return days
    return pc.add(pc.multiply(days, arrow.scalar(DAY_US)), arrow.scalar(plus))
