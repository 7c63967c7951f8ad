"""Dump a PostgreSQL database while it is used, and bring a dump back."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, inspect, text
from sqlalchemy.exc import ProgrammingError

from storefront.backup.manifest import Facts, Refused, facts_of
from storefront.backup.programs import Programs

DUMPED = ("--format=custom", "--schema=public", "--no-owner", "--no-privileges")
RESTORED = ("--schema=public", "--no-owner", "--no-privileges", "--exit-on-error")
OTHERS = text(
    "SELECT count(*), string_agg(DISTINCT coalesce(nullif(application_name, ''), usename), ', ')"
    " FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
MAY_NOT = (
    "the database's role may not do this: it must own the database, and for --verify it needs"
    " CREATEDB (ALTER ROLE ... CREATEDB)"
)


class PostgresBackup:
    """A shop's database in a PostgreSQL server: what is in its schema ``public``."""

    kind, verified_by_default, packed = "postgresql", False, False

    def __init__(self, engine: Engine, folder: Path | None) -> None:
        self._url = engine.url
        with _connected(self._url) as connection:
            version = connection.exec_driver_sql("SHOW server_version_num").scalar_one()
        self._programs = Programs(int(version) // 10_000, folder)

    def dump(self, target: Path) -> Facts:
        """Dump the database as it is at one moment; the facts are of the same moment."""
        with _connected(self._url, "REPEATABLE READ") as connection:
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            facts, file = facts_of(connection), f"--file={target}"
            self._programs.run("pg_dump", self._url, *DUMPED, f"--snapshot={snapshot}", file)
        return facts

    def check(self, dump: Path) -> None:
        """Find out whether ``pg_restore`` can read the dump, without bringing it back."""
        self._programs.run("pg_restore", None, "--list", str(dump))

    def restored(self, dump: Path) -> Facts:
        """Count what a dump holds, in a database of its own that is removed afterwards."""
        with self._scratch() as url:
            self._bring(dump, url)
            with _connected(url) as connection:
                return facts_of(connection)

    def refuse_while_used(self) -> None:
        """Raise :class:`Refused` while anybody else is connected to the database."""
        with _connected(self._url) as connection:
            others, names = connection.execute(OTHERS).one()
        if others:
            raise Refused(
                f"{others} others are connected to the database ({names}): stop the shop, the"
                " worker and whatever else uses it"
            )

    def replace(self, dump: Path, expected: Facts, stamp: str) -> str | None:
        """Put the dump in the database's place; return where the former tables are kept."""
        aside = f"before_restore_{stamp.lower()}"
        with _connected(self._url) as connection:
            was_empty = not inspect(connection).get_table_names(schema="public")
        self._run(f"ALTER SCHEMA public RENAME TO {aside}", *_empty_schema())
        try:
            self._bring(dump, self._url)
            with _connected(self._url) as connection:
                if facts_of(connection) != expected:
                    raise Refused("what was brought back is not what the manifest says")  # noqa: TRY301
        except BaseException:
            self._run("DROP SCHEMA public CASCADE", f"ALTER SCHEMA {aside} RENAME TO public")
            raise
        if was_empty:
            self._run(f"DROP SCHEMA {aside} CASCADE")
            return None
        return (
            f"the former tables are kept in the schema {aside}; when all is well:"
            f" DROP SCHEMA {aside} CASCADE"
        )

    def _bring(self, dump: Path, url: URL) -> None:
        self._programs.run("pg_restore", url, *RESTORED, "--single-transaction", str(dump))

    @contextmanager
    def _scratch(self) -> Iterator[URL]:
        name = f"storefront_verify_{secrets.token_hex(6)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE template0", autocommit=True)
        try:
            yield self._url.set(database=name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)", autocommit=True)

    def _run(self, *statements: str, autocommit: bool = False) -> None:
        """Run our own statements in one transaction, or outside of any."""
        try:
            with _connected(self._url, "AUTOCOMMIT" if autocommit else None) as connection:
                for statement in statements:
                    connection.exec_driver_sql(statement)
                connection.commit()
        except ProgrammingError:
            raise Refused(MAY_NOT) from None


def _empty_schema() -> tuple[str, str]:
    return "CREATE SCHEMA public", "GRANT USAGE ON SCHEMA public TO PUBLIC"


@contextmanager
def _connected(url: URL, isolation: str | None = None) -> Iterator[Connection]:
    """Connect outside the shop's pool, and end the connection afterwards."""
    options = {"isolation_level": isolation} if isolation else {}
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, **options)
    with engine.connect() as connection:
        yield connection
