"""Answers as data: text table, GeoJSON, CSV, GeoPackage. One flat row a feature, every value beside its citation."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import shapely

from geo.errors import InputError, nearest
from layers import Catalog
from layers.catalog import Selection
from layers.ledger import COMPUTED

FORMATS = ("table", "geojson", "csv", "gpkg")
MEDIA_TYPES = {
    "table": "text/plain; charset=utf-8",
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
    "gpkg": "application/geopackage+sqlite3",
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
    writers = {"table": _table, "geojson": geojson, "csv": _csv, "gpkg": _gpkg}
    if form not in writers:
        raise InputError(f"There is no format {form!r}. {nearest(form, writers)}")
    return writers[form]


def geojson(answer: Answer, extra: Mapping[str, Any] | None = None) -> bytes:
    """Return the answer as a GeoJSON FeatureCollection with the citations that its features name.

    Features are the release's own texts, joined; ``extra`` adds members such as links.
    """
    features = b",\n".join(s.text() for s in answer.selections if len(s))
    sources: dict[str, dict[str, str]] = {}
    for selection in answer.selections:
        sources |= selection.cited(answer.catalog.release)
    members = {
        "numberMatched": sum(s.matched for s in answer.selections),
        "numberReturned": sum(len(s) for s in answer.selections),
        "timeStamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "release": answer.catalog.release.id,
        "sources": sources,
        **(extra or {}),
    }
    return b'{"type":"FeatureCollection","features":[\n' + features + b"\n]," + orjson.dumps(members)[1:] + b"\n"


def citation(source: Mapping[str, str], release: str) -> str:
    """Return one source as a line of text; what is computed names the release."""
    if source.get("id") == COMPUTED:
        return f"{source['publisher']}, release {release}. {source['title']}."
    published = source.get("published") or "no date"
    accessed = f" (read {source['accessed']})" if source.get("accessed") else ""
    return f"{source['publisher']}. {source['title']}. {published}. {source.get('url', '')}{accessed}"


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
    features = list(selection.features())
    fields = _telling(selection.layer.fields, features)
    notes: dict[str, int] = {}
    head = ["id", "name", "country", "admin1", *(["membership"] if selection.membership else []), *(f["id"] for f in fields)]
    rows = [[_shown(f, column, notes) for column in head] for f in features]
    lines = _aligned([head, *rows])
    cited = [f"[{n}] {citation(answer.catalog.sources[s], answer.catalog.release.id)}" for s, n in notes.items()]
    return "\n".join([title, "", *lines, "", "Sources (release " + answer.catalog.release.id + ")", *cited])


def _telling(fields: Sequence[dict[str, Any]], features: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the few fields worth a column of a terminal: those that most of these features have a value for."""
    filled = {f["id"]: sum(x["properties"][f["id"]] is not None for x in features) for f in fields}
    short = [
        f for f in fields if filled[f["id"]] and f["id"] not in ("part_of", "ore_minerals", "operator", "products", "cargo")
    ]
    best = sorted(short, key=lambda f: -filled[f["id"]])[:4]
    return [f for f in fields if f in best]


def _shown(feature: dict[str, Any], column: str, notes: dict[str, int]) -> str:
    value = feature["id"] if column == "id" else feature["properties"].get(column)
    if value is None:
        return "–"
    source = _source_of(feature, column)
    mark = f" [{notes.setdefault(source, len(notes) + 1)}]" if source else ""
    return _plain_text(amount(value))[:60] + mark


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _plain_text(text: str) -> str:
    """Return text that moves no terminal: control characters are shown as what they are."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _csv(answer: Answer) -> bytes:
    rows = [row for s in answer.selections for row in flat(s, answer.catalog)]
    columns = list(dict.fromkeys(c for s in answer.selections for c in _columns(s)))
    out = io.StringIO()
    table = csv.DictWriter(out, columns, restval="", lineterminator="\r\n")
    table.writeheader()
    table.writerows({k: _cell(v) for k, v in row.items()} for row in rows)
    # Excel takes a file for UTF-8 only where it begins so.
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: Any) -> Any:
    """Return a cell that a spreadsheet shows and does not calculate."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return "" if value is None else value


