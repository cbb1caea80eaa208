"""What the resources hold beside the features: one dictionary each, rendered as JSON or as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from geo.antimeridian import tight_box
from geo.crs import CRS84, CRS84H, SYSTEMS
from layers import Catalog
from layers.release import Release, StoredLayer
from web.ogc.links import RELATION, Link, forms, link
from web.ogc.negotiation import DOCUMENT, ITEMS, OPENAPI, QUERYABLES, SCHEMA, Form

if TYPE_CHECKING:
    from layers.cql2 import Function

TITLE = "Corridor Atlas"
_FEATURES = "http://www.opengis.net/spec/ogcapi-features-{}/1.0/conf/{}".format
_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/{}".format
CONFORMANCE = (
    *(_FEATURES(1, c) for c in ("core", "oas30", "html", "geojson")),
    _FEATURES(2, "crs"),
    *(_FEATURES(3, c) for c in ("queryables", "filter", "features-filter")),
    *(
        _CQL2(c)
        for c in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "accent-insensitive-comparison",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "spatial-functions",
            "temporal-functions",
            "array-functions",
            "property-property",
            "functions",
            "arithmetic",
        )
    ),
)
CRS_LIST = [one.uri for one in SYSTEMS]
BOX_CRS_LIST = [CRS84, CRS84H, *CRS_LIST[1:]]
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
_GEOMETRIES = {
    "point": "geometry-point",
    "line": "geometry-linestring-or-multilinestring",
    "polygon": "geometry-polygon-or-multipolygon",
    "mixed": "geometry-any",
}
_TYPES: Mapping[str, Mapping[str, Any]] = {
    "date": {"type": "string", "format": "date"},
    "timestamp": {"type": "string", "format": "date-time"},
    "array": {"type": "array", "items": {"type": ["string", "number", "boolean"]}},
}
_EXTENTS: WeakKeyDictionary[Release, dict[str, dict[str, Any]]] = WeakKeyDictionary()


def description(catalog: Catalog) -> str:
    """Return what the atlas itself holds, in words: the layers of this release, without what was imported."""
    own = [one.about["title"]["en"] for one in catalog.layers if not one.about["imported"]]
    names = [title[:1].lower() + title[1:] for title in own]
    listed = " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
    return f"The India–Russia strategic-minerals corridor: {listed}, every value with its source."


def landing(root: str, form: Form, catalog: Catalog) -> dict[str, Any]:
    """Return the landing page."""
    links = [
        *forms(f"{root}/", DOCUMENT, form),
        link("service-desc", f"{root}/api", OPENAPI, "this API, described in OpenAPI 3.0"),
        link("service-doc", f"{root}/api.html", "text/html", "this API, to read"),
        link("conformance", f"{root}/conformance", "application/json", "the standards that this API keeps"),
        link("data", f"{root}/collections", "application/json", "the layers"),
        link(RELATION("functions"), f"{root}/functions", "application/json", "the functions of filters"),
    ]
    return {"title": TITLE, "description": description(catalog), "links": links}


def conformance(root: str, form: Form) -> dict[str, Any]:
    """Return the conformance classes."""
    return {"conformsTo": list(CONFORMANCE), "links": forms(f"{root}/conformance", DOCUMENT, form)}


def functions(root: str, form: Form) -> dict[str, Any]:
    """Return the functions that a filter may call."""
    from layers import cql2  # noqa: PLC0415  its kernels take longer to load than all else, and few ask for its functions

    return {"functions": [_function(one) for one in cql2.FUNCTIONS], "links": forms(f"{root}/functions", DOCUMENT, form)}


def collections(root: str, form: Form, catalog: Catalog) -> dict[str, Any]:
    """Return every layer; ``crs`` is the list that all of them have."""
    return {
        "title": TITLE,
        "description": description(catalog),
        "links": forms(f"{root}/collections", DOCUMENT, form),
        "crs": CRS_LIST,
        "collections": [collection(root, DOCUMENT.forms[0], catalog, one) for one in catalog.layers],
    }


def collection(root: str, form: Form, catalog: Catalog, layer: StoredLayer) -> dict[str, Any]:
    """Return one layer: what it holds, how it is declared, where its features are."""
    about = layer.about
    here = f"{root}/collections/{layer.id}"
    return {
        "id": layer.id,
        "title": about["title"]["en"],
        "description": about["description"],
        "itemType": "feature",
        "extent": _extent(catalog.release, layer),
        # Spelt out, not "#/crs": so the object says the same in the list and on its own.
        "crs": CRS_LIST,
        "storageCrs": CRS84,
        "license": about["licence"],
        "features": len(layer),
        "release": catalog.release.id,
        "fields": about["fields"],
        "rule": about["rule"],
        "imported": about.get("imported"),
        "links": [*forms(here, DOCUMENT, form), *_collection_links(here)],
    }


def queryables(root: str, form: Form, layer: StoredLayer) -> dict[str, Any]:
    """Return the properties that a filter may name, as JSON Schema (Part 3, /req/queryables/get-queryables-response)."""
    here = f"{root}/collections/{layer.id}/queryables"
    about = layer.about
    title = f"Queryables of {about['title']['en']}"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": here,
        "type": "object",
        "title": title,
        "description": "What filter and sortby may name.",
        "properties": {**_geometry(about), **{q["id"]: _property(q) for q in about["queryables"]}},
        "additionalProperties": False,
        "links": [*forms(here, QUERYABLES, form), link("collection", f"{root}/collections/{layer.id}", "application/json")],
    }


def _function(function: Function) -> dict[str, Any]:
    # Part 3, /req/filter/get-functions-response-json calls "arguments" what the standard of the language calls "args".
    arguments = [{"title": one.title, "type": list(one.types)} for one in function.args]
    return {
        "name": function.name,
        "description": function.description,
        "arguments": arguments,
        "returns": list(function.returns),
    }


def schema(root: str, form: Form, layer: StoredLayer) -> dict[str, Any]:
    """Return the shape of a layer's features in GeoJSON, as JSON Schema: from it GDAL takes the types of its fields."""
    here = f"{root}/collections/{layer.id}/schema"
    about = layer.about
    known = {q["id"]: _whole_as_number(_property(q)) for q in about["queryables"]}
    title = f"Features of {about['title']['en']}"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": here,
        "type": "object",
        "title": title,
        "description": "The types of values; a property without a value is null.",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "const": "Feature"},
            "id": {"type": "string"},
            "geometry": {"type": "object", "format": _GEOMETRIES[about["geometry"]]},
            "properties": {
                "type": "object",
                "properties": {name: known[name] for name in about["properties"] if name in known},
            },
        },
        "links": [*forms(here, QUERYABLES, form), link("collection", f"{root}/collections/{layer.id}", "application/json")],
    }


