"""The production server: Granian's workers, each with the application over the same mapped files.

Granian reads requests and writes answers outside of Python, so that a slow client holds up nobody; it takes letters of any
script in an address, unescaped, as curl sends what people type: RFC 3986 does not, but ``?region=Приморский`` is meant so.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from functools import partial
from pathlib import Path

from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from geo.errors import InputError
from layers import Catalog
from web.app import create_app
from web.deadline import Guard
from web.settings import HEAD_SECONDS, LAST_PORT, READ_BUFFER, STOP_SECONDS, THREADS, Settings

_FORK = multiprocessing.get_context("fork")
_STDERR = {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}
_PROBE = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def serve(home: Path, settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Answer requests until the process is told to end, and say where once it answers.

    Raises
    ------
    DataError
        If no release is there.
    InputError
        If the address cannot be listened on.
    """
    release = Catalog.open(home).release.id
    held = _hold(host, port)
    address = held.getsockname()[:2]
    server = Granian(
        "corridor",
        address=address[0],
        port=address[1],
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=workers,
        blocking_threads=THREADS,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1000, max_buffer_size=READ_BUFFER),
        log_level=LogLevels.error,
        log_dictconfig={"handlers": {"console": _STDERR, "access": _STDERR}},
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    )
    shown = f"[{host}]" if ":" in host else host
    line = f"Corridor Atlas is at http://{shown}:{address[1]} (release {release}; Ctrl-C ends it)"
    # A process and no thread: a worker that is forked from beside a running thread inherits the locks it holds.
    telling = _FORK.Process(target=_tell, args=(address, line, os.getpid()), daemon=True)
    signal.signal(signal.SIGCHLD, lambda *_: telling.join(0))  # once it has told, nobody else waits for it
    server.on_startup(telling.start)
    multiprocessing.set_start_method(_FORK.get_start_method(), force=True)  # workers share what was loaded here
    server.serve(target_loader=partial(_application, home, settings, os.getpid()), wrap_loader=False)
    held.close()


def _application(home: Path, settings: Settings, parent: int) -> Flask:
    """Return the application of one worker; called in its process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # until Granian takes it: the handler that is inherited tells nobody
    os.setpgid(0, 0)  # Ctrl-C of a terminal is for the parent, which lets its workers finish
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    app = create_app(Catalog.open(home), settings)
    app.wsgi_app = Guard(app.wsgi_app, settings.request_seconds)  # type: ignore[method-assign]
    return app


def _end_with(parent: int) -> None:
    """End the worker when its parent has died without a word."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _tell(address: tuple[str, int], line: str, parent: int) -> None:
    """Print a line once the server answers."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    while not _answers(address):
        if os.getppid() != parent:
            return
        time.sleep(0.01)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _answers(address: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(address, timeout=5) as asking:
            asking.sendall(_PROBE)
            return asking.recv(12).startswith(b"HTTP/1.1 2")
    except OSError:
        return False


def _hold(host: str, port: int) -> socket.socket:
    """Return a socket that has the address, so that nobody else takes it before the workers do, which share it.

    A port that somebody listens on is refused, even by one who would share it: half of the requests would be lost to him.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free.bind((host, port))
        held = socket.socket(family, socket.SOCK_STREAM)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind((host, port))
    except OSError as error:
        reason = f"{error.strerror or error}"
        other_port = port + 1 if port < LAST_PORT else 8000
        other = f"Choose another port: --port {other_port}, or make serve PORT={other_port}; or another --host."
        raise InputError(f"http://{host}:{port} cannot be served: {reason}. {other}") from None
    return held
