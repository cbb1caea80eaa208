"""The file of the shipped sea network: what scripts/build_network.py writes and geo.network reads."""

from __future__ import annotations

from importlib.resources import files
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.routing import Floats
from geo.skeleton import Skeleton

_PER_DEGREE = 100_000
_SHIPPED = files("geo") / "data" / "lanes.npz"


class Lanes(NamedTuple):
    """A sea network: its nodes of shape (n, 2) in degrees, to five decimals, and its edges of shape (m, 2).

    ``passages`` and ``canals``, which are rivers too, hold edges by number. The skeleton is kept for it takes longest to make.
    """

    nodes: Floats
    edges: NDArray[np.intp]
    passages: dict[str, list[int]]
    canals: list[int]
    skeleton: Skeleton


def read() -> Lanes:
    """Return the shipped network."""
    with _SHIPPED.open("rb") as file, np.load(file) as held:
        parts = np.split(held["passage_edges"], held["passage_ends"][:-1])
        begin = np.append(0, held["arcs"].cumsum()).astype(np.int32)
        return Lanes(
            held["nodes"] / _PER_DEGREE,
            held["edges"].astype(np.intp),
            {name: part.tolist() for name, part in zip(held["passages"].tolist(), parts, strict=True)},
            held["canals"].tolist(),
            Skeleton(begin, held["to"].astype(np.int32)),
        )


def write(file: BinaryIO, lanes: Lanes) -> None:
    """Write a network, the same bytes for the same network."""
    np.savez_compressed(
        file,
        nodes=np.rint(lanes.nodes * _PER_DEGREE).astype(np.int32),
        edges=lanes.edges.astype(np.uint16),
        passages=np.array(list(lanes.passages)),
        passage_ends=np.cumsum([len(edges) for edges in lanes.passages.values()]),
        passage_edges=np.array([edge for edges in lanes.passages.values() for edge in edges], dtype=np.uint16),
        canals=np.array(lanes.canals, dtype=np.uint16),
        arcs=np.diff(lanes.skeleton.begin).astype(np.uint16),
        to=lanes.skeleton.to.astype(np.uint16),
    )
