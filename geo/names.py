"""Names in three scripts: keys that match across them, and the kept rules of transliteration.

Cyrillic to Latin follows BGN/PCGN 1947 (Russian). Latin to Cyrillic, Cyrillic to Devanagari and Latin to Devanagari are
our own letter tables, the last after Hunterian practice; common English words are written by their sound, from a table,
since letter by letter nobody would know them. Nothing is translated. A name made so is marked as transliterated
wherever it is shown, and never stands for a published one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LETTERS = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "қ": "k", "ғ": "g", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "ә": "a",
    "ı": "i", "ø": "o", "đ": "d", "ð": "d", "ł": "l",
}  # fmt: skip

# Longest first; applied to a lower-case Latin word.
_LATIN_TO_CYRILLIC = [
    ("shch", "щ"), ("tsch", "ч"), ("sch", "ш"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"), ("ph",
    "ф"),
    ("th", "т"), ("yo", "ё"), ("yu", "ю"), ("ya", "я"), ("ye", "е"), ("ck", "к"), ("qu", "кв"), ("ee", "и"), ("oo", "у"),
    ("x", "кс"),
    ("a", "а"), ("b", "б"), ("c", "к"), ("d", "д"), ("e", "е"), ("f", "ф"), ("g", "г"), ("h", "х"), ("i", "и"), ("j",
    "дж"),
    ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"), ("o", "о"), ("p", "п"), ("q", "к"), ("r", "р"), ("s", "с"), ("t", "т"),
    ("u", "у"), ("v", "в"), ("w", "в"), ("y", "й"), ("z", "з"),
]  # fmt: skip

_DEVANAGARI_CONSONANTS = {
    "б": "ब", "в": "व", "г": "ग", "д": "द", "ж": "झ", "з": "ज़", "й": "य", "к": "क", "л": "ल", "м": "म", "н": "न",
    "п": "प",
    "р": "र", "с": "स", "т": "त", "ф": "फ़", "х": "ख़", "ц": "त्स", "ч": "च", "ш": "श", "щ": "श्च",
}  # fmt: skip
_DEVANAGARI_VOWELS = {  # letter: (standing alone, after a consonant)
    "а": ("आ", "ा"), "е": ("ए", "े"), "ё": ("यो", "्यो"), "и": ("इ", "ि"), "о": ("ओ", "ो"), "у": ("उ", "ु"), "ы": ("इ",
    "ि"),
    "э": ("ए", "े"), "ю": ("यू", "्यू"), "я": ("या", "्या"),
}  # fmt: skip
_VIRAMA = "्"

_HUNTERIAN_CONSONANTS = [  # longest first
    ("chh", "छ"), ("ksh", "क्ष"), ("sh", "श"), ("ch", "च"), ("kh", "ख"), ("gh", "घ"), ("jh", "झ"), ("zh", "झ"), ("th", "थ"),
    ("dh", "ध"), ("ph", "फ"), ("bh", "भ"), ("ck", "क"), ("k", "क"), ("g", "ग"), ("c", "क"), ("j", "ज"), ("t", "त"), ("d", "द"),
    ("n", "न"), ("p", "प"), ("b", "ब"), ("m", "म"), ("y", "य"), ("r", "र"), ("l", "ल"), ("v", "व"), ("w", "व"), ("s", "स"),
    ("h", "ह"), ("f", "फ़"), ("z", "ज़"), ("q", "क"), ("x", "क्स"),
]  # fmt: skip
_HUNTERIAN_VOWELS = [  # letters, standing alone, after a consonant, at the end of a word
    ("aa", "आ", "ा", "ा"), ("ai", "ऐ", "ै", "ै"), ("au", "औ", "ौ", "ौ"), ("ee", "ई", "ी", "ी"), ("oo", "ऊ", "ू", "ू"),
    ("a", "अ", "", "ा"), ("i", "इ", "ि", "ी"), ("u", "उ", "ु", "ू"), ("e", "ए", "े", "े"), ("o", "ओ", "ो", "ो"),
]  # fmt: skip

# Common words of English names as they sound: Russian, Hindi.
_BY_SOUND = {
    "and": ("энд", "एंड"), "bar": ("Бар", "बार"), "bear": ("Бэр", "बेयर"), "bore": ("Бор", "बोर"), "browns": ("Браунс", "ब्राउन्स"),
    "complex": ("Комплекс", "कॉम्प्लेक्स"), "defence": ("Дефенс", "डिफेंस"), "dock": ("Док", "डॉक"), "eastern": ("Истерн", "ईस्टर्न"),
    "engineers": ("Энджинирс", "इंजीनियर्स"), "extension": ("Экстеншн", "एक्सटेंशन"), "first": ("Фёрст", "फर्स्ट"),
    "garden": ("Гарден", "गार्डन"), "hill": ("Хилл", "हिल"), "lake": ("Лейк", "लेक"), "lease": ("Лиз", "लीज़"),
    "lignite": ("Лигнит", "लिग्नाइट"), "lodge": ("Лодж", "लॉज"), "mount": ("Маунт", "माउंट"), "mountain": ("Маунтин", "माउंटेन"),
    "nolans": ("Ноланс", "नोलान्स"), "pass": ("Пасс", "पास"), "plant": ("Плант", "प्लांट"), "port": ("Порт", "पोर्ट"),
    "range": ("Рейндж", "रेंज"), "reach": ("Рич", "रीच"), "repair": ("Рипэйр", "रिपेयर"), "ring": ("Ринг", "रिंग"),
    "round": ("Раунд", "राउंड"), "sands": ("Сэндс", "सैंड्स"), "ship": ("Шип", "शिप"), "shipbuilders": ("Шипбилдерс", "शिपबिल्डर्स"),
    "shipyard": ("Шипъярд", "शिपयार्ड"), "strange": ("Стрейндж", "स्ट्रेंज"), "swan": ("Суон", "स्वान"), "top": ("Топ", "टॉप"),
    "valley": ("Вэлли", "वैली"), "weld": ("Уэлд", "वेल्ड"), "western": ("Вестерн", "वेस्टर्न"),
}  # fmt: skip

# What may be left away in a region's name, in the three languages, after folding to Latin or as it stands.
_GENERIC = {
    "krai", "kray", "kraj", "oblast", "oblasti", "respublika", "republic", "republika", "state", "province", "territory",
    "region",
    "okrug", "avtonomnyy", "avtonomnaya", "autonomous", "district", "federal", "federalnyy", "ut", "union", "of", "the",
    "and", "city", "gorod",
    "राज्य", "गणराज्य", "क्राय", "ओब्लास्त", "ओब्लास्ट",
}  # fmt: skip


_VARIANTS = [(re.compile(pattern), plain) for pattern, plain in (
    (r"shch", "sh"), (r"kh", "h"), (r"zh", "j"), (r"ts|tz", "c"), (r"ph", "f"), (r"w", "v"), (r"ck|q", "k"), (r"x", "ks"),
    (r"[iy]y|yi|ij|ii|y", "i"), (r"ie|je", "e"), (r"j(?=[aou])", "i"), (r"ii", "i"), (r"(.)\1", r"\1"),
)]  # fmt: skip


_LATIN = str.maketrans(_LETTERS)
_NO_APOSTROPHE = str.maketrans("", "", "'’ʹʼ`")
_WORDS = re.compile(r"[^\W_]+(?:[\u0900-\u097f]+[^\W_]*)*|[\u0900-\u097f]+")


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Return the text in lower case, without accents and punctuation, Cyrillic letters as Latin ones."""
    text = unicodedata.normalize("NFC", text).casefold()
    if not text.isascii():
        text = _one_devanagari(text).translate(_LATIN)
    if not text.isascii():  # Cyrillic letters are Latin ones by now
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not _is_accent(c))
    return " ".join(_WORDS.findall(text.translate(_NO_APOSTROPHE)))


