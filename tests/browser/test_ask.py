"""The exported page answers as the server does: the same ids in the same order, certain and possible alike."""

import csv
import io
import itertools
import json
import math
import random
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo import antimeridian, areas, measure
from geo.boundaries import load
from geo.errors import InputError
from layers import Catalog, cql2, importers
from layers.build import add
from layers.query import Question
from layers.stores.files import FileStore
from web import export, payload, tables
from web.view import parse

pytestmark = pytest.mark.browser
LAYERS = ("ree-deposits", "ports", "shipyards", "chokepoints", "trade-routes")
ASK = """(asked) => {
  const held = Object.values(window).filter((v) => v && v.marks instanceof Map).map((group) => group.data);
  const layers = Object.fromEntries(held.map((data) => [data.about.id, data]));
  return asked.map(([layer, question]) => CorridorAtlas.ask(layers[layer], question));
}"""
CENTRES = {
    "Egvekinot": (-179.118, 66.323),
    "the north pole": (0.0, 90.0),
    "the north pole, written elsewhere": (135.0, 90.0),
    "the south pole": (-60.0, -90.0),
    "180° from the east": (180.0, 65.0),
    "180° from the west": (-180.0, 65.0),
    "the equator at 180°": (180.0, 0.0),
    "Chennai": (80.3, 13.0833),
    "the Bering Strait": (-169.0, 65.8),
    "Null Island": (0.0, 0.0),
    "the far south": (100.0, -75.0),
}


@pytest.fixture(scope="module")
def exported(atlas_home, tmp_path_factory):
    path = tmp_path_factory.mktemp("ask") / "map.html"
    subprocess.run(
        [sys.executable, "-m", "web.cli", "export", "-o", str(path)],
        check=True,
        env={"CORRIDOR_HOME": str(atlas_home), "PATH": "/usr/bin:/bin", "HOME": str(path.parent)},
        cwd=Path(__file__).parents[2],
    )
    return path


@pytest.fixture(scope="module")
def page(chromium, exported):
    context = chromium.new_context(offline=True, viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    opened.goto(exported.as_uri())
    opened.wait_for_selector("#sources li:nth-child(600)", state="attached")
    yield opened
    context.close()


def spot(i: str, lon: float, lat: float, **more) -> dict:
    """A feature of a file whose columns are called like ours, and are of every type."""
    kept = {"accuracy_km": 900.0, "country": "Neverland", "name_ru": "Свой", "admin1": 7, "disputed": "yes", "layer": "x"}
    typed = {
        "open": True,
        "since": "2020-02-29",
        "seen": "2024-05-01T12:30:00Z",
        "tags": ["a", "b"],
        "claims": ["c"],
        "legs": "two",
    }
    point = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "id": i, "geometry": point, "properties": {**kept, **typed, **more}}


