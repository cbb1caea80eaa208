"""The exported page answers as the server does: the same ids in the same order, certain and possible alike."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from layers.query import Question

pytestmark = pytest.mark.browser
LAYERS = ("ree-deposits", "ports", "shipyards", "trade-routes")
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
        w = chance.choice([-180, 180]) if 0.2 < touch < 0.3 else w
        e = chance.choice([-180, 180]) if 0.25 < touch < 0.35 else e
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
    from geo import measure

    chance = random.Random(7)
    questions = []
    for layer in LAYERS[:3]:
        stored = atlas.layer(layer)
        for a, b in (chance.sample(range(len(stored)), 2) for _ in range(25)):
            centre, other = stored.bounds[a, :2].tolist(), stored.bounds[b, :2].tolist()
            away, accuracy = float(measure.distance_km(*centre, *other)), stored.feature(b)["properties"]["accuracy_km"]
            questions += [{"near": centre, "radius": min(away + x, 20003.9)} for x in (accuracy * 0.999, accuracy * 1.001)]
    possible = page.evaluate(ASK, [(layer, q) for q in questions for layer in LAYERS[:3]])
    assert sum(a["membership"].count("possible") for a in possible) > 50
    same(page, atlas, questions)
