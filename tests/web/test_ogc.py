"""OGC API – Features, Parts 1 and 3, as a client meets them."""

import json
import re

import jsonschema
import pytest

from geo.antimeridian import tight_box
from layers.build import LAYERS
from layers.query import Question
from tests.web.test_api import ids
from web.app import create_app
from web.ogc.documents import CONFORMANCE
from web.settings import LARGEST_LIMIT

DOCUMENTS = [
    "/?f=json",
    "/api",
    "/conformance",
    "/functions",
    "/collections",
    "/collections/ports",
    "/collections/ports/queryables",
]
RESOURCES = [*DOCUMENTS, "/collections/ports/items?limit=2", "/collections/ports/items/vladivostok"]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


def rels(document):
    return {link["rel"]: link["href"] for link in document["links"]}


def bare(path):
    return path.partition("?")[0]


# --- what there is


def test_the_landing_page_leads_everywhere(client):
    landing = client.get("/", headers={"Accept": "application/json"}).json
    found = rels(landing)
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= set(found)
    assert "http://www.opengis.net/def/rel/ogc/1.0/functions" in found
    assert landing["title"]
    for link in landing["links"]:
        response = client.get(link["href"])
        assert response.status_code == 200, link
        assert response.content_type.partition(";")[0] == link["type"].partition(";")[0], link


@pytest.mark.parametrize("accept", [None, BROWSER, "text/html"])
def test_people_get_the_explorer_at_the_root(client, accept):
    response = client.get("/", headers={"Accept": accept} if accept else {})
    assert "CorridorAtlas.start()" in response.text


@pytest.mark.parametrize("accept", ["application/json", "application/json, */*;q=0.1", "*/*"])
def test_programs_get_the_landing_page_at_the_root(client, accept):
    assert client.get("/", headers={"Accept": accept}).content_type == "application/json"


def test_an_address_of_a_view_is_the_explorers_whatever_is_accepted(client):
    assert "CorridorAtlas.start()" in client.get("/?region=RU", headers={"Accept": "*/*"}).text


def test_the_conformance_classes_are_those_of_the_three_parts_and_of_the_language(client):
    told = client.get("/conformance").json["conformsTo"]
    assert told == list(CONFORMANCE)
    assert len(set(told)) == 8 + 14
    for part in ("1/1.0/conf/oas30", "2/1.0/conf/crs", "3/1.0/conf/features-filter"):
        assert f"http://www.opengis.net/spec/ogcapi-features-{part}" in told
    assert all(
        re.fullmatch(r"http://www\.opengis\.net/spec/(ogcapi-features-[123]|cql2)/1\.0/conf/[a-z0-9-]+", c) for c in told
    )


@pytest.mark.parametrize("path", RESOURCES)
def test_every_link_of_a_resource_leads_somewhere_of_the_type_it_says(client, path):
    document = client.get(path).json
    if path == "/api":
        return
    assert {"self", "alternate"} <= set(rels(document))
    for link in document["links"]:
        response = client.get(link["href"])
        assert response.status_code == 200, link
        assert response.content_type.partition(";")[0] == link["type"].partition(";")[0], link
    assert client.get(rels(document)["self"]).json.keys() == document.keys()


def test_every_format_of_features_is_an_alternate_link_and_in_the_description(client):
    content = client.get("/api").json["paths"]["/collections/ports/items"]["get"]["responses"]["200"]["content"]
    links = client.get("/collections/ports/items?limit=1").json["links"]
    assert {link["type"] for link in links if link["rel"] in ("self", "alternate")} == set(content)


@pytest.mark.parametrize("path", RESOURCES)
def test_head_has_the_headers_of_get_and_no_body(client, path):
    get, head = client.get(path), client.head(path)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Crs", "ETag", "Vary"):
        assert head.headers.get(name) == get.headers.get(name)


# --- negotiation


