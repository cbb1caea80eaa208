"""From declarations and rows to a release: validate, derive, decide membership, write.

All faults of all files are said at once and then nothing is published. The same rows give the same bytes.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

from geo import names, network
from geo.errors import AtlasError, DataError, Faults
from layers import columns, definition, index, ledger, routes, rules, writing
from layers.definition import Field, Layer
from layers.ledger import Claim, Identity, Rows, Source
from layers.membership import Decider, Membership
from layers.release import COMPUTED, StoredLayer, encode
from layers.stores.base import Store

if TYPE_CHECKING:
    from layers.importers import Foreign

ATLAS = files("layers") / "data"
LAYERS = ("ree-deposits", "ports", "shipyards", "chokepoints", "trade-routes")
TRANSLITERATED = "transliterated"
BY_ENDS = "named by its ends"
_DECIMALS = 6
_NAMES = ("name", "name_ru", "name_hi", "country", "admin1")
_LISTS = ("disputed",)
_AT_SEA = Membership(frozenset(), frozenset())

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Feature:
    """A feature as it will be stored: geometry in CRS84, properties in the order of answers, membership."""

    id: str
    geometry: BaseGeometry
    properties: dict[str, Any]
    member: Membership


def build(
    store: Store,
    *,
    data: Traversable = ATLAS,
    layers: Sequence[str] = LAYERS,
    progress: Progress = lambda _: None,
    warn: Progress = lambda _: None,
) -> str:
    """Build all layers into a new release and return its id; imported layers of the current one stay.

    ``progress`` is told what is being done, ``warn`` what the user should know: an imported layer that is called otherwise now.

    Raises
    ------
    DataError
        With every fault of every file and row, or if the store cannot be written; nothing is published.
    """
    progress("Reading the ledger")
    rows, sources = read(data, layers)
    progress("Deciding membership and drawing routes")
    built = assemble(rows)
    progress("Writing the release")
    ruling = cited_by_rules(data, sources)
    return store.publish(lambda root: write(root, built, sources, ruling=ruling, kept=_keep(store, root, built, warn)))


def add(store: Store, layers: Sequence[Foreign], *, progress: Progress = lambda _: None) -> str:
    """Add imported layers to the current release, or replace those of the same id; return the id of the new release.

    Raises
    ------
    DataError
        If there is no release yet, a layer of the atlas has that id, or the store cannot be written; nothing is published.
    """
    from layers import foreign  # noqa: PLC0415  only an import needs it

    def write_all(root: Path) -> None:
        current = store.current()
        foreign.check(layers, [one.id for one in current.layers.values() if not one.about["imported"]])
        new = {one.id for one in layers}
        stay = [one for one in current.layers.values() if one.id not in new]
        for folder in ("layers", "index"):
            (root / folder).mkdir()
        (root / "sources.json").write_bytes((current.root / "sources.json").read_bytes())
        _copy(stay, root)
        today = datetime.now(UTC).date().isoformat()
        written = []
        for one in layers:
            progress(f"Writing {one.id}: {len(one.ids):,} features")
            written.append(foreign.write(root, one, today=today))
        (root / "layers.json").write_bytes(encode([*(dict(one.about) for one in stay), *written]))

    return store.publish(write_all)


def read(data: Traversable, layers: Sequence[str] = LAYERS) -> tuple[list[Rows], dict[str, Source]]:
    """Return the rows of all layers and the sources, or raise with every fault."""
    fault = Faults()
    sources = ledger.read_sources(data, fault)
    rows = []
    for layer in layers:
        try:
            rows.append(ledger.read_rows(definition.read(data / layer), data / layer, sources, fault))
        except DataError as error:
            fault.take(error)
    _refuse(fault)
    return rows, sources


def cited_by_rules(data: Traversable, sources: dict[str, Source]) -> frozenset[str]:
    """Return the ids of the sources that the rules of ways cite, none where a ledger has no rules; or raise every fault."""
    place = data / rules.FOLDER
    if not place.is_dir():
        return frozenset()
    fault = Faults()
    found = rules.read(place, sources, fault)
    _refuse(fault)
    return found.cited


def assemble(rows: list[Rows]) -> dict[str, tuple[Layer, list[Feature]]]:
    """Return every layer with its features, in the order of their ids; points first, since routes end at ports."""
    fault = Faults()
    decider = Decider()
    built: dict[str, tuple[Layer, list[Feature]]] = {}
    for one in sorted(rows, key=lambda r: r.layer.geometry == "line"):
        make = _line_maker(one, built, decider) if one.layer.geometry == "line" else _point_maker(one, decider)
        found = []
        for identity in sorted(one.features, key=lambda f: f.id.encode()):
            try:
                found.append(make(identity))
            except AtlasError as error:
                fault.take(error)
        built[one.layer.id] = (one.layer, found)
    _refuse(fault)
    return {r.layer.id: built[r.layer.id] for r in rows}


def write(
    root: Path,
    built: dict[str, tuple[Layer, list[Feature]]],
    sources: dict[str, Source],
    *,
    ruling: frozenset[str] = frozenset(),
    kept: Sequence[dict[str, Any]] = (),
) -> None:
    """Write a release's files below a folder.

    ``ruling`` are the ids of the sources that rules cite, so that an answer to a voyage finds them; ``kept`` describes the
    imported layers that are there already.
    """
    for folder in ("layers", "index"):
        (root / folder).mkdir(exist_ok=True)
    used = ruling | {s for layer, features in built.values() for f in features for s in _cited(f)}
    cited = {s.id: {k: v for k, v in asdict(s).items() if v} for s in sources.values() if s.id in used}
    cited[COMPUTED] = _computed_source()
    (root / "sources.json").write_bytes(encode(cited))
    numbers = {source: n for n, source in enumerate(cited)}
    listed = [_write_layer(root, layer, features, numbers) for layer, features in built.values()]
    (root / "layers.json").write_bytes(encode([*listed, *kept]))


# --- features


def _point_maker(rows: Rows, decider: Decider) -> Callable[[Identity], Feature]:
    claims = _by_feature(rows.claims)

    def make(identity: Identity) -> Feature:
        assert identity.position is not None  # the ledger has checked both
        assert identity.accuracy_km is not None
        lon, lat = identity.position
        # What lies offshore belongs to a sea, not to the country whose coast happens to be nearest.
        member = _AT_SEA if identity.offshore else decider.place(lon, lat, identity.accuracy_km)
        _check_country(rows.layer, identity, member, decider.divided)
        properties = {
            **_head(rows.layer, identity, member, _transliterated(identity)),
            "accuracy_km": identity.accuracy_km,
            "position_source": identity.position_source,
            "position_note": identity.position_note,
            **_values(rows.layer, claims[identity.id]),
        }
        return Feature(identity.id, shapely.Point(lon, lat), properties, member)

    return make


def _line_maker(rows: Rows, built: dict[str, tuple[Layer, list[Feature]]], decider: Decider) -> Callable[[Identity], Feature]:
    claims = _by_feature(rows.claims)
    legs = _by_feature(rows.legs)
    ports = {f.id: f for f in built["ports"][1]} if "ports" in built else {}
    quays = {p.id: (str(p.properties["name"]), (p.geometry.bounds[0], p.geometry.bounds[1])) for p in ports.values()}

    def make(identity: Identity) -> Feature:
        if not legs[identity.id]:
            raise DataError(f"{rows.layer.id}/legs.csv: {identity.id} has no legs")
        drawn = routes.draw(legs[identity.id], quays, network.lanes())
        member = decider.line(drawn.line, [ports[p].member.regions for p in drawn.ports])
        computed = _computed_claims(rows.layer, drawn)
        properties = {
            **_head(rows.layer, identity, member, _by_ends(routes.main_ends(legs[identity.id]), ports)),
            **_values(rows.layer, claims[identity.id] + computed),
            "legs": list(drawn.legs),
            "passages": list(drawn.passages),
        }
        return Feature(identity.id, drawn.line, properties, member)

    return make


@dataclass(frozen=True)
class _Made:
    """Names for where no source prints one, and the mark that says how they were made."""

    ru: str
    hi: str
    mark: str


def _transliterated(identity: Identity) -> _Made:
    russian = identity.name_ru or names.to_russian(identity.name)
    # A Russian name sounds as its Cyrillic letters say, any other as its own.
    return _Made(russian, names.to_hindi(russian if identity.country == "RU" else identity.name), TRANSLITERATED)


def _by_ends(ends: Iterable[str], ports: Mapping[str, Feature]) -> _Made:
    """Return names made of those of a route's two ends: a route is a description, and none is translated by guess."""
    known = [ports[end].properties if end in ports else None for end in ends]
    russian = [p["name_ru"] if p else names.to_russian(end) for p, end in zip(known, ends, strict=True)]
    hindi = [p["name_hi"] if p else names.to_hindi(name) for p, name in zip(known, russian, strict=True)]
    return _Made(" – ".join(russian), " – ".join(hindi), BY_ENDS)


