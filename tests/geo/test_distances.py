"""The network's distances beside published ones and beside an independent network."""

import csv
import os
import random
import sqlite3
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from geo import measure, network
from geo.measure import KM_PER_NM

HERE = Path(__file__).parent
SHARED = HERE.resolve().parents[2] / "shared" / "reference"
MARNET = SHARED / "routing" / "eurostat_marnet_plus_20km.gpkg"
WPI = SHARED / "ports" / "nga_world_port_index_2025-04.csv"
CLOSED = ("northern-sea-route", "northwest-passage", "volga-don")
CHENNAI, VLADIVOSTOK, PEVEK = (80.3, 13.083333), (131.888333, 43.108889), (170.3, 69.716667)
MUMBAI, SAINT_PETERSBURG, MURMANSK = (72.85, 18.95), (30.3, 59.9333), (33.05, 68.97)
DEFAULT = {"northwest-passage", "volga-don"}


def published():
    with (HERE / "published_distances.csv").open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


@cache
def computed():
    """Return the ratio of the computed to the published distance of every row of the table."""
    return {tuple(row.values()): ours_nm(row) / float(row["nm"]) for row in published()}


def ours_nm(row):
    start, end = ((float(row[f"{side}_lon"]), float(row[f"{side}_lat"])) for side in ("from", "to"))
    return network.lanes().route(start, end, close=set(row["close"].split())).length_km / KM_PER_NM


def test_published_distances_are_met_within_2_percent_in_the_median():
    ratios = np.array(list(computed().values()))
    assert len(ratios) >= 80
    assert np.median(np.abs(ratios - 1)) <= 0.02


@pytest.mark.parametrize("row", published(), ids=lambda r: f"{r['from']} – {r['to']} {r['via']}".strip())
def test_a_published_distance_is_met_within_5_percent_or_explained(row):
    assert row["source"]
    off = computed()[tuple(row.values())] - 1
    if abs(off) > 0.05:
        assert row["explained"], f"{off:+.1%} of {row['nm']} nm"
    else:
        assert not row["explained"], f"only {off:+.1%}: nothing to explain"


def test_the_table_has_ends_in_the_far_east_india_the_arctic_and_the_baltic():
    names = {row[side] for row in published() for side in ("from", "to")}
    assert {"Vladivostok", "Nakhodka", "Madras (Chennai)", "Bombay (Mumbai)", "Murmansk", "Pevek", "Sankt-Peterburg"} <= names


@pytest.mark.parametrize(
    ("start", "end", "closed", "least", "most"),
    [
        (CHENNAI, VLADIVOSTOK, {"northern-sea-route"}, 4560, 4800),
        (MUMBAI, SAINT_PETERSBURG, {"northern-sea-route", "suez", "kiel"}, 11_900, 12_300),
        (VLADIVOSTOK, PEVEK, set(), 3100, 3400),
        (VLADIVOSTOK, PEVEK, {"bering"}, 14_800, 15_900),
        (MURMANSK, VLADIVOSTOK, set(), 5600, 6100),
    ],
)
def test_the_corridors_distances_stand_where_they_should(start, end, closed, least, most):
    leg = network.lanes().route(start, end, close=closed | DEFAULT)
    assert least <= leg.length_km / KM_PER_NM <= most


# --- the network of Eurostat's searoute, read from its own file ---------------------------------------------------------


class Other:
    """A network as a matrix of its edges, with the part of it in which ways lead everywhere."""

    def __init__(self, nodes, edges):
        self.nodes = np.array(nodes)
        size = (len(nodes), len(nodes))
        self.net = csr_matrix((list(edges.values()), tuple(zip(*edges, strict=True))), shape=size)
        part = connected_components(self.net, directed=False)[1]
        self.joined = np.flatnonzero(part == np.bincount(part).argmax())
        self._tree = cKDTree(sphere(self.nodes[self.joined]))

    def nearest(self, places):
        away, i = self._tree.query(sphere(places))
        return away, self.joined[i]

    def km(self, starts, ends):
        once = sorted(set(starts.tolist()))
        found = dijkstra(self.net, directed=False, indices=once)
        row = {n: i for i, n in enumerate(once)}
        return np.array([found[row[a], b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)])


