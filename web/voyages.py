"""Routes and exposure as data: text table, JSON, GeoJSON, CSV; the same for the command and the API."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import shapely

from layers import Catalog
from layers.exposure import ASSUMED, Cost, Exposed
from layers.journeys import Journey, Routes
from layers.voyages import passage_name
from web.flat import citation
from web.tables import aligned, plain_text, spreadsheet_cell

ROUTE_FORMATS = ("table", "json", "geojson")
EXPOSURE_FORMATS = ("table", "json", "csv")
EXPOSURE_COLUMNS = (
    "passage",
    "passage_name",
    "trade_route",
    "name",
    "branch",
    "sea_nm",
    "sea_days",
    "cut",
    "extra_nm",
    "extra_days",
    "by",
    "reason",
)
_PRETTY = orjson.OPT_INDENT_2


def listed(routes: Routes, catalog: Catalog) -> list[dict[str, Any]]:
    """Return the journeys without their lines, best first."""
    return [journey.facts(catalog.sources) for journey in routes.journeys]


def collection(routes: Routes, catalog: Catalog, **more: Any) -> dict[str, Any]:
    """Return the journeys as a GeoJSON FeatureCollection; one without features has a ``reason``."""
    facts = listed(routes, catalog)
    features = [_feature(n, j, told) for n, (j, told) in enumerate(zip(routes.journeys, facts, strict=True), 1)]
    return {
        "type": "FeatureCollection",
        "features": features,
        "numberMatched": len(features),
        "numberReturned": len(features),
        **_around(routes, catalog),
        **more,
    }


def _around(routes: Routes, catalog: Catalog) -> dict[str, Any]:
    """Return what is told beside the journeys."""
    return {
        **({"reason": routes.reason} if routes.reason else {}),
        "unclosed": routes.unclosed.facts() if routes.unclosed else None,
        "corridors": by_land(routes, catalog),
        "closed": [one.facts() for one in routes.closed],
        "assumptions": list(routes.assumptions),
        "notes": list(routes.notes),
        "timeStamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "release": catalog.release.id,
        "sources": {s: catalog.sources[s] for s in routes.cited if s in catalog.sources},
    }


def kept(routes: Routes, catalog: Catalog) -> dict[str, Any]:
    """Return the collection as a map keeps it: named by its ends, without the time of its making."""
    title = f"{routes.voyage.start.name} to {routes.voyage.end.name}"
    return {"title": title, **{k: v for k, v in collection(routes, catalog).items() if k != "timeStamp"}}


def summary(routes: Routes) -> str:
    """Return the best way in one line; or why there is none."""
    if not routes.journeys:
        return routes.reason
    best, others = routes.journeys[0], len(routes.journeys) - 1
    more = f", and {others} other way{'s' if others > 1 else ''}" if others else ""
    return f"{best.length_nm:,.0f} nm by sea, {best.days:.1f} days at {routes.voyage.speed_kn:g} kn{more}"


def by_land(routes: Routes, catalog: Catalog) -> list[dict[str, Any]]:
    """Return the land corridors, best first."""
    return [corridor.facts(catalog.sources) for corridor in routes.corridors]


def route_text(routes: Routes, catalog: Catalog, form: str) -> bytes:
    """Return routes in one of ROUTE_FORMATS."""
    if form == "geojson":
        return orjson.dumps(collection(routes, catalog)) + b"\n"
    if form == "json":
        told = {"journeys": listed(routes, catalog), **_around(routes, catalog)}
        return orjson.dumps(told, option=_PRETTY) + b"\n"
    return _route_table(routes, catalog)


def exposure_text(exposed: Sequence[Exposed], form: str) -> bytes:
    """Return the exposure in one of EXPOSURE_FORMATS."""
    if form == "json":
        return orjson.dumps([one.facts() for one in exposed], option=_PRETTY) + b"\n"
    return _exposure_csv(exposed) if form == "csv" else _exposure_table(exposed)


def _feature(number: int, journey: Journey, facts: Mapping[str, Any]) -> dict[str, Any]:
    geometry = orjson.loads(shapely.to_geojson(shapely.set_precision(journey.line, 1e-6, mode="pointwise")))
    return {"type": "Feature", "id": str(number), "geometry": geometry, "properties": facts}


# --- text


def _route_table(routes: Routes, catalog: Catalog) -> bytes:
    if not routes.journeys and not routes.corridors:
        return b""
    notes = {source: n for n, source in enumerate((s for s in routes.cited if s in catalog.sources), 1)}
    release = catalog.release.id
    ways = listed(routes, catalog)
    blocks = [
        [f"{routes.voyage.start.name} to {routes.voyage.end.name}", "", *(_way_rows(ways) if ways else [routes.reason])],
        *(_sea_blocks(ways[0], notes) if ways else []),
        ["What the closures cost", *_unclosed(routes.unclosed.facts())] if routes.unclosed else [],
        *(_land_block(one, notes) for one in by_land(routes, catalog)),
        ["Assumed", *(f"  {line}" for line in (*routes.assumptions, *routes.notes))],
        [f"Sources (release {release})", *(f"[{n}] {citation(catalog.sources[s], release)}" for s, n in notes.items())],
    ]
    return ("\n\n".join("\n".join(map(plain_text, block)) for block in blocks if block) + "\n").encode()


def _way_rows(ways: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = [["", "nm", "km", "days", "passages"]]
    rows += [
        [
            str(n),
            f"{way['length_nm']:,.0f}",
            f"{way['length_km']:,.0f}",
            f"{way['days']:.1f}",
            ", ".join(way["passages"]) or "none",
        ]
        for n, way in enumerate(ways, 1)
    ]
    return aligned(rows)


def _sea_blocks(best: Mapping[str, Any], notes: Mapping[str, int]) -> list[list[str]]:
    closed = [f"  {c['name']}: {c['reason']}{_marks(c['sources'], notes)}" for c in best["closed"]]
    return [
        ["Passed", *aligned([_met(one) for one in best["passed"]])] if best["passed"] else [],
        ["Closed", *closed] if closed else [],
        ["Published", *_claims(best["claims"], notes)] if best["claims"] else [],
        ["Emissions, kg CO2e per tonne", *(_emitted(e, notes) for e in best["emissions"])],
    ]


def _unclosed(facts: Mapping[str, Any]) -> list[str]:
    by = f" by {', '.join(facts['passages'])}" if facts["passages"] else ""
    free = f"  With nothing closed or avoided that was asked: {facts['length_nm']:,.0f} nm, {facts['days']:.1f} days{by}."
    if facts["extra_nm"] is None:
        return [free, "  As asked there is no way."]
    return [free, f"  As asked: {facts['extra_nm']:+,.0f} nm, {facts['extra_days']:+,.1f} days."]


def _land_block(corridor: Mapping[str, Any], notes: Mapping[str, int]) -> list[str]:
    days = "no time for all legs" if corridor["days"] is None else f"{corridor['days']:.1f} days"
    modes = ", ".join(corridor["modes"])
    rows = [_land_row(leg, notes) for leg in corridor["legs"]]
    return [
        f"By land: {corridor['name']}",
        f"  {corridor['length_km']:,.0f} km ({corridor['length_nm']:,.0f} nm), {days}; {modes}",
        *(f"  {line}".rstrip() for line in aligned(rows)),
        *(["  Published", *(f"  {line}" for line in _claims(corridor["claims"], notes))] if corridor["claims"] else []),
        "  Emissions, kg CO2e per tonne",
        *(f"  {_emitted(one, notes)}" for one in corridor["emissions"]),
        *(f"  {line}" for line in corridor["notes"]),
    ]


def _land_row(leg: Mapping[str, Any], notes: Mapping[str, int]) -> list[str]:
    days = "" if leg["days"] is None else f"{leg['days']:.1f} days"
    cited = f"{leg['length_source']}{_marks(leg['sources'], notes)}"
    return ["", leg["mode"], f"{leg['from']} – {leg['to']}", f"{leg['length_km']:,.0f} km", days, cited]


def _claims(claims: Iterable[Mapping[str, Any]], notes: Mapping[str, int]) -> list[str]:
    return [f"  {claim['said']}{_marks([claim['source']], notes)}" for claim in claims]


def _met(passed: Mapping[str, Any]) -> list[str]:
    return ["", passed["name"], "" if passed["at_nm"] is None else f"after {passed['at_nm']:,.0f} nm"]


def _emitted(one: Mapping[str, Any], notes: Mapping[str, int]) -> str:
    tank, wake = (_kg(one[f"{scope}_kg_per_t"]) for scope in ("ttw", "wtw"))
    return f"  {one['ship']}: {tank} tank to wake, {wake} well to wake, factors of {one['year']}{_marks(one['sources'], notes)}"


def _kg(amount: float | None) -> str:
    return "no factor found" if amount is None else f"{amount:,.1f}"


def _marks(sources: Iterable[str], notes: Mapping[str, int]) -> str:
    return "".join(f" [{notes[source]}]" for source in sources if source in notes)


def _exposure_table(exposed: Sequence[Exposed]) -> bytes:
    blocks = [_exposed_block(one) for one in exposed if one.costs]
    idle = ", ".join(one.name for one in exposed if not one.costs)
    last = [f"Passed by no trade route: {idle}."] if idle else []
    return ("\n\n".join("\n".join(map(plain_text, block)) for block in [*blocks, last, list(ASSUMED)] if block) + "\n").encode()


def _exposed_block(exposed: Exposed) -> list[str]:
    rows = [["", _called(cost), *(_cost_cells(cost))] for cost in exposed.costs]
    return [f"{exposed.name} ({exposed.passage}) closed", *aligned(rows)]


def _cost_cells(cost: Cost) -> tuple[str, str, str]:
    facts = cost.facts()
    if cost.extra_km is None:
        return "cut", "", cost.reason
    return f"{facts['extra_nm']:+,.0f} nm", f"{facts['extra_days']:+,.1f} days", f"by {by(cost) or 'open water'}"


def by(cost: Cost) -> str:
    """Return the names of the passages that are taken instead."""
    return ", ".join(passage_name(one) for one in cost.by)


def _called(cost: Cost) -> str:
    return f"{cost.name}, {cost.branch}" if cost.branch else cost.name


def _exposure_csv(exposed: Sequence[Exposed]) -> bytes:
    out = io.StringIO()
    table = csv.DictWriter(out, EXPOSURE_COLUMNS, restval="", lineterminator="\r\n")
    table.writeheader()
    for one in exposed:
        rows: list[dict[str, Any]] = [cost.facts() for cost in one.costs] or [{}]
        for row in rows:
            told = {**row, "passage": one.passage, "passage_name": one.name, "by": " ".join(row.get("by", ()))}
            table.writerow({k: spreadsheet_cell(_word(v)) for k, v in told.items()})
    # Excel takes a file for UTF-8 only where it begins so.
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _word(value: Any) -> Any:
    return ("yes" if value else "no") if isinstance(value, bool) else value
