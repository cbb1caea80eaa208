"""What people type in Python: values of its own kinds ask what the texts of the other doors ask."""

import datetime as dt
import json

import numpy as np
import pytest
import shapely

from geo import areas
from geo.errors import InputError
from layers import asking, cql2
from layers.query import Question

SHORE = shapely.box(129, 42, 137, 47)
BOWTIE = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


@pytest.fixture
def drawn(tmp_path):
    path = tmp_path / "shore.geojson"
    path.write_text(shapely.to_geojson(SHORE))
    return path


def test_a_shape_a_dictionary_a_file_and_an_area_ask_the_same(atlas, drawn):
    expected = atlas.query("ports", bbox="129,42,137,47").index.tolist()
    assert len(expected) > 3
    feature = {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(SHORE)}
    shapes = (SHORE, shapely.MultiPolygon([SHORE]), feature, drawn, str(drawn), areas.read_polygon(drawn))
    for shape in shapes:
        assert atlas.query("ports", polygon=shape).index.tolist() == expected, shape


def test_a_shape_drawn_beyond_180_degrees_is_split_there(atlas):
    found = atlas.query("ports", polygon=shapely.box(170, 60, 190, 70))
    assert found.index.tolist() == atlas.query("ports", bbox=(170, 60, -170, 70)).index.tolist()


@pytest.mark.parametrize("values", [(170, 60.5, -170, 70), [170.0, 60.5, -170.0, 70.0], np.array([170, 60.5, -170, 70])])
def test_a_box_is_four_numbers(values):
    assert asking.read({"bbox": values}).box == areas.Box(170, 60.5, -170, 70)


@pytest.mark.parametrize("values", [(131.9, 43.1), shapely.Point(131.9, 43.1), np.array([131.9, 43.1]), "131.9,43.1"])
def test_a_place_is_two_numbers(atlas, values):
    found = atlas.query("ports", near=values, radius="50km")
    assert "vladivostok" in found.index
    assert found.index.tolist() == atlas.query("ports", near="131.9,43.1", radius="50km").index.tolist()


def test_lists_of_names_say_what_commas_say(atlas):
    asked = atlas.query("ports", region=atlas.region("Primorye"), sortby=["-name"], properties=["name"], limit=np.int64(3))
    said = atlas.query("ports", region="Primorye", sortby="-name", properties="name", limit=3)
    assert asked.equals(said)
    assert asked.columns.tolist() == ["name", "membership", "geometry"]


NOON = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (dt.date(2024, 5, 1), "2024-05-01"),
        (NOON, "2024-05-01T12:00:00Z"),
        ((dt.date(2024, 5, 1), None), "2024-05-01/.."),
        ([None, NOON], "../2024-05-01T12:00:00Z"),
        (("2024-01-01", dt.date(2024, 5, 1)), "2024-01-01/2024-05-01"),
    ],
)
def test_dates_and_pairs_of_them_are_times(given, text):
    assert asking.read({"datetime": given}).period == Question(datetime=text).period


