"""What is assumed of ice, season and draught before a way is looked for, each assumption in words and with its source.

A cited rule closes a passage and stays: who wants to know of the way without it leaves out the date or the draught. What is
closed for want of a rule, or by habit, opens by name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from geo import network
from geo.errors import InputError, UnknownError, nearest
from layers import rules
from layers.rules import CLASSES, Draught, IceRule, Season

OPEN_BY_NAME = frozenset({"northwest-passage", "volga-don"})
"""Passages that no way uses unless they are opened by name."""

SMALL_SHIPS = frozenset({"kiel"})
"""Passages that only a draught that is given, or their name, opens: most ships between Russia and India are too large."""
NSR = "northern-sea-route"
NSR_SEAS = (
    "kara-sea-sw",
    "kara-sea-ne",
    "laptev-sea-w",
    "laptev-sea-e",
    "east-siberian-sea-sw",
    "east-siberian-sea-ne",
    "chukchi-sea",
)
"""The waters by which the criteria of admission to the Northern Sea Route go."""
_SUMMER = ("07-01", "11-15")  # the two periods of order 7 of 2013: July to 15 November, and the rest of the year
_NO_ORDERS = ("07-01", "10-14")  # no harbour master's order that is held begins on these days: ice_rules.csv
_TOLD_ORDERS = 2
_ICE_OF_BERING = ("10-01", "06-30")  # ice from October or November, clear by late June: seasons.csv
_LARGEST_DRAUGHT_M = 30.0  # no ship afloat draws as much


@dataclass(frozen=True)
class Reason:
    """Why a passage is closed; ``assumed`` where no source says so, but nothing found says that it is open."""

    text: str
    sources: tuple[str, ...] = ()
    assumed: bool = False


@dataclass(frozen=True)
class Assumed:
    """What is taken for granted on a voyage: closed passages with reasons, everything else in words, and the season."""

    closed: Mapping[str, Reason]
    notes: tuple[str, ...]
    season: str | None


@dataclass
class _Found:
    """Gathers closures and notes while a voyage is judged."""

    opened: frozenset[str]
    closed: dict[str, Reason] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def close(self, passage: str, reason: Reason) -> None:
        if passage in self.opened and reason.assumed:
            self.notes.append(f"{passage} is open because it was opened by name; else: {reason.text}")
            return
        if passage in self.opened:
            self.notes.append(f"{passage} was opened by name, and stays closed: {reason.text}")
        if before := self.closed.get(passage):
            reason = Reason(f"{before.text} {reason.text}", (*before.sources, *reason.sources))
        self.closed[passage] = reason


def assume(
    when: date | None,
    *,
    ice_class: str | None = None,
    draught_m: float | None = None,
    opened: frozenset[str] = frozenset(),
) -> Assumed:
    """Return what is assumed for a ship on a day, or for one on no day, for whom no season is assumed.

    ``ice_class`` is a class of the Russian Maritime Register or one that a source calls its equal, none where it is None;
    ``opened`` are passages that the asker opens by name.

    Raises
    ------
    UnknownError
        If ``opened`` names what is no passage.
    InputError
        If the ice class is unknown or no source names its equal, or the draught is not one of a ship.
    """
    _check_opened(opened)
    register, notes = register_class(ice_class)
    found = _Found(opened)
    if when is None:
        found.notes.append(_no_season(ice_class))
    else:
        found.notes.extend(notes)
        _northern_sea_route(found, when, register)
        _volga_don(found, when)
        _other_waters(found, when)
    if draught_m is None:
        _small_ships_only(found)
    else:
        _shallows(found, _draught(draught_m))
    for passage in sorted(OPEN_BY_NAME - found.closed.keys()):
        if passage in opened:
            found.notes.append(f"{passage} is open because it was opened by name.")
        else:
            found.close(passage, Reason(f"{passage} is closed unless it is opened by name.", assumed=True))
    return Assumed(MappingProxyType(found.closed), tuple(dict.fromkeys(found.notes)), _season(when))


def register_class(name: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the class of the Register that a name means, ``none`` for None, and what was assumed to find it.

    Raises
    ------
    InputError
        If the name is unknown, the message offers the nearest; or if no source names an equal in the Register.
    """
    if name is None:
        return "none", ("No ice class was given: the ship is taken to have none.",)
    rows = [c for c in rules.shipped().classes if c.ice_class.casefold() == name.strip().casefold()]
    if not rows:
        known = {c.ice_class for c in rules.shipped().classes}
        near = nearest(name.strip(), known) or f"Known: {', '.join(sorted(known))}."
        raise InputError(f"{name!r} is not an ice class. {near}")
    equals = [row for row in rows if row.equivalent]
    if not equals:
        raise InputError(
            f"No source names the equal of {rows[0].ice_class} among the classes of the Russian Maritime Register, by which "
            f"the rules go. Give one of {', '.join(CLASSES)}."
        )
    row = equals[0]
    if row.equivalent == row.ice_class:
        return row.equivalent, ()
    return row.equivalent, (f"Ice class {row.ice_class} ({row.system}) is taken for {row.equivalent}: {row.note}.",)