NOTHING = dict.fromkeys(("accuracy_km", "country", "name_ru", "open", "since", "seen", "tags"))
SPOTS = [
    spot("A1", 131.9, 43.12, name=unicodedata.normalize("NFD", "Йод, café Ålesund"), n=3),
    spot("a1", 132.4, 43.30, name="Straße, =1+1", n=-2.5, open=False, country="Nowhere"),
    spot("B/2", -179.5, 66.2, name='of "both", ends', n=7, tags=[]),
    spot("c", 80.3, 13.1, name="йод", **NOTHING),
]
RING = [[131.0, 43.0], [132.0, 43.0], [132.0, 44.0], [131.0, 44.0], [131.0, 43.0]]
HOLE = [[131.4, 43.4], [131.4, 43.6], [131.6, 43.6], [131.4, 43.4]]
FIELDS = [
    {"type": "Feature", "id": i, "geometry": shape, "properties": {"id": i, "wkt": "theirs", "Release": 1, "lon": 0.5}}
    for i, shape in {
        "f1": {"type": "Polygon", "coordinates": [RING, HOLE]},
        "f2": {"type": "MultiPolygon", "coordinates": [[RING], [[[x + 2, y] for x, y in RING]]]},
    }.items()
]
TRACKS = [
    {"type": "Feature", "id": f"l{i}", "geometry": shape, "properties": {"lat": 1.25, "Source": "theirs"}}
    for i, shape in enumerate(
        [
            {"type": "LineString", "coordinates": RING[:3]},
            {"type": "MultiLineString", "coordinates": [RING[:2], RING[2:4]]},
            {"type": "Point", "coordinates": RING[2]},
            {"type": "MultiPoint", "coordinates": [RING[2], [132.5, 44.25]]},
            {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": RING[2]}]},
        ]
    )
]
PLACES = [(131.9, 43.12), (40.5, 55.25)]
STATIONS = [  # their lon and lat say their places
    {
        "type": "Feature",
        "id": i,
        "geometry": {"type": "Point", "coordinates": p},
        "properties": dict(zip(("lon", "lat"), p, strict=True)),
    }
    for i, p in enumerate(PLACES)
]
PEAKS = [  # with heights, and a lon of another place
    {"type": "Feature", "id": i, "geometry": {"type": "Point", "coordinates": [*p, 120.5]}, "properties": {"lon": i + 0.5}}
    for i, p in enumerate(PLACES)
]
FILES = {"mines": SPOTS, "fields": FIELDS, "tracks": TRACKS, "stations": STATIONS, "peaks": PEAKS}


@pytest.fixture(scope="module")
def brought(atlas_home, tmp_path_factory):
    """The atlas with the layers of FILES."""
    root = tmp_path_factory.mktemp("brought")
    shutil.copytree(atlas_home, root / "home", symlinks=True)
    for name, features in FILES.items():
        text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
        (root / f"{name}.geojson").write_text(text, encoding="utf-8")
        add(FileStore(root / "home"), importers.read(root / f"{name}.geojson"))
    return Catalog.open(root / "home")


@pytest.fixture(scope="module")
def brought_file(brought, tmp_path_factory):
    path = tmp_path_factory.mktemp("brought-file") / "map.html"
    path.write_bytes(export.html(brought, parse({}, brought)))
    return path


@pytest.fixture(scope="module")
def brought_page(chromium, brought_file):
    context = chromium.new_context(offline=True, viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    opened.goto(brought_file.as_uri())
    opened.wait_for_selector("#sources li:nth-child(600)", state="attached")
    yield opened
    context.close()


def same(page, atlas, questions: list[dict], layers=LAYERS) -> int:
    """Ask page and catalog the same of every layer, compare, and return how many hits were compared."""
    asked = [(layer, q) for q in questions for layer in layers]
    answers = page.evaluate(ASK, asked)
    hits = 0
    for (layer, q), answer in zip(asked, answers, strict=True):
        expected = atlas.select(layer, words(q))
        given = (answer["ids"], answer["membership"])
        assert given == (expected.ids, expected.membership), f"{layer} {q}"
        hits += len(expected)
    return hits


def words(q: dict) -> Question:
    """Return a question of the page as the words of the server."""
    return Question(
        region=q.get("region"),
        bbox=",".join(map(repr, q["bbox"])) if "bbox" in q else None,
        near=",".join(map(repr, q["near"])) if "near" in q else None,
        radius=f"{q['radius']!r}km" if "radius" in q else None,
    )


def test_every_named_region_has_the_same_members(page, atlas):
    regions = sorted({r for layer in atlas.layers for r in layer.index.members})
    assert len(regions) > 100
    assert same(page, atlas, [{"region": r} for r in regions]) > 700


def test_a_region_without_members_is_an_empty_answer(page, atlas):
    same(page, atlas, [{"region": "MN"}, {"region": "AQ"}])


def boxes(seed: int, atlas, count: int) -> list[dict]:
    """Boxes of every size, many across 180° and at the poles, many at or just beside a feature."""
    chance = random.Random(seed)
    points = [tuple(b[:2]) for one in atlas.layers if one.about["geometry"] == "point" for b in one.bounds.tolist()]

    def anywhere():
        return chance.uniform(-180, 180), chance.uniform(-90, 90)

    def beside():
        (lon, lat), reach = chance.choice(points), chance.choice([0, 0.01, 0.05, 0.2, 1, 10])
        return lon + chance.uniform(-reach, reach), lat + chance.uniform(-reach, reach)

    def one():
        (w, s), (e, n) = (chance.choice([anywhere, beside])() for _ in "ab")
        w, e = (x - 360 if x > 180 else x + 360 if x < -180 else x for x in (w, e))
        s, n = max(-90, min(s, n)), min(90, max(s, n))
        touch = chance.random()
        s, n = (-90 if touch < 0.1 else s), (90 if 0.05 < touch < 0.2 else n)
        w, e = (
            (chance.choice([-180, 180]) if 0.2 < touch < 0.3 else w),
            (chance.choice([-180, 180]) if 0.25 < touch < 0.35 else e),
        )
        return {"bbox": [float(w), float(s), float(e), float(n)]}

    return [one() for _ in range(count)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_boxes_hold_the_same_features(page, atlas, seed):
    assert same(page, atlas, boxes(seed, atlas, 60)) > 1000


def test_boxes_at_the_seam_hold_the_same_features(page, atlas):
    given = [
        [-180, -90, 180, 90],
        [180, -90, -180, 90],
        [170, 60, -170, 70],
        [180, 60, -170, 70],
        [170, 60, -180, 70],
        [-180, 60, -180, 70],
        [180, -90, 180, 90],
        [-180, 90, 180, 90],
        [0, -90, 0, -90],
        [90, 0, 80, 90],
        [-179.118, 66.323, -179.118, 66.323],
        [179, 66, -179.118, 66.323],
        [-179.118, 66.323, 170, 67],
    ]
    assert same(page, atlas, [{"bbox": [float(n) for n in box]} for box in given]) > 400


@pytest.mark.parametrize("place", CENTRES)
def test_radii_hold_the_same_features(page, atlas, place):
    chance = random.Random(place)
    radii = [20003.9315, 10001.9, 0.001, *(round(10 ** chance.uniform(0, 4.3), 6) for _ in range(17))]
    assert same(page, atlas, [{"near": CENTRES[place], "radius": min(r, 20003.9315)} for r in radii]) > 100


def test_radii_about_features_tell_certain_from_possible(page, atlas):
    chance = random.Random(7)
    questions = []
    for layer in LAYERS[:4]:
        stored = atlas.layer(layer)
        for a, b in (chance.sample(range(len(stored)), 2) for _ in range(25)):
            centre, other = stored.bounds[a, :2].tolist(), stored.bounds[b, :2].tolist()
            away, accuracy = float(measure.distance_km(*centre, *other)), stored.feature(b)["properties"]["accuracy_km"]
            questions += [{"near": centre, "radius": min(away + x, 20003.9)} for x in (accuracy * 0.999, accuracy * 1.001)]
    possible = page.evaluate(ASK, [(layer, q) for q in questions for layer in LAYERS[:4]])
    assert sum(a["membership"].count("possible") for a in possible) > 50
    same(page, atlas, questions)


@pytest.mark.parametrize("layer", FILES)
def test_imported_layers_hold_the_same_features(brought_page, brought, layer):
    regions = sorted(brought.layer(layer).index.members)
    questions = [{"region": r} for r in regions]
    questions += [{"bbox": b} for b in ([131.0, 43.0, 132.2, 43.2], [170.0, 60.0, -170.0, 70.0], [-180.0, -90.0, 180.0, 90.0])]
    for i in range(len(brought.layer(layer))):
        west, south = brought.layer(layer).bounds[i, :2].tolist()
        questions += [{"near": [west, south], "radius": r} for r in (0.5, 30.0, 46.0, 900.0, 9000.0)]
    assert len(regions) > 2
    assert same(brought_page, brought, questions, (layer,)) >= 12


def test_an_imported_column_is_no_accuracy_of_ours(brought_page, brought):
    asked = {"near": [131.9, 43.12], "radius": 30.0}
    (answer,) = brought_page.evaluate(ASK, [("mines", asked)])
    assert answer == {"ids": ["A1"], "membership": ["certain"]}
    assert brought.layer("mines").feature(brought.layer("mines").position("A1"))["properties"]["accuracy_km"] == 900


# --- what is in no layer today: the poles, both writings of 180°, lines and polygons of every kind


SHAPES = """([features, geometry, asked]) => {
  const layer = {about: {geometry}, features, regions: {}};
  return asked.map((question) => CorridorAtlas.ask(layer, question));
}"""


def made(shapes: list, accuracy: list[float]) -> list[dict]:
    return [
        {"id": f"{i}", "geometry": shapely.geometry.mapping(s), "properties": {"accuracy_km": a}}
        for i, (s, a) in enumerate(zip(shapes, accuracy, strict=True))
    ]


def area_of(q: dict):
    return areas.Box(*q["bbox"]) if "bbox" in q else areas.Circle(*q["near"], q["radius"])


def test_places_at_the_poles_and_at_180_are_one_place_each(page, atlas):
    places = [(lon, lat) for lon in (-180, -179.99, 0, 135, 179.99, 180) for lat in (-90, -89.99, 0, 66.3, 89.99, 90)]
    accuracy = [(i % 5) * 3.0 for i in range(len(places))]
    features = made([shapely.Point(p) for p in places], accuracy)
    questions = [
        *(
            {"bbox": [float(n) for n in b]}
            for b in itertools.product((-180, 0, 180), (-90, 66, 90), (-180, 0, 180), (66.4, 90))
        ),
        *({"near": [float(lon), float(lat)], "radius": r} for lon, lat in places for r in (1.0, 1.2, 100.0, 9000.0)),
    ]
    questions = [q for q in questions if "near" in q or q["bbox"][1] <= q["bbox"][3]]
    lon, lat = np.array(places, dtype=float).T
    for q, answer in zip(questions, page.evaluate(SHAPES, [features, "point", questions]), strict=True):
        area = area_of(q)
        rows = np.flatnonzero(area.contains(lon, lat)).tolist()
        sure = ["possible" if accuracy[r] > 0 and area.margin_km(*places[r]) < accuracy[r] else "certain" for r in rows]
        assert (answer["ids"], answer["membership"]) == ([f"{r}" for r in rows], sure), q


def shapes(seed: int, count: int) -> list:
    """Lines, polygons with holes and their collections around 180°, within 40° of the equator's end of the frame."""
    chance = random.Random(seed)

    def one():
        x, y, size = chance.uniform(140, 220), chance.uniform(-30, 80), chance.uniform(0.1, 15)
        ring = [
            (x + size * math.cos(t), min(89, y + size * math.sin(t) / 2))
            for t in sorted(chance.uniform(0, 6.28) for _ in range(7))
        ]
        if chance.random() < 0.5:
            return antimeridian.split_line(ring)
        outer = shapely.Polygon(ring)
        hole = shapely.affinity.scale(outer, 0.4, 0.4)
        whole = outer if chance.random() < 0.5 or not outer.contains(hole) else outer.difference(hole)
        return antimeridian.split_polygon(whole if whole.is_valid else whole.convex_hull)

    return [one() for _ in range(count)]


@pytest.mark.parametrize("seed", [11, 12])
def test_lines_and_polygons_meet_boxes_and_circles_as_on_the_server(page, seed):
    given = shapes(seed, 60)
    chance = random.Random(seed)
    questions = []
    for _ in range(60):
        lon, lat, wide, high = (
            chance.uniform(140, 220),
            chance.uniform(-40, 85),
            10 ** chance.uniform(-1, 1.5),
            chance.uniform(0, 10),
        )
        west, east = (x - 360 if x > 180 else x for x in (lon, lon + wide))
        questions.append({"bbox": [west, lat, east, min(90.0, lat + high)]})
        questions.append({"near": [west, lat], "radius": 10 ** chance.uniform(1, 3.7)})
    answers = page.evaluate(SHAPES, [made(given, [0.0] * len(given)), "mixed", questions])
    for q, answer in zip(questions, answers, strict=True):
        area = area_of(q)
        assert answer["ids"] == [f"{i}" for i, s in enumerate(given) if area.intersects(s)], q
    assert sum(len(a["ids"]) for a in answers) > 300


# --- filters


def plainly(filters: dict, properties: dict) -> bool:
    """Evaluate filters by hand, from their meaning in CQL2: no value answers no comparison."""
    for name, condition in filters.items():
        value = properties.get(name)
        if value is None:
            return False
        if "in" in condition and value not in condition["in"]:
            return False
        if (
            not condition.get("min", -math.inf)
            <= (value if isinstance(value, int | float) else 0)
            <= condition.get("max", math.inf)
        ):
            return False
        if "contains" in condition and condition["contains"].casefold() not in value.casefold():
            return False
    return True


def filters_of(layer, seed: int, count: int) -> list[dict]:
    """Conditions on one to three of a layer's declared fields, with values that occur in it."""
    chance = random.Random(seed)
    rows = [layer.feature(i)["properties"] for i in range(len(layer))]
    values = {f["id"]: [p[f["id"]] for p in rows if p[f["id"]] is not None] for f in layer.fields}
    values["country"] = [p["country"] for p in rows if p["country"]]
    kinds = {**{f["id"]: f["kind"] for f in layer.fields}, "country": "choice"}

    def condition(name):
        some = values[name]
        if kinds[name] == "choice":
            return {"in": sorted(set(chance.choices(some, k=chance.randint(1, 3))))}
        if kinds[name] == "quantity":
            low, high = sorted(chance.choices(some, k=2))
            return chance.choice([{"min": low}, {"max": high}, {"min": low, "max": high}, {"min": low + 0.5}])
        text = chance.choice(some)
        begin = chance.randrange(len(text))
        part = text[begin : begin + chance.randint(1, 12)].strip() or text
        return chance.choice([{"has": True}, {"contains": part.upper()}, {"contains": part, "has": True}])

    filled = [name for name, some in values.items() if some]
    return [{n: condition(n) for n in chance.sample(filled, min(len(filled), chance.randint(1, 3)))} for _ in range(count)]


@pytest.mark.parametrize("layer", LAYERS)
def test_filters_keep_the_features_that_a_reading_by_hand_keeps(page, atlas, layer):
    given = filters_of(atlas.layer(layer), 5, 150)
    features = [atlas.layer(layer).feature(i) for i in range(len(atlas.layer(layer)))]
    answers = page.evaluate(ASK, [(layer, {"filter": f}) for f in given])
    for f, answer in zip(given, answers, strict=True):
        assert answer == {"ids": [x["id"] for x in features if plainly(f, x["properties"])], "membership": []}, f
    assert sum(len(a["ids"]) for a in answers) > 100


def test_a_filter_goes_with_a_region(page, atlas):
    given = filters_of(atlas.layer("ports"), 6, 40)
    answers = page.evaluate(ASK, [("ports", {"region": "RU", "filter": f}) for f in given])
    inside = atlas.select("ports", Question(region="RU"))
    sure = dict(zip(inside.ids, inside.membership, strict=True))
    for f, answer in zip(given, answers, strict=True):
        kept = [x["id"] for x in inside.features() if plainly(f, x["properties"])]
        assert (answer["ids"], answer["membership"]) == (kept, [sure[i] for i in kept])


@pytest.mark.parametrize("layer", LAYERS)
def test_the_text_shown_for_filters_means_the_same_to_the_server(page, atlas, layer):
    given = filters_of(atlas.layer(layer), 8, 150)
    answers = page.evaluate(ASK, [(layer, {"filter": f}) for f in given])
    texts = page.evaluate("(given) => given.map((filters) => CorridorAtlas.filterText(filters))", given)
    for text, answer in zip(texts, answers, strict=True):
        assert answer["ids"] == atlas.select(layer, Question(filter=cql2.parse(text))).ids, text


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Й", {"A1", "c"}),
        ("CAFÉ å", {"A1"}),
        ("и", set()),
        ("cafe", set()),
        ("STRASSE", {"a1"}),
        ('"Both"', {"B/2"}),
    ],
)
def test_letters_are_the_same_however_they_are_encoded(brought_page, brought, form, text, ids):
    given = {"name": {"contains": unicodedata.normalize(form, text)}}
    (answer,) = brought_page.evaluate(ASK, [("mines", {"filter": given})])
    shown = brought_page.evaluate("(given) => CorridorAtlas.filterText(given)", given)
    assert answer["ids"] == brought.select("mines", Question(filter=cql2.parse(shown))).ids
    assert set(answer["ids"]) == ids


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"country": {"contains": "never"}}, {"A1", "B/2"}),
        ({"name_ru": {"contains": "СВОЙ"}}, {"A1", "a1", "B/2"}),
        ({"admin1": {"min": 7}, "layer": {"contains": "X"}}, {"A1", "a1", "B/2", "c"}),
        ({"accuracy_km": {"max": 900}, "n": {"max": 3}}, {"A1", "a1"}),
        ({"open": {"has": True}}, {"A1", "a1", "B/2"}),
        ({"since": {"has": True}, "seen": {"has": True}}, {"A1", "a1", "B/2"}),
        ({"tags": {"has": True}}, {"A1", "a1", "B/2"}),
        ({"claims": {"has": True}, "disputed": {"contains": "yes"}}, {"A1", "a1", "B/2", "c"}),
    ],
)
def test_filters_read_the_values_of_the_imported_file(brought_page, brought, filters, ids):
    (answer,) = brought_page.evaluate(ASK, [("mines", {"filter": filters})])
    shown = brought_page.evaluate("(given) => CorridorAtlas.filterText(given)", filters)
    question = Question(filter=cql2.parse(shown))
    assert answer["ids"] == brought.select("mines", question).ids
    assert set(answer["ids"]) == ids


