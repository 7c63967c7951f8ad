"""Back, forward, reload, the other language and a look at the cart keep what was typed."""

from __future__ import annotations

from playwright.sync_api import expect

from testkit.browsing import Browsing
from testkit.shopper import DETAILS

WRONG = "0912"


def expect_typed(browsing: Browsing, mobile: str) -> None:
    """The form holds what was typed, in whichever language it is."""
    page = browsing.page
    expect(page.locator("#full_name")).to_have_value(DETAILS["full_name"])
    expect(page.locator("#province")).to_have_value(DETAILS["province"])
    expect(page.locator("#mobile")).to_have_value(mobile)


def test_a_refused_form_is_found_again_by_back_forward_and_reload(either: Browsing) -> None:
    page = either.page
    either.put_in_cart()
    either.go_to_details()
    either.fill_in()
    page.locator("#mobile").fill(WRONG)
    either.button("Pay %(amount)s").click()
    expect(page.locator("#mobile[aria-invalid]")).to_be_visible()
    for go in (page.reload, page.go_back, page.go_forward):
        go()
        expect_typed(either, WRONG)
    page.locator(".shop-tools button[lang]").click()
    expect(page.locator("#mobile[aria-invalid]")).to_have_count(0)
    for go in (page.reload, page.go_back, page.go_forward):
        go()
        expect_typed(either, WRONG)
    page.goto("/cart")
    page.locator("button[value=checkout]").click()
    expect_typed(either, WRONG)


def test_what_was_not_sent_yet_is_kept_in_the_tab_but_for_the_national_code(
    browsing: Browsing,
) -> None:
    page = browsing.page
    browsing.put_in_cart()
    browsing.go_to_details()
    browsing.fill_in()
    page.locator("#national_code").fill("0499370899")
    page.get_by_role("link", name=browsing.word("Back to the cart")).click()
    browsing.go_to_details()
    expect_typed(browsing, DETAILS["mobile"])
    expect(page.locator("#national_code")).to_have_value("")
    browsing.go_to_bank()
    page.goto("/cart")
    assert page.evaluate("sessionStorage.length") == 0, "what was sent is not kept here"


def test_wrong_pieces_and_a_wrong_order_number_can_be_reloaded(plain_browsing: Browsing) -> None:
    page = plain_browsing.page
    plain_browsing.put_in_cart()
    page.locator(".line input").fill("many")
    page.locator("button[value=checkout]").click()
    expect(page.locator(".line input[aria-invalid]")).to_have_value("many")
    page.reload()
    expect(page.locator(".line input[aria-invalid]")).to_have_value("many")
    page.goto("/orders")
    page.locator("#order_number").fill("1000000000")
    page.locator("#mobile").fill(DETAILS["mobile"])
    plain_browsing.button("Find the order").click()
    expect(page.get_by_role("alert")).to_be_visible()
    for go in (page.reload, page.go_back, page.go_forward):
        go()
        expect(page.locator("#order_number")).to_be_visible()
    expect(page.locator("#mobile")).to_have_value(DETAILS["mobile"])
