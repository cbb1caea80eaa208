"""What every reader gives: a layer as its file has it, before anything is checked or turned into CRS84."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


@dataclass(frozen=True)
class Raw:
    """Rows of one layer of one file.

    ``crs`` is None where the file says none; ``ids`` where it gives none, ``counted`` where they only number its rows;
    ``first`` is the number of the first row as people count in that kind of file, ``row`` what they call it.
    """

    name: str
    shown: str
    geometry: NDArray[np.object_]
    names: list[str]
    columns: list[pa.Array | pa.ChunkedArray]
    crs: str | None = None
    ids: list[str] | None = None
    notes: tuple[str, ...] = ()
    first: int = 1
    row: str = "feature"
    counted: bool = False
