"""CQL2 text: cut into words, and given to the library one group of parentheses at a time, the innermost first.

The library's grammar tries each group in several readings, so that a mistake within n parentheses costs it 2ⁿ, and deep
nesting overruns its stack. So it never meets a parenthesis within another: a finished group stands in the next one as a
plain name. Texts, quoted names and geometries stand as names too; they are no matter of grammar.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from functools import partial

from geo.errors import InputError
from layers.cql2.build import ARRAYS, BROKEN, Builder, read_text
from layers.cql2.literals import shape_of_box, shape_of_wkt
from layers.cql2.tree import SHOWN, Geometry, Items, Literal, Node, Property

_STARTS = (
    ":_A-Za-zÀ-ÖØ-öø-\u02ff\u0370-\u037d\u037f-\u1ffe\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff"
    "\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_WORDS = re.compile(
    rf"""
    (?P<space>\s+)
  | (?P<string>'(?:[^'\\]|''|\\.)*+')
  | (?P<quoted>"[^"]*+")
  | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<name>[{_STARTS}][{_STARTS}.0-9\u0300-\u036f\u203f\u2040]*)
  | (?P<sign><>|<=|>=|!=|[-+*/%^=<>(),])
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_COLUMN = re.compile(r"--> \d+:(\d+)")
_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x06\x0e-\x1f\x7f\ud800-\udfff]")
_ESCAPE = re.compile(r"''|\\(.)", re.DOTALL)
# OGC 21-065, requirement /req/cql2-text/escaping, C.
_CONTROLS = {"a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}
_GEOMETRIES = set("POINT MULTIPOINT LINESTRING MULTILINESTRING POLYGON MULTIPOLYGON GEOMETRYCOLLECTION".split())
_DIMENSIONS = {"Z", "M", "ZM"}
_WKT_WORDS = _GEOMETRIES | _DIMENSIONS | {"EMPTY"}
_KEYWORDS = set("AND OR NOT LIKE BETWEEN IN IS NULL TRUE FALSE DIV".split())
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_LARGEST_WHOLE = 2**53


Pieces = list[tuple[str, int]]
"""Words as the library will see them, and where each stands in the whole text."""

_LONGEST_CHAIN = 32


@dataclass(frozen=True)
class Word:
    """A word of the text and where it stands."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        return self.text.upper() if self.kind == "name" else self.text


@dataclass
class Group:
    """What stands between two parentheses, as far as it is read."""

    start: int
    function: str = ""
    listing: bool = False
    pieces: Pieces = field(default_factory=list)
    operators: int = 0
    between: int = 0


def read(text: str, builder: Builder) -> Node:
    """Return the tree of a CQL2 text; what ``builder`` could not read, it has said.

    Raises
    ------
    InputError
        If the text is too long, or its words and parentheses make no sense.
    """
    most = builder.limits.characters
    if len(text) > most:
        raise InputError(f"filter: it has {len(text):,} characters; at most {most:,} are read. Shorten it.")
    return _Reader(text, builder).read(_words(text))


def _words(text: str) -> list[Word]:
    """Return the words of a text."""
    control = _CONTROL.search(text)
    if control:
        raise InputError(f"filter: the character {control.start() + 1} is a control character. Write it as an escape.")
    words = []
    at = 0
    while at < len(text):
        found = _WORDS.match(text, at)
        if found is None or found.lastgroup is None:
            raise InputError(_unreadable(text, at))
        if found.lastgroup != "space":
            words.append(Word(found.lastgroup, found.group(), at, found.end()))
        at = found.end()
    return words


def _unreadable(text: str, at: int) -> str:
    shown = cut(text[at : at + SHOWN])
    if text[at] in "'\"":
        return f"filter: the quotation mark at character {at + 1} is never closed, at {shown!r}."
    return f"filter: {text[at]!r}, character {at + 1}, has no meaning in CQL2, at {shown!r}."


class _Reader:
    """Walks over the words with a stack of open groups."""

    def __init__(self, text: str, builder: Builder) -> None:
        self.text = text
        self.builder = builder

    def read(self, words: list[Word]) -> Node:
        open_groups = [Group(0)]
        at = 0
        while at < len(words):
            word = words[at]
            if word.text == "(" and word.kind == "sign":
                self._open(open_groups, words, at)
            elif word.text == ")" and word.kind == "sign":
                self._close(open_groups, word)
            elif self._starts_geometry(words, at):
                at = self._geometry(open_groups[-1], words, at)
                continue
            else:
                self._word(open_groups[-1], words, at)
            at += 1
        if len(open_groups) > 1:
            last = open_groups[-1]
            raise InputError(f"filter: the parenthesis at {self._quote(last.start)!r} is never closed.")
        return self._finish(open_groups[0], len(self.text))

    def _open(self, open_groups: list[Group], words: list[Word], at: int) -> None:
        if len(open_groups) > self.builder.limits.depth:
            raise InputError(f"filter: more than {self.builder.limits.depth} parentheses stand within each other. Flatten it.")
        before = words[at - 1] if at else None
        group = Group(words[at].start)
        if before is not None and before.upper == "IN":
            group.listing = True
        elif before is not None and before.kind == "name" and before.upper not in _KEYWORDS:
            group.function, group.start = open_groups[-1].pieces.pop()
        open_groups.append(group)

    def _close(self, open_groups: list[Group], word: Word) -> None:
        if len(open_groups) == 1:
            raise InputError(f"filter: the parenthesis closed at character {word.start + 1} was never opened.")
        group = open_groups.pop()
        if group.listing:
            held = _text(self._shortened(group.pieces, word.start))
            open_groups[-1].pieces.append((f"({held})", group.start))
        else:
            node = self._finish(group, word.end)
            if open_groups[-1].function.lower() in ARRAYS and not group.function and not isinstance(node, Items):
                node = Items((node,))  # OGC 21-065, rule arrayExpression: an array may have one element
            open_groups[-1].pieces.append((self.builder.name(node), group.start))

    def _finish(self, group: Group, end: int) -> Node:
        """Return the tree of a group that is complete."""
        if not group.pieces and not group.function:
            if group.start or end < len(self.text):
                return Items(())  # an array without elements
            raise InputError("filter: it is empty. Write for example name = 'Vladivostok'.")
        pieces = self._shortened(group.pieces, end)
        if group.function or any(piece == "," for piece, _ in pieces):
            pieces = [(f"{group.function}(", group.start), *pieces, (")", end - 1)]
        return self._read(pieces, group.start, end)

    def _read(self, pieces: Pieces, start: int, end: int) -> Node:
        return self.builder.read(read_text, _text(pieces), partial(self._blame, pieces, start, end))

    def _blame(self, pieces: Pieces, start: int, end: int, error: str) -> str:
        """Return what is wrong with a group: the library tells the column where it stopped."""
        found = _COLUMN.search(error)
        column, length, place = int(found[1]) if found else 1, 0, end
        for piece, at in pieces:
            length += len(piece) + 1
            if length > column - 1 and column <= len(_text(pieces)):
                place = at
                break
        where = f"at {cut(self.text[place:end].strip())!r}" if place < end else "at its end"
        return f"filter: {self._quote(start, end)!r} is not CQL2; it is wrong {where}."

    def _shortened(self, pieces: Pieces, end: int) -> Pieces:
        """Return the words of a group with its long chains of AND and OR cut up: the library nests each link in the next."""
        return _join([self._chain(part, "OR", end) for part in _split(pieces, ",")], ",")

    def _chain(self, pieces: Pieces, joint: str, end: int) -> Pieces:
        links = _split(pieces, joint)
        if joint == "OR":
            links = [self._chain(link, "AND", end) for link in links]
        while len(links) > _LONGEST_CHAIN:
            cuts = range(0, len(links), _LONGEST_CHAIN)
            links = [self._link(_join(links[at : at + _LONGEST_CHAIN], joint), end) for at in cuts]
        return _join(links, joint)

    def _link(self, pieces: Pieces, end: int) -> Pieces:
        start = pieces[0][1] if pieces else end
        return [(self.builder.name(self._read(pieces, start, end)), start)]

    def _word(self, group: Group, words: list[Word], at: int) -> None:
        word = words[at]
        joins = self._joins(group, word)
        if word.kind == "name" and word.upper == "IN" and not (at + 1 < len(words) and words[at + 1].text == "("):
            self.builder.fault(f"filter: {self._quote(word.start)!r} needs a list in parentheses after IN.")
        piece = word.upper if joins else self._piece(word, is_function=at + 1 < len(words) and words[at + 1].text == "(")
        group.pieces.append((piece, word.start))

    def _piece(self, word: Word, *, is_function: bool) -> str:
        if word.kind == "string":
            return self.builder.name(_string(word.text[1:-1]))
        if word.kind == "quoted":
            return self.builder.name(property_of(word.text[1:-1]))
        if word.kind == "number":
            return self._number(word.text)
        if word.kind == "sign" or word.upper in _KEYWORDS:
            return word.text.lower()  # the AND of BETWEEN is no joint, which stands in capitals
        if is_function:
            if not _PLAIN.fullmatch(word.text):
                raise InputError(f"filter: {word.text!r} is no name of a function.")
            return word.text
        return self.builder.name(property_of(word.text))

    def _number(self, text: str) -> str:
        if text.isdigit() and len(text) < SHOWN and int(text) > _LARGEST_WHOLE:
            return self.builder.name(Literal(int(text)))  # the library would round it
        return f"0{text}" if text[0] == "." else text

    def _joins(self, group: Group, word: Word) -> bool:
        """Tell whether a word joins conditions or arguments; hold how many operators stand between such."""
        upper = word.upper
        group.between += upper == "BETWEEN"
        if word.text == "," or upper == "OR" or (upper == "AND" and not group.between):
            group.operators = group.between = 0
            return True
        group.between -= upper == "AND"
        group.operators += upper in _KEYWORDS or word.kind == "sign"
        most = 2 * self.builder.limits.depth
        if group.operators > most:
            raise InputError(f"filter: more than {most} operators follow each other, at {self._quote(word.start)!r}.")
        return False

    def _starts_geometry(self, words: list[Word], at: int) -> bool:
        if words[at].kind != "name" or words[at].upper not in _GEOMETRIES | {"BBOX"}:
            return False
        after = at + 1
        if after < len(words) and words[after].upper in _DIMENSIONS:
            after += 1
        return after < len(words) and (words[after].text == "(" or words[after].upper == "EMPTY")

    def _geometry(self, group: Group, words: list[Word], at: int) -> int:
        """Read the geometry that begins at a word; return the place after it."""
        first, depth, end = words[at], 0, at
        for end in range(at, len(words)):
            word = words[end]
            if not (word.kind == "number" or word.text in ("(", ")", ",", "-", "+") or word.upper in (*_WKT_WORDS, "BBOX")):
                raise InputError(f"filter: {word.text[:SHOWN]!r} has no place in the geometry {self._quote(first.start)!r}.")
            if word.kind == "number" and not math.isfinite(float(word.text)):
                raise InputError(f"filter: {cut(word.text)} in {self._quote(first.start)!r} is no finite number.")
            depth += (word.text == "(") - (word.text == ")")
            if depth > self.builder.limits.depth:
                raise InputError(f"filter: more than {self.builder.limits.depth} parentheses stand within each other.")
            if depth == 0 and word.upper in (")", "EMPTY"):
                break
        else:
            raise InputError(f"filter: the geometry {self._quote(first.start)!r} is never closed.")
        text = self.text[first.start : words[end].end]
        group.pieces.append((self.builder.name(self._shape(text, words[at : end + 1])), first.start))
        return end + 1

    def _shape(self, text: str, words: list[Word]) -> Node:
        if words[0].upper != "BBOX":
            return self.builder.shape(shape_of_wkt, text, 1 + sum(word.text == "," for word in words))
        try:
            numbers = [float(_SPACE.sub("", part)) for part in text[text.index("(") + 1 : -1].split(",")]
        except ValueError:
            self.builder.fault(f"filter: {cut(text)!r} takes four numbers: west, south, east and north.")
            return BROKEN
        return self.builder.shape(shape_of_box, numbers, 2)

    def _quote(self, start: int, end: int | None = None) -> str:
        return cut(self.text[start : len(self.text) if end is None else end].strip())


def _text(pieces: Pieces) -> str:
    return " ".join(piece for piece, _ in pieces)


def _split(pieces: Pieces, joint: str) -> list[Pieces]:
    parts: list[Pieces] = [[]]
    for piece in pieces:
        if piece[0] == joint:
            parts.append([])
        else:
            parts[-1].append(piece)
    return parts


def _join(parts: list[Pieces], joint: str) -> Pieces:
    joined = list(parts[0])
    for part in parts[1:]:
        joined.append((joint, part[0][1] if part else joined[-1][1] if joined else 0))
        joined.extend(part)
    return joined


def property_of(name: str) -> Node:
    """Return the node of a property, or of the feature's geometry."""
    return Geometry() if name == "geometry" else Property(name)


def _string(inner: str) -> Literal:
    """Return a text literal, its escapes read; in a pattern the backslash before %, _ and itself is LIKE's to read."""
    return Literal(_ESCAPE.sub(_unescape, inner), _ESCAPE.sub(_unescape_pattern, inner))


def _unescape(found: re.Match[str]) -> str:
    char = found[1]
    if char is None or char in "'\\":
        return "'" if char is None else char
    return _CONTROLS.get(char, found[0])


def _unescape_pattern(found: re.Match[str]) -> str:
    return found[0] if found[1] == "\\" else _unescape(found)


def cut(text: str) -> str:
    """Return a text, shortened to fit into an error."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