@pytest.mark.parametrize("path", [*RESOURCES, "/api.html"])
@pytest.mark.parametrize("word", ["cheese", "bbox-crss", "%D1%8F"])
def test_an_unknown_parameter_is_a_400_that_names_it_on_every_resource(client, path, word):
    response = client.get(f"{path}{'&' if '?' in path else '?'}{word}=1")
    assert response.status_code == 400
    assert re.search("cheese|bbox-crss|я", response.json["detail"])


@pytest.mark.parametrize("path", RESOURCES)
def test_a_browser_gets_a_page_and_f_overrules_it(client, path):
    if not path.startswith("/?"):
        assert client.get(path, headers={"Accept": BROWSER}).content_type.startswith("text/html")
    joined = re.sub(r"[?&]f=json", "", path)
    joined += "&" if "?" in joined else "?"
    assert client.get(f"{joined}f=html").content_type.startswith("text/html")
    assert "json" in client.get(f"{joined}f=json", headers={"Accept": BROWSER}).content_type


@pytest.mark.parametrize(
    ("path", "accept", "media"),
    [
        ("/collections/ports/items", "application/geo+json", "application/geo+json"),
        ("/collections/ports/items", "application/json", "application/geo+json"),
        ("/collections/ports/items", "application/geo+json;q=0.2, text/csv", "text/csv"),
        ("/collections/ports/items", "application/*, text/html;q=0.9", "application/geo+json"),
        ("/collections/ports/items", "text/*;q=0.3, text/html;q=0, application/json;q=0.1", "text/plain"),
        ("/collections/ports/queryables", "application/schema+json", "application/schema+json"),
        ("/api", "application/vnd.oai.openapi+json;version=3.0", "application/vnd.oai.openapi+json"),
        ("/collections", "nonsense;;q=x", "application/json"),
    ],
)
def test_the_header_accept_chooses_the_form(client, path, accept, media):
    response = client.get(path, headers={"Accept": accept})
    if accept.startswith("nonsense"):
        assert response.status_code in (200, 406)
    else:
        assert response.content_type.partition(";")[0] == media


