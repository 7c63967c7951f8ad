"""An order's page turns by itself: it says so, keeps the focus, and its title begins with how."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from testkit.browsing import Browsing

TURNS = "This page updates by itself as soon as there is news."
TITLES = {"fa": "^پرداخت شد ·", "en": "^Paid · "}
FOCUSED = "document.activeElement.textContent.trim()"


def waiting(browsing: Browsing) -> Page:
    """Open the order in a further tab; the mark shows later that it was not loaded anew."""
    page = browsing.context.new_page()
    browsing.page = page
    browsing.open_waiting_order()
    expect(page).to_have_title(re.compile(f"^{browsing.word('Waiting for the payment')} · "))
    page.evaluate("globalThis.isTheSame = true")
    return page


def test_a_page_that_turns_tells_what_changed_and_keeps_the_focus(browsing: Browsing) -> None:
    browsing.context.grant_permissions(["clipboard-read", "clipboard-write"])
    browsing.hurry_to_bank()
    bank, link = browsing.page, "Order history"
    kept, gone = waiting(browsing), waiting(browsing)
    for page in (kept, gone):
        said = page.locator("body > [role=status]")
        expect(said).to_have_text(browsing.word(TURNS))
    kept.get_by_role("link", name=browsing.word(link)).focus()
    gone.locator("button[name=gateway]").first.focus()
    browsing.page = bank
    browsing.at_bank("pay")
    headline = browsing.word("Paid. Thank you!")
    for page, focused in ((kept, browsing.word(link)), (gone, headline)):
        expect(page.get_by_role("heading", level=1)).to_have_text(headline)
        said = page.locator("body > [role=status]")
        expect(said).to_have_text(f"{browsing.word('This page has changed:')} {headline}")
        expect(page).to_have_title(re.compile(TITLES[browsing.language]))
        assert page.evaluate(FOCUSED) == focused
        assert page.evaluate("isTheSame")
    browsing.page = kept
    browsing.button("Copy the receipt").click()
    expect(browsing.button("Copied")).to_be_visible()
