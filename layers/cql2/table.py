"""What a filter is evaluated over, and the columns of it in the few types that evaluation knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Value: TypeAlias = Any
"""A pyarrow Array, one element a row, or a Scalar that holds for every row."""


class Table(Protocol):
    """The rows of a layer."""

    @property
    def bounds(self) -> NDArray[np.float64]:
        """West, south, east, north of each row's geometry, NaN without one; west > east crosses 180°."""

    @property
    def points(self) -> bool:
        """Whether every geometry is a point."""

    def __len__(self) -> int: ...

    def column(self, name: str) -> pa.Array:
        """Return a whole column, rows in order."""

    def shapes(self, rows: NDArray[np.integer[Any]]) -> Iterable[Any]:
        """Return the shapely geometries of rows."""


class Rows:
    """A table with what was already read of it."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.length = len(table)
        self._columns: dict[str, Value] = {}
        self._kinds: dict[str, str] = {}

    def kind(self, name: str) -> str:
        """Return the kind of a column, one of KINDS of the module kinds."""
        self.column(name)
        return self._kinds[name]

    def column(self, name: str) -> Value:
        """Return a column: texts, booleans, int64 or float64 numbers, int64 days of dates, int64 µs of timestamps, lists."""
        if name not in self._columns:
            found = self.table.column(name)
            if isinstance(found, pa.ChunkedArray):
                found = found.combine_chunks()
            if pa.types.is_dictionary(found.type):
                found = found.dictionary_decode()
            self._kinds[name], self._columns[name] = plain(found)
        return self._columns[name]


def plain(array: Value) -> tuple[str, Value]:
    """Return the kind of an array, and it in the type in which that kind is held."""
    for fits, kind, make in _COLUMNS:
        if fits(array.type):
            return kind, make(array)
    return "other", array


def _whole(array: Value) -> Value:
    try:
        return array.cast(pa.int64())
    except pa.ArrowInvalid:  # uint64 beyond int64
        return array.cast(pa.float64(), safe=False)


def _days(array: Value) -> Value:
    return array.cast(pa.date32()).cast(pa.int32()).cast(pa.int64())


def _microseconds(array: Value) -> Value:
    return array.cast(pa.timestamp("us", array.type.tz), safe=False).cast(pa.int64())


_COLUMNS: tuple[tuple[Callable[[Any], bool], str, Callable[[Value], Value]], ...] = (
    (pa.types.is_boolean, "boolean", lambda array: array),
    (pa.types.is_integer, "number", _whole),
    (lambda t: pa.types.is_floating(t) or pa.types.is_decimal(t), "number", lambda array: array.cast(pa.float64())),
    (pa.types.is_string, "string", lambda array: array),
    (lambda t: pa.types.is_large_string(t) or pa.types.is_string_view(t), "string", lambda a: a.cast(pa.string())),
    (pa.types.is_date, "date", _days),
    (pa.types.is_timestamp, "timestamp", _microseconds),
    (lambda t: pa.types.is_list(t) or pa.types.is_large_list(t), "array", lambda array: array),
    (pa.types.is_null, "any", lambda array: array),
)
"""Which Arrow types are of which kind, and how a column of each is held."""


def full(value: Value, length: int) -> Value:
    """Return an array of ``length`` from an array or a scalar."""
    return pa.repeat(value, length) if isinstance(value, pa.Scalar) else value


def typed(value: Value, kind: Any) -> Value:
    """Return a column without a type, which holds only nulls, in a type; any other as it is."""
    return value.cast(kind) if pa.types.is_null(value.type) else value


def same_numbers(left: Value, right: Value) -> tuple[Value, Value]:
    """Return two values that pyarrow compares without a checked cast: whole numbers beside floats become floats."""
    if {left.type, right.type} == {pa.int64(), pa.float64()}:
        return floats(left), floats(right)
    return left, right


def floats(value: Value) -> Value:
    """Return numbers as floats."""
    return value if value.type == pa.float64() else pc.cast(value, pa.float64(), safe=False)
