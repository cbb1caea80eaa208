"""The shipped boundaries: countries, first-level divisions (admin-1) and Russia's federal districts.

Natural Earth, public domain; how the file is made stands in scripts/build_boundaries.py. The lines are the de facto
ones of Natural Earth and take no side; what is disputed says so where it is shown.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files
from types import MappingProxyType

import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import DataError

_DATA = files("geo") / "data"
_FEATURE, _GEOMETRY = b'{"type":"Feature",', b',"geometry":'
"""Where a feature begins, and where its geometry does, as scripts/build_boundaries.py writes them."""
_COUNTRY = b'"kind":"country"'


@dataclass(frozen=True)
class Region:
    """A named area.

    ``id`` is an ISO 3166-1 alpha-2 or ISO 3166-2 code, or ``<name>-federal-district``; ``kind`` is ``country``,
    ``admin1`` or ``federal-district``; ``codes`` are other codes it answers to, ``names`` other names, ``members`` the
    admin-1 ids of a federal district, ``source`` the data set or the citation.
    """

    id: str
    kind: str
    country: str
    name: str
    name_ru: str
    name_hi: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    source: str
    members: tuple[str, ...] = ()

    def label(self) -> str:
        """Return the name with the code, as errors and lists show it."""
        return f"{self.name} ({self.id})"


@dataclass(frozen=True)
class Boundaries:
    """All regions by id, and their polygons within [-180°, 180°], which are read on first use."""

    regions: Mapping[str, Region]

    @cached_property
    def shapes(self) -> Mapping[str, BaseGeometry]:
        """The polygons by region; a federal district has none of its own."""
        drawn = [r.id for r in self.regions.values() if not r.members]
        whole = shapely.from_geojson(_text().decode())
        return MappingProxyType(dict(zip(drawn, shapely.get_parts(whole), strict=True)))

    def of_kind(self, kind: str) -> list[Region]:
        return [r for r in self.regions.values() if r.kind == kind]

    def shape(self, region: str) -> BaseGeometry:
        """Return a region's polygon; a federal district is the union of its members."""
        members = self.regions[region].members
        return shapely.union_all([self.shapes[m] for m in members]) if members else self.shapes[region]


@cache
def load() -> Boundaries:
    """Return the shipped boundaries, read once; a query by a region's name reads the names only."""
    regions = {r.id: r for r in map(_region, _properties(_text()))}
    for district in _districts():
        unknown = [m for m in district.members if m not in regions]
        if unknown:
            raise DataError(f"federal_districts.csv: {district.name} has unknown members {', '.join(unknown)}.")
        regions[district.id] = district
    for region, also in _other_names().items():
        regions[region] = replace(regions[region], names=(*regions[region].names, *also))
    return Boundaries(MappingProxyType(regions))


def basemap() -> str:
    """Return the packed base map as JSON text: land, borders, disputed lines and labels in the display frame."""
    return (_DATA / "basemap.json").read_text(encoding="utf-8").strip()


def land() -> list[BaseGeometry]:
    """Return the polygons of all countries; the finer divisions, most of the file, are not parsed."""
    features = _text().split(_FEATURE)[1:]
    drawn = [f.partition(_GEOMETRY)[2] for f in features if _COUNTRY in f.partition(_GEOMETRY)[0]]
    shapes = shapely.from_geojson([geometry[: geometry.rindex(b"]}") + 2].decode() for geometry in drawn])
    return list(shapely.get_parts(shapes))


def _text() -> bytes:
    return gzip.decompress((_DATA / "boundaries.geojson.gz").read_bytes())


def _properties(text: bytes) -> list[dict[str, object]]:
    """Return the properties of each feature without parsing its geometry, which is 97 % of the text."""
    # Within a JSON string the quotes of these marks would be escaped: they occur between members only.
    heads = (feature.partition(_GEOMETRY)[0] for feature in text.split(_FEATURE)[1:])
    return [json.loads(b"{" + head + b"}")["properties"] for head in heads]


def _region(p: dict[str, object]) -> Region:
    text = {k: str(p[k]) for k in ("id", "kind", "country", "name", "name_ru", "name_hi")}
    lists = {k: tuple(str(n) for n in p[k]) for k in ("codes", "names")}  # type: ignore[attr-defined]
    return Region(**text, **lists, source=str(p["dataset"]))  # type: ignore[arg-type]


def _other_names() -> dict[str, list[str]]:
    """Return the names by which regions are also known, by region; each has its source in the file."""
    found: dict[str, list[str]] = defaultdict(list)
    with (_DATA / "region_names.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found[row["region"]].append(row["name"])
    return found


def _districts() -> list[Region]:
    with (_DATA / "federal_districts.csv").open(encoding="utf-8") as lines:
        return [
            Region(
                id=row["id"],
                kind="federal-district",
                country="RU",
                name=row["name"],
                name_ru=row["name_ru"],
                name_hi=row["name_hi"],
                codes=(),
                names=(),
                source=row["source"],
                members=tuple(row["members"].split()),
            )
            for row in csv.DictReader(lines)
        ]
