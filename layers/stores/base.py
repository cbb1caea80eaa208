"""What the build and the catalog ask of a store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from layers.release import Release


class Store(Protocol):
    """Keeps immutable releases and says which one is current."""

    def publish(self, write: Callable[[Path], None]) -> str:
        """Let ``write`` fill an empty folder, keep it under its digest, make it current, and return its id."""

    @property
    def begun(self) -> bool:
        """Whether anything was ever published."""

    def current(self) -> Release:
        """Return the current release."""
