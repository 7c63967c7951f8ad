"""Carts that are changed at the same time, ordered, and forgotten: on both databases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from jibit_sandbox.testing import SandboxWorld
from storefront.catalogue.models import Product
from storefront.core.database import db, transaction
from storefront.orders.carts import CartLine
from storefront.orders.holds import MOST_PIECES
from storefront.orders.models import Order
from storefront.worker.jobs import run_job
from testkit.clock import MovingClock
from testkit.shopper import DETAILS, Shopper

Add = Callable[[str], int]


def pieces(shopper: Shopper) -> list[str]:
    """What the cart's fields say."""
    fields = shopper.open("/cart").soup.select("input[name^=quantity]")
    return [str(field["value"]) for field in fields]


def lines(app: Flask) -> list[int]:
    """How many lines each cart has that the shop keeps."""
    with app.app_context():
        counts = select(func.count()).select_from(CartLine).group_by(CartLine.cart_id)
        return list(db.session.scalars(counts))


def leave(app: Flask, slug: str, pieces: int) -> None:
    """Let so many pieces of a product be free."""
    with app.app_context(), transaction():
        product = db.session.scalars(select(Product).where(Product.slug == slug)).one()
        product.stock_received += pieces - product.stock_free
        product.stock_free = pieces


def adding(shopper: Shopper, app: Flask, slugs: Sequence[str], quantity: str) -> Add:
    """Give this browser's click on "Add to cart", for any thread to make."""
    forms = {slug: shopper.open(f"/products/{slug}").fields("Add to cart") for slug in slugs}
    session = shopper.client.get_cookie("storefront_session")
    assert session

    def add(slug: str) -> int:
        client = app.test_client()
        client.set_cookie("storefront_session", session.value)
        form = forms[slug] | {"quantity": quantity}
        accept = {"Accept": "application/json"}  # else what is refused leads to the product
        return client.post(f"/cart/add/{slug}", data=form, headers=accept).status_code

    return add


@pytest.mark.both_databases
@pytest.mark.parametrize("known", [False, True], ids=["new cart", "known cart"])
def test_of_ten_additions_at_the_same_time_none_is_lost(
    shopper: Shopper, app: Flask, *, known: bool
) -> None:
    if known:
        shopper.put_in_cart("saffron-tin")
    slugs = ["turquoise-bowl", "speckled-mug"]
    add = adding(shopper, app, slugs, "1")
    with ThreadPoolExecutor(10) as threads:
        assert list(threads.map(add, slugs * 5)) == [200] * 10
    assert pieces(shopper) == (["1"] if known else []) + ["5", "5"]


