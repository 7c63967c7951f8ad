"""Add up what was sold in a period: by day, product, category and gateway.

A sale counts when its order was paid, for as long as the order exists; a refund when the gateway
had returned the money. Payments that were never kept are no sales, and what went back of them is no
refund. Every function reads on the connection that it is given, so that its sums agree with others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, desc, func, select, text

from payment_engine import RefundState
from payment_engine.refund import ENDED
from storefront.catalogue.models import Category, Product
from storefront.orders.models import OF_SALES, LineKind, Order, OrderLine
from storefront.orders.payments import Payment, Refund

# Who is paid has this moment, and nobody else: by their state, SQLite might walk over all payments.
IS_PAID = Payment.paid_at.is_not(None)
OF_ORDER = and_(Payment.order_key == Order.number, IS_PAID)


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time, its end left out; aware UTC."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Sums:
    """What was sold and what went back. Money is integer Rials.

    Goods and delivery are without tax, also where their prices contained it.
    """

    orders: int = 0
    pieces: int = 0
    products_rials: int = 0
    delivery_rials: int = 0
    vat_rials: int = 0
    refunds_rials: int = 0

    @property
    def sales_rials(self) -> int:
        """Return what shoppers paid."""
        return self.products_rials + self.delivery_rials + self.vat_rials

    @property
    def net_rials(self) -> int:
        """Return what they paid less what went back."""
        return self.sales_rials - self.refunds_rials


@dataclass(frozen=True, slots=True)
class Sold:
    """How much was sold of a product, or of a category's. ``products_rials`` is without tax."""

    name_fa: str
    name_en: str
    orders: int
    pieces: int
    products_rials: int


# Without the tax that it contains, so that sums agree whether tax was added or not.
_amount = OrderLine.unit_price_rials * OrderLine.quantity - OrderLine.tax_included_rials


def _of_kind(kind: LineKind, column: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((OrderLine.kind == kind, column), else_=0)), 0)


_PIECES = _of_kind(LineKind.PRODUCT, OrderLine.quantity.expression)
_GOODS = _of_kind(LineKind.PRODUCT, _amount)
_ORDERS = func.count(Order.id.distinct())
_SOLD = (
    _ORDERS,
    _PIECES,
    _GOODS,
    _of_kind(LineKind.DELIVERY, _amount),
    _of_kind(LineKind.VAT, _amount) + func.coalesce(func.sum(OrderLine.tax_included_rials), 0),
)
_LINES = Order.__table__.join(OrderLine.__table__, OrderLine.order_id == Order.id)
_REFUNDED = func.coalesce(func.sum(Refund.amount_rials), 0)
KEPT = Refund.__table__.join(Payment.__table__, and_(Payment.id == Refund.payment_id, IS_PAID))


# An index has the sales by when they were paid; who asks by that moment names it by this.
IS_SALE = text(f"orders.{OF_SALES}")
# By the state itself, SQLite would walk over all refunds that ever were done.
IS_DONE = Refund.state.not_in(ENDED - {RefundState.DONE})


def _is_sale_in(period: Period) -> ColumnElement[bool]:
    return and_(Order.paid_at >= period.since, Order.paid_at < period.until, IS_SALE)


def _is_refund_in(period: Period) -> ColumnElement[bool]:
    return and_(Refund.ended_at >= period.since, Refund.ended_at < period.until, IS_DONE)


def totals(connection: Connection, period: Period) -> Sums:
    """Return the sums of a period."""
    sold = select(*_SOLD).select_from(_LINES).where(_is_sale_in(period))
    back = select(_REFUNDED).select_from(KEPT).where(_is_refund_in(period))
    (refunded,) = connection.execute(back).one()
    return replace(Sums(*map(int, connection.execute(sold).one())), refunds_rials=int(refunded))


def count_refunds(connection: Connection, period: Period) -> int:
    """Return how many refunds were done in a period."""
    query = select(func.count()).select_from(KEPT).where(_is_refund_in(period))
    return connection.execute(query).scalar_one()


def by_gateway(connection: Connection, period: Period) -> dict[str, Sums]:
    """Return the sums by the gateway that the money came through, and went back through."""
    # Not of each order first: SQLite would walk over all orders to group them.
    paid = _LINES.outerjoin(Payment.__table__, OF_ORDER)
    gateway = func.coalesce(Payment.gateway, "").label("gateway")
    sold = select(gateway, *_SOLD).select_from(paid).where(_is_sale_in(period)).group_by(gateway)
    back = select(Refund.gateway, _REFUNDED).select_from(KEPT).where(_is_refund_in(period))
    found = {name: tuple(map(int, row)) for name, *row in connection.execute(sold)}
    refunded = dict(connection.execute(back.group_by(Refund.gateway)).all())
    names = sorted({*found, *refunded})
    return {
        name: replace(Sums(*found.get(name, ())), refunds_rials=int(refunded.get(name, 0)))
        for name in names
    }


def by_category(connection: Connection, period: Period) -> list[Sold]:
    """Return what was sold of each category, the most first; products count where they are now."""
    goods = _goods().join(Category.__table__, Category.id == Product.category_id)
    return _sold(connection, period, goods, Category, None)


def by_product(connection: Connection, period: Period, most: int) -> list[Sold]:
    """Return the products of which most was sold, in Rials; not more than ``most``."""
    return _sold(connection, period, _goods(), Product, most)


def _goods() -> FromClause:
    return _LINES.join(Product.__table__, Product.id == OrderLine.product_id)


def _sold(
    connection: Connection,
    period: Period,
    goods: FromClause,
    of: type[Product | Category],
    most: int | None,
) -> list[Sold]:
    names = (of.name_fa, of.name_en)
    query = select(*names, _ORDERS, _PIECES, _GOODS).select_from(goods).where(_is_sale_in(period))
    query = query.group_by(of.id, *names).order_by(desc(_GOODS), of.id).limit(most)
    return [Sold(fa, en, *map(int, sums)) for fa, en, *sums in connection.execute(query)]
