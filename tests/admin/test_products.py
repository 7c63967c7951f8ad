"""The merchant adds and changes products; the shop shows it at once, and nobody's work is lost."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from storefront.catalogue import files
from storefront.catalogue.models import Product, product_by_slug
from storefront.core.database import db
from storefront.staff.models import Role
from testkit.cases import naming
from testkit.shopper import Page, Shopper
from testkit.staff import Person, clerk

NEW = {
    "name_fa": "گلدان لاجوردی",
    "name_en": "Lapis vase",
    "price": "۱٬۲۵۰٬۰۰۰",
    "pieces": "۷",
    "description_fa": "دست‌ساز\nاصفهان",
}


def opened(person: Person, slug: str) -> Page:
    """The product's page in the back office."""
    page = person.open(f"/admin/products?q={slug}")
    (link,) = page.soup.select("table th a")
    return person.open(str(link["href"]))


def product(app: Flask, slug: str) -> Product:
    with app.app_context():
        db.session.expire_all()
        found = product_by_slug(slug)
        assert found
        return found


def found_in_shop(shopper: Shopper, words: str) -> list[str]:
    page = shopper.open(f"/search?q={words}")
    return [link.get_text(strip=True) for link in page.soup.select(".good h3 a")]


def test_a_product_that_a_clerk_adds_is_in_the_shop_at_once(app: Flask, shopper: Shopper) -> None:
    person = clerk(app)
    shopper.open("/")
    person.open("/admin/products/new")
    page = person.press("Add the product", **NEW, category="textiles")
    assert (page.status, page.heading) == (200, "Lapis vase")
    assert found_in_shop(shopper, "lapis vase")[0] == "Lapis vase"
    found = product(app, "lapis-vase")
    assert (found.price_rials, found.stock_free, found.stock_received) == (12_500_000, 7, 7)
    assert found.description_en == found.description_fa == "دست‌ساز\nاصفهان"
    assert person.name in page.text


def test_a_category_is_listed_as_soon_as_something_is_on_sale_in_it(
    app: Flask, shopper: Shopper
) -> None:
    person = clerk(app)
    person.open("/admin/categories")
    person.press("Add the category", name_fa="کتاب", name_en="Books")
    assert "Books" not in shopper.open("/").text
    person.open("/admin/products/new")
    person.press("Add the product", **NEW, category="books")
    assert "Books" in shopper.open("/").text


WRONG = [
    ("price", "1.200", "Can be read in two ways"),
    ("price", "free", "Is no number"),
    ("price", "۰", "Should be a price in Toman"),
    ("price", "300,000,000", "Should be a price in Toman"),
    ("name_fa", " ", "Is empty"),
    ("name_fa", "ا" * 201, "Has 201 characters"),
    ("slug", "Lapis Vase", "Should be small Latin letters"),
    ("slug", "sun-lady-plate", "Another product has, or had, this address"),
    ("pieces", "many", "Is no number"),
    ("category", "no-such", "Choose a category."),
]


def test_what_is_wrong_is_said_beside_it_and_nothing_typed_is_lost(app: Flask) -> None:
    person = clerk(app)
    for field, typed, said in WRONG:
        with naming(field, typed):
            person.open("/admin/products/new")
            typed_all = {**NEW, "category": "textiles", field: typed}
            page = person.press("Add the product", **typed_all)
            assert page.status == 422
            assert said in page.text
            kept = page.fields("Add the product")
            assert kept["name_en"] == typed_all["name_en"]
            assert kept["description_fa"].split() == NEW["description_fa"].split()
            assert field == "category" or kept[field] == typed
    with app.app_context():
        assert product_by_slug("lapis-vase") is None


def test_a_new_price_and_name_are_seen_at_once_and_found_by(app: Flask, shopper: Shopper) -> None:
    person = clerk(app)
    opened(person, "sun-lady-plate")
    person.press("Save the changes", name_en="Moon dish", price="1,000,000 Toman")
    assert "The price was 945,000 Toman and is now 1,000,000 Toman." in person.page.text
    assert found_in_shop(shopper, "moon dish") == ["Moon dish"]
    assert found_in_shop(shopper, "lady plate") == []
    assert "1,000,000 Toman" in shopper.open("/products/sun-lady-plate").text
    assert "price from 945,000 Toman to 1,000,000 Toman" in person.page.text


def test_the_persian_form_takes_what_it_shows(app: Flask) -> None:
    person = clerk(app)
    opened(person, "sun-lady-plate")
    person.client.get("/language/fa")
    page = person.open(person.page.path)
    price = page.soup.select_one("#price")
    assert price
    assert price["value"] == "۹۴۵٬۰۰۰"
    form = price.find_parent("form")
    assert form
    (button, *_) = form.select("button")
    assert person.press(button.get_text(strip=True)).status == 200
    assert product(app, "sun-lady-plate").price_rials == 9_450_000


def test_an_old_address_leads_to_the_product_for_ever(app: Flask, shopper: Shopper) -> None:
    person = clerk(app)
    for new in ("sun-plate", "plate-of-the-sun"):
        opened(person, "sun-lady-plate")
        assert person.press("Save the changes", slug=new).status == 200
    for old in ("sun-lady-plate", "sun-plate"):
        answer = shopper.client.get(f"/products/{old}?lang=en")
        assert answer.status_code == 301
        assert urlsplit(answer.headers["Location"]).path == "/products/plate-of-the-sun"
        assert "lang=en" in answer.headers["Location"]
    opened(person, "speckled-mug")
    refused = person.press("Save the changes", slug="sun-plate")
    assert refused.status == 422
    assert "Another product has, or had, this address" in refused.text
    opened(person, "sun-plate")
    person.press("Save the changes", slug="sun-lady-plate")
    assert shopper.client.get("/products/sun-lady-plate").status_code == 200
    assert shopper.client.get("/products/plate-of-the-sun").status_code == 301


