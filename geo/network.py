"""The sea network: frozen lanes, passages that can be closed, and the shortest way between two places.

The network never changes once it is loaded; what a caller wants closed is an argument of the call and ends with it.
Lanes after Eurostat's searoute (EUPL-1.2) through the package searoute; see scripts/build_network.py and NOTICE.
"""

from __future__ import annotations

import gzip
import heapq
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import boundaries, measure
from geo.antimeridian import split_line
from geo.errors import Faults, NoRouteError, UnknownError, nearest

_DATA = files("geo") / "data"
_HARBOUR_KM = 15.0
_LAND_COST = 10.0
_CANDIDATES = 40
Place = tuple[float, float]


@dataclass(frozen=True)
class SeaLeg:
    """A way over water.

    ``line`` is split at 180° (RFC 7946); ``length_km`` is geodesic and includes the two access legs, straight lines
    of ``access_km`` from the places to the network; ``passages`` are in the order in which they are sailed.
    """

    line: shapely.MultiLineString
    length_km: float
    access_km: tuple[float, float]
    passages: tuple[str, ...]


class SeaNetwork:
    """Lanes as nodes and undirected edges, each edge with its geodesic length and the passages it lies in."""

    def __init__(self, nodes: NDArray[np.float64], edges: NDArray[np.intp], passages: Mapping[str, Collection[int]]) -> None:
        self._nodes = nodes
        self._edges = edges
        self._passages = {name: frozenset(map(int, members)) for name, members in passages.items()}
        ends = nodes[edges]
        self._km = measure.distance_km(ends[:, 0, 0], ends[:, 0, 1], ends[:, 1, 0], ends[:, 1, 1])

    @property
    def passages(self) -> frozenset[str]:
        """The ids of the passages that can be closed."""
        return frozenset(self._passages)

    def route(self, start: Place, end: Place, *, close: Collection[str] = frozenset()) -> SeaLeg:
        """Return the shortest way between two places with the given passages closed.

        Raises
        ------
        UnknownError
            If a passage to close is not one; every unknown one is named.
        NoRouteError
            If the closures leave no way; they are named.
        """
        shut = self._shut(close)
        first, last = self._join(start), self._join(end)
        steps = self._search(first[0], last[0], shut)
        if steps is None:
            listed = ", ".join(sorted(close)) or "nothing"
            raise NoRouteError(f"There is no way by sea from {_shown(start)} to {_shown(end)} with {listed} closed.")
        points = [start, *(tuple(self._nodes[n]) for n in self._stops(first[0], steps)), end]
        km = first[1] + float(self._km[steps].sum()) + last[1]
        return SeaLeg(split_line(points), km, (first[1], last[1]), self._in_order(steps))

    def _shut(self, close: Collection[str]) -> frozenset[int]:
        fault = Faults()
        for name in sorted(set(close) - self.passages):
            fault(f"{name!r} is not a passage of the sea network. {nearest(name, self.passages)}")
        fault.throw(UnknownError)
        return frozenset().union(*(self._passages[name] for name in close))

    def _join(self, place: Place) -> tuple[int, float]:
        """Return the node where a place joins the network, and the length of the access leg in km.

        The leg is a straight line to the node with the least cost: its length, and ten times what it has of the shipped
        land beyond 15 km, since a harbour lies behind a generalised coast.
        """
        away = measure.distance_km(place[0], place[1], self._nodes[:, 0], self._nodes[:, 1])
        best, least = 0, float("inf")
        for node in np.argsort(away, kind="stable")[:_CANDIDATES]:
            if away[node] >= least:
                break
            land = _land_km(split_line([place, tuple(self._nodes[node])]))
            cost = float(away[node]) + _LAND_COST * max(0.0, land - _HARBOUR_KM)
            if cost < least:
                best, least = int(node), cost
        return best, float(away[best])

    def _search(self, start: int, end: int, shut: frozenset[int]) -> list[int] | None:
        """Return the edges of the shortest way (Dijkstra), or None."""
        reached = {start: 0.0}
        came: dict[int, tuple[int, int]] = {}
        heap = [(0.0, start)]
        done: set[int] = set()
        while heap:
            km, here = heapq.heappop(heap)
            if here == end:
                return _walk_back(came, start, end)
            if here in done:
                continue
            done.add(here)
            for there, edge, length in self._neighbours[here]:
                if edge not in shut and km + length < reached.get(there, float("inf")):
                    reached[there] = km + length
                    came[there] = (here, edge)
                    heapq.heappush(heap, (km + length, there))
        return None

    @cached_property
    def _neighbours(self) -> list[list[tuple[int, int, float]]]:
        found: list[list[tuple[int, int, float]]] = [[] for _ in self._nodes]
        for edge, ((a, b), km) in enumerate(zip(self._edges.tolist(), self._km.tolist(), strict=True)):
            found[a].append((b, edge, km))
            found[b].append((a, edge, km))
        return found

    def _stops(self, start: int, steps: list[int]) -> list[int]:
        stops = [start]
        for edge in steps:
            a, b = self._edges[edge].tolist()
            stops.append(b if stops[-1] == a else a)
        return stops

    def _in_order(self, steps: list[int]) -> tuple[str, ...]:
        met = (name for edge in steps for name in sorted(self._passages) if edge in self._passages[name])
        return tuple(dict.fromkeys(met))


@cache
def lanes() -> SeaNetwork:
    """Return the shipped network, read once."""
    document = json.loads(gzip.decompress((_DATA / "lanes.json.gz").read_bytes()))
    nodes = np.array(document["nodes"], dtype=np.float64)
    return SeaNetwork(nodes, np.array(document["edges"], dtype=np.intp), document["passages"])


def _walk_back(came: dict[int, tuple[int, int]], start: int, end: int) -> list[int]:
    steps = []
    here = end
    while here != start:
        here, edge = came[here]
        steps.append(edge)
    return steps[::-1]


@cache
def _land() -> shapely.STRtree:
    shipped = boundaries.load()
    return shapely.STRtree([part for r in shipped.of_kind("country") for part in shapely.get_parts(shipped.shapes[r.id])])


def _land_km(line: shapely.MultiLineString) -> float:
    near = _land().query(line, predicate="intersects")
    return sum(measure.length_km(shapely.intersection(line, _land().geometries[i])) for i in near)


def _shown(place: Place) -> str:
    return f"{place[0]:g},{place[1]:g}"
