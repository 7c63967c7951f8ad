"""The one way to write to the database, and that reading takes no transaction of PostgreSQL's."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from storefront import create_app
from storefront.catalogue.models import Product
from storefront.core.database import db, transaction
from testkit.databases import PostgresServer
from testkit.settings import quiet_settings

pytestmark = pytest.mark.both_databases


def a_product() -> Product:
    return db.session.scalars(select(Product).limit(1)).one()


def test_what_is_changed_outside_a_transaction_is_not_written(app: Flask) -> None:
    with app.app_context():
        before = a_product().price_rials
        a_product().price_rials = before + 1
        with pytest.raises(RuntimeError, match="outside a transaction"):
            db.session.commit()
        db.session.rollback()
        assert a_product().price_rials == before


def test_a_transaction_that_fails_writes_nothing(app: Flask) -> None:
    def raise_the_price_and_fail() -> None:
        with transaction():
            a_product().price_rials += 1
            db.session.flush()
            raise ZeroDivisionError

    with app.app_context():
        before = a_product().price_rials
        with pytest.raises(ZeroDivisionError):
            raise_the_price_and_fail()
        assert a_product().price_rials == before


def test_a_transaction_within_another_one_is_refused(app: Flask) -> None:
    with (
        app.app_context(),
        pytest.raises(RuntimeError, match="inside a transaction"),
        transaction(),
    ):
        transaction().__enter__()


def test_who_has_only_read_leaves_no_transaction_open_at_postgresql(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    state = text("SELECT state FROM pg_stat_activity WHERE pid = :pid")
    with (
        postgres_server.fresh(tmp_path / "shop", stocked=True) as url,
        create_app(quiet_settings(DATABASE_URL=url)).app_context(),
    ):
        a_product()
        pid = db.session.scalar(text("SELECT pg_backend_pid()"))
        with db.engine.connect() as another:
            assert another.scalar(state, {"pid": pid}) == "idle"
        db.session.remove()
        db.engine.dispose()
