"""Foreign files are opened with care: what they are their bytes say, and nothing beside them takes part."""

import errno
import os
import sqlite3
import stat
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from geo.errors import InputError
from geo.files import Limits, opened

POINT = b'{"type":"Point","coordinates":[132,43]}'


def said(path, limits=None):
    with pytest.raises(InputError) as caught, opened(path, limits):
        pass
    return str(caught.value)


def write(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    return path


def pack(tmp_path, members, name="a.zip", **kept):
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in members.items():
            archive.writestr(member, data, **kept)
    return path


def database(tmp_path, *statements, name="a.gpkg"):
    path = tmp_path / name
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE gpkg_contents (table_name)")
        base.execute("CREATE TABLE gpkg_spatial_ref_sys (srs_id)")
        for one in statements:
            base.execute(one)
        base.commit()
    return path


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b" \n\t ", "nothing but blanks"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\x1f\x8b\x08", "a gzip archive; unpack it first"),
        (b"\xd0\xcf\x11\xe0", "save the sheet as CSV"),
        (b"abc\0def", "of no kind that is known"),
        (b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>", "begins with <OGRVRTDataSource>"),
        (b"<?xml version='1.0'?><!-- a --><html></html>", "begins with <html>"),
        (b"SQLite format 3\0" + bytes(200), "the GeoPackage is damaged"),
    ],
)
def test_bytes_of_no_kind_are_refused_by_what_they_are(tmp_path, data, words):
    for name in ("a.csv", "a.geojson", "a.gpkg"):
        assert words in said(write(tmp_path, name, data))


def test_what_a_file_is_called_does_not_count(tmp_path):
    with opened(write(tmp_path, "a.shp", POINT)) as files:
        assert [f.kind for f in files] == ["geojson"]


def test_a_folder_a_pipe_and_a_device_are_no_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "this is a folder" in said(tmp_path)
    assert "a device or a pipe" in said(tmp_path / "pipe")
    assert "a device or a pipe" in said("/dev/zero")


@pytest.mark.parametrize("path", ["/vsicurl/http://127.0.0.1/a.gpkg", "http://127.0.0.1/a.gpkg", "missing.csv", "a\0b"])
def test_addresses_and_missing_files_cannot_be_read(path):
    assert "cannot be read" in said(path)


def test_a_file_above_the_limit_is_refused(tmp_path):
    assert "Divide the file" in said(write(tmp_path, "a.geojson", POINT), Limits(file=10))
    assert "Divide the file" in said(write(tmp_path, "a.geojson", POINT), Limits(text=10))


def test_a_database_that_is_no_geopackage_is_refused(tmp_path):
    path = tmp_path / "a.gpkg"
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE t (a)")
    assert "no GeoPackage" in said(path)


def test_a_geopackage_whose_sql_would_run_is_refused(tmp_path):
    assert "'v' is a view" in said(database(tmp_path, "CREATE VIEW v AS SELECT 1 AS a"))


def test_a_geopackage_with_a_virtual_table_of_code_is_refused(tmp_path):
    path = database(tmp_path)
    with closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA writable_schema=ON")
        sql = "CREATE VIRTUAL TABLE evil USING VirtualOGR('/etc/passwd')"
        base.execute("INSERT INTO sqlite_master VALUES ('table', 'evil', 'evil', 0, ?)", (sql,))
        base.commit()
    assert "'evil' is virtual and would run code" in said(path)


def test_a_geopackage_with_changes_beside_it_is_refused(tmp_path):
    path = database(tmp_path)
    write(tmp_path, "a.gpkg-wal", b"changes")
    assert "another program has the file open" in said(path)


@pytest.mark.parametrize("name", ["/etc/cron.d/a.csv", "../a.csv", "b/../../a.csv", "..\\a.csv", "C:\\a.csv"])
def test_an_archive_that_leads_outside_is_refused(tmp_path, name):
    assert "leads outside" in said(pack(tmp_path, {name: b"lon,lat\n1,2\n"}))


def test_a_link_in_an_archive_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("a.shp")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert "is a link" in said(path)


def test_an_archive_that_swells_is_refused(tmp_path):
    bomb = pack(tmp_path, {"a.csv": b"lon,lat\n" + b"0" * 30_000_000})
    assert "packed more than 250 times" in said(bomb)
    assert "unpacks to more than" in said(bomb, Limits(ratio=10**6, unpacked=1_000_000))
    assert "files are more than the 3" in said(pack(tmp_path, {f"{i}.txt": b"" for i in range(4)}), Limits(members=3))


def test_an_encrypted_member_is_refused(tmp_path):
    path = pack(tmp_path, {"a.csv": b"lon,lat\n1,2\n"})
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "is encrypted" in said(path)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"readme.txt": b"a"}, "no Shapefile and no such file"),
        ({"a.csv": b"lon,lat", "b.csv": b"lon,lat"}, "2 files that could be one: a.csv, b.csv"),
        ({"xl/workbook.xml": b"<a/>"}, "an Office document"),
        ({"a.csv": b"PK\x03\x04"}, "holds another archive"),
        ({"a.shp": b"no shapes"}, "a.zip/a.shp: this is no Shapefile"),
    ],
)
def test_an_archive_of_something_else_is_refused(tmp_path, members, words):
    assert words in said(pack(tmp_path, members))


def test_a_damaged_archive_is_refused(tmp_path):
    assert "the archive is damaged" in said(write(tmp_path, "a.zip", b"PK\x03\x04" + bytes(40)))
    whole = pack(tmp_path, {"a.csv": bytes(range(256)) * 400}).read_bytes()
    assert "the archive is damaged" in said(write(tmp_path, "b.zip", whole[:60] + b"\xff" * 20 + whole[80:]))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_is_refused_however_it_is_packed(tmp_path, method):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.csv", bytes(range(256)) * 200)
    whole = path.read_bytes()
    start = 30 + len("a.csv")
    lines = []
    for place in range(start, start + 60):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        lines.append(said(path))  # never anything but an InputError
    assert sum("the archive is damaged or cannot be unpacked" in line for line in lines) > 30


def test_a_full_disk_is_no_damaged_archive(tmp_path, monkeypatch):
    path = pack(tmp_path, {"a.csv": b"lon,lat\n1,2\n"})
    inside = Path.open

    def full(self, mode="r", *args, **kept):
        if "w" in mode:
            raise OSError(errno.ENOSPC, "No space left on device")
        return inside(self, mode, *args, **kept)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(OSError, match="No space left"), opened(path):
        pass


def test_a_zipped_file_is_opened_by_its_bytes(tmp_path):
    with opened(pack(tmp_path, {"doc.kml": b"<kml/>", "icon.png": b"\x89PNG"}, name="a.kmz")) as files:
        assert [(f.kind, f.stem) for f in files] == [("kml", "doc")]


def test_nothing_stays_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "work"))
    (tmp_path / "work").mkdir()
    with opened(pack(tmp_path, {"doc.kml": b"<kml/>"})):
        assert list((tmp_path / "work").iterdir())
    assert not list((tmp_path / "work").iterdir())


def test_a_part_of_a_shapefile_that_is_a_link_is_refused(tmp_path):
    shape = write(tmp_path, "a.shp", b"\0\0\x27\x0a" + bytes(96))
    (tmp_path / "a.dbf").symlink_to("/etc/passwd")
    assert "a.dbf beside it is a link" in said(shape)
    (tmp_path / "a.dbf").unlink()
    write(tmp_path, "a.dbf", bytes(200))
    assert "a.dbf: 0 MB is more than" in said(shape, Limits(file=150))
