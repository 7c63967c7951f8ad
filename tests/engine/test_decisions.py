"""What follows from an answer: pure decisions, each on both sides of its border."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from payment_engine.decision import (
    PRICE,
    captured_otherwise,
    decide,
    may_be_kept,
    mismatches_of,
    should_verify,
    verdict,
)
from payment_engine.errors import NoAnswer, NotFound
from payment_engine.evidence import end_of, is_settled, note, note_absence
from payment_engine.gateway import Inquiry, InquiryStatus, Verification, VerificationStatus
from payment_engine.gateway_evidence import GatewayEvidence
from payment_engine.pacing import last_chance, next_check
from payment_engine.payment import Payment
from payment_engine.policy import Policy
from payment_engine.states import PaymentState
from payment_engine.testing import ScriptedGateway
from testkit.cases import naming

BEGUN = datetime(2026, 11, 21, 12, tzinfo=UTC)
EXPIRES = BEGUN + timedelta(minutes=15)
CLOSES = BEGUN + timedelta(minutes=20)  # the gateway lets go of it later than we stop verifying
MOMENT = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
IN_DOUBT, IN_REVIEW = PaymentState.IN_DOUBT, PaymentState.NEEDS_REVIEW
SUCCESSFUL = Verification(VerificationStatus.SUCCESSFUL, "SUCCESSFUL")


@pytest.fixture
def payment() -> Payment:
    """In doubt, with its order's claim, after a verification that was not answered."""
    return Payment(
        order_key="1",
        gateway="ppg",
        gateway_payment_id="theirs",
        reference="ours",
        amount_rials=1000,
        state=IN_DOUBT,
        claimed=True,
        verifications_sent=1,
        verifications_answered=0,
        created_at=BEGUN,
        expires_at=EXPIRES,
        closes_at=CLOSES,
        next_check_at=BEGUN,
    )


def policy(every: timedelta = MINUTE, *, poll: bool = False) -> Policy:
    return Policy(
        callback_url="https://shop.example/{reference}",
        recover_after=every,
        verify_without_callback=poll,
    )


def said(status: InquiryStatus = InquiryStatus.SUCCESS, until: datetime | None = None) -> Inquiry:
    return Inquiry("theirs", "ours", 1000, "RIALS", status, status.upper(), until)


def captured(verification: Verification = SUCCESSFUL) -> GatewayEvidence:
    """A verification was answered so, after an inquiry that agreed."""
    return GatewayEvidence(said(), (), True, verification, True)


def test_each_discrepancy_is_named(payment: Payment) -> None:
    for name, inquiry in (
        ("gateway_payment_id", Inquiry("other", "ours", 1000, "RIALS", InquiryStatus.SUCCESS, "")),
        ("reference", Inquiry("theirs", "other", 1000, "RIALS", InquiryStatus.SUCCESS, "")),
        ("amount_rials", Inquiry("theirs", "ours", 1001, "RIALS", InquiryStatus.SUCCESS, "")),
        ("currency", Inquiry("theirs", "ours", 1000, "TOMAN", InquiryStatus.SUCCESS, "")),
    ):
        with naming(name, inquiry):
            assert mismatches_of(payment, inquiry) == (name,)


def test_what_agrees_differs_in_nothing(payment: Payment) -> None:
    assert mismatches_of(payment, said()) == ()


def test_what_a_verification_repeats_otherwise_is_noticed(payment: Payment) -> None:
    for repeated, otherwise in (
        (None, False),
        (SUCCESSFUL, False),
        (Verification(VerificationStatus.SUCCESSFUL, "", "ours", 1000), False),
        (Verification(VerificationStatus.SUCCESSFUL, "", "other", 1000), True),
        (Verification(VerificationStatus.SUCCESSFUL, "", "ours", 999), True),
    ):
        with naming(repeated, otherwise):
            assert captured_otherwise(payment, repeated) is otherwise


def test_a_capture_of_another_price_is_for_a_person(payment: Payment) -> None:
    other = Verification(VerificationStatus.SUCCESSFUL, "SUCCESSFUL", "ours", 999)
    assert decide(payment, captured(other), BEGUN) is IN_REVIEW


