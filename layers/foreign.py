"""Layers that users brought: from what an importer read to the files of a release, in arrays, a million features at a time.

A feature keeps its file's properties, nothing added. Features are stored in the order of places (bands of latitude from the
south, each from west to east), so that what lies together stands together in the file and is answered with few reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from geo import assign, boundaries
from geo.errors import DataError, Faults
from geo.pointindex import PointIndex
from layers import columns, writing
from layers.index import Rows
from layers.membership import REACH_KM

if TYPE_CHECKING:
    from layers.importers import Foreign

_LONGEST_ID = 200
_CHUNK = 20_000
_COLOUR = "#6b4fa0"
_SHAPES = {"point": "circle", "line": "line", "polygon": "line", "mixed": "line"}
_TEMPORAL = ("date", "timestamp")
_START, _END = ("start", "begin", "from"), ("end", "stop", "until", "to")


def check(foreign: Iterable[Foreign], taken: Iterable[str]) -> None:
    """Raise with every reason why layers cannot be added: an id that the atlas or another of them has, an overlong feature id.

    Raises
    ------
    DataError
        With every fault.
    """
    fault, seen = Faults(), set(taken)
    for one in foreign:
        if one.id in seen:
            fault(f"A layer {one.id!r} is there already and is not an imported one. Name another id with --layer.")
        seen.add(one.id)
        long = next((i for i in one.ids if len(str(i).encode()) > _LONGEST_ID), None)
        if long is not None:
            fault(f"{one.file}: {one.id}: the feature id {str(long)[:40]!r}… is longer than {_LONGEST_ID} bytes.")
    fault.throw(DataError)


def write(root: Path, foreign: Foreign, *, today: str) -> dict[str, Any]:
    """Write an imported layer below a release's folder; return what layers.json says of it."""
    geometry = np.asarray(foreign.geometry, dtype=object)
    order = _order(writing.bounds_of(geometry))
    geometry, table = geometry[order], foreign.columns.take(pa.array(order))
    ids = [str(i) for i in np.asarray(foreign.ids, dtype=object)[order]]
    about = _about(foreign, table, today)
    stored = writing.Stored(
        about=about,
        ids=ids,
        texts=_texts(ids, geometry, table),
        geometry=geometry,
        accuracy=np.zeros(len(ids), dtype=np.float64),
        members=_members(geometry, points=foreign.kind == "point"),
        columns=_asked(ids, table),
        cited=((),) * len(ids),
    )
    writing.write_layer(root, stored)
    return about


