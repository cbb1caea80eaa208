"""The pages of features: a table with the sources of its values, and all that is known and said of one feature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from geo.boundaries import load as load_boundaries
from layers.catalog import Catalog, Selection
from layers.release import POSSIBLE, StoredLayer
from web.ogc import render
from web.ogc.links import Link, segment
from web.tables import amount, timeless

if TYPE_CHECKING:
    from web.ogc.items import Asked

Json = Mapping[str, Any]
_COLUMNS = 8
_ASKED = ("region", "bbox", "near", "radius", "filter", "datetime")
_NOT_IN_FILES = frozenset(("f", "offset", "limit", "crs"))
_TOO_LONG = 160
_CLAMPED = 30
"""Characters of a cell that may take more than three lines on a phone."""

_LANGUAGES = ("name_ru", "name_hi")
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


def items(layer: StoredLayer, catalog: Catalog, asked: Asked, selection: Selection, links: Sequence[Link]) -> str:
    """Return a page of features as a table, each value with the number of its source."""
    features = list(selection.features())
    notes = Notes(catalog.sources)
    fields = _columns(layer, features)
    hrefs = {one["rel"]: one["href"] for one in links}
    words = {name: asked.given.words[name] for name in _ASKED if name in asked.given.words}
    fields_of_form = _ASKED if layer.about["temporal"] else _ASKED[:-1]
    hidden = {name: text for name, text in asked.given.words.items() if name not in (*fields_of_form, "f", "offset")}
    rows = [_row(feature, fields, notes, layer) for feature in features]
    return render.page(
        "items",
        {"links": [one for one in links if one["rel"] != "alternate"]},
        title=layer.about["title"]["en"],
        heading=layer.about["title"]["en"],
        here=render.here(layer.id),
        crumbs=render.crumbs(layer),
        place="collections",
        count=_count(selection, asked.question.offset),
        asked=_in_words(words, catalog),
        note=timeless(selection, asked.question),
        timed=bool(layer.about["temporal"]),
        downloads=render.downloads(_start(layer, asked.given.query(_NOT_IN_FILES))),
        shortened=render.shortened(layer.id, selection.matched, _without(asked.given.words, _NOT_IN_FILES)),
        words=words,
        hidden=hidden,
        example=render.example(layer),
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
    return render.page(
        "item",
        document,
        title=f"{name}: {layer.about['title']['en']}",
        heading=name,
        crumbs=render.crumbs(layer, items=True),
        place="collections",
        layer=layer.id,
        undrawn=render.not_drawn(layer),
        others=" · ".join(others),
        values=values,
        absent=absent,
        claims=claims,
        legs=properties.get("legs") if _ours(layer) else None,
        nearby=_nearby(layer, document, catalog),
        cited=notes.cited,
    )


def _ours(layer: StoredLayer) -> bool:
    """Tell whether a layer is the atlas's own: its values are claims with sources."""
    return not layer.about["imported"]


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
    start = _start(layer, asked.given.query(frozenset(("sortby", "offset", "f"))))
    wanted = f"-{name}" if way and way != "-" else name
    return {
        "title": field["title"],
        "unit": field.get("unit"),
        "number": field.get("number"),
        "href": f"{start}sortby={segment(wanted)}&f=html" if sortable and "," not in name else None,
        "sorted": {"": None, "-": "descending"}.get(way, "ascending"),
    }


def _start(layer: StoredLayer, query: str) -> str:
    """Return the address of a layer's features, ready for further parameters."""
    return f"{render.here(layer.id)}/items?{query}&" if query else f"{render.here(layer.id)}/items?"


def _without(words: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    return {name: text for name, text in words.items() if name not in names}


def _row(feature: Json, fields: Iterable[Json], notes: Notes, layer: StoredLayer) -> Json:
    properties = feature["properties"]
    cells = [_cell(properties, field["id"], notes, layer) | {"number": field.get("number")} for field in fields]
    named = properties.get("name") if any(q["id"] == "name" for q in layer.about["queryables"]) else None
    return {
        "href": f"{render.here(layer.id)}/items/{segment(str(feature['id']))}?f=html",
        "name": str(named or feature["id"]),
        "possible": properties.get("membership") == POSSIBLE,
        "cells": cells,
    }


def _cell(properties: Json, name: str, notes: Notes, layer: StoredLayer) -> dict[str, Any]:
    value = properties.get(name)
    if value is None:
        return {"text": None}
    if not _ours(layer):
        return _told(_text(value))
    if name == "country":
        return {"text": _region(value)}
    source = _source(properties, name)
    choices = next((f.get("choices") or () for f in layer.fields if f["id"] == name), ())
    title = next((choice["title"] for choice in choices if choice["id"] == value), None)
    return {**_told(title or _text(value)), "note": notes.number(source), "source": notes.title(source)}


def _told(text: str) -> dict[str, Any]:
    """Return a text for a cell, a long one with the whole of it for the title."""
    return {"text": _short(text), "whole": text if len(text) > _CLAMPED else None}


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
    return [
        (one.about["title"]["en"], f"{render.here(one.id)}/items?near={place}&radius={_NEAR}&f=html") for one in catalog.layers
    ]
