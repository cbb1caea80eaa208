"""From two ends to journeys by sea: what was asked and assumed, how far and how long it is, what it passes, who says otherwise.

Beside them stand what the closures that were asked cost, and the land corridors that join the same ends.

Nothing is assumed in silence: what no words ask for and the answer still rests on stands in its ``assumptions``.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import shapely

from geo import gates, network
from geo.errors import NoRouteError
from geo.measure import KM_PER_NM
from geo.network import SeaLeg
from layers import assumptions, corridors, emissions, published
from layers.assumptions import Assumed
from layers.corridors import Corridor
from layers.emissions import SHIPS, Emitted
from layers.published import Published
from layers.release import Release
from layers.voyages import Voyage, days_at, listed, passage_name

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from layers.catalog import Catalog

_KEPT = 512


@dataclass(frozen=True)
class Closed:
    """A passage that no journey of an answer takes: asked for, or closed by a rule whose words and sources are given."""

    passage: str
    asked: bool
    reason: str
    sources: tuple[str, ...] = ()

    def facts(self) -> dict[str, Any]:
        """Return it as answers carry it."""
        by = "asked" if self.asked else "assumed"
        return {
            "passage": self.passage,
            "name": passage_name(self.passage),
            "by": by,
            "reason": self.reason,
            "sources": list(self.sources),
        }


@dataclass(frozen=True)
class Passed:
    """A passage on the way, and how far from the start it is met; None where its gate does not cross the line."""

    passage: str
    at_km: float | None

    def facts(self) -> dict[str, Any]:
        """Return it as answers carry it."""
        km = self.at_km
        return {
            "passage": self.passage,
            "name": passage_name(self.passage),
            "at_km": None if km is None else round(km, 1),
            "at_nm": None if km is None else round(km / KM_PER_NM, 1),
        }


@dataclass(frozen=True)
class Unclosed:
    """The best way if nothing that was asked were closed or avoided, and how much longer the best journey is than it.

    The rules of date, class and draught stay; ``extra_km`` is None where there is no journey.
    """

    length_km: float
    passages: tuple[str, ...]
    extra_km: float | None
    speed_kn: float

    def facts(self) -> dict[str, Any]:
        """Return it as answers carry it."""
        extra = self.extra_km
        return {
            "length_nm": round(self.length_km / KM_PER_NM, 1),
            "length_km": round(self.length_km, 1),
            "days": round(days_at(self.length_km, self.speed_kn), 2),
            "passages": list(self.passages),
            "extra_nm": None if extra is None else round(extra / KM_PER_NM, 1),
            "extra_km": None if extra is None else round(extra, 1),
            "extra_days": None if extra is None else round(days_at(extra, self.speed_kn), 2),
        }


@dataclass(frozen=True)
class Routes:
    """The answer to a voyage: journeys, best first, or none and the ``reason``; ``season`` is the one that was assumed.

    ``corridors`` join the same ends over land; ``unclosed`` is None where nothing was asked to be closed or avoided; ``notes``
    say what was left out and why.
    """

    voyage: Voyage
    journeys: tuple[Journey, ...]
    closed: tuple[Closed, ...]
    assumptions: tuple[str, ...]
    season: str | None = None
    reason: str = ""
    corridors: tuple[Corridor, ...] = ()
    unclosed: Unclosed | None = None
    notes: tuple[str, ...] = ()

    @property
    def cited(self) -> list[str]:
        """The ids of the sources that the answer names, each once."""
        named = [s for one in self.closed for s in one.sources]
        named += [s for journey in self.journeys for one in journey.emissions for s in one.sources]
        named += [one.claim["source"] for journey in self.journeys for one in journey.published]
        named += [source for corridor in self.corridors for source in corridor.cited]
        return list(dict.fromkeys(named))


@dataclass(frozen=True)
class Journey:
    """One way by sea; ``line`` is split at 180° (RFC 7946), lengths are geodesic and include the access legs.

    ``asked`` is the answer that it is part of, without its journeys.
    """

    asked: Routes
    line: shapely.MultiLineString
    length_km: float
    access_km: tuple[float, float]
    passed: tuple[Passed, ...]
    published: tuple[Published, ...]

    @property
    def voyage(self) -> Voyage:
        """The question."""
        return self.asked.voyage

    @property
    def length_nm(self) -> float:
        """The length in nautical miles."""
        return self.length_km / KM_PER_NM

    @property
    def days(self) -> float:
        """The time under way at the voyage's speed, in days."""
        return days_at(self.length_km, self.voyage.speed_kn)

    @property
    def passages(self) -> tuple[str, ...]:
        """The ids of the passages, in order."""
        return tuple(one.passage for one in self.passed)

    def facts(self, sources: dict[str, dict[str, str]]) -> dict[str, Any]:
        """Return everything but the line, as every door gives it; ``sources`` are citations by id."""
        voyage = self.voyage
        return {
            "from": voyage.start.name,
            "to": voyage.end.name,
            "from_id": voyage.start.address or None,
            "to_id": voyage.end.address or None,
            "length_nm": round(self.length_nm, 1),
            "length_km": round(self.length_km, 1),
            "days": round(self.days, 2),
            "speed_kn": voyage.speed_kn,
            "date": voyage.date.isoformat() if voyage.date else None,
            "season": self.asked.season,
            "ice_class": voyage.ice_class,
            "draught_m": voyage.draught_m,
            "passages": list(self.passages),
            "passed": [one.facts() for one in self.passed],
            "closed": [one.facts() for one in self.asked.closed],
            "avoided": [region.id for region in voyage.avoid],
            "legs": [self._leg()],
            "claims": [self._beside(one, sources) for one in self.published],
            "emissions": [one.facts() for one in self.emissions],
            "assumptions": list(self.asked.assumptions),
        }

    @property
    def emissions(self) -> tuple[Emitted, ...]:
        """What a tonne causes in the average ship of each of a few kinds."""
        return tuple(emissions.emitted(ship, [self._leg()]) for ship in SHIPS)

    def _beside(self, one: Published, sources: dict[str, dict[str, str]]) -> dict[str, Any]:
        if one.is_length:
            return one.beside(self.length_km, "along the water it is", sources)
        return one.beside(self.days, f"at {self.voyage.speed_kn:g} kn it takes", sources)

    def _leg(self) -> dict[str, Any]:
        return {
            "mode": "sea",
            "from": self.voyage.start.name,
            "to": self.voyage.end.name,
            "length_km": round(self.length_km, 1),
            "days": round(self.days, 2),
            "access_km": [round(km, 1) for km in self.access_km],
        }


