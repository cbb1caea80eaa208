"""A file's columns in the few types that a layer has: string, int64, float64, bool, date32, timestamp(us, UTC), list<string>.

Text stays text unless every value of the column is written as a number, a truth value, a date or a time is; a number
with leading zeros is a code and stays text.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from geo.errors import DataError

MAX_COLUMNS = 2_000
Array: TypeAlias = "pa.Array | pa.ChunkedArray"

TIME = pa.timestamp("us", "UTC")
_NO_ZONE = "times without a zone are taken as UTC"
_LARGE = "numbers above 2^63 are kept as text"
_YEAR = r"(\d{3}[1-9]|\d{2}[1-9]\d|\d[1-9]\d{2}|[1-9]\d{3})"
"""0001 to 9999."""
_DATE = r"^" + _YEAR + r"-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
_TIME = r"^" + _YEAR + r"-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?"
_ZONE = r"(Z|[+-]\d\d:?\d\d)$"
_INTEGER = r"^-?(0|[1-9]\d{0,17})$"
_NUMBER = r"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,3})?$"
_COMMA = r"^-?(0|[1-9]\d*)(,\d+)?$"
_TRUTH = r"^(?i:true|false)$"
_FIRST_DAY, _LAST_DAY, _DAY_US = -719_162, 2_932_896, 86_400_000_000
_RESERVED = ("membership", "geometry")
_ODD = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def check_count(count: int, where: str) -> None:
    """Hold a layer's columns against the most that are read: each is as long as the layer, however few rows fill it.

    Raises
    ------
    DataError
        If they are more.
    """
    if count > MAX_COLUMNS:
        raise DataError(f"{where}: {count:,} columns; 1 to {MAX_COLUMNS:,} can be read.")


def named(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return column names that are unique and usable, and a note for each that had to change."""
    out: list[str] = []
    notes: list[str] = []
    taken = {_ODD.sub(" ", n).strip() for n in names}
    for place, given in enumerate(names, 1):
        name = _ODD.sub(" ", given).strip()
        wanted = f"column_{place}" if not name else f"{name}_file" if name in _RESERVED else name
        chosen, n = wanted, 1
        while chosen in out or (chosen != name and chosen in taken):
            n += 1
            chosen = f"{wanted}_{n}"
        if chosen != given:
            notes.append(f"column {place} {given!r} is called {chosen!r}")
        out.append(chosen)
    return out, notes


def typed(array: Array, name: str) -> tuple[Array, str]:
    """Return a column in one of the types of a layer, and a note, empty where nothing was given up."""
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return typed(pc.cast(array, kind.storage_type), name)
    if pa.types.is_dictionary(kind):
        return typed(pc.cast(array, kind.value_type), name)
    for fits, make in _TYPES:
        if fits(kind):
            return make(array, name)
    return from_python(array.to_pylist(), name)


def _kept(array: Array, _: str) -> tuple[Array, str]:
    return array, ""


def _as(kind: pa.DataType, note: str = "") -> Callable[[Array, str], tuple[Array, str]]:
    return lambda array, name: (array.cast(kind), note and f"column {name!r}: {note}")


def _time(array: Array, name: str) -> tuple[Array, str]:
    zone, fine = array.type.tz, array.type.unit == "ns"
    note = "" if zone else f"column {name!r}: {_NO_ZONE}"
    try:
        made = pc.cast(array, pa.timestamp("us", zone), safe=not fine).cast(TIME)
    except pa.ArrowInvalid:
        made = None
    return (made, note) if made is not None and _in_calendar(made, _DAY_US) else _far(array, name)


def _date(array: Array, name: str) -> tuple[Array, str]:
    days = array.cast(pa.date32())
    return (days, "") if _in_calendar(days, 1) else _far(days, name)


def _in_calendar(array: Array, per_day: int) -> bool:
    """Tell whether all values lie in the years 1 to 9999, which texts of dates can write and readers know."""
    span = pc.min_max(array.cast(pa.int32() if per_day == 1 else pa.int64())).as_py()
    if span["min"] is None:
        return True
    return bool(_FIRST_DAY * per_day <= span["min"] and span["max"] < (_LAST_DAY + 1) * per_day)


def _far(array: Array, name: str) -> tuple[Array, str]:
    whole = array.cast(pa.int32() if pa.types.is_date32(array.type) else pa.int64()).cast(pa.string())
    return whole, f"column {name!r}: some dates lie outside the years 1 to 9999; the numbers that the file has are kept as text"


def _bytes(array: Array, name: str) -> tuple[Array, str]:
    texts = [None if v is None else base64.b64encode(v).decode() for v in array.to_pylist()]
    return pa.array(texts, pa.string()), f"column {name!r}: bytes are kept as Base64 text"


def _unsigned(array: Array, name: str) -> tuple[Array, str]:
    try:
        return array.cast(pa.int64()), ""
    except pa.ArrowInvalid:
        return array.cast(pa.string()), f"column {name!r}: {_LARGE}"


