from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import antimeridian, measure
from geo.antimeridian import FRAME_WEST

LINES = st.lists(st.tuples(st.floats(-179, 179), st.floats(-80, 80)), min_size=2, max_size=8, unique=True)


def test_a_pacific_line_is_split_at_180_degrees_and_not_drawn_round_the_world():
    split = antimeridian.split_line([(170, 60), (-170, 62)])
    assert [list(p.coords) for p in split.geoms] == [[(170, 60), (180, 61)], [(-180, 61), (-170, 62)]]


def test_longitudes_beyond_180_are_brought_back():
    assert antimeridian.split_line([(170, 60), (190, 60)]).bounds == (-180, 60, 180, 60)


@given(LINES)
def test_splitting_keeps_the_length(points):
    whole = sum(float(measure.distance_km(*a, *b)) for a, b in pairwise(points))
    split = antimeridian.split_line(points)
    west, _, east, _ = split.bounds
    assert west >= -180
    assert east <= 180
    # A cut on the longitude–latitude plane leaves the geodesic between its ends by a little.
    assert measure.length_km(split) >= whole - 1e-6


@given(LINES)
def test_no_step_of_a_split_line_is_longer_than_half_the_world(points):
    for part in antimeridian.split_line(points).geoms:
        assert np.abs(np.diff(shapely.get_coordinates(part)[:, 0])).max(initial=0) <= 180 + 1e-9


@given(LINES)
def test_a_displayed_line_stays_in_the_frame(points):
    framed = antimeridian.frame_line(antimeridian.split_line(points))
    west, _, east, _ = framed.bounds
    assert west >= FRAME_WEST - 1e-9
    assert east <= FRAME_WEST + 360 + 1e-9


def test_a_line_across_180_degrees_is_displayed_as_one_piece():
    framed = antimeridian.frame_line(antimeridian.split_line([(170, 60), (-170, 62)]))
    assert [list(p.coords) for p in framed.geoms] == [[(170, 60), (180, 61), (190, 62)]]


def test_a_line_across_30_degrees_west_is_cut_there():
    framed = antimeridian.frame_line(shapely.LineString([(-40, 10), (-20, 10)]))
    assert sorted(p.bounds for p in framed.geoms) == [(-30, 10, -20, 10), (320, 10, 330, 10)]


def test_a_polygon_on_both_sides_of_180_degrees_is_displayed_whole():
    chukotka = shapely.MultiPolygon([shapely.box(170, 62, 180, 70), shapely.box(-180, 62, -170, 70)])
    framed = antimeridian.frame_polygon(chukotka)
    assert framed.geom_type == "Polygon"
    assert framed.bounds == pytest.approx((170, 62, 190, 70))


def test_a_polygon_drawn_beyond_180_degrees_is_stored_in_two_parts():
    stored = antimeridian.split_polygon(shapely.box(170, 60, 190, 70))
    assert stored.equals(shapely.union_all([shapely.box(170, 60, 180, 70), shapely.box(-180, 60, -170, 70)]))


@pytest.mark.parametrize(("lon", "framed"), [(-173.2, 186.8), (-30, -30), (131.9, 131.9), (180, 180), (-180, 180)])
def test_longitudes_west_of_30_degrees_west_stand_at_the_other_edge(lon, framed):
    assert antimeridian.frame_lon(lon) == pytest.approx(framed)
