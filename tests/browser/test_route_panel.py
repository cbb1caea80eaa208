"""The explorer's tab Route: asked, switched, drawn, compared, kept in the address."""

import re
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = pytest.mark.browser

EAST = "/?from=ports/chennai&to=ports/vladivostok"
WEST = "/?from=Mumbai&to=Saint+Petersburg"
ROWS = "#route-table .ca-way-row"
MAP = "window[JSON.parse(config.textContent).map]"


def words(page) -> dict[str, str]:
    return {word: values[0] for word, values in parse_qs(urlsplit(page.url).query).items()}


def number(text: str) -> float:
    return float(text.replace(",", ""))


def lengths(page) -> list[float]:
    """The lengths of the ways that are listed, in nm."""
    return [number(text) for text in page.locator(f"{ROWS} tr:first-child td:nth-child(2)").all_inner_texts()]


def passed(page) -> list[str]:
    """The ids of the passages on the chosen way, in order."""
    return page.locator("#route-met [data-passage]").evaluate_all("(all) => all.map((one) => one.dataset.passage)")


def switch(page, passage: str):
    return page.locator(f"#route-passages [data-passage={passage}]")


def answered(page, before: str):
    """Wait until the answer in the panel is no longer the one that was there before."""
    page.wait_for_function("(before) => document.getElementById('route-count').textContent !== before", arg=before)
    page.wait_for_selector("#view-route:not([aria-busy=true])", state="attached")


def count(page) -> str:
    return page.locator("#route-count").text_content()


@pytest.fixture
def opened(watched, server):
    """Open an address and wait for its answer; afterwards the page must have had no fault."""
    all_seen = []

    def open_(address: str, **options):
        seen = watched(**options)
        all_seen.append(seen)
        return seen.open(server + address)

    yield open_
    for seen in all_seen:
        seen.check()


