"""The words of a voyage, the same in an address, on the command line and in a view: read, and written back.

What reads them loads the sea network; that the words are there does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from geo.errors import AtlasError, Faults, InputError
from layers import Catalog

if TYPE_CHECKING:
    from layers.ends import End
    from layers.voyages import Voyage

ENDS = ("from", "to")
LISTS = ("close", "open", "avoid")
WORDS = (*ENDS, *LISTS, "date", "ice_class", "draught", "speed", "alternatives")
_KEYWORDS = {"speed": "speed_kn", "draught": "draught_m"}

Given = str | Sequence[str]


def read(given: Mapping[str, Given], catalog: Catalog) -> Voyage:
    """Return the voyage that words describe; the lists are texts with commas, or several of such texts.

    Raises
    ------
    InputError
        With every fault: that a port is unknown is a fault of the question, not an address that leads nowhere.
    """
    from layers import voyages  # noqa: PLC0415  a view without a voyage needs no network

    fault = Faults()
    for word in ENDS:
        if word not in given:
            fault(f"{word} is missing: a port, layer/id or lon,lat, as in from=Chennai and to=Vladivostok.")
    asked: dict[str, Any] = {_KEYWORDS.get(word, word): text for word, text in given.items() if word not in ENDS}
    for word in LISTS:
        if word in asked:
            asked[word] = fault.attempt(_names, asked[word], word)
    fault.throw()
    try:
        return voyages.read(catalog, str(given["from"]), str(given["to"]), **asked)
    except AtlasError as error:
        raise InputError(*error.faults) from None


def state(voyage: Voyage) -> dict[str, Any]:
    """Return the words of a voyage with their values, None where it was asked without one."""
    return {
        "from": _end(voyage.start),
        "to": _end(voyage.end),
        "close": sorted(voyage.close),
        "open": sorted(voyage.open),
        "avoid": [region.id for region in voyage.avoid],
        "date": voyage.date.isoformat() if voyage.date else None,
        "ice_class": _ice_class(voyage.ice_class),
        "draught": voyage.draught_m,
        "speed": None if voyage.speed_assumed else voyage.speed_kn,
        "alternatives": voyage.alternatives,
    }


def written(voyage: Voyage) -> dict[str, str]:
    """Return the words of a voyage as texts, in one order, without what is left at its default."""
    said = {**state(voyage), "alternatives": voyage.alternatives if voyage.alternatives > 1 else None}
    return {word: _text(value) for word, value in said.items() if value not in (None, [])}


def _names(given: Given, word: str) -> tuple[str, ...]:
    texts = (given,) if isinstance(given, str) else given
    found = tuple(name.strip() for text in texts for name in text.split(","))
    if not all(found):
        shown = given if isinstance(given, str) else ",".join(given)
        raise InputError(f"{word} {shown!r} has an empty name. Write names with a comma between two.")
    return found


def _end(end: End) -> str:
    return end.address or f"{_text(end.lon)},{_text(end.lat)}"


def _ice_class(given: str | None) -> str | None:
    """Return an ice class as its register spells it."""
    from layers import rules  # noqa: PLC0415  as above

    return next((name for name in rules.ice_classes() if given and name.casefold() == given.strip().casefold()), given)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(value)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
