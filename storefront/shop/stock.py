"""Stock moves from free to reserved, and from there to sold or back to free: never anywhere else.

Each move is one UPDATE that checks and changes at once, always in the order of product ids, so
that two orders for the same goods neither oversell nor deadlock.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import update

from storefront.database import db
from storefront.shop.catalogue import Product, products_by_id


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
    return _move(
        product_id,
        Product.stock_free >= wanted,
        stock_free=Product.stock_free - wanted,
        stock_reserved=Product.stock_reserved + wanted,
    )


def release(quantities: Mapping[int, int]) -> None:
    """Give reserved pieces back, because their order will not be paid."""
    for product_id, pieces in sorted(quantities.items()):
        _must_move(
            product_id,
            Product.stock_reserved >= pieces,
            stock_free=Product.stock_free + pieces,
            stock_reserved=Product.stock_reserved - pieces,
        )


def sell(quantities: Mapping[int, int]) -> None:
    """Turn reserved pieces into sold ones, because their order is paid."""
    for product_id, pieces in sorted(quantities.items()):
        _must_move(
            product_id,
            Product.stock_reserved >= pieces,
            stock_reserved=Product.stock_reserved - pieces,
            stock_sold=Product.stock_sold + pieces,
        )


def _must_move(product_id: int, condition: object, **changes: object) -> None:
    if not _move(product_id, condition, **changes):
        raise RuntimeError(f"product {product_id}: fewer pieces reserved than its orders hold")


def _move(product_id: int, condition: object, **changes: object) -> bool:
    statement = update(Product).where(Product.id == product_id, condition).values(**changes)  # type: ignore[arg-type]
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]
