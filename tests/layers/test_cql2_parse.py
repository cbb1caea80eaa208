"""What a filter may be: its limits, and what is said of one that cannot be read."""

import json
import threading
import time

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.errors import InputError, UnknownError
from layers.cql2 import FUNCTIONS, Limits, build, parse
from layers.cql2.tree import Call, Instant, Items, Literal, Property, Shape, children, show, walk

BOW = "POLYGON((0 0,1 1,1 0,0 1,0 0))"
DEEP = Limits().depth


def faults(text, **given):
    with pytest.raises(InputError) as caught:
        parse(text, **given)
    assert all(line.startswith("filter") for line in caught.value.faults)
    assert not isinstance(caught.value, UnknownError)  # a filter that is wrong is a 400, never a 404
    return str(caught.value)


def read_or_refused(text, **given):
    """Read a filter; whatever else than an error of the input comes of it is a failure."""
    lines = []
    try:
        parse(text, **given)
    except InputError as error:
        lines = error.faults
    assert all(line.startswith("filter") for line in lines)


def literal(text, **given):
    """Return the geometry of a filter."""
    shape = parse(f"S_INTERSECTS(geometry,{text})", **given).root.args[1]
    assert isinstance(shape, Shape)
    return shape


def json_literal(document, **given):
    return parse(json.dumps({"op": "s_intersects", "args": [{"property": "geometry"}, document]}), lang="cql2-json", **given)


