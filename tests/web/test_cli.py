import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from layers import Catalog
from layers.query import Question

ROOT = Path(__file__).parents[2]


@pytest.fixture
def corridor(atlas_home):
    def run(*words, home=atlas_home, **extra):
        environment = {**os.environ, "CORRIDOR_HOME": str(home), **extra}
        command = [sys.executable, "-m", "web.cli", *words]
        return subprocess.run(command, capture_output=True, cwd=ROOT, env=environment, check=False, timeout=120)

    return run


def lines(done):
    return done.stderr.decode().splitlines()


def ids(done):
    assert done.returncode == 0, done.stderr
    return [f["id"] for f in json.loads(done.stdout)["features"]]


@pytest.mark.parametrize("name", ["Primorsky Krai", "Приморский", "RU-PRI", "primorskiy"])
def test_a_region_gives_the_ids_of_the_catalog(corridor, atlas, name):
    selection = atlas.select("ports", Question(region=name))
    expected = selection.ids
    assert ids(corridor("query", "ports", "--region", name, "--format", "geojson")) == expected


def test_words_that_begin_with_a_minus_are_taken(corridor):
    assert {"egvekinot", "provideniya"} <= set(
        ids(corridor("query", "ports", "--bbox", "-180,60,-170,70", "--format", "geojson"))
    )
    found = ids(corridor("query", "ports", "--near", "-173.2,64.4", "--radius", "100km", "--format", "geojson"))
    assert found == ["provideniya"]


def test_a_table_names_the_source_of_every_number(corridor):
    out = corridor("query", "ports", "--region", "RU-PRI").stdout.decode()
    assert "33,510,000 [" in out
    assert "Sources (release " in out


def test_a_polygon_file_asks(corridor, tmp_path):
    ring = [[170, 60], [190, 60], [190, 70], [170, 70], [170, 60]]
    path = tmp_path / "chukotka.geojson"
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    assert "egvekinot" in ids(corridor("query", "ports", "--polygon", str(path), "--format", "geojson"))


def test_several_layers_are_one_answer(corridor, tmp_path):
    path = tmp_path / "both.csv"
    assert corridor("query", "ports", "shipyards", "--region", "RU-PRI", "-o", str(path)).returncode == 0
    rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    assert {r["layer"] for r in rows} == {"ports", "shipyards"}


def test_a_layer_without_times_says_so_where_it_is_asked_by_time(corridor):
    done = corridor("query", "ports", "--datetime", "2024-01-01", "--format", "geojson")
    assert ids(done) == []
    assert lines(done) == ["ports has no times: nothing of it answers datetime 2024-01-01. Leave datetime out."]
    assert lines(corridor("query", "ports", "--region", "RU-PRI", "--format", "geojson")) == []


def test_a_geopackage_has_a_table_for_each_layer(corridor, tmp_path):
    import pyogrio

    path = tmp_path / "both.gpkg"
    assert corridor("query", "ports", "trade-routes", "--region", "RU-PRI", "-o", str(path)).returncode == 0
    assert [str(name) for name, _ in pyogrio.list_layers(path)] == ["ports", "trade-routes"]


def test_layers_are_listed_as_json(corridor, atlas):
    listed = json.loads(corridor("layers", "--format", "json").stdout)
    assert [set(one) for one in listed] == [{"id", "title", "geometry", "features", "release"}] * 5
    assert {one["release"] for one in listed} == {atlas.release.id}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["query", "prts"], ["There is no layer 'prts'. Did you mean ports?"]),
        (
            ["query", "ports", "--region", "Primorye Oblst"],
            ["No region is called 'Primorye Oblst'. Did you mean Primorsky Krai (RU-PRI)?"],
        ),
        (
            ["query", "ports", "--region", "Georgia"],
            ["means more than one region: Georgia (GE) or Georgia (US-GA). Give the code."],
        ),
        (["query", "ports", "--bbox", "1,2,3"], ["'1,2,3' is not a box of four numbers."]),
        (["query", "ports", "--near", "Vladivostok"], ["needs a radius"]),
        (["query", "ports", "--polygon", "README.md"], ["'README.md' is not GeoJSON"]),
        (["query", "ports", "--polygon", "/nowhere.geojson"], ["'/nowhere.geojson' cannot be read: No such file or directory"]),
        (["query", "ports", "--format", "shp"], ["There is no format 'shp'."]),
        (["query", "ports", "-o", "/nowhere/ports.csv"], ["'/nowhere/ports.csv' cannot be written: No such file or directory"]),
        (["query", "ports", "-o", "ports.doc"], ["There is no format 'doc'."]),
        (["query", "ports", "--limit", "0"], ["0 is not in the range"]),
        (["query"], ["Missing argument"]),
        (["query", "ports", "--regoin", "RU"], ["No such option"]),
        (
            ["export", "-o", "map.pdf"],
            ["'map.pdf' does not say by its ending what to write. Known: .html, .geojson, .csv, .gpkg"],
        ),
        (["export", "-o", "map.html", "--theme", "pink"], ["theme 'pink' is not one of auto, light, dark."]),
        (["export", "--layers", "none", "-o", "map.gpkg"], ["A GeoPackage of no layer cannot be written."]),
        (["export", "--region", "", "-o", "map.html"], ["region is empty. Leave it out, or give it a value."]),
        (["layers", "--format", "yaml"], ["'yaml' is not a format that is known"]),
        (["serve", "--port", "99999"], ["99999 is not in the range"]),
        (["serve", "--workers", "0"], ["0 is not in the range 1<=x<=64"]),
        (["dossier"], ["No such command 'dossier'"]),
    ],
)
def test_bad_input_exits_with_2_and_says_what_would_work(corridor, words, said):
    done = corridor(*words)
    assert done.returncode == 2
    assert done.stdout == b""
    text = done.stderr.decode()
    assert all(s in text for s in said), text
    assert "Traceback" not in text


