"""Decide what follows from what the gateway said about a payment.

Pure functions: the stored payment, the gateway's evidence and the time go in, a state comes out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from payment_engine import evidence
from payment_engine.gateway import (
    Gateway,
    Inquiry,
    InquiryStatus,
    Verification,
    VerificationStatus,
)
from payment_engine.gateway_evidence import GatewayEvidence
from payment_engine.pacing import last_chance
from payment_engine.payment import Payment
from payment_engine.policy import Policy
from payment_engine.states import FINAL, PaymentState

CURRENCY = "RIALS"  #: everything we open is in Rials; another word in the answer is another price
ASKED_AGAIN = timedelta(seconds=1)  #: between two answers that count as two, and are not one glitch
DOUBT_LIMIT = timedelta(hours=24)  #: then a person decides
MISMATCH_LASTS = timedelta(hours=1)  #: so long after the end an answer about another price may pass
NOTHING_TO_CAPTURE = (
    InquiryStatus.UNPAID,
    InquiryStatus.CAPTURED,
    InquiryStatus.FAILED,
    InquiryStatus.EXPIRED,
    InquiryStatus.REVERSED,
)
PRICE = ("amount_rials", "currency", "payer_card")  #: facts that can differ in a payment of ours


def mismatches_of(payment: Payment, inquiry: Inquiry) -> tuple[str, ...]:
    """Return the names of the facts in which an inquiry differs from the payment.

    Unless the tuple is empty, the inquiry's status is not believed.
    """
    pairs = {
        "gateway_payment_id": (payment.gateway_payment_id, inquiry.gateway_payment_id),
        "reference": (payment.reference, inquiry.reference),
        "currency": (CURRENCY, inquiry.currency),
        "amount_rials": (payment.amount_rials, inquiry.amount_rials),
    }
    differing = [name for name, (ours, theirs) in pairs.items() if ours != theirs]
    if not _is_demanded_card(payment, inquiry):
        differing.append("payer_card")
    return tuple(differing)


def _is_demanded_card(payment: Payment, inquiry: Inquiry) -> bool:
    """Return whether the card is the demanded one: a terminal may ignore what was demanded."""
    demanded, used = payment.demanded_card, inquiry.payer_card
    return demanded is None or used is None or demanded == used


def may_be_kept(gateway: Gateway, payment: Payment, seen: GatewayEvidence) -> bool | None:
    """Return whether what the gateway has captured by itself may be taken for the order.

    False for another price than ours; None if it has not captured by itself.
    """
    captured = seen.inquiry is not None and seen.inquiry.status is InquiryStatus.CAPTURED
    if gateway.unverified_money_returns or payment.claimed or not captured:
        return None
    if not set(seen.mismatches) <= set(PRICE):
        return None
    return not seen.mismatches


def captured_otherwise(payment: Payment, verification: Verification | None) -> bool:
    """Return whether the answer to a verification repeats other facts than the payment's."""
    if verification is None:
        return False
    return verification.reference not in (None, payment.reference) or (
        verification.amount_rials not in (None, payment.amount_rials)
    )


def is_worth_verifying(seen: GatewayEvidence) -> bool:
    """Return whether there may be money to capture, and everything agrees."""
    return (
        seen.inquiry is not None
        and not seen.mismatches
        and seen.inquiry.status not in NOTHING_TO_CAPTURE
    )


def should_verify(policy: Policy, payment: Payment, seen: GatewayEvidence, now: datetime) -> bool:
    """Return whether to verify now.

    Without ``verify_without_callback`` a payment that may be unpaid is left alone until its last
    chance, unless a browser has come back.
    """
    may_be_unpaid = seen.inquiry is not None and seen.inquiry.status not in evidence.PAID_THERE
    return is_worth_verifying(seen) and (
        policy.verify_without_callback
        or payment.callback_at is not None
        or not may_be_unpaid
        or now >= last_chance(payment)
    )


def verdict(
    inquiry: InquiryStatus | None,
    verification: VerificationStatus | None,
    *,
    unanswered: bool = False,
    settled: bool = False,
) -> PaymentState:
    """Return the state that an inquiry and the answer to the verification stand for.

    Args:
        inquiry: the latest answer; None when the gateway did not answer.
        verification: the answer to our verification; None when it was not sent or not answered.
        unanswered: some verification of this payment was sent and never answered.
        settled: SUCCESS is no longer said of a payment that is paid and not captured.

    SUCCESS means captured only if it is settled AND a verification is unanswered: if every
    verification was answered, and never with Successful, nothing was captured.
    """
    if verification is VerificationStatus.SUCCESSFUL or inquiry is InquiryStatus.CAPTURED:
        return PaymentState.PAID
    if inquiry is InquiryStatus.FAILED:
        return PaymentState.FAILED
    if inquiry is InquiryStatus.EXPIRED:
        return PaymentState.EXPIRED
    if inquiry is InquiryStatus.REVERSED:
        return PaymentState.RETURNED
    if inquiry is InquiryStatus.SUCCESS and settled and unanswered:
        return PaymentState.PAID
    if _is_certainly_unpaid(inquiry, verification) and not unanswered:
        return PaymentState.AWAITING_PAYER
    return PaymentState.IN_DOUBT


