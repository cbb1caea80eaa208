"""A release: one immutable, content-addressed build of all layers, as a folder of files.

::

    manifest.json              its id and format
    layers.json                the layers with their declarations and counts
    sources.json               every citation by id
    layers/<id>.geojson        RFC 7946, one feature a line; any GIS opens it without us
    index/                     arrays that answer questions without reading that file: layers.index; and
    index/<id>.certain         its features once more, each with the membership that most answers by region give it

A request reads from one release throughout; nothing in it ever changes.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from geo import names
from geo.errors import DataError, UnknownError, nearest
from layers.index import LayerIndex, Rows

FORMAT = 3
Piece = bytes | memoryview
_AROUND = 65_536
"""Bytes that Linux maps around one that is touched."""

_MANY = 400
"""Rows from which runs are found faster with arrays than one by one."""

_HELD = 64_000_000
"""Bytes of a file that a process may have touched before it lets them go."""

BETWEEN = b",\n"
"""What stands between two features, in the file of a layer as in an answer."""

CERTAIN, POSSIBLE = "certain", "possible"
COMPUTED = "computed"
"""The source id of what the build computes itself."""

_CLOSE = b"}}"
_OFFERED = 50_000
"""Of a larger layer no nearest ids are offered: comparing with all would take seconds."""


def encode(value: Any) -> bytes:
    """Return JSON text whose bytes depend on nothing but the value."""
    return orjson.dumps(value)


def digest(root: Path) -> str:
    """Return the id of the files below a folder, the manifest left out: names and bytes, nothing else."""
    import hashlib  # noqa: PLC0415  only a build needs it

    whole = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.is_file() and p.name != "manifest.json"):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").digest()
        whole.update(path.relative_to(root).as_posix().encode() + b"\0" + content)
    return whole.hexdigest()[:16]


def mark(membership: str, *, bare: bool) -> bytes:
    """Return what ends a feature's text with its membership, in place of the two braces that end it without.

    ``bare`` says that the feature has no properties else.
    """
    return (b"" if bare else b",") + b'"membership":"' + membership.encode() + b'"' + _CLOSE


@dataclass(frozen=True)
class StoredLayer:
    """One layer of a release, opened on demand."""

    root: Path
    about: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.about["id"])

    @property
    def fields(self) -> list[dict[str, Any]]:
        return list(self.about["fields"])

    @property
    def files(self) -> list[Path]:
        """The files that the layer is made of."""
        return [self._path, self._certain_path, *self.index.files]

    def __len__(self) -> int:
        return int(self.about["features"])

    @cached_property
    def index(self) -> LayerIndex:
        """The arrays that queries are answered from."""
        return LayerIndex(self.root / "index", self.id, points=self.about["geometry"] == "point")

    @property
    def bounds(self) -> NDArray[np.float64]:
        """West, south, east, north of each feature, shape (n, 4), in degrees; not a number where it has no geometry."""
        return self.index.bounds

    def text(self, row: int) -> bytes:
        """Return the GeoJSON text of one feature."""
        return bytes(self._file.slices([self._span(row, row, longer=0)])[0])

    def pieces(self, rows: Rows, doubt: NDArray[np.bool_] | None = None) -> list[Piece]:
        """Return the GeoJSON texts of features with BETWEEN between them, in pieces that are put together once.

        Where ``doubt`` is given each has its ``membership``: possible where it is true, else certain.
        """
        if doubt is None:
            return _between(self._file.slices(self._spans(rows, longer=0)))
        if not doubt.any():
            return _between(self._certain.slices(self._spans(rows, longer=self._longer)))
        sure, unsure = (mark(membership, bare=self._bare) for membership in (CERTAIN, POSSIBLE))
        texts = self._certain.slices([self._span(row, row, longer=self._longer) for row in rows.tolist()])
        return _between([bytes(t)[: -len(sure)] + unsure if d else t for t, d in zip(texts, doubt.tolist(), strict=True)])

    def _spans(self, rows: Rows, *, longer: int) -> list[tuple[int, int]]:
        """Return from where to where the runs of rows that follow one another stand, in a file of texts so much longer."""
        if len(rows) > _MANY:
            first, last = _runs(rows)
            start, end = self.index.offsets[first, 0], self.index.offsets[last, 1]
            if longer:
                start, end = (
                    start - self._head + first.astype(np.int64) * longer,
                    end - self._head + (last + np.int64(1)) * longer,
                )
            return list(zip(start.tolist(), end.tolist(), strict=True))
        spans = []
        begin = previous = -2
        for row in rows.tolist():
            if row != previous + 1:
                if begin >= 0:
                    spans.append(self._span(begin, previous, longer=longer))
                begin = row
            previous = row
        return [*spans, self._span(begin, previous, longer=longer)] if begin >= 0 else spans

    def _span(self, first: int, last: int, *, longer: int) -> tuple[int, int]:
        at = self._at
        if not longer:
            return at[first, 0], at[last, 1]
        return at[first, 0] - self._head + first * longer, at[last, 1] - self._head + (last + 1) * longer

    @cached_property
    def _at(self) -> Any:
        # Of a memoryview a number costs a third of what it does of an array.
        held: Any = self.index.offsets
        return memoryview(held)

    @cached_property
    def _longer(self) -> int:
        """How much longer a feature's text is with its membership."""
        return len(mark(CERTAIN, bare=self._bare)) - len(_CLOSE)

    def feature(self, row: int) -> dict[str, Any]:
        """Return one feature as GeoJSON."""
        return dict(orjson.loads(self.text(row)))

    @cached_property
    def ids(self) -> list[str]:
        """The ids of the features, in the order of the file."""
        return [i.decode() for i in self.index.ids.tolist()]

    @cached_property
    def called(self) -> Mapping[str, Sequence[int]]:
        """Rows by the keys of their names in three scripts, and by ``=`` and their id in small letters."""
        found: dict[str, list[int]] = {}
        for row, feature in enumerate(self.ids):
            p = self.feature(row)["properties"]
            keys = {names.full_key(p[k]) for k in ("name", "name_ru", "name_hi") if p[k]} - {""}
            for key in (*keys, f"={feature.casefold()}"):
                found.setdefault(key, []).append(row)
        return found

    def position(self, feature: str) -> int:
        """Return where a feature stands in the file, by its id."""
        row = self.index.row(feature)
        if row is None:
            near = nearest(feature, self.ids) if len(self) <= _OFFERED else ""
            raise UnknownError(f"The layer {self.id} has no feature {feature!r}. {near}")
        return row

    @property
    def _path(self) -> Path:
        return self.root / "layers" / f"{self.id}.geojson"

    @property
    def _certain_path(self) -> Path:
        return self.root / "index" / f"{self.id}.certain"

    @cached_property
    def _file(self) -> Mapped:
        return Mapped(self._path)

    @cached_property
    def _certain(self) -> Mapped:
        return Mapped(self._certain_path)

    @property
    def _bare(self) -> bool:
        return not self.about["properties"]

    @cached_property
    def _head(self) -> int:
        return int(self.index.offsets[0, 0]) if len(self) else 0


