"""Count what there is to do, and what the day brought beside the same day of last week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from storefront.admin import days
from storefront.catalogue.models import IS_LOW, Product
from storefront.core.database import db
from storefront.orders.models import Order
from storefront.orders.sales import IS_SALE
from storefront.orders.states import OrderState

WEEK = timedelta(days=7)
MOST_ROWS = 20


@dataclass(frozen=True, slots=True)
class Day:
    """Orders that were paid on a day in Tehran, and their sum in Rials."""

    orders: int
    amount_rials: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What there is to do, and the day's income; ``low`` are products of which few are left."""

    day: date
    to_pack: int
    to_send: int
    oldest_to_send: datetime | None
    today: Day
    week_ago: Day
    low: list[Product]


def figures_of_today(now: datetime) -> Figures:
    """Return the figures, in queries that an index answers."""
    day = days.today(now)
    # Asked for alone, the oldest would be looked for from the first sale on.
    counted = (func.count(), func.count(Order.packed_at), func.min(Order.paid_at))
    unsent = select(*counted).where(Order.state == OrderState.PAID)
    count, packed, oldest = db.session.execute(unsent).one()
    low = select(Product).where(IS_LOW)
    return Figures(
        day=day,
        to_pack=count - packed,
        to_send=packed,
        oldest_to_send=oldest,
        today=_paid_between(days.begin_of(day), now),
        week_ago=_paid_between(days.begin_of(day - WEEK), now - WEEK),
        low=list(db.session.scalars(low.order_by(Product.stock_free, Product.id).limit(MOST_ROWS))),
    )


def _paid_between(since: datetime, until: datetime) -> Day:
    query = select(func.count(), func.sum(Order.amount_rials)).where(
        Order.paid_at >= since, Order.paid_at <= until, IS_SALE
    )
    count, amount_rials = db.session.execute(query).one()
    return Day(count, int(amount_rials or 0))
