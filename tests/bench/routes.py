"""Sea routes: one with a closure that was never asked before, a table between ports, a process that asks once, the memory.

Peers are searoute over its own network and scgraph over ours. Places are drawn by seed, within some 15 km of nodes of our
network, so that each joins it as a port does. All sides have seen the places before; the closures are new with every question.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from statistics import median
from time import perf_counter
from typing import Any

import data
import numpy as np
from ours import ROOT, FailedError
from peers import Worker
from queries import in_turn
from table import Demand, Row, Table

from geo.errors import NoRouteError
from geo.network import SeaNetwork, lanes

PLACES = 200
COLD_S, MEMORY_MB = 0.6, 20
# What both networks can close, by our name and by searoute's.
CLOSED = {
    "bab-el-mandeb": "babalmandab",
    "gibraltar": "gibraltar",
    "hormuz": "ormuz",
    "malacca": "malacca",
    "panama": "panama",
    "suez": "suez",
    "sunda": "sunda",
}
_COLD = """import time
from geo import network
leg = network.lanes().route((80.3, 13.083333), (131.888333, 43.108889), close={"malacca"})
assert leg.passages
print(time.process_time())
"""
_MEMORY = """import gc, json, os
import numpy, shapely, pyproj
from geo import measure, network
measure.distance_km(0, 0, 1, 1)
def resident():
    gc.collect()
    with open("/proc/self/statm") as pages:
        return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
before = resident()
sea = network.lanes()
sea.prepare()
loaded = resident()
places = [tuple(n) for n in sea._nodes[:: len(sea._nodes) // 200].tolist()]
for i, place in enumerate(places):
    try:
        sea.route(place, places[-1 - i], close={"suez"})
    except network.NoRouteError:
        pass
print(loaded - before, resident() - before)
"""
Place = tuple[float, float]


def compare(worker: Worker | None, count: int, table: Table) -> None:
    """Measure all that this part is about; without a worker our figures alone."""
    sea = lanes()
    sea.prepare()
    places = _places(sea, PLACES if count > 10 else 20)
    table.add(*_single(sea, worker, places, count))
    table.add(*_tables(sea, worker, places, count))
    table.add(_cold(), _memory())


def _single(sea: SeaNetwork, worker: Worker | None, places: list[Place], count: int) -> list[Row]:
    group = f"One route with its line, {len(places)} places, closures never asked before"
    sea.matrix(places, places)
    rng = np.random.default_rng(data.SEED)
    cases = [_drawn(rng, places) for _ in range(count * 4)]
    sides: dict[str, Any] = {"ours": lambda case: _route(sea, *case)}
    if worker is None:
        return [Row(group, "none to three of seven passages closed", in_turn(cases, sides)["ours"])]
    worker.ask("load", nodes=sea._nodes.tolist(), edges=np.column_stack([sea._edges, sea._km]).tolist())
    worker.ask("one", start=places[0], end=places[1], close=[])
    sides["searoute"] = lambda case: worker.ask("one", start=case[0], end=case[1], close=[CLOSED[c] for c in case[2]])["s"]
    sides["scgraph, nothing closed"] = lambda case: worker.ask("scgraph", start=case[0], end=case[1])["s"]
    spent = in_turn(cases, sides)
    demands = {"searoute": Demand(10, least=True)}
    return [
        Row(group, "none to three of seven passages closed", spent["ours"], peer, spent[peer], demand=demands.get(peer))
        for peer in sides
        if peer != "ours"
    ]


def _tables(sea: SeaNetwork, worker: Worker | None, places: list[Place], count: int) -> list[Row]:
    group = f"All lengths between {len(places)} places, in all"
    fresh, warm = [], []
    for _ in range(min(count, 5)):
        anew = SeaNetwork(sea._nodes, sea._edges, sea._passages)
        anew.prepare()
        for sample in (fresh, warm):
            begin = perf_counter()
            anew.matrix(places, places)
            sample.append((perf_counter() - begin) * 1000)
    rows = [Row(group, "places never seen before", fresh), Row(group, "places seen before", warm)]
    if worker is None:
        return rows
    first, *again = [worker.ask("matrix", places=places)["s"] * 1000 for _ in range(4)]
    rng = np.random.default_rng(data.SEED + 1)
    pairs = [rng.choice(len(places), 2, replace=False) for _ in range(count)]
    single = [worker.ask("one", start=places[a], end=places[b], close=[])["s"] * 1000 for a, b in pairs]
    by_pair = [median(single) * len(places) ** 2]
    note = (
        f"{len(places) ** 2 / median(fresh) * 1000:,.0f} pairs/s; theirs is the median pair, {median(single):.2g} ms, times all"
    )
    thousand = Demand(1000, least=True)
    return [
        Row(group, "places never seen before", fresh, "searoute, pair by pair", by_pair, demand=thousand, note=note),
        Row(group, "places never seen before", fresh, "scgraph's matrix, its first", [first], demand=Demand(1, least=True)),
        Row(group, "places seen before", warm, "scgraph's matrix, again", again, demand=Demand(1, least=True)),
    ]


def _cold() -> Row:
    spent = [float(_python(_COLD)) * 1000 for _ in range(5)]
    demand = Demand(COLD_S * 1000, least=False, unit="ms")
    return Row("A process that asks once", "CPU with the start of Python and imports", spent, demand=demand)


def _memory() -> Row:
    found = [tuple(map(float, _python(_MEMORY).split())) for _ in range(3)]
    demand = Demand(MEMORY_MB, least=False, unit="MB")
    note = f"{median(loaded for loaded, _ in found):.3g} MB before the first question"
    group, asked = "Memory of the network, prepared, after 200 routes", [after for _, after in found]
    return Row(group, "RSS beyond the imports", asked, unit="MB", demand=demand, note=note)


def _places(sea: SeaNetwork, count: int) -> list[Place]:
    rng = np.random.default_rng(data.SEED)
    nodes = sea._nodes[rng.choice(len(sea._nodes), count, replace=False)]
    lon, lat = (nodes + rng.uniform(-0.1, 0.1, nodes.shape)).T
    return list(zip(np.clip(lon, -180, 180).tolist(), np.clip(lat, -85, 85).tolist(), strict=True))


def _drawn(rng: np.random.Generator, places: list[Place]) -> tuple[Place, Place, list[str]]:
    start, end = (places[i] for i in rng.choice(len(places), 2, replace=False))
    return start, end, rng.choice(list(CLOSED), rng.integers(4), replace=False).tolist()


def _route(sea: SeaNetwork, start: Place, end: Place, close: list[str]) -> float:
    begin = perf_counter()
    with suppress(NoRouteError):  # to find the closures that cut it is part of the answer
        sea.route(start, end, close=close)
    return perf_counter() - begin


def _python(program: str) -> str:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise FailedError(f"a process of routes ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout
