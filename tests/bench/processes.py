"""Servers as processes of ours: started, waited for, weighed and ended by their own ids."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from peers import AbsentError

START_S = 60
POLL_S = 0.002


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Weight:
    """Memory of a process, in MB: its share of all its pages (pss), of those that no file holds (anonymous), all (rss)."""

    pss: float
    anonymous: float
    rss: float


class Server:
    """A server that is running; ``until_s`` is the time from its start to the first 200 of ``path``."""

    def __init__(
        self, command: Sequence[str], *, port: int, path: str, log: Path, env: Mapping[str, str], cwd: Path | None = None
    ) -> None:
        self.port = port
        self._log = log
        begin = time.perf_counter()
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=dict(env),
                cwd=cwd,
                start_new_session=True,
            )
        try:
            self._wait(path)
        except BaseException:
            self.stop()
            raise
        self.until_s = time.perf_counter() - begin

    def get(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def workers(self) -> list[int]:
        """Return the processes that answer: those below the first that weigh like a worker, or that one alone."""
        below = {pid: weight.rss for pid in _descendants(self._process.pid) if (weight := _weight(pid)) is not None}
        heaviest = max(below.values(), default=0)
        return [pid for pid, rss in below.items() if rss > heaviest / 2] or [self._process.pid]

    def weights(self) -> list[Weight]:
        """Return what each worker weighs."""
        return [weight for pid in self.workers() if (weight := _weight(pid)) is not None]

    def stop(self) -> None:
        """End the server and whatever it started: they are one session of their own."""
        for number, patience in ((signal.SIGTERM, 8), (signal.SIGKILL, 5)):
            try:
                os.killpg(self._process.pid, number)
                self._process.wait(patience)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        self._process.poll()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _wait(self, path: str) -> None:
        until = time.monotonic() + START_S
        status = 0
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise AbsentError(f"the server ended with {self._process.returncode}: {self._said()}")
            try:
                status, _, _ = self.get(path)
            except OSError:
                time.sleep(POLL_S)
                continue
            except http.client.HTTPException:
                continue
            if status == 200:
                return
            time.sleep(POLL_S)
        raise AbsentError(f"no 200 within {START_S} s (last status {status}): {self._said()}")

    def _said(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "it said nothing"


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text(encoding="ascii").split()):
            found += [child, *_descendants(child)]
    return found


def _weight(pid: int) -> Weight | None:
    """Return what a process weighs, None where it has ended meanwhile."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = {}
    for line in lines:
        name, _, rest = line.partition(":")
        fields[name] = int(rest.split()[0]) / 1024
    return Weight(fields["Pss"], fields["Pss_Anon"], fields["Rss"])
