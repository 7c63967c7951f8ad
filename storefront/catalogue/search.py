"""Find products by category and by words, sorted, a page at a time, at any size of catalogue.

Pages are told apart by the last product of the one before (keyset paging), not by counting: what
is added or sold meanwhile neither repeats a product nor skips one, and the last page costs no more
than the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from storefront.catalogue.models import IS_SOLD, Product, ProductWord
from storefront.catalogue.search_words import LONGEST_WORD, asked_words, words_of
from storefront.core.database import db

PAGE = 12
LARGEST = 2**63 - 1  # what a column can hold, and with it any true mark
# Before the words of products that are off sale: the staff finds them, and no shopper's question.
OFF_SALE = "-"
FEW = 1_000  # hits that are looked at one by one; where there are more, any walk meets some soon


class Sort(StrEnum):
    """Name the order in which products are shown; ``ours`` is the merchant's own."""

    OURS = "ours"
    NEWEST = "newest"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"


@dataclass(frozen=True, slots=True)
class Page:
    """Hold some products, and the marks that lead to those before and after them, if there are any.

    ``hits`` is how many products the question finds in all; None if nothing was asked, or too much
    was found to count.
    """

    products: Sequence[Product]
    before: str | None
    after: str | None
    hits: int | None


_COLUMNS: dict[Sort, InstrumentedAttribute[int]] = {
    Sort.OURS: Product.position,
    Sort.NEWEST: Product.id,
    Sort.CHEAPEST: Product.price_rials,
    Sort.DEAREST: Product.price_rials,
}
_FALLING = frozenset({Sort.NEWEST, Sort.DEAREST})


def find(
    question: str = "",
    *,
    category_id: int | None = None,
    sort: Sort = Sort.OURS,
    after: str = "",
    before: str = "",
    size: int = PAGE,
) -> Page:
    """Return a page of the products that hold all words of the question, of one category or all.

    ``after`` and ``before`` are marks of another page of the same question; a mark that nobody
    gave out leads to the first page.
    """
    words, hits = _understood(question)
    if hits == 0:
        return Page((), None, None, 0)
    back = _place(before)
    place = back or _place(after)
    query = _walk(sort, place is not None, back is not None, category_id is not None)
    if words:
        query = query.where(*_wanted(words, hits))
    value, product_id = place or (None, None)
    chosen = {"value": value, "id": product_id, "category_id": category_id, "limit": size + 1}
    found = list(db.session.scalars(query, chosen))
    more = len(found) > size
    products = found[:size][::-1] if back else found[:size]
    return Page(
        products,
        before=_mark(products[0], sort) if products and (more if back else place) else None,
        after=_mark(products[-1], sort) if products and (more or back) else None,
        hits=hits,
    )


def holding(question: str) -> ColumnElement[bool]:
    """Return the condition that a product, on sale or off, holds all words of the question."""
    asked = [_understood(question, mark) for mark in ("", OFF_SALE)]
    found = [and_(*_wanted(words, hits)) for words, hits in asked if words and hits != 0]
    return or_(false(), *found)


def _understood(question: str, mark: str = "") -> tuple[list[str], int | None]:
    """Return the words of a question, and how many products hold them.

    Words that find nothing are tried joined: so ``خورشید خانم`` finds ``خورشیدخانم``.
    """
    words = _marked(asked_words(question), mark)
    if question and not words:
        return [], 0
    hits = _count(words)
    if hits == 0 and len(words) > 1:
        words = _marked(asked_words("".join(question.split())), mark)
        hits = _count(words)
    return words, hits


def _marked(words: Iterable[str], mark: str) -> list[str]:
    return [f"{mark}{word}"[:LONGEST_WORD] for word in words]


def _wanted(words: Sequence[str], hits: int | None) -> list[ColumnElement[bool]]:
    """Few hits are collected and then sorted; among many, a walk in order meets some soon."""
    if hits is None:
        return [_holds(word, Product.id) for word in words]
    return [Product.id.in_(_hits(words))]


def _count(words: Sequence[str]) -> int | None:
    if not words:
        return None
    hits = _hits(words).subquery()
    products = select(func.count(hits.c.product_id.distinct())).scalar_subquery()
    # To tell products apart costs twice as much as to count entries: done where they are few.
    asked = select(case((func.count() <= FEW, products))).select_from(hits.alias())
    return db.session.scalar(asked)


def _hits(words: Sequence[str]) -> Select[int]:
    """Return the ids of products that hold all these words, at most ``FEW`` and one."""
    first, *others = words
    query = select(ProductWord.product_id).where(_begins(ProductWord.word, first))
    return query.where(*(_holds(word, ProductWord.product_id) for word in others)).limit(FEW + 1)


_entry = aliased(ProductWord)


def _holds(word: str, product_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return (
        select(_entry.product_id)
        .where(_entry.product_id == product_id, _begins(_entry.word, word))
        .exists()
    )


def _begins(column: Any, beginning: str) -> ColumnElement[bool]:
    """Compare with a range of an index, where LIKE would depend on the database's language."""
    return column.between(beginning, beginning + "\U0010ffff")  # type: ignore[no-any-return]


@cache  # built once: to build it takes as long as to run it
def _walk(sort: Sort, started: bool, backwards: bool, in_category: bool) -> Select[Product]:
    """Select products in an order, from the place (``value``, ``id``) on if one was reached."""
    keys = (_COLUMNS[sort], Product.id)
    falling = (sort in _FALLING) is not backwards
    query = select(Product).where(IS_SOLD).limit(bindparam("limit", type_=Integer))
    if started:
        here, there = tuple_(*keys), tuple_(bindparam("value"), bindparam("id"))
        query = query.where(here < there if falling else here > there)
    if in_category:
        query = query.where(Product.category_id == bindparam("category_id"))
    return query.order_by(*(key.desc() if falling else key for key in keys))


def _mark(product: Product, sort: Sort) -> str:
    return f"{getattr(product, _COLUMNS[sort].key)}-{product.id}"


def _place(mark: str) -> tuple[int, int] | None:
    value, dash, product_id = mark.partition("-")
    digits = value.isascii() and product_id.isascii() and len(mark) <= 30
    if not (dash and digits and value.isdigit() and product_id.isdigit()):
        return None
    place = int(value), int(product_id)
    return place if max(place) <= LARGEST else None


def index(products: Iterable[Product]) -> None:
    """Store the words that these products are found by; call it in the writing transaction."""
    known = list(products)
    for off_sale in (False, True):
        those = [each for each in known if (each.retired_at is not None) is off_sale]
        index_names({each.id: _names(each) for each in those}, off_sale=off_sale)


def _names(product: Product) -> Sequence[str]:
    category = product.category
    return product.name_fa, product.name_en, category.name_fa, category.name_en


def index_names(names: Mapping[int, Sequence[str]], *, off_sale: bool = False) -> None:
    """Do the same for names by product id: the product's own, and its category's."""
    mark = OFF_SALE if off_sale else ""
    forget(names)
    words = cache(words_of)  # categories have many products
    entries = [
        {"word": word, "product_id": product_id}
        for product_id, texts in names.items()
        for word in {*_marked(frozenset().union(*map(words, texts)), mark)}
    ]
    if entries:
        db.session.connection().execute(insert(ProductWord.__table__), entries)


def forget(product_ids: Iterable[int]) -> None:
    """Let these products be found by nothing any more; call it in the writing transaction."""
    table = ProductWord.__table__
    ids = [{"of": product_id} for product_id in product_ids]
    if ids:
        gone = delete(ProductWord).where(table.c.product_id == bindparam("of"))
        db.session.connection().execute(gone, ids)
