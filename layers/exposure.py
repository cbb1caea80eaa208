"""What the closing of each passage costs the trade routes of the atlas: the disruption table.

A route is taken as the atlas draws it, its sea legs with the closures that they name; each leg that passes is then sailed
again with the passage closed as well. What has no other way is cut, and the closures that cut it are named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from geo import network
from geo.errors import NoRouteError
from geo.measure import KM_PER_NM
from layers.ends import Ports, ports
from layers.release import Release
from layers.ships import DEFAULT_SPEED_KN
from layers.voyages import days_at, listed, passage_name

if TYPE_CHECKING:
    from layers.catalog import Catalog

MAIN = ""
"""The branch of a route's main way."""

ASSUMED = (
    f"Days are reckoned at {DEFAULT_SPEED_KN:g} kn, an assumption of the atlas, without time in ports.",
    "A route is taken as the atlas draws it: each sea leg with the passages closed that it names, and one more.",
    "What a route carries is not weighed, and a way that is open may have no room for more.",
)
"""What the table rests on, said wherever it is shown."""


@dataclass(frozen=True)
class Cost:
    """What a closure costs a trade route, or one of its branches.

    ``sea_km`` is the length of its sea legs as they are, ``extra_km`` how much longer they become, None where a leg is cut;
    ``by`` are the passages that the way takes instead, ``reason`` says what cuts it.
    """

    route: str
    name: str
    branch: str
    sea_km: float
    extra_km: float | None
    by: tuple[str, ...]
    reason: str

    def facts(self) -> dict[str, Any]:
        """Return it as answers carry it."""
        extra = self.extra_km
        return {
            "trade_route": self.route,
            "name": self.name,
            "branch": self.branch or None,
            "sea_nm": round(self.sea_km / KM_PER_NM, 1),
            "sea_days": round(days_at(self.sea_km, DEFAULT_SPEED_KN), 2),
            "cut": extra is None,
            "extra_nm": None if extra is None else round(extra / KM_PER_NM, 1),
            "extra_days": None if extra is None else round(days_at(extra, DEFAULT_SPEED_KN), 2),
            "by": list(self.by),
            "reason": self.reason or None,
        }


@dataclass(frozen=True)
class Exposed:
    """A passage, and what its closing costs each trade route that passes it; none may."""

    passage: str
    name: str
    costs: tuple[Cost, ...]

    def facts(self) -> dict[str, Any]:
        """Return it as answers carry it."""
        return {"passage": self.passage, "name": self.name, "routes": [cost.facts() for cost in self.costs]}


_KEPT: WeakKeyDictionary[Release, tuple[Exposed, ...]] = WeakKeyDictionary()


def table(catalog: Catalog) -> tuple[Exposed, ...]:
    """Return every passage with what its closing costs, those first that most routes pass; reckoned once for a release."""
    if catalog.release not in _KEPT:
        _KEPT[catalog.release] = _table(catalog)
    return _KEPT[catalog.release]


def _table(catalog: Catalog) -> tuple[Exposed, ...]:
    layer = catalog.layer("trade-routes")
    ways = [way for row in range(len(layer)) for way in _ways(layer.feature(row))]
    known = ports(catalog.release)
    found = [
        Exposed(passage, passage_name(passage), tuple(_cost(way, passage, known) for way in ways if passage in way.passages))
        for passage in network.lanes().passages
    ]
    return tuple(sorted(found, key=lambda one: (-len(one.costs), one.name)))


@dataclass(frozen=True)
class _Way:
    """The sea legs of a route's main way or of a branch."""

    route: str
    name: str
    branch: str
    legs: tuple[dict[str, Any], ...]

    @property
    def passages(self) -> frozenset[str]:
        return frozenset(passage for leg in self.legs for passage in leg["passages"])


def _ways(feature: dict[str, Any]) -> Iterator[_Way]:
    sea = [leg for leg in feature["properties"]["legs"] if leg["mode"] == "sea"]
    for branch in dict.fromkeys(leg.get("branch", MAIN) for leg in sea):
        legs = tuple(leg for leg in sea if leg.get("branch", MAIN) == branch)
        yield _Way(str(feature["id"]), feature["properties"]["name"], branch, legs)


def _cost(way: _Way, passage: str, known: Ports) -> Cost:
    total = sum(leg["length_km"] for leg in way.legs)
    extra = 0.0
    by: list[str] = []
    reasons: list[str] = []
    for leg in (leg for leg in way.legs if passage in leg["passages"]):
        try:
            other = _sailed(leg, known, frozenset((*leg["closed"], passage)))
        except NoRouteError as error:
            reasons.append(f"No way from {leg['from']} to {leg['to']} with {listed(sorted(error.closures))} closed.")
            continue
        extra += other.length_km - _sailed(leg, known, frozenset(leg["closed"])).length_km
        by += [one for one in other.passages if one not in leg["passages"]]
    cut = " ".join(reasons)
    return Cost(way.route, way.name, way.branch, total, None if cut else extra, tuple(dict.fromkeys(by)), cut)


def _sailed(leg: dict[str, Any], known: Ports, close: frozenset[str]) -> network.SeaLeg:
    # The build took both ends from the ports of this release.
    start, end = known.named(leg["from"]), known.named(leg["to"])
    assert start is not None
    assert end is not None
    return network.lanes().route(start.place, end.place, close=close)
