"""A foreign file becomes layers: its own rows, ids and values, on the Earth, or an error that says every fault."""

import contextlib
import json
import socket
import struct
import threading
import time
import zipfile
from datetime import UTC, date, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from geo.errors import DataError, InputError, UnknownError
from geo.files import Limits
from layers.importers import read

POINTS = gpd.GeoDataFrame(
    {
        "name": ["Владивосток", "Chennai", "=1+1"],
        "berths": [16, 24, None],
        "depth_m": [11.5, 16.5, 9.0],
        "open": [True, False, True],
        "since": [date(1860, 7, 2), date(1881, 1, 1), date(2001, 2, 3)],
        "seen": [datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)] * 3,
    },
    geometry=shapely.points([131.9, 80.3, -179.1], [43.1, 13.1, 66.3]),
    crs="OGC:CRS84",
).astype({"berths": "Int64"})
POINTS["since"] = POINTS["since"].astype(pd.ArrowDtype(pa.date32()))


def write(tmp_path, name, text):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def features(*given, **members):
    shaped = [{"type": "Feature", "properties": {}, "geometry": None, **f} for f in given]
    return json.dumps({"type": "FeatureCollection", "features": shaped, **members})


def point(lon, lat, **properties):
    return {"geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": properties}


def shape(kind, coordinates):
    return {"geometry": {"type": kind, "coordinates": coordinates}}


def layer(path, **asked):
    found = read(path, **asked)
    assert len(found) == 1
    return found[0]


def said(path, kind=DataError, **asked):
    with pytest.raises(kind) as caught:
        read(path, **asked)
    assert "Nothing was imported." in caught.value.faults[-1]
    return str(caught.value)


# --- every kind of file


def written(tmp_path, kind):
    path = tmp_path / f"ports.{kind}"
    if kind == "geojson":
        path.write_text(POINTS.to_json(default=str), encoding="utf-8")
    elif kind == "geojsonl":
        path.write_text("\n".join(json.dumps(f) for f in json.loads(POINTS.to_json(default=str))["features"]), encoding="utf-8")
    elif kind == "parquet":
        POINTS.to_parquet(path)
    elif kind == "csv":
        POINTS.drop(columns="geometry").assign(lon=POINTS.geometry.x, lat=POINTS.geometry.y).to_csv(path, index=False)
    elif kind == "wkt.csv":
        path = tmp_path / "ports.csv"
        POINTS.drop(columns="geometry").assign(wkt=POINTS.geometry.to_wkt()).to_csv(path, index=False)
    elif kind == "shp":
        POINTS.drop(columns="seen").to_file(path, driver="ESRI Shapefile", encoding="UTF-8", engine="pyogrio")
    elif kind == "zip":
        part = written(tmp_path, "shp")
        with zipfile.ZipFile(path, "w") as archive:
            for one in tmp_path.glob("ports.*"):
                if one.suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
                    archive.write(one, f"folder/{one.name}")
        part.unlink()
    else:
        POINTS.to_file(
            path,
            driver={"gpkg": "GPKG", "fgb": "FlatGeobuf"}[kind],
            engine="pyogrio",
            use_arrow=True,
            **({"SPATIAL_INDEX": "NO"} if kind == "fgb" else {}),
        )
    return path


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["geojson", "geojsonl", "gpkg", "shp", "zip", "csv", "wkt.csv", "fgb", "parquet"])
def test_every_kind_gives_the_same_layer(tmp_path, kind):
    one = layer(written(tmp_path, kind))
    assert (one.id, one.kind, one.source_layer) == ("ports", "point", "ports")
    assert shapely.get_coordinates(one.geometry).tolist() == shapely.get_coordinates(POINTS.geometry).tolist()
    got = one.columns.to_pydict()
    assert got["name"] == POINTS["name"].tolist()
    assert got["depth_m"] == [11.5, 16.5, 9.0]
    assert got["berths"] == [16, 24, None]
    if kind in ("gpkg", "fgb", "parquet", "csv", "wkt.csv"):  # JSON texts of GeoPandas and Shapefiles know fewer types
        assert got["open"] == [True, False, True]
        assert kind == "fgb" or got["since"] == POINTS["since"].tolist()  # FlatGeobuf knows times only
        assert got["seen"] == POINTS["seen"].tolist()
    assert len(set(one.ids)) == 3


