"""How faults and notes of an import name rows: the first ones by number, the rest by their count."""

from __future__ import annotations

from collections.abc import Sequence

NOTHING = "Nothing was imported."
SHOWN = 20


def some(lines: Sequence[str]) -> list[str]:
    """Return the first lines, and how many more there are."""
    more = len(lines) - SHOWN
    return list(lines) if more <= 0 else [*lines[:SHOWN], f"and {more:,} faults more"]


def rows_text(row: str, numbers: Sequence[int]) -> str:
    """Return ``feature 3``, ``rows 2, 4, 5``, or the first and the count of the rest."""
    listed = ", ".join(str(n) for n in numbers[:SHOWN])
    more = len(numbers) - SHOWN
    return f"{row}{'s' if len(numbers) > 1 else ''} {listed}" + (f" and {more:,} more" if more > 0 else "")


def nothing_imported(lines: Sequence[str]) -> list[str]:
    """Return the faults with the word that nothing was written: behind a single one, else on a line of its own."""
    first = lines[0] if lines[0].endswith((".", "?", "!", "…")) else f"{lines[0]}."
    return [f"{first} {NOTHING}"] if len(lines) == 1 else [*lines, NOTHING]
