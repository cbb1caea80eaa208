"""Settings of pages and server, from the environment. An unknown ``CORRIDOR_…`` variable is an error."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from geo.errors import Faults, nearest

DEFAULT_LIMIT = 1000
LARGEST_LIMIT = 10_000
LONGEST_WORD = 4000
"""Characters in one value of a query string."""

LONGEST_FILTER = 20_000
"""Characters in the parameter filter."""

LARGEST_BODY = 1_000_000
"""Bytes in the body of a request."""

_KNOWN = {
    "CORRIDOR_HOME": "folder of the releases",
    "CORRIDOR_TILES": "address of online tiles that a reader may switch on, https://…/{z}/{x}/{y}.png",
    "CORRIDOR_TILES_ATTRIBUTION": "whom to credit for them",
    "CORRIDOR_BUILD_NODE": "wheel: build with Node from its wheel",
}


@dataclass(frozen=True)
class Settings:
    """What the environment says of the pages; the folder of the releases is the catalog's to know."""

    tiles: str = ""
    tiles_attribution: str = ""

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
    fault.throw()
    return Settings(tiles, environment.get("CORRIDOR_TILES_ATTRIBUTION", ""))
