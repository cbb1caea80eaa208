"""Imported layers as the map takes them: every value as a claim of the file that it came from.

The map holds so many of an imported layer's features as a page can carry; beyond that a question narrows them first. What
is left out for that reason is said on the map, and in the answer of the command.
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
    return holds(Selection(layer, np.arange(len(layer), dtype=np.int32), None, len(layer)))


def holds(selection: Selection) -> bool:
    """Tell whether a map can hold an answer."""
    layer, rows = selection.layer, selection.rows
    return not layer.about["imported"] or (len(rows) <= MOST_DRAWN and _size(layer, rows) <= LARGEST_DRAWN)


def why_not(count: int) -> str:
    """Return why so many features are not drawn, for a layer that no map holds."""
    limits = f"({MOST_DRAWN:,}, or {LARGEST_DRAWN // 1_000_000} MB)"
    return f"{count:,} features, more than a map holds {limits}"


def left_out(selection: Selection) -> dict[str, Any]:
    """Return what a map says of a layer that it leaves out: its id, title and number of features, and the reason."""
    layer, count = selection.layer, len(selection)
    return {"id": layer.id, "title": layer.about["title"]["en"], "features": count, "reason": f"Not drawn: {why_not(count)}."}


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
    if not holds(selection):
        raise InputError(
            f"{layer.id} has {why_not(len(selection))}. Export or embed a region of it, or query it at "
            f"/collections/{layer.id}/items."
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


def _size(layer: StoredLayer, rows: Any) -> int:
    offsets = layer.index.offsets[rows]
    return int((offsets[:, 1] - offsets[:, 0]).sum())


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
