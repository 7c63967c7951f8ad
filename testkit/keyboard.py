"""What somebody without a mouse does: press Tab until it is there, then Enter."""

from __future__ import annotations

from playwright.sync_api import Locator

from testkit.browsing import Browsing

MOST_TABS = 60  # more stops than any page has


def tab_to(browsing: Browsing, wanted: Locator) -> None:
    """Press Tab until this is focused, as somebody without a mouse does."""
    for _ in range(MOST_TABS):
        browsing.page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"the Tab key does not reach {wanted}")


def press(browsing: Browsing, wanted: Locator) -> None:
    """Go there and press Enter."""
    tab_to(browsing, wanted)
    browsing.page.keyboard.press("Enter")
