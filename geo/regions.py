"""From a name somebody typed to one region, or to an error that helps.

A name resolves where case, accents, transliteration variants and the words krai, oblast, republic or state leave exactly
one region. Anything looser is an error with suggestions; two hits are an error that lists both codes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, cached_property, lru_cache

from geo import boundaries, names
from geo.boundaries import Region
from geo.errors import InputError, UnknownError

_LOOSE = 0.72


@dataclass(frozen=True)
class Match:
    """A region found by a search, and how well, 0 to 1; more where the text means it and no other."""

    region: Region
    score: float


class Gazetteer:
    """Every name and code of a set of regions."""

    def __init__(self, regions: Iterable[Region]) -> None:
        self._regions = list(regions)
        self._codes: dict[str, Region] = {}
        for region in self._regions:
            for code in (region.id, *region.codes):
                self._codes.setdefault(code.casefold(), region)

    # The tables of names are made on first use: a code asks none of them, a name that is spelt right only the first.

    @cached_property
    def _keys(self) -> dict[str, dict[str, Region]]:
        return self._by(names.key)

    @cached_property
    def _full(self) -> dict[str, dict[str, Region]]:
        return self._by(names.full_key)

    @cached_property
    def _joined(self) -> dict[str, dict[str, Region]]:
        return self._by(lambda name: names.key(name).replace(" ", ""))

    def _by(self, key: Callable[[str], str]) -> dict[str, dict[str, Region]]:
        table: dict[str, dict[str, Region]] = defaultdict(dict)
        for region in self._regions:
            for name in _all_names(region):
                table[key(name)][region.id] = region
        return table

    def resolve(self, text: str) -> Region:
        """Return the one region that a code or name means.

        Raises
        ------
        UnknownError
            If nothing or only something similar has that name; the message offers the nearest.
        InputError
            If the name means several regions; the message lists their codes.
        """
        asked = text.strip()
        if asked.casefold() in self._codes:
            return self._codes[asked.casefold()]
        if not names.fold(asked):
            raise InputError(f"{text!r} is not the name of a region. Give a name (Primorsky Krai) or a code (RU-PRI).")
        found = self._keys.get(names.key(asked)) or self._joined.get(names.key(asked).replace(" ", ""), {})
        if len(found) > 1:
            found = self._narrow(asked, found)
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            listed = " or ".join(sorted(r.label() for r in found.values()))
            raise InputError(f"{text!r} means more than one region: {listed}. Give the code.")
        raise UnknownError(f"No region is called {text!r}. {self._offer(asked)}")

    def search(self, text: str, *, limit: int = 8) -> list[Match]:
        """Return regions whose names begin with, contain or resemble the text, best first: what it means before all."""
        found = self._resembling(text)
        try:
            meant = self.resolve(text)
        except InputError:
            return found[:limit]
        return [Match(meant, 1.1), *(m for m in found if m.region.id != meant.id)][:limit]

    def namesakes(self, region: Region) -> list[Region]:
        """Return the other regions that a name of this one may also mean, in the order of their ids."""
        keys = {names.key(name) for name in _all_names(region)}
        shared = {i: r for k in keys for i, r in (self._keys[k] | self._joined[k.replace(" ", "")]).items() if i != region.id}
        return [shared[i] for i in sorted(shared)]

    def _resembling(self, text: str) -> list[Match]:
        wanted = names.key(text)
        if not wanted:
            return []
        best: dict[str, Match] = {}
        for key, regions in self._keys.items():
            score = _likeness(wanted, key)
            if score >= _LOOSE:
                for region in regions.values():
                    if region.id not in best or best[region.id].score < score:
                        best[region.id] = Match(region, score)
        return sorted(best.values(), key=lambda m: (-m.score, _rank(m.region), m.region.name))

    def _narrow(self, asked: str, found: dict[str, Region]) -> dict[str, Region]:
        """Return the hits that the spelling, or the generic words in the text, single out; all where neither does."""
        plain = names.plain(asked)
        spelt = {i: r for i, r in found.items() if plain in {names.plain(n) for n in _all_names(r)}} or found
        if len(spelt) == 1 or not any(names.is_generic(w) for w in names.fold(asked).split()):
            return spelt
        return self._full.get(names.full_key(asked)) or spelt

    def _offer(self, asked: str) -> str:
        near = self._resembling(asked)[:3]
        if not near:
            return "Give a country, a state or krai, a federal district, or an ISO 3166 code such as IN-KL."
        return f"Did you mean {' or '.join(m.region.label() for m in near)}?"


@cache
def gazetteer() -> Gazetteer:
    """Return the gazetteer of the shipped boundaries."""
    return Gazetteer(boundaries.load().regions.values())


@lru_cache(maxsize=1024)
def resolve(text: str) -> Region:
    """Return the one shipped region that a code or name means; see ``Gazetteer.resolve``."""
    return gazetteer().resolve(text)


def _all_names(region: Region) -> set[str]:
    given = {region.name, region.name_ru, region.name_hi, *region.names}
    # "Sakha (Yakutia)" answers to both of its names.
    parts = {part.strip(" )") for name in given for part in name.split("(")}
    return {name for name in given | parts if names.fold(name)}


def _likeness(wanted: str, key: str) -> float:
    if key == wanted:
        return 1.0
    if len(wanted) > 1 and key.startswith(wanted):
        return 0.95
    if len(wanted) > 1 and any(word.startswith(wanted) for word in key.split()):
        return 0.9
    # One word of several may be the one that is spelt right: "Primorye Oblst".
    words = wanted.split() if " " in wanted else []
    return max(_ratio(wanted, key), *(0.95 * _ratio(w, key) for w in words if len(w) > 3), 0.0)


def _ratio(wanted: str, key: str) -> float:
    matcher = SequenceMatcher(None, wanted, key)
    return matcher.ratio() if matcher.real_quick_ratio() >= _LOOSE and matcher.quick_ratio() >= _LOOSE else 0.0


def _rank(region: Region) -> int:
    return ("country", "federal-district", "admin1").index(region.kind)
