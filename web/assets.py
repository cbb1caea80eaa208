"""The files that a browser needs, built into web/static/dist: one place that knows them, linked or inlined."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from geo.errors import DataError

_DIST = files("web") / "static" / "dist"
STYLES = ("leaflet.css", "atlas.css")
SCRIPTS = ("leaflet.js", "atlas.js")


def folder() -> Path:
    """Return the folder of the built files."""
    return Path(str(_DIST))


@cache
def text(name: str) -> str:
    """Return one built file as text."""
    try:
        return (_DIST / name).read_text(encoding="utf-8")
    except OSError:
        raise DataError(
            f"web/static/dist/{name} is missing: this checkout was not installed. Run 'make serve' or 'pip install .'"
        ) from None


@cache
def inline_script(name: str) -> str:
    """Return a script for the inside of a ``<script>`` element: nothing in it can end that element."""
    body = re.sub(r"^//# sourceMappingURL=.*$", "", text(name), flags=re.MULTILINE).strip()
    # In JavaScript text "<" stands before these words only inside strings and comments.
    return re.sub(r"<(?=/script|!--)", r"\\x3C", body, flags=re.IGNORECASE)


@cache
def inline_style(name: str) -> str:
    """Return a style sheet for the inside of a ``<style>`` element, without images that would be fetched."""
    # Leaflet's own marker and layer-switch images: the atlas uses neither.
    body = re.sub(r"[^{}]*\{[^{}]*url\((?!['\"]?data:)[^{}]*\}", "", text(name))
    return body.replace("</", "<\\/").strip()
