"""Write an invented month into a shop in test mode, some hundred orders in each transaction.

Stock: the pieces that were sold came in during the month, too, so the pieces on sale stay, and what
came back is added to them. Nothing is drawn but from the seed, the goods and the clock.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from payment_engine.discrepancies import Kind
from storefront.catalogue.models import IS_SOLD, Product
from storefront.catalogue.search_words import words_of
from storefront.core.database import db, end_reading, transaction
from storefront.core.services import Services
from storefront.core.tables import TABLES
from storefront.demo import fates, rows
from storefront.demo.fates import STILL_OPEN, Course, Extra
from storefront.demo.hours import moments
from storefront.demo.people import somebody
from storefront.demo.rows import Draft, Row
from storefront.orders.models import Order, OrderLine
from storefront.orders.order_words import MOST_WORDS, OrderWord
from storefront.orders.pricing import PricedLine, Quote
from storefront.orders.states import OrderState

MONTH_DAYS = 30
AT_ONCE = 500  # orders of a transaction
MOST_PRODUCTS = 2000  # of a large shop, these are bought
LATEST = timedelta(hours=1)  # since when the orders are left that are still open
# Numbers of ten digits, each once, in an order that tells nothing: the step has no divisor in common
# with how many there are.
NUMBERS, STEP = 9 * 10**9, 7_654_321_187
BY_PIECES = (70, 20, 7, 3)  # of a hundred lines have one piece, two, ...

Progress = Callable[[int, int], object]


class NothingToSell(Exception):
    """The shop has no goods."""


class AlreadyThere(Exception):
    """The shop has these very orders."""


@dataclass(slots=True)
class _Writer:
    """What one run needs to draw and to write orders."""

    rng: Random
    now: datetime
    services: Services
    products: Sequence[Product]
    weights: Sequence[float]
    first_number: int
    extras: list[Extra]


def fill(
    services: Services,
    *,
    seed: int,
    orders: int,
    days: int = MONTH_DAYS,
    progress: Progress = lambda done, total: None,
) -> Counter[OrderState]:
    """Write so many orders of the last days; return how many are in which state.

    Raises NothingToSell, and AlreadyThere for a seed that was used in this shop before: then what
    was written before in the same run stays.
    """
    writer, counts = _writer(services, seed), Counter[OrderState]()
    courses = _courses(writer, orders, days)
    while batch := list(islice(courses, AT_ONCE)):
        drafts = [_draft(writer, counts.total() + n, course) for n, course in enumerate(batch)]
        try:
            with transaction():
                _write(writer, drafts)
        except IntegrityError as error:
            raise AlreadyThere from error
        counts.update(draft.course.state for draft in drafts)
        progress(counts.total(), orders)
    return counts


def _writer(services: Services, seed: int) -> _Writer:
    query = select(Product).where(IS_SOLD).order_by(Product.id).limit(MOST_PRODUCTS)
    products = db.session.scalars(query).all()
    end_reading()
    if not products:
        raise NothingToSell
    rng = Random(seed)  # noqa: S311 - nothing secret is drawn
    weights = [1 / (1 + place) ** 0.6 for place in range(len(products))]
    rng.shuffle(weights)
    extras = list(Extra) if any(g.can_refund for g in services.engine.gateways.values()) else []
    extras = extras or [Extra.DISPUTED, Extra.DISPUTED_AGAIN]
    now = services.clock().replace(microsecond=0)
    return _Writer(rng, now, services, products, weights, rng.randrange(NUMBERS), extras)


def _courses(writer: _Writer, orders: int, days: int) -> Iterator[Course]:
    """Yield what became of each order: those that are over, then the open ones."""
    rng, now = writer.rng, writer.now
    for created_at in moments(rng, now - LATEST, days, orders - len(STILL_OPEN)):
        yield fates.course_of(rng, fates.drawn(rng), created_at, now, writer.extras)
    for fate, age in STILL_OPEN:
        yield Course(fate, now - age)


def _draft(writer: _Writer, place: int, course: Course) -> Draft:
    rng = writer.rng
    number = 10**9 + (writer.first_number + place * STEP) % NUMBERS
    names = tuple(writer.services.engine.gateways)
    (gateway,) = rng.choices(names, [3, *([1] * (len(names) - 1))])
    return Draft(
        number=str(number),
        token=f"{rng.getrandbits(128):032x}",
        person=somebody(rng),
        quote=_quote(writer),
        gateway=writer.services.engine.gateways[_fit(writer, course, gateway)],
        course=course,
    )


def _fit(writer: _Writer, course: Course, gateway: str) -> str:
    """Take another gateway for a refund that it could not carry out."""
    gateways = writer.services.engine.gateways
    if course.extra not in (Extra.REFUND_WAITS, Extra.REFUND_FAILED):
        return gateway
    return next(name for name, each in gateways.items() if each.can_refund)


def _quote(writer: _Writer) -> Quote:
    rng, prices = writer.rng, writer.services.prices
    count = rng.choice((1, 1, 1, 2, 2, 3))
    chosen = dict.fromkeys(rng.choices(range(len(writer.products)), writer.weights, k=count))
    lines = tuple(
        PricedLine(writer.products[place], rng.choices((1, 2, 3, 4), BY_PIECES)[0])
        for place in sorted(chosen)
    )
    return Quote(lines, prices.delivery_fee_rials, prices.vat_percent)


def _write(writer: _Writer, drafts: Sequence[Draft]) -> None:
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
    _write_payments(writer, drafts)
    _move_stock(drafts)


@lru_cache(4096)
def _words(name: str) -> list[str]:
    return sorted(words_of(name))[:MOST_WORDS]


def _write_payments(writer: _Writer, drafts: Sequence[Draft]) -> None:
    attempts = [list(rows.payment_rows(writer.rng, draft, writer.now)) for draft in drafts]
    ids = _added(TABLES.payments, "reference", [row for each in attempts for row in each])
    for row in (row for each in attempts for row in each):
        row["id"] = ids[row["reference"]]
    drawn = [rows.refund_row(d, each[-1]["id"]) for d, each in zip(drafts, attempts, strict=True)]
    refunds = [row for row in drawn if row is not None]
    refund_ids = _added(TABLES.refunds, "payment_id", refunds)
    for row in refunds:
        row["id"] = refund_ids[row["payment_id"]]
    told = zip(drafts, attempts, drawn, strict=True)
    _add(TABLES.events, [row for each in told for row in rows.event_rows(*each)])
    kept = zip(drafts, attempts, strict=True)
    disputed = [
        row
        for draft, each in kept
        if (row := _discrepancy(draft, each[-1], writer.now)) is not None
    ]
    _add(TABLES.discrepancies, disputed)


def _discrepancy(draft: Draft, payment: Row, now: datetime) -> Row | None:
    kinds = {
        Extra.DISPUTED: Kind.AMOUNT_DIFFERS,
        Extra.DISPUTED_AGAIN: Kind.PAID_HERE_NOT_THERE,
    }
    kind = kinds.get(draft.course.extra) if draft.course.extra else None
    if kind is None:
        return None
    amount = payment["amount_rials"]
    theirs = amount - 10_000 if kind is Kind.AMOUNT_DIFFERS else amount
    state = "successful" if kind is Kind.AMOUNT_DIFFERS else "expired"
    found = {"found_at": now - LATEST, "last_seen_at": now - LATEST}
    return found | {
        "gateway": payment["gateway"],
        "kind": kind,
        "key": hashlib.sha256(payment["gateway_payment_id"].encode()).hexdigest(),
        "gateway_payment_id": payment["gateway_payment_id"],
        "reference": payment["reference"],
        "payment_id": payment["id"],
        "ours": {"state": "paid", "amount_rials": amount},
        "theirs": {"state": state, "amount_rials": theirs},
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
    return {value: row_id for value, row_id in db.session.connection().execute(query, new)}
