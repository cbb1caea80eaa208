"""The one object that the web, the command line and notebooks ask: layers, features, regions."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from numpy.typing import NDArray

from geo import areas, names, regions
from geo.boundaries import Region
from geo.errors import Faults, InputError, UnknownError, nearest
from geo.regions import Match
from layers import asking
from layers.index import Part, Rows
from layers.query import Question, sort_key
from layers.release import BETWEEN, CERTAIN, POSSIBLE, Piece, Release, StoredLayer, encode
from layers.stores.base import Store
from layers.stores.files import FileStore

if TYPE_CHECKING:
    from datetime import date as Date  # noqa: N812  the word of every door is date

    import geopandas as gpd

    from layers.exposure import Exposed
    from layers.journeys import Routes


def home() -> Path:
    """Return the folder of releases: ``CORRIDOR_HOME``, else the platform's folder for user data."""
    if given := os.environ.get("CORRIDOR_HOME"):
        return Path(given)
    import platformdirs  # noqa: PLC0415  who names the folder need not wait for it

    return Path(platformdirs.user_data_dir("corridor-atlas"))


@dataclass(frozen=True)
class Selection:
    """The answer to a question: rows of a layer, in the order asked for, and how sure each member is.

    ``doubt`` marks the members that are only possible, None where no region was asked for; ``matched`` counts all hits,
    ``rows`` those within the limit; ``properties`` are those that were asked for, None for all.
    """

    layer: StoredLayer
    rows: Rows
    doubt: NDArray[np.bool_] | None
    matched: int
    properties: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def ids(self) -> list[str]:
        """The ids of the features."""
        return [i.decode() for i in self.layer.index.ids[self.rows].tolist()]

    @property
    def membership(self) -> list[str]:
        """``certain`` or ``possible`` for each feature; nothing where no region was asked for."""
        return [] if self.doubt is None else [POSSIBLE if d else CERTAIN for d in self.doubt.tolist()]

    def text(self) -> bytes:
        """Return the features as GeoJSON texts with a comma and a line end between them, ``membership`` set where asked for."""
        return b"".join(self.pieces())

    def pieces(self) -> list[Piece]:
        """Return the same text in pieces, to be put together once."""
        if self.properties is None:
            return self.layer.pieces(self.rows, self.doubt)
        return [BETWEEN.join(encode(feature) for feature in self.features())]

    def features(self) -> Iterator[dict[str, Any]]:
        """Yield each feature as GeoJSON with the properties asked for."""
        keep = None if self.properties is None else {*self.properties, "membership"}
        for feature in self.whole():
            if keep is not None:
                feature["properties"] = {k: v for k, v in feature["properties"].items() if k in keep}
            yield feature

    def whole(self) -> Iterator[dict[str, Any]]:
        """Yield each feature as GeoJSON with all its properties."""
        for row, sure in zip_longest(self.rows.tolist(), self.membership):
            feature = self.layer.feature(row)
            if sure:
                feature["properties"]["membership"] = sure
            yield feature

    def cited(self, release: Release) -> dict[str, dict[str, str]]:
        """Return the citations that the features name, by id."""
        known = release.source_ids
        return {s: release.sources[s] for s in sorted(known[n] for n in self.layer.index.cited(self.rows))}

    def frame(self) -> gpd.GeoDataFrame:
        """Return the features as a GeoDataFrame in CRS84, indexed by id."""
        import geopandas as gpd  # noqa: PLC0415  the path of a web answer must not load it

        found = list(self.features())
        given = self.layer.about["properties"]
        columns = [c for c in given if self.properties is None or c in self.properties]
        columns += [] if self.doubt is None else ["membership"]
        rows = [f["properties"] for f in found]
        shapes = self.layer.index.shapes(self.rows)
        frame = gpd.GeoDataFrame(rows, columns=columns, geometry=shapes, crs="OGC:CRS84", index=[f["id"] for f in found])
        frame.index.name = "id"
        return frame


