"""The pages of the API: what the JSON of a resource holds, for people to read, in the explorer's look."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from flask import g, render_template, url_for

from geo.crs import SYSTEMS
from layers.release import StoredLayer
from web import brought
from web.ogc.links import root, segment
from web.settings import LARGEST_LIMIT
from web.tables import MEDIA_TYPES

Json = Mapping[str, Any]
_OPTIONS = frozenset(("region", "bbox", "near", "radius", "filter", "datetime", "sortby", "properties"))
"""Parameters that ``corridor query`` has too."""

_EXAMPLES = {"number": "{} > 1000", "integer": "{} > 1000", "string": "{} LIKE 'a%'"}


def landing(document: Json) -> str:
    """Return the landing page."""
    return page("landing", document, title=document["title"], description=document["description"])


def conformance(document: Json) -> str:
    """Return the page of the conformance classes."""
    parts = {
        "OGC API – Features, Part 1: Core": "/ogcapi-features-1/",
        "Part 2: Coordinate Reference Systems by Reference": "/ogcapi-features-2/",
        "Part 3: Filtering": "/ogcapi-features-3/",
        "Common Query Language (CQL2)": "/cql2/",
    }
    groups = [(t, [(u.rpartition("/")[2], u) for u in document["conformsTo"] if part in u]) for t, part in parts.items()]
    return page("conformance", document, title="Conformance", groups=groups, place="api", crumbs=crumbs())


def functions(document: Json) -> str:
    """Return the page of the functions."""
    return page("functions", document, title="Functions", place="api", crumbs=crumbs())


def collections(document: Json) -> str:
    """Return the page of the layers."""
    undrawn = {one.id: not_drawn(one) for one in g.catalog.layers}
    return page("collections", document, title="Layers", place="collections", undrawn=undrawn)


def collection(document: Json) -> str:
    """Return the page of one layer."""
    extent = document["extent"]
    boxes = extent.get("spatial", {}).get("bbox", [None])
    times = extent.get("temporal", {}).get("interval", [None])
    stored = g.catalog.layer(document["id"])
    return page(
        "collection",
        document,
        title=document["title"],
        description=document["description"],
        here=here(document["id"]),
        crumbs=[*crumbs(), ("Layers", f"{root()}/collections?f=html")],
        place="collections",
        box=_box(boxes[0]) if boxes[0] else "",
        times=" to ".join(end[:10] if end else "open" for end in times[0]) if times[0] else "",
        systems=", ".join(one.code for one in SYSTEMS),
        downloads=downloads(f"{here(document['id'])}/items?"),
        shortened=shortened(stored.id, len(stored), {}),
        undrawn=not_drawn(stored),
        timed=bool(stored.about["temporal"]),
        example=example(stored),
    )


def queryables(document: Json) -> str:
    """Return the page of what a filter may name."""
    layer = document["$id"].rsplit("/", 2)[1]
    above = crumbs(g.catalog.layer(layer))
    return page("queryables", document, title=document["title"], crumbs=above, place="collections")


def schema(document: Json) -> str:
    """Return the page of the shape of a layer's features."""
    layer = document["$id"].rsplit("/", 2)[1]
    above = crumbs(g.catalog.layer(layer))
    shape = document["properties"]["properties"]["properties"]
    return page("schema", document, title=document["title"], crumbs=above, place="collections", shape=shape)


def definition(document: Json) -> str:
    """Return the description of the API as a page."""
    operations: dict[str, list[Json]] = {}
    for path, methods in document["paths"].items():
        operation = methods["get"]
        operations.setdefault(operation["tags"][0], []).append(_operation(path, operation, document["components"]))
    groups = [(tag, operations.get(tag["name"], [])) for tag in document["tags"]]
    links = [{"rel": "alternate", "href": f"{root()}/api", "type": "application/json", "title": "as JSON"}]
    return page("api", {**document, "links": links}, title="API", groups=groups, place="api")


