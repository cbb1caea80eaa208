"""The rows themselves: counts, scripts, positions, citations."""

import csv
import re
from collections import Counter

import pytest

from geo.network import lanes
from layers import build, rules
from layers.build import ATLAS

ROWS, SOURCES = build.read(ATLAS)
FEATURES = [(r.layer.id, f) for r in ROWS for f in r.features]
CLAIMS = [(r.layer, c) for r in ROWS for c in r.claims]
HELD = rules.shipped()
RULED = [row.note for rows in (HELD.ice, HELD.classes, HELD.seasons, HELD.draughts, HELD.factors) for row in rows]
RULED += [row.note for rows in (HELD.transfers, HELD.distances) for row in rows] + [s.said for s in HELD.seasons]


def countries(layer):
    return Counter(f.country for name, f in FEATURES if name == layer)


@pytest.mark.parametrize(
    ("layer", "country", "least"),
    [
        ("ree-deposits", "RU", 14),
        ("ree-deposits", "IN", 10),
        ("ree-deposits", "CN", 5),
        ("ports", "IN", 10),
        ("shipyards", "IN", 4),
    ],
)
def test_each_country_has_its_share(layer, country, least):
    assert countries(layer)[country] >= least


@pytest.mark.parametrize(
    ("layer", "least"), [("ree-deposits", 40), ("ports", 48), ("shipyards", 18), ("chokepoints", 42), ("trade-routes", 15)]
)
def test_each_layer_has_its_count(layer, least):
    assert sum(name == layer for name, _ in FEATURES) >= least


def far_east(atlas, layer):
    certain, possible = atlas.layer(layer).index.members["far-eastern-federal-district"]
    return len(certain) + len(possible)


def test_the_far_east_has_its_ports_and_yards(atlas):
    assert far_east(atlas, "ports") >= 28
    assert far_east(atlas, "shipyards") >= 10


@pytest.mark.parametrize(("layer", "feature"), FEATURES, ids=[f"{n}/{f.id}" for n, f in FEATURES])
def test_names_are_in_their_scripts(layer, feature):
    assert not feature.name_ru or re.search("[А-Яа-яЁё]", feature.name_ru)
    assert not feature.name_hi or re.search("[\u0900-\u097f]", feature.name_hi)


def test_every_source_that_is_listed_is_used(atlas):
    assert set(SOURCES) - set(atlas.sources) == set()


def test_no_source_was_read_before_it_was_published():
    late = [s.id for s in SOURCES.values() if s.published and s.published > s.accessed[: len(s.published)]]
    assert late == []


def test_notes_speak_of_the_source_and_not_of_how_it_was_found():
    found = r"excerpt|reading list|team list|search tool|/shared/|SOURCES_|TODO"
    read = r"what was read|part read|part shown|was not seen|not seen in|headline not shown"
    words = re.compile(f"{found}|{read}", re.IGNORECASE)
    told = [s.note for s in SOURCES.values()] + [c.note + " " + c.category for _, c in CLAIMS]
    told += [f.position_note for _, f in FEATURES] + [leg.note + " " + leg.gap for r in ROWS for leg in r.legs] + RULED
    assert [note for note in told if words.search(note)] == []


def test_notes_name_publishers_and_not_ids_of_our_list():
    ids = re.compile(r"(?<![\w/.-])(" + "|".join(re.escape(i) for i in SOURCES if "-" in i) + r")(?![\w-])")
    told = [s.note for s in SOURCES.values()] + [c.note for _, c in CLAIMS] + [f.position_note for _, f in FEATURES]
    told += [leg.note for r in ROWS for leg in r.legs] + RULED
    assert [note for note in told if ids.search(note)] == []


def test_a_land_leg_names_who_names_its_towns_and_who_gives_their_positions():
    legs = [leg for r in ROWS for leg in r.legs if leg.waypoints]
    assert len(legs) > 20
    for leg in legs:
        # The mouths of the Volga–Don Canal stand where its own page prints them.
        assert "geonames" in leg.sources or "as printed" in leg.note, (leg.feature, leg.seq)
        assert len(leg.sources) > 1, (leg.feature, leg.seq)


@pytest.mark.parametrize("kind", ["resource", "reserve"])
def test_the_oxides_that_are_shown_fit_into_the_ore_that_is_shown(atlas, kind):
    layer = atlas.layer("ree-deposits")
    pairs = 0
    for p in (layer.feature(i)["properties"] for i in range(len(layer))):
        treo, ore = (
            next((c for c in p["claims"] if c["field"] == f"{kind}_{of}_t" and c.get("shown")), None) for of in ("treo", "ore")
        )
        # Estimates of different sources are of different bodies and cut-offs: each says its own.
        if treo and ore and treo["source"] == ore["source"] and treo["as_of"] == ore["as_of"]:
            pairs += 1
            assert p[f"{kind}_treo_t"] < 0.3 * p[f"{kind}_ore_t"], p["name"]  # no ore on record is richer
    assert pairs > 3


def test_percentages_are_percentages_and_years_are_years():
    wrong = [c for layer, c in CLAIMS if layer.fields[c.field].unit == "%" and not 0 <= (c.amount or 0) <= 100]
    wrong += [c for layer, c in CLAIMS if layer.fields[c.field].unit == "year" and not 1700 <= (c.amount or 0) <= 2030]
    assert wrong == []


