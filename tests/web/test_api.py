import csv
import io
import json
import re

import pytest

from layers import Catalog
from layers.build import LAYERS
from layers.query import Question
from web.app import create_app
from web.tables import Answer, citation


def ids(response):
    assert response.status_code == 200, response.text
    return [f["id"] for f in response.json["features"]]


def test_collections_are_the_layers(client, atlas):
    listed = client.get("/collections").json["collections"]
    assert [c["id"] for c in listed] == [one.id for one in atlas.layers]
    for c in listed:
        assert client.get(f"/collections/{c['id']}").json == c
        west, south, east, north = c["extent"]["spatial"]["bbox"][0]
        assert -180 <= west <= 180
        assert -180 <= east <= 180
        assert -90 <= south <= north <= 90


@pytest.mark.parametrize("name", ["Primorsky Krai", "Приморский", "RU-PRI", "primorskiy"])
def test_a_region_query_has_the_same_ids_as_the_catalog(client, atlas, name):
    selection = atlas.select("ports", Question(region=name))
    expected = selection.ids
    assert ids(client.get("/collections/ports/items", query_string={"region": name})) == expected


def test_boxes_and_radii_over_http_are_those_of_the_catalog(client, atlas):
    for asked in ({"bbox": "170,60,-170,70"}, {"near": "Egvekinot", "radius": "500km"}):
        selection = atlas.select("ports", Question(**asked))
        response = client.get("/collections/ports/items", query_string=asked)
        assert ids(response) == selection.ids
        assert {f["properties"]["membership"] for f in response.json["features"]} <= {"certain", "possible"}


def test_every_number_of_an_answer_names_its_source_or_says_that_it_is_computed(client, atlas):
    for layer in atlas.layers:
        answer = client.get(f"/collections/{layer.id}/items").json
        assert answer["release"] == atlas.release.id
        for feature in answer["features"]:
            p = feature["properties"]
            shown = {c["field"]: c for c in p["claims"] if c.get("shown")}
            for field in layer.fields:
                assert (p[field["id"]] is None) == (field["id"] not in shown), (feature["id"], field["id"])
            for claim in p["claims"]:
                source = answer["sources"][claim["source"]]
                assert source.get("url") or source["publisher"] == "Corridor Atlas"
            if feature["geometry"]["type"] == "Point":
                assert answer["sources"][p["position_source"]]["publisher"]
            for leg in p.get("legs", ()):
                assert leg["sources"]
                assert all(answer["sources"][source]["url"] for source in leg["sources"])
            if "legs" in p:
                assert "release" in answer["sources"]["computed"]["title"]


def test_paging_walks_through_everything_once(client, atlas):
    seen, address = [], "/collections/ports/items?limit=40"
    while address:
        answer = client.get(address).json
        assert answer["numberReturned"] == len(answer["features"]) <= 40
        assert answer["numberMatched"] == len(atlas.layer("ports"))
        seen += [f["id"] for f in answer["features"]]
        address = next((link["href"] for link in answer["links"] if link["rel"] == "next"), None)
    assert seen == atlas.layer("ports").ids


def test_a_feature_has_an_address(client):
    feature = client.get("/collections/ports/items/vladivostok").json
    assert feature["type"] == "Feature"
    assert feature["id"] == "vladivostok"
    assert feature["sources"][feature["properties"]["position_source"]]


