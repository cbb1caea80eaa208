"""To which named regions a feature belongs, decided once, when a release is built.

A place belongs to one country and one admin-1: the polygon it lies in, else the nearest within 25 km, since a port stands in
the sea of a generalised coastline. It is a certain member where no other region of the kind lies within ``accuracy_km``,
else a possible one. A line belongs to every region that it meets and to those of its ends.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from geo import boundaries, measure
from geo.boundaries import Boundaries, Region

REACH_KM = 25.0
_REACH_DEG = 0.3  # of latitude; REACH_KM and a little more


@dataclass(frozen=True)
class Membership:
    """What was decided for one feature: region ids, those of them that are only possible, country and admin-1."""

    regions: frozenset[str]
    possible: frozenset[str]
    country: str = ""
    admin1: str = ""


class Decider:
    """Decides membership in the shipped boundaries."""

    def __init__(self, shipped: Boundaries | None = None) -> None:
        self._shipped = shipped or boundaries.load()
        self._frames = {kind: self._frame(kind) for kind in ("country", "admin1")}
        self.divided = frozenset(r.country for r in self._shipped.of_kind("admin1"))
        self._districts = self._shipped.of_kind("federal-district")

    def place(self, lon: float, lat: float, accuracy_km: float) -> Membership:
        """Return where a place belongs."""
        country, doubtful = self._nearest("country", lon, lat, accuracy_km, None)
        if not country:
            return Membership(frozenset(), frozenset())
        admin1, unsure = "", False
        if country in self.divided:
            admin1, unsure = self._nearest("admin1", lon, lat, accuracy_km, country)
        found = {country: doubtful, admin1: unsure or doubtful}
        found |= {d.id: self._unsure_of(d, lon, lat, accuracy_km) for d in self._districts if admin1 in d.members}
        found.pop("", None)
        return Membership(frozenset(found), frozenset(r for r, doubt in found.items() if doubt), country, admin1)

    def line(self, line: BaseGeometry, ends: Iterable[frozenset[str]]) -> Membership:
        """Return where a line belongs, given the regions of its ends."""
        met = {
            str(frame.loc[i, "id"]) for frame in self._frames.values() for i in frame.sindex.query(line, predicate="intersects")
        }
        met |= {d.id for d in self._districts if met & set(d.members)}
        return Membership(frozenset(met.union(*ends)), frozenset())

    def _frame(self, kind: str) -> gpd.GeoDataFrame:
        regions = self._shipped.of_kind(kind)
        rows = {"id": [r.id for r in regions], "country": [r.country for r in regions]}
        return gpd.GeoDataFrame(rows, geometry=[self._shipped.shapes[r.id] for r in regions], crs="OGC:CRS84")

    def _nearest(self, kind: str, lon: float, lat: float, accuracy_km: float, country: str | None) -> tuple[str, bool]:
        """Return the region of a kind that a place belongs to, "" for none, and whether another could claim it."""
        reach = max(REACH_KM, accuracy_km)
        away = sorted((km, r, owner) for r, km, owner in self._around(kind, lon, lat, reach))
        own = [(km, r) for km, r, owner in away if km <= REACH_KM and country in (None, owner)]
        if not own:
            return "", False
        others = [km for km, r, _ in away if r != own[0][1]]
        return own[0][1], any(km <= accuracy_km for km in others)

    def _around(self, kind: str, lon: float, lat: float, reach_km: float) -> list[tuple[str, float, str]]:
        frame = self._frames[kind]
        near = frame.iloc[frame.sindex.query(_window(lon, lat, reach_km), predicate="intersects")]
        found = ((str(r.id), measure.separation_km(lon, lat, r.geometry), str(r.country)) for r in near.itertuples())
        return [row for row in found if row[1] <= reach_km]

    def _unsure_of(self, district: Region, lon: float, lat: float, accuracy_km: float) -> bool:
        near = self._around("admin1", lon, lat, accuracy_km)
        return any(r not in district.members for r, _, _ in near)


def _window(lon: float, lat: float, reach_km: float) -> BaseGeometry:
    """Return a box, in two parts across 180°, that surely holds everything within reach of a place."""
    high = _REACH_DEG * reach_km / REACH_KM
    south, north = max(lat - high, -90.0), min(lat + high, 90.0)
    poleward = max(abs(south), abs(north))
    wide = 180.0 if poleward > 89 else min(180.0, high / math.cos(math.radians(poleward)))
    boxes = [shapely.box(lon - wide + turn, south, lon + wide + turn, north) for turn in (-360, 0, 360)]
    return shapely.intersection(shapely.union_all(boxes), shapely.box(-180, -90, 180, 90))
