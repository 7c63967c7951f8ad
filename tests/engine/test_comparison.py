"""What differs between the gateway's ledger and ours: pure functions, each fact by its name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from payment_engine.comparison import (
    Span,
    may_still_change,
    mismatches_between,
    unknown_payment,
    unreadable_answer,
    unreadable_row,
)
from payment_engine.discrepancies import Kind
from payment_engine.gateway import Inquiry, InquiryStatus, UnreadableRow
from payment_engine.payment import Payment
from payment_engine.states import PaymentState
from testkit.cases import naming

BEGUN = datetime(2026, 11, 21, 12, tzinfo=UTC)
CLOSES = BEGUN + timedelta(minutes=20)
HOUR, MOMENT = timedelta(hours=1), timedelta(microseconds=1)
SPAN = Span(BEGUN - HOUR, BEGUN + HOUR)
OURS = {
    "state": "paid",
    "amount_rials": 1000,
    "currency": "RIALS",
    "reference": "ours",
    "gateway_payment_id": "theirs",
}


@pytest.fixture
def payment() -> Payment:
    """Paid, with the claim."""
    return Payment(
        id=7,
        order_key="1",
        gateway="ppg",
        gateway_payment_id="theirs",
        reference="ours",
        amount_rials=1000,
        state=PaymentState.PAID,
        claimed=True,
        created_at=BEGUN,
        expires_at=BEGUN + timedelta(minutes=15),
        closes_at=CLOSES,
        next_check_at=BEGUN,
    )


def said(
    status: InquiryStatus = InquiryStatus.SUCCESS,
    until: datetime | None = None,
    created_at: datetime | None = None,
) -> Inquiry:
    return Inquiry(
        "theirs", "ours", 1000, "RIALS", status, status.upper(), until, created_at=created_at
    )


def test_an_answer_may_change_until_an_hour_after_the_end_unless_it_is_a_capture(
    payment: Payment,
) -> None:
    later = CLOSES + 3 * HOUR
    for theirs, until in (
        (None, CLOSES + HOUR),
        (said(), CLOSES + HOUR),
        (said(until=later), later + HOUR),
        (said(InquiryStatus.CAPTURED), None),
    ):
        with naming(theirs):
            if until is None:
                assert not may_still_change(payment, theirs, BEGUN, HOUR)
            else:
                assert may_still_change(payment, theirs, until - MOMENT, HOUR)
                assert not may_still_change(payment, theirs, until, HOUR)


def test_what_is_not_paid_there_differs_only_once_their_own_end_is_an_hour_past(
    payment: Payment,
) -> None:
    unpaid = said(InquiryStatus.UNPAID, until=CLOSES + 3 * HOUR)
    assert mismatches_between(payment, unpaid, CLOSES + 4 * HOUR - MOMENT, HOUR) == []
    (found,) = mismatches_between(payment, unpaid, CLOSES + 4 * HOUR, HOUR)
    assert found.kind is Kind.PAID_HERE_NOT_THERE


def test_a_mismatch_names_both_sides_and_when_the_payment_was_created(payment: Payment) -> None:
    expired = said(InquiryStatus.EXPIRED)
    (found,) = mismatches_between(payment, expired, BEGUN, HOUR)
    assert (found.gateway, found.subject, found.payment_id) == ("ppg", "theirs", 7)
    assert (found.gateway_payment_id, found.reference) == ("theirs", "ours")
    assert found.ours == OURS
    assert found.theirs == {**OURS, "state": "EXPIRED"}
    assert (found.lies_from, found.lies_to) == (BEGUN, BEGUN)


def test_records_that_contradict_each_other_there_are_named_unless_the_money_differs(
    payment: Payment,
) -> None:
    captured = replace(said(InquiryStatus.CAPTURED), contradicted=True)
    (found,) = mismatches_between(payment, captured, BEGUN, HOUR)
    assert found.kind is Kind.CONTRADICTED_THERE
    expired = replace(said(InquiryStatus.EXPIRED), contradicted=True)
    (found,) = mismatches_between(payment, expired, BEGUN, HOUR)
    assert found.kind is Kind.PAID_HERE_NOT_THERE


def test_the_identifier_is_the_one_that_the_gateway_names(payment: Payment) -> None:
    other = Inquiry("another", "ours", 1000, "RIALS", InquiryStatus.EXPIRED, "EXPIRED")
    (found,) = mismatches_between(payment, other, BEGUN, HOUR)
    assert (found.gateway_payment_id, found.subject) == ("another", "another")


def test_a_payment_that_is_missing_there_is_named_as_ours(payment: Payment) -> None:
    (found,) = mismatches_between(payment, None, BEGUN, HOUR)
    assert found.kind is Kind.MISSING_THERE
    assert (found.gateway_payment_id, found.reference) == ("theirs", "ours")
    assert found.theirs == {"state": "not found"}


def test_an_unknown_payment_lies_when_it_was_created_or_in_the_whole_span(
    payment: Payment,
) -> None:
    known = unknown_payment("ppg", said(created_at=BEGUN), None, SPAN)
    assert (known.kind, known.payment_id, known.ours) == (Kind.UNKNOWN_HERE, None, {})
    assert (known.lies_from, known.lies_to) == (BEGUN, BEGUN)
    undated = unknown_payment("ppg", said(), payment, SPAN)
    assert (undated.kind, undated.payment_id) == (Kind.DUPLICATED_REFERENCE, 7)
    assert (undated.lies_from, undated.lies_to) == (SPAN.since, SPAN.until)


def test_an_unreadable_row_is_kept_readable_bounded_and_the_same_each_time() -> None:
    raw = {"ب": "متن", "a": "x" * 3000}
    named = unreadable_row("ppg", UnreadableRow(raw, "theirs", "ours"), SPAN)
    assert (named.subject, named.gateway_payment_id, named.reference) == (
        "theirs",
        "theirs",
        "ours",
    )
    nameless = unreadable_row("ppg", UnreadableRow(raw), SPAN)
    again = unreadable_row("ppg", UnreadableRow(dict(reversed(raw.items()))), SPAN)
    assert nameless.key == again.key
    assert nameless.subject.endswith('"ب": "متن"}')
    assert nameless.theirs == {"row": nameless.subject[:2000]}


def test_an_answer_that_cannot_be_read_says_why(payment: Payment) -> None:
    found = unreadable_answer(payment, "amount is no number")
    assert found.kind is Kind.UNREADABLE_ROW
    assert found.theirs == {"state": "unreadable", "why": "amount is no number"}