def _finite(array: Array, name: str) -> tuple[Array, str]:
    """Take what is no number for no value: JSON knows neither NaN nor infinity."""
    odd = pc.invert(pc.is_finite(array))
    count = pc.sum(odd).as_py() or 0
    if not count:
        return array, ""
    note = f"column {name!r}: {count:,} values are NaN or infinite and are left empty"
    return pc.if_else(odd, pa.scalar(None, pa.float64()), array), note


def from_python(values: Sequence[Any], name: str) -> tuple[Array, str]:
    """Return values of JSON as a column; what does not fit one type is kept as JSON text."""
    kinds = {type(v) for v in values} - {type(None)}
    if kinds <= {int, float} and kinds:
        return _whole(values, name) if kinds == {int} else _fractions(values, name)
    if kinds == {str}:
        return from_text(pa.array(values, pa.string()), name, dates_only=True)
    if kinds <= {bool}:
        return pa.array(values, pa.bool_() if kinds else pa.string()), ""
    if kinds == {list} and all(v is None or all(isinstance(x, str) for x in v) for v in values):
        return pa.array(values, pa.list_(pa.string())), ""
    nested = kinds & {dict, list}
    note = f"column {name!r}: {'nested values are' if nested else 'values of several types are'} kept as JSON text"
    texts = [None if v is None else v if isinstance(v, str) else _json(v) for v in values]
    return pa.array(texts, pa.string()), note


def _whole(values: Sequence[int | None], name: str) -> tuple[Array, str]:
    if all(v is None or -(2**63) <= v < 2**63 for v in values):
        return pa.array(values, pa.int64()), ""
    return pa.array([None if v is None else str(v) for v in values], pa.string()), f"column {name!r}: {_LARGE}"


def _fractions(values: Sequence[float | None], name: str) -> tuple[Array, str]:
    exact = all(v is None or isinstance(v, float) or abs(v) <= 2**53 for v in values)
    note = "" if exact else f"column {name!r}: whole numbers above 2^53 beside fractions are rounded"
    array, said = _finite(pa.array([None if v is None else float(v) for v in values], pa.float64()), name)
    return array, said or note


def from_text(array: Array, name: str, *, dates_only: bool = False, comma: bool = False) -> tuple[Array, str]:
    """Return a column of text as what all its values are; ``comma`` reads 55,75 as a number."""
    if array.null_count == len(array):
        return array, ""
    made = None if dates_only else _from_number(array, name, comma=comma)
    return made or _from_date(array, name) or (array, "")


def _from_number(array: Array, name: str, *, comma: bool) -> tuple[Array, str] | None:
    if _all(array, _TRUTH):
        return pc.equal(pc.utf8_lower(array), "true"), ""
    if _all(array, _INTEGER):
        return array.cast(pa.int64()), ""
    if _all(array, _NUMBER):
        return _finite(array.cast(pa.float64()), name)
    if comma and _all(array, _COMMA):
        return pc.replace_substring(array, ",", ".").cast(pa.float64()), f"column {name!r}: decimal commas"
    return None


def _from_date(array: Array, name: str) -> tuple[Array, str] | None:
    try:
        if _all(array, _DATE):
            return array.cast(pa.date32()), ""
        if _all(array, _TIME + _ZONE):
            return array.cast(TIME), "" if _all(array, "Z$") else f"column {name!r}: times are kept in UTC"
        if _all(array, _TIME + "$"):
            return array.cast(pa.timestamp("us")).cast(TIME), f"column {name!r}: {_NO_ZONE}"
    except pa.ArrowInvalid:  # 2023-02-30: written like a date, but none
        pass
    return None


def _all(array: pa.Array, pattern: str) -> bool:
    """Tell whether every value matches; a glance at the first ones spares most columns the rest."""
    if pc.all(pc.match_substring_regex(array.slice(0, 50), pattern)).as_py() is False:
        return False
    return bool(pc.all(pc.match_substring_regex(array, pattern)).as_py())


def _json(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # a date or bytes within a nested value of a Parquet file
        return json.dumps(value, default=str, ensure_ascii=False)


_Fits = Callable[[pa.DataType], bool]
_Make = Callable[[Array, str], tuple[Array, str]]
_TYPES: tuple[tuple[_Fits, _Make], ...] = (
    (lambda t: pa.types.is_boolean(t) or pa.types.is_string(t), _kept),
    (lambda t: pa.types.is_null(t) or pa.types.is_large_string(t) or pa.types.is_string_view(t), _as(pa.string())),
    (lambda t: bool(t == pa.uint64()), _unsigned),
    (pa.types.is_integer, _as(pa.int64())),
    (pa.types.is_floating, lambda array, name: _finite(array.cast(pa.float64()), name)),
    (pa.types.is_timestamp, _time),
    (pa.types.is_date, _date),
    (pa.types.is_time, _as(pa.string())),
    (pa.types.is_decimal, _as(pa.float64(), "decimals are kept as 64-bit numbers")),
    (lambda t: pa.types.is_list(t) and pa.types.is_string(t.value_type), _kept),
    (lambda t: pa.types.is_binary(t) or pa.types.is_large_binary(t) or pa.types.is_fixed_size_binary(t), _bytes),
)
