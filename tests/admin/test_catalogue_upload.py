"""A catalogue file is uploaded, looked at, and imported exactly as it was shown."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask
from openpyxl import load_workbook

from storefront.catalogue import stock
from storefront.catalogue.models import Product, product_by_slug
from storefront.core.database import db, transaction
from testkit.clock import MovingClock
from testkit.shopper import Page, Shopper
from testkit.staff import Person, clerk

PRICES = 'slug,price_toman\nsun-lady-plate,"۱٬۰۰۰٬۰۰۰"\nspeckled-mug,400000\n'


def upload(person: Person, text: str | bytes, **fields: str) -> Page:
    content = text.encode() if isinstance(text, str) else text
    person.open("/admin/products/files")
    return person.press("See what would change", file=(io.BytesIO(content), "goods.csv"), **fields)


def product(app: Flask, slug: str) -> Product:
    with app.app_context():
        db.session.expire_all()
        found = product_by_slug(slug)
        assert found
        return found


def test_nothing_is_written_before_somebody_agreed(app: Flask, shopper: Shopper) -> None:
    person = clerk(app)
    page = upload(person, PRICES)
    assert "price from 945,000 Toman to 1,000,000 Toman" in page.text
    assert product(app, "sun-lady-plate").price_rials == 9_450_000
    page = person.press("Import it")
    assert "imported: 0 added, 2 changed, 0 unchanged, 0 retired" in page.text
    assert product(app, "sun-lady-plate").price_rials == 10_000_000
    assert "1,000,000 Toman" in shopper.open("/products/sun-lady-plate").text


def test_who_imported_is_kept_with_each_product_and_its_stock(app: Flask) -> None:
    person = clerk(app)
    upload(
        person,
        "slug,category,name_fa,price_toman,stock\nsun-lady-plate,ceramics,بشقاب,945000,3\n"
        "new-cup,ceramics,فنجان,1000,4\n",
    )
    person.press("Import it")
    for slug, words in (("sun-lady-plate", "From a file"), ("new-cup", "From a file +4")):
        page = person.open(f"/admin/products?q={slug}")
        (link,) = page.soup.select("table th a")
        assert words in person.open(str(link["href"])).text
        assert f"{person.name} :" in person.page.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("slug,price_toman\nsun-lady-plate,12x\n", "line 2, price_toman «12x»: is no number"),
        ("slug,price_toman\nno-such,5\n", "line 2, slug «no-such»: is a new product"),
        ("", "the file has no rows of products"),
        ("slug,price\nsun-lady-plate,5\n", "Toman or Rials"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(app: Flask, text: str, said: str) -> None:
    person = clerk(app)
    page = upload(person, text)
    assert page.status == 422
    assert said in page.text


def test_prices_without_a_unit_are_what_somebody_says(app: Flask) -> None:
    person = clerk(app)
    upload(person, "slug,price\nsun-lady-plate,5000\n", prices_in="rials")
    person.press("Import it")
    assert product(app, "sun-lady-plate").price_rials == 5_000


def test_if_the_shop_changed_meanwhile_it_is_shown_again(app: Flask) -> None:
    person, other = clerk(app), clerk(app)
    upload(person, PRICES)
    upload(other, "slug,price_toman\nsun-lady-plate,800000\n")
    other.press("Import it")
    page = person.press("Import it")
    assert page.status == 409
    assert "price from 800,000 Toman to 1,000,000 Toman" in page.text
    assert product(app, "speckled-mug").price_rials == 3_900_000
    assert person.press("Import it").status == 200
    assert product(app, "sun-lady-plate").price_rials == 10_000_000


def test_sales_meanwhile_are_no_change_of_prices_or_of_what_came_in(app: Flask) -> None:
    person, before = clerk(app), product(app, "sun-lady-plate")
    upload(person, "slug,stock_add,price_toman\nsun-lady-plate,8,1000\n")
    with app.app_context(), transaction():
        stock.reserve({before.id: 2})
    assert person.press("Import it").status == 200
    assert product(app, "sun-lady-plate").stock_free == before.stock_free - 2 + 8


def test_a_count_that_sales_made_old_is_shown_again(app: Flask) -> None:
    person, before = clerk(app), product(app, "sun-lady-plate")
    upload(person, f"slug,stock\nsun-lady-plate,{before.stock_free + 1}\n")
    with app.app_context(), transaction():
        stock.reserve({before.id: 2})
        stock.sell({before.id: 2})
    assert person.press("Import it").status == 409
    assert product(app, "sun-lady-plate").stock_free == before.stock_free - 2


def test_a_button_that_was_pressed_twice_imports_once(app: Flask) -> None:
    person, before = clerk(app), product(app, "sun-lady-plate").stock_free
    upload(person, "slug,stock_add\nsun-lady-plate,8\n")
    shown = person.page
    person.press("Import it")
    person.page = shown
    page = person.press("Import it")
    assert "This file was imported already" in page.text
    assert product(app, "sun-lady-plate").stock_free == before + 8


def test_an_upload_is_forgotten_after_a_day(app: Flask, clock: MovingClock) -> None:
    person = clerk(app)
    upload(person, PRICES)
    old = person.page.path
    clock.advance(25 * 3600)
    person = clerk(app)
    upload(person, PRICES)
    assert "too old" in person.open(old).text


def test_what_the_file_does_not_have_is_taken_off_sale_if_somebody_says_so(
    app: Flask, shopper: Shopper
) -> None:
    person = clerk(app)
    page = upload(person, PRICES, retire="yes")
    assert "retired brass-lantern" in page.text
    person.press("Import it")
    assert shopper.open("/search?q=brass+lantern").soup.select(".good") == []
    assert "Brass lantern" in person.open("/admin/products?q=brass+lantern").text


def test_a_renamed_product_is_not_made_twice_by_an_old_file(app: Flask) -> None:
    person = clerk(app)
    page = person.open("/admin/products?q=sun-lady-plate")
    (link,) = page.soup.select("table th a")
    person.open(str(link["href"]))
    person.press("Save the changes", slug="sun-plate")
    page = upload(person, PRICES)
    assert page.status == 422
    assert "«sun-lady-plate»: was renamed in the back office: write sun-plate instead" in page.text


def test_an_export_is_taken_back_as_it_is(app: Flask) -> None:
    person = clerk(app)
    for kind in ("csv", "xlsx", "json"):
        answer = person.client.get(f"/admin/products/export.{kind}")
        assert f".{kind}" in answer.headers["Content-Disposition"]
        page = upload(person, answer.data)
        assert "The shop has all of this already." in page.text, kind


def test_an_export_without_stock_has_none(app: Flask) -> None:
    person = clerk(app)
    text = person.client.get("/admin/products/export.csv?stock=no").data.decode("utf-8-sig")
    assert "stock" not in next(csv.reader(io.StringIO(text)))


def test_the_example_has_persian_headings_for_persian_readers(app: Flask) -> None:
    person = clerk(app)
    person.client.get("/language/fa")
    book = load_workbook(io.BytesIO(person.client.get("/admin/products/example.xlsx").data))
    assert next(book.active.values)[0] == "شناسه"


def test_without_a_file_it_is_asked_for(app: Flask) -> None:
    person = clerk(app)
    person.open("/admin/products/files")
    page = person.press("See what would change")
    assert (page.status, "Choose a file first." in page.text) == (422, True)
