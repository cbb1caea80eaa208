"""Some 470 valid and broken files that nobody here wrote: each is imported or refused by an error of ours, within bounds."""

import csv
import os
import socket
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo.errors import InputError
from layers.importers import Foreign, read

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
ENDINGS = ("geojson", "json", "geojsonl", "geojsons", "gpkg", "zip", "shp", "csv", "tsv", "kml", "fgb", "parquet", "xml", "vrt")
SECONDS = 30.0

# One who has the checkout alone runs the rest; in CI the folder lies beside it, and a missing one fails every test here.
pytestmark = pytest.mark.skipif(
    not (CORPORA.is_dir() or os.environ.get("CI")), reason="the corpora are not beside the repository: ../shared/corpora"
)

# What the index calls valid, and holds nothing that a map could show or no place on Earth.
EMPTY_OR_NOWHERE = {
    "issue82.geojson": "is not a longitude and latitude",
    "nullgeometry.geojson": "no feature has a geometry",
    "valid_feature_null_geometry.geojson": "no feature has a geometry",
    "valid_featurecollection_empty_features.geojson": "there is no feature in it",
    "valid_geometry_geometrycollection_empty_geometries.geojson": "no feature has a geometry",
}
# What the index calls invalid, and RFC 7946 bids readers to take: rings wound the other way, further members, boxes,
# collections within collections, one-part collections, many decimals, a fourth number of a position.
TAKEN = {
    "bad-polygon-interiorring-rhr", "polygon_winding_order", "invalid_exterior_not_ccw", "invalid_interior_not_cw",
    "bbox-4or6elements", "bbox-contains-string", "bbox-string", "different-first-size", "excessive_precision_truncated",
    "feature_changed_semantics", "featurecollection_changed_semantics", "geometry_changed_semantics",
    "geometrycollection_nested", "geometrycollection_single", "point-toomany", "invalid_feature_no_properties",
    "invalid_geometry_bbox_not4or6", "invalid_geometry_bbox_not_list", "invalid_geometry_bbox_not_numbers",
}  # fmt: skip


def listed():
    if not CORPORA.is_dir():
        return []
    with (CORPORA / "index.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(r["path"], r["class"]) for r in rows if r["path"].rpartition(".")[2].lower() in ENDINGS]


def outcome(path: Path) -> list[Foreign] | InputError:
    try:
        return read(path)
    except InputError as error:
        return error


def whole(layer: Foreign) -> bool:
    """Tell whether a layer is what the build relies on."""
    west, south, east, north = shapely.total_bounds(layer.geometry)
    xy = shapely.get_coordinates(layer.geometry)
    return (
        len(layer.ids) == len(set(layer.ids)) == len(layer.geometry) == layer.columns.num_rows
        and bool(np.isfinite(xy).all())
        and (west >= -180, south >= -90, east <= 180, north <= 90) == (True,) * 4
        and not shapely.is_empty(layer.geometry).any()
        and layer.id.replace("-", "").replace("_", "").isalnum()
    )


@pytest.fixture
def watched(monkeypatch):
    """Let nothing connect, and note every file that is opened."""
    files: list[str] = []
    on = [True]

    def hook(event, arguments):
        if on[0] and event == "open" and isinstance(arguments[0], str):
            files.append(arguments[0])

    def refuse(*_):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    sys.addaudithook(hook)
    yield files
    on[0] = False


@pytest.mark.slow
def test_every_file_is_imported_or_refused(watched):
    odd = []
    for name, kind in listed():
        path = CORPORA / name
        watched.clear()
        start = time.monotonic()
        found = outcome(path)
        if time.monotonic() - start > SECONDS:
            odd.append(f"{name}: {time.monotonic() - start:.0f} s")
        others = [f for f in watched if f.startswith(str(CORPORA)) and Path(f).stem != path.stem]
        if others or any(f.startswith("/etc/") for f in watched):
            odd.append(f"{name}: opened {others}")
        odd += [f"{name}: {why}" for why in _judged(path, kind, found)]
    assert odd == []


def _judged(path: Path, kind: str, found: list[Foreign] | InputError) -> list[str]:
    if isinstance(found, InputError):
        if "Nothing was imported." not in str(found):
            return ["does not say that nothing was imported"]
        expected = EMPTY_OR_NOWHERE.get(path.name)
        return [str(found)] if kind == "valid" and (expected is None or expected not in str(found)) else []
    if not all(whole(layer) for layer in found):
        return ["a layer does not hold together"]
    return ["was taken"] if kind == "invalid" and path.stem not in TAKEN else []


def test_geoparquet_gives_what_its_twin_in_wkt_says():
    pairs = sorted((CORPORA / "geoparquet" / "test_data").glob("*_wkb.parquet"))
    assert pairs
    for path in pairs:
        twin = path.with_name(path.name.split("-encoding")[0] + "-wkt.csv")
        with twin.open(encoding="utf-8", newline="") as file:
            texts = [row["geometry"] for row in csv.DictReader(file)]
        expected = [None if not t or "EMPTY" in t else shapely.from_wkt(t) for t in texts]
        got = list(read(path)[0].geometry)
        assert [None if g is None else shapely.normalize(g) for g in got] == [
            None if g is None else shapely.normalize(g) for g in expected
        ]
