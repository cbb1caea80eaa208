"""Features as flat rows: one a feature, a value of the atlas beside its citation, an imported layer's columns as they are.

A column of ours whose name an imported layer uses itself is called ``atlas_…`` there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import wraps
from itertools import chain, count, zip_longest
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from layers import Catalog
from layers.catalog import Selection
from layers.index import LayerIndex
from layers.release import COMPUTED

if TYPE_CHECKING:
    import pyarrow as pa

PLACE = ("lon", "lat", "wkt")
"""Columns that say where a feature is, in tables without geometry."""

_WKT = ("wkt", "geometry_wkt", "wkt_geom", "geom_wkt")
"""Names of a column of WKT that our import knows, the first that a layer does not use itself."""

_NUMBERS = ("lon", "lat", "accuracy_km")
_ALWAYS = ("layer", "id", "lon", "lat", "membership", "release")

Row = dict[str, Any]
Cite = Callable[[str | None], str | None]


def citation(source: Mapping[str, str], release: str) -> str:
    """Return one source as a line of text; what is computed names the release."""
    if source.get("id") == COMPUTED:
        return f"{source['publisher']}, release {release}. {source['title']}."
    published = source.get("published") or "no date"
    accessed = f" (read {source['accessed']})" if source.get("accessed") else ""
    return f"{source['publisher']}. {source['title']}. {published}. {source.get('url', '')}{accessed}"


def origin(imported: Mapping[str, str]) -> str:
    """Return where an imported layer comes from, as a line of text."""
    return f"Imported from {imported['file']} (layer {imported['source_layer']}) on {imported['date']}"


def columns(selection: Selection) -> list[str]:
    """Return the columns of a flat row, the same for an answer without features."""
    if selection.layer.about.get("imported"):
        return list(_Imported(selection).columns)
    return _kept(_atlas_columns(selection), selection.properties)


def rows(selection: Selection, catalog: Catalog) -> list[Row]:
    """Return each feature as one flat row: every value is followed by the citation of the claim that it shows."""
    if selection.layer.about.get("imported"):
        return _Imported(selection).rows(catalog)
    keep = columns(selection)
    return [{c: row[c] for c in keep if c in row} for row in (_row(f, selection, catalog) for f in selection.whole())]


def table(selection: Selection, catalog: Catalog) -> pa.Table:
    """Return the flat rows with a type for each column, without those of PLACE that are ours: the geometry says them."""
    import pyarrow as pa  # noqa: PLC0415  a web answer in JSON must not load it

    if selection.layer.about.get("imported"):
        return _Imported(selection).table(catalog)
    found = rows(selection, catalog)
    numbers = {*_NUMBERS, *(f["id"] for f in selection.layer.fields if f["kind"] == "quantity")}
    names = [c for c in columns(selection) if c not in PLACE]
    return pa.table([_array([row.get(c) for row in found], number=c in numbers) for c in names], names=names)


def shapes(selection: Selection) -> NDArray[np.object_]:
    """Return the geometry of each feature, None where it has none."""
    return _shapes(selection, selection.whole())


def _shapes(selection: Selection, found: Iterable[Mapping[str, Any]]) -> NDArray[np.object_]:
    """Return the geometries of features, which are read only where the index has not all: heights of imported points."""
    layer = selection.layer
    if not (layer.index.points and layer.about["imported"]):
        return layer.index.shapes(selection.rows)
    positions = [None if f["geometry"] is None else f["geometry"]["coordinates"] for f in found]
    out = np.full(len(positions), None, dtype=object)
    for size in (2, 3):
        rows = [i for i, position in enumerate(positions) if position is not None and len(position) == size]
        if rows:
            out[rows] = shapely.points(np.array([positions[i] for i in rows], dtype=np.float64))
    return out


def source_of(feature: Mapping[str, Any], field: str) -> str | None:
    """Return the id of the source whose claim a feature of the atlas shows for a field.

    What an imported layer calls ``claims`` is its own, and no ledger.
    """
    claims = feature["properties"]["claims"]
    return next((c["source"] for c in claims if c["field"] == field and c.get("shown")), None)


def free_name(wanted: str, taken: Collection[str]) -> str:
    """Return ``wanted``, or ``atlas_wanted`` with the first number that makes it free, where ``taken`` has it in any case."""
    folded = {name.casefold() for name in taken}
    numbered = (f"atlas_{wanted}_{n}" for n in count(2))
    return next(name for name in chain((wanted, f"atlas_{wanted}"), numbered) if name.casefold() not in folded)


def _array(values: list[Any], *, number: bool) -> pa.Array:
    import pyarrow as pa  # noqa: PLC0415

    kinds = {type(v) for v in values} - {type(None)}
    if number and kinds <= {int, float}:
        return pa.array(values, pa.float64())
    if kinds in ({bool}, {int}):
        return pa.array(values)
    return pa.array([None if v is None else str(v) for v in values], pa.string())


# --- layers of the atlas


def _kept(names: Sequence[str], asked: Sequence[str] | None) -> list[str]:
    """Return the columns that remain where only some properties were asked for; a value keeps its citation."""
    if asked is None:
        return list(names)
    return [n for n in names if n in _ALWAYS or n in asked or n.removesuffix("_source") in asked]


def _atlas_columns(selection: Selection) -> list[str]:
    point = selection.layer.about["geometry"] == "point"
    place = ["lon", "lat", "accuracy_km", "position_source", "position_note"] if point else []
    return [
        *("layer", "id", "name", "name_ru", "name_ru_source", "name_hi", "name_hi_source", "country", "admin1", "disputed"),
        *place,
        *(column for f in selection.layer.fields for column in (f["id"], f"{f['id']}_source")),
        *([] if point else ["legs", "passages"]),
        "claims",
        *([] if selection.doubt is None else ["membership"]),
        "release",
    ]


def _row(feature: dict[str, Any], selection: Selection, catalog: Catalog) -> Row:
    p = feature["properties"]

    def cite(source: str | None) -> str | None:
        return citation(catalog.sources[source], catalog.release.id) if source in catalog.sources else source

    row: Row = {"layer": p["layer"], "id": feature["id"], "name": p["name"]}
    for code in ("ru", "hi"):
        row |= {f"name_{code}": p[f"name_{code}"], f"name_{code}_source": cite(p[f"name_{code}_source"])}
    row |= {"country": p["country"], "admin1": p["admin1"], "disputed": " ".join(p["disputed"] or []) or None}
    if feature["geometry"]["type"] == "Point":
        lon, lat = feature["geometry"]["coordinates"]
        row |= {"lon": lon, "lat": lat, "accuracy_km": p["accuracy_km"]}
        row |= {"position_source": cite(p["position_source"]), "position_note": p["position_note"]}
    for field in selection.layer.fields:
        row |= {field["id"]: p[field["id"]], f"{field['id']}_source": cite(source_of(feature, field["id"]))}
    if "legs" in p:
        row["legs"] = " | ".join(_leg(leg, cite) for leg in p["legs"])
        row["passages"] = " ".join(p["passages"]) or None
    row["claims"] = " | ".join(_claim(c, cite) for c in p["claims"]) or None
    if selection.membership:
        row["membership"] = p["membership"]
    return {**row, "release": catalog.release.id}


def _claim(claim: dict[str, Any], cite: Cite) -> str:
    about = ", ".join(x for x in (claim["category"], claim["as_of"], claim["note"]) if x)
    return f"{claim['field']}: {claim['value']} {claim['unit']} ({about}) [{cite(claim['source'])}]".replace(" ()", "")


def _leg(leg: dict[str, Any], cite: Cite) -> str:
    published = f", published {leg['length_published_km']:g} km" if "length_published_km" in leg else ""
    cited = "; ".join(filter(None, map(cite, leg["sources"])))
    return f"{leg['mode']}: {leg['from']} – {leg['to']}, {leg['length_km']:g} km computed{published} [{cited}]"


# --- imported layers


class _Imported:
    """The flat rows of an imported layer: its own columns between ours."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.layer = selection.layer
        asked = selection.properties
        self.own = [n for n in self.layer.about["properties"] if asked is None or n in asked]
        self._taken = {n.casefold() for n in self.own}
        same = "id" in self.own and _are_ids(self.layer.index)
        self.before = {"layer": self._named("layer")} | ({} if same else {"id": self._named("id")})
        self.after = {"membership": self._named("membership")} if selection.doubt is not None else {}
        self.after |= {"release": self._named("release"), "source": self._named("source")}
        self.place = self._place()

    @property
    def columns(self) -> list[str]:
        return [*self.before.values(), *self.place, *self.own, *self.after.values()]

    def rows(self, catalog: Catalog) -> list[Row]:
        found = list(self.selection.whole())
        parts = zip(self._ours(catalog), self._where(found), found, strict=True)
        return [{**ours, **where, **self._values(feature)} for ours, where, feature in parts]

    def table(self, catalog: Catalog) -> pa.Table:
        """Return the rows with the types that the file's columns came with."""
        import pyarrow as pa  # noqa: PLC0415

        ours = self._ours(catalog)
        held = self.layer.index.columns
        made = {n: pa.array([row[n] for row in ours], pa.string()) for n in (*self.before.values(), *self.after.values())}
        made |= {n: held.column(n).take(pa.array(self.selection.rows)) for n in self.own}
        names = [n for n in self.columns if n in made]
        return pa.table([made[n] for n in names], names=names)

    def _named(self, name: str) -> str:
        return free_name(name, self._taken)

    def _place(self) -> tuple[str, ...]:
        """Return our columns of places: none where the file's own lon and lat say the same of the whole layer."""
        if self.layer.about["geometry"] == "point":
            if not {"lon", "lat"} & self._taken:
                return PLACE[:2]
            if {"lon", "lat"} <= {*self.own} and _are_places(self.layer.index):
                return ()
        return (next((name for name in _WKT if name not in self._taken), self._named(_WKT[0])),)

    def _ours(self, catalog: Catalog) -> list[Row]:
        """Return our columns of each feature: what no feature has to be read for."""
        named = self.before | self.after
        ours = {"layer": self.layer.id, "release": catalog.release.id, "source": origin(self.layer.about["imported"])}
        each = zip_longest(self.selection.ids, self.selection.membership)
        told = ({**ours, "id": feature, "membership": sure} for feature, sure in each)
        return [{column: one[name] for name, column in named.items()} for one in told]

    def _where(self, found: Sequence[Mapping[str, Any]]) -> list[Row]:
        if not self.place:
            return [{} for _ in found]
        if self.place == PLACE[:2]:
            positions = ((f["geometry"] or {"coordinates": (None, None)})["coordinates"] for f in found)
            return [dict(zip(self.place, position, strict=False)) for position in positions]
        texts = shapely.to_wkt(_shapes(self.selection, found), rounding_precision=-1)
        return [{self.place[0]: text} for text in texts.tolist()]

    def _values(self, feature: Mapping[str, Any]) -> Row:
        return {name: _cell(feature["properties"].get(name)) for name in self.own}


