import threading

import numpy as np
import pytest
import shapely

from geo import network
from geo.antimeridian import split_line
from geo.errors import NoRouteError, UnknownError
from geo.gates import gates
from geo.measure import KM_PER_NM
from geo.network import SeaNetwork

CHENNAI, VLADIVOSTOK, PEVEK = (80.3, 13.083333), (131.888333, 43.108889), (170.3, 69.716667)
MUMBAI, SAINT_PETERSBURG, MURMANSK = (72.85, 18.95), (30.3, 59.9333), (33.05, 68.97)


@pytest.fixture(scope="module")
def lanes():
    return network.lanes()


def nm(leg):
    return leg.length_km / KM_PER_NM


def test_chennai_to_vladivostok_goes_through_malacca_at_its_length_along_the_water(lanes):
    leg = lanes.route(CHENNAI, VLADIVOSTOK)
    assert 4560 <= nm(leg) <= 4800
    assert leg.passages == ("malacca", "singapore", "taiwan", "korea-tsushima")


def test_closing_malacca_leads_through_sunda_then_lombok_and_each_is_longer(lanes):
    open_, sunda = lanes.route(CHENNAI, VLADIVOSTOK), lanes.route(CHENNAI, VLADIVOSTOK, close={"malacca"})
    lombok = lanes.route(CHENNAI, VLADIVOSTOK, close={"malacca", "sunda"})
    assert sunda.passages[0] == "sunda"
    assert lombok.passages[0] == "lombok"
    assert open_.length_km < sunda.length_km < lombok.length_km


def test_a_closure_does_not_outlive_the_call(lanes):
    before = lanes.route(CHENNAI, VLADIVOSTOK)
    lanes.route(CHENNAI, VLADIVOSTOK, close={"malacca"})
    assert lanes.route(CHENNAI, VLADIVOSTOK) == before


def test_closing_suez_leads_round_the_cape(lanes):
    assert "suez" in lanes.route(MUMBAI, SAINT_PETERSBURG, close={"volga-don", "kiel"}).passages
    round_the_cape = lanes.route(MUMBAI, SAINT_PETERSBURG, close={"suez", "volga-don", "kiel"})
    assert "cape-of-good-hope" in round_the_cape.passages
    assert 11_900 <= nm(round_the_cape) <= 12_300


def test_vladivostok_to_pevek_goes_through_the_bering_strait(lanes):
    leg = lanes.route(VLADIVOSTOK, PEVEK)
    assert 3100 <= nm(leg) <= 3400
    assert {"bering", "northern-sea-route"} <= set(leg.passages)
    assert "suez" not in leg.passages


def test_with_the_bering_strait_closed_no_way_crosses_chukotka(lanes):
    leg = lanes.route(VLADIVOSTOK, PEVEK, close={"bering", "northwest-passage", "volga-don", "kiel"})
    assert 14_800 <= nm(leg) <= 15_900
    assert {"suez", "northern-sea-route"} <= set(leg.passages)


def test_no_way_is_an_answer_that_names_the_closures(lanes):
    with pytest.raises(
        NoRouteError, match=r"from 131\.888,43\.1089 to 170\.3,69\.7167 with .*northern-sea-route closed"
    ) as raised:
        lanes.route(VLADIVOSTOK, PEVEK, close={"bering", "northern-sea-route", "suez"})
    assert "northern-sea-route" in raised.value.closures
    assert "suez" not in raised.value.closures


def test_the_northern_sea_route_is_what_its_name_says(lanes):
    leg = lanes.route(MURMANSK, VLADIVOSTOK, close={"northwest-passage"})
    assert 5600 <= nm(leg) <= 6100
    assert {"northern-sea-route", "bering"} <= set(leg.passages)
    other = lanes.route(MURMANSK, VLADIVOSTOK, close={"northern-sea-route", "northwest-passage", "volga-don"})
    assert "suez" in other.passages


def test_an_unknown_passage_is_an_error_with_the_nearest(lanes):
    with pytest.raises(UnknownError, match=r"'mallaca' is not a passage of the sea network\. Did you mean malacca") as raised:
        lanes.route(CHENNAI, VLADIVOSTOK, close={"mallaca", "seuz"})
    assert len(raised.value.faults) == 2