def _whole_as_number(schema: dict[str, Any]) -> dict[str, Any]:
    # GDAL takes "integer" for one of 32 bits; a population or a tonnage needs more.
    return {**schema, "type": "number", "multipleOf": 1} if schema["type"] == "integer" else schema


def _collection_links(here: str) -> list[Link]:
    links = [link("items", f"{here}/items?f={form.word}", form.named, f"the features, {form.word}") for form in ITEMS.forms]
    return [
        *links,
        link("describedby", f"{here}/schema", SCHEMA, "the shape of the features"),
        link(RELATION("queryables"), f"{here}/queryables", SCHEMA, "what a filter may name"),
    ]


def _extent(release: Release, layer: StoredLayer) -> dict[str, Any]:
    kept = _EXTENTS.setdefault(release, {})
    if layer.id not in kept:
        extent: dict[str, Any] = {}
        box = tight_box(layer.bounds)
        if box is not None:
            extent["spatial"] = {"bbox": [list(box)], "crs": CRS84}
        temporal = layer.about.get("temporal")
        if temporal:
            extent["temporal"] = {"interval": [temporal["interval"]], "trs": GREGORIAN}
        kept[layer.id] = extent
    return kept[layer.id]


def _geometry(about: Mapping[str, Any]) -> dict[str, Any]:
    return {"geometry": {"title": "Geometry", "x-ogc-role": "primary-geometry", "format": _GEOMETRIES[about["geometry"]]}}


def _property(queryable: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"title": queryable["title"], **_TYPES.get(queryable["type"], {"type": queryable["type"]})}
    if queryable.get("enum"):
        made["enum"] = list(queryable["enum"])
    if queryable.get("unit"):
        made["x-ogc-unit"] = queryable["unit"]
    return made
