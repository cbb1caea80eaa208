"""Views that carry a voyage: their words, their faults, and what of them reaches page, embed, export and notebook."""

import base64
import json
import re
import zlib

import pytest

from geo.errors import InputError
from layers.voyages import Voyage
from web import export, maps, voyagewords
from web.view import View, parse

SAIL = {"from": "Chennai", "to": "Vladivostok"}
ROUND = {**SAIL, "close": "malacca", "alternatives": "3"}
NOWHERE = {"from": "Vladivostok", "to": "Pevek", "close": "bering,northern-sea-route"}


def config(page):
    return json.loads(re.search(r'id="config">(.*?)</script>', page.text, re.DOTALL)[1])


def packed(script):
    """Return what a map's script holds of its ways, and where it opens."""
    text, options = re.search(r'CorridorAtlas\.voyages\("([^"]+)", (.*?)\);', script).groups()
    return json.loads(zlib.decompress(base64.b64decode(text), -15)), json.loads(options)


# --- words


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (SAIL, "from=ports/chennai&to=ports/vladivostok"),
        (
            {**SAIL, "close": "sunda, Malacca ", "open": "northwest-passage", "avoid": "China,RU-PRI", "date": "2026-09-01"},
            "from=ports/chennai&to=ports/vladivostok&close=malacca,sunda&open=northwest-passage&avoid=CN,RU-PRI&date=2026-09-01",
        ),
        (
            {**SAIL, "ice_class": "Arc4", "draught": "14.50", "speed": "12", "alternatives": "3"},
            "from=ports/chennai&to=ports/vladivostok&ice_class=Arc4&draught=14.5&speed=12&alternatives=3",
        ),
        ({**SAIL, "speed": "14", "alternatives": "1"}, "from=ports/chennai&to=ports/vladivostok&speed=14"),
        ({"from": "-173.20001,64.4", "to": "Vladivostok"}, "from=-173.20001,64.4&to=ports/vladivostok"),
        (
            {"from": "shipyards/zvezda-shipbuilding-complex", "to": "Chennai"},
            "from=shipyards/zvezda-shipbuilding-complex&to=ports/chennai",
        ),
    ],
)
def test_a_voyages_words_are_written_in_one_order_and_read_back(atlas, given, words):
    view = parse({"layers": "ports", **given}, atlas)
    assert view.words() == f"layers=ports&{words}"
    again = dict(pair.split("=") for pair in view.words().split("&"))
    assert parse(again, atlas) == view


def test_the_words_of_a_voyage_stand_between_the_question_and_the_rest(atlas):
    view = parse({"theme": "dark", "select": "ports/pevek", **SAIL, "region": "RU", "layers": "ports"}, atlas)
    assert view.words() == "layers=ports&region=RU&from=ports/chennai&to=ports/vladivostok&select=ports/pevek&theme=dark"


def test_a_view_without_these_words_has_no_voyage(atlas):
    assert parse({}, atlas).voyage is None
    assert parse({}, atlas).routes(atlas) is None
    assert isinstance(parse(SAIL, atlas).voyage, Voyage)


def test_lists_are_texts_with_commas_or_several_of_them(atlas):
    by_commas, again = (parse({**SAIL, "close": given}, atlas) for given in ("malacca,sunda", ("sunda", "malacca")))
    mixed = parse({**SAIL, "close": ("sunda,lombok", "malacca")}, atlas)
    assert by_commas == again
    assert mixed.voyage.close == {"sunda", "lombok", "malacca"}


def test_a_view_with_a_voyage_is_a_value(atlas):
    assert parse(ROUND, atlas) == parse(ROUND, atlas)
    assert hash(parse(ROUND, atlas)) == hash(parse(ROUND, atlas))


