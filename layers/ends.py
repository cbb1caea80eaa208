"""The ends of a voyage: a port by its name or id, a feature as ``layer/id``, or ``lon,lat``; each must lie by the water."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from geo import areas, measure, names
from geo.errors import InputError, UnknownError
from layers.release import Release, StoredLayer

if TYPE_CHECKING:
    from layers.catalog import Catalog

HARBOUR_KM = 25.0
"""How far inland an end may lie that is no port of ours: a harbour lies behind a generalised coast."""

_LOOKED_KM = 60.0
_CALLED_NEAR_KM = 30.0
_SAINT = re.compile(r"^St\.?\s+", re.IGNORECASE)


@dataclass(frozen=True)
class End:
    """Where a voyage begins or ends; ``address`` is ``layer/id``, empty for a bare position."""

    name: str
    address: str
    lon: float
    lat: float

    @property
    def place(self) -> tuple[float, float]:
        """The longitude and latitude."""
        return self.lon, self.lat


@dataclass(frozen=True)
class Ports:
    """The ports of a release: their ids, names, UN/LOCODEs (sources may name several) and positions, row by row."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    locodes: tuple[frozenset[str], ...]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]

    def end(self, row: int) -> End:
        """Return the port of a row as an end."""
        return End(self.names[row], f"ports/{self.ids[row]}", float(self.lon[row]), float(self.lat[row]))

    def named(self, name: str) -> End | None:
        """Return the port of exactly this name, or None."""
        return self.end(self.names.index(name)) if name in self.names else None

    def around(self, end: End, *, km: float = _CALLED_NEAR_KM) -> frozenset[str]:
        """Return what an end may be called: its own name, and the names and UN/LOCODEs of the ports within ``km``."""
        away = measure.distance_km(end.lon, end.lat, self.lon, self.lat)
        rows = np.flatnonzero(away <= km).tolist()
        near = [end.name, *(self.names[row] for row in rows)]
        called = frozenset(called for name in near for called in names_in(name))
        return called.union(*(self.locodes[row] for row in rows))

    def nearest(self, lon: float, lat: float, *, count: int = 3) -> list[str]:
        """Return the names of the nearest ports with their ids."""
        away = measure.distance_km(lon, lat, self.lon, self.lat)
        return [f"{self.names[row]} ({self.ids[row]})" for row in np.argsort(away, kind="stable")[:count].tolist()]


def names_in(name: str) -> set[str]:
    """Return the names that one holds: "Nhava Sheva (Jawaharlal Nehru)" is called by the whole and by either part."""
    return {name, *(part.strip(" )") for part in name.split("("))} - {""}


_PORTS: WeakKeyDictionary[Release, Ports] = WeakKeyDictionary()


def ports(release: Release) -> Ports:
    """Return the ports of a release, read once."""
    if release not in _PORTS:
        layer = release.layer("ports")
        held = [layer.feature(row)["properties"] for row in range(len(layer))]
        called, codes = tuple(str(p["name"]) for p in held), tuple(_locodes(p) for p in held)
        _PORTS[release] = Ports(tuple(layer.ids), called, codes, layer.bounds[:, 0], layer.bounds[:, 1])
    return _PORTS[release]


def _locodes(properties: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(str(claim["value"]) for claim in properties["claims"] if claim["field"] == "unlocode")


def find(catalog: Catalog, text: str) -> End:
    """Return the end that a text means: a port's name, id or UN/LOCODE, else ``layer/id``, else ``lon,lat``.

    Raises
    ------
    InputError
        If nothing or several ports are called so, or it lies inland; the message offers the nearest.
    """
    text = _SAINT.sub("Saint ", str(text).strip())
    known = ports(catalog.release)
    layer = catalog.layer("ports")
    rows = _rows_called(layer.called, text) or _rows_coded(known, text) or _rows_partly_called(known, text)
    if len({(known.lon[row], known.lat[row]) for row in rows}) > 1:
        listed = " or ".join(f"ports/{known.ids[row]}" for row in rows)
        raise InputError(f"{text!r} means more than one port: {listed}. Give the one you mean.")
    if rows:
        return known.end(rows[0])
    end = _addressed(catalog, text) if "/" in text else _position(text)
    if end is None:
        raise UnknownError(f"No port is called {text!r}. {_offer(known, text)}")
    return end if end.address.startswith("ports/") else _ashore(end, known)


def _rows_called(called: Mapping[str, object], text: str) -> list[int]:
    keys = (key for key in (names.full_key(text), f"={text.casefold()}") if key)
    return sorted({row for key in keys for row in called.get(key, ())})  # type: ignore[attr-defined]


def _rows_coded(known: Ports, text: str) -> list[int]:
    code = text.replace(" ", "").upper()
    return [row for row, codes in enumerate(known.locodes) if code in codes]


def _rows_partly_called(known: Ports, text: str) -> list[int]:
    wanted = names.full_key(text)
    called = enumerate(known.names) if wanted else ()
    return [row for row, name in called if "(" in name and wanted in map(names.full_key, names_in(name))]


def _addressed(catalog: Catalog, text: str) -> End | None:
    layer, _, feature = text.partition("/")
    stored = catalog.layer(layer)
    row = stored.position(feature)
    west, south, east, north = stored.bounds[row].tolist()
    if (west, south) != (east, north):
        raise InputError(f"{text!r} is no point to sail from or to. Give a port, another point of a layer, or lon,lat.")
    return End(_name(stored, row), f"{stored.id}/{feature}", west, south)


def _name(layer: StoredLayer, row: int) -> str:
    feature = layer.feature(row)
    return str(feature["properties"].get("name") or feature["id"])


def _position(text: str) -> End | None:
    found = areas.parse_position(text)
    return None if found is None else End(f"{found[0]:g},{found[1]:g}", "", *found)


def _ashore(end: End, known: Ports) -> End:
    """Return an end that lies by the water, or raise an error that offers ports."""
    from geo import waters  # noqa: PLC0415  ports need no coast to be looked at

    inland = waters.inland_km(end.lon, end.lat, most=_LOOKED_KM)
    if inland > HARBOUR_KM:
        far = f"more than {inland:.0f}" if inland >= _LOOKED_KM else f"{inland:.0f}"
        offered = " or ".join(known.nearest(end.lon, end.lat))
        raise InputError(f"{end.name!r} lies {far} km inland, where no ship goes. The nearest ports: {offered}.")
    return end


def _offer(known: Ports, text: str) -> str:
    keys = {names.full_key(name): row for row, name in enumerate(known.names)}
    keys |= {id_: row for row, id_ in enumerate(known.ids)}
    near = dict.fromkeys(keys[key] for key in get_close_matches(names.full_key(text), keys, n=3, cutoff=0.6))
    if near:
        return f"Did you mean {' or '.join(f'{known.names[row]} ({known.ids[row]})' for row in near)}?"
    return "Give a port, layer/id (shipyards/zvezda-shipbuilding-complex) or lon,lat."
