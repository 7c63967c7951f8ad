"""Hold every page and letter against two HTML checkers: `make validate`, a line for each finding.

html-validate and the W3C's checker (vnu) come from the npm registry by npx: they need Node 20.19 or
newer and Java 11 or newer. `ONLY=cart make validate` checks the states with a word in their name.
Exit code 1: a checker found something.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Route, sync_playwright

from jibit_sandbox.testing import running_sandbox
from testkit.browser import DESKTOP, Surface, launch, watched_context
from testkit.browsing import GOOD, Browsing
from testkit.databases import SqliteFiles, fill_catalogue
from testkit.letters import every_letter, parts
from testkit.live import LiveShop, live_shop
from testkit.office_states import OFFICE_STATES
from testkit.states import STATES

CHECKERS = {
    "html-validate": ("html-validate@10.17.0",),
    "the W3C's checker": ("vnu-jar@26.9.27", "--Werror"),
}
AS_SERVED, AFTER_SCRIPTS = "as-served", "after-scripts"
RULES = {
    AS_SERVED: {
        # A page that waits without scripts loads itself anew, inside <noscript>.
        "meta-refresh": "off",
    },
    AFTER_SCRIPTS: {
        "meta-refresh": "off",
        # How a browser writes its elements down is not ours.
        "attribute-boolean-style": "off",
        "attribute-empty-style": "off",
    },
}


def main(only: str = "") -> int:
    """Write down every page and letter, then check them. Gives how the process should end."""
    missing = [name for name in ("npx", "java") if not shutil.which(name)]
    if missing:
        print(f"The checkers need Node and Java; not found: {', '.join(missing)}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder) / "pages"
        _prepare(pages)
        _write_everything(Path(folder), pages, only)
        files = sorted(str(page.relative_to(pages)) for page in pages.glob("*/*.html"))
        found = [name for name in CHECKERS if not _finds_nothing(name, pages, files)]
    print(f"{len(files)} pages and letters; findings by: {', '.join(found) or 'none'}")
    return 1 if found else 0


def _prepare(pages: Path) -> None:
    """Make the folders, each with html-validate's rules for what will be in it."""
    for folder, rules in RULES.items():
        (pages / folder).mkdir(parents=True)
        config = {"root": True, "extends": ["html-validate:recommended"], "rules": rules}
        (pages / folder / ".htmlvalidate.json").write_text(json.dumps(config), encoding="utf-8")


def _finds_nothing(checker: str, pages: Path, files: list[str]) -> bool:
    command = ["npx", "--yes", *CHECKERS[checker], *files]
    return subprocess.run(command, cwd=pages, check=False).returncode == 0


def _write_everything(folder: Path, pages: Path, only: str) -> None:
    with ExitStack() as stack:
        databases = SqliteFiles(folder)
        database = stack.enter_context(databases.fresh(folder / "shop", stocked=True))
        fill_catalogue(database, GOOD)
        sandbox = stack.enter_context(running_sandbox())
        shop = stack.enter_context(live_shop(database, sandbox, folder))
        browser = launch(stack.enter_context(sync_playwright()))
        for language in ("fa", "en"):
            for name in STATES | OFFICE_STATES:
                if only in name:
                    _write_state(browser, shop, pages, name, language)
            for name, document in _at_work(shop, language):
                _write(pages / AS_SERVED / f"{name}-{language}.html", document)
        for_letters = stack.enter_context(databases.fresh(folder / "letters", stocked=True))
        for name, letter in every_letter(for_letters, sandbox.world("letters")).items():
            _write(pages / AS_SERVED / f"letter-{name}.html", parts(letter)[1])


def _write(file: Path, document: str) -> None:
    file.write_text(document, encoding="utf-8")


def _write_state(browser: Browser, shop: LiveShop, pages: Path, name: str, language: str) -> None:
    """Write the documents served on the way to a state, and what scripts made of the last one."""
    surface = Surface("validate", language, DESKTOP.width, DESKTOP.height, touch=False)
    with watched_context(browser, surface, shop.url) as context:
        served: list[str] = []
        context.route(lambda _: True, lambda route: _pass_on(route, served))
        browsing = Browsing(context, language, context.new_page())
        (STATES | OFFICE_STATES)[name](browsing, shop)
        browsing.page.wait_for_load_state("networkidle")
        for number, document in enumerate(served):
            _write(pages / AS_SERVED / f"{name}-{language}-{number}.html", document)
        _write(pages / AFTER_SCRIPTS / f"{name}-{language}.html", browsing.page.content())


def _pass_on(route: Route, served: list[str]) -> None:
    """Keep a document as it is served: a browser that goes on has no more of it."""
    if not route.request.is_navigation_request():
        route.fallback()
        return
    answer = route.fetch(max_redirects=0)
    if not 300 <= answer.status < 400:
        served.append(answer.text())
    route.fulfill(response=answer)


def _at_work(shop: LiveShop, language: str) -> Iterator[tuple[str, str]]:
    """Yield what developers see of the sandbox."""
    with requests.Session() as session:
        session.cookies.set("language", language)
        start = f"{shop.sandbox.base_url}/?world={shop.sandbox.name}&lang={language}"
        dashboard = session.get(start).text
        yield "sandbox-dashboard", dashboard
        for place in ("order-rows", "traffic-rows"):
            link = BeautifulSoup(dashboard, "html.parser").select_one(f"#{place} a")
            if link:
                yield f"sandbox-{place}", session.get(urljoin(start, str(link["href"]))).text


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
