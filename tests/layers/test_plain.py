"""Region queries of points, lines and polygons answer as a plain evaluation with shapely and pyproj does, feature by feature.

At 180°, at the poles, on edges; the plain way shares no code with ours.
"""

from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyproj
import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from geo import areas
from layers import Catalog
from layers.build import add
from layers.query import Question
from layers.stores.files import FileStore

GEOD = pyproj.Geod(ellps="WGS84")
LON = st.one_of(
    st.sampled_from([-180.0, -179.5, -90.0, 0.0, 90.0, 179.5, 180.0]), st.floats(-180, 180).map(lambda x: round(x, 3))
)
LAT = st.one_of(st.sampled_from([-90.0, -89.5, 0.0, 66.5, 89.5, 90.0]), st.floats(-90, 90).map(lambda y: round(y, 3)))
MANY = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def foreign(name, kind, geometry):
    return SimpleNamespace(
        id=name,
        title=name,
        kind=kind,
        ids=np.array([str(n) for n in range(len(geometry))], dtype=object),
        geometry=np.array(geometry, dtype=object),
        columns=pa.table({"n": list(range(len(geometry)))}),
        file="world.geojson",
        source_layer=name,
        crs="OGC:CRS84",
        notes=(),
    )


def places():
    """Places all over the Earth, many of them on ±180°, at the poles and on whole degrees."""
    rng = np.random.default_rng(11)
    lon = np.concatenate(
        [rng.uniform(-180, 180, 700), rng.uniform(178, 180, 150), rng.uniform(-180, -178, 150), [180, -180] * 20]
    )
    lat = np.concatenate([rng.uniform(-90, 90, 1000), np.linspace(-90, 90, 40)])
    lat[::25] = rng.choice([-90.0, 90.0], len(lat[::25]))
    lon[::20], lat[1::20] = np.round(lon[::20]), np.round(lat[1::20])
    return lon, lat


def shapes():
    """Lines and polygons within ±180°, some in two parts that meet there, some with holes."""
    rng = np.random.default_rng(12)
    found = []
    for _ in range(150):
        w, s = rng.uniform(-180, 170), rng.uniform(-85, 80)
        found.append(shapely.box(w, s, min(w + rng.uniform(0.1, 30), 180), s + rng.uniform(0.1, 5)))
        found.append(shapely.LineString([(w, s), (min(w + 9, 180), s + 4), (w, s + 5)]))
    east, west = shapely.box(175, 60, 180, 70), shapely.box(-180, 60, -170, 70)
    found += [shapely.MultiPolygon([east, west]), shapely.box(-10, -10, 10, 10).difference(shapely.box(-5, -5, 5, 5))]
    return found


@pytest.fixture(scope="module")
def atlas(tmp_path_factory, atlas_home):
    import shutil

    home = tmp_path_factory.mktemp("plain") / "home"
    shutil.copytree(atlas_home, home)
    lon, lat = places()
    add(FileStore(home), [foreign("places", "point", shapely.points(lon, lat)), foreign("shapes", "mixed", shapes())])
    return Catalog.open(home)


def asked(atlas, layer, **words):
    return sorted(int(i) for i in atlas.select(layer, Question(**words)).ids)


def on_either_side(lon):
    """Every way to write a longitude: ±180° are one meridian."""
    return [lon, -lon] if abs(lon) == 180 else [lon]


def in_box(lon, lat, box):
    west, south, east, north = box
    if abs(lat) == 90:  # a pole is one place, whatever its longitude
        return south <= lat <= north
    across = west > east
    return south <= lat <= north and any((x >= west or x <= east) if across else west <= x <= east for x in on_either_side(lon))


@MANY
@given(LON, LON, LAT, LAT)
def test_places_in_boxes(atlas, west, east, one, other):
    south, north = sorted((one, other))
    lon, lat = places()
    plain = [i for i in range(len(lon)) if in_box(lon[i], lat[i], (west, south, east, north))]
    assert asked(atlas, "places", bbox=f"{west},{south},{east},{north}") == plain


@MANY
@given(LON, LAT, st.floats(0.01, 20_000))
def test_places_in_radii(atlas, lon, lat, radius):
    x, y = places()
    metres = GEOD.inv(np.full(len(x), lon), np.full(len(x), lat), x, y)[2]
    assume(not np.any(np.abs(metres - radius * 1000) < 1e-6))  # a millionth of a metre off the circle, either answer is right
    assert asked(atlas, "places", near=f"{lon},{lat}", radius=f"{radius}km") == np.flatnonzero(metres <= radius * 1000).tolist()


@MANY
@given(st.floats(-170, 170), st.floats(-80, 80), st.lists(st.floats(0.5, 9.5), min_size=5, max_size=12))
def test_places_in_polygons(atlas, lon, lat, reach):
    turn = np.linspace(0, 2 * np.pi, len(reach), endpoint=False)
    star = shapely.Polygon(np.column_stack([lon + np.array(reach) * np.cos(turn), lat + np.array(reach) * np.sin(turn)]))
    assume(star.is_valid)
    x, y = places()
    plain = [i for i in range(len(x)) if shapely.intersects(star, shapely.Point(x[i], y[i]))]
    assert asked(atlas, "places", polygon=areas.Shape(star)) == plain


@MANY
@given(st.floats(170, 190), st.floats(-80, 70), st.floats(0.5, 20), st.floats(0.5, 9))
def test_places_in_polygons_across_180_degrees(atlas, west, south, wide, high):
    drawn = shapely.box(west, south, west + wide, south + high)
    stored = areas.parse_polygon(shapely.to_geojson(drawn).encode(), "drawn")
    x, y = places()
    held = [any(shapely.intersects(drawn, shapely.Point(a + t, b)) for t in (-360, 0, 360)) for a, b in zip(x, y, strict=True)]
    assert asked(atlas, "places", polygon=stored) == np.flatnonzero(held).tolist()


@MANY
@given(LON, LON, LAT, LAT)
def test_shapes_in_boxes(atlas, west, east, one, other):
    south, north = sorted((one, other))
    parts = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    boxes = [shapely.box(w, south, e, north) for w, e in parts]
    plain = [i for i, shape in enumerate(shapes()) if any(shapely.intersects(shape, box) for box in boxes)]
    assert asked(atlas, "shapes", bbox=f"{west},{south},{east},{north}") == plain


@MANY
@given(st.floats(-180, 180), st.floats(-75, 75), st.floats(5, 3000))
def test_shapes_in_radii(atlas, lon, lat, radius):
    """Those of which any of many places along their edges, or inside, lies within; where the nearest is not in doubt."""
    found = set(asked(atlas, "shapes", near=f"{lon},{lat}", radius=f"{radius}km"))
    for i, shape in enumerate(shapes()):
        edge = shapely.get_coordinates(shapely.segmentize(shape, 0.05))
        km = GEOD.inv(np.full(len(edge), lon), np.full(len(edge), lat), edge[:, 0], edge[:, 1])[2].min() / 1000
        inside = shapely.intersects(shape, shapely.Point(lon, lat))
        if inside or km <= radius:
            assert i in found, (i, km)
        elif km > radius + 6:  # between two of the places the edge may come that much nearer
            assert i not in found, (i, km)
