"""Texts over whole columns: comparison under canonical equivalence, case folding, accents, LIKE."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from layers import arrow
from layers.cql2.table import Value, full
from layers.cql2.tree import Call, Literal, Node

_KEPT_CLASSES = (0, 7, 8, 9)
"""Combining classes of marks that make another letter, not an accent: vowel signs, nukta, kana voicing, virama.

OGC 21-065, 7.3, implementation guidance for ACCENTI, asks that marks of the kind of U+3099 and U+309A be kept.
"""


_SAMPLE = 4096


def canonical(texts: Value) -> Value:
    """Return texts in normalization form C, so that equal letters compare equal however they are encoded.

    Notes
    -----
    OGC 21-065, recommendation /rec/core/string-normalization. Form C instead of the recommended D: both make the same texts
    equal, and C keeps the order of the texts as they are stored.
    """
    if isinstance(texts, pa.Scalar):
        return _changed(texts, _nfc)
    return texts if _nothing_combines(texts) else pc.utf8_normalize(texts, "NFC")


def casei(texts: Value) -> Value:
    """Return texts after full Unicode case folding (requirement /req/case-insensitive-comparison/casei-function)."""
    if isinstance(texts, pa.Scalar):
        return _changed(texts, fold_case)
    return pc.ascii_lower(texts) if _is_ascii(texts) else _each_once(texts, _fold)


def _fold(texts: Value) -> Value:
    lowered = pc.utf8_lower(texts)
    # Folding is lower case but for some letters (ß, ς): the texts that hold one are folded each by itself.
    special = pc.fill_null(pc.match_substring_regex(texts, _folded_otherwise()), arrow.scalar(False))
    coded = texts.filter(special).dictionary_encode()
    folded = arrow.texts([fold_case(text) for text in coded.dictionary.to_pylist()])
    return pc.replace_with_mask(lowered, special, folded.take(coded.indices))


def accenti(texts: Value) -> Value:
    """Return texts without accents (requirement /req/accent-insensitive-comparison/accenti-function)."""
    if isinstance(texts, pa.Scalar):
        return _changed(texts, strip_accents)
    return texts if _is_ascii(texts) else _each_once(texts, _strip)


def _strip(texts: Value) -> Value:
    letters = pc.replace_substring_regex(pc.utf8_normalize(texts, "NFD"), _accents(), "")
    return pc.utf8_normalize(letters, "NFC")


# Beyond ASCII, without the surrogates; after the last of them no letter has a case and no mark is an accent.
_CHARACTERS = [chr(code) for code in range(0x80, 0x1F000) if not 0xD800 <= code < 0xE000]


def fold_case(text: str) -> str:
    """Return a text after canonical caseless folding (Unicode 15.0, section 3.13, D145)."""
    return _nfc(unicodedata.normalize("NFD", text).casefold())


def strip_accents(text: str) -> str:
    """Return a text without the nonspacing marks that are accents."""
    letters = unicodedata.normalize("NFD", text)
    return _nfc("".join(c for c in letters if not _is_accent(c)))


def like(texts: Value, pattern: Node) -> Value:
    """Return where texts match a pattern: % any characters, _ one, and a backslash makes either plain."""
    escaped = _whole_escapes(_nfc(_pattern(pattern)))
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


def _changed(text: Value, change: Callable[[str], str]) -> Value:
    return arrow.null(pa.string()) if text.as_py() is None else arrow.scalar(change(text.as_py()))


def _each_once(texts: Value, change: Callable[[Value], Value]) -> Value:
    """Return texts changed; where the first of them repeat, as names of countries do, each different text once."""
    if len(pc.unique(texts[:_SAMPLE])) > _SAMPLE // 4:
        return change(texts)
    coded = texts.dictionary_encode()
    return change(coded.dictionary).take(coded.indices)


def _is_ascii(texts: Value) -> bool:
    return not (_bytes(texts) >= 0x80).any()


def _nothing_combines(texts: Value) -> bool:
    """Tell whether texts are in form C for sure: up to U+02FF and in U+0400 to U+047F no character combines with another."""
    held = _bytes(texts)
    # In UTF-8 these begin with the bytes to 0xCB and with 0xD0 and 0xD1; what follows a first byte is below 0xC0.
    first = held[held >= 0xCC]
    return not ((first != 0xD0) & (first != 0xD1)).any()


def _bytes(texts: Value) -> NDArray[np.uint8]:
    """Return the bytes of all texts of an array, without a copy."""
    _, offsets, held = texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)
    return np.frombuffer(held, dtype=np.uint8)[ends[texts.offset] : ends[texts.offset + len(texts)]]


@lru_cache
def _accents() -> str:
    return _one_of([char for char in _CHARACTERS if _is_accent(char)])


@lru_cache
def _folded_otherwise() -> str:
    """Return a pattern for the characters that are not simply put in lower case."""
    lowered = pc.utf8_lower(arrow.texts(_CHARACTERS)).to_pylist()
    return _one_of([char for char, low in zip(_CHARACTERS, lowered, strict=True) if fold_case(char) != _nfc(low)])


def _one_of(chars: list[str]) -> str:
    """Return a regular expression for one of these characters, which are in order."""
    spans: list[list[int]] = []
    for code in map(ord, chars):
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return "[" + "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in spans) + "]"


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
