"""The tables: worlds, tokens, orders, wallets, rules and logged requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    SQLColumnExpression,
    Text,
    TypeDecorator,
    literal_column,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

SCHEMA_VERSION = 8  # raise it with every change below: an older file is set aside, see store.py

DEFAULT_BALANCE = 1_000_000_000  # Rials in a wallet that nobody has used or set yet
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """A UTC time, stored as whole microseconds: exact, sortable and always with its zone."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + value * MICROSECOND


class Base(DeclarativeBase):
    type_annotation_map: ClassVar = {datetime: Instant, str: Text, dict[str, Any]: JSON}


def in_world() -> Mapped[str]:
    """Return the column of the row's world; rows are deleted together with their world."""
    return mapped_column(ForeignKey("worlds.name", ondelete="CASCADE"), index=True)


class World(Base):
    """An isolated merchant account with its own orders, clock, behaviours and log.

    ``seed`` makes what it draws the same on every run; ``drawn`` counts the draws of each kind, see
    core/chance.py.
    """

    __tablename__ = "worlds"

    name: Mapped[str] = mapped_column(primary_key=True)
    clock_rate: Mapped[float] = mapped_column(default=1.0)
    clock_set_at: Mapped[datetime]
    clock_showed: Mapped[datetime]
    switches: Mapped[dict[str, Any]] = mapped_column(default=dict)
    chaos: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    default_balance_rials: Mapped[int] = mapped_column(default=DEFAULT_BALANCE)
    seed: Mapped[int | None]
    drawn: Mapped[dict[str, Any]] = mapped_column(default=dict)


class TokenPair(Base):
    """An access token and the refresh token that was issued with it."""

    __tablename__ = "token_pairs"

    id: Mapped[int] = mapped_column(primary_key=True)
    world: Mapped[str] = in_world()
    gateway: Mapped[str]
    access_token: Mapped[str] = mapped_column(unique=True)
    refresh_token: Mapped[str] = mapped_column(unique=True)
    access_expires_at: Mapped[datetime]
    refresh_expires_at: Mapped[datetime]


class Order(Base):
    """A gateway's order: ``amount`` in ``currency``, ``amount_rials`` in Rials.

    ``payer_wallet`` is the mobile number whose wallet was debited, ``tracking_number`` what the
    wallet gateway calls ``refId``; an order paid by card has neither.
    """

    __tablename__ = "orders"

    identifier: Mapped[str] = mapped_column(primary_key=True)
    world: Mapped[str] = in_world()
    gateway: Mapped[str]
    state: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]
    amount_rials: Mapped[int]
    reference_number: Mapped[str]
    reference_is_number: Mapped[bool] = mapped_column(default=False)  # sent as a JSON integer
    user_identifier: Mapped[str]
    callback_url: Mapped[str]
    description: Mapped[str | None]
    additional_data: Mapped[str | None]
    payer_card_number: Mapped[str | None]
    force_payer_card: Mapped[bool] = mapped_column(default=False)
    national_code: Mapped[str | None]
    payer_card: Mapped[str | None]
    payer_wallet: Mapped[str | None]
    tracking_number: Mapped[str | None]
    cancelled_by_payer: Mapped[bool] = mapped_column(default=False)
    init_payer_ip: Mapped[str | None]
    redirect_payer_ip: Mapped[str | None]
    created_at: Mapped[datetime]
    modified_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_orders_due", "world", "state", "expires_at"),
        Index("ix_orders_reference", "world", "reference_number"),
    )


# In the order of creation, also where a frozen clock gives many orders the same moment.
OLDEST_FIRST: tuple[SQLColumnExpression[Any], ...] = (
    Order.created_at,
    literal_column("orders.rowid"),
)
NEWEST_FIRST = tuple(column.desc() for column in OLDEST_FIRST)


