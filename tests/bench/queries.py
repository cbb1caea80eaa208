"""Questions put to a layer in this process, against peers asked in turn: GeoJSON, row numbers, growth, the whole, radii.

Every repetition asks what was not asked before, of each side in turn; the first ones are not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import data
import numpy as np
import shapely
import ways
from ours import Layer, box_words, circle_words
from peers import Worker
from shapely.geometry.base import BaseGeometry
from table import Demand, Row, Table

Side = Callable[[Any], float]
"""Does a case and returns the seconds that it took."""

WARM = 2
REGION = {"region": data.COUNTRY_NAME}


@dataclass(frozen=True)
class Setting:
    """What the questions are put to: our layers by their size, the files of the same points, and how often.

    ``few`` is for what takes GeoPandas half a second, ``many`` for what takes milliseconds; ``hits`` are those of a box.
    """

    layers: Mapping[int, Layer]
    files: Mapping[int, Mapping[str, Path]]
    few: int
    many: int
    hits: int

    @property
    def sizes(self) -> list[int]:
        return sorted(self.layers)

    @property
    def large(self) -> Layer:
        return self.layers[self.sizes[-1]]

    def parquet(self, count: int) -> str:
        return str(self.files[count]["parquet"])

    def boxes(self, count: int, *, seed: int) -> list[data.Box]:
        return list(islice(data.boxes(data.points(self.large.count), self.hits, seed=seed), count))

    def outlines(self, count: int, *, seed: int) -> list[BaseGeometry]:
        return list(islice(data.outlines(seed=seed), count))


def in_turn(cases: Iterable[Any], sides: Mapping[str, Side]) -> dict[str, list[float]]:
    """Return each side's milliseconds over the cases, all sides asked one after the other in an order that rotates."""
    names = list(sides)
    spent: dict[str, list[float]] = {name: [] for name in names}
    for n, case in enumerate(cases):
        first = n % len(names)
        for name in names[first:] + names[:first]:
            seconds = sides[name](case)
            if n >= WARM:
                spent[name].append(seconds * 1000)
    return spent


# --- from the question to the GeoJSON of every hit


def to_geojson(setting: Setting, geo: Worker, table: Table) -> None:
    """Compare named region, polygon and box with GeoPandas."""
    for part in (_region_to_geojson, _polygon_to_geojson, _box_to_geojson):
        table.add(*part(setting, geo))


def _region_to_geojson(setting: Setting, geo: Worker) -> list[Row]:
    ours, path, outline = setting.large, setting.parquet(setting.large.count), _hex(data.country())
    peer, mine, theirs = (
        "GeoPandas .sjoin, to_json",
        ours.hits(REGION),
        geo.ask("sjoin", path=path, wkb=outline, told=True)["rows"],
    )
    sides: dict[str, Side] = {
        "ours": lambda _: ours.text(REGION)[0],
        peer: lambda _: geo.ask("sjoin", path=path, wkb=outline)["s"],
    }
    spent = in_turn(range(setting.few + WARM), sides)
    # We count what lies off the generalised coast with the nearest country, so that our answer is the longer one.
    a_hit = median(spent[peer]) / len(theirs) / (median(spent["ours"]) / len(mine))
    note = f"{_compared(mine, theirs)}; {a_hit:.0f}× a hit"
    return _faster(_geojson_group(setting), f"named region, {data.COUNTRY_NAME}", spent, 100, note)


def _polygon_to_geojson(setting: Setting, geo: Worker) -> list[Row]:
    ours, path = setting.large, setting.parquet(setting.large.count)
    shapes = setting.outlines(setting.few + WARM, seed=11)
    note = _compared(ours.hits(_polygon(shapes[0])), geo.ask("sjoin", path=path, wkb=_hex(shapes[0]), told=True)["rows"])
    sides: dict[str, Side] = {
        "ours": lambda shape: ours.text(_polygon(shape))[0],
        "GeoPandas .sjoin, to_json": lambda shape: geo.ask("sjoin", path=path, wkb=_hex(shape))["s"],
        "GeoPandas .clip, to_json": lambda shape: geo.ask("clip", path=path, wkb=_hex(shape))["s"],
    }
    return _faster(_geojson_group(setting), _vertices(shapes[0]), in_turn(shapes, sides), 25, note)


def _box_to_geojson(setting: Setting, geo: Worker) -> list[Row]:
    ours, path = setting.large, setting.parquet(setting.large.count)
    boxes = setting.boxes(setting.few + WARM, seed=12)
    note = _compared(ours.hits(box_words(boxes[0])), geo.ask("cx", path=path, box=boxes[0], told=True)["rows"])
    sides: dict[str, Side] = {
        "ours": lambda box: ours.text(box_words(box))[0],
        "GeoPandas .cx, to_json": lambda box: geo.ask("cx", path=path, box=box)["s"],
    }
    return _faster(_geojson_group(setting), f"box, {setting.hits:,} hits", in_turn(boxes, sides), 100, note)


