"""GeoJSON (RFC 7946, and newline-delimited RFC 8142), read by ourselves: no driver, no link followed, every fault said."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from geo.errors import DataError, Faults, InputError
from geo.files import Opened
from layers.importers.columns import check_count, from_python
from layers.importers.faults import rows_text, some
from layers.importers.raw import Raw

_DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
_LEAST = {"LineString": 2, "MultiLineString": 2, "Polygon": 4, "MultiPolygon": 4}
_CRS_NAME = re.compile(r"(?i:urn:(?:x-)?ogc:def:crs:(EPSG|OGC):[\d.]*:(\w+)|(EPSG|OGC):(\w+))")
_NESTING = 8


def read(file: Opened) -> list[Raw]:
    """Return the layer of a GeoJSON text.

    Raises
    ------
    DataError
        With every fault: features, geometries and ids that are not as RFC 7946 has them.
    """
    with _no_collection():
        return _read(_parse(file), file)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the collector still while millions of small objects come to be that hold no cycle: it would walk them all, often."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _read(document: Any, file: Opened) -> list[Raw]:
    fault = Faults()
    features, notes = _features(document, file.shown, fault)
    crs = _crs(document, file.shown)
    if crs is None and isinstance(document, dict) and document.get("crs"):
        notes.append("the member 'crs' says CRS84")
    reader = _Reader(file.shown, features, fault)
    geometry = reader.geometry()
    ids = reader.ids()
    names, columns = reader.columns()
    fault.lines[:] = some(fault.lines)
    fault.throw(DataError)
    name = document.get("name") if isinstance(document, dict) else None
    stem = name if isinstance(name, str) and name.strip() and document.get("type") == "FeatureCollection" else file.stem
    return [Raw(stem, file.shown, geometry, names, columns, crs or "OGC:CRS84", ids, (*notes, *reader.notes))]


def _parse(file: Opened) -> Any:
    """Return the document; a text of one feature a line becomes a list of them."""
    data = file.data.removeprefix(b"\xef\xbb\xbf")
    if data.lstrip()[:1] == b"\x1e":  # RFC 8142: each text begins with a record separator
        return _records([part for part in data.split(b"\x1e") if part.strip()], file.shown, "record")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        lines = [line.strip(b" \t\r\x1e") for line in data.split(b"\n")]
        lines = [line for line in lines if line]
        if len(lines) < 2 or not (lines[0][:1] == b"{" and lines[0][-1:] == b"}" and _loads(lines[0])):
            raise DataError(f"{file.shown}: line {error.lineno}: this is not JSON: {error.msg}.") from None
        return _records(data.split(b"\n"), file.shown, "line")


def _records(parts: list[bytes], shown: str, word: str) -> list[Any]:
    fault, out = Faults(), []
    for n, part in enumerate(parts, 1):
        text = part.strip(b" \t\r\n\x1e")
        if text:
            try:
                out.append(orjson.loads(text))
            except orjson.JSONDecodeError as error:
                fault(f"{shown}: {word} {n}: this is not JSON: {error.msg}")
    fault.lines[:] = some(fault.lines)
    fault.throw(DataError)
    return out


def _loads(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _features(document: Any, shown: str, fault: Faults) -> tuple[list[Any], list[str]]:
    """Return the features of a document; a bare geometry is one feature without properties."""
    if isinstance(document, list):
        found = [_features(one, shown, fault) for one in document]
        return [f for features, _ in found for f in features], sorted({n for _, notes in found for n in notes})
    kind = _kind(document)
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list):
            raise DataError(f"{shown}: 'features' of the FeatureCollection is no list.")
        return features, []
    if kind == "Feature":
        return [document], []
    if kind in _DEPTH or kind == "GeometryCollection":
        return [{"type": "Feature", "properties": None, "geometry": document}], ["a bare geometry is taken as one feature"]
    if kind == "Topology":
        raise DataError(f"{shown}: this is TopoJSON. Convert it to GeoJSON.")
    if isinstance(document, dict) and "spatialReference" in document:
        raise DataError(f"{shown}: this is Esri JSON. Export it as GeoJSON.")
    raise DataError(f"{shown}: type {kind!r} is not a type of GeoJSON; a FeatureCollection is.")


def _crs(document: Any, shown: str) -> str | None:
    """Return the reference system that an older file names; RFC 7946 has CRS84 alone."""
    given = document.get("crs") if isinstance(document, dict) else None
    if given is None:
        return None
    kind = given.get("type") if isinstance(given, dict) else None
    properties = given.get("properties") if isinstance(given, dict) else None
    named = properties.get("name") if isinstance(properties, dict) else None
    if kind == "EPSG" and isinstance(properties, dict) and isinstance(properties.get("code"), int):
        named = f"EPSG:{properties['code']}"  # GeoJSON 2008, before its final version
    found = _CRS_NAME.fullmatch(named) if kind in ("name", "EPSG") and isinstance(named, str) else None
    if found is None:
        what = "a link, which is not followed" if kind == "link" else f"{str(given)[:80]}, which is not a name of a system"
        raise InputError(f"{shown}: 'crs' is {what}. Leave it out for longitude, latitude (CRS84), or name an EPSG code.")
    return f"{(found[1] or found[3]).upper()}:{found[2] or found[4]}"


class _Reader:
    """Turns features into columns and geometries, and gathers what is wrong with each."""

    def __init__(self, shown: str, features: list[Any], fault: Faults) -> None:
        self.shown = shown
        self.fault = fault
        self.notes: list[str] = []
        self.long = False
        for n, f in enumerate(features, 1):
            if not isinstance(f, dict) or f.get("type") != "Feature":
                fault(f"{shown}: feature {n}: this is no object of type Feature")
        self.features = [f if isinstance(f, dict) else {} for f in features]

    def geometry(self) -> NDArray[np.object_]:
        shapes = [f.get("geometry") for f in self.features]
        lost = [n for n, f in enumerate(self.features, 1) if f and "geometry" not in f]
        if lost:
            self.notes.append(f"no member 'geometry': {rows_text('feature', lost)}")
        out = np.full(len(shapes), None, dtype=object)
        points: list[int] = []
        positions: list[list[float]] = []
        other: list[int] = []
        for i, g in enumerate(shapes):
            if g is None:
                continue
            if type(g) is dict and g.get("type") == "Point" and _position(g.get("coordinates")):
                points.append(i)
                positions.append(g["coordinates"])
            else:
                other.append(i)
        if points:
            out[points] = _points(positions)
        sound = [i for i in other if self._check(shapes[i], f"{self.shown}: feature {i + 1}: geometry")]
        if sound:
            texts = [orjson.dumps(shapes[i]).decode() for i in sound]
            self._parsed(out, sound, texts)
        if self.long or any(len(p) > 3 for p in positions):
            self.notes.append("positions of more than three numbers: those behind the height are left out")
        boxes = [n for n, f in enumerate(self.features, 1) if "bbox" in f and not _box(f["bbox"])]
        if boxes:
            self.notes.append(f"'bbox' is no list of four or six numbers, and is not used: {rows_text('feature', boxes)}")
        return out

    def _parsed(self, out: NDArray[np.object_], rows: list[int], texts: list[str]) -> None:
        try:
            out[rows] = shapely.from_geojson(texts)
        except (shapely.errors.ShapelyError, ValueError):
            for i, text in zip(rows, texts, strict=True):
                try:
                    out[i] = shapely.from_geojson(text)
                except (shapely.errors.ShapelyError, ValueError) as error:
                    self.fault(f"{self.shown}: feature {i + 1}: geometry: {' '.join(str(error).split())[:120]}")

    def _check(self, shape: Any, where: str, nesting: int = 0) -> bool:
        """Gather what is wrong with a geometry; tell whether nothing is."""
        kind = _kind(shape)
        if kind == "GeometryCollection":
            parts = shape.get("geometries")
            if not isinstance(parts, list) or nesting > _NESTING:
                self.fault(f"{where}: 'geometries' is no list, or nested too deep")
                return False
            checked = [self._check(p, f"{where} {n}", nesting + 1) for n, p in enumerate(parts, 1)]
            return all(checked)
        if kind not in _DEPTH:
            self.fault(f"{where}: {_short(shape)} has no type of geometry; write one of {', '.join(_DEPTH)}")
            return False
        wrong = _wrong(shape.get("coordinates"), _DEPTH[kind], kind)
        if wrong:
            self.fault(f"{where}: {kind}: {wrong}")
        elif (flat := _three(shape["coordinates"])) is not shape["coordinates"]:
            shape["coordinates"] = flat
            self.long = True
        return not wrong

    def ids(self) -> list[str] | None:
        given = [f.get("id") for f in self.features]
        for n, value in enumerate(given, 1):
            if value is not None and (isinstance(value, bool) or not isinstance(value, str | int | float)):
                self.fault(f"{self.shown}: feature {n}: id {str(value)[:60]} is neither text nor a number")
        return None if all(v is None for v in given) else ["" if v is None else _plain(v) for v in given]

    def columns(self) -> tuple[list[str], list[pa.Array | pa.ChunkedArray]]:
        given = [f.get("properties") for f in self.features]
        missing = [n for n, f in enumerate(self.features, 1) if f and "properties" not in f]
        if missing:
            self.notes.append(f"no member 'properties': {rows_text('feature', missing)}")
        for n, p in enumerate(given, 1):
            if p is not None and not isinstance(p, dict):
                self.fault(f"{self.shown}: feature {n}: 'properties' is no object, but {str(p)[:60]!r}")
        rows = [p if isinstance(p, dict) else {} for p in given]
        names: dict[str, None] = {}
        for p in rows:
            if not p.keys() <= names.keys():
                names |= dict.fromkeys(p)
        try:
            check_count(len(names), self.shown)
        except DataError as error:
            self.fault.take(error)
            return [], []
        made = [from_python([p.get(name) for p in rows], name) for name in names]
        self.notes += [note for _, note in made if note]
        return list(names), [array for array, _ in made]


def _kind(given: Any) -> str | None:
    kind = given.get("type") if isinstance(given, dict) else None
    return kind if isinstance(kind, str) else None


def _short(given: Any) -> str:
    text = str(given.get("type")) if isinstance(given, dict) else str(given)
    return repr(text[:60])


def _plain(value: str | float) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _position(given: Any) -> bool:
    return type(given) is list and len(given) >= 2 and all(type(x) in (float, int) for x in given)


def _points(positions: list[list[float]]) -> NDArray[np.object_]:
    if all(len(p) == 2 for p in positions):
        return np.asarray(shapely.points(np.array(positions, dtype=np.float64)), dtype=object)
    out = np.empty(len(positions), dtype=object)
    for size in (2, 3):  # a fourth number has no meaning in RFC 7946, section 3.1.1
        rows = [i for i, p in enumerate(positions) if min(len(p), 3) == size]
        if rows:
            out[rows] = shapely.points(np.array([positions[i][:size] for i in rows], dtype=np.float64))
    return out


def _box(given: Any) -> bool:
    return isinstance(given, list) and len(given) in (4, 6) and all(type(x) in (float, int) for x in given)


def _three(given: Any) -> Any:
    """Return coordinates without what stands behind the third number; the same object where there is nothing."""
    if not given:
        return given
    if type(given[0]) is not list:
        return given if len(given) <= 3 else given[:3]
    parts = [_three(part) for part in given]
    return given if all(a is b for a, b in zip(parts, given, strict=True)) else parts


def _wrong(given: Any, depth: int, kind: str) -> str:
    """Return what is wrong with coordinates, or nothing."""
    if not isinstance(given, list):
        return f"the coordinates are {str(given)[:60]!r}, not a list"
    if depth == 0:
        return "" if _position(given) or not given else f"{str(given)[:60]} is no position; write [longitude, latitude]"
    if depth == 1:
        return _wrong_chain(given, kind)
    return next((w for w in (_wrong(part, depth - 1, kind) for part in given) if w), "")


def _wrong_chain(chain: list[Any], kind: str) -> str:
    odd = next((p for p in chain if not _position(p)), None)
    if odd is not None:
        return f"{str(odd)[:60]} is no position; write [longitude, latitude]"
    least = _LEAST.get(kind, 0)
    if chain and len(chain) < least:
        return f"{len(chain)} positions are fewer than the {least} that are needed"
    if least == 4 and chain and chain[0][:2] != chain[-1][:2]:
        return "a ring does not end where it begins"
    return ""
