"""Servers under the same load, one after the other: ours, the same stack with ready bytes, tipg on PostGIS, pygeoapi."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import median

from contenders import OURS, PROVIDERS, READY, TIPG, WORKERS, Contender
from load import CONNECTIONS, LIMIT, Client, Load
from peers import AbsentError
from table import Demand, Row, Table


@dataclass(frozen=True)
class Bout:
    """How the servers are compared: the layer's size, rounds, and seconds of load in each."""

    count: int
    rounds: int
    seconds: float
    client: Client


def compare(bout: Bout, contenders: Sequence[Contender], table: Table) -> None:
    """Put every server under load in turn, for some rounds, and add what they did."""
    agreed = {one.name: _counts(one, bout.client) for one in contenders}
    done: dict[str, list[Load]] = {one.name: [] for one in contenders}
    for n in range(bout.rounds + 1):
        first = n % len(contenders)
        for one in [*contenders[first:], *contenders[:first]]:
            seconds = bout.seconds if n else 1.0  # the first round warms up
            load = bout.client.run(one.server.port, one.path, seconds=seconds, seed=1000 + n)
            if n:
                done[one.name].append(load)
    notes = {name: _note(loads, agreed[name], agreed[OURS]) for name, loads in done.items()}
    by = f"{WORKERS} workers, {CONNECTIONS} connections, load by {bout.client.program}"
    group = f"/items?bbox=…&limit={LIMIT}, {bout.count:,} points, {by}"
    table.add(*_rows(group, done, notes))


def _rows(group: str, done: Mapping[str, Sequence[Load]], notes: Mapping[str, str]) -> list[Row]:
    ours = done[OURS]
    demands = {READY: Demand(0.5, least=True), TIPG: Demand(8, least=True), **_best_provider(done)}
    rows = [Row(group, "requests/s", [one.per_second for one in ours], unit="/s", note=notes[OURS])]
    for name, theirs in done.items():
        if name != OURS:
            pair = ([one.per_second for one in ours], name, [one.per_second for one in theirs])
            rows.append(Row(group, "requests/s", *pair, unit="/s", faster=False, demand=demands.get(name), note=notes[name]))
    for what, figure, bound in (("p50", "p50_ms", None), ("p99", "p99_ms", Demand(0.25, least=False))):
        mine = [getattr(one, figure) for one in ours]
        for name, theirs in done.items():
            if name != OURS:
                demand = bound if name == TIPG else None
                rows.append(Row(group, what, mine, name, [getattr(one, figure) for one in theirs], faster=False, demand=demand))
    return rows


def _best_provider(done: Mapping[str, Sequence[Load]]) -> dict[str, Demand]:
    rates = {name: median(one.per_second for one in done[name]) for name in PROVIDERS.values() if name in done}
    return {max(rates, key=lambda name: rates[name]): Demand(20, least=True)} if rates else {}


def _note(loads: Sequence[Load], counts: Sequence[int], right: Sequence[int]) -> str:
    said = [f"{median(one.mean_bytes for one in loads) / 1000:.1f} kB an answer"]
    for what, bad in (("BROKEN", sum(one.broken for one in loads)), ("REFUSED", sum(one.refused for one in loads))):
        said += [f"{bad} {what}"] if bad else []
    said += [f"HITS DIFFER: {list(counts)} for {list(right)}"] if counts and list(counts) != list(right) else []
    return ", ".join(said)


def _counts(one: Contender, client: Client) -> list[int]:
    """Return the number of features for some boxes, by which the servers are seen to answer the same question."""
    if one.name == READY:
        return []
    answers = [one.server.get(one.path + box) for box in islice(client.boxes(77), 8)]
    wrong = [status for status, _, _ in answers if status != 200]
    if wrong:
        raise AbsentError(f"{one.name} answers {wrong[0]} to {one.path}…")
    return [len(json.loads(body)["features"]) for _, _, body in answers]