def page(template: str, document: Json, **more: Any) -> str:
    """Return a page; ``more`` are the words of its template."""
    return render_template(
        f"ogc/{template}.html",
        **{"description": "", "crumbs": (), "place": "", "example": "", **more},
        document=document,
        links=document["links"],
        root=root(),
        styles=[url_for("pages.static", name="atlas.css")],
        scripts=[url_for("pages.static", name="atlas.js")],
        release=g.catalog.release.id,
    )


def here(layer: str) -> str:
    """Return the address of a layer."""
    return f"{root()}/collections/{segment(layer)}"


def crumbs(layer: StoredLayer | None = None, *, items: bool = False) -> list[tuple[str, str]]:
    """Return the names and addresses of what stands above a page."""
    above = [("Service", f"{root()}/?f=html")]
    if layer is not None:
        title = layer.about["title"]["en"]
        above += [("Layers", f"{root()}/collections?f=html"), (title, f"{here(layer.id)}?f=html")]
    if layer is not None and items:
        above.append(("Features", f"{here(layer.id)}/items?f=html"))
    return above


def not_drawn(layer: StoredLayer) -> str:
    """Return why the explorer does not draw a layer, nothing where it does."""
    return "" if brought.fits(layer) else f"Not drawn on the map as a whole: {brought.why_not(len(layer))}."


def downloads(start: str) -> list[Json]:
    """Return the buttons that give an answer as files, the largest page of it; ``start`` is its address up to there."""
    words = {"geojson": "GeoJSON", "csv": "CSV", "gpkg": "GeoPackage", "parquet": "GeoParquet", "kml": "KML"}
    return [
        {"name": name, "href": f"{start}limit={LARGEST_LIMIT}&f={word}", "type": MEDIA_TYPES[word].partition(";")[0]}
        for word, name in words.items()
    ]


def shortened(layer: str, matched: int, words: Mapping[str, str]) -> Json | None:
    """Return how much of an answer the files hold, and the command that writes the whole; None where they hold it.

    There is no command where a word is one that only the API has.
    """
    if matched <= LARGEST_LIMIT:
        return None
    span = f"the first {LARGEST_LIMIT:,} of {matched:,}"
    if any(word not in _OPTIONS for word in words):
        return {"span": span, "command": None}
    options = [part for word, text in words.items() for part in (f"--{word}", text)]
    return {"span": span, "command": shlex.join(["corridor", "query", layer, *options, "-o", f"{layer}.csv"])}


def _box(box: Sequence[float]) -> str:
    west, south, east, north = box
    return f"{_degrees(west, 'EW')} to {_degrees(east, 'EW')}, {_degrees(south, 'NS')} to {_degrees(north, 'NS')}"


def _degrees(value: float, signs: str) -> str:
    return f"{abs(value):.4g}° {signs[value < 0]}"


def example(layer: StoredLayer) -> str:
    """Return a condition that this layer understands."""
    for queryable in layer.about["queryables"]:
        if queryable.get("enum"):
            return f"{queryable['id']} = '{queryable['enum'][0]}'"
    plain = [q for q in layer.about["queryables"] if q["type"] in _EXAMPLES]
    return _EXAMPLES[plain[0]["type"]].format(plain[0]["id"]) if plain else ""


def _operation(path: str, operation: Json, components: Json) -> Json:
    responses = operation["responses"]
    return {
        "path": path,
        "summary": operation["summary"],
        "parameters": [_parameter(one, components) for one in operation["parameters"]],
        "media": list(responses["200"]["content"]),
        "fails": [status for status in responses if status >= "400"],
        "example": "" if "{" in path or path in ("/regions", "/routes") else root() + path,
    }


def _parameter(given: Json, components: Json) -> Json:
    parameter = components["parameters"][given["$ref"].rpartition("/")[2]] if "$ref" in given else given
    schema = parameter["schema"]
    words = (schema.get("items") or schema).get("enum")
    span = [f"{name} {schema[name]:,}" for name in ("minimum", "maximum", "default") if isinstance(schema.get(name), int)]
    plain = [word for word in words or () if not word.startswith(("-", "+"))]
    return {
        "name": parameter["name"],
        "required": parameter.get("required"),
        "description": parameter["description"],
        "takes": ", ".join(plain) or f"{schema['type']}{': ' if span else ''}{', '.join(span)}",
    }
