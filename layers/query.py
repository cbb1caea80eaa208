"""What can be asked of a layer: a question put together from words, checked once, the same in every door."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from geo import areas, measure
from geo.areas import Area, Circle
from geo.errors import Faults, InputError
from layers import times

if TYPE_CHECKING:
    from layers.cql2 import Filter

Period = tuple[int, int]
"""First and last microsecond of UTC since 1970, both within."""

FILTER_LANGUAGES = ("cql2-text", "cql2-json")
"""The encodings of CQL2, the default first."""

OPEN: Period = (-(2**63), 2**63 - 1)
_DATETIME_HELP = (
    "Write a date (2024-05-01), a time (2024-05-01T12:00:00Z), or two of them with a slash between, .. for an open end."
)


@dataclass(frozen=True)
class Question:
    """A region query as it was put.

    ``region`` is a name or code; ``bbox`` is ``west,south,east,north``; ``near`` a place name, feature id or ``lon,lat``
    with ``radius`` such as ``300km``; ``polygon`` an area that was read; at most one of the four. ``filter`` is a CQL2
    expression, ``datetime`` an instant or interval of RFC 3339. ``sortby`` names properties, ``-name`` descending;
    ``properties`` those that the answer keeps; ``limit`` and ``offset`` bound it.
    """

    region: str | None = None
    bbox: str | None = None
    near: str | None = None
    radius: str | None = None
    polygon: Area | None = field(default=None, compare=False)
    limit: int | None = None
    offset: int = 0
    filter: Filter | None = None
    datetime: str | None = None
    sortby: tuple[str, ...] = ()
    properties: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self._plain:
            return
        fault = Faults()
        given = [n for n in ("region", "bbox", "near", "polygon") if getattr(self, n) is not None]
        if len(given) > 1:
            fault(f"{' and '.join(given)} were given together. Ask by one of region, bbox, polygon or near with radius.")
        if self.near is not None and self.radius is None:
            fault(f"near {self.near!r} needs a radius, for example 300km.")
        if self.radius is not None and self.near is None:
            fault(f"radius {self.radius!r} needs near: a place's name or lon,lat.")
        if self.limit is not None and not _whole(self.limit, 1):
            fault(f"limit {self.limit!r} is not a whole number from 1.")
        if not _whole(self.offset, 0):
            fault(f"offset {self.offset!r} is not a whole number from 0.")
        # What is made here is kept for the answer.
        for word, part in (("bbox", "box"), ("radius", "reach_km"), ("datetime", "period")):
            if getattr(self, word) is None:
                continue
            try:
                getattr(self, part)
            except InputError as error:
                for line in error.faults:
                    fault(line if line.startswith(word) else f"{word}: {line}")
        fault.throw(InputError)

    @property
    def _plain(self) -> bool:
        """Whether the question is put by a region's name or a filter alone, in which nothing can be at odds."""
        other = (self.bbox, self.near, self.radius, self.polygon, self.limit, self.datetime)
        return other == (None,) * 6 and self.offset == 0 and type(self.offset) is int

    @property
    def spatial(self) -> bool:
        """Whether the question asks for a part of the Earth."""
        return not (self.region is None and self.bbox is None and self.near is None and self.polygon is None)

    @property
    def narrowed(self) -> bool:
        """Whether the question asks for values or times."""
        return not (self.filter is None and self.datetime is None)

    @cached_property
    def period(self) -> Period:
        """The period asked for."""
        return OPEN if self.datetime is None else parse_period(self.datetime)

    @cached_property
    def box(self) -> Area | None:
        """The box or polygon asked for, if it is one."""
        return areas.parse_box(self.bbox) if self.bbox is not None else self.polygon

    @cached_property
    def reach_km(self) -> float:
        """The radius asked for, in km; 0 where none is."""
        return 0.0 if self.radius is None else measure.parse_length(self.radius)

    def circle(self, centre: tuple[float, float]) -> Circle:
        """Return the circle asked for, given where its centre is."""
        return Circle(*centre, self.reach_km)


def _whole(number: object, least: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= least


def parse_period(text: str) -> Period:
    """Return the period that a date, a time or an interval of RFC 3339 covers; ``..`` or nothing is an open end.

    Raises
    ------
    InputError
        If the text is none of these, or ends before it begins.
    """
    # OGC API Features Part 1, parameter datetime.
    ends = text.split("/")
    if len(ends) > 2 or all(end in ("", "..") for end in ends):
        raise InputError(f"datetime {text!r} is not a time. {_DATETIME_HELP}")
    if len(ends) == 1:
        return _instant(text, text)
    begin = OPEN[0] if ends[0] in ("", "..") else _instant(ends[0], text)[0]
    end = OPEN[1] if ends[1] in ("", "..") else _instant(ends[1], text)[1]
    if begin > end:
        raise InputError(f"datetime {text!r} ends before it begins. {_DATETIME_HELP}")
    return begin, end


def _instant(text: str, whole: str) -> Period:
    try:
        if len(text) > len("2024-05-01"):
            return (times.microseconds(text),) * 2
        begin = times.days(text) * times.DAY
        return begin, begin + times.DAY - 1
    except (ValueError, OverflowError):
        raise InputError(f"datetime {whole!r} is not a time. {_DATETIME_HELP}") from None


def sort_key(text: str) -> tuple[str, str]:
    """Return the property that a word of ``sortby`` names, and ascending or descending."""
    return (text[1:], "descending") if text.startswith("-") else (text.removeprefix("+"), "ascending")


def names_of(text: str | None) -> tuple[str, ...] | None:
    """Return the names that stand apart by commas in a text, None where there is no text."""
    return None if text is None else tuple(name.strip() for name in text.split(","))


def read_filter(text: str | None, **how: Any) -> Filter | None:
    """Return the filter that CQL2 describes, None where there is no text; ``how`` is what layers.cql2.parse takes."""
    if text is None:
        return None
    from layers import cql2  # noqa: PLC0415  a question without a filter need not load its kernels

    return cql2.parse(text, **how)
