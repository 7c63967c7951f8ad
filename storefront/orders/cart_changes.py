"""Change carts: whoever does so holds the lock of the cart's row until the commit.

Of two additions at the same time none is lost, and both see the same bounds: a cart has at most
:data:`~storefront.orders.holds.MOST_PIECES` pieces, so that it has no more lines either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam, delete, func, select, update

from storefront.catalogue.models import Product
from storefront.core.database import INSERTS, db, transaction
from storefront.orders.carts import CARTS, LEFT, LINES, ORDER_LINES, ORDERS, ROWS
from storefront.orders.holds import MOST_PIECES, TooManyPieces


class NotEnough(Exception):
    """Fewer pieces are free than were asked for; ``left`` maps product ids to how many are."""

    def __init__(self, left: Mapping[int, int]) -> None:
        self.left = dict(left)
        super().__init__("; ".join(f"product {key}: {free} left" for key, free in left.items()))


def free_of(product: Product) -> int:
    """Return how many pieces of a product can be had; none of one that is no longer sold."""
    return 0 if product.retired_at else product.stock_free


def changes_of(lines: Mapping[int, int], wanted: Mapping[Product, int]) -> dict[int, int]:
    """Return the lines that differ, by product id, if a cart with these lines can be made so.

    Raises TooManyPieces or NotEnough.
    """
    changes = {
        product.id: pieces
        for product, pieces in wanted.items()
        if pieces != lines.get(product.id, 0)
    }
    after = sum({**lines, **changes}.values())
    if after > max(MOST_PIECES, sum(lines.values())):
        raise TooManyPieces
    free = {product.id: free_of(product) for product in wanted}
    if short := {key: free[key] for key, pieces in changes.items() if pieces > free[key]}:
        raise NotEnough(short)
    return changes


@dataclass(frozen=True, slots=True)
class LockedCart:
    """A cart that nobody else changes until the commit; ``lines`` are pieces by product id."""

    id: int
    lines: dict[int, int]

    def put(self, wanted: Mapping[Product, int]) -> None:
        """Set the pieces of products; 0 takes one out.

        Raises TooManyPieces or NotEnough, and changes nothing then. What the cart held before may
        stay, even if it is more than it may hold today.
        """
        self._write(changes_of(self.lines, wanted))

    def put_at_least(self, wanted: Mapping[Product, int]) -> None:
        """Raise the pieces of products to so many, as far as stock and the cart's bounds allow."""
        for product, pieces in wanted.items():
            already = self.lines.get(product.id, 0)
            room = MOST_PIECES - sum(self.lines.values()) + already
            possible = min(pieces, free_of(product), room)
            if possible > already:
                self._write({product.id: possible})

    def take_out(self, pieces: Mapping[int, int]) -> None:
        """Take out so many pieces by product id, as far as they are there."""
        left = {key: self.lines[key] - pieces[key] for key in pieces if key in self.lines}
        self._write({key: max(0, quantity) for key, quantity in left.items()})

    def _write(self, changes: Mapping[int, int]) -> None:
        connection = db.session.connection()
        for key, quantity in changes.items():
            line = {"cart": self.id, "product": key}
            if quantity:
                connection.execute(_set_line(connection.dialect.name), line | {"pieces": quantity})
                self.lines[key] = quantity
            else:
                connection.execute(_DELETE, line)
                self.lines.pop(key, None)


# All are built once: to build them for each request costs as much as to run them.
_DELETE = delete(LINES).where(
    LINES.c.cart_id == bindparam("cart"), LINES.c.product_id == bindparam("product")
)


@cache
def _set_line(dialect: str) -> Executable:
    pieces: Any = bindparam("pieces")
    row = {"cart_id": bindparam("cart"), "product_id": bindparam("product"), "quantity": pieces}
    return (
        INSERTS[dialect](LINES)
        .values(row)
        .on_conflict_do_update(index_elements=["cart_id", "product_id"], set_={"quantity": pieces})
    )


@cache
def _lock(dialect: str) -> Executable:
    """Return the statement that makes a cart or locks the one that is there, and gives its id."""
    row = {"key": bindparam("key"), "changed_at": bindparam("now", type_=CARTS.c.changed_at.type)}
    upsert = INSERTS[dialect](CARTS).values(row)
    changed = {"changed_at": upsert.excluded.changed_at}
    return upsert.on_conflict_do_update(index_elements=["key"], set_=changed).returning(CARTS.c.id)


_SETTLE = update(ORDERS).where(LEFT).values(in_cart=False).returning(ORDERS.c.id)


@contextmanager
def locked(key: str, now: datetime) -> Iterator[LockedCart]:
    """Change a cart in one transaction; it comes into being here if there is none.

    The goods of orders that can be paid are taken out before, once. If an exception leaves the
    block, nothing was changed.
    """
    with transaction():
        connection = db.session.connection()
        lock = _lock(connection.dialect.name)
        cart_id = int(connection.execute(lock, {"key": key, "now": now}).scalar_one())
        gone = _leaving(key)
        rows = connection.execute(ROWS, {"key": key})
        cart = LockedCart(cart_id, {row.product_id: row.quantity for row in rows})
        cart.take_out(gone)
        yield cart


def _leaving(key: str) -> dict[int, int]:
    """Note that the goods of all orders that can be paid leave this cart; return the pieces."""
    connection = db.session.connection()
    orders = connection.execute(_SETTLE, {"key": key}).scalars().all()
    if not orders:
        return {}
    query = (
        select(ORDER_LINES.c.product_id, func.sum(ORDER_LINES.c.quantity))
        .where(ORDER_LINES.c.order_id.in_(orders), ORDER_LINES.c.product_id.is_not(None))
        .group_by(ORDER_LINES.c.product_id)
    )
    return {product_id: int(pieces) for product_id, pieces in connection.execute(query)}


def forget_orders(key: str) -> None:
    """Forget which orders came from this cart; whoever has its key is to them as anybody else."""
    orders = update(ORDERS).where(ORDERS.c.cart_key == key)
    db.session.execute(orders.values(cart_key=None, in_cart=False))