@pytest.mark.both_databases
def test_additions_at_the_same_time_keep_the_bounds(shopper: Shopper, app: Flask) -> None:
    add = adding(shopper, app, ["turquoise-bowl"], str(MOST_PIECES // 4))  # 24 are left
    with ThreadPoolExecutor(6) as threads:
        answers = threads.map(add, ["turquoise-bowl"] * 6)
        assert sorted(answers) == [200] * 3 + [422] * 3
    assert pieces(shopper) == ["21"]


def test_what_was_put_in_while_the_shopper_paid_stays_in_the_cart(
    shopper: Shopper, app: Flask, sandbox: SandboxWorld
) -> None:
    sandbox.behave("error_500", operation="create")
    shopper.put_in_cart("turquoise-bowl", 2)
    shopper.open("/checkout")
    assert shopper.press("Pay", **DETAILS).status == 503
    sandbox.forget_behaviours()
    shopper.put_in_cart("turquoise-bowl", 1)
    shopper.put_in_cart("saffron-tin", 1)
    with app.app_context():
        token = db.session.scalars(select(Order.token)).one()
    for button in ("Pay again", "Continue"):
        shopper.open(f"/orders/{token}")
        shopper.press(button)
        assert shopper.sent_to
        assert pieces(shopper) == ["1", "1"], "the order's goods leave the cart once"


@pytest.mark.long
@pytest.mark.both_databases
def test_a_late_answer_with_an_older_session_brings_nothing_back(
    shopper: Shopper, app: Flask
) -> None:
    """Another tab's answer, made before the order was, sets its cookie after the order's answer."""
    shopper.put_in_cart("turquoise-bowl", 2)
    shopper.open("/checkout")
    older = shopper.client.get_cookie("storefront_session")
    assert older
    shopper.press("Pay", **DETAILS)
    assert shopper.sent_to
    shopper.client.set_cookie("storefront_session", older.value)
    assert pieces(shopper) == [], "what was ordered would be ordered again"
    assert "We do not know yet whether one of your orders is paid" in shopper.page.text
    shopper.open("/orders")
    with app.app_context():
        order = db.session.scalars(select(Order)).one()
    assert order.number in shopper.page.text
    assert order.address in shopper.open(f"/orders/{order.token}").text
    shopper.put_in_cart("turquoise-bowl", 1)
    assert pieces(shopper) == ["1"]


@pytest.mark.both_databases
def test_an_addition_that_overlaps_with_the_checkout_is_all_that_stays(
    shopper: Shopper, app: Flask
) -> None:
    shopper.put_in_cart("turquoise-bowl", 2)
    add = adding(shopper, app, ["saffron-tin"], "1")
    shopper.open("/checkout")
    shopper.press("Pay", **DETAILS)
    assert add("saffron-tin") == 200
    assert pieces(shopper) == ["1"]


def test_what_left_with_an_order_that_was_never_shown_is_not_ordered_twice(
    shopper: Shopper,
) -> None:
    """The answer with the way to the gateway was lost; the shopper looks into the cart again."""
    shopper.put_in_cart("turquoise-bowl", 2)
    form = shopper.open("/checkout").fields("Pay") | DETAILS
    before = shopper.client.get_cookie("storefront_session")
    assert before
    lost = shopper.client.post("/checkout", data=form)
    shopper.client.set_cookie("storefront_session", before.value)
    assert pieces(shopper) == []
    assert shopper.client.post("/checkout", data=form).location == lost.location


def test_paying_an_order_leaves_another_cart_alone(shopper: Shopper, app: Flask) -> None:
    shopper.goes_to_pay("turquoise-bowl", 2)
    assert pieces(shopper) == []
    shopper.put_in_cart("turquoise-bowl", 1)
    with app.app_context():
        token = db.session.scalars(select(Order.token)).one()
    shopper.open(f"/orders/{token}")
    shopper.press("Continue")
    assert shopper.sent_to
    assert pieces(shopper) == ["1"]


@pytest.mark.long
def test_a_cart_is_forgotten_30_days_after_its_last_change(
    shopper: Shopper, app: Flask, clock: MovingClock
) -> None:
    shopper.put_in_cart("turquoise-bowl")
    clock.advance(29 * 86_400)
    shopper.put_in_cart("saffron-tin")
    clock.advance(29 * 86_400)
    assert run_job(app, "forget_carts") == {}
    assert lines(app) == [2]
    clock.advance(2 * 86_400)
    assert run_job(app, "forget_carts") == {"carts_forgotten": 1}
    assert lines(app) == []


def test_the_same_goods_can_be_put_into_the_cart_again(shopper: Shopper, app: Flask) -> None:
    for slug, wanted in (("turquoise-bowl", 2), ("saffron-tin", 3), ("speckled-mug", 1)):
        shopper.put_in_cart(slug, wanted)
    shopper.check_out()
    with app.app_context():
        token = db.session.scalars(select(Order.token)).one()
    assert "Order again" not in shopper.open(f"/orders/{token}").text, "it can be paid"
    shopper.confirm("Cancel the order")
    leave(app, "saffron-tin", 1)
    leave(app, "speckled-mug", 0)
    shopper.put_in_cart("turquoise-bowl", 1)
    for told in ("is in your cart again.", "was in your cart already."):
        shopper.open(f"/orders/{token}")
        page = shopper.press("Order again")
        assert page.path == "/cart"
        assert pieces(shopper) == ["2", "1"], "put in once"
        assert told in page.text
    assert "Only 1 of Qaenat saffron, one mesghal left." in page.text
    assert "Speckled mug is sold out." in page.text


@pytest.mark.long
def test_goods_that_do_not_fit_into_the_cart_again_are_named(shopper: Shopper, app: Flask) -> None:
    shopper.goes_to_pay("turquoise-bowl", 2)
    leave(app, "saffron-tin", 99)
    with app.app_context():
        token = db.session.scalars(select(Order.token)).one()
    shopper.open(f"/orders/{token}")
    shopper.confirm("Cancel the order")
    shopper.put_in_cart("saffron-tin", MOST_PIECES - 1)
    shopper.open(f"/orders/{token}")
    page = shopper.press("Order again")
    assert pieces(shopper) == [str(MOST_PIECES - 1), "1"]
    assert f"One order has at most {MOST_PIECES} items." in page.text
    assert "Not all of Meybod turquoise bowl is in your cart." in page.text


@pytest.mark.long
def test_what_is_no_longer_sold_leaves_the_cart_and_comes_back_into_none(
    shopper: Shopper, app: Flask, clock: MovingClock
) -> None:
    shopper.goes_to_pay("turquoise-bowl", 2)
    form = shopper.open("/products/turquoise-bowl").fields("Add to cart")
    shopper.put_in_cart("turquoise-bowl", 1)
    shopper.put_in_cart("saffron-tin", 1)
    with app.app_context(), transaction():
        token = db.session.scalars(select(Order.token)).one()
        bowl = db.session.scalars(select(Product).where(Product.slug == "turquoise-bowl")).one()
        bowl.retired_at = clock.now()
    assert pieces(shopper) == ["1"]
    answer = shopper.client.post("/cart/add/turquoise-bowl", data=form, follow_redirects=True)
    assert answer.status_code == 422
    assert "This is no longer sold." in answer.text
    shopper.open(f"/orders/{token}")
    shopper.confirm("Cancel the order")
    shopper.press("Order again")
    assert "Meybod turquoise bowl is no longer sold." in shopper.page.text
    assert shopper.check_out(), "the rest can be ordered"


def test_an_order_that_can_be_paid_is_not_put_into_the_cart_again(
    shopper: Shopper, app: Flask
) -> None:
    shopper.goes_to_pay("turquoise-bowl", 2)
    with app.app_context():
        token = db.session.scalars(select(Order.token)).one()
    form = shopper.open(f"/orders/{token}").fields("Cancel")
    answer = shopper.client.post(f"/orders/{token}/again", data=form)
    assert answer.location == f"/orders/{token}"
    assert pieces(shopper) == []