def _order(bounds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the rows in the order of the index over their middles, those without geometry last."""
    west, south, east, north = bounds.T
    across = west > east
    middle = (west + east + np.where(across, 360.0, 0.0)) / 2
    placed = PointIndex.build(np.where(middle > 180, middle - 360, middle), (south + north) / 2).rows().astype(np.int64)
    return np.concatenate([placed, np.flatnonzero(np.isnan(west))])


def _texts(ids: list[str], geometry: NDArray[np.object_], table: pa.Table) -> Iterator[bytes]:
    names = table.column_names
    for begin in range(0, len(ids), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        chunk = table.slice(begin, _CHUNK)
        values = zip(*(column.to_pylist() for column in chunk.columns), strict=True) if names else ((),) * len(ids[part])
        for feature, shape, row in zip(ids[part], shapely.to_geojson(geometry[part]), values, strict=True):
            text = {
                "type": "Feature",
                "id": feature,
                "geometry": None if shape is None else orjson.Fragment(shape),
                "properties": dict(zip(names, row, strict=True)),
            }
            yield orjson.dumps(text, option=orjson.OPT_UTC_Z)


def _asked(ids: list[str], table: pa.Table) -> pa.Table:
    """Return the columns that can be asked for: the file's own, and the ids where the file has no column of that name."""
    if "id" in table.column_names:
        return table
    return pa.table({"id": pa.array(ids, pa.string()), **dict(zip(table.column_names, table.columns, strict=True))})


def _about(foreign: Foreign, table: pa.Table, today: str) -> dict[str, Any]:
    fields = columns.queryables(table)
    title = foreign.title or foreign.id
    with_id = fields if "id" in table.column_names else [{"id": "id", "title": "id", "type": "string"}, *fields]
    return {
        "id": foreign.id,
        "title": {"en": title, "ru": title, "hi": title},
        "description": f"Imported from {foreign.file} on {today}.",
        "geometry": foreign.kind,
        "licence": "",
        "rule": "",
        "features": len(foreign.ids),
        "style": {"shape": _SHAPES[foreign.kind], "colour": _COLOUR, "colour_by": ""},
        "fields": [_field(q) for q in fields],
        "queryables": with_id,
        "properties": [q["id"] for q in fields],
        "temporal": _temporal(fields, table),
        "imported": {"file": foreign.file, "source_layer": foreign.source_layer, "date": today, "crs": foreign.crs},
    }


def _field(asked: Mapping[str, Any]) -> dict[str, Any]:
    quantity = asked["type"] in ("integer", "number")
    kept = {"id": asked["id"], "title": asked["title"], "kind": "quantity" if quantity else "text"}
    return {**kept, "unit": "", "description": "", "choices": [], "computed": False}


def _temporal(fields: list[dict[str, Any]], table: pa.Table) -> dict[str, Any] | None:
    """Return which columns say when a feature is: a beginning and an end by their names, else the first date or time."""
    dated = [q["id"] for q in fields if q["type"] in _TEMPORAL]
    if not dated:
        return None
    start = next((name for name in dated if name.lower().startswith(_START)), None)
    end = next((name for name in dated if name.lower().startswith(_END)), None)
    pair = (start, end) if start and end else (dated[0], None)
    last = pc.max(table.column(pair[1] or pair[0])).as_py()
    first = pc.min(table.column(pair[0])).as_py()
    return {"start": pair[0], "end": pair[1], "interval": [_said(first), _said(last)]}


def _said(moment: Any) -> str | None:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return None if moment is None else f"{moment.isoformat()}T00:00:00Z"


def _members(geometry: NDArray[np.object_], *, points: bool) -> dict[str, tuple[Rows, Rows]]:
    """Return the rows of every region: of places by the rule of layers.membership, of other shapes those that meet it."""
    found = _of_places(shapely.get_x(geometry), shapely.get_y(geometry)) if points else _of_shapes(geometry)
    for district in boundaries.load().of_kind("federal-district"):
        parts = [found[m] for m in district.members if m in found]
        if parts:
            found[district.id] = np.unique(np.concatenate(parts))
    nothing = np.empty(0, dtype=np.int32)
    return {region: (rows.astype(np.int32), nothing) for region, rows in sorted(found.items()) if len(rows)}


def _of_places(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
    shipped = boundaries.load()
    countries = sorted(r.id for r in shipped.of_kind("country"))
    found = _assigned(lon, lat, countries, np.arange(len(lon)))
    of_country: dict[str, list[str]] = {}
    for region in shipped.of_kind("admin1"):
        of_country.setdefault(region.country, []).append(region.id)
    for country, divisions in of_country.items():
        if country in found:
            found |= _assigned(lon, lat, sorted(divisions), found[country])
    return found


def _assigned(
    lon: NDArray[np.float64], lat: NDArray[np.float64], regions: list[str], rows: NDArray[Any]
) -> dict[str, NDArray[Any]]:
    shipped = boundaries.load()
    owner = assign.assign(lon[rows], lat[rows], [shipped.shapes[r] for r in regions], reach_km=REACH_KM)
    return {region: rows[owner == number] for number, region in enumerate(regions)}


def _of_shapes(geometry: NDArray[np.object_]) -> dict[str, NDArray[Any]]:
    shipped = boundaries.load()
    tree = shapely.STRtree(geometry)
    regions = [r.id for kind in ("country", "admin1") for r in shipped.of_kind(kind)]
    return {region: np.sort(tree.query(shipped.shapes[region], predicate="intersects")) for region in regions}
