"""What a server costs: the memory of its workers, and the time from its start to the first answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import contenders
import data
from contenders import Contender
from load import Client
from ours import Home
from processes import Server, Weight
from serving import Bout
from table import Demand, Row, Table

MEMORY_MB = 150
STARTS = 5
_BARE = "ports"  # a layer of the atlas itself, small beside what the program imports


def memory(bout: Bout, bare: Home, large: Home, logs: Path, table: Table) -> None:
    """Weigh our workers over a large layer against those over none, both after the same questions."""
    weights = []
    for home, layer in ((bare, _BARE), (large, data.layer(bout.count))):
        one = contenders.ours(home, layer, logs / f"memory-{layer}.log")
        with one.server:  # one at a time: two would share the pages of their libraries, and each weigh less
            _ask_around(one, bout)
            weights.append(one.server.weights())
    group = f"Memory of a worker over {bout.count:,} points, beyond the imports, after some seconds of questions"
    for what, part, bound in (
        ("its share of all pages (PSS)", "pss", Demand(MEMORY_MB, least=False, unit="MB")),
        ("of these, what no file holds", "anonymous", None),
        ("all its pages, shared ones whole (RSS)", "rss", None),
    ):
        table.add(_beyond(group, what, part, weights, bound))


def start(ours: Callable[[], Server], theirs: Callable[[], Server] | None, count: int, table: Table) -> None:
    """Compare the time from the start of a process to the first 200 of /items."""
    sides: dict[str, Callable[[], Server]] = {"ours": ours, **({"pygeoapi": theirs} if theirs else {})}
    spent: Mapping[str, list[float]] = {name: [] for name in sides}
    for _ in range(STARTS):
        for name, begin in sides.items():
            with begin() as server:
                spent[name].append(server.until_s * 1000)
    group = f"From the start of the process to the first 200 of /items, {count:,} points, {contenders.WORKERS} workers"
    peer = {"peer": "pygeoapi", "theirs": spent["pygeoapi"], "demand": Demand(0.5, least=False)} if theirs else {}
    table.add(Row(group, "start", spent["ours"], faster=False, **peer))


def _ask_around(one: Contender, bout: Bout) -> None:
    client: Client = bout.client
    client.run(one.server.port, one.path, seconds=bout.seconds, seed=500)
    base = one.path.partition("?")[0]
    for words in (f"region={data.COUNTRY}", "near=80.3,13.1&radius=500km"):
        for _ in range(2 * contenders.WORKERS):
            one.server.get(f"{base}?{words}")


def _beyond(group: str, what: str, part: str, weights: Sequence[Sequence[Weight]], bound: Demand | None) -> Row:
    without, full = weights
    bare = sum(getattr(one, part) for one in without) / len(without)
    beyond = [getattr(one, part) - bare for one in full]
    return Row(group, what, beyond, unit="MB", demand=bound, note=f"{len(full)} workers, {bare:.0f} MB without the layer")
