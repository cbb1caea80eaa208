"""The map of ``web.maps`` in a notebook's cell, with layers of the reader's own, and with no network."""

import re

import folium
import pytest

from web import maps
from web.view import parse

pytestmark = pytest.mark.browser
SPOT = {"type": "Feature", "properties": {"what": "my area"}, "geometry": {"type": "Point", "coordinates": [172, 66]}}
MINE = {"type": "FeatureCollection", "features": [SPOT]}
LINK = r'<(?:script src|link [^>]*href)="(https?:[^"]*)"'


@pytest.fixture
def cell(atlas, tmp_path):
    """What a notebook shows for a map: the frame that ``_repr_html_`` makes."""

    def write(made):
        path = tmp_path / "notebook.html"
        path.write_text(f"<!doctype html><meta charset=utf-8><body>{made._repr_html_()}", encoding="utf-8")
        return path

    return write


def framed(page):
    page.wait_for_selector("iframe")
    return page.frames[1]


def test_a_map_in_a_notebook_fetches_nothing_and_takes_further_layers(watched, atlas, cell):
    made = maps.atlas_map(atlas, parse({"region": "RU-CHU"}, atlas))
    folium.Marker((67, 176), popup="mine", tooltip="over it").add_to(made)
    folium.GeoJson(MINE, name="areas", tooltip=folium.GeoJsonTooltip(["what"])).add_to(made)
    folium.LayerControl().add_to(made)
    path = cell(made)
    seen = watched(own=path.as_uri(), offline=True)
    frame = framed(seen.open(path.as_uri(), "iframe"))
    frame.wait_for_selector(".ca-point")
    marker = frame.locator("img.leaflet-marker-icon").first
    assert marker.evaluate("(img) => img.decode().then(() => img.naturalWidth)") > 0
    marker.click()
    frame.wait_for_selector(".leaflet-popup-content")
    assert "mine" in frame.locator(".leaflet-popup-content").inner_text()
    assert "url(" in frame.locator(".leaflet-control-layers-toggle").evaluate("(e) => getComputedStyle(e).backgroundImage")
    assert [r for r in seen.requests if r.startswith(("http:", "https:"))] == []
    seen.check()


def test_a_map_that_is_shown_twice_holds_its_parts_once(atlas):
    made = maps.atlas_map(atlas, parse({"layers": "ports"}, atlas))
    for shown in (made.get_root().render(), made.get_root().render()):
        assert shown.count("L.Icon.Default.imagePath=") == 1
        assert shown.count("CorridorAtlas=") == 1
        assert re.findall(LINK, shown) == []


def test_only_an_icon_of_folium_brings_links_of_folium(atlas):
    made = maps.atlas_map(atlas, parse({"layers": "ports"}, atlas))
    folium.Marker((60, 150), icon=folium.Icon(color="red")).add_to(made)
    shown = made.get_root().render()
    links = re.findall(LINK, shown)
    assert any("awesome-markers.js" in link for link in links)
    assert not any("leaflet@" in link or "jquery" in link for link in links)
    assert shown.index("L.Icon.Default.imagePath=") < shown.index("awesome-markers.js") < shown.index("CorridorAtlas=")
