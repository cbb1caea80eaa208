"""The index beside a layer's file: plain arrays, memory-mapped, so that opening costs the same however large the layer is.

::

    <id>.offsets.npy      int64 (n, 2)   where each feature's text begins and ends in the layer's file, in bytes
    <id>.bounds.npy       float64 (n, 4) west, south, east, north in degrees; west > east crosses 180°
    <id>.accuracy.npy     float64 (n)    how exact a position is, in km; 0 where nothing is said
    <id>.ids.npy          bytes (n)      the ids in UTF-8, in the order of the features
    <id>.by_id.npy        int32 (n)      rows in the order of their ids as bytes
    <id>.members.npy      int32          rows of every region, one region after another, certain members first
    <id>.members.json     region id → [begin, end of certain, end of possible] in that array
    <id>.cited.npy        int32          numbers of the sources that each feature cites, one feature after another
    <id>.cited_at.npy     int64 (n + 1)  where each feature's numbers begin in that array
    <id>.key|lon|lat|row.npy             geo.pointindex, of a layer of points
    <id>.wkb.npy, .wkb_at.npy            geometries in WKB one after another, and where they begin, of any other layer
    <id>.columns.arrow                   layers.columns: the values

A row is the place of a feature in the layer's file, from 0. Where it has no geometry, its bounds are
no numbers and its WKB is empty.
"""

from __future__ import annotations

import json
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.areas import Area, Bounds
from geo.errors import DataError
from geo.pointindex import PointIndex

if TYPE_CHECKING:
    import pyarrow as pa

    from layers.columns import Columns

Rows = NDArray[np.int32]
_POINT_PARTS = ("key", "lon", "lat", "row")
_SHAPE_PARTS = ("wkb", "wkb_at")
_NOBODY = (np.empty(0, dtype=np.int32),) * 2
_AT_ONCE = frozenset(("key", "lon", "lat", "offsets"))
"""Parts that every question of place jumps about in: a page that is first touched costs it as much as ten hits."""

_AT_ONCE_BYTES = 64_000_000
_POPULATE_READ = 22  # MADV_POPULATE_READ of Linux, which the module mmap has no name for
_PARTS = ("offsets", "bounds", "accuracy", "ids", "by_id", "members", "cited", "cited_at")


@dataclass(frozen=True)
class Indexed:
    """What the index holds of a layer's features, in the order of the layer's file."""

    ids: NDArray[np.bytes_]
    offsets: NDArray[np.int64]
    bounds: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    members: Mapping[str, tuple[Rows, Rows]]
    cited: Sequence[Sequence[int]]
    shapes: NDArray[np.object_] | None
    """Geometries, None for a layer of points."""
    columns: Any
    """A pyarrow Table."""


def write(folder: Path, layer: str, of: Indexed) -> None:
    """Write a layer's index into a folder."""
    from layers.columns import write as write_columns  # noqa: PLC0415  a server that only answers need not load pyarrow

    def save(part: str, array: Any) -> None:
        np.save(folder / f"{layer}.{part}.npy", array)

    save("offsets", of.offsets)
    save("bounds", of.bounds)
    save("accuracy", of.accuracy)
    save("ids", of.ids)
    save("by_id", np.argsort(of.ids, kind="stable").astype(np.int32))
    spans, rows = _spans(of.members)
    save("members", rows)
    (folder / f"{layer}.members.json").write_text(json.dumps(spans, separators=(",", ":")), encoding="ascii")
    save("cited", np.array([s for one in of.cited for s in one], dtype=np.int32))
    save("cited_at", np.cumsum([0, *(len(one) for one in of.cited)], dtype=np.int64))
    write_columns(folder / f"{layer}.columns.arrow", of.columns)
    if of.shapes is None:
        points = PointIndex.build(of.bounds[:, 0], of.bounds[:, 1])
        for part in _POINT_PARTS:
            save(part, getattr(points, part))
    else:
        texts = [b"" if text is None else text for text in shapely.to_wkb(of.shapes)]
        save("wkb", np.frombuffer(b"".join(texts), dtype=np.uint8))
        save("wkb_at", np.cumsum([0, *map(len, texts)], dtype=np.int64))


