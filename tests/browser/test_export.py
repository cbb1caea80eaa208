import re
import subprocess
import sys
from pathlib import Path

import pytest

from layers.query import Question

pytestmark = pytest.mark.browser
LIMIT = 800_000  # 700,000 with four layers; chokepoints and the stages of the land corridors add 53,000


@pytest.fixture(scope="module")
def exported(atlas_home, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "map.html"
    subprocess.run(
        [sys.executable, "-m", "web.cli", "export", "-o", str(path)],
        check=True,
        env={"CORRIDOR_HOME": str(atlas_home), "PATH": "/usr/bin:/bin", "HOME": str(path.parent)},
        cwd=Path(__file__).parents[2],
    )
    return path


def test_the_file_is_small_and_nothing_is_left_out(watched, exported, atlas):
    assert exported.stat().st_size <= LIMIT
    seen = watched(own=exported.as_uri(), offline=True)
    page = seen.open(exported.as_uri(), "#sources li:nth-child(600)", state="attached")
    held = page.evaluate(
        """() => Object.values(window).filter((v) => v && v.marks instanceof Map)
          .flatMap((group) => group.data.features.map((f) => f.properties && [f.properties.layer, f.id,
            f.properties.claims, f.properties.name_ru]))"""
    )
    given = [f for layer in atlas.layers for f in (layer.feature(i) for i in range(len(layer)))]
    assert sorted(h[:2] for h in held) == sorted([f["properties"]["layer"], f["id"]] for f in given)
    assert sum(len(h[2]) for h in held) == sum(len(f["properties"]["claims"]) for f in given)
    assert {h[3] for h in held} == {f["properties"]["name_ru"] for f in given}
    cited = {s for layer in atlas.layers for s in atlas.select(layer.id, Question()).cited(atlas.release)}
    assert page.locator("#sources li").count() == len(cited)


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_the_file_works_with_no_network(watched, exported, size):
    seen = watched(own=exported.as_uri(), offline=True, viewport={"width": size[0], "height": size[1]})
    page = seen.open(exported.as_uri(), ".ca-point")
    page.wait_for_selector(".ca-layer:nth-of-type(4) input", state="attached")
    assert page.locator(".ca-layer input:checked").count() == 5
    assert page.locator(".ca-point").count() > 200
    assert page.locator("path.ca-route").count() >= 11
    page.fill(".ca-search input", "владивосток")
    page.wait_for_selector(".ca-search [role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup .ca-popup")
    assert "33.51 Mt/y" in page.locator(".leaflet-popup").inner_text()
    assert page.evaluate("document.querySelector('canvas.ca-basemap') !== null")
    seen.check()
    assert seen.requests == [exported.as_uri()]


def test_the_file_switches_its_layers(watched, exported):
    page = watched(own=exported.as_uri(), offline=True).open(exported.as_uri(), ".ca-legend input")
    page.wait_for_selector(".ca-layer:nth-of-type(4) input", state="attached")
    before = page.locator(".ca-point").count()
    page.locator("[data-layer=ports]").uncheck()
    assert page.locator(".ca-point").count() < before


def test_an_injected_handler_does_not_run_in_the_file(watched, exported):
    seen = watched(own=exported.as_uri(), offline=True)
    page = seen.open(exported.as_uri(), ".ca-point")
    page.evaluate("() => { document.body.innerHTML += '<img src=x onerror=\"window.ran=1\">'; }")
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran") is None


def test_the_same_view_is_the_same_file(atlas):
    from web import export
    from web.view import parse

    view = parse({"region": "RU-CHU"}, atlas)
    assert export.html(atlas, view) == export.html(atlas, view)


def test_the_file_of_a_region_holds_what_lies_there(atlas):
    from web import export
    from web.view import parse

    text = export.html(atlas, parse({"region": "Kerala"}, atlas)).decode()
    assert "Kerala" in re.search("<title>(.*?)</title>", text)[1]


def test_the_file_opens_at_the_feature_that_was_chosen(watched, atlas, tmp_path):
    from web import export
    from web.view import parse

    path = tmp_path / "chosen.html"
    path.write_bytes(export.html(atlas, parse({"select": "ports/provideniya"}, atlas)))
    seen = watched(own=path.as_uri(), offline=True)
    page = seen.open(path.as_uri(), ".leaflet-popup h3")
    assert page.locator(".leaflet-popup h3").inner_text() == "Provideniya"
    seen.check()
