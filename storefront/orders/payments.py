"""The engine's payments and discrepancies as the shop's pages read them, with their orders.

They are read only: whatever moves a payment goes through the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, relationship

from payment_engine.bounds import LONGEST_REFERENCE, is_name
from payment_engine.states import FINAL, PaymentState
from storefront.core.database import Model, db
from storefront.core.tables import TABLES
from storefront.orders.models import Order

if TYPE_CHECKING:
    from datetime import datetime

    from payment_engine.discrepancies import Closing, Kind
    from payment_engine.refund import RefundMethod, RefundState


class Payment(Model):
    """One attempt to pay an order; :class:`payment_engine.Payment` says what each column means."""

    __table__ = TABLES.payments

    if TYPE_CHECKING:
        id: Mapped[int]
        order_key: Mapped[str]
        gateway: Mapped[str]
        reference: Mapped[str]
        gateway_payment_id: Mapped[str | None]
        redirect_url: Mapped[str | None]
        state: Mapped[PaymentState]
        amount_rials: Mapped[int]
        created_at: Mapped[datetime]
        expires_at: Mapped[datetime]
        closes_at: Mapped[datetime]
        next_check_at: Mapped[datetime]
        gave_up_at: Mapped[datetime | None]
        callback_at: Mapped[datetime | None]
        paid_at: Mapped[datetime | None]
        payer_card: Mapped[str | None]
        tracking_number: Mapped[str | None]
        in_doubt_since: Mapped[datetime | None]
        claimed: Mapped[bool]
        verifications_sent: Mapped[int]
        verifications_answered: Mapped[int]
        captured_at: Mapped[datetime | None]
        failures: Mapped[int]
        last_failure: Mapped[str | None]
        ended_at: Mapped[datetime | None]
        callbacks_seen: Mapped[int]
        last_callback_at: Mapped[datetime | None]
        next_turn_at: Mapped[datetime | None]
        refunded_rials: Mapped[int]
        version: Mapped[int]

    order: Mapped[Order] = relationship(
        Order,
        primaryjoin=lambda: Payment.__table__.c.order_key == Order.number,
        foreign_keys=lambda: [Payment.__table__.c.order_key],
        viewonly=True,
    )

    @property
    def is_final(self) -> bool:
        """Return whether nothing can move this payment any more."""
        return self.state in FINAL


# By what stands on a shopper's receipt, or in the gateway's panel, the merchant finds the order.
Index("ix_payments_tracking_number", TABLES.payments.c.tracking_number)
Index("ix_payments_gateways_number", TABLES.payments.c.gateway_payment_id)
# What went back in a period.
Index("ix_refunds_ended_at_id", TABLES.refunds.c.ended_at, TABLES.refunds.c.id)


class Refund(Model):
    """One return of money; :class:`payment_engine.Refund` says what each column means."""

    __table__ = TABLES.refunds

    if TYPE_CHECKING:
        id: Mapped[int]
        payment_id: Mapped[int]
        order_key: Mapped[str]
        gateway: Mapped[str]
        amount_rials: Mapped[int]
        method: Mapped[RefundMethod]
        state: Mapped[RefundState]
        automatic: Mapped[bool]
        reason: Mapped[str]
        requested_by: Mapped[str]
        requested_at: Mapped[datetime]
        cancellable: Mapped[bool]
        said: Mapped[str | None]
        failures: Mapped[int]
        last_failure: Mapped[str | None]
        ended_at: Mapped[datetime | None]

    payment: Mapped[Payment] = relationship(Payment, viewonly=True)


class Discrepancy(Model):
    """A discrepancy of the two ledgers; see :class:`payment_engine.discrepancies.Discrepancy`."""

    __table__ = TABLES.discrepancies

    if TYPE_CHECKING:
        id: Mapped[int]
        gateway: Mapped[str]
        kind: Mapped[Kind]
        gateway_payment_id: Mapped[str | None]
        reference: Mapped[str | None]
        payment_id: Mapped[int | None]
        ours: Mapped[dict[str, Any]]
        theirs: Mapped[dict[str, Any]]
        found_at: Mapped[datetime]
        closed_at: Mapped[datetime | None]
        how: Mapped[Closing | None]
        reason: Mapped[str | None]

    payment: Mapped[Payment | None] = relationship(Payment, viewonly=True)

    @property
    def is_open(self) -> bool:
        """Return whether it still waits for a person."""
        return self.closed_at is None


def of_order(order: Order) -> Sequence[Payment]:
    """Return every payment of an order, oldest first, as the database has them now."""
    query = select(Payment).where(Payment.order_key == order.number).order_by(Payment.id)
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def open_discrepancies_of(order: Order) -> Sequence[Discrepancy]:
    """Return the discrepancies of an order's payments that wait for a person, oldest first."""
    of_it = select(Discrepancy).join(Payment, Payment.id == Discrepancy.payment_id)
    query = of_it.where(Payment.order_key == order.number, Discrepancy.closed_at.is_(None))
    return db.session.scalars(query.order_by(Discrepancy.id)).all()


def open_discrepancies() -> Sequence[Discrepancy]:
    """Return the discrepancies that wait for a person, oldest first."""
    query = select(Discrepancy).where(Discrepancy.closed_at.is_(None)).order_by(Discrepancy.id)
    return db.session.scalars(query).all()


def order_key_of(reference: str) -> str | None:
    """Return the key of the order whose payment has this reference of ours; None if none has."""
    if not is_name(reference, LONGEST_REFERENCE):
        return None
    return db.session.scalar(select(Payment.order_key).where(Payment.reference == reference))
