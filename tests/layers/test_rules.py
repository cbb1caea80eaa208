"""The tables of rules are held as the ledger is: every fault by file, row and field."""

import shutil
from datetime import date

import pytest

from geo.errors import DataError, Faults
from layers import build, ledger, rules
from layers.build import ATLAS
from layers.rules import IceRule, within

ROWS, SOURCES = build.read(ATLAS)
BAD = [
    ("ice_rules.csv", "r,T,decree,sea,none,any,any,,,,,no,S,", "kind 'decree' is not one of law, order"),
    ("ice_rules.csv", "r,T,law,sea,Arc77,any,any,,,,,no,S,", "ice_class 'Arc77' is not one of none, Ice1"),
    ("ice_rules.csv", "r,T,law,sea,none,tug,any,,,,,no,S,", "assistance 'tug' is not one of independent, icebreaker, any"),
    ("ice_rules.csv", "r,T,law,sea,none,any,thick,,,,,no,S,", "ice 'thick' is not one of heavy, medium, light, any"),
    ("ice_rules.csv", "r,T,law,sea,none,any,any,,,,,maybe,S,", "allowed 'maybe' is not one of yes, no"),
    ("ice_rules.csv", "r,T,law,,none,any,any,,,,,no,S,", "water '' is missing"),
    ("ice_rules.csv", "r,T,law,sea,none,any,any,7-1,,,,no,S,", "from_day '7-1' is not a day of the year as MM-DD"),
    ("ice_rules.csv", "r,T,law,sea,none,any,any,,,soon,,no,S,", "since 'soon' is not an ISO date"),
    ("ice_rules.csv", "r,T,law,sea,none,any,any,,,,,no,,", "source is missing: name the source"),
    ("ice_rules.csv", "r,T,law,sea,none,any,any,,,,,no,nobody,", "source 'nobody' is not an id of sources.csv"),
    ("ice_classes.csv", "PC9,Polar,Arc44,S,", "equivalent 'Arc44' is not a class of the Register. Did you mean Arc4"),
    ("ice_classes.csv", ",Polar,Arc4,S,", "ice_class '' is missing"),
    ("seasons.csv", "pevek,,,,S,", "said '' is missing where no day is given"),
    ("seasons.csv", ",07-01,,2024,S,", "water '' is missing"),
    ("seasons.csv", "pevek,07-41,,2024,S,", "open_from '07-41' is not a day of the year as MM-DD"),
    ("draughts.csv", "suez,,20,m,law,2020,S,", "kind 'law' is not one of limit, ship size, least depth, plan"),
    ("draughts.csv", ",,20,m,limit,2020,S,", "passage '' is missing"),
    ("draughts.csv", "suez,,deep,m,limit,2020,S,", "'deep' is not a number"),
    ("draughts.csv", "suez,,0,m,limit,2020,S,", "value '0' is not above 0"),
    ("draughts.csv", "suez,,20,km,limit,2020,S,", "unit 'km' does not fit; write one of m, ft"),
    ("draughts.csv", "suez,,20,m,limit,May,S,", "as_of 'May' is not an ISO date"),
    ("emissions.csv", "air,Plane,,ttw,0.1,kg CO2e/tonne.km,2025,S,", "mode 'air' is not one of sea, rail, road"),
    ("emissions.csv", "sea,Ship,,wtw,0.1,kg CO2e/tonne.km,2025,S,", "scope 'wtw' is neither ttw nor wtt"),
    ("emissions.csv", "sea,Ship,,ttw,0.1,kg,2025,S,", "unit 'kg' is not kg CO2e/tonne.km"),
    ("emissions.csv", "sea,,,ttw,0.1,kg CO2e/tonne.km,2025,S,", "ship_type '' is missing"),
    ("emissions.csv", "sea,Ship,,ttw,0,kg CO2e/tonne.km,2025,S,", "value '0' is not a factor above 0"),
    ("emissions.csv", "sea,Ship,,ttw,x,kg CO2e/tonne.km,2025,S,", "value 'x' is not a number"),
    ("emissions.csv", "sea,Ship,,ttw,0.1,kg CO2e/tonne.km,now,S,", "year 'now' is not a year"),
    ("transfers.csv", "wait,,,road,1,days,2024,S,", "from '' is missing"),
    ("transfers.csv", ",Astara,,road,1,days,2024,S,", "what '' is missing"),
    ("transfers.csv", "wait,Astara,,road,,days,2024,S,", "value '' is missing"),
    ("transfers.csv", "wait,Astara,,road,long,days,2024,S,", "value 'long' is not a number"),
    ("transfers.csv", "wait,Astara,,road,1,weeks,2024,S,", "unit 'weeks' is not one of days, hours"),
    ("distances.csv", "A,XX,B,,10,nm,,table,,S,", "from_locode 'XX' is not a UN/LOCODE"),
    ("distances.csv", "A,,,,10,nm,,table,,S,", "to '' is missing"),
    ("distances.csv", "A,,B,,10,nm,,guess,,S,", "kind 'guess' is not one of table, paper, statement"),
    ("distances.csv", "A,,B,,10,m,,table,,S,", "unit 'm' does not fit; write one of km, nm"),
]


