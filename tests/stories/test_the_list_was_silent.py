"""A lost create is looked for in the list of the gateway, and that list is silent for a while."""

from __future__ import annotations

from datetime import datetime

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine import GatewayUnavailable
from payment_engine.errors import NoAnswer
from payment_engine.gateway import Gateway, Inquiry
from payment_engine.states import PaymentState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from testkit.scenes import CREATES, LOOK_UP, card_only
from tests.stories.relay import Relay

pytestmark = card_only  # the wallet has no list
A_DAY = 24 * 3600


class SilentForOne(Relay):
    """A gateway whose list is silent so long that another worker looks meanwhile, and finds."""

    def __init__(
        self, gateway: Gateway, clock: MovingClock, another_worker: ScenarioDriver
    ) -> None:
        super().__init__(gateway)
        self._clock, self._another_worker = clock, another_worker
        self._asked = False

    def find(self, reference: str, *, since: datetime, until: datetime) -> Inquiry | None:
        if self._asked:
            return super().find(reference, since=since, until=until)
        self._asked = True
        self._clock.advance(61)
        self._another_worker.worker_passes()
        raise NoAnswer("list", "no answer in time")


@pytest.fixture
def order_id(driver: ScenarioDriver, sandbox: SandboxWorld) -> int:
    """An order whose create never arrived and was never answered."""
    order_id = driver.place()
    sandbox.behave("reset", operation="create", times=CREATES[driver.gateway])
    with pytest.raises(GatewayUnavailable):
        driver.begin(order_id)
    return order_id


def test_that_a_person_must_decide_is_told_in_the_history(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, order_id: int
) -> None:
    sandbox.behave("error_500", operation=LOOK_UP[driver.gateway], times=None)
    clock.advance(A_DAY + 1)
    driver.worker_passes()
    assert driver.states(order_id) == [PaymentState.NEEDS_REVIEW]
    assert driver.history(order_id)[-2:] == ["list_not_read", "payment_needs_review"]


def test_what_another_worker_has_found_out_meanwhile_stands(
    driver: ScenarioDriver, clock: MovingClock, order_id: int
) -> None:
    clock.advance(A_DAY + 1)
    gateway = SilentForOne(
        driver.services.engine.gateways[driver.gateway],
        clock,
        ScenarioDriver(driver.app, driver.gateway),
    )
    driver.set_gateway(gateway)
    assert driver.worker_passes() == {"expired": 1}
    assert driver.states(order_id) == [PaymentState.EXPIRED]
    assert driver.history(order_id)[-2:] == ["never_reached_the_gateway", "order_expired"]
