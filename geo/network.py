"""The sea network: frozen lanes, passages that can be closed, and the shortest ways between places.

The network never changes once it is loaded; what a caller wants closed or avoided is an argument of the call and ends with it.
Lanes after Eurostat's searoute (EUPL-1.2) through the package searoute; see scripts/build_network.py and NOTICE.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from threading import Lock
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo import measure
from geo.antimeridian import split_line
from geo.approaches import Approach, Approaches, Place
from geo.avoidance import Avoidance, Barred, open_part, shortest
from geo.errors import DataError, Faults, InputError, NoRouteError, UnknownError, nearest
from geo.gates import gates as shipped_gates
from geo.hierarchy import Hierarchy
from geo.lanes import read as read_lanes
from geo.mouths import Shut, mouths
from geo.routing import Floats, Graph, Way, exact_km, plain
from geo.skeleton import Skeleton, make_skeleton

_PREPARED_AFTER, _WITH_SKELETON = 12, 2
"""Searches after which the hierarchy is made: it takes about as long as so many of Dijkstra's, less with a skeleton given."""
_MOST_ALTERNATIVES = 10
_MOST_CLOSURES = 500
"""Sets of closures that are tried for alternatives, the most promising first: past them only long detours are left."""
_ALIKE = 0.8
"""The share of its length from which a way along a better one is no alternative to it."""
Item = TypeVar("Item")


@dataclass(frozen=True)
class SeaLeg:
    """A way over water.

    ``line`` is split at 180° (RFC 7946); ``length_km`` is geodesic and includes the two access legs, straight lines
    of ``access_km`` from the places to the network; ``passages`` are in the order in which they are first sailed, and
    ``passed`` says how many km from the start that is, in the middle of the edge that crosses the passage's gate. ``nodes``
    are the network's, by number. From a place to itself all is empty and 0 km long.
    """

    line: shapely.MultiLineString
    length_km: float
    access_km: tuple[float, float]
    passages: tuple[str, ...]
    passed: tuple[tuple[str, float], ...] = ()
    nodes: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Limits:
    """What a question leaves out: edges whose passage is closed, and what lies in areas to avoid."""

    shut: frozenset[int]
    mouths: Shut
    barred: Barred


