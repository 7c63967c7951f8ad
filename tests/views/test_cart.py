"""The cart: put in, change, take out, never more than there is."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from storefront.catalogue.models import product_by_slug
from storefront.core.database import db, transaction
from storefront.orders.carts import CartLine
from storefront.orders.holds import MOST_PIECES
from storefront.web.quantities import NotPieces, pieces_in
from testkit.cases import naming
from testkit.shopper import DETAILS, Page, Shopper

BOWL, TIN = "quantity-turquoise-bowl", "quantity-saffron-tin"
UNDERSTOOD = {
    "7": 7,
    "۷": 7,
    "٧": 7,
    "７": 7,
    " 7 ": 7,
    "007": 7,
    "\u202a7\u202c": 7,
    "۳ عدد": 3,
    "۳ تا": 3,
    "3 pieces": 3,
    "3pcs.": 3,
    "1 item": 1,
}
REFUSED = ("", " ", "abc", "-3", "−3", "+3", "1.5", "۱٫۵", "1,5", "1 5", "1e3", "²", "0x1", "3 kg")
TOO_MANY = ("31", "10" * 15, "9" * 5000, "۱" + "۰" * 30)


def fields(shopper: Shopper) -> list[str]:
    """What the fields of the page that is open say."""
    return [str(field["value"]) for field in shopper.page.soup.select("input[name^=quantity]")]


def pieces(shopper: Shopper) -> list[str]:
    shopper.open("/cart")
    return fields(shopper)


def test_a_new_cart_is_empty(shopper: Shopper) -> None:
    assert shopper.open("/cart").heading == "Your cart is empty"


def test_what_is_put_in_is_there_with_its_price(shopper: Shopper) -> None:
    page = shopper.put_in_cart("turquoise-bowl", 2)
    assert page.path == "/cart"
    for amount in ("1,360,000 Toman", "85,000 Toman", "1,445,000 Toman", "131,363 Toman"):
        assert amount in page.text, "goods, delivery, together, the tax in it"


def test_putting_in_again_adds_up(shopper: Shopper) -> None:
    shopper.put_in_cart("turquoise-bowl", 2)
    shopper.put_in_cart("turquoise-bowl", 3)
    assert pieces(shopper) == ["5"]


@pytest.mark.parametrize(("typed", "meant"), UNDERSTOOD.items())
def test_pieces_may_be_typed_as_people_do(app: Flask, typed: str, meant: int) -> None:
    with app.test_request_context("/"):
        assert pieces_in(typed, least=1) == meant


@pytest.mark.long
@pytest.mark.parametrize("typed", [*REFUSED, *TOO_MANY, "0", "۰"], ids=lambda typed: typed[:9])
def test_no_other_number_is_made_of_what_cannot_be_understood(app: Flask, typed: str) -> None:
    with app.test_request_context("/"), pytest.raises(NotPieces):
        pieces_in(typed, least=1)


def test_what_cannot_be_put_in_is_refused_at_its_field(shopper: Shopper) -> None:
    for typed, why in (
        ("-3", "Choose at least one."),
        ("", "Write how many you want as a whole number, for example 2."),
        ("0", "Choose at least one."),
        ("1" + "0" * 30, f"One order has at most {MOST_PIECES} items."),
        ("25", "Only 24 left: please choose fewer."),
    ):
        page = shopper.put_in_cart("turquoise-bowl", typed)
        with naming(typed):
            assert page.status == 422
            assert page.heading == "Meybod turquoise bowl", "the form is kept"
            assert fields(shopper) == [typed]
            field = page.soup.select_one("input[aria-invalid][aria-describedby=quantity-wrong]")
            assert field is not None
            assert why in page.soup.select_one("#quantity-wrong").get_text()  # type: ignore[union-attr]
    assert pieces(shopper) == []


def test_what_the_cart_cannot_be_changed_to_is_refused_at_its_field(shopper: Shopper) -> None:
    shopper.put_in_cart("turquoise-bowl", 4)
    shopper.put_in_cart("saffron-tin", 2)
    for typed, why in (
        ("-1", "Write how many you want as a whole number, for example 2."),
        ("1.5", "Write how many you want as a whole number, for example 2."),
        ("99", f"One order has at most {MOST_PIECES} items."),
        ("25", "Only 24 left: please choose fewer."),
    ):
        shopper.open("/cart")
        page = shopper.press("Change", **{BOWL: typed, TIN: "3"})
        with naming(typed):
            assert page.status == 422
            assert fields(shopper) == [typed, "3"], "what was typed is kept"
            assert why in page.soup.select_one(f"#{BOWL}-wrong").get_text()  # type: ignore[union-attr]
            assert "Nothing was changed yet." in page.text
            assert pieces(shopper) == ["4", "2"]


def test_a_cart_of_too_many_pieces_in_all_is_refused(shopper: Shopper, app: Flask) -> None:
    _leave(app, "saffron-tin", 99)
    shopper.put_in_cart("turquoise-bowl", 4)
    shopper.put_in_cart("saffron-tin", 2)
    page = shopper.press("Change", **{TIN: str(MOST_PIECES - 3)})
    assert page.status == 422
    assert f"One order has at most {MOST_PIECES} items." in page.text
    page = shopper.put_in_cart("saffron-tin", 25)
    assert f"at most {MOST_PIECES} items, and your cart holds 6 already" in page.text
    shopper.open("/cart")
    page = shopper.press("Change", **{TIN: str(MOST_PIECES - 3)})
    assert shopper.press("Change", **{BOWL: "3"}).status == 200, "both together are not too many"
    assert pieces(shopper) == ["3", str(MOST_PIECES - 3)]


def test_going_on_orders_what_the_fields_say(shopper: Shopper) -> None:
    shopper.put_in_cart("turquoise-bowl", 1)
    shopper.put_in_cart("saffron-tin", 1)
    page = shopper.press("Continue to your details", **{BOWL: "۳", TIN: "0"})
    assert page.path == "/checkout"
    assert "2,125,000 Toman" in page.text, "three bowls, with delivery"
    assert pieces(shopper) == ["3"]


def test_taking_one_out_keeps_what_was_typed_for_the_others(shopper: Shopper) -> None:
    shopper.put_in_cart("turquoise-bowl", 1)
    shopper.put_in_cart("saffron-tin", 1)
    page = shopper.press("Remove", **{TIN: "2"})
    assert "Taken out of your cart: Meybod turquoise bowl." in page.text
    assert fields(shopper)[1:] == ["2"], "the first field is the button that puts it back"


@pytest.mark.parametrize("how", ["Remove", "Change"])
def test_what_was_taken_out_can_be_put_back(shopper: Shopper, how: str) -> None:
    shopper.put_in_cart("turquoise-bowl", 3)
    page = shopper.press(how, **{BOWL: "0"})
    assert page.heading == "Your cart is empty"
    assert "Taken out of your cart: Meybod turquoise bowl." in page.text
    again = page.fields("Put it back")
    assert "Back in your cart: Meybod turquoise bowl." in shopper.press("Put it back").text
    shopper.client.post("/cart/restore/turquoise-bowl", data=again)
    assert pieces(shopper) == ["3"], "put back once"


def test_what_somebody_else_bought_cannot_be_put_back(shopper: Shopper, app: Flask) -> None:
    shopper.put_in_cart("turquoise-bowl", 3)
    shopper.press("Remove")
    _leave(app, "turquoise-bowl", 2)
    assert "Only 2 left: please choose fewer." in shopper.press("Put it back").text
    assert pieces(shopper) == ["2"]


def test_a_page_that_has_grown_old_puts_nothing_into_the_cart(shopper: Shopper) -> None:
    shopper.put_in_cart("turquoise-bowl", 2)
    old = shopper.page.fields("Continue")
    shopper.press("Remove")
    page = Page(shopper.client.post("/cart/change", data=old, follow_redirects=True))
    assert page.heading == "Your cart is empty"
    assert "Your cart has changed since this page was opened." in page.text


def test_a_cart_never_holds_more_than_there_is(shopper: Shopper) -> None:
    page = shopper.put_in_cart("orsi-night-light", 3)
    assert "Only 1 left: please choose fewer." in page.text
    shopper.put_in_cart("orsi-night-light")
    page = shopper.put_in_cart("orsi-night-light")
    assert "Only 1 left, and your cart holds 1 already." in page.text
    assert pieces(shopper) == ["1"]


def test_when_others_were_faster_the_cart_says_so_and_leads_no_further(
    shopper: Shopper, app: Flask
) -> None:
    shopper.put_in_cart("turquoise-bowl", 5)
    _leave(app, "turquoise-bowl", 2)
    page = shopper.open("/cart")
    assert "Only 2 left: please choose fewer." in page.text
    assert not page.soup.select("button[name=then]")
    shopper.client.post("/cart/change", data=page.fields("Change") | {"then": "checkout"})
    assert "Some items are no longer available" in shopper.open("/cart").text


def test_a_cart_has_an_end(shopper: Shopper, app: Flask) -> None:
    _leave(app, "turquoise-bowl", 99)
    field = shopper.open("/products/turquoise-bowl").soup.select_one(".quantity")
    assert field is not None
    assert field["data-most"] == str(MOST_PIECES)
    shopper.put_in_cart("turquoise-bowl", MOST_PIECES)
    page = shopper.put_in_cart("saffron-tin")
    said = f"One order has at most {MOST_PIECES} items, and your cart holds {MOST_PIECES} already."
    assert said in page.text
    assert pieces(shopper) == [str(MOST_PIECES)]


def test_who_only_looks_has_no_cart(shopper: Shopper, app: Flask) -> None:
    for path in ("/", "/products/turquoise-bowl", "/cart", "/checkout"):
        shopper.open(path)
    shopper.put_in_cart("turquoise-bowl", "none")
    assert not _carts(app)


def _carts(app: Flask) -> list[int]:
    """How many lines each cart has that the shop keeps."""
    with app.app_context():
        counts = select(func.count()).select_from(CartLine).group_by(CartLine.cart_id)
        return list(db.session.scalars(counts))


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
    fields = shopper.page.fields("Add to cart") | {"quantity": "2"}
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


def test_a_script_is_told_why_nothing_was_put_in(shopper: Shopper) -> None:
    shopper.open("/products/turquoise-bowl")
    form = shopper.page.fields("Add to cart") | {"quantity": "1.5"}
    answer = shopper.client.post(
        "/cart/add/turquoise-bowl", data=form, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.get_json()["words"].startswith("Write how many you want")


def test_a_script_may_change_one_field_and_gets_the_page_with_new_sums(shopper: Shopper) -> None:
    shopper.put_in_cart("turquoise-bowl", 1)
    shopper.put_in_cart("saffron-tin", 1)
    token = shopper.page.fields("Change")["csrf_token"]
    form = {"csrf_token": token, "stay": "1", BOWL: "3"}
    page = Page(shopper.client.post("/cart/change", data=form))
    assert page.status == 200
    assert "Saved. To pay:" in page.text
    badge = page.soup.select_one(".cart-count")
    assert badge is not None
    assert badge.text == "4"
    assert pieces(shopper) == ["3", "1"]


def test_goods_of_the_same_price_are_not_ordered_for_each_other(
    shopper: Shopper, app: Flask
) -> None:
    _price(app, "saffron-tin", 6_800_000)
    shopper.put_in_cart("turquoise-bowl")
    form = shopper.open("/checkout").fields("Pay") | DETAILS
    old = shopper.client.get_cookie("storefront_session")
    assert old
    shopper.put_in_cart("saffron-tin")
    shopper.press("Remove")
    shopper.client.set_cookie("storefront_session", old.value)  # as a late answer sets it
    page = Page(shopper.client.post("/checkout", data=form, follow_redirects=True))
    assert page.status == 409
    assert "Your cart has changed since this page was opened." in page.text


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
    assert (
        "The price of Meybod turquoise bowl has changed from 680,000 Toman to 700,000 Toman."
        in page.text
    )
    assert "Only 1 of Meybod turquoise bowl left." in page.text


def test_nobody_pays_a_price_that_changed_while_they_typed(shopper: Shopper, app: Flask) -> None:
    shopper.put_in_cart("turquoise-bowl")
    shopper.open("/checkout")
    _price(app, "turquoise-bowl", 7_000_000)
    page = shopper.press("Pay", **DETAILS)
    assert page.status == 409
    assert "Look again, then pay." in page.text
    assert "has changed from 680,000 Toman to 700,000 Toman." in page.text
    shopper.press("Pay")
    assert shopper.sent_to


def _price(app: Flask, slug: str, price_rials: int) -> None:
    with app.app_context(), transaction():
        product = product_by_slug(slug)
        assert product is not None
        product.price_rials = price_rials
