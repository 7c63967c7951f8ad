"""Keep the counters of the `limits` library in the shop's own database.

The counters lie apart from the shop's tables: no foreign key leads to them, and their loss harms
nobody. On SQLite they have a file of their own beside the shop's, since SQLite has one write lock
per file: counting never waits for an order that is being placed, nor an order for a counter. That
file is written without waiting for the disk. On PostgreSQL they are an unlogged table of the shop's
database, which costs no write-ahead log; one row is locked for one statement.

To ask is a read that takes no lock. Nothing is written about a client that is over its limit.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from limits.errors import StorageError
from limits.storage import Storage
from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    Delete,
    Double,
    Engine,
    Executable,
    MetaData,
    String,
    Table,
    and_,
    bindparam,
    case,
    create_engine,
    delete,
    event,
    not_,
    or_,
    select,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from storefront.core import private_files
from storefront.core.clock import SKEW, Clock
from storefront.core.database import INSERTS

LONGEST_KEY = 200
PRUNED_AT_ONCE = 20  # of a counter that begins: rows that are over go faster than new ones come
NO_LIMIT = 2**62  # more than is ever counted
BUSY_SECONDS = 2.0  # a counter is written in microseconds: who waits longer is not counted

COUNTERS = Table(
    "rate_limits",
    MetaData(),
    Column("key", String(LONGEST_KEY), primary_key=True),
    Column("hits", BigInteger, nullable=False),
    Column("began_at", Double, nullable=False),  # seconds since 1970, as the library wants them
    Column("ends_at", Double, nullable=False, index=True),
)


class SqlStorage(Storage):
    """Counters in fixed windows, on an engine whose connections commit by themselves.

    A counter that begins in the future counts as over: the clock was set back.
    """

    STORAGE_SCHEME = None  # it is made with an engine, not from an address

    def __init__(self, engine: Engine, clock: Clock) -> None:
        super().__init__(wrap_exceptions=True)
        self._engine, self._clock = engine, clock

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """Return what the library wraps in a StorageError."""
        return (SQLAlchemyError, OSError)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a counter of ``expiry`` seconds, or begin it. Return what it shows then."""
        return self._counted(key, expiry, amount, NO_LIMIT)

    def admit(self, key: str, expiry: int, most: int) -> bool:
        """Add 1 to a counter, unless it shows ``most``: then write nothing and return False."""
        try:
            return self._counted(key, expiry, 1, most) > 0
        except self.base_exceptions as error:  # the library wraps only its own methods
            raise StorageError(error) from error

    def _counted(self, key: str, expiry: int, amount: int, most: int) -> int:
        moments = self._moments()
        counted = {"key": key, "amount": amount, "ends": moments["now"] + expiry, "most": most}
        hits = int(self._asked(_count(self._engine.dialect.name), moments | counted) or 0)
        if hits == amount:  # it has begun just now
            self._deleted(_PRUNE, now=moments["now"])
        return hits

    def get(self, key: str) -> int:
        """Return what a counter shows; 0 if there is none, or it is over."""
        return int(self._asked(_HITS, self._moments() | {"key": key}) or 0)

    def get_expiry(self, key: str) -> float:
        """Return when a counter ends, in seconds since 1970; now if there is none."""
        moments = self._moments()
        return float(self._asked(_ENDS_AT, moments | {"key": key}) or moments["now"])

    def check(self) -> bool:
        """Return whether the counters can be read."""
        try:
            self._asked(_ANY, {})
        except self.base_exceptions:
            return False
        return True

    def reset(self) -> int | None:
        """Forget all counters. Return how many there were."""
        return self._deleted(delete(COUNTERS))

    def clear(self, key: str) -> None:
        """Forget one counter."""
        self._deleted(delete(COUNTERS).where(COUNTERS.c.key == key))

    def _moments(self) -> dict[str, Any]:
        """Return now, and until when a counter that runs may have begun, in seconds since 1970."""
        now = self._clock().timestamp()
        return {"now": now, "latest": now + SKEW.total_seconds()}

    def _asked(self, statement: Executable, values: dict[str, Any]) -> Any:
        with self._engine.connect() as connection:
            return connection.execute(statement, values).scalar()

    def _deleted(self, statement: Delete, **values: Any) -> int:
        with self._engine.connect() as connection:
            return connection.execute(statement, values).rowcount


