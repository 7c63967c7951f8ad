"""Write what a shopper gets by SMS: one short text with the address of the order's page.

Persian text has 70 letters in a message, and 67 in each of several; every one of them is paid for.
Nothing that a shopper has typed is in it, since anybody can order to anybody's number.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _

from payment_engine import PaymentState
from storefront.core import formats
from storefront.core.seller import current_seller
from storefront.notifications.outbox import Kind, OutboxMessage
from storefront.orders.failures import DECLINED, IN_SHORT, failure_of
from storefront.orders.holds import pay_until


def text_about(message: OutboxMessage, order_url: str, now: datetime) -> str:
    """Return the text about a message, in the shopper's language."""
    language = message.payment.order.language
    with force_locale(language):
        return "\n".join((current_seller().name(language), *_lines(message, now), order_url))


def _lines(message: OutboxMessage, now: datetime) -> list[str]:
    order, language = message.payment.order, message.payment.order.language
    number = formats.digits(order.number, language)
    match message.kind:
        case Kind.ORDER_PAID:
            amount = formats.toman(order.amount_rials, language)
            return [_("Order %(number)s is paid: %(amount)s.", number=number, amount=amount)]
        case Kind.PAYMENT_FAILED:
            return [*_what_failed(message, number), _what_now(message, now)]
        case Kind.ORDER_SENT:
            if order.pickup:
                return _about_collecting(number, language)
            return _about_the_parcel(number, order.tracking_code)
        case Kind.MONEY_RETURNED | Kind.ORDER_REFUNDED:
            return [_about_money(message, number)]


def _what_failed(message: OutboxMessage, number: str) -> list[str]:
    """Return that it is not paid, and why or what becomes of money that was taken."""
    failure = failure_of(message.payment)
    if failure.cancelled:
        return [_("You cancelled the payment of order %(number)s.", number=number)]
    if failure.reason in DECLINED:
        why = IN_SHORT[failure.reason]
        return [_("Order %(number)s is not paid: %(why)s.", number=number, why=why)]
    out = _("Order %(number)s was not paid in time.", number=number)
    unpaid = _("Order %(number)s is not paid.", number=number)
    money = _("If money left your account, it goes back there within 72 hours at most.")
    return [out if failure.out_of_time else unpaid, money]


def _what_now(message: OutboxMessage, now: datetime) -> str:
    order = message.payment.order
    if until := pay_until(order, now):
        return str(_("Pay again until %(time)s:", time=formats.time_of_day(until, order.language)))
    return str(_("No time is left to pay it. Order again:"))


def _about_collecting(number: str, language: str) -> list[str]:
    """Return that it is ready, where, and when somebody is there."""
    ready = _("Order %(number)s is ready: come and collect it.", number=number)
    seller = current_seller()
    return [ready, *filter(None, (seller.address(language), seller.hours(language)))]


def _about_the_parcel(number: str, tracking_code: str | None) -> list[str]:
    sent = _("Order %(number)s is on its way.", number=number)
    return [sent, _("Parcel: %(code)s", code=tracking_code)] if tracking_code else [sent]


def _about_money(message: OutboxMessage, number: str) -> str:
    payment, refund = message.payment, message.refund
    amount_rials = refund.amount_rials if refund else payment.amount_rials
    amount = formats.toman(amount_rials, payment.order.language)
    if refund is not None:
        return str(_("%(amount)s of order %(number)s was refunded.", amount=amount, number=number))
    if payment.state is PaymentState.RETURNED:
        return str(
            _(
                "%(amount)s that you paid for order %(number)s is on its way back to you.",
                amount=amount,
                number=number,
            )
        )
    return str(
        _(
            "A payment for order %(number)s was not completed. If %(amount)s left your account,"
            " it goes back there within 72 hours at most.",
            amount=amount,
            number=number,
        )
    )
