"""/routes and /exposure, as programs and people ask them."""

import csv
import io
from itertools import pairwise

import pytest

ASK = "/routes?from=Chennai&to=Vladivostok"


def test_routes_are_geojson_best_first(client):
    response = client.get(f"{ASK}&alternatives=3")
    assert response.content_type == "application/geo+json"
    document = response.json
    assert document["type"] == "FeatureCollection"
    assert document["numberReturned"] == len(document["features"]) == 3
    lengths = [f["properties"]["length_nm"] for f in document["features"]]
    assert lengths == sorted(lengths)
    first = document["features"][0]
    assert first["geometry"]["type"] == "MultiLineString"
    assert 4560 <= first["properties"]["length_nm"] <= 4800
    assert first["properties"]["claims"][0]["source"] in document["sources"]
    assert {"self", "alternate"} <= {link["rel"] for link in document["links"]}


def test_what_is_closed_is_asked_by_commas_and_told_with_its_reason(client):
    document = client.get(f"{ASK}&close=malacca,sunda").json
    passages = document["features"][0]["properties"]["passages"]
    assert not {"malacca", "sunda"} & set(passages)
    assert {c["passage"]: c["by"] for c in document["closed"]} == {
        "malacca": "asked",
        "sunda": "asked",
        "kiel": "assumed",
        "northwest-passage": "assumed",
        "volga-don": "assumed",
    }


def test_no_route_is_an_empty_collection_with_a_reason(client):
    response = client.get("/routes?from=Vladivostok&to=Pevek&close=bering,northern-sea-route")
    assert response.status_code == 200
    assert response.json["features"] == []
    assert "with northern-sea-route closed" in response.json["reason"]
    assert "bering" in response.json["reason"]


def test_a_line_is_split_at_180(client):
    parts = client.get("/routes?from=-173.2,64.4&to=Vladivostok").json["features"][0]["geometry"]["coordinates"]
    assert len(parts) > 1
    assert all(abs(b[0] - a[0]) < 180 for part in parts for a, b in pairwise(part))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "from is missing"),
        ("from=Chennai", "to is missing"),
        ("from=qqqq&to=Vladivostok", "No port is called 'qqqq'"),
        ("from=77.2,28.6&to=Vladivostok", "inland, where no ship goes"),
        ("from=Chennai&to=chennai", "are the same place"),
        ("from=Chennai&to=Vladivostok&close=malaca", "Did you mean malacca"),
        ("from=Chennai&to=Vladivostok&close=malacca,", "close 'malacca,' has an empty name"),
        ("from=Chennai&to=Vladivostok&speed=0", "speed '0' is not a number of knots from 1 to 40"),
        ("from=Chennai&to=Vladivostok&speed=1000", "speed '1000' is not a number of knots from 1 to 40"),
        ("from=Chennai&to=Vladivostok&date=soon", "date 'soon' is not a date"),
        ("from=Chennai&to=Vladivostok&sped=9", "'sped' is not a parameter here. Did you mean speed"),
        ("from=Chennai&to=Vladivostok&f=csv", "There is no format 'csv'"),
    ],
)
def test_what_is_wrong_is_a_problem_document(client, query, said):
    response = client.get(f"/routes?{query}")
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert said in response.json["detail"]


def test_every_fault_of_a_question_is_said(client):
    faults = client.get("/routes?from=qqqq&to=rrrr&close=malaca&speed=0&wrong=1").json["faults"]
    assert len(faults) == 5


@pytest.mark.parametrize("address", [ASK, f"{ASK}&f=html", "/exposure", "/exposure?f=csv"])
def test_an_answer_is_held_until_the_next_release(client, address):
    tag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_the_page_shows_ways_passages_claims_and_sources(client):
    page = client.get(f"{ASK}&alternatives=2&close=malacca", headers={"Accept": "text/html"})
    assert page.content_type == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for text in ("Chennai to Vladivostok", "Sunda Strait", "5,647 nm", "What is assumed", "Well to wake", 'id="source-1"'):
        assert text in page.text
    assert "close=malacca,sunda" in page.text.replace("&amp;", "&")


def test_the_page_without_words_is_the_form(client):
    page = client.get("/routes?f=html")
    assert page.status_code == 200
    assert 'name="from"' in page.text
    assert "What is assumed" not in page.text


def test_a_form_with_empty_fields_leads_to_an_address_without_them(client):
    address = "/routes?f=html&from=Chennai&to=Vladivostok&close=&date="
    assert "close is empty" in client.get(address).text
    response = client.get(address, headers={"Accept": "text/html"})
    assert response.status_code == 303
    assert response.headers["Location"].endswith("/routes?f=html&from=Chennai&to=Vladivostok")


def test_no_way_is_said_on_the_page(client):
    page = client.get("/routes?from=Vladivostok&to=Pevek&close=bering,northern-sea-route&f=html").text
    assert "There is no way by sea from Vladivostok to Pevek" in page


def test_what_a_position_names_is_text_on_the_page(client):
    page = client.get("/routes?from=<script>alert(1)</script>&to=Vladivostok&f=html")
    assert page.status_code == 400
    assert "<script>alert" not in page.text


def test_exposure_is_the_same_as_json_csv_and_page(client, atlas):
    document = client.get("/exposure").json
    costs = [(one["passage"], cost["trade_route"]) for one in document["passages"] for cost in one["routes"]]
    rows = list(csv.DictReader(io.StringIO(client.get("/exposure?f=csv").data.decode("utf-8-sig"))))
    assert [(r["passage"], r["trade_route"]) for r in rows if r["trade_route"]] == costs
    assert document["release"] == atlas.release.id
    page = client.get("/exposure?f=html").text
    assert all(one["name"].replace("’", "&#39;") in page for one in document["passages"])
    assert "cut" in {cost["cut"] and "cut" for one in document["passages"] for cost in one["routes"]}


def test_routes_and_exposure_are_described(client):
    paths = client.get("/api").json["paths"]
    parameters = {p.get("name") for p in paths["/routes"]["get"]["parameters"]}
    assert {"from", "to", "close", "open", "avoid", "date", "speed", "ice_class", "draught", "alternatives"} <= parameters
    assert set(paths["/exposure"]["get"]["responses"]["200"]["content"]) == {"application/json", "text/html", "text/csv"}
