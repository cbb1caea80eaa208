"""What is written as data reads back the same: by GeoPandas, and by our own import. Imported layers go out as they came."""

import csv
import errno
import io
import json
import math
import re
import shutil
from datetime import UTC, date, datetime

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from click.testing import CliRunner
from pyogrio.errors import DataSourceError

from geo.errors import DataError, InputError
from layers import Catalog
from layers.build import add
from layers.importers import read
from layers.query import Question
from layers.release import StoredLayer
from layers.stores.files import FileStore
from tests.conftest import HOSTILE
from web import flat
from web.app import create_app
from web.cli import cli
from web.tables import FORMATS, MEDIA_TYPES, Answer

NAME = "mines & <pits>"
ENDINGS = {"geojson": "geojson", "csv": "csv", "gpkg": "gpkg", "parquet": "parquet", "kml": "kml"}


def mine(i, name, geometry, **more):
    kept = {
        "name": name, "code": f"{i:03}", "depth": i + 0.5, "count": None if i == 2 else i, "open": i % 2 == 0,
        "since": f"2001-02-{i + 1:02}", "seen": f"2024-05-06T07:08:{i:02}Z", "tags": ["a", "b,c"][:i], "Name": f"N{i}",
    }  # fmt: skip
    return {"type": "Feature", "id": f"m-{i}", "properties": {**kept, **more}, "geometry": geometry}


TEXTS = [*HOSTILE, "=1+1", "-5", "a\tb\nc", "]]>&amp;<b>", "Томтор ёлка 中 😀", "\x07bell"]
MINES = [mine(i, text, {"type": "Point", "coordinates": [i * 10.123456789, 60.0 + i]}) for i, text in enumerate(TEXTS)]
ROADS = [
    mine(0, "Амур", {"type": "LineString", "coordinates": [[130, 50], [140, 55]]}),
    mine(1, "Bering", {"type": "LineString", "coordinates": [[170, 60], [190, 62]]}),
    mine(2, "nowhere", None),
]
AREAS = [
    mine(0, "hole", {"type": "Polygon", "coordinates": [
        [[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]], [[1, 1], [1, 2], [2, 2], [2, 1], [1, 1]]]}),
    mine(1, "both", {"type": "GeometryCollection", "geometries": [
        {"type": "Point", "coordinates": [1, 2, 30]}, {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}]}),
]  # fmt: skip
OWN = [
    {"type": "Feature", "id": i, "geometry": {"type": "Point", "coordinates": [10, 20]},
     "properties": {"id": i, "lon": 10, "lat": 20, "layer": "x", "source": "y", "fid": "z", "geom": "g", "bbox": "b"}}
    for i in ("a", "b")
]  # fmt: skip
# Columns that other layers call as we call ours, and as we call ours beside them.
OURS = ("layer", "source", "release", "wkt", "geom", "fid", "geometry", "bbox", "lon", "lat")
CROWDED = [
    {"type": "Feature", "id": f"c-{i}", "geometry": {"type": "Point", "coordinates": [10 + i, 20]},
     "properties": {"claims": f"claimed {i}", **{f"{before}{n}": f"{before}{n} {i}" for n in OURS
                    for before in ("", "atlas_", "Atlas_")}, "atlas_geom_2": "g", "atlas_fid_2": "f", "geometry_wkt": "w"}}
    for i in range(3)
]  # fmt: skip
# What says its id and its place in all features but the last; HIGH says no heights in its columns either.
NEARLY = [
    {"type": "Feature", "id": i, "geometry": {"type": "Point", "coordinates": [10, 20]},
     "properties": {"id": i if i != "c" else "another", "lon": 10 if i != "c" else 11, "lat": 20}}
    for i in ("a", "b", "c")
]  # fmt: skip
HIGH = [
    {"type": "Feature", "id": f"h-{i}", "geometry": place, "properties": {"lon": "east"}}
    for i, place in enumerate([{"type": "Point", "coordinates": [1, 2, 30]}, {"type": "Point", "coordinates": [1.5, 2]}, None])
]
LAYERS = {"mines": MINES, "roads": ROADS, "areas": AREAS, "own": OWN, "crowded": CROWDED, "nearly": NEARLY, "high": HIGH}


