"""The index answers as the area itself does when it is asked of every point: at 180°, at the poles, at edges, for nothing."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import areas, boundaries
from geo.antimeridian import split_polygon
from geo.pointindex import PointIndex

EDGES = [-180.0, -179.999, -90.0, -30.0, 0.0, 30.0, 90.0, 179.999, 180.0]
LON = st.one_of(st.sampled_from(EDGES), st.floats(-180, 180))
LAT = st.one_of(st.sampled_from([-90.0, -89.999, -66.5, 0.0, 66.5, 89.999, 90.0]), st.floats(-90, 90))
POINTS = st.lists(st.tuples(LON, LAT), max_size=60)


def agree(points, area):
    lon, lat = (np.array([p[i] for p in points], dtype=np.float64) for i in (0, 1))
    found = PointIndex.build(lon, lat).within(area)
    assert found.tolist() == np.flatnonzero(area.contains(lon, lat)).tolist()


@given(POINTS, LON, LON, LAT, LAT)
def test_boxes(points, west, east, one, other):
    south, north = sorted((one, other))
    agree(
        [*points, (west, south), (east, north), (180.0, south), (-180.0, north), (17.0, 90.0)],
        areas.make_box(west, south, east, north),
    )


@given(POINTS, LON, LAT, st.one_of(st.floats(0.001, 20_037), st.sampled_from([500.0, 10_000.0, 20_004.0])))
@settings(max_examples=200)
def test_circles(points, lon, lat, radius):
    agree([*points, (lon, lat), (-lon, lat), (lon, 90.0), (lon, -90.0)], areas.Circle(lon, lat, radius))


@given(POINTS, st.floats(-170, 530), st.floats(-80, 80), st.floats(0.1, 60), st.floats(0.1, 9))
def test_polygons(points, west, south, wide, high):
    area = areas.Shape(split_polygon(shapely.box(west, south, west + wide, south + high)))
    agree([*points, *((x if x <= 180 else x - 360, south) for x in (west, west + wide) if x <= 540)], area)


@pytest.mark.parametrize("region", ["RU", "RU-CHU", "FJ", "US", "AQ", "IN"])
def test_countries_across_180_degrees_and_at_a_pole(region):
    shape = boundaries.load().shapes.get(region)
    if shape is None:
        pytest.fail(f"no boundary of {region}")
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(-180, 180, 20_000), rng.uniform(-90, 90, 20_000)
    area = areas.Shape(shape)
    assert PointIndex.build(lon, lat).within(area).tolist() == np.flatnonzero(area.contains(lon, lat)).tolist()


@pytest.mark.parametrize("beside", [0.0, 1e-10, 3e-11, -1e-10])
def test_of_thousands_in_a_box_those_at_its_edges_are_told_apart(beside):
    rng = np.random.default_rng(3)
    west, south, east, north = 100.1, 20.3, 110.7, 30.9
    lon, lat = rng.uniform(100, 111, 20_000), rng.uniform(20, 31, 20_000)
    # What lies so near to an edge has the edge's key.
    lon[:2_000], lon[2_000:4_000] = west - beside, east + beside
    lat[4_000:6_000], lat[6_000:8_000] = south - beside, north + beside
    area = areas.make_box(west, south, east, north)
    found = PointIndex.build(lon, lat).within(area)
    assert len(found) > 10_000
    assert found.tolist() == np.flatnonzero(area.contains(lon, lat)).tolist()


@given(st.lists(st.integers(0, 40), min_size=4, max_size=4))
def test_boxes_on_the_lines_of_a_grid_of_points(corners):
    lon, lat = (a.ravel() / 4 for a in np.meshgrid(np.arange(60), np.arange(60)))
    west, east = sorted(corners[:2])
    south, north = sorted(corners[2:])
    area = areas.make_box(west / 4, south / 4, east / 4, north / 4)
    assert PointIndex.build(lon, lat).within(area).tolist() == np.flatnonzero(area.contains(lon, lat)).tolist()


def test_an_index_of_nothing_answers_nothing():
    nothing = np.empty(0)
    assert PointIndex.build(nothing, nothing).within(areas.make_box(-180, -90, 180, 90)).tolist() == []