HOSTILE = {
    "10,000 parentheses": "(" * 10_000 + "a=1" + ")" * 10_000,
    "4,000 parentheses": "(" * 4_000 + "a=1" + ")" * 4_000,
    "a mistake within 50 parentheses": "(" * 50 + "a=1 2" + ")" * 50,
    "a long mistake within 50": "(" * 50 + " AND ".join(["a=1"] * 2_000) + " b" + ")" * 50,
    "60 open parentheses": "(" * 60 + "a=1",
    "2,000 open parentheses": "a=1 AND (" * 2_000,
    "60 open NOT": "NOT (" * 60 + "a=1",
    "10,000 NOT": "NOT " * 4_900 + "a=1",
    "15,000 minuses": "-" * 15_000 + "1=a",
    "9,000 pluses": "+".join("a" * 9_000) + "=1",
    "9,000 powers": "^".join("2" * 9_000) + "=1",
    "9,000 comparisons": "=".join("a" * 9_000),
    "2,000 IS NULL": "a " + "IS NULL " * 2_000,
    "1,000 BETWEEN": "a between 1 and " * 1_000 + "2",
    "arrays in arrays": "a_equals(a," + "(" * 60 + "1" + ",2)" * 60 + ")",
    "5,000 AND": " AND ".join(["a=1"] * 5_000),
    "a million vertices": "S_INTERSECTS(geometry,LINESTRING(" + ",".join(["1 2"] * 1_000_000) + "))",
    "an open polygon": "S_INTERSECTS(geometry,POLYGON(" + "(" * 5_000,
    "collections in collections": "S_INTERSECTS(geometry," + "GEOMETRYCOLLECTION(" * 900 + "POINT(1 2)" + ")" * 901,
    "quotation marks": "'" * 9_999,
    "backslashes": "a='" + "\\" * 9_999,
    "commas": "," * 9_999,
    "signs": "<" * 9_999,
    "names": "a " * 9_000,
    "numbers": "1 " * 9_999,
    "a box of 9,000 numbers": "S_INTERSECTS(geometry,BBOX(" + ",".join("1" * 9_000) + "))",
    "a number of 9,999 digits": "a=" + "9" * 9_999,
}
HOSTILE_JSON = {
    "100,000 lists": "[" * 100_000 + "]" * 100_000,
    "900 operators": '{"op":"not","args":[' * 900 + "true" + "]}" * 900,
    "300 operators": '{"op":"not","args":[' * 300 + "true" + "]}" * 300,
    "400,000 arguments": '{"op":"and","args":[' + ",".join(["true"] * 400_000) + "]}",
    "a deep position": '{"type":"Polygon","coordinates":' + "[" * 800 + "]" * 800 + "}",
    "deep collections": '{"type":"GeometryCollection","geometries":[' * 300 + "]}" * 300,
    "a long box": '{"bbox":[' + ",".join("1" * 100_000) + "]}",
    "60,000 vertices": '{"type":"LineString","coordinates":[' + ",".join(["[1,2]"] * 60_000) + "]}",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_refused_within_a_second(text):
    begun = time.process_time()
    said = faults(text)
    assert time.process_time() - begun < 1
    assert len(said) < 1_000


@pytest.mark.parametrize("text", HOSTILE_JSON.values(), ids=HOSTILE_JSON)
def test_hostile_json_is_refused_within_a_second(text):
    spatial = text if text[0] == "[" or '"op"' in text else f'{{"op":"s_intersects","args":[{{"property":"geometry"}},{text}]}}'
    begun = time.process_time()
    said = faults(spatial, lang="cql2-json")
    assert time.process_time() - begun < 1
    assert len(said) < 1_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(" * 65 + "a=1" + ")" * 65, "more than 64 parentheses stand within each other"),
        ("NOT " * 100 + "a=1", "operators stand more than 64 deep in each other"),
        ("NOT " * 200 + "a=1", "more than 128 operators follow each other, at 'NOT NOT"),
        ("a=1 AND b=(2", "the parenthesis at '(2' is never closed"),
        ("a=1) OR b=2", "the parenthesis closed at character 4 was never opened"),
        ("POINT(1 2", "the geometry 'POINT(1 2' is never closed"),
        ("a=1 OR b='x", 'quotation mark at character 10 is never closed, at "\'x"'),
        ('"a=1', "quotation mark at character 1 is never closed"),
        ("a=1; DROP TABLE x", "';', character 4, has no meaning in CQL2, at '; DROP TABLE x'"),
        ("a=\x001", "character 3 is a control character"),
        ("a='\ud800'", "character 4 is a control character"),
        ("", "it is empty"),
        ("  \n", "it is empty"),
        ("a=1 b=2", "'a=1 b=2' is not CQL2; it is wrong at 'b=2'"),
        ("a = 1 AND (b = OR c = 2)", "'(b = OR c = 2)' is not CQL2; it is wrong at 'c = 2)'"),
        ("a =", "'a =' is not CQL2; it is wrong at its end"),
        ("a = 1 AND (b = )", "'(b = )' is not CQL2; it is wrong at its end"),
        ("xyzzy(a)=1", "no function is called 'xyzzy'. Known: abs, ceil, distance_km, floor"),
        ("upper(a,)='X'", "'upper(a,)' is not CQL2"),
        ("a IN ()", "is not CQL2"),
        ("a IN b", "'IN b' needs a list in parentheses after IN"),
        ("in='x'", 'in is a word of CQL2. To name a property so, write it in quotation marks: "in"'),
        ("größe(a)=1", "'größe' is no name of a function"),
        ("a=1e999", "a number in it is too large: it must be finite"),
        ("foo(a)=1", "no function is called 'foo'. Did you mean floor?"),
        ("uper(a)='X'", "no function is called 'uper'. Did you mean upper?"),
        ("upper(a,b)='X'", "upper takes 1, not 2 arguments"),
        ("casei(a,b)='X'", "CASEI takes 1 argument, not 2"),
        ("s_within(geometry)", "S_WITHIN takes 2 arguments, not 1"),
        ("a", None),
        ("5", "5 is a number, where something is needed that is true or false for a feature"),
        ("a AND 'x'", "'x' is a text, where something is needed that is true or false"),
        ("NOT 5", "5 is a number, where something is needed that is true or false"),
        ("a = NULL", "a = NULL compares with NULL, which nothing equals. Ask IS NULL or IS NOT NULL"),
        ("'a' > 5", "'a' > 5 compares a text with a number. Write a number without quotation marks"),
        ("DATE('2024-01-01') = '2024-01-01'", "compares a date with a text. Write DATE('2024-05-31')"),
        ("TIMESTAMP('2024-01-01T00:00:00Z') = '2024-01-01'", "compares a timestamp with a text. Write TIMESTAMP("),
        ("DATE('2024-01-01') < TIMESTAMP('2024-01-01T00:00:00Z')", "compares a date with a timestamp. Ask with T_INTERSECTS"),
        ("a IN (1,'x')", "a IN (1,'x') compares a number with a text"),
        ("a BETWEEN 1 AND 'x'", "a BETWEEN 1 AND 'x' compares a number with a text"),
        ("1 < a < 3", "compares a number with true or false"),
        ("geometry = POINT(1 2)", "compares geometry, which is a geometry. Ask with S_EQUALS or S_INTERSECTS"),
        ("a = (1,2)", "compares (1,2), which is an array. Ask with A_EQUALS or A_CONTAINS"),
        ("a = INTERVAL('..','2024-01-01')", "which is an interval. Ask with T_EQUALS or T_INTERSECTS"),
        ("a LIKE b", "a LIKE b needs a text in quotation marks after LIKE"),
        ("5 LIKE 'x'", "5 is a number, where something is needed that is a text"),
        ("casei(5)='x'", "5 is a number, where something is needed that is a text"),
        ("a + 'x' = 5", "'x' is a text, where something is needed that is a number"),
        ("S_INTERSECTS(a,POINT(1 2))", "takes geometries, but a is none. Write geometry, a WKT or a BBOX"),
        ("A_EQUALS(a,5 + b)", "5 + b is a number, where something is needed that is an array"),
        ("A_EQUALS(a,(1,(2,3)))", "holds an array. Arrays hold texts, numbers, booleans or instants"),
        ("A_EQUALS(a,(1,'x'))", "the array (1,'x') mixes a number and a text"),
        ("T_AFTER(a,5)", "takes times, but 5 is a number. Write a DATE, TIMESTAMP or INTERVAL"),
        ("T_DURING(a,INTERVAL('..','2024-01-01'))", "T_DURING is for intervals, but a is none. Write INTERVAL(start, end)"),
        ("T_AFTER(a,DATE('2023-02-29'))", "'2023-02-29' is no date of RFC 3339 (day is out of range for month)"),
        ("T_AFTER(a,DATE('20230201'))", "'20230201' is no date of RFC 3339 (a date is year-month-day)"),
        ("T_AFTER(a,TIMESTAMP('2024-01-01'))", "'2024-01-01' is no timestamp of RFC 3339"),
        ("T_AFTER(a,TIMESTAMP('2024-01-01T25:00:00Z'))", "hour must be in 0..23"),
        ("T_AFTER(a,DATE(5))", "DATE takes a text, for example DATE('2024-05-31')"),
        ("T_AFTER(a,TIMESTAMP(b))", "TIMESTAMP takes a text, for example TIMESTAMP('2024-05-31T12:00:00Z')"),
        ("T_AFTER(a,INTERVAL('2024-02-01','2024-01-01'))", "INTERVAL('2024-02-01','2024-01-01') ends before it starts. Swap"),
        ("T_AFTER(a,INTERVAL('2024-02-01','2024-03-01T00:00:00Z'))", "joins a date with a timestamp. Write two of one kind"),
        ("T_AFTER(a,INTERVAL(5,'..'))", "an end of an INTERVAL is a date, a timestamp, a property or '..'"),
        (f"S_INTERSECTS(geometry,{BOW})", "is not valid: Self-intersection[0.5 0.5]. Repair it and try again"),
        ("S_INTERSECTS(geometry,POINT(1 91))", "has the latitude 91, outside ±90. Write longitude, then latitude"),
        ("S_INTERSECTS(geometry,POINT(541 1))", "has the longitude 541, outside ±180. Write degrees"),
        ("S_INTERSECTS(geometry,POINT(nan 1))", "'nan' has no place in the geometry 'POINT(nan 1))'"),
        ("S_INTERSECTS(geometry,POINT(1e999 1))", "1e999 in 'POINT(1e999 1))' is no finite number"),
        ("S_INTERSECTS(geometry,POLYGON((0 0,1 1,1 0)))", "is no geometry: a ring is not closed. End it with the position"),
        ("S_INTERSECTS(geometry,BBOX(1,50,2,3))", "BBOX(1,50,2,3) has its south, 50, above its north, 3. Swap the two"),
        ("S_INTERSECTS(geometry,BBOX(1,2,3,91))", "has its north at 91, outside ±90. Write degrees"),
        ("S_INTERSECTS(geometry,BBOX(1,2,181,9))", "has its east at 181, outside ±180"),
        ("S_INTERSECTS(geometry,BBOX(1,2,3))", "BBOX(1,2,3) has 3 numbers. Write west, south, east and north"),
        ("S_INTERSECTS(geometry,BBOX(1+1,2,3,4))", "'BBOX(1+1,2,3,4)' takes four numbers: west, south, east and north"),
    ],
)
def test_what_is_wrong_with_a_filter_is_said_with_the_part_that_is(text, said):
    if said is None:
        assert parse(text).root == Property(text)
    else:
        assert said in faults(text)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("", "'' is not JSON"),
        ('{"op":"=","args":[NaN,1]}', "is not JSON"),
        ('{"op":"=","args":[1e999,1]}', "is not JSON"),
        ('{"op":5,"args":[]}', '{"op":5,"args":[]} is not CQL2. Known are {"op"'),
        ('{"x":1}', '{"x":1} is not CQL2'),
        ('{"op":"=","args":[1]}', "= takes 2 arguments, not 1"),
        ('{"op":"and","args":[true]}', "AND joins two conditions or more, not 1"),
        ('{"op":"in","args":[{"property":"a"},5]}', "needs a list after IN, with something in it"),
        ('{"op":"in","args":[{"property":"a"},[]]}', "needs a list after IN, with something in it"),
        ('"x"', "'x' is a text, where something is needed that is true or false"),
        ('{"op":"t_after","args":[{"property":"a"},{"date":5}]}', "DATE takes a text"),
        ('{"op":"t_after","args":[{"property":"a"},{"interval":[1,2,3]}]}', "is not CQL2"),
        ("{" * 63, "is not JSON"),
    ],
)
def test_what_is_wrong_with_json_is_said(document, said):
    assert said in faults(document, lang="cql2-json")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"type": "Foo", "coordinates": [1]}, "'Foo' is no type of GeoJSON geometry. Known: GeometryCollection, LineString"),
        ({"type": "Polygon", "coordinates": "x"}, "is no GeoJSON geometry: Error parsing JSON"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, "Self-intersection[0.5 0.5]"),
        ({"bbox": ["x"]}, '{"bbox":["x"]} takes four numbers'),
        ({"bbox": [1, 2]}, "BBOX(1,2) has 2 numbers"),
    ],
)
def test_what_is_wrong_with_a_geometry_in_json_is_said(document, said):
    with pytest.raises(InputError, match=r"^filter: ") as caught:
        json_literal(document)
    assert said in str(caught.value)