@pytest.mark.parametrize(
    ("filters", "text"),
    [
        ({}, ""),
        ({"status": {"in": ["a", "b"]}, "treo_t": {"min": 1000}}, "status IN ('a','b') AND treo_t >= 1000"),
        ({"treo_t": {"min": 0.5, "max": 1e21}}, "treo_t >= 0.5 AND treo_t <= 1e+21"),
        ({"operator": {"has": True}}, "operator IS NOT NULL"),
        ({"owner": {"contains": "O'Hara"}}, "CASEI(owner) LIKE CASEI('%O''Hara%')"),
        ({"cargo": {"contains": "50% a_b\\c"}}, "CASEI(cargo) LIKE CASEI('%50\\% a\\_b\\\\c%')"),
        ({"Grade (%)": {"max": 3}, "in": {"has": True}}, '"Grade (%)" <= 3 AND "in" IS NOT NULL'),
    ],
)
def test_filters_are_written_as_cql2(page, filters, text):
    assert page.evaluate("(filters) => CorridorAtlas.filterText(filters)", filters) == text


def test_case_is_folded_as_unicode_says(page):
    signs = [c for c in map(chr, range(0x110000)) if not "\ud800" <= c <= "\udfff" and (c.casefold() != c or c.lower() != c)]
    asked = [[{"id": c, "properties": {"t": c}}, c.casefold()] for c in signs]
    kept = page.evaluate(
        """(asked) => asked.map(([feature, contains]) => {
          const layer = {about: {geometry: "point"}, features: [feature], regions: {}};
          return CorridorAtlas.ask(layer, {filter: {t: {contains}}}).ids.length;
        })""",
        asked,
    )
    assert [c for c, n in zip(signs, kept, strict=True) if not n] == []


