"""A shopper with a real browser, who finds things by their role and name as people do."""

from __future__ import annotations

import gettext
import re
from dataclasses import dataclass
from functools import cache

from playwright.sync_api import BrowserContext, Locator, Page, expect

from testkit.http_shopper import form_on
from testkit.processes import ROOT
from testkit.shopper import DETAILS

GOOD = "speckled-mug"  # a shop that many tests share is filled with it
BANK_PAGE = re.compile(
    r"/(ppg/v2/orders/\w+/payments|ppg/v3/purchases/\w+/payments|pg/order/\w+/payment)\b"
)
LABELS = {
    "full_name": "Full name",
    "mobile": "Mobile number",
    "city": "City",
    "address": "Address",
    "postal_code": "Postal code",
}


@cache
def _translations(language: str) -> gettext.NullTranslations:
    folder = ROOT / "storefront" / "translations"
    return gettext.translation("messages", folder, [language], fallback=language == "en")


@dataclass
class Browsing:
    """One browser profile at one shop; ``page`` is the tab that is being looked at."""

    context: BrowserContext
    language: str
    page: Page

    def word(self, english: str) -> str:
        """The shop's own words in this shopper's language, up to their first placeholder."""
        return _translations(self.language).gettext(english).split("%(")[0].strip()

    def button(self, english: str) -> Locator:
        """A button by its words."""
        return self.page.get_by_role("button", name=self.word(english))

    def link(self, english: str) -> Locator:
        """A link by its words."""
        return self.page.get_by_role("link", name=self.word(english))

    def field(self, english: str) -> Locator:
        """A field by the beginning of its label."""
        return self.page.get_by_label(re.compile(rf"^\s*{re.escape(self.word(english))}"))

    def expect_heading(self, english: str) -> None:
        """Wait until the page's headline says this."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(self.word(english))

    def log_in(self, link: str) -> None:
        """Choose a password with a one-time link; the back office is open then."""
        self.page.goto(link)
        for label in ("New password", "The same once more"):
            self.field(label).fill("four words and a comma")
        self.button("Set the password and log in").click()
        self.expect_heading("Today")

    def new_tab(self) -> None:
        """Look at a new tab from now on."""
        self.page = self.context.new_page()

    def put_in_cart(self, slug: str = GOOD) -> None:
        """From the good's page into the cart."""
        self.page.goto(f"/products/{slug}")
        self.button("Add to cart").click()
        self.look_at_cart()

    def look_at_cart(self) -> None:
        """After putting in: with scripts the page stays and offers a link, without it leads on."""
        expect(self.page.locator(".notice.success")).to_be_visible()
        if not self.page.url.endswith("/cart"):
            self.link("View cart").click()
        self.expect_heading("Your cart")

    def go_to_details(self) -> None:
        """From the cart to the form."""
        self.button("Continue to your details").click()
        self.expect_heading("Your details")

    def choose(self, gateway: str) -> None:
        """Choose the payment method, by the shop's name for it."""
        self.page.locator(f"input[name=gateway][value={gateway}]").check()

    def fill_in(self) -> None:
        """Type the details."""
        self.page.locator("#province").select_option(DETAILS["province"])
        for name, label in LABELS.items():
            self.field(label).fill(DETAILS[name])

    def go_to_bank(self) -> None:
        """Send the form and arrive at the bank."""
        self.button("Pay %(amount)s").click()
        self.expect_bank()

    def expect_bank(self) -> None:
        """Wait until the card gateway's page is there, or the wallet's."""
        self.page.wait_for_url(BANK_PAGE)

    def walk_to_bank(self, gateway: str | None = None) -> None:
        """Buy, from the product, to the gateway that is offered first if none is named."""
        self.put_in_cart()
        self.go_to_details()
        self.fill_in()
        if gateway:
            self.choose(gateway)
        self.go_to_bank()

    def hurry_to_bank(self, gateway: str | None = None, pieces: int = 1) -> None:
        """The same way for who has seen it in other tests: only the bank's page is drawn."""
        self._send(f"/products/{GOOD}", "/cart/add/", {"quantity": str(pieces)})
        chosen = {"gateway": gateway} if gateway else {}
        self.page.goto(self._send("/checkout", "/checkout", DETAILS | chosen))

    def _send(self, page: str, action: str, typed: dict[str, str]) -> str:
        """Send a page's form with this browser's cookies; gives where the answer leads."""
        path, hidden = form_on(self.context.request.get(page).text(), action)
        form: dict[str, str | float | bool] = {**hidden, **typed}
        answer = self.context.request.post(path, form=form, max_redirects=0)
        return answer.headers["location"]

    def at_bank(self, action: str) -> None:
        """Press the bank's button: pay, decline, cancel or vanish."""
        self.page.locator(f"button[name=action][value={action}]").click()

    def open_waiting_order(self) -> None:
        """From the cart's reminder to the order that was not paid yet."""
        self.page.goto("/cart")
        self.link("See order %(number)s").click()
        self.page.wait_for_url("**/orders/*")

    def status(self) -> dict[str, object]:
        """The order's state for machines; the order's page must be open."""
        answer = self.context.request.get(f"{self.page.url.partition('?')[0]}/status")
        return dict(answer.json())
