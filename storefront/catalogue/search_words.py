"""Bring what people type to one spelling, so that a search forgives how they typed it.

Persian is typed with Arabic letters (ي, ك), with and without vowel signs and half-spaces, and
with the digits of three scripts; all of it should find the same product.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

LONGEST_WORD = 40  # letters; what is longer is cut, in products and in questions alike
MOST_ASKED = 6  # words of a question; the rest would find nothing more

_HALF_SPACE = "\u200c"
_TATWEEL = "ـ"
_ONE_LETTER = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ە": "ه", _TATWEEL: None})


def plain(text: str) -> str:
    """Return small letters in one spelling, without signs above and below them; ASCII digits."""
    bare = (sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return "".join(map(_ascii_digit, bare)).translate(_ONE_LETTER).casefold()


def _ascii_digit(sign: str) -> str:
    return str(unicodedata.decimal(sign, sign))


def words_of(*texts: str) -> set[str]:
    """Return the words something is found by.

    Neighbours stand there joined, too: ``فیروزه‌ای``, ``فیروزه ای`` and ``فیروزهای`` are one word
    to those who type them.
    """
    found: set[str] = set()
    for text in texts:
        words = _words(plain(text))
        found |= {*words, *("".join(pair) for pair in pairwise(words))}
    return {word[:LONGEST_WORD] for word in found}


def asked_words(question: str) -> list[str]:
    """Return the words of a question, the longest first: it is usually the rarest."""
    words = set(_words(plain(question).replace(_HALF_SPACE, "")))
    return [word[:LONGEST_WORD] for word in sorted(words, key=lambda word: (-len(word), word))][
        :MOST_ASKED
    ]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)
