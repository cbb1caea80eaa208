"""The features of a layer, all or those that answer a question, and a single one. The path that is asked most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely
from flask import Response, request

from geo import crs
from geo.crs import Crs
from geo.errors import AtlasError, Faults, InputError
from layers.catalog import Catalog, Selection, check
from layers.query import FILTER_LANGUAGES, Question, names_of, read_filter
from layers.release import BETWEEN, Piece, StoredLayer
from web import tables
from web.ogc import featurepages, links, parameters
from web.ogc.links import Link
from web.ogc.negotiation import FEATURE, HTML, ITEMS, JSON, Form, Offer, accepted
from web.settings import DEEPEST_FILTER, LONGEST_FILTER, MOST_VERTICES
from web.tables import Answer

if TYPE_CHECKING:
    from layers.cql2 import Filter, Limits

REGION_WORDS = ("region", "bbox", "bbox-crs", "near", "radius")
FILTER_WORDS = ("filter", "filter-lang", "filter-crs", "datetime")
ITEM_WORDS = dict.fromkeys((*REGION_WORDS, *FILTER_WORDS, "sortby", "properties", "limit", "offset", "crs", "f"))
FEATURE_WORDS = dict.fromkeys(("crs", "f"))
_PAGE_WORDS = frozenset(("f", "offset"))
_HEADER_RELS = frozenset(("self", "next", "prev", "collection"))


@dataclass(frozen=True)
class Asked:
    """A request for features: the question, the form of its answer, and its coordinates."""

    given: parameters.Given
    question: Question
    form: Form
    system: Crs


@dataclass(frozen=True)
class Written(Selection):
    """A selection whose features have the coordinates of another reference system."""

    system: Crs = crs.DEFAULT

    def pieces(self) -> list[Piece]:
        return [BETWEEN.join(orjson.dumps(feature) for feature in self.features())]

    def features(self) -> Iterator[dict[str, Any]]:
        return rewritten(list(super().features()), self.system)


def rewritten(features: list[dict[str, Any]], system: Crs) -> Iterator[dict[str, Any]]:
    """Yield features with the coordinates of another reference system."""
    texts = [None if f["geometry"] is None else orjson.dumps(f["geometry"]).decode() for f in features]
    written = shapely.to_geojson(system.written(np.asarray(shapely.from_geojson(texts))))
    for feature, geometry in zip(features, written.tolist(), strict=True):
        yield {**feature, "geometry": None if geometry is None else orjson.loads(geometry)}


def items(layer: StoredLayer, catalog: Catalog) -> Response:
    """Return the features that a request asks for, in the form it asks for."""
    asked = ask(request.environ["QUERY_STRING"], layer, catalog)
    selection = catalog.select(layer.id, asked.question)
    if asked.system is not crs.DEFAULT:
        selection = Written(**vars(selection), system=asked.system)
    form, around = asked.form, page_links(asked, selection)
    if form.word == "html":
        response = Response(featurepages.items(layer, catalog, asked, selection, around), content_type=HTML)
    elif form.word == "geojson":
        response = Response(tables.geojson(Answer(catalog, [selection]), {"links": around}), content_type=form.media)
    else:
        response = Response(tables.writer(form.word)(Answer(catalog, [selection])), content_type=form.media)
        response.headers["Link"] = links.header(around, _HEADER_RELS)
        response.headers["OGC-NumberMatched"] = str(selection.matched)
        if form.word != "table":
            response.headers["Content-Disposition"] = f'attachment; filename="{layer.id}.{form.word}"'
    response.headers["Content-Crs"] = f"<{asked.system.uri}>"
    return response


def item(layer: StoredLayer, feature: str, catalog: Catalog) -> Response:
    """Return one feature with everything known of it."""
    fault = Faults()
    given = parameters.read(request.environ["QUERY_STRING"], FEATURE_WORDS, fault)
    form = fault.attempt(chosen, FEATURE, given.words)
    system = fault.attempt(parameters.system, given.words.get("crs"), "crs")
    fault.throw()
    assert form is not None  # or its fault was thrown
    assert system is not None
    one = Selection(layer, np.array([layer.position(feature)], dtype=np.int32), None, 1)
    found = next(one.features())
    if system is not crs.DEFAULT and found["geometry"]:
        found = next(rewritten([found], system))
    above = f"{links.root()}/collections/{layer.id}"
    here = f"{above}/items/{links.segment(feature)}"
    around = [*links.forms(here, FEATURE, form, query=given.query(("f",))), links.link("collection", above, JSON)]
    members = {"sources": one.cited(catalog.release), "release": catalog.release.id, "links": around}
    whole = {**found, **members}
    body = featurepages.item(layer, catalog, whole) if form.word == "html" else orjson.dumps(whole)
    response = Response(body, content_type=form.media)
    response.headers["Content-Crs"] = f"<{system.uri}>"
    return response


def ask(query: str, layer: StoredLayer, catalog: Catalog) -> Asked:
    """Return what a query string asks of a layer.

    Raises
    ------
    InputError
        With every fault of the query string.
    """
    fault = Faults()
    given = parameters.read(query, ITEM_WORDS, fault)
    form = fault.attempt(chosen, ITEMS, given.sound)
    system = fault.attempt(parameters.system, given.sound.get("crs"), "crs")
    if form and system and system is not crs.DEFAULT and form.word not in ("geojson", "html"):
        fault(f"crs: {form.word} is written in {crs.CRS84} only. Leave crs out, or ask with f=geojson.")
    question = fault.attempt(_question, given.sound, layer)
    if fault.lines:
        _check_names(given.sound, layer, catalog, fault)
    fault.throw()
    assert form is not None  # or its fault was thrown
    assert system is not None
    assert question is not None
    return Asked(given, question, form, system)


def chosen(offer: Offer, words: dict[str, str]) -> Form:
    """Return the form that ``f`` names, else the one that the header Accept likes best."""
    word = words.get("f")
    return accepted(offer, request.headers.get("Accept", "")) if word is None else offer.form(word)


def page_links(asked: Asked, selection: Selection) -> list[Link]:
    """Return the links of a page of features: itself, its other forms, its neighbours, its layer."""
    above = f"{links.root()}/collections/{selection.layer.id}"
    here, form, question = f"{above}/items", asked.form, asked.question
    rest = asked.given.query(_PAGE_WORDS)
    offset = f"offset={question.offset}" if question.offset else ""
    made = links.forms(here, ITEMS, form, query="&".join(filter(None, (rest, offset))))
    limit, after = question.limit or 0, question.offset + len(selection)
    start = f"{here}?{rest}&" if rest else f"{here}?"
    chosen_form = "&f=" + form.word
    if after < selection.matched:
        made.append(links.link("next", f"{start}offset={after}{chosen_form}", form.named, "the next page"))
    if question.offset:
        before = max(question.offset - limit, 0)
        made.append(links.link("prev", f"{start}offset={before}{chosen_form}", form.named, "the page before"))
    made.append(links.link("collection", above, JSON, "the layer"))
    return made


def _question(words: dict[str, str], layer: StoredLayer) -> Question:
    word = words.get
    fault = Faults()
    limit = fault.attempt(parameters.limit, word("limit"))
    offset = fault.attempt(parameters.whole, word("offset", "0"), "offset", 0) or 0
    sortby, properties = (
        fault.attempt(parameters.names, words[name], name) if name in words else None for name in ("sortby", "properties")
    )
    condition = fault.attempt(_filter, words, layer) if _asks_filter(words) else None
    box = fault.attempt(parameters.box, word("bbox"), word("bbox-crs"))
    text, area = (box, None) if box is None or isinstance(box, str) else (None, box)
    question = fault.attempt(
        lambda: Question(
            region=word("region"),
            bbox=text,
            near=word("near"),
            radius=word("radius"),
            polygon=area,
            limit=limit,
            offset=offset,
            filter=condition,
            datetime=word("datetime"),
            sortby=sortby or (),
            properties=properties,
        )
    )
    fault.throw()
    assert question is not None
    return question


def _asks_filter(words: dict[str, str]) -> bool:
    return "filter" in words or "filter-lang" in words or "filter-crs" in words


def _filter(words: dict[str, str], layer: StoredLayer) -> Filter | None:
    """Return the condition asked for, its property names checked (Part 3, /req/queryables/expression-construction)."""
    fault = Faults()
    language = words.get("filter-lang", FILTER_LANGUAGES[0])
    if language not in FILTER_LANGUAGES:
        fault(f"filter-lang {language!r} is not one of {', '.join(FILTER_LANGUAGES)}.")
    system = fault.attempt(parameters.system, words.get("filter-crs"), "filter-crs") or crs.DEFAULT
    if "filter" not in words:
        fault.throw()
        return None
    fault.throw()
    to_crs84 = None if system is crs.DEFAULT else system.unproject
    try:
        condition = read_filter(words["filter"], lang=language, to_crs84=to_crs84, limits=_limits())
        assert condition is not None  # it was given
        condition.check(layer.about["queryables"])
    except AtlasError as error:
        # A property that is not there is a fault of the filter and no address: 400, never 404 (Part 3, /req/queryables).
        raise InputError(*error.faults) from None
    return condition


def _limits() -> Limits:
    from layers.cql2 import Limits  # noqa: PLC0415  a question without a filter need not load its kernels

    return Limits(characters=LONGEST_FILTER, json_characters=LONGEST_FILTER, depth=DEEPEST_FILTER, vertices=MOST_VERTICES)


def _check_names(words: dict[str, str], layer: StoredLayer, catalog: Catalog, fault: Faults) -> None:
    """Gather the names that lead nowhere too, where there are faults already."""
    sortby, properties = names_of(words.get("sortby")), names_of(words.get("properties"))
    if all((*(sortby or ()), *(properties or ()))):
        fault.attempt(check, layer, Question(sortby=sortby or (), properties=properties))
    if words.get("region"):
        fault.attempt(catalog.region, words["region"])
    if words.get("near"):
        fault.attempt(catalog.place, words["near"])
