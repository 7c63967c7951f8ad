"""A shopper pays: from the cart to the gateway's page (`completion.py` is the way back).

Each step saves its intent and commits, calls, saves the outcome and commits, so that a process
may die between any two lines and the next one to look can go on. The gateway is called with no
transaction open and no pooled connection held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy.exc import IntegrityError

from jibit_client.errors import GatewayError, NotConnected, Refused
from jibit_client.gateway import OpenedPayment, PaymentRequest
from storefront.catalogue import models as catalogue
from storefront.catalogue import stock
from storefront.catalogue.stock import OutOfStock
from storefront.core.database import end_reading, transaction
from storefront.core.states import MONEY_MAY_HAVE_MOVED, OrderState, PaymentState
from storefront.orders import history
from storefront.orders import models as orders
from storefront.orders.history import Actor
from storefront.orders.models import Order, Shopper
from storefront.orders.pricing import Quote, quote
from storefront.payments import compare_and_set
from storefront.payments import models as payments
from storefront.payments.models import Payment
from storefront.payments.resilience import GatewayUnavailable
from storefront.payments.services import Terms, Till

MOST_ATTEMPTS = 3  # each one holds the order's stock for another window


class EmptyCart(Exception):
    """There is nothing in the cart to order."""


class PriceChanged(Exception):
    """The goods no longer cost what the shopper was shown."""


class NotPayable(Exception):
    """No payment can be begun for this order now.

    ``opening``: one is being opened at this moment; ``in_doubt``: an earlier one may have taken
    the money; neither: the order is no longer waiting to be paid, or was tried often enough.
    """

    def __init__(self, order: Order, *, opening: bool = False, in_doubt: bool = False) -> None:
        self.order = order
        self.opening = opening
        self.in_doubt = in_doubt
        super().__init__(f"order {order.number} is {order.state}")


class UntrustedSwitchingUrl(Exception):
    """The gateway sent an address outside PSP_HOSTS; the shopper was not sent there."""


def priced(terms: Terms, quantities: Mapping[int, int]) -> Quote:
    """What a cart costs now; ``quantities`` maps product ids to pieces."""
    return quote(
        quantities,
        catalogue.products_by_id(quantities),
        delivery_fee_rials=terms.delivery_fee_rials,
        vat_percent=terms.vat_percent,
    )


class KeyTaken(Exception):
    """There is an order with this checkout key already."""


# What a form may meet that was sent twice: its key is taken, its cart left with the shopper, its
# goods are reserved for itself.
IN_THE_WAY = (KeyTaken, EmptyCart, PriceChanged, OutOfStock, GatewayUnavailable)


@dataclass(frozen=True, slots=True)
class Basket:
    """What is ordered at checkout, by whom.

    ``quantities`` maps product ids to pieces. ``checkout_key``: the same one always means the same
    order. ``agreed_rials`` is what the shopper was shown, in integer Rials; None: the form was
    made for another cart, which counts as another price.
    """

    quantities: Mapping[int, int]
    shopper: Shopper
    checkout_key: str
    agreed_rials: int | None


def check_out(till: Till, basket: Basket, gateway: str, *, language: str) -> Payment:
    """Place the order and begin its payment; send the shopper to the ``switching_url``.

    The order, its stock and the intent to pay are one commit, then the gateway is called. Sent
    twice, it is one order, and goes on as :func:`begin_payment` does, which tells what is raised.
    :class:`EmptyCart`, :class:`PriceChanged` and :class:`~storefront.catalogue.stock.OutOfStock`
    leave nothing behind, and neither does a gateway that is known to be down; after any other
    trouble there is an order that can be paid.
    """
    try:
        return _check_out_anew(till, basket, gateway, language)
    except IN_THE_WAY:
        order = orders.by_checkout_key(basket.checkout_key)
        if order is None:
            raise
    return begin_payment(till, order, gateway, language=language)


def _check_out_anew(till: Till, basket: Basket, gateway: str, language: str) -> Payment:
    with till.guards[gateway].creating():
        return _open(till, _write_down(till, basket, gateway), language)


def _write_down(till: Till, basket: Basket, gateway: str) -> Payment:
    now = till.clock()
    try:
        with transaction():
            return _intend(till, place(till, basket, now), gateway, now)
    except IntegrityError as error:
        raise KeyTaken from error


def place(till: Till, basket: Basket, now: datetime) -> Order:
    """Freeze the prices and reserve the stock; the caller's commit makes it true.

    Raises :class:`EmptyCart`, :class:`PriceChanged` or
    :class:`~storefront.catalogue.stock.OutOfStock`; the caller must roll back then.
    """
    if not basket.quantities:
        raise EmptyCart
    price = priced(till.terms, basket.quantities)
    if price.total_rials != basket.agreed_rials:
        raise PriceChanged
    stock.reserve(basket.quantities)
    held_until = now + till.terms.payment_window
    order = orders.new_order(price, basket.shopper, basket.checkout_key, now, held_until)
    history.write(
        "order_placed",
        order_id=order.id,
        at=now,
        actor=Actor.SHOPPER,
        amount_rials=order.amount_rials,
    )
    return order


def begin_payment(till: Till, order: Order, gateway: str, *, language: str) -> Payment:
    """Open a payment for an order at a gateway, or give back the one that is still open there.

    Send the shopper to its ``switching_url``. Raises :class:`NotPayable`,
    :class:`UntrustedSwitchingUrl`, or :class:`~jibit_client.errors.GatewayError`; the order
    stays payable after the last two.
    """
    live = _live_attempt(till, order, gateway, payments.of_order(order.id))
    end_reading()
    if live is not None:
        return live
    with till.guards[gateway].creating():
        with transaction():
            order = orders.locked(order.id)
            live = _live_attempt(till, order, gateway, payments.of_order(order.id))
            payment = live or _intend(till, order, gateway, till.clock())
        return live or _open(till, payment, language)


def _intend(till: Till, order: Order, gateway: str, now: datetime) -> Payment:
    """Write down that the gateway will be asked; the caller's commit makes it true."""
    window = till.terms.payment_window
    order.held_until = now + window
    closes_after = till.gateways[gateway].closes_after
    payment = payments.new_payment(order, gateway, now, window, closes_after)
    history.about(payment, now, Actor.SHOPPER, "payment_initiated", gateway=gateway)
    return payment


