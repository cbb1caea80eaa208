import pytest

from geo.errors import DataError
from layers import build
from layers.build import ATLAS

BAD_ROWS = [
    ("ports/features.csv", "Oops,X,,,,,1,2,1,survey,,RU,,", "id 'Oops' is not in kebab-case"),
    ("ports/features.csv", "vladivostok,X,,,,,132,43,1,survey,,RU,,", "id 'vladivostok' stands twice"),
    ("ports/features.csv", "x,,,,,,132,43,1,survey,,RU,,", "name '' is missing"),
    ("ports/features.csv", "x,X,,,,,43.1,131.9,1,survey,,RU,,", "lat '131.9' is not a latitude"),
    ("ports/features.csv", "x,X,,,,,43.1,131.9,1,survey,,RU,,", "lon and lat look swapped"),
    ("ports/features.csv", "x,X,,,,,1000,0,1,survey,,RU,,", "lon '1000' is not a longitude"),
    ("ports/features.csv", "x,X,,,,,a,43,1,survey,,RU,,", "lon 'a' is not a number"),
    ("ports/features.csv", "x,X,,,,,132,43,,survey,,RU,,", "accuracy_km '' is not a distance above 0"),
    ("ports/features.csv", "x,X,,,,,132,43,1,,,RU,,", "position_source is missing: name the source"),
    ("ports/features.csv", "x,X,,,,,132,43,1,nobody,,RU,,", "position_source 'nobody' is not an id of sources.csv"),
    ("ports/features.csv", "x,X,Икс,,,,132,43,1,survey,,RU,,", "name_ru_source is missing: name the source"),
    ("ports/features.csv", "x,X,,,,,132,43,1,survey,,Russia,,", "country 'Russia' is not an ISO 3166-1 alpha-2 code"),
    ("ports/features.csv", "x,X,,,,,132,43,1,survey,,RU,,maybe", "offshore 'maybe' is neither empty nor yes"),
    ("ports/features.csv", "x,X,,,,,132,43,nan,survey,,RU,,", "accuracy_km 'nan' is not a number"),
    ("ports/features.csv", "x,X,,,,,132,43,1,survey,,RU,somebody,", "disputed 'somebody' does not name claimants"),
    ("ports/claims.csv", "pevek,throughput_t_y,-1,t/y,,2024,survey,", "value '-1' is below 0"),
    ("trade-routes/legs.csv", "emc,1,sea,chennai,pevek,,,,,,survey,", "seq '1' stands twice"),
    ("ports/features.csv", "x,X", "2 cells where 14 are needed"),
    ("ports/features.csv", "x,X,,,,,-30,0,1,survey,,BR,,", "no country within 25 km"),
    ("ports/features.csv", "x,X,,,,,77.2,28.6,1,survey,,RU,,", "lies in IN, but the row says 'RU'"),
    ("ports/claims.csv", "nowhere,unlocode,XX,,,2024,survey,", "feature 'nowhere' is not in features.csv"),
    ("ports/claims.csv", "vladivostk,unlocode,XX,,,2024,survey,", "Did you mean vladivostok?"),
    ("ports/claims.csv", "pevek,througput_t_y,1,t/y,,2024,survey,", "Did you mean throughput_t_y"),
    ("ports/claims.csv", "pevek,throughput_t_y,many,t/y,,2024,survey,", "'many' is not a number"),
    ("ports/claims.csv", "pevek,throughput_t_y,NaN,t/y,,2024,survey,", "'NaN' is not a number"),
    ("ports/claims.csv", "pevek,throughput_t_y,1,kg,,2024,survey,", "unit 'kg' does not fit; write one of t/y, kt/y, Mt/y"),
    ("ports/claims.csv", "pevek,unlocode,RUPWE,m,,2024,survey,", "unit 'm' has no place with a text"),
    ("ports/claims.csv", "pevek,port_type,harbor,,,2024,survey,", "value 'harbor' is not a port_type"),
    ("ports/claims.csv", "pevek,unlocode,RUPWE,,,spring,survey,", "as_of 'spring' is not an ISO date or interval"),
    ("ports/claims.csv", "pevek,unlocode,RUPWE,,,2025-02-31,survey,", "as_of '2025-02-31' is not an ISO date or interval"),
    ("ports/claims.csv", "pevek,unlocode,RUPWE,,,2024,,", "source is missing: name the source"),
    ("sources.csv", "s,,T,,https://x.org,2026-01-01,CC0,", "publisher '' is missing"),
    ("sources.csv", "s,P,T,,ftp://x.org,2026-01-01,CC0,", "url 'ftp://x.org' is not an address"),
    ("sources.csv", "s,P,T,,https://x.org,yesterday,CC0,", "accessed 'yesterday' is not an ISO date"),
    ("trade-routes/legs.csv", "emc,2,air,chennai,pevek,,,,,,survey,", "mode 'air' is not one of sea, rail, road, river"),
    ("trade-routes/legs.csv", "emc,2,rail,A,B,,,,,,survey,", "belong to a land leg, and only there"),
    ("trade-routes/legs.csv", "emc,2,rail,A,B,,A 1 2; B 3,,,,survey,", "waypoint 'B 3' is not 'Name lon lat'"),
    ("trade-routes/legs.csv", "emc,2,sea,chennai,atlantis,,,,,,survey,", "'atlantis' is not the id of a port"),
    (
        "trade-routes/legs.csv",
        "emc,2,sea,chennai,pevek,,,malaca,,,survey,",
        "'malaca' is not a passage of the sea network. Did you mean malacca",
    ),
    (
        "trade-routes/legs.csv",
        "emc,2,rail,A,B,,A 37.6 55.8; B 30.3 59.9,,,,survey,",
        "leg 2 begins 6433 km from where the one before it ends",
    ),
    ("trade-routes/features.csv", "lone,Lone,,,,,,,,,,,,", "lone has no legs"),
]