def test_every_fault_is_said_at_once():
    text = "foo(a)=1 AND 'x'>5 AND d=DATE('x') AND (b = ) AND S_INTERSECTS(geometry,POINT(1 91))"
    said = faults(text).splitlines()
    assert len(said) == 5
    assert [part for part in ("'foo'", "'x' > 5", "no date", "(b = )", "latitude 91") if part in " ".join(said)] != []
    for part in ("'foo'", "'x' > 5", "no date", "(b = )", "latitude 91"):
        assert sum(part in line for line in said) == 1


def test_limits_are_arguments():
    assert "at most 10 are read" in faults("a = 1 AND b = 2", limits=Limits(characters=10))
    assert "at most 10 are read" in faults('{"op":"=","args":[1,1]}', lang="cql2-json", limits=Limits(json_characters=10))
    assert "more than 3 parts" in faults("a = 1 AND b = 2", limits=Limits(nodes=3))
    assert "more than 3 vertices" in faults("S_INTERSECTS(geometry,LINESTRING(1 1,2 2,3 3,4 4))", limits=Limits(vertices=3))
    assert "more than 2 parentheses" in faults("(((a = 1)))", limits=Limits(depth=2))
    assert "more than 2 deep" in faults("NOT NOT NOT a", limits=Limits(depth=2))
    long = {"type": "LineString", "coordinates": [[x, x] for x in range(10)]}
    with pytest.raises(InputError, match="more than 9 vertices"):
        json_literal(long, limits=Limits(vertices=9))
    json_literal(long, limits=Limits(vertices=10))


