"""The one object that the web, the command line and notebooks ask: layers, features, regions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import platformdirs
import shapely

from geo import areas, names, regions
from geo.areas import Area
from geo.boundaries import Region
from geo.errors import InputError, UnknownError
from geo.regions import Match
from layers.query import Question
from layers.release import Release, StoredLayer
from layers.stores.base import Store
from layers.stores.files import FileStore

if TYPE_CHECKING:
    import geopandas as gpd

CERTAIN, POSSIBLE = "certain", "possible"


def home() -> Path:
    """Return the folder of releases: ``CORRIDOR_HOME``, else the platform's folder for user data."""
    return Path(os.environ.get("CORRIDOR_HOME") or platformdirs.user_data_dir("corridor-atlas"))


@dataclass(frozen=True)
class Selection:
    """The answer to a question: positions in a layer, in the order of ids, and how sure each member is.

    ``membership`` is empty where no region was asked for; ``matched`` counts all hits, ``positions`` those within the limit.
    """

    layer: StoredLayer
    positions: tuple[int, ...]
    membership: tuple[str, ...]
    matched: int

    def __len__(self) -> int:
        return len(self.positions)

    def texts(self) -> Iterator[bytes]:
        """Yield each feature as GeoJSON text, with ``membership`` where a region was asked for."""
        for i, position in enumerate(self.positions):
            text = self.layer.text(position)
            # A stored feature ends with its properties, so that the answer's own property can be set behind them.
            yield text[:-2] + b',"membership":"%b"}}' % self.membership[i].encode() if self.membership else text

    def features(self) -> Iterator[dict[str, Any]]:
        """Yield each feature as GeoJSON."""
        for i, position in enumerate(self.positions):
            feature = self.layer.feature(position)
            if self.membership:
                feature["properties"]["membership"] = self.membership[i]
            yield feature

    def frame(self) -> gpd.GeoDataFrame:
        """Return the features as a GeoDataFrame in CRS84, indexed by id."""
        import geopandas as gpd  # noqa: PLC0415  the path of a web answer must not load it

        found = list(self.features())
        columns = ["name"] if not found else list(found[0]["properties"])
        rows = [f["properties"] for f in found]
        shapes = shapely.from_geojson([_dumps(f["geometry"]) for f in found])
        frame = gpd.GeoDataFrame(rows, columns=columns, geometry=shapes, crs="OGC:CRS84", index=[f["id"] for f in found])
        frame.index.name = "id"
        return frame