def harbour_orders(port: str, ice_class: str | None = None) -> tuple[str, ...]:
    """Return what harbour masters ordered for ships of a class at a port, by its id, in past winters; the newest first.

    An order holds for its winter alone and the next one is made anew: they tell what to expect, and close nothing.
    """
    register, _ = register_class(ice_class)
    held = [r for r in rules.shipped().ice if r.kind == "order" and r.water == port and r.ice_class == register]
    orders = {r.rule: [one for one in held if one.rule == r.rule] for r in sorted(held, key=lambda r: r.since, reverse=True)}
    return tuple(_order(rows) for rows in orders.values())


def winter_at(ports: Mapping[str, str], when: date | None, ice_class: str | None = None) -> tuple[str, ...]:
    """Return what to expect of harbour masters at ports (names by id) on a day: the newest orders of each, none in summer."""
    if when is None or rules.within(when, *_NO_ORDERS):
        return ()
    newest = ((name, harbour_orders(port, ice_class)[:_TOLD_ORDERS]) for port, name in ports.items())
    told = ((name, " ".join(text[0].upper() + text[1:] for text in orders)) for name, orders in newest)
    return tuple(f"{name} in past winters: {said} The next order is not known: open is assumed." for name, said in told if said)


# --- ice


def _northern_sea_route(found: _Found, when: date, register: str) -> None:
    held = [r for r in rules.shipped().ice if r.in_force(when) and r.falls_on(when)]
    barred = [r for r in held if (r.water, r.assistance, r.ice, r.ice_class) == (NSR, "any", "any", register)]
    barred = [r for r in barred if r.allowed == "no"] + _season_ended(when, register)
    if barred:
        found.close(NSR, _barred(barred, register))
        return
    # Nothing bars a stronger ship from where a weaker one may go.
    for weaker in reversed(CLASSES[: CLASSES.index(register) + 1]):
        if admitted := _admitted(held, weaker):
            found.notes.extend(_admission(admitted, register, weaker))
            found.notes.extend(_precedents(when, register))
            return
    found.close(NSR, _no_rule(when, register))


def _season_ended(when: date, register: str) -> list[IceRule]:
    """Return what closed the season of that very year: such an order names its first day only."""
    return [r for r in _closings(register, when) if r.in_force(when)]


def _closings(register: str, when: date) -> list[IceRule]:
    """Return the orders of any year by which the season was over on this day of the year."""
    orders = [r for r in rules.shipped().ice if (r.water, r.kind, r.ice_class) == (NSR, "order", register)]
    return [r for r in orders if r.from_day and not r.to_day and when.isoformat()[5:] >= r.from_day]


def _barred(barred: list[IceRule], register: str) -> Reason:
    rule = barred[0]
    until = f" to {_day(rule.to_day)}" if rule.to_day else ""
    text = f"{NSR} is closed to ships of {_of_class(register)} from {_day(rule.from_day)}{until}: {rule.title} ({rule.note})."
    return Reason(text, tuple(dict.fromkeys(r.source for r in barred)))


