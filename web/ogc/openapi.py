"""The description of the API in OpenAPI 3.0: whole in itself, each layer with paths of its own.

Each layer has its own paths because each has its own properties to sort and choose by; what all have in common stands in
the components.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from layers import Catalog
from layers.query import FILTER_LANGUAGES
from layers.release import StoredLayer
from layers.ships import DEFAULT_SPEED_KN, DRAUGHTS_M, MOST_ALTERNATIVES, SPEEDS_KN
from web.ogc import schemas
from web.ogc.documents import BOX_CRS_LIST, CRS_LIST, TITLE, description
from web.ogc.negotiation import DEFINITION, DOCUMENT, EXPOSURE, FEATURE, HTML, ITEMS, QUERYABLES, ROUTES, Offer
from web.settings import DEFAULT_LIMIT, LARGEST_LIMIT, LONGEST_FILTER, LONGEST_WORD

Json = dict[str, Any]
_TEXT = r"^[^\x00-\x1f\x7f-\x9f]+$"
# A year 0 and a thirteenth month are refused; how many days a month has is more than a pattern can say.
_YEAR = r"([1-9]\d{3}|\d[1-9]\d{2}|\d{2}[1-9]\d|\d{3}[1-9])"
_DAY = _YEAR + r"-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
_TIME = _DAY + rf"([Tt]{_CLOCK}:[0-5]\d(\.\d+)?([Zz]|[+-]{_CLOCK}))?"
_LENGTH = r"^\s*[0-9]*\.?[0-9]+([eE][+-]?[0-9]+)?\s*([kK]?[mM]|[nN][mM][iI]?|[mM][iI])\s*$"
_PROBLEMS = {
    "400": "BadRequest",
    "404": "NotFound",
    "406": "NotAcceptable",
    "413": "TooLarge",
    "414": "TooLong",
    "431": "HeadersTooLarge",
    "500": "ServerError",
    "503": "TooMuch",
}


def document(root: str, catalog: Catalog) -> Json:
    """Return the OpenAPI document of a release."""
    return {
        "openapi": "3.0.3",
        "info": {
            "title": TITLE,
            "version": version("corridor-atlas"),
            "description": f"{description(catalog)} Release {catalog.release.id}.",
            "license": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
        },
        "servers": [{"url": root}],
        "tags": [{"name": name, "description": said} for name, said in _TAGS.items()],
        "paths": _paths(catalog),
        "components": {
            "schemas": schemas.SCHEMAS,
            "parameters": _parameters(),
            "responses": _responses(),
        },
    }


_TAGS = {
    "service": "What this service is and can do",
    "collections": "The layers, and what may be asked of them",
    "features": "The features of the layers",
    "regions": "Names of regions",
    "routes": "Ways by sea, and what the closing of a passage costs",
}


def _paths(catalog: Catalog) -> Json:
    paths = {
        "/": _get("landing", "service", "The landing page; the explorer where HTML is asked for", DOCUMENT, "Landing"),
        "/api": _get("definition", "service", "This document", DEFINITION, "Definition"),
        "/api.html": _page("definitionPage", "This document as a page"),
        "/conformance": _get("conformance", "service", "The conformance classes that this API keeps", DOCUMENT, "Conformance"),
        "/functions": _get("functions", "service", "The functions that a filter may call", DOCUMENT, "Functions"),
        "/collections": _get("collections", "collections", "The layers", DOCUMENT, "Collections"),
    }
    for layer in catalog.layers:
        paths |= _layer_paths(layer)
    regions = _get("regions", "regions", "Regions by a name in English, Russian or Hindi", DOCUMENT, "Regions")
    operation = regions["get"]
    operation["parameters"] = [_ref("parameters", "q"), _ref("parameters", "regionsLimit")]
    operation["responses"]["200"]["content"].pop("text/html")
    return {**paths, "/regions": regions, **_route_paths()}


def _route_paths() -> Json:
    routes = _get(
        "routes", "routes", "Ways by sea between two ends, best first, and the land corridors that join them", ROUTES, "Routes"
    )
    routes["get"]["parameters"] = [*_of_routes(), _ref("parameters", "fFeature")]
    routes["get"]["responses"]["303"] = {"description": "A form with empty fields was sent: the address without them."}
    exposure = _get("exposure", "routes", "What the closing of each passage costs each trade route", EXPOSURE, "Exposure")
    exposure["get"]["parameters"] = [_ref("parameters", "fExposure")]
    return {"/routes": routes, "/exposure": exposure}


def _of_routes() -> list[Json]:
    """Return the parameters of routes in the order in which one asks."""
    from geo.network import lanes  # noqa: PLC0415  who asks for features needs no network

    text = _of_regions()[0]["schema"]
    place = "a port's name or id, layer/id, or longitude,latitude."
    return [
        {**_query("from", f"Where the voyage begins: {place}", text), "required": True},
        {**_query("to", f"Where it ends: {place}", text), "required": True},
        _list("close", sorted(lanes().passages), "Passages not to use."),
        _list("open", sorted(lanes().passages), "Passages to use that are closed unless they are opened by name."),
        _query("avoid", "Regions whose waters to keep out of.", {"type": "array", "items": text, "minItems": 1}),
        _query("date", "The day of the voyage; without it no season is assumed.", {"type": "string", "pattern": f"^{_DAY}$"}),
        _query("speed", "The speed in knots.", _number(SPEEDS_KN, DEFAULT_SPEED_KN)),
        _query("ice_class", "The ice class of the ship; without it she has none.", text),
        _query("draught", "The draught in metres.", _number(DRAUGHTS_M)),
        _query(
            "alternatives",
            "So many ways at most, which differ in the passages that they use.",
            {"type": "integer", "minimum": 1, "maximum": MOST_ALTERNATIVES, "default": 1},
        ),
    ]


def _number(span: tuple[float, float], default: float | None = None) -> Json:
    made: Json = {"type": "number", "minimum": span[0], "maximum": span[1]}
    return made if default is None else {**made, "default": default}


def _layer_paths(layer: StoredLayer) -> Json:
    title, here, name = layer.about["title"]["en"], f"/collections/{layer.id}", layer.id
    items = _get(f"items-{name}", "features", f"Features of {title}", ITEMS, "FeatureCollection")
    items["get"]["parameters"] += [_ref("parameters", word) for word in _ITEM_PARAMETERS]
    items["get"]["parameters"] += _named(layer)
    items["get"]["parameters"][0] = _ref("parameters", "fItems")
    items["get"]["responses"]["200"]["headers"] = _CRS_HEADER
    items["get"]["responses"]["303"] = _ref("responses", "Filled")
    item = _get(f"item-{name}", "features", f"One feature of {title}", FEATURE, "Feature")
    item["get"]["parameters"] = [_feature_id(), _ref("parameters", "fFeature"), _ref("parameters", "crs")]
    item["get"]["responses"]["200"]["headers"] = _CRS_HEADER
    return {
        here: _get(f"collection-{name}", "collections", title, DOCUMENT, "Collection"),
        f"{here}/queryables": _get(
            f"queryables-{name}", "collections", f"What filters may name in {title}", QUERYABLES, "Queryables"
        ),
        f"{here}/schema": _get(
            f"schema-{name}", "collections", f"The shape of the features of {title}", QUERYABLES, "Queryables"
        ),
        f"{here}/items": items,
        f"{here}/items/{{featureId}}": item,
    }


_ITEM_PARAMETERS = (
    "bbox",
    "bbox-crs",
    "datetime",
    "limit",
    "offset",
    "crs",
    "filter",
    "filter-lang",
    "filter-crs",
    "region",
    "near",
    "radius",
)
_CRS_HEADER = {
    "Content-Crs": {
        "description": "The coordinate reference system of the answer (OGC API – Features, Part 2).",
        "schema": {"type": "string", "enum": [f"<{uri}>" for uri in CRS_LIST]},
    }
}


def _get(name: str, tag: str, summary: str, offer: Offer, schema: str) -> Json:
    content: Json = {}
    for form in offer.forms:
        # What is no JSON is text or bytes.
        is_json = form.bare.endswith("json")
        content[form.named] = {"schema": _ref("schemas", schema) if is_json else {"type": "string", **_binary(form.bare)}}
    responses = {"200": {"description": summary, "content": content}, "304": _ref("responses", "NotModified")}
    responses |= {status: _ref("responses", response) for status, response in _PROBLEMS.items()}
    return {
        "get": {
            "operationId": name,
            "tags": [tag],
            "summary": summary,
            "parameters": [_ref("parameters", "f")],
            "responses": responses,
        }
    }


def _page(name: str, summary: str) -> Json:
    page = _get(name, "service", summary, DOCUMENT, "Landing")
    page["get"]["parameters"] = []
    page["get"]["responses"]["200"]["content"].pop("application/json")
    return page


def _binary(media: str) -> Json:
    return {} if media.startswith("text/") or media.endswith("xml") else {"format": "binary"}


def _named(layer: StoredLayer) -> list[Json]:
    """Return the parameters whose values are the names of a layer's properties."""
    orders = [q["id"] for q in layer.about["queryables"] if q["type"] != "array"]
    kept = layer.about["properties"]
    return [
        _list("sortby", [sign + name for name in _listable(orders) for sign in ("", "-", "+")], _SORTBY),
        _list("properties", list(_listable(kept)), "The properties that the answer keeps."),
    ]


