"""The callback is a rumour, and an answer about another price is no answer."""

from __future__ import annotations

import pytest

from storefront.sandbox.testing import SandboxWorld
from storefront.shop.states import OrderState, PaymentState
from tests.rig.clock import MovingClock
from tests.rig.walk import Walk


def callback_for(walk: Walk, order_id: int, **said: object) -> str:
    (payment,) = walk.payments(order_id)
    query = "&".join(f"{name}={value}" for name, value in said.items())
    return f"http://shop.example/payments/{payment.reference_number}/callback?{query}"


def captured(sandbox: SandboxWorld) -> list[str]:
    return [order["identifier"] for order in sandbox.orders() if order["state"] == "captured"]


def test_a_forged_success_pays_nothing(walk: Walk, sandbox: SandboxWorld) -> None:
    order_id, _ = walk.send_shopper()
    identifier = sandbox.orders()[0]["identifier"]
    walk.come_back(callback_for(walk, order_id, amount=1, refnum=identifier, state="SUCCESSFUL"))
    assert walk.order_state(order_id) is OrderState.PLACED
    assert walk.states(order_id) == [PaymentState.AWAITING_SHOPPER]


def test_a_forged_failure_cancels_nothing(walk: Walk, sandbox: SandboxWorld) -> None:
    order_id, switching_url = walk.send_shopper()
    identifier = sandbox.orders()[0]["identifier"]
    forged = callback_for(walk, order_id, refnum=identifier, state="FAILED")
    walk.come_back(forged)
    assert walk.states(order_id) == [PaymentState.AWAITING_SHOPPER]
    walk.come_back(sandbox.pay(switching_url))
    walk.come_back(forged)
    assert walk.order_state(order_id) is OrderState.PAID


def test_a_cheap_paid_order_does_not_settle_a_dear_one(walk: Walk, sandbox: SandboxWorld) -> None:
    cheap, cheap_url = walk.send_shopper()
    dear, _ = walk.send_shopper()
    paid_callback = sandbox.pay(cheap_url)
    cheap_identifier = paid_callback.split("refnum=")[1].split("&")[0]
    shown = walk.come_back(
        callback_for(walk, dear, amount=1, refnum=cheap_identifier, state="SUCCESSFUL")
    )
    assert shown is None
    assert walk.order_state(dear) is OrderState.PLACED
    assert walk.order_state(cheap) is OrderState.PLACED
    walk.come_back(paid_callback)
    assert walk.order_state(cheap) is OrderState.PAID


@pytest.mark.parametrize("said", [{}, {"refnum": ""}, {"refnum": "%00"}, {"refnum": "x" * 5000}])
def test_who_does_not_know_the_identifier_is_shown_nothing(
    walk: Walk, said: dict[str, object]
) -> None:
    order_id, _ = walk.send_shopper()
    assert walk.come_back(callback_for(walk, order_id, **said)) is None


def test_an_unknown_reference_number_is_nobodys(walk: Walk) -> None:
    with pytest.raises(LookupError):
        walk.come_back("http://shop.example/payments/unheard-of/callback?refnum=1")


def test_a_callback_that_comes_five_times_pays_once(walk: Walk, sandbox: SandboxWorld) -> None:
    order_id, switching_url = walk.send_shopper()
    callback = sandbox.pay(switching_url)
    for _ in range(5):
        shown = walk.come_back(callback)
        assert shown is not None
    assert walk.order_state(order_id) is OrderState.PAID
    assert walk.stock() == (0, 2)
    assert walk.journal(order_id).count("payment_paid") == 1


@pytest.mark.parametrize(
    ("lie", "difference"),
    [
        ("inquiry_other_amount", "amount_rials"),
        ("inquiry_other_currency", "currency"),
        ("inquiry_other_reference", "reference_number"),
    ],
)
def test_another_price_is_never_captured_and_the_money_goes_home(
    walk: Walk, sandbox: SandboxWorld, clock: MovingClock, lie: str, difference: str
) -> None:
    order_id, switching_url = walk.send_shopper()
    sandbox.behave(lie, times=None)
    walk.come_back(sandbox.pay(switching_url))
    assert walk.states(order_id) == [PaymentState.IN_DOUBT]
    assert walk.journal_entries(order_id)[-1].details["differences"][0] == difference
    clock.advance(901)
    walk.worker_passes()
    sandbox.forget_behaviours()
    clock.advance(61)
    walk.worker_passes()
    assert captured(sandbox) == []
    assert walk.states(order_id) == [PaymentState.EXPIRED]
    assert walk.order_state(order_id) is OrderState.LAPSED
    assert walk.stock() == (0, 0)


def test_a_lie_that_stops_in_time_costs_the_shopper_nothing(
    walk: Walk, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = walk.send_shopper()
    sandbox.behave("inquiry_other_amount")
    walk.come_back(sandbox.pay(switching_url))
    clock.advance(61)
    walk.worker_passes()
    assert walk.order_state(order_id) is OrderState.PAID