def test_kml_gives_folders_as_layers_and_extended_data_as_columns(tmp_path):
    text = """<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>All</name>
    <Folder><name>Ports</name><Placemark id="a"><name>A &amp; B</name><TimeStamp><when>2024-05-06</when></TimeStamp>
      <ExtendedData><Data name="depth"><value>11.5</value></Data></ExtendedData>
      <Point><coordinates>131.9,43.1,5</coordinates></Point>
    </Placemark><Placemark id="b"><name>C</name><Point><coordinates>80,13</coordinates></Point></Placemark></Folder>
    <Folder><name>Areas</name><Placemark><MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 1,0 1,1 0,0
      </coordinates></LinearRing></outerBoundaryIs></Polygon><Point><coordinates>1,1</coordinates></Point></MultiGeometry></Placemark>
    <NetworkLink><Link><href>http://127.0.0.1/a.kml</href></Link></NetworkLink></Folder></Document></kml>"""
    ports, areas = read(write(tmp_path, "a.kml", text))
    assert (ports.id, ports.kind, list(ports.ids)) == ("Ports", "point", ["a", "b"])
    assert ports.columns.to_pydict() == {"name": ["A & B", "C"], "timestamp": [date(2024, 5, 6), None], "depth": [11.5, None]}
    assert ports.geometry[0].wkt == "POINT Z (131.9 43.1 5)"
    assert (areas.id, areas.kind) == ("Areas", "mixed")
    assert any("a link is not followed" in n for n in areas.notes)


def test_one_layer_of_several_is_chosen_and_renamed(tmp_path):
    path = tmp_path / "a.gpkg"
    for name in ("Порты", "yards"):
        POINTS.to_file(path, layer=name, driver="GPKG", engine="pyogrio")
    both = read(path)
    assert [one.id for one in both] == ["porty", "yards"]
    assert "the layer 'Порты' is called 'porty'" in both[0].notes
    assert layer(path, source_layers=["yards"], rename="my_yards").id == "my_yards"
    assert "has 2 layers: Порты, yards. Choose one with --source-layer" in said(path, InputError, rename="x")
    assert "has no layer 'yard'. Did you mean yards?" in said(path, UnknownError, source_layers=["yard"])
    with pytest.raises(InputError, match="'a b' is no layer's id"):
        read(path, rename="a b")


def test_a_table_without_geometry_beside_layers_is_left_out(tmp_path):
    path = tmp_path / "a.gpkg"
    POINTS.to_file(path, layer="ports", driver="GPKG", engine="pyogrio")
    import pyogrio

    pyogrio.write_dataframe(pd.DataFrame({"a": [1]}), path, layer="styles", driver="GPKG")
    assert any("left out: styles" in n for n in layer(path).notes)
    bare = tmp_path / "b.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"a": [1]}), bare, layer="styles", driver="GPKG")
    assert "no layer of the file has a geometry" in said(bare)


# --- ids and columns


def test_ids_are_the_files_own_where_each_row_has_one(tmp_path):
    one = layer(write(tmp_path, "a.geojson", features({**point(1, 2), "id": "x/1"}, {**point(3, 4), "id": 7})))
    assert list(one.ids) == ["x/1", "7"]


@pytest.mark.parametrize(
    ("ids", "why"), [(["a", "a"], "1 come more than once"), (["a", None], "1 rows have none"), (["a", "b\n"], "control")]
)
def test_ids_that_are_none_become_numbers_with_a_note(tmp_path, ids, why):
    one = layer(write(tmp_path, "a.geojson", features(*({**point(1, 2), "id": i} for i in ids))))
    assert list(one.ids) == ["1", "2"]
    assert any(why in n for n in one.notes)


def test_a_column_id_gives_the_ids_of_a_table(tmp_path):
    one = layer(write(tmp_path, "a.csv", "id,lon,lat\nb,1,2\na,3,4\n"))
    assert list(one.ids) == ["b", "a"]


def test_values_of_json_keep_their_types_and_nested_ones_their_text(tmp_path):
    one = layer(
        write(
            tmp_path,
            "a.geojson",
            features(
                point(
                    1, 2, n=1, x=1, t=["a", "b"], o={"k": [1]}, big=2**63, d="2024-01-02", w="2024-01-02T03:04:05Z", m=1, e=None
                ),
                point(1, 2, n=2, x=0.5, t=[], o=None, big=1, d="2024-01-03", w=None, m="a", e=None),
            ),
        )
    )
    types = {f.name: str(f.type) for f in one.columns.schema}
    assert types == {
        "n": "int64", "x": "double", "t": "list<item: string>", "o": "string", "big": "string", "d": "date32[day]",
        "w": "timestamp[us, tz=UTC]", "m": "string", "e": "string",
    }  # fmt: skip
    got = one.columns.to_pydict()
    assert got["o"] == ['{"k":[1]}', None]
    assert got["m"] == ["1", "a"]
    assert {n.partition(":")[0] for n in one.notes} == {"column 'o'", "column 'big'", "column 'm'"}


