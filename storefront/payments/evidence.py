"""What one answer of the gateway does not tell alone: for how long it has kept saying the same.

An inquiry that says SUCCESS after the gateway's end of a payment is ambiguous: captured, or paid
and not expired yet because the gateway's own expiry runs late. Only time tells the two apart, and
only while the gateway answers: `docs/states.md`, "SUCCESS after the end". Nothing here asks or
commits; the evidence is kept on the payment.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from jibit_client.gateway import Inquiry, InquiryStatus
from storefront.payments import models as payments
from storefront.payments.models import Payment

# A later end than this after ours is no end that a gateway means: waiting for it would keep the
# payment in doubt for ever.
LATEST_END = timedelta(days=1)
CLOCK_SKEW = timedelta(minutes=2)  # between the two clocks, and for a create to arrive
GAPS = 4  # a series of SUCCESS is broken by a gap longer than this part of `settle_after`
NO_ANSWER = (InquiryStatus.UNKNOWN, InquiryStatus.UNRECOGNISED)
PAID_THERE = (
    InquiryStatus.AWAITING_VERIFICATION,
    InquiryStatus.SUCCESS,
    InquiryStatus.CAPTURED,
)


def end_of(payment: Payment, inquiry: Inquiry | None = None) -> datetime:
    """Return when the gateway should let go of a payment that was not captured.

    That is the latest end that the gateway has named, if it makes sense, and never before the end
    of our own window; a gateway that names none is given the time that its document does.
    """
    named = [payment.gateway_end, _sensible_end(payment, inquiry)]
    latest = max((end for end in named if end), default=payment.closes_at)
    return max(payment.expires_at, latest)


def _sensible_end(payment: Payment, inquiry: Inquiry | None) -> datetime | None:
    theirs = inquiry.expires_at if inquiry else None
    return theirs if theirs and theirs <= payment.closes_at + LATEST_END else None


def note(payment: Payment, inquiry: Inquiry, asked_at: datetime, settle_after: timedelta) -> None:
    """Keep what an inquiry adds to the evidence; the inquiry must agree with the payment.

    It counts for the moment it was ``asked_at``: an answer may be recorded much later.
    """
    if inquiry.status in NO_ANSWER:
        return
    if inquiry.status in PAID_THERE:
        payment.money_seen = True
    note_failure(payment, inquiry, asked_at)
    if _sensible_end(payment, inquiry):
        payment.gateway_end = end_of(payment, inquiry)
    if inquiry.status is not InquiryStatus.SUCCESS or asked_at < end_of(payment):
        payment.success_since = payment.success_heard_at = None
        return
    if not _goes_on(payment, asked_at, settle_after / GAPS):
        payment.success_since = asked_at
    payment.success_heard_at = asked_at


def note_failure(payment: Payment, inquiry: Inquiry, asked_at: datetime) -> None:
    """Keep since when an inquiry has said FAILED."""
    failed = inquiry.status is InquiryStatus.FAILED
    payment.failed_heard_at = (payment.failed_heard_at or asked_at) if failed else None


def _goes_on(payment: Payment, asked_at: datetime, longest_gap: timedelta) -> bool:
    """Whether the series was not broken; a clock that was set back breaks it, too."""
    last = payment.success_heard_at
    return last is not None and timedelta(0) <= asked_at - last <= longest_gap


def is_settled(payment: Payment, asked_at: datetime, settle_after: timedelta) -> bool:
    """Whether the gateway's own expiry has had its chance, so that SUCCESS can mean captured only.

    Either the gateway has kept saying SUCCESS for ``settle_after`` since its end of the payment,
    or its expiry had been seen to run before this inquiry was ``asked_at``: after the end of this
    payment it has expired another one that was paid, never verified, and had to end later.
    """
    if payment.success_since is None:
        return False
    if asked_at - payment.success_since >= settle_after:
        return True
    return payments.expiry_has_run(payment, end_of(payment) + CLOCK_SKEW, asked_at)


def failed_twice(payment: Payment, asked_at: datetime, apart: timedelta) -> bool:
    """Whether FAILED may be believed although a browser came back saying that it had paid."""
    first = payment.failed_heard_at
    return first is not None and asked_at - first >= apart
