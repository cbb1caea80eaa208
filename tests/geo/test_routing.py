"""The engine against a plain search written here, over random closures, areas and places, and over a small sea."""

import heapq
import threading
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo import measure, network
from geo.errors import DataError, InputError, NoRouteError, UnknownError
from geo.network import SeaNetwork

LANES = network.lanes()
PASSAGES = sorted(LANES.passages)
PORTS = [
    (80.3, 13.083333),
    (131.888333, 43.108889),
    (170.3, 69.716667),
    (72.85, 18.95),
    (30.3, 59.9333),
    (33.05, 68.97),
    (4.0, 51.95),
    (37.8, 44.7),
    (121.5, 31.2),
    (-74.0, 40.6),
    (-122.4, 37.8),
    (177.5, 64.7),
    (151.2, -33.9),
    (18.4, -33.9),
    (-70.9, -53.2),
    (178.4, -18.1),
]
ports = st.sampled_from(PORTS)
closures = st.frozensets(st.sampled_from(PASSAGES), max_size=6)
ours = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def areas(draw):
    west, south = draw(st.integers(-180, 160)), draw(st.integers(-60, 75))
    return shapely.box(west, south, west + draw(st.integers(1, 20)), south + draw(st.integers(1, 15)))


def dijkstra(sea, start, end, left_out):
    """Return the km between two nodes without some edges; a search that knows nothing of the engine."""
    around = {}
    for edge, (a, b) in enumerate(sea._edges.tolist()):
        if edge not in left_out:
            around.setdefault(a, []).append((b, sea._km[edge]))
            around.setdefault(b, []).append((a, sea._km[edge]))
    heap, done = [(0.0, start)], set()
    while heap:
        km, here = heapq.heappop(heap)
        if here == end:
            return km
        if here not in done:
            done.add(here)
            for there, length in around.get(here, ()):
                heapq.heappush(heap, (km + length, there))
    return np.inf


def expected_km(sea, start, end, left_out):
    a, b = sea.approach(start), sea.approach(end)
    return a.km + dijkstra(sea, a.node, b.node, left_out) + b.km


def route_km(sea, start, end, **limits):
    try:
        return sea.route(start, end, **limits).length_km
    except NoRouteError:
        return np.inf


def shut_edges(sea, close):
    return frozenset().union(*(sea._passages[name] for name in close))


def edges_of(sea, leg):
    number = {frozenset(ends): edge for edge, ends in enumerate(sea._edges.tolist())}
    return {number[frozenset(pair)] for pair in pairwise(leg.nodes)}


def crossed_by(sea, area):
    """Return the edges with a part inside an area, by a test of every edge on its own."""
    ends = sea._nodes[sea._edges]
    away = np.where(np.abs(ends[:, 1, 0] - ends[:, 0, 0]) > 180, 360 * np.sign(ends[:, 0, 0] - ends[:, 1, 0]), 0)
    found = set()
    for turn in (-360, 0, 360):
        lines = ends.copy()
        lines[:, 1, 0] += away
        lines[:, :, 0] += turn
        found |= set(np.flatnonzero(shapely.relate_pattern(shapely.linestrings(lines), area, "T********")).tolist())
    return found


@pytest.fixture(scope="module")
def lanes():
    LANES.prepare()
    return LANES


# --- over the shipped lanes


@ours
@given(ports, ports, closures)
def test_a_way_is_as_long_as_a_plain_search_says(start, end, close):
    LANES.prepare()
    if start != end:
        assert route_km(LANES, start, end, close=close) == expected_km(LANES, start, end, shut_edges(LANES, close))


@settings(ours, max_examples=25)
@given(ports, ports, closures, st.lists(areas(), min_size=1, max_size=3))
def test_a_way_round_areas_is_as_long_as_a_plain_search_says(start, end, close, avoid):
    barred = set().union(*(crossed_by(LANES, area) for area in avoid))
    assert LANES._avoidance.barred(avoid).edges == barred
    within = [LANES.approach(p).node in LANES._avoidance.barred(avoid).nodes for p in (start, end)]
    if start != end and not any(within):
        left_out = barred | shut_edges(LANES, close)
        assert route_km(LANES, start, end, close=close, avoid=avoid) == expected_km(LANES, start, end, left_out)


