"""Without a mouse, and with a screen reader: the whole way from the shelf to the receipt."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from testkit.axe import CONTRAST, EVERY_RULE, complaints
from testkit.browsing import GOOD, LABELS, Browsing
from testkit.keyboard import press, tab_to
from testkit.live import LiveShop
from testkit.shopper import DETAILS
from testkit.states import STATES


def test_the_first_stop_skips_to_the_content(browsing: Browsing) -> None:
    browsing.page.goto("/")
    browsing.page.keyboard.press("Tab")
    skip = browsing.link("Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    browsing.page.keyboard.press("Enter")
    expect(browsing.page.get_by_role("main")).to_be_focused()


def test_a_purchase_needs_no_mouse(browsing: Browsing) -> None:
    browsing.page.goto(f"/products/{GOOD}")
    press(browsing, browsing.button("Add to cart"))
    press(browsing, browsing.link("View cart"))
    browsing.expect_heading("Your cart")
    press(browsing, browsing.button("Continue to your details"))
    browsing.expect_heading("Your details")
    for name, label in LABELS.items():
        if name == "city":
            tab_to(browsing, browsing.page.locator("#province"))
            browsing.page.keyboard.press("ArrowDown")
        tab_to(browsing, browsing.field(label))
        browsing.page.keyboard.insert_text(DETAILS[name])
    press(browsing, browsing.button("Pay %(amount)s"))
    browsing.expect_bank()
    press(browsing, browsing.page.locator("button[name=action][value=pay]"))
    browsing.expect_heading("Paid. Thank you!")


@pytest.mark.one_case_in(13)
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_on_any_page_in_light_and_dark(
    browsing: Browsing, shop: LiveShop, state: str
) -> None:
    STATES[state](browsing, shop)
    assert complaints(browsing, "light", EVERY_RULE) == []
    assert complaints(browsing, "dark", CONTRAST) == []


def test_switching_the_language_of_a_wrong_form_keeps_what_was_typed(either: Browsing) -> None:
    either.put_in_cart()
    either.go_to_details()
    either.fill_in()
    either.field("Mobile number").fill("0912")
    either.button("Pay %(amount)s").click()
    either.page.get_by_role("alert").wait_for()
    other = {"fa": "en", "en": "fa"}[either.language]
    either.page.locator(f"button[lang={other}]").click()
    either.language = other
    either.expect_heading("Your details")
    expect(either.field("Mobile number")).to_have_value("0912")
    expect(either.field("Address")).to_have_value(DETAILS["address"])
    either.field("Mobile number").fill(DETAILS["mobile"])
    either.field("Mobile number").press("Enter")
    either.expect_bank()
