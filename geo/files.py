"""Foreign files, opened with care: what a file is, its bytes say; its name and its wishes do not count.

A file is opened once, must be a regular file of a bounded size, and is told by its first bytes. Those kinds that GDAL
reads (``geo.ogr``) are copied into a private folder under a name of ours, so that no neighbour, link or later change of
the file takes part. An archive is unpacked member by member, against bounds, and never to a path that it chooses.
"""

from __future__ import annotations

import lzma
import os
import re
import shutil
import sqlite3
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from geo.errors import InputError

KINDS = "GeoJSON, GeoPackage, Shapefile (.zip, or .shp with its parts), CSV with coordinates, KML, FlatGeobuf or GeoParquet"
_HELP = f"Give a file of one of these kinds: {KINDS}."
_HEAD_BYTES = 4096
_SHAPE_PARTS = ("shp", "shx", "dbf", "prj", "cpg")
_OTHERS = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"II*\0": "a TIFF picture",
    b"MM\0*": "a TIFF picture",
    b"GIF8": "a GIF picture",
    b"\x1f\x8b": "a gzip archive; unpack it first",
    b"7z\xbc\xaf": "a 7z archive; unpack it first",
    b"Rar!": "a RAR archive; unpack it first",
    b"\xd0\xcf\x11\xe0": "an old Office document; save the sheet as CSV",
    b"\x7fELF": "a program",
    b"\x89HDF": "an HDF file",
}
_ROOT = re.compile(rb"<\s*([A-Za-z_][\w.:-]*)")
_PROLOGUE = re.compile(rb"<\?.*?\?>|<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class Limits:
    """Bounds on what is read; sizes in bytes."""

    file: int = 4_000_000_000
    text: int = 2_000_000_000
    unpacked: int = 4_000_000_000
    members: int = 2_000
    ratio: int = 250
    seconds: float = 900.0


@dataclass(frozen=True)
class Opened:
    """A file whose bytes were looked at.

    ``kind`` is geojson, gpkg, shapefile, csv, kml, flatgeobuf or parquet; ``shown`` names the file in faults, ``stem``
    names its layer. A kind that GDAL reads lies at ``path``, in a private folder; of the others ``data`` holds the bytes.
    """

    kind: str
    shown: str
    stem: str
    path: Path | None = None
    data: bytes = b""
    notes: tuple[str, ...] = ()


@contextmanager
def opened(path: str | Path, limits: Limits | None = None) -> Iterator[list[Opened]]:
    """Open a foreign file; an archive of several Shapefiles gives each of them.

    Raises
    ------
    InputError
        If it is no regular file, empty, too large, of no kind that is known, or an archive that is not safe to unpack.
    """
    limits = limits or Limits()
    path = Path(path)
    with tempfile.TemporaryDirectory(prefix="corridor-import-") as folder:
        yield _open(path, Path(folder), limits)


def _open(path: Path, folder: Path, limits: Limits) -> list[Opened]:
    shown = path.name or str(path)
    try:
        handle = _regular(path, shown)
    except (OSError, ValueError) as error:  # a NUL in the path is a ValueError
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(f"{str(path)!r} cannot be read: {reason}. {_HELP}") from None
    with os.fdopen(handle, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        _sized(shown, size, limits.file)
        head = file.read(_HEAD_BYTES)
        file.seek(0)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _unpacked(file, shown, folder, limits)
        kind = sniff(head, shown)
        if kind == "shapefile":
            return [_shapefile(path, file, folder, limits)]
        if kind in ("gpkg", "flatgeobuf"):
            return [_copied(kind, path, file, folder)]
        _sized(shown, size, limits.text)
        return [Opened(kind, shown, path.stem, data=file.read(limits.text + 1))]


def sniff(head: bytes, shown: str) -> str:
    """Return the kind that a file's first bytes tell.

    Raises
    ------
    InputError
        If it is none that is known; the message says what it looks like.
    """
    for magic, kind in ((b"SQLite format 3\0", "gpkg"), (b"\0\0\x27\x0a", "shapefile"), (b"fgb\x03fgb", "flatgeobuf")):
        if head.startswith(magic):
            return kind
    if head.startswith(b"PAR1"):
        return "parquet"
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            raise InputError(f"{shown}: this is {what}. {_HELP}")
    return _text_kind(head, shown)


def _text_kind(head: bytes, shown: str) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "csv"  # UTF-16, as spreadsheets write it
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x1e")
    if not text:
        raise InputError(f"{shown}: the file begins with nothing but blanks. {_HELP}")
    if b"\0" in text:
        raise InputError(f"{shown}: the bytes are of no kind that is known. {_HELP}")
    if text[:1] in (b"{", b"["):
        return "geojson"
    if text[:1] != b"<":
        return "csv"
    root = _ROOT.match(_PROLOGUE.sub(b"", text).lstrip())
    name = root[1].decode() if root else "?"
    if name.rpartition(":")[2] == "kml" or name == "?":
        return "kml"
    raise InputError(f"{shown}: this is XML of another kind, it begins with <{name}>. {_HELP}")


def _regular(path: Path, shown: str) -> int:
    """Return a handle of a regular file; O_NONBLOCK keeps a pipe from holding us."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        what = "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
        raise InputError(f"{shown}: this is {what}, not a file. {_HELP}")
    return handle


def _sized(shown: str, size: int, limit: int) -> None:
    if size == 0:
        raise InputError(f"{shown}: the file is empty. {_HELP}")
    if size > limit:
        raise InputError(
            f"{shown}: {size / 1e6:,.0f} MB is more than the {limit / 1e6:,.0f} MB that are read. Divide the file."
        )


def _copied(kind: str, path: Path, file: IO[bytes], folder: Path) -> Opened:
    target = folder / f"layer.{'gpkg' if kind == 'gpkg' else 'fgb'}"
    with target.open("wb") as out:
        shutil.copyfileobj(file, out, 1 << 20)
    if kind == "gpkg":
        journal = path.with_name(f"{path.name}-wal")
        if journal.is_file() and journal.stat().st_size:
            raise InputError(f"{path.name}: another program has the file open, with changes in {journal.name}. Close it there.")
        check_database(target, path.name)
    return Opened(kind, path.name, path.stem, target)


def check_database(path: Path, shown: str) -> None:
    """Raise an error where a GeoPackage holds what would run, or reach outside, when it is read.

    Triggers only run on writing, and nothing is written; a view or a virtual table other than an R-tree is SQL or code
    that somebody else chose.
    """
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as base:
            base.execute("PRAGMA trusted_schema=OFF")
            listed = base.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    except sqlite3.Error as error:
        raise InputError(f"{shown}: the GeoPackage is damaged: {error}.") from None
    tables = {str(name).lower() for kind, name, _ in listed if kind == "table"}
    if not {"gpkg_contents", "gpkg_spatial_ref_sys"} <= tables:
        raise InputError(f"{shown}: this is an SQLite database, but no GeoPackage. {_HELP}")
    for kind, name, sql in listed:
        module = re.search(r"\bUSING\s+[\"'\[`]?(\w+)", str(sql), re.IGNORECASE) if kind == "table" else None
        virtual = re.match(r"\s*CREATE\s+VIRTUAL\b", str(sql), re.IGNORECASE)
        if virtual and (module is None or module[1].lower() not in ("rtree", "fts3", "fts4", "fts5")):
            raise InputError(
                f"{shown}: the table {name!r} is virtual and would run code. Export the layer to a new GeoPackage."
            )
        if kind == "view" and not str(name).lower().startswith(("gpkg_", "st_")):
            raise InputError(f"{shown}: {name!r} is a view, whose SQL would be run. Export it as a table to a new GeoPackage.")


# --- Shapefiles


def _shapefile(path: Path, file: IO[bytes], folder: Path, limits: Limits) -> Opened:
    """Copy a Shapefile and the parts that lie beside it."""
    with (folder / "layer.shp").open("wb") as out:
        shutil.copyfileobj(file, out, 1 << 20)
    for part in _SHAPE_PARTS[1:]:
        beside = next((p for p in (path.with_suffix(f".{part}"), path.with_suffix(f".{part.upper()}")) if p.is_file()), None)
        if beside is None:
            continue
        if beside.is_symlink():
            raise InputError(f"{path.name}: {beside.name} beside it is a link. Put the part itself there.")
        _sized(beside.name, max(beside.stat().st_size, 1), limits.file)
        shutil.copyfile(beside, folder / f"layer.{part}")
    return _parts(path.name, path.stem, folder)


def _parts(shown: str, stem: str, folder: Path) -> Opened:
    notes = []
    if not (folder / "layer.shx").is_file():
        notes.append("the index (.shx) is missing and was made again")
    if not (folder / "layer.dbf").is_file():
        notes.append("the table (.dbf) is missing: the features have no columns")
    return Opened("shapefile", shown, stem, folder / "layer.shp", notes=tuple(notes))


# --- archives


def _unpacked(file: IO[bytes], shown: str, folder: Path, limits: Limits) -> list[Opened]:
    try:
        with zipfile.ZipFile(file) as archive:
            members = _members(archive, shown, limits)
            shapes = [m for m in members if m.filename.lower().endswith(".shp")]
            if shapes:
                return [_shape_member(archive, m, members, folder / str(n), shown) for n, m in enumerate(shapes)]
            return [_only_member(archive, members, shown, folder, limits)]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error) as error:
        raise InputError(f"{shown}: the archive is damaged or cannot be unpacked: {error}.") from None


def _members(archive: zipfile.ZipFile, shown: str, limits: Limits) -> list[zipfile.ZipInfo]:
    """Return an archive's files after checking every name and size that it declares."""
    listed = archive.infolist()
    if len(listed) > limits.members:
        raise InputError(f"{shown}: {len(listed):,} files are more than the {limits.members:,} of an archive that are read.")
    for one in listed:
        name = one.orig_filename
        if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name[:2] or "\0" in name:
            raise InputError(f"{shown}: the archive holds the path {name!r}, which leads outside. Pack the files anew.")
        if stat.S_ISLNK(one.external_attr >> 16):
            raise InputError(f"{shown}: {name!r} in the archive is a link. Pack the files themselves.")
        if one.flag_bits & 1:
            raise InputError(f"{shown}: {name!r} in the archive is encrypted. Pack it without a password.")
        if one.file_size > 10_000_000 and one.file_size > limits.ratio * max(one.compress_size, 1):
            raise InputError(f"{shown}: {name!r} in the archive is packed more than {limits.ratio} times. Pack it anew.")
    if sum(one.file_size for one in listed) > limits.unpacked:
        raise InputError(f"{shown}: the archive unpacks to more than {limits.unpacked / 1e6:,.0f} MB. Divide it.")
    return [m for m in listed if not m.is_dir() and not m.filename.startswith("__MACOSX/")]


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Unpack one file; never more of it than it declares, which was checked."""
    with archive.open(member) as packed, target.open("wb") as out:
        left = member.file_size
        while left and (block := _unpacked_block(packed, min(left, 1 << 20))):
            out.write(block)
            left -= len(block)


def _unpacked_block(packed: IO[bytes], size: int) -> bytes:
    try:
        return packed.read(size)
    except (OSError, lzma.LZMAError) as error:  # an OSError is how bz2 says it; a full disk is another, in writing
        raise zipfile.BadZipFile(str(error)) from None


def _shape_member(
    archive: zipfile.ZipFile, shape: zipfile.ZipInfo, members: list[zipfile.ZipInfo], folder: Path, shown: str
) -> Opened:
    folder.mkdir()
    by_name = {m.filename.lower(): m for m in members}
    base = shape.filename[:-4]
    for part in _SHAPE_PARTS:
        found = by_name.get(f"{base.lower()}.{part}")
        if found is not None:
            _extract(archive, found, folder / f"layer.{part}")
    shown = f"{shown}/{shape.filename}"
    with (folder / "layer.shp").open("rb") as file:
        if not file.read(4) == b"\0\0\x27\x0a":
            raise InputError(f"{shown}: this is no Shapefile, whatever its name says. {_HELP}")
    return _parts(shown, PurePosixPath(base).name, folder)


def _only_member(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], shown: str, folder: Path, limits: Limits) -> Opened:
    """Return the one file of an archive that holds no Shapefile: a KMZ, a zipped GeoPackage."""
    if any(m.filename.startswith(("xl/", "word/")) for m in members):
        raise InputError(f"{shown}: this is an Office document; save the sheet as CSV. {_HELP}")
    known = (".kml", ".gpkg", ".geojson", ".json", ".csv", ".tsv", ".fgb", ".parquet", ".geojsonl", ".ndjson")
    found = [m for m in members if m.filename.lower().endswith(known)]
    if len(found) != 1:
        count = f"{len(found)} files that could be one: {', '.join(m.filename for m in found[:5])}" if found else "no such file"
        raise InputError(f"{shown}: the archive holds no Shapefile and {count}. Unpack it and name the file. {_HELP}")
    inner = folder / "member"
    inner.mkdir()
    target = inner / re.sub(r"[^\w.-]", "_", PurePosixPath(found[0].filename).name)
    _extract(archive, found[0], target)
    with target.open("rb") as file:
        if file.read(2) == b"PK":
            raise InputError(f"{shown}: the archive holds another archive. Unpack it first.")
    return _open(target, folder, limits)[0]
