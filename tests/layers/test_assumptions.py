"""What a ship may pass on a day, in which class, with which draught, and what is said of it."""

import ast
import inspect
from datetime import date

import pytest

from geo.errors import InputError, UnknownError
from layers import assumptions, rules
from layers.assumptions import NSR, OPEN_BY_NAME, Reason, assume, harbour_orders, limit, register_class
from layers.build import ATLAS
from layers.rules import CLASSES

FEBRUARY, SEPTEMBER = date(2026, 2, 10), date(2026, 9, 10)
SUMMER = [date(2026, month, day) for month, day in ((7, 1), (8, 15), (9, 30), (11, 15))]
WINTER = [date(2026, month, day) for month, day in ((11, 16), (12, 31), (1, 1), (2, 29 - 1), (4, 15), (6, 30))]
LAW = "Order 7 of the Ministry of Transport of Russia of 17 January 2013"


def told(found, *words):
    return any(all(word in note for word in words) for note in found.notes)


def test_without_a_date_everything_is_open_but_what_opens_by_name():
    found = assume(None)
    assert {"northwest-passage", "volga-don"} == OPEN_BY_NAME
    assert set(found.closed) == OPEN_BY_NAME | {"kiel"}
    assert found.season is None
    assert told(found, "no season is assumed")
    assert found.closed["volga-don"] == Reason("volga-don is closed unless it is opened by name.", assumed=True)


def test_what_is_opened_by_name_is_open_and_said():
    found = assume(None, opened=frozenset({"volga-don"}))
    assert set(found.closed) == {"northwest-passage", "kiel"}
    assert "volga-don is open because it was opened by name." in found.notes


def test_a_class_without_a_date_is_not_used_and_that_is_said():
    assert told(assume(None, ice_class="Arc7"), "The ice class was not used")


def test_no_class_means_none_and_is_said():
    found = assume(SEPTEMBER)
    assert "No ice class was given: the ship is taken to have none." in found.notes
    assert found.closed == assume(SEPTEMBER, ice_class="none").closed


def test_the_northern_sea_route_is_open_in_september_behind_an_icebreaker():
    found = assume(SEPTEMBER)
    assert NSR not in found.closed
    assert told(found, LAW, "behind an icebreaker", "light ice", "1 July to 15 November")
    assert told(found, "since replaced by Government Decree 1487")
    assert found.season == "summer and autumn, 1 July to 15 November"


def test_the_northern_sea_route_is_closed_in_february_and_the_order_is_cited():
    found = assume(FEBRUARY)
    reason = found.closed[NSR]
    assert LAW in reason.text
    assert "no ice class from 1 January to 30 June" in reason.text
    assert reason.sources == ("mintrans-nsr-criteria-2017",)
    assert not reason.assumed
    assert found.season == "winter and spring, 16 November to 30 June"


@pytest.mark.parametrize("ice_class", ["none", "Ice1", "Ice2", "Ice3"])
@pytest.mark.parametrize("when", [*SUMMER, *WINTER], ids=str)
def test_weak_ships_sail_from_july_to_the_middle_of_november_alone(ice_class, when):
    assert (NSR in assume(when, ice_class=ice_class).closed) == (when in WINTER)


@pytest.mark.parametrize("when", [*SUMMER, *WINTER], ids=str)
def test_a_stronger_class_is_never_barred_where_a_weaker_is_not(when):
    closed = [NSR in assume(when, ice_class=one).closed for one in CLASSES]
    assert closed == sorted(closed, reverse=True)


@pytest.mark.parametrize("ice_class", ["Arc4", "Arc5", "Arc6"])
def test_where_no_rule_was_found_closed_is_assumed_and_that_is_said(ice_class):
    reason = assume(FEBRUARY, ice_class=ice_class).closed[NSR]
    assert reason.assumed
    assert reason.sources == ()
    assert f"no rule was found that admits ships of class {ice_class} on 10 February" in reason.text
    assert told(assume(SEPTEMBER, ice_class=ice_class), "No rule was found", "what admits Ice3 is taken to admit them")


def test_what_is_closed_for_want_of_a_rule_opens_by_name():
    found = assume(FEBRUARY, ice_class="Arc4", opened=frozenset({NSR}))
    assert NSR not in found.closed
    assert told(found, "was opened by name", "no rule was found")


def test_what_a_rule_closes_stays_closed_though_it_is_asked_for():
    found = assume(FEBRUARY, opened=frozenset({NSR}))
    assert LAW in found.closed[NSR].text
    assert told(found, "was opened by name, and stays closed")


@pytest.mark.parametrize(
    ("when", "shut"), [("2026-01-20", False), ("2026-02-01", True), ("2026-06-01", False), ("2026-12-20", False)]
)
def test_gas_carriers_of_arc7_sail_from_june_to_january(when, shut):
    found = assume(date.fromisoformat(when), ice_class="Arc7")
    assert (NSR in found.closed) == shut
    assert shut or told(found, "Decree 1487", "double-acting ships only")


def test_a_rule_holds_from_the_day_it_was_amended():
    assert NSR in assume(date(2023, 12, 20), ice_class="Arc7").closed
    assert told(assume(date(2023, 11, 20), ice_class="Arc7"), "before the amendment of 2024")


def test_what_closed_one_season_closes_that_one_alone_and_is_told_of_others():
    closed = assume(date(2024, 10, 20)).closed[NSR]
    assert "closing of the season of 2024" in closed.text
    assert NSR not in assume(date(2024, 10, 15)).closed
    assert told(assume(date(2026, 10, 20)), "In another year", "15 October 2024")