def test_a_language_is_known_or_refused():
    with pytest.raises(InputError, match="filter-lang: 'cql' is not known"):
        parse("a=1", lang="cql")


@pytest.mark.parametrize(
    "text",
    [
        "(" * DEEP + "a=1" + ")" * DEEP,
        "NOT (" * (DEEP - 1) + "a=1" + ")" * (DEEP - 1),
        "a=1 AND (" * (DEEP - 1) + "b=1" + ")" * (DEEP - 1),
        "NOT " * (DEEP - 1) + "a=1",
        " AND ".join("a" * 3_000),
        " OR ".join(["a AND b"] * 1_200),
        "a IN (" + ",".join("7" * 4_000) + ")",
        "+".join("a" * (DEEP - 1)) + "=1",
        "upper(" * (DEEP - 1) + "a" + ")" * (DEEP - 1) + "='X'",
    ],
)
def test_what_lies_within_the_limits_is_read_on_a_small_stack(text):
    read = []
    before = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=lambda: read.append(parse(text)))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert read == [parse(text)]


class PanicException(BaseException):
    """As the library's own when it panics: no Exception."""


def test_a_panic_of_the_library_is_an_error_of_the_input(monkeypatch):
    def panics(_):
        raise PanicException

    monkeypatch.setattr(build.cql2, "parse_text", panics)
    monkeypatch.setattr("layers.cql2.text.read_text", panics)
    assert "'a=1' is not CQL2" in faults("a=1")


