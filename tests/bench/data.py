"""The data, by seed: points clustered along coasts with ten attributes; boxes, polygons and circles that never repeat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo import boundaries

SEED = 20_260
COUNTRY, COUNTRY_NAME = "IN", "India"
COUNTRY_SHARE = 0.035
VERTICES = 10_000
RADIUS_KM = 500

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]

KINDS = ("berth", "terminal", "jetty", "shipyard", "anchorage", "склад", "причал")
PLACES = ("Владивосток", "Chennai", "Находка", "Mumbai", "Петропавловск-Камчатский", "Kochi", "Мурманск", "Ōsaka", "Busan")
OPERATORS = ("ООО «Порт Восточный»", "Adani Ports & SEZ", "АО «Терминал»", "Port Authority", None)
WORDS = ("Причал", "Berth", "Терминал", "Pier", "Док", "Quay")


@dataclass(frozen=True)
class Points:
    """A layer of points: longitudes and latitudes on a grid of 1e-6°, as every format keeps them."""

    lon: Floats
    lat: Floats

    def __len__(self) -> int:
        return len(self.lon)


@cache
def points(count: int) -> Points:
    """Return points along the shores: a third of them crowded in harbours, the rest strewn to both sides.

    Some belong to the shore of the country that is asked for by name, so that it holds about 22,000 of a million. Most stand
    on land, as ports do; what a generalised coastline leaves at sea counts with the nearest country within 25 km for us, and
    for no peer.
    """
    rng = np.random.default_rng(SEED)
    shore = _shore()
    at = shore[rng.integers(len(shore), size=count)]
    ours = shore[shapely.intersects_xy(country().buffer(0.05), shore)]
    there = rng.random(count) < COUNTRY_SHARE
    at[there] = ours[rng.integers(len(ours), size=int(there.sum()))]
    harbours = shore[rng.integers(len(shore), size=3000)]
    crowded = rng.random(count) < 1 / 3
    at[crowded] = harbours[rng.integers(len(harbours), size=int(crowded.sum()))]
    reach = np.where(crowded, 0.03, 0.35)[:, None]
    aside = rng.normal(0, 1, (count, 2)) * reach
    wet = ~shapely.contains_xy(_land(), at + aside)
    spread = at + np.where(wet[:, None], -aside, aside)
    lon = np.clip(spread[:, 0], -179.999, 179.999)
    lat = np.clip(spread[:, 1], -85.0, 85.0)
    return Points(np.round(lon, 6), np.round(lat, 6))


def attributes(count: int) -> dict[str, list[object]]:
    """Return ten attributes by name: strings in two scripts, whole numbers, decimals, dates and truth values."""
    rng = np.random.default_rng(SEED + 1)
    first = date(1991, 1, 1)
    words, places, kinds, operators = (rng.integers(len(of), size=count).tolist() for of in (WORDS, PLACES, KINDS, OPERATORS))
    return {
        "name": [f"{WORDS[w]} {i}" for i, w in enumerate(words)],
        "place": [PLACES[p] for p in places],
        "kind": [KINDS[k] for k in kinds],
        "operator": [OPERATORS[o] for o in operators],
        "berths": rng.integers(1, 60, count).tolist(),
        "built": rng.integers(1880, 2026, count).tolist(),
        "throughput_mt_y": np.round(rng.gamma(2.0, 4.0, count), 3).tolist(),
        "depth_m": np.round(rng.uniform(3, 24, count), 1).tolist(),
        "surveyed": [first + timedelta(days=d) for d in rng.integers(0, 12_000, count).tolist()],
        "working": (rng.random(count) < 0.8).tolist(),
    }


def write(folder: Path, count: int, kinds: Sequence[str]) -> dict[str, Path]:
    """Write a layer as GeoParquet, GeoPackage and CSV, or those of them that are asked for; return the files by their kind."""
    import geopandas as gpd

    at = points(count)
    files = {kind: folder / f"{layer(count)}.{kind}" for kind in kinds}
    frame = gpd.GeoDataFrame(attributes(count), geometry=shapely.points(at.lon, at.lat), crs="EPSG:4326")
    if "parquet" in files:
        frame.to_parquet(files["parquet"])
    if "gpkg" in files:
        # A date is text in a GeoPackage written so; every server hands it out as text.
        frame.assign(surveyed=frame["surveyed"].astype(str)).to_file(files["gpkg"], layer=layer(count), driver="GPKG")
    if "csv" in files:
        frame.drop(columns="geometry").assign(lon=at.lon, lat=at.lat).to_csv(files["csv"], index_label="id")
    return files


def layer(count: int) -> str:
    """Return the id of a layer of so many points."""
    return f"points_{count}"


def country() -> BaseGeometry:
    """Return the outline of the country that is asked for by its name."""
    return boundaries.load().shape(COUNTRY)


# --- what is asked


def boxes(at: Points, hits: int, *, seed: int) -> Iterator[Box]:
    """Yield boxes round points of the layer, each with so many hits, without end and never the same."""
    rng = np.random.default_rng(SEED + seed)
    while True:
        here = rng.integers(len(at))
        wide = rng.uniform(1, 2)
        lon, lat = at.lon[here], at.lat[here]
        far = np.maximum(np.abs(at.lon - lon) / wide, np.abs(at.lat - lat))
        # Half a grid step further than the farthest hit, so that nothing lies on an edge.
        half = float(np.partition(far, hits - 1)[hits - 1]) + 5e-7
        box = (lon - half * wide, lat - half, lon + half * wide, lat + half)
        if box[0] >= -180 and box[1] >= -90 and box[2] <= 180 and box[3] <= 90:
            yield (float(box[0]), float(box[1]), float(box[2]), float(box[3]))


def outlines(*, seed: int) -> Iterator[BaseGeometry]:
    """Yield the country's outline at about 10,000 vertices, drawn anew and a little elsewhere each time."""
    rng = np.random.default_rng(SEED + seed)
    whole = max(shapely.get_parts(country()), key=shapely.area)
    ring = shapely.get_coordinates(whole)
    while True:
        moved = (ring - ring.mean(axis=0)) * rng.uniform(0.97, 1.03, 2) + ring.mean(axis=0) + rng.uniform(-0.3, 0.3, 2)
        drawn = shapely.Polygon(_rough(moved, rng))
        if drawn.is_valid:
            yield drawn


