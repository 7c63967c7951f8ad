"""The reference shop for merchants who take payments through Jibit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from storefront.clock import Clock, utc_now
from storefront.database import db
from storefront.guard import Breaker, Guard
from storefront.jibit.ppg import PpgGateway
from storefront.postmen import postmen
from storefront.till import Till, terms_from
from storefront.token_store import DatabaseTokenStore

from . import cli, config, database, views

ROOT = Path(__file__).parent.parent


def create_app(overrides: Mapping[str, Any] | None = None, *, clock: Clock = utc_now) -> Flask:
    """Configuration in, a wired shop out.

    ``overrides`` wins over environment and files; ``clock`` answers with UTC. Raises
    :class:`~storefront.config.WrongSetting` naming the setting that is wrong.
    """
    app = Flask(
        __name__,
        instance_path=str(ROOT / "instance"),
        instance_relative_config=True,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    config.load(app, overrides)
    database.init_app(app)
    app.extensions["till"] = _till(app, clock)
    app.extensions["postmen"] = postmen(app, clock)
    views.init_app(app)
    cli.init_app(app)
    return app


def _till(app: Flask, clock: Clock) -> Till:
    with app.app_context():
        store = DatabaseTokenStore(db.engine, _account(app), clock)
    ppg = PpgGateway.connect(
        base_url=app.config["PPG_BASE_URL"],
        api_key=app.config["PPG_API_KEY"],
        secret_key=app.config["PPG_SECRET_KEY"],
        token_store=store,
        connect_timeout=app.config["GATEWAY_CONNECT_TIMEOUT"],
        read_timeout=app.config["GATEWAY_READ_TIMEOUT"],
        clock=clock,
    )
    return Till({ppg.name: ppg}, {ppg.name: _guard(app, clock)}, clock, terms_from(app))


def _guard(app: Flask, clock: Clock) -> Guard:
    pause = timedelta(seconds=app.config["BREAKER_PAUSE_SECONDS"])
    breaker = Breaker("ppg", app.config["BREAKER_FAILURES"], pause, clock)
    return Guard(breaker, app.config["GATEWAY_CREATE_SLOTS"], app.config["GATEWAY_ASK_SLOTS"])


def _account(app: Flask) -> str:
    """Another gateway or another key has other tokens: an old pair is never sent to a new host."""
    account = f"{app.config['PPG_BASE_URL']} {app.config['PPG_API_KEY']}"
    return f"ppg-{hashlib.sha256(account.encode()).hexdigest()[:12]}"