class Catalog:
    """Layers, features and regions of the current release of a store."""

    def __init__(self, store: Store, release: Release) -> None:
        self._store = store
        self.release = release

    @classmethod
    def open(cls, folder: Path | None = None) -> Catalog:
        """Open the current release below a folder, by default ``home()``.

        Raises
        ------
        DataError
            If nothing was built there yet.
        """
        store = FileStore(folder or home())
        return cls(store, store.current())

    def newest(self) -> Catalog:
        """Return a catalog of the release that is current now; this one where nothing has changed."""
        release = self._store.current()
        return self if release is self.release else Catalog(self._store, release)

    @property
    def layers(self) -> list[StoredLayer]:
        """The layers, in the order of the atlas."""
        return list(self.release.layers.values())

    @property
    def sources(self) -> dict[str, dict[str, str]]:
        """Every citation by id."""
        return self.release.sources

    def layer(self, layer: str) -> StoredLayer:
        """Return a layer by its id, or raise an error that offers the nearest."""
        return self.release.layer(layer)

    def region(self, text: str) -> Region:
        """Return the region that a name or code means, or raise an error that helps."""
        return regions.gazetteer().resolve(text)

    def find_regions(self, text: str, *, limit: int = 8) -> list[Match]:
        """Return regions by a name in any of three scripts, misspelt or begun, best first."""
        return regions.gazetteer().search(text, limit=limit)

    def query(
        self,
        layer: str,
        *,
        region: str | None = None,
        bbox: str | None = None,
        near: str | None = None,
        radius: str | None = None,
        polygon: areas.Shape | None = None,
        limit: int | None = None,
    ) -> gpd.GeoDataFrame:
        """Return a layer's features that lie in a region, as a GeoDataFrame in CRS84 indexed by id.

        Raises
        ------
        InputError
            If a word of the question is unknown or malformed; every fault is said.
        """
        return self.select(layer, Question(region, bbox, near, radius, polygon, limit)).frame()

    def select(self, layer: str, question: Question) -> Selection:
        """Return the features of a layer that answer a question."""
        stored = self.layer(layer)
        hits = self._hits(stored, question)
        within = hits[question.offset :][: question.limit]
        sure = tuple(m for _, m in within) if question.spatial else ()
        return Selection(stored, tuple(p for p, _ in within), sure, len(hits))

    def place(self, text: str) -> tuple[float, float]:
        """Return where a named feature, a feature id or ``lon,lat`` is; ports are searched first.

        Raises
        ------
        UnknownError
            If no feature has that name; the message offers the nearest.
        """
        position = areas.parse_position(text)
        if position is not None:
            return position
        found = self._named(text)
        if len(set(found)) > 1:
            raise InputError(f"{text!r} means more than one place. Give layer/id or lon,lat.")
        if not found:
            raise UnknownError(f"No place is called {text!r}. {self._offer(text)}")
        return found[0]

    def _hits(self, layer: StoredLayer, question: Question) -> list[tuple[int, str]]:
        if question.region is not None:
            certain, possible = layer.members.get(self.region(question.region).id, ([], []))
            return sorted([(p, CERTAIN) for p in certain] + [(p, POSSIBLE) for p in possible])
        if not question.spatial:
            return [(p, CERTAIN) for p in range(len(layer))]
        area = question.box() if question.near is None else question.circle(self.place(question.near))
        assert area is not None  # a spatial question without region or place has a box or polygon
        return list(_in_area(layer, area))

    def _named(self, text: str) -> list[tuple[float, float]]:
        wanted, plain = names.full_key(text), text.strip().casefold()
        ordered = sorted(self.layers, key=lambda one: one.id != "ports")
        for layer in (one for one in ordered if one.about["geometry"] == "point"):
            found = []
            for i in range(len(layer)):
                p = layer.feature(i)["properties"]
                keys = {names.full_key(p[k]) for k in ("name", "name_ru", "name_hi") if p[k]}
                if (wanted and wanted in keys) or plain in (layer.ids[i], f"{layer.id}/{layer.ids[i]}"):
                    found.append((float(layer.bounds[i, 0]), float(layer.bounds[i, 1])))
            if found:
                return found
        return []

    def _offer(self, text: str) -> str:
        known = {names.full_key(f): f for one in self.layers if one.about["geometry"] == "point" for f in _display_names(one)}
        near = get_close_matches(names.full_key(text), known, n=3, cutoff=0.6)
        return f"Did you mean {' or '.join(known[k] for k in near)}?" if near else "Give a port, another feature or lon,lat."


def _in_area(layer: StoredLayer, area: Area) -> Iterator[tuple[int, str]]:
    if layer.about["geometry"] == "point":
        lon, lat = layer.bounds[:, 0], layer.bounds[:, 1]
        for i in np.flatnonzero(area.contains(lon, lat)).tolist():
            accuracy = float(layer.feature(i)["properties"]["accuracy_km"])
            sure = area.margin_km(float(lon[i]), float(lat[i])) >= accuracy
            yield i, CERTAIN if sure else POSSIBLE
        return
    for i in range(len(layer)):
        if area.intersects(shapely.from_geojson(_dumps(layer.feature(i)["geometry"]))):
            yield i, CERTAIN


def _display_names(layer: StoredLayer) -> list[str]:
    return [str(layer.feature(i)["properties"]["name"]) for i in range(len(layer))]


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()