def _faster(group: str, what: str, spent: Mapping[str, Sequence[float]], times: float, note: str) -> list[Row]:
    """Return a row for each peer, each of which we must be so many times as fast as."""
    demand = Demand(times, least=True)
    peers = [name for name in spent if name != "ours"]
    return [Row(group, what, spent["ours"], peer, spent[peer], demand=demand, note=note) for peer in peers]


def _geojson_group(setting: Setting) -> str:
    return f"From the question to the GeoJSON of every hit, {setting.large.count:,} points"


# --- to the row numbers alone


def to_rows(setting: Setting, geo: Worker | None, table: Table) -> None:
    """Compare with the best known ways over plain arrays."""
    at = data.points(setting.large.count)
    grid, tree = ways.Grid.build(at), ways.Tree.build(at)
    table.add(*_region_to_rows(setting, at))
    table.add(*_box_to_rows(setting, at, grid, tree, geo))
    table.add(*_polygon_to_rows(setting, at, grid, tree))


def _region_to_rows(setting: Setting, at: data.Points) -> list[Row]:
    ours, members = setting.large, ways.mask_polygon(at, _fresh(data.country())).astype(np.int32)
    sides: dict[str, Side] = {
        "ours": lambda _: ours.rows(REGION)[0],
        "membership decided beforehand, copied": lambda _: _timed(members.copy),
    }
    return _near_best(setting, f"named region, {data.COUNTRY_NAME}", in_turn(range(setting.many), sides), "")


def _box_to_rows(setting: Setting, at: data.Points, grid: ways.Grid, tree: ways.Tree, geo: Worker | None) -> list[Row]:
    ours, boxes = setting.large, setting.boxes(setting.many, seed=21)
    sides: dict[str, Side] = {
        "ours": lambda box: ours.rows(box_words(box))[0],
        "grid-sorted arrays": lambda box: _timed(grid.box, box),
        "STRtree": lambda box: _timed(tree.box, box),
        "numpy mask": lambda box: _timed(ways.mask_box, at, box),
    }
    if geo is not None:
        path = setting.parquet(ours.count)
        sides["DuckDB"] = lambda box: geo.ask("duckdb_box", path=path, box=box)["s"]
    box = boxes[0]
    counts = [ours.rows(box_words(box))[1], len(grid.box(box)), len(tree.box(box)), len(ways.mask_box(at, box))]
    return _near_best(setting, f"box, {setting.hits:,} hits", in_turn(boxes, sides), _same(counts))