# --- names


def readings(region) -> list[str]:
    """What people type for a region, spelt out and loosely."""
    names = [n for n in (region.name, region.name_ru, region.name_hi, *region.names, region.id, *region.codes) if n]
    return [text for n in names for text in (n, n.upper(), f" {n.lower()} ", n.replace("kh", "h"))]


def misread(regions, count: int) -> list[str]:
    """Names cut short, or without their second word: many mean nothing, some several regions."""
    chance = random.Random(9)
    return [chance.choice([r.name[:-2], r.name.split()[0], r.name.replace("y", "iy")]) for r in chance.sample(regions, count)]


def server_says(atlas, text: str) -> tuple[str | None, set[str]]:
    """Return the region that a text means, or the several that it may mean."""
    try:
        return atlas.region(text).id, set()
    except InputError as error:
        return None, set(re.findall(r"\(([\w-]+)\)", str(error).partition("more than one region")[2]))


def test_names_mean_the_same_regions_as_on_the_server(page, atlas):
    held = {r for layer in atlas.layers for r in layer.index.members}
    regions = [load().regions[r] for r in sorted(held)]
    texts = [
        *sorted({t for r in regions for t in readings(r)}),
        *misread(regions, 30),
        "Georgia",
        "Moscow",
        "Altai",
        "Punjab",
        "…",
    ]
    answers = page.evaluate(
        """(texts) => {
          const held = Object.values(window).filter((v) => v && v.marks instanceof Map).map((group) => group.data);
          const gazetteer = new CorridorAtlas.Gazetteer(held);
          return texts.map((text) => { try { return gazetteer.resolve(text).id; } catch (error) { return error.message; } });
        }""",
        texts,
    )
    meant = [server_says(atlas, text) for text in texts]
    for text, answer, (region, namesakes) in zip(texts, answers, meant, strict=True):
        if region in held:
            assert answer == region, text
        else:  # no region, several, or one in which the file has no feature
            assert ("more than one region" if namesakes & held else "“") in answer, text
    resolved = sum(region in held for region, _ in meant)
    assert resolved > 1000


