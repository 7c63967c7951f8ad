"""Keep on the payment for how long the gateway has said the same: one answer does not prove it.

SUCCESS after the gateway's own end of a payment is ambiguous: captured, or paid and not expired yet
because the gateway's expiry runs late. Only time tells the two apart, and only while the gateway
answers. Pure functions: nothing here asks a gateway or a database.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from payment_engine.gateway import Inquiry, InquiryStatus
from payment_engine.gateway_evidence import GatewayEvidence
from payment_engine.payment import Payment

#: A gateway does not mean an end later than this after ours; to wait for it would keep the payment
#: in doubt for ever.
LATEST_END = timedelta(days=1)
CLOCK_SKEW = timedelta(minutes=2)  #: between the two clocks, and for a create to arrive
MISSING_LASTS = timedelta(minutes=10)  #: a gateway that fails over may not find it for a moment
GAPS = 4  #: a series of SUCCESS is broken by a gap longer than this part of `settle_after`
NO_ANSWER = (InquiryStatus.UNKNOWN, InquiryStatus.UNRECOGNISED)
PAID_THERE = (
    InquiryStatus.AWAITING_VERIFICATION,
    InquiryStatus.SUCCESS,
    InquiryStatus.CAPTURED,
)

ExpiryHasRun = Callable[[datetime, datetime], bool]
"""Returns whether the gateway expired another such payment between two moments."""


def end_of(payment: Payment, inquiry: Inquiry | None = None) -> datetime:
    """Return when the gateway should end a payment that was not captured.

    That is the latest end that the gateway has named, if it makes sense, and never before the end
    of our own window; a gateway that names none is given the time that its document does.
    """
    named = [payment.gateway_expires_at, _sensible_end(payment, inquiry)]
    latest = max((end for end in named if end), default=payment.closes_at)
    return max(payment.expires_at, latest)


def _sensible_end(payment: Payment, inquiry: Inquiry | None) -> datetime | None:
    theirs = inquiry.expires_at if inquiry else None
    return theirs if theirs and theirs <= payment.closes_at + LATEST_END else None


def note(payment: Payment, inquiry: Inquiry, asked_at: datetime, settle_after: timedelta) -> None:
    """Add to the payment what an inquiry proves; the inquiry must agree with the payment.

    It counts for the moment it was ``asked_at``: an answer may be recorded much later.
    """
    if inquiry.status in NO_ANSWER:
        return
    if inquiry.status in PAID_THERE:
        payment.money_seen = True
    note_failure(payment, inquiry, asked_at)
    if _sensible_end(payment, inquiry):
        payment.gateway_expires_at = end_of(payment, inquiry)
    if inquiry.status is not InquiryStatus.SUCCESS or asked_at < end_of(payment):
        payment.success_since = payment.success_seen_at = None
        return
    if not _goes_on(payment, asked_at, settle_after / GAPS):
        payment.success_since = asked_at
    payment.success_seen_at = asked_at


def note_failure(payment: Payment, inquiry: Inquiry, asked_at: datetime) -> None:
    """Keep since when an inquiry has said FAILED."""
    failed = inquiry.status is InquiryStatus.FAILED
    payment.failed_seen_at = (payment.failed_seen_at or asked_at) if failed else None


def _goes_on(payment: Payment, asked_at: datetime, longest_gap: timedelta) -> bool:
    """Return whether the series is unbroken; a clock that was set back breaks it, too."""
    last = payment.success_seen_at
    return last is not None and timedelta(0) <= asked_at - last <= longest_gap


def is_settled(
    payment: Payment, asked_at: datetime, settle_after: timedelta, expiry_has_run: ExpiryHasRun
) -> bool:
    """Return whether the gateway's expiry has had its chance, so that SUCCESS means captured.

    Either the gateway has kept saying SUCCESS for ``settle_after`` since its end of the payment, or
    its expiry has been seen to run since: it has expired another payment that was paid, never
    verified, and had to end later.
    """
    if payment.success_since is None:
        return False
    if asked_at - payment.success_since >= settle_after:
        return True
    return expiry_has_run(end_of(payment) + CLOCK_SKEW, asked_at)


def failed_twice(payment: Payment, asked_at: datetime, apart: timedelta) -> bool:
    """Return whether FAILED may be believed although a browser came back saying it had paid."""
    first = payment.failed_seen_at
    return first is not None and asked_at - first >= apart


def note_absence(payment: Payment, seen: GatewayEvidence, asked_at: datetime) -> None:
    """Keep since when the gateway has had no such payment; silence does not end that."""
    if seen.inquiry is not None:
        payment.missing_since = None
    elif seen.not_found:
        payment.missing_since = payment.missing_since or asked_at


def is_missing(payment: Payment, seen: GatewayEvidence, now: datetime) -> bool:
    """Return whether its window is over and the gateway keeps saying that it has no such payment.

    One such answer proves nothing: it may be that of a replica, or of a proxy.
    """
    first = payment.missing_since
    if first is None or not seen.not_found or now <= payment.expires_at:
        return False
    return (seen.asked_at or now) - first >= MISSING_LASTS
