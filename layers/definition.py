"""Declarations: what a layer is, which fields it has, how it looks. Data, read from ``layer.toml``; no rows.

An unknown key, kind, unit or colour is an error that names file and key.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from geo.errors import DataError, Faults
from layers import units

GEOMETRIES = ("point", "line")
SHAPES = ("circle", "square", "diamond", "triangle", "gate", "line")
KINDS = ("quantity", "text", "choice")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_CODE = re.compile(r"^(JORC|NI 43-101|S-K 1300|SAMREC)\b,? ?")


@dataclass(frozen=True)
class Choice:
    """One value that a field of kind ``choice`` may have, with its title and its colour on the map."""

    id: str
    title: str
    colour: str


@dataclass(frozen=True)
class Field:
    """A field of a layer.

    ``unit`` is what a quantity is shown in. Claims whose category begins as ``aside`` has it (a plan, a figure of a part)
    are kept, but never become the shown value; of the others of one year, those whose category is one of ``after`` stand
    behind the rest, the later in the list the farther. In both ``*`` stands for anything, and the code that a category names
    first (JORC, NI 43-101, S-K 1300) is left out. ``computed`` marks what the build computes and no source states.
    """

    id: str
    title: str
    kind: str
    unit: str = ""
    description: str = ""
    aside: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    computed: bool = False

    def rank(self, category: str) -> int | None:
        """Return how far behind a category stands, 0 for none before it, or None where it is set aside."""
        bare = _CODE.sub("", category)
        if any(fnmatchcase(bare, f"{pattern}*") for pattern in self.aside):
            return None
        return max((i for i, pattern in enumerate(self.after, 1) if fnmatchcase(bare, pattern)), default=0)


@dataclass(frozen=True)
class Style:
    """How a layer is drawn: a shape, a colour, and the field of kind ``choice`` whose colours override it."""

    shape: str
    colour: str
    colour_by: str = ""


@dataclass(frozen=True)
class Layer:
    """A declaration."""

    id: str
    title: Mapping[str, str]
    description: str
    geometry: str
    licence: str
    rule: str
    style: Style
    fields: Mapping[str, Field]


def read(place: Traversable) -> Layer:
    """Return the layer that a ``layer.toml`` declares.

    Raises
    ------
    DataError
        With every fault of the file.
    """
    fault = Faults()
    name = f"{place.name}/layer.toml"
    try:
        given = tomllib.loads((place / "layer.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{name}: {error}") from None
    _keys(given, name, Layer, fault, also={"field"})
    fields = [_field(f, f"{name}: field {f.get('id', '?')}", fault) for f in given.get("field", [])]
    style = _style(given.get("style", {}), f"{name}: style", fields, fault)
    if given.get("geometry") not in GEOMETRIES:
        fault(f"{name}: geometry {given.get('geometry')!r} is not one of {', '.join(GEOMETRIES)}")
    if given.get("id") != place.name:
        fault(f"{name}: id {given.get('id')!r} is not the folder's name")
    if set(given.get("title", {})) != {"en", "ru", "hi"}:
        fault(f"{name}: title needs en, ru and hi")
    fault.throw(DataError)
    words = {k: str(given[k]) for k in ("id", "description", "geometry", "licence", "rule")}
    return Layer(
        **words, title=MappingProxyType(given["title"]), style=style, fields=MappingProxyType({f.id: f for f in fields})
    )


def _field(given: dict[str, Any], name: str, fault: Faults) -> Field:
    _keys(given, name, Field, fault)
    kind, unit = given.get("kind"), given.get("unit", "")
    if kind not in KINDS:
        fault(f"{name}: kind {kind!r} is not one of {', '.join(KINDS)}")
    if (kind == "quantity") != bool(unit) or (unit and unit not in units.FIELD_UNITS):
        fault(f"{name}: unit {unit!r}; a quantity has one of {', '.join(sorted(units.FIELD_UNITS))}, another kind none")
    for choice in given.get("choices", []):
        _keys(choice, f"{name}: choice {choice.get('id', '?')}", Choice, fault)
    choices = tuple(Choice(*(str(c.get(k, "")) for k in ("id", "title", "colour"))) for c in given.get("choices", []))
    if (kind == "choice") != bool(choices):
        fault(f"{name}: a choice lists its choices, another kind none")
    for choice in choices:
        if not _COLOUR.fullmatch(choice.colour):
            fault(f"{name}: colour {choice.colour!r} is not of the form #1a2b3c")
    return Field(
        id=str(given.get("id", "")),
        title=str(given.get("title", "")),
        kind=str(kind),
        unit=unit,
        description=str(given.get("description", "")),
        aside=tuple(given.get("aside", ())),
        after=tuple(given.get("after", ())),
        choices=choices,
        computed=bool(given.get("computed", False)),
    )


def _style(given: dict[str, Any], name: str, fields: list[Field], fault: Faults) -> Style:
    _keys(given, name, Style, fault)
    if given.get("shape") not in SHAPES:
        fault(f"{name}: shape {given.get('shape')!r} is not one of {', '.join(SHAPES)}")
    if not _COLOUR.fullmatch(str(given.get("colour"))):
        fault(f"{name}: colour {given.get('colour')!r} is not of the form #1a2b3c")
    chosen = given.get("colour_by")
    if chosen and not any(f.id == chosen and f.kind == "choice" for f in fields):
        fault(f"{name}: colour_by {chosen!r} is not a field of kind choice")
    return Style(given.get("shape", ""), given.get("colour", ""), chosen or "")


def _keys(given: dict[str, Any], name: str, model: type, fault: Faults, *, also: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    declared = dataclasses.fields(model)
    known = {f.name for f in declared} | also
    for key in sorted(set(given) - known):
        fault(f"{name}: unknown key {key!r}; known are {', '.join(sorted(known))}")
    needed = {f.name for f in declared if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING}
    for key in sorted(needed - set(given) - {"fields"}):
        fault(f"{name}: {key} is missing")
