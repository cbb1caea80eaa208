"""A tiny world, and the real atlas built once."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from layers import Catalog
from layers.build import build
from layers.stores.files import FileStore

HOSTILE = (
    "{{ 7*7 }}",
    "${alert(1)}",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
)
CHROMIUM = Path("/usr/bin/chromium")

SOURCES = """id,publisher,title,published,url,accessed,licence,note
survey,Test Survey,Catalogue of places,2024-05,https://example.org/survey,2026-01-02,CC BY 4.0,
news,Test News,"Port breaks, record",,https://example.org/news,2026-01-03,all rights reserved (facts only),no date on the page
"""
FEATURES = (
    "id,name,name_ru,name_ru_source,name_hi,name_hi_source,lon,lat,accuracy_km,position_source,position_note,"
    "country,disputed,offshore\n"
)
CLAIMS = "feature,field,value,unit,category,as_of,source,note\n"
PORTS = """vladivostok,Vladivostok,Владивосток,survey,,,131.888333,43.108889,1,survey,,RU,,
egvekinot,Egvekinot,,,,,-179.118,66.323,5,survey,town,RU,,
pevek,Pevek,,,,,170.3,69.7167,2,survey,,RU,,
chennai,Chennai,,,चेन्नई,survey,80.3,13.0833,2,survey,,IN,,
"""
PORT_CLAIMS = """vladivostok,throughput_t_y,33.51,Mt/y,actual,2023,survey,
vladivostok,throughput_t_y,31000,kt/y,actual,2022,news,
vladivostok,throughput_t_y,60,Mt/y,plan,2030,news,
chennai,unlocode,INMAA,,,2024-05,survey,
"""
ROUTES = """emc,Chennai–Vladivostok,,,,,,,,,,,,
northern,Vladivostok–Pevek,,,,,,,,,,,,
"""
LEGS = """feature,seq,mode,from,to,branch,waypoints,close,gap,length_km,sources,note
emc,1,sea,chennai,vladivostok,,,northern-sea-route volga-don,,,survey,
northern,1,sea,vladivostok,pevek,,,,,,survey,
"""


class World:
    """The folder of a small atlas: real declarations of two layers, rows of its own."""

    layers = ("ports", "trade-routes")

    def __init__(self, root: Path) -> None:
        self.root = root
        from layers.build import ATLAS

        for layer in self.layers:
            (root / layer).mkdir(parents=True)
            shutil.copy(str(ATLAS / layer / "layer.toml"), root / layer / "layer.toml")
        self.write("sources.csv", SOURCES)
        self.write("ports/features.csv", FEATURES + PORTS)
        self.write("ports/claims.csv", CLAIMS + PORT_CLAIMS)
        self.write("trade-routes/features.csv", FEATURES + ROUTES)
        self.write("trade-routes/claims.csv", CLAIMS + "emc,length_km,5647,nm,,2019-09,news,\n")
        self.write("trade-routes/legs.csv", LEGS)

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text, encoding="utf-8")

    def add(self, name: str, text: str) -> None:
        with (self.root / name).open("a", encoding="utf-8") as out:
            out.write(text)

    def build(self, home: Path) -> Catalog:
        build(FileStore(home), data=self.root, layers=self.layers)
        return Catalog.open(home)


@pytest.fixture
def world(tmp_path) -> World:
    return World(tmp_path / "world")


@pytest.fixture(scope="session")
def atlas_home(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("atlas")
    build(FileStore(home))
    return home


@pytest.fixture(scope="session")
def atlas(atlas_home) -> Catalog:
    return Catalog.open(atlas_home)


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch):
    """No setting of the machine reaches a test."""
    for name in [n for n in os.environ if n.startswith("CORRIDOR_")]:
        monkeypatch.delenv(name)


def pytest_collection_modifyitems(items):
    """Without a browser the browser tests fail in CI and are a loud, counted skip elsewhere.

    One who works on the data or on geo has no need of Chromium, and every other test runs for him. What is merged goes
    through CI, where a missing browser is a failure and never a skip; test_browser_rule.py holds both.
    """
    if CHROMIUM.exists():
        return
    for item in items:
        if item.get_closest_marker("browser"):
            if os.environ.get("CI"):
                item.fixturenames.insert(0, "no_browser_in_ci")
            else:
                item.add_marker(pytest.mark.skip(reason=f"no Chromium at {CHROMIUM}: apt-get install chromium"))


@pytest.fixture
def no_browser_in_ci():
    pytest.fail(f"Chromium is missing at {CHROMIUM}, which CI must have")
