import math

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import crs
from geo.areas import Box
from geo.crs import CRS84, SYSTEMS, ProjectedBox
from geo.errors import InputError

EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}".format
POLAR, MERCATOR, LATLON = crs.find(EPSG(3576)), crs.find(EPSG(3857)), crs.find(EPSG(4326))
VLADIVOSTOK = (131.888333, 43.108889)
lons = st.floats(-180, 180)
lats = st.floats(-90, 90)
metres = st.floats(-1.3e7, 1.3e7)


@pytest.mark.parametrize("system", SYSTEMS)
@given(lon=lons, lat=st.floats(-85, 90))
def test_a_place_comes_back_from_every_system(system, lon, lat):
    there = system.project(np.array([lon]), np.array([lat]))
    back_lon, back_lat = (float(part[0]) for part in system.unproject(*there))
    assert pyproj.Geod(ellps="WGS84").inv(lon, lat, back_lon, back_lat)[2] < 0.01


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_order_of_the_axes_is_the_authoritys(system):
    axes = [axis.direction for axis in pyproj.CRS.from_user_input(system.code).axis_info]
    first, second = (float(part[0]) for part in system.project(np.array([10.0]), np.array([60.0])))
    expected = pyproj.Transformer.from_crs("OGC:CRS84", system.code).transform(10.0, 60.0)
    assert (first, second) == pytest.approx(expected)
    if system is LATLON:
        assert (axes, first, second) == (["north", "east"], 60.0, 10.0)


def test_the_places_given_to_a_projection_are_not_written_over():
    lon, lat = np.array([131.0]), np.array([43.0])
    POLAR.project(lon, lat)
    assert (lon[0], lat[0]) == (131.0, 43.0)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("lat", [-90.0, 90.0])
def test_a_pole_has_finite_coordinates_in_every_system_and_comes_back(system, lat):
    there = system.project(np.array([100.0]), np.array([lat]))
    assert np.isfinite(there).all()
    if not (system is POLAR and lat < 0):  # the rim of the plane, from which nothing comes back
        assert float(system.unproject(*there)[1][0]) == pytest.approx(lat, abs=1e-6)


def test_what_is_written_in_metres_keeps_the_millimetre():
    shapes = np.array([shapely.Point(VLADIVOSTOK), None], dtype=object)
    written = MERCATOR.written(shapes)
    assert (written[0].x, written[0].y) == (14681742.074, 5330037.559) or written[0].x == round(written[0].x, 3)
    assert written[1] is None


def test_an_unknown_system_is_an_error_that_offers_the_nearest():
    with pytest.raises(InputError, match=r"EPSG/0/4327' is not a coordinate reference system of this service. Did you mean"):
        crs.find(EPSG(4327))


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("60,170,70,-170", Box(170, 60, -170, 70)),
        ("-90,-180,90,180", Box(-180, -90, 180, 90)),
    ],
)
def test_a_box_in_latitude_and_longitude_is_an_ordinary_one(text, box):
    assert crs.parse_box(text, LATLON) == box


def test_a_box_with_heights_leaves_them_out():
    assert crs.parse_box("170,60,0,-170,70,100", crs.find(CRS84), heights=True) == Box(170, 60, -170, 70)


@given(west=st.floats(-179, 179), east=st.floats(-179, 179), south=st.floats(-85, 85), height=st.floats(0, 4))
def test_a_box_in_mercator_is_the_box_of_its_corners(west, east, south, height):
    north = south + height
    x, y = MERCATOR.project(np.array([west, east]), np.array([south, north]))
    box = crs.parse_box(f"{x[0]!r},{y[0]!r},{x[1]!r},{y[1]!r}".replace("np.float64(", "").replace(")", ""), MERCATOR)
    assert isinstance(box, Box)
    assert (box.west, box.south, box.east, box.north) == pytest.approx((west, south, east, north), abs=1e-7)


def test_a_box_in_mercator_that_reaches_beyond_every_northing_holds_the_poles():
    assert crs.parse_box("-20037508.342789244,-1e9,20037508.342789244,1e9", MERCATOR) == Box(-180, -90, 180, 90)


@pytest.mark.parametrize(
    ("text", "system", "said"),
    [
        ("1,2,3", POLAR, "is not a box of 4 numbers in EPSG:3576, whose axes are x along 180°"),
        ("1,2,nan,4", MERCATOR, "is not a box of 4 numbers in EPSG:3857"),
        ("1,2,3,4,5,6", MERCATOR, "is not a box of 4 numbers"),
        ("0,0,3e7,1", MERCATOR, "reaches over the edge of EPSG:3857 at ±20037508.34 m east"),
        ("0,5,1,1", MERCATOR, "has south 5 above north 1"),
        ("95,0,96,1", LATLON, "south 95"),
        ("1,2,x,4", crs.find(CRS84), "longitude and latitude in degrees"),
    ],
)
def test_what_is_no_box_of_a_system_is_an_error(text, system, said):
    with pytest.raises(InputError) as raised:
        crs.parse_box(text, system)
    assert said in str(raised.value)


