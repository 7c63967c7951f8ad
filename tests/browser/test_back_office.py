"""A merchant's fifteen weekly jobs in a browser; docs/back-office.md lists them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from persiantools.digits import en_to_fa
from PIL import Image
from playwright.sync_api import Locator, expect

from storefront.admin import days
from storefront.core.clock import utc_now
from storefront.core.formats import toman
from testkit.axe import CONTRAST, EVERY_RULE, complaints
from testkit.browser import DESKTOP, NARROW, Surface, troubles_on_the_smallest_screens
from testkit.browsing import Browsing
from testkit.keyboard import press, tab_to
from testkit.live import LiveShop
from testkit.office import buy, expect_done, expect_to_fit, go_to, log_in
from testkit.office_states import OFFICE_STATES
from testkit.processes import wait_until


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


@pytest.fixture
def shop(surface: Surface, shops_with_a_month: Callable[[Surface], LiveShop]) -> LiveShop:
    """A shop of its own, which the states below fill with a month of orders."""
    return shops_with_a_month(surface)


@pytest.mark.one_case_in(25)
@pytest.mark.parametrize("state", OFFICE_STATES)
def test_axe_finds_nothing_on_a_page_of_the_back_office(
    browsing: Browsing, shop: LiveShop, state: str
) -> None:
    OFFICE_STATES[state](browsing, shop)
    expect_to_fit(browsing)
    assert complaints(browsing, "light", EVERY_RULE) == []
    assert complaints(browsing, "dark", CONTRAST) == []
    assert troubles_on_the_smallest_screens(browsing.page) == []


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
    expect(office.page.get_by_role("main")).to_contain_text("خیابان ولیعصر، پلاک ۱۲")
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
    for button, sheets in (("Picking list", 1), ("Packing slips", 2), ("Address labels", 2)):
        go_to(office, "Orders")
        for number in numbers:
            in_list(office, number).get_by_role("checkbox").check()
        office.button(button).click()
        office.expect_heading(button)
        expect(office.page.locator(".sheet")).to_have_count(sheets)
        expect_to_fit(office)


@pytest.mark.long
def test_5_an_order_is_found_by_name_mobile_and_number(office: Browsing, shop: LiveShop) -> None:
    number = buy(shop, full_name="پروانه یکتا", mobile="09351234567")
    go_to(office, "Orders")
    for question in ("یکتا", "۰۹۳۵ ۱۲۳ ۴۵۶۷", number):
        office.page.get_by_role("searchbox").fill(question)
        office.page.keyboard.press("Enter")
        expect(office.page.locator("table.rows tbody tr")).to_have_count(1)
        expect(in_list(office, number)).to_be_visible()


def test_6_a_payment_that_needs_a_person_is_seen(office: Browsing, shop: LiveShop) -> None:
    number = buy(shop, pays=False)
    shop.let_need_a_person(number)
    go_to(office, "Money")
    office.link("payments that you must decide about").click()
    expect(in_list(office, number)).to_be_visible()
    expect_to_fit(office)


def test_7_it_is_decided_after_both_sides_were_seen(office: Browsing, shop: LiveShop) -> None:
    number = buy(shop, pays=False)
    shop.let_need_a_person(number)
    go_to(office, "Money")
    office.link("payments that you must decide about").click()
    in_list(office, number).get_by_role("link").first.click()
    office.expect_heading("Payment of order %(number)s")
    expect(office.page.locator("table.sides")).to_contain_text("IN_PROGRESS")
    expect_to_fit(office)
    office.page.locator("input[name=state][value=failed]").check()
    office.field("Why").fill("در پنل درگاه پرداختی نبود")
    office.button("Save the decision").click()
    expect(office.page.get_by_role("main")).to_contain_text(
        office.word("A person of the shop looked into it and decided: failed.")
    )


def test_8_a_refund_by_keyboard_puts_the_goods_back(office: Browsing, shop: LiveShop) -> None:
    number = buy(shop)
    open_order(office, number)
    press(office, office.page.get_by_text(office.word("Return money"), exact=True))
    tab_to(office, office.page.locator("input[name=how]:checked"))
    office.page.keyboard.press("ArrowDown")
    office.page.keyboard.press("ArrowDown")
    for field in ("Pieces paid back", "Pieces on sale again"):
        tab_to(office, office.field(field))
        office.page.keyboard.insert_text("۲")
    tab_to(office, office.field("Why"))
    office.page.keyboard.insert_text("شکسته رسید")
    press(office, office.button("Go on"))
    office.expect_heading("Note that %(amount)s went back?")
    expect_to_fit(office)
    press(office, office.button("Note it"))
    expect(office.page.locator(".order-lines")).to_contain_text(office.word("Refunded"))
    (row,) = shop.rows(
        "SELECT taken_back FROM order_lines JOIN orders ON orders.id = order_id"
        " WHERE number = :number AND kind = 'product'",
        number=number,
    )
    assert row["taken_back"] == 2


@pytest.mark.long
def test_9_a_price_is_changed(office: Browsing, shop: LiveShop) -> None:
    _product(office, "ghalamkar-tablecloth")
    office.field("Price in Toman").fill("۱٬۲۳۴٬۰۰۰")
    office.button("Save the changes").click()
    expect(office.page.locator(".notice.success")).to_be_visible()
    (row,) = shop.rows("SELECT price_rials FROM products WHERE slug = 'ghalamkar-tablecloth'")
    assert row["price_rials"] == 12_340_000


def test_10_stock_is_received_and_counted(office: Browsing, shop: LiveShop) -> None:
    query = "SELECT stock_free FROM products WHERE slug = 'ghalamkar-tablecloth'"
    before = shop.rows(query)[0]["stock_free"]
    for kind, pieces, after in (("received", "۵", before + 5), ("counted", "7", 7)):
        _product(office, "ghalamkar-tablecloth")
        office.page.locator(f"input[name=kind][value={kind}]").check()
        office.field("Pieces").fill(pieces)
        office.button("Change the stock").click()
        expect(office.page.locator(".notice.success")).to_be_visible()
        assert shop.rows(query)[0]["stock_free"] == after
    expect_to_fit(office)


@pytest.mark.long
def test_11_a_product_is_added_with_a_photo(
    office: Browsing, shop: LiveShop, tmp_path: Path
) -> None:
    photo, slug = tmp_path / "photo.jpg", f"new-vase-{secrets.token_hex(3)}"
    Image.new("RGB", (900, 700), "teal").save(photo)
    go_to(office, "Products")
    office.link("New product").click()
    office.field("Persian name").fill("گلدان تازه")
    office.field("Price in Toman").fill("450,000")
    office.field("Address in the shop").fill(slug)
    office.button("Add the product").click()
    office.page.locator("input[type=file]").set_input_files(photo)
    office.button("Add them").click()
    expect(office.page.locator("ol.pictures li")).to_have_count(1)
    expect_to_fit(office)
    office.page.goto(f"/products/{slug}")
    expect(office.page.locator("main picture img, main img").first).to_be_visible()
    (row,) = shop.rows("SELECT price_rials FROM products WHERE slug = :slug", slug=slug)
    assert row["price_rials"] == 4_500_000


@pytest.mark.long
def test_12_a_product_is_taken_off_sale_and_put_back(office: Browsing, shop: LiveShop) -> None:
    query = "SELECT retired_at FROM products WHERE slug = 'ghalamkar-tablecloth'"
    for button, is_off in (("Take off sale", True), ("Put on sale", False)):
        _product(office, "ghalamkar-tablecloth")
        office.button(button).click()
        expect(office.page.locator(".notice.success")).to_be_visible()
        assert (shop.rows(query)[0]["retired_at"] is not None) is is_off


def _product(office: Browsing, slug: str) -> None:
    """From the list to a product."""
    go_to(office, "Products")
    office.page.get_by_role("searchbox").fill(slug)
    office.page.keyboard.press("Enter")
    expect(office.page.locator("table.rows tbody tr")).to_have_count(1)
    office.page.locator("table.rows tbody th a").click()
    expect(office.button("Save the changes")).to_be_visible()


def test_13_the_income_of_a_day_is_shown_with_its_tax(office: Browsing, shop: LiveShop) -> None:
    buy(shop)
    go_to(office, "Sales")
    office.link("Today").last.click()
    paid = toman(_paid_today(shop), office.language)
    expect(office.page.get_by_role("main")).to_contain_text(office.word("VAT"))
    expect(office.page.get_by_role("main")).to_contain_text(paid)
    expect_to_fit(office)


def _paid_today(shop: LiveShop) -> int:
    """Rials of the orders that were paid on this day in Tehran."""
    begin = days.begin_of(days.today(utc_now()))
    found = shop.rows("SELECT paid_at, amount_rials FROM orders WHERE paid_at IS NOT NULL")
    return sum(row["amount_rials"] for row in found if _moment(row["paid_at"]) >= begin)


def _moment(stored: datetime | str) -> datetime:
    """SQLite stores moments as texts in UTC."""
    return datetime.fromisoformat(stored).replace(tzinfo=UTC) if isinstance(stored, str) else stored


def test_14_a_period_is_exported_for_accounting(
    office: Browsing, shop: LiveShop, tmp_path: Path
) -> None:
    number = buy(shop)
    go_to(office, "Sales")
    with office.page.expect_download() as downloading:
        office.link("Excel, both").click()
    downloading.value.save_as(tmp_path / "sales.xlsx")
    book = load_workbook(tmp_path / "sales.xlsx")
    rows = [[str(cell) for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    assert any(number in row for row in rows)
    with office.page.expect_download() as downloading:
        office.link("CSV, orders").click()
    assert number in downloading.value.path().read_text(encoding="utf-8-sig")


@pytest.mark.long
@pytest.mark.usefixtures("worker")
def test_15_the_ledgers_are_compared_on_request(office: Browsing, shop: LiveShop) -> None:
    buy(shop)
    runs = "SELECT COUNT(*) AS runs FROM reconciliation_runs"
    before = shop.rows(runs)[0]["runs"]
    go_to(office, "Money")
    office.link("The gateway's book compared with yours").click()
    office.button("Compare now").click()
    wait_until(lambda: shop.rows(runs)[0]["runs"] > before, "the worker has compared")
    office.page.reload()
    expect_to_fit(office)