def test_text_of_a_table_is_a_number_only_where_all_of_it_is(tmp_path):
    one = layer(
        write(
            tmp_path,
            "a.csv",
            "lon,lat,code,n,x,flag,day,odd\n1,2,007,7,1.5,TRUE,2024-02-28,2024-02-30\n1,2,012,,2,false,,2024-02-28\n",
        )
    )
    assert one.columns.to_pydict() == {
        "lon": [1, 1], "lat": [2, 2], "code": ["007", "012"], "n": [7, None], "x": [1.5, 2.0], "flag": [True, False],
        "day": [date(2024, 2, 28), None], "odd": ["2024-02-30", "2024-02-28"],
    }  # fmt: skip


def test_column_names_that_cannot_stay_are_changed_with_a_note(tmp_path):
    one = layer(write(tmp_path, "a.csv", "lon,lat,membership,geometry,,a,a,a_2\n1,2,m,g,e,x,y,z\n"))
    assert one.columns.column_names == ["lon", "lat", "membership_file", "geometry_file", "column_5", "a", "a_3", "a_2"]
    assert len([n for n in one.notes if "is called" in n]) == 4


def test_numbers_that_json_has_not_are_left_empty_with_a_note(tmp_path):
    frame = gpd.GeoDataFrame({"v": [1.5, np.inf, -np.inf]}, geometry=shapely.points([1, 2, 3], [1, 2, 3]), crs=4326)
    frame.to_parquet(tmp_path / "a.parquet")
    one = layer(tmp_path / "a.parquet")
    assert one.columns.to_pydict() == {"v": [1.5, None, None]}
    assert "column 'v': 2 values are NaN or infinite and are left empty" in one.notes


def test_parquet_types_that_a_layer_has_not_are_kept_as_text(tmp_path):
    frame = gpd.GeoDataFrame(geometry=shapely.points([1], [1]), crs=4326)
    frame.to_parquet(tmp_path / "g.parquet")
    table = pq.read_table(tmp_path / "g.parquet")
    extra = {
        "raw": pa.array([b"\x00\xff"]), "deep": pa.array([{"a": 1}]), "kind": pa.array(["x"]).dictionary_encode(),
        "price": pa.array([1], pa.decimal128(5, 2)), "big": pa.array([2**64 - 1], pa.uint64()),
        "at": pa.array([0], pa.time32("s")),
    }  # fmt: skip
    for name, array in extra.items():
        table = table.append_column(name, array)
    pq.write_table(table, tmp_path / "a.parquet")
    got = {k: v[0] for k, v in layer(tmp_path / "a.parquet").columns.to_pydict().items()}
    assert got == {"raw": "AP8=", "deep": '{"a":1}', "kind": "x", "price": 1.0, "big": str(2**64 - 1), "at": "00:00:00.000"}


def times(tmp_path, **columns):
    frame = gpd.GeoDataFrame(geometry=shapely.points([1, 2], [1, 2]), crs=4326)
    frame.to_parquet(tmp_path / "g.parquet")
    table = pq.read_table(tmp_path / "g.parquet")
    for name, array in columns.items():
        table = table.append_column(name, array)
    pq.write_table(table, tmp_path / "a.parquet")
    return layer(tmp_path / "a.parquet")


def test_times_that_no_calendar_writes_are_kept_as_numbers(tmp_path):
    one = times(
        tmp_path,
        far=pa.array([0, 2**62], pa.timestamp("ms", "UTC")),
        early=pa.array([-(10**7), 0], pa.int32()).cast(pa.date32()),
        fine=pa.array([1, 2**50], pa.timestamp("ns", "UTC")),
    )
    got = one.columns.to_pydict()
    assert got["far"] == ["0", str(2**62)]
    assert got["early"] == ["-10000000", "0"]
    assert [t.year for t in got["fine"]] == [1970, 1970]
    assert len([n for n in one.notes if "outside the years 1 to 9999" in n]) == 2
    text = layer(write(tmp_path, "a.csv", "lon,lat,d\n1,2,0000-01-01\n"))
    assert text.columns["d"].to_pylist() == ["0000-01-01"]


def test_times_of_another_zone_are_kept_in_utc_with_a_note(tmp_path):
    one = layer(write(tmp_path, "a.csv", "lon,lat,t\n1,2,2024-05-06T10:00:00+10:00\n"))
    assert one.columns["t"].to_pylist() == [datetime(2024, 5, 6, tzinfo=UTC)]
    assert "column 't': times are kept in UTC" in one.notes


def test_text_that_is_not_utf8_is_refused(tmp_path):
    bad = pa.StringArray.from_buffers(1, pa.array([0, 2], pa.int32()).buffers()[1], pa.py_buffer(b"\xcf\xee"))
    table = pa.table({"name": bad, "geometry": pa.array([shapely.to_wkb(shapely.Point(1, 2))])})
    geo = {"primary_column": "geometry", "columns": {"geometry": {}}}
    pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(geo).encode()}), tmp_path / "a.parquet")
    assert "column 'name' holds text that is not UTF-8" in said(tmp_path / "a.parquet")


