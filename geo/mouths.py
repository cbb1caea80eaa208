"""The mouths of the passages: few points through which every way into them leads, so that few must be shut to close one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.routing import Graph

Names = tuple[str, ...]


class Shut(NamedTuple):
    """What a question shuts: mouths by number, and the nodes of which no edge is left."""

    mouths: NDArray[np.intp]
    nodes: frozenset[int]


@dataclass(frozen=True)
class Mouths:
    """What the edges of a passage are joined at instead of the nodes that they share with other water.

    Mouth number m stands at the node ``nodes[m]`` and is shut with any of ``names[m]``. ``at`` gives, for an edge and one of
    its nodes, the mouth in the node's place. A node of ``inner`` has edges of the named passages only, and no mouth of its own.
    """

    nodes: list[int] = field(default_factory=list)
    names: list[Names] = field(default_factory=list)
    at: dict[tuple[int, int], int] = field(default_factory=dict)
    inner: dict[int, Names] = field(default_factory=dict)

    def shut(self, closed: Collection[str]) -> Shut:
        """Return what the closed passages shut."""
        mouths = {mouth for name in closed for mouth in self._by_name[0].get(name, ())}
        nodes = frozenset(node for name in closed for node in self._by_name[1].get(name, ()))
        return Shut(np.array(sorted(mouths), dtype=np.intp), nodes)

    @cached_property
    def _by_name(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        """The mouths, and the inner nodes, of each passage."""
        return _inverted(enumerate(self.names)), _inverted(self.inner.items())


def mouths(graph: Graph, names: Mapping[int, Names]) -> Mouths:
    """Return the mouths of a graph whose edges lie in passages by name.

    The edges of the same passages that hang together have a mouth at every node that they share with other edges, or at some
    node of every edge of theirs, whichever are fewer.
    """
    found = Mouths()
    degree = np.bincount(graph.edges.ravel(), minlength=graph.count).tolist()
    for held, edges in _together(graph, names):
        at = _by_node(graph, edges)
        shared = sorted(node for node in at if len(at[node]) < degree[node])
        covering = _cover(graph, edges)
        if len(shared) < len(covering):
            found.inner.update(dict.fromkeys(at.keys() - set(shared), held))
        for node in min(shared, covering, key=len):
            found.at.update({(edge, node): len(found.nodes) for edge in at[node]})
            found.nodes.append(node)
            found.names.append(held)
    return found


def _together(graph: Graph, names: Mapping[int, Names]) -> Iterator[tuple[Names, list[int]]]:
    """Yield the edges of the same passages that hang together."""
    by_names: dict[Names, list[int]] = {}
    for edge in sorted(names):
        by_names.setdefault(names[edge], []).append(edge)
    for held, edges in sorted(by_names.items()):
        at, left = _by_node(graph, edges), set(edges)
        for edge in edges:
            if edge not in left:
                continue
            left.remove(edge)
            found = [edge]
            for one in found:
                beside = {e for node in graph.edges[one].tolist() for e in at[node]} & left
                left -= beside
                found += sorted(beside)
            yield held, found


def _by_node(graph: Graph, edges: Sequence[int]) -> dict[int, list[int]]:
    at: dict[int, list[int]] = {}
    for edge, ends in zip(edges, graph.edges[edges].tolist(), strict=True):
        for node in ends:
            at.setdefault(node, []).append(edge)
    return at


def _inverted(named: Iterable[tuple[int, Names]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, names in named:
        for name in names:
            found.setdefault(name, []).append(number)
    return found


def _cover(graph: Graph, edges: Sequence[int]) -> list[int]:
    """Return nodes of which every edge has one, always the one with most edges left."""
    left = {edge: graph.edges[edge].tolist() for edge in edges}
    found: list[int] = []
    while left:
        times = Counter(node for ends in left.values() for node in ends)
        found.append(max(times, key=lambda node: (times[node], -node)))
        left = {edge: ends for edge, ends in left.items() if found[-1] not in ends}
    return sorted(found)
