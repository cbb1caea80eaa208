"""The pages of the API, as people meet them."""

import json
import re

import pytest

from web.ogc import featurepages

ITEMS = "/collections/ports/items"
PATHS = [
    "/?f=html",
    "/api.html",
    "/conformance?f=html",
    "/functions?f=html",
    "/collections?f=html",
    *(
        f"/collections/{layer}{part}?f=html"
        for layer in ("ports", "trade-routes")
        for part in ("", "/queryables", "/schema", "/items")
    ),
    f"{ITEMS}/vladivostok?f=html",
    "/routes?f=html",
    "/routes?from=Chennai&to=Vladivostok&alternatives=3&f=html",
    "/exposure?f=html",
]
BROUGHT = [
    f"/collections/{layer}{part}?f=html"
    for layer in ("visits", "areas")
    for part in ("", "/queryables", "/schema", "/items", "/items/1")
]


@pytest.mark.parametrize("path", [*PATHS, *BROUGHT])
def test_every_page_is_whole_and_runs_nothing_of_its_own(brought, path):
    response = brought.get(path)
    assert response.status_code == 200
    assert response.content_type == "text/html; charset=utf-8"
    assert re.search(r"<h1>[^<]+</h1>", response.text)
    assert "undefined" not in response.text
    assert "built-in method" not in response.text
    assert re.findall(r"<script[^>]*>", response.text) == ['<script src="/static/atlas.js">']
    assert "style=" not in response.text
    assert response.text.count("<main") == response.text.count("</main>") == 1


followed = set()


@pytest.mark.parametrize("path", [*PATHS, *BROUGHT])
def test_every_link_of_a_page_leads_somewhere(brought, path):
    found = {
        href.replace("&amp;", "&") for href in re.findall(r'href="(http://localhost[^"]*|/[^"]*)"', brought.get(path).text)
    }
    own = [
        href for href in found if not re.search("f=(csv|gpkg|table|parquet|kml)$", href)
    ]  # what writes files has its own tests
    assert own
    for href in set(own) - followed:
        followed.add(href)
        with brought.get(href) as response:
            assert response.status_code == 200, href


def test_every_value_of_a_table_has_the_number_of_a_source_that_is_listed(client, atlas):
    text = client.get(f"{ITEMS}?f=html&region=RU-PRI").text
    numbers = {int(n) for n in re.findall(r'href="#source-(\d+)"', text)}
    listed = {int(n) for n in re.findall(r'id="source-(\d+)"', text)}
    assert numbers == listed == set(range(1, len(listed) + 1))
    assert len(listed) > 5


def test_a_feature_shows_all_its_claims_and_what_is_not_reported(client, atlas):
    stored = atlas.layer("ports")
    claims = stored.feature(stored.position("vladivostok"))["properties"]["claims"]
    text = client.get(f"{ITEMS}/vladivostok?f=html").text
    said = text.partition("All that is said")[2].partition("</table>")[0]
    assert said.count("<tr>") == len(claims) + 1
    assert "Not reported: " in text
    assert "Primorsky Krai, Russia" in text


def test_the_head_of_a_column_sorts_by_it_and_then_the_other_way(client):
    text = client.get(f"{ITEMS}?f=html&region=RU").text
    first = re.search(r'href="([^"]*sortby=throughput_t_y[^"]*)"', text)[1].replace("&amp;", "&")
    assert "region=RU" in first
    again = client.get(first).text
    assert 'aria-sort="ascending"' in again
    second = re.search(r'href="([^"]*sortby=-throughput_t_y[^"]*)"', again)[1].replace("&amp;", "&")
    assert 'aria-sort="descending"' in client.get(second).text


def test_pages_of_a_table_are_turned(client):
    text = client.get(f"{ITEMS}?f=html&limit=10&offset=10").text
    assert "11–20 of " in text
    assert 'rel="prev"' in text
    assert 'rel="next"' in text


def test_fields_of_a_form_that_were_left_empty_are_dropped_from_the_address(client):
    response = client.get(f"{ITEMS}?f=html&region=RU-PRI&bbox=&near=&radius=&filter=")
    assert response.status_code == 303
    assert response.headers["Location"] == "http://localhost/collections/ports/items?f=html&region=RU-PRI"
    assert client.get(f"{ITEMS}?region=").status_code == 400
    assert "303" in client.get("/api").json["paths"]["/collections/ports/items"]["get"]["responses"]


