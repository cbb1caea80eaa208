"""What somebody asked to see: one frozen value behind the page's address, an embed and an export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from geo import areas
from geo.errors import Faults, InputError, nearest
from layers import Catalog
from layers.catalog import Selection
from layers.query import Question
from web import brought, voyagewords

if TYPE_CHECKING:
    from layers.journeys import Routes
    from layers.voyages import Voyage

THEMES = ("auto", "light", "dark")
WORDS = ("layers", "region", "bbox", "near", "radius", *voyagewords.WORDS, "select", "at", "theme")
"""The words of a view in a query string and, with two dashes, on the command line."""

NO_LAYERS = "none"
"""What the word ``layers`` says where every layer is switched off."""

_MAX_ZOOM = 18.0


@dataclass(frozen=True)
class View:
    """Layers, the question asked of them, the voyage, the feature that is open, the position, the theme.

    ``at`` is (longitude in [-180°, 180°], latitude, zoom). ``every`` says that no layer was named, so that all were meant: a
    map then leaves out what it cannot hold, where a layer that was asked for by name is an error.
    """

    layers: tuple[str, ...]
    question: Question = field(default_factory=Question)
    select: str | None = None
    at: tuple[float, float, float] | None = None
    theme: str = "auto"
    every: bool = False
    voyage: Voyage | None = None

    def selections(self, catalog: Catalog) -> list[Selection]:
        """Return the answer of each layer to the view's question."""
        return [catalog.select(layer, self.question) for layer in self.layers]

    def drawn(self, catalog: Catalog) -> list[Selection]:
        """Return the same as a map draws it.

        Raises
        ------
        InputError
            If an imported layer that was asked for has more features there than a map holds.
        """
        found = self.selections(catalog)
        return [brought.check(selection) for selection in found if not self.every or brought.holds(selection)]

    def left_out(self, catalog: Catalog) -> list[Selection]:
        """Return the answers that a map leaves out, since it cannot hold them."""
        return [selection for selection in self.selections(catalog) if self.every and not brought.holds(selection)]

    def routes(self, catalog: Catalog) -> Routes | None:
        """Return the answer to the view's voyage, None where it has none."""
        if self.voyage is None:
            return None
        from layers.journeys import answer  # noqa: PLC0415  most views have no voyage

        return answer(catalog, self.voyage)

    def words(self) -> str:
        """Return the view as a query string, in one order, without what is left at its default."""
        asked = {w: getattr(self.question, w) for w in ("region", "bbox", "near", "radius")}
        at = ",".join(f"{n:g}" for n in self.at) if self.at else None
        theme = None if self.theme == "auto" else self.theme
        sailed = voyagewords.written(self.voyage) if self.voyage else {}
        layers = ",".join(self.layers) or NO_LAYERS
        given = {"layers": layers, **asked, **sailed, "select": self.select, "at": at, "theme": theme}
        return urlencode({k: v for k, v in given.items() if v}, safe=",/")


def parse(words: Mapping[str, str | Sequence[str] | None], catalog: Catalog, *, polygon: areas.Shape | None = None) -> View:
    """Return the view that words describe, each word checked against the catalog.

    Raises
    ------
    InputError
        With every fault: an unknown word, layer, region, feature, port, passage, a malformed box or position.
    """
    fault = Faults()
    given = {k: v for k, v in words.items() if v not in (None, ())}
    for word in [k for k, v in given.items() if v == ""]:
        fault(f"{word} is empty. Leave it out, or give it a value.")
        del given[word]
    for word in sorted(set(given) - set(WORDS)):
        fault(f"{word!r} is not a word of a view. {nearest(word, WORDS)}")
    layers = fault.attempt(_layers, given.get("layers"), catalog) or ()
    question = fault.attempt(_question, given, polygon) or Question()
    if "region" in given:
        fault.attempt(catalog.region, given["region"])
    if "near" in given:
        fault.attempt(catalog.place, given["near"])
    sailed = {word: given[word] for word in voyagewords.WORDS if word in given}
    voyage = fault.attempt(voyagewords.read, sailed, catalog) if sailed else None
    select = given.get("select")
    if select:
        fault.attempt(feature_address, str(select), catalog)
    at = fault.attempt(_at, given.get("at"))
    theme = str(given.get("theme", "auto"))
    if theme not in THEMES:
        fault(f"theme {theme!r} is not one of {', '.join(THEMES)}.")
    fault.throw()
    return View(layers, question, str(select) if select else None, at, theme, "layers" not in given, voyage)


def feature_address(text: str, catalog: Catalog) -> tuple[str, int]:
    """Return the layer and the position of a feature named ``layer/id``."""
    layer, slash, feature = text.partition("/")
    if not slash:
        raise InputError(f"select {text!r} is not a feature's address. Write layer/id, for example ports/vladivostok.")
    return layer, catalog.layer(layer).position(feature)


def _layers(given: str | Sequence[str] | None, catalog: Catalog) -> tuple[str, ...]:
    """Return the asked layers in the order of the atlas; all where the word is missing."""
    if given is None:
        return tuple(one.id for one in catalog.layers)
    if given == NO_LAYERS:
        return ()
    asked = given.split(",") if isinstance(given, str) else given
    fault = Faults()
    for layer in asked:
        fault.attempt(catalog.layer, layer)
    fault.throw()
    return tuple(one.id for one in catalog.layers if one.id in asked)


def _question(given: Mapping[str, Any], polygon: areas.Shape | None) -> Question:
    return Question(given.get("region"), given.get("bbox"), given.get("near"), given.get("radius"), polygon)


def _at(given: str | None) -> tuple[float, float, float] | None:
    if given is None:
        return None
    help_ = "Write longitude,latitude,zoom, for example at=131.9,43.1,6."
    parts = str(given).split(",")
    try:
        lon, lat, zoom = (float(p) for p in parts)
    except ValueError:
        raise InputError(f"at {given!r} is not a position. {help_}") from None
    if not (abs(lon) <= 180 and abs(lat) <= 90 and 0 <= zoom <= _MAX_ZOOM):
        raise InputError(f"at {given!r} is not on the map: longitude ±180, latitude ±90, zoom 0 to {_MAX_ZOOM:g}. {help_}")
    return lon, lat, zoom