def _one_devanagari(text: str) -> str:
    """Return Devanagari in one spelling: no nukta, a nasal before a consonant as anusvara, as Hindi is written both ways."""
    bare = unicodedata.normalize("NFD", text).replace("\u093c", "").replace("\u0901", "\u0902")
    return unicodedata.normalize("NFC", re.sub("[ङञणनम]\u094d(?=[\u0915-\u0939])", "\u0902", bare))


def is_generic(word: str) -> bool:
    """Tell whether a folded word only says what kind of region it is (krai, oblast, republic, state)."""
    return word in _GENERIC


@lru_cache(maxsize=65536)
def key(text: str) -> str:
    """Return what remains equal across case, accents, transliteration variants and generic words."""
    return " ".join(_skeleton(w) for w in plain(text).split())


def plain(text: str) -> str:
    """Return the folded text without generic words, its spelling as it is."""
    words = fold(text).split()
    return " ".join([w for w in words if not is_generic(w)] or words)


@lru_cache(maxsize=65536)
def full_key(text: str) -> str:
    """Return the same as ``key`` with the generic words kept."""
    return " ".join(_skeleton(w) for w in fold(text).split())


def to_russian(name: str) -> str:
    """Return a Latin-script name in Cyrillic letters, by the table of this module."""
    return re.sub(r"[A-Za-z]+", lambda m: _recase(m[0], _sound(m[0], 0) or _cyrillic(m[0].lower())), _bare(name))


