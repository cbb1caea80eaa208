"""What can be asked of a layer: a question put together from words, checked once, the same in every door."""

from __future__ import annotations

from dataclasses import dataclass, field

from geo import areas, measure
from geo.areas import Area, Circle, Shape
from geo.errors import AtlasError, Faults, InputError


@dataclass(frozen=True)
class Question:
    """A region query as it was put.

    ``region`` is a name or code; ``bbox`` is ``west,south,east,north``; ``near`` a place name, feature id or ``lon,lat``
    with ``radius`` such as ``300km``; ``polygon`` an area that was read; at most one of the four. ``limit`` bounds the answer.
    """

    region: str | None = None
    bbox: str | None = None
    near: str | None = None
    radius: str | None = None
    polygon: Shape | None = field(default=None, compare=False)
    limit: int | None = None
    offset: int = 0

    def __post_init__(self) -> None:
        fault = Faults()
        given = [n for n in ("region", "bbox", "near", "polygon") if getattr(self, n) is not None]
        if len(given) > 1:
            fault(f"{' and '.join(given)} were given together. Ask by one of region, bbox, polygon or near with radius.")
        if self.near is not None and self.radius is None:
            fault(f"near {self.near!r} needs a radius, for example 300km.")
        if self.radius is not None and self.near is None:
            fault(f"radius {self.radius!r} needs near: a place's name or lon,lat.")
        for check in (self._check_box, self._check_radius):
            try:
                check()
            except AtlasError as error:
                fault.take(error)
        fault.throw(InputError)

    @property
    def spatial(self) -> bool:
        """Whether the question asks for a part of the Earth."""
        return any(v is not None for v in (self.region, self.bbox, self.near, self.polygon))

    def box(self) -> Area | None:
        """Return the box or polygon asked for, if it is one."""
        return areas.parse_box(self.bbox) if self.bbox is not None else self.polygon

    def circle(self, centre: tuple[float, float]) -> Circle:
        """Return the circle asked for, given where its centre is."""
        return Circle(*centre, measure.parse_length(self.radius or ""))

    def _check_box(self) -> None:
        if self.bbox is not None:
            areas.parse_box(self.bbox)

    def _check_radius(self) -> None:
        if self.radius is not None:
            measure.parse_length(self.radius)
