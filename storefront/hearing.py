"""What the gateway said about a payment this time, and what follows from it.

Nothing here asks, writes or moves: answers and a stored payment go in, a state comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from storefront.jibit.errors import GatewayError, NotFound
from storefront.jibit.gateway import Inquiry, InquiryStatus, Verification, VerificationStatus
from storefront.shop import journal
from storefront.shop.payments import Payment
from storefront.shop.states import FINAL, OrderState, PaymentState
from storefront.shop.verdict import verdict

CURRENCY = "RIALS"  # everything we open is in Rials; another word in the answer is another price
SETTLING = timedelta(minutes=2)  # past the gateway's own end, what was not captured is gone
LAST_QUESTIONS = timedelta(seconds=5)  # between those after the last chance: one may go wrong
DOUBT_LIMIT = timedelta(hours=24)  # then a person decides
SLIPS = timedelta(hours=1)  # so long after its end an answer about another price may be a slip
MONEY_IS_THERE = (
    InquiryStatus.AWAITING_VERIFICATION,
    InquiryStatus.SUCCESS,
    InquiryStatus.CAPTURED,
)
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
    """

    inquiry: Inquiry | None = None
    differences: tuple[str, ...] = ()
    verified: bool = False
    verification: Verification | None = None
    verification_answered: bool = False
    errors: tuple[GatewayError, ...] = ()
    kept_out: bool = False

    @property
    def captured(self) -> bool:
        """Whether the gateway has just taken the money."""
        return self.answer is VerificationStatus.SUCCESSFUL

    @property
    def answer(self) -> VerificationStatus | None:
        """The verification's answer in one word."""
        return self.verification.status if self.verification else None

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
    return heard.inquiry is not None and heard.inquiry.status not in MONEY_IS_THERE


def where_it_stands(payment: Payment, heard: Heard, now: datetime) -> PaymentState:
    """The verdict, with what only time and comparison can tell."""
    status = heard.inquiry.status if heard.inquiry else None
    settled = is_settled(payment, heard.inquiry, now)
    if any(isinstance(error, NotFound) for error in heard.errors) and now > payment.expires_at:
        return PaymentState.NEEDS_REVIEW
    if heard.captured and captured_otherwise(payment, heard.verification):
        return PaymentState.NEEDS_REVIEW
    if heard.differences and not heard.captured:
        lasting = is_settled(payment, heard.inquiry, now - SLIPS)
        return _when_different(status, heard.differences, lasting)
    if _left_alone(heard, settled):
        return payment.state
    state = verdict(
        status,
        heard.answer,
        unanswered=payment.has_unanswered_verification,
        settled=settled and payment.verifications_sent > 0,
    )
    return PaymentState.NEEDS_REVIEW if _for_a_person(payment, state, now) else state


def _left_alone(heard: Heard, settled: bool) -> bool:
    """Not verified because another attempt has the claim: nothing was learnt, nothing moves."""
    return worth_verifying(heard) and not heard.verified and not settled


def _for_a_person(payment: Payment, state: PaymentState, now: datetime) -> bool:
    """Paid without the claim, or in the open for longer than any gateway takes."""
    if state is PaymentState.PAID:
        return not payment.claimed or payment.order.state is not OrderState.PLACED
    return state not in FINAL and now - payment.created_at > DOUBT_LIMIT


def _when_different(
    status: InquiryStatus | None, differences: tuple[str, ...], lasting: bool
) -> PaymentState:
    """An answer about another price is never captured: it expires, and the money goes home.

    The next answer may be right again: only one that lasts needs a person.
    """
    about_us = not {"order_identifier", "reference_number"} & set(differences)
    if about_us and status in (InquiryStatus.FAILED, InquiryStatus.EXPIRED):
        return PaymentState(status.value)
    return PaymentState.NEEDS_REVIEW if lasting else PaymentState.IN_DOUBT


def is_settled(payment: Payment, inquiry: Inquiry | None, now: datetime) -> bool:
    """Whether the window has been over for so long that the gateway's word is its last."""
    their_end = inquiry.expires_at if inquiry else None
    return now >= max(payment.closes_at, their_end or payment.closes_at) + SETTLING


def facts_of(heard: Heard) -> dict[str, object]:
    """What was heard, in the words of the journal."""
    facts: dict[str, object] = {
        "inquiry": heard.inquiry.said if heard.inquiry else None,
        "verification": heard.answer,
        "differences": list(heard.differences),
        "errors": [journal.told(error) for error in heard.errors],
    }
    return {name: value for name, value in facts.items() if value}


def last_chance(payment: Payment) -> datetime:
    """When to ask once more while a verification is still sure to be heard."""
    return payment.expires_at - timedelta(seconds=30)


def next_question(payment: Payment, heard: Heard, now: datetime, every: timedelta) -> datetime:
    """When to ask again: often in the window, most often just before its end, then ever less.

    Who was kept out by another attempt of the same order comes back soon, or two that are asked
    about together would meet each time.
    """
    rivalled = heard.kept_out and payment.order.state is OrderState.PLACED
    soon = min(every, LAST_QUESTIONS)
    if now < last_chance(payment):
        return min(now + (soon if rivalled else every), last_chance(payment))
    if now < payment.expires_at:
        return now + soon
    late_by = now - payment.expires_at
    return now + min(max(every, late_by / 2), timedelta(hours=1))
