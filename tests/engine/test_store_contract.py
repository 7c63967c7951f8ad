"""The SQLAlchemy store keeps the contract of the port on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, delete, select, update
from sqlalchemy.exc import DatabaseError

from payment_engine.events import Actor, Event
from payment_engine.sqlalchemy_store import SqlAlchemyStore
from payment_engine.sqlalchemy_tables import PaymentTables
from payment_engine.states import PaymentState
from payment_engine.store import event_about
from payment_engine.testing import StoreContract
from payment_engine.testing.samples import NOW, stored
from payment_engine.tokens import StoredTokens
from testkit.databases import PostgresServer
from tests.engine.databases import empty_postgresql


@pytest.fixture(scope="module")
def emptied(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """One database with the tables for all tests: emptying it is cheaper than making another."""
    folder = tmp_path_factory.mktemp("contract")
    with empty_postgresql(postgres_server, folder) as url, disposed(url) as database:
        SqlAlchemyStore(database).create_tables()
        yield database


class OnADatabase(StoreContract):
    """The contract, and what the database itself refuses behind the store's back."""

    @pytest.fixture
    def tables(self, store: SqlAlchemyStore) -> PaymentTables:
        return store.tables

    @pytest.mark.parametrize("change", [update, delete])
    def test_nobody_rewrites_the_history(
        self, store: SqlAlchemyStore, tables: PaymentTables, change: type
    ) -> None:
        payment = stored(store)
        with store.transaction() as work:
            work.append(event_about(payment, NOW, Actor.PAYER, Event.INITIATED))
        rewrite = change(tables.events)
        if change is update:
            rewrite = rewrite.values(event="something nicer")
        with pytest.raises(DatabaseError, match="only appended to"), store.transaction() as work:
            work.session.execute(rewrite)

    @pytest.mark.parametrize(
        "values",
        [
            {"amount_rials": 0},
            {"state": PaymentState.PAID},  # without a time
            {"verifications_answered": 1},  # without one that was sent
        ],
        ids=str,
    )
    def test_the_database_refuses_an_impossible_payment(
        self, store: SqlAlchemyStore, tables: PaymentTables, values: dict[str, object]
    ) -> None:
        stored(store, state=PaymentState.VERIFYING)
        with pytest.raises(DatabaseError), store.transaction() as work:
            work.session.execute(update(tables.payments).values(**values))

    def test_tokens_are_stored_as_the_cipher_gives_them(
        self, store: SqlAlchemyStore, database: Engine, tables: PaymentTables
    ) -> None:
        pair = StoredTokens("an access token", "a refresh token", NOW)
        tokens = SqlAlchemyStore(database, tables=tables, token_cipher=Backwards()).tokens("a")
        assert tokens.write(pair, tokens.try_lease(60) or 0)
        with database.connect() as connection:
            (row,) = connection.execute(select(tables.tokens))
        assert row.access_token == "sealed nekot ssecca na"
        assert row.refresh_token == "sealed nekot hserfer a"
        assert tokens.read() == pair
        assert store.tokens("a").read() != pair

    @pytest.mark.parametrize("column", ["access_token", "refresh_token"])
    def test_tokens_that_the_cipher_cannot_read_are_none(
        self, store: SqlAlchemyStore, database: Engine, tables: PaymentTables, column: str
    ) -> None:
        tokens = SqlAlchemyStore(database, tables=tables, token_cipher=Backwards()).tokens("a")
        pair = StoredTokens("an access token", "a refresh token", NOW)
        assert tokens.write(pair, tokens.try_lease(60) or 0)
        with store.transaction() as work:
            work.session.execute(update(tables.tokens).values({column: "in clear"}))
        assert tokens.read() is None
        assert tokens.write(pair, 1)
        assert tokens.read() == pair

    def test_processes_on_one_database_take_turns(
        self, store: SqlAlchemyStore, database: Engine
    ) -> None:
        url = database.url.render_as_string(hide_password=False)
        with disposed(url) as another:
            others = SqlAlchemyStore(another).turns("a list")
            fence = others.try_take(urgent=False, seconds=60)
            assert fence
            assert store.turns("a list").try_take(urgent=True, seconds=60) is None
            others.release(fence)
            assert others.try_take(urgent=False, seconds=60) is None
            assert store.turns("a list").try_take(urgent=True, seconds=60)

    def test_two_sets_of_tables_with_two_prefixes_share_a_database(
        self, store: SqlAlchemyStore, database: Engine
    ) -> None:
        other = SqlAlchemyStore(database, prefix="tickets_")
        other.create_tables()
        payment = stored(store)
        same = stored(other, reference=payment.reference)
        with other.reading() as work:
            assert work.by_reference(payment.reference) == same


class Backwards:
    """A cipher whose work can be recognised: a mark, then the token from its end."""

    def encrypt(self, token: str) -> str:
        return f"sealed {token[::-1]}"

    def decrypt(self, stored: str) -> str | None:
        return stored[:6:-1] if stored.startswith("sealed ") else None


class TestOnSqlite(OnADatabase):
    @pytest.fixture
    def database(self, tmp_path: Path) -> Iterator[Engine]:
        with disposed(f"sqlite:///{tmp_path}/payments.sqlite3") as database:
            yield database

    @pytest.fixture
    def store(self, database: Engine) -> SqlAlchemyStore:
        store = SqlAlchemyStore(database)
        store.create_tables()
        return store


class TestOnPostgresql(OnADatabase):
    @pytest.fixture
    def database(self, emptied: Engine) -> Engine:
        return emptied

    @pytest.fixture
    def store(self, database: Engine) -> SqlAlchemyStore:
        store = SqlAlchemyStore(database)
        names = ", ".join(store.tables.payments.metadata.tables)
        with database.begin() as connection:
            connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
        return store


@contextmanager
def disposed(url: str) -> Iterator[Engine]:
    """Yield a database engine, and close its connections afterwards."""
    database = create_engine(url)
    yield database
    database.dispose()
