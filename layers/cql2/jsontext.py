"""CQL2 JSON: each operator is given to the library alone, innermost first, as the groups of a text are."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import orjson

from geo.errors import InputError

from .build import BROKEN, Builder, read_json
from .limits import Limits
from .literals import ToCrs84, shape_of_box, shape_of_geojson
from .text import _cut, _property
from .tree import Literal, Node

_LARGEST_WHOLE = 2**53


def read(text: str, limits: Limits, to_crs84: ToCrs84 | None) -> Node:
    """Return the tree of a CQL2 JSON text.

    Raises
    ------
    InputError
        With every fault that was found.
    """
    if len(text) > limits.json_characters:
        raise InputError(f"filter: it has {len(text):,} characters; at most {limits.json_characters:,} are read. Shorten it.")
    try:
        document = orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError) as error:
        raise InputError(f"filter: {_cut(text)!r} is not JSON: {error}.") from None
    reader = _Reader(Builder(limits, to_crs84))
    node = reader.group(document)
    reader.builder.fault.throw()
    return node


class _Reader:
    def __init__(self, builder: Builder) -> None:
        self.builder = builder

    def group(self, tree: Any, depth: int = 0) -> Node:
        """Return the node of a JSON value, whose parts are read before it."""
        if depth > self.builder.limits.depth:
            raise InputError(
                f"filter: its operators stand more than {self.builder.limits.depth} deep in each other. Flatten it."
            )
        if isinstance(tree, dict) and ("bbox" in tree or "coordinates" in tree or "geometries" in tree):
            return self._shape(tree)
        if isinstance(tree, dict) and isinstance(tree.get("property"), str):
            return _property(tree["property"])
        if isinstance(tree, str):
            return Literal(tree, tree)
        if isinstance(tree, int) and not isinstance(tree, bool) and abs(tree) > _LARGEST_WHOLE:
            return Literal(tree)  # the library would round it
        if isinstance(tree, list) and not tree:
            return self.builder.node([])
        flat = orjson.dumps(self._flat(tree, depth)).decode()
        return self.builder.read(read_json, flat, partial(_shown, tree))

    def _flat(self, tree: Any, depth: int) -> Any:
        """Return an operator, an instant, an interval or a list with names in the place of its parts."""
        if isinstance(tree, dict):
            return {key: self._part(value, depth) if key != "op" else value for key, value in tree.items()}
        return [self._name(item, depth) for item in tree] if isinstance(tree, list) else tree

    def _part(self, value: Any, depth: int) -> Any:
        """Return the arguments of an operator, or what a date or an interval holds."""
        return [self._argument(item, depth) for item in value] if isinstance(value, list) else self._name(value, depth)

    def _argument(self, item: Any, depth: int) -> Any:
        # The list of IN and an array stay lists; what they hold is read before.
        return [self._name(part, depth + 1) for part in item] if isinstance(item, list) else self._name(item, depth)

    def _name(self, part: Any, depth: int) -> Any:
        if part is None or isinstance(part, bool | float) or (isinstance(part, int) and abs(part) <= _LARGEST_WHOLE):
            return part
        return {"property": self.builder.name(self.group(part, depth + 1))}

    def _shape(self, tree: dict[str, Any]) -> Node:
        if "bbox" in tree and "type" not in tree:
            box = tree["bbox"]
            if isinstance(box, list) and all(isinstance(n, int | float) and not isinstance(n, bool) for n in box):
                return self.builder.shape(shape_of_box, box, 2)
            self.builder.fault(f"filter: {_shown(tree)} takes four numbers: west, south, east and north.")
            return BROKEN
        vertices = sum(1 for _ in _numbers(tree)) // 2
        return self.builder.shape(shape_of_geojson, tree, vertices)


def _numbers(tree: Any) -> Iterator[float]:
    """Yield the numbers anywhere in a JSON value."""
    stack = [tree]
    while stack:
        top = stack.pop()
        if isinstance(top, dict):
            stack.extend(top.values())
        elif isinstance(top, list):
            stack.extend(top)
        elif isinstance(top, int | float):
            yield top


def _shown(tree: Any) -> str:
    return _cut(orjson.dumps(tree).decode())
