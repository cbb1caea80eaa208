"""Hostile rows are text: on the server, in the page, in the export; popups opened, names searched."""

import csv
import io
import re
from pathlib import Path

import pytest

from tests.browser.conftest import serve
from tests.conftest import HOSTILE, World
from web import export, maps
from web.app import create_app
from web.view import parse

pytestmark = pytest.mark.browser
STRANGE = (
    *HOSTILE,
    "{% raw %}",
    "{{ cycler.__init__.__globals__.os.getcwd() }}",
    "=HYPERLINK(1)",
    "' onmouseover='alert(1)",
    "`",
    "\u202etxt.exe",
    "☃" * 300,
)


def quoted(text):
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([text])
    return out.getvalue()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A world with hostile text wherever rows and declarations can carry text."""
    root = tmp_path_factory.mktemp("hostile")
    world = World(root / "world")
    for i, text in enumerate(STRANGE):
        q = quoted(text)
        world.add("sources.csv", f"h{i},{q},{q},2024,https://example.org/{i},2026-01-01,{q},{q}\n")
        world.add("ports/features.csv", f"h{i},{q},,,,,{130 + i},{43 + i / 4},1,h{i},{q},RU,,yes\n")
        world.add("ports/claims.csv", f"h{i},operator,{q},,{q},2024,h{i},{q}\n")
    layer = world.root / "ports/layer.toml"
    text = layer.read_text(encoding="utf-8")
    for field in ("en", "ru", "hi"):
        text = re.sub(rf'^{field} = ".*"$', f"{field} = '''{HOSTILE[3]}{HOSTILE[0]}'''", text, flags=re.M)
    layer.write_text(text, encoding="utf-8")
    return world.build(root / "home"), root / "home"


def test_no_template_runs_on_the_server(hostile):
    catalog, _ = hostile
    view = parse({}, catalog)
    notebook = maps.atlas_map(catalog, view).get_root().render()
    for text in (maps.parts(catalog, view, controls=True).script, export.html(catalog, view).decode(), notebook):
        assert str(Path.cwd()) not in text  # what the template would have printed
        assert "__globals__" not in text
    page = create_app(catalog).test_client().get("/").text
    assert "<img src=x" not in page
    assert "<script>alert(1)</script>" not in page


OPENED = """(name) => [...document.querySelectorAll('.leaflet-popup h3')].some((e) => e.textContent === name)"""
# Everything that is shown of a feature: the popup, and the card in the panel where there is one.
CARD = """(name) => {
  const cards = [...document.querySelectorAll('.ca-popup')].filter((e) => e.querySelector('h3').textContent === name);
  return {
    text: cards.map((e) => e.textContent).join('\\n'),
    titles: cards.flatMap((card) => [...card.querySelectorAll('[title]')].map((e) => e.title)).join('\\n'),
    wild: cards.reduce((sum, card) => sum + card.querySelectorAll('img, script, [onerror]').length, 0),
  };
}"""


def centre(page, key):
    """Bring a port to the middle of the map and return where the pointer finds it."""
    return page.evaluate(
        """async (id) => {
          const group = Object.values(window).find((v) => v && v.marks instanceof Map && v.marks.has(id));
          await group.ready;
          const mark = group.marks.get(id)[0];
          group._map.closePopup();
          group._map.setView(mark.getLatLng(), 9, {animate: false});
          const box = mark.getElement().getBoundingClientRect();
          return [box.x + box.width / 2, box.y + box.height / 2];
        }""",
        key,
    )


def walk(page):
    """Hover and click every hostile port with the mouse, see its name in the tooltip, and return what its popup showed."""
    shown = []
    for i, text in enumerate(STRANGE):
        x, y = centre(page, f"h{i}")
        page.mouse.move(x, y + 60)
        page.mouse.move(x, y)
        page.wait_for_function(
            "(t) => [...document.querySelectorAll('.leaflet-tooltip.ca-tip')].some((tip) => tip.textContent === t)", arg=text
        )
        page.mouse.click(x, y)
        page.wait_for_function(OPENED, arg=text)
        shown.append(page.evaluate(CARD, text))
    page.wait_for_timeout(300)
    return shown


def find(page, field):
    """Search for every hostile name as it stands and take it from the list with the mouse."""
    for text in STRANGE:
        page.fill(field, text)
        option = page.locator(f"{field} ~ [role=listbox] [role=option]", has_text=text).first
        option.wait_for(state="visible")
        assert option.locator("img, script").count() == 0
        option.click()
        page.wait_for_function(OPENED, arg=text)


def checked(page, seen):
    for text, one in zip(STRANGE, walk(page), strict=True):
        assert one["wild"] == 0
        # As name, operator, category, note and publisher; the source's title stands in the citation.
        assert one["text"].count(text) >= 4, text
        assert text in one["text"] + one["titles"]
    assert seen.dialogs == []
    assert page.evaluate("document.querySelectorAll('img[src=x], [onerror]').length") == 0


def test_hostile_text_is_text_in_the_explorer(watched, hostile):
    process, address = serve(hostile[1])
    try:
        seen = watched(own=address)
        page = seen.open(address + "/")
        checked(page, seen)
        assert (
            HOSTILE[3] + HOSTILE[0]
            in page.locator(".ca-layer label").first.inner_text() + page.locator(".ca-layer label").nth(1).inner_text()
        )
        find(page, "#search")
        page.goto(address + "/?region=RU")
        page.wait_for_selector(".results h2")
        seen.check()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def test_hostile_text_is_text_in_the_export(watched, hostile, tmp_path):
    path = tmp_path / "map.html"
    path.write_bytes(export.html(hostile[0], parse({}, hostile[0]), title=HOSTILE[3]))
    seen = watched(own=path.as_uri(), offline=True)
    page = seen.open(path.as_uri(), ".ca-point")
    checked(page, seen)
    find(page, ".ca-search input")
    assert page.locator("h1").inner_text() == HOSTILE[3]
    assert seen.errors == []
    assert page.evaluate("violations") == []


def test_the_defence_is_what_holds(watched, hostile, tmp_path):
    """With text set as markup instead, the same rows do run: the tests above can fail."""
    from web import assets

    weak = assets.inline_script("atlas.js").replace(".textContent=String(", ".innerHTML=String(")
    assert weak != assets.inline_script("atlas.js")
    page_text = export.html(hostile[0], parse({}, hostile[0])).decode()
    page_text = page_text.replace(assets.inline_script("atlas.js"), weak)
    page_text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page_text)
    path = tmp_path / "weak.html"
    path.write_text(page_text, encoding="utf-8")
    seen = watched(own=path.as_uri(), offline=True)
    page = seen.open(path.as_uri(), ".ca-point")
    x, y = centre(page, f"h{STRANGE.index(HOSTILE[2])}")
    page.mouse.move(x, y)
    page.mouse.click(x, y)
    page.wait_for_timeout(500)
    assert seen.dialogs


def test_what_a_spreadsheet_would_run_is_text_in_csv(hostile):
    answer = create_app(hostile[0]).test_client().get("/collections/ports/items?f=csv")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert {r["name"] for r in rows} >= {"'=HYPERLINK(1)", HOSTILE[2]}
    assert all(not v.startswith(("=", "+", "@")) for r in rows for v in r.values())
