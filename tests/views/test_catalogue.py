"""The shelves, and one good."""

from __future__ import annotations

import re

from flask import Flask

from storefront.catalogue.files import BUNDLED, read
from storefront.catalogue.models import product_by_slug
from storefront.catalogue.search import PAGE
from storefront.core.database import transaction
from storefront.web.catalogue import ON_THE_HOME_PAGE
from testkit.cases import naming
from testkit.shopper import Shopper

GOODS = read(BUNDLED)


def test_the_front_shows_some_products_of_every_category(
    shopper: Shopper, persian: Shopper
) -> None:
    for reader, language in ((shopper, "en"), (persian, "fa")):
        page = reader.open("/")
        assert page.status == 200
        for shelf in GOODS.categories:
            own = [good for good in GOODS.products if good["category"] == shelf["slug"]]
            assert shelf[f"name_{language}"] in page.text
            assert [good[f"name_{language}"] in page.text for good in own] == [
                place < ON_THE_HOME_PAGE for place in range(len(own))
            ]


def test_a_category_shows_its_own_products_only(shopper: Shopper) -> None:
    for shelf in GOODS.categories:
        with naming(shelf["slug"]):
            page = shopper.open(f"/categories/{shelf['slug']}")
            shown = {str(link["href"]) for link in page.soup.select("main a[href^='/products/']")}
            assert page.heading == shelf["name_en"]
            assert shown == {
                f"/products/{good['slug']}"
                for good in GOODS.products
                if good["category"] == shelf["slug"]
            }


def test_a_good_is_shown_with_its_price_in_the_readers_own_digits(
    shopper: Shopper, persian: Shopper
) -> None:
    assert "680,000 Toman" in shopper.open("/products/turquoise-bowl").text
    assert "۶۸۰٬۰۰۰ تومان" in persian.open("/products/turquoise-bowl").text


def test_a_good_says_how_many_are_left_only_when_they_are_few(shopper: Shopper) -> None:
    assert "In stock" in shopper.open("/products/turquoise-bowl").text
    few = shopper.open("/products/brass-lantern").text
    assert "Only 9 left" in few
    assert "In stock" not in few


def test_the_last_one_says_so_and_a_sold_out_good_cannot_be_bought(shopper: Shopper) -> None:
    last = shopper.open("/products/orsi-night-light")
    assert "The last one" in last.text
    gone = shopper.open("/products/copper-samovar")
    assert "Sold out" in gone.text
    assert not gone.soup.select("form[action^='/cart/add']")


def test_every_picture_is_on_the_one_sheet(shopper: Shopper) -> None:
    pictures = [str(use["href"]) for use in shopper.open("/products").soup.select("main use")]
    assert len(pictures) == PAGE
    (sheet,) = {address.partition("#")[0] for address in pictures}
    answer = shopper.client.get(sheet)
    assert answer.mimetype == "image/svg+xml"
    assert "immutable" in answer.headers["Cache-Control"]
    drawn = set(re.findall(r'<symbol id="([^"]+)"', answer.text))
    assert {address.partition("#")[2] for address in pictures} <= drawn


def test_a_merchants_own_picture_is_shown_as_it_is(shopper: Shopper, app: Flask) -> None:
    with app.app_context(), transaction():
        product = product_by_slug("turquoise-bowl")
        assert product is not None
        product.image = "favicon.svg"
    page = shopper.open("/categories/ceramics")
    (picture,) = page.soup.select("main img")
    assert str(picture["src"]).startswith("/static/favicon.svg?")
    assert picture["loading"] == "lazy"


def test_what_is_not_sold_is_not_found(shopper: Shopper) -> None:
    for path in ("/products/none", "/categories/none", "/products/%00"):
        with naming(path):
            assert shopper.open(path).status == 404
