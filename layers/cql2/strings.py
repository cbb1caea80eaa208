"""Texts over whole columns: comparison under canonical equivalence, case folding, accents, LIKE."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from .table import Value, full
from .tree import Call, Literal, Node

_KEPT_CLASSES = (0, 7, 8, 9)
"""Combining classes of marks that make another letter, not an accent: vowel signs, nukta, kana voicing, virama.

OGC 21-065, 7.3, implementation guidance for ACCENTI, asks that marks of the kind of U+3099 and U+309A be kept.
"""


def canonical(texts: Value) -> Value:
    """Return texts in normalization form C, so that equal letters compare equal however they are encoded.

    Notes
    -----
    OGC 21-065, recommendation /rec/core/string-normalization. Form C instead of the recommended D: both make the same texts
    equal, and C keeps the order of the texts as they are stored.
    """
    return _where_not_ascii(texts, lambda text: unicodedata.normalize("NFC", text), lambda ascii_only: ascii_only)


def casei(texts: Value) -> Value:
    """Return texts after full Unicode case folding (requirement /req/case-insensitive-comparison/casei-function)."""
    return _where_not_ascii(texts, fold_case, pc.ascii_lower)


def accenti(texts: Value) -> Value:
    """Return texts without accents (requirement /req/accent-insensitive-comparison/accenti-function)."""
    return _where_not_ascii(texts, strip_accents, lambda ascii_only: ascii_only)


def fold_case(text: str) -> str:
    """Return a text after canonical caseless folding (Unicode 15.0, section 3.13, D145)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def strip_accents(text: str) -> str:
    """Return a text without the nonspacing marks that are accents."""
    letters = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in letters if not _is_accent(c)))


def like(texts: Value, pattern: Node) -> Value:
    """Return where texts match a pattern: % any characters, _ one, and a backslash makes either plain."""
    escaped = _whole_escapes(unicodedata.normalize("NFC", _pattern(pattern)))
    if isinstance(texts, pa.Scalar):
        return pc.match_like(full(canonical(texts), 1), escaped)[0]
    return pc.match_like(canonical(texts), escaped)


def _pattern(node: Node) -> str:
    if isinstance(node, Call):
        inner = _pattern(node.args[0])
        return fold_case(inner) if node.op == "casei" else strip_accents(inner)
    assert isinstance(node, Literal)
    return node.pattern


def _whole_escapes(pattern: str) -> str:
    """Return a pattern in which every backslash escapes something: before other characters it stands for itself."""
    out, at = [], 0
    while at < len(pattern):
        char, after = pattern[at], pattern[at + 1 : at + 2]
        if char != "\\":
            out.append(char)
            at += 1
        elif after and after in "%_\\":
            out.append(char + after)
            at += 2
        else:
            out.append("\\\\")
            at += 1
    return "".join(out)


def _is_accent(char: str) -> bool:
    return unicodedata.category(char) == "Mn" and unicodedata.combining(char) not in _KEPT_CLASSES


def _where_not_ascii(texts: Value, change: Callable[[str], str], change_ascii: Callable[[Value], Value]) -> Value:
    """Return texts changed: those of ASCII all at once, each different other text by itself."""
    if isinstance(texts, pa.Scalar):
        return pa.scalar(None if texts.as_py() is None else change(texts.as_py()), pa.string())
    plain = pc.fill_null(pc.string_is_ascii(texts), True)
    changed = change_ascii(texts)
    if pc.all(plain).as_py() in (True, None):
        return changed
    other = pc.invert(plain)
    coded = texts.filter(other).dictionary_encode()
    words = pa.array([change(text) for text in coded.dictionary.to_pylist()], pa.string())
    return pc.replace_with_mask(changed, other, words.take(coded.indices))
