"""The bank's page and the dashboard, sentence by sentence, as a browser shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from testkit.browser import EVERYWHERE, Surface, is_too_wide, watched_context
from testkit.cases import naming
from tests.sandbox.merchant import Merchant
from tests.sandbox.wallet_merchant import WalletMerchant

ON_A_PAGE = 60  # orders
BACKGROUND = (
    "getComputedStyle(document.documentElement).backgroundColor.match(/[0-9.]+/g).map(Number)"
)
WORDS = {
    "#behaviours button.main": {"fa": "فعال‌کردن", "en": "Activate"},
    "#rules button": {"fa": "حذف", "en": "Remove"},
    "#clock form.line button": {"fa": "جلو بردن", "en": "Advance"},
    "#operation option:first-child": {"fa": "هر عملیات سازگار", "en": "any that fits"},
    "label[for=seed]": {"fa": "Seed", "en": "Seed"},
}
LATE_IN_LONDON = datetime(2026, 11, 30, 22, 15, tzinfo=UTC)
TEHRAN = {
    "fa": ("۱۴۰۵/۰۹/۱۰ ۰۱:۴۵:۰۰", "به وقت تهران"),
    "en": ("2026-12-01 01:45:00", "Tehran time"),
}
SENTENCE = re.compile(".{10}")  # Chromium knows no Persian letter as one of a word
COPY = {"fa": "کپی", "en": "Copy"}


def is_dark(page: Page) -> bool:
    return bool(max(page.evaluate(BACKGROUND)[:3]) < 100)


@pytest.fixture(params=EVERYWHERE, ids=str)
def surface(request: pytest.FixtureRequest) -> Surface:
    surface: Surface = request.param
    return surface


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def either(
    request: pytest.FixtureRequest, browser: Browser, surface: Surface, merchant: Merchant
) -> Iterator[Page]:
    """A browser with scripts, then one without."""
    with watched_context(
        browser, surface, merchant.world.base_url, javascript=request.param
    ) as context:
        yield context.new_page()


def has_scripts(page: Page) -> bool:
    return bool(page.evaluate("matchMedia('(scripting: enabled)').matches"))


def test_the_dashboard_keeps_what_it_promises(
    either: Page, surface: Surface, merchant: Merchant
) -> None:
    page, world, language = either, merchant.world, surface.language
    here = f"world={world.name}&lang={language}"
    world.clock.freeze(LATE_IN_LONDON)
    merchant.generate()
    world.behave("delay", seconds=0, times=None)
    identifier = merchant.opened()[0]
    page.goto(f"{world.base_url}/?{here}")
    for part, said in WORDS.items():
        with naming(part):
            expect(page.locator(part).first).to_have_text(said[language])
    for switch in page.locator("details .switch").all():
        with naming(switch.text_content()):
            control = switch.locator("select, input")
            expect(control).to_have_accessible_description(SENTENCE)
    for shown in TEHRAN[language]:
        expect(page.locator("#now")).to_contain_text(shown)
    page.locator("#order-rows a").first.click()
    drawing = page.locator("svg.machine")
    expect(drawing).to_be_visible()
    expect(drawing).to_have_accessible_name(re.compile(".{4}"))
    expect(page.locator("time").first).to_be_visible()
    copies = page.locator("[data-copy]").filter(visible=True)
    if has_scripts(page):
        expect(copies.first).to_have_text(COPY[language])
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        copies.first.click()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == identifier
    else:
        expect(copies).to_have_count(0)
    page.emulate_media(color_scheme="dark")
    assert is_dark(page)
    page.emulate_media(color_scheme="light")
    assert not is_dark(page)

    page.goto(f"{world.base_url}/_sandbox/pages/guide?{here}")
    expect(page.locator(".apis a").first).to_have_attribute("href", "/openapi.json")
    for link in page.locator(".apis a").all():
        described = page.context.request.get(str(link.get_attribute("href"))).json()
        assert described["openapi"] == "3.1.0"
    expect(page.get_by_text("docs/sandbox.md")).to_be_visible()
    assert not is_too_wide(page)

    page.goto(f"{world.base_url}/?{here}")
    page.locator("#reset .danger").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(world.name)
    page.locator("main .ask a").click()
    assert world.orders(), "asked first"
    page.locator("#reset .danger").click()
    page.locator("main button.danger").click()
    expect(page.locator("#order-rows .none")).to_be_visible()


@pytest.mark.long
def test_older_orders_stand_on_further_pages(
    either: Page, surface: Surface, merchant: Merchant
) -> None:
    page, world = either, merchant.world
    oldest, *others = [merchant.opened()[0] for _ in range(ON_A_PAGE + 1)]
    page.goto(f"{world.base_url}/?world={world.name}&lang={surface.language}")
    rows = page.locator("#order-rows tbody tr")
    expect(rows).to_have_count(len(others))
    page.locator("#orders .pager a[rel=next]").click()
    expect(rows).to_have_count(1)
    expect(page.locator(f"#order-{oldest}")).to_be_visible()
    page.locator("#orders .pager a[rel=prev]").click()
    expect(rows).to_have_count(len(others))
    assert not is_too_wide(page)


@pytest.mark.long
def test_what_the_wallet_refuses_is_a_list_with_the_focus(
    either: Page, surface: Surface, payee: WalletMerchant
) -> None:
    page = either
    page.goto(f"{payee.opened()[1]}?lang={surface.language}")
    page.locator("#password").fill("1")
    page.locator("button[value=pay]").click()
    page.locator("#wrong:focus").wait_for()
    (listed,) = page.locator("#wrong li").all()
    field = page.locator("#password")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile(re.escape(listed.inner_text())))
    listed.get_by_role("link").click()
    expect(field).to_be_focused()
    assert not is_too_wide(page)


@pytest.mark.long
def test_the_inbox_shows_text_messages_and_fits(
    either: Page, surface: Surface, merchant: Merchant
) -> None:
    world = merchant.world
    here = f"world={world.name}&lang={surface.language}"
    either.goto(f"{world.base_url}/?{here}")
    title = {"fa": "پیامک‌ها", "en": "Text messages"}[surface.language]
    either.get_by_role("link", name=title).click()
    expect(either.get_by_role("heading", level=1)).to_have_text(title)
    expect(either.locator("#texts .empty")).to_be_visible()
    assert not is_too_wide(either)
