"""Give turns to all processes on one database: a row with a fenced lease.

It uses connections of its own and no session of the caller's, because a gateway takes its turn in
the middle of a call, when no transaction of the application may be open.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Engine, Table, select, update

from payment_engine.sqlalchemy_tokens import CLOCK_SKEW
from payment_engine.sqlalchemy_writing import insert_unless_there, writing_on
from payment_engine.turns import LONGEST_HOLD_SECONDS

LONGEST_HOLD = timedelta(seconds=LONGEST_HOLD_SECONDS)
URGENT_FOR = timedelta(seconds=1)  #: after an urgent try; a waiting one tries far more often


class _Turn(NamedTuple):
    """Hold the row as it was read."""

    fence: int
    leased_until: datetime | None
    urgent_until: datetime | None


class SqlAlchemyTurns:
    """Implement :class:`~payment_engine.turns.Turns` for all processes on one database.

    A try that gets nothing only reads, but for an urgent one that writes so twice a second: a
    write would wait for every other writer of SQLite.
    """

    def __init__(
        self, engine: Engine, table: Table, name: str, clock: Callable[[], datetime]
    ) -> None:
        self._engine, self._table, self._name, self._clock = engine, table, name, clock
        self._mine = table.c.name == name

    def try_take(self, urgent: bool, seconds: float) -> int | None:
        """Return a fencing number, or None while somebody else has the turn.

        Raises ValueError for less than no or more than ``LONGEST_HOLD_SECONDS``.
        """
        if not 0 <= seconds <= LONGEST_HOLD_SECONDS:
            raise ValueError(f"a turn lasts at most {LONGEST_HOLD_SECONDS} seconds")
        last = self._read()
        now = self._clock()
        is_free = not _lasts(last.leased_until, now, LONGEST_HOLD)
        comes_first = urgent or not _lasts(last.urgent_until, now, URGENT_FOR)
        if is_free and comes_first and self._take(last, urgent, now + timedelta(seconds=seconds)):
            return last.fence + 1
        if urgent:
            self._go_first(last, now)
        return None

    def release(self, fence: int) -> None:
        """End the turn early; does nothing if it is somebody else's by now."""
        self._write({"leased_until": None}, fence)

    def _read(self) -> _Turn:
        columns = self._table.c
        query = select(columns.fence, columns.leased_until, columns.urgent_until).where(self._mine)
        with self._engine.connect() as connection:
            if found := connection.execute(query).one_or_none():
                return _Turn(*found)
        with writing_on(self._engine) as connection:  # as good if another process is faster
            row = {"name": self._name, "fence": 0}
            connection.execute(insert_unless_there(connection, self._table, "name").values(row))
            return _Turn(*connection.execute(query).one())

    def _take(self, last: _Turn, urgent: bool, end: datetime) -> bool:
        """Return whether nobody was faster; an urgent one that still waits says so again."""
        values = {"fence": last.fence + 1, "leased_until": end}
        return self._write(values | ({"urgent_until": None} if urgent else {}), last.fence)

    def _go_first(self, last: _Turn, now: datetime) -> None:
        """Keep those that are not urgent from the turn, unless that was done just now."""
        if not _lasts(last.urgent_until, now + URGENT_FOR / 2, URGENT_FOR):
            self._write({"urgent_until": now + URGENT_FOR})

    def _write(self, values: dict[str, Any], fence: int | None = None) -> bool:
        """Change the row; with a fencing number, only while that is the last one."""
        change = update(self._table).where(self._mine).values(values)
        if fence is not None:
            change = change.where(self._table.c.fence == fence)
        with writing_on(self._engine) as connection:
            return connection.execute(change).rowcount == 1


def _lasts(until: datetime | None, now: datetime, longest: timedelta) -> bool:
    """Return whether a moment is still to come, as near as it must be unless a clock was set."""
    return until is not None and now < until <= now + longest + CLOCK_SKEW