def test_a_dictionary_is_a_filter_in_json(atlas):
    condition = {"op": "=", "args": [{"property": "name"}, "Vladivostok"]}
    for given in (condition, cql2.parse(json.dumps(condition), lang="cql2-json"), "name = 'Vladivostok'"):
        assert atlas.query("ports", filter=given).index.tolist() == ["vladivostok"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"region": 5}, "region 5 is not a text. Give a name or a code, for example region='RU-PRI'."),
        ({"bbox": 5}, "bbox 5 is not a box. Give west, south, east and north in degrees, for example bbox="),
        ({"bbox": (1, "2", 3, 4)}, "bbox (1, '2', 3, 4) is not a box."),
        ({"bbox": (1, 2)}, "bbox: '1,2' is not a box of four numbers."),
        ({"bbox": (1, 2, 3, float("nan"))}, "bbox: '1,2,3,nan' is not a box of four numbers."),
        ({"bbox": SHORE}, "is not a box."),
        ({"bbox": np.array(5.0)}, "bbox array(5.) is not a box."),
        ({"near": (1, 2, 3), "radius": "5km"}, "near (1, 2, 3) is not a place. Give a place's name, or longitude and latitude"),
        ({"near": shapely.Point(), "radius": "5km"}, "is not a place."),
        ({"near": (10, 95), "radius": "5km"}, "near '10,95' is not a place"),
        ({"near": (131.9, 43.1), "radius": 300}, "radius 300 has no unit. Write 300km: a text with km, nm or mi."),
        ({"near": "Vladivostok", "radius": [3]}, "radius [3] has no unit. Write 300km"),
        ({"polygon": 5}, "polygon 5 is not a shape. Give a Polygon or MultiPolygon of shapely, GeoJSON as a dictionary"),
        ({"polygon": shapely.Point(1, 2)}, "polygon: 'POINT (1 2)' holds no polygon."),
        ({"polygon": shapely.Polygon()}, "polygon: 'POLYGON EMPTY' holds no polygon."),
        ({"polygon": BOWTIE}, "has a polygon that is not valid: Self-intersection"),
        ({"polygon": shapely.box(0, 0, 1e6, 1)}, "has the position 1e+06, 0."),
        ({"polygon": {"type": "Poligon"}}, "is not GeoJSON"),
        ({"polygon": {"type": {1, 2}}}, "is not GeoJSON"),
        ({"polygon": "none.geojson"}, "polygon: 'none.geojson' cannot be read"),
        ({"polygon": "no\0ne"}, "cannot be read: embedded null byte"),
        ({"filter": 5}, "filter 5 is not a filter. Give CQL2 as a text, or as JSON in a dictionary."),
        ({"filter": {"op": object()}}, "cannot be written as JSON."),
        ({"filter": {"op": "nope", "args": []}}, "filter: "),
        ({"datetime": 2024}, "datetime 2024 is not a time. Give a text, a date, a datetime with its zone, or a pair"),
        ({"datetime": (NOON,)}, "is not a time. Give a text"),
        ({"datetime": (NOON, 5)}, "datetime 5 is not a time."),
        ({"datetime": dt.datetime(2024, 5, 1)}, "has no zone. Write for example datetime(2024, 5, 1, 12, tzinfo=UTC)."),
        ({"datetime": (NOON, dt.date(2023, 1, 1))}, "ends before it begins"),
        ({"sortby": 5}, "sortby 5 is not a list of names. Give for example sortby=['name']."),
        ({"properties": ["name", 5]}, "properties ['name', 5] is not a list of names."),
        ({"properties": {"name": 1}}, "is not a list of names."),
        ({"limit": 2.5}, "limit 2.5 is not a whole number from 1."),
        ({"limit": True}, "limit True is not a whole number from 1."),
        ({"limit": 0}, "limit 0 is not a whole number from 1."),
        ({"offset": "5"}, "offset '5' is not a whole number from 0."),
    ],
)
def test_what_no_word_takes_is_said_with_what_would_work(atlas, asked, said):
    with pytest.raises(InputError) as raised:
        atlas.query("ports", **asked)
    assert len(raised.value.faults) == 1
    assert said in raised.value.faults[0]


def test_every_fault_of_a_question_is_said_at_once(atlas):
    with pytest.raises(InputError) as raised:
        atlas.query("ports", near=5, radius=300, bbox=(1, 2), limit="x", sortby=5)
    assert {line.split()[0].rstrip(":") for line in raised.value.faults} == {"near", "radius", "bbox", "limit", "sortby"}
    with pytest.raises(InputError) as raised:
        atlas.query("ports", region="Atlantis", filter="nope > 1", sortby=["nope"])
    assert len(raised.value.faults) == 3


@pytest.mark.parametrize("layer", [None, 5, ["ports"]])
def test_a_layer_is_named_by_a_text(atlas, layer):
    with pytest.raises(InputError, match=r"is no layer's id\. Give a text, for example 'ports'"):
        atlas.query(layer)