def test_a_region_and_a_property_that_are_not_there_are_both_said(corridor):
    done = corridor("query", "ports", "--region", "Atlantis", "--filter", "nope > 1")
    assert done.returncode == 2
    for name in (b"'nope'", b"'Atlantis'"):
        assert name in done.stderr


def test_every_fault_is_said_at_once_a_line_each(corridor):
    done = corridor("query", "prts", "--region", "Atlantis", "--radius", "x", "--format", "shp", "--polygon", "/nowhere")
    assert done.returncode == 2
    assert len(lines(done)) == 6


def test_an_output_that_cannot_be_written_leaves_nothing_behind(corridor, tmp_path):
    (tmp_path / "dir.csv").mkdir()
    before = sorted(tmp_path.iterdir())
    assert corridor("query", "ports", "-o", str(tmp_path / "dir.csv")).returncode == 2
    assert corridor("export", "--region", "Atlantis", "-o", str(tmp_path / "map.html")).returncode == 2
    assert sorted(tmp_path.iterdir()) == before


def test_a_fault_keeps_the_file_that_was_there(corridor, tmp_path):
    path = tmp_path / "ports.csv"
    path.write_text("mine")
    assert corridor("query", "ports", "--region", "Atlantis", "-o", str(path)).returncode == 2
    assert path.read_text() == "mine"


def test_no_release_yet_is_said(corridor, tmp_path):
    done = corridor("query", "ports", home=tmp_path)
    assert done.returncode == 2
    assert lines(done) == [f"{tmp_path} holds no release yet. Run 'corridor build'."]


def test_an_unknown_setting_is_an_error(corridor):
    done = corridor("layers", CORRIDOR_HOEM="/tmp")
    assert done.returncode == 2
    assert len(lines(done)) == 1
    assert lines(done)[0].startswith("CORRIDOR_HOEM is not a setting. Did you mean CORRIDOR_HOME")


