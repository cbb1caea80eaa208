"""The shapes of the answers, as OpenAPI 3.0 writes schemas."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(of: Json, **more: Any) -> Json:
    return {"type": "array", "items": of, **more}


def _object(required: str, **properties: Json) -> Json:
    """Return the schema of an object; ``required`` are names apart by spaces."""
    made: Json = {"type": "object", "properties": properties}
    return {**made, "required": required.split()} if required else made


TEXT: Json = {"type": "string"}
NUMBER: Json = {"type": "number"}
COUNT: Json = {"type": "integer", "minimum": 0}
OPEN: Json = {"type": "object", "additionalProperties": True}
LINKS = _list(_ref("Link"))
_POSITION = _list(NUMBER, minItems=2, maxItems=3)
_LINE = _list(_POSITION, minItems=2)
_RING = _list(_POSITION, minItems=4)
_COORDINATES = {
    "Point": _POSITION,
    "MultiPoint": _list(_POSITION),
    "LineString": _LINE,
    "MultiLineString": _list(_LINE),
    "Polygon": _list(_RING),
    "MultiPolygon": _list(_list(_RING)),
}


def _geometry(kind: str, coordinates: Json) -> Json:
    return _object("type coordinates", type={"type": "string", "enum": [kind]}, coordinates=coordinates)


_PLAIN = {f"{kind}GeoJson": _geometry(kind, shape) for kind, shape in _COORDINATES.items()}
_GATHERED = _object(
    "type geometries", type={"type": "string", "enum": ["GeometryCollection"]}, geometries=_list(_ref("Geometry"))
)
_SOURCES = {**OPEN, "description": "The sources that the features name, by id."}
_FEATURE = {
    "type": {"type": "string", "enum": ["Feature"]},
    "id": TEXT,
    "geometry": {"nullable": True, "allOf": [_ref("Geometry")]},
    "properties": {**OPEN, "nullable": True},
}

_ABSENT = {"nullable": True}
_PASSED = _object("passage name", passage=TEXT, name=TEXT, at_km={**NUMBER, **_ABSENT}, at_nm={**NUMBER, **_ABSENT})
_CLOSED = _object(
    "passage name by reason",
    passage=TEXT,
    name=TEXT,
    by={"type": "string", "enum": ["asked", "assumed"]},
    reason=TEXT,
    sources=_list(TEXT),
)
_JOURNEY = _object(
    "from to length_nm length_km days speed_kn passages closed legs claims assumptions",
    **{"from": TEXT},
    to=TEXT,
    from_id={**TEXT, **_ABSENT},
    to_id={**TEXT, **_ABSENT},
    length_nm=NUMBER,
    length_km=NUMBER,
    days=NUMBER,
    speed_kn=NUMBER,
    date={"type": "string", "format": "date", **_ABSENT},
    season={**TEXT, **_ABSENT},
    ice_class={**TEXT, **_ABSENT},
    draught_m={**NUMBER, **_ABSENT},
    passages=_list(TEXT),
    passed=_list(_PASSED),
    closed=_list(_CLOSED),
    avoided=_list(TEXT),
    legs=_list(OPEN),
    claims=_list(OPEN),
    emissions=_list(OPEN),
    assumptions=_list(TEXT),
)
_CORRIDOR = _object(
    "id name length_km length_nm days modes passages legs emissions claims notes",
    id=TEXT,
    name=TEXT,
    parts=_list(_object("id name", id=TEXT, name=TEXT)),
    length_km=NUMBER,
    length_nm=NUMBER,
    days={**NUMBER, **_ABSENT, "description": "None where a leg has no cited time."},
    modes=_list(TEXT),
    passages=_list(TEXT),
    legs=_list(
        _object(
            "mode from to length_km length_source days",
            mode={"type": "string", "enum": ["sea", "rail", "road", "river"]},
            **{"from": TEXT},
            to=TEXT,
            length_km=NUMBER,
            length_source=TEXT,
            days={**NUMBER, **_ABSENT},
            passages=_list(TEXT),
            trade_route=TEXT,
            branch={**TEXT, **_ABSENT},
            sources=_list(TEXT),
            note=TEXT,
        )
    ),
    emissions=_list(OPEN),
    claims=_list(OPEN),
    notes=_list(TEXT),
)
_UNCLOSED = {
    **_object(
        "length_nm length_km days passages extra_nm extra_km extra_days",
        length_nm=NUMBER,
        length_km=NUMBER,
        days=NUMBER,
        passages=_list(TEXT),
        extra_nm={**NUMBER, **_ABSENT},
        extra_km={**NUMBER, **_ABSENT},
        extra_days={**NUMBER, **_ABSENT},
    ),
    **_ABSENT,
    "description": "The best way if nothing that was asked were closed or avoided, and how much more the best journey is.",
}
_COST = _object(
    "trade_route name cut",
    trade_route=TEXT,
    name=TEXT,
    branch={**TEXT, **_ABSENT},
    sea_nm=NUMBER,
    sea_days=NUMBER,
    cut={"type": "boolean"},
    extra_nm={**NUMBER, **_ABSENT},
    extra_days={**NUMBER, **_ABSENT},
    by=_list(TEXT),
    reason={**TEXT, **_ABSENT},
)

SCHEMAS: Json = {
    "Link": _object("href rel", href=TEXT, rel=TEXT, type=TEXT, title=TEXT),
    "Problem": _object(
        "title status detail faults",
        title=TEXT,
        status={"type": "integer", "minimum": 400, "maximum": 599},
        detail=TEXT,
        faults=_list(TEXT),
    ),
    "Landing": _object("title links", title=TEXT, description=TEXT, links=LINKS),
    "Definition": {**OPEN, "required": ["openapi", "info", "paths"]},
    "Conformance": _object("conformsTo", conformsTo=_list(TEXT), links=LINKS),
    "Functions": _object("functions", functions=_list(_ref("Function")), links=LINKS),
    "Function": _object(
        "name returns",
        name=TEXT,
        description=TEXT,
        arguments=_list(_object("type", title=TEXT, description=TEXT, type=_list(TEXT))),
        returns=_list(TEXT),
    ),
    "Collections": _object(
        "links collections", title=TEXT, description=TEXT, links=LINKS, crs=_list(TEXT), collections=_list(_ref("Collection"))
    ),
    "Collection": _object(
        "id links",
        id=TEXT,
        title=TEXT,
        description=TEXT,
        itemType={"type": "string", "enum": ["feature"]},
        extent=_ref("Extent"),
        crs=_list(TEXT),
        storageCrs=TEXT,
        license=TEXT,
        features=COUNT,
        release=TEXT,
        fields=_list(OPEN),
        rule={**TEXT, "nullable": True},
        imported={**OPEN, "nullable": True},
        links=LINKS,
    ),
    "Extent": _object(
        "",
        spatial=_object("bbox", bbox=_list(_list(NUMBER, minItems=4, maxItems=4), minItems=1), crs=TEXT),
        temporal=_object(
            "interval", interval=_list(_list({**TEXT, "nullable": True}, minItems=2, maxItems=2), minItems=1), trs=TEXT
        ),
    ),
    "Queryables": _object("type properties", type=TEXT, title=TEXT, description=TEXT, properties=OPEN, links=LINKS),
    "FeatureCollection": _object(
        "type features links",
        type={"type": "string", "enum": ["FeatureCollection"]},
        features=_list(_ref("PageFeature")),
        numberMatched=COUNT,
        numberReturned=COUNT,
        timeStamp={"type": "string", "format": "date-time"},
        release=TEXT,
        sources=_SOURCES,
        links=LINKS,
    ),
    "PageFeature": _object("type id geometry properties", **_FEATURE),
    "Feature": _object("type id geometry properties links", **_FEATURE, sources=_SOURCES, release=TEXT, links=LINKS),
    "Geometry": {"oneOf": [*(_ref(name) for name in _PLAIN), _ref("GeometryCollectionGeoJson")]},
    **_PLAIN,
    "GeometryCollectionGeoJson": _GATHERED,
    "Routes": _object(
        "type features links unclosed corridors closed assumptions notes",
        type={"type": "string", "enum": ["FeatureCollection"]},
        features=_list(_ref("Journey")),
        numberMatched=COUNT,
        numberReturned=COUNT,
        timeStamp={"type": "string", "format": "date-time"},
        reason={**TEXT, "description": "Why there is no way by sea, where there is none."},
        unclosed=_UNCLOSED,
        corridors=_list(_CORRIDOR, description="Land corridors that join the two ends, best first."),
        closed=_list(_CLOSED),
        assumptions=_list(TEXT),
        notes=_list(TEXT, description="What was left out, and why."),
        release=TEXT,
        sources=_SOURCES,
        links=LINKS,
    ),
    "Journey": _object("type id geometry properties", **{**_FEATURE, "properties": _JOURNEY}),
    "Exposure": _object(
        "passages links assumptions",
        passages=_list(_object("passage name routes", passage=TEXT, name=TEXT, routes=_list(_COST))),
        assumptions=_list(TEXT),
        release=TEXT,
        links=LINKS,
    ),
    "Regions": _object(
        "regions",
        regions=_list(
            _object(
                "id name score",
                id=TEXT,
                kind=TEXT,
                country={**TEXT, "nullable": True},
                name=TEXT,
                name_ru=TEXT,
                name_hi=TEXT,
                score=NUMBER,
            )
        ),
    ),
}
