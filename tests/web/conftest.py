import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from layers import Catalog, importers
from layers.build import add
from layers.stores.files import FileStore
from web.app import create_app


@pytest.fixture(scope="session")
def app(atlas):
    app = create_app(atlas)
    app.testing = False  # errors are answered as they are in service
    return app


@pytest.fixture
def client(app):
    return app.test_client()


def _feature(number, geometry, **properties):
    return {"type": "Feature", "id": number, "geometry": geometry, "properties": properties}


def _point(lon, lat):
    return {"type": "Point", "coordinates": [lon, lat]}


CAPS = {"type": "Polygon", "coordinates": [[[170, 60], [180, 60], [180, 70], [170, 70], [170, 60]]]}
POLAR_CAP = {"type": "Polygon", "coordinates": [[[-180, 88], [180, 88], [180, 90], [-180, 90], [-180, 88]]]}
VISITS = [
    _feature(1, _point(80.3, 13.1), name="A, B & <b>", day="2024-05-01", score=1.5, note="x=1"),
    _feature(2, _point(-179.5, 66.0), name="B", day="2024-06-30", score=-2.0, note=None),
    _feature(3, _point(0, 90), name="North pole", day="2025-01-01", score=0.25, note="{{ 7*7 }}"),
    _feature(4, None, name="Nowhere", day="2023-01-01", score=None, note=""),
]
AREAS = [_feature(1, CAPS, label="Chukotka"), _feature(2, POLAR_CAP, label="About the pole")]


@pytest.fixture(scope="session")
def brought_home(atlas_home, tmp_path_factory) -> Path:
    """The atlas with two layers that somebody brought: points with days, one at a pole, one without place; polygons."""
    root = tmp_path_factory.mktemp("brought")
    home = root / "home"
    shutil.copytree(atlas_home, home, symlinks=True)
    for name, features in (("visits", VISITS), ("areas", AREAS)):
        path = root / f"{name}.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        add(FileStore(home), importers.read(path))
    return home


@pytest.fixture(scope="session")
def brought(brought_home):
    """A client of the atlas with layers that somebody brought."""
    return create_app(Catalog.open(brought_home)).test_client()


@pytest.fixture(scope="session")
def served(brought_home):
    """The address of a real server over that atlas, in a process of its own."""
    command = [sys.executable, "-m", "web.cli", "serve", "--port", "0"]
    environment = {**os.environ, "CORRIDOR_HOME": str(brought_home), "PYTHONUNBUFFERED": "1"}
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=root) as server:
        line = server.stdout.readline()
        assert "http://127.0.0.1:" in line, line
        yield line.split(" is at ")[1].split(" ")[0]
        server.terminate()
