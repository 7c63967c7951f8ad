"""Define the engine's tables for SQLAlchemy, with the rules that the database enforces."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    event,
    text,
)
from sqlalchemy.types import TypeDecorator

from payment_engine.bounds import (
    LONGEST_CARD,
    LONGEST_CODE,
    LONGEST_GATEWAY_NAME,
    LONGEST_IDENTIFIER,
    LONGEST_ORDER_KEY,
    LONGEST_PERSON,
    LONGEST_URL,
    LONGEST_WORD,
)
from payment_engine.discrepancies import Closing, Kind
from payment_engine.events import Actor
from payment_engine.refund import REFUND_TRANSITIONS, RefundMethod, RefundState
from payment_engine.states import TRANSITIONS, PaymentState

LONGEST_ACCOUNT = 100
#: Somebody is trying. A text, as the databases find the index only by these very words.
HAS_MANY_CALLBACKS = "callbacks_seen > 5"


class UTCDateTime(TypeDecorator[datetime]):
    """Store an aware moment in UTC, also where the database (SQLite) keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return value.astimezone(UTC) if value else None
        return value.replace(tzinfo=UTC)


def one_of(values: type[StrEnum], name: str) -> Enum:
    """Return a text column type that the database itself holds to the values of an enum."""
    return Enum(
        values,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=24,
        values_callable=lambda members: [member.value for member in members],
    )


@dataclass(frozen=True, slots=True)
class PaymentTables:
    """Hold the engine's tables in one metadata."""

    groups: Table
    payments: Table
    events: Table
    tokens: Table
    refunds: Table
    discrepancies: Table
    runs: Table
    turns: Table


def payment_tables(metadata: MetaData, prefix: str = "") -> PaymentTables:
    """Add the engine's tables to ``metadata``; their names begin with ``prefix``.

    There is no foreign key into the application's tables: the hooks connect the two in the same
    transaction.
    """
    groups = _groups(metadata, prefix)
    payments = _payments(metadata, prefix, groups)
    tables = PaymentTables(
        groups=groups,
        payments=payments,
        events=_events(metadata, prefix, payments),
        tokens=_tokens(metadata, prefix),
        refunds=_refunds(metadata, prefix, payments),
        discrepancies=_discrepancies(metadata, prefix, payments),
        runs=_runs(metadata, prefix),
        turns=_turns(metadata, prefix),
    )
    _enforce_transitions(payments, TRANSITIONS)
    _enforce_transitions(tables.refunds, REFUND_TRANSITIONS)
    _enforce_append_only(tables.events)
    return tables


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, default=False)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, default=0)


def _moment(name: str, *, required: bool = False, **options: Any) -> Column[datetime]:
    return Column(name, UTCDateTime(), nullable=not required, **options)


def _groups(metadata: MetaData, prefix: str) -> Table:
    """One row for each order: whoever changes a payment of the order locks it first."""
    return Table(
        f"{prefix}payment_groups",
        metadata,
        Column("order_key", String(LONGEST_ORDER_KEY), primary_key=True),
    )


