"""Count the stock, receive more and correct it; keep who did so, when and why.

Sales go on meanwhile: each change is a number of pieces more or fewer, applied in one statement to
what is free at that moment. So no sale is lost, and no stock falls below zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from payment_engine.sqlalchemy_tables import one_of
from storefront.catalogue import stock
from storefront.catalogue.models import Product
from storefront.core.database import Model, db, transaction

LONGEST_REASON = 200
MOST_SHOWN = 50


class StockChangeKind(StrEnum):
    """Why the number of pieces changed, beside sales."""

    COUNTED = "counted"
    RECEIVED = "received"
    CORRECTION = "correction"
    IMPORTED = "imported"


class StockChange(Model):
    """One change: so many ``pieces`` more (or fewer), and how many were free after it."""

    __tablename__ = "stock_changes"
    __table_args__ = (Index("ix_stock_changes_product_id_id", "product_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(60))
    kind: Mapped[StockChangeKind] = mapped_column(one_of(StockChangeKind, "stock_change_known"))
    pieces: Mapped[int]
    free_after: Mapped[int]
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody says of the stock. ``seen_free`` is what they were shown, ``seen_change`` the
    id of the last change that they were shown, 0 if there was none."""

    kind: StockChangeKind
    number: int
    reason: str
    seen_free: int
    seen_change: int

    @property
    def pieces(self) -> int:
        """How many more, or fewer; a count is compared with what was free when it was read."""
        is_count = self.kind is StockChangeKind.COUNTED
        return self.number - self.seen_free if is_count else self.number


class NotThatMany(Exception):
    """There would be fewer than none, or more than can be counted; ``free`` is what there is."""

    def __init__(self, free: int) -> None:
        self.free = free
        super().__init__(f"{free} are free")


class StockChangedMeanwhile(Exception):
    """Somebody changed the stock since it was shown: ``last`` is what they did."""

    def __init__(self, last: StockChange) -> None:
        self.last = last
        super().__init__(last.kind)


def change(product_id: int, wanted: Wanted, *, by: str, now: datetime) -> StockChange:
    """Change the stock of a product and keep why; also return it.

    Raises LookupError for an unknown product, :class:`NotThatMany`, and
    :class:`StockChangedMeanwhile`, which also refuses a form that is sent twice.
    """
    with transaction():
        free = db.session.scalar(
            select(Product.stock_free).where(Product.id == product_id).with_for_update()
        )
        if free is None:
            raise LookupError(product_id)
        last = last_of(product_id)
        if last is not None and last.id != wanted.seen_change:
            raise StockChangedMeanwhile(last)
        after = stock.adjust(product_id, wanted.pieces)
        if after is None:
            raise NotThatMany(free)
        kept = entry(product_id, wanted.kind, wanted.pieces, after, by=by, now=now)
        kept.reason = wanted.reason[:LONGEST_REASON]
        db.session.add(kept)
    return kept


def entry(
    product_id: int, kind: StockChangeKind, pieces: int, free: int, *, by: str, now: datetime
) -> StockChange:
    """Return an entry of the history, without a reason; the caller adds it."""
    return StockChange(
        product_id=product_id,
        at=now,
        by=by[:60],
        kind=kind,
        pieces=pieces,
        free_after=free,
        reason="",
    )


def last_of(product_id: int) -> StockChange | None:
    """Return the last change of a product's stock."""
    return next(iter(of_product(product_id, 1)), None)


def of_product(product_id: int, most: int = MOST_SHOWN) -> Sequence[StockChange]:
    """Return the last changes of a product's stock, the youngest first."""
    of_it = select(StockChange).where(StockChange.product_id == product_id)
    return db.session.scalars(of_it.order_by(StockChange.id.desc()).limit(most)).all()
