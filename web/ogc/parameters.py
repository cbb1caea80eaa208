"""What a query string asks: read once, strictly, every fault of it said at once.

A parameter that nobody knows, one given twice or left empty, a percent sign that encodes nothing, bytes that are not UTF-8
and control characters are faults that name the parameter (OGC API Features Part 1, /req/core/query-param-unknown and
/req/core/query-param-invalid).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_to_bytes

from geo import crs
from geo.areas import Area
from geo.crs import CRS84, CRS84H, Crs
from geo.errors import AtlasError, Faults, InputError, nearest
from web.settings import DEFAULT_LIMIT, LARGEST_LIMIT, LONGEST_FILTER, LONGEST_WORD

_LONGEST = {"filter": LONGEST_FILTER}
_LINES = frozenset(("filter",))
_BROKEN = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_BUT_SPACE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MOST_DIGITS = 9
_TOGETHER = (frozenset(("near", "radius")), frozenset(("bbox", "bbox-crs")))


@dataclass
class Given:
    """The parameters of a request: their values by name, and how each pair was written, for the links to other pages."""

    words: dict[str, str] = field(default_factory=dict)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    @property
    def sound(self) -> dict[str, str]:
        """The parameters of which nothing is wrong yet, without those that mean nothing alone."""
        if not self.broken:
            return self.words
        out = self.broken.union(*(pair for pair in _TOGETHER if self.broken & pair))
        return {name: text for name, text in self.words.items() if name not in out}

    def query(self, without: Container[str]) -> str:
        """Return the query string as it was written, some parameters left out."""
        return "&".join([pair for name, pair in self.pairs if name not in without])


def read(query: str, known: Iterable[str], fault: Faults) -> Given:
    """Return the parameters of a query string as WSGI gives it, and gather what is wrong with them."""
    given = Given()
    if not query:
        return given
    if not query.isascii():
        query = quote(query.encode("latin-1"), safe="!$&'()*+,/:;=?@%[]")
    counts: dict[str, int] = {}
    for pair in query.split("&"):
        if not pair:
            continue
        name, _, text = pair.partition("=")
        if name not in known:
            name = _decoded(name, "the name of a parameter", fault)
        if name in known:
            counts[name] = counts.get(name, 0) + 1
            before = len(fault.lines)
            if "%" in text or "+" in text:
                text = _decoded(text, name, fault)
            _check(name, text, fault)
            if len(fault.lines) > before:
                given.broken.add(name)
            given.words[name] = text
            given.pairs.append((name, pair))
        elif not name:
            fault(f"{_shown(pair)} has no name before the equals sign. Leave it out, or name a parameter.")
        else:
            fault(f"{_shown(name)} is not a parameter here. {nearest(name, known)}")
    for name, count in counts.items():
        if count > 1:
            fault(f"{name} is given {count} times. Give it once.")
    return given


def only(query: str, known: Iterable[str]) -> dict[str, str]:
    """Return the parameters of a query string, or raise all that is wrong with them."""
    fault = Faults()
    given = read(query, known, fault)
    fault.throw()
    return given.words


def limit(text: str | None) -> int:
    """Return how many features a page has; more than the largest page is that page (/req/core/fc-limit-response-1)."""
    return DEFAULT_LIMIT if text is None else min(whole(text, "limit", 1), LARGEST_LIMIT)


def whole(text: str, word: str, least: int) -> int:
    """Return a whole number, or raise an error that names the parameter."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS and int(text) >= least):
        raise InputError(f"{word} {text!r} is not a whole number from {least}, of at most {_MOST_DIGITS} digits.")
    return int(text)


def names(text: str, word: str) -> tuple[str, ...]:
    """Return the names of a list apart by commas, none of them empty."""
    # A plus sign that nobody encoded arrives as a space: sortby=+name means what it says.
    found = tuple(name.strip() for name in text.split(","))
    if not all(name.lstrip("+-") for name in found):
        raise InputError(f"{word} {text!r} has an empty name. Write names with a comma between two.")
    return found


def system(text: str | None, word: str) -> Crs:
    """Return the coordinate reference system that a parameter names; CRS84 where it is not given."""
    if text is None:
        return crs.DEFAULT
    try:
        return crs.find(text)
    except InputError as error:
        raise InputError(f"{word}: {error.faults[0]}") from None


def box(text: str | None, in_crs: str | None) -> str | Area | None:
    """Return the box asked for: as it was written where it is in CRS84, else as an area."""
    if in_crs in (None, CRS84):
        if text is None and in_crs is not None:
            raise InputError("bbox-crs is given without bbox. Leave it out, or give both.")
        return text
    found = crs.DEFAULT if in_crs == CRS84H else system(in_crs, "bbox-crs")
    if text is None:
        raise InputError("bbox-crs is given without bbox. Leave it out, or give both.")
    try:
        return crs.parse_box(text, found, heights=in_crs == CRS84H)
    except AtlasError as error:
        raise InputError(*(f"bbox: {line}" for line in error.faults)) from None


def _check(name: str, text: str, fault: Faults) -> None:
    if not text:
        fault(f"{name} is empty. Leave it out, or give it a value.")
        return
    most = _LONGEST.get(name, LONGEST_WORD)
    if len(text) > most:
        fault(f"{name} is {len(text)} characters long; at most {most} are read.")
    if not text.isprintable():
        found = (_CONTROL_BUT_SPACE if name in _LINES else _CONTROL).search(text)
        if found:
            fault(f"{name} has the control character U+{ord(found[0]):04X} at place {found.start() + 1}. Leave it out.")


def _decoded(text: str, name: str, fault: Faults) -> str:
    raw = text.replace("+", " ").encode()
    broken = _BROKEN.search(raw)
    if broken:
        shown = raw[broken.start() : broken.start() + 3].decode()
        fault(f"{name} has {shown!r}, which encodes nothing: a percent sign is written %25.")
        return text
    try:
        return unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError as error:
        fault(f"{name} has the byte {error.object[error.start]:02X}, which is not UTF-8 there. Write text in UTF-8.")
        return text


def _shown(name: str) -> str:
    return repr(name if len(name) <= 60 else name[:60] + "…")
