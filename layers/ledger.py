"""The claims ledger: identity, claims and sources as hand-written CSV, checked cell by cell.

Every fault of every file is gathered, by file, row and field; nothing is read past silently.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable

from geo.errors import Faults, InputError, nearest
from layers import units
from layers.definition import Field, Layer

_PARTIAL_DATE = r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?"
_DATE = re.compile(_PARTIAL_DATE)
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_COUNTRY = re.compile(r"[A-Z]{2}")
_CLAIMANTS = re.compile(r"[A-Z]{2}(?:;[A-Z]{2})+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
MODES = ("sea", "rail", "road", "river")


@dataclass(frozen=True)
class Source:
    """A citation."""

    id: str
    publisher: str
    title: str
    published: str
    url: str
    accessed: str
    licence: str
    note: str


@dataclass(frozen=True)
class Claim:
    """One value of one field of one feature, as one source states it.

    ``value`` and ``unit`` are as published; ``amount`` is a quantity in the field's own unit; ``as_of`` is an ISO 8601
    date, possibly reduced, or an interval; empty where the source gives no date.
    """

    feature: str
    field: str
    value: str
    unit: str
    category: str
    as_of: str
    source: str
    note: str
    amount: float | None = None


@dataclass(frozen=True)
class Identity:
    """A row of features.csv: who a feature is and where. Positions are CRS84; None where legs draw the feature."""

    id: str
    name: str
    name_ru: str
    name_ru_source: str
    name_hi: str
    name_hi_source: str
    position: tuple[float, float] | None
    accuracy_km: float | None
    position_source: str
    position_note: str
    country: str
    disputed: str
    offshore: bool


@dataclass(frozen=True)
class Leg:
    """A row of legs.csv: part of a route between two named ends.

    Ends of a sea leg are ids of ports; a land leg carries its cited waypoints as (name, lon, lat). ``close`` are passages
    the leg does not use; ``gap`` says why it does not begin where the one before it ends; ``branch`` names another way than
    the main one, drawn but not counted in the route's length. ``sources`` name the ends, every waypoint and its position.
    """

    feature: str
    seq: int
    mode: str
    start: str
    end: str
    branch: str
    waypoints: tuple[tuple[str, float, float], ...]
    close: tuple[str, ...]
    gap: str
    length_km: float | None
    sources: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Rows:
    """All rows of one layer."""

    layer: Layer
    features: tuple[Identity, ...]
    claims: tuple[Claim, ...]
    legs: tuple[Leg, ...]


_FEATURES = (
    "id,name,name_ru,name_ru_source,name_hi,name_hi_source,lon,lat,accuracy_km,position_source,position_note,"
    "country,disputed,offshore"
).split(",")
_CLAIMS = "feature,field,value,unit,category,as_of,source,note".split(",")
_SOURCES = "id,publisher,title,published,url,accessed,licence,note".split(",")
_LEGS = "feature,seq,mode,from,to,branch,waypoints,close,gap,length_km,sources,note".split(",")


def read_sources(place: Traversable, fault: Faults) -> dict[str, Source]:
    """Return the sources by id; faults are gathered."""
    found: dict[str, Source] = {}
    for row in rows_of(place / "sources.csv", _SOURCES, fault):
        source = Source(**row.cells)
        row.check(_ID.fullmatch(source.id), "id", "is not in kebab-case")
        row.check(source.id not in found, "id", "stands twice")
        row.check(source.publisher, "publisher", "is missing")
        row.check(source.title, "title", "is missing")
        row.check(source.url.startswith(("https://", "http://")), "url", "is not an address")
        row.check(not source.published or is_date(source.published), "published", "is not an ISO date")
        row.check(is_date(source.accessed), "accessed", "is not an ISO date")
        row.check(source.licence, "licence", "is missing")
        found[source.id] = source
    return found


def read_rows(layer: Layer, place: Traversable, sources: dict[str, Source], fault: Faults) -> Rows:
    """Return a layer's rows; faults are gathered and the rows that have them left out."""
    listed = list(rows_of(place / "features.csv", _FEATURES, fault))
    # A row with a fault is a feature all the same: its claims are not at fault for it.
    known = {row["id"] for row in listed}
    features = list(_features(layer, listed, sources))
    claims = list(_claims(layer, rows_of(place / "claims.csv", _CLAIMS, fault), known, sources))
    legs = list(_legs(rows_of(place / "legs.csv", _LEGS, fault), known, sources)) if layer.geometry == "line" else []
    return Rows(layer, tuple(features), tuple(claims), tuple(legs))