def _admitted(held: Iterable[IceRule], ice_class: str) -> list[IceRule]:
    """Return the rules that admit a class on the whole route: one of the route, or one of a kind for each of its seas."""
    yes = [r for r in held if r.ice_class == ice_class and r.allowed == "yes"]
    whole = [r for r in yes if r.water == NSR]
    if whole:
        return whole[:1]
    for assistance in ("independent", "icebreaker"):
        by_sea = [[r for r in yes if r.water == sea and (r.assistance, r.ice) == (assistance, "light")] for sea in NSR_SEAS]
        if all(by_sea):
            return [rows[0] for rows in by_sea]
    return []


def _admission(admitted: list[IceRule], register: str, weaker: str) -> list[str]:
    rule = admitted[0]
    how = "alone" if rule.assistance == "independent" else "behind an icebreaker"
    ice = "any ice" if rule.ice == "any" else f"{rule.ice} ice"
    days = f"from {_day(rule.from_day)} to {_day(rule.to_day)}"
    said = f"{NSR} is open: {rule.title} admits ships of {_of_class(weaker)} {how} in {ice} {days} ({rule.note})."
    asks = "That such ice, a permit and, where it is asked for, an icebreaker are there is assumed."
    if weaker == register:
        return [f"{said} {asks}"]
    none = f"No rule was found for ships of {_of_class(register)} on this day"
    more = f"{none}: what admits {_named(weaker)} is taken to admit them."
    return [f"{said} {asks}", more]


def _precedents(when: date, register: str) -> list[str]:
    past = [r for r in _closings(register, when) if not r.in_force(when)]
    return [f"In another year {NSR} was closed by this day: {r.title} ({r.note}). It is not assumed again." for r in past]


def _no_rule(when: date, register: str) -> Reason:
    text = (
        f"{NSR} is closed: no rule was found that admits ships of {_of_class(register)} on {_day(when.isoformat()[5:])}, and "
        "weaker ships are barred. The tables of the order for Arc4 to Arc9 were not found; closed is assumed, since a ship "
        f"that is sent into ice without leave is the worse fault. Open {NSR} by name to sail all the same."
    )
    return Reason(text, assumed=True)


def _other_waters(found: _Found, when: date) -> None:
    if rules.within(when, *_ICE_OF_BERING):
        said = "; ".join(s.said for s in rules.shipped().seasons if s.water == "bering")
        found.notes.append(f"bering: {said}. No rule by ice class was found: open is assumed.")
    found.notes.append(
        "Elsewhere (Baltic, White Sea, Sea of Azov, Sea of Okhotsk, Tatar Strait) no rule by month was found: open is assumed. "
        "Harbour masters bar ships from ports by orders that are made anew each winter."
    )


def _no_season(ice_class: str | None) -> str:
    told = " The ice class was not used." if ice_class else ""
    return f"No date was given: no season is assumed, and no ice closes a passage.{told}"


def _season(when: date | None) -> str | None:
    if when is None:
        return None
    summer = rules.within(when, *_SUMMER)
    return "summer and autumn, 1 July to 15 November" if summer else "winter and spring, 16 November to 30 June"


# --- the Volga–Don


def _volga_don(found: _Found, when: date) -> None:
    begins, ends = (_known_day(when, name) for name in ("open_from", "open_to"))
    # Of two days that are printed for one year the narrower season is taken.
    first = max(begins, key=lambda s: s.open_from)
    last = min(ends, key=lambda s: s.open_to)
    days = f"from {_day(first.open_from)} ({first.said}) to {_day(last.open_to)} ({last.said})"
    if not rules.within(when, first.open_from, last.open_to):
        cited = tuple(dict.fromkeys(s.source for s in (first, last)))
        found.close("volga-don", Reason(f"volga-don is closed in winter: the season known nearest is {days}.", cited))
    elif "volga-don" in found.opened:
        found.notes.append(f"volga-don: the season is taken to go {days}.")


def _known_day(when: date, name: str) -> list[Season]:
    """Return the rows that give that day for the year asked for, or for the newest year that is known."""
    held = [s for s in rules.shipped().seasons if s.water == "volga-don" and getattr(s, name)]
    held = [s for s in held if re.fullmatch(r"\d{4}", s.said)]
    years = {s.said for s in held}
    year = str(when.year) if str(when.year) in years else max(years)
    return [s for s in held if s.said == year]


# --- draught


