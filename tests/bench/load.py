"""Load on a server: 16 connections that ask for random boxes, never the same twice; by wrk, or by Python where it is absent.

Both draw the same kind of boxes round points of the layer. wrk needs a twentieth of the processor time of a Python client,
which would be the bottleneck itself above some thousand requests a second on two cores.
"""

from __future__ import annotations

import json
import selectors
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from time import perf_counter

import numpy as np
from data import Points
from numpy.typing import NDArray

CONNECTIONS = 16
LIMIT = 100
ITEMS = f"limit={LIMIT}&bbox="
SCRIPT = Path(__file__).parent / "boxes.lua"


@dataclass(frozen=True)
class Load:
    """What a server did under load for some seconds."""

    per_second: float
    p50_ms: float
    p99_ms: float
    mean_bytes: float
    broken: int
    """Connections that broke and answers that did not come in time."""
    refused: int
    """Answers with a status from 400."""


@dataclass(frozen=True)
class Client:
    """Draws boxes round these points; ``folder`` is for wrk's file of them."""

    folder: Path
    points: Points

    @property
    def program(self) -> str:
        return "wrk" if shutil.which("wrk") else "a client in Python"

    def run(self, port: int, path: str, *, seconds: float, seed: int) -> Load:
        """Return what a server does with the boxes of a seed; ``path`` goes up to the box."""
        return (_wrk if shutil.which("wrk") else _python)(self, port, path, seconds=seconds, seed=seed)

    def boxes(self, seed: int) -> Iterator[str]:
        """Yield boxes as a bbox parameter writes them."""
        rng = np.random.default_rng(seed)
        while True:
            at = self._inner[rng.integers(len(self._inner))]
            half = 0.15 * 10 ** rng.random()
            lon, lat = (self.points.lon[at], self.points.lat[at]) + (rng.random(2) - 0.5) * half
            yield f"{lon - half:.6f},{lat - half:.6f},{lon + half:.6f},{lat + half:.6f}"

    @cached_property
    def _inner(self) -> NDArray[np.int64]:
        """Points from which no box reaches beyond 180° or a pole, where the peers are wrong."""
        return np.flatnonzero((np.abs(self.points.lon) < 177) & (np.abs(self.points.lat) < 87))[:20_000]

    def file(self) -> Path:
        """Return the file of the points that boxes are drawn round."""
        path = self.folder / "centres.txt"
        if not path.exists():
            lines = zip(self.points.lon[self._inner].tolist(), self.points.lat[self._inner].tolist(), strict=True)
            path.write_text("".join(f"{lon} {lat}\n" for lon, lat in lines), encoding="ascii")
        return path


def _wrk(client: Client, port: int, path: str, *, seconds: float, seed: int) -> Load:
    command = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds:.0f}s", "--timeout", "10s", "-s", str(SCRIPT)]
    given = [f"http://127.0.0.1:{port}", "--", str(client.file()), str(seed), path]
    done = subprocess.run([*command, *given], capture_output=True, text=True, timeout=seconds + 60, check=True)
    result = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    found = json.loads(result.removeprefix("RESULT "))
    served = max(found["requests"], 1)
    return Load(
        per_second=found["requests"] / found["seconds"],
        p50_ms=found["p50_ms"],
        p99_ms=found["p99_ms"],
        mean_bytes=found["bytes"] / served,
        broken=found["broken"],
        refused=found["refused"],
    )


# --- the client in Python


@dataclass
class _Connection:
    socket: socket.socket
    begun: float = 0.0
    got: bytearray = field(default_factory=bytearray)

    def whole(self) -> int | None:
        """Return the status of the answer once all of it is here."""
        head = self.got.find(b"\r\n\r\n")
        if head < 0:
            return None
        lines = bytes(self.got[:head]).lower().split(b"\r\n")
        lengths = [int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:")]
        # An answer without a length comes in chunks, of which the last is empty.
        ended = len(self.got) >= head + 4 + lengths[0] if lengths else self.got.endswith(b"0\r\n\r\n")
        return int(lines[0].split()[1]) if ended else None


@dataclass
class _Tally:
    spent: list[float] = field(default_factory=list)
    bytes: int = 0
    broken: int = 0
    refused: int = 0


def _python(client: Client, port: int, path: str, *, seconds: float, seed: int) -> Load:
    boxes, tally = client.boxes(seed), _Tally()
    begin = perf_counter()
    with selectors.DefaultSelector() as ready:
        for _ in range(CONNECTIONS):
            _ask(_connect(ready, port), path + next(boxes))
        while perf_counter() - begin < seconds:
            for key, _ in ready.select(timeout=1):
                _hear(key.data, ready, tally, path + next(boxes), port)
        spent = perf_counter() - begin
        for key in list(ready.get_map().values()):
            key.data.socket.close()
    times = np.array(tally.spent or [0.0]) * 1000
    p50, p99 = np.percentile(times, [50, 99]).tolist()
    return Load(len(tally.spent) / spent, p50, p99, tally.bytes / max(len(tally.spent), 1), tally.broken, tally.refused)


def _connect(ready: selectors.BaseSelector, port: int) -> _Connection:
    one = _Connection(socket.create_connection(("127.0.0.1", port), timeout=10))
    ready.register(one.socket, selectors.EVENT_READ, one)
    return one


def _ask(one: _Connection, path: str) -> None:
    one.got.clear()
    one.begun = perf_counter()
    one.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())


def _hear(one: _Connection, ready: selectors.BaseSelector, tally: _Tally, following: str, port: int) -> None:
    part = one.socket.recv(1 << 18)
    one.got += part
    status = one.whole()
    if status is None and part:
        return
    if status is not None:
        tally.spent.append(perf_counter() - one.begun)
        tally.bytes += len(one.got)
    tally.broken += status is None
    tally.refused += status is not None and status >= 400
    if not part or b"connection: close" in bytes(one.got[:2000]).lower():
        ready.unregister(one.socket)
        one.socket.close()
        one = _connect(ready, port)
    _ask(one, following)
