"""Complete payments: ask the gateway, capture, record the outcome.

Callback, worker and page all call :func:`complete`. It believes only what the gateway answers to
us: first an inquiry, compared with what we asked for, then the claim, then the verification that
captures the money. Before each call the intent is committed, after it the outcome.
"""

from __future__ import annotations

import logging
import math
from dataclasses import replace
from enum import Enum, auto

from payment_engine.decision import may_be_kept, mismatches_of, should_verify
from payment_engine.errors import GatewayError, NotExecuted, NotSent
from payment_engine.events import Actor, Event
from payment_engine.gateway import Verification, VerificationStatus
from payment_engine.gateway_evidence import GatewayEvidence
from payment_engine.pacing import take_turn
from payment_engine.payment import Payment, apply_transition
from payment_engine.recording import record
from payment_engine.resilience import GatewayUnavailable
from payment_engine.services import Services
from payment_engine.states import ASKABLE, CAPTURABLE, PaymentState
from payment_engine.store import UnitOfWork, event_about

logger = logging.getLogger(__name__)

CLEAR_ANSWERS = (VerificationStatus.SUCCESSFUL, VerificationStatus.FAILED)


class _MayNotCapture(Exception):
    """The application does not want this money: rolls back what its hook has written.

    ``for_certain``: it said so; else its hook has failed, and may say otherwise next time.
    """

    def __init__(self, *, for_certain: bool) -> None:
        super().__init__()
        self.for_certain = for_certain


class _Claim(Enum):
    """How it ended that a payment was to be the only one of its order that may be captured."""

    TAKEN = auto()
    RIVAL_OPEN = auto()  # another payment of the order has it now, and may lose it again
    REFUSED = auto()  # another one is captured, or the application does not want the money
    NOT_NOW = auto()


def complete(
    services: Services,
    payment_id: int,
    *,
    actor: Actor,
    language: str = "fa",
    insist: bool = False,
) -> PaymentState:
    """Ask the gateway about a payment, capture it if it may be captured, record the outcome.

    See :meth:`PaymentEngine.complete
    <payment_engine.engine.PaymentEngine.complete>`.
    """
    services.store.check_idle()
    with services.store.reading() as work:
        payment = work.by_id(payment_id)
    if actor is Actor.PAYER and is_askable(payment) and not _takes_turn(services, payment):
        if insist:
            pause = math.ceil(services.policy.ask_again_after.total_seconds())
            raise GatewayUnavailable("the gateway was asked a moment ago", retry_after=pause)
        return payment.state
    return ask(services, payment, actor, language, insist=insist).state


def is_askable(payment: Payment) -> bool:
    """Return whether there is something to ask the gateway, or to carry out that it has said."""
    return payment.state in ASKABLE and payment.gateway_payment_id is not None


def _takes_turn(services: Services, asked: Payment) -> bool:
    with services.store.transaction() as work:
        work.lock_group(asked.order_key)
        payment = work.by_id(asked.id)
        taken = take_turn(services.policy, payment, services.clock())
        work.save(payment)
    return taken


def ask(
    services: Services, payment: Payment, actor: Actor, language: str, *, insist: bool = False
) -> Payment:
    """Do what :func:`complete` does, for a caller whose questions are spaced already."""
    with services.hooks.attending(payment):
        return _attend(services, payment, actor, language, insist=insist)


def _attend(
    services: Services, payment: Payment, actor: Actor, language: str, *, insist: bool
) -> Payment:
    if payment.captured_at is not None and not payment.is_final:
        return record(services, payment, _captured_before(), actor)
    if not is_askable(payment):
        return payment
    if payment.gateway not in services.gateways:  # it was turned off with this payment open
        if insist:
            raise GatewayUnavailable("this gateway is turned off")
        return payment
    with services.bulkheads[payment.gateway].asking() as free:
        if free:
            return _ask(services, payment, actor, language)
    if insist:
        raise GatewayUnavailable("too many wait for the gateway already")
    return _leave_to_worker(services, payment, actor)


def _captured_before() -> GatewayEvidence:
    """Return the gateway's answer that was recorded although our move to paid had failed."""
    said = Verification(VerificationStatus.SUCCESSFUL, VerificationStatus.SUCCESSFUL.value)
    return GatewayEvidence(verification=said)


def _leave_to_worker(services: Services, asked: Payment, actor: Actor) -> Payment:
    """All slots are taken: the worker asks next."""
    if actor is Actor.WORKER:
        return asked
    with services.store.transaction() as work:
        work.lock_group(asked.order_key)
        payment = work.by_id(asked.id)
        payment.next_check_at = services.clock()
        work.save(payment)
    return payment


