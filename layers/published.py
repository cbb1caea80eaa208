"""What is published about a way between two ends, beside what is computed: lengths and transit times of the trade routes.

A claim is compared only where it speaks of the same ends: those of its trade route where its category names no place, else
those that its category names. An end is called by every port within 30 km of it (Mumbai and Nhava Sheva).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layers import units
from layers.ends import End, ports

if TYPE_CHECKING:
    from layers.catalog import Catalog

FIELDS = {"length_km": "km", "transit_days": "days"}
"""The fields of trade routes that speak of a way, and the unit of each."""


@dataclass(frozen=True)
class Published:
    """A claim of a trade route between the same ends: ``amount`` is its value in km or days."""

    route: str
    name: str
    claim: dict[str, Any]
    amount: float

    @property
    def is_length(self) -> bool:
        """Whether it is a length, not a time."""
        return bool(self.claim["field"] == "length_km")


def between(catalog: Catalog, start: End, end: End) -> tuple[Published, ...]:
    """Return the claims of the trade routes between two ends, either way round, newest first within a route."""
    if "trade-routes" not in catalog.release.layers:
        return ()
    known = ports(catalog.release)
    called = known.around(start), known.around(end)
    layer = catalog.layer("trade-routes")
    features = (layer.feature(row) for row in range(len(layer)))
    return tuple(found for feature in features for found in _of(feature, called))


def _of(feature: dict[str, Any], called: tuple[frozenset[str], frozenset[str]]) -> Iterator[Published]:
    p = feature["properties"]
    main = [leg for leg in p["legs"] if "branch" not in leg]
    same = bool(main) and _same_ends(main[0]["from"], main[-1]["to"], called)
    for claim in p["claims"]:
        if claim["field"] in FIELDS and _speaks_of(claim["category"], called, same=same):
            amount = units.convert(str(claim["value"]), claim["unit"], FIELDS[claim["field"]])
            if amount > 0:
                yield Published(str(feature["id"]), p["name"], claim, amount)


def _same_ends(first: str, last: str, called: tuple[frozenset[str], frozenset[str]]) -> bool:
    start, end = called
    return (first in start and last in end) or (first in end and last in start)


def _speaks_of(category: str, called: tuple[frozenset[str], frozenset[str]], *, same: bool) -> bool:
    # Capital letters are names: "upper bound" speaks of the route itself, "Murmansk–Yokohama" of these two ends.
    if category == category.lower():
        return same
    return all(any(name in category for name in names) for names in called)
