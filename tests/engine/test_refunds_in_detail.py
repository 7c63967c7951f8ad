"""What is stored and told of each refund: to the Rial, to the second and to the word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool

from payment_engine import (
    Event,
    NotRefundable,
    Payment,
    PaymentEngine,
    Policy,
    Refund,
    RefundMethod,
    RefundState,
)
from payment_engine.bounds import LONGEST_REASON
from payment_engine.errors import NotSent, Refused
from payment_engine.gateway import Inquiry, InquiryStatus, RefundSeen, RefundStatus, ReversalStatus
from payment_engine.refund_requests import Why
from payment_engine.sqlalchemy_store import SqlAlchemyStore
from payment_engine.store import Conflict, UnknownReference
from payment_engine.testing import ScriptedGateway
from testkit.cases import naming
from testkit.clock import MovingClock
from tests.engine.databases import empty_postgresql
from tests.engine.test_refunds import (
    HOUR,
    MINUTE,
    PRICE,
    SILENCE,
    WORDS,
    Noting,
    begun,
    events,
    only,
    paid,
    recover,
    theirs,
)

PART = 50_000
PATIENCE = 39.0  # seconds, as the policy has it when nothing else is said
NO_CONNECTION = NotSent("refund", "no connection")
NO_MONEY = Refused("refund", "no money", codes=("balances.not_enough",))
NOT_SENT: dict[str, Any] = {
    "answer": "NotSent",
    "reason": "no connection",
    "http_status": None,
    "codes": [],
    "fingerprint": None,
}


class Careful(Noting):
    """Reads in the session that it is given, and fails as a test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.error: Exception | None = None
        self.seen: list[str] = []

    def on_refunded(self, session: Any, payment: Payment, refund: Refund) -> None:
        if self.error:
            raise self.error
        self.seen = stored(session)
        super().on_refunded(session, payment, refund)


class Interrupted(ScriptedGateway):
    """Lets a person stop the refund, or the worker go on with it, while it answers an inquiry."""

    engine: PaymentEngine | None = None
    meanwhile: Callable[[], object] | None = None

    def inquire(self, gateway_payment_id: str, *, language: str = "fa") -> Inquiry:
        if self.meanwhile:
            act, self.meanwhile = self.meanwhile, None
            act()
        seen = super().inquire(gateway_payment_id, language=language)
        if self.engine:
            stopped = only(self.engine).id
            self.engine.resolve_refund(stopped, RefundState.CANCELLED, reason="no", by="Sara")
        return seen


def stored(session: Any) -> list[str]:
    """Return the states of all refunds that a session sees, the oldest first."""
    return list(session.scalars(text("SELECT state FROM refunds ORDER BY id")))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        database = create_engine("sqlite://", poolclass=StaticPool)
        yield database
        database.dispose()
        return
    with empty_postgresql(request.getfixturevalue("postgres_server"), tmp_path) as url:
        database = create_engine(url)
        yield database
        database.dispose()


@pytest.fixture
def gateway() -> Interrupted:
    gateway = Interrupted()
    gateway.can_refund = True
    return gateway


@pytest.fixture
def hooks() -> Careful:
    return Careful()


@pytest.fixture
def engine(
    database: Engine, gateway: Interrupted, hooks: Careful, clock: MovingClock
) -> PaymentEngine:
    policy = Policy(
        callback_url="https://shop.example/{reference}", redirect_hosts={ScriptedGateway.host}
    )
    return PaymentEngine(
        gateways=[gateway],
        store=SqlAlchemyStore(database, clock=clock.now).create_tables(),
        policy=policy,
        hooks=hooks,
        clock=clock.now,
        monotonic=clock.steady,
    )


@pytest.fixture
def payment(engine: PaymentEngine, gateway: Interrupted) -> Payment:
    """It is paid."""
    return paid(engine, gateway)