def _runs(rows: Rows) -> tuple[Rows, Rows]:
    """Return the first and the last row of each run of rows that follow one another."""
    if not len(rows):
        return rows, rows
    cut = np.flatnonzero(np.diff(rows) != 1)
    return rows[np.concatenate(([0], cut + 1))], rows[np.concatenate((cut, [len(rows) - 1]))]


def _between(pieces: list[Piece]) -> list[Piece]:
    """Return pieces with what stands between two features between them."""
    parts: list[Piece] = [BETWEEN] * (2 * len(pieces) - 1 if pieces else 0)
    parts[::2] = pieces
    return parts


class Mapped:
    """A file in memory, of which pieces are taken without a copy.

    The system counts what was once touched as memory of this process, though it is the file's own and shared with the other
    workers: now and then it is let go.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._view = memoryview(self._map)
        self._small = len(self._view) <= _HELD
        self._touched = 0

    def slices(self, spans: list[tuple[int, int]]) -> list[Piece]:
        """Return the bytes from each start to its end."""
        if not self._small:
            self._let_go(len(spans) * _AROUND + sum(end - start for start, end in spans))
        view = self._view
        return [view[start:end] for start, end in spans]

    def _let_go(self, touching: int) -> None:
        self._touched += touching
        if self._touched > _HELD:
            self._touched = touching
            self._map.madvise(mmap.MADV_DONTNEED)


class Release:
    """An opened release.

    Raises
    ------
    DataError
        If the folder holds no release, or one of another format.
    """

    def __init__(self, root: Path) -> None:
        try:
            manifest = json.loads((root / "manifest.json").read_bytes())
        except (OSError, ValueError):
            raise DataError(f"{root} holds no release. Run 'corridor build'.") from None
        if not isinstance(manifest, dict) or "id" not in manifest:
            raise DataError(f"The release in {root} is damaged: manifest.json cannot be read. Run 'corridor build'.")
        if manifest.get("format") != FORMAT:
            raise DataError(f"{root} holds a release of format {manifest.get('format')}, not {FORMAT}. Run 'corridor build'.")
        self.root = root
        self.id = str(manifest["id"])
        try:
            listed = json.loads((root / "layers.json").read_bytes())
        except (OSError, ValueError):
            listed = []
        listed = [about for about in listed if isinstance(about, dict) and "id" in about] if isinstance(listed, list) else []
        self.layers: Mapping[str, StoredLayer] = {about["id"]: StoredLayer(root, about) for about in listed}
        parts = [root / "sources.json", *(part for layer in self.layers.values() for part in layer.files)]
        missing = [p.relative_to(root).as_posix() for p in parts if not p.is_file()] + ([] if listed else ["layers.json"])
        if missing:
            raise DataError(f"The release in {root} is damaged: {', '.join(missing)} cannot be read. Run 'corridor build'.")

    @cached_property
    def sources(self) -> dict[str, dict[str, str]]:
        """Every citation by id, in the order in which the index numbers them."""
        return dict(orjson.loads((self.root / "sources.json").read_bytes()))

    @cached_property
    def source_ids(self) -> list[str]:
        """The ids of the citations by their numbers."""
        return list(self.sources)

    def layer(self, layer: str) -> StoredLayer:
        """Return a layer by its id."""
        if layer not in self.layers:
            raise UnknownError(f"There is no layer {layer!r}. {nearest(layer, self.layers)}")
        return self.layers[layer]
