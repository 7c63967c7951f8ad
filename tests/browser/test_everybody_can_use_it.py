"""Without a mouse, and with a screen reader: the whole way from the shelf to the receipt."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect

from testkit.browsing import GOOD, LABELS, Browsing
from testkit.live import LiveShop
from testkit.shopper import DETAILS
from testkit.states import STATES

EVERY_RULE: dict[str, object] = {}
CONTRAST: dict[str, object] = {"runOnly": ["color-contrast"]}  # all that another scheme changes
MOST_TABS = 60  # more stops than any page has


def tab_to(browsing: Browsing, wanted: Locator) -> None:
    """Press Tab until this is focused, as somebody without a mouse does."""
    for _ in range(MOST_TABS):
        browsing.page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"the Tab key does not reach {wanted}")


def press(browsing: Browsing, wanted: Locator) -> None:
    tab_to(browsing, wanted)
    browsing.page.keyboard.press("Enter")


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
    press(browsing, browsing.button("Put in the cart"))
    press(browsing, browsing.link("Look at the cart"))
    browsing.expect_heading("Your cart")
    press(browsing, browsing.button("Continue to your details"))
    browsing.expect_heading("Your details")
    for name, label in LABELS.items():
        tab_to(browsing, browsing.field(label))
        browsing.page.keyboard.insert_text(DETAILS[name])
    press(browsing, browsing.button("Pay %(amount)s"))
    browsing.expect_bank()
    press(browsing, browsing.page.locator("button[name=action][value=pay]"))
    browsing.expect_heading("Paid. Thank you!")


def complaints(
    browsing: Browsing, scheme: Literal["light", "dark"], rules: dict[str, object]
) -> list[str]:
    """What axe finds wrong on the page in this scheme, each with its place."""
    # A colour on its way from one scheme to the other is neither.
    browsing.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    asked = {"resultTypes": ["violations"], **rules}  # what is right is not told place by place
    found = Axe().run(browsing.page, options=asked).response["violations"]
    return [
        f"{browsing.page.url}: {violation['id']} at {node['target']}"
        for violation in found
        for node in violation["nodes"]
    ]


@pytest.mark.one_case_in(4)
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
