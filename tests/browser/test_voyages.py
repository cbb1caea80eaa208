"""Ways by sea on maps that stand alone: exported, embedded, in a notebook."""

import json

import pytest

from web import export, maps
from web.view import parse

pytestmark = pytest.mark.browser
ASKED = {"from": "Chennai", "to": "Vladivostok", "close": "malacca", "alternatives": "3"}
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
HEAD = ".ca-voyages .ca-disclosure"
BODY = ".ca-voyages-body"
MORE_FOR_A_ROUTE = 20_000  # bytes that three ways may add to a file


@pytest.fixture
def opened(watched, atlas, tmp_path):
    """Open the exported page of some words from disk, with no network."""

    def open_page(given, *, ready=f"{BODY} h2", **options):
        path = tmp_path / "map.html"
        path.write_bytes(export.html(atlas, parse(given, atlas)))
        seen = watched(own=path.as_uri(), offline=True, **{"viewport": WIDE, **options})
        return seen, seen.open(path.as_uri(), ready, state="attached")

    return open_page


def strong(page):
    """Return the numbers of the ways that are emphasised: on the map, and in the table."""
    return page.locator(".leaflet-marker-icon.ca-way-number.ca-strong").all_inner_texts(), page.locator(
        ".ca-way-row[aria-current] .ca-way-number"
    ).all_inner_texts()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_file_draws_and_lists_its_ways_with_no_network(opened, scheme):
    seen, page = opened(ASKED, color_scheme=scheme)
    page.wait_for_selector(".ca-point")
    assert page.locator("path.ca-way").count() == 3
    assert page.locator(f"{BODY} .ca-way-row").count() == 3
    assert strong(page) == (["1"], ["1"])
    said = page.locator(BODY).inner_text()
    for text in (
        "Chennai to Vladivostok",
        "Sunda Strait",
        "Strait of Malacca",
        "As asked.",
        "Published beside computed",
        "Of Eastern Maritime Corridor",
    ):
        assert text in said
    lines, body = (page.locator(one).bounding_box() for one in ("path.ca-way.ca-strong", ".ca-voyages"))
    assert lines["x"] >= 0
    assert lines["x"] + lines["width"] <= body["x"]
    seen.check()
    assert len(seen.requests) == 1


def test_a_way_that_is_chosen_is_the_strong_one(opened):
    seen, page = opened(ASKED)
    page.click(f"{BODY} [data-way='2']")
    assert strong(page) == (["2"], ["2"])
    assert page.evaluate("document.activeElement.dataset.way") == "2"
    assert "Luzon Strait" in page.locator(".ca-passed").inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert strong(page) == (["3"], ["3"])
    page.locator(".leaflet-marker-icon.ca-way-number", has_text="1").click()
    assert strong(page) == (["1"], ["1"])
    seen.check()


def test_on_a_phone_the_table_waits_behind_its_heading(opened):
    seen, page = opened(ASKED, viewport=NARROW)
    assert page.locator(HEAD).get_attribute("aria-expanded") == "false"
    assert page.locator(BODY).is_hidden()
    field, head = (page.locator(one).bounding_box() for one in (".ca-search", ".ca-voyages"))
    assert head["x"] > field["x"] + field["width"]
    page.click(HEAD)
    box = page.locator(".ca-voyages").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= NARROW["width"]
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    seen.check()


@pytest.mark.parametrize("size", [WIDE, NARROW, {"width": 900, "height": 420}])
def test_ways_and_layers_are_never_open_both(opened, size):
    _, page = opened(ASKED, viewport=size)
    page.wait_for_selector(".ca-layer input", state="attached")
    for name in ("voyages", "legend", "voyages"):
        head = page.locator(f".ca-{name} .ca-disclosure")
        if head.get_attribute("aria-expanded") == "false":
            head.click()
        assert page.locator(".ca-disclosure[aria-expanded=true]").count() == 1
        assert head.get_attribute("aria-expanded") == "true"
    legend, zoom = (page.locator(one).bounding_box() for one in (".ca-legend", ".leaflet-control-zoom"))
    assert legend["y"] + legend["height"] <= zoom["y"]


