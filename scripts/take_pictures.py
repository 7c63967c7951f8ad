"""Takes README.md's pictures of a live shop in Persian: `python scripts/take_pictures.py`."""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from storefront.sandbox.testing import running_sandbox  # noqa: E402 - the line above finds it
from tests.rig.browser import DESKTOP, PHONE, launch, watched_context  # noqa: E402
from tests.rig.browsing import Browsing  # noqa: E402
from tests.rig.databases import SqliteFiles  # noqa: E402
from tests.rig.live import live_shop  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"


def main() -> None:
    """The front at a desk, the receipt on a telephone."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(SqliteFiles(folder).fresh(folder / "shop", stocked=True))
        sandbox = stack.enter_context(running_sandbox())
        shop = stack.enter_context(live_shop(database, sandbox, folder))
        browser = launch(stack.enter_context(sync_playwright()))
        for surface, name in ((DESKTOP, "shop.png"), (PHONE, "receipt.png")):
            context = stack.enter_context(watched_context(browser, surface, shop.url))
            context.clear_cookies()  # Persian, also at the desk
            shopper = Browsing(context, "fa", context.new_page())
            if surface is PHONE:
                shopper.walk_to_bank()
                shopper.at_bank("pay")
                shopper.expect_heading("Paid. Thank you!")
            else:
                shopper.page.goto("/")
            shopper.page.screenshot(path=PICTURES / name)


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    main()