def _payments(metadata: MetaData, prefix: str, groups: Table) -> Table:
    name = f"{prefix}payments"
    return Table(
        name,
        metadata,
        _id(),
        Column(
            "order_key",
            String(LONGEST_ORDER_KEY),
            ForeignKey(groups.c.order_key),
            nullable=False,
            index=True,
        ),
        Column("gateway", String(LONGEST_GATEWAY_NAME), nullable=False),
        Column("reference", String(40), nullable=False, unique=True),
        Column("gateway_payment_id", String(LONGEST_IDENTIFIER)),
        Column("redirect_url", String(LONGEST_URL)),
        Column("state", one_of(PaymentState, "state_known"), nullable=False),
        Column("amount_rials", BigInteger, nullable=False),
        *(_moment(each, required=True) for each in ("created_at", "expires_at", "closes_at")),
        _moment("next_check_at", required=True),
        *(_moment(each) for each in ("gave_up_at", "callback_at", "paid_at")),
        Column("payer_card", String(LONGEST_CARD)),
        Column("tracking_number", String(LONGEST_IDENTIFIER)),
        _moment("in_doubt_since"),
        _flag("claimed"),
        _count("verifications_sent"),
        _count("verifications_answered"),
        _moment("captured_at"),
        _count("failures"),
        Column("last_failure", String(LONGEST_CODE)),
        _flag("money_seen"),
        _moment("success_since"),
        _moment("success_seen_at"),
        _flag("success_claimed"),
        *(_moment(each) for each in ("failed_seen_at", "gateway_expires_at", "ended_at")),
        _moment("missing_since"),
        _count("callbacks_seen"),
        *(_moment(each) for each in ("last_callback_at", "next_turn_at")),
        Column("refunded_rials", BigInteger, nullable=False, default=0),
        Column("demanded_card", String(LONGEST_CARD)),
        Column("version", Integer, nullable=False),
        CheckConstraint("amount_rials > 0", name="amount_positive"),
        CheckConstraint("refunded_rials >= 0", name="refunded_not_negative"),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid_has_a_time"),
        CheckConstraint("state <> 'paid' OR claimed", name="paid_holds_the_claim"),
        CheckConstraint("verifications_sent >= verifications_answered", name="answers_were_asked"),
        Index(
            f"uq_{name}_one_claim_for_an_order",
            "order_key",
            unique=True,
            sqlite_where=text("claimed"),
            postgresql_where=text("claimed"),
        ),
        Index(f"uq_{name}_gateway_payment_id", "gateway", "gateway_payment_id", unique=True),
        Index(f"ix_{name}_state_next_check_at", "state", "next_check_at"),
        Index(f"ix_{name}_created_at_id", "created_at", "id"),  # what is reconciled
        Index(
            f"ix_{name}_many_callbacks",
            "last_callback_at",
            sqlite_where=text(HAS_MANY_CALLBACKS),
            postgresql_where=text(HAS_MANY_CALLBACKS),
        ),
    )


def _events(metadata: MetaData, prefix: str, payments: Table) -> Table:
    name = f"{prefix}payment_events"
    return Table(
        name,
        metadata,
        _id(),
        _moment("at", required=True),
        Column("order_key", String(LONGEST_ORDER_KEY), nullable=False),
        Column("payment_id", ForeignKey(payments.c.id)),
        Column("actor", one_of(Actor, "actor_known"), nullable=False),
        Column("event", String(60), nullable=False),
        Column("details", JSON, nullable=False),
        Index(f"ix_{name}_order_key_id", "order_key", "id"),
        Index(f"ix_{name}_event_at", "event", "at"),
    )


def _tokens(metadata: MetaData, prefix: str) -> Table:
    """One merchant account's tokens; ``fence`` counts leases: only the latest holder writes."""
    return Table(
        f"{prefix}gateway_tokens",
        metadata,
        Column("account", String(LONGEST_ACCOUNT), primary_key=True),
        Column("access_token", Text),
        Column("refresh_token", Text),
        _moment("issued_at"),
        _count("fence"),
        _moment("leased_until"),
        _count("refusals"),
        _moment("refused_until"),
    )


def _refunds(metadata: MetaData, prefix: str, payments: Table) -> Table:
    name = f"{prefix}refunds"
    unfinished = text("ended_at IS NULL")
    return Table(
        name,
        metadata,
        _id(),
        Column("payment_id", ForeignKey(payments.c.id), nullable=False, index=True),
        Column("order_key", String(LONGEST_ORDER_KEY), nullable=False, index=True),
        Column("gateway", String(LONGEST_GATEWAY_NAME), nullable=False),
        Column("amount_rials", BigInteger, nullable=False),
        Column("method", one_of(RefundMethod, "method_known"), nullable=False),
        Column("state", one_of(RefundState, "state_known"), nullable=False),
        _flag("automatic"),
        Column("reason", Text, nullable=False),
        Column("requested_by", String(LONGEST_PERSON), nullable=False),
        _moment("requested_at", required=True),
        _flag("cancellable"),
        Column("gateway_refund_id", String(LONGEST_IDENTIFIER)),
        Column("said", String(LONGEST_WORD)),
        _count("times_sent"),
        *(_moment(each) for each in ("sent_at", "absent_since")),
        _moment("next_check_at", required=True),
        _count("failures"),
        Column("last_failure", String(LONGEST_CODE)),
        _moment("ended_at"),
        Column("version", Integer, nullable=False),
        CheckConstraint("amount_rials > 0", name="amount_positive"),
        CheckConstraint(
            "(state IN ('done', 'failed', 'cancelled')) = (ended_at IS NOT NULL)",
            name="ended_has_a_time",
        ),
        # One at a time: a transfer that the gateway lists can only be that of the unfinished one.
        Index(
            f"uq_{name}_one_unfinished_for_a_payment",
            "payment_id",
            unique=True,
            sqlite_where=unfinished,
            postgresql_where=unfinished,
        ),
        Index(f"ix_{name}_state_next_check_at", "state", "next_check_at"),
    )