class SeaNetwork:
    """Lanes as nodes and undirected edges, each edge with its geodesic length and the passages it lies in.

    Lengths add up without rounding: there and back are equally long to the last bit, a table holds what single ways say, and
    a closure never shortens. Any number of threads may ask at once. The first questions are answered by a plain search;
    ``prepare`` makes at once what a later one would.
    """

    def __init__(
        self,
        nodes: Floats,
        edges: NDArray[np.intp],
        passages: Mapping[str, Collection[int]],
        *,
        skeleton: Skeleton | None = None,
        gates: Sequence[BaseGeometry] = (),
    ) -> None:
        _checked(edges)
        self._nodes, self._edges = nodes, edges
        self._passages = {name: frozenset(map(int, members)) for name, members in passages.items()}
        self._names: dict[int, tuple[str, ...]] = {}
        for name in sorted(self._passages):
            for edge in self._passages[name]:
                self._names[edge] = (*self._names.get(edge, ()), name)
        ends = nodes[edges]
        self._km = exact_km(measure.distance_km(ends[:, 0, 0], ends[:, 0, 1], ends[:, 1, 0], ends[:, 1, 1]))
        self._graph = Graph(len(nodes), edges.astype(np.int32), self._km)
        self._mouths, self._given = mouths(self._graph, self._names), skeleton
        self._named = np.isin(np.arange(len(edges)), list(self._names))
        self._approaches, self._avoidance = Approaches(nodes, gates), Avoidance(self._graph, nodes)
        self._hierarchy: Hierarchy | None = None
        self._searches, self._preparing = 0, Lock()

    @property
    def passages(self) -> frozenset[str]:
        """The ids of the passages that can be closed."""
        return frozenset(self._passages)

    def approach(self, place: Place) -> Approach:
        """Return where a place joins the network, and the length of the straight line to it in km.

        Raises
        ------
        InputError
            If the place is not on Earth.
        """
        _on_earth(place)
        return self._approaches.of(place)

    @cached_property
    def skeleton(self) -> Skeleton:
        """What preparing finds out that no length enters, and that can be kept for a network of the same edges and passages."""
        return self._given or make_skeleton(self._graph, self._mouths)

    def prepare(self) -> None:
        """Make what answers in microseconds, in some tenths of a second; a process that asks once does without."""
        with self._preparing:
            if self._hierarchy is None:
                self._hierarchy = self._made()

    def route(
        self, start: Place, end: Place, *, close: Collection[str] = frozenset(), avoid: Sequence[BaseGeometry] = ()
    ) -> SeaLeg:
        """Return the shortest way between two places with the given passages closed, outside the areas to avoid.

        ``avoid`` are polygons in degrees, split at 180°. No edge is used that has a part inside one. Where an end lies in one,
        the way leads out of it to the nearest node of the network outside, and from there on keeps out. Access legs are not
        held to it.

        Raises
        ------
        UnknownError
            If a passage to close is not one; every unknown one is named.
        InputError
            If a place is not on Earth, or an area is not a valid polygon.
        NoRouteError
            If no way is left. It names the smallest part of the closures that cuts the way, and the areas.
        """
        _on_earth(start, end)
        limits = self._limits(close, avoid)
        if start == end:
            return SeaLeg(shapely.MultiLineString(), 0.0, (0.0, 0.0), ())
        ends = self._approaches.of(start), self._approaches.of(end)
        way = self._way(ends[0].node, ends[1].node, limits)
        if way is None:
            raise self._no_route((start, end), ends, close, avoid)
        return self._leg((start, end), ends, way)

    def alternatives(
        self,
        start: Place,
        end: Place,
        *,
        count: int,
        close: Collection[str] = frozenset(),
        avoid: Sequence[BaseGeometry] = (),
    ) -> list[SeaLeg]:
        """Return up to ``count`` ways that differ in the passages they use, the shortest first.

        Each is the shortest way with some passages of better ones closed. So it leaves out at least one passage of every
        better one: none is another with a detour, or with one more passage. Nor is one given that sails more than four fifths
        of its length along a better one. There may be fewer: where the shortest way uses no passage,
        it is the only one, and no more than about 500 sets of closures are tried, those of the shortest ways first.

        Raises
        ------
        InputError
            If ``count`` is not from 1 to 10.
        UnknownError, NoRouteError
            As ``route``.
        """
        if not 1 <= count <= _MOST_ALTERNATIVES:
            raise InputError(f"{count} alternatives cannot be given. Ask for 1 to {_MOST_ALTERNATIVES}.")
        found: list[SeaLeg] = []
        for leg in self._by_closures(start, end, frozenset(close), avoid):
            if not any(self._alike(leg, better) for better in found):
                found.append(leg)
            if len(found) == count:
                break
        return found

    def _alike(self, leg: SeaLeg, better: SeaLeg) -> bool:
        common = np.intersect1d(self._graph.edges_of(leg.nodes), self._graph.edges_of(better.nodes))
        shared = float(self._km[common].sum())
        return set(leg.passages) == set(better.passages) or shared > _ALIKE * leg.length_km

    def matrix(
        self,
        starts: Sequence[Place],
        ends: Sequence[Place],
        *,
        close: Collection[str] = frozenset(),
        avoid: Sequence[BaseGeometry] = (),
    ) -> Floats:
        """Return the lengths of the shortest ways in km, access legs included, as float64 of shape (starts, ends).

        Every value is what ``route`` gives as ``length_km``; 0 from a place to itself, inf where there is no way.

        Raises
        ------
        UnknownError, InputError
            As ``route``.
        """
        _on_earth(*starts, *ends)
        limits = self._limits(close, avoid)
        here, there = ([self._approaches.of(place) for place in side] for side in (starts, ends))
        if limits.barred.edges:
            between = self._matrix_outside([a.node for a in here], [a.node for a in there], limits)
        else:
            self.prepare()
            assert self._hierarchy is not None
            between = self._hierarchy.matrix([a.node for a in here], [a.node for a in there], limits.mouths)
        total: Floats = np.array([a.km for a in here])[:, None] + between + np.array([a.km for a in there])
        number = {place: i for i, place in enumerate({*starts, *ends})}
        total[np.equal.outer([number[p] for p in starts], [number[p] for p in ends])] = 0.0
        return total

    # --- what is left out

    def _limits(self, close: Collection[str], avoid: Sequence[BaseGeometry]) -> _Limits:
        fault = Faults()
        for name in sorted(set(close) - self.passages):
            fault(f"{name!r} is not a passage of the sea network. {nearest(name, self.passages)}")
        fault.throw(UnknownError)
        closed = frozenset(close)
        shut = frozenset().union(*(self._passages[name] for name in closed))
        return _Limits(shut, self._mouths.shut(closed), self._avoidance.barred(avoid))

    def _made(self, without: Collection[int] = ()) -> Hierarchy:
        return Hierarchy(self._graph, self._mouths, self.skeleton, without=without)

    # --- searches

    def _way(self, start: int, end: int, limits: _Limits) -> Way | None:
        if limits.barred.edges:
            return self._way_outside(start, end, limits)
        hierarchy = self._hierarchy
        if hierarchy is not None:
            return hierarchy.way(start, end, limits.mouths)
        self._searches += 1
        if self._searches > (_WITH_SKELETON if self._given else _PREPARED_AFTER):
            self.prepare()
        return plain(self._graph, start, end, limits.shut)

    def _way_outside(self, start: int, end: int, limits: _Limits) -> Way | None:
        leads = self._avoidance.lead(start, limits.barred), self._avoidance.lead(end, limits.barred)
        outside = plain(self._graph, leads[0].nodes[-1], leads[1].nodes[-1], limits.shut | limits.barred.edges)
        return shortest(
            leads, outside, (open_part(leads[0], self._graph, limits.shut), open_part(leads[1], self._graph, limits.shut))
        )

    def _matrix_outside(self, starts: Sequence[int], ends: Sequence[int], limits: _Limits) -> Floats:
        """Return the km between nodes, on a hierarchy made for what is barred."""
        here, there = ([self._avoidance.lead(n, limits.barred) for n in side] for side in (starts, ends))
        open_ = {lead: open_part(lead, self._graph, limits.shut) for lead in {*here, *there}}
        outside = self._made(limits.barred.edges)
        km = outside.matrix([lead.nodes[-1] for lead in here], [lead.nodes[-1] for lead in there], limits.mouths)
        for i, j in np.ndindex(km.shape):
            pair = here[i], there[j]
            if len(pair[0].nodes) + len(pair[1].nodes) > 2:
                way = Way(float(km[i, j]), (pair[0].nodes[-1], pair[1].nodes[-1]))
                known = shortest(pair, way, (open_[pair[0]], open_[pair[1]]))
                km[i, j] = np.inf if known is None else known.km
        return km

    def _by_closures(self, start: Place, end: Place, close: frozenset[str], avoid: Sequence[BaseGeometry]) -> Iterator[SeaLeg]:
        """Yield the shortest way, then those with one passage more closed of a way that was yielded, the shortest first."""
        first = self.route(start, end, close=close, avoid=avoid)
        heap = [(first.length_km, sorted(close), first)]
        asked, cut = {close}, list[frozenset[str]]()
        while heap and len(asked) <= _MOST_CLOSURES:
            _, listed, leg = heapq.heappop(heap)
            yield leg
            for passage in leg.passages:
                more = frozenset((*listed, passage))
                if more in asked or any(c <= more for c in cut):
                    continue
                asked.add(more)
                try:
                    other = self.route(start, end, close=more, avoid=avoid)
                except NoRouteError as error:
                    cut.append(frozenset(error.closures))
                    continue
                heapq.heappush(heap, (other.length_km, sorted(more), other))

    # --- what is said

    def _leg(self, places: tuple[Place, Place], ends: tuple[Approach, Approach], way: Way) -> SeaLeg:
        edges = self._graph.edges_of(way.nodes)
        passed = self._passed(edges, ends[0].km, way.nodes)
        points = np.vstack([places[0], self._nodes[list(way.nodes)], places[1]])
        keep = np.append(True, (points[1:] != points[:-1]).any(axis=1))  # a place may stand on its node
        return SeaLeg(
            split_line(points[keep]),
            ends[0].km + way.km + ends[1].km,
            (ends[0].km, ends[1].km),
            tuple(passed),
            tuple(passed.items()),
            way.nodes,
        )

    def _passed(self, edges: NDArray[np.intp], from_km: float, nodes: tuple[int, ...]) -> dict[str, float]:
        """Return the passages in the order in which they are first met, each with its km from the start."""
        at = self._named[edges].nonzero()[0]
        if not len(at):
            return {}
        km = from_km + self._km[edges].cumsum() - self._km[edges] / 2
        passed: dict[str, float] = {}
        for i in at.tolist():
            names = self._names[int(edges[i])]
            # Of two passages on one edge nothing says which is first: there and back must at least agree.
            for name in names if nodes[i] < nodes[i + 1] else names[::-1]:
                passed.setdefault(name, float(km[i]))
        return passed

    def _no_route(
        self,
        places: tuple[Place, Place],
        ends: tuple[Approach, Approach],
        close: Collection[str],
        avoid: Sequence[BaseGeometry],
    ) -> NoRouteError:
        def cut(closures: Collection[str], areas: Collection[int]) -> bool:
            limits = self._limits(closures, [avoid[i] for i in areas])
            return self._way(ends[0].node, ends[1].node, limits) is None

        areas = _needed(range(len(avoid)), lambda kept: cut(close, kept))
        closures = _needed(sorted(set(close)), lambda kept: cut(kept, areas))
        listed = ", ".join(closures) or "nothing"
        outside = f" and {_counted(len(areas), len(avoid))} avoided" if areas else ""
        said = f"There is no way by sea from {_shown(places[0])} to {_shown(places[1])} with {listed} closed{outside}."
        return NoRouteError(said, closures=closures, areas=areas)