class Purchase(Base):
    """What only PPG v3 knows of an order: the order's ``amount`` is without this ``wage``.

    The ``psp_`` fields have values as soon as somebody has paid. ``contradicted_at`` is when a
    failed purchase turns out to be ``contradicted_by`` another state.
    """

    __tablename__ = "purchases"

    identifier: Mapped[str] = mapped_column(
        ForeignKey("orders.identifier", ondelete="CASCADE"), primary_key=True
    )
    wage: Mapped[int]
    payer_mobile: Mapped[str | None]
    check_payer_mobile: Mapped[bool]
    payer_cards: Mapped[list[str]] = mapped_column(JSON)
    payer_national_code: Mapped[str | None]
    terminal_ids: Mapped[list[str]] = mapped_column(JSON)
    auto_switching: Mapped[bool]
    psp_name: Mapped[str | None]
    psp_terminal_id: Mapped[str | None]
    psp_reference_number: Mapped[str | None]
    psp_rrn: Mapped[str | None]
    psp_trace_number: Mapped[str | None]
    psp_hashed_card: Mapped[str | None]
    fail_reason: Mapped[str | None]
    verified_at: Mapped[datetime | None]
    has_contradiction: Mapped[bool] = mapped_column(default=False)
    contradicted_by: Mapped[str | None]
    contradicted_at: Mapped[datetime | None] = mapped_column(index=True)
    order: Mapped[Order] = relationship(lazy="joined", innerjoin=True)


class TakenReference(Base):
    """The reference of a create that PPG v3 refused: by switch nobody can use it again."""

    __tablename__ = "taken_references"

    world: Mapped[str] = mapped_column(
        ForeignKey("worlds.name", ondelete="CASCADE"), primary_key=True
    )
    reference_number: Mapped[str] = mapped_column(primary_key=True)


class Transfer(Base):
    """One refund of a purchase: a bank transfer to the payer.

    Its state follows from these moments and the world's clock, see bank/transfers.py; ``halted``
    is a state in which it stays until somebody acts.
    """

    __tablename__ = "transfers"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_identifier: Mapped[str] = mapped_column(
        ForeignKey("orders.identifier", ondelete="CASCADE"), index=True
    )
    number: Mapped[int]  # the first refund of a purchase is number 1
    amount: Mapped[int]
    cancellable: Mapped[bool]
    created_at: Mapped[datetime]
    modified_at: Mapped[datetime]
    begins_at: Mapped[datetime]
    retried: Mapped[bool] = mapped_column(default=False)
    cancelled_at: Mapped[datetime | None]
    halted: Mapped[str | None]
    fail_reason: Mapped[str | None]


class Wallet(Base):
    """The balance of one mobile number's wallet in one world."""

    __tablename__ = "wallets"

    world: Mapped[str] = mapped_column(
        ForeignKey("worlds.name", ondelete="CASCADE"), primary_key=True
    )
    mobile: Mapped[str] = mapped_column(primary_key=True)
    balance_rials: Mapped[int]


class Transition(Base):
    """One state change of an order, with its reason."""

    __tablename__ = "transitions"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_identifier: Mapped[str] = mapped_column(
        ForeignKey("orders.identifier", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    state: Mapped[str]
    reason: Mapped[str]


class Rule(Base):
    """A behaviour that waits for calls, at one gateway or (``gateway`` None) at all.

    ``remaining`` None means until it is removed.
    """

    __tablename__ = "rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    world: Mapped[str] = in_world()
    behaviour: Mapped[str]
    gateway: Mapped[str | None]
    operation: Mapped[str | None]
    order_identifier: Mapped[str | None]
    remaining: Mapped[int | None]
    parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Exchange(Base):
    """A logged request and its response, with every secret masked before it is stored."""

    __tablename__ = "exchanges"

    id: Mapped[int] = mapped_column(primary_key=True)
    world: Mapped[str] = in_world()
    gateway: Mapped[str]
    operation: Mapped[str | None]
    received_at: Mapped[datetime]
    took_ms: Mapped[float | None]
    remote: Mapped[str | None]
    method: Mapped[str]
    path: Mapped[str]
    request_headers: Mapped[dict[str, Any]]
    request_body: Mapped[str]
    status: Mapped[int | None]
    response_headers: Mapped[dict[str, Any] | None]
    response_body: Mapped[str | None]
    fate: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(unique=True)
    order_identifier: Mapped[str | None] = mapped_column(index=True)
    reference_number: Mapped[str | None]
    behaviour: Mapped[str | None]
    source: Mapped[str | None]
    refusal: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
