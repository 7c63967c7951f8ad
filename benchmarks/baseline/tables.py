"""What the baseline keeps of an order; the goods are the shop's own table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storefront.catalogue.models import Product
from storefront.core.database import Model


class PlainOrder(Model):
    """An order and, in the plain baseline, its one payment. ``amount_rials`` is integer Rials."""

    __tablename__ = "plain_orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    reference_number: Mapped[str] = mapped_column(String(40), unique=True)
    order_identifier: Mapped[str | None] = mapped_column(String(64))
    amount_rials: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    full_name: Mapped[str] = mapped_column(String(120))
    mobile: Mapped[str] = mapped_column(String(11))
    delivery: Mapped[str] = mapped_column(String(20))
    delivery_rials: Mapped[int] = mapped_column(BigInteger)
    vat_rials: Mapped[int] = mapped_column(BigInteger)
    province: Mapped[str] = mapped_column(String(30))
    city: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(500))
    postal_code: Mapped[str] = mapped_column(String(10))

    lines: Mapped[list[PlainLine]] = relationship(order_by="PlainLine.id")


class PlainLine(Model):
    """A good that was bought, for what it cost then."""

    __tablename__ = "plain_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey(PlainOrder.id), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey(Product.id))
    name: Mapped[str] = mapped_column(String(200))
    price_rials: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int]


class PlainPayment(Model):
    """One attempt to pay an order, in the careful baseline; at most one of an order is claimed."""

    __tablename__ = "plain_payments"
    __table_args__ = (
        Index(
            "uq_plain_payments_one_claim",
            "order_id",
            unique=True,
            sqlite_where=text("claimed_at IS NOT NULL"),
            postgresql_where=text("claimed_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey(PlainOrder.id))
    reference_number: Mapped[str] = mapped_column(String(40), unique=True)
    order_identifier: Mapped[str | None] = mapped_column(String(64))
    amount_rials: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    callback_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]

    order: Mapped[PlainOrder] = relationship()


class PlainEvent(Model):
    """What happened to a payment, in the careful baseline."""

    __tablename__ = "plain_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    payment_id: Mapped[int] = mapped_column(ForeignKey(PlainPayment.id), index=True)
    event: Mapped[str] = mapped_column(String(60))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


class PlainCartLine(Model):
    """So many pieces of a good in a cart, in the careful baseline."""

    __tablename__ = "plain_cart_lines"

    key: Mapped[str] = mapped_column(String(43), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey(Product.id), primary_key=True)
    quantity: Mapped[int]


KEPT = (PlainOrder, PlainLine, PlainPayment, PlainEvent, PlainCartLine)
TABLES = [table.__table__ for table in KEPT]
