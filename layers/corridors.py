"""Land corridors between two ends: rail, road and river legs with the sea legs that join them, beside the way by sea.

A corridor is a trade route of the atlas with legs on land, or several of them where none joins the two ends alone. Its sea
legs are sailed as the voyage may be: with its closures, waters to avoid and speed. Land legs have the lengths and times that
are cited; nothing is reckoned for a time that no source gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

from shapely.geometry.base import BaseGeometry

from geo import measure, network
from geo.errors import NoRouteError
from geo.measure import KM_PER_NM
from geo.network import SeaLeg
from layers import emissions, landways, rules, units
from layers.emissions import Emitted
from layers.ends import End, ports
from layers.landways import LandWays, Leg, Piece
from layers.published import FIELDS, Published, number
from layers.rules import Transfer
from layers.voyages import days_at, listed, passage_name

if TYPE_CHECKING:
    from layers.catalog import Catalog

MOST = 6
"""So many corridors at most, best first."""

_MOST_TOGETHER = 3  # India to the Baikal–Amur line takes three; more make no corridor that anybody offers
_NO_LONGER = 1.5  # a chain over several corridors that is so many times as long as the shortest is none
_APART_KM = 5.0  # nearer than that a port and its station are one place
_COUNTRIES = ("Russia", "India")  # a claim may name an end by its country: shown, compared with nothing
_TIMES = ("whole corridor", "leg", "border wait", "canal passage")
_CARRIED = {"sea", "rail", "road", "river"}


@dataclass(frozen=True)
class Sea:
    """How the sea may be sailed: the closed passages with the reason for each, the waters to avoid, and the speed."""

    close: Mapping[str, str]
    avoid: tuple[BaseGeometry, ...]
    speed_kn: float


@dataclass(frozen=True)
class CorridorLeg:
    """A leg of a corridor; ``days`` is None where no time is cited, ``length_source`` says where its length comes from."""

    corridor: str
    branch: str
    mode: str
    start: str
    end: str
    length_km: float
    length_source: str
    days: float | None
    passages: tuple[str, ...]
    sources: tuple[str, ...]
    note: str

    def facts(self) -> dict[str, Any]:
        """Return it as answers carry it."""
        return {
            "mode": self.mode,
            "from": self.start,
            "to": self.end,
            "length_km": round(self.length_km, 1),
            "length_source": self.length_source,
            "days": None if self.days is None else round(self.days, 2),
            "passages": list(self.passages),
            "trade_route": self.corridor,
            "branch": self.branch or None,
            "sources": list(self.sources),
            "note": self.note,
        }


@dataclass(frozen=True)
class Beside:
    """A claim of a corridor or of a part of it, and the computed value of that part, None where none is to be compared."""

    published: Published
    computed: float | None

    def facts(self, sources: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
        """Return it as answers carry it."""
        words = "by these legs it is" if self.published.is_length else "by the cited times it takes"
        return self.published.beside(self.computed, words, sources)


@dataclass(frozen=True)
class Corridor:
    """A chain of legs between two ends, over one trade route or several: ``parts`` are their ids and names."""

    parts: tuple[tuple[str, str], ...]
    legs: tuple[CorridorLeg, ...]
    claims: tuple[Beside, ...]
    notes: tuple[str, ...]

    @property
    def id(self) -> str:
        """The ids of its trade routes and the branches it takes, as one word."""
        branches = dict.fromkeys(leg.branch for leg in self.legs if leg.branch)
        return "-".join(
            ("+".join(id_ for id_, _ in self.parts), *(re.sub(r"\W+", "-", b).strip("-").lower() for b in branches))
        )

    @property
    def name(self) -> str:
        """The names of its trade routes, each with the branches it takes."""
        return " + ".join(", ".join((name, *self._branches(id_))) for id_, name in self.parts)

    def _branches(self, corridor: str) -> Iterable[str]:
        return dict.fromkeys(leg.branch for leg in self.legs if leg.branch and leg.corridor == corridor)

    @property
    def length_km(self) -> float:
        """The sum of the legs, in km."""
        return sum(leg.length_km for leg in self.legs)

    @property
    def days(self) -> float | None:
        """The sum of the legs, None where one has no cited time: a sum of a part would look like the whole."""
        known = [leg.days for leg in self.legs if leg.days is not None]
        return sum(known) if len(known) == len(self.legs) else None

    @property
    def modes(self) -> tuple[str, ...]:
        """How goods are carried, in the order of the way."""
        return tuple(dict.fromkeys(leg.mode for leg in self.legs))

    @property
    def passages(self) -> tuple[str, ...]:
        """The ids of the passages, in the order of the way."""
        return tuple(dict.fromkeys(passage for leg in self.legs for passage in leg.passages))

    @cached_property
    def emissions(self) -> tuple[Emitted, ...]:
        """What a tonne causes, by rail and road and in the average ship of each of a few kinds."""
        return tuple(emissions.emitted(ship, [self._carried(leg) for leg in self.legs]) for ship in emissions.SHIPS)

    @staticmethod
    def _carried(leg: CorridorLeg) -> dict[str, Any]:
        return {"mode": leg.mode, "from": leg.start, "to": leg.end, "length_km": leg.length_km}

    @property
    def cited(self) -> tuple[str, ...]:
        """The ids of the sources of its lengths, times and factors."""
        named = [source for leg in self.legs for source in leg.sources]
        named += [one.published.claim["source"] for one in self.claims]
        return tuple(dict.fromkeys([*named, *(source for one in self.emissions for source in one.sources)]))

    def facts(self, sources: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
        """Return it as every door gives it; ``sources`` are citations by id."""
        days = self.days
        return {
            "id": self.id,
            "name": self.name,
            "parts": [{"id": id_, "name": name} for id_, name in self.parts],
            "length_km": round(self.length_km, 1),
            "length_nm": round(self.length_km / KM_PER_NM, 1),
            "days": None if days is None else round(days, 2),
            "modes": list(self.modes),
            "passages": list(self.passages),
            "legs": [leg.facts() for leg in self.legs],
            "emissions": [one.facts() for one in self.emissions],
            "claims": [one.facts(sources) for one in self.claims],
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Found:
    """The corridors between two ends, best first, and what is to be said of those that are cut."""

    corridors: tuple[Corridor, ...] = ()
    notes: tuple[str, ...] = ()


def between(catalog: Catalog, start: End, end: End, sea: Sea) -> Found:
    """Return the corridors that join two ends: each that does so alone, and those that do so together."""
    ways = landways.land_ways(catalog.release)
    near = ways.near(start.place), ways.near(end.place)
    if not all(near):
        return Found()
    search = _Search(ways, *near, sea)
    known = ports(catalog.release)
    ends = _End(start, known.around(start)), _End(end, known.around(end))
    chains = _unlike(search.chains())
    found = sorted((_told(search, chain, ends) for chain in chains), key=lambda one: one.length_km)
    kept = tuple(one for one in found if one.length_km <= _NO_LONGER * found[0].length_km)[:MOST]
    return Found(kept, tuple(search.cuts(joined=bool(kept))))


# --- chains


@dataclass
class _Search:
    """One question to the graph: which legs are open, and how long the sea legs are as the sea may be sailed."""

    ways: LandWays
    starts: Mapping[int, float]
    ends: Mapping[int, float]
    sea: Sea
    sailed: dict[int, SeaLeg | None] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)

    def sea_leg(self, leg: Leg) -> SeaLeg | None:
        """Return a sea leg as it may be sailed, or None where it is cut; each is sailed once."""
        if leg.number not in self.sailed:
            start, end = ((float(lon), float(lat)) for lon, lat in self.ways.places[list(leg.nodes)])
            close = frozenset(self.sea.close)
            try:
                self.sailed[leg.number] = network.lanes().route(start, end, close=close, avoid=self.sea.avoid)
            except NoRouteError as error:
                self.sailed[leg.number] = None
                shut = f" with {listed(sorted(error.closures))} closed" if error.closures else ""
                away = " outside the waters to avoid" if error.areas else ""
                self.reasons[leg.number] = f"no way by sea from {leg.facts['from']} to {leg.facts['to']}{shut}{away}"
        return self.sailed[leg.number]

    def _sea_km(self, leg: Leg) -> float | None:
        """Return the length of a sea leg, None where it is cut; of one that was not sailed yet as the release draws it."""
        if leg.number not in self.sailed:
            return float(leg.facts["length_km"])
        found = self.sailed[leg.number]
        return None if found is None else found.length_km

    def _shut(self, leg: Leg) -> bool:
        shut = [p for p in leg.passages if p in self.sea.close]
        if shut:
            self.reasons[leg.number] = " ".join(f"{passage_name(p)} is closed: {self.sea.close[p]}" for p in shut).rstrip(".")
        return bool(shut)

    @cached_property
    def _open(self) -> frozenset[int]:
        return frozenset(leg.number for leg in self.ways.legs if not self._shut(leg))

    def _of(self, corridors: Iterable[str]) -> frozenset[int]:
        taken = set(corridors)
        return frozenset(leg.number for leg in self.ways.legs if leg.corridor in taken)

    def _chain(self, legs: frozenset[int]) -> tuple[Piece, ...] | None:
        """Return the shortest chain; of sea legs only those that it takes are sailed, for that costs most."""
        while chain := self.ways.chain(self.starts, self.ends, legs & self._open, self._sea_km):
            new = [piece.leg for piece in chain if piece.leg.mode == "sea" and piece.leg.number not in self.sailed]
            for leg in new:
                self.sea_leg(leg)
            if not new:
                return chain if _on_land(chain) else None
        return None

    def chains(self) -> Iterator[tuple[Piece, ...]]:
        """Return the shortest chain of each corridor that joins the ends, then of those that do so together."""
        if not self._chain(self._of(self.ways.corridors)):
            return
        joined: list[frozenset[str]] = []
        for count in range(1, _MOST_TOGETHER + 1):
            if count > 2 and joined:
                return
            for taken in map(frozenset, combinations(self.ways.corridors, count)):
                if any(fewer <= taken for fewer in joined):
                    continue
                if chain := self._chain(self._of(taken)):
                    joined.append(taken)
                    yield from self._by_branch(chain, taken)

    def _by_branch(self, chain: tuple[Piece, ...], taken: frozenset[str]) -> Iterator[tuple[Piece, ...]]:
        """Return a chain, and those without each branch that it takes."""
        yield chain
        legs = self._of(taken)
        for corridor, branch in dict.fromkeys((p.leg.corridor, p.leg.branch) for p in chain if p.leg.branch):
            without = {n for n in legs if (self.ways.legs[n].corridor, self.ways.legs[n].branch) == (corridor, branch)}
            other = self._chain(legs - without)
            if other and {piece.leg.corridor for piece in other} == taken:
                yield other

    def cuts(self, *, joined: bool) -> Iterator[str]:
        """Return what is to be said of the corridors that would join the ends if nothing were closed."""
        cut = {route.name: self._cut([id_]) for id_, route in self.ways.corridors.items()}
        said = [f"{name} is left out: {why}." for name, why in cut.items() if why]
        yield from said
        if not (joined or said) and (why := self._cut(self.ways.corridors)):
            yield f"The corridors over land that join these ends together are left out: {why}."

    def _cut(self, taken: Iterable[str]) -> str | None:
        """Return what cuts the shortest chain that there would be if nothing were closed, None where none is cut."""
        legs = self._of(taken)
        chain = self.ways.chain(self.starts, self.ends, legs, lambda leg: float(leg.facts["length_km"]))
        if not chain or not _on_land(chain) or self._chain(legs):
            return None
        return "; ".join(dict.fromkeys(self.reasons[p.leg.number] for p in chain if p.leg.number in self.reasons))


def _on_land(chain: Iterable[Piece]) -> bool:
    return any(piece.leg.mode != "sea" for piece in chain)


def _unlike(chains: Iterable[tuple[Piece, ...]]) -> Iterator[tuple[Piece, ...]]:
    """Return chains without those that repeat the legs of another under another trade route's name."""
    seen = set()
    for chain in chains:
        legs = tuple((piece.leg.mode, piece.leg.nodes[piece.first], piece.leg.nodes[piece.last]) for piece in chain)
        if legs not in seen:
            seen.add(legs)
            yield chain


