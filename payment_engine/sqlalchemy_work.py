"""Implement one transaction of the SQLAlchemy store: every statement the engine sends."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    Text,
    and_,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from payment_engine.events import PaymentEvent
from payment_engine.payment import Payment
from payment_engine.redaction import redact
from payment_engine.sqlalchemy_refunds import SqlAlchemyRefunds
from payment_engine.sqlalchemy_statements import Statements
from payment_engine.sqlalchemy_tables import PaymentTables
from payment_engine.states import PaymentState
from payment_engine.store import LONGEST_AHEAD, Conflict

CLOCK_SKEW = timedelta(minutes=1)  #: by so much the clocks of two hosts may differ


class SqlAlchemyUnitOfWork(SqlAlchemyRefunds):
    """Implement :class:`~payment_engine.store.UnitOfWork` in one transaction of a session."""

    def __init__(self, session: Session, tables: PaymentTables, ready: Statements) -> None:
        super().__init__(session, tables)
        self._payments, self._ready = tables.payments, ready
        self._names = tuple(tables.payments.c.keys())  # those of a Payment
        self._as_read: dict[int, dict[str, Any]] = {}

    def lock_group(self, order_key: str) -> None:
        """Lock all payments of an order; makes the group if there is none yet."""
        lock, group = self._ready.lock_group, {"order_key": order_key}
        if self._connection.scalar(lock, group) is not None:
            return
        new = self._ready.new_group[self._connection.dialect.name]
        if self._connection.execute(new, group).rowcount != 1:
            self._connection.execute(lock, group)  # another transaction was faster

    def add(self, payment: Payment) -> None:
        """Insert a payment and set its ``id``."""
        values = {name: getattr(payment, name) for name in self._names if name != "id"}
        made = self._connection.execute(self._ready.add, values)
        payment.id = cast(Any, made.inserted_primary_key)[0]
        self._as_read[payment.id] = self._values_of(payment)

    def save(self, payment: Payment) -> None:
        """Write what has changed in a payment since it was read, and raise its version."""
        before = self._as_read[payment.id]
        payment.version = before["version"] + 1
        now = self._values_of(payment)
        changed = {name: value for name, value in now.items() if value != before[name]}
        chosen = {"of_id": payment.id, "of_version": before["version"]}
        if self._connection.execute(self._ready.save, chosen | changed).rowcount != 1:
            raise Conflict(f"payment {payment.reference} was changed meanwhile")
        self._as_read[payment.id] = now

    def _values_of(self, payment: Payment) -> dict[str, Any]:
        return {name: getattr(payment, name) for name in self._names}

    def by_id(self, payment_id: int) -> Payment:
        """Read a payment as it is now. Raises LookupError."""
        found = self._read(self._ready.by_id, id=payment_id)
        if not found:
            raise LookupError(payment_id)
        return found[0]

    def by_reference(self, reference: str) -> Payment | None:
        """Read the payment with this reference of ours."""
        found = self._read(self._ready.by_reference, reference=reference)
        return found[0] if found else None

    def of_order(self, order_key: str) -> Sequence[Payment]:
        """Read every payment of an order, oldest first."""
        return self._read(self._ready.of_order, order_key=order_key)

    def in_state(self, state: PaymentState, limit: int) -> Sequence[Payment]:
        """Read the payments in a state, oldest first, at most so many."""
        return self._read(self._those(self._payments.c.state == state).limit(limit))

    def _those(self, *conditions: ColumnElement[bool]) -> Select[Any]:
        return select(self._payments).where(*conditions).order_by(self._payments.c.id)

    def _read(self, query: Select[Any], **values: object) -> list[Payment]:
        found = [Payment(**row) for row in self._connection.execute(query, values).mappings()]
        self._as_read.update((each.id, self._values_of(each)) for each in found)
        return found

    def claim_next_due(
        self,
        states: Collection[PaymentState],
        gateways: Collection[str],
        now: datetime,
        until: datetime,
    ) -> int | None:
        """Take the due payment with the nearest deadline; see the port."""
        # Two queries, since each is one range of the index on (state, next_check_at); joined by OR,
        # neither database is sure to use it.
        due = self._payments.c.next_check_at <= now
        taken = self._most_urgent(states, gateways, now, due)
        if taken is None:
            taken = self._most_urgent(states, gateways, now, self._too_far_ahead(now, until))
        if taken is not None:
            self._put_off(taken, until)
        return taken

    def _too_far_ahead(self, now: datetime, until: datetime) -> ColumnElement[bool]:
        """Select payments whose next check nobody can have put there by the clock as it is now.

        ``until`` is the farthest within a payment's window, unless its create was not answered:
        that is looked up when the window is over. The skew keeps two workers on two hosts from
        taking each other's payments.
        """
        columns = self._payments.c
        asked_in_its_window = and_(
            columns.expires_at > now, columns.state != PaymentState.INITIATED
        )
        farthest = now + LONGEST_AHEAD + CLOCK_SKEW
        return and_(
            columns.next_check_at > until + CLOCK_SKEW,
            or_(asked_in_its_window, columns.next_check_at > farthest),
        )

    def _most_urgent(
        self,
        states: Collection[PaymentState],
        gateways: Collection[str],
        now: datetime,
        wanted: ColumnElement[bool],
    ) -> int | None:
        columns = self._payments.c
        query = (
            select(columns.id)
            .where(columns.state.in_(states), wanted)
            # An expression: by its index SQLite would read all that was ever paid at a gateway.
            .where((columns.gateway + "").in_(gateways))
            .order_by(columns.expires_at <= now, columns.expires_at, columns.id)
            .limit(1)
        )
        return self._connection.scalar(query.with_for_update(skip_locked=True))

    def take(self, payment: Payment, until: datetime) -> bool:
        """Put the next check of a payment off, unless somebody else has since it was read."""
        return self._put_off(
            payment.id, until, self._payments.c.next_check_at == payment.next_check_at
        )

    def _put_off(self, payment_id: int, until: datetime, *only_if: ColumnElement[bool]) -> bool:
        chosen = update(self._payments).where(self._payments.c.id == payment_id, *only_if)
        return self._connection.execute(chosen.values(next_check_at=until)).rowcount == 1

    def count_failure(self, payment_id: int, reason: str) -> None:
        """Count a failure of a payment without reading it: what is stored may be damaged."""
        columns = self._payments.c
        counted = {"failures": columns.failures + 1, "last_failure": reason}
        self._connection.execute(
            update(self._payments).where(columns.id == payment_id).values(counted)
        )

    def expiry_has_run(self, payment: Payment, since: datetime, until: datetime) -> bool:
        """Return whether the gateway has expired a younger payment; see the port."""
        columns = self._payments.c
        query = select(columns.id).where(
            columns.id > payment.id,  # by the primary key: few are younger than one asked about
            # Expressions: by these SQLite would read all of the gateway, or all that expired.
            columns.gateway + "" == payment.gateway,
            columns.state.cast(Text) == PaymentState.EXPIRED.value,
            columns.money_seen,
            columns.verifications_sent == 0,
            columns.closes_at >= since,
            columns.ended_at >= since,
            columns.ended_at < until,
        )
        return bool(self._connection.scalar(select(query.exists())))

    def append(self, event: PaymentEvent) -> None:
        """Append to the history, redacted."""
        row = {each.name: getattr(event, each.name) for each in fields(event)}
        row["details"] = redact(event.details)
        self._connection.execute(self._ready.append, row)

    def events_of(self, order_key: str) -> Sequence[PaymentEvent]:
        """Read the history of an order in the order in which it was written."""
        events = self._tables.events
        query = select(events).where(events.c.order_key == order_key).order_by(events.c.id)
        return [_event(row) for row in self._connection.execute(query).mappings()]

    def last_event_at(self, payment: Payment, event: str) -> datetime | None:
        """Return when an event was last recorded for a payment."""
        columns = self._tables.events.c
        query = select(columns.at).where(
            columns.order_key == payment.order_key,
            columns.payment_id == payment.id,
            columns.event == event,
        )
        return self._connection.scalar(query.order_by(columns.id.desc()).limit(1))

    def latest(self, events: Collection[str], since: datetime) -> datetime | None:
        """Return when one of these events was last recorded for any payment."""
        columns = self._tables.events.c
        query = select(func.max(columns.at)).where(columns.event.in_(events), columns.at >= since)
        at: datetime | None = self._connection.scalar(query)
        return at

    def named(
        self, gateway: str, gateway_ids: Collection[str], references: Collection[str]
    ) -> Sequence[Payment]:
        """Read the payments of a gateway with one of these ids or references."""
        wanted = {"ids": list(gateway_ids), "references": list(references)}
        return self._read(self._ready.named, gateway=gateway, **wanted)

    def created_between(
        self, gateway: str, since: datetime, until: datetime, *, after_id: int, limit: int
    ) -> Sequence[Payment]:
        """Read opened payments created in a span, by id, after one id."""
        columns = self._payments.c
        opened = self._those(
            # Expressions: by these columns SQLite would read all that was ever opened at a gateway.
            columns.gateway + "" == gateway,
            columns.id + 0 > after_id,
            columns.created_at.between(since, until),
            columns.gateway_payment_id.is_not(None),
        )
        return self._read(opened.order_by(None).order_by(columns.id + 0).limit(limit))


def _event(row: RowMapping) -> PaymentEvent:
    return PaymentEvent(**{each.name: row[each.name] for each in fields(PaymentEvent)})
