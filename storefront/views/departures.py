"""Sends a shopper to the gateway with an order, or says in words why that is not possible now."""

from __future__ import annotations

import logging

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.checkout import NotPayable, UntrustedSwitchingUrl, begin_payment
from storefront.jibit.errors import GatewayError, NoAnswer, TooManyRequests
from storefront.shop.orders import Order
from storefront.till import current_till
from storefront.views import carts
from storefront.views.language import current_language

logger = logging.getLogger(__name__)


class NoDeparture(Exception):
    """The gateway could not be reached or would not have us; ``status`` is the page's HTTP status.

    ``advice`` tells the shopper what to do, in the page's language.
    """

    def __init__(self, advice: str, status: int) -> None:
        self.advice = advice
        self.status = status
        super().__init__(advice)


def to_gateway(order: Order, gateway: str) -> ResponseReturnValue:
    """303 to the gateway's page, or to the order's own page if it is not payable now.

    ``gateway`` is the name of a configured one. Raises :class:`NoDeparture`; the order is kept and
    may be tried again.
    """
    till = current_till()
    try:
        payment = begin_payment(till, order, gateway, language=current_language())
    except NotPayable:
        return redirect(url_for("orders.show", token=order.token), 303)
    except (GatewayError, UntrustedSwitchingUrl) as error:
        logger.warning("order %s could not be sent to %s: %s", order.number, gateway, error)
        raise _no_departure(error) from error
    carts.leave_with_shopper()
    return redirect(str(payment.switching_url), 303)


def _no_departure(error: Exception) -> NoDeparture:
    if isinstance(error, NoAnswer | TooManyRequests):
        return NoDeparture(
            _(
                "The payment gateway does not answer at the moment. Nothing was paid, and what you"
                " chose is kept. Please try again in a minute."
            ),
            503,
        )
    return NoDeparture(
        _(
            "The payment gateway did not accept this payment. Nothing was paid, and what you"
            " chose is kept. Please try again later."
        ),
        502,
    )
