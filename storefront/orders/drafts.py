"""Keep what was typed into the checkout form of a cart that is not ordered yet.

A draft lives with its cart: it goes when the cart is ordered, emptied or forgotten. The national
code goes earlier, :data:`CODE_KEPT` after it was typed: it is kept only for a form that comes back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    Text,
    bindparam,
    delete,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import INSERTS, Model, db, transaction
from storefront.orders.carts import CARTS

CODE_KEPT = timedelta(hours=1)
LONGEST_CODE = 40  # as it was typed, with what does not belong there
_WITH_CODE = text("national_code IS NOT NULL")


class CheckoutDraft(Model):
    """What a cart's checkout form held when it was last sent; ``fields`` is a JSON object."""

    __tablename__ = "checkout_drafts"
    __table_args__ = (
        Index(
            "ix_checkout_drafts_with_code_saved_at",
            "saved_at",
            sqlite_where=_WITH_CODE,
            postgresql_where=_WITH_CODE,
        ),
    )

    cart_id: Mapped[int] = mapped_column(
        ForeignKey("carts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    fields: Mapped[str] = mapped_column(Text)
    national_code: Mapped[str | None] = mapped_column(String(LONGEST_CODE))
    saved_at: Mapped[datetime]


DRAFTS = CheckoutDraft.__table__
_OF_CART = (  # built once
    select(DRAFTS)
    .join(CARTS, CARTS.c.id == DRAFTS.c.cart_id)
    .where(CARTS.c.key == bindparam("key"))
)


def save(key: str, fields: Mapping[str, str], national_code: str, now: datetime) -> None:
    """Keep a form's fields in place of the cart's former draft; a cart that is gone keeps none."""
    row = {
        "fields": json.dumps(fields),
        "national_code": national_code or None,
        "saved_at": now,
    }
    values = [literal(value, type_=DRAFTS.c[name].type) for name, value in row.items()]
    cart = select(CARTS.c.id, *values).where(CARTS.c.key == key)
    with transaction():
        insert = INSERTS[db.session.connection().dialect.name](DRAFTS)
        rows = insert.from_select(["cart_id", *row], cart)
        changed = {name: rows.excluded[name] for name in row}
        db.session.execute(rows.on_conflict_do_update(index_elements=["cart_id"], set_=changed))


def of(key: str, now: datetime) -> dict[str, str]:
    """Return what the cart's checkout form held, by field; nothing if it has no draft."""
    row = db.session.execute(_OF_CART, {"key": key}).one_or_none()
    if row is None:
        return {}
    fields: dict[str, str] = json.loads(row.fields)
    is_fresh = row.saved_at > now - CODE_KEPT
    return fields | {"national_code": row.national_code or ""} if is_fresh else fields


def forget(key: str) -> None:
    """Forget the draft of a cart, inside the caller's transaction."""
    cart = select(CARTS.c.id).where(CARTS.c.key == key).scalar_subquery()
    db.session.execute(delete(DRAFTS).where(DRAFTS.c.cart_id == cart))


def forget_old_codes(now: datetime) -> None:
    """Forget the national codes that were typed longer than :data:`CODE_KEPT` ago."""
    old = DRAFTS.c.national_code.is_not(None), DRAFTS.c.saved_at <= now - CODE_KEPT
    if db.session.scalar(select(DRAFTS.c.cart_id).where(*old).limit(1)) is None:
        return
    with transaction():
        db.session.execute(update(DRAFTS).where(*old).values(national_code=None))
