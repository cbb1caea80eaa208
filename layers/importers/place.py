"""Foreign geometry on the Earth: from the file's reference system to CRS84, within ±180°, split at the antimeridian.

Nothing is repaired in silence. A position that is no number or not on the Earth refuses the file. A polygon that crosses
itself is kept as it is and named in a note. Questions of place are answered for it, but what is inside of it nobody
promises: of a bowtie both wings are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]  # missing in its __all__

from geo.antimeridian import split_line, split_polygon, unwrap
from geo.errors import DataError
from layers.importers.faults import rows_text, some
from layers.importers.raw import Raw

CRS84 = "OGC:CRS84"
_FARTHEST_LON = 540.0
_NOISE = 1e-9
_PLAUSIBLE = (180.0 + _NOISE, 90.0 + _NOISE)
_MOST_ODD = 0.5
"""Of a file that names no system: where more of its positions are not on the Earth, it is in another one."""

_POINT, _MULTIPOINT, _COLLECTION = 0, 4, 7
_LINES = (1, 2, 5)
_POLYGONS = (3, 6)

Shapes = NDArray[np.object_]
Numbers = NDArray[np.float64]
Move = Callable[[Numbers, Numbers], tuple[Numbers, Numbers]]


class NoGeometryError(DataError):
    """A layer has no row, or no row with a geometry."""


def place(raw: Raw) -> tuple[Shapes, str, list[str]]:
    """Return a layer's geometry in CRS84, the name of the system that it came in, and notes.

    Raises
    ------
    DataError
        If there is no geometry at all, the system is not known, or positions are not on the Earth; rows are named.
    """
    where = f"{raw.shown}: layer {raw.name!r}"
    notes: list[str] = []
    shapes = _present(raw, where, notes)
    shapes = _flat(shapes)
    _check_numbers(shapes, raw, where)
    system = _system(raw, where, shapes, notes)
    torn = np.zeros(len(shapes), dtype=np.bool_)
    if system is not None and not _is_crs84(system):
        shapes, torn = _transformed(shapes, system, raw, where)
    _check_earth(shapes, raw, where)
    shapes = _wound(_split(shapes, torn, raw, where, notes))
    _report(shapes, raw, notes)
    return shapes, _name(system, raw), notes


def kind_of(shapes: Shapes) -> str:
    """Return point, line, polygon or mixed."""
    kinds = set(np.unique(shapely.get_type_id(shapes)).tolist()) - {-1}
    for word, ids in (("point", (_POINT,)), ("line", _LINES), ("polygon", _POLYGONS)):
        if kinds <= set(ids):
            return word
    return "mixed"


def _present(raw: Raw, where: str, notes: list[str]) -> Shapes:
    """Return the geometries with empty ones as none at all."""
    shapes = raw.geometry.copy()
    if not len(shapes):
        raise NoGeometryError(f"{where}: there is no {raw.row} in it.")
    none = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    shapes[none] = None
    if none.all():
        raise NoGeometryError(f"{where}: no {raw.row} has a geometry.")
    if none.any():
        notes.append(f"without geometry: {rows_text(raw.row, _numbers(none, raw))}")
    return shapes


def _numbers(mask: NDArray[np.bool_], raw: Raw) -> list[int]:
    return [int(i) + raw.first for i in np.flatnonzero(mask)]


def _flat(shapes: Shapes) -> Shapes:
    """Return the geometries without measures (M), and without heights that are no numbers."""
    measured = shapely.has_m(shapes)
    high = shapely.has_z(shapes)
    if measured.any():
        flat, both = measured & ~high, measured & high
        shapes[flat] = shapely.force_2d(shapes[flat])
        shapes[both] = shapely.from_wkb(shapely.to_wkb(shapes[both], output_dimension=3))
    if high.any():
        rows = np.flatnonzero(high)
        coordinates, index = shapely.get_coordinates(shapes[rows], include_z=True, return_index=True)
        lost = rows[np.unique(index[~np.isfinite(coordinates[:, 2])])]
        shapes[lost] = shapely.force_2d(shapes[lost])
    return shapes


def _check_numbers(shapes: Shapes, raw: Raw, where: str) -> None:
    coordinates, index = shapely.get_coordinates(shapes, return_index=True)
    odd = np.unique(index[~np.isfinite(coordinates).all(axis=1)])
    _refuse([(int(i), "a coordinate is NaN or infinite") for i in odd], raw, where)


def _check_earth(shapes: Shapes, raw: Raw, where: str) -> None:
    """Refuse positions that lie nowhere; up to one turn beyond ±180° is how lines across the antimeridian are drawn."""
    coordinates, index = shapely.get_coordinates(shapes, return_index=True)
    lon, lat = coordinates.T
    bad = ~((np.abs(lat) <= _PLAUSIBLE[1]) & (np.abs(lon) <= _FARTHEST_LON))
    _refuse(_nowhere(coordinates[bad], index[bad]), raw, where)


def nowhere(lon: Numbers, lat: Numbers) -> dict[int, str]:
    """Return a fault for each row whose two numbers are no longitude and latitude; none where most are metres, as it seems."""
    here = np.flatnonzero(np.isfinite(lon + lat))
    coordinates = np.column_stack([lon[here], lat[here]])
    odd = (np.abs(coordinates) > _PLAUSIBLE).any(axis=1)
    if not odd.any() or (odd.mean() > _MOST_ODD and np.abs(coordinates).max() > _FARTHEST_LON):
        return {}
    return dict(_nowhere(coordinates[odd], here[odd]))


def _nowhere(coordinates: Numbers, index: NDArray[np.int64]) -> list[tuple[int, str]]:
    """Return a fault for each row that has such a position."""
    rows, first = np.unique(index, return_index=True)
    out = []
    for row, (x, y) in zip(rows.tolist(), coordinates[first].tolist(), strict=True):
        swapped = "; lon and lat look swapped" if abs(x) <= 90 < abs(y) <= 180 else ""
        placed = f"{x:g}, {y:g} is not a longitude and latitude{swapped}"
        out.append((row, placed if np.isfinite(x + y) else "cannot be placed on the Earth"))
    return out


def _refuse(faults: list[tuple[int, str]], raw: Raw, where: str) -> None:
    if faults:
        raise DataError(*some([f"{where}: {raw.row} {i + raw.first}: {said}" for i, said in faults]))


# --- reference systems


def _system(raw: Raw, where: str, shapes: Shapes, notes: list[str]) -> CRS | None:
    """Return the system of a layer; None where it says none and the positions look like longitude and latitude."""
    if raw.crs is not None:
        try:
            system = _crs(raw.crs)
        except CRSError:
            raise DataError(
                f"{where}: the reference system {raw.crs[:80]!r} is not known. Reproject it to EPSG:4326."
            ) from None
        if not (system.is_engineering or system.is_vertical):
            return system
    coordinates, index = shapely.get_coordinates(shapes, return_index=True)
    odd = (np.abs(coordinates) > _PLAUSIBLE).any(axis=1)
    if odd.mean() > _MOST_ODD:
        (west, south), (east, north) = coordinates.min(axis=0), coordinates.max(axis=0)
        raise DataError(
            f"{where}: the file names no reference system, and its coordinates ({west:g} to {east:g}, {south:g} to {north:g}) "
            f"are not longitudes and latitudes. Export it in longitude, latitude (EPSG:4326), or with its system."
        )
    _refuse(_nowhere(coordinates[odd], index[odd]), raw, where)
    notes.append("no reference system is named: the coordinates are taken as longitude, latitude (CRS84)")
    return None


@lru_cache(maxsize=32)
def _crs(text: str) -> CRS:
    set_network_enabled(active=False)
    system = CRS.from_user_input(text)
    return system.sub_crs_list[0] if system.is_compound else system


@lru_cache(maxsize=32)
def _is_crs84(system: CRS) -> bool:
    """Tell whether coordinates in x, y order of the system are CRS84 as they stand."""
    return bool(system.is_geographic) and system.to_2d().equals(CRS.from_user_input(CRS84), ignore_axis_order=True)


def _transformed(shapes: Shapes, system: CRS, raw: Raw, where: str) -> tuple[Shapes, NDArray[np.bool_]]:
    """Return the geometries in CRS84, and which of them a line through 180° was torn by."""
    try:
        step = Transformer.from_crs(system, CRS84, always_xy=True)
    except ProjError as error:
        raise DataError(f"{where}: {_name(system, raw)} cannot be transformed: {error}. Reproject it to EPSG:4326.") from None

    def move(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        lon, lat = step.transform(x, y)
        return np.asarray(lon), np.asarray(lat)

    out = moved(shapes, move)
    return out, _torn(shapes, out, move)


def _torn(before: Shapes, after: Shapes, move: Move) -> NDArray[np.bool_]:
    """Tell which geometries jump across 180°: drawn in small steps, they still have one of more than half a turn.

    A projection that is whole at 180° gives such; a wide polygon in Mercator does not.
    """
    west, south, east, north = shapely.bounds(after).T
    torn = np.zeros(len(after), dtype=np.bool_)
    wide = (east - west > 180) & np.isfinite(south + north) & ~np.isin(shapely.get_type_id(after), (_POINT, _MULTIPOINT))
    for i in np.flatnonzero(wide):
        low_x, low_y, high_x, high_y = shapely.bounds(before[i])
        fine = shapely.segmentize(before[i : i + 1], max(high_x - low_x, high_y - low_y) / 200)
        torn[i] = _leaps(moved(fine, move)[0])
    return torn


def moved(shapes: Shapes, move: Move) -> Shapes:
    """Return the geometries with x and y moved, heights as they are."""
    out = shapes.copy()
    high = shapely.has_z(shapes)
    for rows, deep in ((np.flatnonzero(~high), False), (np.flatnonzero(high), True)):
        if len(rows):
            coordinates = shapely.get_coordinates(shapes[rows], include_z=deep)
            coordinates[:, 0], coordinates[:, 1] = move(coordinates[:, 0], coordinates[:, 1])
            out[rows] = shapely.set_coordinates(shapes[rows], coordinates)
    return out


def _name(system: CRS | None, raw: Raw) -> str:
    if system is None or raw.crs == CRS84:
        return CRS84
    authority = system.to_authority(min_confidence=70)
    return ":".join(authority) if authority else str(system.name)


# --- the antimeridian


def _wound(shapes: Shapes) -> Shapes:
    """Return polygons with exteriors counterclockwise, as RFC 7946, section 3.1.6 wants; the area is the same."""
    polygons = np.isin(shapely.get_type_id(shapes), (*_POLYGONS, _COLLECTION))
    if polygons.any():
        shapes[polygons] = shapely.orient_polygons(shapes[polygons])
    return shapes


def _split(shapes: Shapes, torn: NDArray[np.bool_], raw: Raw, where: str, notes: list[str]) -> Shapes:
    """Return the geometries within ±180°, what crosses in parts."""
    west, _, east, _ = shapely.bounds(shapes).T
    here = ~np.isnan(west)
    _snap(shapes, here & ((west < -180) & (west > -180 - _NOISE) | (east > 180) & (east < 180 + _NOISE)))
    west, _, east, _ = shapely.bounds(shapes).T
    beyond = here & ((west < -180) | (east > 180))
    rows = np.flatnonzero(beyond | torn)
    heights = shapely.has_z(shapes[rows]) & ~np.isin(shapely.get_type_id(shapes[rows]), (_POINT, _MULTIPOINT))
    faults = []
    for i in rows.tolist():
        try:
            shapes[i] = _within(shapes[i], torn=bool(torn[i]))
        except shapely.errors.GEOSException:
            faults.append(
                (i, f"it crosses 180° and is not valid ({shapely.is_valid_reason(shapes[i])}), so that it cannot be split")
            )
    _refuse(faults, raw, where)
    cut = np.array([i for i in rows if shapely.get_type_id(shapes[i]) not in (_POINT, _MULTIPOINT)], dtype=int)
    if len(cut):
        notes.append(f"split at 180°: {rows_text(raw.row, (cut + raw.first).tolist())}")
    if heights.any():
        notes.append(
            f"heights are lost where lines are split at 180°: {rows_text(raw.row, (rows[heights] + raw.first).tolist())}"
        )
    return shapes


def _snap(shapes: Shapes, mask: NDArray[np.bool_]) -> None:
    """Set longitudes that a transformation left a hair beyond ±180° onto it."""
    rows = np.flatnonzero(mask)
    if len(rows):
        shapes[rows] = moved(shapes[rows], lambda x, y: (np.where(np.abs(x) < 180 + _NOISE, np.clip(x, -180, 180), x), y))


def _within(shape: Any, *, torn: bool) -> Any:
    """Return a geometry within ±180°; what is ``torn`` jumps there, what is not was drawn on beyond."""
    kind = shape.geom_type
    if kind in ("Point", "MultiPoint"):
        return shapely.transform(shape, _turned, include_z=shape.has_z)
    if kind in ("LineString", "LinearRing"):
        return _simple(split_line(shape.coords, as_drawn=not torn))
    if kind == "Polygon":
        return split_polygon(_joined(shape) if torn else shape)
    parts = [_within(part, torn=torn) for part in shape.geoms]
    if kind == "GeometryCollection":
        return shapely.GeometryCollection(parts)
    return _simple(type(shape)([p for part in parts for p in getattr(part, "geoms", [part])]))


def _simple(shape: Any) -> Any:
    return shape.geoms[0] if len(shape.geoms) == 1 else shape


def _turned(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    out = coordinates.copy()
    out[:, 0] = (out[:, 0] + 180) % 360 - 180
    return out


def _joined(polygon: shapely.Polygon) -> shapely.Polygon:
    """Return a polygon whose rings run on across 180°; one that goes round a pole is closed along it."""
    outer = _closed(unwrap(polygon.exterior.coords))
    middle = outer[:, 0].mean()
    holes = [_beside(_closed(unwrap(ring.coords)), middle) for ring in polygon.interiors]
    return shapely.Polygon(outer, holes)


def _closed(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    turn = ring[-1, 0] - ring[0, 0]
    if abs(turn) < 180:
        return ring
    pole = np.copysign(90.0, ring[:, 1].mean())
    return np.vstack([ring, [[ring[-1, 0], pole], [ring[0, 0], pole], ring[0]]])


def _beside(ring: NDArray[np.float64], middle: float) -> NDArray[np.float64]:
    ring[:, 0] -= 360 * np.rint((ring[:, 0].mean() - middle) / 360)
    return ring


# --- what people should know


def _report(shapes: Shapes, raw: Raw, notes: list[str]) -> None:
    invalid = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    if invalid.any():
        numbers = _numbers(invalid, raw)
        reason = shapely.is_valid_reason(shapes[np.flatnonzero(invalid)[0]])
        notes.append(f"not valid, kept as it is: {rows_text(raw.row, numbers)} ({reason} in {raw.row} {numbers[0]})")
    lines = np.flatnonzero(np.isin(shapely.get_type_id(shapes), (*_LINES, *_POLYGONS)))
    west, _, east, _ = shapely.bounds(shapes[lines]).T
    wide = lines[east - west > 180]
    long = [int(i) + raw.first for i in wide if _leaps(shapes[i])]
    if long:
        notes.append(f"a step of more than 180° of longitude, taken the long way round as drawn: {rows_text(raw.row, long)}")


def _leaps(shape: shapely.Geometry) -> bool:
    """Tell whether a line or ring has a step of more than half a turn; along a pole, or a whole turn, is none."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    rings = [r for p in parts for r in (shapely.get_rings(p) if p.geom_type == "Polygon" else [p])]
    coordinates, index = shapely.get_coordinates(rings, return_index=True)
    steps = np.abs(np.diff(coordinates[:, 0]))
    inside = (np.abs(coordinates[1:, 1]) < 90) & (index[1:] == index[:-1])
    return bool(((steps > 180) & (steps < 360) & inside).any())
