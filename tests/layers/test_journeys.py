"""Voyages by sea, as the catalog answers them: ends, closures, waters to avoid, claims beside the computed way."""

import threading
from datetime import UTC, date, datetime

import pytest

from geo import gates, measure, waters
from geo.errors import InputError
from geo.network import lanes
from layers import exposure
from layers.ships import DEFAULT_SPEED_KN, MOST_ALTERNATIVES

EMC = ("Chennai", "Vladivostok")


def only(routes):
    (journey,) = routes.journeys
    return journey


def test_chennai_to_vladivostok_is_shorter_than_what_is_printed_of_it(atlas):
    journey = only(atlas.route(*EMC))
    assert 4560 <= journey.length_nm <= 4800
    assert journey.passages[0] == "malacca"
    assert journey.days == pytest.approx(journey.length_nm / DEFAULT_SPEED_KN / 24)
    claims = journey.facts(atlas.sources)["claims"]
    printed = next(c for c in claims if c["value"] == 5647)
    assert printed["difference_pct"] == round(100 * (journey.length_nm - 5647) / 5647, 1)
    assert f"5,647 nm; along the water it is {journey.length_nm:,.0f} nm" in printed["said"]
    assert {c["field"] for c in claims} == {"length_km", "transit_days"}


def test_a_claim_of_other_ends_is_not_held_against_the_way(atlas):
    claims = only(atlas.route("Murmansk", "Vladivostok")).published
    assert all("Yokohama" not in one.claim["category"] and "Kara" not in one.claim["category"] for one in claims)
    assert any("Mumbai" in one.claim["category"] for one in only(atlas.route("Saint Petersburg", "Nhava Sheva")).published)


def test_closing_lengthens_and_does_not_outlive_the_call(atlas):
    free = only(atlas.route(*EMC))
    shut = only(atlas.route(*EMC, close={"malacca"}))
    both = only(atlas.route(*EMC, close={"malacca", "sunda"}))
    assert free.length_km < shut.length_km < both.length_km
    assert "sunda" in shut.passages
    assert only(atlas.route(*EMC)).passages == free.passages


def test_a_passage_is_closed_by_its_name_too(atlas):
    assert only(atlas.route(*EMC, close={"Strait of Malacca"})).passages == only(atlas.route(*EMC, close="malacca")).passages


def test_passages_say_how_far_from_the_start_they_are(atlas):
    passed = only(atlas.route(*EMC)).passed
    assert [one.passage for one in passed] == list(only(atlas.route(*EMC)).passages)
    at = [one.at_km for one in passed]
    assert at == sorted(at)
    assert 2000 < at[0] < 3200


def test_no_way_names_what_cuts_it(atlas):
    routes = atlas.route("Vladivostok", "Pevek", close={"bering", "northern-sea-route"})
    assert routes.journeys == ()
    assert "from Vladivostok to Pevek" in routes.reason
    assert "bering" in routes.reason
    assert "northern-sea-route" in routes.reason


def test_without_a_date_no_season_is_assumed_and_the_answer_says_so(atlas):
    journey = only(atlas.route("Murmansk", "Vladivostok"))
    assert "northern-sea-route" in journey.passages
    assert journey.asked.season is None
    assert any("no season is assumed" in line for line in journey.asked.assumptions)
    assert {one.passage for one in journey.asked.closed} == {"northwest-passage", "volga-don", "kiel"}


def test_in_february_a_ship_without_ice_class_does_not_go_by_the_north_and_the_rule_is_cited(atlas):
    routes = atlas.route("Murmansk", "Vladivostok", date=date(2026, 2, 1))
    assert "northern-sea-route" not in only(routes).passages
    rule = next(one for one in routes.closed if one.passage == "northern-sea-route")
    assert not rule.asked
    assert all(source in atlas.sources for source in rule.sources)
    assert rule.sources
    assert set(rule.sources) <= set(routes.cited)


def test_what_is_closed_by_habit_opens_by_name(atlas):
    opened = atlas.route("Chennai", "Murmansk", open={"northwest-passage"})
    assert "northwest-passage" not in {one.passage for one in opened.closed}
    idle = atlas.route(*EMC, open={"malacca"})
    assert any("Strait of Malacca was asked to be open; nothing closes it." in line for line in idle.assumptions)


def test_the_speed_is_an_assumption_until_it_is_given(atlas):
    assert any("an assumption of the atlas" in line for line in atlas.route(*EMC).assumptions)
    given = only(atlas.route(*EMC, speed_kn=10))
    assert given.days == pytest.approx(given.length_nm / 240)
    assert any("The speed is 10 kn all the way, as asked" in line for line in given.asked.assumptions)