# --- telling


@dataclass(frozen=True)
class _End:
    """An end that is asked for, and what it is called."""

    end: End
    called: frozenset[str]


def _told(search: _Search, chain: tuple[Piece, ...], ends: tuple[_End, _End]) -> Corridor:
    legs = tuple(_leg(search, piece) for piece in chain)
    routes = [search.ways.corridors[id_] for id_ in dict.fromkeys(leg.corridor for leg in legs)]
    stretch = _Stretch(legs, _places(chain, ends))
    claims = [one for route in routes for one in _claims(route, stretch)]
    told = {(one.published.claim["source"], one.published.amount) for one in claims}
    claims += [one for one in _times(stretch) if (one.published.claim["source"], one.published.amount) not in told]
    parts = tuple((route.id, route.name) for route in routes)
    return Corridor(parts, legs, tuple(claims), tuple(_notes(search.ways, chain, legs, ends)))


def _leg(search: _Search, piece: Piece) -> CorridorLeg:
    leg, sailed = piece.leg, search.sailed.get(piece.leg.number)
    passages = leg.passages
    if sailed is not None:
        km, source = sailed.length_km, "computed on the sea network"
        passages = sailed.passages if piece.first < piece.last else tuple(reversed(sailed.passages))
        days: float | None = days_at(km, search.sea.speed_kn)
    else:
        km, source = sum(leg.km[min(piece[1:]) : max(piece[1:])]), _length_source(piece)
        days = _cited_days(passages) if piece.whole else None
    sources, note = tuple(leg.facts["sources"]), str(leg.facts["note"])
    return CorridorLeg(leg.corridor, leg.branch, leg.mode, piece.start, piece.end, km, source, days, passages, sources, note)


