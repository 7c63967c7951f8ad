"""Takes a picture of every page, state and letter of a live shop: `make screenshots`; look at them.

They go to screenshots/, a folder for each surface, language and colour scheme; of those that
README.md shows, what the first glance sees goes to docs/pictures/. `ONLY=cart make screenshots`
takes those with a word in their name, `LOOKS="phone-fa wide"` those looks whose names begin so.
"""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from markupsafe import escape
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from jibit_sandbox.testing import running_sandbox
from testkit.browser import DESKTOP, LARGE, NARROW, PHONE, Surface, launch, watched_context
from testkit.browsing import GOOD, Browsing
from testkit.databases import SqliteFiles, fill_catalogue
from testkit.letters import every_letter, parts
from testkit.live import LiveShop, live_shop
from testkit.office_states import OFFICE_STATES
from testkit.states import STATES

ROOT = Path(__file__).resolve().parents[1]

SCREENSHOTS, PICTURES = ROOT / "screenshots", ROOT / "docs" / "pictures"
WIDE = Surface("wide-desktop", "en", 1920, 1080, touch=False)
SURFACES = {
    "narrow": NARROW,
    "phone": PHONE,
    "large": LARGE,
    "desktop": DESKTOP,
    "wide": WIDE,
}
SCHEMES = ("light", "dark")
WANTED = tuple(os.environ.get("LOOKS", "").split())
IN_THE_DOCUMENTATION = {
    "desktop-fa-light/front": "shop.png",
    "desktop-en-dark/product": "product.png",
    "phone-fa-light/order-paid": "receipt.png",
    "desktop-en-light/office-today": "office-today.png",
    "phone-fa-light/office-order": "office-order.png",
}


# Each line of a plain text takes its direction from its first letter, as mail programs do it.
PLAIN = """<!DOCTYPE html>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style>
  p {{ font: 16px/1.6 sans-serif; white-space: pre-wrap; overflow-wrap: anywhere; }}
  p {{ unicode-bidi: plaintext; }}
</style>
<p>{}</p>"""


@dataclass(frozen=True)
class Look:
    """How the shop is looked at."""

    device: str
    language: str
    scheme: str

    @property
    def surface(self) -> Surface:
        """The device in this language."""
        device = SURFACES[self.device]
        return Surface(str(self), self.language, device.width, device.height, device.touch)

    def __str__(self) -> str:
        return f"{self.device}-{self.language}-{self.scheme}"


def main(only: str = "") -> None:
    """Every state in every look."""
    if not WANTED:
        shutil.rmtree(SCREENSHOTS, ignore_errors=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        databases = SqliteFiles(folder)
        database = stack.enter_context(databases.fresh(folder / "shop", stocked=True))
        fill_catalogue(database, GOOD)  # every look buys some
        sandbox = stack.enter_context(running_sandbox())
        shop = stack.enter_context(live_shop(database, sandbox, folder))
        for_letters = stack.enter_context(databases.fresh(folder / "letters", stocked=True))
        letters = every_letter(for_letters, sandbox.world("letters"))
        browser = launch(stack.enter_context(sync_playwright()))
        for look in itertools.starmap(Look, itertools.product(SURFACES, ("fa", "en"), SCHEMES)):
            if WANTED and not str(look).startswith(WANTED):
                continue
            print(look, flush=True)
            _take_all(browser, shop, look, only)
            _take_letters(browser, letters, look, only)


def _take_all(browser: Browser, shop: LiveShop, look: Look, only: str) -> None:
    for name, show in (STATES | OFFICE_STATES).items():
        if only in name:
            with watched_context(browser, look.surface, shop.url) as context:
                _take(context, look, name, show, shop)


def _take(
    context: BrowserContext,
    look: Look,
    name: str,
    show: Callable[[Browsing, LiveShop], object],
    shop: LiveShop,
) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme="dark" if look.scheme == "dark" else "light")
    shopper = Browsing(context, look.language, page)
    show(shopper, shop)
    shopper.page.wait_for_load_state("networkidle")
    taken = f"{look}/{name}"
    shopper.page.screenshot(path=SCREENSHOTS / f"{taken}.png", full_page=True)
    if taken in IN_THE_DOCUMENTATION:
        shopper.page.screenshot(path=PICTURES / IN_THE_DOCUMENTATION[taken])


def _take_letters(
    browser: Browser, letters: dict[str, EmailMessage], look: Look, only: str
) -> None:
    """Each letter of the look's language, as HTML and as plain text."""
    for name, letter in letters.items():
        kind, _, language = f"letter-{name}".rpartition("-")
        if language == look.language and only in kind:
            text, html = parts(letter)
            _take_document(browser, look, kind, html)
            _take_document(browser, look, f"{kind}-text", PLAIN.format(escape(text)))


def _take_document(browser: Browser, look: Look, name: str, document: str) -> None:
    surface = look.surface
    page = browser.new_page(viewport={"width": surface.width, "height": surface.height})
    page.emulate_media(color_scheme="dark" if look.scheme == "dark" else "light")
    page.set_content(document)
    page.screenshot(path=SCREENSHOTS / f"{look}/{name}.png", full_page=True)
    page.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
