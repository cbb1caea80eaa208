"""The addresses of OGC API – Features, and the search for regions: each is one line to what it answers."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import orjson
from flask import Blueprint, Response, g, jsonify, redirect, request

from geo.errors import InputError
from web.ogc import documents, items, openapi, parameters, render
from web.ogc.links import root
from web.ogc.negotiation import DEFINITION, DOCUMENT, HTML, ITEMS, QUERYABLES, Form, Offer, accepted

api = Blueprint("api", __name__)
_VERSION = version("corridor-atlas")

_FORM_ONLY = ("f",)


@api.before_request
def _unchanged() -> Response | None:
    """Answer 304 to one who holds what this address gives: nothing of it changes within a release."""
    if not request.headers.get("If-None-Match"):
        return None
    # Not contains_weak(): it takes the star as held, even for an address that does not exist.
    held = request.if_none_match.as_set(include_weak=True)
    return Response(status=304) if _tag() in held else None


@api.after_request
def _tagged(response: Response) -> Response:
    response.headers.add("Vary", "Accept, Accept-Encoding")
    if response.status_code in (200, 304):
        response.headers.add("ETag", f'W/"{_tag()}"')
    return response


def _tag() -> str:
    """Return what names this answer: the release, the program, since a newer one may write otherwise, address and form."""
    e = request.environ
    # The header Accept itself, not the form it leads to: finding that out would cost more than an answer that is sent anew.
    asked = "\0".join((e["PATH_INFO"], e["QUERY_STRING"], e.get("HTTP_ACCEPT", ""), e.get("HTTP_HOST", "")))
    return f"{g.catalog.release.id}-{_VERSION}-{zlib.crc32(asked.encode()):08x}"


def landing() -> Response:
    """The landing page for programs, and for people who ask for it by ``f=html``; others get the explorer."""
    return _answer(DOCUMENT, lambda form: documents.landing(root(), form, g.catalog), render.landing)


def wants_landing() -> bool:
    """Tell whether a request for ``/`` means the landing page and not the explorer.

    Browsers name HTML first. Programs take JSON, or say that they take anything, as OWSLib and curl do; one that says nothing
    gets the explorer, as does an address with the words of a view.
    """
    accept = request.headers.get("Accept", "")
    return "f" in request.args or (bool(accept) and not request.args and accepted(DOCUMENT, accept).word == "json")


@api.get("/api")
def definition() -> Response:
    """The description of the API."""
    return _answer(DEFINITION, lambda _: openapi.document(root(), g.catalog), render.definition)


@api.get("/api.html")
def definition_page() -> Response:
    """The description of the API as a page."""
    parameters.only(request.environ["QUERY_STRING"], ())
    return Response(render.definition(openapi.document(root(), g.catalog)), content_type=HTML)


@api.get("/conformance")
def conformance() -> Response:
    """The conformance classes."""
    return _answer(DOCUMENT, lambda form: documents.conformance(root(), form), render.conformance)


@api.get("/functions")
def functions() -> Response:
    """The functions of filters."""
    return _answer(DOCUMENT, lambda form: documents.functions(root(), form), render.functions)


@api.get("/collections")
def collections() -> Response:
    """Every layer."""
    return _answer(DOCUMENT, lambda form: documents.collections(root(), form, g.catalog), render.collections)


@api.get("/collections/<layer>")
def collection(layer: str) -> Response:
    """One layer: what it holds, how it is declared."""
    stored = g.catalog.layer(layer)
    return _answer(DOCUMENT, lambda form: documents.collection(root(), form, g.catalog, stored), render.collection)


@api.get("/collections/<layer>/queryables")
def queryables(layer: str) -> Response:
    """What a filter may name."""
    stored = g.catalog.layer(layer)
    return _answer(QUERYABLES, lambda form: documents.queryables(root(), form, stored), render.queryables)


@api.get("/collections/<layer>/schema")
def schema(layer: str) -> Response:
    """The shape of a layer's features."""
    stored = g.catalog.layer(layer)
    return _answer(QUERYABLES, lambda form: documents.schema(root(), form, stored), render.schema)


@api.get("/collections/<layer>/items")
def features(layer: str) -> Response:
    """A layer's features, all or those that answer a question."""
    stored = g.catalog.layer(layer)
    query = request.environ["QUERY_STRING"]
    # A form of a page sends the fields that were left empty; its address is kept free of them.
    if query and ("=&" in query or query.endswith("=")) and _is_page():
        return _filled(f"/collections/{stored.id}/items", query)
    return items.items(stored, g.catalog)


@api.get("/collections/<layer>/items/<path:feature>")
def feature(layer: str, feature: str) -> Response:
    """One feature with everything known of it."""
    return items.item(g.catalog.layer(layer), feature, g.catalog)


@api.get("/regions")
def regions() -> Response:
    """Regions whose names, in English, Russian or Hindi, begin with, contain or resemble ``q``."""
    given = parameters.only(request.environ["QUERY_STRING"], ("q", "limit"))
    limit = min(parameters.whole(given.get("limit", "8"), "limit", 1), 50)
    if "q" not in given:
        raise InputError(
            "q is missing: a name in English, Russian or Hindi, or an ISO 3166 code, for example /regions?q=Приморский."
        )
    found = g.catalog.find_regions(given["q"], limit=limit)
    keys = ("id", "kind", "country", "name", "name_ru", "name_hi")
    return jsonify(regions=[{k: getattr(m.region, k) for k in keys} | {"score": round(m.score, 3)} for m in found])


@api.get("/routes")
def routes() -> Response:
    """Ways by sea between two ends."""
    from web.ogc import voyages  # noqa: PLC0415  who asks for features needs no network

    query = request.environ["QUERY_STRING"]
    # What a browser sends of a form has empty fields; of a program an empty parameter is a fault.
    if query and ("=&" in query or query.endswith("=")) and "text/html" in request.headers.get("Accept", ""):
        return _filled("/routes", query)
    return voyages.routes()


@api.get("/exposure")
def exposure() -> Response:
    """What the closing of each passage costs the trade routes."""
    from web.ogc import voyages  # noqa: PLC0415  as above

    return voyages.exposure()


def _filled(path: str, query: str) -> Response:
    """Lead to the address of a form that was sent, free of the fields that were left empty."""
    filled = "&".join(pair for pair in query.split("&") if not pair.endswith("=") and not _of_no_box(pair, query))
    return redirect(f"{root()}{path}?{filled}", 303)  # type: ignore[return-value]


def _answer(offer: Offer, make: Callable[[Form], dict[str, Any]], page: Callable[[dict[str, Any]], str]) -> Response:
    """Return a document in the form asked for: as JSON, or as the page that shows it."""
    form = items.chosen(offer, parameters.only(request.environ["QUERY_STRING"], _FORM_ONLY))
    document = make(form)
    if form.word == "html":
        return Response(page(document), content_type=HTML)
    return Response(orjson.dumps(document, option=orjson.OPT_INDENT_2), content_type=form.media)


def _of_no_box(pair: str, query: str) -> bool:
    """Tell whether a pair says the system of a box whose field was emptied."""
    return pair.startswith("bbox-crs=") and "bbox=" in query.split("&")


def _is_page() -> bool:
    return request.args.get("f", "") == "html" or ("f" not in request.args and items.chosen(ITEMS, {}).word == "html")