# --- the panel


REGION = ".ca-ask-part:not([hidden]) input[type=search]"


@pytest.fixture
def panel(watched, exported):
    """Return a maker of opened files whose panel is open."""

    def make(path=exported, **options):
        seen = watched(own=path.as_uri(), offline=True, reduced_motion="reduce", **options)
        page = seen.open(path.as_uri(), ".ca-ask .ca-filters", state="attached")
        page.wait_for_selector("#sources li", state="attached")
        page.click(".ca-ask .ca-disclosure")
        return seen, page

    return make


def where(page, kind: str) -> None:
    page.check(f".ca-segments input[value={kind}]")


def listed(page) -> list[str]:
    return sorted(page.eval_on_selector_all(".ca-ask .ca-item", "(rows) => rows.map((row) => row.dataset.key)"))


def expected(atlas, question: Question, layers=LAYERS) -> list[str]:
    return sorted(f"{layer}/{i}" for layer in layers for i in atlas.select(layer, question).ids)


def status(page) -> str:
    return page.locator(".ca-ask [role=status].ca-status").inner_text()


@pytest.mark.parametrize("text", ["Primorsky Krai", "приморский край", "केरल", "RU-CHU", "Far Eastern Federal District"])
def test_a_region_is_asked_by_name_or_code(panel, atlas, text):
    seen, page = panel()
    where(page, "region")
    page.fill(REGION, text)
    page.press(REGION, "Enter")
    page.wait_for_selector(".ca-ask .ca-item")
    assert listed(page) == expected(atlas, Question(region=text))
    points = expected(atlas, Question(region=text), LAYERS[:4])
    assert page.locator(".ca-point >> visible=true").count() == len(points)
    assert f": {len(listed(page))} features" in status(page)
    seen.check()
    assert seen.requests == [seen.own]


