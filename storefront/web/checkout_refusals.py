"""Tell why an order was not placed, and what to do, in the page's language."""

from __future__ import annotations

import math
from datetime import datetime
from http import HTTPStatus

from flask_babel import gettext as _
from markupsafe import escape

from storefront.catalogue.stock import OutOfStock
from storefront.core.formats import moment
from storefront.core.services import current_services
from storefront.orders.checkout import EmptyCart, PriceChanged
from storefront.orders.holds import TooManyPieces, TooMuchHeld
from storefront.web.language import current_language
from storefront.web.quantities import too_many_pieces
from storefront.web.refusals import Refusal

NOT_PLACED = (EmptyCart, PriceChanged, OutOfStock, TooManyPieces, TooMuchHeld)


def why(error: Exception) -> Refusal:
    """Return what the form's page says to one of :data:`NOT_PLACED`."""
    if isinstance(error, TooMuchHeld):
        return _held_until(error.until)
    if isinstance(error, TooManyPieces):
        words = too_many_pieces(error.most)
    elif isinstance(error, OutOfStock):
        words = _("Some of the items in your cart have just been sold.")
    else:
        words = _("Your cart has changed since this page was opened. Look again, then pay.")
    return Refusal(HTTPStatus.CONFLICT, words)


def _held_until(until: datetime) -> Refusal:
    words = _(
        "Unpaid orders from your network already hold as many items as we can reserve for it."
        " Pay or cancel one of yours, or try again at %(moment)s."
    )
    words = escape(words) % {"moment": moment(until, current_language())}
    left = until - current_services().clock()
    seconds = max(1, math.ceil(left.total_seconds()))
    return Refusal(HTTPStatus.TOO_MANY_REQUESTS, words, seconds)
