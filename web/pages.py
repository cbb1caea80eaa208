"""The pages people open: the explorer, the embedded map, exports, and the files they are made of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, g, make_response, render_template, request, send_from_directory, url_for
from werkzeug.datastructures import MultiDict

from geo import gates
from geo.errors import Faults, InputError, nearest
from layers.rules import CLASSES
from web import api, assets, brought, export
from web.settings import LONGEST_WORD
from web.view import WORDS, View, parse

if TYPE_CHECKING:
    from web import maps

pages = Blueprint("pages", __name__)


@pages.get("/")
def explorer() -> Response:
    """The explorer: the whole of its state is in the query string. For programs, the landing page of the API."""
    if api.wants_landing():
        response = api.landing()
        response.headers["Vary"] = "Accept"
        return response
    from web import maps  # noqa: PLC0415  Folium takes half a second to load, which no answer with data waits for

    given = words(request.args, also=ROUTE)
    route = {word: given.pop(word) for word in ROUTE if word in given}
    view = parse(given, g.catalog)
    # The page holds each layer whole and asks the server what of it answers.
    whole = View(view.layers, every=view.every).drawn(g.catalog)
    view = replace(view, layers=tuple(selection.layer.id for selection in whole), every=False)
    all_of_it = replace(parse({}, g.catalog), at=view.at)
    made = maps.parts(g.catalog, all_of_it, settings=g.settings, controls=False)
    absent = [brought.left_out(selection) for selection in all_of_it.left_out(g.catalog)]
    response = _page("page.html", view, made, config={**_config(view, made, route), "absent": absent})
    response.headers["Vary"] = "Accept"
    return response


@pages.get("/embed")
def embed() -> Response:
    """The same map without the panel, for an iframe."""
    from web import maps  # noqa: PLC0415  as above

    view = parse(words(request.args), g.catalog)
    return _page("embed.html", view, maps.parts(g.catalog, view, settings=g.settings, controls=True), config={})


@pages.get("/export")
def exported() -> Response:
    """A view as a file: ``f=html`` is one page that works with no network."""
    given = words(request.args, also=("f",))
    form = given.pop("f", "html")
    if form != "html":
        raise InputError(
            f"There is no export {form!r}. {nearest(form, ['html'])} Data formats are at /collections/{{id}}/items?f=…"
        )
    view = parse(given, g.catalog)
    response = make_response(export.html(g.catalog, view, settings=g.settings))
    response.headers["Content-Disposition"] = 'attachment; filename="corridor-atlas.html"'
    return response


@pages.get("/static/<path:name>")
def static(name: str) -> Response:
    """The built scripts and styles."""
    response = send_from_directory(str(assets.folder()), name)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@pages.get("/favicon.ico")
def favicon() -> Response:
    """No picture: the pages carry theirs inline."""
    return Response(status=204)


@pages.get("/healthz")
def health() -> Response:
    """Answers while the server runs."""
    return Response("ok\n", mimetype="text/plain")


def words(given: MultiDict[str, str], *, also: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the words of a query string: each once, each known, none overlong."""
    fault = Faults()
    known = (*WORDS, *also)
    for word in given:
        if word not in known:
            fault(f"{word!r} is not a parameter here. {nearest(word, known)}")
        elif len(given.getlist(word)) > 1:
            fault(f"{word} is given {len(given.getlist(word))} times. Give it once.")
        elif not given[word]:
            fault(f"{word} is empty. Leave it out, or give it a value.")
        elif len(given[word]) > LONGEST_WORD:
            fault(f"{word} is {len(given[word])} characters long; at most {LONGEST_WORD} are read.")
    fault.throw()
    return {w: given[w] for w in known if w in given}


def _page(template: str, view: View, made: maps.Parts, *, config: dict[str, Any]) -> Response:
    page = render_template(
        template,
        title=export.default_title(view, g.catalog),
        description=export.description(view, g.catalog),
        map_html=made.html,
        map_script=export.script_text(made.script),
        nonce=g.nonce,
        styles=[url_for("pages.static", name=s) for s in assets.STYLES],
        scripts=[url_for("pages.static", name=s) for s in assets.SCRIPTS],
        release=g.catalog.release.id,
        theme=view.theme,
        select=view.select,
        config=config,
    )
    return make_response(page)


ROUTE = ("from", "to", "close", "open", "avoid", "date", "ice_class", "draught", "speed", "alternatives")
LISTS = ("close", "open", "avoid")


def _config(view: View, made: maps.Parts, route: dict[str, str]) -> dict[str, Any]:
    question = view.question
    held = set(g.catalog.layer("chokepoints").ids)
    passages = sorted(gates.gates().values(), key=lambda gate: gate.name)
    state = {
        "layers": list(view.layers),
        "region": question.region,
        "bbox": question.bbox,
        "near": question.near,
        "radius": question.radius,
        "select": view.select,
        "at": list(view.at) if view.at else None,
        "theme": view.theme,
        "route": {w: (route.get(w, "").split(",") if route.get(w) else []) if w in LISTS else route.get(w) for w in ROUTE}
        if route
        else None,
    }
    endpoints = {
        "items": "/collections/{layer}/items",
        "regions": "/regions",
        "export": "/export",
        "embed": "/embed",
        "routes": "/routes",
    }
    listed = [{"id": p.id, "name": p.name, "feature": f"chokepoints/{p.id}" if p.id in held else None} for p in passages]
    order = [one.id for one in g.catalog.layers]
    return {
        "map": made.name,
        "layers": list(made.layers),
        "order": order,
        "state": state,
        "endpoints": endpoints,
        "passages": listed,
        "ice_classes": list(CLASSES),
    }
