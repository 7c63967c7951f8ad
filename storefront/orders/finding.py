"""Find orders for the merchant: by what is to be done, by filters, and by what somebody says.

Pages go by an order's id, the youngest first, so that the last of a million costs what the first
does; by when they were placed, where days are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Tuple, and_, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from payment_engine.bounds import EARLIEST
from payment_engine.sqlalchemy_tables import UTCDateTime
from storefront.catalogue.search_words import asked_words
from storefront.core import keyset
from storefront.core.database import db
from storefront.core.typed import plain_mobile, plain_order_number
from storefront.core.validation import is_mobile
from storefront.orders import order_words
from storefront.orders.models import Order
from storefront.orders.payments import Payment
from storefront.orders.states import OrderState

ON_A_PAGE = 25
LONGEST_QUESTION = 100
FEW = 3000  # hits are looked up and sorted; more are met soon by walking through the orders
LONGEST_REFERENCE = 64


class Stage(StrEnum):
    """Where an order is on its way, as the merchant works."""

    TO_PACK = "to_pack"
    PACKED = "packed"
    SENT = "sent"
    DELIVERED = "delivered"
    UNPAID = "unpaid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


_IS: dict[Stage, ColumnElement[bool]] = {
    Stage.TO_PACK: and_(Order.state == OrderState.PAID, Order.packed_at.is_(None)),
    Stage.PACKED: and_(Order.state == OrderState.PAID, Order.packed_at.is_not(None)),
    Stage.SENT: and_(Order.state == OrderState.FULFILLED, Order.delivered_at.is_(None)),
    Stage.DELIVERED: and_(Order.state == OrderState.FULFILLED, Order.delivered_at.is_not(None)),
    Stage.UNPAID: Order.state == OrderState.PLACED,
    Stage.EXPIRED: Order.state == OrderState.EXPIRED,
    Stage.CANCELLED: Order.state == OrderState.CANCELLED,
    Stage.REFUNDED: Order.state == OrderState.REFUNDED,
}


def stage_of(order: Order) -> Stage:
    """Return where an order is on its way."""
    if order.state is OrderState.PAID:
        return Stage.PACKED if order.packed_at else Stage.TO_PACK
    if order.state is OrderState.FULFILLED:
        return Stage.DELIVERED if order.delivered_at else Stage.SENT
    return Stage.UNPAID if order.state is OrderState.PLACED else Stage(order.state.value)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; what is None, or an empty text, does not matter.

    ``since`` and ``until`` (aware, the end left out) are when orders were placed; ``amount_rials``
    is the whole amount; ``question`` is a number, name, mobile, reference or tracking number.
    """

    stage: Stage | None = None
    gateway: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    amount_rials: int | None = None
    question: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of orders with their lines; ``before`` and ``after`` lead to its neighbours."""

    orders: Sequence[Order]
    before: int | None
    after: int | None


def find(wanted: Wanted, *, after: int | None = None, before: int | None = None) -> Found:
    """Return a page: the youngest orders, or those that follow ``after`` or precede ``before``."""
    query = select(Order).where(*_conditions(wanted)).options(selectinload(Order.lines))
    key = _key(wanted)
    if before is not None:
        query = query.where(tuple_(*key) > _place(key, before)).order_by(*key)
    else:
        query = query.order_by(*(column.desc() for column in key))
        query = query.where(tuple_(*key) < _place(key, after)) if after is not None else query
    return Found(*keyset.page_of(query, ON_A_PAGE, after=after, before=before))


def by_numbers(numbers: Sequence[str]) -> Sequence[Order]:
    """Return the orders with these numbers and their lines, the oldest first."""
    query = select(Order).where(Order.number.in_(numbers)).options(selectinload(Order.lines))
    return db.session.scalars(query.order_by(Order.id)).all()


def _key(wanted: Wanted) -> tuple[InstrumentedAttribute[Any], ...]:
    """Return what a list goes by: with days, the orders before and behind them are not met."""
    has_days = wanted.since is not None or wanted.until is not None
    return (Order.created_at, Order.id) if has_days else (Order.id,)


def _place(key: Sequence[object], order_id: int) -> Tuple:
    """Return where an order stands in a list; one that is not there would be the oldest."""
    if len(key) == 1:
        return tuple_(literal(order_id))
    at = db.session.scalar(select(Order.created_at).where(Order.id == order_id)) or EARLIEST
    return tuple_(literal(at, UTCDateTime()), literal(order_id))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.stage is not None:
        found.append(_IS[wanted.stage])
    if wanted.gateway is not None:
        of_it = select(Payment.id).where(Payment.order_key == Order.number)
        found.append(of_it.where(Payment.gateway == wanted.gateway).exists())
    if wanted.since is not None:
        found.append(Order.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(Order.created_at < wanted.until)
    if wanted.amount_rials is not None:
        found.append(Order.amount_rials == wanted.amount_rials)
    return [*found, *(_asked(wanted.question[:LONGEST_QUESTION]) if wanted.question else ())]


def _asked(question: str) -> list[ColumnElement[bool]]:
    """Return what a question means: a number or a code is one thing, all else is a name.

    An order's number that begins with 9 could be a mobile number without its 0.
    """
    mobile, code = plain_mobile(question), question.strip()
    by_number = Order.number == plain_order_number(question)
    if _is_any(by_number):
        return [by_number]
    if is_mobile(mobile):
        return [Order.mobile == mobile]
    for by_code in (Order.tracking_code == code, Order.number.in_(_paid_as(code))):
        if _is_any(by_code):
            return [by_code]
    if not re.search(r"[^\W\d_]", question):  # no letter: no name
        return [Order.id.is_(None)]
    return _named(question)


def _is_any(condition: ColumnElement[bool]) -> bool:
    return db.session.scalar(select(Order.id).where(condition).limit(1)) is not None


def _paid_as(code: str) -> Select[str]:
    """Select the orders of payments that ours or the gateway's numbers name."""
    numbers = (Payment.reference, Payment.gateway_payment_id, Payment.tracking_number)
    first, *others = (select(Payment.order_key).where(column == code) for column in numbers)
    found = first.union(*others).subquery()
    return select(found.c.order_key)


def _named(question: str) -> list[ColumnElement[bool]]:
    ids = order_words.holders(question, FEW)
    if ids is not None:
        return [Order.id.in_(ids)]
    return [order_words.holds(word, Order.id) for word in asked_words(question)]
