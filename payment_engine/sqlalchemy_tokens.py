"""Share tokens between all processes on one database: a row with a fenced lease.

It uses connections of its own and no session of the caller's, because a gateway asks for its tokens
in the middle of a call, when no transaction of the application may be open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Table, Update, or_, select, update

from payment_engine.sqlalchemy_writing import insert_unless_there, writing_on
from payment_engine.tokens import StoredRefusals, StoredTokens, TokenCipher

#: Another host's clock is a little ahead, or somebody waited for a lock after reading the clock.
CLOCK_SKEW = timedelta(seconds=5)


class SqlAlchemyTokenStore:
    """Implement :class:`~payment_engine.tokens.TokenStore` for all processes on one database.

    Without a ``cipher`` the tokens are stored as they are.
    """

    def __init__(
        self,
        engine: Engine,
        table: Table,
        account: str,
        clock: Callable[[], datetime],
        cipher: TokenCipher | None = None,
    ) -> None:
        self._engine, self._table, self._account, self._clock = engine, table, account, clock
        self._cipher = cipher or _InClear()
        self._mine = table.c.account == account

    def read(self) -> StoredTokens | None:
        """Return the pair, None before the first and if the cipher cannot read what is stored.

        In both cases the gateway is asked for a new pair, which replaces what is stored.
        """
        columns = self._table.c
        query = select(columns.access_token, columns.refresh_token, columns.issued_at)
        with self._engine.connect() as connection:
            row = connection.execute(query.where(self._mine)).one_or_none()
        if row is None or row.access_token is None:
            return None
        access, refresh = map(self._cipher.decrypt, (row.access_token, row.refresh_token))
        if access is None or refresh is None:
            return None
        return StoredTokens(access, refresh, row.issued_at)

    def try_lease(self, seconds: float) -> int | None:
        """Return a fencing number, or None while another process renews."""
        self._ensure_row()
        columns, now = self._table.c, self._clock()
        end = now + timedelta(seconds=seconds)
        free = or_(
            columns.leased_until.is_(None),
            columns.leased_until <= now,
            columns.leased_until > end + CLOCK_SKEW,  # given before the clock was set back
        )
        lease = self._update({"fence": columns.fence + 1, "leased_until": end})
        with writing_on(self._engine) as connection:
            query = lease.where(free).returning(columns.fence)
            return connection.execute(query).scalar_one_or_none()

    def write(self, pair: StoredTokens, fence: int) -> bool:
        """Replace the pair and forget all refusals; False if the lease went to somebody else."""
        values = {
            "access_token": self._cipher.encrypt(pair.access_token),
            "refresh_token": self._cipher.encrypt(pair.refresh_token),
            "issued_at": pair.issued_at,
            "refusals": 0,
            "refused_until": None,
        }
        with writing_on(self._engine) as connection:
            query = self._update(values).where(self._table.c.fence == fence)
            return connection.execute(query).rowcount == 1

    def release(self, fence: int) -> None:
        """Give the lease back early; does nothing if it is another process's by now."""
        query = self._update({"leased_until": None}).where(self._table.c.fence == fence)
        with writing_on(self._engine) as connection:
            connection.execute(query)

    def refusals(self) -> StoredRefusals | None:
        """Return the refusals since the last pair was written, None if there were none."""
        columns = self._table.c
        query = select(columns.refusals, columns.refused_until)
        query = query.where(self._mine, columns.refused_until.is_not(None))
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return StoredRefusals(row.refusals, row.refused_until) if row else None

    def note_refusal(self, until: datetime) -> None:
        """Count one more refusal and keep every process from trying again before ``until``."""
        self._ensure_row()
        values = {"refusals": self._table.c.refusals + 1, "refused_until": until}
        with writing_on(self._engine) as connection:
            connection.execute(self._update(values))

    def _update(self, values: Mapping[str, Any]) -> Update:
        return update(self._table).where(self._mine).values(values)

    def _ensure_row(self) -> None:
        with self._engine.connect() as connection:
            if connection.execute(select(self._table.c.account).where(self._mine)).first():
                return
        with writing_on(self._engine) as connection:  # as good if another process is faster
            row = {"account": self._account, "fence": 0, "refusals": 0}
            connection.execute(insert_unless_there(connection, self._table, "account").values(row))


class _InClear:
    """The cipher of a store that has none."""

    def encrypt(self, token: str) -> str:
        return token

    def decrypt(self, stored: str) -> str | None:
        return stored
