"""What a hierarchy is made of before anything is measured: which nodes each is joined to once those below are taken out."""

from __future__ import annotations

import heapq
from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.mouths import Mouths
from geo.routing import Floats, Graph, Ints

_NONE = -1
_INF = float("inf")
Numbers = NDArray[np.intp]


class Arcs(NamedTuple):
    """The km of the arcs of a skeleton, then of those from each mouth to each; and the two arcs that each is made of.

    They lead from the node in between to the lower and to the higher end; ``_NONE`` where the arc is an edge. Of two mouths
    the lower is that of the lower number, and the higher's parts are not set.
    """

    km: Floats
    parts: Ints


class Skeleton(NamedTuple):
    """The arcs of node n lead to ``to[begin[n] : begin[n + 1]]``: the lowest first, mouths last, numbered past the nodes."""

    begin: Ints
    to: Ints

    def parents(self, count: int) -> Ints:
        """Return the lowest of the nodes above each, through which everything that it sees can be reached."""
        first = np.append(self.to, count)[self.begin[:-1]]
        return np.where((self.begin[:-1] == self.begin[1:]) | (first >= count), _NONE, first).astype(np.int32)

    def arcs(self, graph: Graph, mouths: Mouths, without: Collection[int]) -> Arcs:
        """Return the arcs with what each is made of, without some edges of the graph."""
        return _Measuring(self, graph, mouths).arcs(graph, mouths, without)


def make_skeleton(graph: Graph, mouths: Mouths) -> Skeleton:
    """Return the skeleton of a graph: every node taken out in turn, the one that is joined to fewest first."""
    around: list[set[int]] = [set() for _ in range(graph.count + len(mouths.nodes))]
    for a, b in [*_ends(graph, mouths).tolist(), *_stands(graph, mouths).tolist()]:
        around[a].add(b)
        around[b].add(a)
    rank = {mouth: graph.count + mouth for mouth in range(graph.count, len(around))}
    heap = [(len(around[node]), node) for node in range(graph.count)]
    heapq.heapify(heap)
    while heap:
        degree, node = heapq.heappop(heap)
        if node in rank or degree != len(around[node]):
            continue  # it is joined to others since: it stands in the heap again
        rank[node] = len(rank)
        for to in around[node]:
            around[to] |= around[node]
            around[to] -= {to, node}
            if to < graph.count:
                heapq.heappush(heap, (len(around[to]), to))
    above = [sorted(around[node], key=rank.__getitem__) for node in range(graph.count)]
    begin = np.cumsum([0, *map(len, above)]).astype(np.int32)
    return Skeleton(begin, np.array([to for nodes in above for to in nodes], dtype=np.int32))


class _Measuring:
    """Finds arcs by their ends."""

    def __init__(self, skeleton: Skeleton, graph: Graph, mouths: Mouths) -> None:
        self._count, self._mouths = graph.count, len(mouths.nodes)
        self._all = self._count + self._mouths
        self._skeleton = skeleton
        from_ = np.repeat(np.arange(graph.count), np.diff(skeleton.begin))
        keys = from_ * self._all + skeleton.to
        self._order = np.argsort(keys)
        self._keys = keys[self._order]

    def arcs(self, graph: Graph, mouths: Mouths, without: Collection[int]) -> Arcs:
        """Return all arcs: the edges, and then, from the lowest node to the highest, what is shorter over it."""
        size = len(self._keys) + self._mouths**2
        km, parts = np.full(size, _INF), np.full((size, 2), _NONE, dtype=np.int32)
        ends, stands = _ends(graph, mouths), _stands(graph, mouths)
        kept = np.ones(len(ends), dtype=bool)
        kept[list(without)] = False
        np.minimum.at(km, self._either_way(*ends[kept].T), graph.km[kept])
        km[self._of(*stands.T)] = 0.0
        for arcs in self._levels():
            self._over(arcs, km, parts)
        across = km[len(self._keys) :].reshape(self._mouths, self._mouths)
        np.minimum(across, across.T.copy(), out=across)
        np.fill_diagonal(across, 0.0)
        return Arcs(km, parts)

    def _over(self, arcs: Numbers, km: Floats, parts: Ints) -> None:
        """Shorten the arcs between any two nodes that are joined over one of a level, given by its arcs."""
        begin, to = self._skeleton.begin, self._skeleton.to
        until = begin[begin.searchsorted(arcs, side="right")]
        times = until - arcs - 1
        first = arcs.repeat(times)
        second = first + 1 + _counted(times)
        length = km[first] + km[second]
        between = self._of(to[first], to[second])
        shorter = (length < km[between]).nonzero()[0]
        first, second, length, between = first[shorter], second[shorter], length[shorter], between[shorter]
        np.minimum.at(km, between, length)
        best = (km[between] == length).nonzero()[0]
        parts[between[best], 0], parts[between[best], 1] = first[best], second[best]

    def _levels(self) -> list[Numbers]:
        """Return the arcs of all nodes by how many stand above them in a row, the most first: no two of a level see another."""
        parents = self._skeleton.parents(self._count)
        depth, above = np.zeros(self._count, dtype=np.intp), parents
        while (above != _NONE).any():
            depth += above != _NONE
            above = np.where(above == _NONE, _NONE, parents[above])
        of_arc = depth.repeat(np.diff(self._skeleton.begin))
        order = np.argsort(-of_arc, kind="stable")
        return np.split(order, np.flatnonzero(np.diff(of_arc[order])) + 1)

    def _of(self, low: Ints | Numbers, high: Ints | Numbers) -> Numbers:
        """Return the arcs from lower to higher nodes."""
        found = self._order[np.minimum(self._keys.searchsorted(low * np.int64(self._all) + high), len(self._keys) - 1)]
        across = len(self._keys) + (low - self._count) * self._mouths + (high - self._count)
        return np.where(low >= self._count, across, found)

    def _either_way(self, a: Numbers, b: Numbers) -> Numbers:
        """Return the arcs between nodes of which nothing says which is lower."""
        key = a * np.int64(self._all) + b
        found = np.minimum(self._keys.searchsorted(key), len(self._keys) - 1)
        upward = (self._keys[found] == key) | (a >= self._count) & (a < b)
        return self._of(np.where(upward, a, b), np.where(upward, b, a))


def _ends(graph: Graph, mouths: Mouths) -> Numbers:
    """Return the ends of the edges, with mouths for nodes where they are joined at one."""
    ends = graph.edges.astype(np.intp)
    if mouths.at:
        edge, node = np.array(list(mouths.at), dtype=np.intp).T
        ends[edge, (ends[edge, 1] == node).astype(np.intp)] = graph.count + np.array(list(mouths.at.values()))
    return ends


def _stands(graph: Graph, mouths: Mouths) -> Numbers:
    """Return each mouth's node, with it."""
    return np.column_stack([np.array(mouths.nodes, dtype=np.intp), graph.count + np.arange(len(mouths.nodes))])


def _counted(times: Numbers) -> Numbers:
    """Return 0, 1, … up to each of the given numbers, one after another."""
    return np.arange(times.sum()) - (times.cumsum() - times).repeat(times)