class Catalog:
    """Layers, features and regions of the current release of a store."""

    def __init__(self, store: Store, release: Release) -> None:
        self._store = store
        self.release = release

    @classmethod
    def open(cls, folder: Path | str | None = None) -> Catalog:
        """Open the current release below a folder, by default ``home()``.

        Raises
        ------
        DataError
            If nothing was built there yet.
        """
        store = FileStore(Path(folder) if folder else home())
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
        return regions.resolve(text)

    def find_regions(self, text: str, *, limit: int = 8) -> list[Match]:
        """Return regions by a name in any of three scripts, misspelt or begun, best first."""
        return regions.gazetteer().search(text, limit=limit)

    def query(
        self,
        layer: str,
        *,
        region: str | Region | None = None,
        bbox: asking.Numbers | None = None,
        near: asking.Numbers | None = None,
        radius: str | None = None,
        polygon: asking.Polygon | None = None,
        filter: asking.Condition | None = None,  # noqa: A002  the same word in every door
        datetime: asking.Times | None = None,
        sortby: asking.Names | None = None,
        properties: asking.Names | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> gpd.GeoDataFrame:
        """Return a layer's features that answer a question, as a GeoDataFrame in CRS84 indexed by id.

        Every word takes the text that the other doors take, or a value of Python's: ``bbox=(129, 42, 137, 47)``,
        ``near=(131.9, 43.1), radius="300km"``, ``sortby=["-name"]``, ``properties=["name"]``. ``polygon`` is a shape of
        shapely, GeoJSON as a dictionary, the path of a GeoJSON file, or an area; ``filter`` CQL2 as a text, or as JSON in a
        dictionary; ``datetime`` a date, a datetime with its zone, or a pair of them with None for an open end.

        Raises
        ------
        InputError
            If a word of the question is unknown or malformed; every fault is said.
        """
        words: dict[str, Any] = {"region": region, "bbox": bbox, "near": near, "radius": radius, "polygon": polygon}
        words |= {"filter": filter, "datetime": datetime, "sortby": sortby, "properties": properties}
        fault = Faults()
        stored = fault.attempt(lambda: self.layer(asking.layer_id(layer)))
        question = fault.attempt(asking.read, {**words, "limit": limit, "offset": offset})
        if stored is not None and question is not None:
            self.check(stored, question, fault)
        fault.throw()
        assert question is not None  # or its faults were thrown
        return self.select(layer, question).frame()

    def check(self, layer: StoredLayer, question: Question, fault: Faults) -> None:
        """Gather every name of a question that leads nowhere: properties of a layer, a region, a place."""
        fault.attempt(check, layer, question)
        if question.region is not None:
            fault.attempt(self.region, question.region)
        if question.near is not None:
            fault.attempt(self.place, question.near)

    def select(self, layer: str, question: Question) -> Selection:
        """Return the features of a layer that answer a question.

        Raises
        ------
        InputError
            If the question names a region, a place or a property that is not there; every fault is said.
        """
        stored = self.layer(layer)
        if question.narrowed or question.sortby or question.properties is not None:
            check(stored, question)
        if not (question.spatial or question.narrowed or question.sortby):
            return Selection(stored, _page(stored, question), None, len(stored), question.properties)
        rows, doubt = self._hits(stored, question)
        if question.narrowed:
            kept = _narrowed(stored, question, rows)
            rows, doubt = rows[kept], None if doubt is None else doubt[kept]
        if question.sortby:
            order = stored.index.columns.order(rows, question.sortby)
            rows, doubt = rows[order], None if doubt is None else doubt[order]
        matched = len(rows)
        if question.limit is not None or question.offset:
            part = slice(question.offset, None if question.limit is None else question.offset + question.limit)
            rows, doubt = rows[part], None if doubt is None else doubt[part]
        return Selection(stored, rows, doubt, matched, question.properties)

    def route(
        self,
        start: str,
        end: str,
        *,
        close: Iterable[str] = (),
        avoid: Iterable[str] = (),
        open: Iterable[str] = (),  # noqa: A002  the same word in every door
        date: str | Date | None = None,
        ice_class: str | None = None,
        draught_m: float | str | None = None,
        speed_kn: float | str | None = None,
        alternatives: int | str | None = None,
    ) -> Routes:
        """Return the ways by sea between two ends, best first; none, with the ``reason``, where the closures leave none.

        An end is a port's name or id, ``layer/id`` or ``lon,lat``; ``close`` and ``open`` are passages by id or name, ``avoid``
        regions whose waters to keep out of. ``alternatives`` asks for so many ways that differ in the passages they use.

        Raises
        ------
        InputError
            If a word is unknown or out of its range; every fault is said.
        """
        from layers import journeys, voyages  # noqa: PLC0415  who asks for features needs no network

        voyage = voyages.read(
            self,
            start,
            end,
            close=close,
            open=open,
            avoid=avoid,
            date=date,
            ice_class=ice_class,
            draught_m=draught_m,
            speed_kn=speed_kn,
            alternatives=alternatives,
        )
        return journeys.answer(self, voyage)

    def exposure(self) -> tuple[Exposed, ...]:
        """Return every passage with what its closing costs each trade route that passes it."""
        from layers import exposure  # noqa: PLC0415  as above

        return exposure.table(self)

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

    def _hits(self, layer: StoredLayer, question: Question) -> tuple[Rows, NDArray[np.bool_] | None]:
        """Return the rows that answer, ascending, and which of them are only possible members."""
        if question.region is not None:
            return layer.index.in_region(self.region(question.region).id)
        if not question.spatial:
            return np.arange(len(layer), dtype=np.int32), None
        area = question.box if question.near is None else question.circle(self.place(question.near))
        assert area is not None  # a spatial question without region or place has a box or polygon
        return layer.index.within(area)

    @property
    def _named_layers(self) -> list[StoredLayer]:
        # What users brought has names of its own kind, or a million of them: its features are places by layer/id.
        return [one for one in self.layers if one.about["geometry"] == "point" and not one.about["imported"]]

    def _named(self, text: str) -> list[tuple[float, float]]:
        wanted, plain = names.full_key(text), text.strip().casefold()
        addressed, _, feature = text.strip().partition("/")
        if addressed in self.release.layers and (row := self.layer(addressed).index.row(feature)) is not None:
            west, south, east, north = self.layer(addressed).bounds[row].tolist()
            return [(west, south)] if (west, south) == (east, north) else []
        for layer in sorted(self._named_layers, key=lambda one: one.id != "ports"):
            rows = {row for key in (wanted, f"={plain}") if key for row in layer.called.get(key, ())}
            if rows:
                return [(float(layer.bounds[row, 0]), float(layer.bounds[row, 1])) for row in sorted(rows)]
        return []

    def _offer(self, text: str) -> str:
        known = {names.full_key(f): f for one in self._named_layers for f in _display_names(one)}
        near = get_close_matches(names.full_key(text), known, n=3, cutoff=0.6)
        return f"Did you mean {' or '.join(known[k] for k in near)}?" if near else "Give a port, another feature or lon,lat."


def check(layer: StoredLayer, question: Question) -> None:
    """Hold the properties that a question names against those that a layer has.

    Raises
    ------
    InputError
        With every name that the layer lacks.
    """
    fault = Faults()
    queryables = layer.about["queryables"]
    if question.filter is not None:
        fault.attempt(question.filter.check, queryables)
    types = {q["id"]: q["type"] for q in queryables}
    for key in question.sortby:
        name = sort_key(key)[0]
        if name not in types:
            fault(f"sortby: {name!r} is not a property of {layer.id}. {nearest(name, types)}")
        elif types[name] == "array":
            fault(f"sortby: {name!r} is a list of values, which has no order. Name another property.")
    for name in question.properties or ():
        if name not in layer.about["properties"] and name != "id":  # which every feature has
            fault(f"properties: {name!r} is not a property of {layer.id}. {nearest(name, layer.about['properties'])}")
    fault.throw()


def _page(layer: StoredLayer, question: Question) -> Rows:
    """Return the rows of a page of a whole layer."""
    begin = min(question.offset, len(layer))
    end = len(layer) if question.limit is None else min(begin + question.limit, len(layer))
    return np.arange(begin, end, dtype=np.int32)


def _narrowed(layer: StoredLayer, question: Question, rows: Rows) -> NDArray[np.bool_]:
    """Return for each of some rows of a layer whether its values and its time answer."""
    kept = np.ones(len(rows), dtype=np.bool_)
    if question.filter is not None:
        # Cutting columns costs more than evaluating a few rows too many.
        few = len(rows) < len(layer) / 2
        kept &= question.filter.mask(Part(layer.index, rows)) if few else question.filter.mask(layer.index)[rows]
    if question.datetime is not None:
        # OGC API Features Part 1, /req/core/fc-time-response: only what has a time that meets the one asked for.
        temporal = layer.about["temporal"]
        if temporal is None:
            return np.zeros(len(rows), dtype=np.bool_)
        begin, end = question.period
        begins, ends = layer.index.columns.times(temporal["start"], temporal["end"], rows)
        kept &= (begins <= end) & (ends >= begin) & (begins <= ends)
    return kept


def _display_names(layer: StoredLayer) -> list[str]:
    return [str(layer.feature(i)["properties"]["name"]) for i in range(len(layer))]


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()
