"""The one module that makes Folium maps of a view, and the only place with Folium's latitude–longitude order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
import shapely
from branca.element import CssLink, Element, JavascriptLink
from numpy.typing import NDArray

from geo import boundaries
from geo.antimeridian import FRAME_WEST, frame_lon
from geo.errors import DataError
from layers import Catalog
from layers.catalog import Selection
from web import brought, payload
from web.elements import Ask, AtlasLayer, BaseMap, Corners, InlineAssets, Legend, Search, Tiles, Voyages
from web.settings import Settings
from web.view import View, parse

if TYPE_CHECKING:
    from layers.journeys import Routes

CENTRE = (88.0, 42.0, 3.0)
"""Where a map opens that nobody has moved: longitude, latitude, zoom."""

ATTRIBUTION = "Corridor Atlas · Natural Earth, de facto lines; disputed ones dashed"
_FOLIUM_LINKS = {url for _, url in (*folium.Map.default_js, *folium.Map.default_css)}


@dataclass(frozen=True)
class Parts:
    """A rendered map taken apart, to be composed into a page of ours: the map's element and its script.

    ``layers`` and ``voyages`` name what of the script holds features and ways.
    """

    name: str
    html: str
    script: str
    layers: tuple[str, ...]
    voyages: tuple[str, ...]


def atlas_map(catalog: Catalog, view: View | None = None, *, settings: Settings | None = None) -> folium.Map:
    """Return a view as an ordinary Folium map, for a notebook or for further Folium layers.

    Longitudes run from -30 to 330 on it, so that the Bering Sea is whole: add 360 to one west of -30.
    """
    chosen = view or parse({}, catalog)
    made = _make(catalog, chosen, settings or Settings(), controls=True)
    made.add_child(InlineAssets(), index=0)
    return made


def parts(catalog: Catalog, view: View, *, settings: Settings | None = None, controls: bool) -> Parts:
    """Return a view's map taken apart, the same text for the same release and view."""
    made = _make(catalog, view, settings or Settings(), controls=controls)
    _number(made)
    figure: Any = made.get_root()
    made.render()  # type: ignore[no-untyped-call]
    for child in figure.header._children.values():
        if isinstance(child, JavascriptLink | CssLink) and child.url not in _FOLIUM_LINKS:
            raise DataError(f"The map would fetch {child.url}, which no page of ours may do.")
    layers, ways = (
        tuple(c.get_name() for c in made._children.values() if isinstance(c, kind)) for kind in (AtlasLayer, Voyages)
    )
    return Parts(made.get_name(), figure.html.render(), figure.script.render(), layers, ways)


def _make(catalog: Catalog, view: View, settings: Settings, *, controls: bool) -> folium.Map:
    selections = view.drawn(catalog)
    routes = view.routes(catalog)
    made = _empty(view, selections)
    BaseMap(payload.pack_text(boundaries.basemap().encode()), ATTRIBUTION).add_to(made)
    layers = [AtlasLayer(s.layer.id, payload.pack(payload.layer(s, catalog))) for s in selections]
    # Lines first, so that no line covers a point.
    for layer in sorted(layers, key=lambda one: catalog.layer(one.layer_name).about["geometry"] != "line"):
        layer.add_to(made)
    if settings.tiles:
        Tiles(settings.tiles, settings.tiles_attribution).add_to(made)
    if routes:
        from web import voyages  # noqa: PLC0415  most maps have no voyage

        # How much of the map the table of the ways covers is known in the browser, which then fits them beside it.
        bounds = None if view.at or view.question.spatial else _sailed(routes)
        Voyages(payload.pack(voyages.kept(routes, catalog)), bounds).add_to(made)
    if controls:
        Search(layers, "topleft").add_to(made)
        Ask(layers, "topleft").add_to(made)
        Legend(layers, "topright", payload.pack([brought.left_out(s) for s in view.left_out(catalog)])).add_to(made)
    return made


def _empty(view: View, selections: list[Selection]) -> folium.Map:
    lon, lat, zoom = view.at or CENTRE
    made = folium.Map(
        location=(lat, frame_lon(lon)),
        zoom_start=zoom,  # type: ignore[arg-type]  # Leaflet takes fractions
        tiles=None,
        min_zoom=1,
        max_zoom=14,
        min_lat=-85,
        max_lat=85,
        min_lon=FRAME_WEST,
        max_lon=FRAME_WEST + 360,
        max_bounds=True,
        world_copy_jump=False,
        zoom_snap=0.25,
        control_scale=True,
    )
    box = None if view.at or not view.question.spatial else _extent(selections)
    if box is not None:
        made.fit_bounds(box, padding=(40, 40), max_zoom=8)
    return made


def _extent(selections: list[Selection]) -> Corners | None:
    """Return the corners, as Folium takes them, of all points of an answer, or None where it has none."""
    points = [s.layer.bounds[s.rows] for s in selections if len(s) and s.layer.about["geometry"] == "point"]
    if not points:
        return None
    return _corners(np.vstack(points)[:, :2])


def _sailed(routes: Routes) -> Corners:
    """Return the corners of all ways and of their two ends."""
    ends = [routes.voyage.start.place, routes.voyage.end.place]
    return _corners(np.vstack([ends, *(shapely.get_coordinates(journey.line) for journey in routes.journeys)]))


def _corners(places: NDArray[np.float64]) -> Corners:
    """Return the corners of places, given by longitude and latitude, as Folium takes them."""
    lon, lat = [frame_lon(x) for x in places[:, 0].tolist()], places[:, 1]
    return [(float(lat.min()), min(lon)), (float(lat.max()), max(lon))]


def _number(element: Element) -> None:
    """Give every element of a map a number for its random id, so that the same map is the same text."""
    queue, count = [element.get_root()], 0
    while queue:
        one = queue.pop(0)
        one._id = f"{count}"
        count += 1
        queue.extend(one._children.values())
