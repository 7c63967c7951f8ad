"""Open refunds and move them, with all that follows from it, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from payment_engine.events import Actor, Event
from payment_engine.gateway import Gateway
from payment_engine.payment import Payment
from payment_engine.refund import COUNTS, Refund, RefundMethod, RefundState
from payment_engine.services import Services
from payment_engine.store import LONGEST_AHEAD, UnitOfWork, event_about

BY_STATE = {
    RefundState.IN_PROGRESS: Event.REFUND_IN_PROGRESS,
    RefundState.WAITING: Event.REFUND_WAITING,
    RefundState.DONE: Event.REFUND_DONE,
    RefundState.FAILED: Event.REFUND_FAILED,
    RefundState.CANCELLED: Event.REFUND_CANCELLED,
}
AUTOMATIC = "payment_engine"  #: who has asked for what the engine returns by itself


def open_refund(
    services: Services,
    work: UnitOfWork,
    payment: Payment,
    amount_rials: int,
    *,
    reason: str,
    by: str,
    actor: Actor,
    cancellable: bool = False,
    method: RefundMethod | None = None,
) -> Refund:
    """Save the intent to return money of a locked payment; nothing is sent yet.

    Recovery sends it at once if it is automatic. Else the caller does, and recovery when that has
    had its time.
    """
    now, automatic = services.clock(), by == AUTOMATIC
    refund = Refund(
        payment_id=payment.id,
        order_key=payment.order_key,
        gateway=payment.gateway,
        amount_rials=amount_rials,
        method=method
        or method_for(
            services.gateways[payment.gateway],
            payment,
            work.refunds_of(payment.id),
            amount_rials,
            cancellable=cancellable,
        ),
        automatic=automatic,
        reason=reason,
        requested_by=by,
        requested_at=now,
        cancellable=cancellable,
        next_check_at=now if automatic else now + services.policy.patience,
    )
    work.add_refund(refund)
    facts = {**_about(refund), "reason": reason, "by": by}
    work.append(event_about(payment, now, actor, Event.REFUND_REQUESTED, **facts))
    return refund


def method_for(
    gateway: Gateway,
    payment: Payment,
    refunds: Sequence[Refund],
    amount_rials: int,
    *,
    cancellable: bool,
) -> RefundMethod:
    """Return how money of a payment would go back; ``refunds`` are those that it has.

    Reverse what goes back whole, if nothing was refunded before: a reversal has no fee.
    """
    is_first = not any(each.state in COUNTS for each in refunds)
    whole = amount_rials == payment.amount_rials
    if gateway.can_reverse and is_first and whole and not cancellable:
        return RefundMethod.REVERSE
    return RefundMethod.REFUND if gateway.can_refund else RefundMethod.REVERSE


def move_refund(
    services: Services,
    work: UnitOfWork,
    refund: Refund,
    state: RefundState,
    actor: Actor,
    **facts: Any,
) -> None:
    """Move a locked refund, save it and append to the history; run the hook if it is done.

    Raises what the hook raises.
    """
    now, moved = services.clock(), refund.state is not state
    refund.move(state, now)
    refund.next_check_at = next_check(services, refund, now)
    refund.failures, refund.last_failure = 0, None
    work.save_refund(refund)
    if not moved:
        return
    payment = work.by_id(refund.payment_id)
    if state is RefundState.DONE:
        payment.refunded_rials += refund.amount_rials
        work.save(payment)
        services.hooks.on_refunded(work.session, payment, refund)
    if state in BY_STATE:
        work.append(event_about(payment, now, actor, BY_STATE[state], **_about(refund), **facts))


def tell_refund(
    work: UnitOfWork, refund: Refund, now: datetime, actor: Actor, event: Event, **facts: Any
) -> None:
    """Append to the payment's history what happened to its refund."""
    payment = work.by_id(refund.payment_id)
    work.append(event_about(payment, now, actor, event, **_about(refund), **facts))


def _about(refund: Refund) -> dict[str, Any]:
    facts = {
        "refund": refund.id,
        "amount_rials": refund.amount_rials,
        "method": refund.method.value,
        "gateway_refund_id": refund.gateway_refund_id,
        "said": refund.said,
    }
    return {name: value for name, value in facts.items() if value is not None}


def next_check(services: Services, refund: Refund, now: datetime) -> datetime:
    """Return when to go on with a refund: ever later, since a bank takes hours."""
    age = max(now - refund.requested_at, timedelta())
    return now + max(services.policy.recover_after, min(age / 4, LONGEST_AHEAD))
