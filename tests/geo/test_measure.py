import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import measure
from geo.errors import InputError

LON = st.floats(-180, 180)
LAT = st.floats(-90, 90)


def test_a_distance_is_geodesic():
    # Karney's GeodSolve for JFK–LHR: 5,551,759.400 m (GeographicLib, online documentation).
    assert measure.distance_km(-73.8, 40.6, -0.5, 51.6) == pytest.approx(5551.7594, abs=1e-4)


def test_distances_broadcast():
    assert measure.distance_km(0, 0, [1, 2], [0, 0]).shape == (2,)


@given(LON, LAT, LON, LAT)
def test_a_distance_is_the_same_both_ways_and_never_more_than_half_round(a, b, c, d):
    there = float(measure.distance_km(a, b, c, d))
    assert there == pytest.approx(float(measure.distance_km(c, d, a, b)), abs=1e-6)
    assert 0 <= there <= measure.HALF_MERIDIAN_KM + 1e-3


def test_both_sides_of_180_degrees_are_one_place():
    assert measure.distance_km(180, 65, -180, 65) == pytest.approx(0, abs=1e-9)


def test_a_degree_of_the_meridian_at_the_equator_has_its_known_length():
    assert measure.length_km(shapely.LineString([(0, 0), (0, 1)])) == pytest.approx(110.574, abs=0.001)


def test_a_place_inside_is_not_apart():
    assert measure.separation_km(5, 5, shapely.box(0, 0, 10, 10)) == 0


def test_separation_is_the_geodesic_to_the_nearest_point():
    meridian = shapely.LineString([(10, -1), (10, 1)])
    assert measure.separation_km(11, 0, meridian) == pytest.approx(float(measure.distance_km(11, 0, 10, 0)), rel=1e-4)


def test_separation_from_nothing_is_infinite():
    assert np.isinf(measure.separation_km(0, 0, shapely.LineString()))


@pytest.mark.parametrize(
    ("text", "km"), [("500km", 500), ("300 nm", 555.6), ("20mi", 32.18688), ("1500m", 1.5), ("1e3 KM", 1000)]
)
def test_lengths_are_read_with_their_units(text, km):
    assert measure.parse_length(text) == pytest.approx(km)


@pytest.mark.parametrize("text", ["", "500", "km", "-5km", "0km", "nan km", "inf km", "5 parsecs", "1e9km", "20004km", "५००km"])
def test_what_is_no_distance_is_said(text):
    with pytest.raises(InputError, match=r"is not a distance|is out of range"):
        measure.parse_length(text)


@pytest.mark.parametrize(
    ("geometry", "km"),
    [
        (shapely.LineString([(-100.1, -20), (-99.9, -3)]), 18_900),  # passes near the antipode of (80, 13)
        (shapely.box(-110, -20, -90, -3), 18_800),  # holds it
        (shapely.GeometryCollection([shapely.Point(-100, -13), shapely.LineString([(80, 10), (80, 11)])]), 221),
    ],
)
def test_the_antipode_is_far_away(geometry, km):
    assert measure.separation_km(80, 13, geometry) == pytest.approx(km, rel=0.02)


def test_the_nearest_of_an_edge_is_between_its_ends():
    assert measure.separation_km(0, 1, shapely.LineString([(-1, 0), (1, 0)])) == pytest.approx(110.57, abs=0.05)
    assert measure.separation_km(0, 0, shapely.MultiPoint([(1, 0), (0, 2)])) == pytest.approx(111.32, abs=0.05)
