"""One FAILED of a gateway is not believed against a browser that says it has paid."""

from __future__ import annotations

from jibit_sandbox.testing import SandboxWorld
from payment_engine.states import PaymentState
from storefront.orders.states import OrderState
from tests.rig.clock import MovingClock
from tests.rig.scenes import DECLINED, everywhere
from tests.rig.walk import Walk


@everywhere
def test_who_has_paid_is_captured_although_the_gateway_said_failed_once(
    walk: Walk, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = walk.send_shopper()
    sandbox.behave("inquiry_failed", operation="inquiry")
    walk.come_back(sandbox.pay(switching_url))
    assert walk.states(order_id) == [PaymentState.IN_DOUBT]
    clock.advance(5)
    walk.worker_passes()
    assert walk.order_state(order_id) is OrderState.PAID
    assert sandbox.orders()[0]["state"] == "captured"


@everywhere
def test_failed_twice_is_believed(walk: Walk, sandbox: SandboxWorld, clock: MovingClock) -> None:
    order_id, switching_url = walk.send_shopper()
    sandbox.behave("inquiry_failed", operation="inquiry", times=2)
    walk.come_back(sandbox.pay(switching_url))
    clock.advance(5)
    walk.worker_passes()
    assert walk.states(order_id) == [PaymentState.FAILED]


@everywhere
def test_who_was_declined_is_told_at_once_and_may_try_again(
    walk: Walk, sandbox: SandboxWorld
) -> None:
    order_id, switching_url = walk.send_shopper()
    walk.come_back(sandbox.decline(switching_url))
    assert walk.states(order_id) == [DECLINED[walk.gateway]]
    walk.begin(order_id)
    assert walk.order_state(order_id) is OrderState.PLACED
