"""What the gateway said about a payment this time, and what follows from it.

Nothing here asks, writes or moves: answers and a stored payment go in, a state comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from jibit_client.errors import GatewayError, NotFound
from jibit_client.gateway import Inquiry, InquiryStatus, Verification, VerificationStatus
from storefront.core.states import FINAL, OrderState, PaymentState
from storefront.orders import history
from storefront.payments import evidence
from storefront.payments.models import Payment
from storefront.payments.verdict import verdict

CURRENCY = "RIALS"  # everything we open is in Rials; another word in the answer is another price
LAST_QUESTIONS = timedelta(seconds=5)  # between those after the last chance: one may go wrong
ASKED_AGAIN = timedelta(seconds=1)  # between two answers that count as two, and are not one glitch
DOUBT_LIMIT = timedelta(hours=24)  # then a person decides
SLIPS = timedelta(hours=1)  # so long after its end an answer about another price may be a slip
LONGEST_GAP = timedelta(hours=1)
LONGEST_WAIT = timedelta(minutes=5)  # a third of the gateway's window
SETTLE_AFTER = timedelta(hours=1)  # unless the shop's policy says otherwise
NOTHING_TO_TAKE = (
    InquiryStatus.UNPAID,
    InquiryStatus.CAPTURED,
    InquiryStatus.FAILED,
    InquiryStatus.EXPIRED,
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the gateway said this time. ``inquiry`` or ``verification`` None: no usable answer.

    ``verified``: a verification was sent; ``verification_answered``: with a clear yes or no.
    ``kept_out``: none was sent, since the order is not to be paid by this payment now.
    ``asked_at`` is when the inquiry was sent.
    """

    inquiry: Inquiry | None = None
    differences: tuple[str, ...] = ()
    verified: bool = False
    verification: Verification | None = None
    verification_answered: bool = False
    errors: tuple[GatewayError, ...] = ()
    kept_out: bool = False
    asked_at: datetime | None = None

    @property
    def captured(self) -> bool:
        """Whether the gateway has just taken the money."""
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
        """What the shopper may quote to the gateway's support."""
        told = (self.verification, self.inquiry)
        return next((said.tracking_number for said in told if said and said.tracking_number), None)


def differences_of(payment: Payment, inquiry: Inquiry) -> tuple[str, ...]:
    """Name what the gateway says of a payment otherwise than we do: none may differ."""
    pairs = {
        "order_identifier": (payment.order_identifier, inquiry.order_identifier),
        "reference_number": (payment.reference_number, inquiry.reference_number),
        "currency": (CURRENCY, inquiry.currency),
        "amount_rials": (payment.amount_rials, inquiry.amount_rials),
    }
    return tuple(name for name, (ours, theirs) in pairs.items() if ours != theirs)


def captured_otherwise(payment: Payment, verification: Verification | None) -> tuple[str, ...]:
    """Name what the answer to a verification repeats otherwise than we know it."""
    if verification is None:
        return ()
    pairs = {
        "reference_number": (payment.reference_number, verification.reference_number),
        "amount_rials": (payment.amount_rials, verification.amount_rials),
    }
    return tuple(name for name, (ours, theirs) in pairs.items() if theirs not in (None, ours))


def worth_verifying(heard: Heard) -> bool:
    """Whether the money may be there and not yet be taken, and all agrees."""
    return (
        heard.inquiry is not None
        and not heard.differences
        and heard.inquiry.status not in NOTHING_TO_TAKE
    )


def may_be_unpaid(heard: Heard) -> bool:
    """Whether the shopper may still be typing."""
    return heard.inquiry is not None and heard.inquiry.status not in evidence.PAID_THERE


def where_it_stands(
    payment: Payment, heard: Heard, now: datetime, *, settled: bool = False
) -> PaymentState:
    """Return the state that follows from an answer, the evidence on the payment and the time.

    ``settled``: see :func:`storefront.payments.evidence.is_settled`.
    """
    status = heard.inquiry.status if heard.inquiry else None
    if any(isinstance(error, NotFound) for error in heard.errors) and now > payment.expires_at:
        return PaymentState.NEEDS_REVIEW
    if heard.captured and captured_otherwise(payment, heard.verification):
        return PaymentState.NEEDS_REVIEW
    if heard.differences and not heard.captured:
        lasting = now >= evidence.end_of(payment, heard.inquiry) + SLIPS
        return _checked(payment, heard, _when_different(status, heard.differences, lasting), now)
    state = verdict(
        status,
        heard.answer,
        unanswered=payment.has_unanswered_verification,
        settled=settled,
    )
    if state is PaymentState.IN_DOUBT and _left_alone(payment, heard, now):
        return payment.state
    return _checked(payment, heard, state, now)


