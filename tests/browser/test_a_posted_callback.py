"""PPG v3 sends the browser back by a POST from another site: without cookies, and without harm."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Response, expect

from jibit_sandbox.testing import SandboxWorld
from testkit.browser import EVERYWHERE, Surface, is_too_wide, watched_context
from testkit.browsing import Browsing
from testkit.databases import SqliteFiles
from testkit.live import LiveShop, live_shop

surfaces = pytest.mark.parametrize("surface", EVERYWHERE, ids=str, indirect=True)


@pytest.fixture(scope="module")
def shop(
    sqlite_files: SqliteFiles, running: SandboxWorld, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveShop]:
    """A shop at 127.0.0.1 whose gateway is at localhost: another site, as in real life."""
    folder = tmp_path_factory.mktemp("posted")
    elsewhere = SandboxWorld(running.base_url.replace("127.0.0.1", "localhost"))
    with (
        sqlite_files.fresh(folder / "data", stocked=True) as url,
        live_shop(url, elsewhere, folder, card="ppg_v3") as shop,
    ):
        yield shop


@pytest.fixture
def surface(request: pytest.FixtureRequest) -> Surface:
    surface: Surface = request.param
    return surface


@surfaces
@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_the_payer_reads_the_receipt_in_the_same_language_and_keeps_cart_and_orders(
    browser: Browser, shop: LiveShop, surface: Surface, javascript: bool
) -> None:
    with watched_context(browser, surface, shop.url, javascript=javascript) as context:
        browsing = Browsing(context, surface.language, context.new_page())
        browsing.walk_to_bank("ppg_v3")
        assert urlsplit(browsing.page.url).hostname == "localhost"
        callbacks = _callbacks(browsing)
        browsing.at_bank("pay")
        if not javascript:
            browsing.page.get_by_role("button").click()
        browsing.expect_heading("Paid. Thank you!")
        (callback,) = callbacks
        assert (callback.request.method, callback.status) == ("POST", 303)
        assert "cookie" not in callback.request.all_headers()
        assert "set-cookie" not in callback.all_headers()
        browsing.page.goto("/orders")  # the browser still knows which orders are its own
        expect(browsing.page.locator(".own-orders > li")).to_have_count(1)


@pytest.mark.long
@surfaces
def test_a_browser_without_any_cookie_is_shown_the_order_in_the_orders_language(
    browser: Browser, shop: LiveShop, surface: Surface
) -> None:
    with watched_context(browser, surface, shop.url) as context:
        browsing = Browsing(context, surface.language, context.new_page())
        browsing.walk_to_bank("ppg_v3")
        context.clear_cookies()
        browsing.at_bank("pay")
        browsing.expect_heading("Paid. Thank you!")


WHY = {"decline": "The payment did not go through", "cancel": "You cancelled the payment"}


@pytest.mark.long
@pytest.mark.one_case_in(4)
@surfaces
@pytest.mark.parametrize("action", WHY)
def test_who_does_not_pay_can_pay_again(
    browser: Browser, shop: LiveShop, surface: Surface, action: str
) -> None:
    with watched_context(browser, surface, shop.url) as context:
        browsing = Browsing(context, surface.language, context.new_page())
        browsing.hurry_to_bank("ppg_v3")
        browsing.at_bank(action)
        browsing.expect_heading(WHY[action])
        quoted = browsing.page.get_by_text(browsing.word("The bank said:"))
        expect(quoted).to_have_count(1 if action == "decline" else 0)
        browsing.button("Pay again").click()
        browsing.expect_bank()
        browsing.at_bank("pay")
        browsing.expect_heading("Paid. Thank you!")


NO_REFUNDS = (
    "The gateway has not turned refunds on for your account. Ask it to, or return the money by"
    " hand and note it."
)


@pytest.mark.long
@surfaces
def test_owners_read_a_refund_that_failed_and_what_to_do_on_any_screen(
    browser: Browser, shop: LiveShop, surface: Surface
) -> None:
    with watched_context(browser, surface, shop.url) as context:
        browsing = Browsing(context, surface.language, context.new_page())
        browsing.hurry_to_bank("ppg_v3")
        browsing.at_bank("pay")
        browsing.expect_heading("Paid. Thank you!")
        number = str(browsing.status()["order_number"])
        # The sandbox's merchant has no refunds, as most at Jibit have none before they ask.
        words = ("--reason", "broken", "--by", "Sara")
        refund = shop.command("refunds", "request", number, *words)
        refund.start()
        refund.wait()
        browsing.log_in(shop.owners_link())
        browsing.page.goto("/operations")  # leads into the back office
        browsing.expect_heading("System")
        browsing.link("Refund %(number)s").first.click()
        browsing.expect_heading("Refund %(number)s")
        expect(browsing.page.get_by_text(browsing.word(NO_REFUNDS))).to_be_visible()
        assert not is_too_wide(browsing.page)


def _callbacks(browsing: Browsing) -> list[Response]:
    seen: list[Response] = []

    def note(response: Response) -> None:
        if response.url.endswith("/callback"):
            seen.append(response)

    browsing.page.on("response", note)
    return seen
