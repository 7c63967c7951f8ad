"""Find orders again: those of this browser, and any other by its number and mobile."""

from __future__ import annotations

import hmac

from flask import (
    Blueprint,
    abort,
    current_app,
    make_response,
    render_template,
    request,
)
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from storefront.orders import models as orders
from storefront.orders.models import Order
from storefront.web import own_orders
from storefront.web.forms import TrackingForm
from storefront.web.redirects import to_order
from storefront.web.security import keep_private

blueprint = Blueprint("tracking", __name__)
FROM_ONE_ADDRESS = RateLimitItemPerMinute(20)
ABOUT_ONE_ORDER = RateLimitItemPerHour(10)


@blueprint.record
def _count_guesses(setup: BlueprintSetupState) -> None:
    """Each process counts by itself, and a guesser has as many tries as there are processes.

    That is still next to nothing for ten digits and a mobile number.
    """
    setup.app.extensions["guesses"] = FixedWindowRateLimiter(MemoryStorage())


@blueprint.get("/orders")
def show() -> ResponseReturnValue:
    """Return the orders of this browser, and the way to any other."""
    return _page(TrackingForm(), 200)


@blueprint.post("/orders")
def find() -> ResponseReturnValue:
    """Lead to an order's page; which of the two answers was wrong is not told."""
    form = TrackingForm()
    if not form.validate():
        return _page(form, 422)
    if _guesses_too_often(form):
        abort(429)
    order = _order(form)
    if order is None:
        missing = _("We have no order with this number and this mobile number. Please look again.")
        return _page(form, 404, missing)
    return keep_private(to_order(order.token))


def _guesses_too_often(form: TrackingForm) -> bool:
    guesses: FixedWindowRateLimiter = current_app.extensions["guesses"]
    number, _mobile = form.answers()
    in_time = guesses.hit(FROM_ONE_ADDRESS, str(request.remote_addr))
    return not (in_time and guesses.hit(ABOUT_ONE_ORDER, number))


def _order(form: TrackingForm) -> Order | None:
    number, mobile = form.answers()
    order = orders.by_number(number)
    known = order.mobile if order else "0" * len(mobile)  # as much work for a number nobody has
    return order if hmac.compare_digest(known.encode(), mobile.encode()) else None


def _page(form: TrackingForm, status: int, trouble: str | None = None) -> ResponseReturnValue:
    page = render_template(
        "orders/tracking.html", form=form, trouble=trouble, mine=own_orders.latest_first()
    )
    return keep_private(make_response(page, status))
