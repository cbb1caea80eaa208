"""Make geo/data/lanes.npz, the frozen sea network, from searoute's lanes.

Run once, by hand, when the inputs change:

    pip install searoute==1.6.0
    python scripts/build_network.py

What is mended on the way: longitudes outside [-180°, 180°] are brought back and the two ends of the antimeridian
become one node, so that the Bering Sea is one water; its lanes along the antimeridian over Chukotka are left out; the
package's own passage tags are dropped (its "northwest" is mostly the Northern Sea Route) and every edge that crosses
a gate of geo/data/passages.csv carries that passage, as does, where the row names a place within, every edge of the water
that the gates enclose about it; lanes that do not hold (geo/data/dropped_lanes.csv) are left out and our own
(geo/data/own_lanes.csv) are added, each with its reason; what runs over land on purpose, in the surroundings of a canal or
river (geo/data/canals.csv), is marked.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import searoute
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from geo import boundaries, measure
from geo.antimeridian import unwrap
from geo.lanes import Lanes, write
from geo.network import SeaNetwork

DATA = Path(__file__).resolve().parent.parent / "geo" / "data"
SEAM_FROM = 60.0  # the package's lanes along 180° from here northward run over Chukotka and Wrangel Island
SHORE_KM = 20.0
Node = tuple[float, float]


def main() -> None:
    pairs = {tuple(sorted((a, b))) for a, b in [*lanes(), *listed("own_lanes.csv"), *listed("drawn_lanes.csv")] if a != b}
    nodes = sorted({n for pair in pairs for n in pair})
    number = {n: i for i, n in enumerate(nodes)}
    edges = sorted((number[a], number[b]) for a, b in pairs)
    lines = [shapely.LineString(unwrap([nodes[a], nodes[b]])) for a, b in edges]
    found = dict(passages(lines, edges))
    places, joined = np.array(nodes), np.array(edges)
    skeleton = SeaNetwork(places, joined, found).skeleton
    shipped = Lanes(places, joined, found, canals(lines), skeleton)
    path = DATA / "lanes.npz"
    with path.open("wb") as file:
        write(file, shipped)
    print(f"{len(shipped.canals)} edges in canals and rivers")
    print(f"{len(nodes)} nodes, {len(edges)} edges, {path.stat().st_size / 1000:.0f} kB")
    print({k: len(v) for k, v in found.items()})


def lanes() -> Iterator[tuple[Node, Node]]:
    dropped = {frozenset(pair) for pair in listed("dropped_lanes.csv")}
    for a, b in searoute.setup_M().edges:
        along_seam = node(a)[0] == node(b)[0] == -180 and min(a[1], b[1]) >= SEAM_FROM
        if not along_seam and frozenset((node(a), node(b))) not in dropped:
            yield node(a), node(b)


def listed(name: str) -> Iterator[tuple[Node, Node]]:
    """Yield the edges of the lines in a kept table."""
    for row in table(name):
        yield from pairwise(node(p) for p in positions(row["line"]))


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def node(place: tuple[float, float]) -> Node:
    """Return the place with its longitude in [-180°, 180°); both sides of the antimeridian are one."""
    lon = (float(place[0]) + 180) % 360 - 180
    return round(lon, 5), round(float(place[1]), 5)


def positions(text: str) -> list[Node]:
    pairs = (p.split() for p in text.split(";"))
    return [(float(lon), float(lat)) for lon, lat in pairs]


def passages(lines: list[BaseGeometry], edges: list[tuple[int, int]]) -> Iterator[tuple[str, list[int]]]:
    """Yield each passage with the edges that cross its gate, and with all those of the water that the gate encloses."""
    within = {row["id"]: row["within"] for row in table("passages.csv")}
    for name, gate in gates():
        crossing = set(np.flatnonzero(shapely.intersects(lines, turned(gate))).tolist())
        if within[name]:
            crossing |= enclosed(edges, crossing, nearest_edge(lines, shapely.Point(positions(within[name])[0])))
        yield name, sorted(crossing)


def gates() -> Iterator[tuple[str, BaseGeometry]]:
    for row in table("passages.csv"):
        yield row["id"], shapely.MultiLineString([ashore(positions(part)) for part in row["line"].split("|")])


def ashore(line: list[Node]) -> list[Node]:
    """Return a line of a gate with its ends carried on to the shipped coast, which is generalised and may lie inland."""
    begin, end = (shapely.shortest_line(shapely.Point(p), shipped_land()).coords[1] for p in (line[0], line[-1]))
    reached = [float(measure.distance_km(*a, *b)) <= SHORE_KM for a, b in ((line[0], begin), (line[-1], end))]
    return [*([beyond(line[0], begin)] * reached[0]), *line, *([beyond(line[-1], end)] * reached[1])]


def beyond(start: Node, shore: Node) -> Node:
    """Return a place a little inland of the shore, seen from the start."""
    return shore[0] + 0.2 * (shore[0] - start[0]), shore[1] + 0.2 * (shore[1] - start[1])


@cache
def shipped_land() -> BaseGeometry:
    shipped = boundaries.load()
    return shapely.union_all([shipped.shapes[r.id] for r in shipped.of_kind("country")])


def enclosed(edges: list[tuple[int, int]], gate: set[int], start: int) -> set[int]:
    """Return the edges that one reaches from an edge without crossing the gate."""
    at: dict[int, list[int]] = {}
    for i, ends in enumerate(edges):
        for n in ends:
            at.setdefault(n, []).append(i)
    found, ahead = {start}, [start]
    while ahead:
        for near in (i for n in edges[ahead.pop()] for i in at[n]):
            if near not in found and near not in gate:
                found.add(near)
                ahead.append(near)
    return found


def nearest_edge(lines: list[BaseGeometry], place: shapely.Point) -> int:
    return int(np.argmin(shapely.distance(lines, place)))


def canals(lines: list[BaseGeometry]) -> list[int]:
    """Return the edges over land on purpose: those that lie in the surroundings of a canal or river."""
    waters = [turned(shapely.Polygon(positions(row["around"]))) for row in table("canals.csv")]
    return [i for i, line in enumerate(lines) if any(line.within(water) for water in waters)]


def measured(pairs: list[tuple[Node, Node]]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.object_]]:
    """Return of each edge its length and what of it the shipped land covers, in km, and its line as it is drawn."""
    ends = np.array(pairs)
    km = measure.distance_km(ends[:, 0, 0], ends[:, 0, 1], ends[:, 1, 0], ends[:, 1, 1])
    lines = np.array([shapely.LineString(unwrap(list(pair))) for pair in pairs], dtype=object)
    parts = shapely.get_parts(shipped_land())
    tree = shapely.STRtree([translate(part, turn) for turn in (-360, 0, 360) for part in parts])
    over = np.zeros(len(pairs))
    for i, j in tree.query(lines, predicate="intersects").T:
        over[i] += measure.length_km(shapely.intersection(lines[i], tree.geometries[j]))
    return km, over, lines


def turned(shape: BaseGeometry) -> BaseGeometry:
    """Return the shape with its copies one turn west and east, since a line across 180° is drawn beyond it."""
    return shapely.union_all([translate(shape, turn) for turn in (-360, 0, 360)])


if __name__ == "__main__":
    main()
