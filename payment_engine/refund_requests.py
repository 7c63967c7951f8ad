"""Take what a person asks about refunds: order one, confirm, cancel, or note what was done by hand.

One refund of a payment is unfinished at a time, so that what the gateway lists can be told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from payment_engine.bounds import LONGEST_PERSON, LONGEST_REASON, is_name
from payment_engine.events import Actor, Event
from payment_engine.payment import Payment
from payment_engine.refund import COUNTS, ENDED, Refund, RefundMethod, RefundState
from payment_engine.refund_moves import move_refund, open_refund, tell_refund
from payment_engine.refunding import advance, begin
from payment_engine.services import Services
from payment_engine.states import PaymentState
from payment_engine.store import UnitOfWork, UnknownReference

AlongsideRefund = Callable[[Any, Refund], None]
"""Runs in the transaction that saves the intent, with its session and the refund."""
REFUNDABLE = (PaymentState.PAID, PaymentState.RETURNED)


class NotRefundable(Exception):
    """Raised when a refund cannot be made. Nothing was sent.

    Attributes:
        why: one of :class:`Why`.
    """

    def __init__(self, why: Why, reason: str) -> None:
        self.why = why
        super().__init__(reason)


class Why(StrEnum):
    """List why a refund cannot be made."""

    NOT_PAID = "not_paid"
    NOTHING_LEFT = "nothing_left"
    TOO_MUCH = "too_much"
    ANOTHER_UNDER_WAY = "another_under_way"
    GATEWAY_CANNOT = "gateway_cannot"
    NOT_WAITING = "not_waiting"
    UNDER_WAY = "under_way"
    OVER = "over"


def request(
    services: Services,
    reference: str,
    amount_rials: int | None,
    *,
    reason: str,
    by: str,
    cancellable: bool,
    alongside: AlongsideRefund | None,
) -> Refund:
    """Order a refund, and send it; see :meth:`PaymentEngine.refund
    <payment_engine.engine.PaymentEngine.refund>`."""
    _check_words(reason, by)
    found = _payment(services, reference)
    gateway = services.gateways.get(found.gateway)
    if gateway is None or not (gateway.can_refund or gateway.can_reverse):
        raise NotRefundable(Why.GATEWAY_CANNOT, f"{found.gateway} has no refunds")
    with services.store.transaction() as work:
        payment, amount = _checked(work, found, amount_rials)
        if amount != payment.amount_rials and not gateway.can_refund:
            raise NotRefundable(Why.GATEWAY_CANNOT, f"{found.gateway} returns whole payments only")
        refund = open_refund(
            services,
            work,
            payment,
            amount,
            reason=reason,
            by=by,
            actor=Actor.OPERATOR,
            cancellable=cancellable,
        )
        if alongside is not None:
            alongside(work.session, refund)
    return begin(services, refund.id, Actor.OPERATOR)


def note_by_hand(
    services: Services,
    reference: str,
    amount_rials: int | None,
    *,
    reason: str,
    by: str,
    alongside: AlongsideRefund | None,
) -> Refund:
    """Record that money went back outside of the engine; see :meth:`PaymentEngine.note_refund
    <payment_engine.engine.PaymentEngine.note_refund>`."""
    _check_words(reason, by)
    found = _payment(services, reference)
    with services.store.transaction() as work:
        payment, amount = _checked(work, found, amount_rials)
        refund = record_by_hand(services, work, payment, amount, reason=reason, by=by)
        if alongside is not None:
            alongside(work.session, refund)
    return refund


def record_by_hand(
    services: Services, work: UnitOfWork, payment: Payment, amount: int, *, reason: str, by: str
) -> Refund:
    """Add a refund of a locked payment that a person has made, and move it to done."""
    refund = open_refund(
        services,
        work,
        payment,
        amount,
        reason=reason,
        by=by,
        actor=Actor.OPERATOR,
        method=RefundMethod.BY_HAND,
    )
    move_refund(services, work, refund, RefundState.DONE, Actor.OPERATOR)
    return refund


def confirm(services: Services, refund_id: int, by: str) -> Refund:
    """Confirm a refund that waits for it; see :meth:`PaymentEngine.confirm_refund
    <payment_engine.engine.PaymentEngine.confirm_refund>`."""
    refund, gateway_id = _waiting(services, refund_id)
    services.gateways[refund.gateway].confirm_refund(gateway_id, refund.gateway_refund_id)
    return _after(services, refund, by, "confirmed")


def cancel(services: Services, refund_id: int, by: str) -> Refund:
    """Cancel a refund that has not begun; see :meth:`PaymentEngine.cancel_refund
    <payment_engine.engine.PaymentEngine.cancel_refund>`."""
    refund, gateway_id = _waiting(services, refund_id)
    services.gateways[refund.gateway].cancel_refund(gateway_id, refund.gateway_refund_id)
    return _after(services, refund, by, "cancelled")


def resolve(
    services: Services, refund_id: int, state: RefundState, *, reason: str, by: str
) -> Refund:
    """End a refund by a person's decision; see :meth:`PaymentEngine.resolve_refund
    <payment_engine.engine.PaymentEngine.resolve_refund>`."""
    if state not in ENDED:
        raise ValueError(f"a decision is one of {', '.join(sorted(ENDED))}, not {state}")
    _check_words(reason, by)
    order_key = _asked(services, refund_id).order_key
    with services.store.transaction() as work:
        work.lock_group(order_key)
        refund = work.refund(refund_id)
        _check_undecided(services, refund)
        move_refund(services, work, refund, state, Actor.OPERATOR)
        said = {"reason": reason, "by": by, "state": state}
        tell_refund(work, refund, services.clock(), Actor.OPERATOR, Event.REFUND_RESOLVED, **said)
    return refund


def rest_of(work: UnitOfWork, payment: Payment) -> int:
    """Return the Rials of a payment that have not gone back and are not on their way."""
    return left_of(payment, work.refunds_of(payment.id))


def left_of(payment: Payment, refunds: Sequence[Refund]) -> int:
    """Return what :func:`rest_of` does; ``refunds`` are all those of the payment."""
    gone = sum(each.amount_rials for each in refunds if each.state in COUNTS)
    # What could not be kept may have been paid with another amount than was asked for.
    whole = max([payment.amount_rials, *(each.amount_rials for each in refunds if each.automatic)])
    return whole - gone


def _checked(work: UnitOfWork, found: Payment, amount_rials: int | None) -> tuple[Payment, int]:
    """Lock the payment; return it and the amount. Raises NotRefundable or ValueError."""
    work.lock_group(found.order_key)
    payment = work.by_id(found.id)
    if payment.state not in REFUNDABLE:
        raise NotRefundable(Why.NOT_PAID, f"payment {payment.reference} is {payment.state}")
    if any(not each.is_final for each in work.refunds_of(payment.id)):
        raise NotRefundable(Why.ANOTHER_UNDER_WAY, "another refund of this payment is under way")
    rest = rest_of(work, payment)
    if rest <= 0:
        raise NotRefundable(Why.NOTHING_LEFT, "all of this payment has gone back already")
    amount = rest if amount_rials is None else amount_rials
    if type(amount) is not int or amount <= 0:
        raise ValueError("amount_rials is not a positive integer")
    if amount > rest:
        raise NotRefundable(Why.TOO_MUCH, f"{rest} Rials of this payment are left, not {amount}")
    return payment, amount


def _payment(services: Services, reference: str) -> Payment:
    services.store.check_idle()
    with services.store.reading() as work:
        found = work.by_reference(reference)
    if found is None:
        raise UnknownReference(reference)
    return found


def _check_words(reason: str, by: str) -> None:
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise ValueError(f"a reason of 1 to {LONGEST_REASON} characters is needed")
    if not is_name(by, LONGEST_PERSON) or not by.strip():
        raise ValueError(f"who asks is a text of 1 to {LONGEST_PERSON} characters")


def _check_undecided(services: Services, refund: Refund) -> None:
    """Raise NotRefundable where a rule or the gateway still decides: else money goes back twice."""
    how = _how_it_is(refund)
    if refund.is_final:
        raise NotRefundable(Why.OVER, how)
    if refund.state is RefundState.REQUESTED or refund.gateway not in services.gateways:
        return  # it is not sent any more, or nobody can ask about it any more
    if refund.state is not RefundState.IN_DOUBT:
        raise NotRefundable(Why.UNDER_WAY, f"{how}: the gateway ends it; cancel it while it waits")
    until = (refund.sent_at or refund.requested_at) + services.policy.refund_settles_after
    if services.clock() < until:
        why = f"{how}: it may still reach the gateway, which is asked until {until:%H:%M} UTC"
        raise NotRefundable(Why.UNDER_WAY, why)


def _asked(services: Services, refund_id: int) -> Refund:
    """Ask the gateway how a refund stands now, unless it is still to be sent or over."""
    services.store.check_idle()
    with services.store.reading() as work:
        refund = work.refund(refund_id)
    if refund.state is RefundState.REQUESTED or refund.is_final:
        return refund
    return advance(services, refund_id, Actor.OPERATOR)


def _how_it_is(refund: Refund) -> str:
    said = f"; the gateway says {refund.said}" if refund.said else ""
    return f"refund {refund.id} is {refund.state.value.replace('_', ' ')}{said}"


def _waiting(services: Services, refund_id: int) -> tuple[Refund, str]:
    """Return a refund that waits now, and the gateway's id of its payment."""
    refund = _asked(services, refund_id)
    with services.store.reading() as work:
        payment = work.by_id(refund.payment_id)
    if refund.state is not RefundState.WAITING or refund.gateway not in services.gateways:
        raise NotRefundable(Why.NOT_WAITING, f"{_how_it_is(refund)}, so it does not wait")
    return refund, str(payment.gateway_payment_id)


def _after(services: Services, refund: Refund, by: str, what: str) -> Refund:
    """Note who acted, and ask the gateway how the refund stands now."""
    with services.store.transaction() as work:
        work.lock_group(refund.order_key)
        locked = work.refund(refund.id)
        said = {"reason": what, "by": by}
        tell_refund(work, locked, services.clock(), Actor.OPERATOR, Event.REFUND_RESOLVED, **said)
    return advance(services, refund.id, Actor.OPERATOR)