def _open(till: Till, payment: Payment, language: str) -> Payment:
    try:
        opened = till.gateways[payment.gateway].open(_request(till.terms, payment, language))
    except GatewayError as error:
        _note_not_opened(till, payment, error)
        raise
    return _note_opened(till, payment, opened)


def _live_attempt(
    till: Till, order: Order, gateway: str, attempts: Sequence[Payment]
) -> Payment | None:
    """The payment to go on with, None if a new one may be begun; raises if neither may be."""
    if order.state is not OrderState.PLACED:
        raise NotPayable(order)
    if any(attempt.state in MONEY_MAY_HAVE_MOVED for attempt in attempts):
        raise NotPayable(order, in_doubt=True)
    if any(is_opening(till, attempt) for attempt in attempts):
        raise NotPayable(order, opening=True)
    here = [attempt for attempt in attempts if attempt.gateway == gateway]
    live = next((attempt for attempt in here if _is_live(till, attempt)), None)
    if live is None and not may_try_again(attempts):
        raise NotPayable(order)
    return live


def may_try_again(attempts: Sequence[Payment]) -> bool:
    """Whether another payment may be begun; one whose create was not answered does not count."""
    return sum(attempt.order_identifier is not None for attempt in attempts) < MOST_ATTEMPTS


def _is_live(till: Till, attempt: Payment) -> bool:
    return attempt.state is PaymentState.AWAITING_SHOPPER and till.clock() < attempt.expires_at


def is_opening(till: Till, payment: Payment) -> bool:
    """Return whether some process may be waiting for the answer to this payment's create now.

    None is if the payment was created far in the future: the clock has been set back since.
    """
    return (
        payment.state is PaymentState.INITIATED
        and payment.gave_up_at is None
        and abs(till.clock() - payment.created_at) < till.terms.gateway_patience
    )


def _request(terms: Terms, payment: Payment, language: str) -> PaymentRequest:
    order = payment.order
    return PaymentRequest(
        reference_number=payment.reference_number,
        amount_rials=payment.amount_rials,
        callback_url=f"{terms.public_url}/payments/{payment.reference_number}/callback",
        user_identifier=order.mobile,
        description=order.number,
        national_code=order.national_code,
        language=language,
    )


def _note_not_opened(till: Till, asked: Payment, error: GatewayError) -> None:
    """A clear no ends the attempt; silence leaves it to be looked up in the gateway's list."""
    now = till.clock()
    with transaction():
        payment = payments.locked(asked)
        payment.gave_up_at = now
        clear_no = isinstance(error, Refused | NotConnected)
        if clear_no and payment.state is PaymentState.INITIATED:
            payment.move(PaymentState.FAILED, now)
        history.about(payment, now, Actor.SHOPPER, "payment_not_opened", **history.told(error))


def _note_opened(till: Till, payment: Payment, opened: OpenedPayment) -> Payment:
    now = till.clock()
    trusted = may_send_to(till.terms, opened.switching_url)
    with transaction():
        url = opened.switching_url if trusted else None
        next_check_at = now + till.terms.reconcile_after
        if not compare_and_set.opened(payment, opened.order_identifier, url, next_check_at):
            raise NotPayable(payment.order)  # so late that the worker has given it up
        event = "sent_to_gateway" if trusted else "switching_url_not_trusted"
        said = {"order_identifier": opened.order_identifier}
        history.about(payment, now, Actor.SHOPPER, event, **said)
    if not trusted:
        raise UntrustedSwitchingUrl(f"payment {payment.reference_number}: see PSP_HOSTS")
    return payment


def may_send_to(terms: Terms, url: str) -> bool:
    """Whether an address is on one of PSP_HOSTS, and encrypted unless it is on this machine."""
    parts = urlsplit(url)
    local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    return parts.netloc.lower() in terms.psp_hosts and (
        parts.scheme == "https" or (local and parts.scheme == "http")
    )
