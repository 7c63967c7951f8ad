"""Write an invented order down as rows of the shop's tables, as the shop itself would have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from payment_engine import PaymentState, RefundMethod, RefundState
from payment_engine.gateway import Gateway
from storefront.demo.fates import Course, Fate
from storefront.demo.people import Person, card
from storefront.orders.freezing import charges
from storefront.orders.models import LineKind
from storefront.orders.pricing import Quote

Row = dict[str, Any]
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
WINDOW = 15 * MINUTE
STAFF = ("مینا", "سهراب")
PAYMENT_STATES: Mapping[Fate, PaymentState] = {
    Fate.PAID: PaymentState.PAID,
    Fate.PAID_AT_SECOND_TRY: PaymentState.PAID,
    Fate.EXPIRED: PaymentState.EXPIRED,
    Fate.CANCELLED: PaymentState.FAILED,
    Fate.RETURNED: PaymentState.RETURNED,
    Fate.WAITING: PaymentState.AWAITING_PAYER,
    Fate.IN_DOUBT: PaymentState.IN_DOUBT,
    Fate.IN_REVIEW: PaymentState.NEEDS_REVIEW,
}
CAME_BACK = frozenset(Fate) - {Fate.WAITING, Fate.EXPIRED, Fate.CANCELLED}
CLAIMED = frozenset({PaymentState.PAID, PaymentState.IN_DOUBT, PaymentState.NEEDS_REVIEW})
OPEN = CLAIMED - {PaymentState.PAID}


@dataclass(slots=True)
class Draft:
    """An order before it is written: who bought what at which gateway, and what came of it."""

    number: str
    token: str
    person: Person
    quote: Quote
    gateway: Gateway
    course: Course

    @property
    def refunded_rials(self) -> int:
        """Return what has gone back of the order."""
        back = self.course.money_back
        return self.back_rials if back and back.state is RefundState.DONE else 0

    @property
    def back_rials(self) -> int:
        """Return how much the refund is about, in whole Toman."""
        back, total = self.course.money_back, self.quote.total_rials
        if back is None:
            return 0
        return total if back.share == 1 else max(int(total * back.share) // 10 * 10, 10)


def order_row(draft: Draft) -> Row:
    """Return the row of the order."""
    course, person = draft.course, draft.person
    reserved_until = course.created_at + WINDOW
    return {
        "number": draft.number,
        "token": draft.token,
        "checkout_key": f"demo-{draft.number}",
        "state": course.state,
        "amount_rials": draft.quote.total_rials,
        "refunded_rials": draft.refunded_rials,
        "created_at": course.created_at,
        "reserved_until": reserved_until,
        "expiry_check_at": reserved_until,
        "expiry_tries": 0,
        "paid_at": course.ended_at if course.is_paid else None,
        "packed_at": course.packed_at,
        "fulfilled_at": course.sent_at,
        "delivered_at": course.delivered_at,
        "carrier": "پست پیشتاز" if course.sent_at else None,
        "tracking_code": f"{draft.number}{draft.number}" if course.sent_at else None,
        "full_name": person.full_name,
        "mobile": person.mobile,
        "address": person.address,
        "postal_code": person.postal_code,
        "province": person.province,
        "city": person.city,
        "delivery_method": draft.quote.delivery.key,
        "delivery_days_from": draft.quote.delivery.days[0],
        "delivery_days_to": draft.quote.delivery.days[1],
        "pickup": draft.quote.delivery.pickup,
        "language": "fa",
        "in_cart": False,
        "version": 1,
    }


def line_rows(draft: Draft, order_id: int) -> Iterator[Row]:
    """Yield the rows of the order's lines."""
    for line in draft.quote.lines:
        yield {
            "order_id": order_id,
            "product_id": line.product.id,
            "kind": LineKind.PRODUCT,
            "name_fa": line.product.name_fa,
            "name_en": line.product.name_en,
            "unit_price_rials": line.product.price_rials,
            "quantity": line.quantity,
            "tax_included_rials": draft.quote.tax_in(line.amount_rials),
            "taken_back": line.quantity if draft.course.took_back else 0,
        }
    for charge in charges(draft.quote):
        yield {"order_id": order_id, "taken_back": 0, **charge}