def test_unlocodes_are_five_letters_of_the_ports_country():
    country = {f.id: f.country for name, f in FEATURES if name == "ports"}
    wrong = [c for _, c in CLAIMS if c.field == "unlocode" and not re.fullmatch(country[c.feature] + "[A-Z2-9]{3}", c.value)]
    assert wrong == []


def test_the_seaport_that_a_terminal_belongs_to_is_a_port_of_ours():
    ports = {f.id for name, f in FEATURES if name == "ports"}
    assert [c for _, c in CLAIMS if c.field == "part_of" and c.value not in ports] == []


def test_what_lies_on_the_southern_kurils_names_both_claimants():
    for _, f in FEATURES:
        if f.position and 145.3 < f.position[0] < 149 and 43.3 < f.position[1] < 45.6:
            assert f.disputed == "JP;RU", f.id


def test_the_corrections_of_boundaries_each_have_a_reason():
    path = ATLAS.parent.parent / "geo" / "data" / "admin1_corrections.csv"  # type: ignore[attr-defined]
    with path.open(encoding="utf-8", newline="") as rows:
        assert all(row["reason"] for row in csv.DictReader(rows))


def rows_of(layer):
    return next(r for r in ROWS if r.layer.id == layer)


def test_every_chokepoint_has_a_kind_and_a_cited_gate():
    rows = rows_of("chokepoints")
    for field in ("passage_kind", "gate"):
        assert {c.feature for c in rows.claims if c.field == field} == {f.id for f in rows.features}


def test_the_gates_that_close_are_drawn_between_the_places_that_their_claims_cite():
    path = ATLAS.parent.parent / "geo" / "data" / "passages.csv"  # type: ignore[attr-defined]
    with path.open(encoding="utf-8", newline="") as rows:
        drawn = {row["id"]: set(places_in(row["line"])) for row in csv.DictReader(rows)}
    cited: dict[str, set[tuple[float, float]]] = {}
    for claim in rows_of("chokepoints").claims:
        if claim.field == "gate":
            cited.setdefault(claim.feature, set()).update(places_in(claim.note))
    assert cited == drawn


def places_in(text):
    return [(float(lon), float(lat)) for lon, lat in re.findall(r"(-?\d+(?:\.\d+)?) (-?\d+\.\d+)", text)]


def test_every_passage_of_the_sea_network_is_a_chokepoint():
    assert lanes().passages <= {f.id for f in rows_of("chokepoints").features}


def test_a_strait_belongs_to_no_country_and_a_canal_to_one(atlas):
    layer = atlas.layer("chokepoints")
    found = {layer.feature(i)["id"]: layer.feature(i)["properties"]["country"] for i in range(len(layer))}
    assert {i: c for i, c in found.items() if c} == {"suez": "EG", "kiel": "DE", "panama": "PA", "volga-don": "RU"}


@pytest.mark.parametrize(
    ("feature", "field", "value"),
    [
        ("ombai-wetar", "depth_m", None),
        ("dover", "depth_m", None),
        ("sannikov", "depth_m", None),
        ("danish-straits", "depth_m", 17),
        ("malacca", "width_km", 2.8),
        ("malacca", "max_draught_m", 20.5),
        ("panama", "max_draught_m", 15.24),
        ("suez", "transits_y", 13200),
        ("suez", "transits_part_year", 5054),
        ("malacca", "oil_flow_kb_d", 23200),
    ],
)
def test_what_a_chokepoint_shows(atlas, feature, field, value):
    layer = atlas.layer("chokepoints")
    shown = {layer.feature(i)["id"]: layer.feature(i)["properties"] for i in range(len(layer))}
    assert shown[feature][field] == value


@pytest.mark.parametrize(
    ("route", "modes", "drawn"),
    [
        ("instc-western", {"sea", "rail", "road"}, (6000, 8000)),
        ("trans-siberian", {"rail"}, (7000, 9259)),
        ("bam", {"rail"}, (3000, 4309)),
        ("volga-don", {"river"}, (600, 1100)),
    ],
)
def test_a_land_corridor_is_drawn_by_its_modes_and_no_longer_than_published(atlas, route, modes, drawn):
    layer = atlas.layer("trade-routes")
    p = next(p for p in (layer.feature(i) for i in range(len(layer))) if p["id"] == route)["properties"]
    main = [leg for leg in p["legs"] if "branch" not in leg]
    assert {leg["mode"] for leg in main} == modes
    assert drawn[0] < p["length_computed_km"] < drawn[1]
    for leg in main:  # straight lines between towns are never longer than the rails, but for rounding and where towns lie off
        assert leg["length_km"] < 1.1 * leg.get("length_published_km", float("inf")), (leg["from"], leg["to"])


def test_the_stages_of_the_railways_sum_to_what_is_published_of_them(atlas):
    layer = atlas.layer("trade-routes")
    for row in range(len(layer)):
        p = layer.feature(row)["properties"]
        if layer.feature(row)["id"] in ("trans-siberian", "bam"):
            stages = sum(leg["length_published_km"] for leg in p["legs"] if "branch" not in leg)
            assert stages in [c["value"] for c in p["claims"] if c["field"] == "length_km"]
