"""What ``corridor import`` says of the layers it read, as text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from geo.antimeridian import tight_box
from layers.columns import type_name
from layers.writing import bounds_of

if TYPE_CHECKING:
    from layers import Catalog
    from layers.importers import Foreign

FORMATS = ("text", "json")


Replaced = dict[str, dict[str, Any]]
"""By id, the imported layers that an import takes the place of: features, day of their import, file."""


def replaced(layers: Sequence[Foreign], atlas: Catalog) -> Replaced:
    """Return what layers of an atlas these take the place of."""
    wanted = {layer.id for layer in layers}
    return {
        one.id: {"features": len(one), "imported": held["date"], "file": held["file"]}
        for one in atlas.layers
        if one.id in wanted and (held := one.about["imported"])
    }


def report(layer: Foreign, before: Replaced) -> dict[str, Any]:
    """Return a layer as a dictionary for JSON: id, features, geometry, CRS, extent, columns with their types, notes.

    The west of the extent exceeds its east where it crosses 180°; ``replaces`` is None for a layer that is new.
    """
    box = tight_box(bounds_of(layer.geometry))
    return {
        "id": layer.id,
        "title": layer.title,
        "geometry": layer.kind,
        "features": len(layer.ids),
        "crs": layer.crs,
        "bbox": None if box is None else list(box),
        "file": layer.file,
        "source_layer": layer.source_layer,
        "columns": [{"name": field.name, "type": type_name(field.type)} for field in layer.columns.schema],
        "replaces": before.get(layer.id),
        "notes": list(layer.notes),
    }


def text(layers: Sequence[Foreign], release: str | None, before: Replaced) -> str:
    """Return the layers as lines for people, and the release that holds them, or that nothing was written."""
    lines = [line for layer in layers for line in _lines(report(layer, before))]
    return "\n".join([*lines, f"Release {release}" if release else "Nothing was written (--dry-run)."])


def _lines(layer: Mapping[str, Any]) -> list[str]:
    head = f"{layer['id']}: {_features(layer['features'])}, geometry {layer['geometry']}, from {layer['crs']}"
    columns = ", ".join(f"{c['name']} ({c['type']})" for c in layer["columns"]) or "none"
    lines = [head, f"  columns: {columns}", *(f"  note: {note}" for note in layer["notes"])]
    if old := layer["replaces"]:
        lines.insert(1, f"  replaces {layer['id']}: {_features(old['features'])} imported {old['imported']} from {old['file']}")
    return [_plain(line) for line in lines]


def _features(count: int) -> str:
    return f"{count:,} feature{'' if count == 1 else 's'}"


def _plain(line: str) -> str:
    """Return a line that moves no terminal, whatever a file's names hold."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line)
