"""The pages of the API: what the JSON of a resource holds, for people to read, in the explorer's look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask import g, render_template, url_for

from geo.boundaries import load as load_boundaries
from geo.crs import SYSTEMS
from layers.catalog import Catalog, Selection
from layers.release import POSSIBLE, StoredLayer
from web.ogc.links import Link, root, segment
from web.tables import amount

if TYPE_CHECKING:
    from web.ogc.items import Asked

Json = Mapping[str, Any]
_COLUMNS = 8
_ASKED = ("region", "bbox", "near", "radius", "filter", "datetime")
_TOO_LONG = 160
_EXAMPLES = {"number": "{} > 1000", "integer": "{} > 1000", "string": "{} LIKE 'a%'"}
_LANGUAGES = {"name_ru": "Name in Russian", "name_hi": "Name in Hindi"}
_NEAR = "300km"


class Notes:
    """Numbers the sources in the order in which a page cites them."""

    def __init__(self, known: Mapping[str, Json]) -> None:
        self._known = known
        self._numbers: dict[str, int] = {}

    def number(self, source: str | None) -> int | None:
        """Return the number of a source, None where there is none of that id."""
        if source is None or source not in self._known:
            return None
        return self._numbers.setdefault(source, len(self._numbers) + 1)

    def title(self, source: str | None) -> str:
        """Return whom a source is by and what it is called."""
        found = self._known.get(source or "")
        return f"{found['publisher']}. {found['title']}" if found else ""

    @property
    def cited(self) -> list[Json]:
        """The sources that were cited, in order."""
        return [self._known[source] for source in self._numbers]


def landing(document: Json) -> str:
    """Return the landing page."""
    return _page("landing", document, title=document["title"], description=document["description"])


def conformance(document: Json) -> str:
    """Return the page of the conformance classes."""
    parts = {
        "OGC API – Features, Part 1: Core": "/ogcapi-features-1/",
        "Part 2: Coordinate Reference Systems by Reference": "/ogcapi-features-2/",
        "Part 3: Filtering": "/ogcapi-features-3/",
        "Common Query Language (CQL2)": "/cql2/",
    }
    groups = [(t, [(u.rpartition("/")[2], u) for u in document["conformsTo"] if part in u]) for t, part in parts.items()]
    return _page("conformance", document, title="Conformance", groups=groups, place="api", crumbs=_crumbs())


def functions(document: Json) -> str:
    """Return the page of the functions."""
    return _page("functions", document, title="Functions", place="api", crumbs=_crumbs())


def collections(document: Json) -> str:
    """Return the page of the layers."""
    return _page("collections", document, title="Layers", place="collections")


def collection(document: Json) -> str:
    """Return the page of one layer."""
    extent = document["extent"]
    boxes = extent.get("spatial", {}).get("bbox", [None])
    times = extent.get("temporal", {}).get("interval", [None])
    stored = g.catalog.layer(document["id"])
    return _page(
        "collection",
        document,
        title=document["title"],
        description=document["description"],
        here=_here(document["id"]),
        crumbs=[*_crumbs(), ("Layers", f"{root()}/collections?f=html")],
        place="collections",
        box=_box(boxes[0]) if boxes[0] else "",
        times=" to ".join(end[:10] if end else "open" for end in times[0]) if times[0] else "",
        systems=", ".join(one.code for one in SYSTEMS),
        downloads=_downloads(document["links"]),
        example=_example(stored),
    )


def queryables(document: Json) -> str:
    """Return the page of what a filter may name."""
    layer = document["$id"].rsplit("/", 2)[1]
    crumbs = _crumbs(g.catalog.layer(layer))
    return _page("queryables", document, title=document["title"], crumbs=crumbs, place="collections")


def schema(document: Json) -> str:
    """Return the page of the shape of a layer's features."""
    layer = document["$id"].rsplit("/", 2)[1]
    crumbs = _crumbs(g.catalog.layer(layer))
    shape = document["properties"]["properties"]["properties"]
    return _page("schema", document, title=document["title"], crumbs=crumbs, place="collections", shape=shape)


