"""Nothing that was typed is lost: refused forms are redirects, and the checkout keeps a draft."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from storefront.core.database import db
from storefront.orders.drafts import CheckoutDraft
from storefront.web import limits
from storefront.worker.jobs import run_job
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.shopper import DETAILS, Page, Shopper

CODE = {"national_code": "0499370899"}
TYPED = DETAILS | {"email": "maryam@example.com", "note": "زنگ خراب است", "mobile": "0912"}
AN_HOUR, TWO_MONTHS = 3_600, 62 * 24 * 3_600  # seconds


def held(page: Page) -> dict[str, str]:
    """What the form begins with, of what a shopper types."""
    fields = page.fields("Pay")
    names = (*TYPED, *CODE)
    return {name: text for name in names if (text := fields[name].strip())}


def drafts(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(CheckoutDraft)) or 0


@pytest.fixture
def typing(shopper: Shopper) -> Shopper:
    """Somebody whose form was refused because of the mobile number."""
    shopper.put_in_cart("orsi-night-light")
    shopper.put_in_cart("saffron-tin")
    shopper.open("/checkout")
    assert shopper.press("Pay", **TYPED, **CODE).status == 422
    return shopper


@pytest.mark.both_databases
def test_a_refused_form_is_kept_with_its_mistakes_on_a_page_that_can_be_reloaded(
    typing: Shopper,
) -> None:
    for again in range(2):
        with naming(again):
            page = typing.open("/checkout?check=yes")
            assert (page.status, held(page)) == (422, TYPED | CODE)
            assert page.soup.select_one("#mobile[aria-invalid]")
    page = typing.open("/checkout")
    assert (page.status, held(page)) == (200, TYPED | CODE)
    typing.press("Pay", mobile=DETAILS["mobile"])
    assert typing.sent_to


def test_a_switched_language_and_a_look_at_the_cart_lose_nothing(typing: Shopper) -> None:
    form = typing.page.fields("Pay") | {"city": "شیراز"}
    switched = typing.client.post("/checkout/in/fa", data=form)
    assert (switched.status_code, switched.location) == (303, "/checkout")
    assert 'lang="fa"' in typing.open("/checkout").html
    typing.open("/language/en")
    typing.open("/cart")
    typing.press("Change", **{"quantity-saffron-tin": "2"})
    page = typing.press("Continue to your details")
    assert held(page) == TYPED | CODE | {"city": "شیراز"}
    assert "This is what you typed here before." in page.text
    assert held(typing.press("Empty the form")) == {}
    assert held(typing.open("/checkout")) == {}


def test_what_sold_out_meanwhile_is_named_and_one_button_goes_on(
    typing: Shopper, app: Flask
) -> None:
    Shopper(app).goes_to_pay("orsi-night-light")
    page = typing.press("Pay", mobile=DETAILS["mobile"])
    assert page.status == 409
    assert "Orsi night light is sold out." in page.text
    page = typing.press("Go on with the rest")
    assert (page.path, page.status) == ("/checkout", 200)
    assert held(page) == TYPED | CODE | {"mobile": DETAILS["mobile"]}
    typing.press("Pay")
    assert typing.sent_to


def test_where_nothing_else_is_left_the_form_waits_for_something_else(
    shopper: Shopper, app: Flask
) -> None:
    shopper.put_in_cart("orsi-night-light")
    shopper.open("/checkout")
    Shopper(app).goes_to_pay("orsi-night-light")
    page = shopper.press("Pay", **DETAILS)
    assert "Choose something else" in page.text
    shopper.put_in_cart("saffron-tin")
    shopper.open("/checkout")
    shopper.press("Go on with the rest")
    shopper.press("Pay")
    assert shopper.sent_to


def test_a_draft_ends_with_its_cart(typing: Shopper, app: Flask, clock: MovingClock) -> None:
    assert drafts(app) == 1
    clock.advance(AN_HOUR)
    assert held(typing.open("/checkout")) == TYPED, "the national code is kept for an hour"
    run_job(app, "forget_carts")
    with app.app_context():
        assert db.session.scalars(select(CheckoutDraft)).one().national_code is None
    clock.advance(TWO_MONTHS)
    run_job(app, "forget_carts")
    assert drafts(app) == 0


def test_a_draft_goes_when_the_cart_is_ordered_emptied_or_forgotten(
    typing: Shopper, app: Flask
) -> None:
    typing.press("Pay", mobile=DETAILS["mobile"])
    assert (bool(typing.sent_to), drafts(app)) == (True, 0)
    for ends in ("emptied", "forgotten"):
        with naming(ends):
            typing.put_in_cart("saffron-tin")
            typing.open("/checkout")
            typing.press("Pay", **TYPED)
            assert drafts(app) == 1
            if ends == "emptied":
                typing.open("/cart")
                typing.press("Remove")
            else:
                typing.open("/orders")
                typing.confirm("Forget my orders")
            assert drafts(app) == 0


def test_no_cookie_has_what_was_typed_and_another_browser_sees_none_of_it(
    typing: Shopper, app: Flask
) -> None:
    cookie = typing.client.get_cookie("storefront_session")
    assert cookie
    assert not [told for told in (TYPED | CODE).values() if told in cookie.decoded_value]
    stranger = Shopper(app)
    stranger.put_in_cart()
    assert held(stranger.open("/checkout")) == {}


def test_a_form_far_too_long_is_cut_and_a_flood_of_forms_is_not_kept(
    shopper: Shopper,
) -> None:
    shopper.put_in_cart()
    shopper.open("/checkout")
    page = shopper.press("Pay", **DETAILS | {"note": "ن" * 9_000})
    assert len(held(page)["note"]) == 2_000
    form = page.fields("Pay")
    for _ in range(limits.DRAFTS.amount):
        last = shopper.client.post("/checkout/in/en", data=form)
    assert last.status_code == 429


def test_a_wrong_number_of_pieces_is_shown_on_a_page_with_an_address(shopper: Shopper) -> None:
    page = shopper.put_in_cart("turquoise-bowl", "many")
    assert (page.status, page.path) == (422, "/products/turquoise-bowl")
    assert page.soup.select_one("a[hreflang=fa][href*='quantity%3Dmany']")
    shopper.put_in_cart("turquoise-bowl", 2)
    page = shopper.press("Change", **{"quantity-turquoise-bowl": "two"})
    assert (page.status, page.path) == (422, "/cart")
    assert page.soup.select_one("input[value=two][aria-invalid]")
    assert page.soup.select_one("a[hreflang=fa][href*='two']")


def test_a_search_for_an_order_keeps_its_answers_for_some_minutes(shopper: Shopper) -> None:
    shopper.open("/orders")
    page = shopper.press("Find", order_number="1000000000", mobile="09121112233")
    assert page.status == 404
    page = shopper.open("/orders")
    assert page.status == 200
    assert page.fields("Find")["mobile"] == "09121112233"
    cookie = shopper.client.get_cookie("storefront_session")
    assert cookie
    assert "09121112233" not in cookie.decoded_value
