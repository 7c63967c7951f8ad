"""What search engines are told: one address for each page, in each language, and no orders."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from flask import Flask

from storefront.catalogue.files import BUNDLED, read
from testkit.cases import naming
from testkit.shopper import Page, Shopper

GOODS = read(BUNDLED)
FOUND = ("/", "/products", "/categories/textiles", "/products/saffron-tin")


def link(page: Page, selector: str) -> str:
    found = page.soup.select_one(f"head link{selector}")
    assert found is not None
    return str(found["href"])


def test_a_page_names_its_one_address_and_its_other_language(
    shopper: Shopper, persian: Shopper, app: Flask
) -> None:
    for path in FOUND:
        with naming(path):
            address = app.config["PUBLIC_URL"] + path
            for reader, own in ((persian, address), (shopper, f"{address}?lang=en")):
                page = reader.open(path)
                assert link(page, "[rel=canonical]") == own
                assert link(page, "[hreflang=fa]") == address
                assert link(page, "[hreflang=en]") == f"{address}?lang=en"
                description = page.soup.select_one("meta[name=description]")
                assert description is not None
                assert len(str(description["content"])) > 30


def test_two_pages_never_have_the_same_title(shopper: Shopper) -> None:
    titles = {str(shopper.open(path).soup.title) for path in FOUND}
    assert len(titles) == len(FOUND)


def test_what_is_only_a_view_of_something_is_not_found(shopper: Shopper) -> None:
    shopper.put_in_cart()
    for path in (
        "/search?q=mug",
        "/products?sort=newest",
        "/products?after=9-9",
        "/cart",
        "/checkout",
    ):
        with naming(path):
            robots = shopper.open(path).soup.select_one("meta[name=robots]")
            assert robots is not None
            assert "noindex" in str(robots["content"])


def test_an_address_may_say_the_language_and_it_is_kept(persian: Shopper) -> None:
    assert persian.open("/products/saffron-tin?lang=en").heading == "Qaenat saffron, one mesghal"
    assert persian.open("/products/saffron-tin").heading == "Qaenat saffron, one mesghal"
    switch = persian.open("/products/saffron-tin?lang=en").soup.select_one("a[hreflang=fa]")
    assert switch is not None
    page = persian.open(str(switch["href"]))
    assert page.path == "/products/saffron-tin"
    assert page.heading == "زعفران سرگل قائنات، یک مثقال"


def test_the_site_maps_lead_to_every_page_and_to_no_order(shopper: Shopper, app: Flask) -> None:
    public = app.config["PUBLIC_URL"]
    rules = shopper.open("/robots.txt").html
    assert f"Sitemap: {public}/sitemap.xml" in rules
    for private in ("/cart", "/checkout", "/orders", "/payments/"):
        assert f"Disallow: {private}\n" in rules
    (pages,) = re.findall(r"<loc>(.+?)</loc>", shopper.open("/sitemap.xml").html)
    document = ElementTree.fromstring(shopper.open(pages).html)  # noqa: S314 - our own
    named = {element.text for element in document.iter() if element.tag.endswith("}loc")}
    assert named == {
        *(f"{public}{path}" for path in ("/", "/products")),
        *(f"{public}/categories/{shelf['slug']}" for shelf in GOODS.categories),
        *(f"{public}/products/{good['slug']}" for good in GOODS.products),
    }
