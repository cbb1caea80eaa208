"""GeoPackage, Shapefile and FlatGeobuf, through GDAL in its own process: ``geo.ogr``."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from geo import ogr
from geo.errors import DataError
from geo.files import Limits, Opened
from geo.ogr import OgrLayer
from layers.importers.columns import check_count, typed
from layers.importers.faults import some
from layers.importers.raw import Raw

_WORDS = re.compile(rb"[\x80-\xff]+")
_NO_SYSTEM = ("undefined cartesian", "undefined geographic", "undefined srs", "unknown")


def read(file: Opened, wanted: Sequence[str], limits: Limits | None = None) -> tuple[list[Raw], list[str]]:
    """Return the layers of a file, only those of ``wanted`` where it names some, and the names of all that have a geometry.

    Raises
    ------
    InputError
        If GDAL cannot read the file; every geometry that is none.
    """
    assert file.path is not None  # files.opened copies what GDAL reads
    encoding, notes = _encoding(file) if file.kind == "shapefile" else (None, [])
    single = file.kind != "gpkg"
    found = ogr.read(
        file.path,
        file.kind,
        shown=file.shown,
        wanted=[] if single else list(wanted),
        encoding=encoding,
        seconds=(limits or Limits()).seconds,
    )
    bare = [one.name for one in found if not one.geometry]
    if bare:
        notes.append(f"without geometry and left out: {', '.join(bare[:10])}" + (" …" if len(bare) > 10 else ""))
    spatial = [one for one in found if one.geometry]
    if not spatial:
        raise DataError(f"{file.shown}: no layer of the file has a geometry.")
    raws = [_raw(one, file, [*file.notes, *notes]) for one in spatial if one.table is not None]
    return raws, [file.stem] if single and len(spatial) == 1 else [one.name for one in spatial]


def _raw(layer: OgrLayer, file: Opened, notes: list[str]) -> Raw:
    table = layer.table
    assert table is not None
    name = layer.name if file.kind == "gpkg" else file.stem
    geometry = _shapes(table.column(layer.geometry), file.shown, name)
    kept = [n for n in table.schema.names if n not in (layer.geometry, layer.fid)]
    check_count(len(kept), f"{file.shown}: layer {name!r}")
    made = [typed(table.column(n), n) for n in kept]
    # A Shapefile and a FlatGeobuf have no ids of their own: GDAL counts their rows.
    ids = (
        [str(i) for i in table.column(layer.fid).to_pylist()]
        if file.kind == "gpkg" and layer.fid in table.schema.names
        else None
    )
    told = (*notes, *(note for _, note in made if note), *(w for w in layer.warnings if "fid" not in w.lower()))
    return Raw(name, file.shown, geometry, kept, [a for a, _ in made], _system(layer.crs), ids, told, counted=True)


def _shapes(column: pa.ChunkedArray, shown: str, layer: str) -> NDArray[np.object_]:
    wkb = column.to_numpy()
    try:
        return np.asarray(shapely.from_wkb(wkb), dtype=object)
    except (shapely.errors.ShapelyError, ValueError, NotImplementedError):
        bad = [(n, reason) for n, one in enumerate(wkb, 1) if (reason := _reason(one))]
        lines = [f"{shown}: layer {layer!r}: feature {n}: geometry: {reason}" for n, reason in bad]
        raise DataError(*some(lines)) from None


def _reason(wkb: bytes | None) -> str:
    try:
        shapely.from_wkb(wkb)
    except (shapely.errors.ShapelyError, ValueError, NotImplementedError) as error:
        return " ".join(str(error).split())[:120]
    return ""


def _system(crs: str | None) -> str | None:
    return None if crs is None or any(word in crs.lower()[:200] for word in _NO_SYSTEM) else crs


def _encoding(file: Opened) -> tuple[str | None, list[str]]:
    """Return the encoding of a Shapefile's table where the file does not say it, and a note of what was taken."""
    assert file.path is not None
    table = file.path.with_suffix(".dbf")
    if file.path.with_suffix(".cpg").is_file() or not table.is_file():
        return None, []
    data = table.read_bytes()
    says = data[29] if len(data) > 32 else 0
    start = struct.unpack("<H", data[8:10])[0] if len(data) > 32 else 0
    words = _WORDS.findall(data[32:])
    if not words or says not in (0, 0x57):  # 0x57: 'ANSI', whatever that was on the writer's machine
        return None, []
    try:
        data[start:].decode()
        return "UTF-8", ["the encoding of the table is not said (.cpg is missing): UTF-8 fits"]
    except UnicodeDecodeError:
        # In Cyrillic whole words lie above ASCII; in western texts single letters do.
        cyrillic = sum(map(len, words)) / len(words) >= 2.5
        chosen = "CP1251" if cyrillic else "CP1252"
        return chosen, [f"the encoding of the table is not said (.cpg is missing): taken as {chosen}"]
