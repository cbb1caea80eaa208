"""Every limit of the server and every setting of pages and server. An unknown ``CORRIDOR_…`` variable is an error.

The limits that no operator need change are constants; what he may is read from the environment, all of it checked at once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from geo.errors import Faults, nearest

# --- what may be asked

DEFAULT_LIMIT = 1000
"""Features on a page where ``limit`` is not given."""

LARGEST_LIMIT = 10_000
"""Features on a page, however many are asked for: OGC API Features lets the server give fewer."""

LONGEST_WORD = 4000
"""Characters in one value of a query string; more is a 400."""

LONGEST_FILTER = 20_000
"""Characters in the parameter ``filter``; more is a 400."""

DEEPEST_FILTER = 64
"""How deep a filter may be nested; more is a 400."""

MOST_VERTICES = 50_000
"""Vertices of all geometries in a filter together; more is a 400. The finest outline of a country at 1:10m has 37,000."""

MOST_DRAWN = 2000
"""Features of an imported layer on a map; more is a 400 that asks for a region."""

LARGEST_DRAWN = 4_000_000
"""Bytes of their GeoJSON."""

# --- what may be sent

LONGEST_ADDRESS = 60_000
"""Bytes in path and query; more is a 414. The server itself reads 65,534 and refuses what is longer without a document."""

LARGEST_HEADERS = 32_000
"""Bytes in the values of all headers of a request; more is a 431."""

LARGEST_BODY = 1_000_000
"""Bytes in the body of a request; more is a 413, and nothing of it is read."""

READ_BUFFER = 131_072
"""Bytes of a request's head that the server holds; more is refused by itself, with a 431 that has no document."""

HEAD_SECONDS = 10
"""How long the head of a request may take to come, and a connection stay open between two requests."""

# --- how it is answered

REQUEST_SECONDS = 30.0
"""How long one answer may be worked on; then it is broken off with a 503. CORRIDOR_REQUEST_SECONDS changes it."""

LAST_PORT = 65535
"""The highest number of a port."""

THREADS = 1
"""Requests that one worker answers at the same time. Two wait for each other and answer a fifth fewer; while a long export
holds up one worker, another answers: there are at least two where no number is given."""

MOST_WORKERS = 64
"""Processes that may be asked for."""

STOP_SECONDS = 10
"""How long a worker that was told to end may finish what it has begun."""

SMALLEST_COMPRESSED = 1000
"""Bytes of an answer below which compression gains nothing: it fits into one packet as it is."""

_KNOWN = {
    "CORRIDOR_HOME": "folder of the releases",
    "CORRIDOR_TILES": "address of online tiles that a reader may switch on, https://…/{z}/{x}/{y}.png",
    "CORRIDOR_TILES_ATTRIBUTION": "whom to credit for them",
    "CORRIDOR_WORKERS": f"processes that answer, 1 to {MOST_WORKERS}",
    "CORRIDOR_REQUEST_SECONDS": "how long one answer may take",
    "CORRIDOR_BUILD_NODE": "wheel: build with Node from its wheel",
}


def sensible_workers() -> int:
    """Return a process for each core that is ours, at least two and at most four: answers are short, and memory is not free."""
    ours = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(max(ours, 2), 4)


@dataclass(frozen=True)
class Settings:
    """What the environment says of pages and server; the folder of the releases is the catalog's to know.

    ``workers`` is 0 where nothing is said of it.
    """

    tiles: str = ""
    tiles_attribution: str = ""
    workers: int = 0
    request_seconds: float = REQUEST_SECONDS

    @property
    def tiles_host(self) -> str:
        """The host of the online tiles as a content security policy writes it, or nothing."""
        return "https://" + urlsplit(self.tiles).netloc if self.tiles else ""


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings.

    Raises
    ------
    InputError
        With every unknown variable and every value that does not serve.
    """
    fault = Faults()
    for name in sorted(n for n in environment if n.startswith("CORRIDOR_") and n not in _KNOWN):
        fault(f"{name} is not a setting. {nearest(name, _KNOWN)}")
    tiles = environment.get("CORRIDOR_TILES", "")
    whole = all(part in tiles for part in ("{z}", "{x}", "{y}")) and "{" not in urlsplit(tiles).netloc
    if tiles and not (tiles.startswith("https://") and whole):
        fault(f"CORRIDOR_TILES {tiles!r} is not an address of tiles on one host. Write https://host/{{z}}/{{x}}/{{y}}.png")
    if tiles and not environment.get("CORRIDOR_TILES_ATTRIBUTION"):
        fault("CORRIDOR_TILES needs CORRIDOR_TILES_ATTRIBUTION: whom to credit for the tiles.")
    workers = _workers(environment.get("CORRIDOR_WORKERS", ""), fault)
    seconds = _seconds(environment.get("CORRIDOR_REQUEST_SECONDS", ""), fault)
    fault.throw()
    return Settings(tiles, environment.get("CORRIDOR_TILES_ATTRIBUTION", ""), workers, seconds)


def _workers(given: str, fault: Faults) -> int:
    if not given:
        return 0
    if given.isascii() and given.isdecimal() and len(given) < 4 and 1 <= int(given) <= MOST_WORKERS:
        return int(given)
    fault(f"CORRIDOR_WORKERS {given!r} is not a whole number from 1 to {MOST_WORKERS}. Leave it out for one a core.")
    return 0


def _seconds(given: str, fault: Faults) -> float:
    try:
        seconds = float(given or REQUEST_SECONDS)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 3600:  # NaN neither
        fault(f"CORRIDOR_REQUEST_SECONDS {given!r} is not a number of seconds from 1 to 3600, for example 30.")
    return seconds
