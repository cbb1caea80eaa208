"""Units of the ledger. A claim keeps the unit it was published in; a field is shown in one unit.

Factors are exact by definition: SI prefixes, the nautical mile of 1,852 m, the international acre of
4,046.8564224 m², the international foot of 0.3048 m.
"""

from __future__ import annotations

from decimal import Decimal

from geo.errors import InputError

_FACTORS: dict[str, dict[str, str]] = {
    "t": {"t": "1", "kt": "1000", "Mt": "1000000"},
    "t/y": {"t/y": "1", "kt/y": "1000", "Mt/y": "1000000"},
    "TEU/y": {"TEU/y": "1", "kTEU/y": "1000"},
    "TEU": {"TEU": "1", "kTEU": "1000"},
    "%": {"%": "1", "ppm": "0.0001"},
    "m": {"m": "1", "ft": "0.3048"},
    "km": {"km": "1", "nm": "1.852"},
    "ha": {"ha": "1", "m2": "0.0001", "acres": "0.40468564224"},
    "days": {"days": "1"},
    "kb/d": {"kb/d": "1"},
    "ships/y": {"ships/y": "1"},
    "ships": {"ships": "1"},
    "USD": {"USD": "1"},
    "EUR": {"EUR": "1"},
    "count": {"count": "1"},
    "year": {"year": "1"},
}

FIELD_UNITS = frozenset(_FACTORS)
"""The units that a field can be shown in."""


def accepted(unit: str) -> list[str]:
    """Return the units in which claims of a field shown in ``unit`` may be written."""
    return list(_FACTORS[unit])


def convert(value: str, unit: str, to: str) -> float:
    """Return a published number in another unit, exactly in decimal.

    Raises
    ------
    InputError
        If the value is not a number or the unit does not measure the same thing.
    """
    try:
        number = Decimal(value)
    except ArithmeticError:
        raise InputError(f"{value!r} is not a number") from None
    if not number.is_finite():
        raise InputError(f"{value!r} is not a number")
    if unit not in _FACTORS[to]:
        raise InputError(f"unit {unit!r} does not fit; write one of {', '.join(accepted(to))}")
    return float(number * Decimal(_FACTORS[to][unit]))
