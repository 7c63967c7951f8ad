"""Find products for the staff, those that are off sale, too, a page at a time by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from storefront.catalogue import search, slugs
from storefront.catalogue.models import IS_LOW, IS_SOLD, Product
from storefront.core import keyset
from storefront.core.database import db

ON_A_PAGE = 25
LONGEST_QUESTION = 100


class State(StrEnum):
    """Which products are wanted."""

    ON_SALE = "on_sale"
    OFF_SALE = "off_sale"
    LOW = "low"


_IS: Mapping[State, ColumnElement[bool]] = {
    State.ON_SALE: IS_SOLD,
    State.OFF_SALE: Product.retired_at.is_not(None),
    State.LOW: IS_LOW,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; what is None, or an empty text, does not matter."""

    state: State | None = None
    category_id: int | None = None
    question: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of products, the newest first; ``before`` and ``after`` lead to its neighbours."""

    products: Sequence[Product]
    before: int | None
    after: int | None


def find(wanted: Wanted, *, after: int | None = None, before: int | None = None) -> Found:
    """Return a page: the newest products, or those that follow ``after`` or precede ``before``."""
    query = select(Product).where(*_conditions(wanted)).options(joinedload(Product.category))
    if before is not None:
        query = query.where(Product.id > before).order_by(Product.id)
    else:
        query = query.order_by(Product.id.desc())
        query = query.where(Product.id < after) if after is not None else query
    return Found(*keyset.page_of(query, ON_A_PAGE, after=after, before=before))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        found.append(_IS[wanted.state])
    if wanted.category_id is not None:
        found.append(Product.category_id == wanted.category_id)
    question = wanted.question[:LONGEST_QUESTION].strip()
    return [*found, _asked(question)] if question else found


def _asked(question: str) -> ColumnElement[bool]:
    """Return what a question means: a slug, also a former one, is one product; else words."""
    slug = question.casefold()
    product_id = db.session.scalar(select(Product.id).where(Product.slug == slug))
    product_id = product_id or slugs.product_that_had(slug)
    return Product.id == product_id if product_id else search.holding(question)
