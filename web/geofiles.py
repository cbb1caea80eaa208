"""Answers as files of geodata: GeoPackage, GeoParquet, KML. The rows are those of ``web.flat``."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import XMLGenerator

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from geo.errors import DataError, InputError
from layers import Catalog
from layers.catalog import Selection
from web import flat

if TYPE_CHECKING:
    import pyarrow as pa

_KML = "http://www.opengis.net/kml/2.2"
_GROUP_ROWS = 50_000
# XML 1.0, section 2.2: what a document may not hold, however it is written.
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


# --- GeoPackage


def gpkg(catalog: Catalog, selections: Sequence[Selection]) -> bytes:
    """Return a GeoPackage with a table for each layer.

    Raises
    ------
    InputError
        If there is no layer.
    DataError
        If it cannot be written, for want of room above all: no fault of the one who asks.
    """
    if not selections:
        raise InputError("A GeoPackage of no layer cannot be written. Name a layer, or write GeoJSON or CSV.")
    try:
        with tempfile.TemporaryDirectory(prefix="corridor-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "answer.gpkg"
            for selection in selections:
                _add_layer(path, selection, catalog)
            return path.read_bytes()
    except (OSError, RuntimeError) as error:  # pyogrio's errors are RuntimeErrors
        reason = " ".join(str(error).split()).rstrip(".")
        raise DataError(f"The GeoPackage cannot be made: {reason}. Is there room in the folder for temporary files?") from error


def _add_layer(path: Path, selection: Selection, catalog: Catalog) -> None:
    import pyarrow as pa  # noqa: PLC0415  the path of a web answer in JSON must not load it
    import pyogrio  # noqa: PLC0415

    table = _plain(_apart(flat.table(selection, catalog)))
    shapes, kind = _of_one_kind(flat.shapes(selection), selection.layer.about["geometry"])
    geometry, key = (flat.free_name(name, table.column_names) for name in ("geom", "fid"))
    pyogrio.write_arrow(
        table.append_column(geometry, pa.array(shapely.to_wkb(shapes, flavor="iso"), pa.binary())),
        path,
        layer=selection.layer.id,
        driver="GPKG",
        geometry_name=geometry,
        geometry_type=kind,
        crs="EPSG:4326",
        layer_options={"FID": key, "GEOMETRY_NAME": geometry},
    )


def _apart(table: pa.Table) -> pa.Table:
    """Return a table whose names differ by more than case, as SQL wants; a name that no other column has stays."""
    given = {name.casefold() for name in table.column_names}
    seen: set[str] = set()
    names = []
    for name in table.column_names:
        chosen, n = name, 1
        while chosen.casefold() in seen or (n > 1 and chosen.casefold() in given):
            n += 1
            chosen = f"{name}_{n}"
        seen.add(chosen.casefold())
        names.append(chosen)
    return table.rename_columns(names)


def _plain(table: pa.Table) -> pa.Table:
    """Return a table with lists as JSON text: few formats have a column for them."""
    import pyarrow as pa  # noqa: PLC0415

    for place, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            texts = [None if v is None else orjson.dumps(v).decode() for v in table.column(place).to_pylist()]
            table = table.set_column(place, field.name, pa.array(texts, pa.string()))
    return table


def _of_one_kind(shapes: NDArray[np.object_], kind: str) -> tuple[NDArray[np.object_], str]:
    """Return geometries of one type where the layer has one kind, and the type's name."""
    high = " Z" if shapely.has_z(shapes).any() else ""
    if kind == "point":
        return shapes, f"Point{high}"
    if kind == "mixed":
        return shapes, f"Unknown{high}" if high else "Unknown"
    make, single = (shapely.multilinestrings, 1) if kind == "line" else (shapely.multipolygons, 3)
    rows = np.flatnonzero(shapely.get_type_id(shapes) == single)
    if len(rows):
        shapes[rows] = make(shapes[rows], indices=np.arange(len(rows)))
    return shapes, f"{'MultiLineString' if kind == 'line' else 'MultiPolygon'}{high}"


# --- GeoParquet


def parquet(catalog: Catalog, selections: Sequence[Selection]) -> bytes:
    """Return GeoParquet 1.1 in CRS84, zstd; several layers are one table, whose column ``layer`` tells them apart.

    Raises
    ------
    InputError
        If there is no layer.
    """
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    if not selections:
        raise InputError("A GeoParquet file of no layer cannot be written. Name a layer, or write GeoJSON or CSV.")
    table = _joined([flat.table(one, catalog) for one in selections])
    shapes = np.concatenate([flat.shapes(one) for one in selections])
    geometry, box = (flat.free_name(name, table.column_names) for name in ("geometry", "bbox"))
    table = table.append_column(geometry, pa.array(shapely.to_wkb(shapes, flavor="iso"), pa.binary()))
    table = table.append_column(box, _boxes(shapes))
    about = orjson.dumps(_geo(geometry, box, shapes))
    out = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({b"geo": about}), out, compression="zstd", row_group_size=_GROUP_ROWS)
    return out.getvalue()


def _joined(tables: Sequence[pa.Table]) -> pa.Table:
    """Return tables below each other; a column that has several types becomes text."""
    import pyarrow as pa  # noqa: PLC0415

    kinds: dict[str, set[pa.DataType]] = {}
    for table in tables:
        for field in table.schema:
            kinds.setdefault(field.name, set()).add(field.type)
    odd = {name for name, types in kinds.items() if len(types) > 1}
    return pa.concat_tables([_as_text(_plain(t) if odd else t, odd) for t in tables], promote_options="default")


