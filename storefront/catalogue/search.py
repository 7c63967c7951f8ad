"""Find products by category and by words, sorted, a page at a time, at any size of catalogue.

Pages are told apart by the last product of the one before (keyset paging), not by counting: what
is added or sold meanwhile neither repeats a product nor skips one, and the last page costs no more
than the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from storefront.catalogue import search_questions
from storefront.catalogue.models import IS_SOLD, Product
from storefront.catalogue.search_index import DESCRIPTION
from storefront.catalogue.search_matching import (
    Word,
    among,
    fit,
    hits,
    holds,
    named,
    number,
    valued,
    values,
)
from storefront.catalogue.search_questions import Question, understood
from storefront.core.database import db

PAGE = 12
LARGEST = 2**63 - 1  # what a column can hold, and with it any true mark


class Sort(StrEnum):
    """Name the order in which products are shown.

    ``best`` is by how well they fit a question, and ``ours`` the merchant's own, which also stands
    for the best where nothing or too much was found.
    """

    BEST = "best"
    OURS = "ours"
    NEWEST = "newest"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"


@dataclass(frozen=True, slots=True)
class Page:
    """Hold some products, and the marks that lead to those before and after them, if there are any.

    ``hits`` is how many products the question finds in all; None if nothing was asked, or too much
    was found to count. ``instead`` is what was searched for if that is not what was asked;
    ``suggestions`` are other questions, where nothing was found.
    """

    products: Sequence[Product]
    before: str | None
    after: str | None
    hits: int | None
    instead: str = ""
    suggestions: Sequence[str] = ()


_COLUMNS: dict[Sort, InstrumentedAttribute[int]] = {
    Sort.OURS: Product.position,
    Sort.NEWEST: Product.id,
    Sort.CHEAPEST: Product.price_rials,
    Sort.DEAREST: Product.price_rials,
}
_FALLING = frozenset({Sort.NEWEST, Sort.DEAREST})


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins: the value by which products are sorted, and an id."""

    value: int | None = None
    product_id: int | None = None
    backwards: bool = False


def find(
    question: str = "",
    *,
    category_id: int | None = None,
    sort: Sort = Sort.OURS,
    after: str = "",
    before: str = "",
    size: int = PAGE,
    as_typed: bool = False,
) -> Page:
    """Return a page of the products that hold all words of the question, of one category or all.

    ``after`` and ``before`` are marks of another page of the same question; a mark that nobody
    gave out leads to the first page. With ``as_typed``, no word is taken for another.
    """
    asked = understood(question, as_typed=as_typed)
    if asked.hits == 0:
        return Page((), None, None, 0, suggestions=search_questions.suggestions(question))
    place = _place(before, backwards=True) or _place(after) or _Place()
    query = _query(_way(asked, size, sort, place, category_id is not None))
    chosen: dict[str, Any] = {"value": place.value, "id": place.product_id}
    chosen |= {"category_id": category_id, **values(asked.words)}
    return _page(db.session.execute(query, chosen).all(), asked, place, size, question)


def _page(rows: Sequence[Any], asked: Question, place: _Place, size: int, question: str) -> Page:
    more, shown = len(rows) > size, rows[:size]
    shown = shown[::-1] if place.backwards else shown
    is_before = more if place.backwards else place.value is not None
    is_after = more or place.backwards
    products = [product for product, _ in shown]
    return Page(
        products,
        before=_mark(shown[0]) if shown and is_before else None,
        after=_mark(shown[-1]) if shown and is_after else None,
        hits=asked.hits,
        instead=search_questions.in_words(question, asked.meant, products),
    )


def holding(question: str) -> ColumnElement[bool]:
    """Return the condition that a product, on sale or off, holds all words of the question."""
    asked = [understood(question, off_sale=off, as_typed=True) for off in (False, True)]
    found = [
        _wanted(valued(each.words), each.hits is not None, each.in_names, db.engine.dialect.name)
        for each in asked
        if each.words and each.hits != 0
    ]
    return or_(false(), *found)


def _wanted(
    words: Sequence[Word], are_few: bool, in_names: bool, dialect: str
) -> ColumnElement[bool]:
    """Few hits are collected and then sorted; among many, a walk in order meets some soon.

    Where the words stand in very many names, those of descriptions alone are left out.
    """
    if are_few:
        return among(hits(words, in_names=in_names), dialect)
    below = DESCRIPTION if in_names else None
    return and_(*(holds(word, Product.id, below=below) for word in words))


@dataclass(frozen=True, slots=True)
class _Way:
    """What decides how a page is asked for: everything but the values."""

    dialect: str
    size: int
    sort: Sort
    words: int
    are_few: bool
    in_names: bool
    is_under_way: bool
    backwards: bool
    in_category: bool


def _way(asked: Question, size: int, sort: Sort, place: _Place, in_category: bool) -> _Way:
    hits_are = asked.hits is not None, asked.in_names
    return _Way(
        *(db.engine.dialect.name, size, sort, len(asked.words), *hits_are),
        *(place.value is not None, place.backwards, in_category),
    )


@cache  # built once: to build it takes longer than to run it
def _query(way: _Way) -> Select[Product, int]:
    """Sort by a value, from the place (``value``, ``id``) on if one was reached."""
    words, falling = named(way.words), (way.sort in _FALLING) is not way.backwards
    by_fit = way.sort is Sort.BEST and words and way.are_few
    value = fit(words) if by_fit else _COLUMNS.get(way.sort, Product.position)
    sorted_by = value.label("sorted_by")
    query = select(Product, sorted_by).where(IS_SOLD).limit(number(way.size + 1))
    if way.is_under_way:
        here, there = tuple_(value, Product.id), tuple_(bindparam("value"), bindparam("id"))
        query = query.where(here < there if falling else here > there)
    if way.in_category:
        query = query.where(Product.category_id == bindparam("category_id"))
    if words:
        query = query.where(_wanted(words, way.are_few, way.in_names, way.dialect))
    return query.order_by(*(key.desc() if falling else key for key in (sorted_by, Product.id)))


def _mark(row: Any) -> str:
    product, value = row
    return f"{value}-{product.id}"


def _place(mark: str, *, backwards: bool = False) -> _Place | None:
    value, dash, product_id = mark.partition("-")
    digits = value.isascii() and product_id.isascii() and len(mark) <= 30
    if not (dash and digits and value.isdigit() and product_id.isdigit()):
        return None
    place = int(value), int(product_id)
    return _Place(*place, backwards) if max(place) <= LARGEST else None
