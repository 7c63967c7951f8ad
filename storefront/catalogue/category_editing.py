"""Create, rename and order categories; each function is one transaction.

All categories are locked first, as imports do it, and then products in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from storefront.catalogue import changes, search_index, slugs
from storefront.catalogue.editing import SlugTaken, writing
from storefront.catalogue.models import Category, Product
from storefront.core.database import db

BATCH = 500


@dataclass(frozen=True, slots=True)
class CategoryFields:
    """What a person says of a category."""

    slug: str
    name_fa: str
    name_en: str


def every() -> Sequence[tuple[Category, int]]:
    """Return all categories in their order, each with how many products are on sale in it."""
    on_sale = select(func.count()).where(
        Product.category_id == Category.id, Product.retired_at.is_(None)
    )
    query = select(Category, on_sale.scalar_subquery())
    rows = db.session.execute(query.order_by(Category.position, Category.id))
    return [(category, count) for category, count in rows]


def create(fields: CategoryFields, *, by: str, now: datetime) -> int:
    """Add a category behind the others; return its id. Raises SlugTaken."""
    with writing():
        known = _locked()
        _refuse_taken(fields.slug)
        position = max((each.position for each in known), default=-1) + 1
        category = Category(**_values(fields), position=position)
        db.session.add(category)
        db.session.flush()
        changes.note(category, {"created": [None, category.slug]}, by=by, now=now)
    return category.id


def edit(category_id: int, fields: CategoryFields, *, seen: int, by: str, now: datetime) -> None:
    """Change a category; ``seen`` is the version that was read.

    Raises LookupError, SlugTaken, and :class:`~storefront.catalogue.changes.ChangedMeanwhile`.
    """
    with writing():
        category = _among(_locked(), category_id)
        changes.refuse_if_older(category, seen)
        before = fields_of(category)
        if before.slug != fields.slug:
            _refuse_taken(fields.slug, category_id)
            slugs.leave_category_slug(category_id, before.slug, fields.slug)
        then, now_ = _values(before), _values(fields)
        made = {name: [then[name], now_[name]] for name in then if then[name] != now_[name]}
        if not made:
            return
        category.version += 1
        for name, value in now_.items():
            setattr(category, name, value)
        if made.keys() & {"name_fa", "name_en"}:
            _find_products_by_new_names(category)
        changes.note(category, made, by=by, now=now)


def move(category_id: int, places: int, *, by: str, now: datetime) -> None:
    """Move a category so many places towards the end of the navigation. Raises LookupError."""
    with writing():
        known = _locked()
        category = _among(known, category_id)
        place = known.index(category)
        to = min(max(place + places, 0), len(known) - 1)
        known.insert(to, known.pop(place))
        for position, each in enumerate(known):
            each.position = position
        changes.note(category, {"place": [place + 1, to + 1]}, by=by, now=now)


def fields_of(category: Category) -> CategoryFields:
    """Return what a form begins with."""
    return CategoryFields(category.slug, category.name_fa, category.name_en)


def _values(fields: CategoryFields) -> dict[str, str]:
    return {name: getattr(fields, name) for name in CategoryFields.__slots__}


def _locked() -> list[Category]:
    query = select(Category).order_by(Category.id).with_for_update()
    found = db.session.scalars(query.execution_options(populate_existing=True))
    return sorted(found, key=lambda each: (each.position, each.id))


def _among(known: Sequence[Category], category_id: int) -> Category:
    for each in known:
        if each.id == category_id:
            return each
    raise LookupError(category_id)


def _refuse_taken(slug: str, category_id: int | None = None) -> None:
    now_at = db.session.scalar(select(Category.id).where(Category.slug == slug))
    if {now_at, slugs.category_that_had(slug)} - {None, category_id}:
        raise SlugTaken


def _find_products_by_new_names(category: Category) -> None:
    columns = [getattr(Product, name) for name in ("id", "retired_at", *search_index.FOUND_BY)]
    of_it = select(*columns).where(Product.category_id == category.id).order_by(Product.id)
    rows = db.session.execute(of_it.with_for_update()).mappings().all()
    for off_sale in (False, True):
        those = [row for row in rows if (row["retired_at"] is not None) is off_sale]
        for start in range(0, len(those), BATCH):
            batch = those[start : start + BATCH]
            texts = {row["id"]: search_index.texts_of(row, category) for row in batch}
            search_index.index_texts(texts, off_sale=off_sale)