def choose(page, field: str, text: str, name: str) -> None:
    page.locator(field).fill(text)
    page.wait_for_selector(f"{field} + ul [role=option]:has-text('{name}')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def test_a_way_is_found_by_keyboard_and_ports_are_suggested_first(opened):
    page = opened("/")
    page.get_by_role("tab", name="Route").click()
    page.locator("#route-from").fill("vladivos")
    page.wait_for_selector("#route-from + ul [role=option]")
    assert page.locator("#route-from + ul [role=option] small").first.inner_text().startswith("Ports")
    choose(page, "#route-from", "Chenn", "Chennai")
    assert page.evaluate("document.activeElement.id") == "route-to"
    choose(page, "#route-to", "Владивосток", "Vladivostok")
    page.wait_for_selector(ROWS)
    assert words(page) | {"at": ""} == {"from": "ports/chennai", "to": "ports/vladivostok", "alternatives": "3", "at": ""}
    found = lengths(page)
    assert 4560 <= found[0] <= 4800
    assert found == sorted(found)
    assert len(found) == 3
    assert passed(page)[0] == "malacca"
    assert page.locator("#route-asked").inner_text() == "Chennai to Vladivostok"
    assert "Chennai to Vladivostok" in page.title()
    assert page.locator("#route-said").text_content().startswith("Chennai to Vladivostok: 3 ways")


def test_an_end_may_be_a_position_and_the_ends_are_swapped(opened):
    page = opened("/?from=72.8,18.9&to=ports/chennai")
    there = lengths(page)
    page.get_by_role("button", name="Swap From and To").click()
    page.wait_for_url(re.compile(r"from=ports/chennai&to=72.8,18.9"))
    page.wait_for_selector("#view-route[aria-busy=false]", state="attached")
    assert page.locator("#route-from").input_value() == "Chennai"
    assert page.locator("#route-to").input_value() == "72.8,18.9"
    assert lengths(page) == there


def test_a_passage_is_closed_and_opened_by_its_switch_and_back_undoes_it(opened):
    page = opened(EAST)
    shortest, before = lengths(page)[0], count(page)
    switch(page, "malacca").check()
    answered(page, before)
    assert words(page)["close"] == "malacca"
    assert lengths(page)[0] > shortest
    assert "sunda" in passed(page)
    assert page.locator("#route-shut [data-passage=malacca]").is_checked()
    assert page.evaluate("document.activeElement.dataset.passage") == "malacca"
    page.go_back()
    page.wait_for_selector("body[data-ready]")
    assert "close" not in words(page)
    assert lengths(page) == [shortest]
    page.go_forward()
    page.wait_for_selector("body[data-ready]")
    assert "sunda" in passed(page)
    before = count(page)
    switch(page, "malacca").uncheck()
    answered(page, before)
    assert "close" not in words(page)
    assert lengths(page) == [shortest]


def test_what_is_closed_by_habit_says_why_and_opens_by_name(opened):
    page = opened(EAST)
    told = page.locator("#route-shut li", has=page.locator("[data-passage=kiel]"))
    assert "draught" in told.inner_text()
    assert told.locator("cite a[href^=http]").count() == 1
    switch(page, "northwest-passage").uncheck()
    page.wait_for_url(re.compile("open=northwest-passage"))
    page.wait_for_selector("#route-others [data-passage=northwest-passage]", state="attached")
    page.locator("#route-others summary").click()
    switch(page, "northwest-passage").check()
    page.wait_for_url(lambda url: "open=" not in url)
    assert "close" not in words(page)


def test_a_passage_that_a_cited_rule_keeps_closed_says_so(opened):
    page = opened("/?from=Murmansk&to=Vladivostok&date=2027-02-01")
    # A click, not uncheck(): it is closed again as soon as the answer is there.
    switch(page, "northern-sea-route").click()
    page.wait_for_url(re.compile("open=northern-sea-route"))
    told = page.locator("#route-shut li", has=page.locator("[data-passage=northern-sea-route]"))
    told.locator("text=A cited rule stays").wait_for()
    assert switch(page, "northern-sea-route").is_checked()


def test_a_chokepoint_of_the_map_is_a_switch_and_is_seen_as_closed(opened):
    page = opened(f"{WEST}&at=25,35,3")
    point = page.locator(".ca-point[aria-label='Suez Canal']")
    before = count(page)
    point.focus()
    page.keyboard.press("Enter")
    popup = page.locator(".leaflet-popup")
    popup.get_by_role("button", name="Close to ships").click()
    answered(page, before)
    assert words(page)["close"] == "suez"
    assert 11_900 <= lengths_hidden(page)[0] <= 12_300
    shut = page.locator(".ca-point.ca-shut")
    assert "Suez Canal, closed" in shut.evaluate_all("(all) => all.map((one) => one.getAttribute('aria-label'))")
    assert re.search(r"Mumbai to Saint Petersburg: 1[12],\d{3}\snm", popup.locator("[data-said]").inner_text())
    before = count(page)
    # The same switch stands in the details beside.
    page.locator("#detail").get_by_role("button", name="Open to ships").click()
    answered(page, before)
    assert "close" not in words(page)
    assert point.count() == 1
    assert popup.get_by_role("button", name="Close to ships").count() == 1


def lengths_hidden(page) -> list[float]:
    """The same as lengths() while the details lie over the tab."""
    return [number(text) for text in page.locator(f"{ROWS} tr:first-child td:nth-child(2)").all_text_contents()]


def test_a_closed_chokepoint_is_still_closed_when_its_layer_is_switched_off_and_on(opened):
    page = opened(f"{WEST}&close=suez")
    page.get_by_role("tab", name="Layers").click()
    page.locator("[data-layer=chokepoints]").uncheck()
    assert page.locator(".ca-point.ca-shut").count() == 0
    page.locator("[data-layer=chokepoints]").check()
    assert page.locator(".ca-point.ca-shut[aria-label='Suez Canal, closed']").count() == 1


def test_no_chokepoint_is_shown_as_closed_before_anything_is_asked(opened):
    page = opened("/")
    assert page.locator(".ca-point.ca-shut").count() == 0
    assert page.locator("#route-shut [data-passage]").evaluate_all("(all) => all.map((one) => one.dataset.passage)") == [
        "kiel",
        "northwest-passage",
        "volga-don",
    ]


def test_a_port_of_the_map_becomes_an_end(opened):
    page = opened("/?select=ports/chennai")
    page.locator(".leaflet-popup").get_by_role("button", name="Route from here").click()
    assert page.locator("#route-from").input_value() == "Chennai"
    assert page.evaluate("document.activeElement.id") == "route-to"
    choose(page, "#route-to", "Vladivostok", "Vladivostok")
    page.wait_for_selector(ROWS)
    assert words(page)["from"] == "ports/chennai"


def test_ways_are_drawn_numbered_and_listed_and_one_is_chosen_on_map_or_list(opened):
    page = opened(f"{EAST}&alternatives=3")
    assert page.locator("path.ca-way").count() == 3
    assert page.locator("path.ca-way.ca-strong").count() == 1
    badges = page.locator(".leaflet-marker-icon.ca-way-number")
    assert badges.all_inner_texts() == ["1", "2", "3"]
    badges.nth(1).click()
    assert page.locator(f"{ROWS}[aria-current]").all_inner_texts()[0].startswith("2")
    assert page.locator("#route-met-title").inner_text() == "On way 2"
    assert page.url.endswith("#way=2")
    badges.nth(2).focus()
    page.keyboard.press("Enter")
    assert page.locator(f"{ROWS}[aria-current] [data-way='3']").count() == 1
    page.locator("[data-way='2']").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.dataset.way") == "2"
    assert page.locator(".leaflet-marker-icon.ca-way-number.ca-strong").inner_text() == "2"
    page.reload()
    page.wait_for_selector(f"{ROWS}[aria-current] [data-way='2']")
    page.locator(f"{ROWS} td", has_text="Malacca").first.click()
    assert not page.url.endswith("way=2")


def test_no_number_hides_a_mark_of_the_map(opened):
    page = opened(f"{WEST}&alternatives=4")
    hidden = page.evaluate(
        """() => {
          const middle = (one) => {
            const { x, y, width, height } = one.getBoundingClientRect();
            return [x + width / 2, y + height / 2];
          };
          const marks = [...document.querySelectorAll('.ca-point')].map(middle);
          const near = (a) => marks.filter((b) => Math.hypot(a[0] - b[0], a[1] - b[1]) < 13).length;
          return [...document.querySelectorAll('.leaflet-marker-icon.ca-way-number')].map((one) => near(middle(one)));
        }"""
    )
    assert len(hidden) == 4
    assert sum(hidden) == 0


def test_the_way_across_180_degrees_is_one_line_in_the_frame(opened):
    page = opened("/?from=ports/vladivostok&to=ports/pevek")
    parts = page.evaluate(
        f"""() => {{
          let found;
          {MAP}.eachLayer((one) => {{ if (one.options.className === 'ca-way') found = one.getLatLngs(); }});
          return found.map((part) => part.map(({{ lng, lat }}) => [lng, lat]));
        }}"""
    )
    assert len(parts) == 1
    line = parts[0]
    assert max(lon for lon, _ in line) > 185
    assert max(abs(b[0] - a[0]) for a, b in pairwise(line)) < 40
    assert 3100 <= lengths(page)[0] <= 3400
    assert "bering" in passed(page)


def test_every_word_is_in_the_address_and_in_every_link_and_a_reload_restores_it(opened):
    page = opened(f"{WEST}&alternatives=2")
    page.locator("#route-terms summary").click()
    for field, value in (("#route-date", "2026-09-01"), ("#route-draught", "9.0"), ("#route-speed", "12.5")):
        page.locator(field).fill(value)
        page.locator(field).blur()
    page.locator("#route-ice").select_option("Arc4")
    page.locator("#route-ways").select_option("1")
    choose(page, "#route-avoid", "Turkey", "Turkey")
    page.wait_for_url(re.compile("avoid="))
    page.wait_for_selector("#view-route[aria-busy=false]", state="attached")
    asked = {k: v for k, v in words(page).items() if k not in ("at", "from", "to")}
    assert asked == {"avoid": "TR", "date": "2026-09-01", "ice_class": "Arc4", "draught": "9.0", "speed": "12.5"}
    for link in ("#export", "#embed"):
        address = page.locator(link).get_attribute("href")
        assert "from=Mumbai" in address
        assert "speed=12.5" in address
    for form in page.locator("#route-links a").all():
        assert "avoid=TR" in form.get_attribute("href")
    said, before = count(page), page.locator("#route-terms-said").inner_text()
    assert "12.5 kn on 2026-09-01" in said.replace("\xa0", " ")
    assert "not Turkey" in before
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert count(page) == said
    page.wait_for_function("(text) => document.getElementById('route-terms-said').textContent === text", arg=before)
    assert page.locator("#route-ice").input_value() == "Arc4"
    assert page.locator("#route-date").input_value() == "2026-09-01"
    assert page.locator("#route-speed").input_value() == "12.5"
    page.locator("#route-terms summary").click()
    page.get_by_role("button", name="Do not avoid").click()
    page.wait_for_url(lambda url: "avoid" not in url)


def test_faults_are_shown_at_the_form_and_the_address_stays_as_it_was(watched, server):
    seen = watched()
    page = seen.open(server + EAST)
    before = words(page)
    page.fill("#route-to", "Vladivostik")
    page.locator("#route-terms summary").click()
    page.fill("#route-speed", "0")
    page.keyboard.press("Enter")
    faults = page.locator("#route-faults li")
    faults.nth(1).wait_for()
    assert "Did you mean Vladivostok" in faults.nth(0).inner_text()
    assert "1 to 40" in faults.nth(1).inner_text()
    assert page.locator("#view-route [aria-invalid]").evaluate_all("(all) => all.map((one) => one.id)") == [
        "route-to",
        "route-speed",
    ]
    assert {k: v for k, v in words(page).items() if k != "at"} == {k: v for k, v in before.items() if k != "at"}
    page.fill("#route-to", "Vladivostok")
    page.fill("#route-speed", "10")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("speed=10"))
    assert faults.count() == 0
    assert page.locator("#view-route [aria-invalid]").count() == 0
    assert [error for error in seen.errors if "400" not in error] == []


