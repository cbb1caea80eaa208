"""Shortest ways on an undirected graph by Dijkstra's search, which needs nothing prepared; geo.hierarchy answers faster."""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

_STEP_KM = 2.0**-35
_NOISE = 1 << 15
_INF = float("inf")


def exact_km(km: Floats) -> Floats:
    """Return lengths as multiples of 2^-34 km, each changed by less than two millimetres.

    Sums of them, and of their halves, are exact in float64 up to 262,144 km, whatever their order: there and back, a table
    and a single way agree to the last bit. What is added is as good as random, so that no two ways are equally long by the
    symmetry of a grid: every search finds the same one.
    """
    noise = np.random.default_rng(0).integers(_NOISE, size=len(km))
    # Even numbers of steps, since a passage is met in the middle of its edge.
    return np.asarray(2 * (np.rint(km / (2 * _STEP_KM)) + noise) * _STEP_KM, dtype=np.float64)


def rounded_km(km: float) -> float:
    """Return a length that adds to those of ``exact_km`` without an error."""
    return round(km / _STEP_KM) * _STEP_KM


class Way(NamedTuple):
    """A way: its length in km and its nodes in order."""

    km: float
    nodes: tuple[int, ...]


class Graph:
    """Nodes by number, undirected edges of shape (n, 2), and their lengths in km after ``exact_km``.

    Two nodes are joined by at most one edge, and none is joined to itself.
    """

    def __init__(self, count: int, edges: Ints, km: Floats) -> None:
        self.count, self.edges, self.km = count, edges, km

    @cached_property
    def neighbours(self) -> list[list[tuple[int, int, float]]]:
        """For each node: (the node at the other end, the edge, its km)."""
        found: list[list[tuple[int, int, float]]] = [[] for _ in range(self.count)]
        for edge, ((a, b), km) in enumerate(zip(self.edges.tolist(), self.km.tolist(), strict=True)):
            found[a].append((b, edge, km))
            found[b].append((a, edge, km))
        return found

    def edges_of(self, nodes: Sequence[int]) -> NDArray[np.intp]:
        """Return the edges between successive nodes of a way."""
        at = np.array(nodes, dtype=np.int64)
        keys, edge = self._by_ends
        return edge[keys.searchsorted(np.minimum(at[1:], at[:-1]) * self.count + np.maximum(at[1:], at[:-1]))]

    @cached_property
    def _by_ends(self) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
        """One number for the two ends of each edge, in order, and the edges in that order."""
        keys = self.edges.min(axis=1).astype(np.int64) * self.count + self.edges.max(axis=1)
        order = np.argsort(keys)
        return keys[order], order


def plain(graph: Graph, start: int, end: int, shut: Container[int]) -> Way | None:
    """Return the shortest way without the shut edges, or None."""
    for node, km, came in settle(graph, start, shut):
        if node == end:
            return Way(km, trace(came, start, end))
    return None


def settle(graph: Graph, start: int, shut: Container[int]) -> Iterator[tuple[int, float, dict[int, int]]]:
    """Yield the nodes that can be reached, nearest first, each with its km and what every node was reached from."""
    neighbours = graph.neighbours
    reached, came = {start: 0.0}, dict[int, int]()
    heap = [(0.0, start)]
    while heap:
        km, here = heapq.heappop(heap)
        if km > reached[here]:
            continue
        yield here, km, came
        for there, edge, length in neighbours[here]:
            far = km + length
            if far < reached.get(there, _INF) and edge not in shut:
                reached[there] = far
                came[there] = here
                heapq.heappush(heap, (far, there))


def trace(came: dict[int, int], start: int, end: int) -> tuple[int, ...]:
    """Return the nodes from the start to the end."""
    nodes = [end]
    while nodes[-1] != start:
        nodes.append(came[nodes[-1]])
    return tuple(nodes[::-1])