def _polygon_to_rows(setting: Setting, at: data.Points, grid: ways.Grid, tree: ways.Tree) -> list[Row]:
    ours, shapes = setting.large, setting.outlines(setting.many // 4 + WARM, seed=22)
    sides: dict[str, Side] = {
        "ours": lambda shape: ours.rows(_polygon(shape))[0],
        "grid-sorted arrays, cover computed": lambda shape: _timed(grid.polygon, _fresh(shape)),
        "STRtree, contains_xy": lambda shape: _timed(tree.polygon, _fresh(shape)),
        "numpy mask, contains_xy": lambda shape: _timed(ways.mask_polygon, at, _fresh(shape)),
    }
    shape = _fresh(shapes[0])
    counts = [ours.rows(_polygon(shape))[1], *(len(way(shape)) for way in (grid.polygon, tree.polygon))]
    return _near_best(setting, _vertices(shape), in_turn(shapes, sides), _same(counts))


def _near_best(setting: Setting, what: str, spent: Mapping[str, Sequence[float]], note: str) -> list[Row]:
    """Return a row for each way, the best first, on which the demand is."""
    group = f"To the row numbers alone, {setting.large.count:,} points"
    others = sorted((name for name in spent if name != "ours"), key=lambda name: median(spent[name]))
    demands = [Demand(3, least=False), *[None] * (len(others) - 1)]
    return [
        Row(group, what, spent["ours"], name, spent[name], faster=False, demand=demand, note=note)
        for name, demand in zip(others, demands, strict=True)
    ]


# --- growth, the whole layer, radii


def growth(setting: Setting, table: Table) -> None:
    """Compare questions with the same number of hits on a small and on a large layer, to the GeoJSON."""
    ends = (setting.sizes[0], setting.sizes[-1])
    hits = min(200, ends[0] // 20)
    boxes = zip(*(data.boxes(data.points(n), hits, seed=31) for n in ends), strict=True)
    words = [[box_words(box) for box in pair] for pair in islice(boxes, setting.many)]
    table.add(_grown(setting, f"box, {hits} hits", words))
    rng = np.random.default_rng(data.SEED)
    shapes = setting.outlines(setting.many // 4 + WARM, seed=32)
    words = [[_polygon(data.with_hits(shape, data.points(n), hits, rng)) for n in ends] for shape in shapes]
    table.add(_grown(setting, f"polygon, about {hits} hits", words))


def _grown(setting: Setting, what: str, cases: Sequence[Sequence[Mapping[str, Any]]]) -> Row:
    small, large = setting.layers[setting.sizes[0]], setting.large
    sides: dict[str, Side] = {"small": lambda pair: small.text(pair[0])[0], "large": lambda pair: large.text(pair[1])[0]}
    spent = in_turn(cases, sides)
    group = f"Growth from {small.count:,} to {large.count:,} points, the same number of hits, to the GeoJSON"
    peer = f"ours over {small.count:,}"
    return Row(group, what, spent["large"], peer, spent["small"], faster=False, demand=Demand(2, least=False))


def whole(setting: Setting, geo: Worker | None, table: Table) -> None:
    """Compare a whole layer as GeoJSON with GeoPandas and with copying the bytes."""
    count = setting.sizes[1]
    ours, path = setting.layers[count], setting.parquet(count)
    group, what = f"{count:,} features as GeoJSON", "all features"
    output = ours.text({})[1]
    sides: dict[str, Side] = {"ours": lambda _: ours.text({})[0], "copy": lambda _: _timed(bytearray, output)}
    spent = in_turn(range(setting.few * 3 + WARM), sides)
    note, demand = f"{len(output) / 1e6:.1f} MB", Demand(3, least=False)
    table.add(Row(group, what, spent["ours"], "copying the output", spent["copy"], faster=False, demand=demand, note=note))
    if geo is not None:
        sides = {"ours": sides["ours"], "GeoDataFrame.to_json": lambda _: geo.ask("whole", path=path)["s"]}
        table.add(*_faster(group, what, in_turn(range(3 + WARM), sides), 50, ""))


def radii(setting: Setting, geo: Worker | None, postgis: Worker | None, table: Table) -> None:
    """Compare geodesic radii with PostGIS' geography, and their hits with what ``Geod.inv`` on every point says."""
    ours, km = setting.large, data.RADIUS_KM
    group, what = f"Geodesic radius of {km} km, {ours.count:,} points, to the row numbers", "random centres, never the same"
    centres = list(islice(data.centres(data.points(ours.count), seed=41), setting.many))
    sides: dict[str, Side] = {"ours": lambda at: ours.rows(circle_words(at, km))[0]}
    if postgis is not None:
        peer = "PostGIS geography, its index"
        sides[peer] = lambda at: postgis.ask("radius", table="large", lon=at[0], lat=at[1], km=km)["s"]
    spent = in_turn(centres, sides)
    table.add(*(_faster(group, what, spent, 1, "") or [Row(group, what, spent["ours"])]))
    if geo is not None:
        every, wrong = _against_every_point(setting, geo, centres[: setting.few])
        table.add(Row(group, what, spent["ours"], "Geod.inv on all", every))
        none = Demand(0, least=False, unit="hits")
        table.add(Row(group, f"hits unlike those, {len(every)} centres", [wrong], unit="hits", demand=none))


def _against_every_point(setting: Setting, geo: Worker, centres: Sequence[tuple[float, float]]) -> tuple[list[float], int]:
    """Return the milliseconds that measuring every point takes, and how many hits of ours differ from those."""
    ours, path, km = setting.large, setting.parquet(setting.large.count), data.RADIUS_KM
    every = [geo.ask("radius", path=path, lon=lon, lat=lat, km=km) for lon, lat in centres]
    mine = [ours.hits(circle_words(at, km)) for at in centres]
    wrong = sum(len(set(one) ^ set(right["rows"])) for one, right in zip(mine, every, strict=True))
    return [one["s"] * 1000 for one in every], wrong


# --- helpers


def _compared(ours: Sequence[int], theirs: Sequence[int]) -> str:
    """Say how many hit on both sides, and how the answers differ if they do."""
    if ours == theirs:
        return f"{len(ours):,} hits, the same"
    more, fewer = len(set(ours) - set(theirs)), len(set(theirs) - set(ours))
    return f"{len(ours):,} hits: {more:,} that the peer has not, {fewer:,} of its {len(theirs):,} missing"


def _same(counts: Sequence[int]) -> str:
    return f"{counts[0]:,} hits each" if len(set(counts)) == 1 else "HITS DIFFER: " + ", ".join(f"{n:,}" for n in counts)


def _vertices(shape: BaseGeometry) -> str:
    return f"polygon, {shapely.get_num_coordinates(shape):,} vertices"


def _polygon(shape: BaseGeometry) -> dict[str, BaseGeometry]:
    return {"polygon": _fresh(shape)}


def _fresh(shape: BaseGeometry) -> BaseGeometry:
    """Return the geometry as one that nobody has prepared yet."""
    return shapely.from_wkb(shapely.to_wkb(shape))


def _hex(shape: BaseGeometry) -> str:
    return shapely.to_wkb(shape).hex()


def _timed(way: Callable[..., Any], *given: Any) -> float:
    begin = perf_counter()
    way(*given)
    return perf_counter() - begin
