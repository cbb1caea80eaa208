"""A view as one HTML file that works with no network: map, layers, popups, legend, search, sources."""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from pathlib import Path

from jinja2 import Environment, PackageLoader

from geo.errors import InputError
from layers import Catalog
from web import assets
from web.settings import Settings
from web.view import View

_BY_ID = "document.getElementById('{}')".format
_PAGES = Environment(loader=PackageLoader("web"), autoescape=True)


def html(catalog: Catalog, view: View, *, title: str = "", settings: Settings | None = None) -> bytes:
    """Return a view as one HTML file: nothing in it is fetched, and only the scripts it carries may run."""
    from web import maps  # noqa: PLC0415  Folium takes half a second to load, which no other command or answer waits for

    made = maps.parts(catalog, view, settings=settings, controls=True)
    held = f"[{', '.join(made.layers)}], [{', '.join(made.voyages)}]"
    listing = f"CorridorAtlas.sources({held}, {_BY_ID('sources')}, {_BY_ID('count')});"
    scripts = [assets.inline_script(s) for s in assets.SCRIPTS] + [script_text(made.script + listing)]
    page = _PAGES.get_template("export.html").render(
        title=title or default_title(view, catalog),
        description=description(view, catalog),
        policy=_policy(scripts, (settings or Settings()).tiles_host),
        styles=[assets.inline_style(s) for s in assets.STYLES],
        scripts=scripts,
        map_html=made.html,
        release=catalog.release.id,
        theme=view.theme,
        select=view.select,
        placed=view.at is not None,
    )
    return page.encode()


def script_text(script: str) -> str:
    """Return Folium's script for the inside of a ``<script>`` element."""
    return script.replace("</", "<\\/").strip()


def default_title(view: View, catalog: Catalog) -> str:
    """Return what a view shows, in words: its voyage, and what is asked of the layers."""
    voyage = view.voyage
    sailed = f"{voyage.start.name} to {voyage.end.name}" if voyage else ""
    named = " · ".join(filter(None, (sailed, _asked(view, catalog))))
    return f"{named}: Corridor Atlas" if named else "Corridor Atlas: the India–Russia strategic-minerals corridor"


def _asked(view: View, catalog: Catalog) -> str:
    asked = view.question
    if asked.region is not None:
        return catalog.region(asked.region).name
    if asked.near is not None:
        return f"Within {asked.radius} of {asked.near}"
    return str(asked.bbox) if asked.bbox is not None else ""


def description(view: View, catalog: Catalog) -> str:
    """Return the best way of a view's voyage, and its layers with their counts, in words."""
    counts = ", ".join(f"{len(s)} {s.layer.about['title']['en'].lower()}" for s in view.drawn(catalog))
    routes = view.routes(catalog)
    if routes is None:
        return counts
    from web import voyages  # noqa: PLC0415  most views have no voyage

    return " · ".join(filter(None, (voyages.summary(routes), counts)))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all.

    Raises
    ------
    InputError
        If it cannot be written; what stood there before is kept.
    """
    temporary = None
    path = path.resolve()
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)  # a device or a pipe takes what is written; a folder refuses it
            return
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
        temporary = None
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written: {error.strerror}. Name a file in a folder that is yours.") from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _policy(scripts: list[str], tiles_host: str) -> str:
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)
    rest = f"style-src 'unsafe-inline'; img-src data: {tiles_host}; base-uri 'none'; form-action 'none'"
    return f"default-src 'none'; script-src {hashes}; {rest}"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
