"""The reference shop for merchants who take payments through Jibit."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask

from jibit_client.gateway import Gateway
from storefront import cli, web
from storefront.core import database, settings
from storefront.core.clock import Clock, Steady, utc_now
from storefront.core.database import db
from storefront.notifications.channels import postmen
from storefront.payments import models as payments
from storefront.payments.registry import Entry
from storefront.payments.resilience import Breaker, Guard
from storefront.payments.services import Till, terms_from
from storefront.payments.token_store import DatabaseTokenStore

ROOT = Path(__file__).parent.parent


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
    app = Flask(
        "storefront",
        instance_path=str(ROOT / "instance"),
        instance_relative_config=True,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    settings.load(app, overrides)
    database.init_app(app)
    app.extensions["till"] = _till(app, clock, steady, gateways)
    app.extensions["postmen"] = postmen(app, clock)
    web.init_app(app)
    cli.init_app(app)
    return app


def _till(app: Flask, clock: Clock, steady: Steady, ready: Iterable[Gateway]) -> Till:
    connected = [_connected(app, entry, clock) for entry in settings.configured(app.config)]
    gateways = {gateway.name: gateway for gateway in (*connected, *ready)}
    return Till(
        gateways=gateways,
        guards={name: _guard(app, name, steady) for name in gateways},
        clock=clock,
        steady=steady,
        terms=terms_from(app),
    )


def _connected(app: Flask, entry: Entry, clock: Clock) -> Gateway:
    settings = app.config
    with app.app_context():
        engine = db.engine
    return entry.adapter.connect(
        base_url=settings[entry.address],
        **{argument: settings[name] for argument, name in entry.credentials.items()},
        token_store=DatabaseTokenStore(engine, _account(app, entry), clock),
        connect_timeout=settings["GATEWAY_CONNECT_TIMEOUT"],
        read_timeout=settings["GATEWAY_READ_TIMEOUT"],
        clock=clock,
        nearest_deadline=partial(payments.nearest_deadline, engine, entry.adapter.name, clock),
    )


def _guard(app: Flask, name: str, steady: Steady) -> Guard:
    pause = timedelta(seconds=app.config["BREAKER_PAUSE_SECONDS"])
    breaker = Breaker(name, app.config["BREAKER_FAILURES"], pause, steady)
    return Guard(breaker, app.config["GATEWAY_CREATE_SLOTS"], app.config["GATEWAY_ASK_SLOTS"])


def _account(app: Flask, entry: Entry) -> str:
    """Another address or merchant has other tokens: an old pair never goes to a new host."""
    merchant = app.config[next(iter(entry.credentials.values()))]
    account = f"{app.config[entry.address]} {merchant}"
    return f"{entry.adapter.name}-{hashlib.sha256(account.encode()).hexdigest()[:12]}"