def _discrepancies(metadata: MetaData, prefix: str, payments: Table) -> Table:
    name = f"{prefix}discrepancies"
    return Table(
        name,
        metadata,
        _id(),
        Column("gateway", String(LONGEST_GATEWAY_NAME), nullable=False),
        Column("kind", one_of(Kind, "kind_known"), nullable=False),
        Column("key", String(64), nullable=False),
        Column("gateway_payment_id", String(LONGEST_IDENTIFIER)),
        Column("reference", String(LONGEST_IDENTIFIER)),
        Column("payment_id", ForeignKey(payments.c.id), index=True),
        Column("ours", JSON, nullable=False),
        Column("theirs", JSON, nullable=False),
        *(_moment(each, required=True) for each in ("lies_from", "lies_to", "found_at")),
        _moment("last_seen_at", required=True),
        _moment("closed_at", index=True),
        Column("how", one_of(Closing, "how_known")),
        Column("reason", Text),
        Index(f"uq_{name}_gateway_kind_key", "gateway", "kind", "key", unique=True),
        CheckConstraint("(closed_at IS NULL) = (how IS NULL)", name="closed_somehow"),
        CheckConstraint("(how = 'decided') = (reason IS NOT NULL)", name="decided_for_a_reason"),
    )


def _runs(metadata: MetaData, prefix: str) -> Table:
    return Table(
        f"{prefix}reconciliation_runs",
        metadata,
        _id(),
        _moment("since", required=True),
        _moment("until", required=True),
        Column("follows_on", Boolean, nullable=False),
        _moment("started_at", required=True),
        _moment("finished_at", required=True),
        Column("complete", Boolean, nullable=False),
        Column("counts", JSON, nullable=False),
        Column("error", String(200)),
    )


def _turns(metadata: MetaData, prefix: str) -> Table:
    """One row for each thing that is done one at a time; ``fence`` counts the turns."""
    return Table(
        f"{prefix}gateway_turns",
        metadata,
        Column("name", String(LONGEST_ACCOUNT), primary_key=True),
        _count("fence"),
        _moment("leased_until"),
        _moment("urgent_until"),
    )


def _enforce_transitions(table: Table, transitions: Mapping[Any, Collection[Any]]) -> None:
    """Let the database refuse a transition that is not in the table."""
    pairs = (f"'{old}>{new}'" for old, allowed in transitions.items() for new in sorted(allowed))
    refused = (
        f"OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({', '.join(pairs)})"
    )
    _refuse(table, "moves", "UPDATE OF state", refused, "this transition is not allowed")


def _enforce_append_only(events: Table) -> None:
    for what in ("UPDATE", "DELETE"):
        _refuse(events, "append_only", what, "true", "the history is only appended to")


def _refuse(table: Table, rule: str, what: str, when: str, sentence: str) -> None:
    """Create a trigger with the table, on either database."""
    name = f"{table.name}_{rule}_{what.split()[0].lower()}"
    head = f"TRIGGER {name} BEFORE {what} ON {table.name} FOR EACH ROW WHEN ({when})"
    on_sqlite = f"CREATE {head} BEGIN SELECT RAISE(ABORT, '{table.name}: {sentence}'); END"
    function = (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE EXCEPTION '{table.name}: {sentence}' USING ERRCODE = 'check_violation'; END $$"
    )
    on_postgresql = (function, f"CREATE {head} EXECUTE FUNCTION {name}()")
    for dialect, statements in (("sqlite", (on_sqlite,)), ("postgresql", on_postgresql)):
        for statement in statements:
            ddl = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
            ddl = ddl.execute_if(dialect=dialect)
            event.listen(table, "after_create", ddl)
