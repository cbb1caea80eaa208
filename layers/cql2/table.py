"""What a filter is evaluated over, and the columns of it in the few types that evaluation knows."""

from __future__ import annotations

from collections.abc import Iterable
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
            self._kinds[name], self._columns[name] = _plain(found)
        return self._columns[name]


def _plain(array: Value) -> tuple[str, Value]:
    kind, types = array.type, pa.types
    if types.is_boolean(kind):
        return "boolean", array
    if types.is_integer(kind):
        return "number", array if kind == pa.int64() else _whole(array)
    if types.is_floating(kind) or types.is_decimal(kind):
        return "number", array.cast(pa.float64())
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return "string", array if types.is_string(kind) else array.cast(pa.string())
    if types.is_date(kind):
        return "date", array.cast(pa.date32()).cast(pa.int32()).cast(pa.int64())
    if types.is_timestamp(kind):
        return "timestamp", array.cast(pa.timestamp("us", kind.tz), safe=False).cast(pa.int64())
    if types.is_list(kind) or types.is_large_list(kind):
        return "array", array
    return ("any", pa.nulls(len(array), pa.bool_())) if types.is_null(kind) else ("other", array)


def _whole(array: Value) -> Value:
    try:
        return array.cast(pa.int64())
    except pa.ArrowInvalid:  # uint64 beyond int64
        return array.cast(pa.float64(), safe=False)


def full(value: Value, length: int) -> Value:
    """Return an array of ``length`` from an array or a scalar."""
    return pa.repeat(value, length) if isinstance(value, pa.Scalar) else value


def same_numbers(left: Value, right: Value) -> tuple[Value, Value]:
    """Return two values that pyarrow compares without a checked cast: whole numbers beside floats become floats."""
    kinds = {left.type, right.type}
    if kinds == {pa.int64(), pa.float64()}:
        return tuple(v if v.type == pa.float64() else pc.cast(v, pa.float64(), safe=False) for v in (left, right))  # type: ignore[return-value]
    return left, right
