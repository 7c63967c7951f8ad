"""Pack, send and deliver a paid order, correct where it goes, and note what came back.

Each function is one transaction that locks the order and writes its history with the name of who
did it (None for a command line). Raises NotNow for an order on which it is not possible,
LookupError for an unknown number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from payment_engine import Actor, PaymentState
from storefront.core.database import db, transaction
from storefront.core.services import Services
from storefront.notifications import outbox
from storefront.notifications.channels import to_shoppers
from storefront.notifications.outbox import Kind
from storefront.orders import history, order_words, payments
from storefront.orders import models as orders
from storefront.orders.models import Order
from storefront.orders.notes import FormerAddress, OrderNote
from storefront.orders.sendable import Hold, why_held
from storefront.orders.states import OrderState
from storefront.orders.taking_back import take_back


class NotNow(Exception):
    """Raised for an order that stands otherwise; the text is its state."""


class Held(NotNow):
    """Raised for a paid order that must not be sent; ``why`` says what holds it."""

    def __init__(self, why: Hold) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Where a parcel goes, and who is called about it; normalised as in checkout."""

    full_name: str
    mobile: str
    address: str
    postal_code: str
    province: str | None = None
    city: str | None = None


@contextmanager
def _changing(number: str) -> Iterator[Order]:
    with transaction():
        if orders.token_of(number) is None:
            raise LookupError(number)
        yield orders.locked(number)


def pack(services: Services, number: str, *, by: str) -> None:
    """Record that a paid order is packed; packing twice is no error."""
    now = services.clock()
    with _changing(number) as order:
        if order.state is not OrderState.PAID:
            raise NotNow(order.state)
        if order.packed_at is None:
            order.packed_at = now
            history.write("order_packed", order, at=now, actor=Actor.OPERATOR, by=by)


def send(
    services: Services,
    number: str,
    *,
    carrier: str | None = None,
    tracking_code: str | None = None,
    by: str | None,
) -> None:
    """Record that a paid order was sent, with whom and under which code; tell the shopper.

    The same once more is no error; another code for an order that was sent is NotNow: somebody else
    has sent it, see :func:`correct_shipment`. Raises Held for an order whose money is disputed or
    goes back.
    """
    now = services.clock()
    with _changing(number) as order:
        is_repeated = order.state is OrderState.FULFILLED and _shipment(order) == (
            carrier,
            tracking_code,
        )
        if is_repeated:
            return
        if order.state is not OrderState.PAID:
            raise NotNow(order.state)
        if why := why_held(order):
            raise Held(why)
        order.carrier, order.tracking_code = carrier, tracking_code
        order.move(OrderState.FULFILLED, now)
        _tell(order, now)
        _write(order, "order_fulfilled", now, by)


def correct_shipment(
    services: Services,
    number: str,
    *,
    carrier: str | None = None,
    tracking_code: str | None = None,
    by: str,
) -> None:
    """Correct with whom and under which code an order was sent; its page shows it at once."""
    now = services.clock()
    with _changing(number) as order:
        if order.state is not OrderState.FULFILLED:
            raise NotNow(order.state)
        if _shipment(order) != (carrier, tracking_code):
            order.carrier, order.tracking_code = carrier, tracking_code
            _write(order, "shipment_corrected", now, by)


def _shipment(order: Order) -> tuple[str | None, str | None]:
    return order.carrier, order.tracking_code


def _write(order: Order, event: str, now: datetime, by: str | None) -> None:
    facts: dict[str, Any] = {
        "carrier": order.carrier,
        "tracking_code": order.tracking_code,
        "by": by,
    }
    facts |= _pickup(order) if event == "order_fulfilled" else {}
    known = {name: fact for name, fact in facts.items() if fact}
    history.write(event, order, at=now, actor=Actor.OPERATOR, **known)


def _pickup(order: Order) -> dict[str, Any]:
    """Return what the history keeps of an order that its buyer collects."""
    return {"pickup": True} if order.pickup else {}


def _tell(order: Order, now: datetime) -> None:
    for payment in payments.of_order(order):
        if payment.state is PaymentState.PAID:
            outbox.put(Kind.ORDER_SENT, order, payment, to_shoppers(), now)


def deliver(services: Services, number: str, *, by: str) -> None:
    """Record that a parcel arrived; twice is no error."""
    now = services.clock()
    with _changing(number) as order:
        if order.state is not OrderState.FULFILLED:
            raise NotNow(order.state)
        if order.delivered_at is None:
            order.delivered_at = now
            told = {"by": by, **_pickup(order)}
            history.write("order_delivered", order, at=now, actor=Actor.OPERATOR, **told)


def take_goods_back(services: Services, number: str, wanted: Sequence[str], *, by: str) -> int:
    """Put pieces of an order back on sale (see :func:`take_back`); return how many."""
    now = services.clock()
    with _changing(number) as order:
        if order.paid_at is None:
            raise NotNow(order.state)
        pieces = take_back(order, wanted)
        if pieces:
            history.write(
                "items_taken_back", order, at=now, actor=Actor.OPERATOR, pieces=pieces, by=by
            )
        return pieces


def correct_address(services: Services, number: str, new: PostalAddress, *, by: str) -> None:
    """Send an order elsewhere, as its customer asked; the former address is kept until erasing."""
    now = services.clock()
    with _changing(number) as order:
        if order.erased_at is not None or order.delivered_at is not None:
            raise NotNow("erased" if order.erased_at else "delivered")
        if address_of(order) == new:
            return
        former = FormerAddress(order_id=order.id, at=now, by=by, **_columns(address_of(order)))
        db.session.add(former)
        db.session.flush()
        for column, value in _columns(new).items():
            setattr(order, column, value)
        order_words.forget(order.id)
        order_words.put(order.id, order.full_name)
        history.write(
            "address_corrected", order, at=now, actor=Actor.OPERATOR, former=former.id, by=by
        )


def address_of(order: Order) -> PostalAddress:
    """Return where an order goes."""
    return PostalAddress(**{name: getattr(order, name) for name in PostalAddress.__slots__})


def _columns(address: PostalAddress) -> dict[str, str | None]:
    return {name: getattr(address, name) for name in PostalAddress.__slots__}


def add_note(services: Services, number: str, text: str, *, by: str) -> None:
    """Keep a note about an order, for the staff alone."""
    now = services.clock()
    with _changing(number) as order:
        if order.erased_at is not None:
            raise NotNow("erased")
        db.session.add(OrderNote(order_id=order.id, at=now, by=by, text=text))
