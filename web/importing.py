"""What ``corridor import`` says of the layers it read, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from geo.antimeridian import tight_box
from layers.columns import type_name
from layers.writing import bounds_of

if TYPE_CHECKING:
    from layers.importers import Foreign

FORMATS = ("text", "json")


def report(layer: Foreign) -> dict[str, Any]:
    """Return a layer as a dictionary for JSON: id, features, geometry, CRS, extent, columns with their types, notes.

    The west of the extent exceeds its east where it crosses 180°.
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
        "notes": list(layer.notes),
    }


def text(layers: Sequence[Foreign], release: str | None) -> str:
    """Return the layers as lines for people, and the release that holds them, or that nothing was written."""
    lines = [line for layer in layers for line in _lines(report(layer))]
    return "\n".join([*lines, f"Release {release}" if release else "Nothing was written (--dry-run)."])


def _lines(layer: dict[str, Any]) -> list[str]:
    count = layer["features"]
    head = f"{layer['id']}: {count:,} feature{'' if count == 1 else 's'}, geometry {layer['geometry']}, from {layer['crs']}"
    columns = ", ".join(f"{c['name']} ({c['type']})" for c in layer["columns"]) or "none"
    return [_plain(line) for line in (head, f"  columns: {columns}", *(f"  note: {note}" for note in layer["notes"]))]


def _plain(line: str) -> str:
    """Return a line that moves no terminal, whatever a file's names hold."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line)
