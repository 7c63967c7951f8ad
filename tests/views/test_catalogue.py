"""The shelves, and one good."""

from __future__ import annotations

import pytest

from storefront.goods import BUNDLED, read
from tests.rig.shopper import Shopper

GOODS = read(BUNDLED)


def test_the_front_shows_every_good_on_its_shelf(shopper: Shopper, persian: Shopper) -> None:
    for reader, language in ((shopper, "en"), (persian, "fa")):
        page = reader.open("/")
        assert page.status == 200
        for good in [*GOODS.categories, *GOODS.products]:
            assert good[f"name_{language}"] in page.text


@pytest.mark.parametrize("shelf", GOODS.categories, ids=lambda shelf: str(shelf["slug"]))
def test_a_shelf_shows_its_own_goods_only(shopper: Shopper, shelf: dict[str, str]) -> None:
    page = shopper.open(f"/categories/{shelf['slug']}")
    shown = {str(link["href"]) for link in page.soup.select("main a[href^='/products/']")}
    assert page.heading == shelf["name_en"]
    assert shown == {
        f"/products/{good['slug']}" for good in GOODS.products if good["category"] == shelf["slug"]
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


def test_every_picture_on_the_front_is_there(shopper: Shopper) -> None:
    pictures = shopper.open("/").soup.select("main img")
    assert len(pictures) == 1 + len(GOODS.products)
    for picture in pictures:
        answer = shopper.client.get(str(picture["src"]))
        assert answer.status_code == 200
        assert answer.mimetype == "image/svg+xml"
        answer.close()


@pytest.mark.parametrize("path", ["/products/none", "/categories/none", "/products/%00"])
def test_what_is_not_sold_is_not_found(shopper: Shopper, path: str) -> None:
    assert shopper.open(path).status == 404
