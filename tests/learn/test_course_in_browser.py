"""The course in a browser: what axe says, a phone, search, and the pages side by side."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from testkit.browser import DESKTOP, Surface, is_too_wide, watched_context
from tests.learn.conftest import Served, served
from tests.learn.pages import PAGES, CoursePage

CONTRAST: dict[str, object] = {"runOnly": ["color-contrast"]}  # all that another scheme changes
NARROW = 360
SOON = ("fa 03",)  # which `make test` looks at; `make test-long` looks at all
SHOWN = [
    pytest.param(page, id=str(page), marks=() if str(page) in SOON else pytest.mark.long)
    for page in PAGES
]
SURFACES = {
    "en": DESKTOP,
    "fa": Surface("desktop-persian", "fa", 1280, 900, touch=False),
}
PHONES = {
    language: Surface(f"phone-{language}", language, NARROW, 800, touch=True)
    for language in SURFACES
}


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and keeps silent about it."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def site_url(course_site: Path) -> Iterator[str]:
    """The built pages, served as any web server serves them."""
    handler = partial(Quiet, directory=str(course_site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def address(page: CoursePage) -> str:
    return f"/{page.language}/learn/course/{page.language}/{page.path.stem}.html"


def complaints(page: Page, rules: dict[str, object] | None = None) -> list[str]:
    """What axe finds wrong, each with its place."""
    asked = {"resultTypes": ["violations"], **(rules or {})}
    found = Axe().run(page, options=asked).response["violations"]
    return [
        f"{page.url}: {violation['id']} at {node['target']}"
        for violation in found
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("page", SHOWN)
def test_axe_finds_nothing_in_light_and_dark_and_no_page_is_wider_than_a_phone(
    browser: Browser, site_url: str, page: CoursePage
) -> None:
    with watched_context(browser, PHONES[page.language], site_url) as context:
        shown = context.new_page()
        asked: list[str] = []
        shown.on("request", lambda request: asked.append(request.url))
        shown.goto(address(page))
        for summary in shown.locator("details summary").all():
            summary.click()
        assert not is_too_wide(shown)
        assert [url for url in asked if not url.startswith(site_url)] == []
        shown.emulate_media(color_scheme="light", reduced_motion="reduce")
        assert complaints(shown) == []
        shown.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert complaints(shown, CONTRAST) == []


@pytest.mark.one_case_in(2)
@pytest.mark.parametrize(("language", "word"), [("en", "callback"), ("fa", "کال‌بک")])
def test_the_search_finds_a_word(browser: Browser, site_url: str, language: str, word: str) -> None:
    with watched_context(browser, SURFACES[language], site_url) as context:
        page = context.new_page()
        page.goto(f"/{language}/learn/course/{language}/01.html")
        page.get_by_role("search").get_by_role("textbox").fill(word)
        page.keyboard.press("Enter")
        expect(page.locator("#search-results ul.search > li").nth(3)).to_be_visible()


def test_a_page_leads_to_the_same_page_in_the_other_language(
    browser: Browser, site_url: str
) -> None:
    with watched_context(browser, DESKTOP, site_url) as context:
        page = context.new_page()
        page.goto("/en/learn/course/en/03.html")
        page.locator(".other-language a").click()
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        assert page.url.endswith("/fa/learn/course/fa/03.html")
        code = page.locator("pre").first
        assert code.evaluate("code => getComputedStyle(code).direction") == "ltr"
        page.locator(".other-language a").click()
        assert page.url.endswith("/en/learn/course/en/03.html")


@pytest.fixture
def whole(tmp_path: Path, course_site: Path) -> Iterator[Served]:
    """`make learn` with the whole course, at chapter 3."""
    with served(tmp_path, course_site) as found:
        found.workshop.start(3)
        yield found


@pytest.mark.long
@pytest.mark.one_case_in(2)
@pytest.mark.parametrize(("language", "javascript"), [("en", True), ("fa", False)])
def test_a_learner_buys_beside_the_text_and_presses_the_buttons(
    browser: Browser, whole: Served, language: str, javascript: bool
) -> None:
    surface = SURFACES[language]
    with watched_context(browser, surface, whole.url, javascript=javascript) as context:
        page = context.new_page()
        page.goto(f"/{language}/")
        controls = page.frame_locator("iframe[name=controls]")
        expect(page.frame_locator("iframe[name=course]").locator("h1")).to_contain_text(
            {"en": "3.", "fa": "۳."}[language]
        )
        buy(page)
        expect(page.frame_locator("iframe[name=shop]").locator("#state")).to_have_text("paid")
        controls.locator("form[action$=later] button").click()
        expect(controls.get_by_role("status")).to_contain_text({"en": "15", "fa": "۱۵"}[language])
        controls.locator("select[name=name]").select_option("error_500")
        controls.locator("form[action$=behave] button").first.click()
        expect(controls.get_by_role("status")).to_contain_text("error_500")
        page.locator("label[for=tab-sandbox]").click()
        page.locator(".tab.sandbox p a").first.click()
        expect(page.frame_locator("iframe[name=sandbox]").locator("body")).to_contain_text(
            "error_500"
        )


def buy(page: Page) -> None:
    """Buy in the shop's frame, and pay on the gateway's page that it shows."""
    shop = page.frame_locator("iframe[name=shop]")
    for _ in range(20):  # until the shop has started
        page.locator(".tab.shop p a").first.click()
        if shop.get_by_role("button").count():
            break
        page.wait_for_timeout(200)
    shop.get_by_role("button").click()
    shop.locator("button[name=action][value=pay]").click()


@pytest.mark.one_case_in(2)
@pytest.mark.parametrize("language", SURFACES)
def test_the_pages_of_make_learn_fit_a_phone_and_axe_finds_nothing(
    browser: Browser, whole: Served, language: str
) -> None:
    with watched_context(browser, PHONES[language], whole.url) as context:
        page = context.new_page()
        for path in (f"/{language}/", f"/{language}/controls"):
            page.goto(path)
            assert not is_too_wide(page)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert complaints(page) == []
