"""Tell the history of an invented order, as the shop and the engine would have written it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from payment_engine import Actor, PaymentState, RefundState
from storefront.demo.rows import MINUTE, SECOND, STAFF, Draft, Row
from storefront.orders.states import OrderState


def event_rows(draft: Draft, payments: list[Row], refund: Row | None) -> list[Row]:
    """Return the rows of the order's history, in the order of time."""
    told = [*_of_order(draft), *(each for row in payments for each in _of_payment(row))]
    if refund is not None:
        told += _of_refund(refund)
    told.sort(key=lambda event: event[0])
    return [
        {
            "at": at,
            "order_key": draft.number,
            "payment_id": payment_id,
            "actor": actor,
            "event": event,
            "details": details,
        }
        for at, payment_id, actor, event, details in told
    ]


Told = tuple[datetime, int | None, Actor, str, Mapping[str, Any]]


def _of_order(draft: Draft) -> Iterator[Told]:
    course, by = draft.course, {"by": STAFF[int(draft.number) % len(STAFF)]}
    placed = {"amount_rials": draft.quote.total_rials}
    yield course.created_at, None, Actor.PAYER, "order_placed", placed
    steps = (
        (course.packed_at, "order_packed"),
        (course.sent_at, "order_fulfilled"),
        (course.delivered_at, "order_delivered"),
    )
    for at, event in steps:
        if at:
            yield at, None, Actor.OPERATOR, event, by
    if course.ended_at and course.state is OrderState.EXPIRED:
        yield course.ended_at + SECOND, None, Actor.WORKER, "order_expired", {}
    if course.ended_at and course.state is OrderState.CANCELLED:
        yield course.ended_at, None, Actor.PAYER, "order_cancelled", {}


def _of_payment(row: Row) -> Iterator[Told]:
    key, began, came_back = row["id"], row["created_at"], row["callback_at"]
    yield began, key, Actor.PAYER, "payment_initiated", {"gateway": row["gateway"]}
    opened = {"gateway_payment_id": row["gateway_payment_id"]}
    yield began + SECOND, key, Actor.PAYER, "payment_opened", opened
    ends = {
        PaymentState.IN_DOUBT: "payment_in_doubt",
        PaymentState.NEEDS_REVIEW: "payment_needs_review",
    }
    if came_back:
        yield came_back, key, Actor.PAYER, "callback", {"state": "SUCCESSFUL", "named_us": True}
    if row["claimed"]:
        yield came_back, key, Actor.PAYER, "verifying", {}
    if row["state"] in ends:
        yield came_back + MINUTE, key, Actor.WORKER, ends[row["state"]], {}
    if row["ended_at"]:
        yield row["ended_at"], key, Actor.PAYER, f"payment_{row['state'].value}", {}


def _of_refund(row: Row) -> Iterator[Told]:
    about = {"refund": row["id"], "amount_rials": row["amount_rials"]}
    about |= {"method": row["method"].value}
    key, who = row["payment_id"], Actor.WORKER if row["automatic"] else Actor.OPERATOR
    asked = about | {"reason": row["reason"], "by": row["requested_by"]}
    yield row["requested_at"], key, who, "refund_requested", asked
    if row["state"] is RefundState.WAITING:
        yield row["requested_at"] + MINUTE, key, Actor.WORKER, "refund_waiting", about
    if row["ended_at"]:
        yield row["ended_at"], key, Actor.WORKER, f"refund_{row['state'].value}", about
