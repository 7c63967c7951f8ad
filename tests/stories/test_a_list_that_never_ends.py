"""A list of orders without an end holds up neither the worker nor the orders that go stale."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine import GatewayUnavailable
from payment_engine.states import PaymentState
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.response_edits import ResponseEdits
from testkit.scenario import ScenarioDriver
from testkit.scenes import card_only

pytestmark = card_only  # the wallet has no list
WINDOW = 900
END = 300  # pages, so that a look-up that does not stop by itself ends all the same


class EndlessList:
    """Pages of orders that nobody has seen before, each with another one behind it."""

    def __init__(self) -> None:
        self.pages, self._numbers = 0, count()

    def __call__(self, answer: Any) -> Any:
        if not isinstance(answer, dict) or "elements" not in answer:
            return answer
        self.pages += 1
        row = {"amount": 1000, "currency": "RIALS", "status": "EXPIRED"}
        identifiers = [f"endless{next(self._numbers)}" for _ in range(5)]
        rows = [{**row, "id": name, "referenceNumber": f"R-{name}"} for name in identifiers]
        return {**answer, "elements": rows, "hasNext": self.pages < END}


def test_a_look_up_ends_and_the_orders_of_others_are_let_go(
    edited_driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, edits: ResponseEdits
) -> None:
    endless = edits.rewrite = EndlessList()
    lost, stale = edited_driver.place(), edited_driver.place()
    sandbox.behave("reset_after_commit", operation="create")
    with pytest.raises(GatewayUnavailable):
        edited_driver.begin(lost)
    clock.advance(WINDOW + 1)
    tally = edited_driver.worker_passes()
    assert endless.pages <= 100
    assert tally == {"unanswered": 1, "orders_expired": 1}
    assert edited_driver.states(lost) == [PaymentState.INITIATED]
    assert edited_driver.order_state(stale) is OrderState.EXPIRED
    edits.rewrite = lambda answer: answer
    clock.advance(WINDOW)
    edited_driver.worker_passes()
    assert edited_driver.states(lost) == [PaymentState.EXPIRED]
