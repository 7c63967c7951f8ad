"""Goods are found although they are misspelt, and a link that is sent on shows what it leads to."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from testkit.browser import is_too_wide
from testkit.browsing import Browsing
from testkit.cases import naming

# What is typed, the product that is meant, and the words that the shop took it for.
ASKED = (
    ("زعفران", "saffron-tin", ""),
    ("zafran", "saffron-tin", ""),
    ("زعفرن", "saffron-tin", "زعفران"),
    ("safron", "saffron-tin", "saffron"),
    ("هدیه", "khatam-box", ""),
    ("سالاد", "turquoise-bowl", ""),
    ("textiles", "termeh-runner", ""),
)
INSTEAD = "Showing results for “%(words)s”."
DRAWN = """address => new Promise((seen, unseen) => {
  const image = new Image();
  image.onload = () => seen([image.naturalWidth, image.naturalHeight]);
  image.onerror = () => unseen(new Error(address));
  image.src = address;
})"""


def test_goods_are_found_by_name_category_description_and_with_a_mistake(either: Browsing) -> None:
    page = either.page
    page.goto("/")
    for asked, slug, meant in ASKED:
        with naming(asked):
            page.get_by_role("searchbox").fill(asked)
            page.get_by_role("search").get_by_role("button").click()
            found = page.locator(f".products a[href='/products/{slug}']")
            expect(found).to_be_visible()
            instead = page.locator(".notice").filter(has_text=either.word(INSTEAD))
            expect(instead).to_have_count(1 if meant else 0)
            if meant:
                expect(instead).to_contain_text(meant)
            assert not is_too_wide(page)
    page.get_by_role("searchbox").fill("samovaars")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator(".empty")).to_contain_text(either.word("Did you mean:"))
    page.get_by_role("main").get_by_role("link", name="samovar").click()
    expect(page.locator(".products a[href='/products/copper-samovar']")).to_be_visible()


def test_a_link_that_is_sent_on_has_a_picture_data_icons_and_a_name(browsing: Browsing) -> None:
    page = browsing.page
    page.goto("/products/turquoise-bowl")
    name = page.get_by_role("heading", level=1).inner_text()

    def told(attribute: str, key: str) -> str:
        return str(page.locator(f"head meta[{attribute}='{key}']").get_attribute("content"))

    assert told("property", "og:title") == name
    assert told("name", "twitter:card") == "summary_large_image"
    assert page.evaluate(DRAWN, told("property", "og:image")) == [1200, 630]
    data = json.loads(page.locator("head script[type='application/ld+json']").inner_text())
    things = {thing["@type"]: thing for thing in data["@graph"]}
    assert things["Product"]["offers"]["price"] == told("property", "product:price:amount")
    steps = [step["name"] for step in things["BreadcrumbList"]["itemListElement"]]
    assert steps == page.locator(".trail li").all_inner_texts()
    assert page.evaluate(DRAWN, "/favicon.ico") == [48, 48]
    touch = page.locator("head link[rel=apple-touch-icon]").get_attribute("href")
    assert page.evaluate(DRAWN, touch) == [180, 180]
    manifest = browsing.context.new_cdp_session(page).send("Page.getAppManifest")
    assert manifest["errors"] == []
    found = json.loads(manifest["data"])
    assert found["short_name"] == {"fa": "ایوان", "en": "Eyvan"}[browsing.language]
    assert found["dir"] == page.locator("html").get_attribute("dir")
