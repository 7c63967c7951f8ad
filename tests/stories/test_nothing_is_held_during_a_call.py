"""While the gateway is asked, no transaction is open and no pooled connection is held."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine import GatewayUnavailable
from payment_engine.states import PaymentState
from storefront.core.database import db
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver

CALLS = ("open", "inquire", "verify", "find")  # those that go over the network


class Spy:
    """Stands in front of a gateway and looks at the shop's hands at every call."""

    def __init__(self, gateway: Any) -> None:
        self._gateway = gateway
        self.held: dict[str, list[int]] = {}

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._gateway, name)
        return self._spied(name, attribute) if name in CALLS else attribute

    def _spied(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def spied(*arguments: Any, **named: Any) -> Any:
            self.held.setdefault(name, []).append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
            assert not db.session().in_transaction()
            return call(*arguments, **named)

        return spied


def test_every_call_finds_the_shop_with_empty_hands(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    spy = Spy(driver.services.engine.gateways[driver.gateway])
    driver.set_gateway(spy)
    paid, switching_url = driver.send_shopper()
    sandbox.behave("verify_unknown")
    driver.come_back(sandbox.pay(switching_url))
    orphan = driver.place()
    sandbox.behave("reset", operation="create")
    with pytest.raises(GatewayUnavailable):
        driver.begin(orphan)
    clock.advance(61)
    driver.worker_passes()
    clock.advance(900)
    driver.worker_passes()
    assert driver.order_state(paid) is OrderState.PAID
    assert driver.states(orphan) == [PaymentState.EXPIRED]
    made = {call for call in CALLS if call != "find" or spy.has_list}
    assert {call: set(held) for call, held in spy.held.items()} == {c: {0} for c in made}
