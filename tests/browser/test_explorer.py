import re

import pytest

pytestmark = pytest.mark.browser
PRIMORYE = ["Vladivostok", "Vostochny", "Nakhodka", "Posyet", "Zarubino", "Olga", "Slavyanka", "Kozmino"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_the_page_asks_nobody_else_and_has_no_fault(watched, server, scheme, size):
    seen = watched(color_scheme=scheme, viewport={"width": size[0], "height": size[1]})
    page = seen.open(server + "/")
    assert page.locator(".ca-point").count() > 200
    assert page.locator(".ca-layer input:checked").count() == 5
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    seen.check()


def test_the_embedded_map_asks_nobody_else_and_has_no_fault(watched, server):
    seen = watched()
    page = seen.open(server + "/embed", ".ca-legend input")
    page.wait_for_selector(".ca-point")
    seen.check()


def test_a_region_query_lists_what_lies_there_and_stays_in_the_address(watched, server):
    seen = watched()
    page = seen.open(server + "/")
    page.get_by_role("tab", name="Region").click()
    page.fill("#region", "Приморский")
    page.wait_for_selector("#region + ul [role=option]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".results h3")
    listed = page.locator(".results .rows button span").all_inner_texts()
    assert set(PRIMORYE) <= set(listed)
    assert "region=RU-PRI" in page.url
    again = seen.open(page.url)
    again.wait_for_selector(".results h3")
    assert again.locator(".results .rows button span").all_inner_texts() == listed
    again.get_by_role("button", name="Clear").click()
    again.wait_for_selector(".results h3", state="detached")
    assert "region" not in again.url
    seen.check()


def test_a_result_opens_its_details_with_value_claims_and_sources(watched, server):
    seen = watched()
    page = seen.open(server + "/?region=RU-PRI")
    page.wait_for_selector(".results h3")
    page.locator(".results .rows button", has_text="Vladivostok").first.click()
    details = page.locator("[data-part=details] .ca-popup")
    assert details.locator("h3").inner_text() == "Vladivostok"
    assert "33.51 Mt/y" in details.inner_text()
    assert details.locator("cite a[href^=http]").count() > 3
    assert "Not reported" in details.inner_text()
    assert "release" in details.locator(".ca-cite").inner_text()
    assert "select=ports/vladivostok" in page.url
    seen.check()


def test_every_number_of_every_feature_page_stands_beside_a_source(watched, server):
    """Every shown value and every other claim is followed by a citation, and every leg says that it is computed."""
    seen = watched()
    page = seen.open(server + "/")
    faults = page.evaluate(
        """() => {
          const bad = [];
          const config = JSON.parse(document.getElementById('config').textContent);
          for (const name of config.layers) {
            const group = window[name];
            for (const feature of group.data.features) {
              const made = CorridorAtlas.popup(feature, group.data);
              for (const b of made.querySelectorAll('dd > b, dd li, .ca-legs li')) {
                const home = b.matches('dd > b') ? b.parentElement : b;
                const cite = home.querySelector(':scope > cite');
                const computed = /computed, release [0-9a-f]{16}/;
                const told = cite && (cite.querySelector('a[href]') || computed.test(cite.textContent));
                if (/[0-9]/.test(b.textContent) && !told) bad.push(feature.id + ': ' + b.textContent);
              }
              const legs = [...made.querySelectorAll('.ca-legs li')];
              if (!legs.every((leg) => leg.textContent.includes('computed'))) bad.push(feature.id);
              const placed = made.querySelector('.ca-place cite a[href]');
              if (feature.geometry.type === 'Point' && !placed) bad.push(feature.id + ': position');
            }
          }
          return bad;
        }"""
    )
    assert faults == []


def test_search_finds_names_in_three_scripts_by_keyboard_alone(watched, server):
    seen = watched()
    page = seen.open(server + "/")
    for text in ("Egvekin", "Эгвекинот", "egwekinot"):
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "search"
        page.keyboard.type(text)
        page.wait_for_selector("#search + ul [role=option]:first-child:has-text('Egvekinot')")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-part=details] h3:text-is('Egvekinot')")
        page.locator("[data-part=details]").evaluate("(e) => e.replaceChildren()")
        page.evaluate("document.activeElement.blur()")
    seen.check()


def test_chukotka_is_whole_and_its_places_stand_east_of_180(watched, server):
    seen = watched()
    page = seen.open(server + "/?select=ports/provideniya")
    assert 180 < page.evaluate("window[JSON.parse(config.textContent).map].getCenter().lng") < 195
    seen.check()


def test_no_line_runs_across_the_map(watched, server):
    page = watched().open(server + "/")
    widest = page.evaluate(
        """() => Math.max(...JSON.parse(config.textContent).layers.flatMap((name) => window[name].data.features)
          .filter((f) => f.geometry.type !== 'Point').flatMap((f) => f.geometry.coordinates)
          .flatMap((part) => part.slice(1).map((p, i) => Math.abs(p[0] - part[i][0]))))"""
    )
    assert widest < 60


def test_a_marker_is_reached_and_opened_by_keyboard(watched, server):
    seen = watched()
    page = seen.open(server + "/?layers=shipyards")
    page.locator(".ca-point").first.focus()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-part=details] .ca-popup")
    seen.check()