def _length_source(piece: Piece) -> str:
    cited = piece.leg.published_km
    if cited is None:
        return "computed along its waypoints"
    return "cited" if piece.whole else f"share of the cited {cited:,g} km"


def _cited_days(passages: Iterable[str]) -> float | None:
    """Return the time of a canal, the last that is cited: of a range its high end."""
    names = {passage_name(passage) for passage in passages}
    held = [row for row in rules.shipped().transfers if row.what == "canal passage" and row.start in names]
    return _days(held[-1]) if held else None


def _days(row: Transfer) -> float:
    return float(row.value) / {"days": 1, "hours": 24}[row.unit]


def _places(chain: tuple[Piece, ...], ends: tuple[_End, _End]) -> list[frozenset[str]]:
    """Return what each place between the legs is called, the ends by the names of the ports around them too."""
    words = [[chain[0].start], *([a.end, b.start] for a, b in pairwise(chain)), [chain[-1].end]]
    called = [frozenset(name for word in some for name in (word, _plain(word))) for some in words]
    called[0] |= ends[0].called
    called[-1] |= ends[1].called
    return called


def _plain(name: str) -> str:
    """Return a name without what is said of it: Moscow (Vorsino) is Moscow."""
    return name.split(" (", maxsplit=1)[0]


@dataclass(frozen=True)
class _Stretch:
    """Legs, and what the places between them are called: one more than there are legs."""

    legs: tuple[CorridorLeg, ...]
    places: list[frozenset[str]]

    def at(self, name: str) -> int | None:
        """Return the number of the place of that name, or None."""
        return next((n for n, called in enumerate(self.places) if {name, _plain(name)} & called), None)

    def between(self, first: str, last: str) -> tuple[CorridorLeg, ...]:
        """Return the legs between two places by name, none where either is not on the way."""
        a, b = self.at(first), self.at(last)
        return () if a is None or b is None else self.legs[min(a, b) : max(a, b)]

    def named_in(self, text: str) -> tuple[CorridorLeg, ...]:
        """Return the legs between the first and the last place that a text names, none where it names fewer than two."""
        met = [n for n, called in enumerate(self.places) if any(name in text for name in called)]
        return self.legs[met[0] : met[-1]] if met else ()


