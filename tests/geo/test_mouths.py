"""The mouths of passages in small graphs where every one is seen, and what they shut."""

import numpy as np

from geo.mouths import mouths
from geo.routing import Graph


def graph(*edges):
    return Graph(max(map(max, edges)) + 1, np.array(edges, dtype=np.int32), np.ones(len(edges)))


def shut(found, *names):
    answer = found.shut(names)
    return answer.mouths.tolist(), set(answer.nodes)


def test_a_passage_of_edges_that_meet_has_one_mouth_where_they_do():
    star = graph((0, 1), (1, 2), (1, 3), (0, 4), (2, 5), (3, 6))
    found = mouths(star, dict.fromkeys(range(3), ("strait",)))
    assert (found.nodes, found.names, found.inner) == ([1], [("strait",)], {})
    assert found.at == {(0, 1): 0, (1, 1): 0, (2, 1): 0}
    assert shut(found, "strait") == ([0], set())


def test_a_long_passage_has_its_mouths_at_its_ends_and_nodes_inside():
    line = graph((0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7))
    found = mouths(line, dict.fromkeys(range(1, 6), ("canal",)))
    assert (found.nodes, found.inner) == ([1, 6], dict.fromkeys((2, 3, 4, 5), ("canal",)))
    assert shut(found, "canal") == ([0, 1], {2, 3, 4, 5})
    assert shut(found, "strait") == ([], set())
    assert shut(found) == ([], set())


def test_an_edge_of_two_passages_is_shut_with_either():
    found = mouths(graph((0, 1), (1, 2), (2, 3)), {1: ("arctic", "strait")})
    assert len(found.nodes) == 1
    assert shut(found, "arctic") == shut(found, "strait") == ([0], set())


def test_passages_that_share_a_node_have_a_mouth_each():
    found = mouths(graph((0, 1), (1, 2), (2, 3)), {0: ("east",), 1: ("west",)})
    assert sorted(found.names) == [("east",), ("west",)]
    assert shut(found, "east")[0] != shut(found, "west")[0]


def test_every_edge_of_a_passage_is_joined_at_a_mouth_or_lies_between_them():
    rng = np.random.default_rng(5)
    pairs = sorted({tuple(sorted(pair)) for pair in rng.integers(40, size=(90, 2)).tolist() if pair[0] != pair[1]})
    names = {edge: (("a", "b", "c")[edge % 3],) for edge in range(0, len(pairs), 2)}
    found = mouths(graph(*pairs), names)
    for edge, held in names.items():
        doors = [found.names[found.at[edge, node]] for node in pairs[edge] if (edge, node) in found.at]
        assert set(doors) <= {held}
        assert doors or all(found.inner.get(node) == held for node in pairs[edge])
    assert all(edge in names for edge, _ in found.at)


def test_a_graph_without_passages_has_no_mouths():
    found = mouths(graph((0, 1)), {})
    assert (found.nodes, found.at) == ([], {})
    assert shut(found, "suez") == ([], set())
