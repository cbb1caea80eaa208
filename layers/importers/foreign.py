"""A layer out of a foreign file, checked and ready for a release."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geo import names
from geo.errors import AtlasError, DataError, Faults, InputError, UnknownError, nearest
from geo.files import Limits, Opened, opened
from layers.importers import columns, delimited, geojson, geoparquet, kml, ogr
from layers.importers.faults import nothing_imported
from layers.importers.place import NoGeometryError, kind_of, place
from layers.importers.raw import Raw

_ID = re.compile(r"[A-Za-z0-9_-]+")
_MAX_ID = 100
_MAX_FEATURE_ID = 200
_CONTROL = r"[\x00-\x1f\x7f]"


@dataclass(frozen=True)
class Foreign:
    """A layer of a foreign file, in CRS84.

    ``kind`` is point, line, polygon or mixed; ``ids`` are unique texts; ``geometry`` holds shapely geometries within
    ±180°, None where a row has none; ``columns`` are the file's own, in its order, with the same rows.
    """

    id: str
    title: str
    kind: str
    ids: NDArray[np.object_]
    geometry: NDArray[np.object_]
    columns: pa.Table
    file: str
    source_layer: str
    crs: str
    notes: tuple[str, ...]


def read(
    path: str | Path, *, source_layers: Sequence[str] = (), rename: str | None = None, limits: Limits | None = None
) -> list[Foreign]:
    """Return the layers of a file, or those that ``source_layers`` names; ``rename`` is the id of a single one.

    Raises
    ------
    InputError
        If the file cannot be read, is of no kind that is known, has no such layer; every fault of its rows is said.
    """
    if rename is not None and not _usable(rename):
        raise InputError(
            f"{rename!r} is no layer's id. Write letters, digits, - and _, at most {_MAX_ID}, for example my-layer."
        )
    wanted = list(dict.fromkeys(source_layers))
    try:
        with opened(path, limits) as files:
            raws, known = _raws(files, wanted, limits or Limits())
        return _chosen(raws, known, wanted=wanted, rename=rename, shown=Path(path).name)
    except AtlasError as error:
        raise type(error)(*nothing_imported(error.faults)) from None


def _chosen(
    raws: Sequence[Raw], known: Sequence[str], *, wanted: Sequence[str], rename: str | None, shown: str
) -> list[Foreign]:
    _known(wanted, known, shown)
    chosen = [r for r in raws if r.name in wanted] if wanted else list(raws)
    if rename is not None and len(chosen) > 1:
        listed = ", ".join(r.name for r in chosen)
        raise InputError(f"{shown} has {len(chosen)} layers: {listed}. Choose one with --source-layer, or leave --layer out.")
    return _foreign(chosen, rename, shown, strict=bool(wanted))


def _raws(files: Sequence[Opened], wanted: Sequence[str], limits: Limits) -> tuple[list[Raw], list[str]]:
    """Return what the files hold, and the names of all layers."""
    fault = Faults()
    raws: list[Raw] = []
    known: list[str] = []
    for file in files:
        found = fault.attempt(_layers, file, wanted, limits)
        if found is not None:
            raws += found[0]
            known += found[1]
    fault.throw(DataError)
    return raws, known


def _layers(file: Opened, wanted: Sequence[str], limits: Limits) -> tuple[list[Raw], list[str]]:
    if file.kind in ("gpkg", "shapefile", "flatgeobuf"):
        return ogr.read(file, wanted, limits)
    if file.kind == "parquet":
        raws = geoparquet.read(file, limits)
    else:
        raws = {"geojson": geojson.read, "csv": delimited.read, "kml": kml.read}[file.kind](file)
    return raws, [r.name for r in raws]


def _known(wanted: Sequence[str], known: Sequence[str], shown: str) -> None:
    fault = Faults()
    for name in wanted:
        if name not in known:
            fault.take(UnknownError(f"{shown} has no layer {name!r}. {nearest(name, known)}"))
    fault.throw()


def _foreign(raws: Sequence[Raw], rename: str | None, shown: str, *, strict: bool) -> list[Foreign]:
    """Return the layers, or every fault of all of them; a layer without geometry beside others is left out, with a note."""
    fault, bare = Faults(), Faults()
    taken: set[str] = set()
    out: list[Foreign] = []
    for raw in raws:
        try:
            made = _one(raw, shown)
        except NoGeometryError as error:
            (fault if strict else bare).take(error)
            continue
        except AtlasError as error:
            fault.take(error)
            continue
        chosen, notes = (rename, ()) if rename is not None else _layer_id(raw.name, taken)
        taken.add(chosen.casefold())
        out.append(replace(made, id=chosen, notes=(*notes, *made.notes)))
    for line in bare.lines if not out else ():
        fault(line)
    fault.throw(DataError)
    return [replace(one, notes=(*one.notes, *(f"left out: {line}" for line in bare.lines))) for one in out]


def _one(raw: Raw, shown: str) -> Foreign:
    geometry, crs, notes = place(raw)
    called, renamed = columns.named(raw.names)
    table = pa.table(raw.columns, names=called) if called else pa.table({}).slice(0, 0)
    if not called:
        table = pa.Table.from_struct_array(pa.array([{}] * len(geometry), pa.struct([])))
    _check_text(table, raw)
    ids, told = _ids(raw, table)
    found = (*raw.notes, *renamed, *told, *notes)
    return Foreign("", raw.name, kind_of(geometry), ids, geometry, table, shown, raw.name, crs, found)


def _check_text(table: pa.Table, raw: Raw) -> None:
    fault = Faults()
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            fault(f"{raw.shown}: layer {raw.name!r}: column {name!r} holds text that is not UTF-8. Save it anew.")
    fault.throw(DataError)


def _layer_id(name: str, taken: set[str]) -> tuple[str, tuple[str, ...]]:
    """Return an id for a layer of that name, and a note where it is another than the name."""
    wanted = name if _usable(name) else re.sub(r"[^A-Za-z0-9_-]+", "-", _latin(name)).strip("-")[:_MAX_ID] or "layer"
    chosen, n = wanted, 1
    while chosen.casefold() in taken:
        n += 1
        chosen = f"{wanted}-{n}"
    return chosen, () if chosen == name else (f"the layer {name!r} is called {chosen!r}",)


def _latin(name: str) -> str:
    return name if name.isascii() else names.fold(name)


def _usable(text: str) -> bool:
    return _ID.fullmatch(text) is not None and len(text) <= _MAX_ID


def _ids(raw: Raw, table: pa.Table) -> tuple[NDArray[np.object_], tuple[str, ...]]:
    """Return the file's own ids where every row has one and none comes twice, else a column ``id``, else numbers.

    A column ``id`` of text says more than the numbers by which a GeoPackage counts its rows.
    """
    column = table["id"] if "id" in table.column_names else pa.nulls(len(raw.geometry))
    told, counted = pa.types.is_string(column.type), pa.types.is_integer(column.type)
    own = ("ids of the file", pa.array(raw.ids, pa.string())) if raw.ids is not None else None
    named = ("the column 'id'", pc.cast(column, pa.string())) if told or counted else None
    notes: list[str] = []
    for found in (named, own) if raw.counted and told else (own, named):
        reason = _odd(found[1]) if found else ""
        if found and not reason:
            used = ("ids are those of the column 'id'",) if found is named else ()
            return np.array(found[1].to_pylist(), dtype=object), (*notes, *used)
        if found:
            notes.append(f"{found[0]} cannot be the ids: {reason}")
    return np.array([str(n) for n in range(1, len(raw.geometry) + 1)], dtype=object), tuple(notes)


def _odd(ids: pa.Array | pa.ChunkedArray) -> str:
    """Return why texts cannot be ids, or nothing."""
    empty = (pc.sum(pc.equal(pc.fill_null(ids, ""), "")).as_py()) or 0
    if empty:
        return f"{empty:,} rows have none"
    if len(pc.unique(ids)) < len(ids):
        return f"{len(ids) - len(pc.unique(ids)):,} come more than once"
    if pc.any(pc.match_substring_regex(ids, _CONTROL)).as_py():
        return "some hold control characters"
    if (pc.max(pc.binary_length(ids)).as_py() or 0) > _MAX_FEATURE_ID:
        return f"some are longer than {_MAX_FEATURE_ID} bytes"
    return ""
