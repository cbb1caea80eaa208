"""The legs of the trade routes as one graph, and the shortest chain of them between two places.

A land leg leads from waypoint to waypoint; where it is left or entered midway, it counts with its share of the cited length.
A sea leg is as long as the way that is open, which the asker reckons. Ports and stations near each other are joined, and no
length is counted between them.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import gates, measure
from layers.release import Release

LAYER = "trade-routes"
NEAR_KM = 30.0
"""How far apart a port and a station may lie and be joined: as far as a port is called by another's name."""

_JOIN_KM = 60.0  # what the build takes for joined, unless a leg says why it is not (layers.routes)
_DETOUR = 2.0  # the way between a port and a station is no straight line: no such step is taken to save a few km
_CHANGE_KM = 50.0  # of two ways as long, the one that changes corridor less
_GRID = 4  # decimals of a degree: the same place in two legs is written alike

Place = tuple[float, float]
SeaKm = Callable[["Leg"], float | None]


@dataclass(frozen=True)
class Leg:
    """A leg of a corridor: ``nodes`` are its waypoints, ``km`` the length of each part, empty where the sea decides it."""

    number: int
    corridor: str
    branch: str
    facts: Mapping[str, Any]
    line: shapely.LineString
    nodes: tuple[int, ...]
    km: tuple[float, ...]

    @property
    def mode(self) -> str:
        """How goods are carried."""
        return str(self.facts["mode"])

    @property
    def published_km(self) -> float | None:
        """The cited length of the whole leg."""
        return self.facts.get("length_published_km")

    def called(self, at: int) -> str:
        """Return the name of a waypoint: the leg's own word for its ends."""
        if at in (0, len(self.nodes) - 1):
            return str(self.facts["to" if at else "from"])
        return str(self.facts["waypoints"][at])

    @cached_property
    def passages(self) -> tuple[str, ...]:
        """The passages whose gates a river leg crosses; those of a sea leg depend on the way that is open."""
        if self.mode != "river":
            return ()
        return tuple(gate.id for gate in gates.gates().values() if shapely.intersects(gate.line, self.line))


class Piece(NamedTuple):
    """A leg or part of one, from one of its waypoints to another; backward where the first is the later one."""

    leg: Leg
    first: int
    last: int

    @property
    def start(self) -> str:
        """The name of the place where it begins."""
        return self.leg.called(self.first)

    @property
    def end(self) -> str:
        """The name of the place where it ends."""
        return self.leg.called(self.last)

    @property
    def whole(self) -> bool:
        """Whether it is all of the leg."""
        return abs(self.last - self.first) == len(self.leg.nodes) - 1


class _Step(NamedTuple):
    leg: int
    at: int
    to: int


class _State(NamedTuple):
    node: int
    corridor: str


@dataclass(frozen=True)
class TradeRoute:
    """A trade route with legs on land: its id, its name, its claims, and the ends of its main way."""

    id: str
    name: str
    claims: tuple[dict[str, Any], ...]
    ends: tuple[str, str]


@dataclass(frozen=True)
class LandWays:
    """The graph: corridors, legs, the position of each node, and nodes that are joined with the km between them."""

    corridors: Mapping[str, TradeRoute]
    legs: tuple[Leg, ...]
    places: NDArray[np.float64]
    joins: Mapping[int, tuple[tuple[int, float], ...]]

    def near(self, place: Place) -> dict[int, float]:
        """Return the nodes within reach of a place, and how far each is in km."""
        if not len(self.places):
            return {}
        away = measure.distance_km(*place, self.places[:, 0], self.places[:, 1])
        return {n: float(away[n]) for n in np.flatnonzero(away <= NEAR_KM).tolist()}

    def chain(
        self, starts: Mapping[int, float], ends: Mapping[int, float], legs: Collection[int], sea_km: SeaKm
    ) -> tuple[Piece, ...] | None:
        """Return the shortest chain over some of the legs, or None; ``sea_km`` is a sea leg's length, None where it is cut."""
        first = [(km * _DETOUR, _State(node, "")) for node, km in starts.items()]
        queue = [(cost, n, state) for n, (cost, state) in enumerate(first)]
        heapq.heapify(queue)
        best = {state: cost for cost, state in first}
        came: dict[_State, tuple[_State, _Step | None]] = {}
        arrived = _State(-1, "")
        count = len(queue)
        while queue:
            cost, _, state = heapq.heappop(queue)
            if state == arrived:
                return tuple(self._pieces(came, state))
            if cost > best[state]:
                continue
            for km, following, step in self._onward(state, ends, legs, sea_km):
                if cost + km < best.get(following, float("inf")):
                    best[following] = cost + km
                    came[following] = state, step
                    count += 1
                    heapq.heappush(queue, (cost + km, count, following))
        return None

    def _onward(
        self, state: _State, ends: Mapping[int, float], legs: Collection[int], sea_km: SeaKm
    ) -> Iterator[tuple[float, _State, _Step | None]]:
        node, corridor = state
        if node in ends:
            yield ends[node] * _DETOUR, _State(-1, ""), None
        for other, km in self.joins.get(node, ()):
            yield km * _DETOUR, _State(other, corridor), None
        for step in self._steps.get(node, ()):
            if step.leg not in legs:
                continue
            leg = self.legs[step.leg]
            along = leg.km[min(step.at, step.to)] if leg.km else sea_km(leg)
            if along is not None:
                change = _CHANGE_KM if corridor not in ("", leg.corridor) else 0.0
                yield along + change, _State(leg.nodes[step.to], leg.corridor), step

    @cached_property
    def _steps(self) -> dict[int, list[_Step]]:
        found: dict[int, list[_Step]] = {}
        for leg in self.legs:
            for at in range(len(leg.nodes) - 1):
                found.setdefault(leg.nodes[at], []).append(_Step(leg.number, at, at + 1))
                found.setdefault(leg.nodes[at + 1], []).append(_Step(leg.number, at + 1, at))
        return found

    def _pieces(self, came: Mapping[_State, tuple[_State, _Step | None]], state: _State) -> Iterator[Piece]:
        steps: list[_Step] = []
        while state in came:
            state, step = came[state]
            steps += [step] if step else []
        steps.reverse()
        for number, run in groupby(steps, key=lambda step: step.leg):
            taken = list(run)
            yield Piece(self.legs[number], taken[0].at, taken[-1].to)