def told(engine: PaymentEngine, refund: Refund) -> list[tuple[str, dict[str, Any]]]:
    """Return what the history says of one refund, without what it says every time."""
    entries = [each for each in engine.history("7") if each.details.get("refund") == refund.id]
    always = {"refund": refund.id, "amount_rials": refund.amount_rials}
    assert all(always.items() <= each.details.items() for each in entries)
    return [
        (each.event, {name: value for name, value in each.details.items() if name not in always})
        for each in entries
    ]


def look(engine: PaymentEngine, refund: Refund) -> Refund:
    """Have a person ask the gateway now; return the refund as it stands then."""
    with pytest.raises(NotRefundable, match="does not wait"):
        engine.cancel_refund(refund.id, by="Sara")
    return only(engine)


def test_the_history_tells_how_a_refund_went_who_acted_and_in_whose_words(
    engine: PaymentEngine, gateway: Interrupted, payment: Payment
) -> None:
    refund = engine.refund(payment.reference, PART, cancellable=True, **WORDS)
    method, named = {"method": "refund"}, {"method": "refund", "gateway_refund_id": "theirs-1-1"}
    for status, act in (
        (RefundStatus.WAITING, engine.confirm_refund),
        (RefundStatus.WAITING, engine.cancel_refund),
    ):
        gateway.settle_refund("theirs-1", status, "ON_HOLD")
        act(refund.id, by="Sara")
    confirmed, cancelled = ({"reason": what, "by": "Sara"} for what in ("confirmed", "cancelled"))
    assert told(engine, refund) == [
        (Event.REFUND_REQUESTED, {**method, **WORDS}),
        (Event.REFUND_SENT, method),
        (Event.REFUND_IN_PROGRESS, {**named, "said": "STARTED"}),
        (Event.REFUND_WAITING, {**named, "said": "ON_HOLD"}),
        (Event.REFUND_RESOLVED, {**named, "said": "ON_HOLD", **confirmed}),
        (Event.REFUND_IN_PROGRESS, {**named, "said": "IN_PROGRESS"}),
        (Event.REFUND_WAITING, {**named, "said": "ON_HOLD"}),
        (Event.REFUND_RESOLVED, {**named, "said": "ON_HOLD", **cancelled}),
        (Event.REFUND_CANCELLED, {**named, "said": "CANCELLED"}),
    ]
    acted = [gateway.calls_of(each)[0].about for each in ("confirm", "cancel")]
    assert acted == [("theirs-1", "theirs-1-1")] * 2


def test_why_the_bank_gave_up_stands_in_the_history(
    engine: PaymentEngine, gateway: Interrupted, payment: Payment, clock: MovingClock
) -> None:
    refund = engine.refund(payment.reference, PART, **WORDS)
    closed = RefundSeen("theirs-1-1", PART, RefundStatus.FAILED, "FAILED", "account.closed")
    gateway.answer("refunds", [closed])
    recover(engine, clock, MINUTE)
    failed = {"method": "refund", "gateway_refund_id": "theirs-1-1", "said": "FAILED"}
    assert told(engine, refund)[-1] == (Event.REFUND_FAILED, {**failed, "why": "account.closed"})


def test_a_person_decides_about_an_unanswered_refund_from_the_very_moment_it_cannot_arrive_any_more(
    engine: PaymentEngine, gateway: Interrupted, payment: Payment, clock: MovingClock
) -> None:
    gateway.answer("refund", SILENCE)
    refund = engine.refund(payment.reference, PART, **WORDS)
    words = {"reason": "not in the panel", "by": "Sara"}
    clock.advance(10 * MINUTE - 1)
    with pytest.raises(NotRefundable, match="is in doubt: it may still reach") as refusal:
        engine.resolve_refund(refund.id, RefundState.FAILED, **words)
    assert refusal.value.why is Why.UNDER_WAY
    clock.advance(1)
    assert engine.resolve_refund(refund.id, RefundState.FAILED, **words).ended_at == clock.now()
    assert told(engine, refund)[-2:] == [
        (Event.REFUND_FAILED, {"method": "refund"}),
        (Event.REFUND_RESOLVED, {"method": "refund", **words, "state": "failed"}),
    ]


