"""The migrations of the engine's CHANGELOG lead from the tables of the version before to these."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Engine, create_engine, inspect
from sqlalchemy.exc import DatabaseError

from payment_engine import Payment
from payment_engine.sqlalchemy_store import SqlAlchemyStore
from payment_engine.states import PaymentState
from payment_engine.testing.samples import NOW, read, sample_refund, stored
from testkit.processes import ROOT
from tests.engine.databases import empty_postgresql

pytestmark = pytest.mark.both_databases

CHANGELOG = (ROOT / "payment_engine" / "CHANGELOG.md").read_text(encoding="utf-8")
(MIGRATION,) = re.findall(r"```python\n(import sqlalchemy.*?)```", CHANGELOG, flags=re.DOTALL)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        engine = create_engine(f"sqlite:///{tmp_path}/payments.sqlite3")
        yield engine
        engine.dispose()
        return
    with empty_postgresql(request.getfixturevalue("postgres_server"), tmp_path) as url:
        engine = create_engine(url)
        yield engine
        engine.dispose()


def test_it_goes_down_and_up_and_keeps_the_payments(database: Engine) -> None:
    store = SqlAlchemyStore(database).create_tables()
    payment, made = stored(store), shape(database)
    migration: dict[str, Any] = {}
    exec(MIGRATION, migration)  # noqa: S102 - it is our own
    for direction in ("downgrade", "upgrade"):
        with database.begin() as connection, operations(connection):
            migration[direction]()
        assert (shape(database) == made) is (direction == "upgrade")
    assert read(store, payment) == payment
    stored(store, callbacks_seen=7, last_callback_at=NOW, next_turn_at=NOW)
    assert store.turns("a list").try_take(urgent=True, seconds=1)
    move(store, payment, PaymentState.RETURNED)
    with store.transaction() as work:
        work.lock_group(payment.order_key)
        work.add_refund(sample_refund(payment))
    with pytest.raises(DatabaseError):
        move(store, payment, PaymentState.AWAITING_PAYER)


def test_it_may_find_a_table_that_the_new_version_has_made_already(database: Engine) -> None:
    store = SqlAlchemyStore(database).create_tables()
    migration: dict[str, Any] = {}
    exec(MIGRATION, migration)  # noqa: S102 - it is our own
    with database.begin() as connection, operations(connection):
        migration["downgrade"]()
    store.create_tables()
    with database.begin() as connection, operations(connection):
        migration["upgrade"]()
    stored(store)


def move(store: SqlAlchemyStore, payment: Payment, state: PaymentState) -> None:
    """Write another state, whatever the engine would say about it."""
    with store.transaction() as work:
        work.lock_group(payment.order_key)
        changed = work.by_id(payment.id)
        changed.state, changed.ended_at = state, NOW
        work.save(changed)


def operations(connection: Any) -> Any:
    return Operations.context(MigrationContext.configure(connection))


def shape(database: Engine) -> dict[str, tuple[set[str], set[str]]]:
    """Return the names of the columns and of the indexes of every table."""
    found = inspect(database)
    return {
        table: (
            {each["name"] for each in found.get_columns(table)},
            {str(each["name"]) for each in found.get_indexes(table)},
        )
        for table in found.get_table_names()
    }