def _ask(services: Services, payment: Payment, actor: Actor, language: str) -> Payment:
    seen = _inquire(services, payment, language)
    capturable = payment.state in CAPTURABLE
    if capturable and should_verify(services.policy, payment, seen, services.clock()):
        claim = _claim(services, payment, actor)
        if claim is _Claim.TAKEN:
            seen = _verify(services, payment, seen, language)
        else:
            seen = replace(seen, rival_has_claim=claim is _Claim.RIVAL_OPEN)
    elif capturable:
        seen = _take_captured(services, payment, seen, actor, language)
    return record(services, payment, seen, actor)


def _take_captured(
    services: Services, payment: Payment, seen: GatewayEvidence, actor: Actor, language: str
) -> GatewayEvidence:
    """Claim what the gateway has captured by itself, or have it returned."""
    gateway = services.gateways[payment.gateway]
    keep = may_be_kept(gateway, payment, seen)
    if keep is None:
        return seen
    if not keep:  # no money goes back for one false answer
        first, seen = seen, _inquire(services, payment, language)
        keep = may_be_kept(gateway, payment, seen)
        if keep is None or not (keep or seen.same_price(first)):
            return replace(seen, captured_by_itself=True)
    claim = _claim(services, payment, actor, verifies=False) if keep else _Claim.REFUSED
    return replace(
        seen,
        rival_has_claim=claim is _Claim.RIVAL_OPEN,
        captured_by_itself=True,
        unwanted=claim is _Claim.REFUSED,
    )


def _inquire(services: Services, payment: Payment, language: str) -> GatewayEvidence:
    gateway, asked_at = services.gateways[payment.gateway], services.clock()
    try:
        with services.bulkheads[payment.gateway].breaker.watching():
            inquiry = gateway.inquire(str(payment.gateway_payment_id), language=language)
    except GatewayError as error:
        return GatewayEvidence(errors=(error,))
    return GatewayEvidence(inquiry, mismatches_of(payment, inquiry), asked_at=asked_at)


def _claim(services: Services, asked: Payment, actor: Actor, *, verifies: bool = True) -> _Claim:
    """Make this payment the only one of its order that may be captured, and commit that.

    ``verifies``: a verification follows.
    """
    now = services.clock()
    try:
        with services.store.transaction() as work:
            work.lock_group(asked.order_key)
            attempts = {each.id: each for each in work.of_order(asked.order_key)}
            payment = attempts.pop(asked.id)
            rivals = [each for each in attempts.values() if each.claimed]
            if payment.state not in CAPTURABLE:
                return _Claim.NOT_NOW
            if rivals:
                is_open = any(not each.is_final for each in rivals)
                return _Claim.RIVAL_OPEN if is_open else _Claim.REFUSED
            _ask_application(services, work, payment)
            apply_transition(payment, PaymentState.VERIFYING, now)
            payment.claimed = True
            payment.verifications_sent += verifies
            work.save(payment)
            work.append(event_about(payment, now, actor, Event.CLAIMED))
    except _MayNotCapture as refusal:
        return _Claim.REFUSED if refusal.for_certain else _Claim.NOT_NOW
    return _Claim.TAKEN


def _ask_application(services: Services, work: UnitOfWork, payment: Payment) -> None:
    """Raise _MayNotCapture if the application does not want the money, or its hook fails."""
    try:
        wanted = services.hooks.may_capture(work.session, payment)
    except Exception as error:
        if services.store.is_temporary(error):
            raise
        logger.exception("may_capture failed for payment %s", payment.reference)
        raise _MayNotCapture(for_certain=False) from error
    if not wanted:
        raise _MayNotCapture(for_certain=True)


def _verify(
    services: Services, payment: Payment, seen: GatewayEvidence, language: str
) -> GatewayEvidence:
    """Capture; if that is not a clear success, ask once more, since the answer may explain it."""
    answer, errors = None, seen.errors
    gateway = services.gateways[payment.gateway]
    try:
        with services.bulkheads[payment.gateway].breaker.watching():
            answer = gateway.verify(str(payment.gateway_payment_id), language=language)
        answered = answer.status in CLEAR_ANSWERS  # another one may yet capture, as silence may
    except GatewayError as error:
        answered = isinstance(error, NotExecuted | NotSent)
        errors = (*errors, error)
    if answer is None or answer.status is not VerificationStatus.SUCCESSFUL:
        seen = _inquire(services, payment, language)
    return replace(
        seen,
        verified=True,
        verification=answer,
        verification_answered=answered,
        errors=(*errors, *seen.errors),
    )
