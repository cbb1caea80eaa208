"""The shipped lanes: what they cross, what their passages separate, and how near they come to the ports."""

import csv
import io
from collections import Counter
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.affinity import translate

from geo import boundaries, measure, network
from geo.antimeridian import unwrap
from geo.errors import NoRouteError
from geo.lanes import read, write

DATA = Path(network.__file__).parent / "data"
LAND_KM = 5.0
DEFAULT = frozenset({"northwest-passage", "volga-don"})
NESTED = {"friza": "kuril", "fourth-kuril": "kuril", "kara-gate": "northern-sea-route", "magellan": "cape-horn"}
ASKED_FOR = """malacca singapore sunda lombok makassar torres taiwan luzon korea-tsushima kanmon la-perouse tsugaru tatar kuril
bering hormuz bab-el-mandeb suez bosporus dardanelles kerch gibraltar danish-straits kiel dover panama cape-of-good-hope
cape-horn magellan mozambique-channel palk kara-gate vilkitsky sannikov laptev long-strait northern-sea-route
northwest-passage volga-don"""


@cache
def document():
    return read()._asdict()


@cache
def drawn():
    """Every edge as it is drawn."""
    nodes = document()["nodes"]
    return np.array(
        [shapely.LineString(unwrap([tuple(nodes[a]), tuple(nodes[b])])) for a, b in document()["edges"]], dtype=object
    )


def table(name):
    with (DATA / name).open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def places(text):
    return [tuple(float(v) for v in pair.split()) for pair in text.split(";")]


def turned(shape):
    return shapely.union_all([translate(shape, turn) for turn in (-360, 0, 360)])


@cache
def shipped_land():
    shipped = boundaries.load()
    return [part for r in shipped.of_kind("country") for part in shapely.get_parts(shipped.shapes[r.id])]


def over_land_km(lines):
    tree = shapely.STRtree([translate(part, turn) for turn in (-360, 0, 360) for part in shipped_land()])
    found = np.zeros(len(lines))
    for i, j in tree.query(lines, predicate="intersects").T:
        found[i] += measure.length_km(shapely.intersection(lines[i], tree.geometries[j]))
    return found


def test_the_file_is_compact_and_its_nodes_are_places_of_their_own():
    assert (DATA / "lanes.npz").stat().st_size <= 250_000
    nodes = np.array(document()["nodes"])
    assert len(np.unique(nodes, axis=0)) == len(nodes)
    assert -180 <= nodes[:, 0].min() <= nodes[:, 0].max() < 180
    assert np.abs(nodes[:, 1]).max() <= 90
    assert Counter(tuple(sorted(e)) for e in document()["edges"]).most_common(1)[0][1] == 1


def test_the_kept_skeleton_is_that_of_the_lanes():
    shipped = read()
    made = network.SeaNetwork(shipped.nodes, shipped.edges, shipped.passages).skeleton
    assert np.array_equal(made.begin, shipped.skeleton.begin)
    assert np.array_equal(made.to, shipped.skeleton.to)


def test_the_file_written_anew_is_the_same():
    file = io.BytesIO()
    write(file, read())
    with np.load(io.BytesIO(file.getvalue())) as again, np.load(DATA / "lanes.npz") as shipped:
        assert again.files == shipped.files
        assert all(np.array_equal(again[name], shipped[name]) for name in shipped.files)


def test_every_passage_that_people_ask_for_can_be_closed():
    assert set(ASKED_FOR.split()) <= set(document()["passages"])


@pytest.mark.parametrize("row", table("passages.csv"), ids=lambda row: row["id"])
def test_every_edge_across_a_gate_carries_the_passage(row):
    gate = turned(shapely.MultiLineString([places(part) for part in row["line"].split("|")]))
    crossing = set(np.flatnonzero(shapely.intersects(drawn(), gate)).tolist())
    assert crossing <= set(document()["passages"][row["id"]])
    assert row["sources"]
    assert len(row["note"].split("|")) == len(row["line"].split("|"))


