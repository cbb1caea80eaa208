"""Our side, through public doors only: ``corridor import``, ``corridor serve``, ``Catalog.select``, ``web.tables``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import Any

import data
import orjson
from shapely.geometry.base import BaseGeometry

from geo.areas import Shape
from layers import Catalog
from layers.query import Question
from web import tables

ROOT = Path(__file__).parents[2]
COMMAND_S = 600


class FailedError(Exception):
    """Our own program failed: nothing that is merely absent, and the bench ends."""


@dataclass(frozen=True)
class Home:
    """A folder of releases of its own."""

    folder: Path

    @property
    def env(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("CORRIDOR_")}
        path = os.pathsep.join([str(ROOT), *filter(None, [kept.get("PYTHONPATH")])])
        return {**kept, "PYTHONPATH": path, "CORRIDOR_HOME": str(self.folder)}

    def run(self, *words: str) -> float:
        """Run ``corridor`` and return the seconds it took."""
        begin = perf_counter()
        command = [sys.executable, "-m", "web.cli", *words]
        done = subprocess.run(command, env=self.env, cwd=ROOT, capture_output=True, text=True, timeout=COMMAND_S, check=False)
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines()
            raise FailedError(f"corridor {words[0]} ended with {done.returncode}: {said[-1] if said else 'it said nothing'}")
        return perf_counter() - begin

    def add(self, file: Path, layer: str) -> float:
        """Bring a file in as a layer and return the seconds it took."""
        return self.run("import", str(file), "--layer", layer)

    def copy(self, to: Path) -> Home:
        """Return a home that holds the same releases."""
        shutil.copytree(self.folder, to)
        return Home(to)

    @cached_property
    def catalog(self) -> Catalog:
        return Catalog.open(self.folder)

    def __hash__(self) -> int:
        return hash(self.folder)


@dataclass(frozen=True)
class Layer:
    """One layer of points of ours, asked as a program asks it."""

    home: Home
    count: int

    def rows(self, question: Mapping[str, Any]) -> tuple[float, int]:
        """Return the seconds from the words of a question to the rows, and how many hit."""
        catalog, layer = self.home.catalog, data.layer(self.count)
        begin = perf_counter()
        found = catalog.select(layer, Question(**_asked(question))).rows
        return perf_counter() - begin, len(found)

    def text(self, question: Mapping[str, Any]) -> tuple[float, bytes]:
        """Return the seconds from the words of a question to the GeoJSON of every hit, and that."""
        catalog, layer = self.home.catalog, data.layer(self.count)
        begin = perf_counter()
        found = tables.geojson(tables.Answer(catalog, [catalog.select(layer, Question(**_asked(question)))]))
        return perf_counter() - begin, found

    def hits(self, question: Mapping[str, Any]) -> list[int]:
        """Return who the hits are, by their rows in the data, which end their names."""
        features = orjson.loads(self.text(question)[1])["features"]
        return sorted(int(f["properties"]["name"].rsplit(" ", 1)[1]) for f in features)


def _asked(words: Mapping[str, Any]) -> dict[str, Any]:
    """Return the words with a bare polygon made the area that a question takes: its preparation is on our bill."""
    return {k: Shape(v) if isinstance(v, BaseGeometry) else v for k, v in words.items()}


def box_words(box: data.Box) -> dict[str, str]:
    return {"bbox": ",".join(map(repr, box))}


def circle_words(centre: tuple[float, float], km: float) -> dict[str, str]:
    return {"near": f"{centre[0]!r},{centre[1]!r}", "radius": f"{km:g}km"}
