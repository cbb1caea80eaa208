"""Compression of answers where the client asks for it: zstd or gzip, at the level that costs least.

Level 1 makes GeoJSON six to seven times smaller at 600 to 700 MB a second; higher levels cost ten times as much for a tenth
less. An answer's ETag is weak and stays: it names what is said, not the bytes (RFC 9110, section 8.8.1).
"""

from __future__ import annotations

import threading
from functools import lru_cache

import zstandard
from flask import Response, request
from isal import igzip
from werkzeug.datastructures import Accept
from werkzeug.exceptions import NotAcceptable
from werkzeug.http import parse_accept_header

from web.settings import SMALLEST_COMPRESSED

CODINGS = ("zstd", "gzip")
"""The content codings that are made, the better first."""

_LEVEL = 1
_TEXTS = frozenset(
    ("application/javascript", "application/json", "application/x-ndjson", "application/xml", "application/yaml")
)
_OTHER_NAMES = {"gzip": "x-gzip"}  # RFC 9110, section 8.4.1.3: to be taken for gzip
_own = threading.local()


def refuse_impossible() -> None:
    """Answer 406 to one who takes no coding that is made, not even none (RFC 9110, section 12.5.3)."""
    asked = request.environ.get("HTTP_ACCEPT_ENCODING")
    if asked and "0" in asked and _chosen(asked) == "":
        known = ", ".join((*CODINGS, "identity"))
        raise NotAcceptable(f"Accept-Encoding {asked!r} leaves no coding to answer in. Known: {known}.")


def compress(response: Response) -> Response:
    """Encode an answer's body as the request asks, where it is a text and long enough to gain from it."""
    if not _is_text(response.headers.get("Content-Type", "")) and response.status_code != 304:
        return response
    _vary(response)
    asked = request.environ.get("HTTP_ACCEPT_ENCODING")
    if not asked:
        return response
    coding = _chosen(asked)
    if coding in CODINGS and _may(response):
        body = response.get_data()
        if len(body) >= SMALLEST_COMPRESSED or not _takes_identity(asked):
            response.set_data(encoded(body, coding))
            response.headers["Content-Encoding"] = coding
            _weaken(response)
    return response


def encoded(body: bytes, coding: str) -> bytes:
    """Return bytes in one of CODINGS; equal bytes give equal bytes."""
    if coding == "gzip":
        return bytes(igzip.compress(body, _LEVEL, mtime=0))
    # A compressor must not be used by two threads at once; making one costs more than a small answer does.
    if not hasattr(_own, "zstd"):
        _own.zstd = zstandard.ZstdCompressor(level=_LEVEL)
    return bytes(_own.zstd.compress(body))


def _may(response: Response) -> bool:
    """Tell whether there is a whole body that nobody has encoded; a file of ours is read for it."""
    if response.status_code in (204, 206, 304) or "Content-Encoding" in response.headers:
        return False
    # What is streamed has no length; the built scripts and styles are files, and have one.
    if response.is_streamed and response.content_length is None:
        return False
    response.direct_passthrough = False
    return True


def _vary(response: Response) -> None:
    given = response.headers.get("Vary")
    if given is None:
        response.headers.add("Vary", "Accept-Encoding")
    elif "accept-encoding" not in given.lower() and given != "*":
        response.headers["Vary"] = f"{given}, Accept-Encoding"


def _weaken(response: Response) -> None:
    tag, weak = response.get_etag()
    if tag is not None and not weak:
        response.set_etag(tag, weak=True)


@lru_cache(maxsize=256)
def _is_text(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind.startswith("text/") or kind.endswith(("+json", "+xml")) or kind in _TEXTS


@lru_cache(maxsize=256)
def _chosen(asked: str) -> str:
    """Return the coding that a client likes best, the smaller answer where it does not care; nothing where none serves."""
    accepted = parse_accept_header(asked, Accept)
    quality = {coding: _quality(accepted, coding) for coding in CODINGS}
    best = max(CODINGS, key=lambda coding: quality[coding])
    named = [q for name, q in accepted if name == "identity"]
    if quality[best] > 0 and not (named and named[0] > quality[best]):
        return best
    return "identity" if _takes_identity(asked) else ""


def _quality(accepted: Accept, coding: str) -> float:
    other = _OTHER_NAMES.get(coding, coding)
    named = other in {name.lower() for name, _ in accepted}
    return float(accepted.quality(other if named else coding))


@lru_cache(maxsize=256)
def _takes_identity(asked: str) -> bool:
    accepted = parse_accept_header(asked, Accept)
    named = [q for name, q in accepted if name == "identity"] or [q for name, q in accepted if name == "*"]
    return not named or named[0] > 0
