"""The weekly jobs with products in a browser: a new one with pictures, the stock, a file."""

from __future__ import annotations

import io
import secrets

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, expect

from testkit.axe import CONTRAST, EVERY_RULE, complaints
from testkit.browser import EVERYWHERE, Surface
from testkit.browsing import Browsing
from testkit.live import LiveShop
from testkit.office import expect_done, expect_to_fit, go_to, log_in


@pytest.fixture(params=EVERYWHERE, ids=str)
def surface(request: pytest.FixtureRequest) -> Surface:
    """The usual phone and a desktop, each in both languages."""
    surface: Surface = request.param
    return surface


@pytest.fixture
def office(browsing: Browsing, shop: LiveShop) -> Browsing:
    """An owner in front of the back office's first page."""
    log_in(browsing, shop)
    return browsing


def drawn(colour: str) -> FilePayload:
    """A picture to upload."""
    content = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(content, "JPEG")
    return {"name": f"{colour}.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}


PAGES = (
    *("/admin/products", "/admin/products/new", "/admin/products/1", "/admin/products/files"),
    *("/admin/categories", "/admin/categories/1"),
)


@pytest.mark.one_case_in(6)
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing_on_a_page_of_the_products(office: Browsing, page: str) -> None:
    office.page.goto(page)
    expect_to_fit(office)
    assert complaints(office, "light", EVERY_RULE) == []
    assert complaints(office, "dark", CONTRAST) == []


@pytest.mark.long
def test_a_new_product_with_two_pictures_is_in_the_shop(office: Browsing, surface: Surface) -> None:
    name = f"گلدان {secrets.token_hex(3)}"
    go_to(office, "Products")
    office.link("New product").click()
    office.field("Persian name").fill(name)
    office.field("Price in Toman").fill("۴۵۰٬۰۰۰")
    office.page.locator("#pieces").fill("۳")
    office.button("Add the product").click()
    expect_done(office, "The product is in the shop. Add pictures now.")
    office.page.locator("#upload").set_input_files([drawn("teal"), drawn("maroon")])
    office.button("Add them").click()
    expect_done(office, "The pictures are in the shop.")
    expect(office.page.locator(".pictures img")).to_have_count(2)
    expect_to_fit(office)
    office.link("See it in the shop").click()
    expect(office.page.get_by_role("heading", level=1)).to_have_text(name)
    shown = office.page.locator(".gallery img")
    expect(shown).to_have_count(2)
    assert shown.first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    taken = str(shown.first.evaluate("image => image.currentSrc"))
    assert ("-400." if surface.touch else "-800.") in taken, "the smallest that is large enough"
    expect_to_fit(office)
    assert complaints(office, "light", EVERY_RULE) == []


def test_what_came_in_is_added_to_the_stock(office: Browsing) -> None:
    office.page.goto("/admin/products/2")
    office.page.locator("#pieces").fill("۲")
    office.button("Change the stock").click()
    expect(office.page.locator(".notice.success")).to_be_visible()
    expect_to_fit(office)


@pytest.mark.long
def test_new_prices_from_a_file_are_seen_before_they_are_written(office: Browsing) -> None:
    office.page.goto("/admin/products/files")
    # The other tests look at the same shop, and buy a mug at its price.
    prices = f"slug,price_toman\nbrass-lantern,{300_000 + secrets.randbelow(90_000)}\n"
    office.page.locator("#file").set_input_files(
        {"name": "prices.csv", "mimeType": "text/csv", "buffer": prices.encode()}
    )
    office.button("See what would change").click()
    office.expect_heading("What would change")
    expect_to_fit(office)
    assert complaints(office, "light", EVERY_RULE) == []
    office.button("Import it").click()
    office.expect_heading("Products")
    expect(office.page.locator(".notice.success")).to_be_visible()
