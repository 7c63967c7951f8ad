"""Remember the former addresses of products and categories, so that old links lead there for ever.

Functions that write belong into the caller's transaction.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Model, db

LONGEST_SLUG = 80


class FormerProductSlug(Model):
    """A slug that a product had before."""

    __tablename__ = "former_product_slugs"

    slug: Mapped[str] = mapped_column(String(LONGEST_SLUG), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)


class FormerCategorySlug(Model):
    """A slug that a category had before."""

    __tablename__ = "former_category_slugs"

    slug: Mapped[str] = mapped_column(String(LONGEST_SLUG), primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"), index=True)


def product_that_had(slug: str) -> int | None:
    """Return the id of the product that had this slug before."""
    of_it = FormerProductSlug.slug == slug
    return db.session.scalar(select(FormerProductSlug.product_id).where(of_it))


def category_that_had(slug: str) -> int | None:
    """Return the id of the category that had this slug before."""
    of_it = FormerCategorySlug.slug == slug
    return db.session.scalar(select(FormerCategorySlug.category_id).where(of_it))


def leave_product_slug(product_id: int, old: str, new: str) -> None:
    """Let the old slug lead to the product; the new one may be one that it had before."""
    db.session.execute(delete(FormerProductSlug).where(FormerProductSlug.slug.in_([old, new])))
    db.session.add(FormerProductSlug(slug=old, product_id=product_id))


def leave_category_slug(category_id: int, old: str, new: str) -> None:
    """Do the same for a category."""
    db.session.execute(delete(FormerCategorySlug).where(FormerCategorySlug.slug.in_([old, new])))
    db.session.add(FormerCategorySlug(slug=old, category_id=category_id))