@ours
@given(ports, ports, closures, st.sampled_from(PASSAGES))
def test_closing_never_shortens_and_nothing_closed_is_used(start, end, close, more):
    LANES.prepare()
    before, after = (route_km(LANES, start, end, close=c) for c in (close, close | {more}))
    assert after >= before
    if start != end and after < np.inf:
        leg = LANES.route(start, end, close=close | {more})
        assert not (close | {more}) & set(leg.passages)
        assert not edges_of(LANES, leg) & shut_edges(LANES, close | {more})


@settings(ours, max_examples=20)
@given(ports, ports, closures, st.sampled_from(PASSAGES), st.lists(areas(), min_size=1, max_size=2))
def test_closing_and_avoiding_never_shorten_together(start, end, close, more, avoid):
    plain, avoiding, both = (
        route_km(LANES, start, end, close=close),
        route_km(LANES, start, end, close=close, avoid=avoid),
        route_km(LANES, start, end, close=close | {more}, avoid=avoid),
    )
    assert plain <= avoiding <= both


@ours
@given(ports, ports, closures)
def test_there_and_back_are_equal_to_the_last_bit(start, end, close):
    try:
        there = LANES.route(start, end, close=close)
    except NoRouteError:
        with pytest.raises(NoRouteError):
            LANES.route(end, start, close=close)
        return
    back = LANES.route(end, start, close=close)
    assert there.length_km == back.length_km
    assert there.nodes == back.nodes[::-1]
    assert set(there.passages) == set(back.passages)


@ours
@given(ports, ports, ports, closures)
def test_no_way_is_longer_than_over_a_third_port(a, b, c, close):
    LANES.prepare()
    direct, first, second = (route_km(LANES, *pair, close=close) for pair in ((a, c), (a, b), (b, c)))
    assert direct <= first + second


@settings(ours, max_examples=10)
@given(closures)
def test_a_table_holds_what_single_ways_say(close):
    found = LANES.matrix(PORTS[:6], PORTS[3:], close=close)
    assert found.shape == (6, 13)
    assert found.tolist() == [[route_km(LANES, a, b, close=close) for b in PORTS[3:]] for a in PORTS[:6]]


def test_a_table_round_areas_holds_what_single_ways_say(lanes):
    around_japan, red_sea = shapely.box(125, 30, 150, 48), shapely.box(36, 14, 40, 20)
    some = [*PORTS[:4], (141.0, 42.6)]
    found = lanes.matrix(some, some, close={"panama"}, avoid=[around_japan, red_sea])
    single = [[route_km(lanes, a, b, close={"panama"}, avoid=[around_japan, red_sea]) for b in some] for a in some]
    assert found.tolist() == single
    assert (found >= lanes.matrix(some, some, close={"panama"})).all()


def test_a_table_of_no_places_is_empty(lanes):
    assert lanes.matrix([], PORTS).shape == (0, len(PORTS))
    assert lanes.matrix(PORTS, []).shape == (len(PORTS), 0)


def test_a_network_that_is_not_prepared_finds_the_same_ways():
    fresh = SeaNetwork(LANES._nodes, LANES._edges, LANES._passages)
    LANES.prepare()
    for a, b in list(pairwise(PORTS))[:10]:
        assert fresh.route(a, b, close={"suez"}) == LANES.route(a, b, close={"suez"})
    assert fresh._hierarchy is None


def test_a_network_that_is_asked_often_prepares_itself():
    fresh = SeaNetwork(LANES._nodes, LANES._edges, LANES._passages)
    for _ in range(15):
        fresh.route(PORTS[0], PORTS[1])
    assert fresh._hierarchy is not None


def test_10_000_calls_from_threads_never_see_each_others_closures():
    fresh = SeaNetwork(LANES._nodes, LANES._edges, LANES._passages)  # prepared in the middle of it
    rng = np.random.default_rng(4)
    questions = [
        (PORTS[a], PORTS[b], frozenset(rng.choice(PASSAGES, rng.integers(0, 4), replace=False).tolist()))
        for a, b in (rng.choice(len(PORTS), 2, replace=False) for _ in range(250))
    ]
    LANES.prepare()
    expected = [route_km(LANES, a, b, close=close) for a, b, close in questions]
    wrong, done = [], []

    def ask(seed):
        for i in np.random.default_rng(seed).integers(len(questions), size=1250).tolist():
            a, b, close = questions[i]
            if route_km(fresh, a, b, close=close) != expected[i]:
                wrong.append(questions[i])
            done.append(i)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(done) == 10_000


