"""Card or wallet: the choice at checkout, on the order's page, and on the receipt."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from jibit_sandbox.testing import SandboxWorld
from storefront.core.database import db
from storefront.orders.payments import Payment
from testkit.shopper import DETAILS, Shopper


def offered(shopper: Shopper) -> list[tuple[str, bool]]:
    """The payment methods on the checkout page, and which one is chosen."""
    labels = shopper.open("/checkout").soup.select("fieldset#gateway label")
    chosen = [label.find("input").has_attr("checked") for label in labels]  # type: ignore[union-attr]
    return list(zip([label.get_text(strip=True) for label in labels], chosen, strict=True))


def test_card_and_wallet_are_offered_and_the_card_comes_first(shopper: Shopper) -> None:
    shopper.put_in_cart()
    assert offered(shopper) == [("Bank card", True), ("Jibit wallet", False)]


def test_who_chooses_the_wallet_pays_there_and_finds_it_first_the_next_time(
    shopper: Shopper, sandbox: SandboxWorld
) -> None:
    url = shopper.goes_to_pay(gateway="wallet")
    assert url.startswith(sandbox.wallet_base_url)
    page = shopper.open(sandbox.pay(url))
    assert page.heading == "Paid. Thank you!"
    assert "Jibit wallet" in page.text
    shopper.put_in_cart()
    assert offered(shopper) == [("Jibit wallet", True), ("Bank card", False)]


def test_the_receipt_names_the_number_that_the_gateways_support_asks_for(
    app: Flask, shopper: Shopper, sandbox: SandboxWorld
) -> None:
    page = shopper.open(sandbox.pay(shopper.goes_to_pay(gateway="wallet")))
    with app.app_context():
        (payment,) = db.session.scalars(select(Payment))
        assert payment.tracking_number
        assert payment.tracking_number != payment.gateway_payment_id
        assert payment.tracking_number in page.text


def test_who_cancelled_the_card_may_pay_by_wallet(shopper: Shopper, sandbox: SandboxWorld) -> None:
    shopper.open(sandbox.cancel(shopper.goes_to_pay()))
    shopper.press("Pay another way: Jibit wallet")
    assert str(shopper.sent_to).startswith(sandbox.wallet_base_url)
    assert shopper.open(sandbox.pay(str(shopper.sent_to))).heading == "Paid. Thank you!"


def test_a_means_of_payment_that_is_not_offered_is_refused_and_nothing_typed_is_lost(
    shopper: Shopper, sandbox: SandboxWorld
) -> None:
    shopper.put_in_cart()
    shopper.open("/checkout")
    page = shopper.press("Pay", **DETAILS, gateway="shells")
    assert page.status == 422
    assert "Choose one of the payment methods." in page.text
    assert DETAILS["address"] in page.html
    assert sandbox.orders() == []


def test_a_form_without_a_choice_means_the_first(shopper: Shopper, sandbox: SandboxWorld) -> None:
    shopper.put_in_cart()
    shopper.open("/checkout")
    form = {name: text for name, text in shopper.page.fields("Pay").items() if name != "gateway"}
    response = shopper.client.post("/checkout", data=form | DETAILS)
    assert response.headers["Location"].startswith(sandbox.ppg_base_url)


def test_only_configured_gateways_are_offered(
    stocked_database_url: str, another_shop: Callable[..., Flask]
) -> None:
    shopper = Shopper(another_shop(DATABASE_URL=stocked_database_url, WALLET_BASE_URL="off"))
    shopper.put_in_cart()
    assert offered(shopper) == []
