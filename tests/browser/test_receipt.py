"""The receipt leaves the screen: on one sheet of paper, and copied to wherever it is wanted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from testkit.browsing import Browsing
from testkit.live import LiveShop
from testkit.states import PAID


@pytest.fixture
def receipt(browsing: Browsing, shop: LiveShop) -> Browsing:
    """Somebody who has paid, in front of the receipt."""
    PAID(browsing, shop)
    return browsing


def test_a_receipt_prints_on_one_page(receipt: Browsing) -> None:
    for scheme in ("light", "dark"):
        receipt.page.emulate_media(color_scheme=scheme)
        paper = receipt.page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1


def sheets(browsing: Browsing) -> int:
    """On how many sheets of A4 the page is printed."""
    paper = browsing.page.pdf(prefer_css_page_size=True)
    assert re.search(rb"/MediaBox\s*\[0 0 59[45][.0-9]* 84[12]", paper), "A4"
    return len(re.findall(rb"/Type\s*/Page\b", paper))


def test_an_invoice_is_one_sheet_and_a_very_long_one_as_few_as_it_needs(
    receipt: Browsing, shop: LiveShop
) -> None:
    token = receipt.page.url.partition("?")[0].rpartition("/")[2]
    receipt.link("Invoice").click()
    receipt.expect_heading("Invoice")
    assert sheets(receipt) == 1
    for doublings, expected in ((0, 1), (5, 2)):  # then it has 32 lines, more than any order
        shop.lengthen(token, doublings=doublings)
        receipt.page.reload()
        assert sheets(receipt) == expected
    receipt.page.emulate_media(media="print")
    head = receipt.page.locator(".invoice thead")
    assert head.evaluate("head => getComputedStyle(head).display") == "table-header-group"
    expect(receipt.page.get_by_role("button").filter(visible=True)).to_have_count(0)
    expect(receipt.page.get_by_role("banner").filter(visible=True)).to_have_count(0)


def test_on_paper_stands_what_counts_and_nothing_to_click(receipt: Browsing) -> None:
    page = receipt.page
    page.emulate_media(media="print")
    for seen in (page.locator(".bill"), page.locator(".facts"), page.locator(".own-address img")):
        expect(seen).to_be_visible()
    for gone in (page.get_by_role("button"), page.get_by_role("search")):
        expect(gone.filter(visible=True)).to_have_count(0)


@pytest.mark.long
def test_a_receipt_can_be_copied(receipt: Browsing) -> None:
    receipt.context.grant_permissions(["clipboard-read", "clipboard-write"])
    receipt.button("Copy the receipt").click()
    expect(receipt.button("Copied")).to_be_visible()
    copied = str(receipt.page.evaluate("navigator.clipboard.readText()"))
    assert copied.splitlines()[-1] == receipt.page.url