@pytest.mark.parametrize(("start", "end"), list(pairwise(PORTS)))
def test_a_line_is_continuous_within_180_degrees_and_as_long_as_it_says(lanes, start, end):
    leg = lanes.route(start, end)
    parts = [shapely.get_coordinates(part) for part in leg.line.geoms]
    assert np.abs(np.vstack(parts)[:, 0]).max() <= 180
    for before, after in pairwise(parts):
        assert (abs(before[-1, 0]), before[-1, 1]) == (180, after[0, 1])
        assert before[-1, 0] == -after[0, 0]
    assert all(np.abs(np.diff(part[:, 0])).max() < 180 for part in parts)
    assert (tuple(parts[0][0]), tuple(parts[-1][-1])) == (start, end)
    # The line is cut at 180° by its latitude on the map, which lies a little off the geodesic.
    assert measure.length_km(leg.line) == pytest.approx(leg.length_km, rel=1e-5)
    assert leg.line.is_valid


def test_the_parts_of_a_length_add_up(lanes):
    leg = lanes.route(PORTS[0], PORTS[4])
    steps = sum(lanes._km[list(edges_of(lanes, leg))].tolist())
    assert leg.length_km == leg.access_km[0] + steps + leg.access_km[1]


def test_passages_are_passed_in_order_along_the_way(lanes):
    leg = lanes.route(PORTS[3], PORTS[4], close={"volga-don"})
    assert tuple(name for name, _ in leg.passed) == leg.passages
    km = [at for _, at in leg.passed]
    assert km == sorted(km)
    assert km[0] > 0
    assert km[-1] < leg.length_km
    bab_el_mandeb = dict(leg.passed)["bab-el-mandeb"]
    assert bab_el_mandeb == pytest.approx(lanes.route(PORTS[3], (43.3, 12.6)).length_km, abs=150)


def test_from_a_place_to_itself_it_is_0_km_and_no_line(lanes):
    leg = lanes.route(PORTS[0], PORTS[0], close={"suez"})
    assert (leg.length_km, leg.access_km, leg.passages, leg.nodes, leg.line.is_empty) == (0, (0, 0), (), (), True)
    assert np.diag(lanes.matrix(PORTS, PORTS)).tolist() == [0.0] * len(PORTS)


# --- alternatives


@settings(ours, max_examples=15)
@given(ports, ports, st.frozensets(st.sampled_from(PASSAGES), max_size=2), st.integers(1, 6))
def test_alternatives_leave_out_a_passage_of_every_better_one(start, end, close, count):
    LANES.prepare()
    try:
        legs = LANES.alternatives(start, end, count=count, close=close)
    except NoRouteError:
        assert route_km(LANES, start, end, close=close) == np.inf
        return
    assert 1 <= len(legs) <= count
    assert legs[0] == LANES.route(start, end, close=close)
    assert [leg.length_km for leg in legs] == sorted(leg.length_km for leg in legs)
    assert not any(close & set(leg.passages) for leg in legs)
    for i, leg in enumerate(legs):
        assert all(set(better.passages) - set(leg.passages) for better in legs[:i])


def test_the_alternatives_to_malacca_are_sunda_and_lombok(lanes):
    legs = lanes.alternatives(PORTS[0], PORTS[1], count=3)
    for leg, name in zip(legs, ("malacca", "sunda", "lombok"), strict=True):
        assert name in leg.passages


@pytest.mark.parametrize("count", [0, 11, -1])
def test_a_number_of_alternatives_out_of_range_is_refused(lanes, count):
    with pytest.raises(InputError, match=rf"{count} alternatives cannot be given\. Ask for 1 to 10\."):
        lanes.alternatives(PORTS[0], PORTS[1], count=count)


# --- a small sea, where every answer is seen


