import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import areas
from geo.areas import Box, Circle
from geo.errors import InputError

X = np.array([170.0, 175, 180, -180, -175, -170, 0, 169.9])
Y = np.full(8, 65.0)


def test_a_box_whose_west_exceeds_its_east_crosses_180_degrees():
    assert Box(170, 60, -170, 70).contains(X, Y).tolist() == [True] * 6 + [False] * 2


@pytest.mark.parametrize("box", [Box(-180, 60, -170, 70), Box(170, 60, 180, 70)])
def test_the_antimeridian_belongs_to_boxes_on_either_side(box):
    assert box.contains(np.array([180.0, -180.0]), np.array([65.0, 65.0])).all()


def test_the_pole_is_in_every_box_that_reaches_it():
    assert Box(10, 80, 20, 90).contains(np.array([-120.0]), np.array([90.0])).all()


def test_a_box_is_certain_of_what_lies_deep_inside_only():
    box = Box(170, 60, -170, 70)
    assert box.margin_km(180, 65) == pytest.approx(box.margin_km(-180, 65))
    assert box.margin_km(180, 69.99) < 2
    assert box.margin_km(180, 65) > 400


def test_a_circle_is_geodesic_and_crosses_180_degrees():
    circle = Circle(-179.12, 66.32, 500)
    assert circle.contains(np.array([177.5, 170.3]), np.array([64.7, 69.7])).tolist() == [True, False]


def test_a_line_meets_a_circle_by_its_nearest_point():
    assert Circle(0, 0, 120).intersects(shapely.LineString([(-5, 1), (5, 1)]))
    assert not Circle(0, 0, 100).intersects(shapely.LineString([(-5, 1), (5, 1)]))


def test_a_box_with_heights_is_read_without_them():
    assert areas.parse_box("170,60,0,-170,70,100") == Box(170, 60, -170, 70)


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "1,2,3,4,5", "nan,0,1,1", "inf,0,1,1", "0,60,10"])
def test_what_is_no_box_is_said(text):
    with pytest.raises(InputError, match="is not a box"):
        areas.parse_box(text)


def test_every_fault_of_a_box_is_said_at_once():
    with pytest.raises(InputError) as raised:
        areas.parse_box("190,80,-200,60")
    assert len(raised.value.faults) == 3


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("131.9,43.1", (131.9, 43.1)),
        ("-173.2, 64.4", (-173.2, 64.4)),
        ("Vladivostok", None),
        ("1,2,3", None),
        ("Port, Old", None),
        ("١,٢", None),
    ],
)
def test_positions_are_read(text, place):
    assert areas.parse_position(text) == place


def test_swapped_positions_are_told():
    with pytest.raises(InputError, match=r"near '43.1,131.9' is not a place.*Did you mean 131.9,43.1\?"):
        areas.parse_position("43.1,131.9")


@pytest.mark.parametrize("text", ["10,95", "nan,nan", "1,inf", "-1e999, 2"])
def test_two_numbers_that_are_nowhere_are_no_name_of_a_place(text):
    with pytest.raises(InputError, match=f"near '{text}' is not a place: write longitude,latitude in degrees"):
        areas.parse_position(text)


def polygon(*points):
    return json.dumps({"type": "Polygon", "coordinates": [[*points, points[0]]]}).encode()


def test_a_polygon_beyond_180_degrees_is_read_as_drawn():
    shape = areas.parse_polygon(polygon((170, 60), (190, 60), (190, 70), (170, 70)), "chukotka.geojson")
    assert shape.contains(np.array([175.0, -175.0, 0.0]), np.array([65.0, 65.0, 65.0])).tolist() == [True, True, False]


def test_the_antimeridian_is_no_boundary_of_a_polygon_that_crosses_it():
    shape = areas.parse_polygon(polygon((170, 60), (190, 60), (190, 70), (170, 70)), "chukotka.geojson")
    assert shape.margin_km(180, 65) > 400


@pytest.mark.parametrize(
    ("raw", "wrong"),
    [
        (b"not json", "is not GeoJSON"),
        (b"[]", "is not GeoJSON"),
        (b"{}", "is not GeoJSON"),
        (b'{"type":"Polygon"}', "is not GeoJSON"),
        (b"\xff\xfe\x00", "is not GeoJSON"),
        (b"[" * 100_000, "is not GeoJSON"),
        (b'{"type":"Point","coordinates":[1,2]}', "holds no polygon"),
        (b'{"type":"FeatureCollection","features":[]}', "holds no polygon"),
        (polygon((0, 0), (1, 1), (1, 0), (0, 1)), "is not valid"),
        (polygon((0, 0), (0, 100), (1, 100), (1, 0)), "has the position 0, 100"),
        (polygon((0, 0), (1e10, 0), (1e10, 1), (0, 1)), r"has the position 1e\+10, 0"),
        (b'{"type":"Feature"}', "is not GeoJSON"),
        (b'{"type":"FeatureCollection"}', "is not GeoJSON"),
    ],
)
def test_a_file_that_is_no_polygon_is_said(raw, wrong):
    with pytest.raises(InputError, match=wrong):
        areas.parse_polygon(raw, "area.geojson")


def test_a_polygon_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        areas.read_polygon(tmp_path / "none.geojson")
    with pytest.raises(InputError, match="cannot be read"):
        areas.read_polygon(tmp_path)


def test_a_polygon_within_a_collection_is_one():
    square = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
    held = {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [5, 5]}, square]}
    assert areas.parse_polygon(json.dumps(held).encode(), "x").geometry.area == pytest.approx(1)


@given(st.floats(-180, 180), st.floats(-180, 180), st.lists(st.floats(-90, 90), min_size=2, max_size=2), st.data())
def test_what_surely_lies_deeper_does(west, east, parallels, data):
    south, north = sorted(parallels)
    km = data.draw(st.floats(0.1, 3000))
    area = data.draw(st.sampled_from([areas.Box(west, south, east, north), areas.Circle(west, south, km * 2)]))
    lon, lat = np.array([data.draw(st.floats(-180, 180))]), np.array([data.draw(st.floats(south, north))])
    if area.contains(lon, lat)[0] and area.deeper(lon, lat, np.array([km]))[0]:
        assert area.margin_km(float(lon[0]), float(lat[0])) > km