@pytest.fixture(scope="module")
def imported(atlas_home, tmp_path_factory):
    folder = tmp_path_factory.mktemp("imported")
    home = folder / "home"
    shutil.copytree(atlas_home, home)
    layers = []
    for name, found in LAYERS.items():
        path = folder / f"{name}.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": found}), encoding="utf-8")
        layers += read(path)
    add(FileStore(home), layers)
    return Catalog.open(home)


@pytest.fixture
def written(imported, tmp_path):
    def write(form, *layers, question=None):
        answer = Answer(imported, [imported.select(one, question or Question()) for one in layers])
        path = tmp_path / f"answer.{ENDINGS.get(form, 'txt')}"
        path.write_bytes(answer.text(form))
        return path

    return write


def by_id(frame, name="id"):
    return {row[name]: row for row in frame.to_dict("records")}


def shape_of(feature):
    one = feature["geometry"]
    if one is None:
        return None
    shape = shapely.from_geojson(json.dumps(one))
    crosses = shape.bounds[2] > 180
    return shapely.MultiLineString([[(170, 60), (180, 61)], [(-180, 61), (-170, 62)]]) if crosses else shape


def clean(text):
    """The text as XML can hold it."""
    return text.replace("\x07", "\ufffd")


def same(got, expected):
    if expected is None or got is None:
        return got is expected
    return shapely.normalize(got).equals_exact(shapely.normalize(expected), 1e-12) or shapely.normalize(
        shapely.union_all(shapely.get_parts(got))
    ).equals_exact(shapely.normalize(expected), 1e-12)


def test_every_format_has_a_media_type():
    assert set(FORMATS) == set(MEDIA_TYPES)
    assert MEDIA_TYPES["parquet"] == "application/vnd.apache.parquet"
    assert MEDIA_TYPES["kml"] == "application/vnd.google-earth.kml+xml"


@pytest.mark.parametrize("form", ["parquet", "gpkg", "kml"])
@pytest.mark.parametrize("layer", ["mines", "roads", "areas"])
def test_geopandas_reads_an_imported_layer_back(written, form, layer):
    path = written(form, layer)
    frame = gpd.read_parquet(path) if form == "parquet" else gpd.read_file(path, engine="pyogrio")
    assert frame.crs.equals("OGC:CRS84" if form == "parquet" else "EPSG:4326")
    rows = by_id(frame.rename_geometry("shape"))
    features = {f["id"]: f for f in LAYERS[layer]}
    assert set(rows) == set(features)
    for i, feature in features.items():
        p, row = feature["properties"], rows[i]
        text = clean(p["name"]) if form == "kml" else p["name"]
        # SQL does not tell Name from name, and KML has an element name: GDAL's reader joins them there.
        if form != "kml":
            assert row["name"] == text
        assert row["code"] == p["code"]
        assert row["depth"] == p["depth"]
        assert same(row["shape"], shape_of(feature)), (i, row["shape"])
        assert row["source"].startswith(f"Imported from {layer}.geojson (layer {layer}) on 20")
        assert row["layer"] == layer