def test_a_page_that_was_open_while_the_address_changed_still_fills_the_cart(
    app: Flask, shopper: Shopper
) -> None:
    shopper.open("/products/sun-lady-plate")
    person = clerk(app)
    opened(person, "sun-lady-plate")
    person.press("Save the changes", slug="sun-plate")
    assert shopper.press("Add to cart", quantity="1").status == 200
    assert "Sun Lady plate" in shopper.open("/cart").text


def test_what_is_off_sale_is_found_by_the_staff_alone(app: Flask, shopper: Shopper) -> None:
    person = clerk(app)
    shopper.put_in_cart("sun-lady-plate")
    opened(person, "sun-lady-plate")
    person.press("Take off sale")
    assert found_in_shop(shopper, "lady plate") == []
    assert "no longer sold" in shopper.open("/products/sun-lady-plate").text
    for address in ("?q=lady+plate", "?state=off_sale", "?q=lady&state=off_sale&category=1"):
        assert "Sun Lady plate" in person.open(f"/admin/products{address}").text, address
    assert "Sun Lady plate" not in person.open("/admin/products?q=lady&state=on_sale").text
    opened(person, "sun-lady-plate")
    person.press("Put on sale")
    assert found_in_shop(shopper, "lady plate") == ["Sun Lady plate"]
    assert person.name in person.page.text


def test_a_copy_is_off_sale_without_stock_and_has_an_address_of_its_own(app: Flask) -> None:
    person = clerk(app)
    for address in ("sun-lady-plate-copy", "sun-lady-plate-copy-2"):
        opened(person, "sun-lady-plate")
        page = person.press("Make a copy")
        assert page.fields("Save the changes")["slug"] == address
        copy = product(app, address)
        assert (copy.stock_received, copy.stock_free) == (0, 0)
        assert copy.retired_at is not None
        assert copy.price_rials == product(app, "sun-lady-plate").price_rials


def test_who_is_second_is_told_what_the_first_changed_and_loses_nothing(app: Flask) -> None:
    first, second = clerk(app), clerk(app)
    opened(first, "sun-lady-plate")
    opened(second, "sun-lady-plate")
    first.press("Save the changes", price="900,000", name_en="Sun plate")
    page = second.press("Save the changes", price="880,000", description_en="Thrown by hand.")
    assert page.status == 409
    assert first.name in page.text
    assert "price : from 945,000 Toman to 900,000 Toman" in page.text
    assert product(app, "sun-lady-plate").price_rials == 9_000_000
    kept = page.fields("Save the changes")
    assert kept["name_en"] == "Sun plate"  # the second did not touch it
    assert (kept["price"], kept["description_en"].strip()) == ("880,000", "Thrown by hand.")
    assert second.press("Save the changes").status == 200
    found = product(app, "sun-lady-plate")
    assert (found.name_en, found.price_rials) == ("Sun plate", 8_800_000)
    assert found.description_en == "Thrown by hand."


def test_a_sale_meanwhile_is_no_change_by_another_person(app: Flask, shopper: Shopper) -> None:
    person = clerk(app)
    opened(person, "sun-lady-plate")
    shopper.goes_to_pay("sun-lady-plate")
    free = product(app, "sun-lady-plate").stock_free
    assert person.press("Save the changes", price="900,000").status == 200
    assert product(app, "sun-lady-plate").stock_free == free


@pytest.mark.long
def test_the_list_leads_through_all_products_once(bare_app: Flask, tmp_path: Path) -> None:
    goods = [
        {"slug": f"cup-{number}", "category": "cups", "category_name_fa": "فنجان"}
        | {"name_fa": f"فنجان {number}", "price_toman": 1000, "stock": number}
        for number in range(60)
    ]
    path = tmp_path / "cups.json"
    path.write_text(json.dumps(goods))
    with bare_app.app_context():
        files.store(files.read(path))
    person = clerk(bare_app)
    for filters in ("", "?category=1", "?q=فنجان", "?state=on_sale"):
        person.open(f"/admin/products{filters}")
        seen = _names(person.page)
        while (after := person.page.soup.select_one("a[rel=next]")) is not None:
            person.open(str(after["href"]))
            seen += _names(person.page)
        assert len(seen) == len(set(seen)) == 60, filters
        back = person.page.soup.select_one("a[rel=prev]")
        assert back
        person.open(str(back["href"]))
        assert _names(person.page) == seen[25:50]
    assert len(_names(person.open("/admin/products?state=low"))) == 4


def _names(page: Page) -> list[str]:
    return [link.get_text(strip=True) for link in page.soup.select("table th a")]


@pytest.mark.parametrize("path", ["", "/new", "/1", "/files"])
def test_the_pages_speak_persian(app: Flask, path: str) -> None:
    person = clerk(app)
    person.client.get("/language/fa")
    page = person.open(f"/admin/products{path}")
    html = page.soup.select_one("html")
    assert page.status == 200
    assert html
    assert html["lang"] == "fa"


def test_an_owner_may_what_a_clerk_may(app: Flask) -> None:
    assert opened(Person(app, Role.OWNER), "sun-lady-plate").status == 200
