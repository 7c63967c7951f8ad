"""Money goes back once, is never ordered twice blindly, and is never lost, whatever is silent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from payment_engine import (
    Actor,
    Event,
    Hooks,
    NotDecidable,
    NotRefundable,
    Outcome,
    Payment,
    PaymentEngine,
    PaymentState,
    Policy,
    Refund,
    RefundMethod,
    RefundState,
    Standing,
)
from payment_engine.errors import NoAnswer, NotSent, Refused, TooManyRequests
from payment_engine.gateway import InquiryStatus, RefundStatus, ReversalStatus
from payment_engine.refund import ENDED
from payment_engine.sqlalchemy_store import SqlAlchemyStore
from payment_engine.testing import ScriptedGateway
from testkit.clock import MovingClock

PRICE = 200_000
MINUTE, HOUR = 60.0, 3600.0
SILENCE = NoAnswer("refund", "no whole answer in time")
WORDS: Any = {"reason": "the cup was broken", "by": "Sara"}


class Noting(Hooks):
    """Notes what it is told; says what a test wants."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []
        self.wanted = True
        self.broken = False

    def may_capture(self, _session: Any, _payment: Payment) -> bool:
        if self.broken:
            raise KeyError("the application's mistake")
        return self.wanted

    def on_paid(self, _session: Any, payment: Payment) -> None:
        self.told.append(("paid", payment.amount_rials))

    def on_returned(self, _session: Any, payment: Payment) -> None:
        self.told.append(("returned", payment.amount_rials))

    def on_refunded(self, _session: Any, _payment: Payment, refund: Refund) -> None:
        if self.broken:
            raise KeyError("the application's mistake")
        self.told.append(("refunded", refund.amount_rials))


@pytest.fixture
def gateway() -> ScriptedGateway:
    gateway = ScriptedGateway()
    gateway.can_refund = True
    return gateway


@pytest.fixture
def hooks() -> Noting:
    return Noting()


@pytest.fixture
def engine(gateway: ScriptedGateway, hooks: Noting, clock: MovingClock) -> Iterator[PaymentEngine]:
    database = create_engine("sqlite://", poolclass=StaticPool)
    yield PaymentEngine(
        gateways=[gateway],
        store=SqlAlchemyStore(database, clock=clock.now).create_tables(),
        policy=Policy(
            callback_url="https://shop.example/{reference}",
            redirect_hosts={ScriptedGateway.host},
            max_attempts=9,
        ),
        hooks=hooks,
        clock=clock.now,
        monotonic=clock.steady,
    )
    database.dispose()


def begun(engine: PaymentEngine, order_key: str = "7") -> Payment:
    return engine.begin(order_key=order_key, amount_rials=PRICE, payer_mobile="09121234567")


def paid(engine: PaymentEngine, gateway: ScriptedGateway, order_key: str = "7") -> Payment:
    payment = begun(engine, order_key)
    returned = gateway.pay(str(payment.gateway_payment_id))
    return engine.handle_callback(payment.reference, returned).payment


def theirs(payment: Payment) -> str:
    return str(payment.gateway_payment_id)


def recover(
    engine: PaymentEngine, clock: MovingClock, seconds: float, *, every: float = MINUTE
) -> None:
    """Let time pass as a worker sees it: a pass a minute, or less often."""
    for _ in range(int(seconds / every)):
        clock.advance(every)
        engine.recover_once()


def only(engine: PaymentEngine, order_key: str = "7") -> Refund:
    (refund,) = engine.refunds_of(order_key)
    return refund


def events(engine: PaymentEngine, order_key: str = "7") -> list[str]:
    return [each.event for each in engine.history(order_key)]


def test_a_refund_is_ordered_once_and_done_when_the_bank_has_transferred(
    engine: PaymentEngine, gateway: ScriptedGateway, hooks: Noting, clock: MovingClock
) -> None:
    payment = paid(engine, gateway)
    refund = engine.refund(payment.reference, **WORDS)
    assert (refund.state, refund.amount_rials) == (RefundState.IN_PROGRESS, PRICE)
    assert engine.state_of("7") is Standing.PAID
    gateway.settle_refund(theirs(payment), RefundStatus.DONE, "TRANSFERRED")
    recover(engine, clock, 10 * MINUTE)
    assert (only(engine).state, only(engine).said) == (RefundState.DONE, "TRANSFERRED")
    assert hooks.told == [("paid", PRICE), ("refunded", PRICE)]
    assert engine.state_of("7") is Standing.REFUNDED
    assert len(gateway.calls_of("refund")) == 1
    assert events(engine)[-4:] == [
        Event.REFUND_REQUESTED,
        Event.REFUND_SENT,
        Event.REFUND_IN_PROGRESS,
        Event.REFUND_DONE,
    ]


