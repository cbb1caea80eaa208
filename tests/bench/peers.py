"""The peers, each in an environment of its own below a cache folder; never in ours. What cannot be had says why."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HERE = Path(__file__).parent
INSTALL_S = 600
WORKER_S = 300

REQUIREMENTS = {
    "geo": ("geopandas>=1.2", "shapely>=2.1", "pyogrio>=0.11", "pyarrow>=20", "duckdb>=1.4", "asyncpg>=0.30"),
    "tipg": ("tipg>=1.6", "uvicorn>=0.30", "uvloop>=0.20", "httptools>=0.6"),
    "pygeoapi": ("pygeoapi>=0.21", "gunicorn>=23"),
    "routes": ("searoute==1.6.0", "scgraph>=3.6"),
}
SHOWN = {
    "geo": ("geopandas", "shapely", "duckdb"),
    "tipg": ("tipg", "uvicorn"),
    "pygeoapi": ("pygeoapi", "gunicorn"),
    "routes": ("searoute", "scgraph"),
}
DEBIAN = {
    "wrk": ("wrk",),
    "postgis": ("postgresql-postgis",),
    "pygeoapi": ("python3-gdal", "python3-venv", "libsqlite3-mod-spatialite"),
}
_VERSIONS = """import sys
from importlib.metadata import version
print(*(f"{p} {version(p)}" for p in sys.argv[1:]), sep=", ")
"""
SYSTEM_PYTHON = Path("/usr/bin/python3")  # the one that Debian's GDAL bindings are made for


class AbsentError(Exception):
    """A peer, or a program that it needs, is not here and cannot be had; the message says why."""


@dataclass
class Peers:
    """Installs the peers where they are missing; where ``install`` is false there are none, and nothing is fetched."""

    cache: Path
    install: bool = True
    versions: dict[str, str] = field(default_factory=dict)

    def python(self, peer: str) -> Path:
        """Return the interpreter of a peer's own environment, made where it is missing.

        Raises
        ------
        AbsentError
            If it cannot be installed.
        """
        if not self.install:
            raise AbsentError(f"{peer} is not asked for in a quick run")
        folder = self.cache / peer
        wanted, done = "\n".join(REQUIREMENTS[peer]), folder / "installed"
        if not done.exists() or done.read_text(encoding="utf-8") != wanted:
            print(f"Installing {peer} into {folder}", flush=True)
            self._make(peer, folder)
            done.write_text(wanted, encoding="utf-8")
        python = folder / "bin" / "python"
        self._note_versions(peer, python)
        return python

    def debian(self, what: str, *, there: bool) -> None:
        """Install Debian's packages of a kind where they are missing, if we may."""
        if there:
            return
        packages = " ".join(DEBIAN[what])
        if not self.install:
            raise AbsentError(f"{packages} of Debian is not installed by a quick run")
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            raise AbsentError(f"needs root's apt-get install {packages}")
        if what == "postgis":
            _no_main_cluster()
        print(f"Installing {packages}", flush=True)
        command = ["apt-get", "install", "-y", "--no-install-recommends", *DEBIAN[what]]
        _run(command, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})

    def _make(self, peer: str, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        if peer == "pygeoapi":
            _run([str(SYSTEM_PYTHON), "-m", "venv", "--system-site-packages", str(folder)])
        else:
            _run([sys.executable, "-m", "venv", str(folder)])
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, *REQUIREMENTS[peer]])

    def _note_versions(self, peer: str, python: Path) -> None:
        self.versions[peer] = _run([str(python), "-c", _VERSIONS, *SHOWN[peer]]).strip()


class Worker:
    """A script run by a peer's own interpreter, asked by lines of JSON; it answers each with one."""

    def __init__(self, python: Path | str, script: str, **also: str) -> None:
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | also
        self._process = subprocess.Popen(
            [str(python), str(HERE / script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
            encoding="utf-8",
        )

    def ask(self, what: str, **given: Any) -> dict[str, Any]:
        """Return the worker's answer to a request."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": what, **given}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise AbsentError(f"its worker ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise AbsentError(f"{what} failed: {answer['error']}")
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _run(command: Sequence[str], env: dict[str, str] | None = None) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_S, env=env, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AbsentError(f"{command[0]} failed: {error}") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise AbsentError(f"{' '.join(command[:4])} … failed: {said[-1] if said else done.returncode}")
    return done.stdout


def _no_main_cluster() -> None:
    """Keep Debian from making and starting a cluster of its own on 5432: the bench has its private one."""
    folder = Path("/etc/postgresql-common/createcluster.d")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "corridor-atlas-bench.conf").write_text("create_main_cluster = false\n", encoding="ascii")
