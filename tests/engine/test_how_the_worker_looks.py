"""What the worker asks, when, and what it writes down about payments that nobody came back from."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event

from payment_engine import Actor, GatewayUnavailable, recovery
from payment_engine.errors import NoAnswer
from payment_engine.gateway import InquiryStatus
from payment_engine.states import PaymentState
from payment_engine.testing import ScriptedGateway
from storefront.catalogue import stock
from storefront.core.database import db, transaction
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver, expire
from tests.engine.gateway import ObedientGateway

WINDOW = 900  # seconds
HOUR = 3600
DAY = 24 * HOUR
MOMENT = 0.000001
LAST_LOOK = 2  # at the shop's clock: once for orders past their hold, once for this order
SILENCE = NoAnswer("list", "no whole answer in time")


@pytest.fixture
def lost(driver: ScenarioDriver, gateway: ObedientGateway) -> int:
    """An order whose create was never answered."""
    order_id = driver.place()
    gateway.errors["open"] = NoAnswer("create", "no whole answer in time")
    with pytest.raises(GatewayUnavailable):
        driver.begin(order_id)
    del gateway.errors["open"]
    return order_id


def last_words(driver: ScenarioDriver, order_id: int) -> tuple[str, Actor]:
    entry = driver.history_entries(order_id)[-1]
    return entry.event, entry.actor


def test_a_payment_is_asked_about_once_it_is_due_and_not_before(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    driver.send_shopper()
    clock.advance(60 - MOMENT)
    assert driver.worker_passes() == {}
    clock.advance(MOMENT)
    assert driver.worker_passes() == {"awaiting_payer": 1}
    assert driver.worker_passes() == {}
    assert [call.language for call in gateway.calls("inquire")] == ["fa"]


def test_who_takes_a_payment_has_it_for_one_interval(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    driver.send_shopper()
    gateway.errors["inquire"] = KeyboardInterrupt("the worker is stopped in the middle of its call")
    clock.advance(60)
    with pytest.raises(KeyboardInterrupt):
        driver.worker_passes()
    clock.advance(60 - MOMENT)
    assert driver.worker_passes() == {}
    clock.advance(MOMENT)
    gateway.errors.clear()
    assert driver.worker_passes() == {"awaiting_payer": 1}


def test_a_defect_met_with_one_payment_is_logged_and_costs_the_others_nothing(
    driver: ScenarioDriver,
    gateway: ObedientGateway,
    clock: MovingClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken, _ = driver.send_shopper()
    sound, _ = driver.send_shopper()
    gateway.says = InquiryStatus.FAILED
    gateway.forgets("theirs-1")
    clock.advance(60)
    assert driver.worker_passes() == {"error": 1, "failed": 1}
    assert driver.states(sound) == [PaymentState.FAILED]
    (payment,) = driver.payments(broken)
    assert caplog.messages == [f"recovery: row {payment.id} failed"]


def test_a_lost_create_is_looked_for_when_its_window_is_over_with_five_minutes_around_it(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, lost: int
) -> None:
    (payment,) = driver.payments(lost)
    clock.advance(WINDOW - MOMENT)
    assert driver.worker_passes() == {}
    clock.advance(MOMENT)
    assert driver.worker_passes() == {"expired": 1}
    five = timedelta(minutes=5)
    looked = (payment.reference, payment.created_at - five, payment.expires_at + five)
    assert [call.about for call in gateway.calls("find")] == [looked]
    assert last_words(driver, lost) == ("never_reached_the_gateway", Actor.WORKER)


def test_a_lost_create_from_before_the_clock_was_set_back_by_an_hour_does_not_wait_for_it(
    driver: ScenarioDriver, clock: MovingClock, lost: int
) -> None:
    clock.set_by(-HOUR)
    assert driver.worker_passes() == {"expired": 1, "orders_expired": 1}
    assert driver.states(lost) == [PaymentState.EXPIRED]


def test_a_lost_create_that_may_be_on_its_way_is_not_looked_for_early(
    driver: ScenarioDriver, clock: MovingClock, lost: int
) -> None:
    clock.set_by(-60)  # as another host's clock may be
    assert driver.worker_passes() == {}
    assert driver.states(lost) == [PaymentState.INITIATED]


def test_a_payment_in_doubt_after_its_window_does_not_wait_for_a_clock_that_was_set_back(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    driver.send_shopper()
    gateway.errors["inquire"] = SILENCE
    clock.advance(5 * HOUR)
    assert driver.worker_passes() == {"in_doubt": 1}  # and next in an hour
    clock.set_by(-2 * HOUR)
    assert driver.worker_passes() == {"in_doubt": 1}
    assert driver.worker_passes() == {}


def test_a_worker_whose_clock_is_a_little_behind_takes_nothing_from_another_one(
    driver: ScenarioDriver, clock: MovingClock
) -> None:
    driver.send_shopper()
    clock.advance(60)
    assert driver.worker_passes() == {"awaiting_payer": 1}
    clock.set_by(-60)
    assert driver.worker_passes() == {}


def test_where_there_is_no_list_nobody_was_sent_there(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, lost: int
) -> None:
    gateway.has_list = False
    clock.advance(WINDOW)
    assert driver.worker_passes() == {"expired": 1}
    assert gateway.calls("find") == []
    assert last_words(driver, lost) == ("nobody_was_sent_there", Actor.WORKER)


def test_a_lost_create_that_is_listed_is_taken_on_and_asked_about(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, lost: int
) -> None:
    (payment,) = driver.payments(lost)
    gateway.adopts("theirs-9", payment.reference, payment.amount_rials)
    gateway.says = InquiryStatus.EXPIRED
    clock.advance(WINDOW)
    assert driver.worker_passes() == {"expired": 1}
    found, over = driver.history_entries(lost)[-2:]
    assert (found.event, found.actor) == ("found_in_the_list", Actor.WORKER)
    assert found.details == {"gateway_payment_id": "theirs-9", "inquiry": "IN_PROGRESS"}
    assert (over.event, over.actor) == ("payment_expired", Actor.WORKER)
    assert [call.about for call in gateway.calls("inquire")] == ["theirs-9"]


def test_a_list_that_cannot_be_read_is_read_again_and_ever_later(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, lost: int
) -> None:
    gateway.errors["find"] = SILENCE
    clock.advance(WINDOW)
    assert driver.worker_passes() == {"unanswered": 1}
    entry = driver.history_entries(lost)[-1]
    assert (entry.event, entry.actor) == ("list_not_read", Actor.WORKER)
    assert entry.details["reason"] == SILENCE.reason
    (payment,) = driver.payments(lost)
    assert payment.next_check_at == clock.now() + timedelta(seconds=60)


def test_a_list_that_is_silent_for_longer_than_a_day_is_for_a_person(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, lost: int
) -> None:
    gateway.errors["find"] = SILENCE
    clock.advance(DAY)
    assert driver.worker_passes() == {"unanswered": 1}
    assert driver.states(lost) == [PaymentState.INITIATED]
    clock.advance(3600)
    assert driver.worker_passes() == {"unanswered": 1}
    assert driver.states(lost) == [PaymentState.NEEDS_REVIEW]


def test_an_order_expires_a_moment_after_its_hold_with_its_products(
    driver: ScenarioDriver, clock: MovingClock
) -> None:
    order_id = driver.place()
    clock.advance(WINDOW)
    assert driver.worker_passes() == {}
    clock.advance(MOMENT)
    assert driver.worker_passes() == {"orders_expired": 1}
    assert driver.order_state(order_id) is OrderState.EXPIRED
    assert driver.stock() == (0, 0)
    assert last_words(driver, order_id) == ("order_expired", Actor.WORKER)
    assert driver.worker_passes() == {}


def test_what_is_spread_over_threads_is_counted_the_same(
    driver: ScenarioDriver, clock: MovingClock
) -> None:
    driver.send_shopper()
    clock.advance(60)
    with driver.in_the_shop() as services:
        tally = recovery.ask_due(
            services.engine.services, lambda step, found: [step(each) for each in found]
        )
    assert tally == {"awaiting_payer": 1}


def test_a_pass_ends_after_half_a_minute_so_that_it_is_told_what_was_done(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    for _ in range(3):
        driver.send_shopper()
    clock.advance(60)
    gateway.takes(lambda: clock.advance(30))  # as long takes every answer
    assert driver.worker_passes() == {"awaiting_payer": 2}
    gateway.takes(lambda: None)
    assert driver.worker_passes() == {"awaiting_payer": 1}


def test_a_pass_is_no_longer_when_the_clock_is_set_back_in_the_middle(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    for _ in range(3):
        driver.send_shopper()
    clock.advance(10 * 60)

    def answer() -> None:
        clock.advance(30)
        clock.set_by(-30)

    gateway.takes(answer)
    assert driver.worker_passes() == {"awaiting_payer": 2}


def test_what_falls_due_meanwhile_and_is_more_urgent_does_not_wait_for_the_rest(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    driver.send_shopper()  # theirs-1, whose window ends first
    clock.advance(59)
    driver.send_shopper()
    driver.send_shopper()
    clock.advance(1)
    assert driver.worker_passes() == {"awaiting_payer": 1}
    clock.advance(59)
    gateway.takes(lambda: clock.advance(1))
    assert driver.worker_passes() == {"awaiting_payer": 3}
    asked = [call.about for call in gateway.calls("inquire")]
    assert asked == ["theirs-1", "theirs-2", "theirs-1", "theirs-3"]


def test_a_worker_without_a_free_slot_leaves_the_payment_for_its_next_turn(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    driver.send_shopper()
    clock.advance(60)
    with ExitStack() as questions:
        while questions.enter_context(
            driver.services.engine.services.bulkheads[driver.gateway].asking()
        ):
            pass
        assert driver.worker_passes() == {"awaiting_payer": 1}
    assert gateway.calls("inquire") == []
    assert driver.worker_passes() == {}
    clock.advance(60)
    assert driver.worker_passes() == {"awaiting_payer": 1}
    assert len(gateway.calls("inquire")) == 1


def test_an_order_that_is_cancelled_just_before_it_expires_stays_cancelled(
    driver: ScenarioDriver, clock: MovingClock, caplog: pytest.LogCaptureFixture
) -> None:
    order_id = driver.place()
    clock.advance(WINDOW + 1)
    usual, looks = driver.services, itertools.count(1)

    def now() -> datetime:
        if next(looks) == LAST_LOOK:
            driver.services = usual
            driver.cancel(order_id)
        return clock.now()

    driver.services = replace(usual, clock=now)
    with driver.in_the_shop() as services:
        assert expire(services) == {}
    assert driver.order_state(order_id) is OrderState.CANCELLED
    assert driver.history(order_id) == ["order_placed", "order_cancelled"]
    assert caplog.messages == []


def test_an_order_that_cannot_be_expired_is_logged_and_costs_the_others_nothing(
    driver: ScenarioDriver, clock: MovingClock, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = driver.place({1: 1}), driver.place({2: 1})
    with driver.in_the_shop(), transaction():
        stock.sell({1: 1})  # its only piece, behind the shop's back
    clock.advance(WINDOW + 1)
    assert driver.worker_passes() == {"orders_expired": 1, "error": 1}
    assert driver.order_state(broken) is OrderState.PLACED
    assert driver.order_state(sound) is OrderState.EXPIRED
    assert caplog.messages == [f"expiry: row {broken} failed"]


def test_a_gateway_whose_tokens_cannot_be_renewed_is_counted_and_costs_the_others_nothing(
    driver: ScenarioDriver,
) -> None:
    gateways = {name: ScriptedGateway(name) for name in ("silent", "silent too", "renewed")}
    for name, gateway in gateways.items():
        driver.add_gateway(name, gateway)
        gateway.answer("keep_fresh", True if name == "renewed" else SILENCE)
    with driver.in_the_shop() as services:
        counts = services.engine.refresh_tokens_once()
    assert counts == {"renewed": 1, "fresh": 1, "failed": 2}


def test_the_worker_reads_what_is_open_and_not_all_that_was_ever_paid(
    driver: ScenarioDriver,
) -> None:
    used = used_by(driver, "SELECT payments.id", driver.worker_passes)
    assert used == {"SEARCH payments USING INDEX ix_payments_state_next_check_at"}


def test_reconciliation_reads_the_payments_of_its_span_and_not_all_that_there_are(
    driver: ScenarioDriver,
) -> None:
    with driver.in_the_shop() as services:
        engine = services.engine
    used = used_by(driver, "created_at BETWEEN", engine.reconcile_once)
    assert used == {"SEARCH payments USING INDEX ix_payments_created_at_id"}


def test_no_question_of_the_engine_reads_all_that_a_gateway_ever_had(
    driver: ScenarioDriver, clock: MovingClock
) -> None:
    order_id, _ = driver.send_shopper()
    with driver.in_the_shop() as services:
        store = services.engine.services.store
        (payment,) = services.engine.payments_of(driver.number(order_id))

    def asks_for_names() -> None:
        with store.reading() as work:
            assert work.named(payment.gateway, ["another"], [payment.reference, "none"])

    def asks_for_expiries() -> None:
        with store.reading() as work:
            assert not work.expiry_has_run(payment, clock.now(), clock.now())

    by_id = "uq_payments_gateway_payment_id (gateway=? AND gateway_payment_id=?)"
    by_reference = "sqlite_autoindex_payments_1 (reference=?)"
    searched: dict[Callable[[], object], set[str]] = {
        asks_for_names: {by_id, by_reference},
        asks_for_expiries: {"INTEGER PRIMARY KEY (rowid>?)"},
        partial(store.nearest_deadline, payment.gateway, clock.now()): {
            "ix_payments_state_next_check_at (state=?)"
        },
    }
    for act, expected in searched.items():
        found = {step.partition("USING ")[2] for step in plan_of(driver, "FROM payments", act)}
        assert {each.removeprefix("INDEX ") for each in found if "(" in each} == expected


def used_by(driver: ScenarioDriver, words: str, act: Callable[[], object]) -> set[str]:
    """The first step of :func:`plan_of`, without its conditions."""
    return {step.split(" (")[0] for step in plan_of(driver, words, act, steps=1)}


def plan_of(
    driver: ScenarioDriver, words: str, act: Callable[[], object], steps: int | None = None
) -> list[str]:
    """How SQLite finds the rows of every statement with these words that is run meanwhile."""
    asked: list[tuple[str, Any]] = []
    with driver.in_the_shop():
        event.listen(
            db.engine,
            "before_cursor_execute",
            lambda _connection, _cursor, statement, values, *_: asked.append((statement, values)),
        )
        act()
        with db.engine.connect() as connection:
            plans = [
                connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
                for statement, values in list(asked)
                if words in statement
            ]
    return [str(step.detail) for plan in plans for step in plan[:steps]]