def with_hits(shape: BaseGeometry, at: Points, hits: int, rng: np.random.Generator) -> BaseGeometry:
    """Return a polygon moved onto a point of the layer and scaled until it holds so many points, within a hundredth."""
    ring = shapely.get_coordinates(shape)
    ring = (ring - ring.mean(axis=0)) / np.ptp(ring, axis=0).max()
    while True:
        here = rng.integers(len(at))
        centre = np.array([at.lon[here], at.lat[here]])
        least, most = 0.0, 60.0
        for _ in range(40):
            size = (least + most) / 2
            found = _count(shapely.Polygon(ring * size + centre), at)
            if abs(found - hits) <= hits // 100:
                return shapely.Polygon(ring * size + centre)
            least, most = (size, most) if found < hits else (least, size)


def centres(at: Points, *, seed: int) -> Iterator[tuple[float, float]]:
    """Yield places near points of the layer, away from 180° and the poles, where every peer is right."""
    rng = np.random.default_rng(SEED + seed)
    while True:
        here = rng.integers(len(at))
        lon, lat = at.lon[here] + rng.normal(0, 1), at.lat[here] + rng.normal(0, 1)
        if abs(lon) < 160 and abs(lat) < 75:
            yield round(float(lon), 6), round(float(lat), 6)


@cache
def _land() -> BaseGeometry:
    known = boundaries.load()
    land = shapely.union_all([known.shape(c.id) for c in known.of_kind("country")], grid_size=1e-6)
    shapely.prepare(land)
    return land


@cache
def _shore() -> Floats:
    return shapely.get_coordinates(shapely.boundary(_land()))


def _rough(ring: Floats, rng: np.random.Generator) -> Floats:
    """Return a closed ring with its edges broken at displaced middles until it has about VERTICES vertices."""
    while len(ring) < VERTICES * 0.75:
        step = np.diff(ring, axis=0)
        aside = np.column_stack([-step[:, 1], step[:, 0]]) * rng.normal(0, 0.06, (len(step), 1))
        broken = np.empty((2 * len(ring) - 1, 2))
        broken[::2], broken[1::2] = ring, ring[:-1] + step / 2 + aside
        ring = broken
    return ring


def _count(shape: BaseGeometry, at: Points) -> int:
    west, south, east, north = shape.bounds
    near = (at.lon >= west) & (at.lon <= east) & (at.lat >= south) & (at.lat <= north)
    shapely.prepare(shape)
    return int(shapely.contains_xy(shape, at.lon[near], at.lat[near]).sum())
