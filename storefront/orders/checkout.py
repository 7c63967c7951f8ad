"""Place an order and begin its payment; the payment engine does the rest.

The order, its stock and the intent to pay are one commit; then the gateway is called, with no
transaction open and no pooled connection held.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from payment_engine import Actor, GatewayUnavailable, NotPayable, Payment, Standing
from storefront.catalogue import models as catalogue
from storefront.catalogue import stock
from storefront.catalogue.stock import OutOfStock
from storefront.core.constraints import is_taken
from storefront.core.database import db, end_reading
from storefront.core.services import PricePolicy, Services
from storefront.core.traces import mark
from storefront.orders import freezing, history, holds
from storefront.orders import models as orders
from storefront.orders.holds import TooMuchHeld
from storefront.orders.models import Customer, Order
from storefront.orders.pricing import NoSuchDelivery, Quote, quote
from storefront.orders.states import OrderState


class EmptyCart(Exception):
    """There is nothing in the cart to order."""


class PriceChanged(Exception):
    """Products or delivery no longer cost what the shopper was shown, or are not offered."""


class KeyTaken(Exception):
    """This checkout form has become an order already."""


class NumberTaken(Exception):
    """Another order has this number; with a million orders, one draw in 10,000 meets another."""


# What a form may meet that was sent twice: its key is taken, its cart left with the shopper, its
# stock is reserved for itself.
SENT_TWICE = (KeyTaken, EmptyCart, PriceChanged, OutOfStock, TooMuchHeld, GatewayUnavailable)


# Any other rule of the database that refuses an order is a defect, and not to be taken for these.
TAKEN = {Order.checkout_key: KeyTaken, Order.number: NumberTaken}


@dataclass(frozen=True, slots=True)
class CheckoutRequest:
    """What is ordered at checkout, by whom.

    ``quantities`` maps product ids to pieces. ``checkout_key``: the same one always means the same
    order. ``agreed_rials`` is what the shopper was shown, in integer Rials; None: the form was
    made for another cart, which counts as another price. ``client`` is the pseudonym of the network
    that orders; without one, its unpaid orders are not counted. ``cart_key`` is the cart that loses
    these pieces once the gateway has given the page to send the shopper to. ``delivery`` is the key
    of the delivery method; None: the first.
    """

    quantities: Mapping[int, int]
    customer: Customer
    checkout_key: str
    agreed_rials: int | None
    client: str | None = None
    cart_key: str | None = None
    delivery: str | None = None


def priced(
    prices: PricePolicy, quantities: Mapping[int, int], delivery: str | None = None
) -> Quote:
    """Return what a cart costs now; ``quantities`` maps product ids to pieces.

    ``delivery`` is the key of a method, the first one if it is None. Raises NoSuchDelivery.
    """
    return quote(quantities, catalogue.products_by_id(quantities), prices, delivery)


def check_out(
    services: Services, request: CheckoutRequest, gateway: str, *, language: str
) -> Payment:
    """Place the order and begin its payment; send the shopper to the ``redirect_url``.

    Sent twice, it is one order. Raises EmptyCart, PriceChanged, OutOfStock, TooManyPieces or
    TooMuchHeld, and nothing is left behind then, nor by a gateway that is known to be down. Raises
    GatewayUnavailable or NotPayable as :func:`begin_payment` does: then there is an order that can
    be paid.
    """
    try:
        return _check_out_anew(services, request, orders.new_number(), gateway, language)
    except NumberTaken:
        return check_out(services, request, gateway, language=language)
    except SENT_TWICE as error:
        order = orders.by_checkout_key(request.checkout_key)
        if order is None or (isinstance(error, GatewayUnavailable) and error.was_asked):
            raise
    return begin_payment(services, order, gateway, language=language)


def _check_out_anew(
    services: Services, request: CheckoutRequest, number: str, gateway: str, language: str
) -> Payment:
    if not request.quantities:
        raise EmptyCart
    if request.agreed_rials is None:
        raise PriceChanged
    return services.engine.begin(
        order_key=number,
        amount_rials=request.agreed_rials,
        payer_mobile=request.customer.mobile,
        gateway=gateway,
        language=language,
        description=number,
        national_code=request.customer.national_code,
        alongside=lambda _session: _place(services, request, number),
    )


def _place(services: Services, request: CheckoutRequest, number: str) -> None:
    try:
        place(services, request, services.clock(), number)
        db.session.flush()
    except IntegrityError as error:
        for column, taken in TAKEN.items():
            if is_taken(error, column):
                raise taken from error
        raise


def place(
    services: Services, request: CheckoutRequest, now: datetime, number: str | None = None
) -> Order:
    """Freeze the prices and reserve the stock; the caller's commit makes it true.

    Raises EmptyCart, PriceChanged, OutOfStock, TooManyPieces or TooMuchHeld; the caller must roll
    back then.
    """
    if not request.quantities:
        raise EmptyCart
    price = _agreed(services.prices, request)
    holds.check(request.quantities, request.client)
    stock.reserve(request.quantities)
    reserved_until = now + _window(services)
    number = number or orders.new_number()
    order = freezing.new_order(
        price,
        request.customer,
        request.checkout_key,
        now,
        reserved_until,
        number,
        request.client,
        request.cart_key,
    )
    facts = {"amount_rials": order.amount_rials} | ({"trace": begun} if (begun := mark()) else {})
    history.write("order_placed", order, at=now, actor=Actor.PAYER, **facts)
    return order


def _agreed(prices: PricePolicy, request: CheckoutRequest) -> Quote:
    """Return the quote, if it is the one that the shopper was shown. Raises PriceChanged."""
    try:
        price = priced(prices, request.quantities, request.delivery)
    except NoSuchDelivery as gone:
        raise PriceChanged from gone
    if price.total_rials != request.agreed_rials:
        raise PriceChanged
    return price


def begin_payment(services: Services, order: Order, gateway: str, *, language: str) -> Payment:
    """Open a payment for an order at a gateway, or return the one that is still open there.

    The payment ends with the order's hold at the latest. Raises NotPayable or GatewayUnavailable;
    the order stays payable after the latter.
    """
    end_reading()
    if order.state is not OrderState.PLACED:
        raise NotPayable(order.number, Standing.CLOSED)
    return services.engine.begin(
        order_key=order.number,
        amount_rials=order.amount_rials,
        payer_mobile=order.mobile,
        gateway=gateway,
        language=language,
        description=order.number,
        national_code=order.national_code,
        expires_by=order.reserved_until,
    )


def _window(services: Services) -> timedelta:
    return services.engine.services.policy.window
