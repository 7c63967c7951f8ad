"""Show an order: its standing, the receipt, paying again. Its token is the only key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from payment_engine import NotPayable, Payment, PaymentState
from payment_engine import Standing as PaymentStanding
from payment_engine.decision import DOUBT_LIMIT
from payment_engine.standing import decisive, standing_of
from payment_engine.states import ASKABLE
from storefront.core.database import db, end_reading
from storefront.core.formats import digits
from storefront.core.services import Services, current_services
from storefront.orders import history
from storefront.orders.cancellation import (
    NotCancellable,
    NotCancellableYet,
    cancel_order,
    may_cancel,
)
from storefront.orders.checkout import begin_payment
from storefront.orders.failures import failure_of
from storefront.orders.holds import takes_new_payment
from storefront.orders.models import Order
from storefront.orders.states import OrderState
from storefront.orders.timeline import in_words
from storefront.web import (
    asking,
    joined_history,
    limits,
    own_orders,
    payment_methods,
    refusals,
)
from storefront.web.language import current_language
from storefront.web.order_pages import order_of, refunds_of
from storefront.web.ordering_again import put_in_cart_again
from storefront.web.redirects import NoRedirect, redirecting, to_gateway, to_order
from storefront.web.refusals import Refusal
from storefront.web.security import keep_private

blueprint = Blueprint("orders", __name__)

LARGEST_ID = 2**31 - 1  # the databases' own, of the history's entries


class Standing(StrEnum):
    """How an order stands, as its shopper should understand it."""

    PAID = "paid"
    ON_ITS_WAY = "on_its_way"
    OPENING = "opening"
    AWAITING_SHOPPER = "awaiting_shopper"
    CONFIRMING = "confirming"
    IN_REVIEW = "in_review"
    UNPAID = "unpaid"
    NOT_PAID = "not_paid"
    TRIED_ENOUGH = "tried_enough"
    TOO_LATE = "too_late"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REFUNDING = "refunding"
    REFUNDED = "refunded"


CHANGES_BY_ITSELF = frozenset(
    {Standing.OPENING, Standing.AWAITING_SHOPPER, Standing.CONFIRMING, Standing.IN_REVIEW}
)
BEGINS_PAYMENT = frozenset({Standing.UNPAID, Standing.NOT_PAID})
PAYABLE = BEGINS_PAYMENT | {Standing.AWAITING_SHOPPER}
ENDED = frozenset(Standing) - PAYABLE - CHANGES_BY_ITSELF  # the same can be ordered again

_BY_ORDER = {
    OrderState.PAID: Standing.PAID,
    OrderState.FULFILLED: Standing.ON_ITS_WAY,
    OrderState.EXPIRED: Standing.EXPIRED,
    OrderState.CANCELLED: Standing.CANCELLED,
    OrderState.REFUNDED: Standing.REFUNDED,
}
_BY_PAYMENTS = {
    PaymentStanding.OPENING: Standing.OPENING,
    PaymentStanding.AWAITING_PAYER: Standing.AWAITING_SHOPPER,
    PaymentStanding.CONFIRMING: Standing.CONFIRMING,
    PaymentStanding.NEEDS_REVIEW: Standing.IN_REVIEW,
    PaymentStanding.TRIED_TOO_OFTEN: Standing.TRIED_ENOUGH,
}
# Words of the status document, which others' scripts read: they stay when ours change.
PAYMENT_WORDS = {PaymentState.AWAITING_PAYER: "awaiting_shopper"}
ORDER_WORDS = {OrderState.EXPIRED: "lapsed"}


def standing(services: Services, order: Order, attempts: Sequence[Payment]) -> Standing:
    """Put the states of an order and its payments, and the time, into one word."""
    if order.state in _BY_ORDER:
        return _BY_ORDER[order.state]
    now = services.clock()
    stands = standing_of(services.engine.services.policy, attempts, now)
    found = _BY_PAYMENTS.get(stands, Standing.NOT_PAID) if attempts else Standing.UNPAID
    if found in BEGINS_PAYMENT and not takes_new_payment(order, now):
        return Standing.TOO_LATE
    return found


@blueprint.get("/orders/<token>")
def show(token: str) -> ResponseReturnValue:
    """The order's page: anybody who has the address may see it, its buyer's browser sees all."""
    refusal = refusals.shown_here()
    return _page(order_of(token), refusal.status, refusal.words)


@blueprint.get("/orders/<token>/status")
def status(token: str) -> ResponseReturnValue:
    """Return where the order stands, for scripts."""
    order = order_of(token)
    payment = decisive(current_services().engine.payments_of(order.number))
    answer = {
        "order_state": _order_word(order.state),
        "payment_state": _payment_word(payment.state) if payment else None,
        "amount_rials": order.amount_rials,
        "refunded_rials": order.refunded_rials,
        "order_number": order.number,
        "reference_number": payment.reference if payment else None,
        "order_identifier": payment.gateway_payment_id if payment else None,
    }
    return keep_private(jsonify(answer))


def _payment_word(state: PaymentState) -> str:
    return PAYMENT_WORDS.get(state, state.value)


def _order_word(state: OrderState) -> str:
    return ORDER_WORDS.get(state, state.value)


@blueprint.get("/orders/<token>/journal")
def old_history(token: str) -> ResponseReturnValue:
    """Redirect from the address that the history had before."""
    return redirect(url_for("orders.show_history", token=token), 301)


@blueprint.get("/orders/<token>/history")
def show_history(token: str) -> ResponseReturnValue:
    """Show what happened to the order, step by step, so that anyone can see why."""
    order, after = order_of(token), _entry_id(request.args.get("after", ""))
    attempts = current_services().engine.payments_of(order.number)
    shown = history.page_of(order, after=after)
    joined = joined_history.join(
        [in_words(each) for each in shown.entries], attempts, begins=not after, ends=not shown.after
    )
    page = render_template(
        "orders/history.html",
        order=order,
        timeline=joined.entries,
        joined=joined,
        begins_here=not after,
        after=shown.after,
        attempt_numbers={attempt.id: number for number, attempt in enumerate(attempts, 1)},
    )
    return keep_private(make_response(page))


def _entry_id(text: str) -> int:
    """Read an id of an entry; what cannot be one means the first page."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_ID))
    return min(int(text), LARGEST_ID) if is_number else 0


