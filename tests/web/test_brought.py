"""Imported layers on the map: small ones are drawn, each value with the file that it came from; large ones ask for a region."""

import base64
import json
import os
import re
import subprocess
import sys
import zlib

import numpy as np
import pyarrow as pa
import pytest
import shapely

from geo.errors import InputError
from layers import Catalog
from layers.build import add
from layers.importers import Foreign, read
from layers.query import Question
from layers.stores.files import FileStore
from tests.conftest import HOSTILE
from web import payload
from web.app import create_app
from web.settings import LARGEST_LIMIT, MOST_DRAWN
from web.tables import Answer
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


@pytest.fixture
def large(home):
    add(FileStore(home), [many(MOST_DRAWN + 1)])
    return Catalog.open(home)


@pytest.fixture
def corridor(large, home):
    def run(*words):
        command = [sys.executable, "-m", "web.cli", *words]
        environment = {**os.environ, "CORRIDOR_HOME": str(home)}
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=120)

    return run


def test_a_layer_that_no_map_holds_is_an_error_where_it_is_asked_for(large):
    client = create_app(large).test_client()
    for address in ("/?layers=many", "/embed?layers=many", "/export?layers=many"):
        answer = client.get(address, headers={"Accept": "application/json"})
        assert answer.status_code == 400, address
        assert "many has 2,001 features, more than a map holds (2,000" in answer.json["detail"]


def test_a_layer_that_no_map_holds_is_named_in_the_layer_list(large):
    client = create_app(large).test_client()
    config = json.loads(re.search(r'id="config">(.*?)</script>', client.get("/").text)[1])
    reason = "Not drawn: 2,001 features, more than a map holds (2,000, or 4 MB)."
    assert config["absent"] == [{"id": "many", "title": "many", "features": 2001, "reason": reason}]
    assert "many" not in config["state"]["layers"]
    for address in ("/embed", "/export"):
        (packed,) = re.findall(r'"absent": "([^"]*)"', client.get(address).text)
        assert json.loads(zlib.decompress(base64.b64decode(packed), -15)) == config["absent"]


def test_a_region_of_it_is_drawn(large):
    for words in ({"layers": "many", "region": "Chukotka"}, {"region": "Chukotka"}):
        view = parse(words, large)
        drawn = view.drawn(large)[-1]
        assert drawn.layer.id == "many"
        assert 0 < len(drawn) <= 201
        assert view.left_out(large) == []
    with pytest.raises(InputError, match="/collections/many/items"):
        parse({"layers": "many"}, large).drawn(large)


@pytest.mark.parametrize("region", [(), ("--region", "India")])
def test_a_file_of_data_holds_every_layer(corridor, large, tmp_path, region):
    asked = Question(region="India") if region else Question()
    expected = sum(large.select(one.id, asked).matched for one in large.layers)
    assert expected > 1700
    done = corridor("export", *region, "-o", str(tmp_path / "all.geojson"))
    assert (done.returncode, done.stderr) == (0, "")
    assert len(json.loads((tmp_path / "all.geojson").read_text())["features"]) == expected
    assert corridor("export", *region, "-o", str(tmp_path / "all.csv")).returncode == 0
    assert len((tmp_path / "all.csv").read_text(encoding="utf-8-sig").splitlines()) > expected


def test_every_other_format_holds_a_large_layer_too(large):
    answer = Answer(large, parse({}, large).selections(large))
    for form in ("gpkg", "parquet", "kml"):
        (few, all_) = (len(Answer(large, part).text(form)) for part in (answer.selections[:-1], answer.selections))
        assert all_ > few + 2001, form


def test_a_page_that_leaves_a_layer_out_says_so_in_one_line(corridor, tmp_path):
    done = corridor("export", "-o", str(tmp_path / "map.html"))
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "many is left out of map.html: it has 2,001 features, more than a map holds (2,000, or 4 MB). To have it, draw a "
        "region of it: --layers many --region NAME; or write all of it as data: --layers many -o many.csv"
    ]
    assert corridor("export", "--region", "Chukotka", "-o", str(tmp_path / "map.html")).stderr == ""
    wide = corridor("export", "--bbox", "70,0,180,80", "-o", str(tmp_path / "map.html"))
    assert "To have it, ask for a smaller area; or write" in wide.stderr


@pytest.mark.parametrize(
    "path", ["/collections", "/collections/many", "/collections/many/items/1"], ids=["layers", "layer", "feature"]
)
def test_a_page_offers_the_map_only_where_it_draws_the_layer(large, path):
    text = create_app(large).test_client().get(f"{path}?f=html").text
    assert "Not drawn on the map as a whole: 2,001 features, more than a map holds (2,000, or 4 MB)." in text
    assert 'href="http://localhost/?layers=many"' not in text
    assert "?select=many" not in text


def test_a_page_offers_the_map_for_a_layer_that_is_drawn(mine):
    client = create_app(mine).test_client()
    for path in ("/collections", "/collections/mine"):
        assert 'href="http://localhost/?layers=mine"' in client.get(f"{path}?f=html").text
    assert "?select=mine/a" in client.get("/collections/mine/items/a?f=html").text


def test_files_hold_the_largest_page_and_say_what_is_missing(home):
    add(FileStore(home), [many(LARGEST_LIMIT + 1)])
    client = create_app(Catalog.open(home)).test_client()
    text = client.get("/collections/many/items?f=html&sortby=n&limit=5&offset=5&properties=n").text
    csv = re.search(r'href="([^"]*f=csv)"', text)[1].replace("&amp;", "&")
    assert csv.endswith("/items?sortby=n&properties=n&limit=10000&f=csv")
    assert len(client.get(csv).text.splitlines()) == LARGEST_LIMIT + 1
    whole = "corridor query many --sortby n --properties n -o many.csv"
    assert f"the first 10,000 of 10,001; the whole: <code>{whole}</code>" in text
    assert "the whole: <code>corridor query many -o many.csv</code>" in client.get("/collections/many?f=html").text
    few = client.get("/collections/many/items?f=html&region=Chukotka").text
    assert "the first 10,000" not in few


def test_a_question_that_the_command_cannot_put_names_no_command(home):
    add(FileStore(home), [many(LARGEST_LIMIT + 1)])
    client = create_app(Catalog.open(home)).test_client()
    text = client.get("/collections/many/items?f=html&filter=n%3E%3D0&filter-lang=cql2-text").text
    assert "the first 10,000 of 10,001; ask for a smaller area, or turn pages" in text
    assert "the whole" not in text