def test_geoparquet_is_what_its_standard_says(written):
    path = written("parquet", "mines")
    about = pq.read_metadata(path)
    geo = json.loads(about.metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert geo["primary_column"] == "geometry"
    assert geo["columns"]["geometry"]["encoding"] == "WKB"
    assert geo["columns"]["geometry"]["geometry_types"] == ["Point"]
    assert "crs" not in geo["columns"]["geometry"]  # which means OGC:CRS84
    assert about.row_group(0).column(0).compression == "ZSTD"
    types = {f.name: str(f.type) for f in pq.read_schema(path)}
    assert types["since"] == "date32[day]"
    assert types["seen"] == "timestamp[us, tz=UTC]"
    assert types["count"] == "int64"
    assert types["open"] == "bool"
    assert types["tags"].startswith("list<")
    assert len(gpd.read_parquet(path, bbox=(-1, 59, 11, 62))) == 2


@pytest.mark.parametrize("form", ["gpkg", "parquet"])
@pytest.mark.parametrize("layer", ["ports", "trade-routes"])
def test_what_nobody_says_is_null_not_an_empty_text(written, form, layer):
    path = written(form, layer)
    frame = gpd.read_parquet(path) if form == "parquet" else gpd.read_file(path)
    texts = frame.select_dtypes(["object", "string"]).drop(columns="geometry", errors="ignore")
    assert texts.isna().any(axis=None)
    assert {name: int((column == "").sum()) for name, column in texts.items() if (column == "").any()} == {}


@pytest.mark.parametrize("form", list(ENDINGS))
@pytest.mark.parametrize("layer", [name for name in LAYERS if name != "nearly"])  # whose own ids are others
def test_what_is_written_can_be_imported_again(written, imported, form, layer):
    (again,) = read(written(form, layer))
    features = {f["id"]: f for f in LAYERS[layer]}
    assert set(again.ids) == set(features)
    columns = again.columns.to_pydict()
    for row, i in enumerate(again.ids):
        assert same(again.geometry[row], shape_of(features[i])), (i, again.geometry[row])
        if layer in ("mines", "roads", "areas"):
            values(columns, row, features[i]["properties"], form)


def values(columns, row, p, form):
    expected = {
        "name": clean(p["name"]) if form == "kml" else p["name"],
        "code": p["code"],
        "depth": p["depth"],
        "count": p["count"],
        "open": p["open"],
        "since": date.fromisoformat(p["since"]),
        "seen": datetime.fromisoformat(p["seen"]).astimezone(UTC),
    }
    got = {name: columns[name][row] for name in expected}
    assert got == expected
    tags = columns["tags"][row]
    assert (json.loads(tags) if isinstance(tags, str) else tags) == p["tags"]


@pytest.mark.parametrize(
    ("form", "layer"),
    [("csv", "ports"), *((form, layer) for form in ("gpkg", "parquet", "kml") for layer in ("ports", "trade-routes"))],
)
def test_a_layer_of_the_atlas_can_be_imported_again(written, imported, form, layer):
    (again,) = read(written(form, layer))
    selection = imported.select(layer, Question())
    assert sorted(again.ids) == sorted(selection.ids)
    shapes = dict(zip(again.ids, again.geometry, strict=True))
    names = dict(zip(again.ids, again.columns["name"].to_pylist(), strict=True))
    for feature in selection.features():
        assert same(shapes[feature["id"]], shapely.from_geojson(json.dumps(feature["geometry"])))
        assert names[feature["id"]] == feature["properties"]["name"]
    assert any(name.endswith("_source") for name in again.columns.column_names)


def test_a_flat_row_of_an_imported_layer_names_its_file(written):
    text = written("csv", "mines").read_bytes().decode("utf-8-sig")
    head = next(csv.reader(io.StringIO(text)))
    own = ["name", "code", "depth", "count", "open", "since", "seen", "tags", "Name"]
    assert head == ["layer", "id", "lon", "lat", *own, "release", "source"]
    head = next(csv.reader(io.StringIO(written("csv", "roads").read_text("utf-8-sig"))))
    assert head[:3] == ["layer", "id", "wkt"]


def test_a_column_of_the_file_keeps_its_name_beside_ours(written):
    head = next(csv.reader(io.StringIO(written("csv", "own").read_text("utf-8-sig"))))
    assert head == ["atlas_layer", "id", "lon", "lat", "layer", "source", "fid", "geom", "bbox", "release", "atlas_source"]
    frame = gpd.read_file(written("gpkg", "own"), engine="pyogrio")
    assert frame["fid"].tolist() == ["z", "z"]
    assert frame["geom"].tolist() == ["g", "g"]


@pytest.mark.parametrize("form", ["csv", "gpkg", "parquet", "kml"])
def test_every_column_of_a_file_stays_beside_ours_whatever_it_is_called(written, form):
    (again,) = read(written(form, "crowded"))
    columns = again.columns.to_pydict()
    assert ["crowded"] * 3 in columns.values()
    assert sum(str(cells[0]).startswith("Imported from crowded.geojson") for cells in columns.values()) == 1
    # SQL does not tell Atlas_x from atlas_x: the second gets a number there.
    told = [name for name in CROWDED[0]["properties"] if form != "gpkg" or name[0] != "A"]
    for name in told:
        held = f"{name}_file" if name == "geometry" else name  # as our import calls it
        assert sorted(columns[held]) == sorted(f["properties"][name] for f in CROWDED), held


@pytest.mark.parametrize(
    ("wanted", "taken", "free"),
    [
        ("geom", [], "geom"),
        ("geom", ["GEOM", "a"], "atlas_geom"),
        ("geom", ["geom", "Atlas_Geom", "atlas_geom_2"], "atlas_geom_3"),
    ],
)
def test_a_name_of_ours_is_free(wanted, taken, free):
    assert flat.free_name(wanted, taken) == free


def test_membership_is_said_where_a_region_was_asked_for(written):
    question = Question(bbox="0,59,25,63")
    for form in ("csv", "gpkg", "parquet", "kml"):
        (again,) = read(written(form, "mines", question=question))
        assert sorted(again.ids) == ["m-0", "m-1", "m-2"]
        assert again.columns["membership_file"].to_pylist() == ["certain"] * 3


def column_names(path, form):
    if form == "csv":
        return next(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    if form == "parquet":
        return pq.read_schema(path).names
    return (
        list(pyogrio.read_info(path)["fields"])
        if form == "gpkg"
        else re.findall('SimpleField name="([^"]+)"', path.read_text())
    )


@pytest.mark.parametrize("form", ["csv", "gpkg", "parquet", "kml"])
@pytest.mark.parametrize("layer", ["own", "nearly", "high", "ports"])
def test_every_page_has_the_same_columns(written, form, layer):
    pages = [Question(limit=2), Question(limit=2, offset=2), Question(limit=2, offset=1_000_000)]
    first, *others = [column_names(written(form, layer, question=one), form) for one in pages]
    assert first
    assert others == [first, first]
    if layer == "nearly":
        assert "atlas_id" in first
        assert form != "csv" or "wkt" in first


@pytest.mark.parametrize("form", ["csv", "gpkg", "parquet", "kml", "table"])
@pytest.mark.parametrize("layer", ["mines", "roads", "high", "own"])
def test_a_feature_is_parsed_once_at_most(written, form, layer, monkeypatch):
    read_rows = []
    feature = StoredLayer.feature

    def counted(self, row):
        read_rows.append(row)
        return feature(self, row)

    monkeypatch.setattr(StoredLayer, "feature", counted)
    written(form, layer)
    assert len(read_rows) == len(set(read_rows))
    assert read_rows or (layer == "roads" and form not in ("csv", "table"))


@pytest.mark.parametrize("form", ["csv", "gpkg", "parquet", "kml", "table"])
@pytest.mark.parametrize("layer", ["ports", "mines"])
def test_an_empty_answer_has_the_columns_of_a_filled_one(written, form, layer):
    path = written(form, layer, question=Question(bbox="-30,-60,-29,-59"))
    assert path.stat().st_size > 0
    if form == "parquet":
        assert gpd.read_parquet(path).empty
        assert {f.name for f in pq.read_schema(path)} >= {"layer", "id", "name", "release", "membership"}


@pytest.mark.parametrize("form", ["csv", "gpkg", "parquet", "kml", "table"])
@pytest.mark.parametrize(("layer", "asked"), [("ports", ("throughput_t_y",)), ("mines", ("depth",))])
def test_only_the_properties_that_were_asked_for_are_written(written, form, layer, asked):
    path = written(form, layer, question=Question(properties=asked))
    if form == "table":
        assert asked[0] in path.read_text(encoding="utf-8")
        return
    (again,) = read(path)
    names = set(again.columns.column_names)
    assert asked[0] in names
    assert names <= {"layer", "id", "lon", "lat", "name", asked[0], f"{asked[0]}_source", "release", "source"}


def test_several_layers_are_one_parquet_table(written):
    frame = gpd.read_parquet(written("parquet", "mines", "roads", "ports", "own"))
    assert set(frame["layer"].dropna()) >= {"mines", "roads", "ports"}
    assert np.isin(["mines", "roads"], frame["layer"]).all()


def test_a_kml_has_a_folder_for_each_layer(written):
    again = read(written("kml", "mines", "roads", "areas"))
    assert [one.source_layer for one in again] == ["mines", "roads", "areas"]


def test_hostile_text_is_text_in_kml(written):
    text = written("kml", "mines").read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "<img" not in text
    assert "\x07" not in text


def test_a_text_table_of_an_imported_layer_names_its_file(written):
    text = written("table", "mines").read_text(encoding="utf-8")
    assert "Imported from mines.geojson (layer mines) on 20" in text
    assert "\x07" not in text
    assert "m-0" in text


def test_a_column_that_a_file_calls_claims_is_no_ledger(written):
    text = written("table", "crowded").read_text(encoding="utf-8")
    assert "claimed 2" in text
    assert "[1]" not in text


@pytest.mark.parametrize(("form", "word"), [("gpkg", "GeoPackage"), ("parquet", "GeoParquet")])
def test_no_layer_is_no_file(imported, form, word):
    with pytest.raises(InputError, match=f"A {word}.* of no layer cannot be written"):
        Answer(imported, []).text(form)


def no_room(*_, **__):
    raise DataSourceError("sqlite3_exec failed:  database or disk is full")


def no_folder(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("where", "fails", "said"),
    [
        ("pyogrio.write_arrow", no_room, "sqlite3_exec failed: database or disk is full"),
        ("tempfile.mkdtemp", no_folder, "No space left on device"),
    ],
)
def test_a_geopackage_for_which_there_is_no_room_is_our_fault(imported, monkeypatch, where, fails, said):
    client = create_app(imported).test_client()
    monkeypatch.setattr(where, fails)
    answer = client.get("/collections/mines/items?f=gpkg")
    assert answer.status_code == 503
    assert f"{said}. Is there room in the folder for temporary files?" in answer.get_data(as_text=True)
    with pytest.raises(DataError, match="The GeoPackage cannot be made: "):
        Answer(imported, [imported.select("mines", Question())]).text("gpkg")


def test_numbers_come_back_to_the_last_digit(written):
    (again,) = read(written("kml", "mines"))
    lon = {i: g.x for i, g in zip(again.ids, again.geometry, strict=True)}
    assert all(math.isclose(lon[f["id"]], f["geometry"]["coordinates"][0], rel_tol=0, abs_tol=0) for f in MINES)


@pytest.mark.parametrize("form", list(ENDINGS))
def test_every_format_is_answered_over_http_with_its_media_type(imported, form):
    answer = create_app(imported).test_client().get(f"/collections/mines/items?f={form}&limit=100")
    assert answer.status_code == 200
    assert answer.content_type == MEDIA_TYPES[form]
    assert answer.data


@pytest.mark.parametrize("form", ["parquet", "kml"])
def test_the_command_line_writes_the_new_formats_by_the_files_name(atlas_home, tmp_path, form, monkeypatch):
    monkeypatch.setenv("CORRIDOR_HOME", str(atlas_home))
    run = CliRunner()
    for words in (["query", "ports", "--region", "RU-PRI"], ["export", "--layers", "ports", "--region", "RU-PRI"]):
        path = tmp_path / f"{words[0]}.{form}"
        done = run.invoke(cli, [*words, "-o", str(path)])
        assert done.exit_code == 0, done.output
        (again,) = read(path)
        assert "vladivostok" in set(again.ids)
    shown = run.invoke(cli, ["query", "ports", "--region", "RU-PRI", "--format", form])
    assert shown.stdout_bytes[:5] in (b"PAR1\x15", b"<?xml")
