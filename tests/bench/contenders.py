"""The servers that are compared, each started on a free port of 127.0.0.1 over the same points."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from load import ITEMS, Client
from ours import ROOT, FailedError, Home
from peers import HERE, AbsentError, Peers
from postgis import Cluster
from processes import Server, free_port

WORKERS = 2
OURS, READY, TIPG = "ours", "ready bytes, the same stack", "tipg on PostGIS"
PROVIDERS = {"ogr": "pygeoapi, OGR GeoPackage", "sqlite": "pygeoapi, SQLiteGPKG"}
# What a server says by itself, or anew for each answer.
_OWN_HEADERS = {"content-length", "date", "server", "connection", "transfer-encoding", "content-security-policy", "etag"}


@dataclass(frozen=True)
class Contender:
    """A server and the address of its items, up to the box."""

    name: str
    server: Server
    path: str


def ours(home: Home, layer: str, log: Path) -> Contender:
    """Start ``corridor serve``."""
    port, path = free_port(), f"/collections/{layer}/items?"
    command = [sys.executable, "-m", "web.cli", "serve", "--workers", str(WORKERS), "--port", str(port)]
    server = _start_ours(command, port=port, path=path + "limit=1", log=log, env=home.env)
    return Contender(OURS, server, path + ITEMS)


def ready(home: Home, like: Contender, client: Client, log: Path) -> Contender:
    """Start the same server with /items answering bytes that are ready, as many as a real answer has."""
    _, said, body = like.server.get(f"{like.path}-180,-90,180,90")
    mean = client.run(like.server.port, like.path, seconds=2, seed=900).mean_bytes
    size = round(mean) - sum(len(f"{name}: {value}\r\n") for name, value in said.items()) - len("HTTP/1.1 200 OK\r\n\r\n")
    headers = {name: value for name, value in said.items() if name.lower() not in _OWN_HEADERS}
    given = {"headers": headers, "body": base64.b64encode(body[:size]).decode()}
    file = log / "ready.json"
    file.write_text(json.dumps(given), encoding="utf-8")
    port, path = free_port(), like.path.removesuffix(ITEMS)
    command = [sys.executable, str(HERE / "ready.py"), "serve", "--workers", str(WORKERS), "--port", str(port)]
    env = {**home.env, "BENCH_READY": str(file)}
    server = _start_ours(command, port=port, path=path, log=log / "ready.log", env=env)
    return Contender(READY, server, like.path)


def _start_ours(command: Sequence[str], *, port: int, path: str, log: Path, env: Mapping[str, str]) -> Server:
    try:
        return Server(command, port=port, path=path, log=log, env=env, cwd=ROOT)
    except AbsentError as error:
        raise FailedError(f"{' '.join(command)}: {error}") from None


def tipg(peers: Peers, cluster: Cluster, table: str, log: Path) -> Contender:
    """Start tipg over a table that is loaded already."""
    port, path = free_port(), f"/collections/public.{table}/items?"
    command = [str(peers.python("tipg")), "-m", "uvicorn", "tipg.main:app", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", str(WORKERS), "--log-level", "warning", "--no-access-log"]
    env = {**_plain_env(), "DATABASE_URL": cluster.address, "TIPG_ADD_TILES_VIEWER": "false"}
    server = Server(command, port=port, path=path + "limit=1", log=log / "tipg.log", env=env)
    return Contender(TIPG, server, path + ITEMS)


def pygeoapi(peers: Peers, gpkg: Path, layer: str, log: Path) -> list[Contender]:
    """Start pygeoapi over a GeoPackage, which it reads in two ways."""
    server = pygeoapi_server(peers, gpkg, layer, log)
    return [Contender(name, server, f"/collections/{kind}/items?{ITEMS}") for kind, name in PROVIDERS.items()]


def pygeoapi_server(peers: Peers, gpkg: Path, layer: str, log: Path) -> Server:
    peers.debian("pygeoapi", there=_gdal_there())
    python, port = peers.python("pygeoapi"), free_port()
    config, openapi = log / "pygeoapi.json", log / "pygeoapi-openapi.yml"
    config.write_text(json.dumps(_pygeoapi_config(gpkg, layer, port)), encoding="utf-8")
    env = {**_plain_env(), "PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
    if not openapi.exists():
        _generate_openapi(python, config, openapi, env)
    command = [str(python), "-m", "gunicorn", "pygeoapi.flask_app:APP", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(WORKERS), "--log-level", "warning"]
    return Server(command, port=port, path="/collections/ogr/items?limit=1", log=log / "pygeoapi.log", env=env)


def _generate_openapi(python: Path, config: Path, openapi: Path, env: Mapping[str, str]) -> None:
    command = [str(python.parent / "pygeoapi"), "openapi", "generate", str(config), "--output-file", str(openapi)]
    done = subprocess.run(command, env=dict(env), capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise AbsentError(f"pygeoapi openapi generate failed: {(done.stderr or done.stdout).strip()[-300:]}")


def _pygeoapi_config(gpkg: Path, layer: str, port: int) -> dict[str, Any]:
    text = {"en": "bench"}
    people = {"name": "bench", "url": "http://127.0.0.1"}
    source = {"source_type": "GPKG", "source": str(gpkg), "source_capabilities": {"paging": True}}
    providers = {
        "ogr": {"name": "OGR", "data": source, "layer": layer},
        "sqlite": {"name": "SQLiteGPKG", "data": str(gpkg), "table": layer},
    }
    extents = {"spatial": {"bbox": [-180, -90, 180, 90], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}}
    resources = {
        kind: {
            "type": "collection",
            "title": text,
            "description": text,
            "keywords": ["bench"],
            "links": [],
            "extents": extents,
            "providers": [{"type": "feature", "id_field": "fid", **provider}],
        }
        for kind, provider in providers.items()
    }
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": f"http://127.0.0.1:{port}",
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "gzip": False,
            "languages": ["en-US"],
            "pretty_print": False,
            "limits": {"default_items": 10, "max_items": 10_000, "on_exceed": "throttle"},
            "map": {"url": "http://127.0.0.1/{z}/{x}/{y}.png", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": text,
                "description": text,
                "keywords": {"en": ["bench"]},
                "keywords_type": "theme",
                "terms_of_service": "none",
                "url": "http://127.0.0.1",
            },
            "license": people,
            "provider": people,
            "contact": {
                **people,
                "position": "bench",
                "address": "",
                "city": "",
                "stateorprovince": "",
                "postalcode": "",
                "country": "",
            },
        },
        "resources": resources,
    }


def _gdal_there() -> bool:
    return Path("/usr/lib/python3/dist-packages/osgeo").exists() and any(Path("/usr/lib").glob("*/mod_spatialite.so"))


def _plain_env() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k != "PYTHONPATH" and not k.startswith("CORRIDOR_")}