def sphere(places):
    lon, lat = np.radians(np.asarray(places)).T
    return 6371.0 * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def marnet():
    number, edges = {}, {}
    for line, passage in marnet_lines():
        if passage in ("northeast", "northwest"):
            continue
        points = shapely.get_coordinates(line)
        ends = [number.setdefault((round((x + 180) % 360 - 180, 4), round(y, 4)), len(number)) for x, y in points[[0, -1]]]
        pair = (min(ends), max(ends))
        edges[pair] = min(edges.get(pair, np.inf), measure.length_km(line))
    return Other(list(number), edges)


def marnet_lines():
    file = sqlite3.connect(f"file:{MARNET}?mode=ro&immutable=1", uri=True)
    name, column = file.execute("select table_name, column_name from gpkg_geometry_columns").fetchone()
    for blob, passage in file.execute(f'select "{column}", pass from "{name}"'):
        envelope = (0, 32, 48, 48, 64)[blob[3] >> 1 & 7]  # GeoPackage 1.3, 2.1.3: the header before the WKB
        for line in shapely.get_parts(shapely.from_wkb(blob[8 + envelope :])):
            yield line, passage


def ours():
    lanes = network.lanes()
    shut = set().union(*(lanes._passages[p] for p in CLOSED))
    edges = {
        tuple(map(int, e)): float(km) for i, (e, km) in enumerate(zip(lanes._edges, lanes._km, strict=True)) if i not in shut
    }
    return Other(lanes._nodes, edges)


@pytest.mark.skipif(not (MARNET.is_file() or os.environ.get("CI")), reason="no ../shared/reference beside the repository")
def test_a_thousand_pairs_of_ports_are_as_far_apart_as_on_an_independent_network():
    theirs, mine = marnet(), ours()
    with WPI.open(encoding="utf-8-sig", newline="") as rows:
        ports = [(r["Main Port Name"], float(r["Longitude"]), float(r["Latitude"])) for r in csv.DictReader(rows)]
    places = np.array([p[1:] for p in ports])
    (their_km, their_node), (my_km, my_node) = theirs.nearest(places), mine.nearest(places)
    both = np.flatnonzero((their_km < 20) & (my_km < 20)).tolist()
    draw = random.Random(4)
    pairs = []
    while len(pairs) < 1000:
        a, b = draw.sample(both, 2)
        if measure.distance_km(*places[a], *places[b]) > 500:
            pairs.append((a, b))
    first, last = np.array(pairs).T
    other = their_km[first] + theirs.km(their_node[first], their_node[last]) + their_km[last]
    own = my_km[first] + mine.km(my_node[first], my_node[last]) + my_km[last]
    off = own / other - 1
    assert np.median(np.abs(off)) <= 0.02
    found = {
        f"{ports[a][0]} – {ports[b][0]}": round(100 * x, 1) for a, b, x in zip(first, last, off, strict=True) if abs(x) > 0.08
    }
    assert sorted(found) == sorted(EXPLAINED), found


EXPLAINED = {
    "Georgetown – Puerto Limon": "Caribbean Sea: theirs leaves Grand Cayman northward and comes in from the east",
    "Toulon – Levanzo": "Tyrrhenian Sea: our lanes to the Egadi Islands go past them to 12.7° E and back",
    "Skudeneshavn – Neuhaus": "North Sea: our lanes follow the coast of Norway to 8° E before they turn south",
    "Bolungarvik – Dublin": "The Minches: our lanes lead through them by Cape Wrath, theirs west of the Hebrides",
    "Corpach – Skerjafjordur": "The Minches: our lanes lead through them by Cape Wrath, theirs west of the Hebrides",
    "Korsakov – Valdez": "Bering Sea: theirs leads up to 62° N, ours along the Aleutians",
    "Nakhodka – New Westminster": "Bering Sea: theirs leads up to 62° N, ours along the Aleutians",
    "Creosote – Kisarazu Ko": "North Pacific: theirs leads along 40° N, ours nearer to the great circle",
    "Uraga Ko – Keyport": "North Pacific: theirs leads along 40° N, ours nearer to the great circle",
    "Motril – Port Methanier": "Coast of Algeria: our lanes go past Skikda to 7.5° E and back",
    "Eckernforde – Teignmouth Harbour": "Kiel Canal to Channel: 40 nm over the great circle, theirs 102",
    "Caernarvon – Dunkerque Port Est": "Menai Strait: theirs begins at its eastern mouth, ours at the western",
}
"""Pairs more than 8 % apart, by the water that explains it."""