def _as_text(table: pa.Table, names: set[str]) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415

    for place, field in enumerate(table.schema):
        if field.name in names and not pa.types.is_string(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.string()))
    return table


def _boxes(shapes: NDArray[np.object_]) -> pa.Array:
    """Return the box of each geometry, for readers that skip what lies elsewhere."""
    import pyarrow as pa  # noqa: PLC0415

    bounds = shapely.bounds(shapes)
    parts = [pa.array(column, pa.float64()) for column in bounds.T]
    missing = pa.array(np.isnan(bounds[:, 0]))
    return pa.StructArray.from_arrays(parts, names=["xmin", "ymin", "xmax", "ymax"], mask=missing)


def _geo(geometry: str, box: str, shapes: NDArray[np.object_]) -> dict[str, Any]:
    """Return the metadata of GeoParquet 1.1; without a crs it is OGC:CRS84, without edges they are planar."""
    high = shapely.has_z(shapes)
    types = {f"{g.geom_type}{' Z' if z else ''}" for g, z in zip(shapes, high, strict=True) if g is not None}
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted(types),
        "covering": {"bbox": {side: [box, side] for side in ("xmin", "ymin", "xmax", "ymax")}},
    }
    if types:
        column["bbox"] = shapely.total_bounds(shapes).tolist()
    return {"version": "1.1.0", "primary_column": geometry, "columns": {geometry: column}}


# --- KML


def kml(catalog: Catalog, selections: Sequence[Selection]) -> bytes:
    """Return KML 2.2: a folder for each layer, a Placemark for each feature, values and citations as typed data."""
    out = io.StringIO()
    write = _Writer(out)
    write.start("kml", {"xmlns": _KML})
    write.start("Document")
    write.text("name", f"Corridor Atlas, release {catalog.release.id}")
    tables = [_plain(flat.table(one, catalog)) for one in selections]
    for number, table in enumerate(tables):
        _schema(write, f"layer{number}", table)
    ids: set[str] = set()
    for number, (selection, table) in enumerate(zip(selections, tables, strict=True)):
        _folder(write, selection, table, schema=f"layer{number}", ids=ids)
    write.end("Document")
    write.end("kml")
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + out.getvalue() + "\n").encode()


class _Writer(XMLGenerator):
    """Writes elements; every text goes through it, so that none is ever markup."""

    def __init__(self, out: io.StringIO) -> None:
        super().__init__(out, encoding="utf-8", short_empty_elements=True)

    def start(self, name: str, attributes: Mapping[str, str] | None = None) -> None:
        self.startElement(name, {k: _NO_XML.sub("\ufffd", v) for k, v in (attributes or {}).items()})  # type: ignore[arg-type]

    def end(self, name: str) -> None:
        self.endElement(name)

    def text(self, name: str, value: str, attributes: Mapping[str, str] | None = None) -> None:
        self.start(name, attributes)
        self.characters(_NO_XML.sub("\ufffd", value))
        self.end(name)


def _schema(write: _Writer, name: str, table: pa.Table) -> None:
    import pyarrow as pa  # noqa: PLC0415

    kinds = ((pa.types.is_boolean, "bool"), (pa.types.is_integer, "double"), (pa.types.is_floating, "double"))
    write.start("Schema", {"name": name, "id": name})
    for field in table.schema:
        kind = next((word for is_one, word in kinds if is_one(field.type)), "string")
        write.start("SimpleField", {"name": field.name, "type": kind})
        write.end("SimpleField")
    write.end("Schema")


def _folder(write: _Writer, selection: Selection, table: pa.Table, *, schema: str, ids: set[str]) -> None:
    write.start("Folder")
    write.text("name", selection.layer.id)
    names = [f.name for f in table.schema]
    label = next((n for n in names if n.casefold() in ("name", "title")), None)
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    for feature, values, shape in zip(selection.ids, rows, flat.shapes(selection), strict=True):
        row = {n: v for n, v in zip(names, values, strict=True) if v is not None}
        # An id stands once in a document; GDAL reads a feature's id from here, others from the data.
        write.start("Placemark", {} if feature in ids else {"id": feature})
        ids.add(feature)
        write.text("name", str(row.get(label, feature)))
        write.start("ExtendedData")
        write.start("SchemaData", {"schemaUrl": f"#{schema}"})
        for name, value in row.items():
            write.text("SimpleData", _said(value), {"name": name})
        write.end("SchemaData")
        write.end("ExtendedData")
        if shape is not None:
            _geometry(write, shape)
        write.end("Placemark")
    write.end("Folder")


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).replace("+00:00", "Z")
    return str(value)


def _geometry(write: _Writer, shape: Any) -> None:
    kind = shape.geom_type
    if kind == "Polygon":
        write.start("Polygon")
        write.text("tessellate", "1")
        for side, ring in (("outerBoundaryIs", shape.exterior), *(("innerBoundaryIs", r) for r in shape.interiors)):
            write.start(side)
            write.start("LinearRing")
            write.text("coordinates", _coordinates(ring.coords))
            write.end("LinearRing")
            write.end(side)
        write.end("Polygon")
    elif kind in ("Point", "LineString", "LinearRing"):
        write.start(kind)
        if kind != "Point":
            write.text("tessellate", "1")  # along the ground, not through it
        write.text("coordinates", _coordinates(shape.coords))
        write.end(kind)
    else:
        write.start("MultiGeometry")
        for part in shape.geoms:
            _geometry(write, part)
        write.end("MultiGeometry")


def _coordinates(positions: Iterable[Sequence[float]]) -> str:
    return " ".join(",".join(repr(float(x)) for x in p) for p in positions)