def test_there_and_back_are_the_same_length(lanes):
    there, back = lanes.route(CHENNAI, PEVEK), lanes.route(PEVEK, CHENNAI)
    assert there.length_km == pytest.approx(back.length_km)
    assert set(there.passages) == set(back.passages)  # where each is first met depends on the end


def test_a_way_across_180_degrees_is_split_there(lanes):
    leg = lanes.route(VLADIVOSTOK, PEVEK)
    for part in leg.line.geoms:
        lon = shapely.get_coordinates(part)[:, 0]
        assert np.abs(lon).max() <= 180
        assert np.abs(np.diff(lon)).max() < 180


@pytest.mark.parametrize("passage", sorted(network.lanes().passages))
def test_no_way_uses_what_is_closed_and_closing_never_shortens(lanes, passage):
    for start, end in ((CHENNAI, VLADIVOSTOK), (MUMBAI, SAINT_PETERSBURG), (MURMANSK, VLADIVOSTOK)):
        closed = lanes.route(start, end, close={passage})
        assert passage not in closed.passages
        assert closed.length_km >= lanes.route(start, end).length_km - 1e-6


def test_threads_never_see_each_others_closures(lanes):
    expected = {c: lanes.route(CHENNAI, VLADIVOSTOK, close=set(c)).length_km for c in [(), ("malacca",), ("malacca", "sunda")]}
    wrong = []

    def ask(close):
        for _ in range(10):
            if lanes.route(CHENNAI, VLADIVOSTOK, close=set(close)).length_km != expected[close]:
                wrong.append(close)

    threads = [threading.Thread(target=ask, args=(c,)) for c in expected for _ in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == []


def test_a_network_with_two_waters_has_no_way_between_them():
    nodes = np.array([(0.0, 0.0), (1, 0), (10, 0), (11, 0)])
    split = SeaNetwork(nodes, np.array([(0, 1), (2, 3)]), {})
    with pytest.raises(NoRouteError, match="with nothing closed"):
        split.route((0, 0), (11, 0))


BESIDE_GATES = {
    "Korsor": (11.133333, 55.333333),
    "Kolding": (9.5, 55.483333),
    "Helsingor": (12.616667, 56.033333),
    "Merak": (105.997222, -5.919167),
    "Izuhara": (129.3, 34.2),
    "Tanger Med": (-5.516667, 35.9),
    "Bandar Abbas": (56.2, 27.15),
    "Ushuaia": (-68.3, -54.816667),
}


@pytest.mark.parametrize("place", BESIDE_GATES.values(), ids=BESIDE_GATES)
def test_no_place_joins_the_network_across_a_gate(lanes, place):
    leg = lanes.route(place, (72.85, 18.95))
    first = split_line(shapely.get_coordinates(leg.line)[:2])
    assert leg.access_km[0] > 0
    assert [gate.id for gate in gates().values() if shapely.intersects(gate.line, first)] == []


def test_a_node_across_a_gate_is_joined_where_there_is_no_other():
    strait = shapely.LineString([(1, -1), (1, 1)])
    sea = SeaNetwork(np.array([(2.0, 0), (3, 0)]), np.array([(0, 1)]), {}, gates=[strait])
    assert sea.approach((0, 0)).node == 0
    assert SeaNetwork(np.array([(2.0, 0), (-3, 0)]), np.array([(0, 1)]), {}, gates=[strait]).approach((0, 0)).node == 1


def test_every_port_reaches_the_network_near_by(atlas, lanes):
    """Within 35 km in the Russian Far East and India, within 65 km elsewhere; the leg is stated with every route."""
    layer = atlas.layer("ports")
    district = {i for members in layer.index.members["far-eastern-federal-district"] for i in members}
    india = {i for members in layer.index.members["IN"] for i in members}
    for i, (lon, lat, _, _) in enumerate(layer.bounds):
        away = lanes.approach((float(lon), float(lat))).km
        assert away <= (35 if i in district | india else 65), layer.ids[i]