def _head(layer: Layer, identity: Identity, member: Membership, made: _Made) -> dict[str, Any]:
    return {
        "layer": layer.id,
        "name": identity.name,
        "name_ru": identity.name_ru or made.ru,
        "name_ru_source": identity.name_ru_source or made.mark,
        "name_hi": identity.name_hi or made.hi,
        "name_hi_source": identity.name_hi_source or made.mark,
        "country": member.country or None,
        "admin1": member.admin1 or None,
        "disputed": identity.disputed.split(";") if identity.disputed else None,
    }


def _check_country(layer: Layer, identity: Identity, member: Membership, divided: frozenset[str]) -> None:
    name = f"{layer.id}/features.csv: {identity.id}"
    if not member.country and not identity.offshore:
        raise DataError(f"{name}: no country within 25 km of {identity.position}. Correct the position or write offshore: yes.")
    if member.country and not member.admin1 and member.country in divided and not identity.offshore:
        raise DataError(f"{name}: no region of {member.country} within 25 km of {identity.position}. Correct the position.")
    if member.country and member.country != identity.country and not identity.offshore:
        raise DataError(f"{name}: lies in {member.country}, but the row says {identity.country!r}.")


def _values(layer: Layer, claims: list[Claim]) -> dict[str, Any]:
    """Return each field's shown value, and all claims with the shown ones marked."""
    of_field = defaultdict(list)
    for claim in claims:
        of_field[claim.field].append(claim)
    shown = {f.id: choose(f, of_field[f.id]) for f in layer.fields.values()}
    values = {f: None if c is None else c.value if c.amount is None else _plain(c.amount) for f, c in shown.items()}
    listed = [
        _claim(c, c is shown[f.id]) for f in layer.fields.values() for c in sorted(of_field[f.id], key=_newest, reverse=True)
    ]
    return {**values, "claims": listed}


