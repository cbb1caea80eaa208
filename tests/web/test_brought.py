"""Imported layers on the map: small ones are drawn, each value with the file that it came from; large ones ask for a region."""

import json

import numpy as np
import pyarrow as pa
import pytest
import shapely

from geo.errors import InputError
from layers import Catalog
from layers.build import add
from layers.importers import Foreign, read
from layers.stores.files import FileStore
from tests.conftest import HOSTILE
from web import payload
from web.app import create_app
from web.settings import MOST_DRAWN
from web.view import View, parse


def many(count):
    """A layer of so many places in Kerala and, a tenth of them, in Chukotka."""
    rng = np.random.default_rng(1)
    north = np.arange(count) % 10 == 0
    lon = np.where(north, rng.uniform(170, 179, count), rng.uniform(76.5, 76.9, count))
    lat = np.where(north, rng.uniform(66, 68, count), rng.uniform(9, 10, count))
    ids = np.array([str(n) for n in range(count)], dtype=object)
    geometry = np.array(shapely.points(lon, lat), dtype=object)
    return Foreign(
        "many", "many", "point", ids, geometry, pa.table({"n": np.arange(count)}), "many.csv", "many", "OGC:CRS84", ()
    )


@pytest.fixture
def home(world, tmp_path):
    world.build(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def mine(home, tmp_path):
    rows = [
        ("a", {"name": "Alang", "n": 3, "open": True, "tags": ["x", "y"]}),
        ("b", {"name": HOSTILE[2], "n": None, "open": False, "tags": []}),
    ]
    point = {"type": "Point", "coordinates": [72.2, 21.4]}
    found = [{"type": "Feature", "id": i, "geometry": point, "properties": p} for i, p in rows]
    found.append({"type": "Feature", "id": "c", "geometry": None, "properties": {"name": "nowhere"}})
    (tmp_path / "mine.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": found}), encoding="utf-8")
    add(FileStore(home), read(tmp_path / "mine.geojson"))
    return Catalog.open(home)


def test_every_value_names_the_file_it_came_from(mine):
    (made,) = [payload.layer(s, mine) for s in View(("mine",)).drawn(mine)]
    features = {f["id"]: f["card"] for f in made["features"]}
    assert {(c["field"], c["value"], c["source"]) for c in features["a"]["claims"]} == {
        ("name", "Alang", "imported"),
        ("n", 3, "imported"),
        ("open", "yes", "imported"),
        ("tags", "x, y", "imported"),
    }
    assert made["sources"]["imported"]["title"].startswith("mine.geojson")
    assert features["b"]["name"] == HOSTILE[2]
    assert all(c["shown"] for f in features.values() for c in f["claims"])


def test_a_file_keeps_columns_that_are_called_like_ours(home, tmp_path):
    given = {
        "name": "",
        "name_ru": "Свой",
        "country": "Neverland",
        "admin1": 7,
        "disputed": True,
        "layer": "x",
        "claims": ["y"],
    }
    found = [{"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [72.2, 21.4]}, "properties": given}]
    (tmp_path / "mine.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": found}), encoding="utf-8")
    add(FileStore(home), read(tmp_path / "mine.geojson"))
    catalog = Catalog.open(home)
    (made,) = [payload.layer(s, catalog) for s in View(("mine",)).drawn(catalog)]
    assert made["features"][0]["properties"] == given
    card = made["features"][0]["card"]
    assert {k: card[k] for k in ("layer", "name", "name_ru", "country", "disputed")} == {
        "layer": "mine",
        "name": "a",
        "name_ru": None,
        "country": None,
        "disputed": None,
    }
    assert {c["field"]: c["value"] for c in card["claims"]} == {**given, "disputed": "yes", "claims": "y"}


def test_what_has_no_place_is_not_drawn(mine):
    (drawn,) = View(("mine",)).drawn(mine)
    assert sorted(drawn.ids) == ["a", "b"]
    assert len(mine.select("mine", View(()).question)) == 3


def test_the_pages_show_an_imported_layer(mine):
    client = create_app(mine).test_client()
    for address in ("/", "/embed", "/export?f=html", "/?layers=mine"):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert HOSTILE[2].encode() not in answer.data


def test_a_layer_that_no_map_holds_is_left_out_and_said_where_it_is_asked_for(home):
    add(FileStore(home), [many(MOST_DRAWN + 1)])
    catalog = Catalog.open(home)
    assert "many" not in parse({}, catalog).layers
    client = create_app(catalog).test_client()
    assert client.get("/").status_code == 200
    for address in ("/?layers=many", "/embed?layers=many", "/export?layers=many"):
        answer = client.get(address, headers={"Accept": "application/json"})
        assert answer.status_code == 400, address
        assert "many has 2,001 features here, more than a map holds (2,000" in answer.json["detail"]


def test_a_region_of_it_is_drawn(home):
    add(FileStore(home), [many(MOST_DRAWN + 1)])
    catalog = Catalog.open(home)
    (drawn,) = parse({"layers": "many", "region": "Chukotka"}, catalog).drawn(catalog)
    assert 0 < len(drawn) <= 201
    with pytest.raises(InputError, match="/collections/many/items"):
        parse({"layers": "many"}, catalog).drawn(catalog)
