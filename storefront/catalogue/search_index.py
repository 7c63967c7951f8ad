"""Keep the words that products are found by, and how they are misspelt.

Functions that write belong into the caller's transaction. Whoever changes a product's texts calls
one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ForeignKey,
    Index,
    RowMapping,
    SmallInteger,
    String,
    bindparam,
    delete,
    insert,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from storefront.catalogue import spelling
from storefront.catalogue.models import Category, Product
from storefront.catalogue.search_words import COMMON, LONGEST_WORD, single_words, words_of
from storefront.core.database import INSERTS, Model, db

# Before the words of products that are off sale: the staff finds them, and no shopper's question.
OFF_SALE = "-"
NAME, LABEL, DESCRIPTION = range(3)  # where a word stands; the smallest finds best
FOUND_BY = ("name_fa", "name_en", "keywords", "description_fa", "description_en")
_IN_NAMES = text("rank = 0")
AT_ONCE = 1_000  # words in one question

# Words are compared as bytes, so that "begins with" is a range of the index on any database.
_WORD = String(LONGEST_WORD).with_variant(String(LONGEST_WORD, collation="C"), "postgresql")


class ProductWord(Model):
    """A word that a product is found by, in the one spelling of ``search_words.py``.

    ``rank`` is the best place where it stands.
    """

    __tablename__ = "product_words"
    __table_args__ = (
        Index("ix_product_words_product_id_word_rank", "product_id", "word", "rank"),
        Index(
            *("ix_product_words_name", "word", "product_id"),
            sqlite_where=_IN_NAMES,
            postgresql_where=_IN_NAMES,
        ),
    )

    word: Mapped[str] = mapped_column(_WORD, primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(SmallInteger, default=NAME, server_default="0")


class WordVariant(Model):
    """A word of products, and a variant by which ``spelling.py`` finds it when it is misspelt."""

    __tablename__ = "word_variants"

    variant: Mapped[str] = mapped_column(_WORD, primary_key=True)
    word: Mapped[str] = mapped_column(_WORD, primary_key=True)


class Texts(NamedTuple):
    """What a product is found by. Labels are its category's names and its keywords."""

    name: tuple[str, ...]
    labels: tuple[str, ...]
    description: tuple[str, ...]


def texts_of(product: Mapping[str, Any] | RowMapping, category: Category) -> Texts:
    """Return these texts of a product's columns; ``FOUND_BY`` names those that matter."""
    keywords = re.split(r"[,،;؛\n]", product["keywords"])
    return Texts(
        (product["name_fa"], product["name_en"]),
        (category.name_fa, category.name_en, *keywords),
        (product["description_fa"], product["description_en"]),
    )


def index(products: Iterable[Product]) -> None:
    """Store the words that these products are found by."""
    known = list(products)
    for off_sale in (False, True):
        those = [each for each in known if (each.retired_at is not None) is off_sale]
        index_texts(
            {
                each.id: texts_of({name: getattr(each, name) for name in FOUND_BY}, each.category)
                for each in those
            },
            off_sale=off_sale,
        )


def index_texts(texts: Mapping[int, Texts], *, off_sale: bool = False) -> None:
    """Do the same for texts by product id."""
    mark = OFF_SALE if off_sale else ""
    forget(texts)
    joined, single = cache(words_of), cache(single_words)  # categories have many products
    entries: list[dict[str, Any]] = []
    words: set[str] = set()
    for product_id, of_product in texts.items():
        ranked = dict.fromkeys(single_words(*of_product.description) - COMMON, DESCRIPTION)
        words.update(ranked, *map(single, (*of_product.labels, *of_product.name)))
        ranked |= dict.fromkeys(set().union(*map(joined, of_product.labels)), LABEL)
        ranked |= dict.fromkeys(words_of(*of_product.name), NAME)
        entries += _entries(product_id, ranked, mark)
    if entries:
        db.session.connection().execute(insert(ProductWord.__table__), entries)
    if not off_sale:
        _learn(words)


def _entries(product_id: int, ranked: Mapping[str, int], mark: str) -> Iterator[dict[str, Any]]:
    best: dict[str, int] = {}
    for word, rank in ranked.items():  # two words may be one where a mark leaves them no room
        marked = f"{mark}{word}"[:LONGEST_WORD]
        best[marked] = min(rank, best.get(marked, rank))
    return ({"word": word, "product_id": product_id, "rank": best[word]} for word in best)


def _learn(words: Iterable[str]) -> None:
    """Keep the variants of words that are not known yet; words that no product has do no harm."""
    wanted = sorted(filter(spelling.is_tolerant, words))
    connection = db.session.connection()
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        known = set(connection.scalars(_KNOWN, {"words": some}))
        rows = [
            {"variant": variant, "word": word}
            for word in some
            if word not in known
            for variant in sorted(spelling.variants(word))
        ]
        if rows:
            table = WordVariant.__table__
            statement = INSERTS[connection.dialect.name](table).on_conflict_do_nothing()
            connection.execute(statement, rows)


_KNOWN = select(WordVariant.word).where(
    WordVariant.variant == WordVariant.word,
    WordVariant.word.in_(bindparam("words", expanding=True)),
)


def forget(product_ids: Iterable[int]) -> None:
    """Let these products be found by nothing any more."""
    table = ProductWord.__table__
    ids = [{"of": product_id} for product_id in product_ids]
    if ids:
        gone = delete(ProductWord).where(table.c.product_id == bindparam("of"))
        db.session.connection().execute(gone, ids)