@pytest.mark.parametrize("path", RESOURCES)
def test_an_accept_header_that_takes_nothing_is_a_406_that_says_what_there_is(client, path):
    if path.startswith("/?"):
        return
    response = client.get(path, headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert response.content_type == "application/problem+json"
    assert "text/html" in response.json["detail"]


def test_a_format_that_is_not_there_is_a_400(client):
    problem = client.get("/collections?f=xml").json
    assert problem["detail"].startswith("There is no format 'xml'.")


def test_an_entity_tag_belongs_to_one_form_of_an_address(client):
    path = "/collections/ports"
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    page = client.get(path, headers={"If-None-Match": tag, "Accept": "text/html"})
    assert page.status_code == 200
    assert page.headers["ETag"] != tag
    assert set(page.headers["Vary"].split(", ")) >= {"Accept", "Accept-Encoding"}


# --- collections


@pytest.mark.parametrize(
    ("boxes", "tight"),
    [
        ([(10, 0, 10, 0)], (10, 0, 10, 0)),
        ([(170, 0, 170, 0), (-170, 5, -170, 5)], (170, 0, -170, 5)),
        ([(170, 0, -175, 1), (20, 0, 21, 0)], (20, 0, -175, 1)),
        ([(-10, 0, 10, 0), (100, 0, 110, 0)], (-10, 0, 110, 0)),
        ([(-180, 0, 180, 0)], (-180, 0, 180, 0)),
        ([(-180, 0, 0, 0), (0, 0, 180, 1)], (-180, 0, 180, 1)),
        ([(-100, 0, 100, 0), (90, 0, -90, 1)], (-180, 0, 180, 1)),
        ([(-170, 0, -160, 0), (-20, 0, -10, 0)], (-170, 0, -10, 0)),
        ([(float("nan"),) * 4, (1, 2, 3, 4)], (1, 2, 3, 4)),
    ],
)
def test_an_extent_is_the_smallest_box_also_across_180(boxes, tight):
    import numpy as np

    assert tight_box(np.array(boxes, dtype=float)) == tight


def test_an_extent_of_nothing_is_none():
    import numpy as np

    assert tight_box(np.empty((0, 4))) is None


@pytest.mark.parametrize("layer", LAYERS)
def test_every_feature_lies_in_the_extent_and_touches_its_sides(client, atlas, layer):
    (box,) = client.get(f"/collections/{layer}").json["extent"]["spatial"]["bbox"]
    stored = atlas.layer(layer)
    assert client.get(f"/collections/{layer}/items?bbox={','.join(map(repr, box))}&limit=1").json["numberMatched"] == len(
        stored
    )
    bounds = stored.bounds
    assert box[0] in bounds[:, 0]
    assert box[2] in bounds[:, 2]
    assert (box[1], box[3]) == (bounds[:, 1].min(), bounds[:, 3].max())


def test_a_collection_says_its_systems_and_where_its_features_are(client):
    one = client.get("/collections/ports").json
    assert one["storageCrs"] in one["crs"]
    assert one["crs"] == client.get("/collections").json["crs"]
    media = {link["type"] for link in one["links"] if link["rel"] == "items"}
    assert {"application/geo+json", "text/html", "text/csv"} <= media
    assert rels(one)["http://www.opengis.net/def/rel/ogc/1.0/queryables"].endswith("/collections/ports/queryables")


def test_the_queryables_are_a_json_schema_of_every_column(client, atlas):
    for layer in atlas.layers:
        schema = client.get(f"/collections/{layer.id}/queryables").json
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["$id"] == f"http://localhost/collections/{layer.id}/queryables"
        assert schema["additionalProperties"] is False
        properties = schema["properties"]
        assert set(properties) == {q["id"] for q in layer.about["queryables"]} | {"geometry"}
        geometry = properties.pop("geometry")
        assert geometry["format"].startswith("geometry-")
        assert "type" not in geometry
        assert all("type" in one for one in properties.values())


def test_the_functions_have_arguments_and_a_result(client):
    told = client.get("/functions").json["functions"]
    words = {"string", "number", "integer", "datetime", "geometry", "boolean"}
    assert {"lower", "upper"} <= {one["name"].lower() for one in told}
    for one in told:
        assert set(one["returns"]) <= words
        assert all(set(argument["type"]) <= words for argument in one["arguments"])


# --- features


def test_links_to_other_pages_keep_every_parameter(client):
    asked = (
        "/collections/ports/items?region=RU&filter=name%20LIKE%20%27%25o%25%27&sortby=-name&limit=3&properties=name&offset=3"
    )
    answer = client.get(asked).json
    found = rels(answer)
    for rel, offset in (("next", 6), ("prev", 0)):
        query = found[rel].partition("?")[2].split("&")
        assert set(query) == {
            "region=RU",
            "filter=name%20LIKE%20%27%25o%25%27",
            "sortby=-name",
            "limit=3",
            "properties=name",
            f"offset={offset}",
            "f=geojson",
        }
    assert len(ids(client.get(found["next"]))) == 3
    assert set(found) >= {"self", "alternate", "collection"}


def test_a_page_before_the_first_begins_at_the_first(client):
    assert "offset=0&" in rels(client.get("/collections/ports/items?limit=10&offset=4").json)["prev"] + "&"


def test_pages_of_text_name_their_neighbours_in_a_header(client):
    response = client.get("/collections/ports/items?f=csv&limit=3&offset=3")
    links = response.headers["Link"]
    assert 'rel="next"' in links
    assert 'rel="prev"' in links
    following = re.search(r'<([^>]+)>; rel="next"', links)[1]
    assert client.get(following).content_type.startswith("text/csv")


def test_a_limit_above_the_largest_is_the_largest(client):
    assert client.get(f"/collections/ports/items?limit={LARGEST_LIMIT * 10}").status_code == 200


@pytest.mark.parametrize(
    "text",
    ["2024-05-01", "2024-05-01T00:00:00Z", "2024-05-01/..", "../2024-05-01T00:00:00+03:00", "/2024-05-01", "2024-05-01/"],
)
def test_a_layer_without_times_has_no_feature_of_a_time(client, text):
    answer = client.get("/collections/ports/items", query_string={"datetime": text}).json
    assert answer["numberMatched"] == 0


@pytest.mark.parametrize("language", ["cql2-text", "cql2-json"])
def test_a_filter_in_either_language_has_the_ids_of_the_catalog(client, atlas, language):
    from layers import cql2

    text = "country = 'RU' AND throughput_t_y > 1000000"
    tree = {
        "op": "and",
        "args": [
            {"op": "=", "args": [{"property": "country"}, "RU"]},
            {"op": ">", "args": [{"property": "throughput_t_y"}, 1000000]},
        ],
    }
    expected = atlas.select("ports", Question(filter=cql2.parse(text))).ids
    given = text if language == "cql2-text" else json.dumps(tree)
    found = client.get("/collections/ports/items", query_string={"filter": given, "filter-lang": language})
    assert ids(found) == expected
    assert expected


def test_filter_region_sorting_and_fields_work_together(client):
    asked = {
        "region": "RU-PRI",
        "filter": "throughput_t_y > 1000000",
        "sortby": "-throughput_t_y",
        "properties": "name,throughput_t_y",
    }
    features = client.get("/collections/ports/items", query_string=asked).json["features"]
    amounts = [f["properties"]["throughput_t_y"] for f in features]
    assert amounts == sorted(amounts, reverse=True)
    assert len(amounts) > 2
    assert all(set(f["properties"]) <= {"name", "throughput_t_y", "membership"} for f in features)


# --- what is refused

ITEMS = "/collections/ports/items?"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("region=%", "region has '%', which encodes nothing"),
        ("region=%zz", "region has '%zz', which encodes nothing"),
        ("region=%E0%A4", "region has the byte E0, which is not UTF-8"),
        ("filter=%FF", "filter has the byte FF, which is not UTF-8"),
        ("region=RU%00", "region has the control character U+0000 at place 3"),
        ("near=%1Bx&radius=5km", "near has the control character U+001B"),
        ("region=%C2%85RU", "region has the control character U+0085"),
        ("datetime=yesterday", "datetime 'yesterday' is not a time"),
        ("datetime=2024-13-01", "datetime '2024-13-01' is not a time"),
        ("datetime=2024-05-02/2024-05-01", "ends before it begins"),
        ("datetime=../..", "datetime '../..' is not a time"),
        ("bbox=nan,0,1,1", "'nan,0,1,1' is not a box"),
        ("bbox=0,10,10,0", "south 10 above north 0"),
        ("bbox=0,0,1e999,1", "is not a box"),
        ("crs=EPSG:4326", "crs: 'EPSG:4326' is not a coordinate reference system"),
        ("bbox-crs=x&bbox=1,2,3,4", "bbox-crs: 'x' is not a coordinate reference system"),
        ("bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326", "bbox-crs is given without bbox"),
        ("bbox=1,2,3&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326", "bbox: '1,2,3' is not a box of 4 numbers"),
        ("filter-crs=x&filter=TRUE", "filter-crs: 'x' is not"),
        ("filter-lang=sql&filter=TRUE", "filter-lang 'sql' is not one of cql2-text, cql2-json"),
        ("filter=nme%20%3D%201", "filter: no property is called 'nme'. Did you mean name"),
        ("filter=name%20%3D", "filter"),
        ("sortby=nme", "sortby: 'nme' is not a property of ports"),
        ("sortby=name,,id", "sortby 'name,,id' has an empty name"),
        ("properties=nme", "properties: 'nme' is not a property of ports"),
        ("offset=-1", "offset '-1' is not a whole number from 0"),
        ("limit=99999999999", "limit '99999999999' is not a whole number from 1, of at most 9 digits."),
        ("near=10,95&radius=5km", "near '10,95' is not a place: write longitude,latitude"),
        ("near=nan,nan&radius=5km", "near 'nan,nan' is not a place: write longitude,latitude"),
        ("filter=S_INTERSECTS(geometry,POLYGON((0 0,1 0,1 1)))", "is no geometry: a ring is not closed."),
        ("f=csv&crs=http://www.opengis.net/def/crs/EPSG/0/3857", "crs: csv is written in"),
        ("filter=" + "(" * 10_000, "filter"),
        ("filter=" + "x" * 30_000, "filter is 30000 characters long; at most 20000"),
        ("region=RU&bbox=1,2,3,4", "region and bbox were given together"),
        ("radius=5km", "needs near"),
        ("=false", "'=false' has no name before the equals sign"),
    ],
)
def test_what_is_wrong_is_a_400_that_names_the_parameter(client, query, said):
    response = client.get(ITEMS + query)
    assert response.status_code == 400, response.text
    assert response.content_type == "application/problem+json"
    assert said in response.json["detail"]


