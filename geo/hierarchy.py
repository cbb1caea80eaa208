"""Shortest ways on a graph whose gates a question can shut, prepared so that a closure costs nothing.

Nodes are taken out of the graph one by one, least connected first, and what they joined is joined past them. What is left
in the end are the gates, each a point in the middle of its edge, with the distance between any two that passes no third:
to shut a gate is to leave it out. An end of a way knows what lies above it in the order of removal, and so its distance to
every gate; the way over the gates is found by A*, whose bound is the exact distance with everything open.

After Dibbelt, Strasser and Wagner, Customizable Contraction Hierarchies, doi:10.1145/2886843, with the gates kept to the
last. Preparing takes some tenths of a second; all answers equal those of Dijkstra's search to the last bit.
"""

from __future__ import annotations

import heapq
from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo.routing import Floats, Graph, Ints, Way

_LABELS, _LEGS = 1024, 4096
"""How many ends of ways, and pieces of ways, are kept: about 4 kB and 0.5 kB each."""
_INF = float("inf")
_SMALL = 1000
"""Cells of a table up to which all sums at once are faster than one after the other."""
_NONE = -1
Shut = NDArray[np.intp]
"""The positions of the shut gates among ``graph.gates``."""
Arcs = dict[int, tuple[float, int]]
"""To which nodes, with the km and the node in between that was taken out, or ``_NONE`` for an edge of the graph."""


@dataclass(frozen=True)
class Label:
    """What a node sees: the nodes above it, from the root down to itself, and every gate; no way between passes a gate.

    ``before`` and ``gate_before`` hold from which node each was reached, ``_NONE`` for itself.
    """

    nodes: Ints
    km: Floats
    before: Ints
    gate_km: Floats
    gate_before: Ints