def test_an_interrupt_while_reading_is_no_fault_of_the_input(monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("layers.cql2.text.read_text", interrupted)
    with pytest.raises(KeyboardInterrupt):
        parse("a=1")


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab1 '\"()=<>,+-*/%^\\éй\x00", max_size=60))
@example("a='\\'")
def test_any_text_is_read_or_refused(text):
    read_or_refused(text)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            "a b geometry 1 -2.5 'x' ( ) , = <> AND OR NOT LIKE IN BETWEEN IS NULL upper S_INTERSECTS POINT(1 2) BBOX(1,2,3,4) "
            "DATE('2024-01-01') INTERVAL + ^ casei A_EQUALS T_AFTER".split()
        ),
        max_size=25,
    )
)
def test_any_words_are_read_or_refused(words):
    read_or_refused(" ".join(words))


def leaves():
    return st.one_of(
        st.builds(lambda name: {"property": name}, st.sampled_from(["a", "b", "geometry", "x y"])),
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
        st.just({"date": "2024-01-01"}) | st.just({"bbox": [1, 2, 3, 4]}) | st.just({"interval": ["..", "2024-01-01"]}),
        st.just({"type": "Point", "coordinates": [1, 2]}),
    )


def operators(parts):
    names = st.sampled_from("and or not = < in like between isNull + div casei s_within t_after a_equals upper foo".split())
    calls = st.builds(lambda op, args: {"op": op, "args": args}, names, st.lists(parts, max_size=3))
    return calls | st.lists(parts, max_size=3) | st.dictionaries(st.sampled_from(["op", "args", "date", "property"]), parts)


@settings(max_examples=300, deadline=None)
@given(st.recursive(leaves(), operators, max_leaves=12))
def test_any_json_is_read_or_refused(document):
    read_or_refused(json.dumps(document), lang="cql2-json")


def test_a_filter_is_a_value_that_names_its_properties():
    text = "name = 'x' AND S_INTERSECTS(geometry,POINT(1 2)) AND upper(\"a b\") IN (c, 'd')"
    asked = parse(text)
    assert asked == parse(text)
    assert hash(asked) == hash(parse(text))
    assert asked != parse("name = 'y'")
    assert str(asked) == asked.text == text
    assert asked.properties == {"name", "a b", "c"}
    with pytest.raises(AttributeError):
        asked.text = "other"


def test_text_and_json_make_one_tree():
    text = "a = 1 AND NOT b LIKE 'x%' OR c IN (1,2) AND T_AFTER(d, INTERVAL('..', e))"
    document = {
        "op": "or",
        "args": [
            {
                "op": "and",
                "args": [
                    {"op": "=", "args": [{"property": "a"}, 1]},
                    {"op": "not", "args": [{"op": "like", "args": [{"property": "b"}, "x%"]}]},
                ],
            },
            {
                "op": "and",
                "args": [
                    {"op": "in", "args": [{"property": "c"}, [1, 2]]},
                    {"op": "t_after", "args": [{"property": "d"}, {"interval": ["..", {"property": "e"}]}]},
                ],
            },
        ],
    }
    assert parse(json.dumps(document), lang="cql2-json").root == parse(text).root


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'it''s'", "it's"),
        (r"'it\'s'", "it's"),
        (r"'a\tb\nc'", "a\tb\nc"),
        (r"'\a\b\v\f\r'", "\a\b\v\f\r"),
        (r"'C:\\new'", r"C:\new"),
        (r"'50\% of it'", r"50\% of it"),
        ("''", ""),
        ("'x(y)z, AND \"q\"'", 'x(y)z, AND "q"'),
        ("9007199254740993", 9007199254740993),
        ("-9007199254740993", -9007199254740993),
        ("-5", -5),
        ("---5", -5),
        (".5", 0.5),
        ("1.5e3", 1500),
        ("1.", 1),
        ("true", True),
    ],
)
def test_a_literal_is_what_the_standard_says(text, value):
    literals = parse(f"a = {text}").root.args[1]
    assert literals == Literal(value)
    assert type(literals.value) is type(value)


