"""The way back from the gateway, and the one door that leads to `paid`.

Whoever thinks that a payment may be done (the callback, the worker) calls `complete_payment`. It
believes only what the gateway answers to us: first an inquiry, compared with what we asked for,
then the claim, then the verification that captures the money.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm.exc import StaleDataError

from jibit_client.errors import GatewayError, NotAuthenticated, NotConnected
from jibit_client.gateway import Callback, VerificationStatus
from storefront.core.availability import is_temporary
from storefront.core.database import end_reading, transaction
from storefront.core.states import ASKABLE, CAPTURABLE, FINAL, PaymentState
from storefront.orders import history
from storefront.orders.history import Actor
from storefront.orders.models import Order
from storefront.payments import compare_and_set, evidence
from storefront.payments import models as payments
from storefront.payments.hearing import (
    LONGEST_GAP,
    Heard,
    closes_review,
    differences_of,
    facts_of,
    last_chance,
    may_be_unpaid,
    where_it_stands,
    worth_verifying,
)
from storefront.payments.models import Payment
from storefront.payments.outcome import ask_again_at, move_payment
from storefront.payments.resilience import GatewayUnavailable
from storefront.payments.services import Till

logger = logging.getLogger(__name__)

CLEAR_ANSWERS = (VerificationStatus.SUCCESSFUL, VerificationStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Return:
    """A browser that came back: when, and what it said, in the words of the journal.

    ``claims_success``: it said that the shopper has paid.
    """

    at: datetime
    said: Mapping[str, object]
    claims_success: bool = False


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks the gateway, in which language; ``returned`` if because a browser came back.

    A return is a rumour, and moves nothing: it is written down by the first commit that follows
    it, not by one of its own.
    """

    actor: Actor
    language: str
    returned: Return | None = None

    @property
    def returned_at(self) -> datetime | None:
        """When the browser came back whose return is still to be written down."""
        return self.returned.at if self.returned else None

    @property
    def claims_success(self) -> bool:
        """Whether a browser has just said that the shopper has paid."""
        return self.returned is not None and self.returned.claims_success


def receive_callback(
    till: Till, reference_number: str, parameters: Mapping[str, str], *, language: str
) -> Order | None:
    """Note what the browser claims, believe none of it, and ask the gateway.

    Gives the order if the browser also knew the gateway's identifier, so that it may be shown;
    None if not. Raises LookupError if no payment at a configured gateway has this reference number.
    """
    now = till.clock()
    payment = payments.by_reference(reference_number)
    end_reading()
    if payment is None or payment.gateway not in till.gateways:
        raise LookupError(reference_number)
    callback = till.gateways[payment.gateway].read_callback(parameters)
    known = _names_the_payment(callback, payment)
    said = {"state": callback.said, "amount_rials": callback.amount_rials, "named_us": known}
    returned = Return(now, said, known and callback.claims_success)
    _complete(till, payment, Asker(Actor.SHOPPER, language, returned))
    return payment.order if known else None


def _names_the_payment(callback: Callback, payment: Payment) -> bool:
    claimed, stored = callback.order_identifier, payment.order_identifier
    return bool(claimed and stored) and hmac.compare_digest(
        str(claimed).encode(), str(stored).encode()
    )


def complete_payment(
    till: Till, payment_id: int, *, actor: Actor, language: str = "fa", insist: bool = False
) -> PaymentState:
    """Ask the gateway about a payment, capture it if it may be captured, and record the outcome.

    The one door to `paid`. May be called by anyone, at any time, in parallel and again after any
    crash. Never raises for what the gateway does. ``insist``: the caller goes on only if the
    gateway was asked; raises :class:`~storefront.payments.resilience.GatewayUnavailable` if too
    many are waiting for it already, or if it is turned off.
    """
    payment = payments.by_id(payment_id)
    end_reading()
    return _complete(till, payment, Asker(actor, language), insist=insist)


def _complete(till: Till, payment: Payment, asker: Asker, *, insist: bool = False) -> PaymentState:
    # A gateway may have been turned off with this payment open.
    askable = payment.state in ASKABLE and payment.order_identifier is not None
    if not askable or payment.gateway not in till.gateways:
        _put_off(till, payment, asker)
        if askable and insist:
            raise GatewayUnavailable("inquiry", "this gateway is turned off")
        return payment.state
    with till.guards[payment.gateway].asking() as free:
        if free:
            return _ask(till, payment, asker)
    _put_off(till, payment, asker, to_worker=True)
    if insist:
        raise GatewayUnavailable("inquiry", "too many wait for the gateway already")
    return payment.state


def _put_off(till: Till, asked: Payment, asker: Asker, *, to_worker: bool = False) -> None:
    """Nothing is asked now; if so many wait for answers already, the worker asks next."""
    hand_over = to_worker and asker.actor is not Actor.WORKER
    if not (hand_over or asker.returned):
        return
    with transaction():
        payment = payments.locked(asked)
        _note_return(payment, asker)
        if hand_over:
            payment.next_check_at = till.clock()


def _note_return(payment: Payment, asker: Asker) -> None:
    if asker.returned:
        payment.callback_at = payment.callback_at or asker.returned.at
        payment.success_claimed = payment.success_claimed or asker.claims_success
        _write_return(payment, asker.returned)


def _write_return(payment: Payment, returned: Return) -> None:
    history.about(payment, returned.at, Actor.SHOPPER, "callback", **returned.said)


def _ask(till: Till, payment: Payment, asker: Asker) -> PaymentState:
    heard = _inquire(till, payment, asker)
    if _may_verify(till, payment, heard, asker):
        if _claim(till, payment, asker):
            asker = replace(asker, returned=None)
            heard = _verify(till, payment, heard, asker)
        else:
            heard = replace(heard, kept_out=True)
    return _record(till, payment, heard, asker)


