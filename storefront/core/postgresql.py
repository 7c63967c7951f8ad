"""Connect to PostgreSQL so that a server that has died costs seconds, not minutes."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Engine, event, make_url
from sqlalchemy.exc import DisconnectionError

# Of a server that is cut off nothing is heard at all; without these a thread would wait for it for
# a quarter of an hour. The system itself answers for a server that is only slow.
HEARD_OF: dict[str, int] = {
    "connect_timeout": 3,  # seconds, for each of several hosts
    "keepalives_idle": 5,  # seconds
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds; Linux alone knows it
}


def connect_args(url: str) -> dict[str, Any]:
    """Return what libpq is told beside the URL; what the URL says itself stays as it is."""
    address = make_url(url)
    wanted: dict[str, Any] = dict(HEARD_OF)
    if len(_hosts(address.query.get("host", ""))) > 1:
        wanted["target_session_attrs"] = "read-write"  # the others are standbys
    return {name: value for name, value in wanted.items() if name not in address.query}


def _hosts(said: str | tuple[str, ...]) -> list[str]:
    return said.split(",") if isinstance(said, str) else list(said)


def ping_after_idling(engine: Engine, seconds: float) -> None:
    """Ask a connection that nobody has used for some seconds whether its server is still there.

    The pool's own ``pool_pre_ping`` asks at each use: a page uses a connection several times, and
    was a tenth slower. A server that restarts is away for longer.
    """

    @event.listens_for(engine, "checkin")
    def note(_connection: Any, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ping(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("used_at", time.monotonic()) < seconds:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool opens another one