def test_every_rial_of_a_payment_can_go_back_and_nothing_that_is_no_whole_number_of_them(
    engine: PaymentEngine, gateway: Interrupted, payment: Payment
) -> None:
    wrongs: list[Any] = [0, -1, True, 1.0, 1.5, "1"]
    for wrong in wrongs:
        with naming(wrong), pytest.raises(ValueError, match="not a positive integer"):
            engine.refund(payment.reference, wrong, **WORDS)
    longest: Any = {"reason": "r" * LONGEST_REASON, "by": "Sara"}
    assert engine.note_refund(payment.reference, 1, **longest).reason == longest["reason"]
    with pytest.raises(ValueError, match=f"of 1 to {LONGEST_REASON}"):
        engine.refund(payment.reference, reason="r" * (LONGEST_REASON + 1), by="Sara")
    with pytest.raises(UnknownReference, match="somebody-elses"):
        engine.refund("somebody-elses", **WORDS)
    engine.note_refund(payment.reference, PRICE - 2, **WORDS)
    assert engine.refund(payment.reference, **WORDS).amount_rials == 1
    assert gateway.returned_rials(theirs(payment)) == 1


def test_the_application_reads_and_writes_in_the_session_that_saves_a_refund(
    engine: PaymentEngine, payment: Payment, hooks: Careful, clock: MovingClock
) -> None:
    seen: list[list[str]] = []

    def read(session: Any, refund: Refund) -> None:
        seen.append(stored(session))
        if refund.state is RefundState.REQUESTED:  # recovery sends it, should this process die
            assert refund.next_check_at == clock.now() + timedelta(seconds=PATIENCE)

    engine.note_refund(payment.reference, 1, alongside=read, **WORDS)
    assert hooks.seen == ["done"]
    engine.refund(payment.reference, alongside=read, **WORDS)
    assert seen == [["done"], ["done", "requested"]]


def test_what_goes_back_whole_is_reversed_unless_something_has_gone_back_or_shall_be_stoppable(
    engine: PaymentEngine, gateway: Interrupted
) -> None:
    gateway.can_reverse = True
    first, second, third, fourth = (paid(engine, gateway, key) for key in "1234")
    gateway.answer("refund", NO_MONEY)
    engine.refund(first.reference, PART, **WORDS)
    assert engine.refund(first.reference, **WORDS).method is RefundMethod.REVERSE
    engine.note_refund(second.reference, PART, **WORDS)
    assert engine.refund(second.reference, **WORDS).method is RefundMethod.REFUND
    stoppable = engine.refund(third.reference, cancellable=True, **WORDS)
    assert (stoppable.method, stoppable.cancellable) == (RefundMethod.REFUND, True)
    gateway.can_refund = False
    with pytest.raises(NotRefundable, match="whole payments only") as refusal:
        engine.refund(fourth.reference, PART, **WORDS)
    assert refusal.value.why is Why.GATEWAY_CANNOT
    whole = engine.refund(fourth.reference, cancellable=True, **WORDS)
    assert (whole.method, whole.state, whole.said) == ("reverse", RefundState.DONE, "DONE")


def test_a_refused_reversal_becomes_a_transfer_or_fails_in_the_gateways_words(
    engine: PaymentEngine, gateway: Interrupted, payment: Payment
) -> None:
    gateway.can_reverse = True
    gateway.answer("reverse", ReversalStatus.NOT_POSSIBLE, ReversalStatus.NOT_POSSIBLE)
    gateway.answer("refund", NO_MONEY)
    refund = engine.refund(payment.reference, **WORDS)
    assert (refund.said, refund.last_failure) == ("NOT_POSSIBLE", "balances.not_enough")
    said = {"method": "refund", "said": "NOT_POSSIBLE"}
    assert told(engine, refund)[1:] == [
        (Event.REFUND_SENT, {"method": "reverse"}),
        (Event.REFUND_NOT_SENT, {**said, "reversal": "NOT_POSSIBLE"}),
        (Event.REFUND_SENT, said),
        (Event.REFUND_FAILED, {**said, "why": "balances.not_enough"}),
    ]
    gateway.can_refund = False
    refund = engine.refund(payment.reference, **WORDS)
    failed = {"method": "reverse", "said": "NOT_POSSIBLE", "why": "NOT_POSSIBLE"}
    assert told(engine, refund)[-1] == (Event.REFUND_FAILED, failed)


