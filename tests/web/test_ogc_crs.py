"""OGC API – Features, Part 2: reference systems in questions and in answers."""

import numpy as np
import pytest

from geo import crs
from geo.crs import CRS84, CRS84H, SYSTEMS
from tests.web.test_api import ids

EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}".format
ITEMS = "/collections/ports/items"


def positions(response):
    return np.array([f["geometry"]["coordinates"] for f in response.json["features"]])


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_answer_has_the_coordinates_of_the_system_asked_for_and_says_so(client, system):
    plain = positions(client.get(ITEMS))
    response = client.get(ITEMS, query_string={"crs": system.uri})
    assert response.headers["Content-Crs"] == f"<{system.uri}>"
    expected = np.column_stack(system.project(*plain.T))
    assert np.allclose(positions(response), expected, atol=1e-3)


@pytest.mark.parametrize("path", [ITEMS, f"{ITEMS}/vladivostok", f"{ITEMS}?f=csv", f"{ITEMS}?f=html"])
def test_without_a_system_answers_are_in_crs84(client, path):
    assert client.get(path).headers["Content-Crs"] == f"<{CRS84}>"


def test_one_feature_has_the_system_asked_for(client):
    response = client.get(f"{ITEMS}/vladivostok", query_string={"crs": EPSG(4326)})
    assert response.headers["Content-Crs"] == f"<{EPSG(4326)}>"
    assert response.json["geometry"]["coordinates"] == [43.108889, 131.888333]
    assert client.get(response.json["links"][0]["href"]).headers["Content-Crs"] == f"<{EPSG(4326)}>"


def test_lines_are_written_in_every_system(client):
    plain = client.get("/collections/trade-routes/items?limit=1").json["features"][0]["geometry"]
    swapped = client.get(f"/collections/trade-routes/items?limit=1&crs={EPSG(4326)}").json["features"][0]["geometry"]
    assert plain["type"] == swapped["type"]
    assert [p[::-1] for p in plain["coordinates"][0]] == swapped["coordinates"][0]


@pytest.mark.parametrize("system", [one for one in SYSTEMS if not one.polar])
def test_a_box_means_the_same_in_every_system(client, system):
    corners = system.project(np.array([170.0, -170.0]), np.array([60.0, 70.0]))
    box = ",".join(repr(float(v)) for corner in zip(*corners, strict=True) for v in corner)
    found = client.get(ITEMS, query_string={"bbox": box, "bbox-crs": system.uri})
    assert ids(found) == ids(client.get(f"{ITEMS}?bbox=170,60,-170,70"))
    assert "egvekinot" in ids(found)


@pytest.mark.parametrize("extra", [{}, {"bbox-crs": CRS84H}])
def test_a_box_with_heights_is_the_box_without(client, extra):
    found = client.get(ITEMS, query_string={"bbox": "170,60,0,-170,70,100", **extra})
    assert ids(found) == ids(client.get(f"{ITEMS}?bbox=170,60,-170,70"))


def test_a_box_about_the_pole_has_exactly_what_projects_into_it(client, atlas):
    polar = crs.find(EPSG(3576))
    stored = atlas.layer("ports")
    x, y = polar.project(stored.bounds[:, 0].copy(), stored.bounds[:, 1].copy())
    for box in ((-3e6, -3e6, 3e6, 3e6), (2e6, -4e6, 4e6, -1e6), (-1e6, 1e6, 1e6, 4e6)):
        inside = (x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])
        expected = {i for i, there in zip(stored.ids, inside, strict=True) if there}
        found = client.get(ITEMS, query_string={"bbox": ",".join(map(repr, box)), "bbox-crs": polar.uri})
        assert set(ids(found)) == expected
        if box[0] == -3e6:
            assert {f["properties"]["membership"] for f in found.json["features"]} <= {"certain", "possible"}


def test_a_box_about_the_pole_meets_polygons_and_the_pole_itself(brought):
    asked = {"bbox": "-100000,-100000,100000,100000", "bbox-crs": EPSG(3576)}
    names = [f["properties"]["label"] for f in brought.get("/collections/areas/items", query_string=asked).json["features"]]
    assert names == ["About the pole"]
    names = [f["properties"]["name"] for f in brought.get("/collections/visits/items", query_string=asked).json["features"]]
    assert names == ["North pole"]


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_pole_and_a_feature_without_place_are_written_in_every_system(brought, system):
    features = brought.get("/collections/visits/items", query_string={"crs": system.uri}).json["features"]
    found = {f["properties"]["name"]: f["geometry"] for f in features}
    assert found["Nowhere"] is None
    assert np.isfinite(found["North pole"]["coordinates"]).all()


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_filter_reads_its_coordinates_in_the_system_it_names(client, system):
    lon, lat = np.array([131.0, 133.0, 133.0, 131.0, 131.0]), np.array([42.5, 42.5, 44.0, 44.0, 42.5])
    ring = ", ".join(f"{a!r} {b!r}" for a, b in zip(*(part.tolist() for part in system.project(lon, lat)), strict=True))
    asked = {"filter": f"S_INTERSECTS(geometry, POLYGON(({ring})))", "filter-crs": system.uri}
    assert "vladivostok" in ids(client.get(ITEMS, query_string=asked))
    assert len(ids(client.get(ITEMS, query_string=asked))) < 40


def test_pages_of_another_system_keep_it_in_their_links(client):
    answer = client.get(ITEMS, query_string={"crs": EPSG(3857), "limit": 2}).json
    following = next(link["href"] for link in answer["links"] if link["rel"] == "next")
    assert client.get(following).headers["Content-Crs"] == f"<{EPSG(3857)}>"


def test_a_filter_about_the_pole_holds_the_pole(brought):
    ring = "-1e5 -1e5, 1e5 -1e5, 1e5 1e5, -1e5 1e5, -1e5 -1e5"
    asked = {"filter": f"S_INTERSECTS(geometry, POLYGON(({ring})))", "filter-crs": EPSG(3576)}
    features = brought.get("/collections/visits/items", query_string=asked).json["features"]
    assert [f["properties"]["name"] for f in features] == ["North pole"]
