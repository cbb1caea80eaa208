"""How large a filter may be. What a filter costs grows with these, whoever sends it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The largest filter that is read."""

    characters: int = 20_000
    """Of a filter as text."""

    json_characters: int = 5_000_000
    """Of a filter as JSON, whose geometries are long."""

    depth: int = 64
    """Of parentheses and of operators within each other."""

    vertices: int = 50_000
    """Of all geometries of the filter together."""

    nodes: int = 10_000
    """Operators, functions, properties and values."""