# --- answering


_ANSWERS: WeakKeyDictionary[Release, OrderedDict[Voyage, Routes]] = WeakKeyDictionary()


def answer(catalog: Catalog, voyage: Voyage) -> Routes:
    """Return the journeys of a voyage; what was answered of a release before is kept."""
    kept = _ANSWERS.setdefault(catalog.release, OrderedDict())
    found = kept.get(voyage)
    if found is None:
        found = kept[voyage] = _answer(catalog, voyage)
        while len(kept) > _KEPT:
            kept.popitem(last=False)
    return found


def _answer(catalog: Catalog, voyage: Voyage) -> Routes:
    assumed = _assumed(voyage, voyage.open)
    closed = _closed(voyage, assumed)
    avoided, also = _avoided(voyage)
    empty = Routes(
        voyage, (), closed, (_speed(voyage), *assumed.notes, *_winter(voyage), *_idly_opened(voyage), *also), assumed.season
    )
    sea = corridors.Sea({one.passage: one.reason for one in closed}, avoided, voyage.speed_kn)
    by_land = corridors.between(catalog, voyage.start, voyage.end, sea)
    empty = replace(empty, corridors=by_land.corridors, notes=by_land.notes)
    try:
        legs = _legs(voyage, frozenset(sea.close), avoided)
    except NoRouteError as error:
        return replace(empty, reason=_no_way(error, voyage, closed), unclosed=_unclosed(voyage, assumed, None))
    said = published.between(catalog, voyage.start, voyage.end)
    unclosed = _unclosed(voyage, assumed, legs[0].length_km)
    return replace(empty, journeys=tuple(_journey(empty, leg, said) for leg in legs), unclosed=unclosed)


def _unclosed(voyage: Voyage, assumed: Assumed, length_km: float | None) -> Unclosed | None:
    if not (voyage.close or voyage.avoid):
        return None
    lanes = network.lanes()
    ruled = frozenset(assumed.closed) & lanes.passages
    try:
        leg = lanes.route(voyage.start.place, voyage.end.place, close=ruled)
    except NoRouteError:
        return None  # it is not what was asked that cuts the way: the reason says what does
    extra = None if length_km is None else length_km - leg.length_km
    return Unclosed(leg.length_km, leg.passages, extra, voyage.speed_kn)


