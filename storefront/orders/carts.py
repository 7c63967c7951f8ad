"""Keep carts: pieces by product, under the unguessable key that a browser brings.

A cart says nothing about who fills it. It is forgotten :data:`KEPT` after its last change.
:mod:`storefront.orders.cart_changes` has the one way to change it.

The goods of an order leave its cart as soon as its shopper can pay: from the commit on that has the
gateway's page, no part of the cart is seen with them. The next change of the cart takes them out of
its rows.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Select,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    exists,
    func,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from payment_engine.row_queue import Tally
from storefront.catalogue.models import IS_SOLD, Product
from storefront.core.database import Model, db, transaction
from storefront.core.tables import TABLES
from storefront.orders.models import Order, OrderLine

KEPT = timedelta(days=30)  # as long as the cookie that has the key
MOST_AT_ONCE = 1_000  # carts that one pass forgets
KEY_LENGTH = 43  # of 32 random bytes in base64


class Cart(Model):
    """A browser's cart."""

    __tablename__ = "carts"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_LENGTH), unique=True)
    changed_at: Mapped[datetime] = mapped_column(index=True)


class CartLine(Model):
    """So many pieces of a product in a cart."""

    __tablename__ = "cart_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        UniqueConstraint("cart_id", "product_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cart_id: Mapped[int] = mapped_column(ForeignKey("carts.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    quantity: Mapped[int]


CARTS, LINES = Cart.__table__, CartLine.__table__
# All are built once: to build them for each request costs a tenth of what is done to a cart.
_KEY = bindparam("key", type_=CARTS.c.key.type)
ORDERS, ORDER_LINES, PAYMENTS = Order.__table__, OrderLine.__table__, TABLES.payments
_CAN_PAY = exists().where(
    PAYMENTS.c.order_key == ORDERS.c.number, PAYMENTS.c.redirect_url.is_not(None)
)
# Orders that came from the cart with the bound key and whose goods its rows should not have.
LEFT = and_(ORDERS.c.cart_key == _KEY, ORDERS.c.in_cart, _CAN_PAY)
_GONE = (
    select(func.coalesce(func.sum(ORDER_LINES.c.quantity), 0))
    .join(ORDERS, ORDERS.c.id == ORDER_LINES.c.order_id)
    .where(LEFT, ORDER_LINES.c.product_id == LINES.c.product_id)
    .correlate(LINES)
    .scalar_subquery()
)


def _lines(pieces: ColumnElement[int]) -> Select[Any]:
    return (
        select(LINES.c.product_id, pieces.label("quantity"))
        .join(CARTS, CARTS.c.id == LINES.c.cart_id)
        .join(Product.__table__, Product.id == LINES.c.product_id)
        .where(CARTS.c.key == _KEY, IS_SOLD)
        .order_by(LINES.c.id)
    )


ROWS = _lines(LINES.c.quantity)
_CONTENTS = _lines(LINES.c.quantity - _GONE)


def contents(key: str) -> dict[int, int]:
    """Return the pieces by product id in the cart with this key, in the order of putting in.

    Products that are no longer sold are left out, and so are the goods of orders that can be paid.
    """
    rows = db.session.connection().execute(_CONTENTS, {"key": key})
    return {row.product_id: row.quantity for row in rows if row.quantity > 0}


def forget_old(now: datetime) -> Tally:
    """Forget some carts that nobody has changed for :data:`KEPT`, the oldest first."""
    old = select(CARTS.c.id).where(CARTS.c.changed_at < now - KEPT).order_by(CARTS.c.changed_at)
    some = old.limit(MOST_AT_ONCE).with_for_update(skip_locked=True)
    with transaction():
        gone = db.session.execute(delete(CARTS).where(CARTS.c.id.in_(some.scalar_subquery())))
        count = gone.rowcount  # type: ignore[attr-defined]  # a DELETE has it
    return {"carts_forgotten": count} if count else {}
