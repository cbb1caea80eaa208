"""Arithmetic over whole columns. What has no finite result, such as a division by zero, is null."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from layers import arrow
from layers.cql2.table import Value, floats, same_numbers

_ZERO, _NULL = arrow.scalar(0), arrow.null(pa.float64())
_CHECKED = {"+": pc.add_checked, "-": pc.subtract_checked, "*": pc.multiply_checked}
_PLAIN: dict[str, Callable[[Value, Value], Value]] = {
    "+": pc.add, "-": pc.subtract, "*": pc.multiply, "/": pc.divide, "^": pc.power,
}  # fmt: skip


def arithmetic(op: str, left: Value, right: Value) -> Value:
    """Return the result of an operator of CQL2 on two numbers.

    Notes
    -----
    Whole numbers stay whole under + - * div and %, and become floats where they would overflow. ``div`` drops the fraction,
    and ``%`` has the sign of its left side, so that a = (a div b) * b + a % b.
    """
    left, right = same_numbers(left, right)
    if left.type == pa.int64() and right.type == pa.int64():
        if op in ("div", "%"):
            return _whole_division(op, left, right)
        if op in _CHECKED:
            try:
                return _CHECKED[op](left, right)
            except pa.ArrowInvalid:  # beyond 64 bits
                pass
    left, right = floats(left), floats(right)
    if op in _PLAIN:
        return finite(_PLAIN[op](left, right))
    if op == "div":
        return finite(pc.trunc(pc.divide(left, right)))
    return _remainder(left, right)


def _whole_division(op: str, left: Value, right: Value) -> Value:
    divisor = pc.if_else(pc.equal(right, _ZERO), arrow.null(pa.int64()), right)
    # Of 64 bits only the lowest number divided by -1 overflows; a float holds that result.
    quotient = pc.divide(left, divisor)
    return quotient if op == "div" else pc.subtract(left, pc.multiply(quotient, divisor))


def _remainder(left: Value, right: Value) -> Value:
    with np.errstate(invalid="ignore"):
        rest = np.fmod(_numpy(left), _numpy(right))
    if rest.ndim == 0:
        return arrow.scalar(float(rest)) if np.isfinite(rest) else arrow.null(pa.float64())
    return arrow.numbers(rest, ~np.isfinite(rest))


def _numpy(value: Value) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    if isinstance(value, pa.Scalar):
        return np.asarray(np.nan if value.as_py() is None else value.as_py(), dtype=np.float64)
    return np.where(arrow.valid(value), arrow.plain_numbers(value), np.nan)


def finite(value: Value) -> Value:
    """Return numbers, null where they are infinite or none."""
    return pc.if_else(pc.is_finite(value), value, _NULL)
