"""Addresses and links, composed from the root of the request once: a link costs one joining of text."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

from flask import request
from werkzeug.wsgi import get_current_url

from web.ogc.negotiation import Form, Offer

Link = dict[str, str]
RELATION = "http://www.opengis.net/def/rel/ogc/1.0/{}".format
_TITLES = {
    "json": "as JSON",
    "geojson": "as GeoJSON",
    "html": "as a page",
    "table": "as a text table",
    "csv": "as CSV",
    "gpkg": "as GeoPackage",
    "parquet": "as GeoParquet",
    "kml": "as KML",
}


def root() -> str:
    """Return the address of the service as this request called it, without a slash at its end."""
    e = request.environ
    return _root(e["wsgi.url_scheme"], e.get("HTTP_HOST", ""), e["SERVER_NAME"], e["SERVER_PORT"], e["SCRIPT_NAME"])


@lru_cache(maxsize=64)
def _root(scheme: str, host: str, name: str, port: str, script: str) -> str:
    environ = {"wsgi.url_scheme": scheme, "SERVER_NAME": name, "SERVER_PORT": port, "SCRIPT_NAME": script}
    if host:
        environ["HTTP_HOST"] = host
    return get_current_url(environ, root_only=True).rstrip("/")


def link(rel: str, href: str, media: str, title: str = "") -> Link:
    """Return a link."""
    made = {"rel": rel, "href": href, "type": media}
    return {**made, "title": title} if title else made


def forms(href: str, offer: Offer, form: Form, *, query: str = "") -> list[Link]:
    """Return the link to what is given and the links to its other forms; ``query`` is asked beside ``f``."""
    start = f"{href}?{query}&f=" if query else f"{href}?f="
    alternates = [
        {"rel": "alternate", "href": start + other.word, "type": other.named, "title": _TITLES[other.word]}
        for other in offer.forms
        if other is not form
    ]
    return [link("self", start + form.word, form.named, "this document"), *alternates]


def header(links: Iterable[Link], rels: frozenset[str]) -> str:
    """Return the links of some relations as a Link header (RFC 8288)."""
    chosen = (one for one in links if one["rel"] in rels)
    return ", ".join(f'<{one["href"]}>; rel="{one["rel"]}"; type="{one["type"]}"' for one in chosen)


def segment(text: str) -> str:
    """Return a text as one segment of a path."""
    return quote(text, safe="")
