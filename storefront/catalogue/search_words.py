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
# «کاسه‌ی», «کاسه ی» and «کاسهٔ» are one word: what follows the ه only joins it to the next one.
_JOINING_YE = re.compile(r"(?<=ه)[\s\u200c]+ی(?!\w)")
_ONE_LETTER = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ە": "ه", _TATWEEL: None})


_REMEMBERED = 0x3000  # the characters below, of most scripts: strangers must not fill the memory


class _OneSpelling(dict[int, str]):
    """Each character in the one spelling; nothing for a sign above or below a letter."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        bare = "" if unicodedata.combining(sign) else str(unicodedata.decimal(sign, sign))
        folded = bare.translate(_ONE_LETTER).casefold()
        if code < _REMEMBERED:
            self[code] = folded
        return folded


_ONE_SPELLING = _OneSpelling()


def plain(text: str) -> str:
    """Return small letters in one spelling, without signs above and below them; ASCII digits."""
    return unicodedata.normalize("NFKD", text).translate(_ONE_SPELLING)


# Words of any text, which are neither kept of a description nor asked for beside another word.
COMMON = frozenset(
    re.findall(
        r"\w+",
        plain(
            "از به با در که را این آن برای است هم تا یک هر بر یا می ها های ی ای اش اند شود شده دو"
            " an the of and in on with for is it its to from by or at as are"
        ),
    )
)


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


def single_words(*texts: str) -> set[str]:
    """Return the words of texts one by one; those with half-spaces in one piece, too."""
    found: set[str] = set()
    for text in map(plain, texts):
        found.update(_words(text))
        if _HALF_SPACE in text:
            found.update(_words(text.replace(_HALF_SPACE, "")))
    return {word[:LONGEST_WORD] for word in found}


def asked_words(question: str, ignored: frozenset[str] = frozenset()) -> list[str]:
    """Return the words of a question, the longest first: it is usually the rarest.

    Those to be ignored count where there is no other.
    """
    typed = set(_words(_JOINING_YE.sub("", plain(question)).replace(_HALF_SPACE, "")))
    words = typed - ignored or typed
    return [word[:LONGEST_WORD] for word in sorted(words, key=lambda word: (-len(word), word))][
        :MOST_ASKED
    ]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)
