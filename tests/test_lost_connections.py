"""A connection that the database has closed while nobody used it is replaced unnoticed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from storefront.core.database import db
from testkit.databases import PostgresServer

OpenShop = Callable[..., Flask]


@pytest.mark.parametrize("pings_after", [0.0], ids=["postgresql"])
def test_a_connection_that_idled_is_asked_before_it_is_used(
    another_shop: OpenShop, postgres_server: PostgresServer, tmp_path: Path, pings_after: float
) -> None:
    with postgres_server.fresh(tmp_path / "data", stocked=False) as url:
        app = another_shop(DATABASE_URL=url, PING_AFTER_SECONDS=pings_after)
        with app.app_context():
            with db.engine.connect() as used:
                (pid,) = used.execute(text("SELECT pg_backend_pid()")).one()
            with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as operator:
                operator.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
            with db.engine.connect() as again:
                assert again.execute(text("SELECT pg_backend_pid()")).scalar_one() != pid
            db.engine.dispose()
