"""Layers that users bring: kept as they are, asked as the atlas's own, carried from release to release."""

import json
from dataclasses import replace

import numpy as np
import pytest

from geo.errors import DataError, InputError
from layers import Catalog
from layers.build import add, build
from layers.importers import read
from layers.query import Question
from layers.stores.files import FileStore

ROWS = [
    ("a", "Alang", 72.2, 21.4, 3, "2024-01-02", True),
    ("b", "Бухта", 131.9, 43.1, None, "2023-06-01", False),
    ("c", "Čeboksary", 47.25, 56.13, -1, None, None),
    ("d", "Mid-ocean", -140.0, 0.0, 3, "2024-03-01", True),
    ("e", "Egvekinot", -179.118, 66.323, 2, "2022-12-31", False),
]


def features(rows=ROWS):
    names = ("name", "n", "day", "open")
    return [feature(i, point(x, y), dict(zip(names, (name, *rest), strict=True))) for i, name, x, y, *rest in rows]


def point(x, y):
    return {"type": "Point", "coordinates": [x, y]}


def feature(i, geometry, properties):
    return {"type": "Feature", "id": i, "geometry": geometry, "properties": properties}


def write(path, found):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": found}), encoding="utf-8")
    return path


@pytest.fixture
def home(world, tmp_path):
    world.build(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def catalog(home, tmp_path):
    add(FileStore(home), read(write(tmp_path / "mine.geojson", features())))
    return Catalog.open(home)


def ids(catalog, **words):
    return catalog.select("mine", Question(**words)).ids


def test_a_feature_keeps_its_properties_and_nothing_is_added(catalog):
    kept = {f["id"]: f["properties"] for f in catalog.select("mine", Question()).features()}
    assert kept == {f["id"]: f["properties"] for f in features()}


def test_the_file_of_the_layer_is_geojson_that_any_gis_opens(catalog):
    import geopandas as gpd

    frame = gpd.read_file(catalog.release.root / "layers" / "mine.geojson", engine="pyogrio")
    assert sorted(frame["name"]) == sorted(row[1] for row in ROWS)


def test_named_regions_hold_what_lies_in_them(catalog):
    assert ids(catalog, region="Gujarat") == ["a"]
    assert ids(catalog, region="Chukotka") == ["e"]
    assert set(ids(catalog, region="Russia")) == {"b", "c", "e"}
    assert set(ids(catalog, region="Far Eastern Federal District")) == {"b", "e"}
    assert set(catalog.select("mine", Question(region="Russia")).membership) == {"certain"}


def test_membership_is_written_into_each_feature_of_an_answer_by_region(catalog):
    answer = json.loads(b"[" + catalog.select("mine", Question(region="Russia")).text() + b"]")
    assert [f["properties"]["membership"] for f in answer] == ["certain"] * 3
    assert [{**f["properties"], "membership": None} for f in answer] == [
        {**f["properties"], "membership": None} for f in catalog.select("mine", Question(region="Russia")).whole()
    ]


def test_a_layer_without_properties_can_be_asked_by_region(home, tmp_path):
    bare = [{**f, "properties": {}} for f in features()]
    add(FileStore(home), read(write(tmp_path / "bare.geojson", bare)))
    answer = json.loads(b"[" + Catalog.open(home).select("bare", Question(region="Gujarat")).text() + b"]")
    assert [f["properties"] for f in answer] == [{"membership": "certain"}]


@pytest.mark.parametrize(
    ("sortby", "order"),
    [
        (("name",), "aedcb"),  # by code point: Latin, then Č, then Cyrillic
        (("-name",), "bcdea"),
        (("n", "name"), "ceadb"),  # a missing number stands last
        (("-n", "-name"), "daecb"),  # whichever the way
        (("open", "id"), "beadc"),
        (("day",), "ebadc"),
    ],
)
def test_sorting(catalog, sortby, order):
    assert "".join(ids(catalog, sortby=sortby)) == order


def test_a_page_of_a_sorted_answer(catalog):
    assert ids(catalog, sortby=("name",), limit=2, offset=1) == ["e", "d"]
    assert catalog.select("mine", Question(sortby=("name",), limit=2, offset=1)).matched == 5
    assert ids(catalog, offset=99) == []


def test_chosen_properties(catalog):
    answer = json.loads(b"[" + catalog.select("mine", Question(region="Gujarat", properties=("n",))).text() + b"]")
    assert [f["properties"] for f in answer] == [{"n": 3, "membership": "certain"}]
    assert list(catalog.query("mine", properties="name,n").columns) == ["name", "n", "geometry"]


@pytest.mark.parametrize(
    ("datetime", "found"),
    [
        ("2024-01-02", "a"),
        ("2024-01-02T12:00:00Z", "a"),
        ("2024-01-03T05:00:00+06:00", "a"),  # the evening before in UTC
        ("2023-01-01/2024-01-31", "ab"),
        ("2024-01-01/..", "ad"),
        ("../2023-01-01", "e"),
        ("/2023-01-01", "e"),
        ("1900-01-01", ""),
    ],
)
def test_times(catalog, datetime, found):
    assert sorted(ids(catalog, datetime=datetime)) == list(found)


def test_what_has_no_time_answers_no_time(catalog):
    assert catalog.select("ports", Question(datetime="../2030-01-01")).matched == 0


NO_TIMES = "|..|../..|/|yesterday|2024-13-01|2024-02-30/..|2024-01-02/2023-01-01|a/b/c|2024-01-02T25:00:00Z|2024-01-02T12:00:00"


@pytest.mark.parametrize("datetime", NO_TIMES.split("|"))
def test_what_is_no_time(datetime):
    with pytest.raises(InputError, match=r"datetime .* (is not a time|ends before it begins)"):
        Question(datetime=datetime)


def test_unknown_properties_are_all_said(catalog):
    with pytest.raises(InputError) as caught:
        catalog.select("mine", Question(sortby=("nmae", "-n"), properties=("name", "opne")))
    assert [line.split(".")[0] for line in caught.value.faults] == [
        "sortby: 'nmae' is not a property of mine",
        "properties: 'opne' is not a property of mine",
    ]


def test_a_list_has_no_order(world, tmp_path):
    with pytest.raises(InputError, match="'disputed' is a list of values"):
        world.build(tmp_path / "home").select("ports", Question(sortby=("disputed",)))


def test_a_build_of_the_atlas_keeps_imported_layers(catalog, world, home):
    before = catalog.layer("mine").text(0)
    build(FileStore(home), data=world.root, layers=world.layers)
    after = Catalog.open(home)
    assert [one.id for one in after.layers] == ["ports", "trade-routes", "mine"]
    assert after.layer("mine").text(0) == before


def test_an_import_of_the_same_id_replaces_the_layer_and_the_old_release_stays(catalog, home, tmp_path):
    new = add(FileStore(home), read(write(tmp_path / "mine.geojson", features(ROWS[:1]))))
    assert len(Catalog.open(home).layer("mine")) == 1
    assert new != catalog.release.id
    assert len(catalog.layer("mine")) == 5


def test_the_atlas_answers_as_before_beside_an_imported_layer(catalog, world, tmp_path):
    alone = world.build(tmp_path / "alone")
    for layer in ("ports", "trade-routes"):
        assert catalog.select(layer, Question(region="RU")).text() == alone.select(layer, Question(region="RU")).text()
        asked = Question(region="RU", limit=1)
        assert catalog.select(layer, asked).cited(catalog.release) == alone.select(layer, asked).cited(alone.release)


def test_the_id_of_a_layer_of_the_atlas_is_refused(home, tmp_path):
    mine = read(write(tmp_path / "mine.geojson", features()), rename="ports")
    before = FileStore(home).current().id
    with pytest.raises(DataError, match="A layer 'ports' is there already and is not an imported one"):
        add(FileStore(home), mine)
    assert FileStore(home).current().id == before


def test_an_overlong_id_is_refused(home, tmp_path):
    (mine,) = read(write(tmp_path / "mine.geojson", features(ROWS[:1])))
    with pytest.raises(DataError, match="is longer than 200 bytes"):
        add(FileStore(home), [replace(mine, ids=np.array(["x" * 201], dtype=object))])


def test_there_must_be_a_release_to_add_to(tmp_path):
    with pytest.raises(DataError, match="holds no release yet"):
        add(FileStore(tmp_path / "none"), read(write(tmp_path / "mine.geojson", features())))


def test_a_feature_is_found_by_its_id(catalog):
    stored = catalog.layer("mine")
    assert {stored.feature(stored.position(i))["id"] for i in "abcde"} == set("abcde")
    with pytest.raises(InputError, match="has no feature 'z'"):
        stored.position("z")


def test_lines_and_polygons_belong_to_the_regions_they_meet(home, tmp_path):
    line = {"type": "LineString", "coordinates": [[72, 21], [131.9, 43.1]]}
    rings = [[[w, 60], [e, 60], [e, 70], [w, 70], [w, 60]] for w, e in ((170, 180), (-180, -170))]
    whole = {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}
    drawn = [feature(i, g, {"k": i}) for i, g in (("line", line), ("bering", whole), ("none", None))]
    add(FileStore(home), read(write(tmp_path / "drawn.geojson", drawn)))
    catalog = Catalog.open(home)
    hit = {r: catalog.select("drawn", Question(region=r)).ids for r in ("CN", "IN", "US", "RU-CHU", "BR")}
    assert hit == {"CN": ["line"], "IN": ["line"], "US": ["bering"], "RU-CHU": ["bering"], "BR": []}
    assert catalog.select("drawn", Question(bbox="179,61,-179,62")).ids == ["bering"]
    assert catalog.select("drawn", Question(near="-180,65", radius="10km")).ids == ["bering"]
    assert set(catalog.select("drawn", Question()).ids) == {"line", "bering", "none"}
    assert np.isnan(catalog.layer("drawn").bounds[catalog.layer("drawn").position("none")]).all()


def test_a_layer_with_a_row_that_has_no_place_is_a_frame(home, tmp_path):
    rows = [*features(ROWS[:1]), feature("z", None, {"name": "nowhere", "n": 1, "day": None, "open": None})]
    add(FileStore(home), read(write(tmp_path / "mine.geojson", rows)))
    frame = Catalog.open(home).query("mine")
    assert frame.geometry.isna().to_dict() == {"a": False, "z": True}


def test_an_empty_frame_has_the_columns_of_a_filled_one(catalog):
    assert list(catalog.query("mine", region="Gujarat").columns) == list(catalog.query("mine", region="Brazil").columns)


@pytest.mark.parametrize(
    ("words", "fault"), [({"limit": 0}, "limit 0"), ({"limit": -1}, "limit -1"), ({"offset": -3}, "offset -3")]
)
def test_a_page_has_a_size_and_a_place(catalog, words, fault):
    with pytest.raises(InputError, match=f"{fault} is not a whole number"):
        catalog.query("mine", **words)


def test_a_filter_of_a_region_asks_only_of_what_lies_in_it(catalog):
    assert catalog.query("mine", region="Russia", filter="n > 0").index.tolist() == ["e"]
    assert catalog.query("mine", region="Russia", filter="S_INTERSECTS(geometry, BBOX(130,40,135,45))").index.tolist() == ["b"]
    assert catalog.query("mine", region="Gujarat", filter="open = true", datetime="2024-01-02").index.tolist() == ["a"]


def test_an_imported_layer_whose_id_the_atlas_takes_is_called_otherwise(home, world, tmp_path):
    build(FileStore(tmp_path / "small"), data=world.root, layers=("ports",))
    mine = read(write(tmp_path / "mine.geojson", features()), rename="trade-routes")
    add(FileStore(tmp_path / "small"), mine)
    told = []
    build(FileStore(tmp_path / "small"), data=world.root, layers=world.layers, warn=told.append)
    after = Catalog.open(tmp_path / "small")
    assert [one.id for one in after.layers] == ["ports", "trade-routes", "trade-routes-imported"]
    assert after.select("trade-routes-imported", Question(region="Gujarat")).ids == ["a"]
    assert told == ["The atlas has a layer 'trade-routes' now: the imported one of that id is called 'trade-routes-imported'."]