class Hierarchy:
    """A prepared graph. Gate number g is a node of its own, ``graph.count + g``."""

    def __init__(self, graph: Graph, without: Container[int] = ()) -> None:
        self._count, self._gates = graph.count, len(graph.gates)
        order, above = _eliminated(_arcs(graph, without), graph.count)
        rank = np.zeros(graph.count, dtype=np.int32)
        rank[order] = np.arange(graph.count)
        self._parent = _parents(above, rank, graph.count)
        self._begin = np.cumsum([0, *map(len, above[: graph.count])]).astype(np.int32)
        self._to = np.array([to for arcs in above[: graph.count] for to in arcs], dtype=np.int32)
        self._km = np.array([km for arcs in above[: graph.count] for km, _ in arcs.values()], dtype=np.float64)
        self._via = np.array([via for arcs in above[: graph.count] for _, via in arcs.values()], dtype=np.int32)
        self._across, self._across_via = _overlay(above[graph.count :], graph.count)
        # Kept by node, not by question: no closure enters them.
        self.label = lru_cache(_LABELS)(self._label)
        self._bound = lru_cache(_LABELS)(self._gates_to)
        self._leg = lru_cache(_LEGS)(self._nodes_of_leg)

    # --- one way

    def way(self, start: int, end: int, shut: Shut) -> Way | None:
        """Return the shortest way that passes no shut gate, or None."""
        here, there = self.label(start), self.label(end)
        direct, meeting = _meet(here, there)
        km, passed = self._over_gates(here, there, self._bound(end), shut, direct)
        if km == _INF:
            return None
        stops = [start, *passed, end] if passed else [start, meeting, end]
        return Way(km, self._joined(stops))

    def _over_gates(self, here: Label, there: Label, bound: Floats, shut: Shut, best: float) -> tuple[float, list[int]]:
        """Return the km of the shortest way and its gates; none where no way over gates is shorter than ``best``."""
        reached, came = here.gate_km.copy(), np.full(self._gates, _NONE)
        guess = reached + bound
        guess[shut] = _INF
        reached[shut] = -_INF  # never reached at less
        to_end, last = there.gate_km, _NONE
        while self._gates:
            gate = int(guess.argmin())
            if guess[gate] >= best:
                break
            km = reached[gate]
            guess[gate] = _INF
            if km + to_end[gate] < best:
                best, last = float(km + to_end[gate]), gate
            onward = self._across[gate] + km
            nearer = (onward < reached).nonzero()[0]
            reached[nearer] = onward[nearer]
            guess[nearer] = onward[nearer] + bound[nearer]
            came[nearer] = gate
        return best, self._gates_back(came, last)

    def _gates_back(self, came: NDArray[np.intp], last: int) -> list[int]:
        passed = []
        while last != _NONE:
            passed.append(self._count + last)
            last = int(came[last])
        return passed[::-1]

    def _gates_to(self, node: int) -> Floats:
        """Return the km from every gate to a node with everything open."""
        return np.asarray((self._open + self.label(node).gate_km).min(axis=1, initial=_INF))

    # --- many ways

    def matrix(self, starts: Sequence[int], ends: Sequence[int], shut: Shut) -> Floats:
        """Return the km of the shortest ways, of shape (starts, ends); inf where there is none."""
        if not starts or not ends:
            return np.empty((len(starts), len(ends)))
        from_ = sorted(set(starts), key=self._place)
        to = from_ if set(starts) == set(ends) else sorted(set(ends), key=self._place)
        here = [self.label(n) for n in from_]
        there = here if to is from_ else [self.label(n) for n in to]
        found = self._without_gates(here, there)
        if self._gates:
            across = self._open if not len(shut) else self._closed(shut)
            at_gates = [np.array([label.gate_km for label in labels]) for labels in (here, there)]
            for side in at_gates:
                side[:, shut] = _INF
            found = np.minimum(found, _min_plus(_min_plus(at_gates[0], across), at_gates[1].T))
        row, column = ({node: i for i, node in enumerate(side)} for side in (from_, to))
        at = np.array([row[n] for n in starts], dtype=np.intp), np.array([column[n] for n in ends], dtype=np.intp)
        return np.asarray(found[np.ix_(*at)])

    def _without_gates(self, here: list[Label], there: list[Label]) -> Floats:
        """Return the km of the shortest ways that pass no gate, for labels in the order of the hierarchy.

        What two nodes both see are the first nodes of their labels. Those below a node stand together in that order, so
        that each node is a rectangle of the table.
        """
        found = np.full((len(here), len(there)), _INF)
        down, rows = _by_depth(here), _spans(here)
        over, columns = (down, rows) if there is here else (_by_depth(there), _spans(there))
        # Nodes that stand above the same places make one rectangle.
        depths: dict[tuple[int, int, int, int], list[int]] = {}
        for node in rows.keys() & columns.keys():
            (top, bottom, depth), (left, right, _) = rows[node], columns[node]
            depths.setdefault((top, bottom, left, right), []).append(depth)
        for (top, bottom, left, right), deep in depths.items():
            part = found[top:bottom, left:right]
            np.minimum(part, _min_plus(down[deep, top:bottom].T, over[deep, left:right]), out=part)
        return found

    @cached_property
    def _open(self) -> Floats:
        return self._closed(np.array([], dtype=np.intp))

    def _closed(self, shut: Shut) -> Floats:
        """Return the km between all gates that are not shut (Floyd and Warshall)."""
        across = self._across.copy()
        across[shut] = _INF
        across[:, shut] = _INF
        for gate in range(self._gates):
            np.minimum(across, across[:, gate, None] + across[gate], out=across)
        return across

    def _place(self, node: int) -> tuple[int, ...]:
        return tuple(self.label(node).nodes.tolist())

    # --- what is kept

    def _label(self, node: int) -> Label:
        chain = [node]
        while (parent := int(self._parent[chain[-1]])) != _NONE:
            chain.append(parent)
        reached, came = {node: 0.0}, {node: _NONE}
        for here in chain:
            km = reached[here]
            part = slice(self._begin[here], self._begin[here + 1])
            for to, length in zip(self._to[part].tolist(), self._km[part].tolist(), strict=True):
                if km + length < reached.get(to, _INF):
                    reached[to], came[to] = km + length, here
        chain.reverse()
        gates = range(self._count, self._count + self._gates)
        return Label(
            np.array(chain, dtype=np.int32),
            np.array([reached[n] for n in chain]),
            np.array([came[n] for n in chain], dtype=np.int32),
            np.array([reached.get(g, _INF) for g in gates]),
            np.array([came.get(g, _NONE) for g in gates], dtype=np.int32),
        )

    def _joined(self, stops: list[int]) -> tuple[int, ...]:
        """Return the nodes of the graph along a way given by its ends and its gates, or by its ends and where they meet."""
        parts = [self._leg(stops[0], stops[1])]
        parts += [self._leg(a, b) if a < b else self._leg(b, a)[::-1] for a, b in pairwise(stops[1:-1])]
        parts.append(self._leg(stops[-1], stops[-2])[::-1])
        return (stops[0], *(node for part in parts for node in part[1:] if node < self._count))

    def _nodes_of_leg(self, low: int, high: int) -> tuple[int, ...]:
        """Return the nodes from one gate to another, or from a node to one that its label holds."""
        if low >= self._count:
            between = int(self._across_via[low - self._count, high - self._count])
            return (*self._unpacked(between, low)[::-1], *self._unpacked(between, high)[1:])
        label, stops = self.label(low), [high]
        before = dict(zip(label.nodes.tolist(), label.before.tolist(), strict=True))
        if high >= self._count:
            stops.append(int(label.gate_before[high - self._count]))
        while stops[-1] != low:
            stops.append(before[stops[-1]])
        nodes = [low]
        for a, b in pairwise(reversed(stops)):
            nodes += self._unpacked(a, b)[1:]
        return tuple(nodes)

    def _unpacked(self, low: int, high: int) -> list[int]:
        """Return the nodes along the arc from a node to one above it."""
        begin, end = self._begin[low], self._begin[low + 1]
        via = int(self._via[begin + self._to[begin:end].tolist().index(high)])
        if via == _NONE:
            return [low, high]
        return self._unpacked(via, low)[::-1] + self._unpacked(via, high)[1:]