# --- rows


class Row:
    """One row of a file while it is checked: each fault is said with file, row and field."""

    def __init__(self, name: str, number: int, cells: dict[str, str], fault: Faults) -> None:
        self.cells = cells
        self.sound = True
        self._where = f"{name}: row {number}"
        self._fault = fault

    def __getitem__(self, field: str) -> str:
        return self.cells[field]

    def check(self, holds: object, field: str, wrong: str) -> None:
        if not holds:
            self.say(f"{field} {self.cells[field]!r} {wrong}")

    def say(self, line: str) -> None:
        self.sound = False
        self._fault(f"{self._where}: {line}")

    def number(self, field: str) -> float | None:
        """Return a cell as a number; an empty one is None, anything else a fault."""
        if not self.cells[field]:
            return None
        if not _NUMBER.fullmatch(self.cells[field]):
            self.say(f"{field} {self.cells[field]!r} is not a number")
            return None
        return float(self.cells[field])

    def cited(self, field: str, sources: dict[str, Source], *, needed: bool) -> None:
        if self.cells[field]:
            self.check(self.cells[field] in sources, field, "is not an id of sources.csv")
        elif needed:
            self.say(f"{field} is missing: name the source")


def rows_of(path: Traversable, header: list[str], fault: Faults) -> Iterator[Row]:
    """Yield the rows of a file that has exactly this header; faults are gathered."""
    name = f"{path.parent.name}/{path.name}" if hasattr(path, "parent") else path.name
    try:
        with path.open(encoding="utf-8") as lines:
            reader = csv.reader(lines)
            if next(reader, []) != header:
                fault(f"{name}: the first line must be {','.join(header)}")
                return
            for cells in reader:
                if len(cells) != len(header):
                    fault(f"{name}: row {reader.line_num}: {len(cells)} cells where {len(header)} are needed")
                else:
                    yield Row(name, reader.line_num, dict(zip(header, (c.strip() for c in cells), strict=True)), fault)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        fault(f"{name}: cannot be read: {error}")


def _features(layer: Layer, rows: Iterable[Row], sources: dict[str, Source]) -> Iterator[Identity]:
    seen: set[str] = set()
    for row in rows:
        row.check(_ID.fullmatch(row["id"]), "id", "is not in kebab-case")
        row.check(row["id"] not in seen, "id", "stands twice")
        row.check(row["name"], "name", "is missing")
        for code in ("ru", "hi"):
            row.cited(f"name_{code}_source", sources, needed=bool(row[f"name_{code}"]))
        row.check(row["offshore"] in ("", "yes"), "offshore", "is neither empty nor yes")
        row.check(not row["disputed"] or _CLAIMANTS.fullmatch(row["disputed"]), "disputed", "does not name claimants as JP;RU")
        position = _position(row, sources) if layer.geometry == "point" else None
        accuracy = row.number("accuracy_km")
        seen.add(row["id"])
        if row.sound:
            kept = {k: v for k, v in row.cells.items() if k not in ("lon", "lat", "accuracy_km", "offshore")}
            yield Identity(**kept, position=position, accuracy_km=accuracy, offshore=row["offshore"] == "yes")


def _position(row: Row, sources: dict[str, Source]) -> tuple[float, float] | None:
    lon, lat, accuracy = (row.number(k) for k in ("lon", "lat", "accuracy_km"))
    row.cited("position_source", sources, needed=True)
    row.check(row["offshore"] or _COUNTRY.fullmatch(row["country"]), "country", "is not an ISO 3166-1 alpha-2 code")
    if accuracy is None or accuracy <= 0:
        row.say(f"accuracy_km {row['accuracy_km']!r} is not a distance above 0")
    if lon is None or lat is None:
        if not (row["lon"] and row["lat"]):
            row.say("lon and lat are needed")
        return None
    row.check(abs(lon) <= 180, "lon", "is not a longitude")
    row.check(abs(lat) <= 90, "lat", "is not a latitude")
    if abs(lat) > 90 and abs(lon) <= 90:
        row.say("lon and lat look swapped")
    return lon, lat