# --- faults


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"from": "Chennai"}, "to is missing"),
        ({"to": "Chennai"}, "from is missing"),
        ({"close": "malacca"}, "from is missing"),
        ({**SAIL, "from": "Vladivistok"}, "No port is called 'Vladivistok'. Did you mean Vladivostok"),
        ({**SAIL, "close": "malaca"}, "Did you mean malacca"),
        ({**SAIL, "close": "malacca,"}, "close 'malacca,' has an empty name"),
        ({**SAIL, "avoid": ("China", "Atlantis")}, "'Atlantis'"),
        ({**SAIL, "date": "soon"}, "date 'soon' is not a date"),
        ({**SAIL, "speed": "1000"}, "speed '1000' is not a number of knots from 1 to 40"),
        ({**SAIL, "ice_class": "Arc44"}, "'Arc44' is not an ice class"),
        ({**SAIL, "alternatives": "99"}, "alternatives '99' is not a whole number from 1 to 6"),
        ({**SAIL, "to": "chennai"}, "are the same place"),
        ({**SAIL, "speed": ""}, "speed is empty"),
    ],
)
def test_what_is_wrong_with_a_voyage_is_said(atlas, given, said):
    with pytest.raises(InputError, match=re.escape(said)):
        parse(given, atlas)


def test_every_fault_of_a_view_is_said_at_once(atlas):
    given = {"layers": "portz", "theme": "red", "from": "qqqq", "to": "Pevek", "close": "malaca", "speed": "0", "sped": "1"}
    with pytest.raises(InputError) as caught:
        parse(given, atlas)
    assert len(caught.value.faults) == 6


@pytest.mark.parametrize("path", ["/", "/embed", "/export"])
def test_an_address_with_a_bad_voyage_is_a_bad_request(client, path):
    html = {"Accept": "text/html"}
    for query, said in (
        ("from=Chennai", "to is missing"),
        ("from=qqqq&to=Pevek", "No port is called"),
        ("from=&to=Pevek", "from is"),
    ):
        response = client.get(f"{path}?{query}", headers=html)
        assert response.status_code == 400
        assert said in response.text


def test_routes_and_views_read_the_same_words(client, atlas):
    query = "from=Chennai&to=Vladivostok&close=malacca,sunda&alternatives=2&speed=12"
    answer = client.get(f"/routes?{query}").json
    view = parse(dict(pair.split("=") for pair in query.split("&")), atlas)
    kept, _ = packed(maps.parts(atlas, view, controls=True).script)
    for left_out in ("timeStamp", "links"):
        answer.pop(left_out)
    assert kept.pop("title") == "Chennai to Vladivostok"
    assert kept == answer


# --- the explorer's page


def test_the_page_is_told_the_route_in_the_words_of_its_address(client):
    given = "from=Chennai&to=ports/vladivostok&close=Malacca,sunda&avoid=China&ice_class=ia+super&draught=12.5&alternatives=2"
    told = config(client.get(f"/?{given}", headers={"Accept": "text/html"}))
    assert told["state"]["route"] == {
        "from": "Chennai",
        "to": "ports/vladivostok",
        "close": ["malacca", "sunda"],
        "open": [],
        "avoid": ["CN"],
        "date": None,
        "ice_class": "IA Super",
        "draught": 12.5,
        "speed": None,
        "alternatives": 2,
    }
    assert told["endpoints"]["routes"] == "/routes"


def test_the_page_knows_every_passage_and_its_point_and_every_ice_class(client, atlas):
    told = config(client.get("/", headers={"Accept": "text/html"}))
    assert told["state"]["route"] is None
    passages = told["passages"]
    assert [one["name"] for one in passages] == sorted(one["name"] for one in passages)
    from geo import network

    assert {one["id"] for one in passages} == network.lanes().passages
    held = set(atlas.layer("chokepoints").ids)
    assert {one["feature"] for one in passages} == {f"chokepoints/{i}" if i in held else None for i in network.lanes().passages}
    assert {one["feature"] for one in passages} != {None}
    for name in told["ice_classes"]:
        assert parse({**SAIL, "ice_class": name}, atlas).voyage.ice_class == name
    assert told["ice_classes"][:2] == ["none", "Ice1"]


