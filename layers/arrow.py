"""Arrays and scalars of pyarrow from plain values and back, by their buffers.

pyarrow's own conversions (``pa.array``, ``pa.scalar``, ``to_numpy``, a plain number given to a function of pyarrow.compute)
import pandas, which costs a server's worker its start and its memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
_PLAIN = {pa.int64(): np.int64, pa.int32(): np.int32, pa.float64(): np.float64}
_NUMBERS = {np.dtype(np.int64): pa.int64(), np.dtype(np.float64): pa.float64()}


def numbers(values: NDArray[Any], missing: Mask | None = None) -> Any:
    """Return an array of int64 or float64 numbers; ``missing`` are null."""
    held = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(_NUMBERS[values.dtype], len(values), [_validity(missing), held])


def booleans(values: Mask, missing: Mask | None = None) -> Any:
    """Return an array of booleans; ``missing`` are null."""
    return pa.Array.from_buffers(pa.bool_(), len(values), [_validity(missing), _bits(values)])


def texts(values: Sequence[str]) -> Any:
    """Return an array of texts."""
    encoded = [value.encode() for value in values]
    ends = np.cumsum([0, *(len(value) for value in encoded)], dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(encoded), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))])


def scalar(value: bool | int | float | str) -> Any:
    """Return a scalar; a whole number beyond 64 bits becomes a float."""
    return array([value])[0]


def array(values: Sequence[Any]) -> Any:
    """Return an array of values of one kind; whole numbers beside floats, and beyond 64 bits, become floats."""
    if values and isinstance(values[0], str):
        return texts(values)
    if values and isinstance(values[0], bool):
        return booleans(np.array(values, dtype=np.bool_))
    whole = all(isinstance(value, int) and -(2**63) <= value < 2**63 for value in values)
    return numbers(np.array(values, dtype=np.int64 if whole else np.float64))


def nulls(length: int, kind: Any) -> Any:
    """Return an array of nulls of booleans, int64, float64 or texts."""
    empty = pa.py_buffer(bytes(8 * (length + 1)))
    return pa.Array.from_buffers(kind, length, [empty, empty, empty][: 3 if kind == pa.string() else 2])


def null(kind: Any) -> Any:
    """Return the null of booleans, int64, float64 or texts."""
    return nulls(1, kind)[0]


def valid(held: Any) -> Mask:
    """Return which elements of an array are not null."""
    buffer = held.buffers()[0]
    return np.ones(len(held), dtype=np.bool_) if buffer is None else _unpacked(buffer, held)


def truths(held: Any) -> Mask:
    """Return which elements of an array of booleans are true; null is not."""
    values = _unpacked(held.buffers()[1], held) if len(held) else np.empty(0, dtype=np.bool_)
    return values if held.buffers()[0] is None else values & valid(held)


def plain_numbers(held: Any) -> NDArray[Any]:
    """Return the numbers of an array of fixed width without a copy; where it is null they mean nothing."""
    kind = _PLAIN[held.type]
    buffer = held.buffers()[1]
    return np.empty(0, kind) if buffer is None else np.frombuffer(buffer, kind)[held.offset : held.offset + len(held)]


def _unpacked(buffer: Any, held: Any) -> Mask:
    bits = np.unpackbits(np.frombuffer(buffer, np.uint8), count=held.offset + len(held), bitorder="little")
    return bits[held.offset :].view(np.bool_)


def _bits(values: Mask) -> Any:
    return pa.py_buffer(np.packbits(values, bitorder="little"))


def _validity(missing: Mask | None) -> Any:
    return None if missing is None else _bits(~missing)