@pytest.mark.parametrize(("file", "row", "wrong"), BAD_ROWS)
def test_a_bad_row_is_refused_by_file_row_and_field(world, tmp_path, file, row, wrong):
    world.add(file, row + "\n")
    with pytest.raises(DataError) as raised:
        world.build(tmp_path / "home")
    assert any(wrong in line for line in raised.value.faults)
    assert raised.value.faults[-1] == "Nothing was published."
    assert not (tmp_path / "home" / "current").exists()


def test_every_fault_of_every_file_is_said_at_once(world, tmp_path):
    world.add("ports/features.csv", "x,X,,,,,43.1,131.9,0,nobody,,Russia,,\n")
    world.add("ports/claims.csv", "nowhere,unlocode,XX,,,when,nobody,\n")
    with pytest.raises(DataError) as raised:
        world.build(tmp_path / "home")
    assert len(raised.value.faults) >= 8


def test_a_file_with_another_header_is_refused(world, tmp_path):
    world.write("ports/claims.csv", "feature;field;value\n")
    with pytest.raises(DataError, match="the first line must be feature,field,value"):
        world.build(tmp_path / "home")


def test_a_file_that_is_not_utf8_is_refused(world, tmp_path):
    (world.root / "ports/claims.csv").write_bytes("Владивосток".encode("cp1251"))
    with pytest.raises(DataError, match="cannot be read"):
        world.build(tmp_path / "home")


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ('shape = "circle"', 'shape = "star"', "shape 'star' is not one of circle"),
        ('colour = "#0b6fa4"', 'colour = "blue"', "colour 'blue' is not of the form"),
        ('geometry = "point"', 'geometry = "points"', "geometry 'points' is not one of point, line"),
        ('licence = "CC BY 4.0"', 'licence = "CC BY 4.0"\nsize = 3', "unknown key 'size'"),
        ('unit = "t/y"', 'unit = "tons"', "unit 'tons'; a quantity has one of"),
        ('kind = "text"', 'kind = "string"', "kind 'string' is not one of"),
        ('id = "ports"', 'id = "harbours"', "id 'harbours' is not the folder's name"),
        ("[title]", "[title", "layer.toml"),
        ('licence = "CC BY 4.0"\n', "", "licence is missing"),
        ('title = "Type"\n', "", "title is missing"),
        ('colour = "#', 'color = "#', "unknown key 'color'"),
    ],
)
def test_a_declaration_with_a_fault_is_refused(world, tmp_path, old, new, wrong):
    path = world.root / "ports/layer.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(DataError, match=wrong.replace("(", r"\(")):
        world.build(tmp_path / "home")


def test_the_shipped_ledger_has_no_fault():
    rows, sources = build.read(ATLAS)
    assert len(rows) == len(build.LAYERS) == 5
    assert len(sources) > 500


def test_a_feature_with_a_fault_does_not_make_its_claims_faulty(world, tmp_path):
    path = world.root / "ports/features.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("131.888333", "abc"), encoding="utf-8")
    with pytest.raises(DataError) as raised:
        world.build(tmp_path / "home")
    assert raised.value.faults == ("ports/features.csv: row 2: lon 'abc' is not a number", "Nothing was published.")