def _legs(voyage: Voyage, shut: frozenset[str], avoid: tuple[BaseGeometry, ...]) -> list[SeaLeg]:
    lanes, start, end = network.lanes(), voyage.start.place, voyage.end.place
    if voyage.alternatives == 1:
        return [lanes.route(start, end, close=shut, avoid=avoid)]
    return lanes.alternatives(start, end, count=voyage.alternatives, close=shut, avoid=avoid)


def _journey(routes: Routes, leg: SeaLeg, said: tuple[Published, ...]) -> Journey:
    # Where the gate is crossed is finer than the network's, which knows the edge: one over open water may cross two gates.
    known, by_edge = gates.gates(), dict(leg.passed)
    met = [(gates.met_km(leg.line, known[p].line) if p in known else None, p) for p in leg.passages]
    placed = [Passed(p, by_edge.get(p) if km is None else km) for km, p in met]
    placed.sort(key=lambda one: float("inf") if one.at_km is None else one.at_km)
    of_this = tuple(one for one in said if one.is_of(leg.passages))
    return Journey(routes, leg.line, leg.length_km, leg.access_km, tuple(placed), of_this)


def _closed(voyage: Voyage, assumed: Assumed) -> tuple[Closed, ...]:
    """Return what is closed: as asked, and by a rule or a habit that is said."""
    known = network.lanes().passages
    asked = [Closed(passage, True, "as asked") for passage in sorted(voyage.close)]
    ruled = [
        Closed(passage, False, reason.text, tuple(reason.sources))
        for passage, reason in assumed.closed.items()
        if passage in known and passage not in voyage.close
    ]
    return (*asked, *ruled)


def _assumed(voyage: Voyage, opened: frozenset[str]) -> Assumed:
    return assumptions.assume(voyage.date, ice_class=voyage.ice_class, draught_m=voyage.draught_m, opened=opened)


def _winter(voyage: Voyage) -> tuple[str, ...]:
    ends = (end.address.partition("/") for end in (voyage.start, voyage.end))
    names = {end.address: end.name for end in (voyage.start, voyage.end)}
    harbours = {port: names[f"{layer}/{port}"] for layer, _, port in ends if layer == "ports"}
    return assumptions.winter_at(harbours, voyage.date, voyage.ice_class)


def _idly_opened(voyage: Voyage) -> list[str]:
    idle = voyage.open - set(_assumed(voyage, frozenset()).closed) if voyage.open else ()
    return [f"{passage_name(passage)} was asked to be open; nothing closes it." for passage in sorted(idle)]


def _avoided(voyage: Voyage) -> tuple[tuple[BaseGeometry, ...], tuple[str, ...]]:
    """Return the waters to keep out of, and what is to be said of them."""
    if not voyage.avoid:
        return (), ()
    from geo import waters  # noqa: PLC0415  few ask for it, and it reads the polygons

    areas, said = [], []
    for region in voyage.avoid:
        area = waters.of_region(region.id)
        areas.append(area)
        said.append(
            f"The waters of {region.label()} are avoided: its land and what lies within {waters.WATERS_NM:g} nm of the shipped "
            "coast, an approximation of its territorial sea that knows no baselines."
        )
        inside = [end.name for end in (voyage.start, voyage.end) if shapely.intersects_xy(area, end.lon, end.lat)]
        if inside:
            said.append(
                f"{' and '.join(inside)} {'lies' if len(inside) == 1 else 'lie'} within them: from there the way leads out."
            )
    return tuple(areas), tuple(said)


def _speed(voyage: Voyage) -> str:
    why = "an assumption of the atlas, since no speed is given" if voyage.speed_assumed else "as asked"
    return f"The speed is {voyage.speed_kn:g} kn all the way, {why}; no time in ports, canals or ice is added."


def _no_way(error: NoRouteError, voyage: Voyage, closed: tuple[Closed, ...]) -> str:
    """Return why there is no way: the closures that cut it, the rule behind those that nobody asked for, and what else was."""
    told = f" with {listed(sorted(error.closures))} closed" if error.closures else ""
    avoided = f" and the waters of {listed([region.label() for region in voyage.avoid])} avoided" if error.areas else ""
    first = f"There is no way by sea from {voyage.start.name} to {voyage.end.name}{told}{avoided}."
    others = sorted(voyage.close - set(error.closures))
    also = f"Closed as well, which alone cuts nothing: {listed(others)}." if others else ""
    rules = (one.reason for one in closed if not one.asked and one.passage in error.closures)
    return " ".join(filter(None, (first, *rules, also)))
