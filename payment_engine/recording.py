"""Record what the gateway said, together with all that follows from it, in one commit."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from payment_engine import evidence
from payment_engine.bounds import LONGEST_CODE
from payment_engine.decision import DOUBT_LIMIT, closes_review, decide
from payment_engine.events import Actor, Event
from payment_engine.gateway_evidence import GatewayEvidence
from payment_engine.pacing import LONGEST_GAP, next_check, next_try
from payment_engine.payment import Payment, apply_transition
from payment_engine.refund_moves import AUTOMATIC, open_refund
from payment_engine.row_queue import FAILED
from payment_engine.services import Services
from payment_engine.states import CAPTURABLE, FINAL, PaymentState
from payment_engine.store import Conflict, Hooks, UnitOfWork, event_about

logger = logging.getLogger(__name__)

BUSY = "busy"  # counts in a tally what has to wait for its next turn

BY_STATE = {
    PaymentState.AWAITING_PAYER: Event.STILL_AWAITING_PAYER,
    PaymentState.VERIFYING: Event.STILL_VERIFYING,
    PaymentState.IN_DOUBT: Event.IN_DOUBT,
    PaymentState.NEEDS_REVIEW: Event.NEEDS_REVIEW,
    PaymentState.PAID: Event.PAID,
    PaymentState.FAILED: Event.FAILED,
    PaymentState.EXPIRED: Event.EXPIRED,
    PaymentState.RETURNED: Event.RETURNED,
}


class HookFailed(Exception):
    """Raised when a hook of the application raised; its error is the cause."""


def record(services: Services, asked: Payment, seen: GatewayEvidence, actor: Actor) -> Payment:
    """Record the evidence and move the payment; return it.

    What cannot be recorded for its contents needs a person. Raises for a database that cannot serve
    now, and for another writer who was faster: then whoever asks next records the outcome.
    """
    try:
        return _record(services, asked, seen, actor)
    except HookFailed as error:
        logger.exception("a hook failed for payment %s", asked.reference, exc_info=error.__cause__)
        return _record_answer_alone(services, asked, seen, actor, error)
    except Exception as error:
        if is_temporary(services, error):
            raise
        # The error's text holds what it was about: only its kind is written down.
        kind = type(error).__name__
        logger.error("payment %s cannot be recorded: %s", asked.reference, kind)  # noqa: TRY400
    return _leave_to_a_person(services, asked, actor)


def _record(services: Services, asked: Payment, seen: GatewayEvidence, actor: Actor) -> Payment:
    now, facts = services.clock(), seen.facts()
    with services.store.transaction() as work:
        work.lock_group(asked.order_key)
        payment = work.by_id(asked.id)
        if seen.verified and seen.verification_answered:
            payment.verifications_answered += 1
        state = _judge(services, work, payment, seen, now)
        if seen.odd_fields:
            work.append(event_about(payment, now, actor, Event.ODD_ANSWER, fields=seen.odd_fields))
        if payment.is_final:
            said = PaymentState.PAID if seen.captured else state  # whoever has the claim
            _note_contradiction(work, payment, said, now, actor, facts)
        elif payment.state is PaymentState.NEEDS_REVIEW and not closes_review(payment, state, seen):
            payment.next_check_at = next_check(services.policy, payment, seen, now)
            payment.failures, payment.last_failure = 0, None
        else:
            move(services, work, payment, state, seen, now)
            work.append(event_about(payment, now, actor, BY_STATE[payment.state], **facts))
            if seen.unwanted and payment.state is PaymentState.RETURNED:
                _have_returned(services, work, payment, seen, actor)
        work.save(payment)
    return payment


def _have_returned(
    services: Services,
    work: UnitOfWork,
    payment: Payment,
    seen: GatewayEvidence,
    actor: Actor,
) -> None:
    """Order the return of what the gateway has captured and the order cannot keep."""
    amount = seen.inquiry.amount_rials if seen.inquiry else payment.amount_rials
    why = f"captured by the gateway: {', '.join(seen.mismatches) or 'the order cannot take it'}"
    open_refund(services, work, payment, amount, reason=why, by=AUTOMATIC, actor=actor)


def _judge(
    services: Services, work: UnitOfWork, payment: Payment, seen: GatewayEvidence, now: datetime
) -> PaymentState:
    """Return where the payment stands, with the evidence that this answer has added."""
    settle_after, asked_at = services.policy.settle_after, seen.asked_at or now
    evidence.note_absence(payment, seen, asked_at)
    if seen.inquiry and not seen.mismatches:
        evidence.note(payment, seen.inquiry, asked_at, settle_after)
    elif seen.inquiry:
        evidence.note_failure(payment, seen.inquiry, asked_at)

    def expiry_has_run(since: datetime, until: datetime) -> bool:
        return work.expiry_has_run(payment, since, until)

    settled = evidence.is_settled(payment, asked_at, settle_after, expiry_has_run)
    return decide(payment, seen, now, settled=settled)


def move(
    services: Services,
    work: UnitOfWork,
    payment: Payment,
    state: PaymentState,
    seen: GatewayEvidence,
    now: datetime,
    *,
    run_hooks: bool = True,
) -> None:
    """Move a locked payment and run the hook of its new state; the caller saves and commits.

    Raises HookFailed.
    """
    moved, had_claim = payment.state is not state, payment.claimed
    apply_transition(payment, state, now)
    if had_claim and not payment.claimed and not payment.money_seen:
        _let_rivals_follow(work, payment, now)
    payment.next_check_at = next_check(services.policy, payment, seen, now)
    if seen.inquiry and seen.inquiry.payer_card:
        payment.payer_card = seen.inquiry.payer_card
    payment.tracking_number = seen.tracking_number or payment.tracking_number
    if moved and run_hooks:
        _run_hook(services, work, payment)
    payment.failures, payment.last_failure = 0, None


def _let_rivals_follow(work: UnitOfWork, payment: Payment, now: datetime) -> None:
    """Bring forward the next check of paid payments that had to wait for this one's claim.

    Their window may end before their turn. Call it only for a payment that was not seen paid: two
    that were would bring each other forward for ever.
    """
    for rival in work.of_order(payment.order_key):
        if rival.id != payment.id and rival.money_seen and rival.state in CAPTURABLE:
            work.take(rival, min(now, rival.next_check_at))


def _hook_of(hooks: Hooks, state: PaymentState) -> Callable[[Any, Payment], None] | None:
    by_state = {
        PaymentState.PAID: hooks.on_paid,
        PaymentState.FAILED: hooks.on_failed,
        PaymentState.EXPIRED: hooks.on_expired,
        PaymentState.RETURNED: hooks.on_returned,
    }
    return by_state.get(state)


def _run_hook(services: Services, work: UnitOfWork, payment: Payment) -> None:
    hook = _hook_of(services.hooks, payment.state)
    if hook is None:
        return
    try:
        hook(work.session, payment)
    except Exception as error:
        if services.store.is_temporary(error):
            raise
        raise HookFailed(type(error).__name__) from error


def _record_answer_alone(
    services: Services, asked: Payment, seen: GatewayEvidence, actor: Actor, error: HookFailed
) -> Payment:
    """Keep what the gateway said without the move, which recovery tries again with its hook."""
    now = services.clock()
    with services.store.transaction() as work:
        work.lock_group(asked.order_key)
        payment = work.by_id(asked.id)
        if payment.is_final:
            return payment
        if seen.verified and seen.verification_answered:
            payment.verifications_answered += 1
        if seen.captured:
            payment.captured_at = payment.captured_at or now
        _note_failure(services, payment, str(error), now)
        facts = {**seen.facts(), "hook_error": str(error)}
        work.append(event_about(payment, now, actor, Event.HOOK_FAILED, **facts))
        if payment.state in CAPTURABLE:
            _give_up_when_old(work, payment, now, actor)
        work.save(payment)
    return payment


def _note_failure(services: Services, payment: Payment, reason: str, now: datetime) -> None:
    payment.failures += 1
    payment.last_failure = reason[:LONGEST_CODE]
    payment.next_check_at = next_try(services.policy, payment, now)


def _give_up_when_old(work: UnitOfWork, payment: Payment, now: datetime, actor: Actor) -> None:
    """Leave a payment to a person that could not be moved for as long as a doubt may last."""
    if now - payment.created_at > DOUBT_LIMIT:
        apply_transition(payment, PaymentState.NEEDS_REVIEW, now)
        work.append(event_about(payment, now, actor, Event.NEEDS_REVIEW))


def is_temporary(services: Services, error: Exception) -> bool:
    """Return whether the database cannot serve now, or another writer was faster."""
    return services.store.is_temporary(error) or isinstance(error, Conflict)


def set_aside(services: Services, payment_id: int, error: Exception) -> str:
    """Count that recovery raised for a payment, and try again later; a person decides in the end.

    Returns a word for the tally. What the database could not do now, or another writer did faster,
    counts as no failure: the payment's turn comes when its lease ends.
    """
    if is_temporary(services, error):
        return BUSY
    reason = str(error) if isinstance(error, HookFailed) else type(error).__name__
    now = services.clock()
    try:
        with services.store.reading() as work:
            order_key = work.by_id(payment_id).order_key
    except Exception as unreadable:  # noqa: BLE001 - by hand or by a bad disk, anything is written
        if services.store.is_temporary(unreadable):
            return BUSY
        with services.store.transaction() as work:
            work.count_failure(payment_id, reason[:LONGEST_CODE])
        return FAILED
    with services.store.transaction() as work:
        work.lock_group(order_key)
        payment = work.by_id(payment_id)
        if not payment.is_final:
            _note_failure(services, payment, reason, now)
            if payment.state is not PaymentState.NEEDS_REVIEW:
                _give_up_when_old(work, payment, now, Actor.WORKER)
            work.save(payment)
    return FAILED


def _leave_to_a_person(services: Services, asked: Payment, actor: Actor) -> Payment:
    """Move a payment whose outcome cannot be recorded to review, storing nothing of the text."""
    now = services.clock()
    with services.store.transaction() as work:
        work.lock_group(asked.order_key)
        payment = work.by_id(asked.id)
        if payment.is_final:
            return payment
        payment.next_check_at = now + LONGEST_GAP
        if payment.state is not PaymentState.NEEDS_REVIEW:
            apply_transition(payment, PaymentState.NEEDS_REVIEW, now)
            said = event_about(payment, now, actor, Event.NEEDS_REVIEW, unrecordable=True)
            work.append(said)
        work.save(payment)
    return payment


def _note_contradiction(
    work: UnitOfWork,
    payment: Payment,
    said: PaymentState,
    now: datetime,
    actor: Actor,
    facts: dict[str, Any],
) -> None:
    """Keep beside a final state, which never moves, that the gateway now says otherwise."""
    if said in FINAL and said is not payment.state:
        facts = {"now_said_to_be": said, **facts}
        work.append(event_about(payment, now, actor, Event.CONTRADICTION, **facts))
