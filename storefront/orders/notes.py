"""Keep what the staff noted about an order, and where it was to go before it was corrected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, select, update
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Model, db
from storefront.orders.models import Order


class FormerAddress(Model):
    """An address that was corrected; the history names its id, and erasing empties it."""

    __tablename__ = "former_addresses"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(60))
    full_name: Mapped[str] = mapped_column(String(120))
    mobile: Mapped[str] = mapped_column(String(11))
    address: Mapped[str] = mapped_column(Text)
    postal_code: Mapped[str] = mapped_column(String(10))
    province: Mapped[str | None] = mapped_column(String(24))
    city: Mapped[str | None] = mapped_column(String(60))


class OrderNote(Model):
    """A note of the staff about an order; erasing empties it."""

    __tablename__ = "order_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)


def notes_of(order: Order) -> Sequence[OrderNote]:
    """Return the notes about an order, the oldest first."""
    query = select(OrderNote).where(OrderNote.order_id == order.id).order_by(OrderNote.id)
    return db.session.scalars(query).all()


def former_addresses_of(order: Order) -> Sequence[FormerAddress]:
    """Return where an order was to go before, the oldest first."""
    query = select(FormerAddress).where(FormerAddress.order_id == order.id)
    return db.session.scalars(query.order_by(FormerAddress.id)).all()


def erase(order: Order) -> None:
    """Empty all of it; the caller's commit makes it true."""
    empty = dict.fromkeys(("full_name", "mobile", "address", "postal_code"), "")
    nothing = {"province": None, "city": None}
    of_it = FormerAddress.order_id == order.id
    db.session.execute(update(FormerAddress).where(of_it).values({**empty, **nothing}))
    db.session.execute(update(OrderNote).where(OrderNote.order_id == order.id).values(text=""))
