"""A layer's values as columns: what filters, sorting and times read. An Arrow IPC file beside the index, memory-mapped.

One column a queryable property, one row a feature, in the order of the layer's file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from geo.errors import DataError, UnknownError, nearest
from layers import arrow
from layers.query import sort_key

_TYPES = (
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_integer, "integer"),
    (pa.types.is_floating, "number"),
    (pa.types.is_date, "date"),
    (pa.types.is_timestamp, "timestamp"),
    (pa.types.is_list, "array"),
    (pa.types.is_large_list, "array"),
)
_MICROSECOND = "us"
_DAY = 86_400_000_000 - 1


def type_name(kind: pa.DataType) -> str:
    """Return the name by which queryables call a type: string where it is none of the others."""
    return next((name for is_one, name in _TYPES if is_one(kind)), "string")


def queryables(table: pa.Table, about: Mapping[str, Mapping[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Return what can be asked of the columns: id, title and type of each, with what ``about`` adds by id."""
    extra = about or {}
    return [
        {"id": f.name, "title": f.name, "type": type_name(f.type), **extra.get(f.name, {})}
        for f in table.schema
        if f.name  # a nameless column cannot be asked for
    ]


def write(path: Path, table: pa.Table) -> None:
    """Write columns as one record batch, so that each is one array when it is opened."""
    whole = table.combine_chunks()
    with pa.OSFile(str(path), "wb") as out, pa.ipc.new_file(out, whole.schema) as file:
        for batch in whole.to_batches(max_chunksize=None):
            file.write_batch(batch)


class Columns:
    """The columns of a layer, opened once and read on demand."""

    def __init__(self, path: Path) -> None:
        try:
            self._table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        except (OSError, pa.ArrowException):
            raise DataError(f"The release is damaged: {path} cannot be read. Run 'corridor build'.") from None

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return list(self._table.column_names)

    def column(self, name: str) -> pa.Array:
        """Return a column as one array.

        Raises
        ------
        UnknownError
            If there is none of that name; the message offers the nearest.
        """
        if name not in self._table.column_names:
            raise UnknownError(f"There is no property {name!r}. {nearest(name, self.names)}")
        column = self._table.column(name)
        return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [pa.array([], column.type)])

    def part(self, name: str, rows: NDArray[np.int32]) -> pa.Array:
        """Return some rows of a column."""
        return self.column(name).take(arrow.numbers(rows.astype(np.int64)))

    def order(self, rows: NDArray[np.int32], sortby: Sequence[str]) -> NDArray[np.int64]:
        """Return the places in ``rows`` by the order of columns, ``-name`` descending; null last, equals in the order of rows.

        Text is ordered by code points.
        """
        keys = [sort_key(text) for text in sortby]
        ranks = [_ranks(self.part(name, rows), way) for name, way in keys]
        return np.lexsort(ranks[::-1])

    def times(self, start: str, end: str | None, rows: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return when features begin and end, in microseconds of UTC; what has no time begins after it ends.

        A date lasts its whole day; an end that is missing is open.
        """
        begins, known = _microseconds(self.part(start, rows))
        lasts = _is_date(self.column(start))
        if end is None:
            ends = begins + (_DAY if lasts else 0)
        else:
            ends, closed = _microseconds(self.part(end, rows))
            ends = np.where(closed, ends + (_DAY if _is_date(self.column(end)) else 0), np.iinfo(np.int64).max)
        nothing = np.iinfo(np.int64)
        return np.where(known, begins, nothing.max), np.where(known, ends, nothing.min)


def _ranks(column: pa.Array, way: str) -> NDArray[np.int64]:
    """Return numbers that sort as the values do, those of missing values last whichever the way."""
    import pyarrow.compute as pc  # noqa: PLC0415  only sorting needs the kernels

    encoded = column.dictionary_encode()
    place = np.empty(len(encoded.dictionary) + 1, dtype=np.int64)
    place[_plain(pc.array_sort_indices(encoded.dictionary, order=way), np.uint64)] = np.arange(len(encoded.dictionary))
    place[-1] = len(encoded.dictionary)
    found: NDArray[np.int64] = place[np.where(arrow.valid(encoded.indices), _plain(encoded.indices, np.int32), -1)]
    return found


def _plain(held: pa.Array, kind: Any) -> NDArray[Any]:
    """Return the numbers of an array without pyarrow's own conversion, which imports pandas."""
    return np.frombuffer(held.buffers()[1] or b"", kind)[held.offset : held.offset + len(held)]


def _microseconds(column: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    known = arrow.valid(column)
    whole = column.cast(pa.timestamp(_MICROSECOND)).cast(pa.int64())
    return np.where(known, _plain(whole, np.int64), 0), known


def _is_date(column: pa.Array) -> bool:
    return bool(pa.types.is_date(column.type))