def test_a_begun_name_is_offered_and_chosen_by_keyboard(panel, atlas):
    _, page = panel()
    page.focus(".ca-segments input[value=all]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("прим")
    page.wait_for_selector(".ca-ask [role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert listed(page) == expected(atlas, Question(region="RU-PRI"))
    assert page.input_value(REGION) == "Primorsky Krai"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Moscow", "“Moscow” means more than one region: Moscow (RU-MOW) or Moscow Oblast (RU-MOS). Give the code."),
        ("Atlantis", "No region with features in this map is called “Atlantis”."),
        ("…", "“…” is not the name of a region. Give a name (Primorsky Krai) or a code (RU-PRI)."),
    ],
)
def test_a_name_that_means_no_region_is_explained(panel, text, said):
    seen, page = panel()
    where(page, "region")
    page.fill(REGION, text)
    page.press(REGION, "Enter")
    assert page.locator(".ca-ask [role=alert]").inner_text().startswith(said)
    assert listed(page) == []
    seen.check()


def test_a_box_across_180_is_asked_by_four_numbers(panel, atlas):
    _, page = panel()
    where(page, "box")
    for side, value in {"North": "70", "West": "170", "East": "-170", "South": "60"}.items():
        page.get_by_label(side, exact=True).fill(value)
    page.keyboard.press("Tab")
    assert listed(page) == expected(atlas, Question(bbox="170,60,-170,70"))
    assert "ports/egvekinot" in listed(page)
    page.get_by_label("South", exact=True).fill("80")
    page.keyboard.press("Tab")
    assert page.locator(".ca-ask [role=alert]").inner_text() == "South 80 is above north 70."
    page.get_by_label("South", exact=True).fill("-91")
    page.keyboard.press("Tab")
    assert "South -91 is outside ±90." in page.locator(".ca-ask [role=alert]").inner_text()


def test_the_view_of_the_map_is_a_box(panel, atlas):
    _, page = panel()
    where(page, "box")
    page.click("text=Use the map’s view")
    box = ",".join(page.get_by_label(side, exact=True).input_value() for side in ("West", "South", "East", "North"))
    assert listed(page) == expected(atlas, Question(bbox=box))


@pytest.mark.parametrize("place", ["Vladivostok", "владивосток", "ports/egvekinot", "-179.118,66.323", "180,-90"])
def test_what_lies_around_a_place_is_asked(panel, atlas, place):
    _, page = panel()
    where(page, "near")
    page.fill(REGION, place)
    page.get_by_label("Radius in km").fill("700.5")
    page.press(REGION, "Enter")
    assert listed(page) == expected(atlas, Question(near=place, radius="700.5km"))


@pytest.mark.parametrize("place", ["mines/A1", " mines/a1 ", "mines/B/2", "tracks/l2"])
def test_a_feature_of_an_imported_layer_is_a_place_by_its_address(panel, brought, brought_file, place):
    _, page = panel(brought_file)
    where(page, "near")
    page.fill(REGION, place)
    page.get_by_label("Radius in km").fill("40")
    page.press(REGION, "Enter")
    assert listed(page) == expected(brought, Question(near=place, radius="40km"), (*LAYERS, *FILES)) != []


@pytest.mark.parametrize(
    "place", ["Mines/A1", "mines/C", "Ports/egvekinot", "йод", "A1", "Straße, =1+1", "tracks/l1", "fields/f1"]
)
def test_what_is_no_place_to_the_server_is_none_in_the_page(panel, brought, brought_file, place):
    with pytest.raises(InputError, match="No place is called"):
        brought.place(place)
    _, page = panel(brought_file)
    where(page, "near")
    page.fill(REGION, place)
    page.press(REGION, "Enter")
    assert page.locator(".ca-ask [role=alert]").inner_text().startswith("No place in this map is called")
    assert listed(page) == []


