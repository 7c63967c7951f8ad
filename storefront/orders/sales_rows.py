"""Read the sales and refunds of a period row by row, in the order of time.

Each batch is a query that begins after the last row of the one before: a long file neither fills
the memory nor keeps a connection while it is sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Row, func, literal, select, tuple_

from payment_engine.refund import RefundMethod
from payment_engine.sqlalchemy_tables import UTCDateTime
from storefront.core.database import db, end_reading
from storefront.orders.models import LineKind, Order, OrderLine
from storefront.orders.payments import Payment, Refund
from storefront.orders.sales import IS_DONE, IS_SALE, KEPT, OF_ORDER, Period

AT_ONCE = 500
_TAX = OrderLine.tax_included_rials
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A sale. Money is integer Rials; ``refunded_rials`` is what has gone back of it until now."""

    number: str
    paid_at: datetime
    full_name: str
    products_rials: int
    delivery_rials: int
    vat_rials: int
    total_rials: int
    refunded_rials: int
    gateway: str
    tracking_number: str
    reference: str


@dataclass(frozen=True, slots=True)
class RefundRow:
    """Money that went back of a sale, in integer Rials."""

    number: str
    done_at: datetime
    amount_rials: int
    gateway: str
    method: RefundMethod
    gateway_refund_id: str
    requested_by: str
    reason: str


def orders(period: Period) -> Iterator[Sequence[OrderRow]]:
    """Yield the orders that were paid in a period, some at a time."""
    columns = (Order.id, Order.paid_at, Order.number, Order.full_name, Order.amount_rials)
    paid = (Order.refunded_rials, Payment.gateway, Payment.tracking_number, Payment.reference)
    query = select(*columns, *paid).outerjoin(Payment, OF_ORDER).where(IS_SALE)
    yield from _batches(query, Order.paid_at, Order.id, period, _order_rows)


def refunds(period: Period) -> Iterator[Sequence[RefundRow]]:
    """Yield the refunds that were done in a period, some at a time."""
    columns = (Refund.id, Refund.ended_at, Refund.order_key, Refund.amount_rials, Refund.gateway)
    said = (Refund.method, _refunds.gateway_refund_id, Refund.requested_by, Refund.reason)
    query = select(*columns, *said).select_from(KEPT).where(IS_DONE)
    yield from _batches(query, Refund.ended_at, Refund.id, period, _refund_rows)


_refunds = Refund.__table__.c


def _batches(
    query: Any,
    at: Any,
    key: Any,
    period: Period,
    made: Callable[[Sequence[Row[Any]]], Sequence[Made]],
) -> Iterator[Sequence[Made]]:
    """Go through a query by two columns that an index has; they come second and first in it.

    Nothing else says where a batch begins: SQLite would walk again from the first row on.
    """
    ordered = query.where(at < period.until).order_by(at, key).limit(AT_ONCE)
    last = (period.since, 0)
    while True:
        behind = tuple_(at, key) > tuple_(literal(last[0], UTCDateTime()), literal(last[1]))
        rows = db.session.execute(ordered.where(behind)).all()
        batch = made(rows) if rows else []
        end_reading()
        if batch:
            yield batch
        if len(rows) < AT_ONCE:
            return
        last = (rows[-1][1], rows[-1][0])


def _order_rows(rows: Sequence[Row[Any]]) -> Sequence[OrderRow]:
    charged = _charged([row.id for row in rows])
    return [
        OrderRow(
            number=row.number,
            paid_at=row.paid_at,
            full_name=row.full_name,
            products_rials=charged.get((row.id, LineKind.PRODUCT), 0),
            delivery_rials=charged.get((row.id, LineKind.DELIVERY), 0),
            vat_rials=charged.get((row.id, LineKind.VAT), 0),
            total_rials=row.amount_rials,
            refunded_rials=row.refunded_rials,
            gateway=row.gateway or "",
            tracking_number=row.tracking_number or "",
            reference=row.reference or "",
        )
        for row in rows
    ]


def _charged(ids: Sequence[int]) -> Mapping[tuple[int, LineKind], int]:
    """Return what each order was charged by kind; the tax that prices contain counts as tax."""
    sums = func.sum(OrderLine.unit_price_rials * OrderLine.quantity), func.sum(_TAX)
    query = select(OrderLine.order_id, OrderLine.kind, *sums).where(OrderLine.order_id.in_(ids))
    charged = Counter[tuple[int, LineKind]]()
    for order_id, kind, rials, tax in db.session.execute(
        query.group_by(OrderLine.order_id, OrderLine.kind)
    ):
        charged[order_id, kind] += int(rials) - int(tax)
        charged[order_id, LineKind.VAT] += int(tax)
    return charged


def _refund_rows(rows: Sequence[Row[Any]]) -> Sequence[RefundRow]:
    return [
        RefundRow(
            number=row.order_key,
            done_at=row.ended_at,
            amount_rials=row.amount_rials,
            gateway=row.gateway,
            method=row.method,
            gateway_refund_id=row.gateway_refund_id or "",
            requested_by=row.requested_by,
            reason=row.reason,
        )
        for row in rows
    ]