def _gpkg(answer: Answer) -> bytes:
    import geopandas as gpd  # noqa: PLC0415  the path of a web answer in JSON must not load it
    import pandas as pd  # noqa: PLC0415

    if not answer.selections:
        raise InputError("A GeoPackage of no layer cannot be written. Name a layer, or write GeoJSON or CSV.")
    folder = Path(tempfile.mkdtemp(prefix="corridor-"))
    try:
        path = folder / "answer.gpkg"
        for selection in answer.selections:
            rows = flat(selection, answer.catalog)
            table = pd.DataFrame(rows, columns=_columns(selection)).drop(columns=["lon", "lat"], errors="ignore")
            shapes = shapely.from_geojson([orjson.dumps(f["geometry"]).decode() for f in selection.features()])
            frame = gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")
            kind = "Point" if selection.layer.about["geometry"] == "point" else "MultiLineString"
            frame.to_file(path, layer=selection.layer.id, driver="GPKG", geometry_type=kind, engine="pyogrio")
        return path.read_bytes()
    except (OSError, RuntimeError) as error:  # pyogrio's errors are RuntimeErrors
        raise InputError(f"The GeoPackage cannot be made in {folder.parent}: {error}. Is there room?") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- flat rows


def flat(selection: Selection, catalog: Catalog) -> list[dict[str, Any]]:
    """Return each feature as one flat row: every value is followed by the citation of the claim that it shows."""
    return [_row(f, selection, catalog) for f in selection.features()]


def _columns(selection: Selection) -> list[str]:
    """Return the columns of a flat row, the same for an answer without features."""
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


def _row(feature: dict[str, Any], selection: Selection, catalog: Catalog) -> dict[str, Any]:
    p = feature["properties"]

    def cite(source: str | None) -> str:
        return citation(catalog.sources[source], catalog.release.id) if source in catalog.sources else (source or "")

    row: dict[str, Any] = {"layer": p["layer"], "id": feature["id"], "name": p["name"]}
    for code in ("ru", "hi"):
        row |= {f"name_{code}": p[f"name_{code}"], f"name_{code}_source": cite(p[f"name_{code}_source"])}
    row |= {"country": p["country"], "admin1": p["admin1"], "disputed": " ".join(p["disputed"] or [])}
    if feature["geometry"]["type"] == "Point":
        lon, lat = feature["geometry"]["coordinates"]
        row |= {"lon": lon, "lat": lat, "accuracy_km": p["accuracy_km"]}
        row |= {"position_source": cite(p["position_source"]), "position_note": p["position_note"]}
    for field in selection.layer.fields:
        row |= {field["id"]: p[field["id"]], f"{field['id']}_source": cite(_source_of(feature, field["id"]))}
    if "legs" in p:
        row["legs"] = " | ".join(_leg(leg, cite) for leg in p["legs"])
        row["passages"] = " ".join(p["passages"])
    row["claims"] = " | ".join(_claim(c, cite) for c in p["claims"])
    if selection.membership:
        row["membership"] = p["membership"]
    return {**row, "release": catalog.release.id}


def _source_of(feature: dict[str, Any], field: str) -> str | None:
    shown = (c["source"] for c in feature["properties"]["claims"] if c["field"] == field and c.get("shown"))
    return next(shown, None)


def _claim(claim: dict[str, Any], cite: Callable[[str], str]) -> str:
    about = ", ".join(x for x in (claim["category"], claim["as_of"], claim["note"]) if x)
    return f"{claim['field']}: {claim['value']} {claim['unit']} ({about}) [{cite(claim['source'])}]".replace(" ()", "")


def _leg(leg: dict[str, Any], cite: Callable[[str], str]) -> str:
    published = f", published {leg['length_published_km']:g} km" if "length_published_km" in leg else ""
    cited = "; ".join(cite(source) for source in leg["sources"])
    return f"{leg['mode']}: {leg['from']} – {leg['to']}, {leg['length_km']:g} km computed{published} [{cited}]"
