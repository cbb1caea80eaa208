"""What a process loads: the data of a layer are answered without any library for frames, maps or pages."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("pandas", "geopandas", "folium", "branca", "pyogrio", "scipy", "matplotlib", "requests")
ASKING = """
import json, sys
from pathlib import Path
from layers import Catalog
from web.app import create_app

client = create_app(Catalog.open(Path(sys.argv[1]))).test_client()
for address in json.loads(sys.argv[2]):
    response = client.get(address, headers={"Accept-Encoding": "zstd"})
    assert response.status_code == 200, response.data
print(json.dumps(sorted(sys.modules)))
"""


def loaded(*command):
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, cwd=ROOT, env=os.environ, text=True, check=True, timeout=120
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "query",
    ["limit=5", "bbox=120,30,140,50", "region=RU-PRI", "region=Приморский край", "near=Vladivostok&radius=300km"],
)
def test_items_are_answered_without_what_builds_and_draws(atlas_home, query):
    modules = loaded("-c", ASKING, str(atlas_home), json.dumps([f"/collections/ports/items?{query}"]))
    assert "web.api" in modules
    assert not modules & set(HEAVY)


@pytest.mark.parametrize("address", ["/", "/?region=Kerala&layers=ports", "/embed", "/export"])
def test_a_page_without_a_voyage_loads_no_network(atlas_home, address):
    modules = loaded("-c", ASKING, str(atlas_home), json.dumps([address]))
    assert "web.pages" in modules
    assert not {m for m in modules if m.startswith(("geo.network", "geo.hierarchy", "layers.voyages", "layers.journeys"))}


def test_a_page_with_a_voyage_loads_the_network(atlas_home):
    assert "geo.network" in loaded("-c", ASKING, str(atlas_home), json.dumps(["/?from=Chennai&to=Vladivostok"]))


def test_a_page_loads_what_draws_it(atlas_home):
    modules = loaded("-c", ASKING, str(atlas_home), json.dumps(["/"]))
    assert "folium" in modules


@pytest.mark.parametrize(
    ("module", "left_out"),
    [
        ("web.cli", (*HEAVY, "flask", "granian", "pyproj", "web.app")),
        ("web.serving", (*HEAVY, "pyproj", "geo.network", "layers.rules")),
    ],
)
def test_a_module_loads_only_what_it_needs_at_once(module, left_out):
    modules = loaded("-c", f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))")
    assert module in modules
    assert not modules & set(left_out)


def test_a_regions_name_is_found_without_the_polygons():
    script = (
        "import json, sys\n"
        "from geo import boundaries, regions\n"
        "assert regions.gazetteer().resolve('Приморский').id == 'RU-PRI'\n"
        "print(json.dumps(sorted(vars(boundaries.load()))))\n"
    )
    assert loaded("-c", script) == {"regions"}
