"""The callback is a rumour, and an answer about another price is no answer."""

from __future__ import annotations

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine.states import PaymentState
from storefront.orders.states import OrderState
from tests.rig.clock import MovingClock
from tests.rig.scenes import CALLBACKS, card_only, everywhere
from tests.rig.walk import Walk


def callback_for(walk: Walk, order_id: int, identifier: str | None, *, success: bool = True) -> str:
    """A forged callback in the gateway's words; None: it names no identifier."""
    (payment,) = walk.payments(order_id)
    words = CALLBACKS[walk.gateway]
    claim = {words.identifier: identifier} if identifier is not None else {}
    claim |= {words.state: words.success if success else words.failure, "amount": "1"}
    query = "&".join(f"{name}={value}" for name, value in claim.items())
    return f"http://shop.example/payments/{payment.reference}/callback?{query}"


def captured(sandbox: SandboxWorld) -> list[str]:
    return [order["identifier"] for order in sandbox.orders() if order["state"] == "captured"]


def test_a_forged_success_pays_nothing(walk: Walk, sandbox: SandboxWorld) -> None:
    order_id, _ = walk.send_shopper()
    identifier = sandbox.orders()[0]["identifier"]
    walk.come_back(callback_for(walk, order_id, identifier))
    assert walk.order_state(order_id) is OrderState.PLACED
    assert walk.states(order_id) == [PaymentState.AWAITING_PAYER]


def test_a_forged_failure_cancels_nothing(walk: Walk, sandbox: SandboxWorld) -> None:
    order_id, switching_url = walk.send_shopper()
    identifier = sandbox.orders()[0]["identifier"]
    forged = callback_for(walk, order_id, identifier, success=False)
    walk.come_back(forged)
    assert walk.states(order_id) == [PaymentState.AWAITING_PAYER]
    walk.come_back(sandbox.pay(switching_url))
    walk.come_back(forged)
    assert walk.order_state(order_id) is OrderState.PAID


@everywhere
def test_a_cheap_paid_order_does_not_settle_a_dear_one(walk: Walk, sandbox: SandboxWorld) -> None:
    cheap, cheap_url = walk.send_shopper()
    dear, _ = walk.send_shopper()
    paid_callback = sandbox.pay(cheap_url)
    cheap_identifier = walk.payments(cheap)[0].gateway_payment_id
    assert str(cheap_identifier) in paid_callback
    assert walk.come_back(callback_for(walk, dear, cheap_identifier)) is None
    assert walk.order_state(dear) is OrderState.PLACED
    assert walk.order_state(cheap) is OrderState.PLACED
    walk.come_back(paid_callback)
    assert walk.order_state(cheap) is OrderState.PAID


@pytest.mark.parametrize("identifier", [None, "", "%00", "x" * 5000])
def test_who_does_not_know_the_identifier_is_shown_nothing(
    walk: Walk, identifier: str | None
) -> None:
    order_id, _ = walk.send_shopper()
    assert walk.come_back(callback_for(walk, order_id, identifier)) is None


def test_an_unknown_reference_number_is_nobodys(walk: Walk) -> None:
    with pytest.raises(LookupError):
        walk.come_back("http://shop.example/payments/unheard-of/callback?refnum=1")


@everywhere
def test_a_callback_that_comes_five_times_pays_once(walk: Walk, sandbox: SandboxWorld) -> None:
    order_id, switching_url = walk.send_shopper()
    callback = sandbox.pay(switching_url)
    for _ in range(5):
        shown = walk.come_back(callback)
        assert shown is not None
    assert walk.order_state(order_id) is OrderState.PAID
    assert walk.stock() == (0, 2)
    assert walk.history(order_id).count("payment_paid") == 1


@pytest.mark.parametrize(
    ("behaviour", "difference"),
    [
        ("inquiry_other_amount", "amount_rials"),
        ("inquiry_other_reference", "reference"),
    ],
)
@everywhere
def test_another_price_is_never_captured_and_the_money_goes_home(
    walk: Walk, sandbox: SandboxWorld, clock: MovingClock, behaviour: str, difference: str
) -> None:
    pay_with_edited_answers(walk, sandbox, clock, behaviour, difference)


@card_only  # the wallet's answers name no currency
def test_another_currency_is_another_price(
    walk: Walk, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    pay_with_edited_answers(walk, sandbox, clock, "inquiry_other_currency", "currency")


def pay_with_edited_answers(
    walk: Walk, sandbox: SandboxWorld, clock: MovingClock, behaviour: str, difference: str
) -> None:
    """The inquiry lies until the window is over; nothing is captured, and the goods are free."""
    order_id, switching_url = walk.send_shopper()
    sandbox.behave(behaviour, times=None)
    walk.come_back(sandbox.pay(switching_url))
    assert walk.states(order_id) == [PaymentState.IN_DOUBT]
    assert walk.history_entries(order_id)[-1].details["differences"][0] == difference
    clock.advance(901)
    walk.worker_passes()
    sandbox.forget_behaviours()
    clock.advance(61)
    walk.worker_passes()
    assert captured(sandbox) == []
    assert walk.states(order_id) == [PaymentState.EXPIRED]
    assert walk.order_state(order_id) is OrderState.EXPIRED
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