def definition(document: Json) -> str:
    """Return the description of the API as a page."""
    operations: dict[str, list[Json]] = {}
    for path, methods in document["paths"].items():
        operation = methods["get"]
        operations.setdefault(operation["tags"][0], []).append(_operation(path, operation, document["components"]))
    groups = [(tag, operations.get(tag["name"], [])) for tag in document["tags"]]
    links = [{"rel": "alternate", "href": f"{root()}/api", "type": "application/json", "title": "as JSON"}]
    return _page("api", {**document, "links": links}, title="API", groups=groups, place="api")


def items(layer: StoredLayer, catalog: Catalog, asked: Asked, selection: Selection, links: Sequence[Link]) -> str:
    """Return a page of features as a table, each value with the number of its source."""
    features = list(selection.features())
    notes = Notes(catalog.sources)
    fields = _columns(layer, features)
    hrefs = {one["rel"]: one["href"] for one in links}
    words = {name: asked.given.words[name] for name in _ASKED if name in asked.given.words}
    hidden = {name: asked.given.words[name] for name in ("sortby", "limit", "filter-lang") if name in asked.given.words}
    rows = [_row(feature, fields, notes, layer) for feature in features]
    return _page(
        "items",
        {"links": links},
        title=layer.about["title"]["en"],
        heading=layer.about["title"]["en"],
        here=_here(layer.id),
        crumbs=_crumbs(layer),
        place="collections",
        count=_count(selection, asked.question.offset),
        asked=_in_words(words, catalog),
        words=words,
        hidden=hidden,
        example=_example(layer),
        columns=[_head(field, asked, layer) for field in [_naming(layer), *fields]],
        rows=rows,
        previous=hrefs.get("prev"),
        following=hrefs.get("next"),
        span=_span(selection, asked.question.offset),
        cited=notes.cited,
    )


def item(layer: StoredLayer, catalog: Catalog, document: Json) -> str:
    """Return the page of one feature: what is known, all that is said of it, what lies nearby."""
    properties = document["properties"]
    notes = Notes(catalog.sources)
    name = str(properties.get("name") or document["id"])
    values, absent = _values(layer, document, notes)
    claims = [_claim(claim, layer, notes) for claim in properties["claims"]] if _ours(layer) else []
    others = [properties[key] for key in _LANGUAGES if _ours(layer) and properties.get(key)]
    return _page(
        "item",
        document,
        title=f"{name}: {layer.about['title']['en']}",
        heading=name,
        crumbs=_crumbs(layer, items=True),
        place="collections",
        layer=layer.id,
        others=" · ".join(others),
        values=values,
        absent=absent,
        claims=claims,
        legs=properties.get("legs") if _ours(layer) else None,
        nearby=_nearby(layer, document, catalog),
        cited=notes.cited,
    )


def _page(template: str, document: Json, **more: Any) -> str:
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


def _ours(layer: StoredLayer) -> bool:
    """Tell whether a layer is the atlas's own: its values are claims with sources."""
    return not layer.about["imported"]


def _here(layer: str) -> str:
    return f"{root()}/collections/{segment(layer)}"


def _crumbs(layer: StoredLayer | None = None, *, items: bool = False) -> list[tuple[str, str]]:
    crumbs = [("Service", f"{root()}/?f=html")]
    if layer is not None:
        title = layer.about["title"]["en"]
        crumbs += [("Layers", f"{root()}/collections?f=html"), (title, f"{_here(layer.id)}?f=html")]
    if layer is not None and items:
        crumbs.append(("Features", f"{_here(layer.id)}/items?f=html"))
    return crumbs


def _box(box: Sequence[float]) -> str:
    west, south, east, north = box
    return f"{_degrees(west, 'EW')} to {_degrees(east, 'EW')}, {_degrees(south, 'NS')} to {_degrees(north, 'NS')}"


def _degrees(value: float, signs: str) -> str:
    return f"{abs(value):.4g}° {signs[value < 0]}"