def test_switching_a_layer_off_is_kept_in_the_address(watched, server):
    seen = watched()
    page = seen.open(server + "/")
    page.locator("[data-layer=ports]").uncheck()
    assert re.search(r"layers=ree-deposits,shipyards,chokepoints,trade-routes", page.url)
    assert seen.open(page.url).locator(".ca-layer input:checked").count() == 4
    seen.check()


def test_all_layers_off_is_an_address_too(watched, server):
    seen = watched()
    page = seen.open(server + "/")
    for box in page.locator(".ca-layer input").all():
        box.uncheck()
    assert "layers=none" in page.url
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert page.locator(".ca-layer input:checked").count() == 0
    assert page.locator(".ca-point").count() == 0
    page.goto(server + page.get_by_role("link", name="Map alone").get_attribute("href"))
    page.wait_for_selector("canvas.ca-basemap")
    seen.check()


def test_a_radius_in_other_units_stays_the_same_question(watched, server):
    page = watched().open(server + "/?near=Vladivostok&radius=300nm")
    page.wait_for_selector(".results h2")
    assert page.input_value("#radius") == "555.6"
    field = page.locator("#radius")
    field.fill("20000")
    assert field.evaluate("(f) => f.scrollWidth <= f.clientWidth")


@pytest.mark.parametrize("words", ["layers=none", "layers=shipyards"])
def test_a_choice_that_needs_its_layer_is_in_the_address(watched, server, words):
    page = watched().open(server + f"/?{words}&select=ports/egvekinot")
    page.wait_for_selector(".leaflet-popup h3")
    assert page.locator("[data-layer=ports]").is_checked()
    assert re.search(r"layers=ports(,shipyards)?&", page.url)
    assert "layers=none" not in page.get_by_role("link", name="Map alone").get_attribute("href")


def test_a_question_that_means_nothing_is_refused_with_every_layer_off(watched, server):
    page = watched().open(server + "/?layers=none")
    page.get_by_role("tab", name="Region").click()
    page.fill("#region", "Atlantis")
    page.keyboard.press("Enter")
    page.wait_for_selector(".ca-faults li")
    assert "No region is called 'Atlantis'" in page.locator(".ca-faults").inner_text()
    assert "region" not in page.url