def test_an_end_that_is_missing_is_gone_to(opened):
    page = opened("/")
    page.get_by_role("tab", name="Route").click()
    page.get_by_role("button", name="Find ways").click()
    assert page.evaluate("document.activeElement.id") == "route-from"
    page.fill("#route-from", "Chennai")
    page.get_by_role("button", name="Find ways").click()
    assert page.evaluate("document.activeElement.id") == "route-to"


def test_without_a_way_the_reason_is_shown_and_nothing_is_drawn(opened):
    page = opened("/?from=Vladivostok&to=Pevek&close=bering,northern-sea-route")
    reason = page.locator("#route-table .ca-nowhere").inner_text()
    assert "northern-sea-route" in reason
    assert "bering" in reason
    assert page.locator("path.ca-way").count() == 0
    assert page.locator("#route-asked").inner_text() == "Vladivostok to Pevek"
    assert page.locator("#route-shut [data-passage=bering]").is_checked()


def test_a_server_that_is_gone_is_said_and_may_be_asked_again(watched, server):
    seen = watched()
    page = seen.open(server + EAST)
    page.context.set_offline(True)
    switch(page, "malacca").check()
    page.locator("#route-faults", has_text="cannot be reached").wait_for()
    assert page.locator("#view-route").get_attribute("data-stale") == "true"
    page.context.set_offline(False)
    page.get_by_role("button", name="Find ways").click()
    page.wait_for_url(re.compile("close=malacca"))
    assert page.locator("#route-faults li").count() == 0


