"""What two books say of one payment, side by side: where they differ, in the words of a finding.

Nothing here asks, writes or moves. An inquiry's words have traps: SUCCESS may mean "paid, and not
captured yet" until the window has been closed for a while, and IN_PROGRESS inside the window
means nothing at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from jibit_client.errors import Unintelligible
from jibit_client.gateway import Inquiry, InquiryStatus, UnreadableRow
from jibit_client.redaction import redact
from storefront.core.states import CAPTURABLE, PaymentState
from storefront.payments import evidence
from storefront.payments.differences import Finding, Kind
from storefront.payments.hearing import CURRENCY
from storefront.payments.models import Payment

TAKEN = (InquiryStatus.SUCCESS, InquiryStatus.CAPTURED)
OVER = (InquiryStatus.FAILED, InquiryStatus.EXPIRED)
MENDABLE = (Kind.PAID_THERE_NOT_HERE, Kind.OVER_THERE_OPEN_HERE)
LONGEST_ROW = 2000  # letters of an unreadable row that are kept


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when payments were created, in UTC, both inclusive."""

    since: datetime
    until: datetime


def has_time(
    payment: Payment, theirs: Inquiry | None, now: datetime, settle_after: timedelta
) -> bool:
    """Whether the gateway's word may still change by itself, so that what differs may vanish.

    Its expiry may be as late as ``settle_after``: until then SUCCESS may mean "not captured".
    """
    taken_for_good = theirs is not None and theirs.status is InquiryStatus.CAPTURED
    return not taken_for_good and now < evidence.end_of(payment, theirs) + settle_after


def differences_between(
    payment: Payment, theirs: Inquiry | None, now: datetime, settle_after: timedelta
) -> list[Finding]:
    """Everything in which the gateway's book differs from ours; None: it has no such payment."""
    if theirs is None:
        return [_about(payment, Kind.MISSING_THERE, None)]
    pairs = {
        Kind.CURRENCY_DIFFERS: (CURRENCY, theirs.currency),
        Kind.AMOUNT_DIFFERS: (payment.amount_rials, theirs.amount_rials),
        Kind.REFERENCE_DIFFERS: (payment.reference_number, theirs.reference_number),
    }
    kinds = [kind for kind, (ours, said) in pairs.items() if ours != said]
    late = not has_time(payment, theirs, now, settle_after)
    money = _money_differs(payment, theirs, late=late)
    return [_about(payment, kind, theirs) for kind in ([money] if money else []) + kinds]


def _money_differs(payment: Payment, theirs: Inquiry, *, late: bool) -> Kind | None:
    taken, over = theirs.status in TAKEN, theirs.status in OVER
    if payment.state is PaymentState.PAID:
        return Kind.PAID_HERE_NOT_THERE if over or (late and not taken) else None
    is_asked = payment.state in CAPTURABLE
    if taken and (late or is_asked):
        return Kind.PAID_THERE_NOT_HERE
    if is_asked and (over or late):
        return Kind.OVER_THERE_OPEN_HERE
    return None


def _about(payment: Payment, kind: Kind, theirs: Inquiry | None) -> Finding:
    return Finding(
        kind=kind,
        gateway=payment.gateway,
        subject=str(theirs.order_identifier if theirs else payment.order_identifier),
        order_identifier=theirs.order_identifier if theirs else payment.order_identifier,
        reference_number=payment.reference_number,
        payment_id=payment.id,
        ours=_our_words(payment),
        theirs=_their_words(theirs) if theirs else {"state": "not found"},
        lies_from=payment.created_at,
        lies_to=payment.created_at,
    )


def of_a_stranger(gateway: str, theirs: Inquiry, claimed: Payment | None, span: Span) -> Finding:
    """A payment there that is none of ours, though it may bear the reference of one."""
    return Finding(
        kind=Kind.DUPLICATED_REFERENCE if claimed else Kind.UNKNOWN_HERE,
        gateway=gateway,
        subject=theirs.order_identifier,
        order_identifier=theirs.order_identifier,
        reference_number=theirs.reference_number,
        payment_id=claimed.id if claimed else None,
        ours=_our_words(claimed) if claimed else {},
        theirs=_their_words(theirs),
        lies_from=theirs.created_at or span.since,
        lies_to=theirs.created_at or span.until,
    )


def of_an_unreadable_row(gateway: str, row: UnreadableRow, span: Span) -> Finding:
    """A row whose identifier is all that can be hoped for."""
    kept = json.dumps(redact(row.raw), ensure_ascii=False, sort_keys=True)
    return Finding(
        kind=Kind.UNREADABLE_ROW,
        gateway=gateway,
        subject=row.order_identifier or kept,
        order_identifier=row.order_identifier,
        reference_number=row.reference_number,
        payment_id=None,
        ours={},
        theirs={"row": kept[:LONGEST_ROW]},
        lies_from=span.since,
        lies_to=span.until,
    )


def of_an_unreadable_answer(payment: Payment, error: Unintelligible) -> Finding:
    """The gateway answers about one of ours, and the answer makes no sense."""
    return replace(
        _about(payment, Kind.UNREADABLE_ROW, None),
        theirs={"state": "unreadable", "why": error.reason},
    )


def _our_words(payment: Payment) -> Mapping[str, object]:
    return {
        "state": payment.state.value,
        "amount_rials": payment.amount_rials,
        "currency": CURRENCY,
        "reference_number": payment.reference_number,
        "order_identifier": payment.order_identifier,
    }


def _their_words(theirs: Inquiry) -> Mapping[str, object]:
    return {
        "state": theirs.said,
        "amount_rials": theirs.amount_rials,
        "currency": theirs.currency,
        "reference_number": theirs.reference_number,
        "order_identifier": theirs.order_identifier,
    }
