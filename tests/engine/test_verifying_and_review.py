"""What is verified, what closes a review, and when a failed hook is tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from payment_engine.decision import closes_review, should_verify
from payment_engine.gateway import Inquiry, InquiryStatus, Verification, VerificationStatus
from payment_engine.gateway_evidence import GatewayEvidence
from payment_engine.pacing import last_chance, next_try
from payment_engine.payment import Payment
from payment_engine.policy import Policy
from payment_engine.states import FINAL, PaymentState
from testkit.cases import naming

S, P, U = InquiryStatus.SUCCESS, InquiryStatus.IN_PROGRESS, InquiryStatus.UNKNOWN
X, W = InquiryStatus.UNRECOGNISED, InquiryStatus.AWAITING_VERIFICATION

BEGUN = datetime(2026, 11, 21, 12, tzinfo=UTC)
EXPIRES = BEGUN + timedelta(minutes=15)
MOMENT = timedelta(microseconds=1)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
PAID, IN_DOUBT = PaymentState.PAID, PaymentState.IN_DOUBT
SUCCESSFUL = Verification(VerificationStatus.SUCCESSFUL, "SUCCESSFUL")
POLICY = Policy(callback_url="https://shop.example/pay/{reference}/callback")
CAUTIOUS = replace(POLICY, verify_without_callback=False)
NOTHING = GatewayEvidence()


@pytest.fixture
def payment() -> Payment:
    """In doubt, with its order's claim, after a verification that was not answered."""
    return Payment(
        order_key="1",
        gateway="g",
        gateway_payment_id="theirs",
        reference="ours",
        amount_rials=1000,
        state=IN_DOUBT,
        claimed=True,
        verifications_sent=1,
        created_at=BEGUN,
        expires_at=EXPIRES,
        closes_at=EXPIRES,
        next_check_at=BEGUN,
    )


def said(status: InquiryStatus = S) -> Inquiry:
    return Inquiry("theirs", "ours", 1000, "RIALS", status, status.upper())


def seen(status: InquiryStatus = S, *mismatches: str) -> GatewayEvidence:
    return GatewayEvidence(said(status), mismatches)


def captured() -> GatewayEvidence:
    return GatewayEvidence(said(), (), True, SUCCESSFUL, True)


def test_what_may_be_paid_is_verified(payment: Payment) -> None:
    for status, worth in [(status, status in (P, S, U, X, W)) for status in InquiryStatus]:
        with naming(status, worth):
            assert should_verify(POLICY, payment, seen(status), BEGUN) is worth
            assert not should_verify(POLICY, payment, seen(status, "amount_rials"), BEGUN)
            assert not should_verify(POLICY, payment, NOTHING, BEGUN)


@pytest.mark.parametrize("status", [P, U, X])
def test_a_cautious_shop_waits_for_the_browser_or_the_last_chance(
    payment: Payment, status: InquiryStatus
) -> None:
    chance = last_chance(payment)
    assert not should_verify(CAUTIOUS, payment, seen(status), chance - MOMENT)
    assert should_verify(CAUTIOUS, payment, seen(status), chance)
    payment.callback_at = BEGUN
    assert should_verify(CAUTIOUS, payment, seen(status), BEGUN)


@pytest.mark.parametrize("status", [W, S])
def test_what_is_known_to_be_paid_waits_for_nothing(
    payment: Payment, status: InquiryStatus
) -> None:
    assert should_verify(CAUTIOUS, payment, seen(status), BEGUN)


def test_only_proof_closes_a_review(payment: Payment) -> None:
    for state in PaymentState:
        for unanswered in (True, False):
            with naming(state, unanswered):
                payment.verifications_answered = 0 if unanswered else 1
                ends_unpaid = state in FINAL and state is not PAID
                expected = unanswered if state is PAID else ends_unpaid
                assert closes_review(payment, state, seen()) is expected
                assert closes_review(payment, state, captured()) is (state is PAID or ends_unpaid)


def test_a_hook_that_failed_is_tried_ever_later_but_in_time_for_the_window(
    payment: Payment,
) -> None:
    for failures, now, pause in (
        (1, BEGUN, 10 * SECOND),
        (3, BEGUN, 40 * SECOND),
        (9, BEGUN, MINUTE),
        (9, EXPIRES - MOMENT, MINUTE),
        (9, EXPIRES, 2560 * SECOND),
        (10**6, EXPIRES, HOUR),
    ):
        with naming(failures, now, pause):
            payment.failures = failures
            assert next_try(POLICY, payment, now) == now + pause