def choose(field: Field, claims: Sequence[Claim]) -> Claim | None:
    """Return the claim that a field shows: of the newest year the first in rank, of these the newest, then the last written."""
    ranked = [(field.rank(c.category), _newest(c), i) for i, c in enumerate(claims)]
    fit = [(date[:4], -rank, date, i) for rank, date, i in ranked if rank is not None]
    return claims[max(fit)[3]] if fit else None


def _newest(claim: Claim) -> str:
    """Return the end of the claim's period in a form that sorts by date: 2023 counts as its last day, no date as oldest."""
    end = claim.as_of.rsplit("/", 1)[-1]
    return end and (end + "-12-31"[len(end) - 4 :])[:10]


def _claim(claim: Claim, shown: bool) -> dict[str, Any]:
    kept = ("field", "value", "unit", "category", "as_of", "source", "note")
    quantity = claim.amount is not None
    value: Any = _plain(float(claim.value)) if quantity else claim.value
    return {**{k: getattr(claim, k) for k in kept}, "value": value, **({"shown": True} if shown else {})}


def _computed_claims(layer: Layer, drawn: routes.Drawn) -> list[Claim]:
    """Return what the build computes for a route, for those fields that the layer declares."""
    found = {
        "length_computed_km": (drawn.length_km(), "legs of the main way as drawn; between cited waypoints in straight lines"),
        "length_sea_computed_km": (drawn.length_km("sea"), "sea legs of the main way, access legs included"),
    }
    given = [(f, km, note) for f, (km, note) in found.items() if f in layer.fields and km]
    return [Claim("", f, f"{km:.1f}", "km", "", "", COMPUTED, note, round(km, 1)) for f, km, note in given]


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number


def _by_feature(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.feature].append(row)
    return found


def _cited(feature: Feature) -> set[str]:
    p = feature.properties
    cited = {c["source"] for c in p["claims"]} | {s for leg in p.get("legs", ()) for s in leg["sources"]}
    cited |= {COMPUTED} if "legs" in p else set()
    return cited | {p[k] for k in ("position_source", "name_ru_source", "name_hi_source") if p.get(k)}


def _computed_source() -> dict[str, str]:
    return {
        "id": COMPUTED,
        "publisher": "Corridor Atlas",
        "title": "Computed by this release: geodesic length on WGS 84 of the line as drawn; sea legs are the shortest way on "
        "the atlas's sea network with the closures that the leg names, access legs included",
        "licence": "CC BY 4.0",
    }


# --- files