@pytest.mark.parametrize("size", [(1280, 800), (844, 390), (390, 844)])
def test_a_chosen_feature_is_clear_of_the_controls_of_the_map_alone(watched, server, size):
    page = watched(viewport={"width": size[0], "height": size[1]}).open(
        server + "/embed?select=ports/egvekinot", ".leaflet-popup h3"
    )
    page.wait_for_timeout(600)
    found = page.evaluate(
        """() => {
          const box = document.querySelector('.leaflet-popup-close-button').getBoundingClientRect();
          const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
          return Boolean(at && at.closest('.leaflet-popup'));
        }"""
    )
    assert found


def test_a_suggested_region_says_what_kind_it_is(watched, server):
    page = watched().open(server + "/")
    page.fill("#search", "Far Eastern Federal")
    option = page.locator("#search ~ [role=listbox] [role=option]", has_text="Far Eastern Federal District")
    option.wait_for()
    assert "Federal district · RU" in option.inner_text()


def test_near_a_place_and_what_is_in_view_answer_too(watched, server):
    seen = watched()
    page = seen.open(server + "/?at=-178,66,5")
    page.get_by_role("tab", name="Region").click()
    page.get_by_role("button", name="What is in view").click()
    page.wait_for_selector(".results h3")
    assert "Egvekinot" in page.locator(".results").inner_text()
    page.fill("#near", "Egvekinot")
    page.wait_for_selector("#near + ul [role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.fill("[data-part=radius]", "500")
    page.keyboard.press("Enter")
    page.wait_for_selector(".results h2:text-is('Within 500km of Egvekinot')")
    assert "Anadyr" in page.locator(".results").inner_text()
    seen.check()


def test_a_box_can_be_drawn_across_180_degrees(watched, server):
    seen = watched()
    page = seen.open(server + "/?at=180,65,4")
    page.get_by_role("tab", name="Region").click()
    page.get_by_role("button", name="Draw a box").click()
    box = page.locator(".folium-map").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(middle[0] - 150, middle[1] - 120)
    page.mouse.down()
    page.mouse.move(middle[0] + 150, middle[1] + 120, steps=4)
    page.mouse.up()
    page.wait_for_selector(".results h3")
    west, _, east, _ = (float(n) for n in re.search(r"bbox=([-\d.,]+)", page.url)[1].split(","))
    assert west > east
    assert {"Egvekinot", "Anadyr"} <= set(page.locator(".results .rows button span").all_inner_texts())
    seen.check()


def test_back_undoes_a_question_and_a_choice(watched, server):
    seen = watched()
    page = seen.open(server + "/")
    page.locator("[data-layer=ports]").uncheck()
    page.get_by_role("tab", name="Region").click()
    page.fill("#region", "Kerala")
    page.wait_for_selector("#region + ul [role=option], [role=listbox] [role=option]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".results h3, #results h3")
    assert "region=IN-KL" in page.url
    page.go_back()
    page.wait_for_selector("body[data-ready]")
    assert "region" not in page.url
    assert "layers=ree-deposits,shipyards,chokepoints,trade-routes" in page.url
    seen.check()


def test_bad_words_are_said_in_place(watched, server):
    seen = watched()
    page = seen.open(server + "/")
    page.get_by_role("tab", name="Region").click()
    page.fill("#region", "Primorye Oblst")
    page.locator("[data-part=region-form] button").click()
    page.wait_for_selector(".results .fault")
    assert "Did you mean Primorsky Krai (RU-PRI)?" in page.locator(".fault").inner_text()


def test_a_wrong_address_is_a_page_that_says_what_would_work(watched, server):
    seen = watched()
    page = seen.open(server + "/?layers=prts", "h1")
    assert "Did you mean ports" in page.locator("body").inner_text()


def test_light_and_dark_change_the_map_too(watched, server):
    seen = watched(color_scheme="light")
    page = seen.open(server + "/")
    sea = "getComputedStyle(document.documentElement).getPropertyValue('--sea')"
    before = page.evaluate(sea)
    page.locator("[data-part=theme]").click()
    assert page.evaluate(sea) != before
    assert "theme=dark" in page.url
    seen.check()
