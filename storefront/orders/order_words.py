"""Keep the words of customers' names, by which the merchant finds their orders."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    delete,
    false,
    func,
    insert,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, aliased, mapped_column

from storefront.catalogue.search_words import LONGEST_WORD, asked_words, words_of
from storefront.core.database import Model, db

MOST_WORDS = 30  # of one name


class OrderWord(Model):
    """A word of the name that an order goes to, in the spelling of ``search_words.py``.

    Words are compared as bytes, so that "begins with" is a range of the index on any database.
    """

    __tablename__ = "order_words"
    __table_args__ = (Index("ix_order_words_order_id", "order_id"),)

    word: Mapped[str] = mapped_column(
        String(LONGEST_WORD).with_variant(String(LONGEST_WORD, collation="C"), "postgresql"),
        primary_key=True,
    )
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)


_PUT = insert(OrderWord.__table__)  # built once


def put(order_id: int, name: str) -> None:
    """Keep the words of an order's name; the caller's commit makes it true."""
    words = sorted(words_of(name))[:MOST_WORDS]
    if words:
        rows = [{"word": word, "order_id": order_id} for word in words]
        db.session.execute(_PUT, rows)


def forget(order_id: int) -> None:
    """Forget them: the name was erased, or another is put in its place."""
    db.session.execute(delete(OrderWord).where(OrderWord.order_id == order_id))


def holders(question: str, most: int) -> Select[int] | None:
    """Select the ids of orders whose name has words that begin with all the asked ones.

    Neighbours stand in the index joined, too, so a whole name is looked up as one word; each word
    by itself only where that finds nobody, for instance with the family name first. None if there
    are more than ``most``: then they are met soon by who walks through all orders.
    """
    words = asked_words(question)
    neighbours = ("".join(pair) for pair in pairwise(question.split()))
    joined = asked_words(" ".join(neighbours)) if len(words) > 1 else []
    for query in map(_ids, filter(None, (joined, words))):
        if found := _count(query, most + 1):
            return query if found <= most else None
    return select(OrderWord.order_id).where(false())


def _ids(words: Sequence[str]) -> Select[int]:
    first, *others = words
    query = select(OrderWord.order_id).where(_begins(OrderWord.word, first))
    return query.where(*(holds(word, OrderWord.order_id) for word in others))


def _count(query: Select[int], most: int) -> int:
    some = query.limit(most).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def holds(word: str, order_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the condition that an order's name has a word that begins with this one."""
    entry = aliased(OrderWord)
    same = entry.order_id == order_id
    return select(entry.order_id).where(same, _begins(entry.word, word)).exists()


def _begins(column: InstrumentedAttribute[str], beginning: str) -> ColumnElement[bool]:
    return column.between(beginning, beginning + "\U0010ffff")
