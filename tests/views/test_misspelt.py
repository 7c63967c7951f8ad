"""Searching: the best first, and what is understood although it is misspelt."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask import Flask

from storefront.catalogue import editing, search
from storefront.catalogue.models import product_by_slug
from storefront.core.database import db
from storefront.core.services import current_services
from testkit.cases import naming
from testkit.shopper import Page, Shopper


def slugs(page: Page) -> list[str]:
    links = page.soup.select(".products a[href^='/products/']")
    return [str(link["href"]).rpartition("/")[2] for link in links]


@pytest.mark.both_databases
def test_a_word_with_one_mistake_finds_what_was_meant_and_says_so(shopper: Shopper) -> None:
    for asked, meant, best in (
        ("زعفرن", "زعفران", "saffron-tin"),
        ("saffrom", "saffron", "saffron-tin"),
        ("safron", "saffron", "saffron-tin"),
        ("bolw", "bowl", "turquoise-bowl"),
        ("كلاب قمسر", "گلاب قمصر", "rosewater-bottle"),
        ("گلاب قمسر", "گلاب قمصر", "rosewater-bottle"),
        ("فیرورهای", "فیروزه‌ای", "turquoise-bowl"),
        ("qamsar golabb", "qamsar golab", "rosewater-bottle"),
    ):
        with naming(asked):
            page = shopper.open(f"/search?q={asked}")
            assert slugs(page)[:1] == [best]
            assert f"Showing results for “{meant}”" in page.text


def test_a_persian_word_in_latin_letters_finds_what_sounds_like_it(shopper: Shopper) -> None:
    for asked, best in (
        ("zafran", "saffron-tin"),
        ("ghalamkari", "ghalamkar-tablecloth"),
        ("lahidjan", "lahijan-tea"),
        ("mohammadi", "damask-rose-candle"),
    ):
        with naming(asked):
            assert best in slugs(shopper.open(f"/search?q={asked}"))


def test_keywords_and_descriptions_find_behind_names(shopper: Shopper) -> None:
    assert len(slugs(shopper.open("/search?q=هدیه"))) >= 5
    assert slugs(shopper.open("/search?q=سالاد")) == ["turquoise-bowl"]
    assert slugs(shopper.open("/search?q=for a salad")) == ["turquoise-bowl"]
    found = slugs(shopper.open("/search?q=saffron"))
    assert set(found[:2]) == {"saffron-tin", "saffron-nabat"}
    assert "lalejin-pitcher" in found[2:]  # whose description speaks of saffron dots
    cheapest = slugs(shopper.open("/search?q=saffron&sort=cheapest"))
    assert cheapest != found
    assert sorted(cheapest) == sorted(found)


def test_who_means_it_as_typed_is_not_corrected(shopper: Shopper) -> None:
    way = shopper.open("/search?q=safron").soup.select_one(".notice a")
    assert way is not None
    page = shopper.open(str(way["href"]))
    assert page.heading == "Nothing found for “safron”"
    assert "saffron" in [link.text for link in page.soup.select(".empty a")]


def test_what_is_far_off_is_not_guessed_but_suggested(shopper: Shopper) -> None:
    for asked, suggested in (("sun bicycle", ["sun"]), ("samovaars", ["samovar"])):
        with naming(asked):
            page = shopper.open(f"/search?q={asked}")
            assert slugs(page) == []
            links = [link.text for link in page.soup.select(".empty a[href^='/search']")]
            assert links == suggested
    for asked in ("1407", "tee", "a" * 100, "🫖", "\u200f", "%%%%", "____", "'\"<>\\"):
        with naming(asked):
            assert slugs(shopper.open(f"/search?q={quote(asked)}")) == []


def test_a_mark_of_direction_in_a_word_changes_nothing(shopper: Shopper) -> None:
    assert slugs(shopper.open("/search?q=زعف\u200fران\u202c"))[0] == "saffron-tin"


@pytest.mark.both_databases
def test_keywords_are_found_as_soon_as_they_are_kept_and_no_longer(app: Flask) -> None:
    def words(keywords: str) -> None:
        product = product_by_slug("khatam-box")
        assert product is not None
        fields = editing.fields_of(product)
        changed = {name: getattr(fields, name) for name in editing.ProductFields.__slots__}
        after = editing.ProductFields(**{**changed, "keywords": keywords})
        now = current_services().clock()
        editing.edit(product.id, after, seen=product.version, by="a test", now=now)

    def found(question: str) -> list[str]:
        return [product.slug for product in search.find(question).products]

    with app.app_context():
        assert found("میناکاری") == []
        words("میناکاری، مينياتور")
        assert found("میناکاری") == found("میناکری") == found("minakari") == ["khatam-box"]
        words("")
        assert found("میناکاری") == found("میناکری") == []
        db.session.rollback()
