"""Answers as data: text table, GeoJSON, CSV, GeoPackage, GeoParquet, KML; every value beside its citation."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from geo.errors import InputError, nearest
from layers import Catalog
from layers.catalog import Selection
from layers.query import Question
from layers.release import BETWEEN
from web import flat
from web.flat import citation, origin, source_of

FORMATS = ("table", "geojson", "csv", "gpkg", "parquet", "kml")
BINARY = ("gpkg", "parquet")
"""Formats that a terminal does not show."""

MEDIA_TYPES = {
    "table": "text/plain; charset=utf-8",
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
    "gpkg": "application/geopackage+sqlite3",
    "parquet": "application/vnd.apache.parquet",
    "kml": "application/vnd.google-earth.kml+xml",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Answer:
    """Selections of one release, ready to be written in any format."""

    catalog: Catalog
    selections: Sequence[Selection]

    def text(self, form: str) -> bytes:
        """Return the answer in one of FORMATS.

        Raises
        ------
        InputError
            If there is no such format.
        """
        return writer(form)(self)


def writer(form: str) -> Callable[[Answer], bytes]:
    """Return what writes a format, or raise an error that offers the nearest."""
    writers = {
        "table": _table,
        "geojson": geojson,
        "csv": _csv,
        "gpkg": _file_of("gpkg"),
        "parquet": _file_of("parquet"),
        "kml": _file_of("kml"),
    }
    if form not in writers:
        raise InputError(f"There is no format {form!r}. {nearest(form, writers)}")
    return writers[form]


def _file_of(form: str) -> Callable[[Answer], bytes]:
    """Return what writes a format of geofiles, which is loaded when it is used: a server starts without."""

    def write(answer: Answer) -> bytes:
        from web import geofiles  # noqa: PLC0415

        given: bytes = getattr(geofiles, form)(answer.catalog, answer.selections)
        return given

    return write


def geojson(answer: Answer, extra: Mapping[str, Any] | None = None) -> bytes:
    """Return the answer as a GeoJSON FeatureCollection with the citations that its features name.

    Features are the release's own texts, joined; ``extra`` adds members such as links.
    """
    parts: list[bytes | memoryview] = [b'{"type":"FeatureCollection","features":[\n']
    for selection in (s for s in answer.selections if len(s)):
        parts += [BETWEEN, *selection.pieces()] if len(parts) > 1 else selection.pieces()
    sources: dict[str, dict[str, str]] = {}
    for selection in answer.selections:
        sources |= selection.cited(answer.catalog.release)
    members = {
        "numberMatched": sum(s.matched for s in answer.selections),
        "numberReturned": sum(len(s) for s in answer.selections),
        "timeStamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "release": answer.catalog.release.id,
        "sources": sources,
        **(extra or {}),
    }
    return b"".join([*parts, b"\n],", orjson.dumps(members)[1:], b"\n"])


def timeless(selection: Selection, question: Question) -> str:
    """Return what is to be said of a layer without times that was asked by time, nothing where that is not so."""
    if question.datetime is None or selection.layer.about["temporal"] is not None:
        return ""
    return f"{selection.layer.id} has no times: nothing of it answers datetime {question.datetime}. Leave datetime out."


def amount(value: Any) -> str:
    """Return a value for reading: thousands apart, no idle zeros."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{value:,.10g}" if abs(value) >= 10_000 else f"{value:.10g}"
    return str(value)


# --- formats


def _table(answer: Answer) -> bytes:
    blocks = [_block(s, answer) for s in answer.selections]
    return ("\n\n".join(blocks) + "\n").encode()


def _block(selection: Selection, answer: Answer) -> str:
    about = selection.layer.about
    count = f"{len(selection)} of {selection.matched}" if len(selection) < selection.matched else str(selection.matched)
    title = f"{about['title']['en']}: {count}"
    if not len(selection):
        return title
    features = list(selection.whole())
    sure = ["membership"] if selection.membership else []
    fields = [f for f in selection.layer.fields if selection.properties is None or f["id"] in selection.properties]
    names = [n for n in ("name", "country", "admin1") if selection.properties is None or n in selection.properties]
    told = [f["id"] for f in _telling(fields, features)]
    if about.get("imported"):
        lines = aligned([["id", *sure, *told], *([_text(f, c) for c in ("id", *sure, *told)] for f in features)])
        return "\n".join(
            [
                title,
                "",
                *map(str.rstrip, lines),
                "",
                f"{plain_text(origin(about['imported']))} (release {answer.catalog.release.id})",
            ]
        )
    notes: dict[str, int] = {}
    head = ["id", *names, *sure, *told]
    rows = [[_shown(f, column, notes) for column in head] for f in features]
    cited = [f"[{n}] {citation(answer.catalog.sources[s], answer.catalog.release.id)}" for s, n in notes.items()]
    return "\n".join([title, "", *aligned([head, *rows]), "", "Sources (release " + answer.catalog.release.id + ")", *cited])


def _telling(fields: Sequence[dict[str, Any]], features: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the few fields worth a column of a terminal: those that most of these features have a value for."""
    filled = {f["id"]: sum(x["properties"].get(f["id"]) is not None for x in features) for f in fields}
    short = [
        f for f in fields if filled[f["id"]] and f["id"] not in ("part_of", "ore_minerals", "operator", "products", "cargo")
    ]
    best = sorted(short, key=lambda f: -filled[f["id"]])[:4]
    return [f for f in fields if f in best]


def _shown(feature: dict[str, Any], column: str, notes: dict[str, int]) -> str:
    """Return a value of the atlas with the number of its citation."""
    value = feature["properties"].get(column)
    source = None if column == "id" or value is None else source_of(feature, column)
    return _text(feature, column) + (f" [{notes.setdefault(source, len(notes) + 1)}]" if source else "")


def _text(feature: dict[str, Any], column: str) -> str:
    value = feature["id"] if column == "id" else feature["properties"].get(column)
    return "–" if value is None else plain_text(amount(value))[:60]


def aligned(rows: list[list[str]]) -> list[str]:
    """Return rows of cells as lines whose columns stand below one another."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def plain_text(text: str) -> str:
    """Return text that moves no terminal: control characters are shown as what they are."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _csv(answer: Answer) -> bytes:
    rows = [row for s in answer.selections for row in flat.rows(s, answer.catalog)]
    columns = list(dict.fromkeys(c for s in answer.selections for c in flat.columns(s)))
    out = io.StringIO()
    table = csv.DictWriter(out, columns, restval="", lineterminator="\r\n")
    table.writerow({name: spreadsheet_cell(name) for name in columns})
    table.writerows({k: spreadsheet_cell(v) for k, v in row.items()} for row in rows)
    # Excel takes a file for UTF-8 only where it begins so.
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def spreadsheet_cell(value: Any) -> Any:
    """Return a cell that a spreadsheet shows and does not calculate."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return "" if value is None else value
