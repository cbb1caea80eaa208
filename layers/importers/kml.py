"""KML, read by ourselves with expat: no link is followed, no entity expanded, no style fetched."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

import numpy as np
import pyarrow as pa
import shapely

from geo.errors import DataError
from geo.files import Opened
from layers.importers.columns import check_count, from_text
from layers.importers.faults import some
from layers.importers.raw import Raw

_DEPTH = 200
_LINKS = ("NetworkLink", "NetworkLinkControl")
_OVERLAYS = ("GroundOverlay", "ScreenOverlay", "PhotoOverlay")
_SHAPES = ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Track", "MultiTrack", "Model")
_PLAIN = {
    "name": "name",
    "description": "description",
    "when": "timestamp",
    "begin": "begin",
    "end": "end",
    "address": "address",
}


class _Node:
    """An element below a Placemark: a small tree, dropped when the Placemark ends."""

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[_Node] = []
        self.text: list[str] = []

    def value(self) -> str:
        return "".join(self.text).strip()

    def find(self, name: str) -> list[_Node]:
        return [c for c in self.children if c.name == name]


class _Layer:
    def __init__(self, name: str) -> None:
        self.name = name
        self.shapes: list[Any] = []
        self.ids: list[str] = []
        self.rows: list[dict[str, str]] = []
        self.types: dict[str, str] = {}


class _Parser:
    """Walks the document; the Placemarks straight in a Document or Folder are a layer."""

    def __init__(self, shown: str, stem: str) -> None:
        self.shown = shown
        self.layers: list[_Layer] = []
        self.faults: list[str] = []
        self.seen: dict[str, int] = {}
        self._stem = stem
        self._stack: list[str] = []
        self._containers: list[_Layer] = [_Layer(stem)]
        self._nodes: list[_Node] = []
        self._name: list[str] | None = None
        self._schemas: dict[str, dict[str, str]] = {}
        self._fields: dict[str, str] = {}
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _doctype(self, *_: object) -> None:
        raise DataError(f"{self.shown}: the KML declares a document type, which could define entities. Remove <!DOCTYPE …>.")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if not self._stack and name != "kml":
            raise DataError(f"{self.shown}: this is XML of another kind, it begins with <{tag}>.")
        self._stack.append(name)
        if len(self._stack) > _DEPTH:
            raise DataError(f"{self.shown}: line {self.parser.CurrentLineNumber}: elements are nested deeper than {_DEPTH}.")
        if self._nodes:
            node = _Node(name, attributes)
            self._nodes[-1].children.append(node)
            self._nodes.append(node)
        elif name == "Placemark":
            self._nodes.append(_Node(name, attributes))
        elif name in ("Document", "Folder"):
            self._containers.append(_Layer(self._containers[-1].name))
        elif name in (*_LINKS, *_OVERLAYS):
            self.seen[name] = self.seen.get(name, 0) + 1
        elif name == "Schema":
            self._fields = self._schemas.setdefault(attributes.get("id", ""), {})
        elif name == "SimpleField":
            self._fields[attributes.get("name", "")] = attributes.get("type", "string")
        elif name == "name" and self._stack[-2] in ("Document", "Folder"):
            self._name = []

    def _text(self, text: str) -> None:
        if self._nodes:
            self._nodes[-1].text.append(text)
        elif self._name is not None:
            self._name.append(text)

    def _end(self, _: str) -> None:
        name = self._stack.pop()
        if self._nodes:
            node = self._nodes.pop()
            if not self._nodes:
                self._placemark(node)
        elif self._name is not None and name == "name":
            # A Document's own name is its layer's only where Placemarks stand straight in it.
            self._containers[-1].name = "".join(self._name).strip() or self._stem
            self._name = None
        elif name in ("Document", "Folder"):
            self._keep(self._containers.pop())
        elif name == "kml":
            self._keep(self._containers[0])

    def _keep(self, layer: _Layer) -> None:
        if layer.rows:
            self.layers.append(layer)

    def _placemark(self, node: _Node) -> None:
        layer = self._containers[-1]
        row: dict[str, str] = {}
        _values(node, row)
        shapes = [c for c in node.children if c.name in _SHAPES]
        try:
            made = [_shape(s) for s in shapes]
        except (ValueError, shapely.errors.ShapelyError) as error:
            self.faults.append(
                f"{self.shown}: layer {layer.name!r}: feature {len(layer.rows) + 1}: {' '.join(str(error).split())[:120]}"
            )
            made = []
        layer.shapes.append(made[0] if made else None)
        layer.ids.append(node.attributes.get("id", ""))
        layer.rows.append(row)
        for data in (d for e in node.find("ExtendedData") for d in e.find("SchemaData")):
            layer.types |= self._schemas.get(data.attributes.get("schemaUrl", "").removeprefix("#"), {})


def read(file: Opened) -> list[Raw]:
    """Return the layers of a KML text: one for each Document or Folder that holds Placemarks.

    Raises
    ------
    DataError
        If it is no well-formed XML, declares a document type, or a geometry cannot be read; every fault is said.
    """
    parsed = _Parser(file.shown, file.stem)
    try:
        parsed.parser.Parse(file.data, True)
    except expat.ExpatError as error:
        raise DataError(
            f"{file.shown}: line {error.lineno}: this is not well-formed KML: {expat.ErrorString(error.code)}."
        ) from None
    except (LookupError, ValueError) as error:
        raise DataError(f"{file.shown}: the KML cannot be read: {error}.") from None
    if parsed.faults:
        raise DataError(*some(parsed.faults))
    notes = [
        f"{n} {what} left out: {'a link is not followed' if what in _LINKS else 'a picture is no feature'}"
        for what, n in parsed.seen.items()
    ]
    if not parsed.layers:
        raise DataError(f"{file.shown}: there is no Placemark{' (' + '; '.join(notes) + ')' if notes else ''}.")
    return [_raw(layer, file, tuple(notes)) for layer in parsed.layers]


def _raw(layer: _Layer, file: Opened, notes: tuple[str, ...]) -> Raw:
    names = list(dict.fromkeys(n for row in layer.rows for n in row))
    check_count(len(names), f"{file.shown}: layer {layer.name!r}")
    made = [_column([row.get(n) for row in layer.rows], n, layer.types.get(n, "")) for n in names]
    geometry = np.empty(len(layer.shapes), dtype=object)
    geometry[:] = layer.shapes
    ids = layer.ids if any(layer.ids) else None
    told = (*notes, *(note for _, note in made if note))
    return Raw(layer.name, file.shown, geometry, names, [a for a, _ in made], "OGC:CRS84", ids, told)


def _column(values: list[str | None], name: str, kind: str) -> tuple[pa.Array, str]:
    """Return a column of texts as what its schema or all its values say."""
    texts = [v or None for v in values]
    if kind in ("string", "") and name in ("name", "description", "address"):
        return pa.array(texts, pa.string()), ""
    if kind == "string":
        return from_text(pa.array(texts, pa.string()), name, dates_only=True)
    return from_text(pa.array(texts, pa.string()), name)


def _values(node: _Node, row: dict[str, str]) -> None:
    for child in node.children:
        if child.name in _PLAIN and not child.children:
            row[_PLAIN[child.name]] = child.value()
        elif child.name in ("TimeStamp", "TimeSpan"):
            _values(child, row)
        elif child.name == "ExtendedData":
            _extended(child, row)


def _extended(node: _Node, row: dict[str, str]) -> None:
    for data in node.find("Data"):
        value = data.find("value")
        row[data.attributes.get("name", "")] = value[0].value() if value else ""
    for schema in node.find("SchemaData"):
        for simple in schema.find("SimpleData"):
            row[simple.attributes.get("name", "")] = simple.value()


def _shape(node: _Node) -> Any:
    """Return the geometry of an element; a ValueError says what is wrong with it."""
    if node.name in ("MultiGeometry", "MultiTrack"):
        return _together([_shape(c) for c in node.children if c.name in _SHAPES])
    if node.name == "Track":
        return shapely.LineString([_numbers(c.value().split()) for c in node.find("coord")])
    return _polygon(node) if node.name == "Polygon" else _chain(node)


def _chain(node: _Node) -> Any:
    """Return a Point or a line; nothing for what has no coordinates, such as a Model."""
    found = node.find("coordinates")
    chain = _coordinates(found[0].value()) if found else []
    if not chain:
        return None
    return shapely.Point(chain[0]) if node.name == "Point" else shapely.LineString(chain)


def _polygon(node: _Node) -> Any:
    rings = [
        _coordinates(c.value())
        for side in ("outerBoundaryIs", "innerBoundaryIs")
        for boundary in node.find(side)
        for ring in boundary.find("LinearRing")
        for c in ring.find("coordinates")
    ]
    if not rings or not rings[0]:
        return None
    for ring in rings:
        if len(ring) < 4 or ring[0] != ring[-1]:
            raise ValueError("a ring of the Polygon has fewer than 4 positions or does not end where it begins")
    return shapely.Polygon(rings[0], rings[1:])


def _together(parts: list[Any]) -> Any:
    parts = [p for p in parts if p is not None]
    kinds = {p.geom_type for p in parts}
    make: dict[str, Callable[[list[Any]], Any]] = {
        "Point": shapely.MultiPoint,
        "LineString": shapely.MultiLineString,
        "Polygon": shapely.MultiPolygon,
    }
    if len(kinds) == 1 and (kind := kinds.pop()) in make:
        return make[kind](parts)
    return shapely.GeometryCollection(parts) if parts else None


def _coordinates(text: str) -> list[tuple[float, ...]]:
    # Blanks round a comma are met in the wild, though the standard has none.
    return [_numbers(part.split(",")) for part in re.sub(r"\s*,\s*", ",", text).split()]


def _numbers(parts: list[str]) -> tuple[float, ...]:
    if not 2 <= len(parts) <= 3:
        raise ValueError(f"{','.join(parts)[:60]!r} is no position; write longitude,latitude")
    return tuple(float(p) for p in parts)