def test_each_sending_counts_and_the_history_says_why_one_did_not_arrive(
    engine: PaymentEngine, gateway: Interrupted, payment: Payment, clock: MovingClock
) -> None:
    gateway.answer("refund", NO_CONNECTION, NO_CONNECTION)
    refund = engine.refund(payment.reference, PART, **WORDS)
    assert (refund.times_sent, refund.last_failure) == (1, "no connection")
    assert told(engine, refund)[-1] == (Event.REFUND_NOT_SENT, {"method": "refund", **NOT_SENT})
    recover(engine, clock, MINUTE)
    assert only(engine).times_sent == 2
    recover(engine, clock, MINUTE)
    assert (only(engine).times_sent, only(engine).state) == (3, RefundState.IN_PROGRESS)


def test_failures_in_a_row_are_counted_with_the_reason_until_it_goes_on(
    engine: PaymentEngine, gateway: Interrupted, payment: Payment, clock: MovingClock
) -> None:
    gateway.answer("inquire", SILENCE, SILENCE)
    refund = engine.refund(payment.reference, PART, **WORDS)
    assert (refund.failures, refund.last_failure) == (1, "no whole answer in time")
    recover(engine, clock, MINUTE)
    assert only(engine).failures == 2
    recover(engine, clock, MINUTE)
    assert (only(engine).failures, only(engine).last_failure) == (0, None)