def _may_verify(till: Till, payment: Payment, heard: Heard, asker: Asker) -> bool:
    """Under `last_minute` a payment that may be unpaid is left in peace until it must be asked."""
    if payment.state not in CAPTURABLE or not worth_verifying(heard):
        return False
    return (
        till.terms.verify_at_every_question
        or payment.callback_at is not None
        or asker.returned is not None
        or not may_be_unpaid(heard)
        or till.clock() >= last_chance(payment)
    )


def _inquire(till: Till, payment: Payment, asker: Asker) -> Heard:
    gateway, identifier = till.gateways[payment.gateway], str(payment.order_identifier)
    asked_at = till.clock()
    try:
        with till.guards[payment.gateway].breaker.watching():
            inquiry = gateway.inquire(identifier, language=asker.language)
    except GatewayError as error:
        return Heard(errors=(error,))
    return Heard(inquiry, differences_of(payment, inquiry), asked_at=asked_at)


def _claim(till: Till, payment: Payment, asker: Asker) -> bool:
    """Make this payment the only one of its order that may be captured, or leave it be."""
    now = till.clock()
    with transaction():
        mine = compare_and_set.claim(
            payment, now, asker.returned_at, claims_success=asker.claims_success
        )
        if mine and asker.returned:
            _write_return(payment, asker.returned)
        if mine:
            history.about(payment, now, asker.actor, "verifying")
    return mine


def _verify(till: Till, payment: Payment, heard: Heard, asker: Asker) -> Heard:
    """Capture; if that is not a clear success, ask once more, since the answer may explain it."""
    answer, errors = None, heard.errors
    gateway, identifier = till.gateways[payment.gateway], str(payment.order_identifier)
    try:
        with till.guards[payment.gateway].breaker.watching():
            answer = gateway.verify(identifier, language=asker.language)
        answered = answer.status in CLEAR_ANSWERS  # another one may yet capture, as silence may
    except GatewayError as error:
        answered = isinstance(error, NotAuthenticated | NotConnected)  # it was not carried out
        errors = (*errors, error)
    if answer is None or answer.status is not VerificationStatus.SUCCESSFUL:
        heard = _inquire(till, payment, asker)
    return replace(
        heard,
        verified=True,
        verification=answer,
        verification_answered=answered,
        errors=(*errors, *heard.errors),
    )


def _record(till: Till, asked: Payment, heard: Heard, asker: Asker) -> PaymentState:
    """Record what was heard; what cannot be recorded for its contents needs a person.

    Raises for a database that cannot serve now: then the next one to ask records it.
    """
    try:
        return _record_outcome(till, asked, heard, asker)
    except Exception as error:
        # The database cannot serve now, or another writer was faster: nothing is wrong with the
        # contents, and whoever asks next records the outcome.
        if is_temporary(error) or isinstance(error, StaleDataError):
            raise
        # The error's text holds what it was about: only its kind is written down.
        kind = type(error).__name__
        logger.error("payment %s cannot be recorded: %s", asked.reference_number, kind)  # noqa: TRY400
    return _leave_to_a_person(till, asked, asker)


def _record_outcome(till: Till, asked: Payment, heard: Heard, asker: Asker) -> PaymentState:
    now = till.clock()
    with transaction():
        payment = payments.locked(asked)
        _note_return(payment, asker)
        if heard.verified and heard.verification_answered:
            payment.verifications_answered += 1
        state = _judged(till, payment, heard, now)
        facts = facts_of(heard)
        if heard.odd_fields:
            history.about(payment, now, asker.actor, "odd_answer", fields=heard.odd_fields)
        if payment.is_final:
            said = PaymentState.PAID if heard.captured else state  # whoever has the claim
            _note_contradiction(payment, said, now, asker.actor, facts)
            return payment.state
        if payment.state is PaymentState.NEEDS_REVIEW and not closes_review(payment, state, heard):
            payment.next_check_at = ask_again_at(till, payment, heard, now)
            return payment.state
        move_payment(till, payment, state, heard)
        history.about(payment, now, asker.actor, f"payment_{payment.state}", **facts)
    return payment.state


def _judged(till: Till, payment: Payment, heard: Heard, now: datetime) -> PaymentState:
    """Where the payment stands, with the evidence that this answer has added."""
    settle_after, asked_at = till.terms.settle_after, heard.asked_at or now
    if heard.inquiry and not heard.differences:
        evidence.note(payment, heard.inquiry, asked_at, settle_after)
    elif heard.inquiry:
        evidence.note_failure(payment, heard.inquiry, asked_at)
    settled = evidence.is_settled(payment, asked_at, settle_after)
    return where_it_stands(payment, heard, now, settled=settled)


def _leave_to_a_person(till: Till, asked: Payment, asker: Asker) -> PaymentState:
    """Move a payment whose outcome cannot be recorded to review, storing nothing of the text."""
    now = till.clock()
    with transaction():
        payment = payments.locked(asked)
        if payment.is_final:
            return payment.state
        payment.next_check_at = now + LONGEST_GAP
        if payment.state is not PaymentState.NEEDS_REVIEW:
            payment.move(PaymentState.NEEDS_REVIEW, now)
            history.about(payment, now, asker.actor, "payment_needs_review", unrecordable=True)
    return payment.state


def _note_contradiction(
    payment: Payment, state: PaymentState, now: datetime, actor: Actor, facts: dict[str, object]
) -> None:
    """A final state never moves; that the gateway now says otherwise is kept beside it."""
    if state in FINAL and state is not payment.state:
        history.about(payment, now, actor, "contradiction", now_said_to_be=state, **facts)
