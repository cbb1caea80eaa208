"""Features as flat rows: one a feature, a value of the atlas beside its citation, an imported layer's columns as they are.

A column of ours whose name an imported layer uses itself is called ``atlas_…`` there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import chain, count
from typing import TYPE_CHECKING, Any

import orjson

from layers import Catalog
from layers.catalog import Selection
from layers.ledger import COMPUTED

if TYPE_CHECKING:
    import pyarrow as pa

PLACE = ("lon", "lat", "wkt")
"""Columns that say where a feature is, in tables without geometry."""

_WKT = ("wkt", "geometry_wkt", "wkt_geom", "geom_wkt")
"""Names of a column of WKT that our import knows, the first that a layer does not use itself."""

_NUMBERS = ("lon", "lat", "accuracy_km")
_ALWAYS = ("layer", "id", "lon", "lat", "membership", "release")

Row = dict[str, Any]
Cite = Callable[[str | None], str]


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

    def cite(source: str | None) -> str:
        return citation(catalog.sources[source], catalog.release.id) if source in catalog.sources else (source or "")

    row: Row = {"layer": p["layer"], "id": feature["id"], "name": p["name"]}
    for code in ("ru", "hi"):
        row |= {f"name_{code}": p[f"name_{code}"], f"name_{code}_source": cite(p[f"name_{code}_source"])}
    row |= {"country": p["country"], "admin1": p["admin1"], "disputed": " ".join(p["disputed"] or [])}
    if feature["geometry"]["type"] == "Point":
        lon, lat = feature["geometry"]["coordinates"]
        row |= {"lon": lon, "lat": lat, "accuracy_km": p["accuracy_km"]}
        row |= {"position_source": cite(p["position_source"]), "position_note": p["position_note"]}
    for field in selection.layer.fields:
        row |= {field["id"]: p[field["id"]], f"{field['id']}_source": cite(source_of(feature, field["id"]))}
    if "legs" in p:
        row["legs"] = " | ".join(_leg(leg, cite) for leg in p["legs"])
        row["passages"] = " ".join(p["passages"])
    row["claims"] = " | ".join(_claim(c, cite) for c in p["claims"])
    if selection.membership:
        row["membership"] = p["membership"]
    return {**row, "release": catalog.release.id}


def _claim(claim: dict[str, Any], cite: Cite) -> str:
    about = ", ".join(x for x in (claim["category"], claim["as_of"], claim["note"]) if x)
    return f"{claim['field']}: {claim['value']} {claim['unit']} ({about}) [{cite(claim['source'])}]".replace(" ()", "")


def _leg(leg: dict[str, Any], cite: Cite) -> str:
    published = f", published {leg['length_published_km']:g} km" if "length_published_km" in leg else ""
    cited = "; ".join(cite(source) for source in leg["sources"])
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
        self._found = list(selection.whole())
        same = "id" in self.own and all(_text(f["properties"].get("id")) == f["id"] for f in self._found)
        self.before = {"layer": self._named("layer")} | ({} if same else {"id": self._named("id")})
        self.after = {"membership": self._named("membership")} if selection.doubt is not None else {}
        self.after |= {"release": self._named("release"), "source": self._named("source")}
        self.place = self._place()

    @property
    def columns(self) -> list[str]:
        return [*self.before.values(), *self.place, *self.own, *self.after.values()]

    def rows(self, catalog: Catalog) -> list[Row]:
        return [{**self._ours(f, catalog), **_where(f["geometry"], self.place), **self._values(f)} for f in self._found]

    def table(self, catalog: Catalog) -> pa.Table:
        """Return the rows with the types that the file's columns came with."""
        import pyarrow as pa  # noqa: PLC0415

        ours = [self._ours(f, catalog) for f in self._found]
        held = self.layer.index.columns
        made = {n: pa.array([row[n] for row in ours], pa.string()) for n in (*self.before.values(), *self.after.values())}
        made |= {n: held.column(n).take(pa.array(self.selection.rows)) for n in self.own}
        names = [n for n in self.columns if n in made]
        return pa.table([made[n] for n in names], names=names)

    def _named(self, name: str) -> str:
        return free_name(name, self._taken)

    def _place(self) -> tuple[str, ...]:
        """Return our columns of places: none where the file's own lon and lat say the same."""
        if self.layer.about["geometry"] == "point":
            if not {"lon", "lat"} & self._taken:
                return PLACE[:2]
            if {"lon", "lat"} <= {*self.own} and all(_says_its_place(f) for f in self._found):
                return ()
        return (next((name for name in _WKT if name not in self._taken), self._named(_WKT[0])),)

    def _ours(self, feature: Mapping[str, Any], catalog: Catalog) -> Row:
        ours = {
            "layer": self.layer.id,
            "id": feature["id"],
            "membership": feature["properties"].get("membership"),
            "release": catalog.release.id,
            "source": origin(self.layer.about["imported"]),
        }
        return {column: ours[name] for name, column in (self.before | self.after).items()}

    def _values(self, feature: Mapping[str, Any]) -> Row:
        return {name: _cell(feature["properties"].get(name)) for name in self.own}


def _where(geometry: Mapping[str, Any] | None, place: Sequence[str]) -> Row:
    if geometry is None or not place:
        return dict.fromkeys(place)
    if place == PLACE[:2]:
        return dict(zip(place, geometry["coordinates"], strict=False))
    import shapely  # noqa: PLC0415

    return {place[0]: shapely.to_wkt(shapely.from_geojson(orjson.dumps(geometry).decode()), rounding_precision=-1)}


def _says_its_place(feature: Mapping[str, Any]) -> bool:
    p, geometry = feature["properties"], feature["geometry"]
    return [p["lon"], p["lat"]] == (geometry["coordinates"][:2] if geometry else [None, None])


def _cell(value: Any) -> Any:
    """Return a value of JSON as one cell: a list as JSON text, a truth value as JSON writes it."""
    return orjson.dumps(value).decode() if isinstance(value, list | bool) else value


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