def _checked(payment: Payment, heard: Heard, state: PaymentState, now: datetime) -> PaymentState:
    """The state, unless it must not be believed yet, or is not ours to decide."""
    if _is_contradicted(payment, state, heard.asked_at or now):
        return PaymentState.IN_DOUBT
    return PaymentState.NEEDS_REVIEW if _for_a_person(payment, state, now) else state


def _left_alone(payment: Payment, heard: Heard, now: datetime) -> bool:
    """Not verified because another attempt has the claim: nothing was learnt, nothing moves."""
    over = now >= evidence.end_of(payment, heard.inquiry) + evidence.CLOCK_SKEW
    return worth_verifying(heard) and not heard.verified and not over


def _is_contradicted(payment: Payment, state: PaymentState, asked_at: datetime) -> bool:
    """One FAILED against a browser that says it has paid: the gateway is asked again first."""
    failed = state is PaymentState.FAILED and payment.success_claimed
    return failed and not evidence.failed_twice(payment, asked_at, ASKED_AGAIN)


def _for_a_person(payment: Payment, state: PaymentState, now: datetime) -> bool:
    """Paid without the claim, or in the open for longer than any gateway takes."""
    if state is PaymentState.PAID:
        return not payment.claimed or payment.order.state is not OrderState.PLACED
    return state not in FINAL and now - payment.created_at > DOUBT_LIMIT


def closes_review(payment: Payment, state: PaymentState, heard: Heard) -> bool:
    """Whether an answer is the proof that a payment in review has waited for.

    What every verification was answered otherwise than Successful, the gateway can only have
    captured without us: that stays with the person.
    """
    if state is PaymentState.PAID:
        return heard.captured or payment.has_unanswered_verification
    return state in FINAL


def _when_different(
    status: InquiryStatus | None, differences: tuple[str, ...], lasting: bool
) -> PaymentState:
    """An answer about another price is never captured: it expires, and the payer gets it back.

    The next answer may be right again: only one that lasts needs a person.
    """
    about_us = not {"order_identifier", "reference_number"} & set(differences)
    if about_us and status in (InquiryStatus.FAILED, InquiryStatus.EXPIRED):
        return PaymentState(status.value)
    return PaymentState.NEEDS_REVIEW if lasting else PaymentState.IN_DOUBT


def facts_of(heard: Heard) -> dict[str, object]:
    """What was heard, in the words of the journal."""
    facts: dict[str, object] = {
        "inquiry": heard.inquiry.said if heard.inquiry else None,
        "verification": heard.answer,
        "differences": list(heard.differences),
        "errors": [history.told(error) for error in heard.errors],
    }
    return {name: value for name, value in facts.items() if value}


def last_chance(payment: Payment) -> datetime:
    """When to ask once more while a verification is still sure to be heard."""
    return payment.expires_at - timedelta(seconds=30)


def next_question(
    payment: Payment,
    heard: Heard,
    now: datetime,
    every: timedelta,
    settle_after: timedelta = SETTLE_AFTER,
) -> datetime:
    """When to ask again: often in the window, most often just before its end, then ever less.

    Who was kept out by another attempt of the same order comes back soon, or two that are asked
    about together would meet each time; and so does one FAILED that a browser contradicts.
    """
    rivalled = heard.kept_out and payment.order.state is OrderState.PLACED
    soon = min(every, LAST_QUESTIONS)
    failed_just_now = heard.asked_at is not None and payment.failed_heard_at == heard.asked_at
    if failed_just_now and payment.success_claimed:
        return now + soon
    if now < last_chance(payment):
        return min(now + (soon if rivalled else every), last_chance(payment))
    if now < payment.expires_at:
        return now + soon
    late_by = now - payment.expires_at
    return now + max(every, min(late_by / 2, _longest_gap(payment, settle_after)))


def _longest_gap(payment: Payment, settle_after: timedelta) -> timedelta:
    """Well below the gap that would break a series of SUCCESS, where one may be measured.

    A gateway that still waits for its shopper has not ended the payment, whatever our clock says:
    that was set forward, or the gateway's expiry is late.
    """
    if payment.state is PaymentState.AWAITING_SHOPPER:
        return LONGEST_WAIT
    in_review = payment.state is PaymentState.NEEDS_REVIEW
    if payment.has_unanswered_verification and (payment.success_since or not in_review):
        return min(settle_after / 6, LONGEST_GAP)
    return LONGEST_GAP
