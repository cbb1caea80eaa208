"""The filter as the rest of the atlas meets it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import Faults, InputError, nearest
from layers.cql2 import evaluate, jsontext, text
from layers.cql2.build import Builder
from layers.cql2.carry import ToCrs84
from layers.cql2.kinds import KINDS, check_filter
from layers.cql2.limits import Limits
from layers.cql2.table import Rows, Table
from layers.cql2.tree import Node, Property, walk

LANGUAGES = {"cql2-text": text.read, "cql2-json": jsontext.read}
"""The encodings of CQL2 by their names in ``filter-lang``."""


@dataclass(frozen=True)
class Filter:
    """A filter in CQL2 (OGC 21-065)."""

    text: str
    """As it was given."""

    root: Node = field(repr=False)

    def __str__(self) -> str:
        return self.text

    @property
    def properties(self) -> frozenset[str]:
        """The properties it names, the geometry not among them."""
        return frozenset(node.name for node in walk(self.root) if isinstance(node, Property))

    def check(self, queryables: list[dict[str, Any]]) -> None:
        """Hold the filter against what a layer can be asked.

        Raises
        ------
        InputError
            With every property that the layer lacks and every comparison of things that cannot be compared.
        """
        fault = Faults()
        kinds = {known["id"]: _kind(known.get("type")) for known in queryables}
        for name in sorted(self.properties - set(kinds)):
            fault(f"filter: no property is called {name!r}. {nearest(name, kinds)}")
        check_filter(self.root, kinds, fault)
        fault.throw()

    def mask(self, table: Table) -> NDArray[np.bool_]:
        """Return which rows of a table match. A row of which it cannot be told, because a value is null, does not.

        Raises
        ------
        InputError
            If it asks of a column what cannot be asked of its type.
        """
        rows = Rows(table)
        fault = Faults()
        check_filter(self.root, {name: rows.kind(name) for name in self.properties}, fault)
        fault.throw()
        return evaluate.mask(self.root, rows)


def parse(given: str, *, lang: str = "cql2-text", to_crs84: ToCrs84 | None = None, limits: Limits = Limits()) -> Filter:  # noqa: B008
    """Return the filter that a text describes.

    Raises
    ------
    InputError
        If it is no CQL2, is larger than the limits, names an unknown function, compares what cannot be compared, or holds a
        geometry or a time that does not exist; with every fault that was found.
    """
    if lang not in LANGUAGES:
        raise InputError(f"filter-lang: {lang!r} is not known. Known: {', '.join(LANGUAGES)}.")
    builder = Builder(limits, to_crs84)
    made = Filter(given, LANGUAGES[lang](given, builder))
    check_filter(made.root, {}, builder.fault)
    builder.fault.throw()
    return made


def _kind(queryable_type: Any) -> str:
    return "number" if queryable_type == "integer" else queryable_type if queryable_type in KINDS else "any"
