"""A table of a few columns, as the filters of CQL2 are evaluated over."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import shapely


class Rows:
    """Columns by name, and shapely geometries."""

    def __init__(self, columns, geometries=None):
        self.columns = {name: c if isinstance(c, pa.Array) else pa.array(c) for name, c in columns.items()}
        length = len(next(iter(self.columns.values()))) if geometries is None else len(geometries)
        self.geometries = np.array([None] * length if geometries is None else geometries, dtype=object)
        self.bounds = shapely.bounds(self.geometries)
        present = self.geometries[~shapely.is_missing(self.geometries)]
        self.points = bool(len(present)) and bool((shapely.get_type_id(present) == 0).all())

    def __len__(self):
        return len(self.geometries)

    def column(self, name):
        return self.columns[name]

    def shapes(self, rows):
        return self.geometries[rows]