def to_hindi(name: str) -> str:
    """Return a Cyrillic- or Latin-script name in Devanagari letters, by the tables of this module."""
    latin = re.sub(r"[A-Za-z]+", lambda m: _sound(m[0], 1) or _hunterian(m[0].lower()), _bare(name))
    return re.sub(r"[А-Яа-яЁё]+", lambda m: _devanagari(m[0].lower()), latin)


def _bare(name: str) -> str:
    """Return a name without accents on Latin letters and without the ending of an ordinal number."""
    letters = unicodedata.normalize("NFKD", name)
    kept = "".join(c for i, c in enumerate(letters) if not (unicodedata.combining(c) and "A" <= letters[i - 1 : i] <= "z"))
    return re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", unicodedata.normalize("NFC", kept))


def _sound(word: str, language: int) -> str:
    return _BY_SOUND.get(word.lower(), ("", ""))[language]


def _hunterian(word: str) -> str:
    out: list[str] = []
    open_consonant = ""  # the consonant that the next letters may change
    at = 0
    while at < len(word):
        end, ahead = len(word), word[at:]
        vowel = next((v for v in _HUNTERIAN_VOWELS if ahead.startswith(v[0])), None)
        if ahead == "y" and open_consonant:
            vowel = ("y", "", "ी", "ी")
        if vowel:
            letters, alone, after, last = vowel
            final = at + len(letters) == end
            out.append((last if final else after) if open_consonant else "आ" if final and letters == "a" else alone)
            open_consonant, at = "", at + len(letters)
            continue
        latin, letter = next(((a, b) for a, b in _HUNTERIAN_CONSONANTS if ahead.startswith(a)), (word[at], word[at]))
        if out and ((latin == "n" and ahead[1:2] not in ("", *"aeiouynmhrlvw")) or (latin == "m" and ahead[1:2] in ("p", "b"))):
            out.append("ं")
            at += 1
            continue
        if open_consonant and (letter in "रयव" or letter == open_consonant or len(out) == 1):
            out.append(_VIRAMA)
        out.append(letter)
        open_consonant, at = letter, at + len(latin)
    return "".join(out)


def _is_accent(char: str) -> bool:
    # Devanagari vowel signs and the virama are marks too, but they spell the word.
    return bool(unicodedata.combining(char)) and not "\u0900" <= char <= "\u097f"


@lru_cache(maxsize=65536)
def _skeleton(word: str) -> str:
    for pattern, plain in _VARIANTS:
        word = pattern.sub(plain, word)
    return word


def _cyrillic(word: str) -> str:
    out, at = [], 0
    while at < len(word):
        found = (pair for pair in _LATIN_TO_CYRILLIC if word.startswith(pair[0], at))
        latin, letter = next(found, (word[at], word[at]))
        out.append(letter)
        at += len(latin)
    return re.sub(r"(?<=[бвгджзклмнпрстфхцчшщ])й(?![аеоу])", "и", "".join(out))


def _recase(model: str, word: str) -> str:
    if model.isupper() and len(model) > 1:
        return word.upper()
    return word[:1].upper() + word[1:] if model[:1].isupper() else word


def _devanagari(word: str) -> str:
    out: list[str] = []
    after_consonant = False
    for letter in word:
        if letter in _DEVANAGARI_VOWELS:
            out.append(_DEVANAGARI_VOWELS[letter][after_consonant])
            after_consonant = False
        elif letter in _DEVANAGARI_CONSONANTS:
            out.append((_VIRAMA if after_consonant else "") + _DEVANAGARI_CONSONANTS[letter])
            after_consonant = True
    return "".join(out)
