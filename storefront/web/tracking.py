"""Find orders again: those of this browser, and any other by its number and mobile.

Only wrong answers are counted, so whoever knows the right one is not kept waiting by others:

- A client has :data:`WRONG_FROM_ONE_CLIENT` wrong answers in ten minutes, whatever the orders.
- Once an order has had :data:`WRONG_ABOUT_ONE_ORDER` wrong answers in a day, from wherever,
  somebody is guessing. From then on every site, an IPv4 address or the /48 that IPv6 gives to one,
  may be wrong about this order :data:`WRONG_FROM_ONE_SITE` times in that day. A site that was not
  has its right answer accepted as ever.

So a guesser has ten mobiles of 10^9 in a day, and two more for each site: with all 65,536
sites of a provider's /32 it takes ten years to try them. A right answer is refused only where
somebody on the shopper's own network has guessed; the browser that ordered, and the link in the
e-mail, open the order even then.
"""

from __future__ import annotations

import hmac
from http import HTTPStatus

from flask import Blueprint, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from limits import RateLimitItemPerDay, RateLimitItemPerMinute
from markupsafe import escape
from werkzeug.datastructures import MultiDict

from storefront.core.formats import moment
from storefront.core.limits import current_limits
from storefront.orders import models as orders
from storefront.orders.models import Order
from storefront.web import kept_answers, limits, own_orders, refusals
from storefront.web.forms import TrackingForm
from storefront.web.language import current_language
from storefront.web.redirects import to_order
from storefront.web.refusals import Refusal
from storefront.web.security import keep_private

blueprint = Blueprint("tracking", __name__)
FORM = "tracking"  # the name under which its answers are kept
# Few people who share a carrier's address mistype in the same ten minutes.
WRONG_FROM_ONE_CLIENT = RateLimitItemPerMinute(20, 10, namespace="wrong answers")
# Nobody is wrong about their own order so often, and a family is not.
WRONG_ABOUT_ONE_ORDER = RateLimitItemPerDay(10, namespace="wrong answers about")
WRONG_FROM_ONE_SITE = RateLimitItemPerDay(2, namespace="wrong answers of a site about")


@blueprint.get("/orders")
def show() -> ResponseReturnValue:
    """Return the orders of this browser, and the way to any other."""
    typed, refusal = kept_answers.kept(FORM), refusals.shown_here()
    sent = MultiDict({**typed, "csrf_token": generate_csrf()}) if typed else None
    form = TrackingForm(formdata=sent)
    if refusal.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        form.validate()
    return _page(form, refusal.status, refusal.words)


@blueprint.post("/orders")
def find() -> ResponseReturnValue:
    """Lead to an order's page; which of the two answers was wrong is not told."""
    form = TrackingForm()
    if not form.validate():
        return _refused(form, Refusal(HTTPStatus.UNPROCESSABLE_ENTITY))
    number, _mobile = form.answers()
    if seconds := _seconds_to_wait(number):
        return limits.refused(_page(form, 429, limits.advice(seconds)), seconds)
    order = _order(form)
    if order is not None:
        kept_answers.forget(FORM)
        return keep_private(to_order(order.token))
    _count_wrong_answer(number)
    return _not_found(form)


def _seconds_to_wait(number: str) -> int:
    counted = current_limits()
    if seconds := counted.wait(WRONG_FROM_ONE_CLIENT, limits.client()):
        return seconds
    guarded = counted.wait(WRONG_ABOUT_ONE_ORDER, number)
    return counted.wait(WRONG_FROM_ONE_SITE, number, limits.site()) if guarded else 0


def _count_wrong_answer(number: str) -> None:
    """Count it alike for a number that nobody has: the answers must not tell the two apart."""
    counted = current_limits()
    counted.count(WRONG_FROM_ONE_CLIENT, limits.client())
    counted.count(WRONG_ABOUT_ONE_ORDER, number)
    counted.count(WRONG_FROM_ONE_SITE, number, limits.site())


def _order(form: TrackingForm) -> Order | None:
    number, mobile = form.answers()
    order = orders.by_number(number)
    known = order.mobile if order else "0" * len(mobile)  # as much work for a number nobody has
    return order if hmac.compare_digest(known.encode(), mobile.encode()) else None


def _not_found(form: TrackingForm) -> ResponseReturnValue:
    """Say that nothing fits, or that the mobile was erased: that tells nothing about anybody."""
    order = orders.by_number(form.answers()[0])
    if order is None or order.erased_at is None:
        wrong = _("We found no order with this order number and mobile number. Please check both.")
        return _refused(form, Refusal(HTTPStatus.NOT_FOUND, wrong))
    erased = _(
        "The personal data of this order was erased on %(moment)s, the mobile number too, so we"
        " cannot check whose it is. Its page still opens at its own address."
    )
    since = moment(order.erased_at, current_language())
    return _refused(form, Refusal(HTTPStatus.GONE, escape(erased) % {"moment": since}))


def _refused(form: TrackingForm, refusal: Refusal) -> ResponseReturnValue:
    answers = {"order_number": form.order_number.data, "mobile": form.mobile.data}
    kept_answers.keep(FORM, answers)
    return refusal.redirect(url_for("tracking.show"))


def _page(form: TrackingForm, status: int, trouble: str | None = None) -> ResponseReturnValue:
    page = render_template(
        "orders/tracking.html", form=form, trouble=trouble, mine=own_orders.latest_first()
    )
    return keep_private(make_response(page, status))
