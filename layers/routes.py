"""Trade routes drawn from their legs: sea legs along the network, land legs through their cited waypoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import shapely

from geo import measure
from geo.antimeridian import split_line
from geo.errors import AtlasError, Faults
from geo.network import SeaNetwork
from layers.ledger import Leg

Ports = Mapping[str, tuple[str, tuple[float, float]]]
"""Port ids to (name, (lon, lat))."""


@dataclass(frozen=True)
class Drawn:
    """A route: its line within [-180°, 180°], its legs as answers carry them, and the ports at ends of legs."""

    line: shapely.MultiLineString
    legs: tuple[dict[str, Any], ...]
    ports: tuple[str, ...]
    passages: tuple[str, ...]

    def length_km(self, *modes: str) -> float:
        """Return the computed length of the main way's legs of the given modes, of all where none is given, in km."""
        main = (leg for leg in self.legs if "branch" not in leg)
        return float(sum(leg["length_km"] for leg in main if not modes or leg["mode"] in modes))


def draw(legs: Iterable[Leg], ports: Ports, network: SeaNetwork) -> Drawn:
    """Return the route that the legs make, in their order.

    Raises
    ------
    DataError, UnknownError, NoRouteError
        If an end is not a port, a passage is unknown, or the sea has no way; every fault of every leg.
    """
    fault = Faults()
    parts: list[shapely.LineString] = []
    shown: list[dict[str, Any]] = []
    called: list[str] = []
    for leg in sorted(legs, key=lambda one: one.seq):
        try:
            line, facts = _sea(leg, ports, network) if leg.mode == "sea" else _land(leg)
        except AtlasError as error:
            fault.take(error)
            continue
        parts.extend(line.geoms)
        branch = {"branch": leg.branch} if leg.branch else {}
        shown.append({"mode": leg.mode, **facts, **branch, "source": leg.source, "note": leg.note})
        called.extend(end for end in (leg.start, leg.end) if leg.mode == "sea")
    fault.throw(AtlasError)
    passages = dict.fromkeys(p for leg in shown if "branch" not in leg for p in leg.get("passages", ()))
    return Drawn(shapely.MultiLineString(parts), tuple(shown), tuple(dict.fromkeys(called)), tuple(passages))


def _sea(leg: Leg, ports: Ports, network: SeaNetwork) -> tuple[shapely.MultiLineString, dict[str, Any]]:
    missing = [f"legs.csv: {leg.feature}: {end!r} is not the id of a port" for end in (leg.start, leg.end) if end not in ports]
    if missing:
        raise AtlasError(*missing)
    (start, here), (end, there) = ports[leg.start], ports[leg.end]
    way = network.route(here, there, close=frozenset(leg.close))
    facts = {
        "from": start,
        "to": end,
        "length_km": round(way.length_km, 1),
        "passages": list(way.passages),
        "closed": list(leg.close),
        "access_km": [round(km, 1) for km in way.access_km],
    }
    return way.line, facts


def _land(leg: Leg) -> tuple[shapely.MultiLineString, dict[str, Any]]:
    line = split_line([(lon, lat) for _, lon, lat in leg.waypoints])
    facts: dict[str, Any] = {"from": leg.start, "to": leg.end, "length_km": round(measure.length_km(line), 1)}
    if leg.length_km is not None:
        facts["length_published_km"] = leg.length_km
    return line, {**facts, "waypoints": [name for name, _, _ in leg.waypoints]}
