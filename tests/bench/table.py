"""The result: rows of figures with their ratios, as a table for reading, as markdown and as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

HEAD = ("what", "ours", "peer", "its figure", "ratio", "demanded", "met", "note")


@dataclass(frozen=True)
class Demand:
    """What the ratio, or our figure where there is no peer, must be: ``least`` says that it is a lower bound."""

    bound: float
    least: bool
    unit: str = "×"

    def met(self, value: float) -> bool:
        return value >= self.bound if self.least else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.least else '≤'} {_number(self.bound)}{'' if self.unit == '×' else ' '}{self.unit}"


@dataclass(frozen=True)
class Row:
    """One comparison. ``ours`` and ``theirs`` are the figures of all repetitions, of which the median counts.

    ``faster`` tells how the ratio is read: theirs over ours (how many times less we need), else ours over theirs.
    """

    group: str
    what: str
    ours: Sequence[float]
    peer: str = ""
    theirs: Sequence[float] = ()
    unit: str = "ms"
    faster: bool = True
    demand: Demand | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        if not (self.ours and self.theirs):
            return None
        ours, theirs = median(self.ours), median(self.theirs)
        above, below = (theirs, ours) if self.faster else (ours, theirs)
        return above / below if below else None

    @property
    def met(self) -> bool | None:
        """Whether the demand is met; None where nothing was demanded or could be compared."""
        if self.demand is None:
            return None
        value = self.ratio if self.peer else median(self.ours) if self.ours else None
        return None if value is None else self.demand.met(value)

    def cells(self) -> list[str]:
        met = {True: "yes", False: "NO", None: ""}[self.met]
        ratio = "" if self.ratio is None else f"{_number(self.ratio)}×"
        demand = "" if self.demand is None else str(self.demand)
        return [self.what, self._figure(self.ours), self.peer, self._figure(self.theirs), ratio, demand, met, self.note]

    def document(self) -> dict[str, Any]:
        kept = ("group", "what", "peer", "unit", "note", "ratio", "met")
        demand = None if self.demand is None else str(self.demand)
        figures = {k: list(getattr(self, k)) for k in ("ours", "theirs")}
        return {**{k: getattr(self, k) for k in kept}, **figures, "demanded": demand}

    def _figure(self, samples: Sequence[float]) -> str:
        return f"{_number(median(samples))} {self.unit}" if samples else ""


@dataclass
class Table:
    """All rows of one run, in the order in which they were measured, and what they were measured with."""

    about: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def add(self, *rows: Row) -> None:
        """Add rows and show each at once: a run takes minutes."""
        for row in rows:
            if not self.rows or self.rows[-1].group != row.group:
                print(f"\n{row.group}", flush=True)
            self.rows.append(row)
            print("  " + "  ".join(c for c in row.cells() if c), flush=True)

    def absent(self, what: str, why: str) -> None:
        """Say that something cannot be measured here."""
        self.add(Row("Not measured", what, (), note=f"not here: {why}"))

    def groups(self) -> Mapping[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.group, []).append(row)
        return found

    def text(self) -> str:
        """Return the table for a terminal."""
        cells = [list(HEAD)] + [row.cells() for row in self.rows]
        widths = [max(len(line[i]) for line in cells) for i in range(len(HEAD) - 1)]
        lines = [_aligned(HEAD, widths)]
        for group, rows in self.groups().items():
            lines += ["", group, *(_aligned(row.cells(), widths) for row in rows)]
        return "\n".join([*lines, "", *self._end()])

    def markdown(self) -> str:
        lines = []
        for group, rows in self.groups().items():
            lines += ["", f"### {group}", "| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
            lines += ["| " + " | ".join(c.replace("|", "\\|") for c in row.cells()) + " |" for row in rows]
        return "\n".join([*lines, "", *(line + "  " for line in self._end())]).lstrip() + "\n"

    def write(self, path: Path) -> None:
        """Write the table in the form that the file's name says: .json, .md, else text."""
        document = {"about": self.about, "rows": [row.document() for row in self.rows]}
        forms = {".json": lambda: json.dumps(document, ensure_ascii=False, indent=1) + "\n", ".md": self.markdown}
        path.write_text(forms.get(path.suffix, lambda: self.text() + "\n")(), encoding="utf-8")

    def _end(self) -> list[str]:
        judged = [row.met for row in self.rows if row.met is not None]
        absent = sum(1 for row in self.rows if row.note.startswith("not here"))
        count = f"{sum(judged)} of {len(judged)} demands met; {absent} not here. Figures are medians."
        return [count, *(f"{k}: {v}" for k, v in self.about.items())]


def machine() -> dict[str, str]:
    """Return what the figures were measured on."""
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    cores = f"{len(os.sched_getaffinity(0))} cores, {platform.machine()}, load {load} at the start"
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return {"date": now, "machine": f"{cores}, Python {platform.python_version()}"}


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    return ("  ".join([*(c.ljust(w) for c, w in zip(cells, widths, strict=False)), cells[-1]])).rstrip()


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"
