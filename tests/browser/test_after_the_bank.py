"""After the bank: what came of it, until when, whose money is where, whom to ask, and once more."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from storefront.core.formats import toman
from testkit.browsing import Browsing
from testkit.cases import naming
from testkit.live import LiveShop
from testkit.shopper import DETAILS
from testkit.states import STATES

EACH, POST = 3_900_000, 850_000  # Rials
MONEY_BACK = (
    "If money left your account and the order is not paid, it goes back there by itself, within 72"
    " hours at most."
)
OFFERED = "These are the details of your last order in this browser."
A_MOMENT = re.compile("[0-9۰-۹]{1,2}:[0-9۰-۹]{2}")
# How the title begins; whether the page says until when, where money is, and offers it once more.
STANDINGS = {
    "order-waiting": ({"fa": "در انتظار پرداخت", "en": "Waiting for the payment"}, "until"),
    "order-in-doubt": (
        {"fa": "در حال تأیید پرداخت", "en": "Confirming the payment"},
        "until, money",
    ),
    "order-declined": (
        {"fa": "پرداخت انجام نشد", "en": "The payment did not go through"},
        "until, money",
    ),
    "order-cancelled": ({"fa": "لغو شد", "en": "Cancelled"}, "money, again"),
    "order-expired": ({"fa": "مهلت پرداخت تمام شد", "en": "Expired"}, "until, money, again"),
}


def support(browsing: Browsing) -> Locator:
    """The line that says whom to call, beside what happened."""
    return browsing.page.locator("main .support")


def expect_title(browsing: Browsing, said: dict[str, str]) -> None:
    """A tab and a screen reader begin with the state."""
    expect(browsing.page).to_have_title(re.compile(f"^{said[browsing.language]} · "))


def test_an_order_that_is_not_paid_says_why_until_when_and_whom_to_ask(
    either: Browsing, shop: LiveShop
) -> None:
    for state, (title, told) in STANDINGS.items():
        with naming(state):
            STATES[state](either, shop)
            expect_title(either, title)
            expect(support(either)).to_be_visible()
            said = either.page.locator(".standing p").first
            if "until" in told:
                expect(said).to_contain_text(A_MOMENT)
            expect(said.filter(has_text=either.word(MONEY_BACK))).to_have_count(
                1 if "money" in told else 0
            )
            again = either.button("Order again").filter(visible=True)
            expect(again).to_have_count(1 if "again" in told else 0)
    shop.sandbox.forget_behaviours()
    either.hurry_to_bank()
    either.open_waiting_order()
    shop.let_need_a_person(str(either.status()["order_number"]))
    either.page.reload()
    expect_title(either, {"fa": "پرداخت در دست بررسی", "en": "Payment under review"})
    expect(either.page.locator(".standing p").first).to_contain_text(either.word(MONEY_BACK))
    expect(support(either)).to_be_visible()


def test_a_receipt_is_an_invoice_and_leads_to_the_next_order(
    either: Browsing,
) -> None:
    page, language = either.page, either.language
    either.hurry_to_bank(pieces=2)
    either.at_bank("pay")
    either.expect_heading("Paid. Thank you!")
    expect_title(either, {"fa": "پرداخت شد", "en": "Paid"})
    pieces = f"{'۲' if language == 'fa' else '2'} × {toman(EACH, language)}"
    line = page.locator(".bill tbody tr").first
    for said in (pieces, toman(2 * EACH, language)):
        expect(line).to_contain_text(said)
    page.emulate_media(media="print")
    for seen in (support(either), line):
        expect(seen).to_be_visible()
    page.emulate_media(media="screen")
    receipt, number = page.url, str(either.status()["order_number"])

    either.link("Invoice").click()
    either.expect_heading("Invoice")
    seller, buyer = (
        page.get_by_role("region", name=either.word(party)) for party in ("Seller", "Buyer")
    )
    expect(seller).to_contain_text({"fa": "ایوان", "en": "Eyvan"}[language])
    expect(buyer).to_contain_text(DETAILS["address"])
    row = page.locator(".invoice tbody tr")
    expect(row.get_by_text(toman(EACH, language)).filter(visible=True)).not_to_have_count(0)
    expect(row.get_by_text(toman(2 * EACH, language))).to_be_visible()
    expect(page.locator(".invoice .total dd").first).to_contain_text(
        toman(2 * EACH + POST, language)
    )

    page.goto("/orders")
    (own,) = page.locator(".own-orders > li").all()
    own.get_by_role("link").first.click()
    assert page.url == receipt
    either.button("Order again").click()
    either.expect_heading("Your cart")
    expect(page.locator(".line input")).to_have_value("۲" if language == "fa" else "2")
    either.go_to_details()
    expect(page.get_by_text(either.word(OFFERED))).to_be_visible()
    for name, typed in DETAILS.items():
        expect(page.locator(f"#{name}")).to_have_value(typed)
    either.link("Use other details").click()
    expect(page.get_by_text(either.word(OFFERED))).to_have_count(0)
    for name in DETAILS:
        expect(page.locator(f"#{name}")).to_have_value("")

    either.context.clear_cookies(name="storefront_session")
    page.goto("/orders")
    expect(page.locator(".own-orders")).to_have_count(0)
    page.locator("#order_number").fill(number)
    page.locator("#mobile").fill(DETAILS["mobile"])
    either.button("Find the order").click()
    either.expect_heading("Paid. Thank you!")
    expect(page.get_by_role("main")).not_to_contain_text(DETAILS["address"])
