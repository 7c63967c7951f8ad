"""Keep carts: pieces by product, under the unguessable key that a browser brings.

A cart says nothing about who fills it. It is forgotten :data:`KEPT` after its last change.
:mod:`storefront.orders.cart_changes` has the one way to change it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    String,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from payment_engine.row_queue import Tally
from storefront.catalogue.models import IS_SOLD, Product
from storefront.core.database import Model, db, transaction
from storefront.orders.models import LineKind, Order, OrderLine

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
# Built once: to build them for each request costs a tenth of what is done to a cart.
_CONTENTS = (
    select(LINES.c.product_id, LINES.c.quantity)
    .join(CARTS, CARTS.c.id == LINES.c.cart_id)
    .join(Product.__table__, Product.id == LINES.c.product_id)
    .where(CARTS.c.key == bindparam("key"), IS_SOLD)
    .order_by(LINES.c.id)
)


def contents(key: str) -> dict[int, int]:
    """Return the pieces by product id in the cart with this key, in the order of putting in.

    Products that are no longer sold are left out.
    """
    rows = db.session.connection().execute(_CONTENTS, {"key": key})
    return {row.product_id: row.quantity for row in rows}


def ordered(key: str, numbers: Sequence[str]) -> dict[int, int]:
    """Return the pieces by product id that this cart still holds for orders it became."""
    if not numbers:
        return {}
    pieces = func.sum(OrderLine.quantity)
    query = (
        select(OrderLine.product_id, pieces)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.number.in_(numbers), Order.cart_key == key)
        .where(OrderLine.kind == LineKind.PRODUCT)
        .group_by(OrderLine.product_id)
    )
    return {id_: int(pieces) for id_, pieces in db.session.execute(query) if id_ is not None}


def without(held: Mapping[int, int], gone: Mapping[int, int]) -> dict[int, int]:
    """Return what is left of some pieces by product id."""
    left = {key: pieces - gone.get(key, 0) for key, pieces in held.items()}
    return {key: pieces for key, pieces in left.items() if pieces > 0}


def forget_old(now: datetime) -> Tally:
    """Forget some carts that nobody has changed for :data:`KEPT`, the oldest first."""
    old = select(CARTS.c.id).where(CARTS.c.changed_at < now - KEPT).order_by(CARTS.c.changed_at)
    some = old.limit(MOST_AT_ONCE).with_for_update(skip_locked=True)
    with transaction():
        gone = db.session.execute(delete(CARTS).where(CARTS.c.id.in_(some.scalar_subquery())))
        count = gone.rowcount  # type: ignore[attr-defined]  # a DELETE has it
    return {"carts_forgotten": count} if count else {}
