"""GeoParquet 1.x, and Parquet whose geometry column says so itself; its bytes are told, its declared sizes bounded."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo.errors import DataError
from geo.files import Limits, Opened
from layers.importers.columns import check_count, typed
from layers.importers.raw import Raw

_NATIVE = ("point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon")
_MAX_ROWS = 100_000_000


def read(file: Opened, limits: Limits | None = None) -> list[Raw]:
    """Return the layer of a GeoParquet file.

    Raises
    ------
    DataError
        If it is damaged, too large unpacked, or has no geometry that is told.
    """
    try:
        table, geo = _table(file, limits or Limits())
        name, about = _primary(table, geo, file.shown)
        geometry = _shapes(table.column(name), about, file.shown)
        covering = _covering(geo)
        kept = [n for n in range(table.num_columns) if table.schema.names[n] not in {name, *covering}]
        names = [table.schema.names[n] for n in kept]
        check_count(len(kept), file.shown)
        made = [typed(table.column(n), table.schema.names[n]) for n in kept]
    except (
        pa.ArrowException,
        OSError,
        ValueError,
        TypeError,
        KeyError,
        NotImplementedError,
        shapely.errors.ShapelyError,
    ) as error:
        raise DataError(
            f"{file.shown}: the Parquet is damaged or cannot be read: {' '.join(str(error).split())[:200]}."
        ) from None
    notes = tuple(note for _, note in made if note)
    return [Raw(file.stem, file.shown, geometry, names, [a for a, _ in made], _crs(about, file.shown), None, notes, row="row")]


def _table(file: Opened, limits: Limits) -> tuple[pa.Table, dict[str, Any]]:
    parquet = pq.ParquetFile(
        pa.py_buffer(file.data), thrift_string_size_limit=100_000_000, thrift_container_size_limit=1_000_000
    )
    about = parquet.metadata
    unpacked = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
    if unpacked > limits.unpacked or about.num_rows > _MAX_ROWS:
        raise DataError(
            f"{file.shown}: {about.num_rows:,} rows of {unpacked / 1e6:,.0f} MB are more than are read. Divide the file."
        )
    table = parquet.read()
    index = [n for n in table.schema.names if n.startswith("__index_level_")]  # what pandas adds for itself
    raw = (about.metadata or {}).get(b"geo")
    geo = json.loads(raw) if raw else {}
    return table.drop_columns(index), geo if isinstance(geo, dict) else {}


def _primary(table: pa.Table, geo: dict[str, Any], shown: str) -> tuple[str, dict[str, Any]]:
    """Return the name of the geometry column and what the file says of it."""
    columns = geo.get("columns")
    if isinstance(columns, dict):
        name = geo.get("primary_column")
        if name not in columns or name not in table.schema.names or not isinstance(columns[name], dict):
            raise DataError(f"{shown}: the geometry column {name!r} is not in the file.")
        return str(name), columns[name]
    for field in table.schema:
        told = (field.metadata or {}).get(b"ARROW:extension:name") or getattr(field.type, "extension_name", "").encode()
        if told == b"geoarrow.wkb":
            return field.name, {"encoding": "WKB", **_extension_crs(field)}
    raise DataError(f"{shown}: this Parquet has no geometry column: the metadata 'geo' of GeoParquet is missing.")


def _extension_crs(field: pa.Field) -> dict[str, Any]:
    raw = (field.metadata or {}).get(b"ARROW:extension:metadata") or b""
    if not raw and isinstance(field.type, pa.BaseExtensionType):
        raw = field.type.__arrow_ext_serialize__()
    try:
        said = json.loads(raw or b"{}")
    except ValueError:
        return {}
    return {"crs": said["crs"]} if isinstance(said, dict) and "crs" in said else {}


def _covering(geo: dict[str, Any]) -> set[str]:
    """Return the columns that hold the boxes of geometries, which follow from them."""
    columns = geo.get("columns")
    boxes = [_member(_member(one, "covering"), "bbox") for one in columns.values()] if isinstance(columns, dict) else []
    paths = [path for box in boxes if isinstance(box, dict) for path in box.values()]
    return {path[0] for path in paths if isinstance(path, list) and path and isinstance(path[0], str)}


def _member(given: Any, name: str) -> Any:
    return given.get(name) if isinstance(given, dict) else None


def _shapes(column: pa.ChunkedArray, about: dict[str, Any], shown: str) -> NDArray[np.object_]:
    encoding = str(about.get("encoding", "WKB"))
    if encoding.upper() == "WKB":
        array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
        storage = array.storage if isinstance(array, pa.ExtensionArray) else array
        return np.asarray(shapely.from_wkb(storage.to_numpy(zero_copy_only=False)), dtype=object)
    if encoding in _NATIVE:
        return _native(column, encoding)
    raise DataError(f"{shown}: the geometry is encoded as {encoding!r}; WKB and GeoArrow can be read.")


def _native(column: pa.ChunkedArray, encoding: str) -> NDArray[np.object_]:
    import geopandas as gpd  # noqa: PLC0415  only a file in this rare encoding needs it

    field = pa.field(
        "geometry", column.type, metadata={"ARROW:extension:name": f"geoarrow.{encoding}", "ARROW:extension:metadata": "{}"}
    )
    frame = gpd.GeoDataFrame.from_arrow(pa.table([column], schema=pa.schema([field])))
    return np.asarray(frame.geometry.to_numpy(), dtype=object)


def _crs(about: dict[str, Any], shown: str) -> str | None:
    if "crs" not in about:
        return "OGC:CRS84"  # GeoParquet 1.1: where the key is missing
    given = about["crs"]
    if given is None:
        return None
    try:
        return str(CRS.from_json_dict(given).to_wkt() if isinstance(given, dict) else CRS.from_user_input(str(given)).to_wkt())
    except CRSError:
        raise DataError(f"{shown}: the reference system of the geometry cannot be read. Name it by an EPSG code.") from None
