import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from geo import boundaries
from geo.errors import DataError
from layers import Catalog
from layers.build import build, choose
from layers.definition import Field
from layers.ledger import Claim
from layers.release import Release, digest
from layers.stores.files import FileStore


def claim(value, as_of, category=""):
    return Claim("f", "throughput_t_y", str(value), "t/y", category, as_of, "survey", "", float(value))


BEHIND = ("measured + indicated", "indicated", "inferred")
FIELD = Field("throughput_t_y", "Throughput", "quantity", "t/y", aside=("plan", "*only"), after=BEHIND)


def files(home: Path) -> dict[str, bytes]:
    root = FileStore(home).current().root
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_the_same_input_gives_the_same_id_and_bytes(world, tmp_path):
    one, two = world.build(tmp_path / "one"), world.build(tmp_path / "two")
    assert one.release.id == two.release.id
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_another_value_gives_another_id(world, tmp_path):
    before = world.build(tmp_path / "home").release.id
    world.add("ports/claims.csv", "pevek,throughput_t_y,674,kt/y,,2025,survey,\n")
    assert world.build(tmp_path / "home").release.id != before


def test_a_release_is_named_after_its_content(world, tmp_path):
    release = world.build(tmp_path / "home").release
    assert digest(release.root) == release.id


def test_any_gis_opens_a_layer_without_us(world, tmp_path):
    import geopandas as gpd

    root = world.build(tmp_path / "home").release.root
    frame = gpd.read_file(root / "layers" / "ports.geojson", engine="pyogrio")
    assert sorted(frame["id"]) == ["chennai", "egvekinot", "pevek", "vladivostok"]


def test_the_newest_claim_is_shown_and_the_others_are_kept(world, tmp_path):
    layer = world.build(tmp_path / "home").layer("ports")
    p = layer.feature(layer.position("vladivostok"))["properties"]
    assert p["throughput_t_y"] == 33_510_000
    assert [(c["value"], c["unit"], c["as_of"], c.get("shown", False)) for c in p["claims"]] == [
        (60, "Mt/y", "2030", False),
        (33.51, "Mt/y", "2023", True),
        (31000, "kt/y", "2022", False),
    ]


@pytest.mark.parametrize(
    ("claims", "shown"),
    [
        ([], None),
        ([claim(1, "2022"), claim(2, "2023")], 2),
        ([claim(1, "2023"), claim(2, "2023-06-30")], 1),  # a year holds to its last day
        ([claim(1, "2024-04/2025-03"), claim(2, "2024")], 1),
        ([claim(1, "2023"), claim(2, "2023")], 2),  # of one date, the last written
        ([claim(1, ""), claim(2, "1950")], 2),  # no date counts as oldest
        ([claim(1, "2020"), claim(2, "2030", "plan")], 1),
        ([claim(2, "2030", "plan, whole corridor")], None),
        ([claim(1, "2024", "resource, one zone only"), claim(2, "2010")], 2),
        ([claim(1, "2010", "JORC total resource"), claim(2, "2024", "JORC inferred")], 2),
        ([claim(1, "2024-08", "JORC total resource"), claim(2, "2024-08-05", "JORC inferred")], 1),
        ([claim(1, "2024", "NI 43-101 inferred"), claim(2, "2024", "NI 43-101 indicated")], 2),
        ([claim(1, "2024", "measured + indicated"), claim(2, "2024", "indicated")], 1),
        ([claim(1, "2024", "measured + indicated + inferred"), claim(2, "2020", "inferred")], 1),
        ([claim(1, "2020", "inferred"), claim(2, "2024", "inferred")], 2),
    ],
)
def test_the_rule_of_the_shown_value(claims, shown):
    chosen = choose(FIELD, claims)
    assert (None if chosen is None else chosen.amount) == shown


def test_a_name_that_no_source_prints_is_transliterated_and_marked(world, tmp_path):
    layer = world.build(tmp_path / "home").layer("ports")
    p = layer.feature(layer.position("egvekinot"))["properties"]
    assert (p["name_ru"], p["name_ru_source"]) == ("Егвекинот", "transliterated")
    assert p["name_hi_source"] == "transliterated"
    assert layer.feature(layer.position("vladivostok"))["properties"]["name_ru_source"] == "survey"


def test_a_route_without_a_published_name_is_named_by_its_ends(world, tmp_path):
    p = world.build(tmp_path / "home").layer("trade-routes").feature(0)["properties"]
    assert (p["name_ru"], p["name_hi"]) == ("Ченнаи – Владивосток", "चेन्नई – व्लादिवोस्तोक")
    assert (p["name_ru_source"], p["name_hi_source"]) == ("named by its ends", "named by its ends")


def test_a_route_of_branches_alone_is_refused(world, tmp_path):
    world.add("trade-routes/features.csv", "side,Side,,,,,,,,,,,,\n")
    world.add("trade-routes/legs.csv", "side,1,sea,chennai,vladivostok,other way,,,,,survey,\n")
    with pytest.raises(DataError, match="side has no leg of its main way"):
        world.build(tmp_path / "home")


def test_a_route_whose_end_is_no_port_is_named_by_the_place(world, tmp_path):
    world.add("trade-routes/features.csv", "coal,Coal,,,,,,,,,,,,\n")
    world.add("trade-routes/legs.csv", "coal,1,rail,Kuzbass,Chennai,,Yurga 84.9 55.7; Chennai 80.2 13.1,,,,survey news,\n")
    p = world.build(tmp_path / "home").layer("trade-routes")
    p = p.feature(p.position("coal"))["properties"]
    assert p["name_ru"] == "Юрга – Ченнаи"
    assert p["legs"][0]["sources"] == ["survey", "news"]


