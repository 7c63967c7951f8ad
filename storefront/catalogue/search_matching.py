"""Say in SQL which products hold words, how many they are, and how well each fits.

Statements are built once for each number of words: to build one takes longer than to run it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from storefront.catalogue.models import Product
from storefront.catalogue.search_index import LABEL, NAME, ProductWord
from storefront.core.database import db

FEW = 300  # hits that are looked at one by one; where there are more, any walk meets some soon
LAST = "\U0010ffff"  # no word goes on behind it
_entry = aliased(ProductWord, name="entry")


def number(value: int) -> ColumnElement[int]:
    """Return a number that stands in a statement itself, and not beside it.

    Only so does a database use an index of the rows with that number; and where PostgreSQL knows
    how few rows are wanted, it plans a statement once and not each time.
    """
    return literal_column(str(value))


class Word(NamedTuple):
    """A word in a statement: itself, and the end of the words that begin so."""

    itself: ColumnElement[str]
    end: ColumnElement[str]


def named(number: int) -> list[Word]:
    """Return so many words that get their values when the statement runs."""
    return [Word(bindparam(f"word_{i}"), bindparam(f"end_{i}")) for i in range(number)]


def values(words: Sequence[str]) -> Mapping[str, str]:
    """Return the values of as many named words."""
    found = {f"word_{i}": word for i, word in enumerate(words)}
    return found | {f"end_{i}": word + LAST for i, word in enumerate(words)}


def valued(words: Sequence[str]) -> list[Word]:
    """Return words for a part of a greater statement."""
    return [Word(literal(word), literal(word + LAST)) for word in words]


def count(words: Sequence[str]) -> tuple[int | None, int | None]:
    """Return how many products hold all these words, and how many in their names.

    None stands for more than ``FEW``.
    """
    everywhere, in_names = db.session.execute(_count(len(words)), values(words)).one()
    return everywhere, in_names


@cache
def _count(number: int) -> Select[int | None, int | None]:
    names, entries_in_names = _counted(number, in_names=True)
    everywhere, entries = _counted(number, in_names=False)
    # To tell products apart costs twice as much as to count entries: done where they are few.
    return select(
        case((and_(entries_in_names <= FEW, entries <= FEW), everywhere)),
        case((entries_in_names <= FEW, names)),
    )


def _counted(number: int, *, in_names: bool) -> list[ScalarSelect[int]]:
    """Return how many products there are, and how many words of theirs."""
    found = hits(named(number), in_names=in_names).cte("names" if in_names else "everywhere")
    counts = func.count(found.c.product_id.distinct()), func.count(found.c.product_id)
    return [select(count).scalar_subquery() for count in counts]


def hits(words: Sequence[Word], *, in_names: bool = False) -> Select[int]:
    """Return the ids of products that hold all these words, at most ``FEW`` and one."""
    first, *others = words
    query = select(ProductWord.product_id).where(begins(ProductWord.word, first))
    query = query.where(ProductWord.rank == number(NAME)) if in_names else query
    below = LABEL if in_names else None
    rest = (holds(word, ProductWord.product_id, below=below) for word in others)
    return query.where(*rest).limit(number(FEW + 1))


def among(ids: Select[int], dialect: str) -> ColumnElement[bool]:
    """Return the condition that a product is one of few.

    PostgreSQL does not know how few, and would read all products; of an array it expects that.
    """
    if dialect == "postgresql":
        return Product.id == any_(func.array(ids.scalar_subquery()))
    return Product.id.in_(ids)


def holds(
    word: Word, product_id: InstrumentedAttribute[int], *, below: int | None = None
) -> ColumnElement[bool]:
    """Return the condition that a product has a word that begins so, of a rank below this one."""
    query = select(_entry.product_id).where(
        _entry.product_id == product_id, begins(_entry.word, word)
    )
    return (query if below is None else query.where(_entry.rank < number(below))).exists()


def begins(column: Any, word: Word) -> ColumnElement[bool]:
    """Compare with a range of an index, where LIKE would depend on the database's language."""
    return column.between(word.itself, word.end)  # type: ignore[no-any-return]


def fit(words: Sequence[Word]) -> ColumnElement[int]:
    """Return a number by which the products that hold these words are sorted, the best first.

    A name is better than a label, and that than a description; in each, a whole word is better
    than the beginning of one. Equals stand in the merchant's order.
    """
    total = sum((_best(word) for word in words[1:]), start=_best(words[0]))
    return cast(total, BigInteger) * 2**32 + Product.position


def _best(word: Word) -> ColumnElement[int]:
    of_entry = 2 * _entry.rank + case((_entry.word == word.itself, 0), else_=1)
    best = select(func.min(of_entry)).where(
        _entry.product_id == Product.id, begins(_entry.word, word)
    )
    return best.scalar_subquery()
