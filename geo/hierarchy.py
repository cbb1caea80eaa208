"""Shortest ways on a graph with mouths that a question can shut, prepared so that a closure costs nothing.

Nodes are taken out of the graph one by one, least connected first, and what they joined is joined past them. What is left
in the end are the mouths, with the distance between any two that passes no third: to shut one is to leave it out. An end of
a way knows what lies above it in the order of removal, and so its distance to every mouth; the way over the mouths is found
by A*, whose bound is the exact distance with everything open.

After Dibbelt, Strasser and Wagner, Customizable Contraction Hierarchies, doi:10.1145/2886843, with the mouths kept to the
last. All answers equal those of Dijkstra's search to the last bit.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo.mouths import Mouths, Shut
from geo.routing import Floats, Graph, Ints, Way
from geo.skeleton import Skeleton

_LABELS, _LEGS = 1024, 4096
"""How many ends of ways, and pieces of ways, are kept: about 5 kB and 0.5 kB each."""
_INF = float("inf")
_SMALL = 1000
"""Cells of a table up to which all sums at once are faster than one after the other."""
_NONE = -1


@dataclass(frozen=True)
class Label:
    """What a node sees: the nodes above it, from the root down to itself, and every mouth; no way between passes a mouth.

    ``arc`` and ``mouth_arc`` hold the last arc of the way to each, ``_NONE`` for itself and for what is not reached.
    """

    nodes: Ints
    km: Floats
    arc: Ints
    mouth_km: Floats
    mouth_arc: Ints


class Hierarchy:
    """A prepared graph, without some of its edges. Mouth number m is a node of its own, ``graph.count + m``."""

    def __init__(self, graph: Graph, mouths: Mouths, skeleton: Skeleton, *, without: Collection[int] = ()) -> None:
        self._count, self._mouths = graph.count, len(mouths.nodes)
        self._stands = mouths.nodes
        self._begin, self._to, self._parent = skeleton.begin, skeleton.to, skeleton.parents(graph.count)
        arcs = skeleton.arcs(graph, mouths, without)
        self._km, self._parts = arcs.km, arcs.parts
        self._from = np.repeat(np.arange(graph.count, dtype=np.int32), np.diff(self._begin))
        size = (self._mouths, self._mouths)
        self._across = arcs.km[len(self._to) :].reshape(size)
        # Kept by node, not by question: no closure enters them.
        self.label = lru_cache(_LABELS)(self._label)
        self._bound = lru_cache(_LABELS)(self._to_mouths)
        self._leg = lru_cache(_LEGS)(self._nodes_of_leg)

    # --- one way

    def way(self, start: int, end: int, shut: Shut) -> Way | None:
        """Return the shortest way that passes nothing shut, or None."""
        if start != end and (start in shut.nodes or end in shut.nodes):
            return None
        here, there = self.label(start), self.label(end)
        direct, meeting = _meet(here, there)
        km, passed = self._over_mouths(here, there, self._bound(end), shut.mouths, direct)
        if km == _INF:
            return None
        stops = [start, *passed, end] if passed else [start, meeting, end]
        return Way(km, self._joined(stops))

    def _over_mouths(
        self, here: Label, there: Label, bound: Floats, shut: NDArray[np.intp], best: float
    ) -> tuple[float, list[int]]:
        """Return the km of the shortest way and its mouths; none where no way over mouths is shorter than ``best``."""
        reached, came = here.mouth_km.copy(), np.full(self._mouths, _NONE)
        guess = reached + bound
        guess[shut] = _INF
        reached[shut] = -_INF  # never reached at less
        to_end, last = there.mouth_km, _NONE
        while self._mouths:
            mouth = int(guess.argmin())
            if guess[mouth] >= best:
                break
            km = reached[mouth]
            guess[mouth] = _INF
            if km + to_end[mouth] < best:
                best, last = float(km + to_end[mouth]), mouth
            onward = self._across[mouth] + km
            nearer = (onward < reached).nonzero()[0]
            reached[nearer] = onward[nearer]
            guess[nearer] = onward[nearer] + bound[nearer]
            came[nearer] = mouth
        return best, self._mouths_back(came, last)

    def _mouths_back(self, came: NDArray[np.intp], last: int) -> list[int]:
        passed = []
        while last != _NONE:
            passed.append(self._count + last)
            last = int(came[last])
        return passed[::-1]

    def _to_mouths(self, node: int) -> Floats:
        """Return the km from every mouth to a node with everything open."""
        return np.asarray((self._open + self.label(node).mouth_km).min(axis=1, initial=_INF))

    # --- many ways

    def matrix(self, starts: Sequence[int], ends: Sequence[int], shut: Shut) -> Floats:
        """Return the km of the shortest ways, of shape (starts, ends); inf where there is none."""
        if not starts or not ends:
            return np.empty((len(starts), len(ends)))
        from_ = sorted(set(starts), key=self._place)
        to = from_ if set(starts) == set(ends) else sorted(set(ends), key=self._place)
        here = [self.label(n) for n in from_]
        there = here if to is from_ else [self.label(n) for n in to]
        found = _without_mouths(here, there)
        if self._mouths:
            np.minimum(found, self._table(from_, there, shut), out=found)
        within = np.isin(from_, list(shut.nodes))[:, None] | np.isin(to, list(shut.nodes))
        found[within & ~np.equal.outer(from_, to)] = _INF
        row, column = ({node: i for i, node in enumerate(side)} for side in (from_, to))
        at = np.array([row[n] for n in starts], dtype=np.intp), np.array([column[n] for n in ends], dtype=np.intp)
        return np.asarray(found[np.ix_(*at)])

    def _table(self, from_: Sequence[int], there: Sequence[Label], shut: Shut) -> Floats:
        """Return the km of the shortest ways that pass a mouth."""
        at_end = np.array([label.mouth_km for label in there])
        if not len(shut.mouths):
            return _over_few(np.array([self._bound(node) for node in from_]), at_end)
        at_start = np.array([self.label(node).mouth_km for node in from_])
        for side in (at_start, at_end):
            side[:, shut.mouths] = _INF
        return _over_few(_over_few(at_start, self._closed(shut.mouths)), at_end)

    @cached_property
    def _open(self) -> Floats:
        return self._closed(np.array([], dtype=np.intp))

    def _closed(self, shut: NDArray[np.intp]) -> Floats:
        """Return the km between all mouths that are not shut (Floyd and Warshall)."""
        across = self._across.copy()
        across[shut] = _INF
        across[:, shut] = _INF
        for mouth in range(self._mouths):
            np.minimum(across, across[:, mouth, None] + across[mouth], out=across)
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
            km, begin, end = reached.get(here, _INF), int(self._begin[here]), int(self._begin[here + 1])
            lengths = (self._km[begin:end] + km).tolist()
            for arc, to, far in zip(range(begin, end), self._to[begin:end].tolist(), lengths, strict=True):
                if far < reached.get(to, _INF):
                    reached[to], came[to] = far, arc
        chain.reverse()
        mouths = range(self._count, self._count + self._mouths)
        return Label(
            np.array(chain, dtype=np.int32),
            np.array([reached.get(n, _INF) for n in chain]),
            np.array([came.get(n, _NONE) for n in chain], dtype=np.int32),
            np.array([reached.get(g, _INF) for g in mouths]),
            np.array([came.get(g, _NONE) for g in mouths], dtype=np.int32),
        )

    def _joined(self, stops: list[int]) -> tuple[int, ...]:
        """Return the nodes of the graph along a way given by its ends and its mouths, or by its ends and where they meet."""
        parts = [self._leg(stops[0], stops[1])]
        parts += [self._leg(a, b) if a < b else self._leg(b, a)[::-1] for a, b in pairwise(stops[1:-1])]
        parts.append(self._leg(stops[-1], stops[-2])[::-1])
        nodes = stops[:1]
        for part in parts:
            nodes += part[1:]
        return tuple(nodes)

    def _nodes_of_leg(self, low: int, high: int) -> tuple[int, ...]:
        """Return the nodes of the graph from one mouth to another, or from a node to one that its label holds."""
        if low >= self._count:
            return self._on_graph(self._unpacked(self._arc_across(low, high)))
        label = self.label(low)
        came = dict(zip(label.nodes.tolist(), label.arc.tolist(), strict=True))
        arc = int(label.mouth_arc[high - self._count]) if high >= self._count else came[high]
        arcs = []
        while arc != _NONE:
            arcs.append(arc)
            arc = came[int(self._from[arc])]
        nodes = [low]
        for arc in reversed(arcs):
            nodes += self._unpacked(arc)[1:]
        return self._on_graph(nodes)

    def _on_graph(self, nodes: list[int]) -> tuple[int, ...]:
        """Return a way with the nodes that its mouths stand at."""
        found: list[int] = []
        for node in nodes:
            stands = node if node < self._count else self._stands[node - self._count]
            if not found or found[-1] != stands:
                found.append(stands)
        return tuple(found)

    def _arc_across(self, low: int, high: int) -> int:
        return len(self._to) + (low - self._count) * self._mouths + high - self._count

    def _unpacked(self, arc: int) -> list[int]:
        """Return the nodes along an arc, from the lower to the higher."""
        lower, upper = self._parts[arc].tolist()
        if lower != _NONE:
            return self._unpacked(lower)[::-1] + self._unpacked(upper)[1:]
        if arc < len(self._to):
            return [int(self._from[arc]), int(self._to[arc])]
        low, high = divmod(arc - len(self._to), self._mouths)
        return [self._count + low, self._count + high]


def _without_mouths(here: Sequence[Label], there: Sequence[Label]) -> Floats:
    """Return the km of the shortest ways that pass no mouth, for labels in the order of the hierarchy.

    What two nodes both see are the first nodes of their labels. Those below a node stand together in that order, so
    that each node is a rectangle of the table.
    """
    found = np.full((len(here), len(there)), _INF)
    down, rows = _by_depth(here), _spans(here)
    over, columns = (down, rows) if there is here else (_by_depth(there), _spans(there))
    _, i, j = np.intersect1d(rows[0], columns[0], assume_unique=True, return_indices=True)
    spans = np.vstack([rows[1:, i], columns[1:3, j]])
    # Nodes that stand above the same places make one rectangle.
    spans = spans[:, np.lexsort(spans[[4, 3, 1, 0]])]
    other = (np.diff(spans[[0, 1, 3, 4]], axis=1) != 0).any(axis=0)
    for alike in np.split(spans, np.flatnonzero(other) + 1, axis=1) if spans.size else ():
        (top, bottom, _, left, right), deep = alike[:, 0].tolist(), alike[2]
        part = found[top:bottom, left:right]
        np.minimum(part, _min_plus(down[deep, top:bottom].T, over[deep, left:right]), out=part)
    return found


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


def _spans(labels: Sequence[Label]) -> NDArray[np.intp]:
    """Return every node in the labels, the first and past the last of those that hold it, and its place in them: (4, nodes)."""
    nodes = np.full((max(len(label.nodes) for label in labels), len(labels)), _NONE, dtype=np.int32)
    for column, label in enumerate(labels):
        nodes[: len(label.nodes), column] = label.nodes
    changes = np.ones((len(nodes), len(labels)), dtype=bool)
    changes[:, 1:] = nodes[:, 1:] != nodes[:, :-1]
    depth, first = changes.nonzero()
    past = np.append(first[1:], 0)
    past[past == 0] = len(labels)  # the next change is on the line below
    spans = np.array([nodes[depth, first], first, past, depth])
    return spans[:, spans[0] != _NONE]


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


def _over_few(a: Floats, b: Floats) -> Floats:
    """Return the least of a[i, k] + b[j, k] over k, where most of b are infinite, and in the same places for many j."""
    found = np.full((len(a), len(b)), _INF)
    alike: dict[bytes, list[int]] = {}
    for j, places in enumerate(np.packbits(np.isfinite(b), axis=1)):
        alike.setdefault(places.tobytes(), []).append(j)
    for some in alike.values():
        finite = np.isfinite(b[some[0]]).nonzero()[0]
        found[:, some] = _min_plus(a[:, finite], b[np.ix_(some, finite)].T)
    return found