# --- tables


@pytest.mark.parametrize("names", ["lon,lat", "Longitude,Latitude", "x,y", "LNG,LAT", "долгота,широта"])
def test_coordinates_are_found_by_their_names(tmp_path, names):
    one = layer(write(tmp_path, "a.csv", f"name,{names}\na,131.9,43.1\n"))
    assert one.geometry[0].wkt == "POINT (131.9 43.1)"
    assert any("taken as longitude, latitude" in n for n in one.notes)


def test_a_table_of_a_spreadsheet_is_read(tmp_path):
    text = 'имя;lon;lat;груз\nПорт;131,9;43,1;1,5\n"Два;\nслова";;;2\n'
    for encoding in ("utf-8-sig", "utf-16"):
        one = layer(write(tmp_path, "a.csv", text.encode(encoding)))
        assert one.geometry[0].wkt == "POINT (131.9 43.1)"
        assert one.columns["груз"].to_pylist() == [1.5, 2.0]
        assert one.columns["имя"].to_pylist() == ["Порт", "Два;\nслова"]
        assert "without geometry: row 3" in one.notes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"\xff\xfelon", "begins like UTF-16, but is not"),
        (b"lon,lat\n" + b"1,2\n" * 2000 + b"\0", "zero bytes"),
        ("lon,lat,n\n1,2,Порт\n".encode("cp1251"), "line 2 is not UTF-8. Save the file as 'CSV UTF-8'"),
        (",,\n1,2,3\n", "names no columns"),
        (",".join(f"c{i}" for i in range(2001)) + "\n", "2,001 columns; 1 to 2,000"),
        ("lon,lat\n1,2\n1,2,3\n", "row 3: 3 values, but the first row names 2 columns"),
        ("lon,lat\n", "no row below the names"),
        ("a,b\n1,2\n", "no column holds coordinates; the columns are a, b. Call two of them lon and lat"),
        ("lon,lat\n1,2\n1,\n", "row 3: one of lon and lat is empty"),
        ("lon,lat\n1,2\nx,2\n1,NaN\n", "row 3: column 'lon': 'x' is not a number"),
        ("lon,lat\n1e400,2\n", "row 2: column 'lon': the number is too large"),
        ("wkt\nPOINT (1 2)\nPOINT (1 2\n", "row 3: column 'wkt': 'POINT (1 2' is not WKT"),
        ("wkt\nSRID=4326;POINT (1 2)\nSRID=3857;POINT (1 2)\n", "rows name several systems (SRID)"),
        ("lon,lat\n500000,4800000\n", "names no reference system, and its coordinates (500000 to 500000, 4.8e+06 to 4.8e+06)"),
    ],
)
def test_a_table_that_is_not_right_is_refused(tmp_path, text, words):
    assert words in said(write(tmp_path, "a.csv", text))


@pytest.mark.parametrize("good", ["", "a,1,2\nd,3,4\n"])
def test_cells_that_are_empty_odd_or_out_of_range_are_said_in_one_pass(tmp_path, good):
    text = f"id,lon,lat\n{good}b,200,20\nc,,30\ne,80,95\nf,x,y\ng,120,\nh,95,60\n"
    begin = 2 + good.count("\n")
    assert said(write(tmp_path, "a.csv", text)).splitlines() == [
        f"a.csv: row {begin}: 200, 20 is not a longitude and latitude",
        f"a.csv: row {begin + 1}: one of lon and lat is empty",
        f"a.csv: row {begin + 2}: 80, 95 is not a longitude and latitude; lon and lat look swapped",
        f"a.csv: row {begin + 3}: column 'lon': 'x' is not a number; column 'lat': 'y' is not a number",
        f"a.csv: row {begin + 4}: one of lon and lat is empty",
        "Nothing was imported.",
    ]


def test_of_a_table_in_metres_only_the_empty_cell_is_a_fault(tmp_path):
    assert (
        said(write(tmp_path, "a.csv", "x,y\n500000,4800000\n,4800000\n"))
        == "a.csv: row 3: one of x and y is empty. Nothing was imported."
    )


def test_every_fault_is_said_and_of_many_the_count(tmp_path):
    faults = said(write(tmp_path, "a.csv", "lon,lat\n" + "x,1\n" * 50)).splitlines()
    assert faults[0] == "a.csv: row 2: column 'lon': 'x' is not a number"
    assert faults[-2:] == ["and 30 faults more", "Nothing was imported."]
    assert len(faults) == 22


