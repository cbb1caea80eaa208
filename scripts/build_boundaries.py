"""Make geo/data/boundaries.geojson.gz and geo/data/basemap.json from Natural Earth.

Run once, by hand, when the inputs change:

    python scripts/debian_sources.py FOLDER MIRROR
    pip install rdata
    python scripts/build_boundaries.py FOLDER

Inputs: countries and admin-1 of nine countries, Natural Earth 5.1.2 at 1:50m, from Debian's r-cran-rnaturalearthdata;
admin-1 of every other country in which a feature of ours lies and the disputed lines, Natural Earth 4.1 as generalised
by QGIS, from qgis-common; ISO 3166-2 codes from iso-codes, joined by name. Corrections and district members are the
kept tables beside the result. What found no code is printed and written to geo/data/admin1_unmatched.csv.
"""

from __future__ import annotations

import csv
import gzip
import json
import lzma
import re
import struct
import sys
import warnings
import zlib
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import rdata
import shapely
from shapely.geometry.base import BaseGeometry

from geo import names
from geo.antimeridian import frame_line, frame_polygon

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "geo" / "data"
GRID = 1e-4  # degrees kept in the boundaries, about 11 m: shared vertices stay shared
BASEMAP_GRID = 100  # parts of a degree kept in the base map
BASEMAP_TOLERANCE = 0.02
SEAM = 0.02  # degrees
NAMESAKES = ("PK",)  # without Pakistan's Punjab, "Punjab" would silently mean India's
NINE = ("AUS", "BRA", "CAN", "CHN", "IND", "IDN", "RUS", "ZAF", "USA")


def main(folder: Path) -> None:
    warnings.simplefilter("ignore")
    rows = read_lazy(folder / "r-cran-rnaturalearthdata")
    world = folder / "qgis-common/usr/share/qgis/resources/data/world_map.gpkg"
    iso = json.loads((folder / "iso-codes/usr/share/iso-codes/json/iso_3166-2.json").read_text())["3166-2"]
    countries = merge_same_code(sorted(map(country, rows["countries50"]), key=lambda r: -r["geometry"].area))
    admin1 = [*map(admin1_of_nine, rows["states50"]), *admin1_of_others(world, iso, wanted_countries())]
    correct(admin1)
    write_boundaries(sorted(countries, key=ident) + sorted(admin1, key=ident))
    write_basemap(rows["countries50"], gpd.read_file(world, layer="disputed_borders").geometry)


def ident(row: dict[str, Any]) -> str:
    return str(row["id"])


# --- reading


def read_lazy(package: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the tables of R's lazy-load database as rows with a shapely ``geometry``."""
    base = next(package.rglob("data/Rdata.rdb")).parent
    index = rdata.conversion.convert(rdata.parser.parse_data(gzip.decompress((base / "Rdata.rdx").read_bytes())))
    store = (base / "Rdata.rdb").read_bytes()
    return {n: table(store, index["variables"][n]) for n in ("countries50", "states50")}


def table(store: bytes, place: Any) -> list[dict[str, Any]]:
    offset, size = (int(v) for v in place)
    frame = rdata.conversion.convert(rdata.parser.parse_data(unpack(store[offset : offset + size])))
    rows = []
    for record in frame.to_dict("records"):
        row = {
            str(k): None if v is None or v is not v or str(v) in ("<NA>", "-99", "nan") else v
            for k, v in record.items()
            if k != "geometry"
        }
        polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in record["geometry"]]
        rows.append({**row, "geometry": shapely.make_valid(shapely.MultiPolygon(polygons))})
    return rows


def unpack(chunk: bytes) -> bytes:
    """Return one value of the database: its length, a letter for the packing, the packed bytes."""
    (size,) = struct.unpack(">I", chunk[:4])
    if chunk[4:5] == b"Z":
        filters = [{"id": lzma.FILTER_LZMA2, "preset": 9}]
        data = lzma.decompress(chunk[5:], format=lzma.FORMAT_RAW, filters=filters)
    else:
        data = zlib.decompress(chunk[4:])
    assert len(data) == size, "the package's database does not read as expected"
    return data


