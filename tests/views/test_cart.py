"""The cart: put in, change, take out, never more than there is."""

from __future__ import annotations

import pytest
from flask import Flask

from storefront.catalogue.models import product_by_slug
from storefront.core.database import transaction
from storefront.web.session_cart import MOST_LINES
from testkit.shopper import DETAILS, Shopper


def pieces(shopper: Shopper) -> list[str]:
    fields = shopper.open("/cart").soup.select("input[name=quantity]")
    return [str(field["value"]) for field in fields]


def test_a_new_cart_is_empty(shopper: Shopper) -> None:
    assert shopper.open("/cart").heading == "Your cart is empty"


def test_what_is_put_in_is_there_with_its_price(shopper: Shopper) -> None:
    page = shopper.put_in_cart("turquoise-bowl", 2)
    assert page.path == "/cart"
    for amount in ("1,360,000 Toman", "85,000 Toman", "144,500 Toman", "1,589,500 Toman"):
        assert amount in page.text, "goods, delivery, tax, together"


def test_putting_in_again_adds_up(shopper: Shopper) -> None:
    shopper.put_in_cart("turquoise-bowl", 2)
    shopper.put_in_cart("turquoise-bowl", 3)
    assert pieces(shopper) == ["5"]


@pytest.mark.parametrize("typed", ["7", "۷", "٧", " 7 "])
def test_pieces_may_be_typed_in_any_digits(shopper: Shopper, typed: str) -> None:
    shopper.put_in_cart("turquoise-bowl", typed)
    assert pieces(shopper) == ["7"]


@pytest.mark.parametrize("typed", ["", "many", "-3", "2.5", "9" * 40, "²"])
def test_nonsense_for_pieces_changes_nothing(shopper: Shopper, typed: str) -> None:
    shopper.put_in_cart("turquoise-bowl", 4)
    assert shopper.press("Change", quantity=typed).status == 200
    assert pieces(shopper) in (["4"], ["3"]), "a dash is a separator, so -3 is 3"


def test_pieces_can_be_changed_and_taken_out(shopper: Shopper) -> None:
    shopper.put_in_cart("turquoise-bowl", 2)
    shopper.press("Change", quantity="3")
    assert pieces(shopper) == ["3"]
    assert "Taken out of your cart: Meybod turquoise bowl." in shopper.press("Take out").text
    assert pieces(shopper) == []


def test_changing_to_none_takes_a_good_out(shopper: Shopper) -> None:
    shopper.put_in_cart()
    assert shopper.press("Change", quantity="0").heading == "Your cart is empty"


def test_a_cart_never_holds_more_than_there_is(shopper: Shopper) -> None:
    page = shopper.put_in_cart("orsi-night-light", 3)
    assert "Your cart holds 1 of Orsi night light: there are no more." in page.text
    shopper.put_in_cart("orsi-night-light")
    assert pieces(shopper) == ["1"]


def test_when_others_were_faster_the_cart_says_so_and_leads_no_further(
    shopper: Shopper, app: Flask
) -> None:
    shopper.put_in_cart("turquoise-bowl", 5)
    _leave(app, "turquoise-bowl", 2)
    page = shopper.open("/cart")
    assert "Only 2 left: please choose fewer." in page.text
    assert not page.soup.select("main a[href='/checkout']")


def test_a_cart_has_an_end(shopper: Shopper) -> None:
    with shopper.client.session_transaction() as session:
        session["cart"] = {str(number): 1 for number in range(1_000, 1_000 + MOST_LINES)}
    shopper.put_in_cart()
    with shopper.client.session_transaction() as session:
        assert len(session["cart"]) <= MOST_LINES


def test_products_that_are_no_longer_sold_leave_the_cart(shopper: Shopper) -> None:
    with shopper.client.session_transaction() as session:
        session["cart"] = {"999999": 1}
    assert shopper.open("/cart").heading == "Your cart is empty"
    with shopper.client.session_transaction() as session:
        assert session["cart"] == {}


def test_a_persian_cart_counts_in_persian_digits(persian: Shopper) -> None:
    persian.open("/products/turquoise-bowl")
    persian.press("افزودن به سبد", quantity="۳")
    assert pieces(persian) == ["۳"]
    badge = persian.page.soup.select_one(".cart-count")
    assert badge is not None
    assert badge.text == "۳"


def _leave(app: Flask, slug: str, pieces: int) -> None:
    with app.app_context(), transaction():
        product = product_by_slug(slug)
        assert product is not None
        product.stock_received -= product.stock_free - pieces
        product.stock_free = pieces


def test_a_script_may_put_in_without_leaving_the_page(shopper: Shopper) -> None:
    shopper.open("/products/turquoise-bowl")
    fields = shopper.page.fields("Put in the cart") | {"quantity": "2"}
    answer = shopper.client.post(
        "/cart/add/turquoise-bowl", data=fields, headers={"Accept": "application/json"}
    )
    assert answer.get_json() == {
        "words": "In your cart: Meybod turquoise bowl.",
        "kind": "success",
        "pieces": "2",
    }
    assert "In your cart" not in shopper.open("/").text, "said once is enough"
    assert pieces(shopper) == ["2"]


def test_a_price_that_changed_is_said_once_in_the_cart(shopper: Shopper, app: Flask) -> None:
    shopper.put_in_cart("turquoise-bowl")
    _price(app, "turquoise-bowl", 7_000_000)
    assert "The price has changed; it was 680,000 Toman." in shopper.open("/cart").text
    assert "The price has changed" not in shopper.open("/cart").text


def test_what_changed_since_the_cart_is_said_before_paying(shopper: Shopper, app: Flask) -> None:
    shopper.put_in_cart("turquoise-bowl", 2)
    _price(app, "turquoise-bowl", 7_000_000)
    _leave(app, "turquoise-bowl", 1)
    page = shopper.open("/checkout")
    assert "Meybod turquoise bowl costs 700,000 Toman now; it was 680,000 Toman." in page.text
    assert "Of Meybod turquoise bowl only 1 are left." in page.text


def test_nobody_pays_a_price_that_changed_while_they_typed(shopper: Shopper, app: Flask) -> None:
    shopper.put_in_cart("turquoise-bowl")
    shopper.open("/checkout")
    _price(app, "turquoise-bowl", 7_000_000)
    page = shopper.press("Pay", **DETAILS)
    assert page.status == 409
    assert "Look again, then pay." in page.text
    assert "costs 700,000 Toman now; it was 680,000 Toman." in page.text
    shopper.press("Pay")
    assert shopper.sent_to


def _price(app: Flask, slug: str, price_rials: int) -> None:
    with app.app_context(), transaction():
        product = product_by_slug(slug)
        assert product is not None
        product.price_rials = price_rials