def wide(tmp_path, kind, count):
    """A file of two rows with so many columns of its own."""
    names = [f"c{i}" for i in range(count)]
    if kind == "csv":
        return write(tmp_path, "a.csv", ",".join(["lon", "lat", *names[2:]]) + "\n" + ",".join(["1"] * count) + "\n")
    if kind == "geojson":  # each row has its half
        halves = names[::2], names[1::2]
        return write(tmp_path, "a.geojson", features(*(point(1, 2, **dict.fromkeys(half, "x")) for half in halves)))
    if kind == "kml":
        data = "".join(f'<Data name="{name}"><value>1</value></Data>' for name in names)
        place = "<Point><coordinates>1,2</coordinates></Point>"
        return write(tmp_path, "a.kml", f"<kml><Placemark><ExtendedData>{data}</ExtendedData>{place}</Placemark></kml>")
    frame = gpd.GeoDataFrame(pd.DataFrame({name: [1] for name in names}), geometry=[shapely.Point(1, 2)], crs=4326)
    path = tmp_path / f"a.{kind}"
    if kind == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path, driver="FlatGeobuf", engine="pyogrio", use_arrow=True, SPATIAL_INDEX="NO")
    return path


@pytest.mark.parametrize("kind", ["csv", "geojson", "kml", "parquet", "fgb"])
def test_no_kind_has_more_columns_than_are_read(tmp_path, kind):
    assert "2,001 columns; 1 to 2,000 can be read. Nothing was imported." in said(wide(tmp_path, kind, 2_001))
    assert layer(wide(tmp_path, kind, 2_000)).columns.num_columns == 2_000


# --- GeoJSON


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "line 1: this is not JSON"),
        ('{"type":"Feature","properties":{},"geometry":null}\n{"a"\n', "line 2: this is not JSON"),
        ('\x1e{"type":"Feature"}\n\x1e{]\n', "record 2: this is not JSON"),
        ('{"type":"FeatureCollection"}', "'features' of the FeatureCollection is no list"),
        ('{"type":"Topology"}', "this is TopoJSON"),
        ('{"spatialReference":{},"features":[]}', "this is Esri JSON"),
        ('{"type":"feature"}', "type 'feature' is not a type of GeoJSON"),
        (features({"type": "Thing"}), "feature 1: this is no object of type Feature"),
        (features({"properties": []}), "feature 1: 'properties' is no object"),
        (features({"id": {}}), "feature 1: id {} is neither text nor a number"),
        (features(shape("Circle", [])), "feature 1: geometry: 'Circle' has no type of geometry"),
        (features(shape("Point", 1)), "Point: the coordinates are '1', not a list"),
        (features(shape("Point", ["1", 2])), "Point: ['1', 2] is no position"),
        (features(shape("LineString", [[1, 2]])), "LineString: 1 positions are fewer than the 2"),
        (features(shape("Polygon", [[[0, 0], [1, 0], [1, 1], [0, 1]]])), "Polygon: a ring does not end where it begins"),
        (features({"geometry": {"type": "GeometryCollection", "geometries": 1}}), "'geometries' is no list"),
        (
            features(point(1, 2), crs={"type": "link", "properties": {"href": "http://127.0.0.1/"}}),
            "a link, which is not followed",
        ),
        (features(point(1, 2), crs={"type": "name", "properties": {"name": "http://127.0.0.1/"}}), "is not a name of a system"),
        (features(point(1, 2), crs={"type": "name", "properties": {"name": "EPSG:999999"}}), "'EPSG:999999' is not known"),
        (features(), "there is no feature in it"),
        (features({}), "no feature has a geometry"),
        (features(point(1, 91), point(43, 131)), "feature 1: 1, 91 is not a longitude and latitude; lon and lat look swapped"),
        (features(point(1e30, 1)), "feature 1: 1e+30, 1 is not a longitude and latitude"),
    ],
)
def test_geojson_that_is_not_right_is_refused(tmp_path, text, words):
    assert words in said(write(tmp_path, "a.geojson", text), InputError)


def test_an_older_files_crs_is_honoured(tmp_path):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32652"}}
    one = layer(write(tmp_path, "a.geojson", features(point(735000, 4776000), crs=crs)))
    assert one.crs == "EPSG:32652"
    assert shapely.get_coordinates(one.geometry).round(3).tolist() == [[131.888, 43.1]]


def test_json_that_is_nested_without_end_is_refused(tmp_path):
    assert "this is not JSON" in said(write(tmp_path, "a.geojson", "[" * 100_000))