def test_without_a_callback_only_money_that_is_known_to_be_there_is_verified(
    payment: Payment,
) -> None:
    for status, verified in (
        (InquiryStatus.UNPAID, False),
        (InquiryStatus.IN_PROGRESS, False),
        (InquiryStatus.UNKNOWN, False),
        (InquiryStatus.AWAITING_VERIFICATION, True),
        (InquiryStatus.SUCCESS, True),
        (InquiryStatus.CAPTURED, False),
    ):
        with naming(status, verified):
            assert (
                should_verify(policy(), payment, GatewayEvidence(said(status)), BEGUN) is verified
            )
            assert not should_verify(policy(), payment, GatewayEvidence(), BEGUN)


def test_a_capture_is_paid_whatever_the_inquiry_before_it_differed_in(payment: Payment) -> None:
    seen = GatewayEvidence(said(), ("amount_rials",), True, SUCCESSFUL, True)
    assert decide(payment, seen, BEGUN) is PaymentState.PAID


NOT_FOUND = GatewayEvidence(
    errors=(NoAnswer("inquiry", "late"), NotFound("inquiry", "no such order"))
)
TEN_MINUTES = timedelta(minutes=10)


def test_a_payment_that_the_gateway_does_not_know_is_for_a_person_after_its_window_and_ten_minutes(
    payment: Payment,
) -> None:
    payment.missing_since = EXPIRES - TEN_MINUTES
    assert decide(payment, NOT_FOUND, EXPIRES) is IN_DOUBT
    assert decide(payment, NOT_FOUND, EXPIRES + MOMENT) is IN_REVIEW
    payment.missing_since = EXPIRES
    assert decide(payment, NOT_FOUND, EXPIRES + TEN_MINUTES - MOMENT) is IN_DOUBT
    assert decide(payment, NOT_FOUND, EXPIRES + TEN_MINUTES) is IN_REVIEW


def test_one_answer_that_there_is_no_such_payment_is_not_believed_however_late(
    payment: Payment,
) -> None:
    late = EXPIRES + 5 * HOUR
    assert decide(payment, NOT_FOUND, late) is IN_DOUBT
    note_absence(payment, NOT_FOUND, late)
    assert decide(payment, NOT_FOUND, late) is IN_DOUBT
    assert decide(payment, GatewayEvidence(), late + HOUR) is IN_DOUBT


def test_ten_minutes_begin_with_the_first_such_answer_and_anew_after_any_other(
    payment: Payment,
) -> None:
    silence = GatewayEvidence(errors=(NoAnswer("inquiry", "late"),))
    for seen, since in (
        (silence, None),
        (NOT_FOUND, EXPIRES + MINUTE),
        (silence, EXPIRES + MINUTE),
        (NOT_FOUND, EXPIRES + MINUTE),
        (GatewayEvidence(said(InquiryStatus.UNKNOWN)), None),
    ):
        note_absence(payment, seen, since or EXPIRES)
        assert payment.missing_since == since


def test_an_answer_after_a_verification_that_was_not_found_counts(payment: Payment) -> None:
    payment.missing_since = BEGUN
    missing = (NotFound("verify", "no such order"),)
    seen = GatewayEvidence(said(InquiryStatus.EXPIRED), verified=True, errors=missing)
    assert decide(payment, seen, EXPIRES + HOUR) is PaymentState.EXPIRED


@pytest.mark.parametrize("status", [InquiryStatus.FAILED, InquiryStatus.EXPIRED])
def test_another_price_that_is_over_is_over(payment: Payment, status: InquiryStatus) -> None:
    for name in ("amount_rials", "currency"):
        assert decide(payment, GatewayEvidence(said(status), (name,)), BEGUN).value == status.value


@pytest.mark.parametrize("name", ["gateway_payment_id", "reference"])
@pytest.mark.parametrize("status", [InquiryStatus.FAILED, InquiryStatus.EXPIRED])
def test_that_somebody_elses_payment_is_over_says_nothing_of_ours(
    payment: Payment, status: InquiryStatus, name: str
) -> None:
    assert decide(payment, GatewayEvidence(said(status), (name,)), BEGUN) is IN_DOUBT