SIDES = {
    "malacca": ((98.0, 6.5), (103.2, 1.3), set()),
    "singapore": ((102.5, 1.8), (104.8, 1.5), set()),
    "taiwan": ((119.0, 23.5), (121.5, 27.0), set()),
    "korea-tsushima": ((127.5, 33.5), (131.0, 36.5), {"tsugaru", "la-perouse", "tatar", "kanmon"}),
    "la-perouse": ((140.0, 45.0), (144.5, 46.5), {"tsugaru", "korea-tsushima", "kanmon", "tatar"}),
    "tsugaru": ((139.0, 41.5), (142.5, 41.3), {"la-perouse", "korea-tsushima", "tatar", "kanmon"}),
    "tatar": ((140.9, 50.5), (142.0, 54.5), {"la-perouse", "korea-tsushima", "tsugaru", "kanmon"}),
    "kuril": ((150.0, 50.0), (155.0, 45.0), {"la-perouse", "tatar"}),
    "kanmon": ((130.5, 34.5), (131.5, 33.9), {"korea-tsushima", "tsugaru", "la-perouse", "tatar"}),
    "bering": ((-172.0, 63.5), (-168.5, 67.5), {"northern-sea-route", "northwest-passage"}),
    "hormuz": ((53.0, 26.0), (58.5, 25.0), set()),
    "bab-el-mandeb": ((41.5, 16.0), (46.0, 12.3), {"suez"}),
    "suez": ((32.0, 32.0), (33.2, 28.6), {"gibraltar"}),
    "bosporus": ((28.4, 40.8), (29.5, 41.6), set()),
    "dardanelles": ((25.5, 39.8), (27.6, 40.6), set()),
    "kerch": ((36.5, 44.8), (36.5, 45.9), set()),
    "gibraltar": ((-8.0, 35.8), (-2.0, 36.0), {"suez"}),
    "danish-straits": ((11.3, 57.0), (14.5, 54.9), {"kiel"}),
    "kiel": ((8.0, 54.0), (10.8, 54.6), {"danish-straits"}),
    "panama": (
        (-80.0, 10.5),
        (-79.5, 7.5),
        {"cape-horn", "northwest-passage", "northern-sea-route", "cape-of-good-hope", "suez"},
    ),
    "cape-of-good-hope": (
        (15.0, -36.0),
        (26.0, -36.0),
        {"suez", "cape-horn", "panama", "northern-sea-route", "northwest-passage"},
    ),
    "cape-horn": (
        (-76.0, -54.0),
        (-62.0, -55.0),
        {"panama", "cape-of-good-hope", "suez", "northern-sea-route", "northwest-passage"},
    ),
    "northern-sea-route": (
        (45.0, 70.5),
        (-168.0, 64.0),
        {"suez", "cape-of-good-hope", "panama", "cape-horn", "northwest-passage"},
    ),
    "northwest-passage": (
        (-60.0, 70.0),
        (-140.0, 71.0),
        {"suez", "cape-of-good-hope", "panama", "cape-horn", "northern-sea-route"},
    ),
    "volga-don": ((38.0, 46.7), (49.5, 44.5), set()),
}
"""Passages that separate two waters: a place on each side, and every other passage by which one comes from one to the other."""
ROUND_ISLANDS = {"malacca", "singapore", "taiwan"}
"""Those of them whose two sides open water still joins, far round: south of Sumatra, Borneo and Java, east of Taiwan."""
NO_LANE = {"palk", "sannikov"}
"""Passages that no lane of the network uses, since too few ships do."""
OPEN_BESIDE = {
    "sunda": "the straits of Malacca and Lombok",
    "lombok": "the straits of Bali, Alas and Sape",
    "makassar": "the Molucca Sea",
    "ombai-wetar": "the straits east of Timor",
    "torres": "the Coral Sea, south of Australia",
    "luzon": "the straits of the Philippines and of Taiwan",
    "friza": "the other Kuril straits",
    "fourth-kuril": "the other Kuril straits",
    "dover": "the water north of Scotland",
    "kara-gate": "the water north of Novaya Zemlya",
    "vilkitsky": "the water north of Severnaya Zemlya",
    "sannikov": "the Laptev Strait and the water north of the New Siberian Islands",
    "laptev": "the water north of the New Siberian Islands",
    "long-strait": "the water north of Wrangel Island",
    "magellan": "Drake Passage",
    "mozambique-channel": "the water east of Madagascar",
    "palk": "the water south of Sri Lanka",
}
"""Passages that ships may leave aside, and the open water that leads round them."""


