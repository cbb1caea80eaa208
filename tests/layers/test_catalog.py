import json

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from geo import areas, measure
from geo.errors import InputError, UnknownError
from layers.query import Question

CHUKOTKA = {"anadyr", "beringovsky", "egvekinot", "pevek", "provideniya"}
PRIMORYE = {"vladivostok", "vostochny", "nakhodka", "posyet", "zarubino", "olga", "slavyanka", "kozmino"}


def ids(catalog, layer="ports", **asked):
    selection = catalog.select(layer, Question(**asked))
    return set(selection.ids)


@pytest.mark.parametrize("name", ["Primorsky Krai", "Приморский", "RU-PRI", "primorskiy"])
def test_primorye_has_its_ports_under_every_name(atlas, name):
    assert ids(atlas, region=name) >= PRIMORYE
    assert ids(atlas, region=name) == ids(atlas, region="RU-PRI")


def test_a_box_across_180_degrees_gives_the_ports_of_chukotka_and_no_other(atlas):
    assert ids(atlas, bbox="170,60,-170,70") >= CHUKOTKA
    layer = atlas.layer("ports")
    inside = {layer.ids[i] for i, (x, y, _, _) in enumerate(layer.bounds) if (x >= 170 or x <= -170) and 60 <= y <= 70}
    assert ids(atlas, bbox="170,60,-170,70") == inside


def test_near_a_place_finds_the_place_itself_across_180_degrees(atlas):
    found = ids(atlas, near="Egvekinot", radius="500km")
    assert {"egvekinot", "anadyr", "provideniya"} <= found
    assert ids(atlas, near="ports/egvekinot", radius="500km") == found
    assert ids(atlas, near="Эгвекинот", radius="500km") == found


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(1, 20_000))
def test_a_radius_holds_exactly_what_geodesics_say(atlas, lon, lat, km):
    layer = atlas.layer("ports")
    away = measure.distance_km(lon, lat, layer.bounds[:, 0], layer.bounds[:, 1])
    expected = {layer.ids[i] for i, d in enumerate(away) if d <= km}
    assert ids(atlas, near=f"{lon},{lat}", radius=f"{km}km") == expected


AREAS = st.one_of(
    st.builds(areas.Circle, st.floats(-180, 180), st.floats(-90, 90), st.floats(1, 20_000)),
    st.builds(
        lambda west, east, a, b: areas.Box(west, min(a, b), east, max(a, b)),
        st.floats(-180, 180),
        st.floats(-180, 180),
        st.floats(-90, 90),
        st.floats(-90, 90),
    ),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(AREAS)
@example(areas.Box(175.0, 60.0, -160.0, 70.0))  # the Bering Strait, whose routes cross 180°
def test_the_routes_of_an_area_are_those_that_meet_it_one_by_one(atlas, area):
    routes = atlas.select("trade-routes", Question()).frame().geometry
    rows, _ = atlas.layer("trade-routes").index.within(area)
    assert list(rows) == [row for row, line in enumerate(routes) if area.intersects(line)]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.floats(-180, 180), st.floats(-180, 180), st.floats(-90, 90), st.floats(-90, 90))
def test_a_box_and_its_complement_hold_everything_once(atlas, west, east, a, b):
    assume(west != east)
    south, north = sorted((a, b))
    inside = ids(atlas, bbox=f"{west},{south},{east},{north}")
    band = ids(atlas, bbox=f"-180,{south},180,{north}")
    other = ids(atlas, bbox=f"{east},{south},{west},{north}")
    assert inside | other == band
    assert len(inside & other) <= sum(x in (west, east) for x in atlas.layer("ports").bounds[:, 0])


def test_a_place_whose_accuracy_reaches_over_the_boundary_is_possible(world, tmp_path):
    catalog = world.build(tmp_path / "home")
    deep = catalog.select("ports", Question(bbox="170,60,-170,70"))
    assert set(deep.membership) == {"certain"}
    near = catalog.select("ports", Question(bbox="170,60,-179.1,70"))
    assert dict(zip(near.ids, near.membership, strict=True))["egvekinot"] == "possible"


def test_a_place_that_another_country_could_claim_is_possible_in_both_its_regions(world, tmp_path):
    # Blagoveshchensk looks across the Amur at China.
    world.add("ports/features.csv", "blagoveshchensk,Blagoveshchensk,,,,,127.53,50.27,5,survey,,RU,,\n")
    catalog = world.build(tmp_path / "home")
    for region in ("RU", "RU-AMU", "far-eastern-federal-district"):
        selection = catalog.select("ports", Question(region=region))
        sure = dict(zip(selection.ids, selection.membership, strict=True))
        assert sure["blagoveshchensk"] == "possible", region
    assert catalog.select("ports", Question(region="CN")).matched == 0


def test_a_route_belongs_to_the_regions_of_its_ends(atlas):
    assert "eastern-maritime-corridor" in ids(atlas, "trade-routes", region="RU-PRI")
    assert "eastern-maritime-corridor" in ids(atlas, "trade-routes", region="Tamil Nadu")


def test_a_polygon_asks_as_a_box_does(atlas):
    ring = [[170, 60], [190, 60], [190, 70], [170, 70], [170, 60]]
    shape = areas.parse_polygon(json.dumps({"type": "Polygon", "coordinates": [ring]}).encode(), "p")
    assert ids(atlas, polygon=shape) == ids(atlas, bbox="170,60,-170,70")


def test_a_frame_has_the_same_features_in_crs84(atlas):
    frame = atlas.query("ports", region="RU-CHU")
    assert set(frame.index) == CHUKOTKA
    assert frame.crs == "OGC:CRS84"
    assert set(frame["membership"]) == {"certain"}


def test_an_empty_answer_is_an_empty_frame(atlas):
    frame = atlas.query("ports", region="Mongolia")
    assert len(frame) == 0
    assert frame.crs == "OGC:CRS84"


def test_a_limit_bounds_the_answer_and_keeps_the_count(atlas):
    selection = atlas.select("ports", Question(region="RU", limit=3))
    assert len(selection) == 3
    assert selection.matched > 40


def test_texts_and_features_are_the_same_answer(atlas):
    selection = atlas.select("ports", Question(region="RU-CHU"))
    assert json.loads(b"[" + selection.text() + b"]") == list(selection.features())


@pytest.mark.parametrize(
    ("asked", "faults"),
    [
        ({"region": "RU", "bbox": "1,2,3,4"}, ["region and bbox were given together"]),
        ({"near": "Vladivostok"}, ["needs a radius"]),
        ({"radius": "5km"}, ["needs near"]),
        ({"bbox": "1,2", "radius": "x"}, ["needs near", "is not a box", "is not a distance"]),
    ],
)
def test_a_question_that_does_not_hold_together_is_said_whole(asked, faults):
    with pytest.raises(InputError) as raised:
        Question(**asked)
    assert all(any(f in line for line in raised.value.faults) for f in faults)


def test_an_unknown_place_is_said_with_the_nearest(atlas):
    with pytest.raises(UnknownError, match=r"No place is called 'Vladivostk'. Did you mean Vladivostok"):
        atlas.place("Vladivostk")


def test_an_unknown_layer_is_said_with_the_nearest(atlas):
    with pytest.raises(UnknownError, match="Did you mean ports"):
        atlas.layer("prts")


def test_an_unknown_feature_is_said_with_the_nearest(atlas):
    with pytest.raises(UnknownError, match="Did you mean vladivostok"):
        atlas.layer("ports").position("vladivostock")
