"""Where a place joins the sea network: the node of least cost, by a straight line that shuns land and gates."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo import boundaries, measure
from geo.antimeridian import split_line
from geo.routing import Floats, rounded_km

_HARBOUR_KM = 15.0
_LAND_COST = 10.0
_GATE_KM = 1000.0
"""How much farther a node on a place's own side of a gate may be: across it, a closed passage would be sailed unseen."""
_CANDIDATES = 40
_KEPT = 4096
Place = tuple[float, float]


class Approach(NamedTuple):
    """The node at which a place joins the network, and the length of the straight line to it in km."""

    node: int
    km: float


class Approaches:
    """The nodes of a network, of shape (n, 2) in degrees, as what a place can join, and lines that are not to be crossed."""

    def __init__(self, nodes: Floats, gates: Sequence[BaseGeometry] = ()) -> None:
        self._nodes, self._gates = nodes, shapely.STRtree(gates)
        self._unit = _unit(nodes[:, 0], nodes[:, 1])
        # By place alone: what is closed or avoided does not enter.
        self.of = lru_cache(_KEPT)(self._of)

    def _of(self, place: Place) -> Approach:
        """Return how a place joins the network.

        The node is that of least cost: its distance, and ten times what the line to it has of the shipped land beyond 15 km,
        since a harbour lies behind a generalised coast. A line across a gate counts as 1,000 km longer.
        """
        near = self._nearest(place)
        lon, lat = self._nodes[near].T
        away = measure.distance_km(place[0], place[1], lon, lat)
        best, least = 0, float("inf")
        for i in np.argsort(away, kind="stable"):
            if away[i] >= least:
                break
            line = split_line([place, (float(lon[i]), float(lat[i]))])
            land = 0.0 if away[i] <= _HARBOUR_KM else _land_km(line)
            cost = float(away[i]) + _LAND_COST * max(0.0, land - _HARBOUR_KM)
            if len(self._gates.query(line, predicate="intersects")):
                cost += _GATE_KM
            if cost < least:
                best, least = i, cost
        return Approach(int(near[best]), rounded_km(float(away[best])))

    def _nearest(self, place: Place) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """Return the nodes nearest on the sphere, which a kilometre in 200 may set in another order on the ellipsoid."""
        toward = self._unit @ _unit(np.array([place[0]]), np.array([place[1]]))[0]
        if len(toward) <= _CANDIDATES:
            return np.arange(len(toward))
        return np.argpartition(-toward, _CANDIDATES)[:_CANDIDATES]


def _unit(lon: Floats, lat: Floats) -> Floats:
    east, north = np.radians(lon), np.radians(lat)
    return np.column_stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])


@cache
def _land() -> shapely.STRtree:
    return shapely.STRtree(boundaries.land())


def _land_km(line: BaseGeometry) -> float:
    near = _land().query(line, predicate="intersects")
    return sum(measure.length_km(shapely.intersection(line, _land().geometries[i])) for i in near)