def _spans(members: Mapping[str, tuple[Rows, Rows]]) -> tuple[dict[str, list[int]], Rows]:
    spans: dict[str, list[int]] = {}
    parts: list[Rows] = [np.empty(0, dtype=np.int32)]
    begin = 0
    for region, (certain, possible) in members.items():
        parts += [certain, possible]
        spans[region] = [begin, begin + len(certain), begin + len(certain) + len(possible)]
        begin = spans[region][-1]
    return spans, np.concatenate(parts).astype(np.int32)


def _part(name: str) -> cached_property[NDArray[Any]]:
    return cached_property(lambda index: index._open(name))


class LayerIndex:
    """A layer's index, opened part by part on demand."""

    offsets: cached_property[NDArray[np.int64]] = _part("offsets")
    bounds: cached_property[NDArray[np.float64]] = _part("bounds")
    ids: cached_property[NDArray[np.bytes_]] = _part("ids")
    _by_id: cached_property[NDArray[np.int32]] = _part("by_id")
    _accuracy: cached_property[NDArray[np.float64]] = _part("accuracy")
    _cited: cached_property[NDArray[np.int32]] = _part("cited")
    _cited_at: cached_property[NDArray[np.int64]] = _part("cited_at")
    _wkb: cached_property[NDArray[np.uint8]] = _part("wkb")
    _wkb_at: cached_property[NDArray[np.int64]] = _part("wkb_at")

    def __init__(self, folder: Path, layer: str, *, points: bool) -> None:
        self._folder = folder
        self._layer = layer
        self.points = points
        self._certain: dict[str, tuple[Rows, NDArray[np.bool_]]] = {}  # views of regions that were asked for

    @property
    def files(self) -> list[Path]:
        """The files that the index is made of."""
        parts = (*_PARTS, *(_POINT_PARTS if self.points else _SHAPE_PARTS))
        names = (*(f"{part}.npy" for part in parts), "members.json", "columns.arrow")
        return [self._folder / f"{self._layer}.{name}" for name in names]

    @cached_property
    def members(self) -> Mapping[str, tuple[Rows, Rows]]:
        """Region id to the rows of its certain and of its possible members."""
        spans = json.loads((self._folder / f"{self._layer}.members.json").read_bytes())
        return _Members(self._open("members"), spans)

    def row(self, feature: str) -> int | None:
        """Return the row of a feature by its id, or None."""
        wanted = feature.encode()
        place = bisect_left(self._by_id, wanted, key=lambda row: bytes(self.ids[row]))
        row = int(self._by_id[place]) if place < len(self._by_id) else -1
        return row if row >= 0 and bytes(self.ids[row]) == wanted else None

    def in_region(self, region: str) -> tuple[Rows, NDArray[np.bool_]]:
        """Return the rows of a region's members, ascending, and which of them are only possible ones."""
        answer = self._certain.get(region)
        if answer is not None:
            return answer
        certain, possible = self.members.get(region, _NOBODY)
        if not len(possible):
            answer = self._certain[region] = (certain, self._sure[: len(certain)])
            return answer
        rows = np.concatenate([certain, possible])
        order = np.argsort(rows, kind="stable")
        return rows[order], order >= len(certain)

    def within(self, area: Area) -> tuple[Rows, NDArray[np.bool_]]:
        """Return the rows of what lies in an area or meets it, ascending, and which of them may lie outside it.

        A point may where the area's boundary is nearer than its accuracy.
        """
        if not self.points:
            rows = self._meeting(area)
            return rows, np.zeros(len(rows), dtype=np.bool_)
        rows = self._tree.within(area)
        doubt = np.zeros(len(rows), dtype=np.bool_)
        if self._exact:
            return rows, doubt
        accuracy = self._accuracy[rows]
        lon, lat = self.bounds[rows, 0], self.bounds[rows, 1]
        for i in np.flatnonzero((accuracy > 0) & ~area.deeper(lon, lat, accuracy)).tolist():
            doubt[i] = area.margin_km(float(lon[i]), float(lat[i])) < accuracy[i]
        return rows, doubt

    def cited(self, rows: Rows) -> list[int]:
        """Return the numbers of the sources that features cite, each once, ascending."""
        if not len(self._cited):
            return []
        begin, end = self._cited_at[rows], self._cited_at[rows + 1]
        parts = [self._cited[b:e] for b, e in zip(begin.tolist(), end.tolist(), strict=True)]
        return [int(n) for n in np.unique(np.concatenate(parts))] if parts else []

    def _meeting(self, area: Area) -> Rows:
        rows = meeting(self.bounds, area.cover())
        return rows[area.meets(self.shapes(rows))]

    def shapes(self, rows: NDArray[np.integer[Any]]) -> NDArray[np.object_]:
        """Return the geometries of rows, None where there is none."""
        if self.points:
            found = np.asarray(shapely.points(self.bounds[rows, :2]), dtype=object)
            found[np.isnan(self.bounds[rows, 0])] = None
            return found
        begin, end = self._wkb_at[rows].tolist(), self._wkb_at[rows + 1].tolist()
        texts = [self._wkb[b:e].tobytes() or None for b, e in zip(begin, end, strict=True)]
        return np.asarray(shapely.from_wkb(np.array(texts, dtype=object)), dtype=object)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def columns(self) -> Columns:
        """The values of the layer's properties."""
        from layers.columns import Columns  # noqa: PLC0415  a question of place alone need not load pyarrow

        return Columns(self._folder / f"{self._layer}.columns.arrow")

    def column(self, name: str) -> pa.Array:
        """Return the values of one property."""
        return self.columns.column(name)

    @cached_property
    def _sure(self) -> NDArray[np.bool_]:
        return np.zeros(len(self), dtype=np.bool_)

    @cached_property
    def _exact(self) -> bool:
        return not self._accuracy.any()

    @cached_property
    def _tree(self) -> PointIndex:
        return PointIndex(*(self._open(part) for part in _POINT_PARTS))

    def _open(self, part: str) -> NDArray[Any]:
        # As a plain array over the mapped file: every slice of a memmap object costs as much as a small query.
        path = self._folder / f"{self._layer}.{part}.npy"
        try:
            mapped = np.load(path, mmap_mode="r")
        except (OSError, ValueError):
            raise DataError(f"The release is damaged: {path} cannot be read. Run 'corridor build'.") from None
        if part in _AT_ONCE and mapped.nbytes <= _AT_ONCE_BYTES:
            _populate(mapped)
        return np.asarray(mapped)


