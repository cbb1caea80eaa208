"""A worker in the peers' environment: searoute over its own network, scgraph over ours; one timed answer for each line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import cache
from time import perf_counter
from typing import Any

GRAPHS: dict[str, Any] = {}


@cache
def searoute() -> Callable[..., Any]:
    import searoute as package

    package.searoute([80.3, 13.1], [131.9, 43.1])  # reads its network
    return package.searoute


def one(start: list[float], end: list[float], close: list[str]) -> dict[str, Any]:
    """Time one route of searoute, in km with its line."""
    ask = searoute()
    begin = perf_counter()
    found = ask(start, end, restrictions=close)
    spent = perf_counter() - begin
    return {"s": spent, "km": found["properties"]["length"]}


def load(nodes: list[list[float]], edges: list[list[float]]) -> dict[str, Any]:
    """Make scgraph's graph of nodes (lon, lat) and edges (node, node, km), and its tables by a first route."""
    from scgraph import GeoGraph

    around: list[dict[int, float]] = [{} for _ in nodes]
    for a, b, km in edges:
        around[int(a)][int(b)] = around[int(b)][int(a)] = km
    GRAPHS["ours"] = GeoGraph(graph=around, nodes=[[lat, lon] for lon, lat in nodes])
    return {"s": scgraph([80.3, 13.1], [131.9, 43.1])["s"]}


def scgraph(start: list[float], end: list[float]) -> dict[str, Any]:
    """Time one route of scgraph with nothing closed."""
    here, there = ({"longitude": lon, "latitude": lat} for lon, lat in (start, end))
    begin = perf_counter()
    found = GRAPHS["ours"].get_shortest_path(origin_node=here, destination_node=there)
    return {"s": perf_counter() - begin, "km": found["length"]}


def matrix(places: list[list[float]]) -> dict[str, Any]:
    """Time scgraph's table of the km between all places."""
    nodes = [{"longitude": lon, "latitude": lat} for lon, lat in places]
    begin = perf_counter()
    found = GRAPHS["ours"].distance_matrix(nodes=nodes)
    return {"s": perf_counter() - begin, "km": found[0][1]}


DOES: dict[str, Callable[..., dict[str, Any]]] = {"one": one, "load": load, "scgraph": scgraph, "matrix": matrix}


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        try:
            out = DOES[request.pop("do")](**request)
        except Exception as error:  # noqa: BLE001  whatever a peer fails with is told, and the bench goes on
            out = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(out), flush=True)


if __name__ == "__main__":
    main()
