"""The merchant of a storm, who returns money of orders that were paid at PPG v3.

A process of its own, which is killed as the others are: `python -m drills.refunder SEED PERCENT`.
What is asked for an order follows from the seed and the order's number, so that a process that was
killed and started again goes on where it was.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from random import Random

from sqlalchemy import select

from payment_engine import NotRefundable, PaymentState, Refund, RefundState
from payment_engine import Payment as EnginePayment
from storefront import create_app
from storefront.core import availability
from storefront.core.database import db, end_reading
from storefront.core.services import current_services
from storefront.orders.payments import Payment

PAUSE = 0.5  # seconds between two looks at what was paid
WHOLE, HALF, TWO_HALVES = "whole", "half", "two halves"
WISHES = {WHOLE: 5, HALF: 3, TWO_HALVES: 2}  # how often in ten


def wish_of(seed: int, number: str, percent: int) -> str | None:
    """Return what is to go back of an order; of ``percent`` of them something is."""
    chance = Random(f"{seed}/refund/{number}")  # noqa: S311 - repeatable is the point
    wanted = chance.random() * 100 < percent
    return chance.choices(list(WISHES), list(WISHES.values()))[0] if wanted else None


def next_amount(wish: str, amount_rials: int, refunds: list[Refund]) -> int | None:
    """Return how much to ask for now, after these refunds; None for nothing, or not yet."""
    if any(not each.is_final for each in refunds):
        return None
    back = sum(each.amount_rials for each in refunds if each.state is RefundState.DONE)
    half = amount_rials // 2
    rest = (half if wish == HALF else amount_rials) - back
    if wish == TWO_HALVES and not back:
        rest = half
    return rest or None


def main(seed: int, percent: int) -> None:
    """Ask for refunds until killed."""
    app = create_app()
    while True:
        with app.app_context(), suppress(*availability.KINDS):  # the database is away at times
            for reference, amount in _wanted(seed, percent):
                with suppress(NotRefundable):  # the worker was faster, or another one is under way
                    current_services().engine.refund(reference, amount, reason="storm", by="storm")
        time.sleep(PAUSE)


def _wanted(seed: int, percent: int) -> Iterator[tuple[str, int]]:
    engine = current_services().engine
    captured = select(Payment.order_key, Payment.id).where(
        Payment.gateway == "ppg_v3",
        Payment.state.in_((PaymentState.PAID, PaymentState.RETURNED)),
        Payment.refunded_rials < Payment.amount_rials,
    )
    found = db.session.execute(captured).all()
    end_reading()
    for number, payment_id in found:
        payment = next(each for each in engine.payments_of(number) if each.id == payment_id)
        refunds = [each for each in engine.refunds_of(number) if each.payment_id == payment_id]
        if amount := _amount(payment, refunds, wish_of(seed, number, percent)):
            yield payment.reference, amount


def _amount(payment: EnginePayment, refunds: list[Refund], wish: str | None) -> int | None:
    """Return how much to ask for; the back office asks the merchant to repeat what failed."""
    if payment.state is PaymentState.RETURNED:
        failed = refunds and refunds[-1].state is RefundState.FAILED
        return refunds[-1].amount_rials if failed else None
    return next_amount(wish, payment.amount_rials, refunds) if wish else None


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
