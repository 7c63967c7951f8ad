"""What a stranger may repeat, and what the shopper beside them still can do."""

from __future__ import annotations

import itertools
import logging
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from jibit_sandbox.testing import SandboxWorld
from storefront.catalogue.models import Product
from storefront.core.database import db, transaction
from storefront.core.limits import current_limits, pseudonym
from storefront.orders.carts import CartLine
from storefront.orders.holds import MOST_HELD, MOST_PIECES
from storefront.orders.models import Order
from storefront.web import limits, tracking
from storefront.web.limits import NOBODY, prefix_of
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver, expire
from testkit.shopper import DETAILS, Page, Shopper
from testkit.staff import system_page

PASSWORD = "a password for the night watch"


def at(app: Flask, address: str, language: str = "en") -> Shopper:
    """Somebody whose browser has this address."""
    shopper = Shopper(app, language)
    shopper.client.environ_base["REMOTE_ADDR"] = address
    return shopper


def held(app: Flask) -> int:
    """The pieces that unpaid orders hold."""
    with app.app_context():
        return db.session.scalar(select(func.sum(Product.stock_reserved))) or 0


def test_a_client_is_an_ipv4_address_or_an_ipv6_network() -> None:
    for address, prefix in (
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", NOBODY),
        (None, NOBODY),
        ("a unix socket", NOBODY),
    ):
        with naming(address):
            assert prefix_of(address) == prefix
    assert prefix_of("2001:db8:1:2::9", ipv6_bits=48) == "2001:db8:1::/48"


def test_who_orders_each_product_reserves_but_a_part_of_the_stock(app: Flask) -> None:
    """What reserved the whole shop before: each product's stock, order by order."""
    with app.app_context(), transaction():
        for product in db.session.scalars(select(Product)):
            product.stock_received += 50
            product.stock_free += 50
        slugs = list(db.session.scalars(select(Product.slug).limit(6)))
    stranger = at(app, "192.0.2.7")
    statuses = [_buys(stranger, slug, MOST_PIECES) for slug in slugs]
    assert held(app) == 90 <= MOST_HELD
    assert statuses.count(303) == 3
    assert set(statuses) == {303, 429}
    assert "Unpaid orders from your network already hold" in stranger.page.text
    assert stranger.page.headers["Retry-After"] == "900"
    assert 'value="مریم حسینی"' in stranger.page.html, "nothing typed is lost"
    assert stranger.open("/cart").heading == "Your cart", "nor what was chosen"
    assert _buys(at(app, "192.0.2.8"), slugs[-1], 1) == 303, "others still buy"


@pytest.mark.both_databases
def test_orders_at_the_same_time_are_counted_one_after_the_other(app: Flask) -> None:
    with app.app_context(), transaction():
        bowl = db.session.scalars(select(Product).where(Product.slug == "turquoise-bowl")).one()
        bowl.stock_received += 500
        bowl.stock_free += 500
    buyers = [at(app, "192.0.2.7") for _ in range(8)]
    for buyer in buyers:
        buyer.put_in_cart("turquoise-bowl", MOST_PIECES)
        buyer.open("/checkout")
    forms = [buyer.page.fields("Pay") | DETAILS for buyer in buyers]
    with ThreadPoolExecutor(8) as threads:
        posts = threads.map(lambda b, f: b.client.post("/checkout", data=f), buyers, forms)
        assert (
            sorted(answer.location == "/checkout" for answer in posts) == [False] * 3 + [True] * 5
        )
    assert sorted(buyer.open("/checkout").status for buyer in buyers) == [200] * 3 + [429] * 5
    assert held(app) == 3 * MOST_PIECES


def _buys(shopper: Shopper, slug: str, pieces: int) -> int:
    """Try to order; gives the status of the answer."""
    shopper.put_in_cart(slug, pieces)
    shopper.open("/checkout")
    shopper.press("Pay", **DETAILS)
    return 303 if shopper.sent_to else shopper.page.status


def test_a_cart_from_before_the_limit_is_not_ordered(shopper: Shopper, app: Flask) -> None:
    shopper.put_in_cart("turquoise-bowl")
    with app.app_context(), transaction():
        db.session.execute(update(CartLine).values(quantity=MOST_PIECES + 1))
    shopper.open("/checkout")
    page = shopper.press("Pay", **DETAILS)
    assert page.status == 409
    assert f"One order has at most {MOST_PIECES} items." in page.text
    assert held(app) == 0


