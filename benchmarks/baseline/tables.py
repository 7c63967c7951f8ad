"""What the baseline keeps of an order; the goods are the shop's own table."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storefront.core.database import Model


class PlainOrder(Model):
    """An order and its one payment. ``amount_rials`` is integer Rials."""

    __tablename__ = "plain_orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    reference_number: Mapped[str] = mapped_column(String(40), unique=True)
    order_identifier: Mapped[str | None] = mapped_column(String(64))
    amount_rials: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    full_name: Mapped[str] = mapped_column(String(120))
    mobile: Mapped[str] = mapped_column(String(11))
    address: Mapped[str] = mapped_column(String(500))
    postal_code: Mapped[str] = mapped_column(String(10))

    lines: Mapped[list[PlainLine]] = relationship(order_by="PlainLine.id")


class PlainLine(Model):
    """A good that was bought, for what it cost then."""

    __tablename__ = "plain_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey(PlainOrder.id), index=True)
    name: Mapped[str] = mapped_column(String(200))
    price_rials: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int]


TABLES = [table.__table__ for table in (PlainOrder, PlainLine)]
