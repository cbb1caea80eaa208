"""A private PostgreSQL cluster with PostGIS: in a temporary folder, on a free port of 127.0.0.1, ended with the run."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from peers import AbsentError, Peers
from processes import free_port

DATABASE = "postgres"
# What an operator of such a machine would set; without fsync loading is quicker, and reading is the same.
SETTINGS = {
    "shared_buffers": "512MB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "4GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "4GB",
}


@dataclass(frozen=True)
class Cluster:
    """Where the cluster answers."""

    port: int
    user: str
    password: str

    @property
    def address(self) -> str:
        return f"postgresql://{self.user}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"


@contextmanager
def cluster(peers: Peers) -> Iterator[Cluster]:
    """Start a cluster and end it with the block.

    Raises
    ------
    AbsentError
        If PostgreSQL with PostGIS is not here and cannot be installed, or does not start.
    """
    peers.debian("postgis", there=_programs() is not None)
    programs = _programs()
    if programs is None:
        raise AbsentError("no PostgreSQL with PostGIS below /usr/lib/postgresql")
    folder = Path(tempfile.mkdtemp(prefix="corridor-bench-pg-"))
    account = _account()
    shutil.chown(folder, account)
    try:
        here = Cluster(free_port(), "bench", secrets.token_hex(16))
        _create(programs, folder, account, here)
        with _running(programs, folder, account, here):
            yield here
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _create(programs: Path, folder: Path, account: str, here: Cluster) -> None:
    password = folder / "password"
    password.write_text(here.password, encoding="ascii")
    shutil.chown(password, account)
    create = ["initdb", "-D", str(folder / "data"), "-U", here.user, "-A", "scram-sha-256", "--pwfile", str(password)]
    _as(account, [str(programs / create[0]), *create[1:], "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])


@contextmanager
def _running(programs: Path, folder: Path, account: str, here: Cluster) -> Iterator[None]:
    control = [str(programs / "pg_ctl"), "-D", str(folder / "data"), "-w", "-t", "60"]
    chosen = {**SETTINGS, "listen_addresses": "127.0.0.1", "port": str(here.port), "unix_socket_directories": ""}
    options = " ".join(f"-c {k}='{v}'" for k, v in chosen.items())
    _as(account, [*control, "-l", str(folder / "log"), "-o", options, "start"])
    try:
        yield
    finally:
        _as(account, [*control, "-m", "immediate", "stop"])


def _as(account: str, command: list[str]) -> None:
    """Run a program as an account: PostgreSQL refuses to run as root."""
    who = pwd.getpwnam(account)
    switch = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run(
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=120,
        check=False,
        **switch,
    )
    if done.returncode:
        raise AbsentError(f"{Path(command[0]).name} failed: {done.stderr.decode(errors='replace').strip()[-300:]}")


def _account() -> str:
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    known = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _programs() -> Path | None:
    """Return the folder of the newest PostgreSQL that has PostGIS, as Debian lays them out."""
    root = Path("/usr/lib/postgresql")
    found = [p for p in root.glob("*/bin") if (p / "initdb").exists() and list((p.parent / "lib").glob("postgis-*.so"))]
    return max(found, key=lambda p: float(p.parent.name), default=None)
