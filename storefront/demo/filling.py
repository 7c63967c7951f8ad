"""Write an invented month into a shop in test mode, two hundred orders in each transaction.

Stock: the pieces that were sold came in during the month, too, so the pieces on sale stay, and what
came back is added to them. Nothing is drawn but from the seed, the goods and the clock.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.exc import IntegrityError

from payment_engine.discrepancies import Kind
from storefront.catalogue.models import Product
from storefront.catalogue.search_words import words_of
from storefront.core.database import db, transaction
from storefront.core.services import Services
from storefront.core.tables import TABLES
from storefront.demo import drawing, rows
from storefront.demo.drawing import LATEST, Source, source_of
from storefront.demo.fates import Extra
from storefront.demo.histories import event_rows
from storefront.demo.rows import Draft, Row
from storefront.orders.models import Order, OrderLine
from storefront.orders.order_words import MOST_WORDS, OrderWord
from storefront.orders.states import OrderState

MONTH_DAYS = 30
AT_ONCE = 200  # orders of a transaction

Progress = Callable[[int, int], object]


class AlreadyThere(Exception):
    """The shop has these very orders."""


def fill(
    services: Services,
    *,
    seed: int,
    orders: int,
    days: int = MONTH_DAYS,
    progress: Progress | None = None,
) -> Counter[OrderState]:
    """Write so many orders of the last days; return how many are in which state.

    Raises NothingToSell, and AlreadyThere for a seed that was used in this shop before: then what
    was written before in the same run stays.
    """
    source, counts = source_of(services, seed), Counter[OrderState]()
    drawn = drawing.courses(source, orders, days)
    while batch := list(islice(drawn, AT_ONCE)):
        drafts = [
            drawing.draft(source, counts.total() + n, course) for n, course in enumerate(batch)
        ]
        try:
            with transaction():
                _write(source, drafts)
        except IntegrityError as error:
            raise AlreadyThere from error
        counts.update(draft.course.state for draft in drafts)
        if progress:
            progress(counts.total(), orders)
    return counts


def _write(source: Source, drafts: Sequence[Draft]) -> None:
    order_ids = _added(Order.__table__, "number", [rows.order_row(draft) for draft in drafts])
    lines = [row for d in drafts for row in rows.line_rows(d, order_ids[d.number])]
    _add(OrderLine.__table__, lines)
    words = [
        {"word": word, "order_id": order_ids[d.number]}
        for d in drafts
        for word in _words(d.person.full_name)
    ]
    _add(OrderWord.__table__, words)
    _add(TABLES.groups, [{"order_key": draft.number} for draft in drafts])
    _write_payments(source, drafts)
    _move_stock(drafts)


@lru_cache(4096)
def _words(name: str) -> list[str]:
    return sorted(words_of(name))[:MOST_WORDS]


def _write_payments(source: Source, drafts: Sequence[Draft]) -> None:
    attempts = [list(rows.payment_rows(source.rng, draft, source.now)) for draft in drafts]
    ids = _added(TABLES.payments, "reference", [row for each in attempts for row in each])
    for row in (row for each in attempts for row in each):
        row["id"] = ids[row["reference"]]
    drawn = [rows.refund_row(d, each[-1]["id"]) for d, each in zip(drafts, attempts, strict=True)]
    refunds = [row for row in drawn if row is not None]
    refund_ids = _added(TABLES.refunds, "payment_id", refunds)
    for refund in refunds:
        refund["id"] = refund_ids[refund["payment_id"]]
    told = zip(drafts, attempts, drawn, strict=True)
    _add(TABLES.events, [row for each in told for row in event_rows(*each)])
    found = (
        _discrepancy(d, each[-1], source.now) for d, each in zip(drafts, attempts, strict=True)
    )
    _add(TABLES.discrepancies, [row for row in found if row is not None])


def _discrepancy(draft: Draft, payment: Row, now: datetime) -> Row | None:
    amount, extra = payment["amount_rials"], draft.course.extra
    if extra is Extra.DISPUTED:
        kind, theirs = Kind.AMOUNT_DIFFERS, {"state": "successful", "amount_rials": amount - 10_000}
    elif extra is Extra.DISPUTED_AGAIN:
        kind, theirs = Kind.PAID_HERE_NOT_THERE, {"state": "expired", "amount_rials": amount}
    else:
        return None
    return {
        "gateway": payment["gateway"],
        "kind": kind,
        "key": hashlib.sha256(payment["gateway_payment_id"].encode()).hexdigest(),
        "gateway_payment_id": payment["gateway_payment_id"],
        "reference": payment["reference"],
        "payment_id": payment["id"],
        "ours": {"state": "paid", "amount_rials": amount},
        "theirs": theirs,
        "found_at": now - LATEST,
        "last_seen_at": now - LATEST,
        "lies_from": payment["created_at"],
        "lies_to": payment["created_at"],
    }


def _move_stock(drafts: Sequence[Draft]) -> None:
    sold, reserved, back = Counter[int](), Counter[int](), Counter[int]()
    for draft in drafts:
        course = draft.course
        if course.is_paid or course.state is OrderState.PLACED:
            moved = back if course.took_back else sold if course.is_paid else reserved
            moved.update({line.product.id: line.quantity for line in draft.quote.lines})
    changes = [
        {"of": key, "sold": sold[key], "reserved": reserved[key], "back": back[key]}
        for key in sorted(sold | reserved | back)
    ]
    if changes:
        db.session.connection().execute(_MOVE, changes)


_stock: Any = Product.__table__.c
_MOVE = (
    update(Product.__table__)
    .where(_stock.id == bindparam("of"))
    .values(
        stock_received=_stock.stock_received
        + bindparam("sold")
        + bindparam("reserved")
        + bindparam("back"),
        stock_sold=_stock.stock_sold + bindparam("sold"),
        stock_reserved=_stock.stock_reserved + bindparam("reserved"),
        stock_free=_stock.stock_free + bindparam("back"),
    )
)


def _add(table: Table, new: list[Row]) -> None:
    if new:
        db.session.connection().execute(insert(table), new)


def _added(table: Table, key: str, new: list[Row]) -> dict[Any, int]:
    """Insert rows; return their ids by a column in which each has another value."""
    if not new:
        return {}
    query = insert(table).returning(table.c[key], table.c.id)
    return dict(db.session.connection().execute(query, new).all())