@pytest.mark.parametrize(
    ("place", "radius", "said"),
    [
        ("Atlantis", "10", "No place in this map is called “Atlantis”. Give a port, another feature or longitude,latitude."),
        ("43.1,131.9", "10", "“43.1,131.9” is not a place: write longitude,latitude in degrees. Did you mean 131.9,43.1?"),
        ("Vladivostok", "0", "The radius 0 km is out of range: it is more than 0 and at most 20,003 km."),
        ("Vladivostok", "", "The radius NaN km is out of range"),
    ],
)
def test_a_place_or_radius_that_is_none_is_explained(panel, place, radius, said):
    _, page = panel()
    where(page, "near")
    page.get_by_label("Radius in km").fill(radius)
    page.fill(REGION, place)
    page.press(REGION, "Enter")
    assert page.locator(".ca-ask [role=alert]").inner_text().startswith(said)


def test_filters_of_a_layer_narrow_its_answer_and_are_shown_as_cql2(panel, atlas):
    seen, page = panel()
    layer = page.locator(".ca-filters[data-filters=ree-deposits]")
    layer.locator("summary").first.click()
    layer.locator("summary", has_text="Status").click()
    layer.get_by_role("checkbox", name=re.compile("^Operating")).check()
    layer.get_by_label("Resource, total rare-earth oxides: at least").fill("1000000")
    page.keyboard.press("Tab")
    assert layer.locator("code").inner_text() == "status IN ('operating') AND resource_treo_t >= 1000000"
    rows = list(atlas.select("ree-deposits", Question()).features())
    kept = {"status": {"in": ["operating"]}, "resource_treo_t": {"min": 1e6}}
    ids = [f"ree-deposits/{f['id']}" for f in rows if plainly(kept, f["properties"])]
    assert [key for key in listed(page) if key.startswith("ree-deposits/")] == sorted(ids) != []
    assert "2 set" in layer.inner_text()
    page.click(".ca-ask .ca-button >> text=Clear")
    assert listed(page) == []
    assert page.locator(".ca-point >> visible=true").count() == page.locator(".ca-point").count()
    seen.check()


def test_every_filter_that_an_imported_layer_offers_is_one_of_the_server(panel, brought, brought_file):
    seen, page = panel(brought_file)
    layer = page.locator(".ca-filters[data-filters=mines]")
    layer.locator("summary").first.click()
    offered = {q["title"]: q["type"] for q in brought.layer("mines").about["queryables"] if q["id"] != "id"}
    assert layer.locator(".ca-choice").count() == 0
    assert sorted(layer.locator(".ca-filter-title").all_inner_texts()) == sorted(offered)
    for title, kind in offered.items():
        if kind in ("number", "integer"):
            layer.get_by_label(f"{title}: at least", exact=True).fill("0")
        elif kind == "string":
            layer.get_by_label(title, exact=True).fill("e")
        else:
            layer.get_by_label(f"{title}: reported", exact=True).check()
        page.keyboard.press("Tab")
        question = Question(filter=cql2.parse(layer.locator("code").inner_text()))
        assert [k for k in listed(page) if k.startswith("mines/")] == expected(brought, question, ("mines",)), title
        page.click(".ca-ask .ca-button >> text=Clear")
    assert {*offered.values()} == {"string", "number", "integer", "boolean", "date", "timestamp", "array"}
    seen.check()


def test_a_layer_switched_off_is_not_asked(panel, atlas):
    _, page = panel()
    where(page, "region")
    page.fill(REGION, "RU-PRI")
    page.press(REGION, "Enter")
    page.locator("[data-layer=ports].ca-check").uncheck()
    assert listed(page) == expected(
        atlas, Question(region="RU-PRI"), ("ree-deposits", "shipyards", "chokepoints", "trade-routes")
    )


def test_the_answer_is_saved_as_geojson_and_as_a_table(panel, atlas, tmp_path):
    _, page = panel()
    where(page, "region")
    page.fill(REGION, "RU")
    page.press(REGION, "Enter")
    saved = {}
    for form in ("GeoJSON", "CSV"):
        with page.expect_download() as coming:
            page.click(f".ca-ask .ca-button >> text={form}")
        assert coming.value.suggested_filename == f"corridor-atlas-russia.{form.lower()}"
        coming.value.save_as(tmp_path / form)
        saved[form] = (tmp_path / form).read_bytes()
    given = {f["properties"]["layer"] + "/" + f["id"]: f for f in json.loads(saved["GeoJSON"])["features"]}
    assert sorted(given) == expected(atlas, Question(region="RU"))
    stored = {f"{x}/{f['id']}": f for x in LAYERS for f in atlas.select(x, Question(region="RU")).features()}
    assert given == stored
    named = set().union(*(payload.sources_of(f["properties"]) for f in stored.values())) & set(atlas.sources)
    assert json.loads(saved["GeoJSON"])["sources"] == {s: atlas.sources[s] for s in named}
    rows = {f"{r['layer']}/{r['id']}": r for r in csv.DictReader(saved["CSV"].decode("utf-8-sig").splitlines())}
    assert sorted(rows) == sorted(stored)
    assert rows["ports/vladivostok"]["throughput_t_y"] == "33510000"
    assert "http" in rows["ports/vladivostok"]["throughput_t_y_source"]
    assert {r["membership"] for r in rows.values()} == {"certain", "possible"}


