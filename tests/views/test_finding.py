"""Finding goods: searching, sorting, and walking through the pages without losing any."""

from __future__ import annotations

import pytest
from flask import Flask

from storefront.catalogue import search_index
from storefront.catalogue.files import BUNDLED, read
from storefront.catalogue.models import Product, product_by_slug
from storefront.catalogue.search import PAGE, Sort
from storefront.catalogue.search_matching import FEW
from storefront.core.database import db, transaction
from testkit.cases import naming
from testkit.shopper import Page, Shopper

GOODS = read(BUNDLED).products


def slugs(page: Page) -> list[str]:
    links = page.soup.select(".products a[href^='/products/']")
    return [str(link["href"]).rpartition("/")[2] for link in links]


def walked(shopper: Shopper, address: str, direction: str = "next") -> list[list[str]]:
    """The goods of each page, from the first or from the last on."""
    pages = [slugs(shopper.open(address))]
    while link := shopper.page.soup.select_one(f".pages a[rel={direction}]"):
        pages.append(slugs(shopper.open(str(link["href"]))))
    return pages


def all_of(pages: list[list[str]]) -> list[str]:
    return [slug for page in pages for slug in page]


def test_a_good_is_found_however_its_name_is_typed(shopper: Shopper) -> None:
    for asked in (
        "خورشیدخانم",
        "خورشيدخانم",
        "خورشید خانم",
        "خورشید‌خانم",
        "خورش",
        "بشقاب خورشید",
        "خورشید بشقاب",
        "sun lady",
        "SUN PL",
    ):
        with naming(asked):
            assert slugs(shopper.open(f"/search?q={asked}")) == ["sun-lady-plate"]
            assert "One product found" in shopper.page.text


def test_a_joining_ye_is_no_word_and_no_mistake_however_it_is_set_apart(shopper: Shopper) -> None:
    for asked in (
        "کاسهٔ فیروزه‌ای",
        "کاسه‌ی فیروزه‌ای",
        "کاسه ی فیروزه ای",
        "كاسه ي فيروزه اي",
        "کاسه \u200cی فیروزه‌ای",
    ):
        with naming(asked):
            page = shopper.open(f"/search?q={asked}")
            assert slugs(page) == ["turquoise-bowl"]
            assert "Showing results for" not in page.text


def test_digits_of_any_script_find_the_same(persian: Shopper) -> None:
    for digits in ("۱۴۰۶", "١٤٠٦", "1406"):
        with naming(digits):
            assert slugs(persian.open(f"/search?q={digits}")) == ["desk-calendar"]


def test_a_shelfs_name_finds_its_products(shopper: Shopper) -> None:
    found = set(all_of(walked(shopper, "/search?q=textiles")))
    assert found == {str(good["slug"]) for good in GOODS if good["category"] == "textiles"}


def test_who_finds_nothing_is_shown_the_categories(shopper: Shopper) -> None:
    for asked in ("bicycle", "!!!", "%", "_", "sun bicycle", "'; DROP TABLE"):
        with naming(asked):
            page = shopper.open(f"/search?q={asked}")
            assert page.heading == f"Nothing found for “{asked}”"
            assert page.soup.select(".empty a[href='/categories/ceramics']")


def test_who_asks_for_nothing_is_asked_what(shopper: Shopper) -> None:
    assert shopper.open("/search?q=+").heading == "What are you looking for?"


def test_the_question_stays_in_the_field(shopper: Shopper) -> None:
    field = shopper.open('/search?q="mug"').soup.select_one("input[name=q]")
    assert field is not None
    assert field["value"] == '"mug"'


@pytest.mark.long
def test_every_good_stands_on_one_page_in_either_direction(shopper: Shopper) -> None:
    for sort in Sort:
        for address in ("/products?", "/search?q=t&", "/categories/ceramics?"):
            with naming(sort, address):
                there = walked(shopper, f"{address}sort={sort}")
                assert all(len(page) == PAGE for page in there[:-1])
                seen = all_of(there)
                assert len(seen) == len(set(seen)) > 0
                if link := shopper.page.soup.select_one(".pages a[rel=prev]"):
                    back = walked(shopper, str(link["href"]), "prev")
                    assert back[::-1] == there[:-1]


@pytest.mark.long
def test_products_are_sorted_as_asked(shopper: Shopper) -> None:
    prices = {str(good["slug"]): int(good["price_rials"]) for good in GOODS}
    names = [str(good["slug"]) for good in GOODS]
    for sort, expected in (
        ("ours", names),
        ("newest", names[::-1]),
        ("nonsense", names),
    ):
        assert all_of(walked(shopper, f"/products?sort={sort}")) == expected
    for sort, falling in (("cheapest", False), ("dearest", True)):
        shown = [prices[slug] for slug in all_of(walked(shopper, f"/products?sort={sort}"))]
        assert shown == sorted(prices.values(), reverse=falling)


def test_a_good_that_comes_in_meanwhile_repeats_and_skips_none(
    shopper: Shopper, app: Flask
) -> None:
    first = slugs(shopper.open("/products?sort=newest"))
    following = shopper.page.soup.select_one(".pages a[rel=next]")
    assert following is not None
    with app.app_context(), transaction():
        _add("brand-new", "چیز نو", 1)
    second = slugs(shopper.open(str(following["href"])))
    assert not set(first) & set(second)
    assert [*first, *second] == [str(good["slug"]) for good in GOODS][::-1][: 2 * PAGE]


def test_a_mark_that_nobody_gave_out_leads_to_the_first_page(shopper: Shopper) -> None:
    for mark in ("", "x", "-", "1", "1-x", "-1-2", "²-1", "9" * 50, "1-1-1"):
        with naming(mark):
            first = slugs(shopper.open("/products"))
            for direction in ("after", "before"):
                assert slugs(shopper.open(f"/products?{direction}={mark}")) == first


@pytest.mark.long
def test_very_many_hits_are_walked_as_well(shopper: Shopper, app: Flask) -> None:
    with app.app_context(), transaction():
        for number in range(FEW + 1):
            _add(f"many-{number}", f"فراوان {number}", 10_000 + 10 * number)
    page = shopper.open("/search?q=فراوان&sort=cheapest")
    assert "A great many products" in page.text
    assert slugs(page) == [f"many-{number}" for number in range(PAGE)]
    assert slugs(shopper.open(f"/search?q=فراوان {FEW}")) == [f"many-{FEW}"]


def test_a_new_name_is_found_and_the_old_one_is_not(shopper: Shopper, app: Flask) -> None:
    with app.app_context(), transaction():
        product = product_by_slug("sun-lady-plate")
        assert product is not None
        product.name_fa, product.name_en = "دیس", "Platter"
        product.description_fa = product.description_en = product.keywords = ""
        search_index.index([product])
    assert slugs(shopper.open("/search?q=platter")) == ["sun-lady-plate"]
    assert slugs(shopper.open("/search?q=sun")) == []


def test_a_sold_out_good_is_found_and_says_so(shopper: Shopper) -> None:
    assert "Sold out" in shopper.open("/search?q=samovar").text


def _add(slug: str, name: str, price_rials: int) -> None:
    shelf = product_by_slug("sun-lady-plate")
    assert shelf is not None
    product = Product(
        slug=slug,
        category=shelf.category,
        name_fa=name,
        name_en=name,
        description_fa=name,
        description_en=name,
        image="favicon.svg",
        price_rials=price_rials,
    )
    db.session.add(product)
    db.session.flush()
    search_index.index([product])