def _small_ships_only(found: _Found) -> None:
    for passage in sorted(SMALL_SHIPS):
        row = limit(passage)
        if row is None:
            continue
        most = f"its largest draught is {float(row.value):g} {row.unit}, less than that of most ships between Russia and India"
        text = f"{passage} is closed where no draught is given: {most}. Give a draught, or open it by name."
        found.close(passage, Reason(text, (row.source,), assumed=True))


def _shallows(found: _Found, draught_m: float) -> None:
    limits = {passage: limit(passage) for passage in dict.fromkeys(d.passage for d in rules.shipped().draughts)}
    for passage, row in limits.items():
        if row is not None and (draught_m > row.amount_m or (row.kind == "least depth" and draught_m == row.amount_m)):
            found.close(passage, Reason(_too_deep(row, draught_m), (row.source,)))
    held = ", ".join(passage for passage, row in limits.items() if row is not None)
    found.notes.append(
        f"A draught of {draught_m:g} m was held against what is published of {held}; no limit was found for other passages, "
        "and the depth of ports and of open water was not looked at."
    )


def limit(passage: str) -> Draught | None:
    """Return what bounds the draught of ships in a passage: of its ways the deepest, of a way the rule before a depth.

    Of several rules for a way the newest counts, of those of one date the smallest; a plan bounds nothing.
    """
    held = [d for d in rules.shipped().draughts if d.passage == passage and d.kind != "plan"]
    ways = {d.way: [one for one in held if one.way == d.way] for d in held}
    best = [_of_way(rows) for rows in ways.values()]
    return max(best, key=lambda d: d.amount_m, default=None)


def _of_way(rows: list[Draught]) -> Draught:
    order = ("limit", "ship size", "least depth")
    first = min(order.index(d.kind) for d in rows)
    same = [d for d in rows if order.index(d.kind) == first]
    newest = max(d.as_of for d in same)
    return min((d for d in same if d.as_of == newest), key=lambda d: d.amount_m)


def _too_deep(row: Draught, draught_m: float) -> str:
    what = {"limit": "the largest draught", "ship size": "the draught of its largest ships", "least depth": "the least depth"}
    metres = "" if row.unit == "m" else f" ({row.amount_m:.1f} m)"
    facts = [x for x in (row.way, row.as_of and f"as of {row.as_of}", row.note) if x]
    more = f" ({'; '.join(facts)})" if facts else ""
    said = f"{what[row.kind]} is {float(row.value):g} {row.unit}{metres}"
    return f"{row.passage} is closed to a draught of {draught_m:g} m: {said}{more}."


def _draught(draught_m: float) -> float:
    if not (math.isfinite(draught_m) and 0 < draught_m <= _LARGEST_DRAUGHT_M):
        raise InputError(f"draught {draught_m:g} m is not one of a ship; give metres above 0, up to {_LARGEST_DRAUGHT_M:g}.")
    return draught_m


# --- words


def _check_opened(opened: frozenset[str]) -> None:
    if not opened - OPEN_BY_NAME - {NSR}:
        return
    known = network.lanes().passages
    unknown = sorted(opened - OPEN_BY_NAME - {NSR} - known)
    if unknown:
        raise UnknownError(*(f"{name!r} is not a passage of the sea network. {nearest(name, known)}" for name in unknown))


def _order(rows: list[IceRule]) -> str:
    rule = rows[0]
    begins = f" from {_day(rule.from_day)}" if rule.from_day else ""
    said = "; ".join(dict.fromkeys(f"{_HOW[r.assistance]}: {'admitted' if r.allowed == 'yes' else 'barred'}" for r in rows))
    return f"{rule.title}{begins}, ships of {_of_class(rule.ice_class)}: {said} ({rule.note or rule.since})."


_HOW = {"independent": "alone", "icebreaker": "behind an icebreaker", "any": "alone or behind an icebreaker"}


def _named(ice_class: str) -> str:
    return "ships of no ice class" if ice_class == "none" else ice_class


def _of_class(ice_class: str) -> str:
    return "no ice class" if ice_class == "none" else f"class {ice_class}"


def _day(text: str) -> str:
    month, day = text.split("-")
    return f"{int(day)} {_MONTHS[int(month) - 1]}"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
