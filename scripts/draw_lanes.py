"""Draw geo/data/drawn_lanes.csv: the shortest ways over water that the package's lanes miss.

Run by hand before build_network.py, when the ports, the places of geo/data/lane_ends.csv, the gates or our own lanes change:

    pip install searoute==1.6.0 scipy
    python scripts/draw_lanes.py

The package's lanes are sparse: between ports of the Far East, the Arctic or India they go 5 to 25 % too far. Here headlands of
the shipped coast, kept clear of by 4 km, and the package's nodes see each other where a straight line comes no nearer to
land than 1.5 km. The lines on which the shortest ways between our ports and the other places lie, with the passages open
and with some of them closed, become lanes. A strait that is too narrow for this is left to the package and to own_lanes.csv.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from build_network import Node, gates, lanes, listed, measured, node, shipped_land, table, turned
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree
from shapely.affinity import scale, translate

from geo import measure

ROOT = Path(__file__).resolve().parent.parent
PORTS = ROOT / "layers" / "data" / "ports" / "features.csv"
OUT = ROOT / "geo" / "data" / "drawn_lanes.csv"
EAST, WEST, SOUTH, NORTH = 200.0, -25.0, -40.0, 82.0  # the waters from Iceland to the Aleutians, in a frame from 40° W
CLEAR_KM, ROUND_KM = 1.5, 4.0
TILE_DEG, CORNER_DEG = 5.0, 0.03
INLAND_KM = 12.0  # a port farther from the shipped coast lies on a river or in a bay that an own lane follows
LANE_KM = 40.0
SIGHT_KM, SIGHT_NORTH_KM, FROM_LAT = 1300.0, 700.0, 60.0  # a straight line of the map bends from the great circle up there
PORT_SIGHT_KM, LANE_SIGHT_KM = 250.0, 150.0
LAND_COST = 3.0
EARTH_KM = 6371.0
ALWAYS = ("northwest-passage", "volga-don")
NSR = (*ALWAYS, "northern-sea-route")
CLOSED = [
    ALWAYS,
    ("northwest-passage",),
    (*ALWAYS, "bering"),
    (*ALWAYS, "suez"),
    NSR,
    (*NSR, "suez"),
    (*NSR, "suez", "mozambique-channel"),
    (*NSR, "malacca", "sunda"),
    (*NSR, "malacca", "sunda", "lombok"),
    (*NSR, "la-perouse", "korea-tsushima"),
    (*NSR, "tsugaru", "korea-tsushima"),
    (*NSR, "la-perouse", "tsugaru"),
    *((*NSR, one) for one in ("malacca", "singapore", "taiwan", "luzon", "korea-tsushima", "tsugaru", "la-perouse", "kuril")),
    *((*NSR, one) for one in ("fourth-kuril", "kara-gate", "vilkitsky", "sannikov", "laptev", "long-strait")),
]
WIDE = {
    *("bab-el-mandeb", "bering", "cape-of-good-hope", "dover", "fourth-kuril", "friza", "gibraltar", "hormuz", "kara-gate"),
    *("korea-tsushima", "kuril", "la-perouse", "lombok", "long-strait", "luzon", "makassar", "malacca", "mozambique-channel"),
    *("northern-sea-route", "ombai-wetar", "sunda", "taiwan", "tsugaru", "vilkitsky"),
}
"""The passages in which a line clear of land is a way for ships; in the others only the package's lanes and ours lead."""
NESTED = {"friza", "fourth-kuril", "kara-gate"}  # their gates are parts of others; no other two lie on one lane


@dataclass(frozen=True)
class Coast:
    """The shipped land in tiles, each with its waters near the shore, and the corners that ships turn round."""

    land: shapely.STRtree
    shore: shapely.STRtree
    corners: list[Node]


def main() -> None:
    known = sorted({tuple(sorted((a, b))) for a, b in [*lanes(), *listed("own_lanes.csv")] if a != b})
    land, nodes = coast(), {n for pair in known for n in pair}
    ports = ends(land, sorted(nodes))
    seen = sorted(set(sights(land, ports, nodes)) - set(known))
    used = drawn(known, seen, ports)
    used = sorted({*used, *tied(used, seen, nodes)})
    chains = list(joined(used))
    with OUT.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(["line", "reason"])
        rows.writerows((";".join(f"{lon} {lat}" for lon, lat in chain), reason) for chain, reason in reasons(known, chains))
    print(f"{len(seen)} lines clear of land, {len(used)} of them on shortest ways, in {len(chains)} lanes")


def framed(lon: Any) -> Any:
    return (lon + 40) % 360 - 40


