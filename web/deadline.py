"""The time that one answer may take: what works longer is broken off with a 503, and the server goes on.

A watching thread raises ``TimeIsUp`` in the thread that works. It comes through as soon as that runs Python again; a worker
that stays in compiled code for as long again is ended, and the server puts a new one in its place.
"""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
_LOOK_EVERY_S = 0.1


class TimeIsUp(Exception):  # noqa: N818  it is raised in the middle of anything, and is nobody's error to handle but the server's
    """The answer took longer than it may. No ``AtlasError``: nothing that gathers faults may keep it."""


class Guard:
    """A WSGI application whose answers are begun within so many seconds, or broken off.

    ``give_up`` is called where an answer cannot be broken off either; by default the process ends, as a worker's should.
    """

    def __init__(self, app: Application, seconds: float, *, give_up: Callable[[], None] = lambda: os._exit(1)) -> None:
        self._app = app
        self._seconds = seconds
        self._give_up = give_up
        self._lock = threading.Lock()
        self._running: dict[int, float] = {}  # thread to when its answer was begun
        self._broken: set[int] = set()
        threading.Thread(target=self._watch, name="deadline", daemon=True).start()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        me = threading.get_ident()
        self._running[me] = time.monotonic()
        try:
            return self._app(environ, start_response)
        except TimeIsUp:  # outside of what the application itself answers
            start_response("503 Service Unavailable", [("Content-Type", "text/plain"), ("X-Content-Type-Options", "nosniff")])
            return [b"The answer took too long.\n"]
        finally:
            self._done(me)

    def _done(self, me: int) -> None:
        """Take a thread from the list, so that nothing is raised in it once its answer is there."""
        while True:
            try:
                with self._lock:
                    self._running.pop(me, None)
                    if me in self._broken:
                        self._broken.discard(me)
                        _raise_in(me, None)
                return
            except TimeIsUp:  # it came between the answer and here
                continue

    def _watch(self) -> None:
        while True:
            time.sleep(_LOOK_EVERY_S)
            now = time.monotonic()
            with self._lock:
                for thread, begun in list(self._running.items()):
                    if now - begun > 2 * self._seconds:
                        self._give_up()
                    elif now - begun > self._seconds and thread not in self._broken:
                        self._broken.add(thread)
                        _raise_in(thread, TimeIsUp)


def _raise_in(thread: int, error: type[Exception] | None) -> None:
    # Python's C API: with NULL, what was set and has not come through yet is taken back.
    given = ctypes.py_object(error) if error else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), given)
