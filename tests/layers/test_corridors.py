"""Land corridors beside the way by sea: chains of cited legs, what is not known of them, what cuts them."""

import pytest


def ids(routes):
    return [one.id for one in routes.corridors]


def test_the_branches_of_the_instc_stand_beside_the_way_round_the_cape(atlas):
    routes = atlas.route("Mumbai", "Saint Petersburg", close={"suez"})
    assert 11_900 <= routes.journeys[0].length_nm <= 12_300
    assert {"instc-trans-caspian", "instc-western"} <= set(ids(routes))
    for one in routes.corridors:
        assert one.length_km == pytest.approx(sum(leg.length_km for leg in one.legs))
        assert {"sea", "rail"} <= set(one.modes)


def test_a_published_length_stands_beside_that_of_the_legs(atlas):
    routes = atlas.route("Mumbai", "Saint Petersburg")
    caspian = next(one for one in routes.corridors if one.id == "instc-trans-caspian")
    told = [one.facts(atlas.sources) for one in caspian.claims]
    printed = next(one for one in told if one["field"] == "length_km" and one["value"] == 7200)
    assert printed["computed"] == pytest.approx(caspian.length_km, abs=0.1)
    assert printed["difference_pct"] == round(100 * (caspian.length_km - 7200) / 7200, 1)


def test_a_corridor_has_no_time_where_a_leg_has_none_that_is_cited(atlas):
    for one in atlas.route("Mumbai", "Saint Petersburg").corridors:
        if any(leg.days is None for leg in one.legs):
            assert one.days is None
        else:
            assert one.days == pytest.approx(sum(leg.days for leg in one.legs))


def test_the_trans_siberian_joins_the_baltic_and_the_pacific_from_either_end(atlas):
    there, back = (atlas.route(*ends) for ends in (("Saint Petersburg", "Vladivostok"), ("Vladivostok", "Saint Petersburg")))
    lengths = [
        next(one.length_km for one in routes.corridors if one.id.startswith("trans-siberian")) for routes in (there, back)
    ]
    assert lengths[0] == pytest.approx(lengths[1])
    assert 9_600 < lengths[0] < 10_200


def test_a_closed_strait_cuts_a_corridor_and_is_named(atlas):
    assert ids(atlas.route("Mumbai", "Vladivostok"))
    cut = atlas.route("Mumbai", "Vladivostok", close={"hormuz"})
    assert ids(cut) == []
    assert any("hormuz" in note.casefold() for note in cut.notes)


def test_ends_that_no_corridor_joins_have_none(atlas):
    assert ids(atlas.route("Chennai", "Murmansk")) == []


def test_what_closures_cost_is_the_way_less_the_one_without_them(atlas):
    closed = atlas.route("Mumbai", "Saint Petersburg", close={"suez"})
    free = atlas.route("Mumbai", "Saint Petersburg").journeys[0]
    told = closed.unclosed.facts()
    assert told["length_nm"] == pytest.approx(free.length_nm, abs=0.1)
    assert told["extra_nm"] == pytest.approx(closed.journeys[0].length_nm - free.length_nm, abs=0.1)
    assert atlas.route("Mumbai", "Saint Petersburg").unclosed is None


def test_a_port_is_found_by_its_locode(atlas):
    assert atlas.route("RUVVO", "in maa").voyage.start.name == "Vladivostok"
