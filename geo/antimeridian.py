"""180° in one place: splitting for storage (RFC 7946, section 3.1.9) and joining for display.

Stored geometry keeps to [-180°, 180°] and is split at the antimeridian. The display has one continuous frame,
[-30°, 330°), in which Chukotka and the Bering Sea are whole; what crosses 30° W is cut there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

FRAME_WEST = -30.0
"""Western edge of the displayed frame, in degrees east of Greenwich."""

Position = tuple[float, float]


def frame_lon(lon: float) -> float:
    """Return a longitude of [-180°, 180°] in the display frame."""
    return lon + 360 if lon < FRAME_WEST else lon


def unwrap(coordinates: Iterable[Sequence[float]]) -> NDArray[np.float64]:
    """Return the positions with continuous longitudes: no step of more than 180°."""
    points = _points(coordinates)
    turns = np.rint((points[1:, 0] - points[:-1, 0]) / 360)
    if turns.any():
        points[1:, 0] -= 360 * np.cumsum(turns)
    return points


def split_line(coordinates: Iterable[Sequence[float]], *, as_drawn: bool = False) -> shapely.MultiLineString:
    """Return a line, given with any longitudes, as parts within [-180°, 180°] that end on the antimeridian.

    Two successive positions are taken to be joined the short way round, or ``as_drawn`` through the longitudes between.
    """
    points = _points(coordinates) if as_drawn else unwrap(coordinates)
    return _cut(points, seam=-180.0)


def frame_line(line: BaseGeometry) -> shapely.MultiLineString:
    """Return a stored line in the display frame: whole across 180°, cut at 30° W."""
    parts = [_cut(unwrap(chain), seam=FRAME_WEST) for chain in _chains(line)]
    return shapely.MultiLineString([g for part in parts for g in part.geoms])


def frame_polygon(polygon: BaseGeometry) -> BaseGeometry:
    """Return a stored polygon in the display frame: whole across 180°, cut at 30° W."""
    east = shapely.intersection(polygon, shapely.box(FRAME_WEST, -90, 180, 90))
    west = translate(shapely.intersection(polygon, shapely.box(-180, -90, FRAME_WEST, 90)), 360)
    return shapely.union_all([g for g in (east, west) if not g.is_empty], grid_size=1e-6)


def split_polygon(polygon: BaseGeometry) -> BaseGeometry:
    """Return a polygon drawn beyond ±180° as parts within [-180°, 180°]."""
    west, _, east, _ = polygon.bounds
    turns = range(int(np.floor((west + 180) / 360)), int(np.ceil((east - 180) / 360)) + 1)
    world = shapely.box(-180, -90, 180, 90)
    parts = [shapely.intersection(translate(polygon, -360.0 * k), world) for k in turns]
    return shapely.union_all([p for p in parts if not p.is_empty])


def _points(coordinates: Iterable[Sequence[float]]) -> NDArray[np.float64]:
    if isinstance(coordinates, np.ndarray):
        return np.array(coordinates[:, :2], dtype=np.float64)
    return np.array([tuple(c)[:2] for c in coordinates], dtype=np.float64)


def _cut(points: NDArray[np.float64], seam: float) -> shapely.MultiLineString:
    """Return a continuous line cut wherever it passes ``seam`` + k·360°, each part moved into [seam, seam + 360]."""
    at = (points[:, 0] - seam) / 360
    if np.floor(at.min()) == np.floor(at.max()):
        return _shifted([points], np.floor(at[:1]))
    low, high = np.minimum(at[:-1], at[1:]), np.maximum(at[:-1], at[1:])
    crossing = np.flatnonzero(np.floor(low) + 1 < high)
    for i in crossing[::-1].tolist():
        pieces = _pieces((points[i, 0], points[i, 1]), (points[i + 1, 0], points[i + 1, 1]), seam)
        points = np.insert(points, i + 1, [end for _, end in pieces[:-1]], axis=0)
    turn = np.floor(((points[:-1, 0] + points[1:, 0]) / 2 - seam) / 360)
    stops = [0, *(np.flatnonzero(np.diff(turn)) + 1).tolist(), len(turn)]
    return _shifted([points[a : b + 1] for a, b in pairwise(stops)], turn[stops[:-1]])


def _shifted(parts: Sequence[NDArray[np.float64]], turns: NDArray[np.float64]) -> shapely.MultiLineString:
    lines = (np.column_stack([part[:, 0] - 360 * turn, part[:, 1]]) for part, turn in zip(parts, turns.tolist(), strict=True))
    return shapely.MultiLineString([shapely.LineString(line) for line in lines])


def _pieces(a: Position, b: Position, seam: float) -> list[tuple[Position, Position]]:
    low, high = sorted((a[0], b[0]))
    seams = [seam + 360 * k for k in range(int(np.ceil((low - seam) / 360)), int(np.floor((high - seam) / 360)) + 1)]
    cuts = [x for x in seams if low < x < high]
    if not cuts:
        return [(a, b)]
    at = sorted((x - a[0]) / (b[0] - a[0]) for x in cuts)
    stops = [a, *((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])) for t in at), b]
    return list(pairwise(stops))


def _chains(line: BaseGeometry) -> list[list[Position]]:
    """Return a stored line's parts, those joined that meet again on the other side of the antimeridian."""
    chains: list[list[Position]] = []
    for part in getattr(line, "geoms", [line]):
        points = [(x, y) for x, y, *_ in part.coords]
        if chains and _same_place(chains[-1][-1], points[0]):
            chains[-1].extend(points[1:])
        else:
            chains.append(points)
    return chains


def _same_place(a: Position, b: Position) -> bool:
    return a[1] == b[1] and (a[0] - b[0]) % 360 == 0


def tight_box(bounds: NDArray[np.float64]) -> tuple[float, float, float, float] | None:
    """Return the smallest box that holds boxes of shape (n, 4); its west exceeds its east where it crosses 180°.

    A box of which a number is missing is left out; None where none is left.
    """
    known = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(known):
        return None
    south, north = float(known[:, 1].min()), float(known[:, 3].max())
    west, east = known[:, 0], np.where(known[:, 0] > known[:, 2], known[:, 2] + 360, known[:, 2])
    order = np.argsort(west, kind="stable")
    west, reach = west[order], np.maximum.accumulate(east[order])
    # The widest stretch of longitudes without anything lies outside the box: across 180°, or between two of the boxes.
    around = west[0] + 360 - reach[-1]
    ends = np.maximum(reach[:-1], reach[-1] - 360)
    gaps = west[1:] - ends
    widest = int(np.argmax(gaps)) if len(gaps) else 0
    if len(gaps) and gaps[widest] > max(around, 0.0):
        return float(west[widest + 1]), south, float(ends[widest]), north
    if around <= 0:
        return -180.0, south, 180.0, north
    return float(west[0]), south, float(reach[-1] - 360 if reach[-1] > 180 else reach[-1]), north