def test_a_fault_is_a_page_where_a_page_was_asked_for(client):
    response = client.get(f"{ITEMS}?f=html&bbox=1,2")
    assert response.status_code == 400
    assert "is not a box" in response.text
    assert '<header class="doc-bar">' in response.text
    assert 'href="/collections?f=html"' in response.text
    assert response.content_type.startswith("text/html")


def test_what_users_brought_is_shown_as_text(brought):
    text = brought.get("/collections/visits/items?f=html").text
    assert "A, B &amp; &lt;b&gt;" in text
    assert "{{ 7*7 }}" in text
    assert "not reported" in text


def test_an_imported_layer_says_its_times_and_is_asked_by_them(brought):
    one = brought.get("/collections/visits").json
    ((first, last),) = one["extent"]["temporal"]["interval"]
    assert (first, last[:10], last[-1]) == ("2023-01-01T00:00:00Z", "2025-01-01", "Z")
    found = brought.get("/collections/visits/items?datetime=2024-05-01/2024-12-31").json["features"]
    assert sorted(f["properties"]["name"] for f in found) == ["A, B & <b>", "B"]
    assert "2023-01-01 to 2025-01-01" in brought.get("/collections/visits?f=html").text


def test_the_form_keeps_every_word_of_the_address(brought):
    asked = "datetime=2024-05-01/..&sortby=score&limit=2&properties=name&crs=http://www.opengis.net/def/crs/EPSG/0/3857"
    text = brought.get(f"/collections/visits/items?f=html&offset=1&{asked}").text
    form = re.search(r"<form.*?</form>", text, re.DOTALL)[0]
    kept = dict(re.findall(r'name="([\w-]+)" value="([^"]*)"', form))
    given = dict(pair.split("=") for pair in asked.split("&"))
    assert {name: kept[name] for name in given} == given
    assert "offset" not in kept
    assert '<label for="ask-datetime">' in form


def test_a_layer_without_times_has_no_field_for_them_and_says_so(brought):
    text = brought.get("/collections/areas/items?f=html&datetime=2024-05-01").text
    assert '<input type="hidden" name="datetime" value="2024-05-01">' in text
    assert "areas has no times: nothing of it answers datetime 2024-05-01. Leave datetime out." in text
    assert "ask-datetime" not in text
    assert "has no times" not in brought.get("/collections/areas/items?f=html").text
    assert "has no times" not in brought.get("/collections/visits/items?f=html&datetime=2024-05-01").text


def test_a_box_that_was_emptied_takes_its_system_with_it(client):
    response = client.get(f"{ITEMS}?f=html&bbox-crs=x&bbox=&region=IN")
    assert response.headers["Location"] == "http://localhost/collections/ports/items?f=html&region=IN"


def test_an_answer_comes_before_the_form(client):
    text = client.get(f"{ITEMS}?f=html&region=RU-PRI").text
    assert '<details class="asking-box"><summary>' in text


def test_a_long_cell_is_cut_and_has_the_whole_of_its_text_in_its_title():
    cell = featurepages._told("word " * 100)
    assert cell["whole"] == "word " * 100
    assert len(cell["text"]) <= 162
    assert featurepages._told("short") == {"text": "short", "whole": None}


def test_the_description_names_every_address_and_parameter_in_the_page(client):
    document = json.loads(client.get("/api").data)
    text = client.get("/api.html").text
    for path in document["paths"]:
        assert f"<code>GET {path}</code>" in text
    assert "bbox-crs" in text
    assert client.get("/api?f=html").text == text


@pytest.mark.parametrize("path", ["/api", "/collections", "/?f=json"])
def test_the_description_names_the_layers_that_there_are(brought, atlas, path):
    document = brought.get(path).json
    said = document.get("info", document)["description"]
    for layer in atlas.layers:
        assert layer.about["title"]["en"].lower() in said.lower()
    assert "processing plants" not in said
    assert "visits" not in said
