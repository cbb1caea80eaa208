"""CQL2 JSON: each operator is given to the library alone, innermost first, as the groups of a text are."""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson

from geo.errors import InputError
from layers.cql2.build import BROKEN, Builder, read_json
from layers.cql2.literals import shape_of_box, shape_of_geojson
from layers.cql2.text import cut, property_of
from layers.cql2.tree import Literal, Node

_LARGEST_WHOLE = 2**53
_GEOMETRY_LEVELS = 16


def read(text: str, builder: Builder) -> Node:
    """Return the tree of a CQL2 JSON text; what ``builder`` could not read, it has said.

    Raises
    ------
    InputError
        If the text is no JSON, or is larger than the limits.
    """
    most = builder.limits.json_characters
    if len(text) > most:
        raise InputError(f"filter: it has {len(text):,} characters; at most {most:,} are read. Shorten it.")
    try:
        document = orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError) as error:
        raise InputError(f"filter: {cut(text)!r} is not JSON: {error}.") from None
    _hold(document, builder)
    return _Reader(builder).group(document)


def _hold(document: Any, builder: Builder) -> None:
    """Hold a document against the limits, before anything else walks into it."""
    limits, parts, numbers = builder.limits, 0, 0
    stack = [(document, 0, False)]
    while stack:
        value, level, inside = stack.pop()
        numbers += inside and isinstance(value, int | float)
        parts += not inside
        if level > 2 * limits.depth + _GEOMETRY_LEVELS:
            raise InputError(f"filter: its operators stand more than {limits.depth} deep in each other. Flatten it.")
        if parts > 3 * limits.nodes or numbers > 3 * limits.vertices:
            break
        if isinstance(value, dict):
            stack.extend((part, level + 1, inside or key == "coordinates") for key, part in value.items())
        elif isinstance(value, list):
            stack.extend((part, level + 1, inside) for part in value)
    if parts > 3 * limits.nodes:
        raise InputError(f"filter: it has more than {limits.nodes:,} parts. Ask for less at once.")


class _Reader:
    def __init__(self, builder: Builder) -> None:
        self.builder = builder

    def group(self, tree: Any) -> Node:
        """Return the node of a JSON value, whose parts are read before it."""
        if isinstance(tree, dict) and ("bbox" in tree or "coordinates" in tree or "geometries" in tree):
            return self._shape(tree)
        if isinstance(tree, dict) and isinstance(tree.get("property"), str):
            return property_of(tree["property"])
        if isinstance(tree, str):
            return Literal(tree, tree)
        if isinstance(tree, int) and not isinstance(tree, bool) and abs(tree) > _LARGEST_WHOLE:
            return Literal(tree)  # the library would round it
        flat = orjson.dumps(self._flat(tree)).decode()
        return self.builder.read(read_json, flat, partial(_blame, tree))

    def _flat(self, tree: Any) -> Any:
        """Return an operator, an instant, an interval or a list with names in the place of its parts."""
        if isinstance(tree, dict):
            return {key: value if key == "op" else self._part(value) for key, value in tree.items()}
        return [self._name(item) for item in tree] if isinstance(tree, list) else tree

    def _part(self, value: Any) -> Any:
        """Return the arguments of an operator, or what a date or an interval holds."""
        return [self._argument(item) for item in value] if isinstance(value, list) else self._name(value)

    def _argument(self, item: Any) -> Any:
        # The list of IN and an array stay lists; what they hold is read before.
        return [self._name(part) for part in item] if isinstance(item, list) else self._name(item)

    def _name(self, part: Any) -> Any:
        if part is None or isinstance(part, bool | float) or (isinstance(part, int) and abs(part) <= _LARGEST_WHOLE):
            return part
        return {"property": self.builder.name(self.group(part))}

    def _shape(self, tree: dict[str, Any]) -> Node:
        if "type" not in tree and "bbox" in tree:
            box = tree["bbox"]
            if isinstance(box, list) and all(isinstance(n, int | float) and not isinstance(n, bool) for n in box):
                return self.builder.shape(shape_of_box, box, 2)
            self.builder.fault(f"filter: {_shown(tree)} takes four numbers: west, south, east and north.")
            return BROKEN
        return self.builder.shape(shape_of_geojson, tree, _positions(tree))


def _positions(tree: Any) -> int:
    """Return how many positions a geometry has: the lists that begin with a number."""
    count, stack = 0, [tree]
    while stack:
        top = stack.pop()
        if isinstance(top, dict):
            stack.extend(top.values())
        elif isinstance(top, list):
            if top and isinstance(top[0], int | float):
                count += 1
            else:
                stack.extend(top)
    return count


def _blame(tree: Any, _: str) -> str:
    known = 'Known are {"op": …, "args": […]}, {"property": …}, {"date": …}, {"timestamp": …}, {"interval": [a, b]} and values.'
    return f"filter: {_shown(tree)} is not CQL2. {known}"


def _shown(tree: Any) -> str:
    return cut(orjson.dumps(tree).decode())
