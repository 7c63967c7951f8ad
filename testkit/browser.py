"""A real browser for tests, that tells of every error the page would hide from its author."""

from __future__ import annotations

import http
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Response,
    expect,
)

from scripts.ensure_browser import find_browser
from testkit.http_shopper import some_address

FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--font-render-hinting=none",  # a headless shell else sets letters otherwise than a window
]
PATIENCE_MS = 20_000  # far above what anything here takes; only a hang reaches it
expect.set_options(timeout=PATIENCE_MS)
LOADING = "Failed to load resource"  # the browser's own note of a 4xx or 5xx, judged below


@dataclass(frozen=True)
class Surface:
    """Where and in which language the shop is looked at."""

    name: str
    language: str
    width: int
    height: int
    touch: bool

    def __str__(self) -> str:
        return self.name


PHONE = Surface("phone-persian", "fa", 390, 844, touch=True)
NARROW = Surface("narrow-phone-persian", "fa", 360, 740, touch=True)  # the usual Android
NARROW_ENGLISH = Surface("narrow-phone-english", "en", 360, 740, touch=True)
LARGE = Surface("large-phone-persian", "fa", 412, 915, touch=True)
DESKTOP = Surface("desktop-english", "en", 1280, 900, touch=False)
DESKTOP_PERSIAN = Surface("desktop-persian", "fa", 1280, 900, touch=False)
EVERYWHERE = (NARROW, NARROW_ENGLISH, DESKTOP_PERSIAN, DESKTOP)  # both widths in both languages


def launch(playwright: Playwright) -> Browser:
    """Start the Chromium that `make test` found; AssertionError says how to get one."""
    path = find_browser()
    assert path, "no Chromium here: run scripts/ensure_browser.py, which installs one or says how"
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=path, args=[*FLAGS, *as_root])


@contextmanager
def watched_context(
    browser: Browser, surface: Surface, shop: str, *, javascript: bool = True
) -> Iterator[BrowserContext]:
    """A fresh browser profile; at the end no page may have had an error or a CSP violation."""
    context = browser.new_context(
        viewport={"width": surface.width, "height": surface.height},
        has_touch=surface.touch,
        java_script_enabled=javascript,
        locale="fa-IR" if surface.language == "fa" else "en-US",
        base_url=shop,
        extra_http_headers={"X-Forwarded-For": some_address()},  # else all are one client to limits
    )
    context.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error":
            complaints.append(said.text)

    context.on("console", hear)
    context.on("response", lambda answer: complaints.extend(_missing(answer)))
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    if surface.language == "en":
        context.add_cookies([{"name": "language", "value": "en", "url": shop, "sameSite": "Lax"}])
    yield context
    context.close()
    assert [said for said in complaints if not said.startswith(LOADING)] == []


def _missing(answer: Response) -> list[str]:
    """A page may be an error page on purpose; what a page is made of must be there.

    What a script sends for somebody may be refused, as a form is.
    """
    refused = answer.status == http.HTTPStatus.UNPROCESSABLE_ENTITY
    wrong = answer.status >= http.HTTPStatus.BAD_REQUEST and not refused
    part = answer.request.resource_type != "document"
    return [f"{answer.status} {answer.url}"] if wrong and part else []


# A number over two lines that would have had room in one; long addresses and ids never have it.
_BROKEN = """() => {
  const found = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const {data, parentElement} = texts.currentNode;
    if (!parentElement.checkVisibility() || parentElement.closest(".unseen, script")) continue;
    for (const {0: number, index} of data.matchAll(/\\S*[0-9۰-۹]\\S*/g)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, index);
      range.setEnd(texts.currentNode, index + number.length);
      const boxes = [...range.getClientRects()].filter(({width}) => width);
      const width = boxes.reduce((sum, box) => sum + box.width, 0);
      const isBroken = boxes.some(({top}) => top > boxes[0].bottom - 4);
      if (isBroken && width < 0.6 * innerWidth) found.push(`${number} is broken`);
    }
  }
  return found;
}"""
SMALLEST = ((320, 130), (360, 200), (320, 200))  # pixels, and per cent of the letters' usual size


def troubles_on_the_smallest_screens(page: Page) -> list[str]:
    """What is broken or beyond the edge with large letters; the page stays as small as that."""
    found = []
    for width, percent in SMALLEST:
        page.set_viewport_size({"width": width, "height": 640})
        page.evaluate(f"document.documentElement.style.fontSize = '{percent}%'")
        troubles = page.evaluate(_BROKEN) + ["too wide"] * is_too_wide(page)
        found += [f"{width} px, {percent} %: {trouble}" for trouble in troubles]
    return found


def is_too_wide(page: Page) -> bool:
    """Whether the page must be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))
