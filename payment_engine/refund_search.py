"""Find out what became of a refund that was sent, and whether it must be sent again.

An unanswered transfer is looked up, and ordered again only when the gateway has kept saying for
``policy.refund_settles_after`` that it has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from payment_engine.events import Actor, Event
from payment_engine.gateway import CAPTURED, InquiryStatus, RefundSeen
from payment_engine.payment import Payment
from payment_engine.refund import Refund, RefundState
from payment_engine.refund_answers import end_refund, locked_refund, not_captured, record_answer
from payment_engine.refund_moves import move_refund, tell_refund
from payment_engine.refund_sending import inquire, order
from payment_engine.services import Services

MOST_SENT = 5  #: an order for a transfer that never arrives so often needs a person


def look_for_reversal(services: Services, payment: Payment, refund: Refund, actor: Actor) -> None:
    """Ask what became of an unanswered reversal, and send it again if nothing did."""
    asked_at = services.clock()
    seen = inquire(services, payment, refund, actor)
    if seen is None:
        return
    if seen.status is InquiryStatus.REVERSED:
        end_refund(services, refund.id, RefundState.DONE, actor, None, said=seen.said)
        return
    if seen.status not in CAPTURED:
        not_captured(services, refund.id, seen.said)
        return
    if refund.sent_at is None or services.clock() - refund.sent_at < services.policy.patience:
        return  # another process may be waiting for the answer
    with services.store.transaction() as work:
        locked = locked_refund(work, refund.id)
        if locked.state is not RefundState.IN_DOUBT:
            return
        locked.absent_since = locked.absent_since or asked_at
        move_refund(services, work, locked, RefundState.REQUESTED, actor)
    order(services, payment, refund.id, actor)


def look_for_transfer(services: Services, payment: Payment, refund: Refund, actor: Actor) -> None:
    """Look for a transfer in what the gateway lists; record what became of it, or its absence."""
    asked_at = services.clock()
    seen = services.gateways[refund.gateway].refunds_of(str(payment.gateway_payment_id))
    with services.store.reading() as work:
        siblings = work.refunds_of(payment.id)
    mine = _mine(refund, siblings, seen)
    if mine is not None:
        record_answer(services, refund.id, mine, actor)
    elif refund.state is RefundState.IN_DOUBT:
        _note_absence(services, refund.id, asked_at, actor)


def _mine(
    refund: Refund, siblings: Sequence[Refund], seen: Sequence[RefundSeen]
) -> RefundSeen | None:
    """Return the refund of the gateway's that is ours: by its id, else the one nobody else is.

    There is one unfinished refund of a payment at a time, so that what no other row names and has
    the same amount is it.
    """
    if refund.gateway_refund_id is not None:
        return next(
            (each for each in seen if each.gateway_refund_id == refund.gateway_refund_id), None
        )
    named = {each.gateway_refund_id for each in siblings if each.gateway_refund_id}
    unnamed = [
        each
        for each in seen
        if each.gateway_refund_id not in named and each.amount_rials == refund.amount_rials
    ]
    return unnamed[-1] if unnamed else None


def _note_absence(services: Services, refund_id: int, asked_at: datetime, actor: Actor) -> None:
    """Send an unanswered refund again once it has certainly not arrived."""
    policy = services.policy
    with services.store.transaction() as work:
        refund = locked_refund(work, refund_id)
        if refund.state is not RefundState.IN_DOUBT or refund.sent_at is None:
            return
        absent_since = refund.absent_since or asked_at
        refund.absent_since = max(absent_since, refund.sent_at + policy.patience)
        state: RefundState = RefundState.IN_DOUBT
        if asked_at - refund.absent_since >= policy.refund_settles_after:
            again = refund.times_sent < MOST_SENT
            state = RefundState.REQUESTED if again else RefundState.FAILED
            tell_refund(work, refund, services.clock(), actor, Event.REFUND_NEVER_ARRIVED)
        move_refund(services, work, refund, state, actor)
