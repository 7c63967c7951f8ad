"""Bring texts of a file to the form that the shop keeps: visible, tidy, with Persian letters."""

from __future__ import annotations

import re
import unicodedata

from storefront.core.formats import persian_letters
from storefront.core.typed import one_line, several_lines

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

_LOST = re.compile("[\ufffd\ufffe\uffff\ud800-\udfff]|[ØÙÚÛ][\x80-\xbfŠŒŽšœžŸƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]")
# How Windows-1256 shows two Persian letters of UTF-8, a first and a second byte each.
_SECOND = re.escape(bytes(range(0x80, 0xC0)).decode("cp1256"))
_TWO_LETTERS = re.compile(f"(?:[طظعغ][{_SECOND}]){{2}}")
_PERSIAN = re.compile("[آ-غف-يپچژکگی]")
_QUESTION_MARKS = re.compile(r"(?<!\S)\?{2,}(?!\S)")

_LATIN = {
    "a": "اآأإعٱ",
    "b": "ب",
    "ch": "چ",
    "d": "د",
    "f": "ف",
    "g": "گ",
    "gh": "غق",
    "h": "هحةۀ",
    "i": "یيىئ",
    "j": "ج",
    "k": "کك",
    "kh": "خ",
    "l": "ل",
    "m": "م",
    "n": "ن",
    "o": "وؤ",
    "p": "پ",
    "r": "ر",
    "s": "سصث",
    "sh": "ش",
    "t": "تط",
    "z": "زذضظ",
    "zh": "ژ",
}
_TO_LATIN = str.maketrans({letter: latin for latin, all_ in _LATIN.items() for letter in all_})


def line_of(text: str) -> str:
    """Return a text on one line."""
    return persian_letters(one_line(text))


def paragraphs_of(text: str) -> str:
    """Return a text with its line breaks."""
    return persian_letters(several_lines(text))


def is_garbled(text: str) -> bool:
    """Return whether letters were lost on the way: read in another encoding than written in."""
    if text.isascii():
        return False
    return _LOST.search(text) is not None or _is_utf8_shown_as_1256(text)


def _is_utf8_shown_as_1256(text: str) -> bool:
    """Return whether a word would be Persian if its Windows-1256 were UTF-8.

    No Persian word becomes two Persian letters so.
    """
    words = re.split("[ \t\r\n]+", text) if _TWO_LETTERS.search(text) else []
    return any(len(_PERSIAN.findall(_read_as_utf8(word))) >= 2 for word in words)


def _read_as_utf8(word: str) -> str:
    try:
        return "" if word.isascii() else word.encode("cp1256").decode("utf-8")
    except UnicodeError:
        return ""


def has_lost_letters(text: str, *, name: bool) -> bool:
    """Return whether question marks stand for letters: for most of them, or a word of a name."""
    marks = text.count("?")
    if marks and marks > sum(map(str.isalpha, text)):
        return True
    return name and marks > 1 and _QUESTION_MARKS.search(text) is not None


def slug_of(text: str) -> str:
    """Return an address made of a text: small Latin letters, digits and hyphens; may be empty."""
    bare = unicodedata.normalize("NFKD", text.replace("آ", "ا")).casefold()
    latin = "".join(str(unicodedata.decimal(sign, sign)) for sign in bare).translate(_TO_LATIN)
    words = re.findall(r"[a-z0-9]+", re.sub(r"[^\x00-\x7f\u200c]", "", latin))
    return "-".join(words)[:80].strip("-")