def test_names_of_properties_are_those_of_the_standard():
    text = '"select" = 1 AND "date" = 5 AND :b.c_1 = 2 AND städte = 3 AND населённый = 4 AND "a, b)" = 6 AND _x = 7'
    assert parse(text).properties == {"select", ":b.c_1", "städte", "населённый", "date", "a, b)", "_x"}


def test_a_large_whole_number_in_json_is_kept_exactly():
    asked = parse('{"op":"=","args":[{"property":"a"},9007199254740993]}', lang="cql2-json")
    assert asked.root.args[1] == Literal(9007199254740993)


def test_instants_are_counted_from_1970_in_utc():
    texts = "1970-01-01T00:00:01.5Z 1970-01-01T02:00:00+02:00 2016-12-31T23:59:60Z 2017-01-01T00:00:00Z 1969-12-31T23:59:59.25Z"
    listed = ",".join(f"TIMESTAMP('{text}')" for text in texts.split())
    root = parse(f"a IN ({listed})").root
    asked = {node.text: node.value for node in walk(root) if isinstance(node, Instant)}
    assert asked["1970-01-01T00:00:01.5Z"] == 1_500_000
    assert asked["1970-01-01T02:00:00+02:00"] == 0
    assert asked["2016-12-31T23:59:60Z"] == asked["2017-01-01T00:00:00Z"]
    assert asked["1969-12-31T23:59:59.25Z"] == -750_000


def test_a_box_across_180_degrees_has_two_parts():
    assert literal("BBOX(170,-10,-170,10)").boxes == ((170, -10, 180, 10), (-180, -10, -170, 10))
    assert literal("BBOX(-10,-5,-3,-2)").geometry.equals(shapely.box(-10, -5, -3, -2))
    assert literal("BBOX(1,2,0,3,4,9)").geometry.equals(shapely.box(1, 2, 3, 4))
    assert literal("BBOX(1,2,1,2)").geometry == shapely.Point(1, 2)
    assert literal("BBOX(1,2,1,4)").geometry == shapely.LineString([(1, 2), (1, 4)])


def test_what_is_drawn_beyond_180_degrees_is_brought_within_it():
    area = literal("POLYGON((170 0,190 0,190 10,170 10,170 0))").geometry
    assert area.equals(shapely.union_all([shapely.box(170, 0, 180, 10), shapely.box(-180, 0, -170, 10)]))
    assert literal("POINT(190 5)").geometry == shapely.Point(-170, 5)
    assert literal("POINT Z(1 2 3)").geometry == shapely.Point(1, 2)


def test_geometries_are_carried_from_the_crs_of_the_filter():
    def in_degrees(x, y):
        return x / 1000, y / 1000

    assert literal("POINT(80000 13000)", to_crs84=in_degrees).geometry == shapely.Point(80, 13)
    box = literal("BBOX(0,0,10000,20000)", to_crs84=in_degrees).geometry
    assert box == shapely.box(0, 0, 10, 20)  # what stays straight gets no vertices, so that S_EQUALS holds
    with pytest.raises(InputError, match="has the latitude 91"):
        literal("POINT(0 91000)", to_crs84=in_degrees)
    with pytest.raises(InputError, match=r"POINT\(0 1\) lies outside the coordinate system of the filter"):
        literal("POINT(0 1)", to_crs84=lambda x, y: (x, np.full_like(y, np.inf)))


