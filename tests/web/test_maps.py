import folium
import pytest

from geo.boundaries import load
from geo.errors import DataError, InputError
from geo.regions import gazetteer
from layers.query import Question
from web import assets, maps, payload, settings
from web.view import View, parse


def test_a_view_is_an_ordinary_folium_map_that_takes_further_layers(atlas):
    made = maps.atlas_map(atlas, parse({"region": "RU-CHU"}, atlas))
    assert isinstance(made, folium.Map)
    folium.Marker((66.3, 180.9), popup="mine").add_to(made)
    html = made.get_root().render()
    assert "CorridorAtlas=" in html
    assert html.count("CorridorAtlas.layer(") == 5
    assert "mine" in html
    assert made._repr_html_().startswith("<div")


def test_our_assets_stand_behind_leaflet_in_a_notebook(atlas):
    html = maps.atlas_map(atlas).get_root().render()
    assert html.index("L.Icon.Default.imagePath=") < html.index("CorridorAtlas=")


def test_the_same_view_is_the_same_script(atlas):
    view = parse({}, atlas)
    assert maps.parts(atlas, view, controls=True) == maps.parts(atlas, view, controls=True)


def test_icons_keep_the_links_that_draw_them(atlas):
    from folium.plugins import BeautifyIcon

    view = parse({"layers": "ports"}, atlas)
    spot = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [100, 50]}}
    held = folium.GeoJson({"type": "FeatureCollection", "features": [spot]}, marker=folium.Marker(icon=folium.Icon()))
    for child in (held, folium.Marker((50, 100), icon=BeautifyIcon(icon="ship"))):
        made = maps.atlas_map(atlas, view)
        child.add_to(made)
        assert "fontawesome" in made.get_root().render()


def test_a_map_that_would_fetch_from_elsewhere_is_refused(atlas, monkeypatch):
    original = maps._make

    def with_plugin(*args, **kwargs):
        made = original(*args, **kwargs)
        folium.plugins.Fullscreen().add_to(made)
        return made

    import folium.plugins

    monkeypatch.setattr(maps, "_make", with_plugin)
    with pytest.raises(DataError, match="The map would fetch"):
        maps.parts(atlas, parse({}, atlas), controls=False)


def test_pages_carry_no_address_of_another_host_to_fetch_from(atlas):
    made = maps.parts(atlas, parse({}, atlas), controls=True)
    assert "://" not in made.script + made.html


def test_packed_text_is_only_letters_that_no_template_takes_for_its_own():
    packed = payload.pack({"name": "{{ 7*7 }}</script>"})
    assert set(packed) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")


def test_the_browser_is_given_the_regions_of_its_features_with_their_members(atlas):
    given = payload.layer(atlas.select("ports", Question(region="RU-PRI")), atlas)
    ids = [f["id"] for f in given["features"]]
    for code in ("RU", "RU-PRI", "far-eastern-federal-district"):
        certain, possible = given["regions"][code]["members"]
        inside = atlas.select("ports", Question(region=code))
        sure = dict(zip(inside.ids, inside.membership, strict=True))
        assert {ids[i]: "certain" for i in certain} | {ids[i]: "possible" for i in possible} == {i: sure[i] for i in ids}
    assert "IN" not in given["regions"]


def test_the_browser_is_given_features_as_they_are_stored(atlas):
    for layer in ("ports", "trade-routes"):
        selection = atlas.select(layer, Question())
        assert payload.layer(selection, atlas)["features"] == list(selection.features())


def test_the_browser_knows_every_region_that_a_feature_names(atlas):
    for layer in atlas.layers:
        given = payload.layer(atlas.select(layer.id, Question()), atlas)
        codes = {f["properties"][k] for f in given["features"] for k in ("country", "admin1")} - {None}
        assert codes <= set(given["regions"])


def test_a_region_is_given_with_its_namesakes_so_that_none_is_taken_for_another(atlas):
    given = payload.layer(atlas.select("ports", Question()), atlas)["regions"]
    assert "members" in given["RU-KHA"]
    assert all("members" in region or gazetteer().namesakes(load().regions[code]) for code, region in given.items())


def test_scripts_can_stand_inside_a_page():
    for name in assets.SCRIPTS:
        assert "</script" not in assets.inline_script(name).lower()
    for name in assets.STYLES:
        assert "</style" not in assets.inline_style(name).lower()
        assert "url(" not in assets.inline_style(name)


def test_a_checkout_that_was_not_installed_says_so():
    with pytest.raises(DataError, match=r"was not installed\. Run 'make serve'"):
        assets.text("no-such-file.js")


def test_a_view_and_its_words_are_one(atlas):
    given = {"layers": "ports,shipyards", "near": "ports/egvekinot", "radius": "500km", "at": "-179.1,66.3,5", "theme": "dark"}
    view = parse(given, atlas)
    assert view.words() == "layers=ports,shipyards&near=ports/egvekinot&radius=500km&at=-179.1,66.3,5&theme=dark"
    assert view.at == (-179.1, 66.3, 5)


def test_layers_are_shown_in_the_order_of_the_atlas(atlas):
    assert parse({"layers": "shipyards,ports"}, atlas).layers == ("ports", "shipyards")


def test_no_layer_at_all_is_a_view_too(atlas):
    view = parse({"layers": "none"}, atlas)
    assert view.layers == ()
    assert view.words() == "layers=none"
    assert "CorridorAtlas.layer(" not in maps.parts(atlas, view, controls=True).script


def test_a_view_is_a_value(atlas):
    assert parse({"region": "RU"}, atlas) == parse({"region": "RU"}, atlas)
    assert isinstance(parse({}, atlas), View)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"CORRIDOR_TILE": "x"}, "CORRIDOR_TILE is not a setting. Did you mean CORRIDOR_TILES"),
        ({"CORRIDOR_TILES": "http://x/{z}/{x}/{y}.png", "CORRIDOR_TILES_ATTRIBUTION": "x"}, "is not an address of tiles"),
        ({"CORRIDOR_TILES": "https://tiles.example/{z}/{x}/{y}.png"}, "needs CORRIDOR_TILES_ATTRIBUTION"),
    ],
)
def test_settings_that_do_not_serve_are_said(environment, said):
    with pytest.raises(InputError, match=said):
        settings.read(environment)


def test_online_tiles_are_there_only_where_they_are_set(atlas):
    chosen = settings.read({"CORRIDOR_TILES": "https://tiles.example/{z}/{x}/{y}.png", "CORRIDOR_TILES_ATTRIBUTION": "Example"})
    assert "CorridorAtlas.tiles(" in maps.parts(atlas, parse({}, atlas), settings=chosen, controls=True).script
    assert "CorridorAtlas.tiles(" not in maps.parts(atlas, parse({}, atlas), controls=True).script


def test_the_policy_lets_in_the_host_of_the_tiles_and_no_other(atlas):
    from web.app import create_app

    chosen = settings.Settings("https://tiles.example/{z}/{x}/{y}.png", "Example")
    policy = create_app(atlas, chosen).test_client().get("/").headers["Content-Security-Policy"]
    assert "img-src 'self' data: blob: https://tiles.example;" in policy
    assert "https" not in create_app(atlas).test_client().get("/").headers["Content-Security-Policy"]
