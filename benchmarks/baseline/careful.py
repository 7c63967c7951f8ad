"""The careful baseline: the least that a shop must do to lose no payment and sell no good twice.

It differs from the plain baseline in three pages, each of which counts its client
(`careful_limits.py`; the first addition to a cart does):

- **Add to cart** keeps the cart in the database, **commit** (`careful_cart.py`).
- **Checkout** reserves the goods, empties the cart and writes the order with its lines, its payment
  and a row of history, **commit**; one call, the create; writes the gateway's id, **commit**.
- **Callback** loads the payment with its order and writes that the browser came back, **commit**;
  one call, the inquiry, whose facts must be those that were asked for; claims the payment, one of
  an order, **commit**; one call, the verification; writes the payment and the order paid, the goods
  sold and a row of history, **commit**.

No transaction is open during a call; the calls are those of the shop, with its timeouts. What it
does not do: write a row of history for each step, redact, lock what it reads (an UPDATE with a
condition and a unique index stand for that), hold moves to a table of states, count versions, keep
delivery and tax as lines, know a form sent twice, tell anybody, record a call that failed, bound
how many wait for the gateway, ask again later.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import abort
from sqlalchemy import BindParameter, Column, Update, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from benchmarks.baseline import careful_limits
from benchmarks.baseline.tables import PlainEvent, PlainOrder, PlainPayment
from storefront.catalogue.models import Product
from storefront.core.database import db, transaction

GOODS = Product.__table__.c
Ask = Callable[..., dict[str, Any]]
"""Calls the gateway: method, path and what requests takes."""


def check_out(
    order: Callable[[], PlainOrder], ask: Ask, asked: Callable[[PlainOrder], Any]
) -> tuple[str, str]:
    """Keep an order with its goods and its payment, then open the payment.

    Returns the order's token and the gateway's page.
    """
    careful_limits.count("checkout")
    with transaction():
        placed = order()
        if not _moved(placed, _RESERVE):
            abort(409)
        payment = PlainPayment(
            order=placed,
            reference_number=placed.reference_number,
            amount_rials=placed.amount_rials,
            created_at=placed.created_at,
        )
        db.session.add(payment)
        db.session.flush()
        _note(payment, "initiated", amount_rials=payment.amount_rials)
    answer = ask("POST", "/orders", json=asked(placed))
    with transaction():
        payment.order_identifier = answer["orderIdentifier"]
    return placed.token, answer["pspSwitchingUrl"]


def come_back(reference_number: str, ask: Ask) -> PlainOrder:
    """Ask about the payment, capture it if all agrees, and return its order."""
    careful_limits.count("callback")
    payment = db.session.scalar(_BY_REFERENCE, {"reference_number": reference_number}) or abort(404)
    with transaction():
        payment.callback_at = payment.callback_at or datetime.now(UTC)
    if _agrees(payment, ask) and _claim(payment):
        answer = ask("GET", f"/orders/{payment.order_identifier}/verify")
        if answer["status"] == "Successful":
            _paid(payment)
    return payment.order


def _agrees(payment: PlainPayment, ask: Ask) -> bool:
    said = ask("GET", f"/orders/{payment.order_identifier}")
    ours = (payment.order_identifier, payment.reference_number, payment.amount_rials, "RIALS")
    return ours == (said["id"], said["referenceNumber"], said["amount"], said["currency"])


def _claim(payment: PlainPayment) -> bool:
    """Make this the only payment of its order that may be captured; an index sees to it."""
    chosen = {"of_id": payment.id, "claimed_at": datetime.now(UTC)}
    try:
        with transaction():
            taken = db.session.execute(_CLAIM, chosen)
    except IntegrityError:
        return False
    return bool(taken.rowcount == 1)  # type: ignore[attr-defined]  # an UPDATE has it


def _paid(payment: PlainPayment) -> None:
    with transaction():
        payment.paid_at = payment.order.paid_at = datetime.now(UTC)
        payment.order.order_identifier = payment.order_identifier  # shown on the receipt
        if not _moved(payment.order, _SELL):
            abort(500)
        _note(payment, "paid")


def _moving(here: Column[int], there: Column[int]) -> Update:
    pieces: BindParameter[int] = bindparam("pieces")
    change = update(Product.__table__).where(GOODS.id == bindparam("product_id"), here >= pieces)
    return change.values({here: here - pieces, there: there + pieces})


# Built once, as the shop builds its own.
_RESERVE = _moving(GOODS.stock_free, GOODS.stock_reserved)
_SELL = _moving(GOODS.stock_reserved, GOODS.stock_sold)
_CLAIM = update(PlainPayment.__table__).where(
    PlainPayment.__table__.c.id == bindparam("of_id"), PlainPayment.__table__.c.claimed_at.is_(None)
)
_BY_REFERENCE = (
    select(PlainPayment)
    .where(PlainPayment.reference_number == bindparam("reference_number"))
    .options(joinedload(PlainPayment.order))
)


def _moved(order: PlainOrder, change: Update) -> bool:
    """Move the pieces of every line; False if there are too few of one."""
    for line in order.lines:
        wanted = {"product_id": line.product_id, "pieces": line.quantity}
        if db.session.execute(change, wanted).rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE has it
            return False
    return True


def _note(payment: PlainPayment, event: str, **details: Any) -> None:
    row = {"at": datetime.now(UTC), "payment_id": payment.id, "event": event, "details": details}
    db.session.execute(insert(PlainEvent.__table__), row)