POLAR = pyproj.Transformer.from_crs("EPSG:3576", "OGC:CRS84", always_xy=True)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("BBOX(-2000000,-1500000,1000000,2500000)", shapely.box(-2e6, -1.5e6, 1e6, 2.5e6)),
        ("BBOX(1000000,1000000,4000000,3000000)", shapely.box(1e6, 1e6, 4e6, 3e6)),
        ("BBOX(-3000000,-3000000,3000000,-500000)", shapely.box(-3e6, -3e6, 3e6, -0.5e6)),
        ("BBOX(-3000000,500000,3000000,3000000)", shapely.box(-3e6, 0.5e6, 3e6, 3e6)),
        (
            "POLYGON((-3e6 -3e6,3e6 -3e6,3e6 3e6,-3e6 3e6,-3e6 -3e6),(-1e6 -1e6,1e6 -1e6,1e6 1e6,-1e6 1e6,-1e6 -1e6))",
            shapely.box(-3e6, -3e6, 3e6, 3e6) - shapely.box(-1e6, -1e6, 1e6, 1e6),
        ),
    ],
)
def test_areas_of_a_polar_crs_keep_their_places_at_180_degrees_and_at_the_pole(text, shape):
    area = literal(text, to_crs84=POLAR.transform).geometry
    assert shapely.is_valid(area)
    x, y = np.random.default_rng(3).uniform(-4e6, 4e6, (2, 4000))
    clear = shapely.distance(shapely.boundary(shape), shapely.points(x, y)) > 10_000
    inside = shapely.contains_xy(area, *POLAR.transform(x, y))
    assert (inside == shapely.contains_xy(shape, x, y))[clear].all()


def test_lines_and_collections_of_a_polar_crs_cross_180_degrees():
    found = literal("LINESTRING(1e6 -1e6,1e6 1e6)", to_crs84=POLAR.transform).geometry
    lines = shapely.get_parts(shapely.get_parts(found))
    assert [line.geom_type for line in lines] == ["LineString", "LineString"]
    assert all(line.bounds[2] - line.bounds[0] < 90 for line in lines)
    on = shapely.points(*POLAR.transform(np.full(9, 1e6), np.linspace(-9e5, 9e5, 9)))
    assert shapely.distance(found, on).max() < 0.01
    both = "GEOMETRYCOLLECTION(POINT(0 1000000),POLYGON((-1e6 -1e6,1e6 -1e6,1e6 1e6,-1e6 1e6,-1e6 -1e6)))"
    found = literal(both, to_crs84=POLAR.transform).geometry
    assert shapely.intersects_xy(found, 12.0, 89.0)
    assert found.geom_type == "GeometryCollection"


def test_functions_are_published_as_the_standard_describes_them():
    types = {"string", "number", "integer", "datetime", "geometry", "boolean"}
    for function in FUNCTIONS:
        document = function.document()
        assert set(document) == {"name", "description", "args", "returns"}
        assert set(document["returns"]) <= types
        assert all(set(arg["type"]) <= types for arg in document["args"])
        assert json.loads(json.dumps(document)) == document
    assert [f.name for f in FUNCTIONS][:3] == ["upper", "lower", "trim"]


