"""Each of many places falls to the polygon it lies in, else to the nearest within reach, as one by one."""

import numpy as np
import pytest
import shapely

from geo import boundaries, measure
from geo.assign import NOBODY, assign

COUNTRIES = sorted(r.id for r in boundaries.load().of_kind("country"))
SHAPES = [boundaries.load().shapes[c] for c in COUNTRIES]
REACH_KM = 25.0


def plain(lon, lat, shapes):
    """The nearest of the polygons whose bounds come within a degree and a bit, measured one by one."""
    away = [(measure.separation_km(lon, lat, shape), n) for n, shape in enumerate(shapes) if near(shape, lon, lat)]
    return min((pair for pair in away if pair[0] <= REACH_KM), default=(0.0, NOBODY))[1]


def near(shape, lon, lat):
    wide = 1.0 / max(np.cos(np.radians(lat)), 0.01)
    windows = [shapely.box(lon - wide + turn, lat - 1, lon + wide + turn, lat + 1) for turn in (-360, 0, 360)]
    return any(shapely.intersects(shape, window) for window in windows)


@pytest.mark.parametrize("spread", [0.05, 0.5])
def test_places_about_the_coasts_of_the_world(spread):
    rng = np.random.default_rng(int(spread * 100))
    corners = np.concatenate([shapely.get_coordinates(shape) for shape in SHAPES])
    places = corners[rng.integers(0, len(corners), 150)] + rng.normal(0, spread, (150, 2))
    lon, lat = (places[:, 0] + 180) % 360 - 180, np.clip(places[:, 1], -90, 90)
    found = assign(lon, lat, SHAPES, reach_km=REACH_KM)
    assert found.tolist() == [plain(x, y, SHAPES) for x, y in zip(lon, lat, strict=True)]


@pytest.mark.parametrize(
    ("lon", "lat", "shape", "owner"),
    [
        (-179.9, 65.0, shapely.box(179.0, 64.0, 180.0, 66.0), 0),  # 4.7 km away, across 180°
        (179.9, 65.0, shapely.box(-180.0, 64.0, -179.0, 66.0), 0),
        (-179.0, 65.0, shapely.box(179.0, 64.0, 180.0, 66.0), NOBODY),  # 47 km
        (90.0, 89.9, shapely.box(-95.0, 80.0, -85.0, 89.95), 0),  # over the pole, 17 km
        (0.0, -90.0, shapely.box(-180.0, -90.0, 180.0, -80.0), 0),
        (0.0, 0.0, shapely.box(0.2, -1.0, 1.0, 1.0), 0),  # 22 km at the equator
        (0.0, 0.0, shapely.box(0.23, -1.0, 1.0, 1.0), NOBODY),  # 25.6 km
    ],
)
def test_reach_across_180_degrees_and_at_a_pole(lon, lat, shape, owner):
    assert assign(np.array([lon]), np.array([lat]), [shape], reach_km=REACH_KM).tolist() == [owner]


def test_what_is_no_number_belongs_to_nobody():
    assert assign(np.array([np.nan]), np.array([0.0]), SHAPES, reach_km=REACH_KM).tolist() == [NOBODY]


def test_of_two_that_hold_a_place_the_first_has_it():
    twice = [shapely.box(0, 0, 1, 1), shapely.box(0, 0, 1, 1)]
    assert assign(np.array([0.5, 1.1]), np.array([0.5, 0.5]), twice, reach_km=REACH_KM).tolist() == [0, 0]