@blueprint.post("/orders/<token>/pay")
def pay(token: str) -> ResponseReturnValue:
    """Go to the gateway with this order, again or at last."""
    order, gateway = order_of(token), payment_methods.chosen(request.form.get("gateway"))
    of_order = limits.PAYMENTS_OF_ONE_ORDER
    if seconds := limits.take(limits.PAYMENTS) or limits.take_for(order.number, of_order):
        return limits.refused(_page(order, 429, trouble=limits.advice(seconds)), seconds)
    try:
        with redirecting(gateway):
            payment = begin_payment(current_services(), order, gateway, language=current_language())
    except NotPayable:
        return to_order(token)
    except NoRedirect as trouble:
        return _refused(token, trouble.status, trouble.advice)
    return to_gateway(payment)


@blueprint.post("/orders/<token>/cancel")
def cancel(token: str) -> ResponseReturnValue:
    """Give the order up; only the browser that placed it may."""
    order = order_of(token)
    if not own_orders.include(order):
        return _refused(token, 403, _("Only the browser that ordered can cancel the order."))
    if not asking.is_sure():
        return _ask_to_cancel(order)
    try:
        cancel_order(current_services(), order, language=current_language())
    except NotCancellableYet:
        trouble = _("The gateway cannot be asked right now. Please cancel again in a few seconds.")
        return _refused(token, 409, trouble)
    except NotCancellable:
        return _refused(token, 409, _("This order can no longer be cancelled."))
    return to_order(token)


def _refused(token: str, status: int, words: str) -> ResponseReturnValue:
    return Refusal(status, words).redirect(url_for("orders.show", token=token))


def _ask_to_cancel(order: Order) -> ResponseReturnValue:
    number = digits(order.number, current_language())
    return asking.ask(
        _("Cancel order %(number)s?", number=number),
        _("Its items go back on sale, and it can no longer be paid. This cannot be undone."),
        _("We ask the gateway first: if you have paid already, the order stays."),
        yes=_("Cancel the order"),
        no=_("Keep the order"),
        back=url_for("orders.show", token=order.token),
    )


@blueprint.post("/orders/<token>/again")
def put_again(token: str) -> ResponseReturnValue:
    """Put what an ended order had into the cart, as far as it can be had."""
    order = order_of(token)
    attempts = current_services().engine.payments_of(order.number)
    if standing(current_services(), order, attempts) not in ENDED:
        return to_order(token)
    put_in_cart_again(order)
    return redirect(url_for("cart.show"), 303)


def _page(order: Order, status: int, trouble: str | None = None) -> ResponseReturnValue:
    services = current_services()
    attempts = services.engine.payments_of(order.number)
    payment = decisive(attempts)
    if payment is not None and _was_asked(services, payment):
        db.session.refresh(order)
        attempts = services.engine.payments_of(order.number)
        payment = decisive(attempts)
    stands, refunds = standing(services, order, attempts), refunds_of(services, order, attempts)
    kept = {each.id for each in attempts if each.state is PaymentState.PAID}
    returned_rials = sum(each.amount_rials for each in refunds if each.payment_id in kept)
    if stands is Standing.PAID and returned_rials >= order.amount_rials:
        stands = Standing.REFUNDING
    page = render_template(
        "orders/order.html",
        order=order,
        payment=payment,
        refunds=refunds,
        kept=kept,
        standing=stands,
        order_state=_order_word(order.state),
        payment_state=_payment_word(payment.state) if payment else "",
        means=_means(services, order, payment) if stands in PAYABLE else (),
        waiting=stands in CHANGES_BY_ITSELF,
        cancellable=may_cancel(services.engine, order, attempts),
        own=own_orders.include(order),
        ended=stands in ENDED,
        until=_until(services, stands, payment),
        failure=failure_of(payment),
        trouble=trouble,
    )
    return keep_private(make_response(page, status))


def _until(services: Services, stands: Standing, payment: Payment | None) -> datetime | None:
    """Return until when a payment can be made, or by when we know what became of it."""
    now = services.clock()
    if payment is None or stands not in (Standing.AWAITING_SHOPPER, Standing.CONFIRMING):
        return None
    ends = [payment.expires_at]
    if stands is Standing.CONFIRMING:
        ends = [payment.closes_at, payment.created_at + DOUBT_LIMIT]
    return next((end for end in ends if end > now), None)


def _means(services: Services, order: Order, payment: Payment | None) -> list[str]:
    """Return where the order can be paid, first where it was to be paid last.

    Near the end of its hold that is only where a payment is open.
    """
    last = payment.gateway if payment else None
    offered = payment_methods.offered()
    if not takes_new_payment(order, services.clock()):
        return [name for name in offered if name == last]
    return sorted(offered, key=lambda name: name != last)


def _was_asked(services: Services, payment: Payment) -> bool:
    """Ask the gateway if the worker should have done so by now; whoever looks, helps."""
    if payment.state not in ASKABLE:
        return False
    end_reading()
    return services.engine.ask_if_due(payment, language=current_language())