def test_a_client_begins_only_so_many_carts(app: Flask) -> None:
    first = at(app, "192.0.2.7")
    first.put_in_cart()
    with app.app_context():
        who = limits.CARTS.key_for(pseudonym("192.0.2.7"))
        current_limits().storage.incr(who, 86_400, limits.CARTS.amount)
    page = at(app, "192.0.2.7").put_in_cart()
    assert page.status == 429
    assert page.headers["Retry-After"] == "86400"
    assert first.put_in_cart("saffron-tin").status == 200, "a cart that is there can be changed"
    assert at(app, "192.0.2.8").put_in_cart().status == 200, "others begin theirs"


def test_who_orders_without_end_waits_and_keeps_the_form(app: Flask, clock: MovingClock) -> None:
    stranger = at(app, "192.0.2.7")
    stranger.put_in_cart()
    form = stranger.open("/checkout").fields("Pay") | DETAILS
    for _ in range(limits.CHECKOUTS.amount):  # the same form: one order, but as many tries
        stranger.client.post("/checkout", data=form)
    stranger.put_in_cart("saffron-tin")
    stranger.open("/checkout")
    page = stranger.press("Pay", **(DETAILS | {"note": "زنگ ۲"}))
    assert page.status == 429
    assert page.headers["Retry-After"] == "600"
    assert "Please try again in 10 minutes." in page.text
    assert "زنگ ۲" in page.html
    clock.advance(600)
    stranger.press("Pay", **DETAILS)
    assert stranger.sent_to


def test_new_payments_of_an_order_have_a_limit(app: Flask, sandbox: SandboxWorld) -> None:
    stranger = at(app, "192.0.2.7")
    sandbox.decline(stranger.goes_to_pay())
    with app.app_context():
        token = db.session.scalars(select(Order.token)).one()
    stranger.open(f"/orders/{token}")
    form = stranger.page.fields("Continue")
    for _ in range(limits.PAYMENTS_OF_ONE_ORDER.amount):
        stranger.client.post(f"/orders/{token}/pay", data=form)
    page = stranger.press("Continue")
    assert page.status == 429
    assert page.headers["Retry-After"] == "600"
    assert "Please try again in 10 minutes." in page.text


