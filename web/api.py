"""Collections and their items, and the search for regions, over HTTP."""

from __future__ import annotations

import zlib
from importlib.metadata import version
from typing import Any

import orjson
from flask import Blueprint, Response, g, jsonify, request, url_for

from geo.errors import Faults, InputError, nearest
from layers.catalog import Selection
from layers.query import Question
from layers.release import StoredLayer
from web import payload, tables
from web.settings import DEFAULT_LIMIT, LARGEST_LIMIT, LONGEST_WORD
from web.tables import MEDIA_TYPES, Answer

api = Blueprint("api", __name__)
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_VERSION = version("corridor-atlas")
_ITEM_WORDS = ("region", "bbox", "near", "radius", "limit", "offset", "f")


@api.before_request
def _unchanged() -> Response | None:
    """Answer 304 to one who holds what this address gives: nothing of it changes within a release."""
    # Not contains_weak(): it takes the star as held, even for an address that does not exist.
    held = request.if_none_match.as_set(include_weak=True)
    return Response(status=304) if _tag() in held else None


@api.after_request
def _tagged(response: Response) -> Response:
    if response.status_code in (200, 304):
        response.set_etag(_tag(), weak=True)
    return response


def _tag() -> str:
    # The program's version is in it: what a newer one writes of the same release may differ.
    return f"{g.catalog.release.id}-{_VERSION}-{zlib.crc32(request.full_path.encode()):08x}"


@api.get("/collections")
def collections() -> Response:
    """Every layer."""
    _words(("f",))
    links = [_link("self", url_for("api.collections", _external=True), "application/json")]
    return jsonify(collections=[_collection(one) for one in g.catalog.layers], links=links)


@api.get("/collections/<layer>")
def collection(layer: str) -> Response:
    """One layer: what it holds, how it is declared."""
    _words(("f",))
    return jsonify(_collection(g.catalog.layer(layer)))


@api.get("/collections/<layer>/items")
def items(layer: str) -> Response:
    """A layer's features, all or by region, as GeoJSON, CSV, GeoPackage or a text table."""
    stored = g.catalog.layer(layer)
    given = _words(_ITEM_WORDS)
    form = given.pop("f", "geojson")
    write = tables.writer(form)
    limit, offset = _whole(given.pop("limit", str(DEFAULT_LIMIT)), "limit", 1), _whole(given.pop("offset", "0"), "offset", 0)
    region, bbox, near, radius = (given.get(w) for w in ("region", "bbox", "near", "radius"))
    question = Question(region, bbox, near, radius, limit=min(limit, LARGEST_LIMIT), offset=offset)
    selection = g.catalog.select(stored.id, question)
    answer = Answer(g.catalog, [selection])
    body = tables.geojson(answer, {"links": _paging(selection, question)}) if form == "geojson" else write(answer)
    response = Response(body, content_type=MEDIA_TYPES[form])
    if form in ("csv", "gpkg"):
        response.headers["Content-Disposition"] = f'attachment; filename="{stored.id}.{form}"'
    return response


@api.get("/collections/<layer>/items/<feature>")
def item(layer: str, feature: str) -> Response:
    """One feature with everything known of it."""
    _words(("f",))
    stored = g.catalog.layer(layer)
    found = stored.feature(stored.position(feature))
    here = url_for("api.item", layer=layer, feature=feature, _external=True)
    above = url_for("api.collection", layer=layer, _external=True)
    links = [_link("self", here, MEDIA_TYPES["geojson"]), _link("collection", above, "application/json")]
    members = {"sources": payload.cited([found], g.catalog), "release": g.catalog.release.id, "links": links}
    return Response(orjson.dumps({**found, **members}), content_type=MEDIA_TYPES["geojson"])


@api.get("/regions")
def regions() -> Response:
    """Regions whose names, in English, Russian or Hindi, begin with, contain or resemble ``q``."""
    given = _words(("q", "limit"))
    limit = min(_whole(given.get("limit", "8"), "limit", 1), 50)
    if "q" not in given:
        raise InputError(
            "q is missing: a name in English, Russian or Hindi, or an ISO 3166 code, for example /regions?q=Приморский."
        )
    found = g.catalog.find_regions(given["q"], limit=limit)
    keys = ("id", "kind", "country", "name", "name_ru", "name_hi")
    return jsonify(regions=[{k: getattr(m.region, k) for k in keys} | {"score": round(m.score, 3)} for m in found])


def _words(known: tuple[str, ...]) -> dict[str, str]:
    """Return the parameters of a request: each known and once (OGC API Features Part 1, /req/core/query-param-unknown)."""
    fault = Faults()
    for word in request.args:
        if word not in known:
            fault(f"{word!r} is not a parameter here. {nearest(word, known)}")
        elif len(request.args.getlist(word)) > 1:
            fault(f"{word} is given {len(request.args.getlist(word))} times. Give it once.")
        elif not request.args[word]:
            fault(f"{word} is empty. Leave it out, or give it a value.")
        elif len(request.args[word]) > LONGEST_WORD:
            fault(f"{word} is {len(request.args[word])} characters long; at most {LONGEST_WORD} are read.")
    fault.throw()
    return request.args.to_dict()


def _whole(text: str, word: str, least: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) >= least):
        raise InputError(f"{word} {text!r} is not a whole number from {least}.")
    return int(text)


def _collection(stored: StoredLayer) -> dict[str, Any]:
    about = stored.about
    bounds = stored.bounds
    here = url_for("api.collection", layer=stored.id, _external=True)
    there = url_for("api.items", layer=stored.id, _external=True)
    least, most = bounds.min(axis=0).tolist(), bounds.max(axis=0).tolist()
    crosses = bool((bounds[:, 0] > bounds[:, 2]).any())
    box = [-180.0 if crosses else least[0], least[1], 180.0 if crosses else most[2], most[3]]
    return {
        "id": stored.id,
        "title": about["title"]["en"],
        "description": about["description"],
        "itemType": "feature",
        "extent": {"spatial": {"bbox": [box], "crs": CRS84}},
        "crs": [CRS84],
        "license": about["licence"],
        "features": len(stored),
        "release": g.catalog.release.id,
        "fields": about["fields"],
        "rule": about["rule"],
        "links": [_link("self", here, "application/json"), _link("items", there, MEDIA_TYPES["geojson"])],
    }


def _paging(selection: Selection, question: Question) -> list[dict[str, str]]:
    asked = {k: v for k, v in request.args.items() if k != "offset"}
    here = url_for("api.items", layer=selection.layer.id, _external=True, **request.args.to_dict())
    links = [_link("self", here, MEDIA_TYPES["geojson"])]
    after = question.offset + len(selection)
    if after < selection.matched:
        following = url_for("api.items", layer=selection.layer.id, _external=True, **asked, offset=after)
        links.append(_link("next", following, MEDIA_TYPES["geojson"]))
    above = url_for("api.collection", layer=selection.layer.id, _external=True)
    return [*links, _link("collection", above, "application/json")]


def _link(rel: str, href: str, media: str) -> dict[str, str]:
    return {"rel": rel, "href": href, "type": media}
