"""Decide what follows from what the gateway said about a payment.

Pure functions: the stored payment, the gateway's evidence and the time go in, a state comes out.
Nothing here asks a gateway or a database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from payment_engine import evidence
from payment_engine.errors import GatewayError, NotFound
from payment_engine.gateway import Inquiry, InquiryStatus, Verification, VerificationStatus
from payment_engine.payment import Payment
from payment_engine.policy import Policy
from payment_engine.states import FINAL, PaymentState

CURRENCY = "RIALS"  # everything we open is in Rials; another word in the answer is another price
LAST_CHANCE = timedelta(seconds=30)  # before the window's end: a verification is still sure to work
LAST_QUESTIONS = timedelta(seconds=5)  # between inquiries after that: one may go wrong
ASKED_AGAIN = timedelta(seconds=1)  # between two answers that count as two, and are not one glitch
DOUBT_LIMIT = timedelta(hours=24)  # then a person decides
MISMATCH_LASTS = timedelta(hours=1)  # so long after the end an answer about another price may pass
LONGEST_GAP = timedelta(hours=1)
LONGEST_WAIT = timedelta(minutes=5)  # a third of the gateway's window
HOOK_RETRY = timedelta(seconds=5)  # the first back-off after a hook of the application has failed
NOTHING_TO_CAPTURE = (
    InquiryStatus.UNPAID,
    InquiryStatus.CAPTURED,
    InquiryStatus.FAILED,
    InquiryStatus.EXPIRED,
)


@dataclass(frozen=True, slots=True)
class GatewayEvidence:
    """What the gateway said this time. ``inquiry`` or ``verification`` None: no usable answer.

    Attributes:
        mismatches: names of the facts in which the inquiry differs from the payment.
        verified: a verification was sent.
        verification_answered: with a clear yes or no.
        errors: what went wrong on the way.
        rival_has_claim: nothing was verified, because another payment of the order has the claim.
        asked_at: when the inquiry was sent.
    """

    inquiry: Inquiry | None = None
    mismatches: tuple[str, ...] = ()
    verified: bool = False
    verification: Verification | None = None
    verification_answered: bool = False
    errors: tuple[GatewayError, ...] = ()
    rival_has_claim: bool = False
    asked_at: datetime | None = None

    @property
    def captured(self) -> bool:
        """Whether the gateway has just captured the money."""
        return self.answer is VerificationStatus.SUCCESSFUL

    @property
    def answer(self) -> VerificationStatus | None:
        """The verification's answer in one word."""
        return self.verification.status if self.verification else None

    @property
    def odd_fields(self) -> list[str]:
        """The names of the fields that decide nothing and made no sense."""
        answers = (self.inquiry, self.verification)
        return list(dict.fromkeys(name for said in answers if said for name in said.odd_fields))

    @property
    def tracking_number(self) -> str | None:
        """What the payer may quote to the gateway's support."""
        answers = (self.verification, self.inquiry)
        return next(
            (said.tracking_number for said in answers if said and said.tracking_number), None
        )

    def facts(self) -> dict[str, Any]:
        """Return what the payment's history keeps of it."""
        facts: dict[str, Any] = {
            "inquiry": self.inquiry.said if self.inquiry else None,
            "verification": self.answer,
            "differences": list(self.mismatches),
            "errors": [error.facts() for error in self.errors],
        }
        return {name: value for name, value in facts.items() if value}


def mismatches_of(payment: Payment, inquiry: Inquiry) -> tuple[str, ...]:
    """Name the facts in which an inquiry differs from the payment: none may."""
    pairs = {
        "gateway_payment_id": (payment.gateway_payment_id, inquiry.gateway_payment_id),
        "reference": (payment.reference, inquiry.reference),
        "currency": (CURRENCY, inquiry.currency),
        "amount_rials": (payment.amount_rials, inquiry.amount_rials),
    }
    return tuple(name for name, (ours, theirs) in pairs.items() if ours != theirs)


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
    if any(isinstance(error, NotFound) for error in seen.errors) and now > payment.expires_at:
        return PaymentState.NEEDS_REVIEW
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


def last_chance(payment: Payment) -> datetime:
    """Return when to ask once more while a verification is still sure to work."""
    return payment.expires_at - LAST_CHANCE


def next_check(policy: Policy, payment: Payment, seen: GatewayEvidence, now: datetime) -> datetime:
    """Return when to ask again: often in the window, most often at its end, then ever less.

    A payment whose rival has the claim comes back soon, or two that are asked about together would
    meet each time; and so does one FAILED that a browser contradicts.
    """
    every = policy.recover_after
    soon = min(every, LAST_QUESTIONS)
    failed_just_now = seen.asked_at is not None and payment.failed_seen_at == seen.asked_at
    if failed_just_now and payment.success_claimed:
        return now + soon
    if now < last_chance(payment):
        return min(now + (soon if seen.rival_has_claim else every), last_chance(payment))
    if now < payment.expires_at:
        return now + soon
    late_by = now - payment.expires_at
    return now + max(every, min(late_by / 2, _longest_gap(payment, policy.settle_after)))


def next_hook_try(policy: Policy, payment: Payment, now: datetime) -> datetime:
    """Return when to try a failed hook again: ever later, but not late for the payment's window."""
    doubled: int = 2 ** min(payment.hook_failures, 20)
    longest = policy.recover_after if now < payment.expires_at else LONGEST_GAP
    return now + min(HOOK_RETRY * doubled, longest)


def _longest_gap(payment: Payment, settle_after: timedelta) -> timedelta:
    """Return a gap well below the one that would break a series of SUCCESS being measured.

    A gateway that still waits for its payer has not ended the payment, whatever our clock says:
    that was set forward, or the gateway's expiry is late.
    """
    if payment.state is PaymentState.AWAITING_PAYER:
        return LONGEST_WAIT
    in_review = payment.state is PaymentState.NEEDS_REVIEW
    if payment.has_unanswered_verification and (payment.success_since or not in_review):
        return min(settle_after / 6, LONGEST_GAP)
    return LONGEST_GAP
