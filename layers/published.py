"""What is published about a way between two ends, beside what is computed: lengths and transit times.

A claim of a trade route is compared only where it speaks of the same ends: those of its trade route where its category names
no place, else those that its category names. A distance between ports is compared only with a way through the passages that
it names. An end is called by every port within 30 km of it, by name and by UN/LOCODE (Mumbai and Nhava Sheva).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo import gates
from geo.measure import KM_PER_NM
from layers import rules, units
from layers.ends import End, names_in, ports
from layers.rules import Distance

if TYPE_CHECKING:
    from layers.catalog import Catalog

FIELDS = {"length_km": "km", "transit_days": "days"}
"""The fields of trade routes that speak of a way, and the unit of each."""

Called = tuple[frozenset[str], frozenset[str]]


@dataclass(frozen=True)
class Published:
    """A claim of a way between the same ends: ``amount`` is its value in km or days.

    ``route`` and ``name`` are empty where it is of no trade route; ``via`` are the passages that its way goes through, as far
    as it says so.
    """

    route: str
    name: str
    claim: dict[str, Any]
    amount: float
    via: frozenset[str] = frozenset()

    @property
    def is_length(self) -> bool:
        """Whether it is a length, not a time."""
        return bool(self.claim["field"] == "length_km")

    def is_of(self, passages: Collection[str]) -> bool:
        """Whether it speaks of a way with these passages: one that goes through all that it names."""
        return self.via <= frozenset(passages)

    def beside(
        self, computed: float | None, words: str, sources: Mapping[str, Mapping[str, str]], **more: Any
    ) -> dict[str, Any]:
        """Return it beside the computed km or days, where there are any; ``words`` lead to the computed value in ``said``.

        ``difference_pct`` is how much more the computed is than the published.
        """
        claim = self.claim
        kept = {k: claim[k] for k in ("field", "value", "unit", "category", "as_of", "source", "note")}
        told = {"trade_route": self.route or None, "trade_route_name": self.name or None, **kept, **more}
        said = _said(claim, sources.get(claim["source"], {}))
        if computed is None:
            return {**told, "computed": None, "difference_pct": None, "said": f"{said}."}
        apart = 100 * (computed - self.amount) / self.amount
        shown = computed / KM_PER_NM if claim["unit"] == "nm" else computed
        figure = f"{shown:,.0f} {claim['unit']}" if self.is_length else f"{shown:,.1f} days"
        more_or_less = "as much" if abs(apart) < 0.5 else f"{abs(apart):.0f} % {'more' if apart > 0 else 'less'}"
        sentence = f"{said}; {words} {figure}, {more_or_less}."
        return {**told, "computed": round(shown, 1), "difference_pct": round(apart, 1), "said": sentence}


def _said(claim: Mapping[str, Any], source: Mapping[str, str]) -> str:
    by = source.get("publisher", claim["source"])
    when = f", {claim['as_of']}" if claim["as_of"] else ""
    qualified = f" ({claim['category']})" if claim["category"] else ""
    return f"{by}{when}: {claim['value']:,} {claim['unit']}{qualified}"


def between(catalog: Catalog, start: End, end: End) -> tuple[Published, ...]:
    """Return what is published between two ends, either way round: by trade routes, newest first within one, then distances."""
    known = ports(catalog.release)
    called = known.around(start), known.around(end)
    found: list[Published] = []
    if "trade-routes" in catalog.release.layers:
        layer = catalog.layer("trade-routes")
        features = (layer.feature(row) for row in range(len(layer)))
        found = [one for feature in features for one in _of(feature, called)]
    # A page whose figure is a claim of a trade route too is not told of twice.
    told = {(one.claim["source"], one.claim["unit"], float(one.claim["value"])) for one in found}
    rows = (row for row in rules.shipped().distances if (row.source, row.unit, float(row.value)) not in told)
    return (*found, *(_distance(row) for row in rows if _same_ports(row, called)))


def _of(feature: dict[str, Any], called: Called) -> Iterator[Published]:
    p = feature["properties"]
    main = [leg for leg in p["legs"] if "branch" not in leg]
    if any(leg["mode"] != "sea" for leg in main):
        return  # what is published of a corridor over land stands beside that corridor (layers.corridors), not the sea's way
    same = _same_ends({main[0]["from"]}, {main[-1]["to"]}, called)
    for claim in p["claims"]:
        if claim["field"] in FIELDS and _speaks_of(claim["category"], called, same=same):
            amount = units.convert(str(claim["value"]), claim["unit"], FIELDS[claim["field"]])
            if amount > 0:
                yield Published(str(feature["id"]), p["name"], claim, amount)


def _same_ends(first: Collection[str], last: Collection[str], called: Called) -> bool:
    start, end = called
    return bool((start & set(first) and end & set(last)) or (end & set(first) and start & set(last)))


def _speaks_of(category: str, called: Called, *, same: bool) -> bool:
    # Capital letters are names: "upper bound" speaks of the route itself, "Murmansk–Yokohama" of these two ends.
    if category == category.lower():
        return same
    return all(any(name in category for name in names) for names in called)


# --- distances between ports


def _same_ports(row: Distance, called: Called) -> bool:
    first = names_in(row.start) | {row.start_locode}
    return _same_ends(first - {""}, (names_in(row.end) | {row.end_locode}) - {""}, called)


def _distance(row: Distance) -> Published:
    words = ", ".join(filter(None, (row.kind, row.via and f"via {row.via}")))
    claim = {
        "field": "length_km",
        "value": number(row.value),
        "unit": row.unit,
        "category": words,
        "as_of": row.as_of,
        "source": row.source,
        "note": row.note,
    }
    return Published("", "", claim, row.amount_km, via_passages(row.via))


def via_passages(via: str) -> frozenset[str]:
    """Return the passages among the words for a way: ``tsugaru; taiwan`` names two, ``east of Japan`` none."""
    words = (part.split(" (")[0].strip() for part in re.split(r"[;,]", via))
    return frozenset(word for word in words if word in gates.gates())


def number(text: str) -> float | int:
    """Return a number as it is printed: a whole one without a point."""
    value = float(text)
    return int(value) if value.is_integer() else value
