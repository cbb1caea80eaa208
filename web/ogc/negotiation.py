"""In which form an answer is written: by the parameter ``f``, else by the header Accept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import NotAcceptable
from werkzeug.http import parse_accept_header

from geo.errors import InputError, nearest
from web.tables import FORMATS, MEDIA_TYPES

HTML = "text/html; charset=utf-8"
JSON = "application/json"
GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"


@dataclass(frozen=True, eq=False)
class Form:
    """One form of a resource: its word for ``f``, its media type, and others that it answers as well."""

    word: str
    media: str
    also: tuple[str, ...] = ()

    @cached_property
    def bare(self) -> str:
        """The media type without its parameters."""
        return self.media.partition(";")[0]

    @cached_property
    def named(self) -> str:
        """The media type as links and the API's description name it: an encoding of text is no part of it."""
        return self.media if self.bare.endswith("json") else self.bare


@dataclass(frozen=True, eq=False)
class Offer:
    """The forms that a resource has, the first by default; ``aliases`` are further words for ``f``.

    Compared as the one object that it is: an Accept header is looked up by it at every request.
    """

    forms: tuple[Form, ...]
    aliases: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> list[str]:
        """Every word that ``f`` may have."""
        return [*(form.word for form in self.forms), *(alias for alias, _ in self.aliases)]

    def form(self, word: str) -> Form:
        """Return the form of a word, or raise an error that offers the nearest."""
        wanted = dict(self.aliases).get(word, word)
        for form in self.forms:
            if form.word == wanted:
                return form
        raise InputError(f"There is no format {word!r}. {nearest(word, self.words)} f names one of them.")

    def others(self, form: Form) -> tuple[Form, ...]:
        """Return the forms beside one."""
        return tuple(other for other in self.forms if other is not form)


_PAGE = Form("html", HTML, ("application/xhtml+xml",))
DOCUMENT = Offer((Form("json", JSON), _PAGE))
QUERYABLES = Offer((Form("json", SCHEMA, (JSON,)), _PAGE))
DEFINITION = Offer((Form("json", OPENAPI, (JSON,)), _PAGE))
FEATURE = Offer((Form("geojson", GEOJSON, (JSON,)), _PAGE), (("json", "geojson"),))
ROUTES = Offer(FEATURE.forms, FEATURE.aliases)
EXPOSURE = Offer((*DOCUMENT.forms, Form("csv", MEDIA_TYPES["csv"])))
ITEMS = Offer(
    (
        *FEATURE.forms,
        *(Form(word, MEDIA_TYPES[word]) for word in FORMATS if word != "geojson"),
    ),
    FEATURE.aliases,
)


@lru_cache(maxsize=1024)
def accepted(offer: Offer, accept: str) -> Form:
    """Return the form that an Accept header likes best (RFC 9110, section 12.5.1); of equals the first that is offered.

    Raises
    ------
    NotAcceptable
        If the header takes none of the forms.
    """
    wanted = [(_bare(media), quality) for media, quality in parse_accept_header(accept, MIMEAccept)]
    if not wanted:
        return offer.forms[0]
    ranked = [(_quality(wanted, (form.bare, *form.also)), form) for form in offer.forms]
    best, form = max(ranked, key=lambda pair: pair[0])
    if best <= 0:
        kinds = ", ".join(one.bare for one in offer.forms)
        raise NotAcceptable(f"Accept {accept!r} takes nothing that this address has: {kinds}. f chooses as well.")
    return form


def _quality(wanted: Iterable[tuple[str, float]], kinds: Iterable[str]) -> float:
    return max(_quality_of(wanted, kind) for kind in kinds)


def _quality_of(wanted: Iterable[tuple[str, float]], kind: str) -> float:
    """Return the quality of a media type: the most specific range that matches decides, 0 where none does."""
    family = kind.partition("/")[0] + "/*"
    precise = {media: quality for media, quality in wanted if media in (kind, family, "*/*", "*")}
    return next((precise[media] for media in (kind, family, "*/*", "*") if media in precise), 0.0)


def _bare(media: str) -> str:
    return media.partition(";")[0].strip().lower()
