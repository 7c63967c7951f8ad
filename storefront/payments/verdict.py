"""The truth table of the house: what a payment is, given what the gateway said last.

A pure function of the latest inquiry and the answer to the verification. It is asked only about
payments whose inquiry matched (identifier, reference, amount, currency); see `hearing.py`.
"""

from __future__ import annotations

from jibit_client.gateway import InquiryStatus, VerificationStatus
from storefront.core.states import PaymentState


def verdict(
    inquiry: InquiryStatus | None,
    verification: VerificationStatus | None,
    *,
    unanswered: bool = False,
    settled: bool = False,
) -> PaymentState:
    """Say where a payment stands.

    Args:
        inquiry: the latest answer; None when the gateway did not answer.
        verification: the answer to our verification; None when it was not sent or not answered.
        unanswered: some verification of this payment was sent and never answered.
        settled: the gateway's own expiry has had its chance (`storefront/payments/evidence.py`), so
            that SUCCESS is no longer said of a payment that is paid and not captured.

    SUCCESS means captured only if it is settled AND a verification is unanswered: whoever was
    answered each time, and never with Successful, has captured nothing.
    """
    if verification is VerificationStatus.SUCCESSFUL:
        return PaymentState.PAID
    if inquiry is InquiryStatus.FAILED:
        return PaymentState.FAILED
    if inquiry is InquiryStatus.EXPIRED:
        return PaymentState.EXPIRED
    if inquiry is InquiryStatus.CAPTURED:
        return PaymentState.PAID
    if inquiry is InquiryStatus.SUCCESS and settled and unanswered:
        return PaymentState.PAID
    if _certainly_unpaid(inquiry, verification) and not unanswered:
        return PaymentState.AWAITING_SHOPPER
    return PaymentState.IN_DOUBT


def _certainly_unpaid(
    inquiry: InquiryStatus | None, verification: VerificationStatus | None
) -> bool:
    """The gateway says so, or says `Failed` and then IN_PROGRESS."""
    failed = verification is VerificationStatus.FAILED
    return (inquiry is InquiryStatus.IN_PROGRESS and failed) or (
        inquiry is InquiryStatus.UNPAID and (failed or verification is None)
    )