# --- KML


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('<!DOCTYPE kml [<!ENTITY a "b">]><kml>&a;</kml>', "declares a document type"),
        ("<kml><Document></kml>", "line 1: this is not well-formed KML: mismatched tag"),
        ("<kml>" + "<Folder>" * 300, "nested deeper than 200"),
        ("<?xml version='1.0' encoding='nonsense'?><kml></kml>", "the KML cannot be read: unknown encoding: nonsense"),
        ("<kml><NetworkLink/></kml>", "there is no Placemark (1 NetworkLink left out: a link is not followed)"),
        ("<kml><Placemark><Point><coordinates>1</coordinates></Point></Placemark></kml>", "feature 1: '1' is no position"),
        ("<kml><Placemark><Point><coordinates>1,x</coordinates></Point></Placemark></kml>", "feature 1: could not convert"),
        (
            "<kml><Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 1,1 1,0</coordinates></LinearRing>"
            "</outerBoundaryIs></Polygon></Placemark></kml>",
            "a ring of the Polygon has fewer than 4 positions",
        ),
        ("<?xml version='1.0'?>" + " " * 5000 + "<html/>", "begins with <html>"),
    ],
)
def test_kml_that_is_not_right_is_refused(tmp_path, text, words):
    assert words in said(write(tmp_path, "a.kml", text))


def test_a_billion_laughs_are_not_laughed(tmp_path):
    lol = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 20))
    start = time.monotonic()
    said(write(tmp_path, "a.kml", f'<!DOCTYPE kml [<!ENTITY l0 "ha">{lol}]><kml><name>&l19;</name></kml>'))
    assert time.monotonic() - start < 1


# --- Parquet


def parquet(tmp_path, geo, name="geometry"):
    table = pa.table({name: pa.array([shapely.to_wkb(shapely.Point(1, 2))])})
    meta = {} if geo is None else {b"geo": json.dumps(geo).encode()}
    path = tmp_path / "a.parquet"
    pq.write_table(table.replace_schema_metadata(meta), path)
    return path


@pytest.mark.parametrize(
    ("geo", "words"),
    [
        (None, "no geometry column: the metadata 'geo' of GeoParquet is missing"),
        ({"primary_column": "shape", "columns": {"geometry": {}}}, "the geometry column 'shape' is not in the file"),
        ({"primary_column": "geometry", "columns": {"geometry": {"encoding": "odd"}}}, "encoded as 'odd'; WKB and GeoArrow"),
        (
            {"primary_column": "geometry", "columns": {"geometry": {"crs": {"type": "odd"}}}},
            "the reference system of the geometry",
        ),
    ],
)
def test_parquet_that_is_not_right_is_refused(tmp_path, geo, words):
    assert words in said(parquet(tmp_path, geo))


@pytest.mark.parametrize(
    "covering",
    [None, 1, [], {"bbox": None}, {"bbox": [1]}, {"bbox": {"xmin": 1}}, {"bbox": {"xmin": []}}, {"bbox": {"xmin": [1]}}],
)
def test_a_covering_that_says_nothing_is_passed_over(tmp_path, covering):
    geo = {"primary_column": "geometry", "columns": {"geometry": {"covering": covering}, "other": None}}
    assert layer(parquet(tmp_path, geo)).geometry[0].equals(shapely.Point(1, 2))


def test_parquet_that_is_damaged_or_too_large_is_refused(tmp_path):
    path = parquet(tmp_path, {"primary_column": "geometry", "columns": {"geometry": {}}})
    assert layer(path).crs == "OGC:CRS84"
    assert "are more than are read" in said(path, limits=Limits(unpacked=10))
    assert "the Parquet is damaged" in said(write(tmp_path, "b.parquet", path.read_bytes()[:-20]))


@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
def test_geoparquet_in_either_encoding_is_read(tmp_path, encoding):
    frame = POINTS[["name", "geometry"]]
    frame.to_parquet(tmp_path / "a.parquet", geometry_encoding=encoding, write_covering_bbox=True)
    one = layer(tmp_path / "a.parquet")
    assert one.columns.column_names == ["name"]
    assert shapely.get_coordinates(one.geometry).tolist() == shapely.get_coordinates(frame.geometry).tolist()


# --- places


@pytest.mark.parametrize("crs", [32652, 3857, 3576, 4490, "ESRI:54009"])
def test_any_system_is_brought_to_longitude_and_latitude(tmp_path, crs):
    POINTS[["name", "geometry"]].to_crs(crs).to_file(tmp_path / "a.gpkg", driver="GPKG", engine="pyogrio")
    one = layer(tmp_path / "a.gpkg")
    assert shapely.get_coordinates(one.geometry)[:1] == pytest.approx(shapely.get_coordinates(POINTS.geometry)[:1], abs=1e-7)
    assert one.crs.endswith(str(crs).rpartition(":")[2])


