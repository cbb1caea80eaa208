"""The files that a browser needs, built into web/static/dist: one place that knows them, linked or inlined."""

from __future__ import annotations

import base64
import json
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
    return _read(name).decode("utf-8")


def _read(name: str) -> bytes:
    try:
        return (_DIST / name).read_bytes()
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
def inline_style(name: str, *, images: bool = False) -> str:
    """Return a style sheet for the inside of a ``<style>`` element, its images within it or, by default, left out."""
    if images:
        body = re.sub(r"url\((images/[\w.-]+)\)", lambda found: f"url({_image(found[1])})", text(name))
    else:  # Leaflet's own marker and layer-switch images: the atlas uses neither.
        body = re.sub(r"[^{}]*\{[^{}]*url\((?!['\"]?data:)[^{}]*\}", "", text(name))
    return body.replace("</", "<\\/").strip()


def marker_script() -> str:
    """Return a script that gives Leaflet's default marker its images, which it would else fetch."""
    names = {"iconUrl": "marker-icon.png", "iconRetinaUrl": "marker-icon-2x.png", "shadowUrl": "marker-shadow.png"}
    images = {option: _image(f"images/{name}") for option, name in names.items()}
    return f'L.Icon.Default.imagePath="";L.Icon.Default.mergeOptions({json.dumps(images)});'


def _image(name: str) -> str:
    return f"data:image/png;base64,{base64.b64encode(_read(name)).decode()}"
