"""An owner of a live shop at work in a real browser, and orders for them to see to."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from testkit.browser import is_too_wide
from testkit.browsing import GOOD, Browsing
from testkit.http_shopper import HttpShopper
from testkit.live import LiveShop
from testkit.shopper import DETAILS

_logged_in: dict[str, Any] = {}  # by the shop's address; one owner does for all


def log_in(browsing: Browsing, shop: LiveShop) -> None:
    """Begin at the back office's first page as an owner."""
    if shop.url not in _logged_in:
        browsing.log_in(shop.owners_link())
        cookies = browsing.context.cookies()
        _logged_in[shop.url] = [each for each in cookies if each["name"] != "language"]
    browsing.context.add_cookies(_logged_in[shop.url])
    browsing.page.goto("/admin")
    browsing.expect_heading("Today")


def buy(shop: LiveShop, *, pays: bool = True, **details: str) -> str:
    """Buy two mugs, as somebody with another browser; gives the order's number."""
    shopper = HttpShopper(shop.url)
    shopper.open(f"/products/{GOOD}")
    shopper.send("/cart/add/", quantity="2")
    switching_url = shopper.check_out(**(DETAILS | details))
    assert switching_url
    if pays:
        shopper.open(shop.sandbox.pay(switching_url))
    return str(shop.rows("SELECT number FROM orders ORDER BY id DESC LIMIT 1")[0]["number"])


def go_to(browsing: Browsing, area: str) -> None:
    """Choose an area in the navigation."""
    browsing.page.get_by_role("navigation").get_by_role(
        "link", name=browsing.word(area), exact=True
    ).click()
    browsing.expect_heading(area)
    expect_to_fit(browsing)


def expect_to_fit(browsing: Browsing) -> None:
    """No page of the back office has to be scrolled sideways."""
    assert not is_too_wide(browsing.page), browsing.page.url


def expect_done(browsing: Browsing, words: str) -> None:
    """Wait until the page says that something was done."""
    expect(browsing.page.locator(".notice.success")).to_contain_text(browsing.word(words))
