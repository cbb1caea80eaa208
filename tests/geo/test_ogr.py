"""GDAL works in a process of its own, with one driver, and what happens to it there is an error of ours."""

import geopandas as gpd
import pytest
import shapely

from geo import ogr, ogr_process
from geo.errors import InputError
from geo.files import Limits


@pytest.fixture
def place(tmp_path):
    gpd.GeoDataFrame(geometry=[shapely.Point(1, 2)], crs=4326).to_file(tmp_path / "layer.gpkg", driver="GPKG", engine="pyogrio")
    return tmp_path / "layer.gpkg"


def read(path):
    return ogr.read(path, "gpkg", shown="a.gpkg", wanted=[], encoding=None, seconds=60)


def test_a_layer_comes_as_a_table_with_its_system(place):
    (layer,) = read(place)
    assert (layer.name, layer.crs, layer.table.num_rows) == ("layer", "EPSG:4326", 1)


def test_it_refuses_to_work_where_another_driver_is_on(place, monkeypatch):
    monkeypatch.setattr(ogr, "_other_drivers", lambda _: "KML")
    with pytest.raises(InputError, match=r"cannot be read: drivers .* are on"):
        read(place)


def test_a_crash_there_is_an_error_here(place, monkeypatch, tmp_path):
    (tmp_path / "crash.py").write_text("import os; os.abort()")
    monkeypatch.setattr(ogr, "_SCRIPT", tmp_path / "crash.py")
    with pytest.raises(InputError, match=r"a\.gpkg: the GPKG is damaged or cannot be read: GDAL ended without a word"):
        read(place)


def test_it_may_work_for_less_than_it_is_waited_for():
    assert 0 < ogr_process._CPU_SECONDS < Limits().seconds


def test_only_one_driver_can_open_a_file(place):
    """The bytes of a GeoPackage are nothing to the driver of FlatGeobuf, whatever GDAL would have taken them for."""
    with pytest.raises(InputError, match="the FlatGeobuf is damaged or cannot be read"):
        ogr.read(place, "flatgeobuf", shown="a.fgb", wanted=[], encoding=None, seconds=60)
