"""List what waits to be sent and what could not be sent, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload, load_only

from storefront.core import keyset
from storefront.core.database import db
from storefront.notifications.outbox import OutboxMessage
from storefront.orders.models import Order
from storefront.orders.payments import Payment

ON_A_PAGE = 25
MOST_COUNTED = 1000
SHOWN = (
    *(OutboxMessage.key, OutboxMessage.kind, OutboxMessage.channel, OutboxMessage.payment_id),
    *(OutboxMessage.created_at, OutboxMessage.next_try_at, OutboxMessage.tries),
    *(OutboxMessage.given_up_at, OutboxMessage.last_error),
)


class Which(StrEnum):
    """What is listed."""

    WAITING = "waiting"
    DEAD = "dead"


_IS: dict[Which, ColumnElement[bool]] = {
    Which.WAITING: OutboxMessage.next_try_at.is_not(None),
    Which.DEAD: OutboxMessage.given_up_at.is_not(None),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of messages, the oldest first; ``before`` and ``after`` lead to its neighbours."""

    messages: Sequence[OutboxMessage]
    before: int | None
    after: int | None


def count(which: Which) -> int:
    """Return how many there are, up to MOST_COUNTED."""
    rows = select(OutboxMessage.id).where(_IS[which]).order_by(*_order(which))  # by their index
    first = rows.limit(MOST_COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(first)) or 0


def page_of(which: Which, *, after: int | None = None, before: int | None = None) -> Listed:
    """Return the first page, or the one beside a message; indexes hold no others than these."""
    backwards = before is not None
    beside = before if backwards else after
    query = _query(which)
    if beside is not None:
        query = query.where(_beyond(which, beside, backwards=backwards))
    columns = _order(which)
    query = query.order_by(*(each.desc() for each in columns) if backwards else columns)
    return Listed(*keyset.page_of(query, ON_A_PAGE, after=after, before=before))


def _query(which: Which) -> Select[OutboxMessage]:
    order = joinedload(OutboxMessage.payment, innerjoin=True).load_only(Payment.order_key)
    number = order.joinedload(Payment.order, innerjoin=True).load_only(Order.number)
    return select(OutboxMessage).where(_IS[which]).options(load_only(*SHOWN), number)


def _order(which: Which) -> tuple[InstrumentedAttribute[Any], ...]:
    if which is Which.DEAD:
        return (OutboxMessage.id,)
    return (OutboxMessage.created_at, OutboxMessage.id)


def _beyond(which: Which, message_id: int, *, backwards: bool) -> ColumnElement[bool]:
    """Return the condition for what follows, or precedes, a message in the order of the list."""
    by_id = OutboxMessage.id < message_id if backwards else OutboxMessage.id > message_id
    if which is Which.DEAD:
        return by_id
    moment = select(OutboxMessage.created_at).where(OutboxMessage.id == message_id)
    begun = moment.scalar_subquery()
    if backwards:  # a range of the index, without the messages of the same moment beyond this one
        return and_(OutboxMessage.created_at <= begun, or_(OutboxMessage.created_at < begun, by_id))
    return and_(OutboxMessage.created_at >= begun, or_(OutboxMessage.created_at > begun, by_id))
