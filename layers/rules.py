"""The rules that a ship meets on her way, as rows of ``data/routing``: ice, seasons, draughts, factors, times, distances.

They are kept as the ledger keeps claims: hand-written CSV, a source for every row, every fault by file, row and field. What
they mean for one voyage is decided in ``assumptions`` and ``emissions``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar

from geo.errors import DataError, Faults, InputError, nearest
from layers import units
from layers.ledger import Row, Source, is_date, rows_of

FOLDER = "routing"
CLASSES = ("none", "Ice1", "Ice2", "Ice3", "Arc4", "Arc5", "Arc6", "Arc7", "Arc8", "Arc9")
"""Ice classes of the Russian Maritime Register, the weakest first."""

_DAY = re.compile(r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_SCOPES = ("ttw", "wtt")
_MODES = ("sea", "rail", "road")
_TRANSFER_UNITS = ("days", "hours", "km/day", "km/h", "wagons/day", "mm", "index", "rank of 405")
_WORDS: Mapping[str, tuple[str, ...]] = {
    "kind": ("law", "order"),
    "ice_class": CLASSES,
    "assistance": ("independent", "icebreaker", "any"),
    "ice": ("heavy", "medium", "light", "any"),
    "allowed": ("yes", "no"),
}
T = TypeVar("T")


@dataclass(frozen=True)
class IceRule:
    """Whether ships of a class may sail a water in an ice, alone or with an icebreaker, from one day of the year to another.

    Days are ``MM-DD``; an order is of one winter and holds from ``since`` to ``until``, where its end is known.
    """

    rule: str
    title: str
    kind: str
    water: str
    ice_class: str
    assistance: str
    ice: str
    from_day: str
    to_day: str
    since: str
    until: str
    allowed: str
    source: str
    note: str

    def falls_on(self, when: date) -> bool:
        """Tell whether the day of the year lies within the rule's days; a rule without both ends has none."""
        return bool(self.from_day and self.to_day) and within(when, self.from_day, self.to_day)

    def in_force(self, when: date) -> bool:
        """Tell whether the rule holds on that day of that year; an order whose end is not known holds on none."""
        if self.kind == "order" and not self.until:
            return False
        day = when.isoformat()
        return (not self.since or self.since <= day) and (not self.until or day[: len(self.until)] <= self.until)


@dataclass(frozen=True)
class IceClass:
    """A name of an ice class and the class of the Register that a source says is its equal, empty where none says so."""

    ice_class: str
    system: str
    equivalent: str
    source: str
    note: str


@dataclass(frozen=True)
class Season:
    """When a water or port was open in one year, or is by rule; ``said`` is the year or the words of the source."""

    water: str
    open_from: str
    open_to: str
    said: str
    source: str
    note: str


@dataclass(frozen=True)
class Draught:
    """A published draught or depth of a passage, or of one way through it, as published and in m."""

    passage: str
    way: str
    value: str
    unit: str
    kind: str
    as_of: str
    source: str
    note: str
    amount_m: float


@dataclass(frozen=True)
class Factor:
    """A published emission factor, in kg CO2e for a tonne carried a km: ``ttw`` tank to wake, ``wtt`` well to tank."""

    mode: str
    ship_type: str
    size: str
    scope: str
    kg_per_tkm: float
    year: int
    source: str
    note: str

    @property
    def ship(self) -> str:
        """The name by which a kind of ship or vehicle is asked for."""
        return f"{self.ship_type}, {self.size}" if self.size else self.ship_type


@dataclass(frozen=True)
class Transfer:
    """A published time, speed or rate of a corridor, a border, a port or a canal."""

    what: str
    start: str
    end: str
    mode: str
    value: str
    unit: str
    as_of: str
    source: str
    note: str


@dataclass(frozen=True)
class Distance:
    """A published distance between two ports; ``via`` names the way, ``kind`` a table, a paper or a statement."""

    start: str
    start_locode: str
    end: str
    end_locode: str
    value: str
    unit: str
    via: str
    kind: str
    as_of: str
    source: str
    note: str
    amount_km: float


@dataclass(frozen=True)
class Rules:
    """Everything that is held."""

    ice: tuple[IceRule, ...]
    classes: tuple[IceClass, ...]
    seasons: tuple[Season, ...]
    draughts: tuple[Draught, ...]
    factors: tuple[Factor, ...]
    transfers: tuple[Transfer, ...]
    distances: tuple[Distance, ...]

    @property
    def cited(self) -> frozenset[str]:
        """The ids of all sources."""
        tables = (self.ice, self.classes, self.seasons, self.draughts, self.factors, self.transfers, self.distances)
        return frozenset(row.source for table in tables for row in table)


def within(when: date, begin: str, end: str) -> bool:
    """Tell whether a date lies within days of the year given as MM-DD; a season may go over the turn of the year."""
    day = when.isoformat()[5:]
    return begin <= day <= end if begin <= end else day >= begin or day <= end


def ice_classes() -> tuple[str, ...]:
    """Return every name by which an ice class can be given: the Register's, the weakest first, then those called equal."""
    equal = sorted({c.ice_class for c in shipped().classes if c.equivalent}, key=str.casefold)
    return tuple(dict.fromkeys((*CLASSES, *equal)))