def test_of_every_passage_it_is_said_what_it_separates():
    assert set(SIDES) | set(OPEN_BESIDE) == set(document()["passages"])
    assert not set(SIDES) & set(OPEN_BESIDE)


@pytest.mark.parametrize("passage", SIDES)
def test_a_closed_passage_leaves_only_other_passages_between_its_two_sides(passage):
    here, there, others = SIDES[passage]
    lanes = network.lanes()
    free = lanes.route(here, there, close=DEFAULT - {passage})
    assert passage in free.passages
    if passage not in ROUND_ISLANDS:
        with pytest.raises(NoRouteError):
            lanes.route(here, there, close=others | {passage})
    if others or passage in ROUND_ISLANDS:
        assert lanes.route(here, there, close={passage}).length_km > 1.05 * free.length_km


@pytest.mark.parametrize("passage", OPEN_BESIDE)
def test_open_water_leads_round_a_passage_that_ships_may_leave_aside(passage):
    nodes, edges = document()["nodes"], document()["edges"]
    members = document()["passages"][passage]
    assert bool(members) == (passage not in NO_LANE)
    round_it = []
    for a, b in (edges[i] for i in members):
        try:
            round_it.append(network.lanes().route(tuple(nodes[a]), tuple(nodes[b]), close={passage}))
        except NoRouteError:  # the end of a lane to a port in the strait itself
            continue
    assert all(passage not in leg.passages for leg in round_it)
    assert bool(round_it) == bool(members)


def test_south_of_africa_nothing_leads_round_the_closed_cape():
    """Between Cape Agulhas and the ice, on the whole meridian, every lane carries the passage."""
    meridian = shapely.LineString([(20.0167, -34.9), (20.0167, -72)])
    crossing = set(np.flatnonzero(shapely.intersects(drawn(), meridian)).tolist())
    assert crossing
    assert crossing <= set(document()["passages"]["cape-of-good-hope"])


def test_the_whole_water_of_the_northern_sea_route_carries_it():
    """Every edge between the meridian of Cape Zhelaniya and that of the Bering Strait, north of the Siberian coast."""
    water = turned(shapely.Polygon([(70, 76), (70, 81), (150, 81), (185, 73), (185, 70.2), (150, 72), (110, 76), (80, 74.5)]))
    inside = set(np.flatnonzero(shapely.within(drawn(), water)).tolist())
    assert len(inside) > 20
    assert inside <= set(document()["passages"]["northern-sea-route"])
    with pytest.raises(NoRouteError):
        network.lanes().route((80.4, 73.7), (128.9, 71.9), close={"northern-sea-route"})


def test_no_lane_crosses_the_gates_of_two_passages_but_where_one_is_part_of_the_other():
    """The passages of a route are in the order in which they are sailed."""
    at = {}
    for name, members in document()["passages"].items():
        for i in members:
            at.setdefault(i, set()).add(name)
    both = Counter(pair for names in at.values() for pair in combinations(sorted(names), 2))
    whole = {p for p in both if "northern-sea-route" in p}  # every edge of its water carries it
    assert {p for p in both if p not in whole} <= {tuple(sorted(pair)) for pair in NESTED.items()}


# --- land --------------------------------------------------------------------------------------------------------------


def ports(atlas):
    layer = atlas.layer("ports")
    return {layer.ids[i]: (float(lon), float(lat)) for i, (lon, lat, _, _) in enumerate(layer.bounds)}


