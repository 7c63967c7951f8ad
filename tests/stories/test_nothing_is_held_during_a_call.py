"""While the gateway is asked, no transaction is open and no pooled connection is held."""

from __future__ import annotations

from datetime import datetime

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine import GatewayUnavailable
from payment_engine.gateway import Gateway, Inquiry, OpenedPayment, PaymentRequest, Verification
from payment_engine.states import PaymentState
from storefront.core.database import db
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from tests.stories.relay import Relay

CALLS = ("open", "inquire", "verify", "find")  # those that go over the network


class Spy(Relay):
    """Stands in front of a gateway and looks at the shop's hands at every call."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway)
        self.held: dict[str, list[int]] = {}

    def open(self, request: PaymentRequest) -> OpenedPayment:
        self._look("open")
        return super().open(request)

    def inquire(self, gateway_payment_id: str, *, language: str = "fa") -> Inquiry:
        self._look("inquire")
        return super().inquire(gateway_payment_id, language=language)

    def verify(self, gateway_payment_id: str, *, language: str = "fa") -> Verification:
        self._look("verify")
        return super().verify(gateway_payment_id, language=language)

    def find(self, reference: str, *, since: datetime, until: datetime) -> Inquiry | None:
        self._look("find")
        return super().find(reference, since=since, until=until)

    def _look(self, call: str) -> None:
        self.held.setdefault(call, []).append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
        assert not db.session().in_transaction()


def test_every_call_finds_the_shop_with_empty_hands(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    spy = Spy(driver.services.engine.gateways[driver.gateway])
    driver.set_gateway(spy)
    paid, switching_url = driver.send_shopper()
    sandbox.behave("verify_unknown")
    driver.come_back(sandbox.callback(switching_url))
    orphan = driver.place()
    tries = 2 if spy.create_is_repeatable else 1
    sandbox.behave("reset", operation="create", times=tries)
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
