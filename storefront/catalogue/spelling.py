"""Find the words that a misspelt one may have been meant as, by equality alone.

Two words are at most one edit apart (a letter more, less or another, or two neighbours swapped)
only where they are the same after at most one letter of each is left out. So the index keeps each
word under itself, under itself without each of its letters, and under the consonants that a
Persian word has in Latin letters: ``zaferun`` and ``زعفران`` are both ``zfrn``. To look a word up
costs the same in a shop of any size, and on any database.
"""

from __future__ import annotations

import re

SHORTEST, LONGEST = 3, 20  # letters of a word that is found although it is misspelt
SHORTEST_ASKED = 4  # of a word that was: shorter ones become one another too easily
FEWEST_CONSONANTS = 3
_CONSONANTS = "~"  # before consonants: no word holds it

_LETTERS = {
    "b": "ب",
    "p": "پ",
    "t": "تط",
    "s": "ثسص",
    "j": "ج",
    "č": "چ",
    "h": "حه",
    "x": "خ",
    "d": "د",
    "z": "ذزضظ",
    "r": "ر",
    "ž": "ژ",
    "š": "ش",
    "q": "غق",
    "f": "ف",
    "k": "ک",
    "g": "گ",
    "l": "ل",
    "m": "م",
    "n": "ن",
}
_LATIN = {letter: latin for latin, letters in _LETTERS.items() for letter in letters}
_TWO_LETTERS = {"kh": "x", "sh": "š", "ch": "č", "zh": "ž", "gh": "q", "ck": "k"}
_PAIR = re.compile("|".join(_TWO_LETTERS))
_REPEATED = re.compile(r"(.)\1+")
_VOWELS = str.maketrans("c", "k", "aeiouwvy")  # و and ی are now a vowel, now not


def is_tolerant(word: str) -> bool:
    """Return whether a word is found with a mistake; a code with another digit is another one."""
    return word.isalpha() and SHORTEST <= len(word) <= LONGEST


def variants(word: str) -> set[str]:
    """Return what a word is kept under."""
    consonants = "" if word.isascii() else _consonants("".join(_LATIN.get(s, "") for s in word))
    return _one_less(word) | ({consonants} if consonants else set())


def asked_variants(word: str) -> set[str]:
    """Return where the words stand that a misspelt one may mean; none if it is too short."""
    if not is_tolerant(word) or len(word) < SHORTEST_ASKED:
        return set()
    return _one_less(word) | ({_heard(word)} - {""})


def may_mean(asked: str, word: str) -> bool:
    """Return whether one of the words of these variants is near enough."""
    return is_one_edit(asked, word) or _heard(asked) in variants(word)


def is_one_edit(one: str, other: str) -> bool:
    """Return whether at most one edit makes one word of the other."""
    start = _alike(one, other)
    one, other = one[start:], other[start:]
    end = _alike(one[::-1], other[::-1])
    one, other = one[: len(one) - end], other[: len(other) - end]
    return max(len(one), len(other)) <= 1 or (len(one) == 2 and one == other[::-1])


def _alike(one: str, other: str) -> int:
    """Return how many letters at the beginning are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _one_less(word: str) -> set[str]:
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def _heard(asked: str) -> str:
    """Return the consonants of a Persian word that was typed in Latin letters, or nothing."""
    if not asked.isascii():
        return ""
    single = _PAIR.sub(lambda pair: _TWO_LETTERS[pair.group()], asked)
    return _consonants(single.translate(_VOWELS))


def _consonants(letters: str) -> str:
    """Leave out what one hears once, and an ``h`` at the end, which one does not."""
    heard = _REPEATED.sub(r"\1", letters).removesuffix("h")
    return f"{_CONSONANTS}{heard}" if len(heard) >= FEWEST_CONSONANTS else ""