def test_a_route_has_its_computed_length_beside_the_published_one(world, tmp_path):
    layer = world.build(tmp_path / "home").layer("trade-routes")
    p = layer.feature(layer.position("emc"))["properties"]
    assert 4560 < p["length_computed_km"] / 1.852 < 4800
    assert p["length_km"] == pytest.approx(5647 * 1.852)
    assert p["passages"] == ["malacca", "singapore", "taiwan", "korea-tsushima"]
    assert {c["source"] for c in p["claims"]} == {"news", "computed"}


def test_a_route_across_180_degrees_is_stored_in_parts_and_its_bounds_say_so(world, tmp_path):
    layer = world.build(tmp_path / "home").layer("trade-routes")
    position = layer.position("northern")
    west, _, east, _ = layer.bounds[position]
    assert west > east
    for part in layer.feature(position)["geometry"]["coordinates"]:
        assert all(-180 <= x <= 180 for x, _ in part)


def test_the_parts_of_a_country_sum_to_it(atlas):
    divided = {r.country for r in boundaries.load().of_kind("admin1")}
    for layer in (one for one in atlas.layers if one.about["geometry"] == "point"):
        members = {r: set(a) | set(b) for r, (a, b) in layer.index.members.items()}
        for country in divided & set(members):
            parts = [m for r, m in members.items() if "-" in r and "district" not in r and m <= members[country]]
            found = [i for m in parts for i in m]
            assert sorted(found) == sorted(members[country]), (layer.id, country)


def test_a_build_that_is_refused_leaves_the_previous_release_answering(world, tmp_path):
    before = world.build(tmp_path / "home").release.id
    world.add("ports/features.csv", "x,X,,,,,1000,0,1,survey,,RU,,\n")
    with pytest.raises(DataError):
        world.build(tmp_path / "home")
    assert Catalog.open(tmp_path / "home").release.id == before
    assert list((tmp_path / "home" / "work").iterdir()) == []


def test_a_home_that_cannot_be_written_is_said(world, tmp_path):
    (tmp_path / "home").write_text("a file")
    with pytest.raises(DataError, match="cannot be written"):
        world.build(tmp_path / "home")


def test_no_release_yet_is_said(tmp_path):
    with pytest.raises(DataError, match=r"holds no release yet\. Run 'corridor build'"):
        Catalog.open(tmp_path)


def test_a_release_of_another_format_is_said(world, tmp_path):
    root = world.build(tmp_path / "home").release.root
    (root / "manifest.json").write_text(json.dumps({"id": "x", "format": 99}))
    with pytest.raises(DataError, match="format 99, not 3"):
        Release(root)


def test_two_builds_at_once_do_not_meet(world, tmp_path):
    import fcntl

    world.build(tmp_path / "home")
    with (tmp_path / "home" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(DataError, match="Another build is writing"):
            world.build(tmp_path / "home")


def test_a_catalog_takes_up_a_newer_release_and_the_old_one_still_answers(world, tmp_path):
    before = world.build(tmp_path / "home")
    assert before.newest() is before
    world.add("ports/claims.csv", "pevek,throughput_t_y,674,kt/y,,2025,survey,\n")
    after_id = world.build(tmp_path / "home").release.id
    assert before.newest().release.id == after_id
    assert len(before.layer("ports").feature(0)["properties"]["claims"]) == 1


KILLED = """
from pathlib import Path
from layers.build import build
from layers.stores.files import FileStore
print("go", flush=True)
build(FileStore(Path({home!r})), data=Path({data!r}), layers=("ports", "trade-routes"))
"""


def test_kill_9_at_fifty_moments_of_a_build_leaves_the_previous_release_answering(world, tmp_path):
    home = tmp_path / "home"
    started = time.monotonic()
    before = world.build(home).release.id
    took = time.monotonic() - started + 1
    world.add("ports/claims.csv", "pevek,throughput_t_y,674,kt/y,,2025,survey,\n")
    script = KILLED.format(home=str(home), data=str(world.root))
    seen = set()
    for attempt in range(50):
        child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(took * attempt / 50)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        answer = Catalog.open(home)
        seen.add(answer.release.id)
        assert answer.layer("ports").ids == ["chennai", "egvekinot", "pevek", "vladivostok"]
        assert digest(answer.release.root) == answer.release.id
    assert before in seen
    build(FileStore(home), data=world.root, layers=world.layers)
    assert Catalog.open(home).release.id != before
    assert list((home / "work").iterdir()) == []


def test_a_damaged_array_is_said(world, tmp_path):
    layer = world.build(tmp_path / "home").layer("ports")
    path = layer.root / "index/ports.bounds.npy"
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(DataError, match=r"ports\.bounds\.npy cannot be read\. Run 'corridor build'"):
        _ = Catalog.open(tmp_path / "home").layer("ports").bounds


@pytest.mark.parametrize(("name", "text"), [("current", b"\xff"), ("manifest.json", b"[]"), ("layers.json", b"[1]")])
def test_a_damaged_store_is_said(world, tmp_path, name, text):
    home = tmp_path / "home"
    root = world.build(home).release.root
    ((home if name == "current" else root) / name).write_bytes(text)
    with pytest.raises(DataError, match="corridor build"):
        Catalog.open(home)
