"""Name everything in which the gateway's ledger differs from ours.

Pure functions: a payment and what the gateway says of it go in, mismatches come out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from payment_engine import evidence
from payment_engine.decision import CURRENCY
from payment_engine.discrepancies import Kind, Mismatch
from payment_engine.gateway import CAPTURED, Inquiry, InquiryStatus, UnreadableRow
from payment_engine.payment import Payment
from payment_engine.redaction import redact
from payment_engine.states import CAPTURABLE, PaymentState

OVER = (InquiryStatus.FAILED, InquiryStatus.EXPIRED)
MENDABLE = (Kind.PAID_THERE_NOT_HERE, Kind.OVER_THERE_OPEN_HERE)
LONGEST_ROW = 2000  #: letters of an unreadable row that are kept


@dataclass(frozen=True, slots=True)
class Span:
    """Hold from when to when payments were created, in UTC, both inclusive."""

    since: datetime
    until: datetime


def may_still_change(
    payment: Payment, theirs: Inquiry | None, now: datetime, settle_after: timedelta
) -> bool:
    """Return whether the gateway's answer may still change by itself, so that a mismatch vanishes.

    Its expiry may be as late as ``settle_after``: until then SUCCESS may mean "not captured".
    """
    captured = theirs is not None and theirs.status is InquiryStatus.CAPTURED
    return not captured and now < evidence.end_of(payment, theirs) + settle_after


def mismatches_between(
    payment: Payment, theirs: Inquiry | None, now: datetime, settle_after: timedelta
) -> list[Mismatch]:
    """Return every mismatch between a payment and the gateway's answer.

    ``theirs`` is None if the gateway has no such payment.
    """
    if theirs is None:
        return [_about(payment, Kind.MISSING_THERE, None)]
    pairs = {
        Kind.CURRENCY_DIFFERS: (CURRENCY, theirs.currency),
        Kind.AMOUNT_DIFFERS: (payment.amount_rials, theirs.amount_rials),
        Kind.REFERENCE_DIFFERS: (payment.reference, theirs.reference),
    }
    kinds = [kind for kind, (ours, said) in pairs.items() if ours != said]
    late = not may_still_change(payment, theirs, now, settle_after)
    money = _money_differs(payment, theirs, late=late)
    if theirs.contradicted and not money:
        kinds.append(Kind.CONTRADICTED_THERE)
    return [_about(payment, kind, theirs) for kind in ([money] if money else []) + kinds]


def _money_differs(payment: Payment, theirs: Inquiry, *, late: bool) -> Kind | None:
    taken, over = theirs.status in CAPTURED, theirs.status in OVER
    if payment.state is PaymentState.PAID:
        if theirs.status is InquiryStatus.REVERSED:
            all_back = payment.refunded_rials >= payment.amount_rials
            return None if all_back else Kind.PAID_HERE_NOT_THERE
        return Kind.PAID_HERE_NOT_THERE if over or (late and not taken) else None
    is_open = payment.state in CAPTURABLE
    if payment.state is PaymentState.RETURNED:
        return None  # its refund tells how far that is
    if taken and (late or is_open):
        return Kind.PAID_THERE_NOT_HERE
    if is_open and (over or late or theirs.status is InquiryStatus.REVERSED):
        return Kind.OVER_THERE_OPEN_HERE
    return None


def _about(payment: Payment, kind: Kind, theirs: Inquiry | None) -> Mismatch:
    named = theirs.gateway_payment_id if theirs else payment.gateway_payment_id
    return Mismatch(
        kind=kind,
        gateway=payment.gateway,
        subject=str(named),
        gateway_payment_id=named,
        reference=payment.reference,
        payment_id=payment.id,
        ours=_our_words(payment),
        theirs=_their_words(theirs) if theirs else {"state": "not found"},
        lies_from=payment.created_at,
        lies_to=payment.created_at,
    )


def unknown_payment(gateway: str, theirs: Inquiry, claimed: Payment | None, span: Span) -> Mismatch:
    """Return the mismatch of a payment at the gateway that is not ours.

    ``claimed`` is the payment of ours whose reference it bears, if there is one.
    """
    return Mismatch(
        kind=Kind.DUPLICATED_REFERENCE if claimed else Kind.UNKNOWN_HERE,
        gateway=gateway,
        subject=theirs.gateway_payment_id,
        gateway_payment_id=theirs.gateway_payment_id,
        reference=theirs.reference,
        payment_id=claimed.id if claimed else None,
        ours=_our_words(claimed) if claimed else {},
        theirs=_their_words(theirs),
        lies_from=theirs.created_at or span.since,
        lies_to=theirs.created_at or span.until,
    )


def unreadable_row(gateway: str, row: UnreadableRow, span: Span) -> Mismatch:
    """Return the mismatch of a row of the gateway's list that cannot be read."""
    kept = json.dumps(redact(row.raw), ensure_ascii=False, sort_keys=True)
    return Mismatch(
        kind=Kind.UNREADABLE_ROW,
        gateway=gateway,
        subject=row.gateway_payment_id or kept,
        gateway_payment_id=row.gateway_payment_id,
        reference=row.reference,
        payment_id=None,
        ours={},
        theirs={"row": kept[:LONGEST_ROW]},
        lies_from=span.since,
        lies_to=span.until,
    )


def unreadable_answer(payment: Payment, why: str) -> Mismatch:
    """Return the mismatch of a payment of ours whose answer cannot be read or be compared."""
    return replace(
        _about(payment, Kind.UNREADABLE_ROW, None),
        theirs={"state": "unreadable", "why": why},
    )


def _our_words(payment: Payment) -> Mapping[str, object]:
    return {
        "state": payment.state.value,
        "amount_rials": payment.amount_rials,
        "currency": CURRENCY,
        "reference": payment.reference,
        "gateway_payment_id": payment.gateway_payment_id,
    }


def _their_words(theirs: Inquiry) -> Mapping[str, object]:
    return {
        "state": theirs.said,
        "amount_rials": theirs.amount_rials,
        "currency": theirs.currency,
        "reference": theirs.reference,
        "gateway_payment_id": theirs.gateway_payment_id,
    }