@pytest.mark.parametrize("layer", LAYERS)
def test_csv_has_a_citation_beside_every_value_of_every_row(client, atlas, layer):
    stored = atlas.layer(layer)
    text = client.get(f"/collections/{layer}/items?f=csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [r["id"] for r in rows] == stored.ids
    for row in rows:
        assert row["release"] == atlas.release.id
        assert stored.about["geometry"] == "line" or row["position_source"]
        for field in stored.fields:
            assert bool(row[field["id"]]) == bool(row[field["id"] + "_source"]), (row["id"], field["id"])


@pytest.mark.parametrize("layer", LAYERS)
def test_geopackage_has_a_citation_beside_every_value_of_every_row(client, atlas, layer, tmp_path):
    import geopandas as gpd

    stored = atlas.layer(layer)
    path = tmp_path / "answer.gpkg"
    path.write_bytes(client.get(f"/collections/{layer}/items?f=gpkg").data)
    frame = gpd.read_file(path, layer=layer, engine="pyogrio")
    assert list(frame["id"]) == stored.ids
    assert set(frame["release"]) == {atlas.release.id}
    assert stored.about["geometry"] == "line" or all(frame["position_source"])
    for field in stored.fields:
        cited = frame[field["id"] + "_source"].fillna("") != ""
        assert list(frame[field["id"]].notna()) == list(cited), field["id"]


@pytest.mark.parametrize("layer", LAYERS)
def test_every_value_of_the_text_table_has_the_number_of_its_citation(client, atlas, layer):
    stored = atlas.layer(layer)
    told = Answer(atlas, [atlas.select(layer, Question())]).text("table").decode()
    table, sources = told.split(f"\nSources (release {atlas.release.id})\n")
    cited = dict(re.findall(r"^\[(\d+)\] (.+)$", sources, flags=re.M))
    head, *rows = table.split("\n")[2:-1]
    columns = [(found[0], found.start()) for found in re.finditer(r"\S+", head)]
    ends = [start for _, start in columns[1:]] + [None]
    fields = {f["id"] for f in stored.fields}
    assert fields & {name for name, _ in columns}
    assert len(rows) == len(stored)
    for position, row in enumerate(rows):
        shown = {c["field"]: c["source"] for c in stored.feature(position)["properties"]["claims"] if c.get("shown")}
        for (name, start), end in zip(columns, ends, strict=True):
            cell = row[start:end].strip()
            if name in fields and cell != "–":
                number = re.fullmatch(r".+ \[(\d+)\]", cell)
                assert number, (row, name)
                assert cited[number[1]] == citation(atlas.sources[shown[name]], atlas.release.id)


def test_geopackage_is_read_back(client, tmp_path):
    import geopandas as gpd

    path = tmp_path / "ports.gpkg"
    path.write_bytes(client.get("/collections/ports/items?f=gpkg&bbox=170,60,-170,70").data)
    frame = gpd.read_file(path, layer="ports", engine="pyogrio")
    assert {"anadyr", "egvekinot"} <= set(frame["id"])
    assert frame.crs.to_epsg() == 4326


@pytest.mark.parametrize("layer", LAYERS)
def test_an_empty_answer_has_the_columns_of_a_filled_one(client, tmp_path, layer):
    import geopandas as gpd

    heads, columns = [], []
    for region in ("Russia", "Paraguay"):
        path = tmp_path / f"{region}.gpkg"
        path.write_bytes(client.get(f"/collections/{layer}/items?f=gpkg&region={region}").data)
        frame = gpd.read_file(path, layer=layer, engine="pyogrio")
        assert (len(frame) == 0) == (region == "Paraguay")
        columns.append(list(frame.columns))
        heads.append(client.get(f"/collections/{layer}/items?f=csv&region={region}").data.split(b"\r\n")[0])
    assert columns[0] == columns[1]
    assert heads[0] == heads[1]


def test_regions_are_searched_in_three_scripts(client):
    for text in ("Primor", "Приморский", "प्रिमोर्स्की"):
        found = client.get("/regions", query_string={"q": text}).json["regions"]
        assert found[0]["id"] == "RU-PRI", text


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/collections/prts/items", 404, "Did you mean ports"),
        ("/collections/ports/items/vladivostock", 404, "Did you mean vladivostok"),
        ("/collections/ports/items?region=Primorye+Oblst", 404, "Did you mean Primorsky Krai"),
        ("/collections/ports/items?region=Georgia", 400, "more than one region"),
        ("/collections/ports/items?bbox=1,2,3", 400, "is not a box"),
        ("/collections/ports/items?bbox=1,2,3,95", 400, "north 95"),
        ("/collections/ports/items?near=Vladivostok", 400, "needs a radius"),
        ("/collections/ports/items?near=43.1,131.9&radius=5km", 400, "Did you mean 131.9,43.1"),
        ("/collections/ports/items?near=Atlantis&radius=5km", 404, "No place is called"),
        ("/collections/ports/items?near=Vladivostok&radius=5", 400, "is not a distance"),
        ("/collections/ports/items?f=shp", 400, "There is no format 'shp'"),
        ("/collections/ports/items?limit=0", 400, "not a whole number"),
        ("/collections/ports/items?limit=%D9%A3", 400, "not a whole number"),
        ("/collections/ports/items?limit=999999999999999999999", 400, "not a whole number"),
        ("/collections/ports/items?regoin=RU", 400, "Did you mean region"),
        ("/collections/ports/items?region=RU&region=IN", 400, "given 2 times"),
        ("/collections/ports/items?region=" + "x" * 5000, 400, "5000 characters"),
        ("/collections/ports/items?region=%00", 400, "region has the control character U+0000"),
        ("/collections/ports/items?region=", 400, "region is empty"),
        ("/?bbox=", 400, "bbox is empty"),
        ("/regions", 400, "q is missing"),
        ("/nowhere", 404, "There is nothing at /nowhere"),
        ("/collections/../../etc/passwd", 404, "nothing"),
        ("/static/../app.py", 404, ""),
        ("/export?f=pdf", 400, "There is no export 'pdf'"),
        ("/?layers=prts", 404, "There is no layer 'prts'"),
        ("/?at=1,2", 400, "is not a position"),
        ("/?theme=pink", 400, "is not one of auto, light, dark"),
        ("/?select=ports", 400, "is not a feature's address"),
    ],
)
def test_bad_input_is_a_problem_that_says_what_would_work(client, path, status, said):
    response = client.get(path)
    assert response.content_type == "application/problem+json"
    problem = response.json
    assert said in problem["detail"]
    assert problem["status"] == response.status_code
    assert response.status_code == status
    assert problem["faults"]