def test_the_sources_of_the_ways_are_among_those_of_the_file(opened, atlas):
    view = parse({"layers": "none", **ASKED}, atlas)
    cited = [s for s in view.routes(atlas).cited if s in atlas.sources]
    assert cited
    _, page = opened({"layers": "none", **ASKED}, ready="#sources li:last-child")
    assert page.locator("#sources li").count() == len(cited)
    assert page.locator("#count").inner_text() == str(len(cited))


def test_the_file_of_no_way_says_why(opened):
    seen, page = opened({"from": "Vladivostok", "to": "Pevek", "close": "bering,northern-sea-route"})
    assert "There is no way by sea from Vladivostok to Pevek" in page.locator(f"{BODY} .ca-nowhere").inner_text()
    assert page.locator("path.ca-way").count() == 0
    assert "There is no way by sea" in page.locator("header.titled").inner_text()
    seen.check()


def test_a_way_over_180_is_whole_in_the_frame(opened):
    _, page = opened({"from": "Vladivostok", "to": "Provideniya", "layers": "none"})
    line = page.locator("path.ca-way").bounding_box()
    canvas = page.locator("main.canvas").bounding_box()
    assert 0 < line["width"] < canvas["width"] / 1.5
    assert line["x"] >= canvas["x"]


def test_a_position_is_kept_where_it_is_given(opened):
    _, page = opened({**ASKED, "at": "131.9,43.1,6"})
    name = page.evaluate("Object.keys(window).find((k) => /^map_/.test(k) && window[k] instanceof L.Map)")
    centre = page.evaluate(f"(() => {{ const c = {name}.getCenter(); return [c.lng, c.lat, {name}.getZoom()]; }})()")
    assert [round(n, 1) for n in centre] == [131.9, 43.1, 6]


def test_paper_has_the_table_without_its_buttons(opened):
    _, page = opened(ASKED)
    page.emulate_media(media="print")
    for shown in (f"{BODY} .ca-ways", "path.ca-way.ca-strong", ".leaflet-marker-icon.ca-way-number.ca-strong"):
        assert page.locator(shown).first.is_visible()
    for hidden in (HEAD, ".ca-search", ".ca-ask", ".ca-legend", f"{BODY} > .ca-fact", ".leaflet-control-zoom"):
        assert page.locator(hidden).first.is_hidden()
    body = page.locator(BODY)
    assert body.evaluate("(e) => e.scrollHeight <= e.clientHeight")


def test_a_route_adds_little_to_a_file(atlas):
    plain, sailed = (len(export.html(atlas, parse(given, atlas))) for given in ({}, ASKED))
    assert sailed - plain < MORE_FOR_A_ROUTE


def test_an_embed_shows_the_ways(watched, server):
    seen = watched(viewport={"width": 900, "height": 600})
    page = seen.open(f"{server}/embed?from=Chennai&to=Vladivostok&close=malacca&alternatives=3", f"{BODY} h2")
    assert page.title() == "Chennai to Vladivostok: Corridor Atlas"
    assert page.locator("path.ca-way").count() == 3
    page.click(f"{BODY} [data-way='3']")
    assert strong(page) == (["3"], ["3"])
    seen.check()


def test_a_notebooks_map_shows_the_ways_and_keeps_its_own_extent(watched, atlas, tmp_path):
    import folium

    made = maps.atlas_map(atlas, parse({"layers": "ports", **ASKED}, atlas))
    folium.FitBounds([(60, 165), (66, 180)]).add_to(made)
    path = tmp_path / "notebook.html"
    path.write_text(f"<!doctype html><meta charset=utf-8><body>{made._repr_html_()}", encoding="utf-8")
    seen = watched(own=path.as_uri(), offline=True)
    seen.open(path.as_uri(), "iframe")
    frame = seen.page.frames[1]
    frame.wait_for_selector("path.ca-way", state="attached")
    assert frame.locator(f"{BODY} .ca-way-row").count() == 3
    centre = json.loads(frame.evaluate(f"JSON.stringify({made.get_name()}.getCenter())"))
    assert 160 < centre["lng"] < 185
    assert [r for r in seen.requests if r.startswith(("http:", "https:"))] == []
    seen.check()