@pytest.fixture
def place(tmp_path):
    shutil.copytree(str(ATLAS / "routing"), tmp_path / "routing")
    return tmp_path / "routing"


@pytest.mark.parametrize(("file", "row", "wrong"), BAD)
def test_a_bad_row_is_refused_by_file_row_and_field(place, file, row, wrong):
    with (place / file).open("a", encoding="utf-8") as out:
        out.write(row.replace(",S,", ",geonames,") + "\n")
    rows = len((place / file).read_text(encoding="utf-8").splitlines())
    fault = Faults()
    rules.read(place, SOURCES, fault)
    assert any(line.startswith(f"routing/{file}: row {rows}: ") and wrong in line for line in fault.lines), fault.lines


def test_a_build_refuses_rules_with_a_fault(world, tmp_path):
    shutil.copytree(str(ATLAS / "routing"), world.root / "routing")
    with pytest.raises(DataError, match=r"routing/ice_rules\.csv: row 2: source 'mintrans-nsr-criteria-2017' is not an id"):
        world.build(tmp_path / "home")


def test_a_row_without_a_source_is_refused_where_no_ledger_is_at_hand(place):
    with (place / "seasons.csv").open("a", encoding="utf-8") as out:
        out.write("pevek,07-01,,2024,,\n")
    fault = Faults()
    rules.read(place, None, fault)
    assert [line.partition(": row ")[2].partition(": ")[2] for line in fault.lines] == ["source '' is missing: name the source"]


def test_the_shipped_rules_have_no_fault_and_their_sources_are_in_the_release(atlas):
    fault = Faults()
    found = rules.read(ATLAS / "routing", ledger.read_sources(ATLAS, fault), fault)
    assert fault.lines == []
    assert found == rules.shipped()
    assert found.cited <= set(atlas.sources)
    assert len(found.ice) >= 600
    assert len(found.distances) >= 200


def test_a_season_may_go_over_the_turn_of_the_year():
    assert within(date(2026, 1, 5), "11-16", "06-30")
    assert within(date(2026, 11, 16), "11-16", "06-30")
    assert not within(date(2026, 7, 1), "11-16", "06-30")
    assert within(date(2028, 2, 29), "02-01", "03-01")


def test_an_order_whose_end_is_not_known_holds_on_no_day():
    order = next(r for r in rules.shipped().ice if r.kind == "order" and not r.until)
    assert not order.in_force(date(2026, 1, 5))
    assert isinstance(order, IceRule)


def test_no_depth_that_is_called_the_deepest_bounds_a_draught():
    assert [d for d in rules.shipped().draughts if "deepest" in f"{d.note} {d.way}".casefold() and d.kind != "plan"] == []


def test_rules_of_a_kind_say_one_thing_of_one_day():
    laws = [r for r in rules.shipped().ice if r.kind == "law"]
    keys = [(r.rule, r.water, r.ice_class, r.assistance, r.ice, r.from_day) for r in laws]
    assert len(keys) == len(set(keys))