def _downloads(links: Iterable[Link]) -> list[Json]:
    words = {"geojson": "GeoJSON", "csv": "CSV", "gpkg": "GeoPackage", "parquet": "GeoParquet", "kml": "KML"}
    named = ((one["href"].rpartition("=")[2], one) for one in links if one["rel"] == "items")
    return [{**one, "name": words[word]} for word, one in named if word in words]


def _example(layer: StoredLayer) -> str:
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
        "example": "" if "{" in path or path == "/regions" else root() + path,
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


def _naming(layer: StoredLayer) -> Json:
    named = any(q["id"] == "name" for q in layer.about["queryables"])
    return {"id": "name", "title": "Name"} if named else {"id": "id", "title": "Id"}


def _columns(layer: StoredLayer, features: Sequence[Json]) -> list[Json]:
    """Return the properties worth a column: of our layers the fields that most features have, of others the first ones."""
    known = {q["id"]: q for q in layer.about["queryables"]}
    if _ours(layer):
        fields = [dict(field) for field in layer.fields]
        filled = {f["id"]: sum(x["properties"].get(f["id"]) is not None for x in features) for f in fields}
        telling = sorted((f for f in fields if filled[f["id"]]), key=lambda f: -filled[f["id"]])[: _COLUMNS - 1]
        chosen = [f for f in fields if f in telling]
        placed = any(x["properties"].get("country") for x in features)
        first = [{"id": "country", "title": "Country"}] if placed else []
        return [*first, *({**f, "number": f["kind"] == "quantity"} for f in chosen)]
    present = [known[name] for name in layer.about["properties"] if name in known and name != "name"]
    return [{**q, "number": q["type"] in ("number", "integer")} for q in present[:_COLUMNS]]


def _head(field: Json, asked: Asked, layer: StoredLayer) -> Json:
    name = field["id"]
    sortable = any(q["id"] == name and q["type"] != "array" for q in layer.about["queryables"])
    way = next((key[0] for key in asked.question.sortby if key.lstrip("+-") == name), "")
    rest = asked.given.query(frozenset(("sortby", "offset", "f")))
    start = f"{_here(layer.id)}/items?{rest}&" if rest else f"{_here(layer.id)}/items?"
    wanted = f"-{name}" if way and way != "-" else name
    return {
        "title": field["title"],
        "unit": field.get("unit"),
        "number": field.get("number"),
        "href": f"{start}sortby={segment(wanted)}&f=html" if sortable and "," not in name else None,
        "sorted": {"": None, "-": "descending"}.get(way, "ascending"),
    }


def _row(feature: Json, fields: Iterable[Json], notes: Notes, layer: StoredLayer) -> Json:
    properties = feature["properties"]
    cells = [_cell(properties, field["id"], notes, layer) | {"number": field.get("number")} for field in fields]
    named = properties.get("name") if any(q["id"] == "name" for q in layer.about["queryables"]) else None
    return {
        "href": f"{_here(layer.id)}/items/{segment(str(feature['id']))}?f=html",
        "name": str(named or feature["id"]),
        "possible": properties.get("membership") == POSSIBLE,
        "cells": cells,
    }


def _cell(properties: Json, name: str, notes: Notes, layer: StoredLayer) -> dict[str, Any]:
    value = properties.get(name)
    if value is None:
        return {"text": None}
    if not _ours(layer):
        return {"text": _short(_text(value))}
    if name == "country":
        return {"text": _region(value)}
    source = _source(properties, name)
    choices = next((f.get("choices") or () for f in layer.fields if f["id"] == name), ())
    title = next((choice["title"] for choice in choices if choice["id"] == value), None)
    return {"text": title or _short(_text(value)), "note": notes.number(source), "source": notes.title(source)}


def _source(properties: Json, name: str) -> str | None:
    shown = (c["source"] for c in properties.get("claims") or () if c["field"] == name and c.get("shown"))
    return next(shown, None)


