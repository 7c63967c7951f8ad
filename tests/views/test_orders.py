"""An order's page: how it stands, who may see what, and paying again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

import pytest
from flask import Flask
from sqlalchemy import select

from jibit_sandbox.testing import SandboxWorld
from payment_engine import Payment
from payment_engine.payment import apply_transition, new_payment
from payment_engine.states import FINAL, PaymentState
from payment_engine.states import TRANSITIONS as PAYMENT_MOVES
from storefront import create_app
from storefront.core.database import db
from storefront.core.services import Services
from storefront.orders.models import Order
from storefront.orders.states import ORDER_MOVES, OrderState
from storefront.web.orders import Standing, standing
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.scenario import SHOPPER, expire, unpaid_order
from testkit.settings import quiet_settings
from testkit.shopper import DETAILS, Shopper

State = TypeVar("State", bound=StrEnum)


def token(app: Flask) -> str:
    with app.app_context():
        return str(db.session.scalar(select(Order.token)))


def test_who_paid_comes_back_to_the_receipt(shopper: Shopper, sandbox: SandboxWorld) -> None:
    page = shopper.open(sandbox.pay(shopper.goes_to_pay(pieces=2)))
    assert page.status == 200
    assert page.heading == "Paid. Thank you!"
    assert "1,445,000 Toman" in page.text
    assert "14,450,000 Rials" in page.text
    assert DETAILS["address"] in page.text
    assert DETAILS["mobile"] in page.text


def test_every_moment_on_an_orders_pages_is_also_told_to_machines(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask, clock: MovingClock
) -> None:
    refused = shopper.open(sandbox.cancel(shopper.goes_to_pay()))
    assert refused.soup.select("#standing + p time"), "in the middle of a translated sentence"
    pages = [refused, shopper.open("/orders"), shopper.open(f"/orders/{token(app)}/history")]
    for page in pages:
        elements = page.soup.select("time")
        stamps = {str(element["datetime"]) for element in elements}
        assert clock.now().isoformat() in stamps
        assert all(datetime.fromisoformat(stamp).utcoffset() == timedelta(0) for stamp in stamps)
        for element in elements:
            element.decompose()
        assert "Tehran time" not in page.soup.get_text(), "a moment outside a time element"


def test_a_persian_receipt_has_persian_digits_and_a_jalali_date(
    persian: Shopper, shopper: Shopper, sandbox: SandboxWorld
) -> None:
    callback = sandbox.pay(shopper.goes_to_pay(pieces=2))
    page = persian.open(callback)
    assert page.heading == "پرداخت با موفقیت انجام شد. از خریدتان سپاسگزاریم!"
    assert "۱٬۴۴۵٬۰۰۰ تومان" in page.text
    assert "۱۴۰" in page.text


def test_another_browser_sees_the_receipt_but_not_who_or_where(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask
) -> None:
    shopper.open(sandbox.pay(shopper.goes_to_pay(email="maryam@example.com", note="زنگ خراب است")))
    page = Shopper(app).open(shopper.page.path)
    assert page.heading == "Paid. Thank you!"
    assert "0912*****67" in page.text
    for secret in (*DETAILS.values(), "maryam@example.com", "زنگ خراب است"):
        assert secret not in page.text


def test_a_national_code_is_shown_nowhere(shopper: Shopper, app: Flask) -> None:
    shopper.goes_to_pay(national_code="0499370899")
    assert "0499370899" not in shopper.open(f"/orders/{token(app)}").html


def test_order_pages_stay_out_of_caches_and_search_engines(shopper: Shopper, app: Flask) -> None:
    shopper.goes_to_pay()
    for path in (f"/orders/{token(app)}", f"/orders/{token(app)}/status"):
        headers = shopper.open(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Robots-Tag"] == "noindex"


def test_the_status_says_exactly_what_scripts_need(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask
) -> None:
    callback = sandbox.pay(shopper.goes_to_pay())
    shopper.open(callback)
    answer = Shopper(app).client.get(f"{shopper.page.path}/status").get_json()
    (gateways_own,) = sandbox.orders()
    with app.app_context():
        order = db.session.scalars(select(Order)).one()
    assert answer == {
        "order_state": "paid",
        "payment_state": "paid",
        "amount_rials": 7_650_000,
        "refunded_rials": 0,
        "order_number": order.number,
        "reference_number": callback.split("/")[4],
        "order_identifier": gateways_own["identifier"],
    }


def test_who_declined_may_pay_again_for_the_same_order(
    shopper: Shopper, sandbox: SandboxWorld
) -> None:
    page = shopper.open(sandbox.decline(shopper.goes_to_pay()))
    assert page.heading == "The payment did not go through"
    shopper.press("Pay again")
    assert shopper.sent_to
    assert shopper.open(sandbox.pay(shopper.sent_to)).heading == "Paid. Thank you!"


def test_who_left_the_gateway_goes_on_with_the_same_payment(shopper: Shopper, app: Flask) -> None:
    switching_url = shopper.goes_to_pay()
    page = shopper.open(f"/orders/{token(app)}")
    assert page.heading == "Waiting for your payment"
    shopper.press("Continue to the gateway")
    assert shopper.sent_to == switching_url


def test_an_order_without_an_answer_to_its_create_may_be_paid_again(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask
) -> None:
    sandbox.behave("reset_after_commit", operation="create")
    shopper.put_in_cart()
    shopper.open("/checkout")
    assert shopper.press("Pay", **DETAILS).status == 503
    page = shopper.open(f"/orders/{token(app)}")
    assert page.heading == "The payment did not go through"
    shopper.press("Pay again")
    assert shopper.sent_to


def test_paying_again_without_the_gateway_says_what_to_do(
    shopper: Shopper, sandbox: SandboxWorld
) -> None:
    order_page = shopper.open(sandbox.decline(shopper.goes_to_pay()))
    sandbox.behave("reset", operation="create", times=None)
    page = shopper.press("Pay again")
    assert page.status == 503
    assert "The payment gateway does not answer at the moment." in page.text
    switch = page.soup.select_one("a[hreflang=fa]")
    assert switch is not None
    assert shopper.open(str(switch["href"])).path == order_page.path


def test_a_doubtful_payment_asks_not_to_pay_again_and_refreshes_itself(
    shopper: Shopper, sandbox: SandboxWorld
) -> None:
    switching_url = shopper.goes_to_pay()
    sandbox.behave("reset", operation="verify", times=None)
    sandbox.behave("reset", operation="inquiry", times=None)
    page = shopper.open(sandbox.pay(switching_url))
    sandbox.forget_behaviours()
    assert page.heading == "We are confirming your payment"
    assert "Please do not pay again" in page.text
    assert not page.soup.select("main form")
    assert page.soup.select("noscript meta[http-equiv=refresh]")
    assert page.soup.select("[data-status-url]")


def test_opening_the_order_page_asks_the_gateway_when_nobody_else_did(
    shopper: Shopper, sandbox: SandboxWorld, clock: MovingClock, app: Flask
) -> None:
    sandbox.pay_and_vanish(shopper.goes_to_pay())
    path = f"/orders/{token(app)}"
    assert shopper.open(path).heading == "Waiting for your payment"
    clock.advance(61)
    assert shopper.open(path).heading == "Paid. Thank you!"


def test_an_expired_order_says_where_the_money_goes(
    shopper: Shopper, clock: MovingClock, app: Flask
) -> None:
    shopper.goes_to_pay()
    clock.advance(16 * 60)
    path = f"/orders/{token(app)}"
    assert shopper.open(path).heading == "It is too late to pay this order"
    with app.app_context():
        expire(app.extensions["services"])
    page = shopper.open(path)
    assert page.heading == "This order has expired"
    assert "it goes back there by itself" in page.text
    said = shopper.client.get(f"{path}/status").get_json()
    assert (said["order_state"], said["payment_state"]) == ("lapsed", "expired")  # scripts read it


def test_the_history_is_found_at_its_old_address_too(shopper: Shopper, app: Flask) -> None:
    shopper.goes_to_pay()
    path = f"/orders/{token(app)}"
    old = shopper.client.get(f"{path}/journal")
    assert (old.status_code, old.location) == (301, f"{path}/history")
    assert "its items are reserved" in shopper.open(f"{path}/history").text


def test_an_unknown_token_opens_nothing(shopper: Shopper) -> None:
    assert shopper.open("/orders/none").status == 404
    assert shopper.open("/orders/none/status").status == 404


STANDINGS = [
    (OrderState.PAID, PaymentState.PAID, Standing.PAID),
    (OrderState.FULFILLED, PaymentState.PAID, Standing.ON_ITS_WAY),
    (OrderState.REFUNDED, PaymentState.PAID, Standing.REFUNDED),
    (OrderState.PLACED, PaymentState.RETURNED, Standing.NOT_PAID),
    (OrderState.EXPIRED, PaymentState.EXPIRED, Standing.EXPIRED),
    (OrderState.CANCELLED, PaymentState.FAILED, Standing.CANCELLED),
    (OrderState.PLACED, PaymentState.INITIATED, Standing.OPENING),
    (OrderState.PLACED, PaymentState.AWAITING_PAYER, Standing.AWAITING_SHOPPER),
    (OrderState.PLACED, PaymentState.VERIFYING, Standing.CONFIRMING),
    (OrderState.PLACED, PaymentState.IN_DOUBT, Standing.CONFIRMING),
    (OrderState.PLACED, PaymentState.NEEDS_REVIEW, Standing.IN_REVIEW),
    (OrderState.PLACED, PaymentState.FAILED, Standing.NOT_PAID),
    (OrderState.PLACED, PaymentState.EXPIRED, Standing.NOT_PAID),
    (OrderState.PLACED, None, Standing.UNPAID),
]


def test_every_standing_has_a_page_in_both_languages(
    shopper: Shopper, persian: Shopper, app: Flask, clock: MovingClock
) -> None:
    english, in_persian, can_be_had_again = {}, {}, set()
    for order_state, payment_state, expected in STANDINGS:
        path = f"/orders/{_order_that_stands(app, clock, order_state, payment_state)}"
        english[expected] = shopper.open(path).heading
        if "Order again" in shopper.page.text:
            can_be_had_again.add(expected)
        in_persian[expected] = persian.open(path).heading
    # They take three payments, some time, and refunds: each has a test of its own.
    reached = set(Standing) - {Standing.TRIED_ENOUGH, Standing.TOO_LATE, Standing.REFUNDING}
    assert set(english) == reached
    for told in (english, in_persian):
        assert len(set(told.values())) == len(reached), "each says something of its own"
    over = {Standing.PAID, Standing.ON_ITS_WAY, Standing.REFUNDED}
    assert can_be_had_again == over | {Standing.EXPIRED, Standing.CANCELLED}


def test_two_states_and_the_time_make_one_standing() -> None:
    for order_state, payment_state, expected in STANDINGS:
        with naming(order_state, payment_state, expected):
            clock = MovingClock()
            attempts = [_payment(payment_state, clock)] if payment_state else []
            order = _order(order_state, clock)
            assert standing(_services(clock), order, attempts) is expected


@pytest.mark.parametrize("state", [PaymentState.INITIATED, PaymentState.AWAITING_PAYER])
def test_nobody_is_asked_to_wait_for_a_payment_whose_time_is_over(state: PaymentState) -> None:
    clock = MovingClock()
    payment, order = _payment(state, clock), _order(OrderState.PLACED, clock)
    clock.advance(15 * 60)
    assert standing(_services(clock), order, [payment]) is Standing.TOO_LATE


def _order(state: OrderState, clock: MovingClock) -> Order:
    now = clock.now()
    return Order(state=state, created_at=now, reserved_until=now + timedelta(minutes=15))


def _payment(state: PaymentState, clock: MovingClock, order_key: str = "1") -> Payment:
    """A payment as it was begun, but in another state."""
    window = timedelta(minutes=15)
    begun = new_payment(order_key, "ppg", 1_000, clock.now(), window=window, closes_after=window)
    return replace(begun, state=state)


def _services(clock: MovingClock) -> Services:
    """The services of a shop that needs no database."""
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    services: Services = create_app(
        quiet_settings(DATABASE_URL=nowhere), clock=clock.now
    ).extensions["services"]
    return services


#: The moves that no person has to decide.
BY_ITSELF = {
    state: frozenset() if state in FINAL else moves for state, moves in PAYMENT_MOVES.items()
}


def _order_that_stands(
    app: Flask, clock: MovingClock, order_state: OrderState, payment_state: PaymentState | None
) -> str:
    """Place an order and lead it and its payment there by moves that exist; gives its token."""
    services: Services = app.extensions["services"]
    with app.app_context():
        order = unpaid_order(services, {1: 1}, SHOPPER, secrets.token_hex(8))
        with services.engine.services.store.transaction() as work:
            work.lock_group(order.number)
            if payment_state is not None:
                payment = _payment(PaymentState.INITIATED, clock, order.number)
                payment.claimed = payment_state is PaymentState.PAID
                work.add(payment)
                for state in _way(BY_ITSELF, PaymentState.INITIATED, payment_state):
                    apply_transition(payment, state, clock.now())
                    work.save(payment)
            for step in _way(ORDER_MOVES, OrderState.PLACED, order_state):
                order.move(step, clock.now())
                db.session.flush()
        return order.token


def _way(moves: Mapping[State, frozenset[State]], start: State, end: State) -> Sequence[State]:
    """The shortest way between two states; a step for each move."""
    ways = [[start]]
    while end not in [way[-1] for way in ways]:
        ways = [[*way, step] for way in ways for step in moves[way[-1]] if step not in way]
    return next(way for way in ways if way[-1] is end)[1:]
