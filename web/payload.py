"""What the browser is given: features as they are stored, with the citations they name and the regions they lie in, packed.

The packing is raw deflate in base64: small, and made of letters that no template and no HTML parser takes for its own, so
that a feature's name can never run, on the server or in the page.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import orjson

from geo.boundaries import Region
from geo.boundaries import load as load_boundaries
from geo.regions import gazetteer
from layers import Catalog
from layers.catalog import Selection
from layers.release import COMPUTED, StoredLayer
from web import brought

_CITED = ("position_source", "name_ru_source", "name_hi_source")


def pack(value: Any) -> str:
    """Return a value as base64 text of raw deflated JSON; equal values give equal text."""
    return pack_text(orjson.dumps(value))


def pack_text(text: bytes) -> str:
    """Return bytes as base64 text, deflated without a header."""
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(machine.compress(text) + machine.flush()).decode("ascii")


def layer(selection: Selection, catalog: Catalog) -> dict[str, Any]:
    """Return one layer's part of a view as the browser takes it."""
    features = list(selection.features())
    if selection.layer.about["imported"]:
        features = [brought.dressed(f, selection.layer) for f in features]
    return {
        "release": catalog.release.id,
        "about": dict(selection.layer.about),
        "features": features,
        "sources": _sources(selection.layer, features, catalog),
        "regions": _regions(selection),
    }


def _sources(stored: StoredLayer, features: list[dict[str, Any]], catalog: Catalog) -> dict[str, dict[str, str]]:
    return {brought.SOURCE: brought.source(stored)} if stored.about["imported"] else cited(features, catalog)


def cited(features: Iterable[dict[str, Any]], catalog: Catalog) -> dict[str, dict[str, str]]:
    """Return the citations that features name, by id."""
    found = {s for f in features for s in sources_of(f["properties"])}
    return {s: catalog.sources[s] for s in sorted(found) if s in catalog.sources}


def sources_of(properties: dict[str, Any]) -> set[str]:
    """Return the source ids that one feature's properties name."""
    claims = {c["source"] for c in properties["claims"]}
    legs = {s for leg in properties.get("legs", ()) for s in leg["sources"]}
    computed = {COMPUTED} if legs else set()
    return claims | legs | computed | {properties[k] for k in _CITED if properties.get(k)}


def _regions(selection: Selection) -> dict[str, dict[str, Any]]:
    """Return the regions that have members among the features, with these, and those that share a name with one of them."""
    known, members = load_boundaries().regions, _members(selection)
    shared = {r.id for region in members for r in gazetteer().namesakes(known[region])}
    held = {r: _names(known[r]) for r in sorted(shared | set(members))}
    for region, rows in members.items():
        held[region]["members"] = rows
    return held


def _members(selection: Selection) -> dict[str, list[list[int]]]:
    """Return region id → places in the selection of its certain and of its possible members."""
    found = {}
    for region, parts in selection.layer.index.members.items():
        held = [np.flatnonzero(np.isin(selection.rows, part)).tolist() for part in parts]
        if any(held):
            found[region] = held
    return found


def _names(region: Region) -> dict[str, Any]:
    said = {k: getattr(region, k) for k in ("name", "name_ru", "name_hi", "kind", "country", "codes", "names")}
    return {k: v for k, v in said.items() if v}
