"""Trade routes drawn from their legs: sea legs along the network, land legs through their cited waypoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import shapely

from geo import measure
from geo.antimeridian import split_line
from geo.errors import AtlasError, DataError, Faults
from geo.network import SeaNetwork
from layers.ledger import Leg

_JOIN_KM = 60.0
Place = tuple[float, float]
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
    ordered = sorted(legs, key=lambda one: one.seq)
    for leg in ordered:
        try:
            line, facts = _sea(leg, ports, network) if leg.mode == "sea" else _land(leg)
        except AtlasError as error:
            fault.take(error)
            continue
        parts.extend(line.geoms)
        said = {k: v for k, v in (("branch", leg.branch), ("gap", leg.gap)) if v}
        shown.append({"mode": leg.mode, **facts, **said, "sources": list(leg.sources), "note": leg.note})
        called.extend(end for end in (leg.start, leg.end) if leg.mode == "sea")
    if not fault.lines:
        _joined([leg for leg in ordered if not leg.branch], ports, fault)
    if not any(leg for leg in ordered if not leg.branch):
        fault(f"legs.csv: {ordered[0].feature} has no leg of its main way; leave branch empty on one")
    fault.throw(DataError)
    passages = dict.fromkeys(p for leg in shown if "branch" not in leg for p in leg.get("passages", ()))
    return Drawn(shapely.MultiLineString(parts), tuple(shown), tuple(dict.fromkeys(called)), tuple(passages))


def main_ends(legs: Iterable[Leg]) -> tuple[str, str]:
    """Return where the main way begins and ends: the id of a port, or the name of a land leg's place."""
    main = sorted((leg for leg in legs if not leg.branch), key=lambda one: one.seq)
    first, last = main[0], main[-1]
    start = first.start if first.mode == "sea" else first.waypoints[0][0]
    return start, last.end if last.mode == "sea" else last.waypoints[-1][0]


def _joined(legs: list[Leg], ports: Ports, fault: Faults) -> None:
    """Say where a leg begins far from the end of the one before, unless the row says why."""
    for before, after in pairwise(legs):
        here, there = _places(before, ports)[1], _places(after, ports)[0]
        km = float(measure.distance_km(*here, *there))
        if km > _JOIN_KM and not after.gap:
            name = f"legs.csv: {after.feature}: leg {after.seq}"
            fault(f"{name} begins {km:.0f} km from where the one before it ends; say why in gap")


def _places(leg: Leg, ports: Ports) -> tuple[Place, Place]:
    if leg.mode == "sea":
        return ports[leg.start][1], ports[leg.end][1]
    first, last = leg.waypoints[0], leg.waypoints[-1]
    return first[1:], last[1:]


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
