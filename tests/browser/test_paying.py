"""Every ending of a payment, as a shopper with a browser sees it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from testkit.browser import DESKTOP, DESKTOP_PERSIAN, NARROW, NARROW_ENGLISH, is_too_wide
from testkit.browsing import Browsing
from testkit.live import LiveShop

TITLES = {
    "ppg": {"fa": "کارت بانکی", "en": "Bank card"},
    "wallet": {"fa": "کیف پول جیبیت", "en": "Jibit wallet"},
}
# Each gateway at each width, in each language, with and without scripts, but not everything by
# everything.
in_turns = pytest.mark.parametrize(
    ("surface", "either", "gateway"),
    [
        pytest.param(surface, scripts, gateway, id=f"{surface}-{scripts}-{gateway}")
        for gateway, with_scripts in (("ppg", True), ("wallet", False))
        for surface, scripts in (
            (NARROW, with_scripts),
            (NARROW_ENGLISH, not with_scripts),
            (DESKTOP_PERSIAN, not with_scripts),
            (DESKTOP, with_scripts),
        )
    ],
    indirect=["surface", "either"],
)
# The card gateway's second version has no word for it.
CANCELLED = {"ppg": "The payment did not go through", "wallet": "You cancelled the payment"}


@in_turns
def test_who_pays_reads_a_receipt_that_names_the_means(either: Browsing, gateway: str) -> None:
    either.walk_to_bank(gateway)
    either.at_bank("pay")
    either.expect_heading("Paid. Thank you!")
    assert either.status()["payment_state"] == "paid"
    expect(either.page.get_by_role("main")).to_contain_text(TITLES[gateway][either.language])


@pytest.mark.long
def test_every_page_says_test_money_and_fits_the_screen(browsing: Browsing) -> None:
    banner = browsing.page.get_by_text(browsing.word("TEST MONEY"), exact=True)
    steps: list[Callable[[], object]] = [
        lambda: browsing.page.goto("/"),
        browsing.put_in_cart,
        browsing.go_to_details,
    ]
    for step in steps:
        step()
        expect(banner).to_be_visible()
        assert not is_too_wide(browsing.page)
    browsing.fill_in()
    browsing.go_to_bank()
    assert not is_too_wide(browsing.page)
    browsing.at_bank("pay")
    browsing.expect_heading("Paid. Thank you!")
    expect(banner).to_be_visible()
    assert not is_too_wide(browsing.page)


@pytest.mark.one_case_in(2)
@in_turns
def test_who_is_declined_pays_again_for_the_same_order(either: Browsing, gateway: str) -> None:
    either.hurry_to_bank(gateway)
    either.at_bank("decline")
    either.expect_heading("The payment did not go through")
    order = either.page.url
    either.button("Pay again").click()
    either.expect_bank()
    either.at_bank("pay")
    either.expect_heading("Paid. Thank you!")
    assert either.page.url == order


@pytest.mark.one_case_in(2)
@in_turns
def test_who_is_declined_changes_the_means_and_pays(
    either: Browsing, shop: LiveShop, gateway: str
) -> None:
    then = {"ppg": "wallet", "wallet": "ppg"}[gateway]
    either.hurry_to_bank(gateway)
    either.at_bank("decline")
    either.expect_heading("The payment did not go through")
    either.page.locator(f"button[name=gateway][value={then}]").click()
    either.expect_bank()
    switching_url = either.page.url
    either.at_bank("pay")
    either.expect_heading("Paid. Thank you!")
    paid = shop.sandbox.order(switching_url.split("/")[-2])
    assert (paid["gateway"], paid["state"]) == (then, "captured")


@in_turns
def test_who_cancels_is_told_so_where_the_gateway_says_it_and_keeps_the_order(
    either: Browsing, gateway: str
) -> None:
    either.hurry_to_bank(gateway)
    either.at_bank("cancel")
    either.expect_heading(CANCELLED[gateway])
    not_charged = either.page.get_by_text(either.word("You were not charged."))
    expect(not_charged).to_have_count(1 if gateway == "wallet" else 0)
    expect(either.button("Pay again")).to_be_visible()
    assert either.status()["order_state"] == "placed"


@pytest.mark.one_case_in(2)
@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    ("surface", "gateway"),
    [(NARROW, "ppg"), (DESKTOP_PERSIAN, "ppg"), (NARROW_ENGLISH, "wallet"), (DESKTOP, "wallet")],
    indirect=["surface"],
    ids=str,
)
def test_who_pays_and_vanishes_sees_the_order_page_become_paid(
    browsing: Browsing, gateway: str
) -> None:
    browsing.hurry_to_bank(gateway)
    bank = browsing.page
    browsing.new_tab()
    browsing.open_waiting_order()
    browsing.expect_heading("Waiting for your payment")
    order_page, browsing.page = browsing.page, bank
    browsing.at_bank("vanish")
    browsing.page.wait_for_load_state()
    bank.close()
    browsing.page = order_page
    browsing.expect_heading("Paid. Thank you!")
    assert browsing.status()["payment_state"] == "paid"


@pytest.mark.long  # it really waits as long as a browser does
@pytest.mark.usefixtures("worker")
def test_without_javascript_the_order_page_looks_again_by_itself(
    plain_browsing: Browsing, shop: LiveShop
) -> None:
    plain_browsing.hurry_to_bank()
    switching_url = plain_browsing.page.url
    plain_browsing.open_waiting_order()
    (refresh,) = plain_browsing.page.locator("meta[http-equiv=refresh]").all()
    seconds = float(str(refresh.get_attribute("content")).partition(";")[0])
    assert 0 < seconds <= 30
    shop.sandbox.pay_and_vanish(switching_url)
    expect(plain_browsing.page.get_by_role("heading", level=1)).to_contain_text(
        plain_browsing.word("Paid. Thank you!"), timeout=(seconds + 10) * 1000
    )


def test_a_form_that_is_wrong_comes_back_as_it_was_and_leads_to_the_mistake(
    browsing: Browsing,
) -> None:
    browsing.put_in_cart()
    browsing.go_to_details()
    browsing.fill_in()
    browsing.field("Mobile number").fill("0912")
    browsing.button("Pay %(amount)s").click()
    complaint = browsing.page.get_by_role("alert").get_by_role("link")
    expect(complaint).to_be_focused()
    complaint.press("Enter")
    expect(browsing.field("Mobile number")).to_be_focused()
    expect(browsing.field("Mobile number")).to_have_value("0912")
    expect(browsing.field("Address")).not_to_have_value("")
    browsing.field("Mobile number").fill("۰۹۱۲۱۲۳۴۵۶۷")
    browsing.go_to_bank()