def test_a_discrepancy_is_for_a_person_when_it_lasts_an_hour_past_the_end(payment: Payment) -> None:
    seen = GatewayEvidence(said(InquiryStatus.SUCCESS), ("amount_rials",))
    lasting = CLOSES + timedelta(hours=1)
    assert decide(payment, seen, lasting - MOMENT) is IN_DOUBT
    assert decide(payment, seen, lasting) is IN_REVIEW


def test_what_is_not_verified_because_another_has_the_claim_stays_as_it_is(
    payment: Payment,
) -> None:
    payment.state = PaymentState.AWAITING_PAYER
    over = CLOSES + timedelta(minutes=2)
    waiting = PaymentState.AWAITING_PAYER
    assert decide(payment, GatewayEvidence(said()), over - MOMENT) is waiting
    assert decide(payment, GatewayEvidence(said()), over) is IN_DOUBT


def test_success_counts_only_once_settled_and_only_while_a_verification_is_unanswered(
    payment: Payment,
) -> None:
    seen = GatewayEvidence(said(), verified=True)
    assert decide(payment, seen, CLOSES) is IN_DOUBT
    assert decide(payment, seen, CLOSES, settled=True) is PaymentState.PAID
    payment.verifications_answered = 1
    assert decide(payment, seen, CLOSES, settled=True) is IN_DOUBT


def test_no_verification_means_awaiting_only_if_none_is_unanswered(payment: Payment) -> None:
    unpaid = GatewayEvidence(said(InquiryStatus.UNPAID))
    assert decide(payment, unpaid, BEGUN) is IN_DOUBT
    payment.verifications_answered = 1
    assert decide(payment, unpaid, BEGUN) is PaymentState.AWAITING_PAYER


def test_paid_without_the_claim_is_for_a_person(payment: Payment) -> None:
    payment.claimed = False
    assert decide(payment, captured(), BEGUN) is IN_REVIEW


def test_a_doubt_that_is_older_than_a_day_is_for_a_person(payment: Payment) -> None:
    a_day = BEGUN + timedelta(hours=24)
    assert decide(payment, GatewayEvidence(), a_day) is IN_DOUBT
    assert decide(payment, GatewayEvidence(), a_day + MOMENT) is IN_REVIEW
    failed = GatewayEvidence(said(InquiryStatus.FAILED))
    assert decide(payment, failed, a_day + MOMENT) is PaymentState.FAILED


def test_a_payment_ends_when_the_gateway_says_so_unless_that_is_nonsense(payment: Payment) -> None:
    for theirs, end in (
        (None, CLOSES),
        (BEGUN, EXPIRES),
        (CLOSES - MINUTE, CLOSES - MINUTE),
        (CLOSES + timedelta(days=1), CLOSES + timedelta(days=1)),
        (CLOSES + timedelta(days=1) + MOMENT, CLOSES),
        (datetime.max.replace(tzinfo=UTC), CLOSES),
    ):
        with naming(theirs, end):
            assert end_of(payment, said(until=theirs)) == end


def test_the_latest_end_that_the_gateway_has_named_is_kept(payment: Payment) -> None:
    later = CLOSES + timedelta(hours=3)
    note(payment, said(until=later), BEGUN, timedelta(hours=1))
    for until in (None, CLOSES, datetime.max.replace(tzinfo=UTC)):
        note(payment, said(until=until), BEGUN, timedelta(hours=1))
        assert end_of(payment) == later


def test_a_clock_that_was_set_back_begins_a_series_of_success_anew(payment: Payment) -> None:
    for asked_at in (CLOSES + 10 * MINUTE, CLOSES + 20 * MINUTE, CLOSES + 12 * MINUTE):
        note(payment, said(), asked_at, timedelta(hours=1))
    assert payment.success_since == CLOSES + 12 * MINUTE


def test_a_series_of_success_begins_at_the_end_itself_and_bears_gaps_of_a_quarter(
    payment: Payment,
) -> None:
    note(payment, said(), CLOSES - MOMENT, HOUR)
    assert payment.success_since is None
    second = CLOSES + HOUR / 4
    for asked_at in (CLOSES, second, second):  # two may ask at the same moment
        note(payment, said(), asked_at, HOUR)
        assert payment.success_since == CLOSES
    note(payment, said(), second + HOUR / 4 + MOMENT, HOUR)
    assert payment.success_since == second + HOUR / 4 + MOMENT


