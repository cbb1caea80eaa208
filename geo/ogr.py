"""GDAL, kept in a process of its own: one driver, no network, bounded time.

pyogrio cannot say which drivers may open a file, and GDAL tries them all. The process is started with every other driver
taken away (``GDAL_SKIP``) and refuses to work where that did not hold; what crashes or hangs there ends there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from geo.errors import InputError

DRIVERS = {"gpkg": "GPKG", "shapefile": "ESRI Shapefile", "flatgeobuf": "FlatGeobuf"}
_SCRIPT = Path(__file__).with_name("ogr_process.py")
_ENVIRONMENT = {
    "PROJ_NETWORK": "OFF",
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_HTTP_MAX_RETRY": "0",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{noext}",
    "GDAL_PAM_ENABLED": "NO",
    "OGR_SQLITE_LOAD_EXTENSIONS": "",
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
    "SHAPE_RESTORE_SHX": "YES",
    "PYTHONUTF8": "1",
}


@dataclass(frozen=True)
class OgrLayer:
    """A layer as GDAL gives it; ``table`` is None where it has no geometry, or was not asked for."""

    name: str
    table: pa.Table | None
    geometry: str
    fid: str
    crs: str | None
    warnings: tuple[str, ...]


def read(path: Path, kind: str, *, shown: str, wanted: list[str], encoding: str | None, seconds: float) -> list[OgrLayer]:
    """Return the layers of a private copy of a file; with ``wanted`` only those are filled.

    Raises
    ------
    InputError
        If GDAL cannot read it, or needs too long.
    """
    out = path.parent / "read"
    out.mkdir()
    task = {"driver": DRIVERS[kind], "path": str(path), "out": str(out), "wanted": wanted, "encoding": encoding}
    try:
        done = subprocess.run(  # noqa: S603  our own script, no shell
            [sys.executable, "-I", str(_SCRIPT)],
            input=json.dumps(task).encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
            cwd=out,
            env=_environment(DRIVERS[kind]),
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"{shown}: reading took more than {seconds:g} s and was ended. Divide the file.") from None
    answer = _answer(done.stdout)
    if done.returncode or "fault" in answer:
        reason = answer.get("fault") or "GDAL ended without a word"
        raise InputError(f"{shown}: the {DRIVERS[kind]} is damaged or cannot be read: {reason.rstrip('.')}.")
    return [_layer(one, out) for one in answer["layers"]]


def _answer(text: bytes) -> dict[str, Any]:
    try:
        return dict(json.loads(text.splitlines()[-1]))
    except (ValueError, IndexError):
        return {}


def _layer(one: dict[str, Any], out: Path) -> OgrLayer:
    table = None
    if one["file"]:
        with pa.memory_map(str(out / one["file"])) as mapped, pa.ipc.open_file(mapped) as reader:
            table = reader.read_all()
    return OgrLayer(one["name"], table, one["geometry"], one["fid"], one["crs"], tuple(one["warnings"]))


@cache
def _other_drivers(driver: str) -> str:
    import pyogrio  # noqa: PLC0415  only an import needs GDAL

    return ",".join(name for name in pyogrio.list_drivers() if name != driver)


def _environment(driver: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT")}
    return {**kept, **_ENVIRONMENT, "GDAL_SKIP": _other_drivers(driver)}
