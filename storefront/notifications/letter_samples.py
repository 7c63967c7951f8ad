"""Make up an order for the preview of a letter, and hold a template against several of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from payment_engine import PaymentState
from payment_engine.gateway import FailReason
from payment_engine.refund import RefundMethod
from storefront.core.seller import current_seller
from storefront.notifications.letter_facts import Facts, facts_of, failure_facts
from storefront.notifications.letters import Letter, own_letter
from storefront.notifications.outbox import Kind
from storefront.orders.failures import Failure
from storefront.orders.models import LineKind

MOST_LINES = 31  # an order has at most 30 pieces, and delivery
NAMES = {"fa": "مریم حسینی", "en": "Maryam Hosseini"}
TIME_LEFT = timedelta(minutes=10)
_DECLINED = Failure(FailReason.INSUFFICIENT_FUNDS, "موجودی کارت کافی نیست")
GOODS = (
    ("کاسهٔ فیروزه‌ای", "Turquoise bowl", LineKind.PRODUCT, 2, 4_500_000),
    ("جاشمعی مسی", "Copper candle holder", LineKind.PRODUCT, 1, 3_200_000),
    ("ارسال", "Delivery", LineKind.DELIVERY, 1, 850_000),
)


def facts(kind: Kind, language: str, now: datetime, public_url: str) -> Facts:
    """Return the facts of the order that a preview shows: all that there can be."""
    return facts_of(
        kind,
        order=_order(language, now),
        payment=_payment(PaymentState.PAID),
        refund=_refund(RefundMethod.REFUND),
        **_unpaid(_DECLINED, language, now),
        **_addresses(public_url, language),
    )


def check(kind: Kind, language: str, source: str, now: datetime, public_url: str) -> Letter:
    """Return the letter of a template about the preview's order. Raises WrongTemplate.

    It is tried for a large order and for one of which little is known, too.
    """
    of_each = ((_largest(language, now), _DECLINED), (_barest(language, now), Failure()))
    for (order, payment, refund), failure in of_each:
        sources = {"order": order, "payment": payment, "refund": refund}
        sources |= _unpaid(failure, language, now)
        about = facts_of(kind, **sources, **_addresses(public_url, language))
        own_letter(kind, language, source, about)
    return own_letter(kind, language, source, facts(kind, language, now, public_url))


def _unpaid(failure: Failure, language: str, now: datetime) -> dict[str, Any]:
    """Return why a payment failed, and until when there is time for another if it is known."""
    until = now + TIME_LEFT if failure.reason else None
    return {"failure": failure_facts(failure, language), "pay_until": until}


def _addresses(public_url: str, language: str) -> dict[str, str]:
    page = f"{public_url}/orders/sample"
    links = {"order_url": page, "invoice_url": f"{page}/invoice/sample"}
    seller = current_seller()
    return {
        **links,
        "shop_name": seller.name(language),
        "shop_address": seller.address(language),
        "shop_hours": seller.hours(language),
    }


def _largest(language: str, now: datetime) -> tuple[Any, ...]:
    order = _order(language, now)
    order.lines = [order.lines[0]] * MOST_LINES
    return order, _payment(PaymentState.PAID), _refund(RefundMethod.REVERSE)


def _barest(language: str, now: datetime) -> tuple[Any, ...]:
    """Return an order without all that some orders lack, whose payment was not kept."""
    order, payment = _order(language, now), _payment(PaymentState.RETURNED)
    order.carrier = order.tracking_code = order.delivery_days_from = order.delivery_days_to = None
    order.refunded_rials, order.lines, order.pickup = 0, [], True
    payment.payer_card = payment.tracking_number = None
    return order, payment, _refund(RefundMethod.BY_HAND)


def _order(language: str, now: datetime) -> SimpleNamespace:
    names = ("name_fa", "name_en", "kind", "quantity", "amount_rials")
    lines = [SimpleNamespace(**dict(zip(names, each, strict=True))) for each in GOODS]
    return SimpleNamespace(
        number="1405010001",
        full_name=NAMES[language],
        amount_rials=sum(line.amount_rials for line in lines),
        refunded_rials=1_000_000,
        paid_at=now,
        reserved_until=now + TIME_LEFT,
        tax_included_rials=sum(line.amount_rials for line in lines) // 110 * 10,
        pickup=False,
        delivery_days_from=3,
        delivery_days_to=6,
        carrier={"fa": "پست پیشتاز", "en": "Express post"}[language],
        tracking_code="210450000140500000012345",
        lines=lines,
    )


def _payment(state: PaymentState) -> SimpleNamespace:
    return SimpleNamespace(
        state=state,
        amount_rials=8_550_000,
        gateway_payment_id="4000123456",
        tracking_number="140509090012",
        payer_card="603799******7893",
    )


def _refund(method: RefundMethod) -> SimpleNamespace:
    return SimpleNamespace(amount_rials=1_000_000, method=method)
