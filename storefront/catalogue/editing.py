"""Create, change and duplicate products, and take them off sale, as people do it one by one.

Each function is one transaction, which keeps who did what and lets the search find the product by
its new words. It raises LookupError for an unknown product or category.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from storefront.catalogue import changes, pictures, search_index, slugs, stock_changes
from storefront.catalogue.changes import Changes
from storefront.catalogue.files.pictures import NO_PICTURE
from storefront.catalogue.models import Category, Product, forget_navigation
from storefront.catalogue.stock_changes import StockChangeKind
from storefront.core.database import db, transaction

_COPIED = (
    *("category_id", "name_fa", "name_en", "description_fa", "description_en", "keywords"),
    *("image", "more_images", "image_texts_fa", "image_texts_en", "picture", "price_rials"),
)


class SlugTaken(Exception):
    """Another product or category has, or had, this slug."""


@dataclass(frozen=True, slots=True)
class ProductFields:
    """What a person says of a product. ``category`` is a slug."""

    slug: str
    category: str
    name_fa: str
    name_en: str
    description_fa: str
    description_en: str
    keywords: str
    price_rials: int


@contextmanager
def writing() -> Iterator[None]:
    """Around a write: a slug that somebody took at the same moment is taken, too."""
    try:
        with transaction():
            yield
    except IntegrityError as error:
        if "slug" not in str(error.orig):
            raise
        raise SlugTaken from None
    forget_navigation()  # once more: another page may have read it before the commit


def create(fields: ProductFields, pieces: int, *, by: str, now: datetime) -> int:
    """Add a product with so many pieces at the end of its category; return its id.

    Raises :class:`SlugTaken`.
    """
    with writing():
        category = _shared(fields.category)
        _refuse_taken(fields.slug)
        product = Product(slug=fields.slug, position=_last_position() + 1, image=NO_PICTURE)
        _put(product, fields, category)
        product.stock_received = product.stock_free = pieces
        _added(product)
        if pieces:
            kind = StockChangeKind.RECEIVED
            db.session.add(stock_changes.entry(product.id, kind, pieces, pieces, by=by, now=now))
        changes.note(product, {"created": [None, product.slug]}, by=by, now=now)
    return product.id


def edit(product_id: int, fields: ProductFields, *, seen: int, by: str, now: datetime) -> Changes:
    """Change a product and return what that changed; ``seen`` is the version that was read.

    Raises :class:`SlugTaken`, and :class:`~storefront.catalogue.changes.ChangedMeanwhile` with
    what others did.
    """
    with writing():
        category = _shared(fields.category)
        product = locked(product_id)
        changes.refuse_if_older(product, seen)
        before = fields_of(product)
        if before.slug != fields.slug:
            _refuse_taken(fields.slug, product_id)
            slugs.leave_product_slug(product_id, before.slug, fields.slug)
        made = differences(before, fields)
        if made:
            product.version += 1
            _put(product, fields, category)
            search_index.index([product])
            changes.note(product, made, by=by, now=now)
        return made


def set_off_sale(product_id: int, off_sale: bool, *, by: str, now: datetime) -> None:
    """Take a product off sale, or put it back; twice is no error."""
    with writing():
        product = locked(product_id)
        was = product.retired_at is not None
        if was is off_sale:
            return
        product.retired_at = now if off_sale else None
        search_index.index([product])
        changes.note(product, {"off_sale": [was, off_sale]}, by=by, now=now)


def duplicate(product_id: int, *, by: str, now: datetime) -> int:
    """Add a copy of a product, off sale and without stock; return its id."""
    with writing():
        original = locked(product_id)
        copy = Product(**{name: getattr(original, name) for name in _COPIED})
        copy.slug, copy.position = free_slug(f"{original.slug[:70]}-copy"), _last_position() + 1
        copy.retired_at = now
        _added(copy)
        pictures.copy(original.id, copy.id)
        changes.note(copy, {"copied_from": [None, original.slug]}, by=by, now=now)
    return copy.id


def free_slug(wanted: str) -> str:
    """Return a slug that nothing has: the wanted one, or one with a number at its end."""
    tried = (wanted if number == 1 else f"{wanted[:74]}-{number}" for number in count(1))
    return next(slug for slug in tried if not _is_taken(slug))


def locked(product_id: int) -> Product:
    """Return a product that nobody else changes until the caller's transaction ends."""
    query = select(Product).where(Product.id == product_id).with_for_update()
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise LookupError(product_id)
    return found


def fields_of(product: Product) -> ProductFields:
    """Return what a form begins with."""
    names = [name for name in ProductFields.__slots__ if name != "category"]
    values = {name: getattr(product, name) for name in names}
    return ProductFields(category=product.category.slug, **values)


def differences(before: ProductFields, after: ProductFields) -> dict[str, list[Any]]:
    """Return what differs, each as before and after."""
    pairs = {
        name: [getattr(before, name), getattr(after, name)] for name in ProductFields.__slots__
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _put(product: Product, fields: ProductFields, category: Category) -> None:
    for name in ProductFields.__slots__:
        if name != "category":
            setattr(product, name, getattr(fields, name))
    product.category = category


def _added(product: Product) -> None:
    db.session.add(product)
    db.session.flush()
    search_index.index([product])


def _shared(slug: str) -> Category:
    """Return a category that nobody removes or renames meanwhile.

    It is locked before the product, as imports do it: nobody waits in a circle.
    """
    query = select(Category).where(Category.slug == slug).with_for_update(read=True, key_share=True)
    found = db.session.scalar(query)
    if found is None:
        raise LookupError(slug)
    return found


def _refuse_taken(slug: str, product_id: int | None = None) -> None:
    if _is_taken(slug, product_id):
        raise SlugTaken


def _is_taken(slug: str, product_id: int | None = None) -> bool:
    now_at = db.session.scalar(select(Product.id).where(Product.slug == slug))
    return {now_at, slugs.product_that_had(slug)} - {None, product_id} != set()


def _last_position() -> int:
    last = db.session.scalar(select(func.max(Product.position)))
    return -1 if last is None else last
