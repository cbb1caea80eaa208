"""A release: one immutable, content-addressed build of all layers, as a folder of files.

::

    manifest.json              its id and format
    layers.json                the layers with their declarations and counts
    sources.json               every citation by id
    layers/<id>.geojson        RFC 7946, one feature a line; any GIS opens it without us
    index/                     arrays that answer questions without reading that file: layers.index

A request reads from one release throughout; nothing in it ever changes.
"""

from __future__ import annotations

import hashlib
import json
import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from geo.errors import DataError, UnknownError, nearest
from layers.index import LayerIndex, Rows

FORMAT = 2


def encode(value: Any) -> bytes:
    """Return JSON text whose bytes depend on nothing but the value."""
    return orjson.dumps(value)


def digest(root: Path) -> str:
    """Return the id of the files below a folder, the manifest left out: names and bytes, nothing else."""
    whole = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.is_file() and p.name != "manifest.json"):
        whole.update(path.relative_to(root).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


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
        return [self._path, *self.index.files]

    def __len__(self) -> int:
        return int(self.about["features"])

    @cached_property
    def index(self) -> LayerIndex:
        """The arrays that queries are answered from."""
        return LayerIndex(self.root / "index", self.id, points=self.about["geometry"] == "point")

    @property
    def bounds(self) -> NDArray[np.float64]:
        """West, south, east, north of each feature, shape (n, 4), in degrees."""
        return self.index.bounds

    def text(self, row: int) -> bytes:
        """Return the GeoJSON text of one feature."""
        start, end = self.index.offsets[row].tolist()
        return self._file[start:end]

    def texts(self, rows: Rows, *, cut: int = 0) -> list[bytes]:
        """Return the GeoJSON texts of features, the last ``cut`` bytes of each left out."""
        file = self._file
        start, end = self.index.offsets[rows].T
        return [file[s:e] for s, e in zip(start.tolist(), (end - cut).tolist(), strict=True)]

    def feature(self, row: int) -> dict[str, Any]:
        """Return one feature as GeoJSON."""
        return dict(orjson.loads(self.text(row)))

    @cached_property
    def ids(self) -> list[str]:
        """The ids of the features, in order."""
        return [i.decode() for i in self.index.ids.tolist()]

    def position(self, feature: str) -> int:
        """Return where a feature stands in the file, by its id."""
        row = self.index.row(feature)
        if row is None:
            raise UnknownError(f"The layer {self.id} has no feature {feature!r}. {nearest(feature, self.ids)}")
        return row

    @property
    def _path(self) -> Path:
        return self.root / "layers" / f"{self.id}.geojson"

    @cached_property
    def _file(self) -> mmap.mmap:
        with self._path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


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
