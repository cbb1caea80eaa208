"""Writing a layer into a release: its GeoJSON file, the same texts with membership, and the index beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from layers import index
from layers.index import Rows
from layers.release import BETWEEN, CERTAIN, encode, mark

_BRACES = 2
_CHUNK = 20_000


@dataclass(frozen=True)
class Stored:
    """A layer as it is written: features in one order, their texts, what is known of them as arrays.

    ``about`` is what layers.json says; ``texts`` gives each feature as GeoJSON; ``geometry`` in CRS84, None where a feature has
    none; ``accuracy`` in km; ``members`` region to certain and possible rows; ``columns`` a pyarrow Table; ``cited`` the
    numbers of the sources of each feature.
    """

    about: Mapping[str, Any]
    ids: Sequence[str]
    texts: Iterable[bytes]
    geometry: NDArray[np.object_]
    accuracy: NDArray[np.float64]
    members: Mapping[str, tuple[Rows, Rows]]
    columns: Any
    cited: Sequence[Sequence[int]]


def write_layer(root: Path, layer: Stored) -> None:
    """Write the files of a layer below a release's folder."""
    name = str(layer.about["id"])
    offsets = _write_texts(root, name, layer)
    held = index.Indexed(
        ids=np.array([i.encode() for i in layer.ids], dtype=np.bytes_),
        offsets=offsets,
        bounds=bounds_of(layer.geometry),
        accuracy=layer.accuracy,
        members=layer.members,
        cited=layer.cited,
        shapes=None if layer.about["geometry"] == "point" else layer.geometry,
        columns=layer.columns,
    )
    index.write(root / "index", name, held)


def bounds_of(geometry: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return west, south, east, north of each geometry, shape (n, 4); what touches 180° from both sides has west > east."""
    bounds = np.asarray(shapely.bounds(geometry), dtype=np.float64).reshape(-1, 4)
    for i in np.flatnonzero((bounds[:, 0] == -180) & (bounds[:, 2] == 180)).tolist():
        parts = shapely.bounds(shapely.get_parts(geometry[i]))
        bounds[i, 0] = min((b[0] for b in parts if b[0] > 0 or b[2] == 180), default=-180.0)
        bounds[i, 2] = max((b[2] for b in parts if b[2] < 0 or b[0] == -180), default=180.0)
    return bounds


def _write_texts(root: Path, name: str, layer: Stored) -> NDArray[np.int64]:
    """Write both files of texts; return where each feature begins and ends in the first, shape (n, 2), in bytes."""
    head = b'{"type":"FeatureCollection","name":' + encode(name) + b',"features":[\n'
    certain = mark(CERTAIN, bare=not layer.about["properties"])
    lengths: list[int] = []
    with (root / "layers" / f"{name}.geojson").open("wb") as plain, (root / "index" / f"{name}.certain").open("wb") as sure:
        plain.write(head)
        between = b""
        for texts in _chunks(layer.texts):
            lengths += map(len, texts)
            plain.write(between + BETWEEN.join(texts))
            sure.write(between + BETWEEN.join(text[:-_BRACES] + certain for text in texts))
            between = BETWEEN
        plain.write(b"\n]}\n")
        sure.write(b"\n")
    ends = np.cumsum(np.array(lengths, dtype=np.int64) + len(BETWEEN)) + len(head) - len(BETWEEN)
    return np.column_stack([ends - lengths, ends]).astype(np.int64).reshape(-1, 2)


def _chunks(texts: Iterable[bytes]) -> Iterable[list[bytes]]:
    each = iter(texts)
    while chunk := [text for _, text in zip(range(_CHUNK), each)]:  # noqa: B905  the range ends a chunk
        yield chunk