@pytest.fixture
def sea():
    """Two channels, north and middle, side by side from west to east, and a long way round through the south."""
    nodes = np.array([(0.0, 0), (1, 1), (2, 0), (1, -1), (1, -8), (30, 0), (31, 0)])
    edges = np.array([(0, 1), (1, 2), (0, 3), (3, 2), (0, 4), (4, 2), (5, 6)])
    gates = {"north": [0], "middle": [2], "first": [4], "second": [5], "elsewhere": [6], "dry": []}
    return SeaNetwork(nodes, edges, gates)


def test_no_way_names_the_closures_that_cut_it_and_no_other(sea):
    with pytest.raises(NoRouteError, match="from 0,0 to 2,0 with first, middle, north closed") as raised:
        sea.route((0, 0), (2, 0), close={"north", "middle", "first", "elsewhere", "dry"})
    assert raised.value.closures == ("first", "middle", "north")
    assert raised.value.areas == ()


def test_of_two_closures_each_of_which_cuts_one_is_named(sea):
    with pytest.raises(NoRouteError) as raised:
        sea.route((0, 0), (2, 0), close={"north", "middle", "first", "second"})
    assert raised.value.closures == ("middle", "north", "second")


def test_no_way_round_an_area_names_it_with_the_closures(sea):
    on_the_middle, off = shapely.box(0.4, -0.6, 0.6, -0.4), shapely.box(50, 50, 51, 51)
    with pytest.raises(NoRouteError, match=r"with first, north closed and 1 of 2 areas avoided\.") as raised:
        sea.route((0, 0), (2, 0), close={"north", "first"}, avoid=[off, on_the_middle])
    assert (raised.value.closures, raised.value.areas) == (("first", "north"), (1,))
    with pytest.raises(NoRouteError, match=r"with nothing closed and the area avoided\."):
        sea.route((0, 0), (2, 0), avoid=[shapely.box(0.4, -9, 0.6, 9)])


def test_waters_that_do_not_meet_have_no_way_whatever_is_open(sea):
    with pytest.raises(NoRouteError, match="with nothing closed") as raised:
        sea.route((0, 0), (31, 0), close={"north"})
    assert raised.value.closures == ()
    assert np.isinf(sea.matrix([(0, 0)], [(31, 0)])).all()


def test_an_end_within_an_area_is_left_by_the_nearest_way_out(sea):
    around_the_start = shapely.box(-0.2, -0.2, 0.2, 0.2)
    leg = sea.route((0, 0), (2, 0), avoid=[around_the_start])
    assert leg.length_km == sea.route((0, 0), (2, 0)).length_km
    channel = {1: shapely.box(1.4, 0.4, 1.6, 0.6), 3: shapely.box(1.4, -0.6, 1.6, -0.4)}
    # That channel is barred farther on and ends there: it is no way out.
    other = sea.route((0, 0), (2, 0), avoid=[around_the_start, channel[leg.nodes[1]]])
    assert other.nodes == (0, 4 - leg.nodes[1], 2)


def test_a_way_between_two_ends_within_an_area_goes_round_outside(sea):
    over_the_north = shapely.box(-0.5, -0.5, 1.2, 1.5)
    leg = sea.route((0, 0), (1, 1), avoid=[over_the_north])
    assert leg.nodes == (0, 3, 2, 1)
    assert sea.matrix([(0, 0)], [(1, 1)], avoid=[over_the_north])[0, 0] == leg.length_km


@pytest.fixture
def inlet():
    """An inlet with one way out by the strait, a shorter one than by the sound."""
    nodes = np.array([(0.0, 0), (0.5, 0.0), (1, 0), (1, 2)])
    return SeaNetwork(nodes, np.array([(0, 1), (1, 2), (2, 3), (1, 3)]), {"strait": [1], "sound": [3]})


INNER = shapely.box(-0.1, -0.1, 0.6, 0.1)


def test_ways_out_that_meet_within_the_area_join_there(inlet):
    assert inlet.route((0, 0), (0.5, 0), avoid=[INNER]).nodes == (0, 1)
    found = inlet.matrix([(0, 0), (0.5, 0)], [(0.5, 0), (1, 2)], avoid=[INNER])
    single = [[route_km(inlet, a, b, avoid=[INNER]) for b in ((0.5, 0), (1, 2))] for a in ((0, 0), (0.5, 0))]
    assert found.tolist() == single


