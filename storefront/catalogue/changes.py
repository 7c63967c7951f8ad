"""Keep who changed what of a product or a category, and when.

Functions that write belong into the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from storefront.catalogue.models import Category, Product
from storefront.core.database import Model, db

MOST_SHOWN = 50
Changes = Mapping[str, Sequence[Any]]


class CatalogueChange(Model):
    """One change: each value before and after, by the name of its column.

    ``version`` is that of the product or category from then on.
    """

    __tablename__ = "catalogue_changes"
    __table_args__ = (
        Index("ix_catalogue_changes_product_id_id", "product_id", "id"),
        Index("ix_catalogue_changes_category_id_id", "category_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)


class ChangedMeanwhile(Exception):
    """Somebody else changed it since it was read. ``changes`` are theirs, the oldest first."""

    def __init__(self, changes: Sequence[CatalogueChange]) -> None:
        self.changes = changes
        super().__init__(f"{len(changes)} changes")


def note(thing: Product | Category, changes: Changes, *, by: str, now: datetime) -> None:
    """Keep what was changed of a product or a category."""
    column = "product_id" if isinstance(thing, Product) else "category_id"
    kept = {name: list(pair) for name, pair in changes.items()}
    db.session.add(
        CatalogueChange(
            **{column: thing.id}, at=now, by=by[:60], version=thing.version, changes=kept
        )
    )


def of_product(product_id: int) -> Sequence[CatalogueChange]:
    """Return the last changes of a product, the youngest first."""
    return _last(CatalogueChange.product_id == product_id)


def of_category(category_id: int) -> Sequence[CatalogueChange]:
    """Return the last changes of a category, the youngest first."""
    return _last(CatalogueChange.category_id == category_id)


def _last(of_it: ColumnElement[bool]) -> Sequence[CatalogueChange]:
    query = select(CatalogueChange).where(of_it).order_by(CatalogueChange.id.desc())
    return db.session.scalars(query.limit(MOST_SHOWN)).all()


def refuse_if_older(thing: Product | Category, seen: int) -> None:
    """Raise :class:`ChangedMeanwhile` if this is no longer the version that somebody has seen."""
    if thing.version == seen:
        return
    is_product = isinstance(thing, Product)
    column = CatalogueChange.product_id if is_product else CatalogueChange.category_id
    since = select(CatalogueChange).where(column == thing.id, CatalogueChange.version > seen)
    raise ChangedMeanwhile(db.session.scalars(since.order_by(CatalogueChange.id)).all())
