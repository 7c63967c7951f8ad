"""Understand what was asked: its words, how they are meant, and what might be asked instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from sqlalchemy import bindparam, select

from storefront.catalogue import spelling
from storefront.catalogue.models import Product
from storefront.catalogue.search_index import (
    FOUND_BY,
    OFF_SALE,
    ProductWord,
    WordVariant,
)
from storefront.catalogue.search_matching import begins, count, named, values
from storefront.catalogue.search_words import COMMON, LONGEST_WORD, asked_words, plain
from storefront.core.database import db

MOST_SUGGESTED = 4
_LOOKED_AT = 50  # words
_WORD = re.compile(r"[\w\u200c]+")
# Statements are built once: to build one takes longer than to run it.
_KNOWN = (
    select(WordVariant.word)
    .where(select(ProductWord.word).where(ProductWord.word == WordVariant.word).exists())
    .limit(_LOOKED_AT)
)
_OF_VARIANTS = _KNOWN.where(
    WordVariant.variant.in_(bindparam("variants", expanding=True))
).distinct()
_BEGIN_SO = _KNOWN.where(
    WordVariant.variant == WordVariant.word, begins(WordVariant.variant, *named(1))
).order_by(WordVariant.variant)


@dataclass(frozen=True, slots=True)
class Question:
    """The words of a question, and how many products hold them; None if they are very many.

    ``in_names`` is whether names were preferred: of very many, those are meant. ``meant`` has
    the words that others were taken for.
    """

    words: Sequence[str]
    hits: int | None
    in_names: bool = False
    meant: Mapping[str, str] = field(default_factory=dict)


def understood(question: str, *, off_sale: bool = False, as_typed: bool = False) -> Question:
    """Return the words of a question.

    Words that find nothing are tried joined: so ``خورشید خانم`` finds ``خورشیدخانم``. Then, unless
    they are meant as they were typed, each that nothing has is taken for the nearest that
    something has.
    """
    mark = OFF_SALE if off_sale else ""
    words = _marked(asked_words(question, COMMON), mark)
    if not words:
        return Question((), 0 if question else None)
    found = _counted(words)
    if found.hits == 0 and len(question.split()) > 1:
        found = _counted(_marked(asked_words("".join(question.split())), mark))
    if found.hits == 0 and not off_sale and not as_typed:
        meant = _meant(words)
        corrected = [meant.get(word, word) for word in words]
        found = _counted(corrected, meant) if meant else found
    return found


def _marked(words: Iterable[str], mark: str) -> list[str]:
    return [f"{mark}{word}"[:LONGEST_WORD] for word in words]


def _counted(words: Sequence[str], meant: Mapping[str, str] | None = None) -> Question:
    hits, in_names = count(words)
    if hits is None and in_names != 0:
        return Question(words, in_names, in_names=True, meant=meant or {})
    return Question(words, hits, meant=meant or {})


def _is_known(word: str) -> bool:
    return count([word])[0] != 0


def _meant(words: Iterable[str]) -> dict[str, str]:
    """Return the nearest word for each that nothing has; nothing if one of them has no nearest."""
    unknown = [word for word in words if not _is_known(word)]
    nearest = {word: _nearest(word) for word in unknown}
    return {word: near for word, near in nearest.items() if near} if all(nearest.values()) else {}


def _nearest(asked: str) -> str:
    variants = spelling.asked_variants(asked)
    words = db.session.scalars(_OF_VARIANTS, {"variants": sorted(variants)}) if variants else ()
    near = [word for word in words if spelling.may_mean(asked, word)]
    return min(near, key=lambda word: _distance(asked, word), default="")


def _distance(asked: str, word: str) -> tuple[bool, bool, int, str]:
    if spelling.is_one_edit(asked, word):
        return False, asked[0] != word[0], abs(len(asked) - len(word)), word
    return True, True, len(word), word


def suggestions(question: str) -> Sequence[str]:
    """Return what finds something where a whole question does not."""
    words = asked_words(question, COMMON)
    known = list(filter(_is_known, words)) if len(words) > 1 else []
    similar = (near for word in words if word not in known for near in _similar(word))
    written = _as_typed(question)
    found = dict.fromkeys([*(written.get(word, word) for word in known), *similar])
    return list(found)[:MOST_SUGGESTED]


def _similar(word: str) -> list[str]:
    """Return words whose first half is the same."""
    words = db.session.scalars(_BEGIN_SO, values([word[: max(2, len(word) // 2)]])).all()
    return get_close_matches(word, words, n=MOST_SUGGESTED, cutoff=0.6)


def _as_typed(question: str) -> dict[str, str]:
    return {_key(match): match for match in _WORD.findall(question)}


def _key(word: str) -> str:
    return plain(word).replace("\u200c", "")[:LONGEST_WORD]


def in_words(question: str, meant: Mapping[str, str], products: Iterable[Product]) -> str:
    """Return the question as it was taken, spelt like the products that it found."""
    if not meant:
        return ""
    texts = [getattr(product, name) for product in products for name in reversed(FOUND_BY)]
    spelt = {_key(word): word for text in texts for word in _WORD.findall(text)}
    say: Callable[[re.Match[str]], str] = lambda match: _said(match.group(), meant, spelt)  # noqa: E731
    return _WORD.sub(say, question)


def _said(typed: str, meant: Mapping[str, str], spelt: Mapping[str, str]) -> str:
    word = meant.get(_key(typed))
    return typed if word is None else spelt.get(word, word)