def test_alternatives_differ_in_their_passages_best_first(atlas):
    found = atlas.route(*EMC, alternatives=3).journeys
    assert len({one.passages for one in found}) == len(found) == 3
    assert [one.length_km for one in found] == sorted(one.length_km for one in found)


def test_the_waters_of_a_region_are_kept_out_of_and_said(atlas):
    journey = only(atlas.route(*EMC, avoid=["Indonesia"]))
    inside = waters.of_region("ID").intersection(journey.line)
    assert measure.length_km(inside) < 1
    assert any("12 nm of the shipped coast" in line for line in journey.asked.assumptions)
    assert journey.facts(atlas.sources)["avoided"] == ["ID"]


def test_an_end_may_lie_in_waters_that_are_avoided(atlas):
    journey = only(atlas.route(*EMC, avoid=["India"]))
    assert any("Chennai lies within them" in line for line in journey.asked.assumptions)


def test_the_sea_leg_tells_its_access_and_emissions_are_not_mixed(atlas):
    facts = only(atlas.route(*EMC)).facts(atlas.sources)
    (leg,) = facts["legs"]
    assert leg["mode"] == "sea"
    assert leg["length_km"] == facts["length_km"]
    assert all(0 <= km <= 30 for km in leg["access_km"])
    bulk = facts["emissions"][0]
    assert 0 < bulk["ttw_kg_per_t"] < bulk["wtw_kg_per_t"]
    assert set(bulk["sources"]) <= set(atlas.sources)


@pytest.mark.parametrize("text", ["vladivostok", "Владивосток", "ports/vladivostok", " Vladivostok "])
def test_a_port_answers_to_its_name_and_its_id(atlas, text):
    assert only(atlas.route("chennai", text)).voyage.end.address == "ports/vladivostok"


@pytest.mark.parametrize(("text", "port"), [("Nhava Sheva", "nhava-sheva"), ("St Petersburg", "saint-petersburg")])
def test_a_port_answers_to_a_part_of_its_name(atlas, text, port):
    assert only(atlas.route(text, "Vladivostok")).voyage.start.address == f"ports/{port}"


def test_a_position_and_a_feature_of_another_layer_are_ends(atlas):
    journey = only(atlas.route("-173.2,64.4", "shipyards/zvezda-shipbuilding-complex"))
    assert journey.voyage.start.address == ""
    assert journey.voyage.end.address == "shipyards/zvezda-shipbuilding-complex"
    assert "bering" not in journey.passages


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ({"start": "Vladivxstxk"}, "No port is called 'Vladivxstxk'. Did you mean Vladivostok (vladivostok)"),
        (
            {"start": "qqqq"},
            "No port is called 'qqqq'. Give a port, layer/id (shipyards/zvezda-shipbuilding-complex) or lon,lat.",
        ),
        ({"start": "77.2,28.6"}, "'77.2,28.6' lies more than 60 km inland, where no ship goes. The nearest ports: "),
        ({"start": "ree-deposits/tomtor"}, "'Tomtor' lies more than 60 km inland"),
        ({"start": "trade-routes/northern-sea-route"}, "is no point to sail from or to."),
        ({"start": "200,10"}, "'200,10' is not a place"),
        ({"start": "prots/chennai"}, "There is no layer 'prots'. Did you mean ports?"),
        ({"end": "chennai"}, "'Chennai' and 'chennai' are the same place."),
        ({"close": ["malaca"]}, "close 'malaca' is not a passage. Did you mean malacca"),
        ({"open": ["zzz"]}, "open 'zzz' is not a passage. Known: bab-el-mandeb, bering"),
        ({"close": ["bering"], "open": ["bering"]}, "bering is both to be closed and to be open. Give it once."),
        ({"avoid": ["Atlantis"]}, "No region is called 'Atlantis'."),
        ({"date": "2026-13-01"}, "date '2026-13-01' is not a date. Write year, month and day: 2026-09-01."),
        ({"date": "20260901"}, "date '20260901' is not a date."),
        ({"speed_kn": 0}, "speed 0 is not a number of knots from 1 to 40."),
        ({"speed_kn": "1000"}, "speed '1000' is not a number of knots from 1 to 40."),
        ({"speed_kn": "fast"}, "speed 'fast' is not a number of knots from 1 to 40."),
        ({"draught_m": "nan"}, "draught 'nan' is not a number of metres from 0.5 to 30."),
        ({"ice_class": "Arc99"}, "'Arc99' is not an ice class."),
        ({"alternatives": 0}, f"alternatives 0 is not a whole number from 1 to {MOST_ALTERNATIVES}."),
    ],
)
def test_what_is_wrong_is_said_with_what_would_work(atlas, words, line):
    asked = {"start": "Chennai", "end": "Vladivostok", **words}
    with pytest.raises(InputError) as error:
        atlas.route(asked.pop("start"), asked.pop("end"), **asked)
    assert line in str(error.value)