def test_what_the_database_cannot_do_now_is_no_failure_of_the_refund_as_what_a_hook_raises_is(
    engine: PaymentEngine,
    gateway: Interrupted,
    hooks: Careful,
    payment: Payment,
    clock: MovingClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    engine.refund(payment.reference, PART, **WORDS)
    gateway.settle_refund(theirs(payment), RefundStatus.DONE)
    for error in (OperationalError("UPDATE", {}, Exception("locked")), Conflict("changed")):
        hooks.error = error
        clock.advance(MINUTE)
        with naming(error):
            assert engine.recover_once() == {"busy": 1}
            assert (only(engine).failures, only(engine).last_failure) == (0, None)
    assert not any(record.exc_info for record in caplog.records)  # a line for each
    hooks.error = KeyError("the application's mistake")
    clock.advance(MINUTE)
    assert engine.recover_once() == {"error": 1}
    assert caplog.records[-1].exc_info
    assert (only(engine).failures, only(engine).last_failure) == (1, "KeyError")


def test_a_payment_that_the_gateway_has_reversed_ends_only_the_refunds_that_meant_it_as_done(
    engine: PaymentEngine, gateway: Interrupted, clock: MovingClock
) -> None:
    gateway.can_reverse = True
    already = "the gateway has reversed it already"
    for key, amount, operation, state, why in (
        ("1", None, "reverse", RefundState.DONE, None),  # it was sent, and may have arrived
        ("2", None, "inquire", RefundState.FAILED, already),
        ("3", PART, "refund", RefundState.FAILED, already),
    ):
        payment = paid(engine, gateway, key)
        gateway.answer(operation, NO_CONNECTION)
        engine.refund(payment.reference, amount, **WORDS)
        gateway.change(theirs(payment), status=InquiryStatus.REVERSED)
        recover(engine, clock, MINUTE)
        refund, last = only(engine, key), engine.history(key)[-1]
        with naming(operation):
            assert (refund.state, refund.last_failure) == (state, why)
            assert (last.event, last.details.get("why")) == (f"refund_{state}", why)
            assert ("why" in last.details) is (state is RefundState.FAILED)


def test_a_reversal_that_another_process_sent_while_this_one_asked_is_done(
    engine: PaymentEngine, gateway: Interrupted, payment: Payment, clock: MovingClock
) -> None:
    def the_worker_sends_it() -> None:
        clock.advance(MINUTE)
        engine.recover_once()

    gateway.can_reverse, gateway.meanwhile = True, the_worker_sends_it
    gateway.lose_answer("reverse")
    refund = engine.refund(payment.reference, **WORDS)
    assert (refund.state, refund.last_failure) == (RefundState.DONE, None)
    assert len(gateway.calls_of("reverse")) == 1
    assert events(engine).count(Event.REFUND_SENT) == 1


def test_what_could_not_be_kept_goes_back_at_once_and_is_done_if_somebody_was_faster(
    engine: PaymentEngine, gateway: Interrupted, hooks: Careful
) -> None:
    gateway.unverified_money_returns, hooks.wanted = False, False
    payment = begun(engine)
    gateway.capture(theirs(payment))
    engine.handle_callback(payment.reference, {"id": theirs(payment)})
    assert (only(engine).automatic, only(engine).state) == (True, RefundState.REQUESTED)
    gateway.change(theirs(payment), status=InquiryStatus.REVERSED)
    assert engine.recover_once() == {"refund_done": 1}
    assert not gateway.calls_of("refund")


def test_a_reversal_is_sent_again_from_the_moment_in_which_nobody_waits_for_its_answer_any_more(
    engine: PaymentEngine, gateway: Interrupted, payment: Payment, clock: MovingClock
) -> None:
    gateway.can_reverse = True
    gateway.answer("reverse", SILENCE, SILENCE)
    refund = engine.refund(payment.reference, **WORDS)
    clock.advance(PATIENCE - 1)
    assert look(engine, refund).times_sent == 1
    clock.advance(1)
    assert look(engine, refund).times_sent == 2
    gateway.change(theirs(payment), status=InquiryStatus.REVERSED, said="REVERSED")
    assert look(engine, refund).state is RefundState.DONE
    assert told(engine, refund)[-1] == (
        Event.REFUND_DONE,
        {"method": "reverse", "said": "REVERSED"},
    )


def test_a_transfer_is_absent_for_ten_minutes_after_its_call_has_ended_before_it_is_sent_again(
    engine: PaymentEngine, gateway: Interrupted, payment: Payment, clock: MovingClock
) -> None:
    gateway.answer("refund", SILENCE)
    refund = engine.refund(payment.reference, PART, **WORDS)
    clock.advance(1)
    look(engine, refund)  # the call may still be on its way
    clock.advance(PATIENCE - 1 + 10 * MINUTE - 1)
    assert look(engine, refund).state is RefundState.IN_DOUBT
    clock.advance(1)
    assert look(engine, refund).state is RefundState.REQUESTED
    assert told(engine, refund)[-1] == (Event.REFUND_NEVER_ARRIVED, {"method": "refund"})


def test_a_transfer_that_never_arrives_is_sent_five_times_and_then_fails(
    engine: PaymentEngine, gateway: Interrupted, payment: Payment, clock: MovingClock
) -> None:
    gateway.answer("refund", *[SILENCE] * 9)
    refund = engine.refund(payment.reference, PART, **WORDS)
    recover(engine, clock, 20 * HOUR, every=HOUR)
    assert (only(engine).state, only(engine).times_sent) == (RefundState.FAILED, 5)
    assert len(gateway.calls_of("refund")) == 5
    assert [event for event, _ in told(engine, refund)][-2:] == [
        Event.REFUND_NEVER_ARRIVED,
        Event.REFUND_FAILED,
    ]


def test_an_unanswered_transfer_is_found_by_its_amount_among_those_that_are_nobodys(
    engine: PaymentEngine, gateway: Interrupted, payment: Payment, clock: MovingClock
) -> None:
    engine.refund(payment.reference, PART, **WORDS)
    gateway.settle_refund(theirs(payment), RefundStatus.DONE)
    recover(engine, clock, MINUTE)
    gateway.answer("refund", SILENCE)
    lost = engine.refund(payment.reference, PART, **WORDS)
    ours, panel = (
        RefundSeen(f"theirs-1-{number}", amount, RefundStatus.IN_PROGRESS, "STARTED")
        for number, amount in ((2, PART), (3, 1000))
    )
    gateway.refunds[theirs(payment)].append(panel)
    recover(engine, clock, MINUTE)
    assert engine.refunds_of("7")[-1].state is RefundState.IN_DOUBT
    gateway.refunds[theirs(payment)].insert(1, ours)
    recover(engine, clock, 5 * MINUTE)
    found = engine.refunds_of("7")[-1]
    assert (found.id, found.gateway_refund_id) == (lost.id, "theirs-1-2")


def test_a_transfer_that_is_missing_from_the_gateways_list_for_once_stays_as_it_is(
    engine: PaymentEngine, gateway: Interrupted, payment: Payment, clock: MovingClock
) -> None:
    before = engine.refund(payment.reference, PART, **WORDS)
    gateway.answer("refunds", [])
    clock.advance(MINUTE)
    assert engine.recover_once() == {"refund_in_progress": 1}
    assert (only(engine).state, only(engine).failures) == (before.state, 0)


def test_refunds_are_spread_as_payments_are(
    engine: PaymentEngine, payment: Payment, clock: MovingClock
) -> None:
    counted: list[str] = []

    def spread(step: Callable[[int], str], due: Iterator[int]) -> list[str]:
        counted.extend(map(step, due))
        return counted

    engine.refund(payment.reference, PART, **WORDS)
    clock.advance(MINUTE)
    assert engine.recover_once(spread) == {"refund_in_progress": 1}
    assert counted == ["refund_in_progress"]


def test_the_gateway_is_asked_ever_less_often_at_a_quarter_of_the_refunds_age(
    engine: PaymentEngine, payment: Payment, clock: MovingClock
) -> None:
    engine.refund(payment.reference, PART, **WORDS)
    for age, pause in ((MINUTE, MINUTE), (8 * MINUTE, 2 * MINUTE), (8 * HOUR, HOUR)):
        clock.advance(age - (clock.now() - only(engine).requested_at).total_seconds())
        with naming(age):
            assert engine.recover_once() == {"refund_in_progress": 1}
            assert only(engine).next_check_at == clock.now() + timedelta(seconds=pause)


def test_a_refund_of_what_seems_another_payment_is_tried_for_a_whole_day(
    engine: PaymentEngine, gateway: Interrupted, payment: Payment, clock: MovingClock
) -> None:
    gateway.change(theirs(payment), reference="somebody-elses")
    refund = engine.refund(payment.reference, PART, **WORDS)
    another = "the gateway names another payment"
    clock.advance(24 * HOUR)
    assert engine.recover_once() == {"refund_requested": 1}
    assert (only(engine).failures, only(engine).last_failure) == (2, another)
    clock.advance(HOUR)
    assert engine.recover_once() == {"refund_failed": 1}
    assert told(engine, refund)[-1] == (Event.REFUND_FAILED, {"method": "refund", "why": another})


def test_an_answer_about_another_payment_fails_no_refund_that_another_process_has_sent_meanwhile(
    engine: PaymentEngine, gateway: Interrupted, payment: Payment, clock: MovingClock
) -> None:
    def another_worker_sends_it() -> None:
        gateway.change(theirs(payment), reference=payment.reference)
        clock.advance(HOUR)
        assert engine.recover_once() == {"refund_in_progress": 1}
        gateway.change(theirs(payment), reference="somebody-elses")

    gateway.change(theirs(payment), reference="somebody-elses")
    engine.refund(payment.reference, PART, **WORDS)
    clock.advance(25 * HOUR)
    gateway.meanwhile = another_worker_sends_it
    engine.recover_once()
    refund = only(engine)
    assert (refund.state, refund.last_failure) == (RefundState.IN_PROGRESS, None)
    assert gateway.returned_rials(theirs(payment)) == PART


def test_a_refund_that_is_stopped_while_the_gateway_is_asked_is_not_sent(
    engine: PaymentEngine, gateway: Interrupted, payment: Payment
) -> None:
    gateway.engine = engine
    assert engine.refund(payment.reference, PART, **WORDS).state is RefundState.CANCELLED
    assert not gateway.calls_of("refund")
    assert only(engine).times_sent == 0