def test_a_series_of_success_is_settled_after_its_hour_or_once_the_expiry_has_run(
    payment: Payment,
) -> None:
    assert not is_settled(payment, CLOSES + 9 * HOUR, HOUR, lambda *_: True)
    note(payment, said(), CLOSES, HOUR)
    assert is_settled(payment, CLOSES + HOUR, HOUR, lambda *_: False)
    assert not is_settled(payment, CLOSES + HOUR - MOMENT, HOUR, lambda *_: False)
    asked_at = CLOSES + 5 * MINUTE
    had_to_end = CLOSES + 2 * MINUTE  # two clocks differ
    assert is_settled(payment, asked_at, HOUR, lambda *between: between == (had_to_end, asked_at))


def test_failed_is_kept_from_the_first_time_until_something_else_is_said(payment: Payment) -> None:
    for asked_at in (BEGUN, BEGUN + MINUTE):
        note(payment, said(InquiryStatus.FAILED), asked_at, HOUR)
        assert payment.failed_seen_at == BEGUN
    note(payment, said(InquiryStatus.UNPAID), BEGUN + 2 * MINUTE, HOUR)
    assert payment.failed_seen_at is None


def test_nothing_is_learnt_from_success_before_the_gateways_own_later_end(payment: Payment) -> None:
    later = CLOSES + 3 * HOUR
    payment.state = PaymentState.AWAITING_PAYER
    seen = GatewayEvidence(said(until=later), ())
    assert decide(payment, seen, later) is PaymentState.AWAITING_PAYER


def test_success_is_no_proof_unless_it_is_said_to_be_settled() -> None:
    assert verdict(InquiryStatus.SUCCESS, None, unanswered=True) is IN_DOUBT
    settled = verdict(InquiryStatus.SUCCESS, None, unanswered=True, settled=True)
    assert settled is PaymentState.PAID


def test_a_discrepancy_does_not_last_before_the_gateways_own_later_end(payment: Payment) -> None:
    different = GatewayEvidence(said(until=CLOSES + timedelta(hours=3)), ("amount_rials",))
    assert decide(payment, different, CLOSES + timedelta(hours=1)) is IN_DOUBT


def test_one_failed_against_a_browser_that_says_it_has_paid_is_asked_about_again(
    payment: Payment,
) -> None:
    failed = GatewayEvidence(said(InquiryStatus.FAILED))
    payment.failed_seen_at = BEGUN
    assert decide(payment, failed, BEGUN) is PaymentState.FAILED
    payment.success_claimed = True
    assert decide(payment, failed, BEGUN + SECOND - MOMENT) is IN_DOUBT
    assert decide(payment, failed, BEGUN + SECOND) is PaymentState.FAILED


def test_the_facts_name_what_was_seen_and_leave_out_what_was_not() -> None:
    silence = NoAnswer("inquiry", "no answer in time")
    seen = GatewayEvidence(said(), ("currency",), True, SUCCESSFUL, True, (silence,))
    assert seen.facts() == {
        "inquiry": "SUCCESS",
        "verification": VerificationStatus.SUCCESSFUL,
        "differences": ["currency"],
        "errors": [silence.facts()],
    }
    assert GatewayEvidence().facts() == {}


def test_questions_are_dense_in_the_window_and_ever_rarer_after_it(payment: Payment) -> None:
    for now, asked_at in (
        (BEGUN, BEGUN + MINUTE),
        (EXPIRES - 2 * MINUTE, EXPIRES - MINUTE),
        (EXPIRES - MINUTE, EXPIRES - 30 * SECOND),  # not at the end: while it may still be seen
        (EXPIRES - 31 * SECOND, EXPIRES - 30 * SECOND),
        (EXPIRES - 30 * SECOND, EXPIRES - 25 * SECOND),
        (EXPIRES - MOMENT, EXPIRES + 5 * SECOND - MOMENT),
        (EXPIRES, EXPIRES + MINUTE),
        (EXPIRES + MINUTE, EXPIRES + 2 * MINUTE),
        (EXPIRES + 10 * MINUTE, EXPIRES + 15 * MINUTE),
        (EXPIRES + 10 * 60 * MINUTE, EXPIRES + 11 * 60 * MINUTE),
    ):
        with naming(now, asked_at):
            payment.verifications_answered = 1
            assert next_check(policy(), payment, GatewayEvidence(), now) == asked_at