QUERYABLES = [
    {"id": "name", "title": "Name", "type": "string"},
    {"id": "depth_m", "title": "Depth", "type": "number", "unit": "m"},
    {"id": "berths", "title": "Berths", "type": "integer"},
    {"id": "opened", "title": "Opened", "type": "date"},
    {"id": "seen", "title": "Seen", "type": "timestamp"},
    {"id": "ice_free", "title": "Ice free", "type": "boolean"},
    {"id": "cargo", "title": "Cargo", "type": "array"},
]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nam = 'x'", "no property is called 'nam'. Did you mean name?"),
        ("name = 5", "name = 5 compares a text with a number"),
        ("depth_m = '5'", "depth_m = '5' compares a number with a text"),
        ("depth_m = name", "compares a number with a text"),
        ("opened > '2024-01-01'", "compares a date with a text. Write DATE('2024-05-31')"),
        ("seen > DATE('2024-01-01')", "compares a timestamp with a date. Ask with T_INTERSECTS"),
        ("name", "name is a text, where something is needed that is true or false"),
        ("cargo = 'coal'", "compares cargo, which is an array. Ask with A_EQUALS or A_CONTAINS"),
        ("A_CONTAINS(name,('x'))", "name is a text, where something is needed that is an array"),
        ("depth_m LIKE '5%'", "depth_m is a number, where something is needed that is a text"),
        ("name + 1 = 2", "name is a text, where something is needed that is a number"),
        ("T_AFTER(name,DATE('2024-01-01'))", "takes times, but name is a text"),
        ("T_AFTER(INTERVAL(opened,seen),DATE('2024-01-01'))", "joins a date with a timestamp"),
        ("T_AFTER(INTERVAL(name,seen),DATE('2024-01-01'))", "has an end that is a text. Its ends are dates or timestamps"),
        ("upper(depth_m) = 'X'", "depth_m is a number, where something is needed that is a text"),
        ("distance_km(geometry,name) < 5", "name is a text, where something is needed that is a geometry"),
        ("S_WITHIN(name,POINT(1 2))", "takes geometries, but name is none"),
    ],
)
def test_a_filter_is_held_against_what_a_layer_can_be_asked(text, said):
    if "S_WITHIN" in text:
        assert said in faults(text)
        return
    with pytest.raises(InputError) as caught:
        parse(text).check(QUERYABLES)
    assert said in str(caught.value)
    assert str(caught.value).startswith("filter: ")


def test_every_unknown_property_and_every_comparison_is_said_at_once():
    with pytest.raises(InputError) as caught:
        parse("nam = 'x' AND dept_m > 5 AND berths = 'many'").check(QUERYABLES)
    assert len(caught.value.faults) == 3


def test_a_filter_that_fits_a_layer_passes():
    parse(
        "name LIKE 'V%' AND depth_m > berths AND opened < DATE('2024-01-01') AND ice_free AND A_OVERLAPS(cargo,('coal','ore')) "
        "AND T_DURING(INTERVAL(opened,'..'),INTERVAL('2020-01-01','..')) AND length(name) > 3 AND S_WITHIN(geom,BBOX(1,2,3,4)) "
        "AND distance_km(geometry,POINT(1 2)) < 5 AND geometry IS NOT NULL AND cargo IS NOT NULL"
    ).check(QUERYABLES)


def test_an_error_shows_the_part_that_is_wrong_as_cql2():
    text = (
        "a.b = 1 AND \"x y\" <> 'it''s' OR NOT c IS NULL AND d BETWEEN 1 AND 2.5 AND e IN (true,false) AND upper(f) LIKE 'x' "
        "AND T_AFTER(g,INTERVAL('..',DATE('2024-01-01'))) AND S_WITHIN(geometry,BBOX(170,1,-170,2))"
    )
    shown = [show(part) for part in children(parse(text).root)]
    assert all(len(part) <= 60 for part in shown)
    calls = {show(part) for part in walk(parse(text).root) if isinstance(part, Call) and part.op not in ("and", "or")}
    assert calls == {
        '"a.b" = 1', "\"x y\" <> 'it''s'", "NOT c IS NULL", "c IS NULL", "d BETWEEN 1 AND 2.5", "e IN (true,false)", "UPPER(f)",
        "UPPER(f) LIKE 'x'", "T_AFTER(g, INTERVAL('..',DATE('2024-01-01')))", "S_WITHIN(geometry, BBOX(170,1,-170,2))",
    }  # fmt: skip
    long = parse(f"S_WITHIN(geometry,LINESTRING({','.join(f'{x} {x}' for x in range(20))}))").root
    assert show(long) == "S_WITHIN(geometry, LINESTRING(…))"
    assert show(Items((Literal("x" * 100),))).endswith("…")


@pytest.mark.parametrize(
    "text", ["S_INTERSECTS(geometry,BBOX(60,170,70,-170))", "S_INTERSECTS(geometry,BBOX(60,170,0,70,-170,9))"]
)
def test_a_box_with_latitude_first_may_cross_180_degrees(text):
    found = parse(text, to_crs84=lambda x, y: (y, x))
    assert literal_bounds(found) == [(170.0, 60.0, 180.0, 70.0), (-180.0, 60.0, -170.0, 70.0)]


def literal_bounds(found):
    from layers.cql2.tree import Shape, walk

    (shape,) = [node for node in walk(found.root) if isinstance(node, Shape)]
    return list(shape.boxes)
