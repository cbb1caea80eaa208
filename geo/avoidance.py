"""Areas that a way keeps out of: the edges that cross them, and the way out for an end that lies within."""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.antimeridian import split_line
from geo.errors import Faults, InputError
from geo.routing import Floats, Graph, Way, settle, trace

_KEPT = 32


class Barred(NamedTuple):
    """What areas bar: edges with a part inside one, and nodes inside one."""

    edges: frozenset[int]
    nodes: frozenset[int]


class Lead(NamedTuple):
    """The nodes from the one at which a place joins the network to one whose edges are not all barred, and the km to each."""

    nodes: tuple[int, ...]
    km: tuple[float, ...]


class Avoidance:
    """A graph with the positions of its nodes, of shape (n, 2) in degrees."""

    def __init__(self, graph: Graph, nodes: Floats) -> None:
        self._graph, self._nodes = graph, nodes
        self._crossing = lru_cache(_KEPT)(self._crosses)

    def barred(self, areas: Sequence[BaseGeometry]) -> Barred:
        """Return the edges and nodes inside one of the areas; to run along the boundary is no fault.

        Raises
        ------
        InputError
            If an area is not a valid polygon or multi-polygon within [-180°, 180°]; every such one is named by its number.
        """
        fault = Faults()
        for number, area in enumerate(areas, 1):
            if wrong := _wrong(area):
                fault(f"Area {number} to avoid {wrong}. Give polygons in degrees, split at 180°.")
        fault.throw(InputError)
        found = [self._crossing(area) for area in areas]
        return Barred(frozenset(e for one in found for e in one.edges), frozenset(n for one in found for n in one.nodes))

    def lead(self, node: int, barred: Barred) -> Lead:
        """Return the shortest way from a node inside an area to one outside with a way on; from any other its own node alone.

        It is the same whatever is closed, so that a closure never opens a way.
        """
        graph = self._graph
        if node in barred.nodes:
            for out, _, came in settle(graph, node, ()):
                if out not in barred.nodes and any(edge not in barred.edges for _, edge, _ in graph.neighbours[out]):
                    nodes = trace(came, node, out)
                    return Lead(nodes, tuple(np.cumsum([0.0, *graph.km[graph.edges_of(nodes)]]).tolist()))
        return Lead((node,), (0.0,))

    def _crosses(self, area: BaseGeometry) -> Barred:
        lines, edge = self._lines
        shapely.prepare(area)
        near = lines.query(area, predicate="intersects")
        across = near[~shapely.touches(area, lines.geometries[near])]
        inside = shapely.contains_xy(area, self._nodes).nonzero()[0]
        return Barred(frozenset(edge[across].tolist()), frozenset(inside.tolist()))

    @cached_property
    def _lines(self) -> tuple[shapely.STRtree, np.ndarray[tuple[int], np.dtype[np.intp]]]:
        """The edges as they are drawn, split at 180°, and the edge of each line."""
        ends = self._nodes[self._graph.edges]
        far = np.abs(ends[:, 1, 0] - ends[:, 0, 0]) > 180
        split = [(part, edge) for edge in far.nonzero()[0] for part in split_line(ends[edge]).geoms]
        lines = [*map(shapely.LineString, ends[~far]), *(part for part, _ in split)]
        return shapely.STRtree(lines), np.array([*(~far).nonzero()[0], *(edge for _, edge in split)], dtype=np.intp)


def shortest(leads: tuple[Lead, Lead], outside: Way | None, open_: tuple[int, int]) -> Way | None:
    """Return the shorter of the way through the water outside and one that changes from lead to lead where they meet.

    ``open_`` is how many nodes of each lead come before a closure; ``outside`` goes from the end of one lead to the other's.
    """
    (nodes, km), (back, back_km) = leads
    found: list[Way] = []
    if outside is not None and open_ == (len(nodes), len(back)):
        found.append(Way(km[-1] + outside.km + back_km[-1], (*nodes[:-1], *outside.nodes, *back[-2::-1])))
    for i, node in enumerate(nodes[: open_[0]]):
        if node in back[: open_[1]]:
            j = back.index(node)
            found.append(Way(km[i] + back_km[j], (*nodes[: i + 1], *back[:j][::-1])))
    return min(found, default=None)


def open_part(lead: Lead, graph: Graph, shut: Container[int]) -> int:
    """Return how many nodes of a lead come before a shut edge."""
    for i, edge in enumerate(graph.edges_of(lead.nodes)):
        if edge in shut:
            return i + 1
    return len(lead.nodes)


def _wrong(area: BaseGeometry) -> str:
    if shapely.get_type_id(area) not in (3, 6) or area.is_empty:
        return f"is {'an empty' if area.is_empty else 'a'} {area.geom_type}"
    if not area.is_valid:
        return f"is not valid: {shapely.is_valid_reason(area)}"
    west, _, east, _ = area.bounds
    return f"reaches from {west:g}° to {east:g}°" if west < -180 or east > 180 else ""
