"""Say in SQL which products hold words, how many they are, and how well each fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from storefront.catalogue.models import Product
from storefront.catalogue.search_index import ProductWord
from storefront.core.database import db

FEW = 1_000  # hits that are looked at one by one; where there are more, any walk meets some soon

_entry = aliased(ProductWord, name="entry")
_ZERO: ColumnElement[int] = literal_column(
    "0"
)  # itself, not a value beside: the index of names is used only then
_IN_NAMES = ProductWord.rank == _ZERO
_ENTRY_IN_NAMES = _entry.rank == _ZERO


def count(words: Sequence[str], *, in_names: bool = False) -> int | None:
    """Return how many products hold all these words; None if there are more than ``FEW``."""
    found = hits(words, in_names=in_names).subquery()
    products = select(func.count(found.c.product_id.distinct())).scalar_subquery()
    # To tell products apart costs twice as much as to count entries: done where they are few.
    asked = select(case((func.count() <= FEW, products))).select_from(found.alias())
    return db.session.scalar(asked)


def hits(words: Sequence[str], *, in_names: bool = False) -> Select[int]:
    """Return the ids of products that hold all these words, at most ``FEW`` and one."""
    first, *others = words
    query = select(ProductWord.product_id).where(begins(ProductWord.word, first))
    query = query.where(_IN_NAMES) if in_names else query
    rest = (holds(word, ProductWord.product_id, in_names=in_names) for word in others)
    return query.where(*rest).limit(FEW + 1)


def holds(
    word: str, product_id: InstrumentedAttribute[int], *, in_names: bool = False
) -> ColumnElement[bool]:
    """Return the condition that a product has a word that begins so."""
    query = select(_entry.product_id).where(
        _entry.product_id == product_id, begins(_entry.word, word)
    )
    return (query.where(_ENTRY_IN_NAMES) if in_names else query).exists()


def begins(column: Any, beginning: str) -> ColumnElement[bool]:
    """Compare with a range of an index, where LIKE would depend on the database's language."""
    return column.between(beginning, beginning + "\U0010ffff")  # type: ignore[no-any-return]


def fit(words: Sequence[str]) -> ColumnElement[int]:
    """Return a number by which the products that hold these words are sorted, the best first.

    A name is better than a label, and that than a description; in each, a whole word is better
    than the beginning of one. Equals stand in the merchant's order.
    """
    total = sum((_best(word) for word in words[1:]), start=_best(words[0]))
    return cast(total, BigInteger) * 2**32 + Product.position


def _best(word: str) -> ColumnElement[int]:
    of_entry = 2 * _entry.rank + case((_entry.word == word, 0), else_=1)
    best = select(func.min(of_entry)).where(
        _entry.product_id == Product.id, begins(_entry.word, word)
    )
    return best.scalar_subquery()
