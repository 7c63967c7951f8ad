"""A create is answered after its payment was given up: nobody is sent to a payment that is over."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine import GatewayUnavailable, Payment
from payment_engine.errors import Refused
from payment_engine.gateway import OpenedPayment, PaymentRequest
from payment_engine.states import PaymentState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from tests.stories.relay import Relay


def answered_too_late(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> Future[Payment]:
    """Begin a payment whose create is answered when its window is over and the worker was there."""
    order_id = driver.place()
    sandbox.behave("hold", operation="create")
    with ThreadPoolExecutor(1) as server:
        begun = server.submit(driver.begin, order_id)
        sandbox.wait_until_held()
        clock.advance(16 * 60)
        driver.worker_passes()
        assert driver.states(order_id) == [PaymentState.EXPIRED]
        sandbox.release()
    return begun


def test_an_opened_payment_that_is_over_sends_nobody_there(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    with pytest.raises(GatewayUnavailable, match="too late"):
        answered_too_late(driver, sandbox, clock).result()
    (order_id,) = driver.orders()
    assert driver.states(order_id) == [PaymentState.EXPIRED]
    assert "payment_opened" not in driver.history(order_id)


class Refusing(Relay):
    """The driver's gateway, which says no to a create, and so late that much happens before."""

    def __init__(self, driver: ScenarioDriver, meanwhile: Callable[[], object]) -> None:
        super().__init__(driver.services.engine.gateways[driver.gateway])
        self._meanwhile = meanwhile

    def open(self, request: PaymentRequest) -> OpenedPayment:  # noqa: ARG002 - it is not read
        self._meanwhile()
        raise Refused("create", "no", http_status=400)


def test_a_refusal_of_a_payment_that_is_over_changes_nothing(
    driver: ScenarioDriver, clock: MovingClock
) -> None:
    def much_later() -> None:
        clock.advance(16 * 60)
        driver.worker_passes()

    order_id = driver.place()
    driver.set_gateway(Refusing(driver, much_later))
    with pytest.raises(GatewayUnavailable) as trouble:
        driver.begin(order_id)
    assert isinstance(trouble.value.__cause__, Refused)
    assert driver.states(order_id) == [PaymentState.EXPIRED]
