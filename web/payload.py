"""What the browser is given: features in the display frame, with the citations they name, packed.

The packing is raw deflate in base64: small, and made of letters that no template and no HTML parser takes for its own, so
that a feature's name can never run, on the server or in the page.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable
from typing import Any

import orjson
import shapely

from geo.antimeridian import frame_line, frame_lon
from geo.boundaries import load as load_boundaries
from layers import Catalog
from layers.catalog import Selection
from layers.ledger import COMPUTED

_FRAME_DECIMALS = 5
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
    features = [_displayed(f) for f in selection.features()]
    return {
        "release": catalog.release.id,
        "about": dict(selection.layer.about),
        "features": features,
        "sources": cited(features, catalog),
        "regions": _regions(features),
    }


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


def _displayed(feature: dict[str, Any]) -> dict[str, Any]:
    geometry = feature["geometry"]
    if geometry["type"] == "Point":
        lon, lat = geometry["coordinates"]
        return {**feature, "geometry": {"type": "Point", "coordinates": [frame_lon(lon), lat]}}
    framed = frame_line(shapely.from_geojson(orjson.dumps(geometry).decode()))
    parts = [[[round(x, _FRAME_DECIMALS), round(y, _FRAME_DECIMALS)] for x, y in part.coords] for part in framed.geoms]
    return {**feature, "geometry": {"type": "MultiLineString", "coordinates": parts}}


def _regions(features: Iterable[dict[str, Any]]) -> dict[str, dict[str, str]]:
    known = load_boundaries().regions
    codes = {f["properties"][k] for f in features for k in ("country", "admin1")} - {None}
    return {c: {k: getattr(known[c], k) for k in ("name", "name_ru", "name_hi")} for c in sorted(codes) if c in known}
