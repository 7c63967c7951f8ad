"""Pages of orders and calls, the newest first; each begins behind a row, so new ones shift none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request
from sqlalchemy import Select, SQLColumnExpression, select, tuple_

from jibit_sandbox.control.parameters import gateway_named, whole_argument
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.models import OLDEST_FIRST, Exchange, Order
from jibit_sandbox.web.request_log import searched
from jibit_sandbox.web.search import orders_found

SIZE = 60
Row = TypeVar("Row", Order, Exchange)
Key = tuple[SQLColumnExpression[Any], ...]
FILTERS = ("world", "lang", "gateway", "q", "operation", "behaviour")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and whether there are newer and older ones."""

    rows: list[Row]
    has_newer: bool
    has_older: bool


def orders_shown(work: Work) -> Select[Order]:
    """Return the orders that the page's gateway and search ask for."""
    gateway_named(request.args.get("gateway") or None)
    return orders_found(work.world.name, request.args)


def page_of_orders(work: Work) -> Page[Order]:
    """Return the orders that ``gateway``, ``q``, ``older_orders`` and ``newer_orders`` ask for."""
    found = orders_shown(work)
    return page_of(work, found, OLDEST_FIRST, *place_of_order(work))


def place_of_order(work: Work) -> tuple[tuple[Any, ...] | None, bool]:
    """Return the key of the order behind which the page begins, and whether it shows newer ones."""
    is_newer = "newer_orders" in request.args
    identifier = request.args.get("newer_orders" if is_newer else "older_orders")
    mine = select(*OLDEST_FIRST).where(
        Order.world == work.world.name, Order.identifier == identifier
    )
    row = work.session.execute(mine).one_or_none() if identifier else None
    return (tuple(row) if row else None), is_newer


def page_of_calls(work: Work) -> Page[Exchange]:
    """Return the calls that the filters, ``older_calls`` and ``newer_calls`` ask for."""
    return calls_matching(work, searched(work, request.args))


def page_of_order_calls(work: Work, identifier: str) -> Page[Exchange]:
    """Return the calls about one order, by ``older_calls`` and ``newer_calls``."""
    return calls_matching(work, searched(work, {"order": identifier}))


def calls_matching(work: Work, found: Select[Exchange]) -> Page[Exchange]:
    is_newer = "newer_calls" in request.args
    number = whole_argument("newer_calls" if is_newer else "older_calls")
    return page_of(work, found, (Exchange.id,), (number,) if number else None, is_newer)


def page_of(
    work: Work, found: Select[Row], key: Key, at: tuple[Any, ...] | None, is_newer: bool
) -> Page[Row]:
    """Return the rows just above or below ``at``; without it, or with none above it, the newest."""
    if at is not None:
        found = found.where(tuple_(*key) > at if is_newer else tuple_(*key) < at)
    upwards = is_newer and at is not None
    order = key if upwards else tuple(column.desc() for column in key)
    rows = list(work.session.scalars(found.order_by(*order).limit(SIZE + 1)))
    has_more, rows = len(rows) > SIZE, rows[:SIZE]
    if upwards:
        return Page(rows[::-1], has_newer=has_more, has_older=True)
    return Page(rows, has_newer=at is not None, has_older=has_more)