def _claims(route: landways.TradeRoute, stretch: _Stretch) -> Iterator[Beside]:
    """Return the published lengths and times of a trade route that speak of the way or of a part of it."""
    whole = stretch.between(*route.ends)
    for claim in route.claims:
        if claim["field"] not in FIELDS:
            continue
        words = claim["category"]
        part = whole if words == words.lower() else stretch.named_in(words)
        abroad = bool(whole) and not words.startswith("other ends") and any(country in words for country in _COUNTRIES)
        if part or abroad:
            one = Published(
                route.id, route.name, claim, units.convert(str(claim["value"]), claim["unit"], FIELDS[claim["field"]])
            )
            yield Beside(one, _computed(one, () if abroad and not part else part))


def _times(stretch: _Stretch) -> Iterator[Beside]:
    """Return the cited times of corridors, legs, borders and canals that are on the way and carried as they say."""
    for row in rules.shipped().transfers:
        if row.what in _TIMES and row.unit in ("days", "hours"):
            part = stretch.between(row.start, row.end) if row.end else ()
            if (part and _carried(row) == {leg.mode for leg in part}) or (not row.end and _waits(row, stretch)):
                one = _published(row)
                yield Beside(one, _computed(one, part))


def _carried(row: Transfer) -> set[str]:
    return set(re.findall(r"[a-z]+", row.mode)) & _CARRIED


