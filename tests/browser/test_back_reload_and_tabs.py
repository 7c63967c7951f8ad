"""What browsers do behind a shop's back: back, forward, reload, and a second tab."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from testkit.browsing import GOOD, Browsing
from testkit.live import LiveShop


def states(shop: LiveShop, *switching_urls: str) -> list[str]:
    """How the bank sees the orders behind these addresses."""
    identifiers = {url.split("/orders/")[1].split("/")[0] for url in switching_urls}
    return sorted(
        order["state"] for order in shop.sandbox.orders() if order["identifier"] in identifiers
    )


def test_back_and_reload_on_every_step_before_the_bank_lose_nothing(either: Browsing) -> None:
    page = either.page
    either.put_in_cart()
    page.reload()
    expect(page.get_by_role("textbox")).to_have_value({"fa": "۱", "en": "1"}[either.language])
    page.go_back()
    page.wait_for_url(f"**/products/{GOOD}")
    page.go_forward()
    either.expect_heading("Your cart")
    either.go_to_details()
    either.fill_in()
    page.reload()
    either.expect_heading("Your details")
    page.go_back()
    either.expect_heading("Your cart")
    page.go_forward()
    either.expect_heading("Your details")
    either.fill_in()
    either.go_to_bank()


def test_reloading_the_banks_page_and_the_receipt_pays_once(
    either: Browsing, shop: LiveShop
) -> None:
    either.hurry_to_bank()
    switching_url = either.page.url
    either.page.reload()
    either.at_bank("pay")
    either.expect_heading("Paid. Thank you!")
    either.page.reload()
    either.expect_heading("Paid. Thank you!")
    assert states(shop, switching_url) == ["captured"]


def test_back_from_the_bank_leads_on_to_the_same_payment(either: Browsing, shop: LiveShop) -> None:
    either.walk_to_bank()
    switching_url = either.page.url
    either.page.go_back()
    either.open_waiting_order()
    either.button("Continue to the gateway").click()
    either.expect_bank()
    assert either.page.url == switching_url
    either.at_bank("pay")
    either.expect_heading("Paid. Thank you!")
    assert states(shop, switching_url) == ["captured"]


def test_sending_the_form_again_after_back_makes_no_second_order(
    browsing: Browsing, shop: LiveShop
) -> None:
    browsing.walk_to_bank()
    switching_url = browsing.page.url
    browsing.page.go_back()
    before = len(shop.sandbox.orders())
    again = browsing.button("Pay %(amount)s")
    if again.count():  # the browser kept the page; where it asked anew, the cart is empty
        again.click()
        browsing.expect_bank()
        assert browsing.page.url == switching_url
    assert len(shop.sandbox.orders()) == before


@pytest.mark.long
def test_back_from_the_receipt_finds_a_payment_that_is_over(
    either: Browsing, shop: LiveShop
) -> None:
    either.hurry_to_bank()
    switching_url = either.page.url
    either.at_bank("pay")
    either.expect_heading("Paid. Thank you!")
    either.page.go_back()
    either.page.goto(switching_url)
    expect(either.page.locator("button[name=action]")).to_have_count(0)
    either.page.go_back()
    either.page.goto("/cart")
    either.expect_heading("Your cart is empty")
    assert states(shop, switching_url) == ["captured"]


@pytest.mark.long
def test_two_tabs_with_one_cart_make_one_order_and_one_payment(
    either: Browsing, shop: LiveShop
) -> None:
    either.put_in_cart()
    either.go_to_details()
    first = either.page
    either.new_tab()
    either.page.goto("/checkout")
    either.fill_in()
    either.go_to_bank()
    second, switching_url = either.page, either.page.url
    either.page = first
    either.fill_in()
    either.go_to_bank()
    assert first.url == switching_url
    either.at_bank("pay")
    either.expect_heading("Paid. Thank you!")
    second.reload()
    expect(second.locator("button[name=action]")).to_have_count(0)
    assert states(shop, switching_url) == ["captured"]


@pytest.mark.long
def test_two_tabs_paying_again_for_one_order_pay_once(either: Browsing, shop: LiveShop) -> None:
    either.hurry_to_bank()
    either.at_bank("decline")
    either.expect_heading("The payment did not go through")
    first, order = either.page, either.page.url
    either.new_tab()
    either.page.goto(order)
    either.button("Pay again").click()
    either.expect_bank()
    second_bank, either.page = either.page.url, first
    either.button("Pay again").click()
    either.expect_bank()
    assert either.page.url == second_bank
    either.at_bank("pay")
    either.expect_heading("Paid. Thank you!")
    assert states(shop, second_bank) == ["captured"]
