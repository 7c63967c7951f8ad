"""Move stock from free to reserved, and from there to sold or back to free; count it.

Each move is one UPDATE that checks and changes at once, always in the order of product ids, so
that two orders for the same products neither oversell nor deadlock.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from sqlalchemy import Integer, Update, bindparam, update

from payment_engine import ImpossibleTransition
from storefront.catalogue.models import Product, products_by_id
from storefront.core.database import db


class StockPlace(StrEnum):
    """Where a piece of stock is: free, set aside for an order, or gone."""

    FREE = "free"
    RESERVED = "reserved"
    SOLD = "sold"


STOCK_MOVES: Mapping[StockPlace, frozenset[StockPlace]] = {
    StockPlace.FREE: frozenset({StockPlace.RESERVED}),
    StockPlace.RESERVED: frozenset({StockPlace.FREE, StockPlace.SOLD}),
    StockPlace.SOLD: frozenset({StockPlace.FREE}),
}

MOST_STOCK = 2**31 - 1  # of all pieces that ever came in, as the database keeps them

_products = Product.__table__
COLUMNS = {
    StockPlace.FREE: _products.c.stock_free,
    StockPlace.RESERVED: _products.c.stock_reserved,
    StockPlace.SOLD: _products.c.stock_sold,
}


class OutOfStock(Exception):
    """Some of what was asked for cannot be had.

    ``missing`` maps a product id to how many pieces are free instead of the number asked for.
    """

    def __init__(self, missing: Mapping[int, int]) -> None:
        self.missing = dict(missing)
        super().__init__("; ".join(f"product {key}: {free} left" for key, free in missing.items()))


def reserve(quantities: Mapping[int, int]) -> None:
    """Set pieces aside for an order that is not paid yet.

    ``quantities`` maps product ids to pieces. Raises :class:`OutOfStock` naming everything that
    is missing; the caller's transaction must then be rolled back.
    """
    short = [key for key, wanted in sorted(quantities.items()) if not _reserve_one(key, wanted)]
    if short:
        left = products_by_id(short)
        raise OutOfStock({key: left[key].stock_free if key in left else 0 for key in short})


def _reserve_one(product_id: int, wanted: int) -> bool:
    return _shift(product_id, wanted, StockPlace.FREE, StockPlace.RESERVED)


def release(quantities: Mapping[int, int]) -> None:
    """Give reserved pieces back, because their order will not be paid."""
    _shift_all(quantities, StockPlace.RESERVED, StockPlace.FREE)


def sell(quantities: Mapping[int, int]) -> None:
    """Turn reserved pieces into sold ones, because their order is paid."""
    _shift_all(quantities, StockPlace.RESERVED, StockPlace.SOLD)


def take_back(quantities: Mapping[int, int]) -> None:
    """Put sold pieces that came back, or were never sent, on sale again."""
    _shift_all(quantities, StockPlace.SOLD, StockPlace.FREE)


def _shift_all(quantities: Mapping[int, int], source: StockPlace, target: StockPlace) -> None:
    for product_id, pieces in sorted(quantities.items()):
        if not _shift(product_id, pieces, source, target):
            raise RuntimeError(f"product {product_id}: fewer pieces {source} than its orders hold")


@cache
def _shifting(source: StockPlace, target: StockPlace) -> Update:
    if target not in STOCK_MOVES[source]:
        raise ImpossibleTransition(f"a piece of stock: {source} → {target}")
    here, there, pieces = COLUMNS[source], COLUMNS[target], bindparam("pieces", type_=Integer)
    change = update(_products).where(_products.c.id == bindparam("product"), here >= pieces)
    if source is StockPlace.FREE:  # pieces of an order that was placed are still sold or released
        change = change.where(_products.c.retired_at.is_(None))
    return change.values({here: here - pieces, there: there + pieces})


def _shift(product_id: int, pieces: int, source: StockPlace, target: StockPlace) -> bool:
    moved = {"product": product_id, "pieces": pieces}
    result = db.session.execute(_shifting(source, target), moved)
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]  # an UPDATE has it


def adjust(product_id: int, pieces: int) -> int | None:
    """Let more pieces be free, or fewer; return how many are then.

    None, and nothing is changed, if there are not so many, or would be more than can be counted.
    """
    free, received = _products.c.stock_free, _products.c.stock_received
    change = update(_products).where(
        _products.c.id == product_id, free + pieces >= 0, received + pieces <= MOST_STOCK
    )
    values = {free: free + pieces, received: received + pieces}
    after: int | None = db.session.scalar(change.values(values).returning(free))
    return after
