"""Whoever writes past our code is refused by the database: impossible moves, a changed history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

import pytest
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from payment_engine.states import TRANSITIONS as PAYMENT_MOVES
from storefront.core.database import db
from storefront.orders.states import ORDER_MOVES
from testkit.scenario import ScenarioDriver

pytestmark = pytest.mark.both_databases


@pytest.fixture
def connection(bare_app: Flask) -> Iterator[Connection]:
    """A bare connection to a shop in which one payment was begun."""
    driver = ScenarioDriver(bare_app)
    driver.begin(driver.place())
    with bare_app.app_context(), db.engine.connect() as connection:
        yield connection


@pytest.mark.parametrize(("table", "moves"), [("orders", ORDER_MOVES), ("payments", PAYMENT_MOVES)])
def test_the_database_allows_the_moves_of_the_table_and_no_other(
    connection: Connection, table: str, moves: Mapping[StrEnum, frozenset[StrEnum]]
) -> None:
    refused = {
        (source, target)
        for source in moves
        for target in moves
        if not _can_move(connection, table, source, target)
    }
    every_other = {(a, b) for a in moves for b in moves if a is not b and b not in moves[a]}
    assert refused == every_other


def _can_move(connection: Connection, table: str, source: StrEnum, target: StrEnum) -> bool:
    """Put a row into one state by making it anew, then try the move; nothing is kept."""
    with connection.begin() as attempt:
        copied = ", ".join(_columns(connection, table))
        connection.execute(text(f"CREATE TEMPORARY TABLE one AS SELECT * FROM {table}"))  # noqa: S608 - our own names
        connection.execute(text(f"UPDATE one SET id = 1000000, {_as_if(table, source)}"))  # noqa: S608
        connection.execute(text(f"INSERT INTO {table} ({copied}) SELECT {copied} FROM one"))  # noqa: S608
        try:
            connection.execute(
                text(f"UPDATE {table} SET {_as_if(table, target)} WHERE id = 1000000")  # noqa: S608
            )
        except IntegrityError:
            return False
        finally:
            attempt.rollback()
    return True


def _columns(connection: Connection, table: str) -> list[str]:
    rows = connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608 - our own names
    return list(rows.keys())


def _as_if(table: str, state: StrEnum) -> str:
    """Everything that the CHECKs want of a row in this state; unique columns get other values."""
    paid = "'2026-11-21 12:00:00'" if state in ("paid", "fulfilled", "refunded") else "NULL"
    if table == "orders":
        sent = paid if state == "fulfilled" else "NULL"
        unique = "number = 'n', token = 't', checkout_key = 'k'"
        return f"state = '{state}', paid_at = {paid}, fulfilled_at = {sent}, {unique}"
    claimed = "true" if state == "paid" else "false"
    unique = "reference = 'r', gateway_payment_id = 'i'"
    return f"state = '{state}', paid_at = {paid}, claimed = {claimed}, {unique}"


@pytest.mark.parametrize(
    "change", ["UPDATE payment_events SET event = 'nothing'", "DELETE FROM payment_events"]
)
def test_nobody_rewrites_the_history(connection: Connection, change: str) -> None:
    with pytest.raises(IntegrityError, match="only appended"):
        connection.execute(text(change))
