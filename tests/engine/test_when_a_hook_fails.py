"""A hook of the application that raises: the gateway's answer is kept, the move is tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from payment_engine import Actor, GatewayUnavailable, Hooks, Payment, PaymentState
from payment_engine.errors import NoAnswer
from payment_engine.gateway import InquiryStatus, VerificationStatus
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from tests.engine.gateway import ObedientGateway

WINDOW = 900  # seconds
MOMENT = 0.000001
THERE = InquiryStatus.AWAITING_VERIFICATION


class Failing(Hooks):
    """Hooks that raise while ``broken`` is set, and pass everything on otherwise."""

    def __init__(self, usual: Hooks) -> None:
        self.usual = usual
        self.broken = True
        self.error: Exception = KeyError("the shop's own mistake")

    def on_begin(self, session: Any, payment: Payment) -> None:
        assert session.scalar(select(1)) == 1, "it is the session of the transaction"
        self.usual.on_begin(session, payment)

    def may_capture(self, session: Any, payment: Payment) -> bool:
        assert session.scalar(select(1)) == 1, "it is the session of the transaction"
        return self.usual.may_capture(session, payment)

    def on_paid(self, session: Any, payment: Payment) -> None:
        assert session.scalar(select(1)) == 1, "it is the session of the transaction"
        self.usual.on_paid(session, payment)
        self._break()

    def on_failed(self, session: Any, payment: Payment) -> None:
        self.usual.on_failed(session, payment)
        self._break()

    def on_expired(self, session: Any, payment: Payment) -> None:
        self.usual.on_expired(session, payment)
        self._break()

    def _break(self) -> None:
        if self.broken:
            raise self.error


@pytest.fixture
def hooks(driver: ScenarioDriver) -> Failing:
    return Failing(driver.services.engine.services.hooks)


@pytest.fixture
def order_id(driver: ScenarioDriver, hooks: Failing) -> int:
    driver.set_hooks(hooks)
    return driver.send_shopper()[0]


def worker_asks(driver: ScenarioDriver, order_id: int) -> None:
    with driver.in_the_shop() as services:
        services.engine.complete(driver.payments(order_id)[-1].id, actor=Actor.WORKER)


def comes_back(driver: ScenarioDriver, order_id: int) -> None:
    reference = driver.payments(order_id)[-1].reference
    driver.come_back(f"/payments/{reference}/callback?their=theirs-1&state=OK")


def test_captured_money_is_not_lost_and_not_captured_again(
    driver: ScenarioDriver,
    gateway: ObedientGateway,
    clock: MovingClock,
    hooks: Failing,
    order_id: int,
) -> None:
    gateway.says = THERE
    captured_at = clock.now()
    comes_back(driver, order_id)
    (payment,) = driver.payments(order_id)
    assert payment.state is PaymentState.VERIFYING
    assert (payment.captured_at, payment.failures) == (captured_at, 1)
    assert payment.last_failure == "KeyError"
    assert (payment.verifications_sent, payment.verifications_answered) == (1, 1)
    assert driver.order_state(order_id) is OrderState.PLACED
    assert driver.stock() == (2, 0)
    entry = driver.history_entries(order_id)[-1]
    assert entry.event == "hook_failed"
    assert entry.details["verification"] == "successful"
    assert entry.details["hook_error"] == "KeyError"
    hooks.broken = False
    clock.advance((payment.next_check_at - clock.now()).total_seconds())
    assert driver.worker_passes() == {"paid": 1}
    assert driver.order_state(order_id) is OrderState.PAID
    assert driver.stock() == (0, 2)
    assert len(gateway.calls("verify")) == 1
    assert driver.payments(order_id)[0].failures == 0


def test_tries_grow_apart_and_after_a_day_a_person_is_asked(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    gateway.says = THERE
    comes_back(driver, order_id)
    waits = []
    for _ in range(30):
        wait = driver.payments(order_id)[0].next_check_at - clock.now()
        waits.append(wait)
        clock.advance(wait.total_seconds())
        driver.worker_passes()
    assert waits[:4] == [timedelta(seconds=seconds) for seconds in (10, 20, 40, 60)]
    assert max(waits) == timedelta(hours=1)
    clock.advance(timedelta(days=1).total_seconds())
    for _ in range(2):
        driver.worker_passes()
        assert driver.states(order_id) == [PaymentState.NEEDS_REVIEW]
        assert driver.history(order_id).count("payment_needs_review") == 1
        clock.advance(timedelta(hours=1).total_seconds())
    assert len(gateway.calls("verify")) == 1


def test_the_day_is_over_a_moment_after_its_end_and_the_first_capture_is_remembered(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    gateway.says = THERE
    captured_at = clock.now()
    comes_back(driver, order_id)
    clock.advance(timedelta(days=1).total_seconds())
    comes_back(driver, order_id)
    assert driver.states(order_id) == [PaymentState.VERIFYING]
    clock.advance(MOMENT)
    worker_asks(driver, order_id)
    (payment,) = driver.payments(order_id)
    assert payment.state is PaymentState.NEEDS_REVIEW
    assert (payment.captured_at, payment.failures) == (captured_at, 3)


def test_a_hook_that_meets_a_busy_database_is_tried_again_and_no_person_is_asked(
    driver: ScenarioDriver,
    gateway: ObedientGateway,
    clock: MovingClock,
    hooks: Failing,
    order_id: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    why = "database is locked"
    hooks.error = OperationalError("UPDATE orders", None, Exception(why))
    gateway.says = THERE
    clock.advance(60)
    assert driver.worker_passes() == {"busy": 1}
    (payment,) = driver.payments(order_id)
    assert caplog.messages == [
        f"recovery: row {payment.id} failed: OperationalError: (builtins.Exception) {why}"
    ]
    assert not caplog.records[0].exc_info
    assert driver.states(order_id) == [PaymentState.VERIFYING]
    assert driver.history(order_id)[-1] == "verifying"
    hooks.broken = False
    gateway.says = InquiryStatus.CAPTURED
    clock.advance(60)
    assert driver.worker_passes() == {"paid": 1}


def test_every_verification_that_was_answered_is_counted_although_the_hook_fails(
    driver: ScenarioDriver, gateway: ObedientGateway, order_id: int
) -> None:
    gateway.says, gateway.verifies = InquiryStatus.IN_PROGRESS, VerificationStatus.FAILED
    comes_back(driver, order_id)
    gateway.verifies = VerificationStatus.SUCCESSFUL
    worker_asks(driver, order_id)
    (payment,) = driver.payments(order_id)
    assert (payment.verifications_sent, payment.verifications_answered) == (2, 2)


def test_a_verification_without_an_answer_is_not_counted_as_answered_when_the_hook_fails(
    driver: ScenarioDriver, gateway: ObedientGateway, order_id: int
) -> None:
    def it_fails_meanwhile() -> None:
        if gateway.asked[-1].operation == "verify":
            gateway.says = InquiryStatus.FAILED

    gateway.says = THERE
    gateway.errors["verify"] = NoAnswer("verify", "no whole answer in time")
    gateway.takes(it_fails_meanwhile)
    comes_back(driver, order_id)
    (payment,) = driver.payments(order_id)
    assert driver.history(order_id)[-1] == "hook_failed"
    assert (payment.verifications_sent, payment.verifications_answered) == (1, 0)
    assert payment.captured_at is None


def test_a_person_can_record_the_payment_without_the_hooks(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    gateway.says = THERE
    comes_back(driver, order_id)
    clock.advance(60)
    reference = driver.payments(order_id)[0].reference
    with driver.in_the_shop() as services:
        services.engine.resolve(
            reference, PaymentState.PAID, reason="shipped by hand", run_hooks=False
        )
    assert driver.states(order_id) == [PaymentState.PAID]
    assert driver.order_state(order_id) is OrderState.PLACED


def test_a_failed_payment_is_asked_about_again_until_its_hook_has_run(
    driver: ScenarioDriver,
    gateway: ObedientGateway,
    clock: MovingClock,
    hooks: Failing,
    order_id: int,
) -> None:
    gateway.says = InquiryStatus.FAILED
    comes_back(driver, order_id)
    (payment,) = driver.payments(order_id)
    assert payment.state is PaymentState.AWAITING_PAYER
    assert payment.captured_at is None
    hooks.broken = False
    clock.advance(60)
    assert driver.worker_passes() == {"failed": 1}


def test_a_lost_create_is_looked_up_again_until_its_hook_has_run(
    driver: ScenarioDriver,
    gateway: ObedientGateway,
    clock: MovingClock,
    hooks: Failing,
    caplog: pytest.LogCaptureFixture,
) -> None:
    driver.set_hooks(hooks)
    order_id = driver.place()
    gateway.errors["open"] = NoAnswer("create", "no whole answer in time")
    with pytest.raises(GatewayUnavailable):
        driver.begin(order_id)
    clock.advance(WINDOW)
    caplog.clear()
    assert driver.worker_passes() == {"error": 1}
    (payment,) = driver.payments(order_id)
    assert payment.state is PaymentState.INITIATED
    assert payment.last_failure == "KeyError"
    assert caplog.messages == [f"look-up: row {payment.id} failed"]
    assert "the shop's own mistake" in caplog.text
    hooks.broken = False
    clock.advance(60)
    assert driver.worker_passes()["expired"] == 1


def test_a_may_capture_that_raises_takes_no_money(
    driver: ScenarioDriver,
    gateway: ObedientGateway,
    clock: MovingClock,
    hooks: Failing,
    order_id: int,
) -> None:
    class Undecided(Failing):
        def may_capture(self, session: Any, payment: Payment) -> bool:
            raise KeyError(payment.order_key, session)

    driver.set_hooks(Undecided(hooks.usual))
    gateway.says = THERE
    comes_back(driver, order_id)
    assert gateway.calls("verify") == []
    assert driver.states(order_id) == [PaymentState.AWAITING_PAYER]
    hooks.broken = False
    driver.set_hooks(hooks)
    clock.advance(60)
    assert driver.worker_passes() == {"paid": 1}
