"""Put the items of a paid order back on sale, when they came back or were never sent."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from storefront.catalogue import stock
from storefront.catalogue.models import Product
from storefront.core.database import db
from storefront.orders import models as orders
from storefront.orders.models import Order

EVERYTHING = "all"


class NotTakenBack(Exception):
    """Raised for items that the order does not have; the sentence says which."""


def take_back(order: Order, wanted: Sequence[str]) -> int:
    """Put pieces back on sale; return how many. The caller holds the order's lock and commits.

    ``wanted`` are texts such as ``"cup=2"``, with a product's slug, or ``"all"``. Raises
    NotTakenBack for more than was sold.
    """
    sold = orders.quantities(order)
    chosen = sold if tuple(wanted) == (EVERYTHING,) else _chosen(wanted, sold)
    stock.take_back(chosen)
    return sum(chosen.values())


def _chosen(wanted: Sequence[str], sold: dict[int, int]) -> dict[int, int]:
    chosen: dict[int, int] = {}
    for text in wanted:
        slug, _, number = text.partition("=")
        product_id = db.session.scalar(select(Product.id).where(Product.slug == slug))
        pieces = int(number) if number.isascii() and number.isdecimal() else 0
        if product_id not in sold or not 0 < pieces <= sold[product_id]:
            raise NotTakenBack(f"{text!r} is not SLUG=PIECES of what the order has")
        chosen[product_id] = pieces
    return chosen