def test_what_lies_beyond_180_is_brought_within_and_split(tmp_path):
    one = layer(
        write(
            tmp_path,
            "a.geojson",
            features(
                point(190, 60),
                shape("LineString", [[170, 60], [190, 62]]),
                shape("Polygon", [[[170, 60], [190, 60], [190, 70], [170, 70], [170, 60]]]),
                shape("LineString", [[0, 10], [200, 10]]),
            ),
        )
    )
    assert one.geometry[0].wkt == "POINT (-170 60)"
    assert one.geometry[1].wkt == "MULTILINESTRING ((170 60, 180 61), (-180 61, -170 62))"
    assert one.geometry[2].equals(shapely.union_all([shapely.box(170, 60, 180, 70), shapely.box(-180, 60, -170, 70)]))
    assert one.geometry[3].wkt == "MULTILINESTRING ((0 10, 180 10), (-180 10, -160 10))"
    assert "split at 180°: features 2, 3, 4" in one.notes


def test_a_projected_polygon_round_the_pole_or_across_180_is_whole(tmp_path):
    ring = [(3e6 * np.cos(a), 3e6 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 73)]
    frame = gpd.GeoDataFrame(geometry=[shapely.Polygon(ring), shapely.Point(0, 2.7e6).buffer(3e5)], crs=3576)
    frame = pd.concat(
        [frame, frame.rotate(90, origin=(0, 0)).to_frame("geometry"), frame.rotate(180, origin=(0, 0)).to_frame("geometry")]
    )
    frame.to_file(tmp_path / "a.gpkg", driver="GPKG", engine="pyogrio")
    one = layer(tmp_path / "a.gpkg")
    from pyproj import Geod

    areas = [abs(Geod(ellps="WGS84").geometry_area_perimeter(g)[0]) for g in one.geometry]
    assert shapely.is_valid(one.geometry).all()
    assert areas == pytest.approx(frame.area.tolist(), rel=2e-3)  # the system is equal-area


def test_a_wide_polygon_in_mercator_stays_wide(tmp_path):
    wide = shapely.box(-12_000_000, -1e6, 12_000_000, 1e6)
    gpd.GeoDataFrame(geometry=[wide], crs=3857).to_file(tmp_path / "a.gpkg", driver="GPKG", engine="pyogrio")
    west, _, east, _ = layer(tmp_path / "a.gpkg").geometry[0].bounds
    assert east - west == pytest.approx(215.6, abs=0.1)


def test_a_polygon_that_crosses_itself_is_kept_and_named(tmp_path):
    bowtie = [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]
    one = layer(write(tmp_path, "a.geojson", features(shape("Polygon", bowtie))))
    assert any(n.startswith("not valid, kept as it is: feature 1 (Self-intersection") for n in one.notes)
    asked = shapely.points([(0.5, 0.25), (0.9, 0.5), (0.1, 0.5), (0.5, 0.9)])
    assert shapely.intersects(one.geometry[0], asked).tolist() == [False, True, True, False]
    boxes = shapely.box([0.8, 0.4, 2], [0.4, 0.8, 2], [0.9, 0.6, 3], [0.6, 0.9, 3])
    assert shapely.intersects(one.geometry[0], boxes).tolist() == [True, False, False]


def test_an_invalid_polygon_across_180_is_refused(tmp_path):
    bowtie = [[[179, 0], [181, 1], [181, 0], [179, 1], [179, 0]], [[178, 0], [182, 0.5], [179.5, 3], [178, 0]]]
    assert "it crosses 180° and is not valid" in said(write(tmp_path, "a.geojson", features(shape("Polygon", bowtie))))


def test_what_is_not_on_the_earth_is_refused(tmp_path):
    from pyproj import CRS

    moon = CRS.from_wkt(
        'GEOGCRS["Moon",DATUM["Moon",ELLIPSOID["Moon",1737400,0,LENGTHUNIT["metre",1]]],PRIMEM["Reference",0],'
        'CS[ellipsoidal,2],AXIS["latitude",north],AXIS["longitude",east],ANGLEUNIT["degree",0.0174532925199433]]'
    )
    gpd.GeoDataFrame(geometry=[shapely.Point(1, 2)], crs=moon).to_parquet(tmp_path / "a.parquet")
    assert "Moon cannot be transformed" in said(tmp_path / "a.parquet")
    gpd.GeoDataFrame(geometry=[shapely.Point(1e9, 1e9)], crs=3576).to_parquet(tmp_path / "b.parquet")
    assert "layer 'b': row 1: cannot be placed on the Earth" in said(tmp_path / "b.parquet")


def test_coordinates_that_are_no_numbers_are_refused(tmp_path):
    shapes = [shapely.LineString([(0, 0), (1, 1)]), shapely.LineString([(0, 0), (np.inf, 1)])]
    gpd.GeoDataFrame(geometry=shapes, crs=4326).to_parquet(tmp_path / "a.parquet")
    assert "layer 'a': row 2: a coordinate is NaN or infinite" in said(tmp_path / "a.parquet")