def test_one_failed_that_a_browser_contradicts_is_asked_about_soon_and_once(
    payment: Payment,
) -> None:
    payment.failed_seen_at = BEGUN
    recorded = BEGUN + SECOND  # an answer is recorded later than it was asked for
    first, second = GatewayEvidence(asked_at=BEGUN), GatewayEvidence(asked_at=BEGUN + 5 * SECOND)
    assert next_check(policy(), payment, first, recorded) == recorded + MINUTE
    payment.success_claimed = True
    assert next_check(policy(), payment, first, recorded) == recorded + 5 * SECOND
    assert next_check(policy(), payment, second, recorded) == recorded + MINUTE


@pytest.mark.parametrize(
    ("state", "since", "gap"),
    [
        (IN_DOUBT, None, timedelta(minutes=10)),
        (IN_DOUBT, CLOSES, timedelta(minutes=10)),
        (IN_REVIEW, CLOSES, timedelta(minutes=10)),
        (IN_REVIEW, None, timedelta(hours=1)),
        (PaymentState.AWAITING_PAYER, None, timedelta(minutes=5)),
    ],
)
def test_the_longest_gap_between_questions_follows_what_may_still_happen(
    payment: Payment, state: PaymentState, since: datetime | None, gap: timedelta
) -> None:
    payment.state, payment.success_since = state, since
    late = EXPIRES + timedelta(hours=10)
    assert next_check(policy(), payment, GatewayEvidence(), late) == late + gap


def test_a_shop_that_asks_every_other_second_asks_no_less_at_the_end(payment: Payment) -> None:
    soon = next_check(policy(2 * SECOND), payment, GatewayEvidence(), EXPIRES - 10 * SECOND)
    assert soon == EXPIRES - 8 * SECOND


@pytest.mark.parametrize(
    ("rival_has_claim", "now", "asked_at"),
    [
        (True, BEGUN, BEGUN + 5 * SECOND),
        (False, BEGUN, BEGUN + MINUTE),
        (True, EXPIRES - 31 * SECOND, EXPIRES - 30 * SECOND),
        (True, EXPIRES, EXPIRES + MINUTE),
    ],
)
def test_who_is_kept_out_by_a_rival_asks_again_soon_while_the_window_lasts(
    payment: Payment, *, rival_has_claim: bool, now: datetime, asked_at: datetime
) -> None:
    seen = GatewayEvidence(rival_has_claim=rival_has_claim)
    assert next_check(policy(), payment, seen, now) == asked_at


@pytest.mark.parametrize(
    ("mismatches", "may_be_kept_then"),
    [
        ((), True),
        (("amount_rials",), False),
        (PRICE, False),
        (("reference",), None),
        (("amount_rials", "reference"), None),
    ],
)
def test_what_the_gateway_captured_by_itself_is_kept_only_at_our_price(
    payment: Payment, mismatches: tuple[str, ...], *, may_be_kept_then: bool | None
) -> None:
    gateway, payment.claimed = ScriptedGateway(), False
    gateway.unverified_money_returns = False
    seen = GatewayEvidence(said(InquiryStatus.CAPTURED), mismatches)
    assert may_be_kept(gateway, payment, seen) is may_be_kept_then


def test_nothing_was_captured_by_itself_where_we_asked_for_it_or_where_unverified_money_returns(
    payment: Payment,
) -> None:
    gateway, seen = ScriptedGateway(), GatewayEvidence(said(InquiryStatus.CAPTURED))
    gateway.unverified_money_returns = False
    assert may_be_kept(gateway, payment, seen) is None
    payment.claimed = False
    assert may_be_kept(gateway, payment, GatewayEvidence(said())) is None
    gateway.unverified_money_returns = True
    assert may_be_kept(gateway, payment, seen) is None


def test_the_last_chance_is_half_a_minute_before_the_end(payment: Payment) -> None:
    assert last_chance(payment) == EXPIRES - 30 * SECOND
