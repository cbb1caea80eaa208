"""Routes and exposure over HTTP: what a query string asks of the sea, and the answer as data or as a page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response, g, request

from geo.errors import Faults, InputError
from layers import journeys
from layers.exposure import ASSUMED, Exposed
from layers.journeys import Routes
from layers.voyages import passages
from web import voyages, voyagewords
from web.ogc import items, links, parameters, render
from web.ogc.featurepages import Notes
from web.ogc.negotiation import EXPOSURE, ROUTES, Form
from web.tables import MEDIA_TYPES

ROUTE_WORDS = dict.fromkeys((*voyagewords.WORDS, "f"))


def routes() -> Response:
    """Return the routes that a request asks for; its page without words is the form to ask with."""
    fault = Faults()
    given = parameters.read(request.environ["QUERY_STRING"], ROUTE_WORDS, fault)
    form = fault.attempt(items.chosen, ROUTES, given.words)
    asked = {name: text for name, text in given.words.items() if name != "f"}
    if form and form.word == "html" and not asked and not fault.lines:
        return Response(_page(None, {}, _links(form, "")[:1]), content_type=form.media)  # there is no data of a form
    found = fault.attempt(_answer, asked)
    if fault.lines:
        # That a port is unknown is a fault of the question: this address is there.
        raise InputError(*dict.fromkeys(fault.lines))
    assert form is not None  # or its fault was raised
    assert found is not None
    around = _links(form, given.query(("f",)))
    if form.word == "html":
        return Response(_page(found, asked, around), content_type=form.media)
    document = voyages.collection(found, g.catalog, links=around)
    return Response(orjson.dumps(document), content_type=form.media)


def exposure() -> Response:
    """Return the disruption table of the trade routes."""
    form = items.chosen(EXPOSURE, parameters.only(request.environ["QUERY_STRING"], ("f",)))
    exposed = g.catalog.exposure()
    around = links.forms(f"{links.root()}/exposure", EXPOSURE, form)
    if form.word == "html":
        return Response(_exposure_page(exposed, around), content_type=form.media)
    if form.word == "csv":
        response = Response(voyages.exposure_text(exposed, "csv"), content_type=MEDIA_TYPES["csv"])
        response.headers["Content-Disposition"] = 'attachment; filename="exposure.csv"'
        return response
    told = {"passages": [one.facts() for one in exposed], "assumptions": list(ASSUMED), "release": g.catalog.release.id}
    return Response(orjson.dumps({**told, "links": around}, option=orjson.OPT_INDENT_2), content_type=form.media)


def _answer(words: dict[str, str]) -> Routes:
    return journeys.answer(g.catalog, voyagewords.read(words, g.catalog))


def _links(form: Form, query: str) -> list[links.Link]:
    return links.forms(f"{links.root()}/routes", ROUTES, form, query=query)


# --- pages


def _page(found: Routes | None, words: dict[str, str], around: list[links.Link]) -> str:
    notes = Notes(g.catalog.sources)
    ways = [] if found is None else voyages.listed(found, g.catalog)
    best: dict[str, Any] = ways[0] if ways else {}
    closed = [] if found is None else [{**one.facts(), "notes": _numbers(one.sources, notes)} for one in found.closed]
    heading = f"{found.voyage.start.name} to {found.voyage.end.name}" if found else "Routes by sea"
    return render.page(
        "routes",
        {"links": around},
        title=heading,
        heading=heading,
        place="routes",
        crumbs=[*render.crumbs(), ("Routes", f"{links.root()}/routes?f=html")] if found else render.crumbs(),
        words=words,
        found=found,
        passages=passages(),
        ways=ways,
        best=best,
        passed=[{**one, "href": _without(words, one["passage"])} for one in best.get("passed", ())],
        closed=closed,
        claims=_by_route(best.get("claims", ()), notes),
        unclosed=found.unclosed.facts() if found and found.unclosed else None,
        corridors=[_corridor(one, notes) for one in (voyages.by_land(found, g.catalog) if found else ())],
        emissions=[{**one, "notes": _numbers(one["sources"], notes)} for one in best.get("emissions", ())],
        cited=notes.cited,
    )


def _by_route(claims: Iterable[dict[str, Any]], notes: Notes) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Return claims with the numbers of their notes, gathered by the trade route that they are of, each with its first."""
    gathered: dict[str | None, list[dict[str, Any]]] = {}
    for one in claims:
        gathered.setdefault(one["trade_route"], []).append({**one, "notes": _numbers((one["source"],), notes)})
    return [(rows[0], rows) for rows in gathered.values()]


def _corridor(facts: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """Return a land corridor as the page shows it, everything with the numbers of its notes."""
    legs = [{**leg, "notes": _numbers(leg["sources"], notes)} for leg in facts["legs"]]
    emitted = [{**one, "notes": _numbers(one["sources"], notes)} for one in facts["emissions"]]
    return {**facts, "legs": legs, "emissions": emitted, "claims": _by_route(facts["claims"], notes)}


def _without(words: dict[str, str], passage: str) -> str:
    """Return the address of the same question with one more passage closed."""
    close = ",".join(filter(None, (words.get("close"), passage)))
    return f"{links.root()}/routes?{urlencode({**words, 'close': close, 'f': 'html'}, safe=',')}"


def _numbers(sources: tuple[str, ...] | list[str], notes: Notes) -> list[dict[str, Any]]:
    found = ((notes.number(source), notes.title(source)) for source in sources)
    return [{"number": number, "title": title} for number, title in found if number is not None]


def _exposure_page(exposed: tuple[Exposed, ...], around: list[links.Link]) -> str:
    return render.page(
        "exposure",
        {"links": around},
        title="Exposure",
        place="routes",
        crumbs=render.crumbs(),
        exposed=[one for one in exposed if one.costs],
        idle=[one.name for one in exposed if not one.costs],
        by=voyages.by,
        assumed=ASSUMED,
        points="chokepoints" in g.catalog.release.layers,
    )
