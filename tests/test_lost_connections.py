"""A connection that the database has closed, or that leads to a standby by now, is replaced."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storefront import create_app
from storefront.core import availability
from storefront.core.database import db, end_reading
from storefront.worker import jobs
from testkit.cases import naming
from testkit.databases import PostgresServer
from testkit.settings import quiet_settings

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


REPLACED = {
    "25006": "the server is a standby by now",
    "57P01": "it is being stopped",
    "57P02": "another session has crashed it",
    "57P03": "it is starting",
    "08006": "the connection failed",
    "08007": "nobody knows whether the commit was done",
}
SAYS = "DO $$ BEGIN RAISE EXCEPTION 'as a server says it' USING ERRCODE = '{code}'; END $$"


def test_a_server_that_stops_serving_costs_one_error(
    another_shop: OpenShop, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    with postgres_server.fresh(tmp_path / "data", stocked=False) as url:
        app = another_shop(DATABASE_URL=url)
        with app.app_context():
            for code, what in REPLACED.items():
                with naming(what), db.engine.connect() as used:
                    (pid,) = used.execute(text("SELECT pg_backend_pid()")).one()
                    with pytest.raises(DBAPIError) as error:
                        used.execute(text(SAYS.format(code=code)))
                    assert availability.is_temporary(error.value)
                with db.engine.connect() as again:
                    assert again.execute(text("SELECT pg_backend_pid()")).scalar_one() != pid
            db.engine.dispose()


def test_a_session_whose_connection_dies_while_it_reads_is_of_use_again(
    another_shop: OpenShop, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    with postgres_server.fresh(tmp_path / "data", stocked=False) as url:
        app = another_shop(DATABASE_URL=url)
        with app.app_context():
            db.session.execute(text("SELECT 1"))
            with pytest.raises(DBAPIError):
                db.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
            end_reading()
            assert db.session.execute(text("SELECT 1")).scalar_one() == 1
            db.session.remove()
            db.engine.dispose()


def test_a_job_that_meets_no_database_says_so_in_a_line_and_is_run_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = create_app(quiet_settings(DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing"))
    assert jobs.run_job(app, "forget_carts") == {}
    assert [record.exc_info for record in caplog.records] == [None, None]
    assert "forget_carts stopped: the database does not answer" in caplog.text


def test_a_page_that_meets_no_database_costs_the_log_a_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = create_app(quiet_settings(DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing"))
    assert app.test_client().get("/").status_code == 503
    assert {record.exc_info for record in caplog.records} == {None}
    assert "cannot serve now: the database does not answer" in caplog.text


def test_what_no_later_try_explains_keeps_its_trace(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    app = create_app(quiet_settings(DATABASE_URL=f"sqlite:///{tmp_path}/without_tables.sqlite3"))
    assert app.test_client().get("/").status_code == 503
    assert "no such table" in caplog.text