def used_edges(starts, closed):
    """Return the edges of the shortest ways between nodes with passages closed."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    nodes, edges = np.array(document()["nodes"]), np.array(document()["edges"])
    km = measure.distance_km(*nodes[edges[:, 0]].T, *nodes[edges[:, 1]].T)
    shut = set().union(*(document()["passages"][p] for p in closed))
    keep = np.array([i for i in range(len(edges)) if i not in shut])
    net = csr_matrix((km[keep], edges[keep].T), shape=(len(nodes), len(nodes)))
    _, before = dijkstra(net, directed=False, indices=starts, return_predecessors=True)
    number = {tuple(sorted(e)): i for i, e in enumerate(edges.tolist())}
    found = set()
    for row in before:
        passed = set()
        for goal in starts:
            here = goal
            while row[here] >= 0 and here not in passed:
                passed.add(here)
                found.add(number[tuple(sorted((int(row[here]), int(here))))])
                here = int(row[here])
    return found


@pytest.fixture(scope="module")
def used(atlas):
    """The edges of every shortest way between two ports, with all open, with the defaults, and with each passage closed."""
    starts = sorted({network.lanes().approach(place).node for place in ports(atlas).values()})
    sets = [frozenset(), DEFAULT, *(DEFAULT | {one} for one in document()["passages"])]
    sets += [
        DEFAULT | {"northern-sea-route", *more}
        for more in ((), ("suez",), ("malacca", "sunda"), ("malacca", "sunda", "lombok"))
    ]
    return sorted(set().union(*(used_edges(starts, closed) for closed in dict.fromkeys(sets))))


def test_no_way_between_ports_crosses_land_but_by_canals_rivers_and_exceptions_by_name(used):
    canals = set(document()["canals"])
    lines = drawn()[used]
    over = over_land_km(lines)
    excepted = {row["id"]: turned(shapely.Polygon(places(row["around"]))) for row in table("land_exceptions.csv")}
    needed, wrong = set(), []
    for i, line, km in zip(used, lines, over, strict=True):
        if km <= LAND_KM or i in canals:
            continue
        names = {name for name, water in excepted.items() if line.within(water)}
        needed |= names
        if not names:
            wrong.append((round(km), *line.coords))
    assert wrong == []
    assert needed == set(excepted), "an exception that no way needs"


def test_no_lane_of_ours_crosses_land_but_in_canals_rivers_and_exceptions_by_name():
    """Also where no way between our ports leads: other places are asked for too."""
    legs = {
        tuple(sorted(pair))
        for name in ("own_lanes.csv", "drawn_lanes.csv")
        for row in table(name)
        for pair in pairwise(places(row["line"]))
    }
    lines = np.array([shapely.LineString(unwrap(list(pair))) for pair in sorted(legs)], dtype=object)
    spared = shapely.union_all(
        [
            turned(shapely.Polygon(places(row["around"])))
            for name in ("canals.csv", "land_exceptions.csv")
            for row in table(name)
        ]
    )
    over = over_land_km(lines)
    assert [
        (round(km), *line.coords) for line, km in zip(lines, over, strict=True) if km > LAND_KM and not line.within(spared)
    ] == []


def test_canals_and_rivers_are_edges_of_the_named_waters():
    waters = shapely.union_all([turned(shapely.Polygon(places(row["around"]))) for row in table("canals.csv")])
    assert all(shapely.within(drawn()[i], waters) for i in document()["canals"])
    for passage in ("suez", "panama", "kiel", "volga-don"):
        assert set(document()["passages"][passage]) <= set(document()["canals"])


def test_every_port_of_the_far_east_and_india_reaches_its_nearest_node_within_30_km(atlas):
    layer = atlas.layer("ports")
    near = {
        int(i)
        for region in ("far-eastern-federal-district", "IN")
        for part in layer.index.members[region]
        for i in np.ravel(part)
    }
    nodes = np.array(document()["nodes"])
    for i, (lon, lat, _, _) in enumerate(layer.bounds):
        away = measure.distance_km(float(lon), float(lat), nodes[:, 0], nodes[:, 1])
        joined, km = network.lanes().approach((float(lon), float(lat)))
        assert km <= away.min() + 1e-6, f"{layer.ids[i]} joins at {km:.0f} km, its nearest node is {away.min():.0f} km off"
        assert km <= (30 if i in near else 50), layer.ids[i]
        assert over_land_km(np.array([shapely.LineString([(lon, lat), nodes[joined]])], dtype=object))[0] <= 15


def test_our_own_lanes_have_their_reasons():
    for name in ("own_lanes.csv", "drawn_lanes.csv", "dropped_lanes.csv"):
        for row in table(name):
            assert row["reason"], row
            assert all(a != b for a, b in pairwise(places(row["line"])))
