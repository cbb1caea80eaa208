"""The bench itself: its data come by seed, its table judges rightly, and a quick run goes through."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
RUN = ROOT / "tests" / "bench" / "run.py"


@pytest.fixture(scope="module")
def bench():
    """The bench's modules can be imported, as they import one another; they are gone with the last of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(RUN.parent))
        yield
    for name in [n for n, m in sys.modules.items() if Path(getattr(m, "__file__", None) or "/").parent == RUN.parent]:
        del sys.modules[name]


@pytest.mark.usefixtures("bench")
class TestTheTable:
    def test_the_ratio_is_of_medians_and_read_the_way_the_row_says(self):
        from table import Row

        figures = {"ours": [1.0, 2.0, 30.0], "theirs": [10.0, 90.0, 8.0]}
        assert Row("g", "w", **figures).ratio == 5.0
        assert Row("g", "w", **figures, faster=False).ratio == 0.2

    @pytest.mark.parametrize(
        ("bound", "least", "met"), [(5.0, True, True), (5.1, True, False), (5.0, False, True), (4.9, False, False)]
    )
    def test_a_demand_holds_up_to_its_bound(self, bound, least, met):
        from table import Demand, Row

        assert Row("g", "w", [2.0], "peer", [10.0], demand=Demand(bound, least=least)).met is met

    def test_without_a_peer_our_figure_itself_is_judged(self):
        from table import Demand, Row

        assert Row("g", "w", [149.0], unit="MB", demand=Demand(150, least=False, unit="MB")).met is True
        assert Row("g", "w", [151.0], unit="MB", demand=Demand(150, least=False, unit="MB")).met is False

    def test_what_was_not_measured_is_neither_met_nor_missed(self):
        from table import Demand, Row

        assert Row("g", "w", [1.0], "peer", (), demand=Demand(3, least=False)).met is None

    def test_the_forms_of_the_table_say_the_same(self, tmp_path, capsys):
        from table import Demand, Row, Table

        table = Table({"machine": "this one"})
        table.add(Row("Group", "box", [2.0], "peer", [10.0], demand=Demand(8, least=True)))
        table.absent("tipg", "no network")
        for name in ("out.txt", "out.md", "out.json"):
            table.write(tmp_path / name)
            text = (tmp_path / name).read_text(encoding="utf-8")
            assert all(word in text for word in ("Group", "box", "≥ 8×", "not here: no network", "this one")), name
        assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["rows"][0]["met"] is False
        assert "0 of 1 demands met; 1 not here" in table.text()
        assert "not here: no network" in capsys.readouterr().out


@pytest.mark.usefixtures("bench")
class TestTheData:
    def test_points_are_the_same_on_every_run(self):
        import data

        first = data.points.__wrapped__(500)
        assert np.array_equal(first.lon, data.points.__wrapped__(500).lon)
        assert data.attributes(5) == data.attributes(5)

    def test_there_are_ten_attributes_of_every_kind(self):
        import data

        columns = data.attributes(50)
        assert len(columns) == 10
        assert {type(v).__name__ for values in columns.values() for v in values} == {
            "str",
            "NoneType",
            "int",
            "float",
            "date",
            "bool",
        }
        assert any("а" <= c <= "я" for value in columns["name"] for c in str(value).lower())

    def test_boxes_hold_the_hits_they_promise_and_never_repeat(self):
        import data
        import ways

        at = data.points(3000)
        boxes = list(islice(data.boxes(at, 100, seed=1), 20))
        assert len(set(boxes)) == 20
        assert {len(ways.mask_box(at, box)) for box in boxes} == {100}

    def test_outlines_are_valid_have_about_ten_thousand_vertices_and_never_repeat(self):
        import data
        import shapely

        shapes = list(islice(data.outlines(seed=1), 4))
        assert all(shape.is_valid and 9000 <= shapely.get_num_coordinates(shape) <= 12_000 for shape in shapes)
        assert len({shape.wkb for shape in shapes}) == 4


@pytest.mark.usefixtures("bench")
def test_the_ways_that_ours_is_measured_by_agree():
    import data
    import ways

    at = data.points(5000)
    grid, tree = ways.Grid.build(at), ways.Tree.build(at)
    for box in islice(data.boxes(at, 200, seed=2), 10):
        right = ways.mask_box(at, box).tolist()
        assert sorted(grid.box(box).tolist()) == sorted(tree.box(box).tolist()) == right
    for shape in islice(data.outlines(seed=2), 3):
        right = ways.mask_polygon(at, shape).tolist()
        assert right
        assert sorted(grid.polygon(shape).tolist()) == sorted(tree.polygon(shape).tolist()) == right


@pytest.mark.usefixtures("bench")
def test_without_an_installation_a_peer_is_absent_and_says_so(tmp_path):
    from peers import AbsentError, Peers

    with pytest.raises(AbsentError, match="tipg is not asked for in a quick run"):
        Peers(tmp_path, install=False).python("tipg")
    with pytest.raises(AbsentError, match="postgresql-postgis of Debian is not installed by a quick run"):
        Peers(tmp_path, install=False).debian("postgis", there=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_quick_run_measures_every_part_and_every_side_hits_the_same(tmp_path):
    out = tmp_path / "bench.json"
    command = [sys.executable, str(RUN), "--quick", "--cache", str(tmp_path / "cache"), "-o", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    rows = json.loads(out.read_text(encoding="utf-8"))["rows"]
    measured = [row for row in rows if row["ours"]]
    begun = ("From the question", "To the row", "Growth", "5,000 features", "Geodesic", "/items", "From the start", "Memory")
    assert all(any(row["group"].startswith(word) for row in measured) for word in begun)
    said = " ".join(row["note"] for row in rows)
    assert "DIFFER" not in said
    assert "BROKEN" not in said
    assert "REFUSED" not in said
    compared = [row for row in rows if row["what"].startswith(("box", "polygon")) and row["peer"].startswith("GeoPandas")]
    assert compared
    assert all(row["note"].endswith("the same") for row in compared)
    assert next(row for row in rows if row["what"].startswith("hits unlike"))["met"] is True
