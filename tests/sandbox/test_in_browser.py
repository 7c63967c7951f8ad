"""The sandbox's pages in a real browser: phone and desktop, both languages, keyboard, no script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Literal

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from testkit.browser import DESKTOP, EVERYWHERE, Surface, is_too_wide, watched_context
from tests.sandbox.merchant import Merchant
from tests.sandbox.shop import listening_shop
from tests.sandbox.v3_merchant import V3Merchant
from tests.sandbox.wallet_merchant import WalletMerchant


@pytest.fixture(params=EVERYWHERE, ids=str)
def page(request: pytest.FixtureRequest, browser: Browser, merchant: Merchant) -> Iterator[Page]:
    surface: Surface = request.param
    with watched_context(browser, surface, merchant.world.base_url) as context:
        yield context.new_page()


def violations(page: Page) -> list[str]:
    """What axe finds wrong; what is right is not told place by place."""
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    return [violation["id"] for violation in found.response["violations"]]


def addresses(merchant: Merchant) -> dict[str, str]:
    """Every page of the sandbox, with something on it."""
    identifier, waiting = merchant.opened(
        nationalCode="0084575948", payerCardNumber="6037990000000014", forcePayerCardNumber="true"
    )
    paid, finished = merchant.opened()
    merchant.world.pay(finished)
    v3 = V3Merchant(merchant.world)
    v3.generate()
    v3.world.switch(v3_refund=True)
    refunded, purchase = v3.verified(), v3.opened()[1]
    v3.refund(refunded)
    silent = v3.opened()[0]
    v3.world.press(silent, "unknown")
    v3.session.close()
    merchant.world.behave("verify_unknown", times=2)
    merchant.verify(paid)
    number = merchant.world.requests_seen(operation="verify")[0]["id"]
    payee = WalletMerchant(merchant.world)
    payee.generate()
    from_wallet, wallet_page = payee.opened(description="دو کتاب")
    bought, wallet_finished = payee.opened()
    payee.world.press(bought)
    payee.session.close()
    here = f"?world={merchant.world.name}"
    base = f"{merchant.world.base_url}/_sandbox/pages"
    return {
        "pay": waiting,
        "finished": finished,
        "wallet": wallet_page,
        "wallet finished": wallet_finished,
        "wallet order": f"{base}/orders/{from_wallet}{here}",
        "purchase": purchase,
        "refunded purchase": f"{base}/orders/{refunded}{here}",
        "unknown purchase": f"{base}/orders/{silent}{here}",
        "not found": waiting.replace(identifier, "AAAAAAAA"),
        "dashboard": f"{merchant.world.base_url}/{here}",
        "order": f"{base}/orders/{paid}{here}",
        "exchange": f"{base}/exchanges/{number}{here}",
        "guide": f"{base}/guide{here}",
        "reset": f"{base}/reset{here}",
    }


@pytest.mark.one_case_in(6)
@pytest.mark.parametrize("third", range(3))
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("surface", EVERYWHERE, ids=str)
def test_axe_finds_nothing_and_no_page_is_too_wide(
    browser: Browser,
    merchant: Merchant,
    surface: Surface,
    scheme: Literal["light", "dark"],
    third: int,
) -> None:
    with watched_context(browser, surface, merchant.world.base_url) as context:
        page = context.new_page()
        page.emulate_media(color_scheme=scheme)
        for name, address in list(addresses(merchant).items())[third::3]:
            page.goto(address)
            for details in page.locator("details").all():
                details.evaluate("element => { element.open = true }")
            assert (name, violations(page), is_too_wide(page)) == (name, [], False)


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("surface", EVERYWHERE, ids=str)
def test_a_refused_payment_has_the_focus_and_leads_to_the_fields(
    browser: Browser, merchant: Merchant, surface: Surface, *, javascript: bool
) -> None:
    world = merchant.world
    with watched_context(browser, surface, world.base_url, javascript=javascript) as context:
        page = context.new_page()
        page.goto(merchant.opened()[1])
        typed = {"card": "7", "cvv2": "7", "month": "13"}
        for field, wrong in typed.items():
            page.locator(f"#{field}").fill(wrong)
        page.locator("button[value=pay]").click()
        page.locator("#wrong:focus").wait_for()
        assert not is_too_wide(page)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.locator("#card:focus[aria-invalid=true]").wait_for()
        listed = page.locator("#wrong li").all_inner_texts()
        for field, said in zip(typed, listed, strict=True):
            described = re.compile(re.escape(said))
            expect(page.locator(f"#{field}")).to_have_accessible_description(described)
        if javascript:  # axe is a script, too
            assert violations(page) == []


def test_a_shopper_pays_with_the_keyboard_only(page: Page, merchant: Merchant) -> None:
    identifier, switching_url = merchant.opened(callbackUrl=merchant.world.base_url + "/callback")
    page.goto(switching_url)
    page.locator("#card").focus()
    for typed in ("5022291234567897", "123", "12", "19", "12345"):
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    with page.expect_request("**/callback**") as going:
        page.keyboard.press("Enter")
    assert f"refnum={identifier}&state=SUCCESSFUL" in going.value.url
    assert merchant.inquiry(identifier).json()["payerCard"] == "502229******7897"


def test_enter_in_a_field_pays(page: Page, merchant: Merchant) -> None:
    identifier, switching_url = merchant.opened(callbackUrl=merchant.world.base_url + "/callback")
    page.goto(switching_url)
    page.locator("#card").focus()
    with page.expect_request("**/callback**"):
        page.keyboard.press("Enter")
    assert merchant.world.order(identifier)["state"] == "paid"


def test_a_shopper_pays_from_the_wallet_with_the_keyboard_only(
    page: Page, payee: WalletMerchant
) -> None:
    identifier, address = payee.opened(callBackUrl=payee.world.base_url + "/callback")
    page.goto(address + "?lang=en")
    page.locator("#password").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("12345")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Pay"
    with page.expect_request("**/callback**") as going:
        page.keyboard.press("Enter")
    assert f"orderId={identifier}&status=PURCHASE_BY_USER" in going.value.url


@pytest.mark.one_case_in(2)
@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("surface", EVERYWHERE, ids=str)
def test_the_form_that_returns_to_the_shop_posts_itself_and_by_its_button(
    browser: Browser, v3: V3Merchant, surface: Surface, *, javascript: bool
) -> None:
    with (
        listening_shop() as shop,
        watched_context(browser, surface, v3.base_url, javascript=javascript) as context,
    ):
        identifier, address = v3.opened(callbackUrl=shop.callback_url)
        page = context.new_page()
        page.goto(address)
        page.locator("button[value=pay]").click()
        if not javascript:
            page.locator("#to-shop button").click()
        page.wait_for_url(shop.callback_url)
        assert shop.callbacks[0]["purchaseId"] == identifier
    assert v3.status(identifier) == "READY_TO_VERIFY"


@pytest.mark.long
def test_a_late_form_waits_and_is_accessible(page: Page, v3: V3Merchant) -> None:
    v3.world.behave("callback_late", seconds=600)
    page.goto(v3.opened()[1])
    page.locator("button[value=pay]").click()
    page.locator("#to-shop").wait_for()
    assert violations(page) == []
    assert not is_too_wide(page)


@pytest.mark.long
def test_the_wallets_countdown_runs(page: Page, payee: WalletMerchant) -> None:
    payee.world.clock.freeze()  # by itself the page would say 15:00 for ever
    _, address = payee.opened()
    page.goto(address + "?lang=en")
    page.locator(".clock", has_text="14:5").wait_for()


@pytest.mark.one_case_in(3)
@pytest.mark.parametrize("surface", EVERYWHERE, ids=str)
@pytest.mark.parametrize(
    ("button", "status"),
    [("cancel", "CANCEL_BY_USER"), ("decline", "CANCEL_BY_SYSTEM"), ("vanish", "PURCHASE_BY_USER")],
)
def test_the_wallets_buttons_work_without_javascript(
    browser: Browser, payee: WalletMerchant, surface: Surface, button: str, status: str
) -> None:
    identifier, address = payee.opened(callBackUrl=payee.world.base_url + "/callback")
    with watched_context(browser, surface, payee.world.base_url, javascript=False) as context:
        page = context.new_page()
        page.goto(address)
        page.locator(f"button[value={button}]").click()
    assert payee.status(identifier) == status


def test_the_banks_name_follows_what_is_typed(page: Page, merchant: Merchant) -> None:
    page.goto(merchant.opened()[1] + "?lang=en")
    page.locator("#card").fill("6104 33")
    assert page.locator("#bank").inner_text() == "Bank Mellat"
    page.locator("#card").fill("۶۲۱۹ ۸۶")
    assert page.locator("#bank").inner_text() == "Saman Bank"


def test_the_dashboard_shows_a_new_order_without_being_reloaded(
    page: Page, merchant: Merchant
) -> None:
    page.goto(f"{merchant.world.base_url}/?world={merchant.world.name}")
    identifier = merchant.paid()
    page.locator("#order-rows", has_text=identifier).wait_for()
    page.locator("#traffic-rows", has_text=identifier).wait_for()


def test_news_leave_focus_selection_and_what_is_open_alone(page: Page, merchant: Merchant) -> None:
    identifier = merchant.paid()
    page.goto(f"{merchant.world.base_url}/?world={merchant.world.name}&lang=en")
    page.locator("#switches details").nth(2).locator("summary").click()
    link = page.locator(f"#order-{identifier} a")
    link.focus()
    link.evaluate("element => getSelection().selectAllChildren(element)")
    merchant.verify(identifier)
    page.locator(f"#order-{identifier}", has_text="captured").wait_for()
    page.locator(f"#order-{merchant.paid()}").wait_for()
    assert page.evaluate("document.activeElement.textContent") == identifier
    assert page.evaluate("getSelection().toString()") == identifier
    assert page.locator("#switches details").nth(2).get_attribute("open") is not None
    page.locator("#announcement", has_text=re.compile("new request")).wait_for(state="attached")


@pytest.mark.long
def test_a_dashboard_without_a_stream_asks_and_shows_the_news(
    browser: Browser, merchant: Merchant
) -> None:
    world, address = merchant.world, f"{merchant.world.base_url}/?world={merchant.world.name}"
    with ExitStack() as listening:
        while (other := requests.get(stream_of(address), stream=True, timeout=20)).ok:
            listening.enter_context(other)
            if other.status_code == 204:
                break
        context = listening.enter_context(watched_context(browser, DESKTOP, world.base_url))
        page = context.new_page()
        page.goto(address)
        page.locator(f"#order-{merchant.paid()}").wait_for()


def stream_of(address: str) -> str:
    return address.replace("/?", "/_sandbox/pages/stream?")


@pytest.mark.long
def test_identifiers_and_commands_are_copied(browser: Browser, merchant: Merchant) -> None:
    identifier, _ = merchant.opened()
    number = merchant.world.requests_seen(operation="create")[0]["id"]
    here = f"?world={merchant.world.name}&lang=en"
    with watched_context(browser, DESKTOP, merchant.world.base_url) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        for path, copied in ((f"orders/{identifier}", identifier), (f"exchanges/{number}", "curl")):
            page.goto(f"{merchant.world.base_url}/_sandbox/pages/{path}{here}")
            page.locator("[data-copy]").last.click()
            page.locator("[data-copy]", has_text="Copied").wait_for()
            assert page.evaluate("navigator.clipboard.readText()").startswith(copied)


def test_without_a_clipboard_a_text_is_copied_the_older_way_or_at_least_selected(
    browser: Browser, merchant: Merchant
) -> None:
    identifier, _ = merchant.opened()
    address = f"{merchant.world.base_url}/_sandbox/pages/orders/{identifier}"
    for taken, said in ((True, "Copied"), (False, "Selected: press Ctrl+C")):
        with watched_context(browser, DESKTOP, merchant.world.base_url) as context:
            context.add_init_script(f"""
                Object.defineProperty(navigator, "clipboard", {{ value: undefined }});
                document.execCommand = (command) => {str(taken).lower()} && command === "copy";
            """)  # as browsers are at an address of the local network, without https
            page = context.new_page()
            page.goto(f"{address}?world={merchant.world.name}&lang=en")
            page.locator("[data-copy=identifier]").click()
            page.locator("[data-copy=identifier]", has_text=said).wait_for()
            assert page.evaluate("String(getSelection())") == identifier


@pytest.mark.long
def test_a_behaviour_is_armed_with_the_keyboard_only(page: Page, merchant: Merchant) -> None:
    page.goto(f"{merchant.world.base_url}/?world={merchant.world.name}")
    page.locator("#name").focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#rules", has_text="reset").wait_for()
    assert [rule["name"] for rule in armed(merchant)] == ["reset"]


def armed(merchant: Merchant) -> list[dict[str, str]]:
    return list(merchant.world.control("GET", "behaviours")["active"])


@pytest.mark.long
@pytest.mark.parametrize("surface", EVERYWHERE, ids=str)
def test_everything_works_without_javascript(
    browser: Browser, merchant: Merchant, surface: Surface
) -> None:
    identifier, switching_url = merchant.opened(callbackUrl=merchant.world.base_url + "/callback")
    with watched_context(browser, surface, merchant.world.base_url, javascript=False) as context:
        page = context.new_page()
        page.goto(f"{merchant.world.base_url}/?world={merchant.world.name}")
        page.locator("#name").select_option("verify_unknown")
        page.locator("button[value=arm]").click()
        page.locator("#rules", has_text="verify_unknown").wait_for()
        page.goto(switching_url)
        page.locator("button[value=vanish]").click()
    assert merchant.verify(identifier).json() == {"status": "Unknown"}