_SORTBY = "Properties to sort by, the first before the second; a minus sign sorts from the highest to the lowest."


def _listable(names: Iterable[str]) -> list[str]:
    return [name for name in names if "," not in name and name == name.strip()]


def _list(name: str, values: list[str], description: str) -> Json:
    items: Json = {"type": "string", **({"enum": values} if values else {})}
    return _query(name, description, {"type": "array", "items": items, "minItems": 1})


def _feature_id() -> Json:
    return {
        "name": "featureId",
        "in": "path",
        "required": True,
        "description": "The id of a feature.",
        "schema": {"type": "string", "minLength": 1},
    }


def _parameters() -> Mapping[str, Json]:
    """Return the parameters that many paths have."""
    offers = {"f": DOCUMENT, "fItems": ITEMS, "fFeature": FEATURE, "fExposure": EXPOSURE}
    forms = {key: _query("f", _F, {"type": "string", "enum": offer.words}) for key, offer in offers.items()}
    return forms | {parameter["name"]: parameter for parameter in (*_standard(), *_of_regions())} | _of_region_search()


_F = "The format of the answer; without it the header Accept decides."


def _standard() -> list[Json]:
    return [
        _query(
            "bbox",
            "A box: the lower left corner, then the upper right one, in the order of the axes of bbox-crs; six numbers carry "
            "heights, which are not looked at. In longitude and latitude a west above the east crosses 180°.",
            {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6, "oneOf": [_size(4), _size(6)]},
        ),
        _query("bbox-crs", "The reference system of bbox.", _uri(BOX_CRS_LIST)),
        _query(
            "datetime",
            "A date or a time of RFC 3339, or two of them with a slash between and .. for an open end: features whose time "
            "meets it. A layer without times has none.",
            {"type": "string", "pattern": rf"^({_TIME}|{_TIME}/(\.\.|{_TIME})?|(\.\.)?/{_TIME})$"},
        ),
        _query(
            "limit",
            "How many features a page has; more than the maximum is the maximum.",
            {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
        ),
        _query(
            "offset",
            "How many features stand before the page.",
            {"type": "integer", "minimum": 0, "maximum": 999_999_999, "default": 0},
        ),
        _query("crs", "The reference system of the coordinates in the answer.", _uri(CRS_LIST)),
        _query(
            "filter",
            "A condition in CQL2 (OGC 21-065) over the layer's queryables.",
            {"type": "string", "minLength": 1, "maxLength": LONGEST_FILTER},
        ),
        _query(
            "filter-lang",
            "The language of filter.",
            {"type": "string", "enum": list(FILTER_LANGUAGES), "default": FILTER_LANGUAGES[0]},
        ),
        _query("filter-crs", "The reference system of the coordinates in filter.", _uri(CRS_LIST)),
    ]


def _of_regions() -> list[Json]:
    text = {"type": "string", "minLength": 1, "maxLength": LONGEST_WORD, "pattern": _TEXT}
    return [
        _query("region", "A region's name in English, Russian or Hindi, or its ISO 3166 code.", text),
        _query("near", "A place: a feature's name or id, or longitude,latitude; with radius.", text),
        _query(
            "radius",
            "How far round near, along the Earth, with its unit: 300km, 200nm, 50mi.",
            {"type": "string", "maxLength": LONGEST_WORD, "pattern": _LENGTH},
        ),
    ]


def _of_region_search() -> dict[str, Json]:
    name = _query("q", "A name, whole, begun or misspelt.", _of_regions()[0]["schema"])
    most = {"type": "integer", "minimum": 1, "maximum": 999_999_999, "default": 8}
    return {
        "q": {**name, "required": True},
        "regionsLimit": _query("limit", "How many regions; more than 50 are 50.", most),
    }


def _size(count: int) -> Json:
    return {"minItems": count, "maxItems": count}


def _uri(values: Iterable[str]) -> Json:
    return {"type": "string", "format": "uri", "enum": list(values), "default": CRS_LIST[0]}


def _query(name: str, description: str, schema: Json) -> Json:
    # OGC API Features Part 1, /req/core/fc-bbox-definition: style form, not exploded.
    shape = {"in": "query", "required": False, "style": "form", "explode": False}
    return {"name": name, "description": description, **shape, "schema": schema}


def _responses() -> Json:
    said = {
        "BadRequest": "A parameter that is not known or not right: each fault is said, with the parameter's name.",
        "NotFound": "There is no such layer, feature, region or place.",
        "NotAcceptable": "The header Accept, or Accept-Encoding, takes nothing that this address can give.",
        "TooLarge": "The request has a body that is too large.",
        "TooLong": "The address is too long.",
        "HeadersTooLarge": "The headers are too large.",
        "ServerError": "A fault of ours.",
        "TooMuch": "The answer took longer than it may, or there is no release yet.",
    }
    content = {"application/problem+json": {"schema": _ref("schemas", "Problem")}, HTML.partition(";")[0]: {"schema": _STRING}}
    made: Json = {name: {"description": words, "content": content} for name, words in said.items()}
    return {
        **made,
        "NotModified": {"description": "What the client holds is still what this address gives."},
        "Filled": {
            "description": "The page of the same question, without the fields that a form left empty.",
            "headers": {"Location": {"description": "Its address.", "schema": {**_STRING, "format": "uri"}}},
        },
    }


_STRING = {"type": "string"}


def _ref(part: str, name: str) -> Json:
    return {"$ref": f"#/components/{part}/{name}"}