def _claims(layer: Layer, rows: Iterable[Row], features: set[str], sources: dict[str, Source]) -> Iterator[Claim]:
    for row in rows:
        row.check(row["feature"] in features, "feature", f"is not in features.csv. {nearest(row['feature'], features)}")
        row.cited("source", sources, needed=True)
        row.check(not row["as_of"] or _is_period(row["as_of"]), "as_of", "is not an ISO date or interval")
        field = layer.fields.get(row["field"])
        if field is None or field.computed:
            row.say(f"field {row['field']!r} is not one to claim. {nearest(row['field'], layer.fields)}")
            continue
        amount = _amount(row, field)
        if row.sound:
            yield Claim(**row.cells, amount=amount)


def _amount(row: Row, field: Field) -> float | None:
    if field.kind == "quantity":
        try:
            amount = units.convert(row["value"], row["unit"], field.unit)
        except InputError as error:
            row.say(f"{field.id}: {error}")
            return None
        row.check(amount >= 0, "value", "is below 0")
        return amount
    row.check(row["value"], "value", "is missing")
    row.check(not row["unit"], "unit", "has no place with a text")
    if field.choices:
        known = [c.id for c in field.choices]
        row.check(row["value"] in known, "value", f"is not a {field.id}. {nearest(row['value'], known)}")
    return None


def _legs(rows: Iterable[Row], features: set[str], sources: dict[str, Source]) -> Iterator[Leg]:
    seen: set[tuple[str, str]] = set()
    for row in rows:
        row.check(row["feature"] in features, "feature", f"is not in features.csv. {nearest(row['feature'], features)}")
        row.check(row["mode"] in MODES, "mode", f"is not one of {', '.join(MODES)}")
        row.check(row["seq"].isdecimal(), "seq", "is not a number")
        row.check(row["sources"], "sources", "is missing: name the source, or several apart by spaces")
        for one in row["sources"].split():
            row.check(one in sources, "sources", f"has {one!r}, which is not an id of sources.csv. {nearest(one, sources)}")
        waypoints = _waypoints(row)
        row.check((row["mode"] == "sea") != bool(waypoints), "waypoints", "belong to a land leg, and only there")
        length = row.number("length_km")
        row.check(length is None or length > 0, "length_km", "is not a length above 0")
        row.check((row["feature"], row["seq"]) not in seen, "seq", "stands twice")
        seen.add((row["feature"], row["seq"]))
        if row.sound:
            yield Leg(
                feature=row["feature"],
                seq=int(row["seq"]),
                mode=row["mode"],
                start=row["from"],
                end=row["to"],
                branch=row["branch"],
                waypoints=waypoints,
                close=tuple(row["close"].split()),
                gap=row["gap"],
                length_km=length,
                sources=tuple(row["sources"].split()),
                note=row["note"],
            )


def is_date(text: str) -> bool:
    """Tell whether a text is a day, month or year of the calendar, as ISO 8601 writes it."""
    try:
        return bool(_DATE.fullmatch(text)) and bool(date.fromisoformat((text + "-01-01")[:10]))
    except ValueError:
        return False


def _is_period(text: str) -> bool:
    begin, slash, end = text.partition("/")
    return is_date(begin) and (not slash or (is_date(end) and begin[:4] <= end[:4]))


def _waypoints(row: Row) -> tuple[tuple[str, float, float], ...]:
    found = []
    for text in filter(None, (part.strip() for part in row["waypoints"].split(";"))):
        *name, lon, lat = text.split()
        try:
            place = (" ".join(name), float(lon), float(lat))
        except ValueError:
            row.say(f"waypoint {text!r} is not 'Name lon lat'")
            continue
        if not (abs(place[1]) <= 180 and abs(place[2]) <= 90):
            row.say(f"waypoint {text!r} is not a place on Earth")
        found.append(place)
    return tuple(found)
