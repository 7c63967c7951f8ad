"""Change carts: whoever does so holds the lock of the cart's row until the commit.

Of two additions at the same time none is lost, and both see the same bounds: a cart has at most
:data:`~storefront.orders.holds.MOST_PIECES` pieces, so that it has no more lines either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam, delete, update

from storefront.catalogue.models import Product
from storefront.core.database import INSERTS, db, transaction
from storefront.orders import carts
from storefront.orders.carts import CARTS, LINES
from storefront.orders.holds import MOST_PIECES, TooManyPieces
from storefront.orders.models import Order


class NotEnough(Exception):
    """Fewer pieces are free than were asked for; ``left`` maps product ids to how many are."""

    def __init__(self, left: Mapping[int, int]) -> None:
        self.left = dict(left)
        super().__init__("; ".join(f"product {key}: {free} left" for key, free in left.items()))


def free_of(product: Product) -> int:
    """Return how many pieces of a product can be had; none of one that is no longer sold."""
    return 0 if product.retired_at else product.stock_free


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
        changes = {
            product.id: pieces
            for product, pieces in wanted.items()
            if pieces != self.lines.get(product.id, 0)
        }
        after = sum((self.lines | changes).values())
        if after > max(MOST_PIECES, sum(self.lines.values())):
            raise TooManyPieces
        free = {product.id: free_of(product) for product in wanted}
        if short := {key: free[key] for key, pieces in changes.items() if pieces > free[key]}:
            raise NotEnough(short)
        self._write(changes)

    def put_at_least(self, wanted: Mapping[Product, int]) -> None:
        """Raise the pieces of products to so many, as far as stock and the cart's bounds allow."""
        for product, pieces in wanted.items():
            already = self.lines.get(product.id, 0)
            room = MOST_PIECES - sum(self.lines.values()) + already
            possible = min(pieces, free_of(product), room)
            if possible > already:
                self._write({product.id: possible})

    def begin_with(self, pieces: Mapping[int, int]) -> None:
        """Hold these pieces by product id, even if there are fewer: the shopper is told later."""
        self._write(pieces)

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


@contextmanager
def locked(
    key: str,
    now: datetime,
    begins_with: Mapping[int, int] | None = None,
    left_with: Sequence[str] = (),
) -> Iterator[LockedCart]:
    """Change a cart in one transaction; it comes into being here if there is none.

    ``begins_with`` is what an empty cart holds first. ``left_with`` are the numbers of orders whose
    goods are taken out before: once, however often they are named. If an exception leaves the
    block, nothing was changed.
    """
    with transaction():
        cart = LockedCart(_locked_id(key, now), carts.contents(key))
        cart.take_out(carts.ordered(key, left_with))
        _forget_orders(key, left_with)
        if begins_with and not cart.lines:
            cart.begin_with(begins_with)
        yield cart


def _locked_id(key: str, now: datetime) -> int:
    connection = db.session.connection()
    lock = _lock(connection.dialect.name)
    return int(connection.execute(lock, {"key": key, "now": now}).scalar_one())


def _forget_orders(key: str, numbers: Sequence[str]) -> None:
    """Note that the cart does not hold the goods of these orders any more."""
    if numbers:
        orders = Order.__table__
        of_them = orders.c.number.in_(numbers), orders.c.cart_key == key
        db.session.execute(update(orders).where(*of_them).values(cart_key=None))