def test_a_port_that_is_taken_is_said_in_one_line(corridor):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = corridor("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert len(lines(done)) == 1
    assert "Choose another port" in lines(done)[0]


def test_the_reader_of_the_output_may_leave(atlas_home):
    script = f"{sys.executable} -m web.cli query ports --format csv | head -c 10"
    environment = {**os.environ, "CORRIDOR_HOME": str(atlas_home)}
    done = subprocess.run(["bash", "-c", script], capture_output=True, cwd=ROOT, env=environment, check=False, timeout=60)
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


def test_build_prints_the_id_of_what_it_published(corridor, tmp_path, atlas):
    done = corridor("build", home=tmp_path / "home")
    assert done.stdout.decode().strip() == atlas.release.id
    assert Catalog.open(tmp_path / "home").release.id == atlas.release.id


def test_export_writes_a_page_or_data_by_the_files_name(corridor, tmp_path):
    for ending, begins in (
        (".html", b"<!doctype html>"),
        (".geojson", b'{"type"'),
        (".csv", b"\xef\xbb\xbf"),
        (".gpkg", b"SQLite"),
    ):
        path = tmp_path / f"kerala{ending}"
        assert corridor("export", "--region", "Kerala", "-o", str(path)).returncode == 0
        assert path.read_bytes().startswith(begins)


@pytest.mark.parametrize(
    "command",
    [
        "query ports --format gpkg -o {0}/x.gpkg",
        "query ports --format geojson -o {0}/x.geojson",
        "query ports --format geojson",
    ],
)
def test_a_disk_that_is_full_is_said_and_nothing_half_written_stays(atlas_home, tmp_path, command):
    script = f"ulimit -f 4; {sys.executable} -m web.cli {command.format(tmp_path)} > {tmp_path / 'out'}"
    environment = {**os.environ, "CORRIDOR_HOME": str(atlas_home)}
    done = subprocess.run(["bash", "-c", script], capture_output=True, cwd=ROOT, env=environment, check=False, timeout=60)
    assert done.returncode == 2, done.stderr
    assert len(lines(done)) == 1
    assert not list(tmp_path.glob("*x.*"))


def test_a_closed_output_is_said(atlas_home):
    environment = {**os.environ, "CORRIDOR_HOME": str(atlas_home)}
    script = f"{sys.executable} -m web.cli query ports >&-"
    done = subprocess.run(["bash", "-c", script], capture_output=True, cwd=ROOT, env=environment, check=False, timeout=60)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_a_route_is_a_table_with_its_sources(corridor):
    done = corridor("route", "Chennai", "Vladivostok", "--alternatives", "2")
    assert done.returncode == 0
    out = done.stdout.decode()
    assert out.startswith("Chennai to Vladivostok\n")
    assert "Strait of Malacca" in out
    assert "5,647 nm; along the water it is 4," in out
    assert "an assumption of the atlas" in out
    assert "[1] " in out


def test_a_route_may_begin_with_a_minus(corridor):
    done = corridor("route", "-173.2,64.4", "Vladivostok", "--format", "json")
    assert done.returncode == 0, done.stderr
    (journey,) = json.loads(done.stdout)["journeys"]
    assert journey["from"] == "-173.2,64.4"
    assert journey["speed_kn"] == 14


def test_no_route_is_exit_3_with_its_reason(corridor):
    words = ("route", "Vladivostok", "Pevek", "--close", "bering", "--close", "northern-sea-route")
    empty = corridor(*words, "--format", "json")
    assert (empty.returncode, json.loads(empty.stdout)["journeys"]) == (3, [])
    assert json.loads(empty.stdout)["reason"] in lines(empty)[0]
    assert "with northern-sea-route closed" in lines(empty)[0]
    assert "bering" in lines(empty)[0]
    told = corridor(*words, "--format", "geojson")
    assert told.returncode == 3
    assert json.loads(told.stdout)["features"] == []
    assert json.loads(told.stdout)["reason"] == lines(told)[0]


def test_faults_of_a_route_are_a_line_each(corridor):
    done = corridor("route", "Vladivxstxk", "77.2,28.6", "--close", "malaca", "--speed", "0", "--date", "soon")
    assert done.returncode == 2
    assert len(lines(done)) == 5
    assert done.stdout == b""


def test_an_option_that_is_misspelt_is_no_place(corridor):
    done = corridor("route", "--clsoe", "malacca", "Chennai", "Vladivostok")
    assert done.returncode == 2
    assert "--clsoe" in lines(done)[0]


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_exposure_says_what_malacca_costs_the_corridor(corridor, form):
    done = corridor("exposure", "--format", form)
    assert done.returncode == 0, done.stderr
    assert "Eastern Maritime Corridor" in done.stdout.decode()
    assert "Strait of Malacca" in done.stdout.decode()


SAIL = ("--from", "Chennai", "--to", "Vladivostok")


def test_an_export_draws_the_ways_of_a_voyage(corridor, tmp_path):
    for name in ("one.html", "two.html"):
        done = corridor(
            "export", *SAIL, "--close", "malacca,sunda", "--close", "taiwan", "--alternatives", "2", "-o", str(tmp_path / name)
        )
        assert done.returncode == 0, done.stderr
    one, two = (tmp_path / name for name in ("one.html", "two.html"))
    assert one.read_bytes() == two.read_bytes()
    assert "<title>Chennai to Vladivostok: Corridor Atlas</title>" in one.read_text()
    assert "CorridorAtlas.voyages(" in one.read_text()


def test_an_export_of_no_way_is_a_map_that_says_why(corridor, tmp_path):
    path = tmp_path / "map.html"
    done = corridor("export", "--from", "Vladivostok", "--to", "Pevek", "--close", "bering,northern-sea-route", "-o", str(path))
    assert done.returncode == 3
    assert lines(done)[0].startswith("There is no way by sea from Vladivostok to Pevek")
    assert "There is no way by sea from Vladivostok to Pevek" in path.read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "Chennai"), "to is missing"),
        (("--close", "malacca"), "from is missing"),
        ((*SAIL, "--close", "malacca", "--close", "berin"), "close 'berin' is not a passage. Did you mean bering?"),
        ((*SAIL, "--close", "malacca,"), "close 'malacca,' has an empty name"),
        (("--from", "-173.2,64.4", "--to", "77.2,28.6"), "'77.2,28.6' lies"),
    ],
)
def test_an_export_says_what_is_wrong_with_a_voyage(corridor, tmp_path, words, said):
    path = tmp_path / "map.html"
    done = corridor("export", *words, "-o", str(path))
    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert not path.exists()


def test_an_export_of_features_refuses_a_voyage(corridor, tmp_path):
    done = corridor("export", *SAIL, "-o", str(tmp_path / "map.geojson"))
    assert done.returncode == 2
    assert "holds features only. Write the route by 'corridor route FROM TO --format geojson -o FILE'" in done.stderr.decode()


def test_the_way_is_asked_with_lists_of_commas_too(corridor):
    both, again = (
        corridor("route", "Chennai", "Vladivostok", "--format", "json", *words)
        for words in (("--close", "malacca,sunda"), ("--close", "sunda", "--close", "malacca"))
    )
    assert both.returncode == again.returncode == 0
    first, second = ({**json.loads(done.stdout), "timeStamp": ""} for done in (both, again))
    assert first == second
    assert not {"malacca", "sunda"} & set(first["journeys"][0]["passages"])
