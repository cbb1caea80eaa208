"""A worker in the peers' environment: loads layers into PostGIS and asks it by geography.

Every answer to a question has ``s``, the seconds until the rows were here, and ``n``, their number.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from time import perf_counter
from typing import Any

import asyncpg

COLUMNS = (
    "id integer, name text, place text, kind text, operator text, berths integer, built integer, "
    "throughput_mt_y double precision, depth_m double precision, surveyed date, working boolean, "
    "lon double precision, lat double precision"
)
# One array of row numbers crosses the wire, as binary: no peer is charged for its client's parsing.
RADIUS = "select coalesce(array_agg(id), '{{}}') from {} where ST_DWithin(geog, ST_MakePoint($1, $2)::geography, $3)"


VERSION = "select 'PostGIS ' || postgis_lib_version() || ', PostgreSQL ' || current_setting('server_version')"


async def load(to: asyncpg.Connection, table: str, csv: str, *, geography: bool) -> dict[str, Any]:
    """Load a CSV file into a table with a geometry and its index; with ``geography`` also with that and its index."""
    begin = perf_counter()
    await to.execute(f"create unlogged table staged ({COLUMNS})")
    await to.copy_to_table("staged", source=csv, format="csv", header=True)
    also = ", ST_MakePoint(lon, lat)::geography(Point, 4326) as geog" if geography else ""
    await to.execute(
        f"create table {table} as select id, name, place, kind, operator, berths, built, throughput_mt_y, depth_m, surveyed, "
        f"working, ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geometry(Point, 4326) as geom{also} from staged"
    )
    await to.execute("drop table staged")
    await to.execute(f"alter table {table} add primary key (id)")
    await to.execute(f"create index on {table} using gist (geom)")
    if geography:
        await to.execute(f"create index on {table} using gist (geog)")
    await to.execute(f"vacuum analyze {table}")
    return {"s": perf_counter() - begin}


async def radius(of: asyncpg.Connection, table: str, lon: float, lat: float, km: float) -> dict[str, Any]:
    begin = perf_counter()
    rows = await of.fetchval(RADIUS.format(table), lon, lat, km * 1000)
    return {"s": perf_counter() - begin, "n": len(rows), "rows": sorted(rows)}


async def version(of: asyncpg.Connection) -> dict[str, Any]:
    return {"version": await of.fetchval(VERSION)}


async def main(address: str) -> None:
    to = await asyncpg.connect(address, timeout=30, command_timeout=280)
    await to.execute("create extension if not exists postgis")
    for line in sys.stdin:
        request = json.loads(line)
        try:
            out = await {"load": load, "radius": radius, "version": version}[request.pop("do")](to, **request)
        except Exception as error:  # noqa: BLE001  whatever a peer fails with is told, and the bench goes on
            out = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(out), flush=True)
    await to.close()


if __name__ == "__main__":
    asyncio.run(main(os.environ["DATABASE_URL"]))