def _region(code: str) -> str:
    """Return the name of a country or admin-1 region of our own layers."""
    region = load_boundaries().regions.get(code)
    return region.name if region else code


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_text(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return amount(value)


def _short(text: str) -> str:
    return text if len(text) <= _TOO_LONG else text[:_TOO_LONG].rsplit(" ", 1)[0] + " …"


def _count(selection: Selection, offset: int) -> str:
    noun = "feature" if selection.matched == 1 else "features"
    if len(selection) == selection.matched:
        return f"{selection.matched:,} {noun}"
    return f"{_span(selection, offset)} {noun}"


def _span(selection: Selection, offset: int) -> str:
    if not len(selection):
        return f"none of {selection.matched:,}"
    return f"{offset + 1:,}–{offset + len(selection):,} of {selection.matched:,}"


def _in_words(words: Json, catalog: Catalog) -> str:
    parts = []
    if "region" in words:
        parts.append(f"in {catalog.region(words['region']).name}")
    if "bbox" in words:
        parts.append(f"in the box {words['bbox']}")
    if "near" in words:
        parts.append(f"within {words['radius']} of {words['near']}")
    if "datetime" in words:
        parts.append(f"at {words['datetime']}")
    if "filter" in words:
        parts.append(f"where {_short(words['filter'])}")
    return ", ".join(parts)


def _values(layer: StoredLayer, document: Json, notes: Notes) -> tuple[list[Json], list[str]]:
    """Return what is known of a feature, and the titles of the fields of which nothing is."""
    properties = document["properties"]
    if not _ours(layer):
        titles = {q["id"]: q["title"] for q in layer.about["queryables"]}
        own = [{"title": titles.get(k, k), **_cell(properties, k, notes, layer)} for k in properties]
        return [*_position(layer, document, notes), *own], []
    found, absent = [], []
    for field in layer.fields:
        cell = _cell(properties, field["id"], notes, layer)
        if cell["text"] is None:
            absent.append(field["title"])
            continue
        unit = "" if field["unit"] == "year" else field["unit"]
        found.append({"title": field["title"], **cell, "unit": unit})
    return [*_position(layer, document, notes), *found], absent


def _position(layer: StoredLayer, document: Json, notes: Notes) -> list[Json]:
    geometry, properties = document["geometry"], document["properties"]
    codes = (properties.get("admin1"), properties.get("country")) if _ours(layer) else ()
    region = ", ".join(_region(code) for code in codes if code)
    where: list[Json] = [{"title": "Where", "text": region}] if region else []
    if geometry is None or geometry["type"] != "Point":
        return where
    at = ", ".join(f"{number:.10g}" for number in geometry["coordinates"][:2])
    if not _ours(layer):
        return [{"title": "Position", "text": at}]
    accuracy, source = properties["accuracy_km"], properties["position_source"]
    more = [f"to {accuracy:g} km" if accuracy else "", str(properties["position_note"] or "")]
    position = {"title": "Position", "text": at, "note": notes.number(source), "source": notes.title(source)}
    return [*where, {**position, "more": ", ".join(filter(None, more))}]


def _claim(claim: Json, layer: StoredLayer, notes: Notes) -> Json:
    titles = {field["id"]: field["title"] for field in layer.fields}
    text = " ".join(filter(None, (_text(claim["value"]), claim["unit"])))
    return {
        "field": titles.get(claim["field"], claim["field"]),
        "text": text,
        "note": notes.number(claim["source"]),
        "source": notes.title(claim["source"]),
        "main": claim.get("shown"),
        "category": claim["category"],
        "as_of": claim["as_of"],
        "remark": claim["note"],
    }


def _nearby(layer: StoredLayer, document: Json, catalog: Catalog) -> list[tuple[str, str]]:
    geometry = document["geometry"]
    if geometry is None or layer.about["geometry"] != "point":
        return []
    place = segment(f"{layer.id}/{document['id']}")
    return [(one.about["title"]["en"], f"{_here(one.id)}/items?near={place}&radius={_NEAR}&f=html") for one in catalog.layers]
