"""Array functions over whole columns. Arrays are sets: OGC 21-065, requirement /req/array-functions/array-predicates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from layers import arrow
from layers.cql2.strings import canonical
from layers.cql2.table import Value, full, plain, same_numbers

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Sets:
    """One set a row: the elements and the row of each; ``rows`` is None where every row has all of them."""

    kind: str
    values: Value
    rows: Numbers | None
    missing: NDArray[np.bool_]
    """The rows that have no set at all."""

    @classmethod
    def of_column(cls, lists: Value) -> Sets:
        """Return the sets of a column of lists."""
        rows = arrow.plain_numbers(pc.list_parent_indices(lists).cast(pa.int64()))
        kind, values = plain(pc.list_flatten(lists))
        values, known = _known(values)
        return cls(kind, values, rows[known], ~arrow.valid(lists))

    @classmethod
    def of_items(cls, items: Sequence[Value], length: int, *, kind: str) -> Sets:
        """Return the sets that an array of the filter is in each row."""
        if all(isinstance(item, pa.Scalar) for item in items):
            held = [item.as_py() for item in items]
            missing = np.full(length, None in held)
            return cls(kind, _known(arrow.array([value for value in held if value is not None]))[0], None, missing)
        columns = _alike([full(item, length) for item in items])
        # An element that is not known leaves the array unknown, as NULL in a list leaves IN.
        missing = ~np.logical_and.reduce([arrow.valid(column) for column in columns])
        values, known = _known(pa.concat_arrays(columns))
        return cls(kind, values, np.tile(np.arange(length, dtype=np.int64), len(columns))[known], missing)


def relate(op: str, left: Sets, right: Sets) -> Value:
    """Return where a relation between two sets holds; null where a row has no set."""
    length = len(left.missing)
    many, a, b = _coded(left, right)
    size_a, size_b = _sizes(a, many, length), _sizes(b, many, length)
    shared = _shared(a, b, many, length)
    holds = {
        "a_contains": shared == size_b,
        "a_containedby": shared == size_a,
        "a_equals": (shared == size_a) & (shared == size_b),
        "a_overlaps": shared > 0,
    }[op]
    return arrow.booleans(holds, left.missing | right.missing)


@dataclass(frozen=True)
class _Keys:
    """The distinct elements as numbers, or the distinct pairs of row and element as row · many + element."""

    numbers: Numbers
    everywhere: bool


def _coded(left: Sets, right: Sets) -> tuple[int, _Keys, _Keys]:
    a, b = left.values, right.values
    if not len(a) or not len(b) or left.kind != right.kind:
        # Elements of different kinds are never equal: each side has numbers of its own.
        codes_a, codes_b = _codes(a), _codes(b)
        codes_b = codes_b + int(codes_a.max(initial=-1)) + 1
    else:
        a, b = same_numbers(a, b)
        codes = _codes(pa.concat_arrays([a, b]))
        codes_a, codes_b = codes[: len(a)], codes[len(a) :]
    many = int(max(codes_a.max(initial=0), codes_b.max(initial=0))) + 1
    return many, _keys(codes_a, left.rows, many), _keys(codes_b, right.rows, many)


def _keys(codes: Numbers, rows: Numbers | None, many: int) -> _Keys:
    numbers = np.sort(codes if rows is None else rows * many + codes, kind="stable")
    first = np.ones(len(numbers), dtype=np.bool_)
    first[1:] = numbers[1:] != numbers[:-1]
    return _Keys(numbers[first], rows is None)


def _sizes(keys: _Keys, many: int, length: int) -> Numbers:
    if keys.everywhere:
        return np.full(length, len(keys.numbers), dtype=np.int64)
    return np.bincount(keys.numbers // many, minlength=length)


def _shared(a: _Keys, b: _Keys, many: int, length: int) -> Numbers:
    """Return how many elements the two sets of each row share."""
    if a.everywhere and not b.everywhere:
        a, b = b, a
    if a.everywhere == b.everywhere:
        return _sizes(_Keys(np.intersect1d(a.numbers, b.numbers, assume_unique=True), a.everywhere), many, length)
    held = a.numbers[np.isin(a.numbers % many, b.numbers)]
    return np.bincount(held // many, minlength=length)


def _codes(values: Value) -> Numbers:
    if not len(values):
        return np.empty(0, dtype=np.int64)
    return arrow.plain_numbers(values.dictionary_encode().indices).astype(np.int64)


def _known(values: Value) -> tuple[Value, NDArray[np.bool_]]:
    """Return the elements that are not null, and which those are."""
    kept = values.filter(pc.is_valid(values))
    return canonical(kept) if pa.types.is_string(kept.type) else kept, arrow.valid(values)


def _alike(columns: list[Any]) -> list[Any]:
    """Return columns of one type: whole numbers beside floats become floats, a column without a type takes another's."""
    kinds = {column.type for column in columns} - {pa.null()}
    kind = pa.float64() if len(kinds) > 1 else next(iter(kinds), pa.bool_())
    return [column.cast(kind) for column in columns]
