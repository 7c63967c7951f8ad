"""Put the items of a paid order back on sale, when they came back or were never sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from storefront.catalogue import stock
from storefront.catalogue.models import Product
from storefront.core.database import db
from storefront.orders.models import LineKind, Order, OrderLine

EVERYTHING = "all"


class NotTakenBack(Exception):
    """Raised for items that the order does not have any more; the sentence says which."""


def take_back(order: Order, wanted: Sequence[str]) -> int:
    """Put pieces back on sale; return how many. The caller holds the order's lock and commits.

    ``wanted`` are texts such as ``"cup=2"``, with a product's slug, or ``"all"``. A piece is taken
    back once. Raises NotTakenBack for what is not there.
    """
    lines = _lines(order)
    left = {slug: line.quantity - line.taken_back for slug, line in lines.items()}
    if tuple(wanted) == (EVERYTHING,):
        chosen = {slug: pieces for slug, pieces in left.items() if pieces}
    else:
        chosen = _chosen(wanted, left)
    for slug, pieces in chosen.items():
        lines[slug].taken_back += pieces
    stock.take_back({lines[slug].product_id or 0: pieces for slug, pieces in chosen.items()})
    return sum(chosen.values())


def _lines(order: Order) -> dict[str, OrderLine]:
    query = (
        select(Product.slug, OrderLine)
        .join(Product, Product.id == OrderLine.product_id)
        .where(OrderLine.order_id == order.id, OrderLine.kind == LineKind.PRODUCT)
        .execution_options(populate_existing=True)
    )
    return dict(iter(db.session.execute(query)))


def _chosen(wanted: Sequence[str], left: Mapping[str, int]) -> dict[str, int]:
    chosen: dict[str, int] = {}
    for text in wanted:
        slug, _, number = text.partition("=")
        pieces = int(number) if number.isdecimal() else 0  # Persian digits, too
        if not 0 < pieces <= left.get(slug, 0) - chosen.get(slug, 0):
            there = ", ".join(f"{name}={most}" for name, most in left.items() if most)
            raise NotTakenBack(f"{text!r} is not SLUG=PIECES of what is left: {there or 'nothing'}")
        chosen[slug] = chosen.get(slug, 0) + pieces
    return chosen
