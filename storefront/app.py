"""Compose the shop: settings, database, payment engine, pages and commands."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from payment_engine.gateway import Gateway
from storefront import admin, cli, web
from storefront.cli.first_start import prepare_for_flask_run
from storefront.core import database, limits, logs, settings, traces
from storefront.core.clock import Clock, Steady, utc_now
from storefront.core.seller import seller_from
from storefront.core.services import PricePolicy, Services
from storefront.notifications.channels import channels
from storefront.payments.wiring import payment_engine
from storefront.web.templating import PlainGlobals

ROOT = Path(__file__).parent.parent
# A page gives the interpreter away at each question to the database. With Python's 5 ms it waits so
# long behind a checkout each time: the slowest pages became slower by tens of milliseconds.
TURN_SECONDS = 0.0005


def create_app(
    overrides: Mapping[str, Any] | None = None,
    *,
    clock: Clock = utc_now,
    steady: Steady = time.monotonic,
    gateways: Iterable[Gateway] = (),
) -> Flask:
    """Configuration in, a wired shop out.

    ``overrides`` wins over environment and files; ``clock`` answers with UTC, ``steady``
    with seconds that only grow; ``gateways`` are offered after the configured ones (name their
    hosts in PSP_HOSTS). Raises :class:`~storefront.core.settings.WrongSetting` naming the setting
    that is wrong.
    """
    sys.setswitchinterval(TURN_SECONDS)
    app = Flask(
        "storefront",
        instance_path=str(ROOT / "instance"),
        instance_relative_config=True,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.jinja_environment = PlainGlobals
    logs.init_app(app)
    settings.load(app, overrides)
    logs.set_format(app.config["LOG_FORMAT"])
    traces.init_app(app)
    app.extensions["seller"] = seller_from(app.config, test_mode=settings.is_test_mode(app.config))
    database.init_app(app)
    prepare_for_flask_run(
        app, clock
    )  # it may change PUBLIC_URL, and the pages read the translations once
    limits.init_app(app, clock, steady)
    app.extensions["services"] = _services(app, clock, steady, gateways)
    app.extensions["channels"] = channels(app, clock)
    web.init_app(app)
    admin.init_app(app)
    cli.init_app(app)
    return app


def _services(app: Flask, clock: Clock, steady: Steady, gateways: Iterable[Gateway]) -> Services:
    prices = PricePolicy(
        delivery_fee_rials=app.config["DELIVERY_FEE_RIALS"],
        vat_percent=app.config["VAT_PERCENT"],
        with_tax=app.config["PRICES_WITH_TAX"],
        methods=app.config["DELIVERY_METHODS"].methods,
    )
    return Services(payment_engine(app, clock, steady, gateways), clock, steady, prices)
