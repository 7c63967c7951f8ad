"""A merchant's fifteen weekly jobs in a browser; docs/back-office.md lists them."""

from __future__ import annotations

import pytest
from persiantools.digits import en_to_fa
from playwright.sync_api import Locator, expect

from testkit.axe import CONTRAST, EVERY_RULE, complaints
from testkit.browser import DESKTOP, NARROW, Surface
from testkit.browsing import Browsing
from testkit.keyboard import press, tab_to
from testkit.live import LiveShop
from testkit.office import buy, expect_done, expect_to_fit, go_to, log_in


@pytest.fixture(params=[NARROW, DESKTOP], ids=str)
def surface(request: pytest.FixtureRequest) -> Surface:
    """The usual phone in Persian, and a desktop in English."""
    surface: Surface = request.param
    return surface


@pytest.fixture
def office(browsing: Browsing, shop: LiveShop) -> Browsing:
    """An owner in front of the back office's first page."""
    log_in(browsing, shop)
    return browsing


def shown(office: Browsing, number: str) -> str:
    """How the page writes an order's number."""
    return en_to_fa(number) if office.language == "fa" else number


def in_list(office: Browsing, number: str) -> Locator:
    """An order's line in the list."""
    return office.page.get_by_role("row").filter(has_text=shown(office, number))


def open_order(office: Browsing, number: str) -> None:
    office.page.goto(f"/admin/orders/{number}")
    office.expect_heading("Order %(number)s")
    expect_to_fit(office)


PAGES = ("/admin", "/admin/orders", "/admin/staff", "/admin/system", "/admin/no-such-page")


@pytest.mark.one_case_in(2)
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing_on_a_page_of_the_back_office(office: Browsing, page: str) -> None:
    office.page.goto(page)
    expect_to_fit(office)
    assert complaints(office, "light", EVERY_RULE) == []
    assert complaints(office, "dark", CONTRAST) == []


def test_axe_finds_nothing_on_the_pages_of_an_order(office: Browsing, shop: LiveShop) -> None:
    number = buy(shop)
    for page in (f"/admin/orders/{number}", f"/admin/orders/{number}/address"):
        office.page.goto(page)
        expect_to_fit(office)
        assert complaints(office, "light", EVERY_RULE) == []
        assert complaints(office, "dark", CONTRAST) == []


def test_1_todays_orders_are_counted_and_listed(office: Browsing, shop: LiveShop) -> None:
    number = buy(shop)
    office.page.reload()
    office.link("paid orders to pack").click()
    office.expect_heading("Orders")
    expect(in_list(office, number)).to_be_visible()
    expect_to_fit(office)


def test_2_an_order_is_opened_from_the_list(office: Browsing, shop: LiveShop) -> None:
    number = buy(shop)
    go_to(office, "Orders")
    office.link(shown(office, number)).click()
    office.expect_heading("Order %(number)s")
    expect(office.page.get_by_role("main")).to_contain_text("تهران، خیابان ولیعصر")
    expect_to_fit(office)


def test_3_an_order_is_sent_with_its_code_by_keyboard_and_the_shopper_is_told(
    office: Browsing, shop: LiveShop
) -> None:
    number = buy(shop, email="maryam@example.com")
    open_order(office, number)
    tab_to(office, office.field("Carrier"))
    office.page.keyboard.insert_text("پست پیشتاز")
    tab_to(office, office.field("Tracking code"))
    office.page.keyboard.insert_text("۲۴۶۸۱۰")
    press(office, office.button("Mark as sent"))
    expect_done(office, "The order is marked as sent.")
    kinds = shop.rows(
        "SELECT kind FROM outbox JOIN payments ON payments.id = payment_id WHERE order_key = :key",
        key=number,
    )
    assert {"kind": "order_sent"} in kinds
    office.link("The page that the customer sees").click()
    expect(office.page.get_by_role("main")).to_contain_text("246810")


def test_4_chosen_orders_are_fetched_packed_and_addressed_on_paper(
    office: Browsing, shop: LiveShop
) -> None:
    numbers = [buy(shop), buy(shop)]
    for button, sheets in (("What to fetch", 1), ("Packing slips", 2), ("Address labels", 2)):
        go_to(office, "Orders")
        for number in numbers:
            in_list(office, number).get_by_role("checkbox").check()
        office.button(button).click()
        office.expect_heading(button)
        expect(office.page.locator(".sheet")).to_have_count(sheets)
        expect_to_fit(office)


def test_5_an_order_is_found_by_name_mobile_and_number(office: Browsing, shop: LiveShop) -> None:
    number = buy(shop, full_name="پروانه یکتا", mobile="09351234567")
    go_to(office, "Orders")
    for question in ("یکتا", "۰۹۳۵ ۱۲۳ ۴۵۶۷", number):
        office.page.get_by_role("searchbox").fill(question)
        office.page.keyboard.press("Enter")
        expect(office.page.locator("table.rows tbody tr")).to_have_count(1)
        expect(in_list(office, number)).to_be_visible()