def test_any_two_opposite_corners_make_a_box_about_the_pole():
    corners = [(-1e6, -2e6, 3e6, 4e6), (3e6, 4e6, -1e6, -2e6), (-1e6, 4e6, 3e6, -2e6)]
    assert len({POLAR.area(c) for c in corners}) == 1


@settings(max_examples=200, deadline=None)
@given(x=metres, y=metres, width=st.floats(0, 1e7), height=st.floats(0, 1e7), seed=st.integers(0, 99))
def test_the_cover_of_a_box_about_the_pole_holds_every_place_of_it(x, y, width, height, seed):
    box = ProjectedBox(POLAR, x, y, x + width, y + height)
    random = np.random.default_rng(seed)
    lon = np.concatenate([random.uniform(-180, 180, 500), np.repeat([180.0, -180.0], 50)])
    lat = np.concatenate([np.degrees(np.arcsin(random.uniform(-1, 1, 500))), np.tile(random.uniform(-80, 90, 50), 2)])
    inside = box.contains(lon, lat)
    covered = np.zeros(len(lon), dtype=bool)
    for west, south, east, north in box.cover():
        assert -180 <= west <= east <= 180
        assert -90 <= south <= north <= 90
        covered |= (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    assert not (inside & ~covered).any()


def test_a_box_that_holds_the_pole_covers_every_longitude():
    box = ProjectedBox(POLAR, -1e6, -1e6, 1e6, 1e6)
    ((west, south, east, north),) = box.cover()
    assert (west, east, north) == (-180, 180, 90)
    assert 77 < south < 78
    assert box.contains(np.array([0.0, 55.0]), np.array([90.0, 60.0])).tolist() == [True, False]


@settings(max_examples=100, deadline=None)
@given(lon=lons, lat=st.floats(-60, 89.9), reach=st.floats(1_000, 2_000_000))
def test_the_margin_of_a_place_is_how_far_it_is_to_the_edge(lon, lat, reach):
    x, y = (float(part[0]) for part in POLAR.project(np.array([lon]), np.array([lat])))
    box = ProjectedBox(POLAR, x - reach, y - reach, x + reach, y + reach)
    edge_x = np.concatenate([np.linspace(-reach, reach, 400), np.full(400, reach)] * 2) + x
    edge_y = np.concatenate([np.full(400, reach), np.linspace(-reach, reach, 400)] * 2) + y
    edge_x[800:], edge_y[800:] = 2 * x - edge_x[800:], 2 * y - edge_y[800:]
    to_lon, to_lat = POLAR.unproject(edge_x, edge_y)
    on_earth = np.isfinite(to_lon) & np.isfinite(to_lat)
    lons_of = np.full(on_earth.sum(), lon)
    expected = pyproj.Geod(ellps="WGS84").inv(lons_of, np.full_like(lons_of, lat), to_lon[on_earth], to_lat[on_earth])[2].min()
    # The nearest of a row of places on the edge is a little farther than the edge itself.
    assert expected / 1000 * 0.985 - 0.01 <= box.margin_km(lon, lat) <= expected / 1000 * 1.001 + 0.01


def test_a_place_has_no_margin_to_an_edge_that_lies_beyond_the_plane():
    assert ProjectedBox(POLAR, -3e7, -3e7, 3e7, 3e7).margin_km(0, 0) == math.inf


@pytest.mark.parametrize(
    ("geometry", "meets"),
    [
        (shapely.LineString([(-180, 80), (180, 80)]), True),
        (shapely.box(-180, 85, 180, 90), True),
        (shapely.LineString([(0, 40), (180, 40)]), False),
        (shapely.Point(0, 90), True),
        (shapely.box(-180, -90, 180, -60), False),
    ],
)
def test_a_box_about_the_pole_meets_what_lies_there(geometry, meets):
    assert ProjectedBox(POLAR, -1e6, -1e6, 1.2e6, 1.2e6).intersects(geometry) == meets


def test_a_box_without_width_meets_what_passes_its_line():
    assert ProjectedBox(POLAR, 0, -1e6, 0, 1e6).intersects(shapely.LineString([(80, 85), (100, 85)]))


def test_the_antipode_of_a_place_tears_no_edge():
    area = crs.find("http://www.opengis.net/def/crs/EPSG/0/3576").area((-11_000_000, -11_000_000, 11_000_000, 11_000_000))
    plain = crs.find("http://www.opengis.net/def/crs/EPSG/0/3576").area((-12_000_000, -12_000_000, 12_000_000, 12_000_000))
    assert area.margin_km(100.0, 40.0) > 1000
    assert plain.margin_km(100.0, 40.0) > 1000