def test_every_fault_of_a_query_is_said_at_once(client):
    query = "regoin=RU&limit=0&bbox=1,2&crs=x&filter=nme%3D1&near=%zz&sortby=a&f=shp"
    faults = client.get(ITEMS + query).json["faults"]
    for word in ("regoin", "limit", "is not a box", "crs:", "nme", "near has", "sortby: 'a'", "format 'shp'"):
        assert any(word in fault for fault in faults), (word, faults)


@pytest.mark.parametrize(
    "query", ["region=%zz", "region=%00x", "region=%ff", "bbox=%zz", "near=%zz&radius=5km", "near=Pevek&radius=%zz", "f=%zz"]
)
def test_what_cannot_be_read_is_one_fault(client, query):
    response = client.get(ITEMS + query)
    assert response.status_code == 400
    assert len(response.json["faults"]) == 1, response.json["faults"]


def test_new_lines_in_a_filter_are_blanks(client):
    assert client.get(ITEMS + "filter=name%20%3D%0A%27Pevek%27").json["numberMatched"] == 1


def test_a_plus_sign_in_sortby_says_ascending(client):
    assert ids(client.get(ITEMS + "sortby=+name&limit=5")) == ids(client.get(ITEMS + "sortby=name&limit=5"))


@pytest.mark.parametrize("path", ["/collections/ports/items", "/api", "/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_body_of_100_mb_is_refused_before_it_is_read(app, path, method):
    class Unread:
        def read(self, *_):
            raise AssertionError("the body was read")

        readline = readlines = __iter__ = read

    stream = Unread()
    environ = {"wsgi.input": stream, "CONTENT_LENGTH": str(100_000_000)}
    response = app.test_client().open(path, method=method, environ_overrides=environ)
    assert response.status_code == 413
    assert "100000000 bytes" in response.json["detail"].replace(",", "")


def test_a_layer_of_another_release_keeps_its_own_extent(world, tmp_path):
    client = create_app(world.build(tmp_path / "home")).test_client()
    before = client.get("/collections/ports").json["extent"]
    world.add("ports/features.csv", "murmansk,Murmansk,,,,,33.05,68.97,2,survey,,RU,,\n")
    world.build(tmp_path / "home")
    after = client.get("/collections/ports").json["extent"]
    assert (before["spatial"]["bbox"][0][0], after["spatial"]["bbox"][0][0]) == (80.3, 33.05)


def test_a_body_in_chunks_is_refused(app):
    answer = app.test_client().get("/collections/ports/items", headers={"Transfer-Encoding": "chunked"})
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")
    assert "comes in chunks" in answer.json["detail"]


@pytest.mark.parametrize(
    ("words", "fault"),
    [("bbox=nan,0,1,2", "bbox: 'nan,0,1,2'"), ("bbox=٠,٠,١,٢", "bbox: "), ("near=1,2&radius=nan", "radius: 'nan'")],
)
def test_a_fault_of_a_place_names_its_parameter(app, words, fault):
    answer = app.test_client().get(f"/collections/ports/items?{words}")
    assert answer.status_code == 400
    assert answer.json["faults"][0].startswith(fault)


def test_the_id_may_be_named_among_the_properties(app):
    answer = app.test_client().get("/collections/ports/items?properties=id,name&limit=1").json
    assert set(answer["features"][0]["properties"]) == {"name"}
