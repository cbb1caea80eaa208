"""A question in the words of Python: tuples, lists, dates, shapes and dictionaries, read into what every door asks with."""

from __future__ import annotations

import datetime as dt
import json
import operator
import os
import reprlib
from collections.abc import Callable, Iterable, Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias

import shapely
from shapely.geometry.base import BaseGeometry

from geo import areas
from geo.areas import Area
from geo.boundaries import Region
from geo.errors import Faults, InputError
from layers.query import Question, names_of, read_filter

if TYPE_CHECKING:
    from layers.cql2 import Filter

Numbers: TypeAlias = "str | Iterable[float]"
Names: TypeAlias = "str | Iterable[str]"
Polygon: TypeAlias = "Area | BaseGeometry | Mapping[str, Any] | str | os.PathLike[str]"
Condition: TypeAlias = "str | Mapping[str, Any] | Filter"
Moment: TypeAlias = "str | dt.date"
Times: TypeAlias = "Moment | Iterable[Moment | None]"

_BOX = "Give west, south, east and north in degrees, for example bbox=(170, 60, -170, 70)."
_NEAR = "Give a place's name, or longitude and latitude, for example near=(131.9, 43.1)."
_POLYGON = "Give a Polygon or MultiPolygon of shapely, GeoJSON as a dictionary, or the path of a GeoJSON file."
_TIMES = "Give a text, a date, a datetime with its zone, or a pair of them, None for an open end."
_SHOWN = 60


def read(asked: Mapping[str, Any]) -> Question:
    """Return the question that values of Python put; None is what was not given.

    Raises
    ------
    InputError
        If a value is of no kind that its word takes, or is malformed; every fault is said.
    """
    fault = Faults()
    made: dict[str, Any] = {}
    odd: set[str] = set()
    for word, value in asked.items():
        if value is None:
            continue
        try:
            made[word] = _READERS[word](value, word)
        except InputError as error:
            odd.add(word)
            fault.take(type(error)(*(line if line.startswith(word) else f"{word}: {line}" for line in error.faults)))
    if odd & {"near", "radius"}:  # of the other of the two nobody should read that it is alone
        odd |= {"near", "radius"}
    question = fault.attempt(lambda: Question(**{word: value for word, value in made.items() if word not in odd}))
    fault.throw()
    assert question is not None  # or its faults were thrown
    return question


def layer_id(value: object) -> str:
    """Return the id of a layer as it was given, or raise an error where it is no text."""
    if not isinstance(value, str):
        raise InputError(f"{_shown(value)} is no layer's id. Give a text, for example 'ports'.")
    return value


def _region(value: object, word: str) -> str:
    return value.id if isinstance(value, Region) else _text(value, word)


def _text(value: object, word: str) -> str:
    if not isinstance(value, str):
        raise InputError(f"{word} {_shown(value)} is not a text. Give a name or a code, for example region='RU-PRI'.")
    return value


def _box(value: object, word: str) -> str:
    return _joined(value, f"{word} {_shown(value)} is not a box. {_BOX}")


def _near(value: object, word: str) -> str:
    if isinstance(value, shapely.Point) and not value.is_empty:
        value = (value.x, value.y)
    joined = _joined(value, f"{word} {_shown(value)} is not a place. {_NEAR}")
    if not isinstance(value, str) and joined.count(",") != 1:
        raise InputError(f"{word} {_shown(value)} is not a place. {_NEAR}")
    return joined


def _joined(value: object, wrong: str) -> str:
    """Return numbers with commas between, a text as it is; ``wrong`` is said of everything else."""
    if isinstance(value, str):
        return value
    numbers = _listed(value, wrong)
    if not all(isinstance(number, Real) and not isinstance(number, bool) for number in numbers):
        raise InputError(wrong)
    return ",".join(str(number) for number in numbers)


def _listed(value: object, wrong: str) -> list[object]:
    if isinstance(value, bytes | Mapping | BaseGeometry) or not isinstance(value, Iterable):
        raise InputError(wrong)
    try:
        return list(value)
    except TypeError:  # a NumPy array of a single number has the method, but gives nothing
        raise InputError(wrong) from None


def _radius(value: object, word: str) -> str:
    if isinstance(value, str):
        return value
    example = f"{value}km" if isinstance(value, Real) and not isinstance(value, bool) else "300km"
    raise InputError(f"{word} {_shown(value)} has no unit. Write {example}: a text with km, nm or mi.")


def _polygon(value: object, word: str) -> Area:
    if isinstance(value, BaseGeometry):
        return areas.make_shape(value, _cut(value.wkt))
    if isinstance(value, Mapping):
        return areas.parse_polygon(_json(value, f"{word} {_shown(value)} is not GeoJSON. {_POLYGON}").encode(), _shown(value))
    if isinstance(value, str | os.PathLike):
        return areas.read_polygon(os.fsdecode(value))
    if isinstance(value, Area):
        return value
    raise InputError(f"{word} {_shown(value)} is not a shape. {_POLYGON}")


def _filter(value: object, word: str) -> Filter | None:
    if isinstance(value, str):
        return read_filter(value)
    if isinstance(value, Mapping):
        return read_filter(_json(value, f"{word} {_shown(value)} cannot be written as JSON."), lang="cql2-json")
    from layers.cql2 import Filter  # noqa: PLC0415  a question without a filter need not load its kernels

    if isinstance(value, Filter):
        return value
    raise InputError(f"{word} {_shown(value)} is not a filter. Give CQL2 as a text, or as JSON in a dictionary.")


def _json(value: Mapping[str, Any], wrong: str) -> str:
    try:
        return json.dumps(value if isinstance(value, dict) else dict(value))
    except (TypeError, ValueError, RecursionError):
        raise InputError(wrong) from None


def _times(value: object, word: str) -> str:
    if isinstance(value, str | dt.date):
        return _moment(value, word)
    wrong = f"{word} {_shown(value)} is not a time. {_TIMES}"
    ends = _listed(value, wrong)
    if len(ends) != 2:
        raise InputError(wrong)
    return "/".join(".." if end is None else _moment(end, word) for end in ends)


def _moment(value: object, word: str) -> str:
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        raise InputError(f"{word} {_shown(value)} has no zone. Write for example datetime(2024, 5, 1, 12, tzinfo=UTC).")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    raise InputError(f"{word} {_shown(value)} is not a time. {_TIMES}")


def _names(value: object, word: str) -> tuple[str, ...]:
    if isinstance(value, str):
        return names_of(value) or ()
    wrong = f"{word} {_shown(value)} is not a list of names. Give for example {word}=['name']."
    given = _listed(value, wrong)
    names = tuple(name for name in given if isinstance(name, str))
    if len(names) != len(given):
        raise InputError(wrong)
    return names


def _count(value: Any, word: str) -> int:
    try:
        if not isinstance(value, bool):
            return operator.index(value)
    except TypeError:
        pass
    raise InputError(f"{word} {_shown(value)} is not a whole number from {0 if word == 'offset' else 1}.")


def _shown(value: object) -> str:
    """Return a value as it was given, on one line and cut."""
    return _cut(" ".join(reprlib.repr(value).split()))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


_READERS: dict[str, Callable[[Any, str], Any]] = {
    "region": _region,
    "bbox": _box,
    "near": _near,
    "radius": _radius,
    "polygon": _polygon,
    "filter": _filter,
    "datetime": _times,
    "sortby": _names,
    "properties": _names,
    "limit": _count,
    "offset": _count,
}