def test_it_is_asked_only_when_something_changed_and_the_last_question_wins(watched, server):
    seen = watched()
    page = seen.open(server + EAST)
    asked = lambda: [one for one in seen.requests if "/routes?" in one]  # noqa: E731
    assert len(asked()) == 1
    page.get_by_role("button", name="Find ways").click()
    page.locator("#route-ways").select_option("1")
    page.wait_for_timeout(300)
    assert len(asked()) == 1
    aborted = []
    page.on("requestfailed", lambda one: aborted.append(one.url))
    held = []
    page.route("**/routes?*close=malacca&*", lambda route: held.append(route))  # noqa: PLW0108  Playwright cannot mark a built-in method
    switch(page, "malacca").check()
    page.wait_for_timeout(300)
    switch(page, "singapore").check()
    page.wait_for_url(re.compile("close=malacca,singapore"))
    assert len(held) == 1
    assert len(aborted) == 1
    seen.check()


def test_published_values_stand_beside_the_computed_with_source_and_difference(opened):
    page = opened(EAST)
    row = page.locator("#route-facts tbody tr", has_text="5,647").first
    assert re.search(r"5,647\snm", row.locator("b").inner_text())
    assert re.match(r"4,\d{3} nm", row.locator("td").nth(0).inner_text())
    assert re.match(r"−1[89] %", row.locator("td").nth(1).inner_text())
    assert row.locator("cite a[href^=http]").count() == 1
    assert "14 kn" in page.locator("#route-facts .ca-assumed").inner_text()