def test_a_release_without_chokepoints_has_passages_without_points(world, tmp_path):
    from web.app import create_app

    page = create_app(world.build(tmp_path / "home")).test_client().get("/", headers={"Accept": "text/html"})
    assert {one["feature"] for one in config(page)["passages"]} == {None}


# --- maps


def test_the_same_release_and_view_are_the_same_bytes(atlas):
    assert export.html(atlas, parse(ROUND, atlas)) == export.html(atlas, parse(ROUND, atlas))


def test_a_map_opens_where_the_ways_lie(atlas):
    for given in (ROUND, {"from": "Vladivostok", "to": "Provideniya"}):
        kept, options = packed(maps.parts(atlas, parse(given, atlas), controls=True).script)
        (south, west), (north, east) = options["bounds"]
        for feature in kept["features"]:
            for lon, lat in (place for part in feature["geometry"]["coordinates"] for place in part):
                assert south - 1e-6 <= lat <= north + 1e-6
                assert west - 1e-6 <= lon % 360 <= east + 1e-6
        assert east - west < 120


@pytest.mark.parametrize("more", [{"at": "131.9,43.1,6"}, {"region": "Kerala"}])
def test_a_position_or_a_question_says_where_the_map_opens_instead(atlas, more):
    _, options = packed(maps.parts(atlas, parse({**SAIL, **more}, atlas), controls=True).script)
    assert options["bounds"] is None


def test_a_map_of_no_way_says_why_and_opens_at_its_ends(atlas):
    kept, options = packed(maps.parts(atlas, parse(NOWHERE, atlas), controls=True).script)
    assert kept["features"] == []
    assert "There is no way by sea from Vladivostok to Pevek" in kept["reason"]
    (south, _), (north, _) = options["bounds"]
    assert (round(south), round(north)) == (43, 70)


def test_a_notebooks_map_shows_the_ways_too(atlas):
    html = maps.atlas_map(atlas, parse(ROUND, atlas)).get_root().render()
    kept, _ = packed(html)
    assert len(kept["features"]) == 3


def test_a_map_without_a_voyage_holds_none(atlas, client):
    assert "CorridorAtlas.voyages(" not in maps.parts(atlas, parse({}, atlas), controls=True).script
    assert maps.parts(atlas, parse({}, atlas), controls=True).voyages == ()
    # The explorer's panel draws the ways that it asks the server for.
    page = client.get("/?from=Chennai&to=Vladivostok", headers={"Accept": "text/html"})
    assert "CorridorAtlas.voyages(" not in page.text


@pytest.mark.parametrize(
    ("given", "title", "said"),
    [
        (SAIL, "Chennai to Vladivostok: Corridor Atlas", "nm by sea"),
        ({**SAIL, "alternatives": "3"}, "Chennai to Vladivostok: Corridor Atlas", "and 2 other ways"),
        ({**SAIL, "region": "Kerala"}, "Chennai to Vladivostok · Kerala: Corridor Atlas", "nm by sea"),
        (NOWHERE, "Vladivostok to Pevek: Corridor Atlas", "There is no way by sea"),
        ({"near": "Pevek", "radius": "300km"}, "Within 300km of Pevek: Corridor Atlas", "ports"),
    ],
)
def test_titles_and_descriptions_name_the_voyage(client, atlas, given, title, said):
    view = parse(given, atlas)
    assert export.default_title(view, atlas) == title
    assert said in export.description(view, atlas)
    page = client.get("/embed", query_string=given).text
    assert f"<title>{title}</title>" in page
    assert said in page


def test_words_that_name_nothing_are_written_as_they_were_read(atlas):
    voyage = parse({**SAIL, "date": "2026-02-01"}, atlas).voyage
    assert voyagewords.written(voyage) == {"from": "ports/chennai", "to": "ports/vladivostok", "date": "2026-02-01"}
    assert View(layers=("ports",), voyage=voyage).words().endswith("date=2026-02-01")
