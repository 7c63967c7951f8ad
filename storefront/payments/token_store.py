"""Where the gateways' tokens live so that every process shares one pair: a row with a lease.

It speaks to the engine and not to the session, because the adapter asks for tokens in the middle
of a gateway call, when no transaction of the shop may be open.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, String, Text, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from jibit_client.tokens import CLOCK_SKEW, Refusals, TokenPair
from storefront.core.clock import Clock
from storefront.core.database import WRITES, Model


class GatewayTokens(Model):
    """One gateway account's token pair; ``fence`` counts leases: only the latest holder writes.

    ``refusals``: how often in a row the credentials were refused; no first pair is asked for with
    them before ``refused_until``.
    """

    __tablename__ = "gateway_tokens"

    gateway: Mapped[str] = mapped_column(String(20), primary_key=True)
    access_token: Mapped[str | None] = mapped_column(Text)
    refresh_token: Mapped[str | None] = mapped_column(Text)
    issued_at: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    refusals: Mapped[int] = mapped_column(default=0)
    refused_until: Mapped[datetime | None]


class DatabaseTokenStore:
    """A :class:`~jibit_client.tokens.TokenStore` for all processes on one database."""

    def __init__(self, engine: Engine, gateway: str, clock: Clock) -> None:
        self._engine = engine
        self._gateway = gateway
        self._clock = clock

    def read(self) -> TokenPair | None:
        """The pair that is in force, or None before the first."""
        query = select(
            GatewayTokens.access_token, GatewayTokens.refresh_token, GatewayTokens.issued_at
        ).where(GatewayTokens.gateway == self._gateway)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None or row.access_token is None:
            return None
        return TokenPair(row.access_token, row.refresh_token, row.issued_at)

    def try_lease(self, seconds: float) -> int | None:
        """Become the one who renews; None while somebody else is."""
        self._ensure_row()
        now = self._clock()
        end = now + timedelta(seconds=seconds)
        free = or_(
            GatewayTokens.leased_until.is_(None),
            GatewayTokens.leased_until <= now,
            GatewayTokens.leased_until > end + CLOCK_SKEW,  # given before the clock was set back
        )
        lease = {"fence": GatewayTokens.fence + 1, "leased_until": end}
        with self._writing() as connection:
            query = self._update(lease).where(free).returning(GatewayTokens.fence)
            return connection.execute(query).scalar_one_or_none()

    def write(self, pair: TokenPair, fence: int) -> bool:
        """Replace the pair and forget all refusals.

        False, and nothing written, if the lease has gone to somebody else meanwhile.
        """
        values = {
            "access_token": pair.access_token,
            "refresh_token": pair.refresh_token,
            "issued_at": pair.issued_at,
            "refusals": 0,
            "refused_until": None,
        }
        with self._writing() as connection:
            query = self._update(values).where(GatewayTokens.fence == fence)
            return connection.execute(query).rowcount == 1

    def release(self, fence: int) -> None:
        """Let others renew; nothing happens if the lease is no longer ours."""
        with self._writing() as connection:
            query = self._update({"leased_until": None}).where(GatewayTokens.fence == fence)
            connection.execute(query)

    def refusals(self) -> Refusals | None:
        """Return the refusals since the last pair was written; None if there were none."""
        query = select(GatewayTokens.refusals, GatewayTokens.refused_until).where(
            GatewayTokens.gateway == self._gateway, GatewayTokens.refused_until.is_not(None)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return Refusals(row.refusals, row.refused_until) if row else None

    def note_refusal(self, until: datetime) -> None:
        """Count one more refusal, and keep every process from trying again before ``until``."""
        self._ensure_row()
        values = {"refusals": GatewayTokens.refusals + 1, "refused_until": until}
        with self._writing() as connection:
            connection.execute(self._update(values))

    def _update(self, values: dict[str, object]):  # type: ignore[no-untyped-def]  # Update[Any]
        return update(GatewayTokens).where(GatewayTokens.gateway == self._gateway).values(values)

    def _ensure_row(self) -> None:
        query = select(GatewayTokens.gateway).where(GatewayTokens.gateway == self._gateway)
        with self._engine.connect() as connection:
            if connection.execute(query).first():
                return
        try:
            with self._writing() as connection:
                connection.execute(
                    insert(GatewayTokens).values(gateway=self._gateway, fence=0, refusals=0)
                )
        except IntegrityError:
            return  # another process was faster, which is as good

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        engine = self._engine.execution_options(**{WRITES: True})
        with engine.begin() as connection:
            yield connection