def test_what_closures_cost_and_corridors_over_land_are_compared_and_names_are_never_markup(watched, server):
    """The members that an answer may carry besides its ways, with a name that tries to be markup."""
    seen = watched()
    page = seen.page
    name = "<img src=x onerror=alert(1)> by rail"
    corridor = {
        "id": "western",
        "name": name,
        "length_km": 7200.0,
        "length_nm": 3887.7,
        "days": None,
        "modes": ["sea", "rail"],
        "passages": ["hormuz"],
        "legs": [{"mode": "rail", "from": "Astara", "to": name, "length_km": 500.0, "days": None, "length_source": None}],
        "emissions": [],
        "claims": [],
        "notes": ["No time is cited."],
    }
    unclosed = {
        "length_nm": 4570.6,
        "length_km": 8464.8,
        "days": 13.6,
        "passages": ["malacca"],
        "extra_nm": 716.0,
        "extra_km": 1326.0,
        "extra_days": 2.1,
    }

    def more(route):
        response = route.fetch()
        route.fulfill(response=response, json={**response.json(), "unclosed": unclosed, "corridors": [corridor]})

    page.route("**/routes?*", more)
    seen.open(f"{server}{EAST}&close=malacca")
    costs = page.locator("#route-table .ca-way-open").inner_text()
    assert "716 nm and 2.1 days" in costs
    assert "4,571" in costs
    land = page.locator("#route-table .ca-way-land").inner_text()
    assert name in land
    assert "not cited" in land
    page.locator("#route-facts summary", has_text="by rail").click()
    assert "no cited time" in page.locator("#route-facts").inner_text()
    assert page.locator("#view-route img").count() == 0
    seen.check()


def test_clear_takes_route_closures_and_lines_away(opened):
    page = opened(f"{WEST}&close=suez")
    page.locator("#route-clear").click()
    assert not {"from", "to", "close"} & set(words(page))
    assert page.locator("path.ca-way").count() == 0
    assert page.locator(".ca-point.ca-shut").count() == 0
    assert page.locator("#route-answer").is_hidden()
    assert page.locator("#route-from").input_value() == ""
    page.go_back()
    page.wait_for_selector("body[data-ready]")
    assert words(page)["close"] == "suez"
    assert page.locator("path.ca-way").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_runs_over_and_the_answer_is_in_the_sheet(opened, scheme):
    page = opened(f"{EAST}&alternatives=3", viewport={"width": 390, "height": 844}, color_scheme=scheme, has_touch=True)
    size = page.evaluate("(({ scrollWidth, scrollHeight }) => [scrollWidth, scrollHeight, scrollY])(document.documentElement)")
    assert size == [390, 844, 0]
    assert page.locator("#view-route").evaluate("(one) => one.scrollWidth <= one.clientWidth")
    top = page.locator("#route-asked").bounding_box()["y"]
    assert 400 < top < 844
    for one in page.locator("#route-passages .ca-switch:visible").all():
        assert one.evaluate("(box) => box.closest('li').getBoundingClientRect().height") >= 40


def test_on_paper_the_answer_stands_below_the_map_without_the_form(opened):
    page = opened(f"{EAST}&alternatives=2")
    page.emulate_media(media="print")
    assert page.locator("#route-table").is_visible()
    assert page.locator("#route-form").is_hidden()
    assert page.locator("#route-table").bounding_box()["y"] > page.locator(".canvas").bounding_box()["height"]
    page.emulate_media(media="screen")
    page.get_by_role("tab", name="Layers").click()
    page.emulate_media(media="print")
    assert page.locator("#panel").is_hidden()


def test_every_control_of_the_tab_has_a_name(opened):
    page = opened(f"{EAST}&alternatives=2")
    page.locator("#route-terms summary").click()
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('#view-route :is(input, select, button, [role=group], [role=combobox])')]
          .filter((one) => !one.ariaLabel && !one.textContent.trim() && !one.labels?.length)
          .filter((one) => !one.hasAttribute('aria-labelledby'))
          .map((one) => one.outerHTML)"""
    )
    assert nameless == []
    assert page.get_by_role("switch", name="Strait of Malacca closed").count() == 1
    assert page.get_by_role("button", name="Way 2").first.is_visible()