def test_every_fault_of_a_request_is_said_at_once(client):
    problem = client.get("/?layers=prts,shipyrds&bbox=1,2&theme=pink&at=x").json
    assert len(problem["faults"]) == 5


@pytest.mark.parametrize(
    "path", ["/collections", "/collections/ports/items?region=RU", "/nowhere", "/regions?q=x", "/?theme=pink"]
)
def test_every_response_carries_the_security_headers(client, path):
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"]


def test_what_a_client_holds_is_not_sent_again_within_a_release(world, tmp_path):
    client = create_app(world.build(tmp_path / "home")).test_client()
    address = "/collections/ports/items?region=RU"
    first = client.get(address)
    tag = first.headers["ETag"]
    held = client.get(address, headers={"If-None-Match": tag})
    assert (held.status_code, held.data, held.headers["ETag"]) == (304, b"", tag)
    assert client.get(address + "&limit=1", headers={"If-None-Match": tag}).status_code == 200
    world.add("ports/claims.csv", "pevek,throughput_t_y,674,kt/y,,2025,survey,\n")
    world.build(tmp_path / "home")
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 200
    assert "ETag" not in client.get("/collections/ports/items?region=Atlantis").headers


@pytest.mark.parametrize("address", ["/collections/atlantis", "/collections/ports/items?region=Atlantis"])
def test_a_star_does_not_make_an_address_that_is_not_there_unchanged(client, address):
    assert client.get(address, headers={"If-None-Match": "*"}).status_code == client.get(address).status_code >= 400


def test_a_newer_program_does_not_take_an_older_ones_answer_for_its_own(client, monkeypatch):
    tag = client.get("/collections/ports").headers["ETag"]
    monkeypatch.setattr("web.api._VERSION", "999")
    assert client.get("/collections/ports", headers={"If-None-Match": tag}).status_code == 200


def test_only_get_is_allowed(client):
    assert client.post("/collections/ports/items", data=b"x").status_code == 405


def test_a_running_server_takes_up_a_new_release(world, tmp_path):
    client = create_app(world.build(tmp_path / "home")).test_client()
    before = client.get("/collections/ports").json["release"]
    world.add("ports/claims.csv", "pevek,throughput_t_y,674,kt/y,,2025,survey,\n")
    after = world.build(tmp_path / "home").release.id
    assert before != after
    assert client.get("/collections/ports").json["release"] == after


def test_a_fault_of_ours_is_a_500_without_a_traceback(atlas, monkeypatch, caplog):
    app = create_app(atlas)
    monkeypatch.setattr("web.tables.geojson", lambda *_: 1 / 0)
    response = app.test_client().get("/collections/ports/items")
    assert response.status_code == 500
    assert "ZeroDivisionError" not in response.text
    assert "ZeroDivisionError" in caplog.text


def test_items_are_answered_without_pandas_or_folium(atlas_home):
    import subprocess
    import sys

    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from layers import Catalog\n"
        "from layers.query import Question\n"
        f"c = Catalog.open(Path({str(atlas_home)!r}))\n"
        "c.select('ports', Question(region='RU')).text()\n"
        "print([m for m in ('pandas', 'geopandas', 'folium', 'scipy') if m in sys.modules])\n"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_a_feature_whose_id_holds_a_slash_has_an_address(world, tmp_path):
    from layers.build import add
    from layers.importers import read
    from layers.stores.files import FileStore

    world.build(tmp_path / "home")
    point = {"type": "Point", "coordinates": [72.2, 21.4]}
    way = {"type": "Feature", "id": "way/1 ж", "geometry": point, "properties": {"a": 1}}
    (tmp_path / "ways.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [way]}), encoding="utf-8")
    add(FileStore(tmp_path / "home"), read(tmp_path / "ways.geojson"))
    client = create_app(Catalog.open(tmp_path / "home")).test_client()
    address = "/collections/ways/items/way%2F1%20%D0%B6"
    assert client.get(address).json["id"] == "way/1 ж"
    assert address in client.get("/collections/ways/items?f=html").text
    assert next(one for one in client.get(address).json["links"] if one["rel"] == "self")["href"].endswith(
        f"{address}?f=geojson"
    )
