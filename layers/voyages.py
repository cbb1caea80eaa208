"""A voyage: what is asked of the sea, read from words and checked, every fault of them said at once."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812  the word of every door is date
from datetime import datetime
from typing import TYPE_CHECKING

from geo import gates, measure, network, regions
from geo.boundaries import Region
from geo.errors import Faults, InputError, nearest
from geo.measure import KM_PER_NM
from layers import assumptions, ends
from layers.ends import End
from layers.ships import DEFAULT_SPEED_KN, DRAUGHTS_M, MOST_ALTERNATIVES, SPEEDS_KN

if TYPE_CHECKING:
    from layers.catalog import Catalog

_HOURS = 24
_SAME_PLACE_KM = 0.1

Word = str | float | None


@dataclass(frozen=True)
class Voyage:
    """A question about a way by sea, read and checked.

    ``close`` and ``open`` are ids of passages; ``speed_assumed`` tells whether nobody gave the speed.
    """

    start: End
    end: End
    close: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    avoid: tuple[Region, ...] = ()
    date: Date | None = None
    ice_class: str | None = None
    draught_m: float | None = None
    speed_kn: float = DEFAULT_SPEED_KN
    speed_assumed: bool = True
    alternatives: int = 1


def days_at(km: float, speed_kn: float) -> float:
    """Return how many days a length takes at a speed."""
    return km / KM_PER_NM / speed_kn / _HOURS


def passage_name(passage: str) -> str:
    """Return what a passage is called."""
    known = gates.gates()
    return known[passage].name if passage in known else passage


def passages() -> dict[str, str]:
    """Return the names of the passages that can be closed, by id, in the order of their names."""
    return dict(sorted(((p, passage_name(p)) for p in network.lanes().passages), key=lambda pair: pair[1]))


def listed(words: list[str]) -> str:
    """Return words as a sentence lists them."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def read(
    catalog: Catalog,
    start: str,
    end: str,
    *,
    close: Iterable[str] = (),
    open: Iterable[str] = (),  # noqa: A002  the same word in every door
    avoid: Iterable[str] = (),
    date: str | Date | None = None,
    ice_class: str | None = None,
    draught_m: Word = None,
    speed_kn: Word = None,
    alternatives: Word = None,
) -> Voyage:
    """Return the voyage that words describe.

    Raises
    ------
    InputError
        With every fault of every word.
    """
    fault = Faults()
    first, last = (fault.attempt(ends.find, catalog, text) for text in (start, end))
    if first and last and measure.distance_km(*first.place, *last.place) < _SAME_PLACE_KM:
        fault(f"{start!r} and {end!r} are the same place. Give two places apart.")
    shut, opened = (_passages(words, what, fault) for words, what in ((close, "close"), (open, "open")))
    for passage in sorted(shut & opened):
        fault(f"{passage} is both to be closed and to be open. Give it once.")
    named = (fault.attempt(regions.resolve, text) for text in dict.fromkeys(_several(avoid)))
    avoided = tuple(dict.fromkeys(region for region in named if region))
    day = fault.attempt(_day, date)
    fault.attempt(assumptions.register_class, ice_class)
    speed = fault.attempt(_within, speed_kn, "speed", SPEEDS_KN, "knots")
    draught = fault.attempt(_within, draught_m, "draught", DRAUGHTS_M, "metres")
    count = fault.attempt(_count, alternatives)
    if fault.lines:
        # A port that nobody knows is a fault of the question, not an address that leads nowhere.
        raise InputError(*dict.fromkeys(fault.lines))
    assert first is not None  # or its fault was raised
    assert last is not None
    return Voyage(
        start=first,
        end=last,
        close=shut,
        open=opened,
        avoid=avoided,
        date=day,
        ice_class=ice_class,
        draught_m=draught,
        speed_kn=speed or DEFAULT_SPEED_KN,
        speed_assumed=speed is None,
        alternatives=count or 1,
    )


def _several(words: Iterable[str]) -> list[str]:
    return [words] if isinstance(words, str) else list(words)


def _passages(words: Iterable[str], what: str, fault: Faults) -> frozenset[str]:
    """Return the ids of passages given by id or by name, and gather those that are not known."""
    known = network.lanes().passages
    called = {gate.name.casefold(): gate.id for gate in gates.gates().values() if gate.id in known}
    found = set()
    for word in _several(words):
        plain = word.strip().casefold()
        if plain in known or plain in called:
            found.add(plain if plain in known else called[plain])
        else:
            fault(f"{what} {word!r} is not a passage. {nearest(plain, known) or _all_passages(known)}")
    return frozenset(found)


def _all_passages(known: Collection[str]) -> str:
    return f"Known: {', '.join(sorted(known))}."


def _day(given: str | Date | None) -> Date | None:
    if isinstance(given, datetime):
        return given.date()
    if given is None or isinstance(given, Date):
        return given
    try:
        if len(given) != len("2026-09-01"):
            raise ValueError
        return Date.fromisoformat(given)
    except (TypeError, ValueError):
        raise InputError(f"date {given!r} is not a date. Write year, month and day: 2026-09-01.") from None


def _within(given: Word, word: str, span: tuple[float, float], unit: str) -> float | None:
    if given is None:
        return None
    low, high = span
    try:
        number = float(given)
    except ValueError:
        number = math.nan
    if not low <= number <= high:
        raise InputError(f"{word} {given!r} is not a number of {unit} from {low:g} to {high:g}.")
    return number


def _count(given: Word) -> int | None:
    if given is None:
        return None
    text = str(given)
    if not (text.isascii() and text.isdecimal() and len(text) < 3 and 1 <= int(text) <= MOST_ALTERNATIVES):
        raise InputError(f"alternatives {given!r} is not a whole number from 1 to {MOST_ALTERNATIVES}.")
    return int(text)