def test_heights_stay_and_measures_go(tmp_path):
    path = tmp_path / "a.gpkg"
    gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0, 5), (1, 1, 6)])], crs=4326).to_file(
        path, driver="GPKG", engine="pyogrio"
    )
    assert layer(path).geometry[0].wkt == "LINESTRING Z (0 0 5, 1 1 6)"
    texts = ["POINT ZM (1 2 3 4)", "POINT M (1 2 4)", "POINT Z (1 2 NaN)"]
    table = pa.table({"geometry": pa.array([shapely.to_wkb(shapely.from_wkt(t), flavor="iso") for t in texts])})
    geo = {"primary_column": "geometry", "columns": {"geometry": {}}}
    pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(geo).encode()}), tmp_path / "a.parquet")
    assert [g.wkt for g in layer(tmp_path / "a.parquet").geometry] == ["POINT Z (1 2 3)", "POINT (1 2)", "POINT (1 2)"]


def test_polygons_are_wound_as_rfc_7946_wants(tmp_path):
    clockwise = [[[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]]
    one = layer(write(tmp_path, "a.geojson", features(shape("Polygon", clockwise))))
    assert one.geometry[0].exterior.is_ccw


# --- Shapefiles


def shapefile(tmp_path, texts, encoding, *, says=0):
    frame = gpd.GeoDataFrame({"name": texts}, geometry=shapely.points(np.arange(len(texts)), 1.0), crs=4326)
    frame.to_file(tmp_path / "a.shp", driver="ESRI Shapefile", encoding=encoding, engine="pyogrio")
    (tmp_path / "a.cpg").unlink()
    table = bytearray((tmp_path / "a.dbf").read_bytes())
    table[29] = says
    (tmp_path / "a.dbf").write_bytes(table)
    return tmp_path / "a.shp"


@pytest.mark.parametrize(
    ("texts", "encoding", "says"),
    [
        (["Владивосток", "Находка"], "CP1251", 0),
        (["Владивосток", "Находка"], "CP1251", 0xC9),
        (["Владивосток", "Находка"], "UTF-8", 0),
        (["Málaga", "Tromsø"], "CP1252", 0x57),
    ],
)
def test_the_encoding_of_a_shapefile_is_found(tmp_path, texts, encoding, says):
    assert layer(shapefile(tmp_path, texts, encoding, says=says)).columns["name"].to_pylist() == texts


def test_a_shapefile_without_its_parts_says_so(tmp_path):
    path = written(tmp_path, "shp")
    path.with_suffix(".shx").unlink()
    path.with_suffix(".dbf").unlink()
    one = layer(path)
    assert len(one.geometry) == 3
    assert {
        "the index (.shx) is missing and was made again",
        "the table (.dbf) is missing: the features have no columns",
    } <= set(one.notes)


def test_a_shapefile_that_is_cut_off_is_refused(tmp_path):
    path = write(tmp_path, "a.shp", struct.pack(">i", 9994) + bytes(40))
    assert "the ESRI Shapefile is damaged or cannot be read" in said(path, InputError)


def test_reading_that_takes_too_long_is_ended(tmp_path):
    assert "took more than 0.01 s and was ended" in said(written(tmp_path, "gpkg"), InputError, limits=Limits(seconds=0.01))


# --- no other file, no network


def test_nobody_is_called(tmp_path):
    calls = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]

        def wait():
            try:
                while True:
                    server.accept()[0].close()
                    calls.append(1)
            except OSError:
                return

        listener = threading.Thread(target=wait)
        listener.start()
        url = f"http://127.0.0.1:{port}/a"
        link = {"type": "link", "properties": {"href": url, "type": "proj4"}}
        texts = {
            "a.geojson": features(point(1, 2), crs=link),
            "b.geojson": features({**point(1, 2), "crs": link}),
            "c.kml": f'<!DOCTYPE kml SYSTEM "{url}"><kml/>',
            "d.kml": f"<kml><NetworkLink><Link><href>{url}</href></Link></NetworkLink><Placemark><styleUrl>{url}#a</styleUrl>"
            "<Point><coordinates>1,2</coordinates></Point></Placemark></kml>",
            "e.csv": f"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>/vsicurl/{url}</SrcDataSource></OGRVRTLayer>",
            "f.csv": f"lon,lat,a\n1,2,/vsicurl/{url}\n",
        }
        for name, text in texts.items():
            with contextlib.suppress(InputError):
                read(write(tmp_path, name, text))
        listener.join()
    assert calls == []


def test_a_table_of_xml_does_not_show_another_file(tmp_path):
    other = write(tmp_path, "secret.csv", "lon,lat,secret\n1,2,x\n")
    text = (
        f"<OGRVRTDataSource><OGRVRTLayer name='secret'><SrcDataSource>{other}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    assert "begins with <OGRVRTDataSource>" in said(write(tmp_path, "a.csv", text), InputError)