def save(page, form: str) -> bytes:
    """Return the file that the panel gives."""
    with page.expect_download() as coming:
        page.click(f".ca-ask .ca-button >> text={form}")
    return coming.value.path().read_bytes()


def plain(cell: str) -> str:
    """Return a cell with whole numbers written without their .0: the page has one kind of number."""
    return re.sub(r"(?<![\d.])(-?\d+)\.0(?![\d.])", r"\1", cell)


def table(text: bytes) -> list[list[str]]:
    return [[plain(cell) for cell in row] for row in csv.reader(io.StringIO(text.decode("utf-8-sig"), newline=""))]


@pytest.mark.parametrize("layers", [*((one,) for one in (*LAYERS, *FILES)), (*LAYERS, *FILES)], ids="+".join)
def test_the_saved_table_is_that_of_the_server(panel, brought, brought_file, layers):
    _, page = panel(brought_file)
    for one in {*LAYERS, *FILES} - {*layers}:
        page.locator(f"[data-layer={one}].ca-check").uncheck()
    where(page, "region")
    page.fill(REGION, "RU")
    page.press(REGION, "Enter")
    page.wait_for_selector(".ca-ask .ca-item")
    selections = [brought.select(one, Question(region="RU")) for one in layers]
    theirs = table(tables.Answer(brought, selections).text("csv"))
    ours = table(save(page, "CSV"))
    assert ours[0] == theirs[0]
    assert ours == theirs
    assert len(ours) > (len(TRACKS) if "tracks" in layers else 1)


def test_the_saved_geojson_holds_imported_features_as_their_file_does(panel, brought, brought_file):
    seen, page = panel(brought_file)
    where(page, "region")
    page.fill(REGION, "RU")
    page.press(REGION, "Enter")
    page.wait_for_selector(".ca-ask .ca-item")
    saved = json.loads(save(page, "GeoJSON"))
    stored = [f for one in (*LAYERS, *FILES) for f in brought.select(one, Question(region="RU")).features()]
    assert saved["features"] == stored
    assert set(saved["sources"]) <= set(brought.sources)
    kept = {f["id"]: f["properties"] for f in saved["features"]}
    assert {k: v for k, v in kept["A1"].items() if k != "membership"} == SPOTS[0]["properties"]
    seen.check()


def test_the_card_of_an_imported_feature_shows_its_values(panel, brought_file):
    seen, page = panel(brought_file)
    where(page, "near")
    page.fill(REGION, "mines/B/2")
    page.press(REGION, "Enter")
    page.click(".ca-ask .ca-item[data-key='mines/B/2']")
    page.wait_for_selector(".leaflet-popup h3")
    assert page.locator(".leaflet-popup h3").inner_text() == 'of "both", ends'
    rows = page.locator(".leaflet-popup dl .ca-row").all_inner_texts()
    assert {row.split("\n")[0]: row.split("\n")[1].split(" · ")[0] for row in rows}["country"].startswith("Neverland")
    assert page.locator(".leaflet-popup .ca-where, .leaflet-popup .ca-disputed, .leaflet-popup .ca-legs").count() == 0
    seen.check()


def test_the_panel_fits_a_phone(panel, atlas):
    seen, page = panel(viewport={"width": 390, "height": 844})
    where(page, "region")
    page.fill(REGION, "RU-PRI")
    page.press(REGION, "Enter")
    box = page.locator(".ca-ask").bounding_box()
    canvas = page.locator(".canvas").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= canvas["y"] + canvas["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click(".ca-ask .ca-item[data-key='ports/olga']")
    page.wait_for_selector(".leaflet-popup h3")
    assert page.locator(".leaflet-popup h3").inner_text() == "Olga"
    assert not page.locator(".ca-ask-body").is_visible()
    assert page.locator(".ca-asked").inner_text() == str(len(expected(atlas, Question(region="RU-PRI"))))
    seen.check()


def test_a_file_of_a_region_answers_of_what_it_holds(panel, atlas, tmp_path):
    path = tmp_path / "far-east.html"
    path.write_bytes(export.html(atlas, parse({"region": "RU-PRI"}, atlas)))
    _, page = panel(path)
    held = set(expected(atlas, Question(region="RU-PRI")))
    for text in ("RU", "RU-PRI", "RU-KHA"):
        where(page, "region")
        page.fill(REGION, text)
        page.press(REGION, "Enter")
        assert listed(page) == sorted(held & set(expected(atlas, Question(region=text))))


def test_the_embedded_map_asks_without_the_server(watched, server, atlas):
    seen = watched(reduced_motion="reduce")
    page = seen.open(f"{server}/embed", ".ca-ask .ca-filters", state="attached")
    before = len(seen.requests)
    page.click(".ca-ask .ca-disclosure")
    where(page, "region")
    page.fill(REGION, "Kerala")
    page.press(REGION, "Enter")
    assert listed(page) == expected(atlas, Question(region="Kerala"))
    assert len(seen.requests) == before
    seen.check()
