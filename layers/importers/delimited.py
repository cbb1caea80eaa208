"""CSV and its kin: UTF-8 or UTF-16, any of four separators, places as two columns of coordinates or one of WKT."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from geo.errors import DataError
from geo.files import Opened
from layers.importers.columns import check_count, from_text
from layers.importers.faults import some
from layers.importers.place import nowhere
from layers.importers.raw import Raw

PAIRS = (
    ("lon", "lat"), ("longitude", "latitude"), ("lng", "lat"), ("long", "lat"), ("lng", "latitude"), ("long", "latitude"),
    ("lon", "latitude"), ("x", "y"), ("lon_dd", "lat_dd"), ("decimallongitude", "decimallatitude"), ("point_x", "point_y"),
    ("xcoord", "ycoord"), ("x_coord", "y_coord"), ("easting", "northing"), ("долгота", "широта"), ("lon_wgs84", "lat_wgs84"),
)  # fmt: skip
WKT = ("wkt", "geom_wkt", "geometry_wkt", "wkt_geom", "geometry", "geom", "the_geom", "shape")
_WKT_TEXT = r"^\s*(SRID=\d+;)?\s*(?i:POINT|LINESTRING|POLYGON|MULTI[A-Z]+|GEOMETRYCOLLECTION)\s*(Z|M|ZM)?\s*(\(|EMPTY)"
_SRID = re.compile(r"\s*SRID=(\d+);")
_FORMULA = r"^'[=+\-@\t\r]"
_HEADER_BYTES = 1_000_000


def read(file: Opened) -> list[Raw]:
    """Return the layer of a CSV text.

    Raises
    ------
    DataError
        If it is not a table, has no coordinates, or a row's coordinates are no numbers; every fault is said.
    """
    data = _utf8(file)
    separator = _separator(data, file.shown)
    table, header = _table(data, separator, file.shown)
    texts = [_bare(table.column(i)) for i in range(len(header))]
    keys = [h.strip().casefold() for h in header]
    comma = separator in ";\t"
    wkt = _wkt_column(keys, texts)
    if wkt is not None:
        geometry, crs = _from_wkt(texts[wkt], header[wkt], file.shown)
        del texts[wkt], header[wkt]
    else:
        geometry, crs = _from_pair(keys, header, texts, file.shown, comma=comma), None
    made = [_column(text, name, comma=comma) for name, text in zip(header, texts, strict=True)]
    notes = tuple(note for _, note in made if note)
    return [Raw(file.stem, file.shown, geometry, header, [a for a, _ in made], crs, None, notes, first=2, row="row")]


def _utf8(file: Opened) -> bytes:
    """Return the text as UTF-8 without a mark; a guess at an older encoding would be silent."""
    data = file.data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16").encode()
        except UnicodeError:
            raise DataError(f"{file.shown}: this begins like UTF-16, but is not. Save it as UTF-8.") from None
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in data:
        raise DataError(f"{file.shown}: the text holds zero bytes, so that it is no CSV.")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise DataError(f"{file.shown}: line {row} is not UTF-8. Save the file as 'CSV UTF-8'.") from None
    return data


def _separator(data: bytes, shown: str) -> str:
    header = data[:_HEADER_BYTES].decode(errors="ignore").lstrip("\r\n").splitlines()
    line = re.sub(r'"[^"]*"', "", header[0] if header else "")
    best = max(",;\t|", key=line.count)
    if not line.strip(" ,;\t|") and '"' not in (header[0] if header else ""):
        raise DataError(f"{shown}: the first line names no columns.")
    return best if line.count(best) else ","


def _table(data: bytes, separator: str, shown: str) -> tuple[pa.Table, list[str]]:
    """Return all rows as text, and the first row, which names the columns."""
    first = next(
        csv.reader(io.StringIO(data[:_HEADER_BYTES].decode(errors="ignore").lstrip("\r\n"), newline=""), delimiter=separator),
        [],
    )
    check_count(len(first), shown)
    odd: list[str] = []

    def skip(row: arrow_csv.InvalidRow) -> str:
        odd.append(
            f"{shown}: row {row.number}: {row.actual_columns} values, but the first row names {row.expected_columns} columns"
        )
        return "skip"

    names = [f"f{i}" for i in range(len(first))]
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(data),
            read_options=arrow_csv.ReadOptions(use_threads=False, column_names=names, block_size=1 << 26),
            parse_options=arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=True, invalid_row_handler=skip),
            convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
    except (pa.ArrowInvalid, pa.ArrowException) as error:
        raise DataError(f"{shown}: this is no table in CSV: {str(error).rstrip('.')}.") from None
    if odd:
        raise DataError(*some(odd))
    header = [str(table.column(i)[0]) for i in range(table.num_columns)] if table.num_rows else []
    if table.num_rows < 2:
        raise DataError(f"{shown}: there is no row below the names of the columns.")
    return table.slice(1), header


def _bare(column: pa.ChunkedArray) -> pa.Array:
    """Return a column of text in which an empty cell is no value."""
    whole = column.combine_chunks()
    whole = pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole
    return pc.if_else(pc.equal(whole, ""), pa.scalar(None, pa.string()), whole)


def _column(text: pa.Array, name: str, *, comma: bool) -> tuple[pa.Array, str]:
    array, note = from_text(text, name, comma=comma)
    if pa.types.is_string(array.type) and pc.any(pc.match_substring_regex(array, _FORMULA)).as_py():
        # Spreadsheets, and our own CSV, write '=1+1 for text that is no formula.
        shown = pc.if_else(pc.match_substring_regex(array, _FORMULA), pc.utf8_slice_codeunits(array, 1), array)
        return shown, f"column {name!r}: the apostrophe before =, +, - or @ is left out"
    return array, note


def _wkt_column(keys: Sequence[str], texts: Sequence[pa.Array]) -> int | None:
    for place, key in enumerate(keys):
        if key in WKT:
            given = pc.drop_null(texts[place].slice(0, 10_000))
            if len(given) and pc.match_substring_regex(given.slice(0, 1), _WKT_TEXT)[0].as_py():
                return place
    return None


def _from_wkt(column: pa.Array, name: str, shown: str) -> tuple[NDArray[np.object_], str | None]:
    texts = column.to_numpy(zero_copy_only=False)
    given = [i for i, text in enumerate(texts) if text is not None]
    systems = {m[1] if (m := _SRID.match(texts[i])) else None for i in given}
    if len(systems) > 1:
        raise DataError(f"{shown}: column {name!r}: rows name several systems (SRID). Export them in one.")
    out = np.full(len(texts), None, dtype=object)
    bare = [_SRID.sub("", texts[i]) for i in given]
    try:
        out[given] = shapely.from_wkt(bare)
    except (shapely.errors.ShapelyError, ValueError):
        out[given] = [_one_wkt(text) for text in bare]
        lines = [f"{shown}: row {i + 2}: column {name!r}: {texts[i][:60]!r} is not WKT" for i in given if out[i] is None]
        raise DataError(*some(lines)) from None
    system = systems.pop() if systems else None
    return out, f"EPSG:{system}" if system else None


def _one_wkt(text: str) -> shapely.Geometry | None:
    try:
        return shapely.from_wkt(text)
    except (shapely.errors.ShapelyError, ValueError):
        return None


def _from_pair(
    keys: Sequence[str], header: Sequence[str], texts: Sequence[pa.Array], shown: str, *, comma: bool
) -> NDArray[np.object_]:
    found = next(((keys.index(x), keys.index(y)) for x, y in PAIRS if x in keys and y in keys), None)
    if found is None:
        listed = ", ".join(header[:30]) + (" …" if len(header) > 30 else "")
        raise DataError(
            f"{shown}: no column holds coordinates; the columns are {listed}. "
            f"Call two of them lon and lat (longitude and latitude, x and y), or one wkt."
        )
    faults: dict[int, str] = {}
    lon, lat = (_numbers(texts[i], header[i], faults, comma=comma) for i in found)
    half = np.flatnonzero(np.isnan(lon) != np.isnan(lat)).tolist()
    faults |= {i: f"one of {header[found[0]]} and {header[found[1]]} is empty" for i in half if i not in faults}
    if faults:
        faults |= nowhere(lon, lat)
        raise DataError(*some([f"{shown}: row {i + 2}: {said}" for i, said in sorted(faults.items())]))
    out = np.full(len(lon), None, dtype=object)
    here = ~np.isnan(lon)
    out[here] = shapely.points(lon[here], lat[here])
    return out


def _numbers(text: pa.Array, name: str, faults: dict[int, str], *, comma: bool) -> NDArray[np.float64]:
    """Return coordinates, NaN where a cell is empty; a cell that is no finite number is a fault of its row."""
    plain = pc.utf8_trim_whitespace(text)
    if comma:
        plain = pc.replace_substring(plain, ",", ".")
    good = pc.match_substring_regex(plain, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$")
    kept = pc.if_else(good, pc.replace_substring_regex(plain, r"^\+", ""), pa.scalar(None, pa.string()))
    values = np.array(pc.cast(kept, pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    bad = np.flatnonzero(pc.fill_null(pc.invert(good), False).to_numpy(zero_copy_only=False)).tolist()
    said = {i: f"column {name!r}: {text[i].as_py()[:40]!r} is not a number" for i in bad}
    said |= dict.fromkeys(np.flatnonzero(np.isinf(values)).tolist(), f"column {name!r}: the number is too large")
    for row, line in said.items():
        faults[row] = f"{faults[row]}; {line}" if row in faults else line
    return values
