"""Days and times as RFC 3339 writes them, in the one form in which they are compared."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

DAY = 86_400_000_000
"""Microseconds of a day."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_ONE = date(1970, 1, 1)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# RFC 3339, section 5.6: date-time.
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def days(text: str) -> int:
    """Return a date as days since 1970-01-01.

    Raises
    ------
    ValueError
        If the text is no date, or no such day exists.
    """
    if not _DATE.fullmatch(text):
        raise ValueError("a date is year-month-day")
    return (date.fromisoformat(text) - _DAY_ONE).days


def microseconds(text: str) -> int:
    """Return a time as microseconds of UTC since 1970.

    Raises
    ------
    ValueError
        If the text is no time with its zone, or no such time exists.
    """
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        raise ValueError("a timestamp is year-month-dayThour:minute:second and Z")
    day, clock, fraction, zone = found.groups()
    leap = clock.endswith(":60")  # RFC 3339 allows a leap second, Python's clock has none: it is the next minute's first
    whole = datetime.fromisoformat(f"{day}T{clock[:-2] + '59' if leap else clock}{zone.upper()}")
    micros = int((fraction or ".0")[1:7].ljust(6, "0"))
    return (whole - _EPOCH) // timedelta(microseconds=1) + (1_000_000 if leap else micros)