@pytest.mark.parametrize(
    ("name", "register", "said"),
    [
        ("arc7", "Arc7", ""),
        ("IA Super", "Arc5", "IA Super"),
        ("pc7", "Arc4", "PC7"),
        ("LU2", "Ice2", "old sign"),
        (" none ", "none", ""),
    ],
)
def test_a_class_is_read_by_its_name_or_by_a_cited_equal(name, register, said):
    found, notes = register_class(name)
    assert found == register
    assert said in "".join(notes)
    assert bool(notes) == bool(said)


def test_an_unknown_class_is_refused_with_the_nearest():
    with pytest.raises(InputError, match=r"'Arc77' is not an ice class\. Did you mean Arc7"):
        assume(FEBRUARY, ice_class="Arc77")
    with pytest.raises(InputError, match=r"'polar' is not an ice class\. "):
        assume(None, ice_class="polar")


@pytest.mark.parametrize("name", ["PC1", "PC5", "IB", "IC"])
def test_a_class_that_no_source_compares_is_refused(name):
    with pytest.raises(InputError, match=f"No source names the equal of {name} .*Give one of none, Ice1"):
        assume(FEBRUARY, ice_class=name)


def test_an_unknown_passage_is_refused_with_the_nearest():
    with pytest.raises(UnknownError, match=r"'volga-dn' is not a passage of the sea network\. Did you mean volga-don"):
        assume(None, opened=frozenset({"volga-dn"}))


def test_the_volga_don_is_closed_in_winter_though_it_is_opened():
    found = assume(FEBRUARY, opened=frozenset({"volga-don"}))
    assert "1 April (2025) to 1 December (2025)" in found.closed["volga-don"].text
    assert found.closed["volga-don"].sources == ("smi24-vdsk-2025", "kommersant-vdsk-2025b")
    summer = assume(SEPTEMBER, opened=frozenset({"volga-don"}))
    assert "volga-don" not in summer.closed
    assert told(summer, "volga-don: the season is taken to go from 1 April")


def test_the_volga_don_goes_by_the_year_that_is_asked_for_where_it_is_known():
    assert "22 March (2022)" in assume(date(2022, 2, 1)).closed["volga-don"].text


def test_other_waters_are_said_to_be_open_by_assumption():
    assert told(assume(FEBRUARY), "bering", "No rule by ice class was found: open is assumed")
    assert not told(assume(SEPTEMBER), "bering")
    assert told(assume(SEPTEMBER), "no rule by month was found")


@pytest.mark.parametrize(
    ("draught", "shut", "open_"),
    [
        (20.2, {"suez", "panama", "kiel", "kerch", "danish-straits", "sannikov"}, {"malacca", "hormuz"}),
        (20.1, {"panama", "kiel"}, {"suez", "malacca"}),
        (15.3, {"panama", "kiel"}, {"suez", "danish-straits"}),
        (15.0, {"kiel", "northwest-passage"}, {"panama", "suez"}),
        (9.5, {"kerch", "laptev"}, {"kiel", "panama"}),
        (4.0, {"volga-don", "palk"}, {"tatar", "kerch"}),
    ],
)
def test_a_draught_closes_what_is_shallower(draught, shut, open_):
    closed = set(assume(None, draught_m=draught, opened=OPEN_BY_NAME).closed)
    assert shut <= closed
    assert not open_ & closed


def test_kiel_is_for_ships_of_a_draught_that_is_given_or_opens_by_name():
    reason = assume(None).closed["kiel"]
    assert "largest draught is 9.5 m" in reason.text
    assert reason.sources
    assert "kiel" not in assume(None, draught_m=9.0).closed
    assert "kiel" not in assume(None, opened=frozenset({"kiel"})).closed


def test_the_reason_of_a_draught_gives_limit_date_and_source():
    found = assume(None, draught_m=20.5)
    assert "the largest draught is 66 ft (20.1 m) (as of 2020" in found.closed["suez"].text
    assert found.closed["suez"].sources == ("sca-rules-of-navigation-2020",)
    assert told(found, "A draught of 20.5 m was held against", "the depth of ports and of open water was not looked at")


@pytest.mark.parametrize("draught", [0.0, -3.0, 31.0, float("nan"), float("inf")])
def test_a_draught_that_no_ship_has_is_refused(draught):
    with pytest.raises(InputError, match="m is not one of a ship; give metres above 0, up to 30"):
        assume(None, draught_m=draught)


def test_a_limit_is_of_the_deepest_way_and_the_newest_rule():
    panama = limit("panama")
    assert panama is not None
    assert (panama.way, panama.as_of, panama.amount_m) == ("neopanamax", "2024-09-01", 15.24)
    assert limit("gibraltar") is None


def test_harbour_masters_orders_are_told_newest_first_and_close_nothing():
    orders = harbour_orders("vanino")
    assert "winter 2025-2026" in orders[0]
    assert "ships of no ice class: behind an icebreaker: admitted; alone: barred" in orders[0]
    assert harbour_orders("chennai") == ()
    assert "class Arc4" in harbour_orders("sabetta", "Arc4")[0]


def test_every_passage_of_the_rules_is_a_chokepoint():
    features = (ATLAS / "chokepoints" / "features.csv").read_text(encoding="utf-8").splitlines()
    known = {line.split(",")[0] for line in features}
    assert {d.passage for d in rules.shipped().draughts} | OPEN_BY_NAME | {NSR} <= known


def test_assumptions_know_neither_web_nor_http():
    tree = ast.parse(inspect.getsource(assumptions))
    names = [n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    names += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    assert not [n for n in names if n and n.split(".")[0] in ("web", "flask", "werkzeug", "click", "http", "urllib")]