def wanted_countries() -> set[str]:
    """Return the countries in which features of ours lie."""
    found = set(NAMESAKES)
    for path in (ROOT / "layers" / "data").glob("*/features.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            found |= {row["country"] for row in csv.DictReader(lines) if row.get("country")}
    return found


# --- rows


def country(r: dict[str, Any]) -> dict[str, Any]:
    code = r["iso_a2_eh"] or f"X-{r['adm0_a3']}"
    return {
        "id": code,
        "kind": "country",
        "country": code,
        "name": r["admin"],
        "name_ru": r["name_ru"] or "",
        "name_hi": r["name_hi"] or "",
        "codes": sorted({c for c in (r["iso_a3_eh"], r["adm0_a3"]) if c}),
        # What has no ISO code answers to its own name only: "Kashmir" must not mean the Siachen Glacier.
        "names": alternatives(r, "name", "name_long", "formal_en", "name_sort", "name_ciawf", "name_en")
        if r["iso_a2_eh"]
        else [],
        "dataset": "Natural Earth 5.1.2, 1:50m",
        "geometry": r["geometry"],
    }


def admin1_of_nine(r: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": r["iso_3166_2"],
        "kind": "admin1",
        "country": r["iso_a2"],
        "name": r["name_en"] or r["name"],
        "name_ru": r["name_ru"] or "",
        "name_hi": r["name_hi"] or "",
        "codes": [],
        "names": alternatives(r, "name", "name_alt", "name_local", "woe_name", "gn_name"),
        "dataset": "Natural Earth 5.1.2, 1:50m",
        "geometry": r["geometry"],
        "as_found": r["name"],
    }


def alternatives(r: dict[str, Any], *fields: str) -> list[str]:
    """Return the other names of a row; Natural Earth separates several in one cell by bars."""
    found = {part.strip() for f in fields if r.get(f) for part in str(r[f]).replace("/", "|").split("|")}
    return sorted(n for n in found if n)


def admin1_of_others(world: Path, iso: list[dict[str, str]], countries: set[str]) -> list[dict[str, Any]]:
    frame = gpd.read_file(world, layer="states_provinces")
    frame = frame[~frame.adm0_a3.isin(NINE) & frame.iso_a2.isin(countries)]
    codes = {(e["code"][:2], k): e["code"] for e in iso for part in e["name"].split(";") for k in iso_keys(part)}
    rows, unmatched = [], []
    for code2, group in frame.groupby("iso_a2"):
        for name, same in group.groupby("name"):
            tries = (k for n in (name, *same.iloc[0][["gn_name", "woe_name"]].dropna()) for k in iso_keys(n))
            code = next((codes[code2, k] for k in tries if (code2, k) in codes), None)
            if code is None:
                unmatched.append((code2, name))
            rows.append(other_row(code2, name, code, shapely.union_all(same.geometry.values)))
    write_unmatched(unmatched)
    return merge_same_code(rows)


def iso_keys(name: str) -> list[str]:
    """Return the keys under which a name is looked for: as it is, without its kind of division, run together."""
    folded = names.key(re.sub(r"\s+(län|viloyati|velayat|welaýaty)$", "", re.split(r"[,\[(]", name)[0].strip()))
    return [folded, folded.replace(" ", ""), folded.removesuffix("s")]


def other_row(code2: str, name: str, code: str | None, geometry: BaseGeometry) -> dict[str, Any]:
    return {
        "id": code or f"{code2}-x-{names.fold(name).replace(' ', '-')}",
        "kind": "admin1",
        "country": code2,
        "name": name,
        "name_ru": "",
        "name_hi": "",
        "codes": [],
        "names": [],
        "dataset": "Natural Earth 4.1, 1:10m, generalised by QGIS",
        "geometry": shapely.make_valid(geometry),
        "as_found": name,
    }


def merge_same_code(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row a code: the first gives the names, all give their polygons (Ashmore and Cartier are Australia's)."""
    merged: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["id"] in merged:
            kept = merged[row["id"]]
            kept["geometry"] = shapely.union_all([kept["geometry"], row["geometry"]])
            kept["names"].append(row["name"])
        else:
            merged[row["id"]] = row
    return list(merged.values())


def correct(admin1: list[dict[str, Any]]) -> None:
    """Apply the kept corrections, matched by code and name as Natural Earth has them."""
    with (OUT / "admin1_corrections.csv").open(encoding="utf-8", newline="") as lines:
        for fix in csv.DictReader(lines):
            row = next(
                r
                for r in admin1
                if r["id"] == fix["code_as_found"] and r.get("as_found") == fix["name_as_found"] and "fixed" not in r
            )
            row.update(
                {k: fix[k].strip("-") for k in ("name", "name_ru", "name_hi") if fix[k]}, fixed=True
            )  # "-": no name known
            if fix["drop_names"]:
                row["names"] = [n for n in row["names"] if n not in fix["drop_names"].split("|")]
            if fix["code"] != fix["code_as_found"]:
                row["id"] = fix["code"]
                row["codes"] = [fix["code_as_found"]] if fix["old_code_stays"] == "yes" else []
            row["codes"] += [c for c in fix["also"].split("|") if c]
    doubles = [i for i, n in Counter(map(ident, admin1)).items() if n > 1]
    assert not doubles, f"one code stands for two regions: {doubles}"


# --- writing


def write_boundaries(rows: list[dict[str, Any]]) -> None:
    features = []
    for row in rows:
        geometry = shapely.set_precision(row.pop("geometry"), 0)
        rounded = shapely.transform(geometry, lambda xy: np.rint(xy / GRID) * GRID)
        shape = json.loads(shapely.to_geojson(polygons_of(shapely.make_valid(rounded))))
        properties = {k: v for k, v in row.items() if k not in ("as_found", "fixed")}
        features.append({"type": "Feature", "id": row["id"], "properties": properties, "geometry": round_numbers(shape)})
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))
    path = OUT / "boundaries.geojson.gz"
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{path.name}: {len(features)} regions, {path.stat().st_size / 1000:.0f} kB")


def polygons_of(geometry: BaseGeometry) -> BaseGeometry:
    parts = [g for g in getattr(geometry, "geoms", [geometry]) if g.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts)


def round_numbers(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, list):
        return [round_numbers(v) for v in value]
    return {k: round_numbers(v) for k, v in value.items()} if isinstance(value, dict) else value


def write_unmatched(rows: list[tuple[str, str]]) -> None:
    with (OUT / "admin1_unmatched.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerows([("country", "name"), *rows])
    print(f"admin-1 without an ISO 3166-2 code: {len(rows)}", *rows, sep="\n  ")


def write_basemap(countries: list[dict[str, Any]], disputed: Any) -> None:
    lines = shapely.union_all([simple(frame_line(g)) for g in disputed if g is not None and not g.is_empty])
    borders = shapely.difference(frame_line(shared_segments(countries)), shapely.buffer(lines, 0.1))
    land = without_seam(frame_polygon(shapely.union_all([r["geometry"] for r in countries])))
    rings = [ring for p in simple(land).geoms for ring in (p.exterior, *p.interiors)]
    packed = {
        "grid": BASEMAP_GRID,
        "land": [encode(r) for r in rings if shapely.Polygon(r).area > 0.0005],
        "borders": [encode(g) for g in parts_of(simple(shapely.line_merge(borders)))],
        "disputed": [encode(g) for g in parts_of(shapely.line_merge(lines))],
        "labels": sorted(label(r) for r in countries if r["label_x"] is not None and r["adm0_a3"] != "ATA"),
    }
    path = OUT / "basemap.json"
    path.write_text(json.dumps(packed, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB, {len(gzip.compress(path.read_bytes(), 9)) / 1000:.0f} kB packed")


def without_seam(land: BaseGeometry) -> BaseGeometry:
    """Close the hair's breadth that Natural Earth leaves open where it cuts land at 180°."""
    strip = shapely.box(180 - SEAM, -90, 180 + SEAM, 90)
    return shapely.union(land, shapely.intersection(shapely.buffer(land, SEAM), strip))


def shared_segments(countries: list[dict[str, Any]]) -> BaseGeometry:
    """Return what two countries share: a segment that occurs in one ring only is coast, or the cut at 180°."""
    count: Counter[tuple[tuple[float, float], tuple[float, float]]] = Counter()
    for r in countries:
        for polygon in r["geometry"].geoms:
            for ring in (polygon.exterior, *polygon.interiors):
                xy = [(round(x, 6), round(y, 6)) for x, y in ring.coords]
                count.update((min(a, b), max(a, b)) for a, b in pairwise(xy))
    return shapely.line_merge(shapely.MultiLineString([list(s) for s, n in count.items() if n > 1]))


def simple(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.simplify(geometry, BASEMAP_TOLERANCE, preserve_topology=True)


def parts_of(geometry: BaseGeometry) -> list[BaseGeometry]:
    return list(getattr(geometry, "geoms", [geometry]))


def label(r: dict[str, Any]) -> list[Any]:
    lon = float(r["label_x"])
    return [
        round(float(r["min_label"] or 5), 1),
        r["admin"],
        round(lon + 360 * (lon < -30), 2),
        round(float(r["label_y"]), 2),
    ]


def encode(line: BaseGeometry) -> str:
    """Return a line as text: positions on the grid, deltas, zig-zag, five bits a character."""
    points = np.rint(shapely.get_coordinates(line) * BASEMAP_GRID).astype(int)
    keep = np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]
    deltas = np.diff(np.vstack([[0, 0], points[keep]]), axis=0).ravel()
    return "".join(varint(int(d)) for d in deltas)


def varint(value: int) -> str:
    value, text = (~(value << 1) if value < 0 else value << 1), ""
    while value >= 32:
        text += chr((32 | value & 31) + 63)
        value >>= 5
    return text + chr(value + 63)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: build_boundaries.py FOLDER (as scripts/debian_sources.py filled it)")
    main(Path(sys.argv[1]))
