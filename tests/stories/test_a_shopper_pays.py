"""A shopper pays: every ending that a payment can have when the browser comes back."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine import GatewayUnavailable, NotPayable, Standing
from payment_engine.errors import GatewayError, NoAnswer, NotSent, Refused
from payment_engine.states import PaymentState
from storefront.orders.checkout import EmptyCart
from storefront.orders.states import OrderState
from tests.rig.clock import MovingClock
from tests.rig.scenes import DECLINED, card_only, everywhere
from tests.rig.walk import Walk

LAST_ONE = 23  # the bundled goods have one piece of it


@everywhere
def test_who_pays_gets_a_paid_order_and_the_products_are_sold(
    walk: Walk, sandbox: SandboxWorld
) -> None:
    order_id, switching_url = walk.send_shopper()
    assert walk.stock() == (2, 0)
    shown = walk.come_back(sandbox.pay(switching_url))
    assert shown is not None
    assert shown.id == order_id
    assert walk.order_state(order_id) is OrderState.PAID
    assert walk.stock() == (0, 2)
    (payment,) = walk.payments(order_id)
    assert payment.state is PaymentState.PAID
    assert payment.payer_card == sandbox.orders()[0]["payer_card"]
    assert sandbox.orders()[0]["state"] == "captured"
    assert sandbox.orders()[0]["amount_rials"] == payment.amount_rials


def test_the_history_tells_the_walk_from_top_to_bottom(walk: Walk, sandbox: SandboxWorld) -> None:
    order_id, switching_url = walk.send_shopper()
    walk.come_back(sandbox.pay(switching_url))
    assert walk.history(order_id) == [
        "order_placed",
        "payment_initiated",
        "payment_opened",
        "callback",
        "verifying",
        "payment_paid",
    ]


def test_who_declines_may_pay_again_for_the_same_order(walk: Walk, sandbox: SandboxWorld) -> None:
    order_id, switching_url = walk.send_shopper()
    walk.come_back(sandbox.decline(switching_url))
    assert walk.states(order_id) == [DECLINED[walk.gateway]]
    assert walk.order_state(order_id) is OrderState.PLACED
    second = walk.begin(order_id)
    walk.come_back(sandbox.pay(str(second.redirect_url)))
    assert walk.states(order_id) == [DECLINED[walk.gateway], PaymentState.PAID]
    assert walk.order_state(order_id) is OrderState.PAID


def test_who_cancels_keeps_the_order_and_pays_nothing(walk: Walk, sandbox: SandboxWorld) -> None:
    order_id, switching_url = walk.send_shopper()
    walk.come_back(sandbox.cancel(switching_url))
    assert walk.states(order_id) == [PaymentState.FAILED]
    assert walk.order_state(order_id) is OrderState.PLACED


def test_the_same_checkout_key_gives_the_same_order(walk: Walk) -> None:
    first, second = walk.check_out("double-click"), walk.check_out("double-click")
    assert first.id == second.id
    assert walk.stock() == (2, 0)


@pytest.mark.parametrize("pieces", [{1: 2}, {LAST_ONE: 1}], ids=["many left", "the last one"])
def test_eight_clicks_at_once_give_one_order_and_one_payment(
    walk: Walk, sandbox: SandboxWorld, pieces: dict[int, int]
) -> None:
    together = threading.Barrier(8)

    def click(_: int) -> str:
        together.wait()
        try:
            return walk.check_out("impatient", pieces).order_key
        except NotPayable as refusal:  # another click's payment is being opened at this moment
            return refusal.order_key

    with ThreadPoolExecutor(8) as pool:
        clicked = set(pool.map(click, range(8)))
    assert clicked == {walk.number(order_id) for order_id in walk.orders()}
    assert len(clicked) == len(sandbox.orders()) == 1
    assert [walk.stock(product_id) for product_id in pieces] == [(n, 0) for n in pieces.values()]


def test_a_payment_that_is_still_open_is_gone_on_with(walk: Walk) -> None:
    order_id, switching_url = walk.send_shopper()
    assert walk.begin(order_id).redirect_url == switching_url
    assert walk.states(order_id) == [PaymentState.AWAITING_PAYER]


def test_a_second_click_while_the_gateway_is_being_asked_waits(
    walk: Walk, sandbox: SandboxWorld
) -> None:
    order_id = walk.place()
    sandbox.behave("hold", operation="create")
    first = threading.Thread(target=walk.begin, args=[order_id])
    first.start()
    sandbox.wait_until_held()
    with pytest.raises(NotPayable) as refusal:
        walk.begin(order_id)
    assert refusal.value.state is Standing.OPENING
    sandbox.release()
    first.join()
    assert walk.states(order_id) == [PaymentState.AWAITING_PAYER]
    assert len(sandbox.orders()) == 1


def test_nothing_can_be_ordered_from_an_empty_cart(walk: Walk) -> None:
    with pytest.raises(EmptyCart):
        walk.check_out("nothing", pieces={})


def test_a_paid_order_cannot_be_paid_again(walk: Walk, sandbox: SandboxWorld) -> None:
    order_id, switching_url = walk.send_shopper()
    walk.come_back(sandbox.pay(switching_url))
    with pytest.raises(NotPayable):
        walk.begin(order_id)
    assert len(sandbox.orders()) == 1


def test_a_refused_create_ends_the_attempt_and_keeps_the_order(
    walk: Walk, sandbox: SandboxWorld
) -> None:
    order_id = walk.place()
    sandbox.switch(merchant="inactive")
    with pytest.raises(GatewayUnavailable) as refusal:
        walk.begin(order_id)
    refused_as = {"ppg": "merchant.inactive", "wallet": "400"}
    cause = refusal.value.__cause__
    assert isinstance(cause, Refused)
    assert cause.codes == (refused_as[walk.gateway],)
    assert walk.states(order_id) == [PaymentState.FAILED]
    assert walk.order_state(order_id) is OrderState.PLACED


@pytest.mark.parametrize(
    "behaviour",
    ["reset", "reset_after_commit", "error_500_after_commit", "bad_gateway", "truncated_json"],
)
def test_an_unanswered_create_never_blocks_the_shopper(
    walk: Walk, sandbox: SandboxWorld, behaviour: str
) -> None:
    order_id = walk.place()
    sandbox.behave(behaviour, operation="create")
    with pytest.raises(GatewayUnavailable) as trouble:
        walk.begin(order_id)
    assert isinstance(trouble.value.__cause__, NoAnswer)
    assert walk.states(order_id) == [PaymentState.INITIATED]
    second = walk.begin(order_id)
    walk.come_back(sandbox.pay(str(second.redirect_url)))
    assert walk.states(order_id) == [PaymentState.INITIATED, PaymentState.PAID]
    assert walk.order_state(order_id) is OrderState.PAID


def test_a_gateway_that_cannot_be_reached_was_certainly_not_told(
    walk: Walk, sandbox: SandboxWorld
) -> None:
    order_id = walk.place()
    sandbox.behave("error_500", operation="generate")
    with pytest.raises(GatewayUnavailable) as trouble:
        walk.begin(order_id)
    assert isinstance(trouble.value.__cause__, NotSent)
    assert walk.states(order_id) == [PaymentState.FAILED]


def test_the_shopper_is_sent_to_no_host_but_the_gateways(walk: Walk) -> None:
    order_id = walk.place()
    walk.set_policy(redirect_hosts=("psp.example",))
    with pytest.raises(GatewayUnavailable, match="unknown host"):
        walk.begin(order_id)
    (payment,) = walk.payments(order_id)
    assert payment.state is PaymentState.FAILED
    assert payment.redirect_url is None


def test_an_unverified_payment_of_an_earlier_attempt_does_not_stop_a_late_one(
    walk: Walk, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, _ = walk.send_shopper()
    clock.advance(901)
    second = walk.begin(order_id)
    walk.come_back(sandbox.pay(str(second.redirect_url)))
    walk.worker_passes()
    assert walk.states(order_id) == [PaymentState.EXPIRED, PaymentState.PAID]


@card_only  # the wallet's errors have no fingerprint
def test_errors_of_the_gateway_carry_its_fingerprint_into_the_history(
    walk: Walk, sandbox: SandboxWorld
) -> None:
    order_id = walk.place()
    sandbox.behave("error_500", operation="create")
    with pytest.raises(GatewayUnavailable) as trouble:
        walk.begin(order_id)
    failure = trouble.value.__cause__
    assert isinstance(failure, GatewayError)
    assert failure.fingerprint
    assert sandbox.requests_seen(fingerprint=failure.fingerprint)
    entry = walk.history_entries(order_id)[-1]
    assert entry.details["fingerprint"] == failure.fingerprint