def _is_certainly_unpaid(
    inquiry: InquiryStatus | None, verification: VerificationStatus | None
) -> bool:
    """Return whether the gateway says so, or says `Failed` and then IN_PROGRESS."""
    failed = verification is VerificationStatus.FAILED
    return (inquiry is InquiryStatus.IN_PROGRESS and failed) or (
        inquiry is InquiryStatus.UNPAID and (failed or verification is None)
    )


def decide(
    payment: Payment, seen: GatewayEvidence, now: datetime, *, settled: bool = False
) -> PaymentState:
    """Return the state that follows from the evidence and the time.

    ``settled``: see :func:`payment_engine.evidence.is_settled`.
    """
    status = seen.inquiry.status if seen.inquiry else None
    if evidence.is_missing(payment, seen, now):
        return PaymentState.NEEDS_REVIEW
    if seen.captured_by_itself and not payment.claimed:
        waits = PaymentState.IN_DOUBT  # for a rival's claim, or a hook that has failed
        return _checked(payment, seen, PaymentState.RETURNED if seen.unwanted else waits, now)
    if seen.captured and captured_otherwise(payment, seen.verification):
        return PaymentState.NEEDS_REVIEW
    if seen.mismatches and not seen.captured:
        lasting = now >= evidence.end_of(payment, seen.inquiry) + MISMATCH_LASTS
        return _checked(payment, seen, _when_mismatched(status, seen.mismatches, lasting), now)
    state = verdict(
        status, seen.answer, unanswered=payment.has_unanswered_verification, settled=settled
    )
    if state is PaymentState.IN_DOUBT and _nothing_learnt(payment, seen, now):
        return payment.state
    return _checked(payment, seen, state, now)


def _checked(
    payment: Payment, seen: GatewayEvidence, state: PaymentState, now: datetime
) -> PaymentState:
    """Return the state, unless it must not be believed yet, or is not ours to decide."""
    if _is_contradicted(payment, state, seen.asked_at or now):
        return PaymentState.IN_DOUBT
    return PaymentState.NEEDS_REVIEW if _is_for_a_person(payment, state, now) else state


def _nothing_learnt(payment: Payment, seen: GatewayEvidence, now: datetime) -> bool:
    """Return whether the inquiry alone says nothing new, since no verification followed it."""
    over = now >= evidence.end_of(payment, seen.inquiry) + evidence.CLOCK_SKEW
    return is_worth_verifying(seen) and not seen.verified and not over


def _is_contradicted(payment: Payment, state: PaymentState, asked_at: datetime) -> bool:
    """Return whether this is one FAILED against a browser that says it has paid: ask again."""
    failed = state is PaymentState.FAILED and payment.success_claimed
    return failed and not evidence.failed_twice(payment, asked_at, ASKED_AGAIN)


def _is_for_a_person(payment: Payment, state: PaymentState, now: datetime) -> bool:
    """Return whether it is paid without the claim, or open for longer than any gateway takes."""
    if state is PaymentState.PAID:
        return not payment.claimed
    return state not in FINAL and now - payment.created_at > DOUBT_LIMIT


def closes_review(payment: Payment, state: PaymentState, seen: GatewayEvidence) -> bool:
    """Return whether an answer is the proof that a payment in review has waited for.

    If every verification was answered otherwise than Successful, the gateway can only have captured
    without us: that stays with the person.
    """
    if state is PaymentState.PAID:
        return seen.captured or payment.has_unanswered_verification
    return state in FINAL


def _when_mismatched(
    status: InquiryStatus | None, mismatches: tuple[str, ...], lasting: bool
) -> PaymentState:
    """Return the state after an answer about other facts: never captured, so it expires.

    The next answer may be right again: only a mismatch that lasts needs a person.
    """
    about_us = not {"gateway_payment_id", "reference"} & set(mismatches)
    if about_us and status in (InquiryStatus.FAILED, InquiryStatus.EXPIRED):
        return PaymentState(status.value)
    return PaymentState.NEEDS_REVIEW if lasting else PaymentState.IN_DOUBT