def test_a_closure_on_the_way_out_opens_no_other(inlet):
    assert inlet.route((0, 0), (1, 2), avoid=[INNER]).nodes == (0, 1, 2, 3)
    assert inlet.route((0, 0), (1, 2), close={"strait"}).nodes == (0, 1, 3)
    with pytest.raises(NoRouteError, match=r"with strait closed and the area avoided\.") as raised:
        inlet.route((0, 0), (1, 2), close={"strait"}, avoid=[INNER])
    assert (raised.value.closures, raised.value.areas) == (("strait",), (0,))
    assert np.isinf(inlet.matrix([(0, 0)], [(1, 2)], close={"strait"}, avoid=[INNER])).all()


def test_to_run_along_an_area_is_no_fault(sea):
    touching = shapely.Polygon([(0, 0), (1, 1), (0, 1)])
    assert sea.route((0, 0), (2, 0), avoid=[touching]).length_km == sea.route((0, 0), (2, 0)).length_km


def test_an_edge_across_180_degrees_is_held_to_areas_on_both_sides():
    sea = SeaNetwork(np.array([(170.0, 0), (-170, 0), (-170, 40), (170, 40)]), np.array([(0, 1), (1, 2), (2, 3), (3, 0)]), {})
    for area in (shapely.box(174, -1, 176, 1), shapely.box(-176, -1, -174, 1)):
        assert sea.route((170, 0), (-170, 0), avoid=[area]).nodes == (0, 3, 2, 1)
    assert sea.route((170, 0), (-170, 0), avoid=[shapely.box(-100, -1, 100, 1)]).nodes == (0, 1)


@pytest.mark.parametrize(
    ("area", "said"),
    [
        (shapely.Point(0, 0), "Area 1 to avoid is a Point"),
        (shapely.Polygon(), "Area 1 to avoid is an empty Polygon"),
        (shapely.Polygon([(0, 0), (1, 1), (0, 1), (1, 0)]), "Area 1 to avoid is not valid: Self-intersection"),
        (
            shapely.box(170, 0, 190, 10),
            r"Area 1 to avoid reaches from 170° to 190°\. Give polygons in degrees, split at 180°\.",
        ),
    ],
)
def test_what_is_no_area_is_refused(sea, area, said):
    with pytest.raises(InputError, match=said):
        sea.route((0, 0), (2, 0), avoid=[area])


@pytest.mark.parametrize("place", [(181, 0), (0, 91), (float("nan"), 0)])
def test_what_is_no_place_is_refused(sea, place):
    said = "is not a place: give lon,lat with lon from -180 to 180 and lat from -90 to 90"
    for ask in (lambda: sea.route(place, (0, 0)), lambda: sea.matrix([place], [(0, 0)]), lambda: sea.approach(place)):
        with pytest.raises(InputError, match=said):
            ask()


def test_an_unknown_passage_is_refused_in_every_question(sea):
    for ask in (sea.route, lambda a, b, close: sea.matrix([a], [b], close=close)):
        with pytest.raises(UnknownError, match=r"'nort' is not a passage of the sea network\. Did you mean north"):
            ask((0, 0), (2, 0), close={"nort"})
    with pytest.raises(UnknownError, match="'nort' is not a passage"):
        sea.alternatives((0, 0), (2, 0), count=2, close={"nort"})


def test_edges_that_make_no_graph_are_refused():
    nodes = np.array([(0.0, 0), (1, 0), (2, 0)])
    with pytest.raises(DataError) as raised:
        SeaNetwork(nodes, np.array([(0, 1), (1, 0), (2, 2)]), {})
    assert raised.value.faults == (
        "Node 2 of the sea network is joined to itself.",
        "Nodes 0 and 1 of the sea network are joined by more than one edge.",
    )


def test_a_sea_without_gates_has_its_table(sea):
    bare = SeaNetwork(sea._nodes, sea._edges, {})
    places = [tuple(node) for node in sea._nodes.tolist()]
    assert bare.matrix(places, places).tolist() == sea.matrix(places, places).tolist()
