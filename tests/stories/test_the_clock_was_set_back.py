"""The shop's clock is set back while a payment is open; at the gateway its time runs on."""

from __future__ import annotations

import pytest

from storefront.sandbox.testing import SandboxWorld
from storefront.shop.states import OrderState, PaymentState
from tests.rig.clock import MovingClock
from tests.rig.scenes import everywhere
from tests.rig.walk import Walk

MINUTES, HOUR, DAY = 60, 3600, 24 * 3600  # seconds
TICK = 30


@everywhere
@pytest.mark.parametrize("seconds", [14 * MINUTES, HOUR, DAY])
def test_who_paid_and_vanished_before_is_found_while_the_money_can_be_taken(
    walk: Walk, sandbox: SandboxWorld, clock: MovingClock, seconds: int
) -> None:
    order_id, switching_url = walk.send_shopper()
    sandbox.pay_and_vanish(switching_url)
    clock.set_by(-seconds)
    for _ in range(14 * MINUTES // TICK):
        clock.advance(TICK)
        walk.worker_passes()
    assert walk.states(order_id) == [PaymentState.PAID]
    assert walk.order_state(order_id) is OrderState.PAID
    assert sandbox.orders()[0]["state"] == "captured"


def test_a_shopper_who_is_still_typing_is_asked_about_at_the_usual_pace(
    walk: Walk, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = walk.send_shopper()
    clock.set_by(-HOUR)
    asked = []
    for _ in range(6):
        asked.append(walk.worker_passes())
        clock.advance(TICK)
    assert asked == [{"awaiting_shopper": 1}, {}] * 3
    walk.come_back(sandbox.pay(switching_url))
    assert walk.order_state(order_id) is OrderState.PAID