def _waits(row: Transfer, stretch: _Stretch) -> bool:
    """Tell whether a border or a canal is on the way."""
    if row.what == "canal passage":
        return any(passage_name(p) == row.start for leg in stretch.legs for p in leg.passages)
    return any({row.start} & {_plain(leg.start), _plain(leg.end)} and leg.mode == row.mode for leg in stretch.legs)


def _published(row: Transfer) -> Published:
    ends = "–".join(filter(None, (row.start, row.end)))
    claim = {
        "field": "transit_days",
        "value": number(row.value),
        "unit": row.unit,
        "category": f"{row.what}: {ends}, {row.mode}",
        "as_of": row.as_of,
        "source": row.source,
        "note": row.note,
    }
    return Published("", "", claim, _days(row))


def _computed(one: Published, part: tuple[CorridorLeg, ...]) -> float | None:
    amounts = [leg.length_km if one.is_length else leg.days for leg in part]
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known and len(known) == len(amounts) else None


def _notes(ways: LandWays, chain: tuple[Piece, ...], legs: tuple[CorridorLeg, ...], ends: tuple[_End, _End]) -> Iterator[str]:
    for asked, piece, at in ((ends[0], chain[0], 0), (ends[1], chain[-1], -1)):
        lon, lat = ways.places[(piece.leg.nodes[piece.first], piece.leg.nodes[piece.last])[at]]
        km = float(measure.distance_km(*asked.end.place, lon, lat))
        if km >= _APART_KM:
            place = piece.end if at else piece.start
            yield f"{asked.end.name} lies {km:.0f} km from {place}, where the corridor {'ends' if at else 'begins'}."
    for before, after in pairwise(chain):
        km = dict(ways.joins.get(before.leg.nodes[before.last], ())).get(after.leg.nodes[after.first], 0.0)
        if km >= _APART_KM:
            yield f"{before.end} and {after.start}, which join, lie {km:.0f} km apart: no length is counted between them."
    drawn = [f"{leg.start}–{leg.end}" for leg in legs if leg.length_source == "computed along its waypoints"]
    if drawn:
        yield f"No length is cited of {listed(drawn)}: straight from waypoint to waypoint, less than the line is long."
    timeless = sum(leg.days is None for leg in legs)
    if timeless:
        yield f"No time is cited of {timeless} of {len(legs)} legs: there is no sum. Published times of the way stand beside."
