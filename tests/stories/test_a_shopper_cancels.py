"""An order is given up: nothing is captured for it afterwards, and the goods are free again."""

from __future__ import annotations

import pytest
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from payment_engine.events import Actor
from payment_engine.states import PaymentState
from storefront.notifications.outbox import Channel, Kind
from storefront.orders.cancellation import NotCancellable
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from testkit.shopper import Shopper


def test_a_cancelled_order_gives_its_products_back_at_once(driver: ScenarioDriver) -> None:
    order_id, _ = driver.send_shopper()
    driver.cancel(order_id)
    assert driver.order_state(order_id) is OrderState.CANCELLED
    assert driver.stock() == (0, 0)
    assert driver.history(order_id)[-1] == "order_cancelled"


def test_the_history_names_the_person_of_the_shop_who_cancels(driver: ScenarioDriver) -> None:
    order_id, _ = driver.send_shopper()
    driver.cancel(order_id, by="Parvin")
    asked, cancelled = driver.history_entries(order_id)[-2:]
    assert (asked.event, asked.actor) == ("payment_awaiting_payer", Actor.OPERATOR)
    assert (cancelled.event, cancelled.actor) == ("order_cancelled", Actor.OPERATOR)
    assert cancelled.details == {"by": "Parvin"}


def test_who_pays_after_cancelling_is_not_captured_and_is_told_where_the_money_goes(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    driver.set_channels((Channel.WEBHOOK,))
    order_id, switching_url = driver.send_shopper()
    driver.cancel(order_id)
    driver.come_back(sandbox.callback(switching_url))
    driver.worker_passes()
    assert [order["state"] for order in sandbox.orders()] == ["paid"]
    clock.advance(16 * 60)
    driver.worker_passes()
    assert driver.states(order_id) == [PaymentState.EXPIRED]
    assert driver.order_state(order_id) is OrderState.CANCELLED
    assert [order["state"] for order in sandbox.orders()] == ["expired"]
    assert driver.notifications(order_id) == [Kind.MONEY_RETURNED]


def test_who_had_paid_without_our_knowing_keeps_the_order(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.pay(switching_url)
    with pytest.raises(NotCancellable):
        driver.cancel(order_id)
    assert driver.order_state(order_id) is OrderState.PAID
    assert driver.stock() == (0, 2)


def test_while_the_gateway_is_silent_about_a_payment_nothing_is_cancelled(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.pay(switching_url)
    sandbox.behave("reset", operation="inquiry", times=None)
    with pytest.raises(NotCancellable):
        driver.cancel(order_id)
    assert driver.order_state(order_id) is OrderState.PLACED
    assert driver.stock() == (2, 0)


def test_cancelling_twice_gives_the_products_back_once(driver: ScenarioDriver) -> None:
    order_id = driver.place()
    driver.cancel(order_id)
    driver.cancel(order_id)
    assert driver.stock() == (0, 0)
    assert driver.history(order_id).count("order_cancelled") == 1


def test_the_shopper_presses_cancel_on_the_orders_page(
    app: Flask, shopper: Shopper, sandbox: SandboxWorld, gateway: str
) -> None:
    shopper.open(sandbox.callback(shopper.goes_to_pay(gateway=gateway), "cancel"))
    asking = shopper.press("Cancel the order")
    assert asking.heading.startswith("Cancel order")
    assert "This cannot be undone." in asking.text
    back = asking.soup.find("a", string="Keep the order")
    assert back is not None
    assert shopper.open(str(back["href"])).heading != "This order was cancelled", "nothing yet"
    page = shopper.confirm("Cancel the order")
    assert page.heading == "This order was cancelled"
    stranger = Shopper(app)
    assert "Cancel the order" not in stranger.open(page.path).text


def test_a_stranger_with_the_address_cannot_cancel(
    app: Flask, shopper: Shopper, sandbox: SandboxWorld, gateway: str
) -> None:
    page = shopper.open(sandbox.callback(shopper.goes_to_pay(gateway=gateway), "cancel"))
    stranger = Shopper(app)
    stranger.open(page.path)
    values = stranger.page.fields("Pay again")
    refused = stranger.client.post(f"{page.path}/cancel", data=values, follow_redirects=True)
    assert refused.status_code == 403
    assert shopper.open(page.path).heading == page.heading


def test_a_paid_order_cannot_be_cancelled(
    shopper: Shopper, sandbox: SandboxWorld, gateway: str
) -> None:
    switching_url = shopper.goes_to_pay(gateway=gateway)
    page = shopper.open(sandbox.callback(switching_url, "cancel"))
    values = page.fields("Cancel the order") | {"sure": "yes"}
    shopper.press("Pay again")
    assert shopper.sent_to is not None
    shopper.open(sandbox.callback(shopper.sent_to))
    assert shopper.page.heading == "Paid. Thank you!"
    assert "Cancel the order" not in shopper.page.text
    refused = shopper.client.post(f"{page.path}/cancel", data=values, follow_redirects=True)
    assert refused.status_code == 409
    assert shopper.open(page.path).heading == "Paid. Thank you!"
