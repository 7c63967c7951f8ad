"""Categories: named, ordered, renamed with a way from the old address, and nobody's work lost."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from flask import Flask

from testkit.shopper import Page, Shopper
from testkit.staff import Person, clerk


def navigation(page: Page) -> list[str]:
    return [link.get_text(strip=True) for link in page.soup.select("nav.categories a")]


def opened(person: Person, name: str) -> Page:
    """The form of a category."""
    page = person.open("/admin/categories")
    (link,) = [a for a in page.soup.select("table th a") if a.get_text(strip=True) == name]
    return person.open(str(link["href"]))


def test_another_order_is_seen_at_once(app: Flask, shopper: Shopper) -> None:
    first, second, *others = navigation(shopper.open("/"))
    person = clerk(app)
    person.open("/admin/categories")
    person.press(f"Later : {first}")
    assert navigation(shopper.open("/")) == [second, first, *others]
    person.press(f"Earlier : {first}")
    assert navigation(shopper.open("/")) == [first, second, *others]


def test_a_new_name_is_seen_at_once_and_its_products_are_found_by_it(
    app: Flask, shopper: Shopper
) -> None:
    shopper.open("/")
    person = clerk(app)
    opened(person, "Pottery")
    person.press("Save the changes", name_en="Earthenware")
    assert "Earthenware" in navigation(shopper.open("/"))
    assert "Speckled mug" in shopper.open("/search?q=earthenware").text
    assert "Speckled mug" not in shopper.open("/search?q=pottery").text
    assert f"{person.name} : English name from «Pottery»" in opened(person, "Earthenware").text


def test_what_is_off_sale_stays_so_when_its_category_is_renamed(
    app: Flask, shopper: Shopper
) -> None:
    person = clerk(app)
    page = person.open("/admin/products?q=speckled-mug")
    (link,) = page.soup.select("table th a")
    person.open(str(link["href"]))
    person.press("Take off sale")
    opened(person, "Pottery")
    person.press("Save the changes", name_en="Earthenware")
    assert "Speckled mug" not in shopper.open("/search?q=earthenware").text
    assert "Speckled mug" in person.open("/admin/products?q=earthenware&state=off_sale").text


def test_an_old_address_leads_to_the_category(app: Flask, shopper: Shopper) -> None:
    person = clerk(app)
    old = opened(person, "Pottery").fields("Save the changes")["slug"]
    person.press("Save the changes", slug="earthenware")
    answer = shopper.client.get(f"/categories/{old}?sort=newest")
    assert answer.status_code == 301
    assert urlsplit(answer.headers["Location"]).path == "/categories/earthenware"
    assert answer.headers["Location"].endswith("?sort=newest")
    person.open("/admin/categories")
    refused = person.press("Add the category", name_fa="سفال", slug=old)
    assert refused.status == 422
    assert "Another category has, or had, this address" in refused.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name_fa": " "}, "Write the name."),
        ({"name_fa": "کتاب", "slug": "No Such"}, "Should be small Latin letters"),
        ({"name_fa": "ک" * 121}, "Has 121 characters"),
    ],
)
def test_what_is_wrong_is_said(app: Flask, typed: dict[str, str], said: str) -> None:
    person = clerk(app)
    person.open("/admin/categories")
    page = person.press("Add the category", **typed)
    assert page.status == 422
    assert said in page.text
    assert page.fields("Add the category")["name_fa"] == typed["name_fa"]


def test_who_is_second_is_told_what_the_first_changed(app: Flask) -> None:
    first, second = clerk(app), clerk(app)
    opened(first, "Pottery")
    opened(second, "Pottery")
    first.press("Save the changes", name_en="Earthenware")
    page = second.press("Save the changes", name_fa="سفال")
    assert page.status == 409
    assert f"{first.name} : English name from «Pottery» to «Earthenware»" in page.text
    assert page.fields("Save the changes")["name_fa"] == "سفال"
    assert second.press("Save the changes").status == 200