def payment_rows(rng: Random, draft: Draft, now: datetime) -> Iterator[Row]:
    """Yield the rows of the attempts to pay; the last one decided the order."""
    course = draft.course
    if course.failed_first_at:
        first = _attempt(rng, draft, 1, course.created_at, PaymentState.FAILED)
        yield first | {"ended_at": course.failed_first_at, "callback_at": course.failed_first_at}
    state = PAYMENT_STATES[course.fate]
    began = (course.failed_first_at or course.created_at) + SECOND
    last = _attempt(rng, draft, 2, began, state)
    came_back = (course.ended_at or began + 4 * MINUTE) if course.fate in CAME_BACK else None
    last |= {"ended_at": course.ended_at, "callback_at": came_back}
    if course.is_paid:
        last |= {"paid_at": course.ended_at, "refunded_rials": draft.refunded_rials}
        last |= {"captured_at": None, "tracking_number": f"{rng.randrange(10**11, 10**12)}"}
    if state in OPEN:
        last |= {"in_doubt_since": came_back, "next_check_at": now + 5 * MINUTE}
    yield last


def _attempt(rng: Random, draft: Draft, no: int, began: datetime, state: PaymentState) -> Row:
    is_claimed = state in CLAIMED
    identifier = f"{draft.number}{no}"
    return {
        "order_key": draft.number,
        "gateway": draft.gateway.name,
        "reference": f"{rng.getrandbits(128):032x}",
        "gateway_payment_id": identifier,
        "redirect_url": f"http://127.0.0.1/demo/{identifier}",
        "state": state,
        "amount_rials": draft.quote.total_rials,
        "created_at": began,
        "expires_at": began + WINDOW,
        "closes_at": began + WINDOW,
        "next_check_at": began + WINDOW,
        "callback_at": None,
        "paid_at": None,
        "payer_card": card(rng) if state in (CLAIMED | {PaymentState.RETURNED}) else None,
        "tracking_number": None,
        "in_doubt_since": None,
        "claimed": is_claimed,
        "verifications_sent": int(is_claimed),
        "verifications_answered": int(state is PaymentState.PAID),
        "captured_at": None,
        "failures": 0,
        "money_seen": is_claimed,
        "success_claimed": is_claimed,
        "ended_at": None,
        "callbacks_seen": 0,
        "refunded_rials": 0,
        "version": 4,
    }


def refund_row(draft: Draft, payment_id: int) -> Row | None:
    """Return the row of the money that goes back, if some does."""
    course = draft.course
    if course.fate is Fate.RETURNED and draft.gateway.can_reverse:
        whole = draft.quote.total_rials
        return _refund(draft, payment_id, whole, RefundMethod.REVERSE, RefundState.DONE) | {
            "automatic": True,
            "reason": "the order was over",
            "requested_by": "engine",
            "requested_at": course.ended_at,
            "ended_at": course.ended_at + MINUTE if course.ended_at else None,
        }
    back = course.money_back
    if back is None:
        return None
    can = draft.gateway.can_refund
    method = RefundMethod.REFUND if can else RefundMethod.BY_HAND
    return _refund(draft, payment_id, draft.back_rials, method, back.state) | {
        "requested_at": back.requested_at,
        "reason": back.reason,
        "ended_at": back.ended_at,
    }


def _refund(
    draft: Draft, payment_id: int, rials: int, method: RefundMethod, state: RefundState
) -> Row:
    return {
        "payment_id": payment_id,
        "order_key": draft.number,
        "gateway": draft.gateway.name,
        "amount_rials": rials,
        "method": method,
        "state": state,
        "automatic": False,
        "requested_by": STAFF[int(draft.number) % len(STAFF)],
        "cancellable": False,
        "gateway_refund_id": None if method is RefundMethod.BY_HAND else f"{draft.number}9",
        "times_sent": 1,
        "next_check_at": draft.course.created_at + timedelta(days=60),
        "failures": 0,
        "version": 3,
    }
