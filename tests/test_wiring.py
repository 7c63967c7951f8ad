"""What `create_app` makes of the gateways that are configured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from jibit_sandbox.testing import SandboxWorld
from payment_engine.errors import NoAnswer
from storefront import create_app
from storefront.core.database import db
from storefront.core.services import Services
from storefront.core.tables import TABLES
from testkit.clock import MovingClock
from testkit.settings import at_gateways, quiet_settings

Open = Callable[..., Flask]


@pytest.fixture
def both_gateways(sandbox: SandboxWorld) -> dict[str, str]:
    return at_gateways(sandbox)


@pytest.fixture
def open_shop(database_url: str, clock: MovingClock) -> Iterator[Open]:
    """Wire a shop with some settings; its connections are given back at the end."""
    opened: list[Flask] = []

    def open_shop(**settings: Any) -> Flask:
        settings = quiet_settings(DATABASE_URL=database_url, **settings)
        app = create_app(settings, clock=clock.now, steady=clock.steady)
        opened.append(app)
        return app

    yield open_shop
    for app in opened:
        with app.app_context():
            db.engine.dispose()


def services_of(app: Flask) -> Services:
    services: Services = app.extensions["services"]
    return services


def test_every_configured_gateway_is_offered_in_the_order_of_the_table(
    open_shop: Open, both_gateways: dict[str, str]
) -> None:
    assert list(services_of(open_shop(**both_gateways)).engine.gateways) == ["ppg", "wallet"]
    only_wallet = both_gateways | {"PPG_BASE_URL": "off"}
    assert list(services_of(open_shop(**only_wallet)).engine.gateways) == ["wallet"]


def test_each_gateway_keeps_tokens_of_its_own(
    open_shop: Open, both_gateways: dict[str, str]
) -> None:
    app = open_shop(**both_gateways)
    for gateway in services_of(app).engine.gateways.values():
        assert gateway.keep_fresh() is True
        assert gateway.keep_fresh() is False
    with app.app_context():
        accounts = list(db.session.scalars(select(TABLES.tokens.c.account)))
    assert sorted(account.split("-")[0] for account in accounts) == ["ppg", "wallet"]


def test_another_merchant_never_gets_the_first_ones_tokens(
    open_shop: Open, both_gateways: dict[str, str], sandbox: SandboxWorld
) -> None:
    other = sandbox.world(f"{sandbox.name}-other")
    theirs = {"WALLET_USERNAME": other.username, "WALLET_PASSWORD": other.password}
    assert services_of(open_shop(**both_gateways)).engine.gateways["wallet"].keep_fresh() is True
    assert (
        services_of(open_shop(**both_gateways | theirs)).engine.gateways["wallet"].keep_fresh()
        is True
    )


def test_a_gateway_in_trouble_stops_new_payments_through_itself_alone(
    open_shop: Open, both_gateways: dict[str, str]
) -> None:
    app = open_shop(**both_gateways, BREAKER_FAILURES=1)
    with (
        pytest.raises(NoAnswer),
        services_of(app).engine.services.bulkheads["wallet"].breaker.watching(),
    ):
        raise NoAnswer("create", "silence")
    assert app.test_client().get("/readyz").json == {
        "status": "ok",
        "gateways": {"ppg": "closed", "wallet": "open"},
    }