def _once(ask: Callable[[LayerIndex], bool]) -> Callable[[LayerIndex], bool]:
    """Remember an answer about a whole layer for as long as its index is open: it never changes."""
    known: WeakKeyDictionary[LayerIndex, bool] = WeakKeyDictionary()

    @wraps(ask)
    def told(index: LayerIndex) -> bool:
        if index not in known:
            known[index] = ask(index)
        return known[index]

    return told


@_once
def _are_ids(index: LayerIndex) -> bool:
    """Tell whether the column ``id`` of a layer says the ids of all its features."""
    import pyarrow as pa  # noqa: PLC0415

    column = index.columns.column("id")
    if not (pa.types.is_string(column.type) or pa.types.is_integer(column.type)):
        return False
    return bool(column.cast(pa.string()).to_pylist() == [i.decode() for i in index.ids.tolist()])


@_once
def _are_places(index: LayerIndex) -> bool:
    """Tell whether the columns ``lon`` and ``lat`` of a layer of points say where all its features are."""
    import pyarrow as pa  # noqa: PLC0415

    from layers import arrow  # noqa: PLC0415

    for name, side in (("lon", 0), ("lat", 1)):
        column = index.columns.column(name)
        if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
            return False
        held = column.cast(pa.float64(), safe=False)
        said = np.where(arrow.valid(held), arrow.plain_numbers(held), np.nan)
        if not np.array_equal(said, index.bounds[:, side], equal_nan=True):
            return False
    return True


def _cell(value: Any) -> Any:
    """Return a value of JSON as one cell: a list as JSON text, a truth value as JSON writes it."""
    return orjson.dumps(value).decode() if isinstance(value, list | bool) else value
