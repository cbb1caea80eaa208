import gzip

import pytest
import zstandard

from web import compression
from web.app import create_app

ITEMS = "/collections/ports/items?region=RU&limit=40"
PLAIN = {"zstd": lambda data: zstandard.ZstdDecompressor().decompress(data), "gzip": gzip.decompress, None: bytes}


def ask(client, accepted, path=ITEMS, **more):
    return client.open(path, headers={"Accept-Encoding": accepted} if accepted is not None else {}, **more)


@pytest.fixture
def told(client):
    """The answer as it is uncompressed, its time of day left out."""
    return without_time(ask(client, None).data)


def without_time(data):
    head, _, rest = data.partition(b'"timeStamp":"')
    return head + rest[20:]


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("br", None),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1.0, zstd;q=0.5", "gzip"),
        ("gzip;q=0.5, zstd;q=0.5", "zstd"),
        ("zstd;q=0, gzip;q=0.1", "gzip"),
        ("gzip;q=0", None),
        ("*", "zstd"),
        ("*;q=0.1, zstd;q=0", "gzip"),
        ("*, zstd;q=0, gzip;q=0", None),
        ("identity;q=0, gzip", "gzip"),
        ("identity;q=0, *", "zstd"),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.3, gzip;q=0.5", "gzip"),
        ("gzip;q=x, ;;,,", None),
    ],
)
def test_an_answer_is_encoded_as_the_client_likes_best(client, told, accepted, coding):
    response = ask(client, accepted)
    assert response.status_code == 200
    assert response.headers.get("Content-Encoding") == coding
    assert without_time(PLAIN[coding](response.data)) == told
    assert int(response.headers["Content-Length"]) == len(response.data)
    assert response.headers["Vary"] == "Accept, Accept-Encoding"
    if coding:
        assert len(response.data) < len(told) / 2


@pytest.mark.parametrize("accepted", ["*;q=0", "identity;q=0", "identity;q=0, br", "identity;q=0, gzip;q=0, zstd;q=0.0"])
def test_one_who_takes_nothing_that_is_made_is_told_what_is(client, accepted):
    response = ask(client, accepted)
    assert response.status_code == 406
    assert (
        f"Accept-Encoding {accepted!r} leaves no coding to answer in. Known: zstd, gzip, identity." in response.json["detail"]
    )


def test_a_short_answer_is_left_as_it_is_but_for_one_who_takes_no_other(client):
    assert "Content-Encoding" not in ask(client, "gzip", "/healthz").headers
    refused = ask(client, "gzip, identity;q=0", "/healthz")
    assert gzip.decompress(refused.data) == b"ok\n"


def test_what_is_no_text_is_left_as_it_is(client):
    response = ask(client, "gzip, zstd", "/collections/ports/items?f=gpkg&limit=1")
    assert response.data.startswith(b"SQLite format 3")
    assert "Content-Encoding" not in response.headers
    assert response.headers["Vary"] == "Accept, Accept-Encoding"  # the API says it of every form


@pytest.mark.parametrize(
    "path", ["/collections", "/collections/ports/items?f=csv", "/", "/collections/ports/items?region=" + "x" * 2000]
)
def test_pages_tables_and_problems_are_texts(client, path):
    response = ask(client, "gzip", path)
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.data)


def test_head_tells_the_headers_of_the_answer(client):
    whole, head = ask(client, "zstd"), ask(client, "zstd", method="HEAD")
    assert head.data == b""
    for name in ("Content-Encoding", "ETag", "Vary", "Content-Type"):
        assert head.headers[name] == whole.headers[name]


def test_the_tag_of_an_answer_is_weak_and_the_same_in_every_coding(client):
    tags = {ask(client, accepted).headers["ETag"] for accepted in (None, "gzip", "zstd")}
    assert len(tags) == 1
    tag = tags.pop()
    assert tag.startswith('W/"')
    held = client.get(ITEMS, headers={"If-None-Match": tag, "Accept-Encoding": "gzip"})
    assert (held.status_code, held.data, held.headers["ETag"]) == (304, b"", tag)
    assert held.headers["Vary"] == "Accept, Accept-Encoding"
    assert "Content-Encoding" not in held.headers


def test_built_files_are_compressed_and_their_tag_becomes_weak(client):
    plain, packed = client.get("/static/leaflet.js", buffered=True), ask(client, "zstd", "/static/leaflet.js", buffered=True)
    assert PLAIN["zstd"](packed.data) == plain.data
    assert packed.headers["ETag"] == "W/" + plain.headers["ETag"]
    held = client.get("/static/leaflet.js", headers={"If-None-Match": packed.headers["ETag"]}, buffered=True)
    assert held.status_code == 304


def test_a_part_of_a_file_is_a_part_of_the_file_as_it_is(client):
    asked = {"Range": "bytes=0-2999", "Accept-Encoding": "gzip"}
    part = client.get("/static/leaflet.js", headers=asked, buffered=True)
    assert part.status_code == 206
    assert len(part.data) == 3000
    assert "Content-Encoding" not in part.headers


def test_what_is_encoded_is_not_encoded_again_and_what_already_varies_goes_on_to(atlas):
    from flask import Response

    app = create_app(atlas)
    body = gzip.compress(b"x" * 5000)
    headers = {"Content-Encoding": "gzip", "Vary": "Accept"}
    app.add_url_rule("/packed", "packed", lambda: Response(body, headers=headers, mimetype="text/plain"))
    app.add_url_rule("/flowing", "flowing", lambda: Response(iter([b"x" * 5000]), mimetype="text/plain"))
    client = app.test_client()
    packed = ask(client, "gzip, zstd", "/packed")
    assert packed.data == body
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept, Accept-Encoding"
    assert "Content-Encoding" not in ask(client, "gzip", "/flowing").headers


@pytest.mark.parametrize("coding", compression.CODINGS)
def test_equal_answers_are_equal_bytes(coding):
    data = b'{"type":"FeatureCollection"}' * 100
    assert compression.encoded(data, coding) == compression.encoded(data, coding)
    assert PLAIN[coding](compression.encoded(data, coding)) == data
