"""What anybody who opens a callback's address, again and again, can cause: bounded, and counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from payment_engine import Actor, GatewayUnavailable
from payment_engine.callbacks import MOST_COUNTED
from payment_engine.errors import NoAnswer
from payment_engine.gateway import InquiryStatus
from payment_engine.pacing import take_turn
from payment_engine.policy import Policy
from payment_engine.sqlalchemy_tables import HAS_MANY_CALLBACKS
from payment_engine.states import PaymentState
from payment_engine.testing.samples import NOW, SECOND, sample
from storefront.core.database import db
from storefront.monitoring.status import shop_status
from storefront.orders.cancellation import NotCancellable, NotCancellableYet
from storefront.orders.payments import Payment
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from testkit.shopper import Shopper
from tests.engine.gateway import ObedientGateway

POLICY = Policy(callback_url="https://shop.example/{reference}")
EVERY = POLICY.ask_again_after
KNOWN, GUESSED = "their=theirs-1&state=OK", "their=guess&state=OK"
THERE = InquiryStatus.AWAITING_VERIFICATION
HOUR = 60 * 60


@pytest.fixture
def order_id(driver: ScenarioDriver) -> int:
    """An order whose shopper was sent to the gateway."""
    return driver.send_shopper()[0]


def the_payment(driver: ScenarioDriver, order_id: int) -> Payment:
    (payment,) = driver.payments(order_id)
    return payment


def comes_back(driver: ScenarioDriver, order_id: int, query: str, times: int = 1) -> None:
    reference = the_payment(driver, order_id).reference
    for _ in range(times):
        driver.come_back(f"/payments/{reference}/callback?{query}")


# turns


def test_a_visitor_has_a_turn_and_the_next_one_is_left_to_recovery() -> None:
    payment = sample(next_check_at=NOW + 60 * SECOND)
    assert take_turn(POLICY, payment, NOW)
    assert payment.next_check_at == NOW + 60 * SECOND
    for _ in range(3):
        assert not take_turn(POLICY, payment, NOW + SECOND)
        assert payment.next_check_at == NOW + EVERY
    assert not take_turn(POLICY, payment, NOW + EVERY), "recovery asks at that moment"
    assert payment.next_check_at == NOW + EVERY
    assert take_turn(POLICY, payment, NOW + 3 * EVERY)


def test_a_check_that_is_due_earlier_stays_so() -> None:
    payment = sample(next_check_at=NOW)
    assert take_turn(POLICY, payment, NOW)
    assert not take_turn(POLICY, payment, NOW)
    assert payment.next_check_at == NOW


@pytest.mark.parametrize("reserved", [False, True])
def test_a_clock_that_was_set_back_stops_nobody(*, reserved: bool) -> None:
    payment = sample()
    assert take_turn(POLICY, payment, NOW)
    assert not (reserved and take_turn(POLICY, payment, NOW))
    assert take_turn(POLICY, payment, NOW - timedelta(hours=1))
    assert payment.next_turn_at == NOW - timedelta(hours=1) + EVERY


def test_a_clock_that_is_a_little_behind_gives_no_turn_of_its_own() -> None:
    payment = sample()
    assert take_turn(POLICY, payment, NOW)
    for _ in range(2):
        assert not take_turn(POLICY, payment, NOW - 2 * SECOND)


# callbacks that do not name the payment


def test_who_does_not_name_the_payment_calls_nobody_and_puts_nothing_off(
    driver: ScenarioDriver, gateway: ObedientGateway, order_id: int
) -> None:
    before = the_payment(driver, order_id)
    gateway.says = THERE
    comes_back(driver, order_id, GUESSED, 300)
    after = the_payment(driver, order_id)
    assert gateway.calls("inquire") == gateway.calls("verify") == []
    assert (after.callbacks_seen, after.callback_at) == (300, None)
    assert after.next_check_at == before.next_check_at
    assert driver.history(order_id)[3:] == ["unmatched_callback"]


def test_a_browser_without_the_number_is_settled_by_the_worker_at_its_usual_pace(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    gateway.says = THERE
    clock.advance(50)
    comes_back(driver, order_id, "state=OK")
    assert driver.worker_passes() == {}
    clock.advance(10)
    assert driver.worker_passes() == {"paid": 1}


def test_a_browser_without_the_number_is_settled_by_who_looks_at_the_order_then(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    gateway.says = THERE
    comes_back(driver, order_id, "state=OK")
    clock.advance(60)
    for _ in range(3):
        Shopper(driver.app).open(f"/orders/{driver.token(order_id)}")
    assert driver.order_state(order_id) is OrderState.PAID
    assert len(gateway.calls("inquire")) == 1


def test_a_guess_lets_nothing_be_verified_where_the_callback_decides_that(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    driver.set_policy(verify_without_callback=False)
    gateway.says = InquiryStatus.IN_PROGRESS
    comes_back(driver, order_id, GUESSED)
    clock.advance(60)
    driver.worker_passes()
    assert gateway.calls("verify") == []
    comes_back(driver, order_id, KNOWN)
    assert len(gateway.calls("verify")) == 1


# callbacks that do


def test_a_flood_that_names_the_payment_asks_once_every_five_seconds(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    for _ in range(30):
        comes_back(driver, order_id, KNOWN, 10)
        driver.worker_passes()
        clock.advance(1)
    assert the_payment(driver, order_id).callbacks_seen == 300
    assert 30 / 5 / 2 <= len(gateway.calls("inquire")) <= 30 / 5
    assert driver.history(order_id).count("callback") == 1


def test_the_first_of_each_kind_is_in_the_history_whichever_comes_first(
    driver: ScenarioDriver, order_id: int
) -> None:
    for query in (GUESSED, KNOWN, GUESSED, KNOWN):
        comes_back(driver, order_id, query)
    told = [event for event in driver.history(order_id) if event.endswith("callback")]
    assert told == ["unmatched_callback", "callback"]


def test_money_that_came_just_after_the_first_callback_is_found_at_the_next_turn(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    comes_back(driver, order_id, KNOWN)
    gateway.says = THERE
    comes_back(driver, order_id, KNOWN)
    assert driver.states(order_id) == [PaymentState.AWAITING_PAYER]
    clock.advance(5)
    assert driver.worker_passes() == {"paid": 1}


def test_a_final_payment_is_only_counted_for(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    gateway.says = THERE
    comes_back(driver, order_id, KNOWN)
    asked, told = len(gateway.asked), driver.history(order_id)
    clock.advance(HOUR)
    comes_back(driver, order_id, KNOWN, 9)
    assert (len(gateway.asked), driver.history(order_id)) == (asked, told)
    assert the_payment(driver, order_id).callbacks_seen == 10


def set_counted(driver: ScenarioDriver, order_id: int, clock: MovingClock) -> int:
    """Pretend that a flood has come; return the version of the payment."""
    with driver.in_the_shop() as services:
        payment = the_payment(driver, order_id)
        with services.engine.services.store.transaction() as work:
            work.lock_group(payment.order_key)
            flooded = work.by_id(payment.id)
            flooded.callbacks_seen, flooded.last_callback_at = MOST_COUNTED, clock.now()
            work.save(flooded)
        return flooded.version


def test_a_flood_that_goes_on_is_not_written_down_but_once_an_hour(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    gateway.says = THERE
    comes_back(driver, order_id, KNOWN)
    version = set_counted(driver, order_id, clock)
    clock.advance(HOUR - 1)
    comes_back(driver, order_id, GUESSED, 5)
    comes_back(driver, order_id, KNOWN, 5)
    assert the_payment(driver, order_id).version == version
    clock.advance(1)
    comes_back(driver, order_id, GUESSED, 5)
    payment = the_payment(driver, order_id)
    assert (payment.version, payment.callbacks_seen) == (version + 1, MOST_COUNTED)
    clock.set_by(-HOUR)
    comes_back(driver, order_id, GUESSED, 5)
    assert the_payment(driver, order_id).last_callback_at == clock.now()


def test_the_right_browser_is_not_drowned_by_a_flood(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    gateway.says = THERE
    set_counted(driver, order_id, clock)
    comes_back(driver, order_id, KNOWN)
    assert driver.order_state(order_id) is OrderState.PAID


# other things that a visitor can repeat


def test_whatever_a_visitor_completes_is_asked_about_once_and_the_worker_is_free(
    driver: ScenarioDriver, gateway: ObedientGateway, order_id: int
) -> None:
    payment_id = the_payment(driver, order_id).id
    with driver.in_the_shop() as services:
        engine = services.engine
        for _ in range(5):
            engine.complete(payment_id, actor=Actor.PAYER)
        assert len(gateway.calls("inquire")) == 1
        with pytest.raises(GatewayUnavailable, match="a moment ago") as refusal:
            engine.complete(payment_id, actor=Actor.PAYER, insist=True)
        assert refusal.value.retry_after == EVERY.total_seconds()
        for actor in (Actor.WORKER, Actor.OPERATOR):
            engine.complete(payment_id, actor=actor, insist=True)
    assert len(gateway.calls("inquire")) == 3


def test_cancelling_again_and_again_asks_once_in_a_while(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    gateway.errors["inquire"] = NoAnswer("inquiry", "no whole answer in time")
    for expected in (NotCancellable, *[NotCancellableYet] * 5):
        with pytest.raises(expected):
            driver.cancel(order_id)
    assert len(gateway.calls("inquire")) == 1
    del gateway.errors["inquire"]
    clock.advance(10)
    for _ in range(5):
        driver.cancel(order_id)
    assert driver.order_state(order_id) is OrderState.CANCELLED
    assert len(gateway.calls("inquire")) == 2


def test_who_looks_for_floods_reads_no_other_payments(driver: ScenarioDriver) -> None:
    asked: list[tuple[str, Any]] = []
    with driver.in_the_shop() as services:
        event.listen(
            db.engine,
            "before_cursor_execute",
            lambda _connection, _cursor, statement, values, *_: asked.append((statement, values)),
        )
        shop_status(services)
        (question,) = [each for each in asked if HAS_MANY_CALLBACKS in each[0]]
        with db.engine.connect() as connection:
            statement, values = question
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    assert plan[0].detail.startswith("SEARCH payments USING INDEX ix_payments_many_callbacks")