def _populate(mapped: NDArray[Any]) -> None:
    """Have the system map an array's pages now, not one after another as they are touched; where it cannot, it does not."""
    held = getattr(mapped, "_mmap", None)  # an empty array has none
    if held is not None and sys.platform == "linux":
        with suppress(OSError):  # before Linux 5.14
            held.madvise(_POPULATE_READ)


class _Members(Mapping[str, tuple[Rows, Rows]]):
    def __init__(self, rows: Rows, spans: Mapping[str, tuple[int, int, int]]) -> None:
        self._rows = rows
        self._spans = spans

    def __getitem__(self, region: str) -> tuple[Rows, Rows]:
        begin, middle, end = self._spans[region]
        return self._rows[begin:middle], self._rows[middle:end]

    def __iter__(self) -> Iterator[str]:
        return iter(self._spans)

    def __len__(self) -> int:
        return len(self._spans)


class Part:
    """Some rows of an index, as a filter sees them."""

    def __init__(self, whole: LayerIndex, rows: Rows) -> None:
        self._whole = whole
        self._rows = rows
        self.points = whole.points

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def bounds(self) -> NDArray[np.float64]:
        return self._whole.bounds[self._rows]

    def column(self, name: str) -> pa.Array:
        """Return the values of one property."""
        return self._whole.columns.part(name, self._rows)

    def shapes(self, rows: NDArray[np.integer[Any]]) -> NDArray[np.object_]:
        """Return the geometries of rows of the part."""
        return self._whole.shapes(self._rows[rows])


def meeting(bounds: NDArray[np.float64], boxes: Iterable[Bounds]) -> Rows:
    """Return the rows whose bounds (n, 4), in which west > east crosses 180°, meet one of the ordinary boxes."""
    west, south, east, north = bounds.T
    near = np.zeros(len(bounds), dtype=np.bool_)
    for w, s, e, n in boxes:
        beside = np.where(west <= east, (west <= e) & (east >= w), (west <= e) | (east >= w))
        near |= beside & (south <= n) & (north >= s)
    return np.flatnonzero(near).astype(np.int32)
