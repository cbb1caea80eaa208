"""The one error tree of the project.

::

    AtlasError                 everything that we raise on purpose
    ├── InputError             what the user gave and can mend (exit 2, HTTP 400)
    │   ├── UnknownError       a name or address that leads nowhere (exit 2, HTTP 404)
    │   └── DataError          rows, declarations or a release that do not hold together (exit 2)
    └── NoRouteError           a question without an answer (exit 3)

An error carries every fault that was found, one line each, and a line says what was given, what is wrong and what
would work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, TypeVar

T = TypeVar("T")


class AtlasError(Exception):
    """An error with one line for each fault."""

    def __init__(self, *faults: str) -> None:
        self.faults: tuple[str, ...] = tuple(line.strip() for line in faults)
        super().__init__("\n".join(self.faults))


class InputError(AtlasError):
    """What was asked cannot be done as it was put; the asker can mend it."""


class UnknownError(InputError):
    """A name or an address leads nowhere."""


class DataError(InputError):
    """Rows, declarations or a stored release do not hold together."""


class NoRouteError(AtlasError):
    """The network has no way between two places under the closures asked for.

    ``closures`` are the passages whose closing cuts the way: with any one of them open, and the rest closed, there would be
    one. ``areas`` are the positions of the areas to avoid that the cut needs as well.
    """

    def __init__(self, *faults: str, closures: Iterable[str] = (), areas: Iterable[int] = ()) -> None:
        super().__init__(*faults)
        self.closures, self.areas = tuple(closures), tuple(areas)


class Faults:
    """Gathers faults, so that all of them are said at once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._only_unknown = True

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        self._only_unknown = False

    def take(self, error: AtlasError) -> None:
        self.lines.extend(error.faults)
        self._only_unknown &= isinstance(error, UnknownError)

    def attempt(self, make: Callable[..., T], *args: Any) -> T | None:
        """Return what ``make`` gives, or gather its faults and return None."""
        try:
            return make(*args)
        except AtlasError as error:
            self.take(error)
            return None

    def throw(self, kind: type[AtlasError] = InputError) -> None:
        """Raise ``kind`` with every line that was gathered, or return; names that lead nowhere stay an UnknownError."""
        if self.lines:
            lines = dict.fromkeys(self.lines)  # several layers may lack the same property
            raise (UnknownError if self._only_unknown and kind is InputError else kind)(*lines)


def nearest(word: str, known: Iterable[str], *, count: int = 3) -> str:
    """Return a sentence that offers the known words nearest to ``word``, or names them all where none is near."""
    words = sorted(set(known))
    if not words:
        return ""
    near = get_close_matches(word, words, n=count, cutoff=0.5)
    if near:
        return f"Did you mean {_or(near)}?"
    return f"Known: {', '.join(words)}." if len(words) <= 24 else ""


def _or(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
