"""Let an operator decide about a payment that no rule can decide."""

from __future__ import annotations

from datetime import datetime

from payment_engine.bounds import LONGEST_REASON
from payment_engine.events import Actor, Event
from payment_engine.gateway_evidence import GatewayEvidence
from payment_engine.payment import Payment, apply_transition
from payment_engine.recording import HookFailed, move
from payment_engine.services import Services
from payment_engine.states import ImpossibleTransition, PaymentState
from payment_engine.store import UnitOfWork, UnknownReference, event_about

EVENTS = {
    PaymentState.PAID: Event.RESOLVED_AS_PAID,
    PaymentState.FAILED: Event.RESOLVED_AS_FAILED,
    PaymentState.EXPIRED: Event.RESOLVED_AS_EXPIRED,
    PaymentState.RETURNED: Event.RESOLVED_AS_RETURNED,
}


def resolve(
    services: Services,
    reference: str,
    state: PaymentState,
    reason: str,
    *,
    by: str,
    run_hooks: bool,
) -> Payment:
    """Move a payment that is not final to a final state.

    See :meth:`PaymentEngine.resolve <payment_engine.engine.PaymentEngine.resolve>`, which documents
    what is raised.
    """
    if state not in EVENTS:
        raise ValueError(f"a decision is one of {', '.join(EVENTS)}, not {state}")
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise ValueError(f"a reason of 1 to {LONGEST_REASON} characters is needed")
    services.store.check_idle()
    with services.store.reading() as work:
        found = work.by_reference(reference)
    if found is None:
        raise UnknownReference(reference)
    now = services.clock()
    with services.store.transaction() as work:
        work.lock_group(found.order_key)
        payment = work.by_id(found.id)
        _check(services, work, payment, now)
        _review(work, payment, now)
        if state is PaymentState.PAID:
            _give_claim(work, payment)
        payment.money_seen = False  # a person's word is no evidence of what the gateway does
        _move(services, work, payment, state, now, run_hooks=run_hooks)
        work.save(payment)
        said = event_about(payment, now, Actor.OPERATOR, EVENTS[state], reason=reason, by=by)
        work.append(said)
    return payment


def _move(
    services: Services,
    work: UnitOfWork,
    payment: Payment,
    state: PaymentState,
    now: datetime,
    *,
    run_hooks: bool,
) -> None:
    """Move the payment; raise what a hook raises, so that the operator sees it."""
    try:
        move(services, work, payment, state, GatewayEvidence(), now, run_hooks=run_hooks)
    except HookFailed as error:
        raise (error.__cause__ or error) from None


def _check(services: Services, work: UnitOfWork, payment: Payment, now: datetime) -> None:
    """Refuse for a final payment, and while an answer may come that captures the money."""
    if payment.is_final:
        raise ImpossibleTransition(f"payment {payment.reference} is {payment.state}: that is final")
    sent_at = work.last_event_at(payment, Event.CLAIMED)
    if payment.state is not PaymentState.VERIFYING or sent_at is None:
        return
    if abs(now - sent_at) < services.policy.patience:
        seconds = services.policy.patience.total_seconds()
        raise ImpossibleTransition(
            f"payment {payment.reference} is being verified: try again in {seconds:.0f} s"
        )


def _review(work: UnitOfWork, payment: Payment, now: datetime) -> None:
    """Move through review, as the table of transitions has it, whatever the payment was before."""
    if payment.state is not PaymentState.NEEDS_REVIEW:
        apply_transition(payment, PaymentState.NEEDS_REVIEW, now)
        work.append(event_about(payment, now, Actor.OPERATOR, Event.NEEDS_REVIEW))
        work.save(payment)


def _give_claim(work: UnitOfWork, payment: Payment) -> None:
    attempts = work.of_order(payment.order_key)
    rivals = [each for each in attempts if each.claimed and each.id != payment.id]
    if rivals:
        other = f"payment {rivals[0].reference} ({rivals[0].state}) has the order's claim"
        raise ImpossibleTransition(f"payment {payment.reference}: {other}")
    payment.claimed = True