def read(place: Traversable, sources: dict[str, Source] | None, fault: Faults) -> Rules:
    """Return the rules of a folder; faults are gathered. Sources are checked against the ledger's where it is given."""

    def table(name: str, header: str, make: Callable[[Row], T]) -> tuple[T, ...]:
        return tuple(_sound(_cited(rows_of(place / name, header.split(","), fault), sources), make))

    return Rules(
        ice=table("ice_rules.csv", ",".join(IceRule.__dataclass_fields__), _ice_rule),
        classes=table("ice_classes.csv", "ice_class,system,equivalent,source,note", _ice_class),
        seasons=table("seasons.csv", "water,open_from,open_to,said,source,note", _season),
        draughts=table("draughts.csv", "passage,way,value,unit,kind,as_of,source,note", _draught),
        factors=table("emissions.csv", "mode,ship_type,size,scope,value,unit,year,source,note", _factor),
        transfers=table("transfers.csv", "what,from,to,mode,value,unit,as_of,source,note", _transfer),
        distances=table("distances.csv", "from,from_locode,to,to_locode,value,unit,via,kind,as_of,source,note", _distance),
    )


@cache
def shipped() -> Rules:
    """Return the rules that the atlas ships; a build has held their sources against the ledger's."""
    fault = Faults()
    found = read(files("layers") / "data" / FOLDER, None, fault)
    fault.throw(DataError)
    return found


# --- rows


def _sound(rows: Iterable[Row], make: Callable[[Row], T]) -> Iterator[T]:
    for row in rows:
        made = make(row)
        if row.sound:
            yield made


def _cited(rows: Iterable[Row], sources: dict[str, Source] | None) -> Iterator[Row]:
    for row in rows:
        if sources is None:
            row.check(row["source"], "source", "is missing: name the source")
        else:
            row.cited("source", sources, needed=True)
        yield row


def _ice_rule(row: Row) -> IceRule:
    for field, words in _WORDS.items():
        row.check(row[field] in words, field, f"is not one of {', '.join(words)}")
    for field in ("rule", "title", "water"):
        row.check(row[field], field, "is missing")
    for field in ("from_day", "to_day"):
        _check_day(row, field)
    for field in ("since", "until"):
        row.check(not row[field] or is_date(row[field]), field, "is not an ISO date")
    return IceRule(**row.cells)


def _ice_class(row: Row) -> IceClass:
    row.check(row["ice_class"], "ice_class", "is missing")
    known = row["equivalent"] in ("", *CLASSES)
    row.check(known, "equivalent", f"is not a class of the Register. {nearest(row['equivalent'], CLASSES)}")
    return IceClass(**row.cells)


def _season(row: Row) -> Season:
    row.check(row["water"], "water", "is missing")
    for field in ("open_from", "open_to"):
        _check_day(row, field)
    row.check(row["said"] or row["open_from"] or row["open_to"], "said", "is missing where no day is given")
    return Season(**row.cells)


def _draught(row: Row) -> Draught:
    kinds = ("limit", "ship size", "least depth", "plan")
    row.check(row["kind"] in kinds, "kind", f"is not one of {', '.join(kinds)}")
    row.check(row["passage"], "passage", "is missing")
    row.check(not row["as_of"] or is_date(row["as_of"]), "as_of", "is not an ISO date")
    return Draught(**row.cells, amount_m=_amount(row, "m"))


def _factor(row: Row) -> Factor:
    row.check(row["mode"] in _MODES, "mode", f"is not one of {', '.join(_MODES)}")
    row.check(row["scope"] in _SCOPES, "scope", "is neither ttw nor wtt")
    row.check(row["unit"] == "kg CO2e/tonne.km", "unit", "is not kg CO2e/tonne.km")
    row.check(row["ship_type"], "ship_type", "is missing")
    row.check(re.fullmatch(r"20\d\d", row["year"]), "year", "is not a year")
    value = row.number("value")
    row.check(value is not None and value > 0, "value", "is not a factor above 0")
    kept = {k: row[k] for k in ("mode", "ship_type", "size", "scope", "source", "note")}
    return Factor(**kept, kg_per_tkm=value or 0.0, year=int(row["year"]) if row.sound else 0)


def _transfer(row: Row) -> Transfer:
    row.check(row["what"], "what", "is missing")
    row.check(row["from"], "from", "is missing")
    row.check(row["value"], "value", "is missing")
    if row["what"] not in ("gauge break", "gauge"):
        row.check(row["unit"] in _TRANSFER_UNITS, "unit", f"is not one of {', '.join(_TRANSFER_UNITS)}")
        row.number("value")
    kept = {k: row[k] for k in ("what", "mode", "value", "unit", "as_of", "source", "note")}
    return Transfer(start=row["from"], end=row["to"], **kept)


def _distance(row: Row) -> Distance:
    for field in ("from", "to"):
        row.check(row[field], field, "is missing")
        code = row[f"{field}_locode"]
        row.check(not code or re.fullmatch(r"[A-Z]{2}[A-Z2-9]{3}", code), f"{field}_locode", "is not a UN/LOCODE")
    row.check(row["kind"] in ("table", "paper", "statement"), "kind", "is not one of table, paper, statement")
    kept = {k: row[k] for k in ("value", "unit", "via", "kind", "as_of", "source", "note")}
    start, start_locode, end, end_locode = (row[k] for k in ("from", "from_locode", "to", "to_locode"))
    ends = {"start": start, "start_locode": start_locode, "end": end, "end_locode": end_locode}
    return Distance(**ends, **kept, amount_km=_amount(row, "km"))


def _check_day(row: Row, field: str) -> None:
    row.check(not row[field] or _DAY.fullmatch(row[field]), field, "is not a day of the year as MM-DD")


def _amount(row: Row, unit: str) -> float:
    try:
        amount = units.convert(row["value"], row["unit"], unit)
    except InputError as error:
        row.say(str(error))
        return 0.0
    row.check(amount > 0, "value", "is not above 0")
    return amount