def test_every_fault_is_said_at_once(atlas):
    with pytest.raises(InputError) as error:
        atlas.route("qqqq", "77.2,28.6", close=["malaca"], date="x", speed_kn=0, draught_m=99, ice_class="Z9", alternatives=99)
    assert len(error.value.faults) == 8
    assert type(error.value) is InputError


def test_two_ports_of_one_name_are_an_error_that_lists_both(world, tmp_path):
    world.add("ports/features.csv", "chennai-two,Chennai,,,,,81.5,16.2,2,survey,,IN,,\n")
    with pytest.raises(InputError, match="means more than one port: ports/chennai or ports/chennai-two"):
        world.build(tmp_path / "home").route("Chennai", "Vladivostok")


def test_threads_that_ask_with_other_closures_do_not_see_each_other(atlas):
    free, shut = (only(atlas.route(*EMC, close=c)).length_km for c in ((), ("malacca",)))
    wrong = []

    def ask(close, speed, expected):
        for step in range(20):
            length = only(atlas.route(*EMC, close=close, speed_kn=speed + step / 100)).length_km
            if length != expected:
                wrong.append(length)

    threads = [threading.Thread(target=ask, args=a) for a in (((), 11, free), (("malacca",), 12, shut)) * 2]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []


def test_a_gate_that_is_not_crossed_has_no_place_on_the_way(atlas):
    line = only(atlas.route(*EMC)).line
    assert gates.met_km(line, gates.gates()["panama"].line) is None


@pytest.mark.parametrize(("lon", "lat", "least", "most"), [(80.5, 13.0, 0, 0), (77.2, 28.6, 60, 60), (179.9, 65.5, 0, 40)])
def test_how_far_inland_a_place_lies(lon, lat, least, most):
    assert least <= waters.inland_km(lon, lat, most=60) <= most


@pytest.mark.parametrize("region", ["IN", "RU", "FJ", "AQ"])
def test_waters_reach_12_nautical_miles_from_the_coast(region):
    area = waters.of_region(region)
    assert area.is_valid
    west, south, east, north = area.bounds
    assert -180 <= west < east <= 180
    assert -90 <= south < north <= 90


def test_the_edge_of_the_waters_is_12_nm_from_the_shore():
    import shapely

    from geo import boundaries

    india = boundaries.load().shape("IN")
    edge = shapely.boundary(waters.of_region("IN"))
    for share in (0.1, 0.35, 0.6, 0.85):
        at = shapely.line_interpolate_point(shapely.line_merge(shapely.get_parts(edge)[0]), share, normalized=True)
        assert measure.separation_km(at.x, at.y, india) == pytest.approx(12 * measure.KM_PER_NM, abs=0.6)


# --- exposure


def test_every_passage_is_in_the_exposure(atlas):
    assert {one.passage for one in atlas.exposure()} == lanes().passages


def test_closing_never_shortens_a_trade_route(atlas):
    costs = [cost for one in atlas.exposure() for cost in one.costs]
    assert len(costs) > 20
    assert all(cost.extra_km is None or cost.extra_km >= -0.1 for cost in costs)


def test_the_corridor_is_exposed_to_malacca_and_goes_by_sunda(atlas):
    malacca = next(one for one in atlas.exposure() if one.passage == "malacca")
    cost = next(c for c in malacca.costs if c.route == "eastern-maritime-corridor")
    free, shut = (only(atlas.route(*EMC, close=c)).length_km for c in ((), ("malacca",)))
    assert cost.extra_km == pytest.approx(shut - free, abs=1)
    assert "sunda" in cost.by


def test_a_route_that_is_cut_says_by_what(atlas):
    bosporus = next(one for one in atlas.exposure() if one.passage == "bosporus")
    cost = next(c for c in bosporus.costs if c.route == "black-sea-crude")
    assert cost.extra_km is None
    assert cost.facts()["cut"] is True
    assert "No way from Novorossiysk to Sikka with " in cost.reason
    assert "bosporus" in cost.reason


def test_the_exposure_is_reckoned_once_for_a_release(atlas):
    assert exposure.table(atlas) is exposure.table(atlas)


def test_a_moment_is_the_day_it_falls_on(atlas):
    moment = atlas.route("Murmansk", "Vladivostok", date=datetime(2026, 2, 1, 9, 30, tzinfo=UTC))
    assert moment.closed == atlas.route("Murmansk", "Vladivostok", date=date(2026, 2, 1)).closed


@pytest.mark.parametrize("given", [20260901, ["2026-09-01"]])
def test_a_date_of_another_type_is_refused_like_a_wrong_one(atlas, given):
    with pytest.raises(InputError, match=r"is not a date\. Write year, month and day"):
        atlas.route("Murmansk", "Vladivostok", date=given)
