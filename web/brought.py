"""Imported layers as the map takes them: every value as a claim of the file that it came from.

The map holds so many of an imported layer's features as a page can carry; beyond that a question narrows them first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from geo.errors import InputError
from layers.catalog import Selection
from layers.release import StoredLayer
from web.settings import LARGEST_DRAWN, MOST_DRAWN

SOURCE = "imported"
_NAMES = ("name", "Name", "NAME", "title", "name_en", "label")


def fits(layer: StoredLayer) -> bool:
    """Tell whether a map can hold the whole of a layer; those of the atlas always."""
    return not layer.about["imported"] or not _too_much(layer, np.arange(len(layer), dtype=np.int32))


def check(selection: Selection) -> Selection:
    """Return what of an answer can be drawn: features that have a place.

    Raises
    ------
    InputError
        If a map cannot hold them all.
    """
    layer = selection.layer
    if not layer.about["imported"]:
        return selection
    if _too_much(layer, selection.rows):
        raise InputError(
            f"{layer.id} has {len(selection):,} features here, more than a map holds ({MOST_DRAWN:,}, or "
            f"{LARGEST_DRAWN // 1_000_000} MB). Ask for a region of it, or query it at /collections/{layer.id}/items."
        )
    placed = np.isfinite(layer.bounds[selection.rows, 0])
    doubt = None if selection.doubt is None else selection.doubt[placed]
    return replace(selection, rows=selection.rows[placed], doubt=doubt)


def dressed(feature: dict[str, Any], layer: StoredLayer) -> dict[str, Any]:
    """Return an imported feature with a card beside its properties: a name, and its values as claims.

    What the map adds stands apart: the file's own columns may have any name, ``country`` or ``claims`` too.
    """
    given = feature["properties"]
    named = next((str(given[n]) for n in _NAMES if given.get(n)), str(feature["id"]))
    claims = [_claim(f["id"], given[f["id"]]) for f in layer.fields if given.get(f["id"]) is not None]
    empty = dict.fromkeys(("name_ru", "name_ru_source", "name_hi", "name_hi_source", "country", "admin1", "disputed"))
    return {**feature, "card": {"layer": layer.id, "name": named, **empty, "claims": claims}}


def source(layer: StoredLayer) -> dict[str, str]:
    """Return the citation of an imported layer."""
    told = layer.about["imported"]
    title = told["file"] if told["source_layer"] in ("", told["file"]) else f"{told['file']}, layer {told['source_layer']}"
    return {"id": SOURCE, "publisher": "Imported", "title": title, "accessed": told["date"]}


def _too_much(layer: StoredLayer, rows: Any) -> bool:
    if len(rows) > MOST_DRAWN:
        return True
    offsets = layer.index.offsets[rows]
    return int((offsets[:, 1] - offsets[:, 0]).sum()) > LARGEST_DRAWN


def _claim(field: str, value: Any) -> dict[str, Any]:
    plain = {"unit": "", "category": "", "as_of": "", "note": ""}
    return {"field": field, "value": _text(value), **plain, "source": SOURCE, "shown": True}


def _text(value: Any) -> Any:
    """Return a value as the page shows it: numbers as they are, lists and truth as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return value
