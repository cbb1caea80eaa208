"""Our parts of a Folium map: base map, layers, legend, search, online tiles, and the assets a notebook needs.

Folium and branca compile what an element has rendered a second time as a template. What data our elements render is
therefore base64 (see web.payload), and what is plain text goes in as ``Raw``, which is not compiled again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from branca.element import Element, Figure, MacroElement
from folium import GeoJson, Icon, Map
from folium.map import Layer
from folium.plugins import BeautifyIcon
from jinja2 import Template

from web import assets

Corners = list[tuple[float, float]]
"""South-west and north-east, each latitude first, as Leaflet takes them."""


class Raw(Element):
    """Text that is rendered as it stands."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Raw"
        self._text = text

    def render(self, **_: Any) -> str:
        return self._text


class BaseMap(Layer):
    """Land, borders and names from the shipped boundaries, drawn on canvas; nothing is fetched."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = CorridorAtlas.basemap({{ this.packed|tojson }}, {{ this.options|tojson }});
        {{ this.get_name() }}.addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, packed: str, attribution: str) -> None:
        super().__init__(name="base-map", overlay=False, control=False)
        self._name = "BaseMap"
        self.packed = packed
        self.options = {"attribution": attribution}


class AtlasLayer(Layer):
    """One layer of the atlas with its features, drawn as its declaration says."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = CorridorAtlas.layer({{ this.packed|tojson }});
        {{ this.get_name() }}.addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, layer: str, packed: str) -> None:
        super().__init__(name=layer, overlay=True, control=False)
        self._name = "AtlasLayer"
        self.packed = packed


class Voyages(MacroElement):
    """The ways of a voyage: drawn, and compared in a control of the map, which opens at ``bounds`` where they are given."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = CorridorAtlas.voyages({{ this.packed|tojson }}, {{ this.options|tojson }});
        {{ this.get_name() }}.addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, packed: str, bounds: Corners | None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Voyages"
        self.packed = packed
        self.options = {"position": "topright", "bounds": bounds}


class _Control(MacroElement):
    """A control over atlas layers."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        CorridorAtlas.{{ this.make }}([{% for layer in this.layers %}{{ layer.get_name() }},{% endfor %}],
          {{ this.options|tojson }}).addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )
    make = ""

    def __init__(self, layers: list[AtlasLayer], position: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = type(self).__name__
        self.layers = layers
        self.options = {"position": position}


class Legend(_Control):
    """The legend, which switches layers on and off, and names those that are not drawn."""

    make = "legend"

    def __init__(self, layers: list[AtlasLayer], position: str, absent: str) -> None:
        super().__init__(layers, position)
        self.options["absent"] = absent


class Search(_Control):
    """Search for features by name, in three scripts."""

    make = "search"


class Ask(_Control):
    """Questions to the map's own data: region, box, radius, filters; no server answers them."""

    make = "askPanel"


class Tiles(MacroElement):
    """A switch for online tiles, off until the reader turns it on."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        CorridorAtlas.tiles({{ this.address|tojson }}, {{ this.attribution|tojson }}).addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, address: str, attribution: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Tiles"
        self.address = address
        self.attribution = attribution


class InlineAssets(MacroElement):
    """Every script and style within the figure itself, for a map that is shown outside our pages.

    The other links of Folium's maps (Bootstrap, Font Awesome, Awesome Markers) serve icons: they stay where somebody added
    one, and go where nobody did.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "InlineAssets"

    def render(self, **_: Any) -> str:
        figure = self.get_root()
        assert isinstance(figure, Figure)
        head = figure.header._children
        has_icon = any(isinstance(one, Icon | BeautifyIcon) for one in _descendants(figure))
        for name, _url in (*Map.default_js, *Map.default_css):
            if name in _INLINE:
                head[name] = Raw(_INLINE[name]())
            elif not has_icon:
                head.pop(name, None)
        for name, make in _OURS.items():
            head[name] = Raw(make())
        return ""


def _script(name: str) -> str:
    return f"<script>{assets.inline_script(name)}</script>"


_INLINE: dict[str, Callable[[], str]] = {
    "leaflet": lambda: f"{_script('leaflet.js')}<script>{assets.marker_script()}</script>",
    "jquery": lambda: _script("jquery.js"),
    "leaflet_css": lambda: f"<style>{assets.inline_style('leaflet.css', images=True)}</style>",
}
_OURS: dict[str, Callable[[], str]] = {
    "corridor_style": lambda: f"<style>{assets.inline_style('atlas.css')}</style>",
    "corridor_script": lambda: _script("atlas.js"),
}


def _descendants(element: Element) -> Iterator[Element]:
    for child in element._children.values():
        yield child
        yield from _descendants(child)
        if isinstance(child, GeoJson) and child.marker is not None:  # held aside, rendered within
            yield from _descendants(child.marker)
            yield from filter(None, [getattr(child.marker, "icon", None)])