def _arcs(graph: Graph, without: Container[int]) -> list[Arcs]:
    """Return the arcs of every node, then those of every gate: a gate's edge leads to it from both sides."""
    arcs: list[Arcs] = [{} for _ in range(graph.count + len(graph.gates))]
    gate_of = {edge: graph.count + g for g, edge in enumerate(graph.gates)}
    for edge, ((a, b), km) in enumerate(zip(graph.edges.tolist(), graph.km.tolist(), strict=True)):
        if edge in without:
            continue
        middle = gate_of.get(edge)
        if middle is None:
            _join(arcs, a, b, (km, _NONE))
        else:
            _join(arcs, a, middle, (km / 2, _NONE))
            _join(arcs, middle, b, (km / 2, _NONE))
    return arcs


def _join(arcs: list[Arcs], a: int, b: int, arc: tuple[float, int]) -> None:
    known = arcs[a].get(b)
    if known is None or arc[0] < known[0]:
        arcs[a][b] = arcs[b][a] = arc


def _eliminated(arcs: list[Arcs], count: int) -> tuple[list[int], list[Arcs]]:
    """Take out every node below ``count``; return the order, and for each its arcs when it went, for the rest what is left."""
    order: list[int] = []
    taken = [False] * count
    heap = [(len(arcs[node]), node) for node in range(count)]
    heapq.heapify(heap)
    while heap:
        degree, node = heapq.heappop(heap)
        if taken[node] or degree != len(arcs[node]):
            continue  # its arcs have changed since: it stands in the heap again
        taken[node] = True
        order.append(node)
        around = [(to, km) for to, (km, _) in arcs[node].items()]
        for i, (to, km) in enumerate(around):
            del arcs[to][node]
            for other, more in around[:i]:
                _join(arcs, to, other, (km + more, node))
        for to, _ in around:
            if to < count:
                heapq.heappush(heap, (len(arcs[to]), to))
    return order, arcs


def _parents(above: list[Arcs], rank: Ints, count: int) -> Ints:
    """Return the lowest of the nodes above each, through which everything that it sees can be reached."""
    inner = ([to for to in arcs if to < count] for arcs in above[:count])
    return np.array([min(nodes, key=lambda n: int(rank[n]), default=_NONE) for nodes in inner], dtype=np.int32)


def _overlay(arcs: list[Arcs], count: int) -> tuple[Floats, Ints]:
    """Return the km from gate to gate without a third between, inf where there is no way, and the node in the middle."""
    km = np.full((len(arcs), len(arcs)), _INF)
    via = np.full(km.shape, _NONE, dtype=np.int32)
    np.fill_diagonal(km, 0.0)
    for gate, onward in enumerate(arcs):
        for to, (length, between) in onward.items():
            km[gate, to - count], via[gate, to - count] = length, between
    return km, via


def _meet(here: Label, there: Label) -> tuple[float, int]:
    """Return the km of the shortest way without a gate, and its highest node."""
    most = min(len(here.nodes), len(there.nodes))
    same = here.nodes[:most] == there.nodes[:most]
    depth = most if same.all() else int(same.argmin())
    if not depth:
        return _INF, _NONE
    km = here.km[:depth] + there.km[:depth]
    best = int(km.argmin())
    return float(km[best]), int(here.nodes[best])


def _spans(labels: Sequence[Label]) -> dict[int, tuple[int, int, int]]:
    """Return, for every node in the labels, the first and past the last of those that hold it, and its place in them."""
    nodes = np.full((max(len(label.nodes) for label in labels), len(labels)), _NONE, dtype=np.int32)
    for column, label in enumerate(labels):
        nodes[: len(label.nodes), column] = label.nodes
    changes = np.ones((len(nodes), len(labels)), dtype=bool)
    changes[:, 1:] = nodes[:, 1:] != nodes[:, :-1]
    depth, first = changes.nonzero()
    past = np.append(first[1:], 0)
    past[past == 0] = len(labels)  # the next change is on the line below
    spans = zip(nodes[depth, first].tolist(), first.tolist(), past.tolist(), depth.tolist(), strict=True)
    return {node: (begin, end, deep) for node, begin, end, deep in spans if node != _NONE}


def _by_depth(labels: Sequence[Label]) -> Floats:
    """Return the km in labels, of shape (the deepest, labels), inf below where a label ends."""
    km = np.full((max(len(label.km) for label in labels), len(labels)), _INF)
    for column, label in enumerate(labels):
        km[: len(label.km), column] = label.km
    return km


def _min_plus(a: Floats, b: Floats) -> Floats:
    """Return the least of a[i, k] + b[k, j] over k."""
    if a.shape[0] * b.shape[1] < _SMALL:
        return np.asarray((a[:, :, None] + b).min(axis=1, initial=_INF))
    found = np.full((a.shape[0], b.shape[1]), _INF)
    for k in range(a.shape[1]):
        np.minimum(found, a[:, k, None] + b[k], out=found)
    return found
