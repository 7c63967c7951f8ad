"""Measures a live shop with Lighthouse as on a slow phone: `make lighthouse`, a line for each page.

Lighthouse comes from the npm registry by npx and needs Node 18.16 or newer. Each page is measured
RUNS times (3) and each score's median is shown; `ONLY=cart make lighthouse` measures the pages
with a word in their name. Exit code 1: a page is below 100 where it should not be.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from jibit_sandbox.testing import running_sandbox
from scripts.ensure_browser import find_browser
from testkit.browser import PHONE, Surface, launch, watched_context
from testkit.browsing import Browsing
from testkit.databases import SqliteFiles
from testkit.live import LiveShop, live_shop
from testkit.states import STATES

ROOT = Path(__file__).resolve().parents[1]

LIGHTHOUSE = "lighthouse@12.8.2"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
STATE_OF = {
    "catalogue": "front",
    "product": "product",
    "cart": "cart",
    "checkout": "checkout",
    "receipt": "order-paid",
}
FOR_EVERYBODY = ("catalogue", "product")  # search engines should find these
PATIENCE = 3  # on a busy machine Lighthouse loses a page now and then, and says so
RUNS = int(os.environ.get("RUNS", "3"))

Scores = dict[str, float]


def main(only: str = "") -> int:
    """Print the table. Gives how the process should end."""
    if not shutil.which("npx"):
        print("Lighthouse needs Node: install it, so that npx is found.", file=sys.stderr)
        return 1
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(SqliteFiles(folder).fresh(folder / "shop", stocked=True))
        sandbox = stack.enter_context(running_sandbox())
        shop = stack.enter_context(live_shop(database, sandbox, folder))
        browser = launch(stack.enter_context(sync_playwright()))
        print(f"{'page':<14}" + "".join(f"{name:>16}" for name in (*CATEGORIES, "LCP ms", "CLS")))
        short = [
            f"{name}-{language}"
            for language in ("fa", "en")
            for name, state in STATE_OF.items()
            if only in name and not _measured(browser, shop, folder, name, state, language)
        ]
    if short:
        print(f"below 100: {', '.join(short)}")
    return 1 if short else 0


def _measured(
    browser: Browser, shop: LiveShop, folder: Path, name: str, state: str, language: str
) -> bool:
    """Whether the page reaches 100 wherever it should; prints its line."""
    address, cookies = _walk(browser, shop, state, language)
    if name in FOR_EVERYBODY and language == "en":
        address += "?lang=en"  # the address that search engines know it by
    runs = [_run(address, cookies, folder) for _ in range(RUNS)]
    medians = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    print(f"{name}-{language:<{13 - len(name)}}" + "".join(f"{v:>16g}" for v in medians.values()))
    wanted = CATEGORIES if name in FOR_EVERYBODY else CATEGORIES[:-1]
    return all(medians[category] == 100 for category in wanted)


def _walk(browser: Browser, shop: LiveShop, state: str, language: str) -> tuple[str, str]:
    """Go where the page is, as a shopper does; gives its address and this browser's cookies."""
    surface = Surface("lighthouse", language, PHONE.width, PHONE.height, touch=True)
    with watched_context(browser, surface, shop.url) as context:
        browsing = Browsing(context, language, context.new_page())
        STATES[state](browsing, shop)
        cookies = [f"{cookie['name']}={cookie['value']}" for cookie in context.cookies(shop.url)]
        return browsing.page.url, "; ".join(cookies)


def _run(address: str, cookies: str, folder: Path) -> Scores:
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    command = [
        *("npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json"),
        f"--output-path={report}",
        f"--only-categories={','.join(CATEGORIES)}",
        f"--extra-headers={json.dumps({'Cookie': cookies})}",
        "--chrome-flags=--headless=new --no-sandbox --disable-background-networking",
    ]
    environment = os.environ | {"CHROME_PATH": str(find_browser())}
    for _ in range(PATIENCE):
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode == 0:
            break
    said = json.loads(report.read_text(encoding="utf-8"))
    if kept := os.environ.get("REPORTS"):  # a folder, to see what is missing
        shutil.copy(report, Path(kept) / f"{len(list(Path(kept).iterdir())):03}.json")
    return {
        **{name: round(said["categories"][name]["score"] * 100) for name in CATEGORIES},
        "lcp": round(said["audits"]["largest-contentful-paint"]["numericValue"]),
        "cls": said["audits"]["cumulative-layout-shift"]["numericValue"],
    }


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
