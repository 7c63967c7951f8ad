"""A link beside its picture, what search engines read of a page, and icons."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from PIL import Image

from storefront.catalogue.files import BUNDLED, read
from storefront.catalogue.models import product_by_slug
from storefront.core.database import transaction
from testkit.cases import naming
from testkit.shopper import Page, Shopper

GOODS = read(BUNDLED)


def shared(page: Page) -> dict[str, str]:
    """What messengers read: the properties of the page's head."""
    tags = page.soup.select("head meta[property]")
    return {str(tag["property"]): str(tag["content"]) for tag in tags}


def told(page: Page) -> dict[str, dict[str, Any]]:
    """What search engines read, by its type; each page has one block of it."""
    (block,) = page.soup.select("head script[type='application/ld+json']")
    content = json.loads(block.string or "")
    assert content["@context"] == "https://schema.org"
    return {str(thing["@type"]): thing for thing in content["@graph"]}


def picture_at(shopper: Shopper, address: str) -> tuple[Image.Image, int]:
    parts = urlsplit(address)
    with shopper.client.get(f"{parts.path}?{parts.query}") as answer:
        assert answer.status_code == 200
        assert answer.mimetype == "image/jpeg"
        assert "immutable" in answer.headers["Cache-Control"]
        return Image.open(io.BytesIO(answer.data)), len(answer.data)


def test_every_page_that_may_be_shared_has_a_card(
    shopper: Shopper, persian: Shopper, app: Flask
) -> None:
    public = app.config["PUBLIC_URL"]
    texts = ("/contact", "/delivery", "/terms", "/privacy", "/search")  # samples, here
    goods = ("/products", "/categories/textiles", "/products/saffron-tin")
    for path in ("/", *goods, *texts):
        for reader, locale, own in ((persian, "fa_IR", ""), (shopper, "en_US", "?lang=en")):
            with naming(path, locale):
                page = reader.open(f"{path}?utm_source=x")
                card = shared(page)
                assert card["og:url"] == f"{public}{path}{own}"
                assert card["og:locale"] == locale
                assert card["og:title"] in str(page.soup.title)
                assert 30 < len(card["og:description"]) <= 305
                assert card["og:image"].startswith(f"{public}/static/cards/")
                picture, size = picture_at(reader, card["og:image"])
                shown = card["og:image:width"], card["og:image:height"]
                assert tuple(map(str, picture.size)) == shown == ("1200", "630")
                assert size < 80_000
                twitter = page.soup.select_one("meta[name='twitter:card']")
                assert twitter is not None
                assert twitter["content"] == "summary_large_image"


def test_what_is_shared_of_a_search_leads_to_the_same_search(shopper: Shopper, app: Flask) -> None:
    page = shopper.open("/search?q=red bowl")
    card, found = shared(page), f"{app.config['PUBLIC_URL']}/search?q=red+bowl&lang=en"
    assert (card["og:url"], card["og:title"]) == (found, "Search: red bowl")
    robots = page.soup.select_one("meta[name=robots]")
    assert robots is not None
    assert robots["content"] == "noindex, follow"


@pytest.mark.long
def test_every_product_of_ours_has_a_card_of_its_own_with_its_price(shopper: Shopper) -> None:
    seen = set()
    for good in GOODS.products:
        with naming(good["slug"]):
            card = shared(shopper.open(f"/products/{good['slug']}"))
            assert card["og:type"] == "product"
            assert card["product:price:amount"] == str(good["price_rials"])
            assert card["product:price:currency"] == "IRR"
            seen.add(card["og:image"])
    assert len(seen) == len(GOODS.products)
    assert not [address for address in seen if "cards/shop.jpg" in address]


def test_search_engines_read_of_a_product_what_they_ask_for(shopper: Shopper, app: Flask) -> None:
    """The required fields of Google's product snippet and breadcrumbs, and the recommended ones."""
    public = app.config["PUBLIC_URL"]
    for slug, availability in (("saffron-tin", "InStock"), ("copper-samovar", "OutOfStock")):
        with naming(slug):
            page = shopper.open(f"/products/{slug}")
            things = told(page)
            product, offer = things["Product"], things["Product"]["offers"]
            good = next(each for each in GOODS.products if each["slug"] == slug)
            own = f"{public}/products/{slug}?lang=en"
            assert product["name"] == page.heading == good["name_en"]
            assert product["sku"] == slug
            assert product["description"] == good["description_en"]
            assert product["url"] == offer["url"] == own
            assert product["image"] == [shared(page)["og:image"]]
            assert offer["price"] == str(good["price_rials"])
            assert offer["priceCurrency"] == "IRR"
            assert offer["availability"] == f"https://schema.org/{availability}"
            assert offer["itemCondition"] == "https://schema.org/NewCondition"
            steps = things["BreadcrumbList"]["itemListElement"]
            assert [step["position"] for step in steps] == [1, 2, 3]
            assert [step["name"] for step in steps][::2] == ["Eyvan", product["name"]]
            assert steps[2]["item"] == own


def test_search_engines_learn_whose_shop_it_is_and_how_to_search_it(
    persian: Shopper, app: Flask
) -> None:
    things = told(persian.open("/"))
    action = things["WebSite"]["potentialAction"]
    assert things["Organization"]["name"] == things["WebSite"]["name"] == "ایوان"
    template = action["target"]["urlTemplate"]
    assert template == f"{app.config['PUBLIC_URL']}/search?q={{search_term_string}}"
    trail = told(persian.open("/categories/ceramics"))["BreadcrumbList"]["itemListElement"]
    assert trail[1]["name"] == "سفال و سرامیک"


def test_no_name_ends_the_data_or_the_page(shopper: Shopper, app: Flask) -> None:
    hostile = '</script><script>alert(1)</script> "\u2028\\ & <!--'
    with app.app_context(), transaction():
        product = product_by_slug("saffron-tin")
        assert product is not None
        product.name_en = product.description_en = hostile
    page = shopper.open("/products/saffron-tin")
    assert told(page)["Product"]["name"] == hostile
    assert shared(page)["og:title"] == hostile
    assert not [tag for tag in page.soup.select("script") if tag.string == "alert(1)"]


def test_a_telephone_finds_icons_and_what_the_shop_is_called(
    shopper: Shopper, persian: Shopper
) -> None:
    for path, kind, size in (
        ("/favicon.ico", "ICO", (48, 48)),
        ("/apple-touch-icon.png", "PNG", (180, 180)),
    ):
        with naming(path), shopper.client.get(path) as answer:
            icon = Image.open(io.BytesIO(answer.data))
            assert (icon.format, icon.size) == (kind, size)
    for reader, name, direction in ((persian, "ایوان", "rtl"), (shopper, "Eyvan", "ltr")):
        link = reader.open("/").soup.select_one("link[rel=manifest]")
        assert link is not None
        answer = reader.client.get(str(link["href"]))
        assert answer.mimetype == "application/manifest+json"
        found = json.loads(answer.text)
        assert (found["short_name"], found["dir"]) == (name, direction)
        assert reader.client.get(found["start_url"]).status_code == 200
        assert "maskable" in [icon["purpose"] for icon in found["icons"]]
        for icon in found["icons"]:
            with reader.client.get(icon["src"]) as drawn:
                width, height = Image.open(io.BytesIO(drawn.data)).size
                assert icon["sizes"] == f"{width}x{height}"
    assert shopper.client.get("/site.webmanifest").status_code == 200
    assert shopper.client.get("/site.xx.webmanifest").status_code == 404
