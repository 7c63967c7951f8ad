"""The goods that come with the shop are complete, honest Persian, and each has its own picture."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from testkit.cases import naming

ROOT = Path(__file__).parents[1]
CATALOGUE = json.loads(
    (ROOT / "storefront/catalogue/data/catalogue.json").read_text(encoding="utf-8")
)
CATEGORIES: list[dict[str, str]] = CATALOGUE["categories"]
PRODUCTS: list[dict[str, Any]] = CATALOGUE["products"]


def test_there_are_at_least_24_goods_in_5_categories() -> None:
    assert len(CATEGORIES) == 5
    assert len(PRODUCTS) >= 24
    assert {product["category"] for product in PRODUCTS} == {c["slug"] for c in CATEGORIES}


def test_every_slug_is_used_once() -> None:
    slugs = Counter(entry["slug"] for entry in [*CATEGORIES, *PRODUCTS])
    assert max(slugs.values()) == 1


def test_one_good_is_the_last_of_its_kind_and_one_is_sold_out() -> None:
    stocks = [product["stock"] for product in PRODUCTS]
    assert stocks.count(0) == 1
    assert stocks.count(1) == 1


def test_a_price_is_whole_thousands_of_toman() -> None:
    for product in PRODUCTS:
        with naming(product["slug"]):
            assert type(product["price_rials"]) is int
            assert product["price_rials"] > 0
            assert product["price_rials"] % 10_000 == 0


def test_persian_texts_use_persian_letters_and_digits_only() -> None:
    for entry in (*CATEGORIES, *PRODUCTS):
        with naming(entry["slug"]):
            persian = " ".join(text for key, text in entry.items() if key.endswith("_fa"))
            foreign = set("يىكة٠١٢٣٤٥٦٧٨٩0123456789")
            assert not foreign.intersection(persian)
            assert not any("a" <= letter.lower() <= "z" for letter in persian)


def test_every_text_is_there_in_both_languages() -> None:
    for product in PRODUCTS:
        for part in ("name", "description"):
            with naming(product["slug"], part):
                assert product[f"{part}_fa"].strip() == product[f"{part}_fa"] != ""
                assert product[f"{part}_en"].isascii()


def pictures_of(product: dict[str, Any]) -> list[str]:
    return [product["image"], *filter(None, product.get("more_images", "").split(" | "))]


def test_a_picture_is_a_small_drawing_that_needs_nothing_else() -> None:
    for product in PRODUCTS:
        for picture in pictures_of(product):
            with naming(picture):
                check_drawing(ROOT / "static" / picture)


def test_where_a_product_has_several_pictures_each_says_what_it_shows() -> None:
    several = [product for product in PRODUCTS if len(pictures_of(product)) > 1]
    assert len(several) >= 10
    for product in several:
        for language in ("fa", "en"):
            texts = product[f"image_texts_{language}"].split(" | ")
            with naming(product["slug"], language):
                assert len(set(texts)) == len(pictures_of(product))


def check_drawing(picture: Path) -> None:
    assert picture.stat().st_size <= 4096
    drawing = ElementTree.fromstring(picture.read_text(encoding="utf-8"))  # noqa: S314  our own file
    assert drawing.get("viewBox") == "0 0 400 400"
    for element in drawing.iter():
        assert element.tag.rpartition("}")[2] not in {"script", "style", "text", "image"}
        assert "style" not in element.attrib
        assert element.get("href", "#").startswith("#")


def test_no_picture_is_left_without_a_good() -> None:
    drawn = {picture.stem for picture in (ROOT / "static/goods").glob("*.svg")}
    assert drawn == {product["slug"] for product in PRODUCTS}
    further = {str(path.relative_to(ROOT / "static")) for path in ROOT.glob("static/goods/more/*")}
    assert further == {picture for each in PRODUCTS for picture in pictures_of(each)[1:]}
