"""Greenhouse gas of a tonne on its way, leg by leg, by published factors.

Tank to wake (``ttw``) is what the ship or engine gives off, well to wake (``wtw``) adds what it took to make the fuel
(``wtt``). They are never mixed: a sum takes both parts from one year, one kind of ship and one size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geo.errors import InputError, UnknownError, nearest
from layers import rules
from layers.rules import Factor

YEAR = 2025
SCOPES: Mapping[str, tuple[str, ...]] = {"ttw": ("ttw",), "wtt": ("wtt",), "wtw": ("ttw", "wtt")}
"""What may be asked for, and the published parts that make it up."""
SHIPS = ("Bulk carrier, Average", "Container ship, Average", "Crude tanker, Average")
"""The kinds of ship for which emissions are told: what the corridor's trade sails in."""
NO_FACTOR = "no factor found"
_ON_LAND = {"rail": "Freight train", "road": "Articulated (>33t), Average laden"}


@dataclass(frozen=True)
class LegEmission:
    """What a tonne causes on one leg, in kg CO2e; None with the reason in ``note`` where no factor is published.

    ``length_km`` is the published length of a land leg where there is one, else that of the line as drawn.
    """

    mode: str
    start: str
    end: str
    length_km: float
    kg_per_t: float | None
    note: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Emissions:
    """Legs in order, for one scope and year; ``kg_per_t`` is the sum, None where a leg has none."""

    scope: str
    year: int
    legs: tuple[LegEmission, ...]

    @property
    def kg_per_t(self) -> float | None:
        """The sum over all legs, None where one leg has no factor: a sum of a part would look like the whole."""
        known = [leg.kg_per_t for leg in self.legs if leg.kg_per_t is not None]
        return sum(known) if len(known) == len(self.legs) else None


@dataclass(frozen=True)
class Emitted:
    """Greenhouse gas of a tonne carried all the way, in kg CO2e; None where no factor is held."""

    ship: str
    year: int
    ttw_kg_per_t: float | None
    wtw_kg_per_t: float | None
    note: str
    sources: tuple[str, ...]

    def facts(self) -> dict[str, Any]:
        """Return it as answers carry it."""
        kept = {k: None if v is None else round(v, 2) for k, v in (("ttw", self.ttw_kg_per_t), ("wtw", self.wtw_kg_per_t))}
        amounts = {f"{scope}_kg_per_t": kg for scope, kg in kept.items()}
        return {"ship": self.ship, "year": self.year, **amounts, "note": self.note, "sources": list(self.sources)}


def emission_factors(year: int = YEAR) -> tuple[Factor, ...]:
    """Return the published factors of a year.

    Raises
    ------
    InputError
        If no factors of that year are held.
    """
    found = tuple(f for f in rules.shipped().factors if f.year == year)
    if not found:
        years = sorted({str(f.year) for f in rules.shipped().factors})
        raise InputError(f"No emission factors of {year} are held. Give {' or '.join(years)}.")
    return found


def emissions(legs: Iterable[Mapping[str, Any]], *, ship: str, scope: str, year: int = YEAR) -> Emissions:
    """Return what a tonne causes on legs as trade routes carry them (``mode``, ``from``, ``to``, ``length_km``).

    ``ship`` is a kind of ship with its size ("Container ship, 8000+ TEU"); a kind alone means its average.

    Raises
    ------
    UnknownError
        If no ship is called so; the message offers the nearest.
    InputError
        If the scope is none of ``ttw``, ``wtt``, ``wtw``, or no factors of the year are held.
    """
    if scope not in SCOPES:
        raise InputError(f"scope {scope!r} is not one of {', '.join(SCOPES)}.")
    factors = emission_factors(year)
    by_mode = {"sea": _ship(ship, factors), **_ON_LAND}
    return Emissions(scope, year, tuple(_leg(leg, by_mode, factors, scope) for leg in legs))


def emitted(ship: str, legs: Sequence[Mapping[str, Any]]) -> Emitted:
    """Return what a tonne causes on all legs, both ways of counting side by side; the note names each factor once."""
    tank, wake = (emissions(legs, ship=ship, scope=scope) for scope in ("ttw", "wtw"))
    cited = dict.fromkeys(source for one in (tank, wake) for leg in one.legs for source in leg.sources)
    said = wake.legs[0].note if len(legs) == 1 else "; ".join(dict.fromkeys(leg.note.split("; ")[0] for leg in wake.legs))
    return Emitted(ship, wake.year, tank.kg_per_t, wake.kg_per_t, said, tuple(cited))


def ships(year: int = YEAR) -> tuple[str, ...]:
    """Return the kinds and sizes of ships that have a factor in a year."""
    return tuple(dict.fromkeys(f.ship for f in emission_factors(year) if f.mode == "sea"))


def _ship(asked: str, factors: tuple[Factor, ...]) -> str:
    held = ships(factors[0].year)
    names = {ship.casefold(): ship for ship in held}
    word = asked.strip().casefold()
    found = names.get(word) or names.get(f"{word}, average")
    if found is None:
        kinds = dict.fromkeys(ship.split(",")[0] for ship in held)
        near = nearest(asked, held) or f"Known kinds: {', '.join(kinds)}."
        raise UnknownError(f"No ship with an emission factor is called {asked!r}. {near}")
    return found


def _leg(leg: Mapping[str, Any], by_mode: Mapping[str, str], factors: tuple[Factor, ...], scope: str) -> LegEmission:
    mode, published = leg["mode"], leg.get("length_published_km")
    km = float(published or leg["length_km"])
    where = (str(leg["from"]), str(leg["to"]))
    name = by_mode.get(mode)
    if name is None:
        return LegEmission(mode, *where, km, None, f"{mode}: {NO_FACTOR}", ())
    parts = [f for f in factors if f.mode == mode and f.ship == name and f.scope in SCOPES[scope]]
    missing = set(SCOPES[scope]) - {f.scope for f in parts}
    if missing:
        return LegEmission(mode, *where, km, None, f"{name}: {NO_FACTOR} for {', '.join(sorted(missing))}", ())
    length = "published length" if published else "length as drawn"
    said = " + ".join(f"{f.scope} {f.kg_per_tkm:g}" for f in parts)
    note = f"{name}: {said} kg CO2e per tonne and km, factors of {parts[0].year}; {length}"
    kg = km * sum(f.kg_per_tkm for f in parts)
    return LegEmission(mode, *where, km, kg, note, tuple(dict.fromkeys(f.source for f in parts)))
