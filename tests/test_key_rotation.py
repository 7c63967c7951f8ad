"""A new SECRET_KEY beside the former one: carts and tokens can still be read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from jibit_sandbox.testing import SandboxWorld
from payment_engine.gateway import Gateway
from payment_engine.tokens import StoredTokens, TokenStore
from storefront.core.database import db
from storefront.core.tables import TABLES
from storefront.orders import invoice_links
from storefront.orders.models import Order
from testkit.clock import MovingClock
from testkit.settings import at_gateways
from testkit.shopper import DETAILS, Shopper

FORMER, NEW, NEXT = (f"a secret key with number {number} of more than 32" for number in range(3))
OpenShop = Callable[..., Flask]


@pytest.fixture
def opened(
    another_shop: OpenShop, stocked_database_url: str, sandbox: SandboxWorld
) -> Callable[..., Flask]:
    """Opens the shop with these keys, the newest first."""

    def open_shop(*keys: str) -> Flask:
        return another_shop(
            DATABASE_URL=stocked_database_url,
            SECRET_KEY=keys[0],
            SECRET_KEY_FALLBACKS=",".join(keys[1:]),
            **at_gateways(sandbox),
        )

    return open_shop


def cart_in(app: Flask, cookie: str) -> str:
    """The cart's heading for somebody who brings this cookie."""
    shopper = Shopper(app)
    shopper.client.set_cookie("storefront_session", cookie)
    return shopper.open("/cart").heading


def test_a_session_signed_with_the_former_key_is_read_and_signed_anew(opened: OpenShop) -> None:
    shopper = Shopper(opened(FORMER))
    shopper.put_in_cart("turquoise-bowl")
    cookie = shopper.client.get_cookie("storefront_session")
    assert cookie is not None
    assert cart_in(opened(NEW, FORMER), cookie.value) == "Your cart"
    assert cart_in(opened(NEXT, NEW, FORMER), cookie.value) == "Your cart"
    assert cart_in(opened(NEW), cookie.value) == "Your cart is empty"
    assert cart_in(opened(NEW, NEXT), cookie.value) == "Your cart is empty"


def test_the_link_of_an_old_letter_opens_the_invoice_until_its_key_is_dropped(
    opened: OpenShop, sandbox: SandboxWorld
) -> None:
    former = opened(FORMER)
    shopper = Shopper(former)
    shopper.open(sandbox.pay(shopper.goes_to_pay()))
    with former.app_context():
        link = invoice_links.path_of(db.session.scalars(select(Order)).one())
    for keys, whole in (((NEW, FORMER), True), ((NEXT, NEW, FORMER), True), ((NEXT, NEW), False)):
        page = Shopper(opened(*keys)).open(link)
        assert (DETAILS["address"] in page.text) is whole
        assert "765,000 Toman" in page.text


def tokens_of(app: Flask) -> TokenStore:
    tokens: TokenStore = app.extensions["services"].engine.services.store.tokens("an account")
    return tokens


def ppg_of(app: Flask) -> Gateway:
    gateway: Gateway = app.extensions["services"].engine.gateways["ppg"]
    return gateway


def rows(app: Flask) -> str:
    """Everything that the table of tokens holds, as the database has it."""
    with app.app_context(), db.engine.connect() as connection:
        return str(connection.execute(text("SELECT * FROM gateway_tokens")).all())


def test_the_database_holds_no_token_that_a_reader_could_use(
    opened: OpenShop, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    app = opened(NEW)
    tokens = tokens_of(app)
    fence = tokens.try_lease(30)
    assert fence is not None
    assert tokens.write(StoredTokens("the access token", "the refresh token", clock.now()), fence)
    assert ppg_of(app).keep_fresh()
    issued = sandbox.requests_seen(operation="generate")
    assert len(issued) == 1
    stored = rows(app)
    assert "an account" in stored
    assert "the access token" not in stored
    assert "the refresh token" not in stored
    assert stored.count("gAAAA") == 4  # two pairs, as Fernet writes them


def test_tokens_are_read_with_the_former_key_and_stored_with_the_new_one(
    opened: OpenShop, clock: MovingClock
) -> None:
    pair = StoredTokens("access", "refresh", clock.now())
    former, both, new = opened(FORMER), opened(NEW, FORMER), opened(NEW)
    fence = tokens_of(former).try_lease(30)
    assert fence is not None
    assert tokens_of(former).write(pair, fence)
    assert tokens_of(both).read() == pair
    assert tokens_of(new).read() is None
    assert tokens_of(both).write(pair, fence)
    assert tokens_of(new).read() == pair
    assert tokens_of(former).read() is None


def test_tokens_that_cannot_be_read_are_obtained_anew_and_replaced(
    opened: OpenShop, sandbox: SandboxWorld
) -> None:
    former, new = opened(FORMER), opened(NEW)
    for app in (former, new):
        assert ppg_of(app).keep_fresh()
    in_clear = update(TABLES.tokens).values(access_token="a token in clear", refresh_token="ü")
    with new.app_context(), db.engine.begin() as connection:
        connection.execute(in_clear)
    assert ppg_of(opened(NEW)).keep_fresh()
    assert len(sandbox.requests_seen(operation="generate")) == 3
    assert "in clear" not in rows(new)
    assert not ppg_of(opened(NEW)).keep_fresh()
