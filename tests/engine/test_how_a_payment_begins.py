"""From the cart to the gateway's page: what is asked, what is written down, and who may not yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from payment_engine import Actor, GatewayUnavailable, NotPayable, Standing
from payment_engine.errors import NoAnswer, NotSent, Refused
from payment_engine.gateway import InquiryStatus, PaymentRequest
from payment_engine.states import PaymentState
from storefront.orders.checkout import EmptyCart, PriceChanged, check_out
from storefront.orders.payments import Payment
from storefront.orders.states import OrderState
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.scenario import SHOPPER, ScenarioDriver, checkout_request, unpaid_order
from tests.engine.gateway import ObedientGateway

WINDOW = 900  # seconds
MOMENT = 0.000001


class ShopDied(BaseException):
    """The process ended in the middle of a call, and noted nothing of it."""


def only_payment(driver: ScenarioDriver, order_id: int) -> Payment:
    (payment,) = driver.payments(order_id)
    return payment


def last_entry(driver: ScenarioDriver, order_id: int) -> tuple[str, Actor, dict[str, Any]]:
    entry = driver.history_entries(order_id)[-1]
    return entry.event, entry.actor, entry.details


def test_the_gateway_is_asked_for_what_was_ordered(
    driver: ScenarioDriver, gateway: ObedientGateway
) -> None:
    order_id, switching_url = driver.send_shopper()
    payment = only_payment(driver, order_id)
    (call,) = gateway.calls("open")
    assert call.about == PaymentRequest(
        reference=payment.reference,
        amount_rials=payment.amount_rials,
        callback_url=f"https://shop.example/payments/{payment.reference}/callback",
        payer_mobile=SHOPPER.mobile,
        description=driver.number(order_id),
        national_code=SHOPPER.national_code,
        language="en",
    )
    assert payment.gateway_payment_id == "theirs-1"
    assert payment.redirect_url == switching_url == "https://pay.example/theirs-1"


def test_who_gives_a_national_code_is_asked_for_by_it(
    driver: ScenarioDriver, gateway: ObedientGateway
) -> None:
    shopper = replace(SHOPPER, national_code="0499370899")
    with driver.in_the_shop() as services:
        order_id = unpaid_order(services, {1: 1}, shopper, "of somebody who says it").id
    driver.begin(order_id)
    assert gateway.calls("open")[-1].about.national_code == "0499370899"


def test_the_shopper_has_the_window_and_the_products_are_kept_as_long(
    driver: ScenarioDriver, clock: MovingClock
) -> None:
    placed = clock.now()
    order_id = driver.place()
    clock.advance(60)
    payment = driver.begin(order_id)
    begun = placed + timedelta(seconds=60)
    assert payment.expires_at == placed + timedelta(seconds=WINDOW), "no longer than the hold"
    assert payment.closes_at == begun + ObedientGateway.closes_after
    assert payment.next_check_at == begun + timedelta(seconds=60)
    clock.advance(WINDOW - 60)
    assert driver.worker_passes() == {"awaiting_payer": 1}
    assert driver.order_state(order_id) is OrderState.PLACED


def test_the_history_names_the_amount_the_gateway_and_its_identifier(
    driver: ScenarioDriver,
) -> None:
    order_id, _ = driver.send_shopper()
    payment = only_payment(driver, order_id)
    told = [(entry.event, entry.actor, entry.details) for entry in driver.history_entries(order_id)]
    assert told == [
        ("order_placed", Actor.PAYER, {"amount_rials": payment.amount_rials}),
        ("payment_initiated", Actor.PAYER, {"gateway": "obedient"}),
        ("payment_opened", Actor.PAYER, {"gateway_payment_id": "theirs-1"}),
    ]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Refused("create", "no"), PaymentState.FAILED),
        (NotSent("create", "no connection could be made"), PaymentState.FAILED),
        (NoAnswer("create", "no whole answer in time"), PaymentState.INITIATED),
    ],
    ids=["refused", "not sent", "unanswered"],
)
def test_a_create_without_a_payment_is_told_with_its_reason(
    driver: ScenarioDriver,
    gateway: ObedientGateway,
    error: Refused | NotSent | NoAnswer,
    state: PaymentState,
) -> None:
    order_id = driver.place()
    gateway.errors["open"] = error
    with pytest.raises(GatewayUnavailable) as trouble:
        driver.begin(order_id)
    assert trouble.value.__cause__ is error
    assert error.reason in str(trouble.value)
    assert trouble.value.was_asked
    assert trouble.value.refused is not isinstance(error, NoAnswer)
    event, actor, details = last_entry(driver, order_id)
    assert (event, actor) == ("payment_not_opened", Actor.PAYER)
    assert (details["answer"], details["reason"]) == (type(error).__name__, error.reason)
    assert driver.states(order_id) == [state]


def test_a_strangers_page_is_told_and_never_shown(
    driver: ScenarioDriver, gateway: ObedientGateway, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.host = "a-name:a-password@stranger.example"
    order_id = driver.place()
    with pytest.raises(GatewayUnavailable) as trouble:
        driver.begin(order_id)
    assert (trouble.value.refused, trouble.value.was_asked) == (True, True)
    assert str(trouble.value) == "the gateway named a page on an unknown host"
    assert last_entry(driver, order_id) == (
        "redirect_not_trusted",
        Actor.PAYER,
        {"gateway_payment_id": "theirs-1"},
    )
    assert "obedient redirects to stranger.example:" in caplog.text
    assert "a-password" not in caplog.text
    payment = only_payment(driver, order_id)
    assert (payment.state, payment.redirect_url) == (PaymentState.FAILED, None)
    assert payment.gateway_payment_id == "theirs-1"


def test_an_open_payment_is_gone_on_with_until_its_window_ends(
    driver: ScenarioDriver, clock: MovingClock
) -> None:
    order_id, first = driver.send_shopper()
    clock.advance(WINDOW - MOMENT)
    assert driver.begin(order_id).redirect_url == first
    clock.advance(MOMENT)
    with pytest.raises(NotPayable) as refusal:
        driver.begin(order_id)
    assert refusal.value.state is Standing.CLOSED


def test_while_a_create_may_be_on_its_way_no_other_is_begun(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    order_id = driver.place()
    gateway.errors["open"] = ShopDied()
    with pytest.raises(ShopDied):
        driver.begin(order_id)
    del gateway.errors["open"]
    clock.advance(driver.services.engine.services.policy.patience.total_seconds() - MOMENT)
    with pytest.raises(NotPayable) as refusal:
        driver.begin(order_id)
    assert refusal.value.state is Standing.OPENING
    clock.advance(MOMENT)
    assert driver.begin(order_id).state is PaymentState.AWAITING_PAYER


def test_a_create_from_before_the_clock_was_set_back_stands_in_nobodys_way(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    order_id = driver.place()
    gateway.errors["open"] = ShopDied()
    with pytest.raises(ShopDied):
        driver.begin(order_id)
    del gateway.errors["open"]
    clock.set_by(-3600)
    assert driver.begin(order_id).state is PaymentState.AWAITING_PAYER


def test_while_money_may_have_moved_no_other_payment_is_begun(
    driver: ScenarioDriver, gateway: ObedientGateway
) -> None:
    order_id, _ = driver.send_shopper()
    gateway.says = InquiryStatus.AWAITING_VERIFICATION
    gateway.errors["verify"] = NoAnswer("verify", "no whole answer in time")
    reference = only_payment(driver, order_id).reference
    driver.come_back(f"/payments/{reference}/callback?their=theirs-1")
    assert driver.states(order_id) == [PaymentState.IN_DOUBT]
    with pytest.raises(NotPayable) as refusal:
        driver.begin(order_id)
    assert refusal.value.state is Standing.CONFIRMING
    assert str(refusal.value) == f"order {driver.number(order_id)} cannot be paid now: confirming"


def test_an_order_that_is_over_is_closed_for_payments(driver: ScenarioDriver) -> None:
    order_id = driver.place()
    driver.cancel(order_id)
    with pytest.raises(NotPayable) as refusal:
        driver.begin(order_id)
    assert refusal.value.state is Standing.CLOSED


def test_after_three_attempts_that_were_opened_there_is_no_fourth(
    driver: ScenarioDriver, gateway: ObedientGateway
) -> None:
    order_id = driver.place()
    gateway.errors["open"] = NoAnswer("create", "no whole answer in time")
    with pytest.raises(GatewayUnavailable):
        driver.begin(order_id)  # does not count: nobody was sent there
    del gateway.errors["open"]
    gateway.says = InquiryStatus.FAILED
    for _ in range(driver.services.engine.services.policy.max_attempts):
        begun = driver.begin(order_id)
        driver.come_back(f"/payments/{begun.reference}/callback?their={begun.gateway_payment_id}")
    with pytest.raises(NotPayable) as refusal:
        driver.begin(order_id)
    assert refusal.value.state is Standing.TRIED_TOO_OFTEN


def test_the_same_key_gives_the_same_order_and_another_key_another(driver: ScenarioDriver) -> None:
    first, again, other = (driver.check_out(key) for key in "aab")
    assert first.id == again.id
    assert first.order_key != other.order_key


def test_each_press_of_the_form_asks_the_chosen_gateway_for_what_was_ordered(
    driver: ScenarioDriver,
) -> None:
    chosen = ObedientGateway()
    driver.add_gateway("chosen", chosen)
    shopper = replace(SHOPPER, national_code="0499370899")
    chosen.errors["open"] = Refused("create", "no")
    with driver.in_the_shop() as services:
        request = checkout_request(services, {1: 1}, shopper, "key")
        with pytest.raises(GatewayUnavailable):
            check_out(services, request, "chosen", language="en")
        del chosen.errors["open"]
        check_out(services, request, "chosen", language="en")
    (order_id,) = driver.orders()
    for payment, call in zip(driver.payments(order_id), chosen.calls("open"), strict=True):
        assert payment.gateway == "chosen"
        assert call.about == PaymentRequest(
            reference=payment.reference,
            amount_rials=payment.amount_rials,
            callback_url=f"https://shop.example/payments/{payment.reference}/callback",
            payer_mobile=shopper.mobile,
            description=driver.number(order_id),
            national_code=shopper.national_code,
            language="en",
        )


def test_an_empty_cart_orders_nothing(driver: ScenarioDriver) -> None:
    with pytest.raises(EmptyCart):
        driver.check_out("nothing", pieces={})
    assert driver.orders() == []


def test_a_price_that_changed_is_shown_before_it_is_paid(
    driver: ScenarioDriver, gateway: ObedientGateway
) -> None:
    with driver.in_the_shop() as services:
        seen = checkout_request(services, {1: 1}, SHOPPER, "key")
        dearer = replace(seen, agreed_rials=(seen.agreed_rials or 0) - 10)
        for basket in (dearer, replace(seen, agreed_rials=None)):
            with pytest.raises(PriceChanged):
                check_out(services, basket, gateway.name, language="en")
    assert driver.orders() == []
    assert driver.stock() == (0, 0)
    assert gateway.calls("open") == []


def test_an_identifier_that_the_gateway_gave_before_is_not_taken_for_a_second_click(
    driver: ScenarioDriver, gateway: ObedientGateway
) -> None:
    first = driver.check_out("one")
    gateway.forgets(str(first.gateway_payment_id))
    with pytest.raises(GatewayUnavailable, match="another payment has this id"):
        driver.check_out("another")
    assert [driver.states(order_id) for order_id in driver.orders()] == [
        [PaymentState.AWAITING_PAYER],
        [PaymentState.INITIATED],
    ]


def test_the_order_and_the_intent_to_pay_are_there_before_the_gateway_hears_of_them(
    driver: ScenarioDriver, gateway: ObedientGateway
) -> None:
    gateway.errors["open"] = ShopDied()
    with pytest.raises(ShopDied):
        driver.check_out("key")
    (order_id,) = driver.orders()
    assert driver.order_state(order_id) is OrderState.PLACED
    assert driver.states(order_id) == [PaymentState.INITIATED]
    assert driver.stock() == (2, 0)


def test_a_gateway_that_is_known_to_be_down_costs_nobody_an_order(
    driver: ScenarioDriver, gateway: ObedientGateway
) -> None:
    gateway.errors["open"] = NoAnswer("create", "no whole answer in time")
    order_id = driver.place()
    while driver.services.engine.services.bulkheads[gateway.name].breaker.state == "closed":
        with pytest.raises(GatewayUnavailable):
            driver.begin(order_id)
    with pytest.raises(GatewayUnavailable):
        driver.check_out("key")
    assert driver.orders() == [order_id]
    assert driver.stock() == (2, 0)


def test_an_open_payment_is_gone_on_with_while_its_gateway_is_known_to_be_down(
    driver: ScenarioDriver, gateway: ObedientGateway
) -> None:
    order_id, url = driver.send_shopper()
    gateway.errors["open"] = NoAnswer("create", "no whole answer in time")
    other = driver.place()
    while driver.services.engine.services.bulkheads[gateway.name].breaker.state == "closed":
        with pytest.raises(GatewayUnavailable):
            driver.begin(other)
    assert driver.begin(order_id).redirect_url == url


def test_what_is_placed_alongside_is_given_the_session_of_the_transaction(
    driver: ScenarioDriver,
) -> None:
    seen: list[int] = []
    order_key = driver.number(driver.place())
    with driver.in_the_shop() as services:
        services.engine.begin(
            order_key=order_key,
            amount_rials=1000,
            payer_mobile=SHOPPER.mobile,
            alongside=lambda session: seen.append(session.scalar(select(1))),
        )
    assert seen == [1]


def test_only_known_hosts_are_trusted_and_only_encrypted_unless_local(
    driver: ScenarioDriver,
) -> None:
    for url, trusted in (
        ("https://psp.example/pay", True),
        ("https://PSP.example/pay", True),
        ("http://psp.example/pay", False),
        ("ftp://psp.example/pay", False),
        ("https://psp.example.evil.example/pay", False),
        ("https://other.example/pay", False),
        ("http://127.0.0.1:8001/pay", True),
        ("http://localhost:8001/pay", True),
        ("http://[::1]:8001/pay", True),
        ("https://localhost:8001/pay", True),
        ("ftp://localhost:8001/pay", False),
        ("http://localhost:9999/pay", False),
    ):
        with naming(url, trusted):
            hosts = ("psp.example", "127.0.0.1:8001", "localhost:8001", "[::1]:8001")
            driver.set_policy(redirect_hosts=hosts)
            assert driver.services.engine.services.policy.may_redirect_to(url) is trusted
