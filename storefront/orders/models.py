"""Store orders: what a customer bought, at which prices, and in which state it is."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    bindparam,
    false,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from payment_engine import ImpossibleTransition
from payment_engine.sqlalchemy_tables import one_of
from storefront.core.clock import SKEW
from storefront.core.database import Model, db
from storefront.core.delivery import LONGEST_KEY
from storefront.core.limits import CLIENT_LENGTH
from storefront.orders.states import ORDER_MOVES, OrderState


class LineKind(StrEnum):
    """What a line of an order charges for."""

    PRODUCT = "product"
    DELIVERY = "delivery"
    VAT = "vat"


@dataclass(frozen=True, slots=True)
class Customer:
    """Hold who buys and where it is sent, as typed in the checkout form and normalised."""

    full_name: str
    mobile: str
    address: str
    postal_code: str
    province: str | None = None
    city: str | None = None
    email: str | None = None
    national_code: str | None = None
    note: str | None = None
    language: str = "fa"


def _personal(name: str, column: str, which: str) -> Index:
    rows = text(f"erased_at IS NULL AND {which}")
    return Index(name, column, sqlite_where=rows, postgresql_where=rows)


# True of every order, but only who looks for sales says so, by these very words: else SQLite would
# look in the index of sales for what is to be erased, and meet all that was erased before.
OF_SALES = "refunded_rials >= 0"


def _sales(name: str, *columns: str) -> Index:
    rows = text(f"paid_at IS NOT NULL AND {OF_SALES}")
    return Index(name, *columns, sqlite_where=rows, postgresql_where=rows)


def _open_work(name: str, which: str) -> Index:
    return Index(name, "id", sqlite_where=text(which), postgresql_where=text(which))


class Order(Model):
    """An order with its frozen prices.

    ``refunded_rials`` is what has gone back to the payer of a paid order.
    ``number`` is for people, ``token`` opens its page (unguessable), ``checkout_key`` is the
    one-time key of the form it came from. ``reserved_until`` is when its stock may be released;
    the worker looks at ``expiry_check_at`` whether it can be. ``expiry_tries`` counts in a row,
    ``expiry_error`` names the class of what the last one raised.
    From ``erased_at`` on its personal data is empty (:mod:`storefront.orders.privacy`).
    ``client`` stands for the network that ordered (see :mod:`storefront.core.limits`), while the
    order is unpaid. ``cart_key`` is the key of the cart that it came from, which only the browser
    that ordered has; ``in_cart`` says that its goods have not been taken out of that cart yet.
    ``carrier`` is who brings the parcel, in the merchant's words, ``tracking_code`` theirs for it.
    ``delivery_method`` is the key of what the shopper chose, with its working days; its name and
    price stand in the line for the delivery. Orders from before there was a choice have none.
    ``pickup``: the buyer comes for it. ``province`` is a code of :mod:`storefront.core.provinces`.
    """

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("amount_rials > 0", name="amount_positive"),
        CheckConstraint(
            "(state IN ('paid', 'fulfilled', 'refunded')) = (paid_at IS NOT NULL)",
            name="paid_has_a_time",
        ),
        CheckConstraint(
            "(state = 'fulfilled') <= (fulfilled_at IS NOT NULL)"
            " AND (fulfilled_at IS NULL OR state IN ('fulfilled', 'refunded'))",
            name="fulfilled_has_a_time",
        ),
        CheckConstraint(
            "refunded_rials >= 0 AND refunded_rials <= amount_rials", name="refunded_in_bounds"
        ),
        Index("ix_orders_state_expiry_check_at", "state", "expiry_check_at"),
        # Whose personal data is to be erased; what is erased leaves them.
        _personal("ix_orders_unpaid_personal_created_at", "created_at", "paid_at IS NULL"),
        _personal("ix_orders_paid_personal_paid_at", "paid_at", "paid_at IS NOT NULL"),
        Index("ix_orders_client_state", "client", "state"),
        # The merchant's list, the youngest first, by state, by what is to do, and by what is asked.
        Index("ix_orders_state_id", "state", "id"),
        _open_work("ix_orders_to_send_id", "state = 'paid'"),
        _open_work("ix_orders_on_the_way_id", "state = 'fulfilled' AND delivered_at IS NULL"),
        Index("ix_orders_created_at_id", "created_at", "id"),
        _sales("ix_orders_paid_at_id", "paid_at", "id"),
        Index("ix_orders_amount_rials_id", "amount_rials", "id"),
        Index("ix_orders_mobile_id", "mobile", "id"),
        Index("ix_orders_tracking_code", "tracking_code"),
        Index("ix_orders_cart_key", "cart_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    checkout_key: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[OrderState] = mapped_column(one_of(OrderState, "state_known"))
    amount_rials: Mapped[int] = mapped_column(BigInteger)
    refunded_rials: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime]
    reserved_until: Mapped[datetime]
    expiry_check_at: Mapped[datetime]
    expiry_tries: Mapped[int] = mapped_column(default=0)
    expiry_error: Mapped[str | None] = mapped_column(String(100))
    paid_at: Mapped[datetime | None]
    packed_at: Mapped[datetime | None]
    fulfilled_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    carrier: Mapped[str | None] = mapped_column(String(60))
    tracking_code: Mapped[str | None] = mapped_column(String(60))
    full_name: Mapped[str] = mapped_column(String(120))
    mobile: Mapped[str] = mapped_column(String(11))
    address: Mapped[str] = mapped_column(Text)
    postal_code: Mapped[str] = mapped_column(String(10))
    province: Mapped[str | None] = mapped_column(String(24))
    city: Mapped[str | None] = mapped_column(String(60))
    delivery_method: Mapped[str | None] = mapped_column(String(LONGEST_KEY))
    delivery_days_from: Mapped[int | None]
    delivery_days_to: Mapped[int | None]
    pickup: Mapped[bool] = mapped_column(default=False, server_default=false())
    email: Mapped[str | None] = mapped_column(String(254))
    national_code: Mapped[str | None] = mapped_column(String(10))
    note: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    erased_at: Mapped[datetime | None]
    erasure_tried_at: Mapped[datetime | None]
    client: Mapped[str | None] = mapped_column(String(CLIENT_LENGTH))
    cart_key: Mapped[str | None] = mapped_column(String(43))
    in_cart: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column()

    lines: Mapped[list[OrderLine]] = relationship(
        back_populates="order", order_by="OrderLine.id", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own spelling

    @property
    def tax_included_rials(self) -> int:
        """Return the tax that the prices of the order contain."""
        return sum(line.tax_included_rials for line in self.lines)

    def move(self, state: OrderState, now: datetime) -> None:
        """Go to another state. Raises :class:`ImpossibleTransition`."""
        if state not in ORDER_MOVES[self.state]:
            raise ImpossibleTransition(f"order {self.number}: {self.state} → {state}")
        self.state = state
        self.client = None  # only unpaid orders are counted by it
        if state is OrderState.PAID:
            self.paid_at = now
        if state is OrderState.FULFILLED:
            self.fulfilled_at = now


class OrderLine(Model):
    """One line of an order, frozen at checkout. Money is integer Rials.

    ``tax_included_rials`` is the tax that the line's amount contains. Tax that was added to the
    prices is a line of its own, and then no other line contains any.
    """

    __tablename__ = "order_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("taken_back >= 0 AND taken_back <= quantity", name="taken_back_in_bounds"),
        CheckConstraint("unit_price_rials >= 0", name="price_not_negative"),
        CheckConstraint("(kind = 'product') = (product_id IS NOT NULL)", name="goods_have_product"),
        CheckConstraint(
            "tax_included_rials >= 0 AND tax_included_rials <= unit_price_rials * quantity",
            name="tax_included_in_bounds",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))
    kind: Mapped[LineKind] = mapped_column(one_of(LineKind, "kind_known"))
    name_fa: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    unit_price_rials: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int]
    taken_back: Mapped[int] = mapped_column(default=0)  # pieces that are on sale again
    tax_included_rials: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")

    order: Mapped[Order] = relationship(back_populates="lines")

    @property
    def amount_rials(self) -> int:
        """Price times quantity."""
        return self.unit_price_rials * self.quantity


def new_number() -> str:
    """Draw ten digits that can be read out on the phone and tell nobody how many orders there are.

    Another order may have them already: the database refuses the second one.
    """
    return str(secrets.randbelow(9 * 10**9) + 10**9)


# Built once: a callback runs five of them.
_WITH_NUMBER = Order.number == bindparam("number")
_BY_NUMBER = select(Order).where(_WITH_NUMBER)
_TOKEN_OF = select(Order.token).where(_WITH_NUMBER)
_BY_TOKEN = select(Order).where(Order.token == bindparam("token"))
_LOCKED = _BY_NUMBER.with_for_update(key_share=True).execution_options(populate_existing=True)
_LOCKED_STATE = select(Order.state).where(_WITH_NUMBER).with_for_update(key_share=True)
_QUANTITIES = select(OrderLine.product_id, OrderLine.quantity).where(
    OrderLine.order_id == bindparam("order_id"), OrderLine.kind == LineKind.PRODUCT
)
_BY_CART_KEY = (
    select(Order)
    .where(Order.cart_key == bindparam("key"))
    .order_by(Order.id.desc())
    .limit(bindparam("most"))
)


def by_number(number: str) -> Order | None:
    """Return the order that people call by this number."""
    return db.session.scalar(_BY_NUMBER, {"number": number})


def token_of(number: str) -> str | None:
    """Return the token that opens the page of the order with this number."""
    return db.session.scalar(_TOKEN_OF, {"number": number})


def by_token(token: str) -> Order | None:
    """Return the order whose page this token opens."""
    return db.session.scalar(_BY_TOKEN, {"token": token})


def by_cart_key(key: str, most: int) -> Sequence[Order]:
    """Return the orders that came from this cart, the youngest first."""
    return db.session.scalars(_BY_CART_KEY, {"key": key, "most": most}).all()


def by_checkout_key(key: str) -> Order | None:
    """Return the order that this checkout form has already become."""
    return db.session.scalar(select(Order).where(Order.checkout_key == key))


def locked(number: str) -> Order:
    """Return the order as it is now, locked against every other writer until the commit.

    Its key never changes: what only refers to the order need not wait for the lock.
    """
    return db.session.scalars(_LOCKED, {"number": number}).one()


def locked_state(number: str) -> OrderState:
    """Return the order's state as it is now, with the order locked as :func:`locked` does."""
    return db.session.scalars(_LOCKED_STATE, {"number": number}).one()


def quantities(order: Order) -> dict[int, int]:
    """Return the pieces by product id, as stock is reserved for them."""
    rows = db.session.execute(_QUANTITIES, {"order_id": order.id})
    return {product_id: pieces for product_id, pieces in rows if product_id}


def is_reserved(order: Order, now: datetime, longest: timedelta) -> bool:
    """Return whether an order's stock is still reserved.

    A reservation that ends later than the ``longest`` one from now counts as ended: the clock was
    set back.
    """
    return now <= order.reserved_until <= now + longest + SKEW