def _write_layer(root: Path, layer: Layer, features: list[Feature], numbers: Mapping[str, int]) -> dict[str, Any]:
    # Rounded before it is written anywhere, so that text and index tell of one line.
    drawn = shapely.transform([f.geometry for f in features], lambda degrees: np.round(degrees, _DECIMALS))
    frame = gpd.GeoDataFrame({"id": [f.id for f in features]}, geometry=drawn, crs="OGC:CRS84")
    shapes = [json.loads(text) for text in shapely.to_geojson(frame.geometry.array)]
    values = _columns(layer, features)
    about = _about(layer, features, values)
    stored = writing.Stored(
        about=about,
        ids=[f.id for f in features],
        texts=[_text(f, shape) for f, shape in zip(features, shapes, strict=True)],
        geometry=np.asarray(frame.geometry.array, dtype=object),
        accuracy=np.array([f.properties.get("accuracy_km", 0.0) for f in features], dtype=np.float64),
        members=_members(features),
        columns=values,
        cited=[sorted(numbers[s] for s in _cited(f) if s in numbers) for f in features],
    )
    writing.write_layer(root, stored)
    return about


def _text(feature: Feature, shape: dict[str, Any]) -> bytes:
    return encode({"type": "Feature", "id": feature.id, "geometry": shape, "properties": feature.properties})


def _members(features: list[Feature]) -> dict[str, tuple[index.Rows, index.Rows]]:
    found: dict[str, tuple[list[int], list[int]]] = {}
    for i, feature in enumerate(features):
        for region in sorted(feature.member.regions):
            found.setdefault(region, ([], []))[region in feature.member.possible].append(i)
    rows = {region: [np.array(part, dtype=np.int32) for part in parts] for region, parts in sorted(found.items())}
    return {region: (certain, possible) for region, (certain, possible) in rows.items()}


def _columns(layer: Layer, features: list[Feature]) -> pa.Table:
    """Return the values that can be asked for: identity, place and the shown value of every field."""
    kinds = {"id": pa.string(), **dict.fromkeys(_NAMES, pa.string()), **dict.fromkeys(_LISTS, pa.list_(pa.string()))}
    kinds |= {"accuracy_km": pa.float64()} if layer.geometry == "point" else {"passages": pa.list_(pa.string())}
    kinds |= {f.id: pa.float64() if f.kind == "quantity" else pa.string() for f in layer.fields.values()}
    rows = [{"id": f.id, **f.properties} for f in features]
    return pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()})


def _about(layer: Layer, features: list[Feature], values: pa.Table) -> dict[str, Any]:
    extra = {f.id: _asked(f) for f in layer.fields.values()}
    return {
        "id": layer.id,
        "title": dict(layer.title),
        "description": layer.description,
        "geometry": layer.geometry,
        "licence": layer.licence,
        "rule": layer.rule,
        "features": len(features),
        "style": asdict(layer.style),
        "fields": [asdict(f) for f in layer.fields.values()],
        "queryables": columns.queryables(values, extra),
        "properties": list(dict.fromkeys(name for f in features for name in f.properties)),
        "temporal": None,
        "imported": None,
    }


def _asked(field: Field) -> dict[str, Any]:
    """Return what a queryable says of a field beside its name and type."""
    unit = {"unit": field.unit} if field.unit else {}
    enum = {"enum": [c.id for c in field.choices]} if field.choices else {}
    return {"title": field.title, **({"description": field.description} if field.description else {}), **unit, **enum}


def _keep(store: Store, root: Path, built: Mapping[str, Any], warn: Progress) -> list[dict[str, Any]]:
    """Carry the imported layers of the current release over into a folder; return what layers.json says of them."""
    try:
        current = store.current()
    except DataError as error:
        if store.begun:
            warn(f"Imported layers, if there were any, are not carried over: {error}")
        return []
    for folder in ("layers", "index"):
        (root / folder).mkdir()
    kept: list[dict[str, Any]] = []
    for one in (one for one in current.layers.values() if one.about["imported"]):
        name = _free(one.id, {*built, *(about["id"] for about in kept)})
        if name != one.id:
            warn(f"The atlas has a layer {one.id!r} now: the imported one of that id is called {name!r}.")
        _copy([one], root, name)
        kept.append({**one.about, "id": name})
    return kept


def _free(name: str, taken: Iterable[str]) -> str:
    """Return a name for an imported layer that no other layer has."""
    known = set(taken)
    candidates = (name, *(f"{name}-imported{i or ''}" for i in range(len(known) + 1)))
    return next(candidate for candidate in candidates if candidate not in known)


def _copy(layers: Iterable[StoredLayer], root: Path, name: str | None = None) -> None:
    """Put the files of layers into another release: as links, since files of a release never change, else as copies."""
    for one in layers:
        for path in one.files:
            there = root / path.parent.name / path.name.replace(one.id, name or one.id, 1)
            try:
                there.hardlink_to(path)
            except OSError:
                shutil.copyfile(path, there)


def _refuse(fault: Faults) -> None:
    if fault.lines:
        raise DataError(*fault.lines, "Nothing was published.")
