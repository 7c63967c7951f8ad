"""Redirect a shopper to the gateway, or explain why that is not possible now."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from flask import redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from payment_engine import GatewayUnavailable, Payment
from storefront.web import session_cart

logger = logging.getLogger(__name__)


class NoRedirect(Exception):
    """The gateway could not be reached or would not have us; ``status`` is the page's HTTP status.

    ``advice`` tells the shopper what to do, in the page's language.
    """

    def __init__(self, advice: str, status: int) -> None:
        self.advice = advice
        self.status = status
        super().__init__(advice)


@contextmanager
def redirecting(gateway: str) -> Iterator[None]:
    """Around what asks a gateway to open a payment. Raises :class:`NoRedirect`."""
    try:
        yield
    except GatewayUnavailable as trouble:
        logger.warning("a shopper could not be sent to %s: %s", gateway, trouble)
        raise _no_redirect(trouble) from trouble


def to_gateway(payment: Payment, *, whole_cart: bool = False) -> Response:
    """Redirect (303) to the gateway's page; the order's goods, or all, have left the cart."""
    session_cart.leave_with_order(whole=whole_cart)
    return redirect(str(payment.redirect_url), 303)


def to_order(token: str) -> Response:
    """Redirect (303) to the page that this token opens, which shows how its order stands."""
    return redirect(url_for("orders.show", token=token), 303)


def _no_redirect(trouble: GatewayUnavailable) -> NoRedirect:
    if not trouble.refused:
        return NoRedirect(
            _(
                "The payment gateway does not answer at the moment. Nothing was paid, and what you"
                " chose is kept. Please try again in a minute."
            ),
            503,
        )
    return NoRedirect(
        _(
            "The payment gateway did not accept this payment. Nothing was paid, and what you"
            " chose is kept. Please try again later."
        ),
        502,
    )