def test_a_refused_callback_loses_no_money(
    app: Flask, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    shopper = at(app, "192.0.2.7")
    callback = sandbox.pay(shopper.goes_to_pay())
    for number in range(limits.CALLBACKS.amount):
        shopper.client.get(f"/payments/{number}/callback")
    page = shopper.open(callback)
    assert page.status == 429
    assert page.heading == "We are checking your payment"
    assert page.headers["Retry-After"] == "60"
    assert "There were too many tries from your network. Please try again in 1 minute." in page.text
    clock.advance(60)
    driver = ScenarioDriver(app)
    driver.worker_passes()
    (order_id,) = driver.orders()
    assert driver.order_state(order_id) == "paid"


@pytest.fixture
def bought(app: Flask, sandbox: SandboxWorld) -> dict[str, str]:
    """Number and mobile of an order, as its shopper types them elsewhere."""
    shopper = at(app, "203.0.113.1")
    shopper.open(sandbox.pay(shopper.goes_to_pay()))
    with app.app_context():
        number = db.session.scalars(select(Order.number)).one()
    return {"order_number": number, "mobile": DETAILS["mobile"]}


def _asks(app: Flask, address: str, answers: dict[str, str], **wrong: str) -> int:
    stranger = at(app, address)
    stranger.open("/orders")
    return stranger.press("Find", **(answers | wrong)).status


def test_forty_guesses_from_the_addresses_of_one_network_are_limited(
    app: Flask, bought: dict[str, str]
) -> None:
    statuses = [
        _asks(
            app,
            f"2001:db8:1:2::{guess:x}",
            bought,
            order_number=str(2_000_000_000 + guess),
        )
        for guess in range(40)
    ]
    allowed = tracking.WRONG_FROM_ONE_CLIENT.amount
    assert statuses == [404] * allowed + [429] * (40 - allowed)


def test_whoever_guesses_the_right_shopper_is_not_locked_out(
    app: Flask, bought: dict[str, str]
) -> None:
    guesses = _mobiles()
    for number in range(30):
        _asks(app, f"198.51.100.{number}", bought, mobile=next(guesses))
    assert _asks(app, "192.0.2.7", bought) == 200, "right at once"
    assert _asks(app, "192.0.2.8", bought, mobile=next(guesses)) == 404
    assert _asks(app, "192.0.2.8", bought) == 200, "right after one mistake"


@pytest.mark.long
def test_who_changes_networks_has_two_guesses_in_each_site(
    app: Flask, bought: dict[str, str]
) -> None:
    guesses = _mobiles()
    for number in range(tracking.WRONG_ABOUT_ONE_ORDER.amount):
        _asks(app, f"198.51.100.{number}", bought, mobile=next(guesses))
    statuses = [
        _asks(app, f"2001:db8:1:{network:x}::1", bought, mobile=next(guesses))
        for network in range(6)
    ]
    assert statuses == [404] * 2 + [429] * 4
    assert _asks(app, "2001:db8:1:ffff::1", bought) == 429, "the right one would be another guess"
    assert _asks(app, "2001:db8:2::1", bought) == 200, "another site has guessed nothing"


@pytest.mark.long
def test_right_answers_are_never_counted(app: Flask, bought: dict[str, str]) -> None:
    assert {_asks(app, "192.0.2.7", bought) for _ in range(30)} == {200}


def _mobiles() -> Iterator[str]:
    return (f"0912000{guess:04}" for guess in itertools.count())


@pytest.fixture
def guarded(database_url: str, another_shop: Callable[..., Flask]) -> Flask:
    """A shop whose metrics have a token."""
    return another_shop(DATABASE_URL=database_url, METRICS_TOKEN=PASSWORD)


def _tries(app: Flask, password: str, address: str = "2001:db8:1:2::1") -> Page:
    operator = at(app, address)
    typed = b64encode(f"duty:{password}".encode()).decode()
    return Page(operator.client.get("/metrics", headers={"Authorization": f"Basic {typed}"}))


def test_wrong_passwords_are_limited_logged_and_seen(
    guarded: Flask, clock: MovingClock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        statuses = [_tries(guarded, f"wrong {number}").status for number in range(60)]
    assert statuses == [401] * 10 + [429] * 50
    said = [each.getMessage() for each in caplog.records if "wrong password" in each.getMessage()]
    assert said == ["a wrong password or token from 2001:db8:1:2::/64"] * 10
    page = _tries(guarded, PASSWORD)
    assert (page.status, page.headers["Retry-After"]) == (429, "600"), "guessing on is in vain"
    seen = _tries(guarded, PASSWORD, "192.0.2.7")
    assert "storefront_failed_logins 10.0" in seen.html
    assert "Wrong passwords and tokens in a day 10 · look here" in system_page(guarded).text
    clock.advance(600)
    assert _tries(guarded, PASSWORD).status == 200


def test_one_mistake_of_an_operator_is_no_alarm(guarded: Flask) -> None:
    assert _tries(guarded, "wrong").status == 401
    seen = system_page(guarded).text
    assert "Wrong passwords and tokens in a day 1 " in seen
    assert "in a day 1 · look here" not in seen


def test_stock_that_unpaid_orders_hold_is_seen(app: Flask, clock: MovingClock) -> None:
    driver = ScenarioDriver(app)
    with app.app_context(), transaction():
        bowl = db.session.get_one(Product, 1)
        bowl.stock_received += 20 - bowl.stock_free
        bowl.stock_free = 20
    driver.place({1: 9})
    assert "half of which unpaid orders hold 0" in system_page(app).text
    driver.place({1: 1})
    page = system_page(app).text
    assert "Pieces that unpaid orders hold 10" in page
    assert "half of which unpaid orders hold 1 · look here" in page
    assert "10 held, 10 free" in page
    clock.advance(901)
    with app.app_context():
        expire(app.extensions["services"])
    assert "Pieces that unpaid orders hold 0" in system_page(app).text