@cache
def lanes() -> SeaNetwork:
    """Return the shipped network, read once."""
    shipped = read_lanes()
    lines = [gate.line for gate in shipped_gates().values()]
    return SeaNetwork(shipped.nodes, shipped.edges, shipped.passages, skeleton=shipped.skeleton, gates=lines)


def _needed(items: Collection[Item], cut: Callable[[list[Item]], bool]) -> list[Item]:
    """Return a part of the items that still cuts, and does no longer with any one of it left out."""
    kept = list(items)
    for item in items:
        without = [other for other in kept if other != item]
        if cut(without):
            kept = without
    return kept


def _checked(edges: NDArray[np.intp]) -> None:
    ends = np.sort(edges, axis=1)
    fault = Faults()
    for node in ends[ends[:, 0] == ends[:, 1], 0].tolist():
        fault(f"Node {node} of the sea network is joined to itself.")
    pairs, times = np.unique(ends, axis=0, return_counts=True)
    for a, b in pairs[times > 1].tolist():
        fault(f"Nodes {a} and {b} of the sea network are joined by more than one edge.")
    fault.throw(DataError)


def _on_earth(*places: Place) -> None:
    fault = Faults()
    for lon, lat in places:
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            fault(f"{lon:g},{lat:g} is not a place: give lon,lat with lon from -180 to 180 and lat from -90 to 90.")
    fault.throw(InputError)


def _counted(some: int, all_: int) -> str:
    return f"{some} of {all_} areas" if all_ > 1 else "the area"


def _shown(place: Place) -> str:
    return f"{place[0]:g},{place[1]:g}"
