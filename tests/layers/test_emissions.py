"""Emissions of a tonne on its way: one scope, one year, one ship."""

import pytest

from geo.errors import InputError, UnknownError
from layers.emissions import SCOPES, emission_factors, emissions, ships

LEGS = [
    {"mode": "sea", "from": "Nhava Sheva", "to": "Bandar Abbas", "length_km": 2000.0},
    {"mode": "rail", "from": "Bandar Abbas", "to": "Bafq", "length_km": 590.0, "length_published_km": 626.0},
    {"mode": "road", "from": "Rasht", "to": "Astara", "length_km": 150.0},
]
RIVER = {"mode": "river", "from": "Astrakhan", "to": "Volgograd", "length_km": 400.0}


def kg(scope, ship="Container ship", year=2025, legs=LEGS):
    return emissions(legs, ship=ship, scope=scope, year=year).kg_per_t


def test_a_tonne_by_sea_is_length_times_the_factor_of_the_ship():
    found = emissions(LEGS, ship="Bulk carrier", scope="ttw").legs[0]
    assert found.kg_per_t == pytest.approx(2000 * 0.00353)
    assert found.sources == ("desnz-ghg-factors-2025",)
    assert found.note == "Bulk carrier, Average: ttw 0.00353 kg CO2e per tonne and km, factors of 2025; length as drawn"


def test_a_published_length_stands_before_the_drawn_one():
    found = emissions(LEGS, ship="Bulk carrier", scope="ttw").legs[1]
    assert found.length_km == 626.0
    assert found.kg_per_t == pytest.approx(626 * 0.02779)
    assert found.note.endswith("published length")


@pytest.mark.parametrize("ship", ships())
def test_well_to_wake_is_the_sum_of_its_parts(ship):
    assert kg("wtw", ship) == pytest.approx(kg("ttw", ship) + kg("wtt", ship))
    assert kg("wtw", ship) > kg("ttw", ship) > kg("wtt", ship) > 0


def test_factors_of_two_years_are_never_added():
    for year in (2025, 2026):
        for leg in emissions(LEGS, ship="Container ship", scope="wtw", year=year).legs:
            assert leg.sources == (f"desnz-ghg-factors-{year}",)
    assert {f.year for f in emission_factors(2026)} == {2026}


def test_where_one_part_is_missing_there_is_no_sum_of_the_other():
    found = emissions(LEGS[:1], ship="Bulk carrier, Average", scope="wtw", year=2026)
    assert found.legs[0].kg_per_t is None
    assert "no factor found for ttw" in found.legs[0].note
    assert found.kg_per_t is None


def test_a_river_has_no_factor_and_the_whole_no_sum():
    found = emissions([*LEGS, RIVER], ship="Container ship", scope="wtw")
    assert found.legs[-1].kg_per_t is None
    assert found.legs[-1].note == "river: no factor found"
    assert found.kg_per_t is None
    assert kg("wtw") == pytest.approx(sum(leg.kg_per_t for leg in found.legs[:-1]))


def test_a_larger_ship_causes_less():
    assert kg("ttw", "Container ship, 8000+ TEU") < kg("ttw", "container ship, 0–999 teu")


def test_an_unknown_ship_scope_or_year_is_refused_with_what_would_work():
    with pytest.raises(UnknownError, match=r"called 'Bulk carier'\. Did you mean Bulk carrier"):
        kg("ttw", "Bulk carier")
    with pytest.raises(InputError, match="scope 'well' is not one of ttw, wtt, wtw"):
        kg("well")
    with pytest.raises(InputError, match=r"No emission factors of 2019 are held\. Give 2025 or 2026"):
        emission_factors(2019)


def test_the_scopes_are_three():
    assert list(SCOPES) == ["ttw", "wtt", "wtw"]