def coast() -> Coast:
    """Return the land of the drawn waters, moved into the frame."""
    cut = [tile for part in shapely.get_parts(shipped_land()) for tile in tiles(part)]
    land = [translate(tile, framed(tile.centroid.x) - tile.centroid.x) for tile in cut]
    land = [tile for tile in land if tile.bounds[1] > -56 and tile.bounds[3] < 85]
    shore = shapely.STRtree([widened(tile, CLEAR_KM) for tile in land])
    rounded = shapely.orient_polygons(
        shapely.simplify(shapely.union_all([widened(tile, ROUND_KM) for tile in land]), CORNER_DEG)
    )
    turns = [c for part in shapely.get_parts(rounded) for ring in (part.exterior, *part.interiors) for c in corners(ring)]
    within = [c for c in turns if WEST < c[0] < EAST and SOUTH < c[1] < NORTH]
    wet = np.ones(len(within), dtype=bool)
    wet[shore.query(shapely.points(within), predicate="intersects")[0]] = False
    return Coast(
        shapely.STRtree(land), shore, [node((round(c[0], 3), round(c[1], 3))) for c, ok in zip(within, wet, strict=True) if ok]
    )


def tiles(part: shapely.Polygon) -> Iterator[shapely.Polygon]:
    west, south, east, north = part.bounds
    for x in np.arange(west // TILE_DEG * TILE_DEG, east, TILE_DEG):
        for y in np.arange(south // TILE_DEG * TILE_DEG, north, TILE_DEG):
            piece = shapely.intersection(part, shapely.box(x, y, x + TILE_DEG, y + TILE_DEG))
            yield from (p for p in shapely.get_parts(piece) if p.geom_type == "Polygon" and p.area > 0)


def widened(tile: shapely.Polygon, km: float) -> shapely.Polygon:
    narrow = np.cos(np.radians(min(84.0, abs(tile.centroid.y))))
    wide = scale(tile, narrow, 1, origin=(0, 0)).buffer(km / measure.SHORTEST_DEGREE_KM, quad_segs=2)
    return scale(wide, 1 / narrow, 1, origin=(0, 0))


def corners(ring: shapely.LinearRing) -> list[Node]:
    """Return the places at which the land, which lies to the left of a ring, juts out."""
    here = shapely.get_coordinates(ring)[:-1]
    before, after = here - np.roll(here, 1, axis=0), np.roll(here, -1, axis=0) - here
    left = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0] > 0
    return [(float(lon), float(lat)) for lon, lat in here[left]]


def ends(land: Coast, nodes: list[Node]) -> list[Node]:
    """Return the ports and the further places, each moved to the water before it, or to the lane that leads inland to it."""
    with PORTS.open(encoding="utf-8", newline="") as rows:
        places = [(float(r["lon"]), float(r["lat"])) for r in csv.DictReader(rows) if r["lon"]]
    places += [(float(r["lon"]), float(r["lat"])) for r in table("lane_ends.csv")]
    afloat = [on_water(shapely.Point(framed(lon), lat), land.land) for lon, lat in places]
    away, nearest = cKDTree(xyz(np.array(nodes))).query(xyz(np.array(places)))
    inland = {nodes[i] for i, km, p in zip(nearest, away, afloat, strict=True) if p is None and km < LANE_KM}
    return sorted({node((round(p.x, 3), round(p.y, 3))) for p in afloat if p is not None} | inland)


def on_water(place: shapely.Point, land: shapely.STRtree) -> shapely.Point | None:
    if not len(land.query(place, predicate="intersects")):
        return place
    around = shapely.union_all(land.geometries[land.query(place.buffer(1.0))])
    (x, y), _ = shapely.shortest_line(around.boundary, place).coords
    if measure.distance_km(x, y, place.x, place.y) > INLAND_KM:
        return None
    off = np.array([x - place.x, y - place.y]) * 0.01 / max(1e-9, np.hypot(x - place.x, y - place.y))
    return shapely.Point(x + off[0], y + off[1])


def sights(land: Coast, ports: list[Node], nodes: set[Node]) -> Iterator[tuple[Node, Node]]:
    """Yield the pairs of places that see each other over water without crossing the gate of a narrow passage."""
    near = sorted(n for n in nodes if WEST < framed(n[0]) < EAST and SOUTH < n[1] < NORTH)
    found: set[tuple[Node, Node]] = set()
    for some, others, km, keep_off in (
        (land.corners, land.corners, SIGHT_KM, land.shore),
        (ports, land.corners, SIGHT_KM, land.land),
        (ports, ports, SIGHT_KM, land.land),
        (ports, near, PORT_SIGHT_KM, land.land),
        (near, land.corners, LANE_SIGHT_KM, land.land),
    ):
        pairs = [(a, b) for a, b in within(some, others, km) if a != b and short(a, b)]
        found |= {(min(p), max(p)) for p in clear(pairs, keep_off)}
    yield from found


def short(a: Node, b: Node) -> bool:
    if abs(framed(a[0]) - framed(b[0])) > 40:
        return False
    return max(a[1], b[1]) < FROM_LAT or chord_km(np.array([a]), np.array([b]))[0] < SIGHT_NORTH_KM


def xyz(places: NDArray[np.float64]) -> NDArray[np.float64]:
    lon, lat = np.radians(places).T
    return EARTH_KM * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def chord_km(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(xyz(a) - xyz(b), axis=1))


def within(some: list[Node], others: list[Node], km: float) -> list[tuple[Node, Node]]:
    near = cKDTree(xyz(np.array(some))).sparse_distance_matrix(cKDTree(xyz(np.array(others))), km, output_type="coo_matrix")
    return [(some[i], others[j]) for i, j in zip(near.row, near.col, strict=True) if some is not others or i < j]


def clear(pairs: list[tuple[Node, Node]], keep_off: shapely.STRtree) -> list[tuple[Node, Node]]:
    ways = np.array(pairs)
    ways[..., 0] = framed(ways[..., 0])
    lines = shapely.linestrings(ways)
    narrow = [turned(g) for name, g in gates() if name not in WIDE]
    wide = [turned(g) for name, g in gates() if name in WIDE and name not in NESTED]
    shut = np.bincount(shapely.STRtree(wide).query(lines, predicate="intersects")[0], minlength=len(lines)) > 1
    shut[keep_off.query(lines, predicate="intersects")[0]] = True
    shut[shapely.STRtree(narrow).query(lines, predicate="intersects")[0]] = True
    return [pair for pair, bad in zip(pairs, shut, strict=True) if not bad]


def drawn(known: list[Any], seen: list[Any], ports: list[Node]) -> list[tuple[Node, Node]]:
    """Return the lines of sight on which shortest ways between the ports lie."""
    pairs = [*known, *seen]
    places = sorted({n for pair in pairs for n in pair})
    number = {n: i for i, n in enumerate(places)}
    edges = np.array([(number[a], number[b]) for a, b in pairs])
    km, land_km, lines = measured(pairs)
    cost = km + LAND_COST * np.where(land_km > 2, land_km, 0)
    crossed = {name: set(np.flatnonzero(shapely.intersects(lines, turned(g)))) for name, g in gates()}
    starts = [number[p] for p in ports if p in number]
    used: set[tuple[int, int]] = set()
    for closed in CLOSED:
        shut = set().union(*(crossed[name] for name in closed))
        keep = np.array([i for i in range(len(pairs)) if i not in shut])
        net = csr_matrix((cost[keep], edges[keep].T), shape=(len(places), len(places)))
        _, before = dijkstra(net, directed=False, indices=starts, return_predecessors=True)
        for row in before:
            used |= walked(row, starts)
    chosen = {(places[a], places[b]) for a, b in used}
    return [pair for pair in seen if pair in chosen or pair[::-1] in chosen]


def tied(used: list[Any], seen: list[Any], nodes: set[Node]) -> Iterator[tuple[Node, Node]]:
    """Yield for every corner on a drawn lane the two shortest lines to the lanes before, so that no corner is a blind end."""
    corners_used = {n for pair in used for n in pair} - nodes
    ties: dict[Node, list[tuple[float, tuple[Node, Node]]]] = {}
    for a, b in seen:
        for corner, lane in ((a, b), (b, a)):
            if corner in corners_used and lane in nodes:
                km = float(chord_km(np.array([a]), np.array([b]))[0])
                ties.setdefault(corner, []).append((km, (a, b)))
    for near in ties.values():
        yield from (pair for _, pair in sorted(near)[:2])


def walked(before: NDArray[np.int32], goals: list[int]) -> set[tuple[int, int]]:
    """Return the edges of the shortest ways that lead to the goals."""
    found: set[tuple[int, int]] = set()
    passed: set[int] = set()
    for here in goals:
        while before[here] >= 0 and here not in passed:
            passed.add(here)
            found.add((int(before[here]), int(here)))
            here = before[here]  # noqa: PLW2901  the walk goes on from there
    return found


def joined(pairs: list[tuple[Node, Node]]) -> Iterator[list[Node]]:
    """Yield the lines end to end, in as few chains as a walk from node to node gives."""
    at: dict[Node, list[Node]] = {}
    for a, b in sorted(pairs):
        at.setdefault(a, []).append(b)
        at.setdefault(b, []).append(a)
    for start in sorted(at, key=lambda n: (len(at[n]) % 2 == 0, n)):
        while at[start]:
            chain = [start]
            while at[chain[-1]]:
                there = at[chain[-1]].pop(0)
                at[there].remove(chain[-1])
                chain.append(there)
            yield chain


def reasons(known: list[Any], chains: list[list[Node]]) -> Iterator[tuple[list[Node], str]]:
    """Yield each chain with how far the lanes before it lead between its ends."""
    places = sorted({n for pair in known for n in pair})
    number = {n: i for i, n in enumerate(places)}
    km, _, _ = measured(known)
    edges = np.array([(number[a], number[b]) for a, b in known])
    net = csr_matrix((km, edges.T), shape=(len(places), len(places)))
    tree = cKDTree(xyz(np.array(places)))
    for chain in chains:
        own = sum(float(measure.distance_km(*a, *b)) for a, b in pairwise(chain))
        away, (first, last) = tree.query(xyz(np.array([chain[0], chain[-1]])))
        other = float(dijkstra(net, directed=False, indices=int(first))[last] + away.sum())
        yield chain, f"Clear of land over {own:.0f} km; by the other lanes its ends are {other:.0f} km apart"


if __name__ == "__main__":
    main()
