"""Releases as folders below one home.

::

    releases/<id>/     immutable
    current            the id of the release that answers

A release is written to a folder of its own, flushed to disk, and renamed into place; only then is ``current`` replaced,
in one step. A build that dies at any moment leaves the previous release answering, and the next build clears what
it left behind.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from geo.errors import DataError
from layers.release import FORMAT, Release, digest


class FileStore:
    """A store in a folder of the file system."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._pointer = str(home / "current")
        # Set in one step: two threads may look at the same time.
        self._opened: tuple[tuple[int, int], Release] | None = None

    def publish(self, write: Callable[[Path], None]) -> str:
        """Write a release and make it current; return its id.

        Raises
        ------
        DataError
            If the folder cannot be written, or another build holds it.
        """
        try:
            with self._alone():
                return self._publish(write)
        except OSError as error:
            raise DataError(
                f"{self.home} cannot be written: {error.strerror or error}. Set CORRIDOR_HOME to a folder of yours."
            ) from None

    @property
    def begun(self) -> bool:
        """Whether anything was ever published."""
        return (self.home / "current").exists()

    def current(self) -> Release:
        """Return the current release; the same object until another one is published."""
        try:
            # Looked at before every request: a file put in its place is another inode, and one that is the same is not read.
            told = os.stat(self._pointer)  # noqa: PTH116  half of what Path.stat() costs
            seen = (told.st_ino, told.st_mtime_ns)
            opened = self._opened
            if opened is not None and opened[0] == seen:
                return opened[1]
            release = Path(self._pointer).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise DataError(f"{self.home} holds no release yet. Run 'corridor build'.") from None
        held = opened[1] if opened is not None and opened[1].id == release else Release(self.home / "releases" / release)
        self._opened = (seen, held)
        return held

    def _publish(self, write: Callable[[Path], None]) -> str:
        work = Path(tempfile.mkdtemp(prefix="new-", dir=self.home / "work"))
        try:
            write(work)
            release = _finish(work)
            final = self.home / "releases" / release
            if final.exists() and digest(final) != release:  # damaged since it was published
                final.rename(self.home / "work" / f"damaged-{release}")
            if not final.exists():
                work.rename(final)
                _flush(final.parent)
        finally:
            for left in (self.home / "work").iterdir():
                shutil.rmtree(left, ignore_errors=True)
        self._point_to(release)
        return release

    def _point_to(self, release: str) -> None:
        pointer = self.home / "work" / "current"
        with pointer.open("w", encoding="ascii") as out:
            out.write(release + "\n")
            out.flush()
            os.fsync(out.fileno())
        pointer.replace(self.home / "current")
        _flush(self.home)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the store for one build, and clear what an interrupted one left."""
        for folder in ("releases", "work"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        with (self.home / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DataError(f"Another build is writing to {self.home}. Wait until it has ended.") from None
            for left in (self.home / "work").iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            yield


def _finish(work: Path) -> str:
    """Write the manifest and flush every file; return the id."""
    release = digest(work)
    (work / "manifest.json").write_text(json.dumps({"id": release, "format": FORMAT}) + "\n", encoding="ascii")
    for path in (p for p in work.rglob("*") if p.is_file()):
        _flush(path)
    work.chmod(0o755)
    return release


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
