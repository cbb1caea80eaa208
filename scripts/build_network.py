"""Make geo/data/lanes.json.gz, the frozen sea network, from searoute's lanes.

Run once, by hand, when the inputs change:

    pip install searoute==1.6.0
    python scripts/build_network.py

What is mended on the way: longitudes outside [-180°, 180°] are brought back and the two ends of the antimeridian
become one node, so that the Bering Sea is one water; its lanes along the antimeridian over Chukotka are left out; the
package's own passage tags are dropped (its "northwest" is mostly the Northern Sea Route) and every edge that crosses
a gate, or lies in an area, of geo/data/passages.csv carries that passage; our own lanes (geo/data/own_lanes.csv, each
with its reason) are added.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import searoute
import shapely
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from geo.antimeridian import unwrap

DATA = Path(__file__).resolve().parent.parent / "geo" / "data"
SEAM_FROM = 60.0  # the package's lanes along 180° from here northward run over Chukotka and Wrangel Island
Node = tuple[float, float]


def main() -> None:
    pairs = {tuple(sorted((a, b))) for a, b in [*lanes(), *listed("own_lanes.csv")] if a != b}
    nodes = sorted({n for pair in pairs for n in pair})
    number = {n: i for i, n in enumerate(nodes)}
    edges = sorted((number[a], number[b]) for a, b in pairs)
    lines = [shapely.LineString(unwrap([nodes[a], nodes[b]])) for a, b in edges]
    document = {"nodes": nodes, "edges": edges, "passages": dict(passages(lines))}
    path = DATA / "lanes.json.gz"
    path.write_bytes(gzip.compress(json.dumps(document, separators=(",", ":")).encode(), 9, mtime=0))
    print(f"{len(nodes)} nodes, {len(edges)} edges, {path.stat().st_size / 1000:.0f} kB")
    print({k: len(v) for k, v in document["passages"].items()})


def lanes() -> Iterator[tuple[Node, Node]]:
    dropped = {frozenset(pair) for pair in listed("dropped_lanes.csv")}
    for a, b in searoute.setup_M().edges:
        along_seam = node(a)[0] == node(b)[0] == -180 and min(a[1], b[1]) >= SEAM_FROM
        if not along_seam and frozenset((node(a), node(b))) not in dropped:
            yield node(a), node(b)


def listed(name: str) -> Iterator[tuple[Node, Node]]:
    """Yield the edges of the lines in a kept table."""
    with (DATA / name).open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            points = [node(p) for p in positions(row["line"])]
            yield from pairwise(points)


def node(place: tuple[float, float]) -> Node:
    """Return the place with its longitude in [-180°, 180°); both sides of the antimeridian are one."""
    lon = (float(place[0]) + 180) % 360 - 180
    return round(lon, 5), round(float(place[1]), 5)


def positions(text: str) -> list[Node]:
    pairs = (p.split() for p in text.split(";"))
    return [(float(lon), float(lat)) for lon, lat in pairs]


def passages(lines: list[BaseGeometry]) -> Iterator[tuple[str, list[int]]]:
    with (DATA / "passages.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            gates = [gate(row["kind"], part) for part in row["line"].split("|")]
            turned = shapely.union_all([translate(g, turn) for g in gates for turn in (-360, 0, 360)])
            yield row["id"], [i for i, line in enumerate(lines) if line.intersects(turned)]


def gate(kind: str, text: str) -> BaseGeometry:
    return shapely.Polygon(positions(text)) if kind == "area" else shapely.LineString(positions(text))


if __name__ == "__main__":
    main()