_KEPT: WeakKeyDictionary[Release, LandWays] = WeakKeyDictionary()


def land_ways(release: Release) -> LandWays:
    """Return the graph of a release, laid once; empty where it has no trade routes."""
    if release not in _KEPT:
        known = release.layers.get(LAYER)
        features = [] if known is None else [release.layer(LAYER).feature(row) for row in range(len(release.layer(LAYER)))]
        _KEPT[release] = lay([f for f in features if any(leg["mode"] != "sea" for leg in f["properties"]["legs"])])
    return _KEPT[release]


def lay(features: Iterable[Mapping[str, Any]]) -> LandWays:
    """Return the graph of trade routes as a release holds them."""
    found = [(f, leg, line) for f in features for leg, line in _legs(f)]
    nodes: dict[Place, int] = {}
    at = [tuple(nodes.setdefault(place, len(nodes)) for place in _stops(leg, line)) for _, leg, line in found]
    places = np.array(list(nodes), dtype=np.float64).reshape(-1, 2)
    shares = _shares([() if leg["mode"] == "sea" else stops for (_, leg, _), stops in zip(found, at, strict=True)], places)
    legs = tuple(
        Leg(n, str(f["id"]), leg.get("branch", ""), leg, shapely.LineString(line), at[n], _km(leg, shares[n]))
        for n, (f, leg, line) in enumerate(found)
    )
    corridors = {str(f["id"]): _route(f) for f, _, _ in found}
    return LandWays(corridors, legs, places, _joins(legs, places))


def _route(feature: Mapping[str, Any]) -> TradeRoute:
    p = feature["properties"]
    main = [leg for leg in p["legs"] if "branch" not in leg]
    return TradeRoute(str(feature["id"]), p["name"], tuple(p["claims"]), (main[0]["from"], main[-1]["to"]))


def _legs(feature: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], list[list[float]]]]:
    """Return each leg with its line: parts that 180° divides are one."""
    lines: list[list[list[float]]] = []
    for part in feature["geometry"]["coordinates"]:
        before = lines[-1][-1] if lines else [0.0, 0.0]
        if abs(before[0]) == 180 and part[0][0] == -before[0] and part[0][1] == before[1]:
            lines[-1] = [*lines[-1], *part]
        else:
            lines.append(part)
    return zip(feature["properties"]["legs"], lines, strict=True)


def _stops(leg: Mapping[str, Any], line: list[list[float]]) -> list[Place]:
    kept = [line[0], line[-1]] if leg["mode"] == "sea" else line
    return [(round(lon, _GRID), round(lat, _GRID)) for lon, lat, *_ in kept]


def _shares(stops: list[tuple[int, ...]], places: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return the length of each part of each land leg as drawn, in km; all are measured at once."""
    counts = [max(len(one) - 1, 0) for one in stops]
    a = np.array([n for one in stops for n in one[:-1]], dtype=np.int64)
    b = np.array([n for one in stops for n in one[1:]], dtype=np.int64)
    km = measure.distance_km(places[a, 0], places[a, 1], places[b, 0], places[b, 1]) if len(a) else np.zeros(0)
    return np.split(km, np.cumsum(counts)[:-1])


def _km(leg: Mapping[str, Any], drawn: NDArray[np.float64]) -> tuple[float, ...]:
    scale = leg.get("length_published_km", drawn.sum()) / drawn.sum() if len(drawn) else 1.0
    return tuple((drawn * scale).tolist())


def _joins(legs: tuple[Leg, ...], places: NDArray[np.float64]) -> dict[int, tuple[tuple[int, float], ...]]:
    """Return what is joined: ports with stations near them, and legs of a main way that the build takes for joined."""
    near: dict[int, dict[int, float]] = {}

    def join(a: int, others: NDArray[np.int64], most: float) -> None:
        lon, lat = places[a]
        away = measure.distance_km(lon, lat, places[others, 0], places[others, 1])
        for other, km in zip(others.tolist(), away.tolist(), strict=True):
            if other != a and km <= most:
                near.setdefault(a, {})[other] = near.setdefault(other, {})[a] = km

    for port in sorted({node for leg in legs if leg.mode == "sea" for node in leg.nodes}):
        join(port, np.arange(len(places)), NEAR_KM)
    for before, after in pairwise(leg for leg in legs if not leg.branch):
        if before.corridor == after.corridor and before.nodes[-1] != after.nodes[0] and "gap" not in after.facts:
            join(before.nodes[-1], np.array([after.nodes[0]]), _JOIN_KM)
    return {a: tuple(found.items()) for a, found in near.items()}