# All are built once: to build them for each request costs more than to run them.
_NOW: BindParameter[float] = bindparam("now", type_=Double)
_IS_RUNNING = and_(
    COUNTERS.c.ends_at > _NOW, COUNTERS.c.began_at <= bindparam("latest", type_=Double)
)
_HITS = select(COUNTERS.c.hits).where(COUNTERS.c.key == bindparam("key"), _IS_RUNNING)
_ENDS_AT = select(COUNTERS.c.ends_at).where(COUNTERS.c.key == bindparam("key"), _IS_RUNNING)
_ANY = select(COUNTERS.c.key).limit(1)


@cache
def _count(dialect: str) -> Executable:
    """Return the one statement that counts, whoever else counts at the same time.

    It returns what the counter shows then; nothing where it shows so many already.
    """
    columns, insert = COUNTERS.c, INSERTS[dialect](COUNTERS)
    amount: BindParameter[int] = bindparam("amount", type_=BigInteger)
    ends: BindParameter[float] = bindparam("ends", type_=Double)
    fresh = {"hits": amount, "began_at": _NOW, "ends_at": ends}
    changed: dict[str, Any] = {
        "hits": case((_IS_RUNNING, columns.hits + amount), else_=amount),
        "began_at": case((_IS_RUNNING, columns.began_at), else_=_NOW),
        "ends_at": case((_IS_RUNNING, columns.ends_at), else_=ends),
    }
    may_count = or_(not_(_IS_RUNNING), columns.hits < bindparam("most", type_=BigInteger))
    upsert = insert.values(key=bindparam("key"), **fresh).on_conflict_do_update(
        index_elements=["key"], set_=changed, where=may_count
    )
    return upsert.returning(columns.hits)


def _prune() -> Delete:
    """Return the statement that deletes some counters that are over, waiting for no lock."""
    over = select(COUNTERS.c.key).where(COUNTERS.c.ends_at <= _NOW).order_by(COUNTERS.c.ends_at)
    some = over.limit(PRUNED_AT_ONCE).with_for_update(skip_locked=True)
    return delete(COUNTERS).where(COUNTERS.c.key.in_(some.scalar_subquery()))


_PRUNE = _prune()


def engine_for_counters(shop: Engine) -> Engine:
    """Return an engine on the counters' place in or beside the shop's database.

    On PostgreSQL it shares the shop's connections: end what was read before you count.
    """
    if shop.dialect.name != "sqlite":
        return shop.execution_options(isolation_level="AUTOCOMMIT")
    counters = _beside(Path(str(shop.url.database).removeprefix("file:").partition("?")[0]))
    event.listen(shop, "engine_disposed", lambda _shop: counters.dispose())
    return counters


def _beside(shop: Path) -> Engine:
    path = shop.with_name(f"{shop.stem}-limits{shop.suffix}")
    engine = create_engine(
        f"sqlite:///{path}",
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": BUSY_SECONDS},
        hide_parameters=True,
    )

    @event.listens_for(engine, "do_connect")
    def keep_private(*_connecting: object) -> None:
        """Make the file before SQLite does: its log inherits that nobody else may read it."""
        private_files.create(path)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")  # after a power cut everybody begins anew
        for statement in _ddl(engine):
            connection.execute(statement)

    return engine


def _ddl(engine: Engine) -> list[str]:
    """Return what makes the table where there is none."""
    (index,) = COUNTERS.indexes
    made = (CreateTable(COUNTERS, if_not_exists=True), CreateIndex(index, if_not_exists=True))
    return [str(each.compile(engine)) for each in made]
