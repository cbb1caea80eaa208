"""A worker in the peers' environment: GeoPandas and DuckDB over a layer, one timed answer for each line asked.

Every answer has ``s``, the seconds that the work took, and ``n``, the number of hits; ``told`` asks for ``rows``, who they are.
Geometries come as WKB in hexadecimal digits, new for every question, so that nothing prepared is met again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import cache
from time import perf_counter
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

BOX = "select row from points where x between ? and ? and y between ? and ?"


@cache
def frame(path: str) -> gpd.GeoDataFrame:
    """Return a layer with its index warm, dates as text already: so ``to_json`` need not turn them."""
    read = gpd.read_parquet(path)
    read["surveyed"] = read["surveyed"].astype(str)
    read.sindex.query(shapely.box(0, 0, 1, 1))
    return read


def mask(wkb: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"region": ["asked"]}, geometry=[shapely.from_wkb(bytes.fromhex(wkb))], crs="EPSG:4326")


def cx(path: str, box: list[float]) -> gpd.GeoDataFrame:
    west, south, east, north = box
    return frame(path).cx[west:east, south:north]


def sjoin(path: str, wkb: str) -> gpd.GeoDataFrame:
    return gpd.sjoin(frame(path), mask(wkb), predicate="within").drop(columns=["index_right", "region"])


def clip(path: str, wkb: str) -> gpd.GeoDataFrame:
    return gpd.clip(frame(path), mask(wkb))


def whole(path: str) -> gpd.GeoDataFrame:
    return frame(path)


def radius(path: str, lon: float, lat: float, km: float) -> dict[str, Any]:
    """Return what ``Geod.inv`` on every point says, the answer that an exact radius must give."""
    at = frame(path).geometry
    x, y = at.x.to_numpy(), at.y.to_numpy()
    begin = perf_counter()
    metres = pyproj.Geod(ellps="WGS84").inv(np.full(len(x), lon), np.full(len(x), lat), x, y)[2]
    rows = np.flatnonzero(metres <= km * 1000)
    spent = perf_counter() - begin
    return {"s": spent, "n": len(rows), "rows": rows.tolist()}


@cache
def database(path: str) -> Any:
    import duckdb
    import pyarrow as pa

    here = duckdb.connect()
    at = frame(path).geometry
    table = {"x": at.x.to_numpy(), "y": at.y.to_numpy(), "row": np.arange(len(at), dtype=np.int32)}
    here.register("given", pa.table(table))
    here.execute("create table points as select * from given order by x, y")
    return here


def duckdb_box(path: str, box: list[float]) -> dict[str, Any]:
    """Return the time for the row numbers in a box."""
    here = database(path)
    begin = perf_counter()
    found = here.execute(BOX, [box[0], box[2], box[1], box[3]]).fetchnumpy()["row"]
    return {"s": perf_counter() - begin, "n": len(found)}


QUERIES: dict[str, Callable[..., gpd.GeoDataFrame]] = {"cx": cx, "sjoin": sjoin, "clip": clip, "whole": whole}
OTHERS: dict[str, Callable[..., dict[str, Any]]] = {"radius": radius, "duckdb_box": duckdb_box}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Time a query up to its GeoJSON text, as bytes."""
    what, told = request.pop("do"), request.pop("told", False)
    frame(request["path"])
    if what in OTHERS:
        return OTHERS[what](**request)
    begin = perf_counter()
    found = QUERIES[what](**request)
    text = found.to_json().encode()
    spent = perf_counter() - begin
    out: dict[str, Any] = {"s": spent, "n": len(found), "bytes": len(text)}
    return out | {"rows": sorted(found.index.tolist())} if told else out


def main() -> None:
    for line in sys.stdin:
        try:
            out = answer(json.loads(line))
        except Exception as error:  # noqa: BLE001  whatever a peer fails with is told, and the bench goes on
            out = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(out), flush=True)


if __name__ == "__main__":
    main()
