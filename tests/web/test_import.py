"""``corridor import``: the layers of a file become layers of the next release, or nothing does."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from layers import Catalog, importers
from web import importing

ROOT = Path(__file__).parents[2]
MINES = "id,name,lon,lat,depth_m\nm-1,Томтор,116.6,71.0,12.5\nm-2,Lovozero,34.8,67.9,\n"


@pytest.fixture
def home(atlas_home, tmp_path):
    shutil.copytree(atlas_home, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def corridor(home):
    def run(*words):
        environment = {**os.environ, "CORRIDOR_HOME": str(home)}
        command = [sys.executable, "-m", "web.cli", *words]
        return subprocess.run(command, capture_output=True, cwd=ROOT, env=environment, check=False, timeout=120)

    return run


@pytest.fixture
def mines(tmp_path):
    path = tmp_path / "mines.csv"
    path.write_text(MINES, encoding="utf-8")
    return path


def current(home):
    return (home / "current").read_text()


def test_a_file_becomes_a_layer_of_the_next_release(corridor, home, mines):
    done = corridor("import", str(mines))
    assert done.returncode == 0, done.stderr
    release = Catalog.open(home).release.id
    assert done.stdout.decode().splitlines() == [
        "mines: 2 features, geometry point, from OGC:CRS84",
        "  columns: id (string), name (string), lon (number), lat (number), depth_m (number)",
        "  note: ids are those of the column 'id'",
        "  note: no reference system is named: the coordinates are taken as longitude, latitude (CRS84)",
        f"Release {release}",
    ]
    asked = corridor("query", "mines", "--region", "Sakha", "--format", "geojson")
    assert [f["id"] for f in json.loads(asked.stdout)["features"]] == ["m-1"]


def test_a_dry_run_writes_nothing_and_says_it_all(corridor, home, mines):
    before = current(home)
    done = corridor("import", str(mines), "--dry-run", "--format", "json", "--layer", "pits")
    said = json.loads(done.stdout)
    assert said["release"] is None
    assert said["layers"][0] | {"notes": [], "columns": []} == {
        "id": "pits", "title": "mines", "geometry": "point", "features": 2, "crs": "OGC:CRS84",
        "bbox": [34.8, 67.9, 116.6, 71.0], "file": "mines.csv", "source_layer": "mines", "replaces": None, "columns": [],
        "notes": [],
    }  # fmt: skip
    assert said["layers"][0]["columns"][-1] == {"name": "depth_m", "type": "number"}
    assert current(home) == before
    assert corridor("import", str(mines), "--dry-run").stdout.decode().endswith("Nothing was written (--dry-run).\n")


def test_an_import_says_what_it_takes_the_place_of(corridor, home, mines, tmp_path):
    corridor("import", str(mines))
    day = Catalog.open(home).layer("mines").about["imported"]["date"]
    later = tmp_path / "later.csv"
    later.write_text("lon,lat\n1,2\n", encoding="utf-8")
    line = f"  replaces mines: 2 features imported {day} from mines.csv"
    for more in (("--dry-run",), ()):
        words = ("import", str(later), "--layer", "mines", *more)
        if more:
            said = json.loads(corridor(*words, "--format", "json").stdout)
            assert said["layers"][0]["replaces"] == {"features": 2, "imported": day, "file": "mines.csv"}
        assert corridor(*words).stdout.decode().splitlines()[1] == line
    line = f"  replaces mines: 1 feature imported {day} from later.csv"
    assert corridor("import", str(mines), "--dry-run").stdout.decode().splitlines()[1] == line


def test_the_box_of_what_crosses_180_is_small(tmp_path):
    path = tmp_path / "bering.csv"
    crossing = "MULTILINESTRING ((170 60, 180 61), (-180 61, -170 62))"
    path.write_text(f'wkt\n"{crossing}"\n"POINT (175 61)"\n"POINT (-175 61)"\n', encoding="utf-8")
    (layer,) = importers.read(path)
    assert json.loads(json.dumps(importing.report(layer, {})))["bbox"] == [170, 60, -170, 62]


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    ("more", "words", "said"),
    [
        ("m-3,x,1,95,\n", (), "mines.csv: layer 'mines': row 4: 1, 95 is not a longitude and latitude"),
        ("", ("--layer", "ports"), "A layer 'ports' is there already"),
        ("", ("--layer", "a b"), "'a b' is no layer's id"),
        ("", ("--source-layer", "mine"), "mines.csv has no layer 'mine'. Did you mean mines?"),
        ("", ("--format", "xml"), "'xml' is not a format that is known"),
    ],
)
def test_a_fault_is_said_and_nothing_is_written(refused, more, words, said, dry):
    assert said in refused(more, *words, *dry)


@pytest.fixture
def refused(corridor, home, mines):
    """Import the mines with further rows; return what is said, once it is sure that nothing was written."""

    def run(more, *words):
        mines.write_text(MINES + more, encoding="utf-8")
        before = current(home)
        done = corridor("import", str(mines), *words)
        assert (done.returncode, done.stdout) == (2, b"")
        assert current(home) == before
        assert len(list((home / "releases").iterdir())) == 1
        assert b"Traceback" not in done.stderr
        return done.stderr.decode()

    return run


def test_names_in_a_file_move_no_terminal(corridor, mines):
    mines.write_bytes(b"lon,lat,a\x1b[31m\n1,2,3\n")
    assert b"\x1b" not in corridor("import", str(mines), "--dry-run").stdout
