"""A hook of the application that raises: the gateway's answer is kept, the move is tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from payment_engine import Hooks, Payment, PaymentState
from payment_engine.gateway import InquiryStatus
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from tests.engine.gateway import ObedientGateway

THERE = InquiryStatus.AWAITING_VERIFICATION


class Failing(Hooks):
    """Hooks that raise while ``broken`` is set, and pass everything on otherwise."""

    def __init__(self, usual: Hooks) -> None:
        self.usual = usual
        self.broken = True

    def on_begin(self, session: Any, payment: Payment) -> None:
        self.usual.on_begin(session, payment)

    def may_capture(self, session: Any, payment: Payment) -> bool:
        assert session.scalar(select(1)) == 1, "it is the session of the transaction"
        return self.usual.may_capture(session, payment)

    def on_paid(self, session: Any, payment: Payment) -> None:
        self.usual.on_paid(session, payment)
        self._break()

    def on_failed(self, session: Any, payment: Payment) -> None:
        self.usual.on_failed(session, payment)
        self._break()

    def _break(self) -> None:
        if self.broken:
            raise KeyError("the shop's own mistake")


@pytest.fixture
def hooks(driver: ScenarioDriver) -> Failing:
    return Failing(driver.services.engine.services.hooks)


@pytest.fixture
def order_id(driver: ScenarioDriver, hooks: Failing) -> int:
    driver.set_hooks(hooks)
    return driver.send_shopper()[0]


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
    assert (payment.captured_at, payment.hook_failures) == (captured_at, 1)
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
    assert driver.payments(order_id)[0].hook_failures == 0


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
    driver.worker_passes()
    assert driver.states(order_id) == [PaymentState.NEEDS_REVIEW]
    assert driver.history(order_id).count("payment_needs_review") == 1
    assert len(gateway.calls("verify")) == 1


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