def test_parts_go_back_one_after_the_other_and_never_more_than_was_paid(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    payment = paid(engine, gateway)
    engine.refund(payment.reference, 50_000, **WORDS)
    with pytest.raises(NotRefundable, match="under way"):
        engine.refund(payment.reference, 50_000, **WORDS)
    gateway.settle_refund(theirs(payment), RefundStatus.DONE)
    recover(engine, clock, 10 * MINUTE)
    assert engine.state_of("7") is Standing.PARTLY_REFUNDED
    with pytest.raises(NotRefundable, match="150000 Rials"):
        engine.refund(payment.reference, 150_001, **WORDS)
    assert engine.refund(payment.reference, **WORDS).amount_rials == 150_000
    gateway.settle_refund(theirs(payment), RefundStatus.DONE)
    recover(engine, clock, 10 * MINUTE)
    assert engine.state_of("7") is Standing.REFUNDED
    with pytest.raises(NotRefundable, match="gone back already"):
        engine.refund(payment.reference, 1, **WORDS)
    assert gateway.returned_rials(theirs(payment)) == PRICE


def test_an_accepted_refund_whose_answer_was_lost_is_found_and_not_ordered_again(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    payment = paid(engine, gateway)
    gateway.lose_answer("refund")
    refund = engine.refund(payment.reference, 50_000, **WORDS)
    assert refund.state is RefundState.IN_DOUBT
    gateway.settle_refund(theirs(payment), RefundStatus.DONE)
    recover(engine, clock, 5 * MINUTE)
    assert only(engine).state is RefundState.DONE
    assert only(engine).gateway_refund_id == f"{theirs(payment)}-1"
    assert len(gateway.calls_of("refund")) == 1
    assert gateway.returned_rials(theirs(payment)) == 50_000


def test_a_refund_that_never_arrived_is_ordered_again_only_after_a_long_absence(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    payment = paid(engine, gateway)
    gateway.answer("refund", SILENCE)
    engine.refund(payment.reference, 50_000, **WORDS)
    recover(engine, clock, 9 * MINUTE)
    assert len(gateway.calls_of("refund")) == 1
    recover(engine, clock, 9 * MINUTE)
    assert len(gateway.calls_of("refund")) == 2
    assert Event.REFUND_NEVER_ARRIVED in events(engine)
    gateway.settle_refund(theirs(payment), RefundStatus.DONE)
    recover(engine, clock, 30 * MINUTE)
    assert only(engine).state is RefundState.DONE
    assert gateway.returned_rials(theirs(payment)) == 50_000


def test_while_the_gateway_is_silent_about_a_refund_nothing_is_ordered(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    payment = paid(engine, gateway)
    gateway.lose_answer("refund")
    engine.refund(payment.reference, **WORDS)
    gateway.answer("refunds", *[SILENCE] * 100)
    recover(engine, clock, 60 * MINUTE)
    assert only(engine).state is RefundState.IN_DOUBT
    assert len(gateway.calls_of("refund")) == 1


def test_an_answer_about_another_payment_puts_a_refund_off(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    payment = paid(engine, gateway)
    foreign = replace(gateway.rows[theirs(payment)], reference="somebody-elses")
    gateway.answer("inquire", foreign)
    assert engine.refund(payment.reference, **WORDS).state is RefundState.REQUESTED
    assert not gateway.calls_of("refund")
    recover(engine, clock, 5 * MINUTE)
    assert gateway.returned_rials(theirs(payment)) == PRICE


def test_a_refund_of_what_stays_another_payment_fails_after_a_day(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    payment = paid(engine, gateway)
    gateway.change(theirs(payment), reference="somebody-elses")
    engine.refund(payment.reference, **WORDS)
    for _ in range(30):
        clock.advance(60 * MINUTE)
        engine.recover_once()
    assert only(engine).state is RefundState.FAILED
    assert only(engine).last_failure == "the gateway names another payment"
    assert gateway.returned_rials(theirs(payment)) == 0


@pytest.mark.parametrize("error", [NotSent("refund", "no connection"), TooManyRequests("r", "r")])
def test_what_certainly_did_not_arrive_is_sent_again_soon(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock, error: Exception
) -> None:
    payment = paid(engine, gateway)
    gateway.answer("refund", error)
    assert engine.refund(payment.reference, **WORDS).state is RefundState.REQUESTED
    recover(engine, clock, 5 * MINUTE)
    assert only(engine).state is RefundState.IN_PROGRESS
    assert gateway.returned_rials(theirs(payment)) == PRICE


def test_who_asks_sees_a_clear_no_at_once_and_may_ask_again(
    engine: PaymentEngine, gateway: ScriptedGateway
) -> None:
    payment = paid(engine, gateway)
    gateway.answer("refund", Refused("refund", "no money", codes=("balances.not_enough",)))
    refund = engine.refund(payment.reference, **WORDS)
    assert (refund.state, refund.last_failure) == (RefundState.FAILED, "balances.not_enough")
    assert engine.refund(payment.reference, **WORDS).state is RefundState.IN_PROGRESS


def test_a_whole_payment_is_reversed_and_a_part_is_transferred(
    engine: PaymentEngine, gateway: ScriptedGateway
) -> None:
    gateway.can_reverse = True
    whole, part = paid(engine, gateway, "1"), paid(engine, gateway, "2")
    reversed_one = engine.refund(whole.reference, **WORDS)
    assert (reversed_one.method, reversed_one.state) == (RefundMethod.REVERSE, RefundState.DONE)
    assert engine.refund(part.reference, 1_000, **WORDS).method is RefundMethod.REFUND
    assert len(gateway.calls_of("reverse")) == 1


def test_a_reversal_that_was_not_answered_is_asked_for_until_it_is_and_never_becomes_a_transfer(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    gateway.can_reverse = True
    payment = paid(engine, gateway)
    gateway.answer("reverse", SILENCE, ReversalStatus.UNKNOWN)
    assert engine.refund(payment.reference, **WORDS).state is RefundState.IN_DOUBT
    recover(engine, clock, 10 * MINUTE)
    assert only(engine).state is RefundState.DONE
    assert len(gateway.calls_of("reverse")) == 3
    assert not gateway.calls_of("refund")
    assert gateway.returned_rials(theirs(payment)) == PRICE


def test_a_reversal_that_arrived_although_its_answer_was_lost_is_done(
    engine: PaymentEngine, gateway: ScriptedGateway, hooks: Noting, clock: MovingClock
) -> None:
    reversed_without_an_answer(engine, gateway)
    recover(engine, clock, 3 * MINUTE)
    assert only(engine).state is RefundState.DONE
    assert hooks.told.count(("refunded", PRICE)) == 1
    assert len(gateway.calls_of("reverse")) == 1


NOT_ENABLED = Refused("reverse", "off", codes=("reverse.is_not_enabled",))


def reversed_without_an_answer(engine: PaymentEngine, gateway: ScriptedGateway) -> Payment:
    gateway.can_reverse = True
    payment = paid(engine, gateway)
    gateway.lose_answer("reverse")
    engine.refund(payment.reference, **WORDS)
    return payment


def test_a_reversal_that_arrived_is_done_also_if_its_repetition_is_refused(
    engine: PaymentEngine, gateway: ScriptedGateway, hooks: Noting, clock: MovingClock
) -> None:
    payment = reversed_without_an_answer(engine, gateway)
    gateway.change(theirs(payment), status=InquiryStatus.CAPTURED)  # as it says for a while yet
    gateway.answer("reverse", NOT_ENABLED)
    clock.advance(MINUTE)
    engine.recover_once()
    gateway.change(theirs(payment), status=InquiryStatus.REVERSED)
    recover(engine, clock, 3 * MINUTE)
    refund = only(engine)
    assert (refund.method, refund.state) == (RefundMethod.REVERSE, RefundState.DONE)
    assert hooks.told.count(("refunded", PRICE)) == 1
    assert not gateway.calls_of("refund")


def test_while_the_gateway_does_not_say_captured_no_reversal_is_sent_again(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    payment = reversed_without_an_answer(engine, gateway)
    gateway.change(theirs(payment), status=InquiryStatus.IN_PROGRESS)
    recover(engine, clock, 10 * MINUTE)
    assert only(engine).state is RefundState.IN_DOUBT
    assert len(gateway.calls_of("reverse")) == 1


def nearly_long_enough_in_doubt(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> tuple[Payment, float]:
    """A payment whose reversal is refused from now on, two minutes before a transfer takes its
    place; and how many seconds the gateway must say captured for that."""
    payment = reversed_without_an_answer(engine, gateway)
    gateway.answer("reverse", *[NOT_ENABLED] * 50)
    gateway.change(theirs(payment), status=InquiryStatus.CAPTURED)
    settles = engine.services.policy.refund_settles_after.total_seconds()
    recover(engine, clock, settles - 2 * MINUTE)
    return payment, settles


@pytest.mark.parametrize("between", [InquiryStatus.IN_PROGRESS, InquiryStatus.UNKNOWN])
def test_a_refused_reversal_becomes_a_transfer_only_when_nothing_else_was_said_for_a_while(
    engine: PaymentEngine,
    gateway: ScriptedGateway,
    clock: MovingClock,
    between: InquiryStatus,
) -> None:
    payment, settles = nearly_long_enough_in_doubt(engine, gateway, clock)
    gateway.change(theirs(payment), status=between)
    recover(engine, clock, settles / 2)
    gateway.change(theirs(payment), status=InquiryStatus.CAPTURED)
    recover(engine, clock, settles / 2)
    assert only(engine).method is RefundMethod.REVERSE
    assert not gateway.calls_of("refund")
    recover(engine, clock, 2 * settles)
    assert only(engine).method is RefundMethod.REFUND
    assert len(gateway.calls_of("refund")) == 1


def test_a_reversal_that_was_sent_again_is_awaited_as_long_as_the_first(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    gateway.can_reverse = True
    payment = paid(engine, gateway)
    gateway.answer("reverse", *[SILENCE] * 10)
    began, settles = clock.now(), engine.services.policy.refund_settles_after
    engine.refund(payment.reference, **WORDS)
    while len(gateway.calls_of("reverse")) < 10:
        recover(engine, clock, MINUTE)
    assert clock.now() - began > settles
    gateway.answer("reverse", *[NOT_ENABLED] * 50)  # while the tenth is still on its way
    recover(engine, clock, settles.total_seconds() / 2)
    assert only(engine).method is RefundMethod.REVERSE
    assert not gateway.calls_of("refund")


def test_another_word_of_the_gateway_takes_no_reversal_out_of_doubt(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    payment = reversed_without_an_answer(engine, gateway)
    gateway.change(theirs(payment), status=InquiryStatus.CAPTURED)
    gateway.answer("reverse", NotSent("reverse", "no connection"), *[NOT_ENABLED] * 9)
    recover(engine, clock, MINUTE)
    assert only(engine).state is RefundState.REQUESTED
    gateway.change(theirs(payment), status=InquiryStatus.IN_PROGRESS)
    recover(engine, clock, MINUTE)
    gateway.change(theirs(payment), status=InquiryStatus.CAPTURED)
    recover(engine, clock, 3 * MINUTE)
    assert only(engine).method is RefundMethod.REVERSE
    assert not gateway.calls_of("refund")


def test_a_question_without_an_answer_does_not_keep_a_reversal_in_doubt_for_longer(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    _, settles = nearly_long_enough_in_doubt(engine, gateway, clock)
    gateway.answer("inquire", SILENCE)
    recover(engine, clock, settles / 2)
    assert only(engine).method is RefundMethod.REFUND


def test_what_the_gateway_says_before_a_reversal_is_sent_puts_nothing_in_doubt(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    gateway.can_reverse = True
    payment = paid(engine, gateway)
    gateway.change(theirs(payment), status=InquiryStatus.IN_PROGRESS)
    assert engine.refund(payment.reference, **WORDS).state is RefundState.REQUESTED
    gateway.change(theirs(payment), status=InquiryStatus.CAPTURED)
    gateway.answer("reverse", NOT_ENABLED)
    recover(engine, clock, 2 * MINUTE)
    assert only(engine).method is RefundMethod.REFUND


@pytest.mark.parametrize("no", [ReversalStatus.NOT_POSSIBLE, NOT_ENABLED])
def test_where_a_reversal_is_refused_the_money_is_transferred(
    engine: PaymentEngine, gateway: ScriptedGateway, no: object
) -> None:
    gateway.can_reverse = True
    payment = paid(engine, gateway)
    gateway.answer("reverse", no)
    refund = engine.refund(payment.reference, **WORDS)
    assert (refund.method, refund.state) == (RefundMethod.REFUND, RefundState.IN_PROGRESS)
    assert gateway.returned_rials(theirs(payment)) == PRICE


def test_what_the_gateway_has_reversed_itself_is_not_refunded(
    engine: PaymentEngine, gateway: ScriptedGateway
) -> None:
    gateway.can_reverse = True
    payment = paid(engine, gateway)
    gateway.reverse(theirs(payment))
    refund = engine.refund(payment.reference, 50_000, **WORDS)
    assert refund.state is RefundState.FAILED
    assert not gateway.calls_of("refund")


def test_one_false_answer_about_a_capture_is_doubted_and_returns_no_money(
    engine: PaymentEngine, gateway: ScriptedGateway
) -> None:
    gateway.unverified_money_returns = False
    payment = begun(engine)
    there = gateway.rows[theirs(payment)]
    gateway.answer("inquire", replace(there, status=InquiryStatus.CAPTURED, amount_rials=PRICE + 1))
    assert engine.complete(payment.id, actor=Actor.WORKER) is PaymentState.IN_DOUBT
    assert len(gateway.calls_of("inquire")) == 2
    assert not engine.refunds_of("7")


def test_a_refund_that_waits_is_confirmed_or_cancelled(
    engine: PaymentEngine, gateway: ScriptedGateway
) -> None:
    payment = paid(engine, gateway)
    refund = engine.refund(payment.reference, 50_000, cancellable=True, **WORDS)
    with pytest.raises(NotRefundable, match="does not wait"):
        engine.cancel_refund(refund.id, by="Sara")
    gateway.settle_refund(theirs(payment), RefundStatus.WAITING, "ON_HOLD")
    assert engine.cancel_refund(refund.id, by="Sara").state is RefundState.CANCELLED
    again = engine.refund(payment.reference, 50_000, **WORDS)
    gateway.settle_refund(theirs(payment), RefundStatus.WAITING, "ON_HOLD_WAIT_FOR_VERIFY")
    assert engine.confirm_refund(again.id, by="Sara").state is RefundState.IN_PROGRESS


def test_a_hook_that_fails_is_run_again_with_the_move_and_orders_nothing(
    engine: PaymentEngine, gateway: ScriptedGateway, hooks: Noting, clock: MovingClock
) -> None:
    payment = paid(engine, gateway)
    engine.refund(payment.reference, **WORDS)
    gateway.settle_refund(theirs(payment), RefundStatus.DONE)
    hooks.broken = True
    recover(engine, clock, 5 * MINUTE)
    assert only(engine).state is RefundState.IN_PROGRESS
    assert only(engine).failures > 0
    hooks.broken = False
    recover(engine, clock, 60 * MINUTE)
    assert only(engine).state is RefundState.DONE
    assert hooks.told.count(("refunded", PRICE)) == 1
    assert len(gateway.calls_of("refund")) == 1


def test_a_person_records_what_went_back_by_hand_and_ends_what_no_rule_can(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    payment = paid(engine, gateway)
    noted = engine.note_refund(payment.reference, 50_000, **WORDS)
    assert (noted.method, noted.state) == (RefundMethod.BY_HAND, RefundState.DONE)
    assert not gateway.calls_of("refund")
    gateway.answer("refund", NoAnswer("refund", "reset"))
    lost = engine.refund(payment.reference, **WORDS)
    with pytest.raises(NotRefundable, match="may still reach the gateway"):
        engine.resolve_refund(lost.id, RefundState.FAILED, reason="not in the panel", by="Sara")
    clock.advance(15 * MINUTE)
    ended = engine.resolve_refund(lost.id, RefundState.DONE, reason="seen in the panel", by="Sara")
    assert ended.state is RefundState.DONE
    assert engine.state_of("7") is Standing.REFUNDED


@pytest.mark.parametrize("status", [RefundStatus.IN_PROGRESS, RefundStatus.WAITING])
def test_nobody_ends_a_refund_that_the_gateway_has_accepted_so_that_it_goes_back_once(
    engine: PaymentEngine, gateway: ScriptedGateway, status: RefundStatus
) -> None:
    payment = paid(engine, gateway)
    refund = engine.refund(payment.reference, 50_000, **WORDS)
    gateway.settle_refund(theirs(payment), status, "HELD")
    for state in ENDED:
        with pytest.raises(NotRefundable, match="the gateway says HELD: the gateway ends it"):
            engine.resolve_refund(refund.id, state, reason="wrong look", by="Sara")
    with pytest.raises(NotRefundable, match="another refund"):
        engine.refund(payment.reference, 50_000, **WORDS)
    engine.services = replace(engine.services, gateways={})
    ended = engine.resolve_refund(refund.id, RefundState.DONE, reason="we left it", by="Sara")
    assert ended.state is RefundState.DONE
    with pytest.raises(NotRefundable, match="is done"):
        engine.resolve_refund(refund.id, RefundState.FAILED, reason="no", by="Sara")


def test_who_is_asked_decides_about_a_refund_that_was_answered_meanwhile(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    payment = paid(engine, gateway)
    gateway.lose_answer("refund")
    lost = engine.refund(payment.reference, 50_000, **WORDS)
    clock.advance(15 * MINUTE)
    with pytest.raises(NotRefundable, match="in progress"):
        engine.resolve_refund(lost.id, RefundState.FAILED, reason="not in the panel", by="Sara")
    assert gateway.returned_rials(theirs(payment)) == 50_000


def test_a_refund_that_is_still_to_be_sent_can_be_stopped(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    payment = paid(engine, gateway)
    gateway.answer("refund", NotSent("refund", "no connection"))
    refund = engine.refund(payment.reference, 50_000, **WORDS)
    assert refund.state is RefundState.REQUESTED
    sent = len(gateway.calls_of("refund"))
    stopped = engine.resolve_refund(refund.id, RefundState.CANCELLED, reason="no need", by="Sara")
    assert stopped.state is RefundState.CANCELLED
    recover(engine, clock, 60 * MINUTE)
    assert len(gateway.calls_of("refund")) == sent


def test_unpaid_payments_and_gateways_without_refunds_give_nothing_back(
    engine: PaymentEngine, gateway: ScriptedGateway
) -> None:
    payment = begun(engine)
    with pytest.raises(NotRefundable, match="awaiting_payer"):
        engine.refund(payment.reference, **WORDS)
    gateway.can_refund = False
    with pytest.raises(NotRefundable, match="no refunds"):
        engine.refund(payment.reference, **WORDS)
    wrongs: list[Any] = [{"reason": " ", "by": "Sara"}]
    wrongs += [{"reason": "r", "by": nobody} for nobody in ("", " ")]
    for wrong in wrongs:
        gateway.can_refund = True
        with pytest.raises(ValueError, match="of 1 to"):
            engine.refund(payment.reference, **wrong)


def test_what_the_application_does_alongside_is_saved_with_the_intent_or_not_at_all(
    engine: PaymentEngine, gateway: ScriptedGateway
) -> None:
    payment = paid(engine, gateway)

    def refuse(_session: Any, _refund: Refund) -> None:
        raise ValueError("these goods were never sold")

    with pytest.raises(ValueError, match="never sold"):
        engine.refund(payment.reference, alongside=refuse, **WORDS)
    assert not engine.refunds_of("7")
    assert not gateway.calls_of("refund")


class TestAutoVerify:
    """A gateway that captures by itself: what cannot be kept goes back exactly once."""

    @pytest.fixture
    def gateway(self) -> ScriptedGateway:
        gateway = ScriptedGateway()
        gateway.can_refund = gateway.can_reverse = True
        gateway.unverified_money_returns = False
        return gateway

    def test_what_the_order_wants_is_paid_without_a_verification(
        self, engine: PaymentEngine, gateway: ScriptedGateway, hooks: Noting
    ) -> None:
        payment = begun(engine)
        gateway.capture(theirs(payment))
        engine.handle_callback(payment.reference, {"id": theirs(payment)})
        assert engine.state_of("7") is Standing.PAID
        assert hooks.told == [("paid", PRICE)]
        assert not gateway.calls_of("verify")

    def test_what_the_application_does_not_want_goes_back_once(
        self, engine: PaymentEngine, gateway: ScriptedGateway, hooks: Noting, clock: MovingClock
    ) -> None:
        payment = begun(engine)
        gateway.capture(theirs(payment))
        hooks.wanted = False
        engine.handle_callback(payment.reference, {"id": theirs(payment)})
        assert engine.state_of("7") is Standing.RETURNED
        recover(engine, clock, 30 * MINUTE)
        refund = only(engine)
        assert (refund.state, refund.automatic) == (RefundState.DONE, True)
        assert hooks.told == [("returned", PRICE), ("refunded", PRICE)]
        assert len(gateway.calls_of("reverse")) == 1
        assert gateway.returned_rials(theirs(payment)) == PRICE

    def test_a_hook_that_fails_returns_nothing_and_is_asked_again(
        self, engine: PaymentEngine, gateway: ScriptedGateway, hooks: Noting, clock: MovingClock
    ) -> None:
        payment = begun(engine)
        gateway.capture(theirs(payment))
        hooks.broken = True
        engine.handle_callback(payment.reference, {"id": theirs(payment)})
        assert engine.state_of("7") is Standing.CONFIRMING
        hooks.broken = False
        recover(engine, clock, 5 * MINUTE)
        assert engine.state_of("7") is Standing.PAID
        assert not engine.refunds_of("7")

    def test_of_two_payments_of_an_order_the_second_goes_back(
        self, engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
    ) -> None:
        first = begun(engine)
        clock.advance(16 * MINUTE)
        second = begun(engine)
        for payment in (first, second):
            gateway.capture(theirs(payment))
        for payment in (second, first):
            engine.handle_callback(payment.reference, {"id": theirs(payment)})
        recover(engine, clock, 30 * MINUTE)
        states = [each.state for each in engine.payments_of("7")]
        assert states == [PaymentState.RETURNED, PaymentState.PAID]
        assert gateway.returned_rials(theirs(first)) == PRICE
        assert gateway.returned_rials(theirs(second)) == 0
        assert engine.state_of("7") is Standing.PAID

    def test_another_amount_than_ours_goes_back_as_it_is(
        self, engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
    ) -> None:
        payment = begun(engine)
        gateway.change(theirs(payment), amount_rials=PRICE + 7)
        gateway.capture(theirs(payment))
        engine.handle_callback(payment.reference, {"id": theirs(payment)})
        recover(engine, clock, 30 * MINUTE)
        assert engine.state_of("7") is Standing.RETURNED
        assert only(engine).amount_rials == PRICE + 7
        assert gateway.returned_rials(theirs(payment)) == PRICE + 7

    def test_one_answer_with_another_amount_returns_nothing(
        self, engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
    ) -> None:
        payment = begun(engine)
        gateway.capture(theirs(payment))
        wrong = replace(gateway.rows[theirs(payment)], amount_rials=10 * PRICE)
        gateway.answer("inquire", wrong, SILENCE, wrong)
        engine.handle_callback(payment.reference, {"id": theirs(payment)})
        assert engine.state_of("7") is Standing.CONFIRMING
        recover(engine, clock, 5 * MINUTE)
        assert engine.state_of("7") is Standing.PAID
        assert not engine.refunds_of("7")

    def test_a_merchant_without_money_is_waited_for(
        self, engine: PaymentEngine, gateway: ScriptedGateway, hooks: Noting, clock: MovingClock
    ) -> None:
        gateway.can_reverse = False
        payment = begun(engine)
        gateway.capture(theirs(payment))
        hooks.wanted = False
        no = Refused("refund", "no money", codes=("balances.not_enough",))
        gateway.answer("refund", no, no, no)
        engine.handle_callback(payment.reference, {"id": theirs(payment)})
        recover(engine, clock, 60 * MINUTE)
        assert gateway.returned_rials(theirs(payment)) == PRICE
        assert only(engine).state is RefundState.IN_PROGRESS

    def test_a_foreign_payment_under_our_id_is_left_to_a_person(
        self, engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
    ) -> None:
        payment = begun(engine)
        gateway.change(theirs(payment), reference="somebody-elses")
        gateway.capture(theirs(payment))
        engine.handle_callback(payment.reference, {"id": theirs(payment)})
        recover(engine, clock, 30 * HOUR, every=10 * MINUTE)
        assert engine.state_of("7") is Standing.NEEDS_REVIEW
        assert not engine.refunds_of("7")


def test_what_was_taken_back_at_the_gateway_is_returned_and_never_failed(
    engine: PaymentEngine, gateway: ScriptedGateway, hooks: Noting
) -> None:
    payment = begun(engine)
    gateway.capture(theirs(payment))
    gateway.reverse(theirs(payment))
    engine.handle_callback(payment.reference, {"id": theirs(payment)})
    assert engine.state_of("7") is Standing.RETURNED
    assert hooks.told == [("returned", PRICE)]
    assert not engine.refunds_of("7")


def test_a_lost_create_is_sent_once_more_where_the_gateway_tells_twins(
    engine: PaymentEngine, gateway: ScriptedGateway
) -> None:
    gateway.create_is_repeatable = True
    gateway.answer("open", NoAnswer("open", "reset"))
    assert begun(engine).state is PaymentState.AWAITING_PAYER
    assert len(gateway.calls_of("open")) == 2
    gateway.answer("open", NotSent("open", "no connection"))
    with pytest.raises(Exception, match="no connection"):
        begun(engine, "8")
    assert len(gateway.calls_of("open")) == 3


def test_a_demanded_card_is_compared_before_the_capture(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    payment = engine.begin(
        order_key="7",
        amount_rials=PRICE,
        payer_mobile="09121234567",
        payer_card="6037991234567893",
    )
    assert payment.demanded_card == "603799******7893"
    gateway.change(theirs(payment), payer_card="502229******1234")
    engine.handle_callback(payment.reference, gateway.pay(theirs(payment)))
    assert not gateway.calls_of("verify")
    gateway.change(theirs(payment), payer_card="603799******7893")
    clock.advance(timedelta(minutes=1).total_seconds())
    engine.recover_once()
    assert engine.state_of("7") is Standing.PAID


def test_where_a_gateway_has_no_refunds_a_capture_after_the_end_cannot_be_sent_back_by_us(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    payment = begun(engine)
    engine.handle_callback(payment.reference, gateway.decline(theirs(payment)))
    gateway.capture(theirs(payment))
    clock.advance(2 * 60 * MINUTE)
    (row,) = engine.reconcile_once().open_discrepancies
    gateway.can_refund = False
    with pytest.raises(NotDecidable, match="no refunds"):
        engine.decide_discrepancy(row.id, "seen in the panel", outcome=Outcome.RETURNED, by="Sara")
    assert engine.state_of("7") is Standing.FAILED
    assert not engine.refunds_of("7")
    engine.decide_discrepancy(row.id, "seen in the panel", outcome=Outcome.PAID, by="Sara")
    assert engine.state_of("7") is Standing.PAID


def test_an_answer_about_another_payment_ends_no_reversal(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    gateway.can_reverse = True
    payment = paid(engine, gateway)
    gateway.answer("reverse", SILENCE)
    engine.refund(payment.reference, **WORDS)
    reversed_one = replace(
        gateway.rows[theirs(payment)], reference="somebody-elses", status=InquiryStatus.REVERSED
    )
    gateway.answer("inquire", reversed_one, reversed_one)
    clock.advance(MINUTE)
    engine.recover_once()
    assert only(engine).state is RefundState.IN_DOUBT
    recover(engine, clock, 10 * MINUTE)
    assert only(engine).state is RefundState.DONE
    assert gateway.returned_rials(theirs(payment)) == PRICE


def test_who_asks_is_not_told_of_a_hook_that_fails_as_the_refund_goes_on_without_asking_again(
    engine: PaymentEngine, gateway: ScriptedGateway, hooks: Noting, clock: MovingClock
) -> None:
    gateway.can_reverse = True
    payment = paid(engine, gateway)
    hooks.broken = True
    assert engine.refund(payment.reference, **WORDS).state is RefundState.IN_DOUBT
    hooks.broken = False
    recover(engine, clock, 10 * MINUTE)
    assert only(engine).state is RefundState.DONE
    assert hooks.told.count(("refunded", PRICE)) == 1
    assert len(gateway.calls_of("reverse")) == 1
