"""What the payment pages of all gateways share: find the order, act on a button, redirect."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container

from flask import Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from jibit_sandbox.bank import orders as bank
from jibit_sandbox.bank.orders import State
from jibit_sandbox.control.parameters import word_field
from jibit_sandbox.core.context import Work, require_call, work_for
from jibit_sandbox.core.models import Order
from jibit_sandbox.core.worlds import expiry_delay
from jibit_sandbox.gateways.orders import own_order
from jibit_sandbox.gateways.shop_return import send_to_shop
from jibit_sandbox.i18n.translations import gettext_noop as _
from jibit_sandbox.web.redaction import mask_card

PAGES_WITHOUT_RETURN = {
    "vanish": "bank/vanished.html",
    "leave": "bank/left.html",
}  # no browser returns to the shop
BUTTONS = ("pay", "cancel", "decline", "vanish", "leave")  # of the payer's pages
V3_BUTTONS = ("unknown", "time_out")  # that only the page of PPG v3 has
Form = Callable[[Work, Order], Response]
End = Callable[[Work, Order, str], Response | None]


class OrderPageNotFound(Exception):
    """There is no order to pay under this address."""


def show_order_page(identifier: str, form: Form) -> AnyResponse:
    """Show the form of an order that awaits its payer, or its final state."""
    with work_for(require_call()) as work:
        order = order_to_pay(work, identifier)
        if order.state != State.AWAITING:
            return finished(work, order)
        return form(work, order)


def press_order_button(
    identifier: str,
    end: End,
    *,
    ends: Container[str] = (State.AWAITING,),
    buttons: Collection[str] = (*BUTTONS, "password"),
) -> AnyResponse:
    """Act on the pressed button if the order's state is in ``ends``, then redirect to the shop.

    ``end`` returns a page where the payer has to try again.
    """
    action = word_field("action", buttons, "pay")
    with work_for(require_call()) as work:
        order = order_to_pay(work, identifier)
        if order.state in ends and action != "leave":
            order.redirect_payer_ip = request.remote_addr
            again = end(work, order, action)
            if again is not None:
                return again
        if action in PAGES_WITHOUT_RETURN:
            return page(PAGES_WITHOUT_RETURN[action], order)
        callback = require_call().wire.callback(work, order)
        if callback is None:
            return finished(work, order)
        return send_to_shop(require_call(), order, callback)


def order_to_pay(work: Work, identifier: str) -> Order:
    """Return the order of the page; raise OrderPageNotFound if there is none."""
    order = own_order(work, identifier)
    if order is None:
        raise OrderPageNotFound(identifier)
    if order.state == State.AWAITING:
        order.init_payer_ip = order.init_payer_ip or request.remote_addr
    return order


def fail(work: Work, order: Order, action: str) -> None:
    """End the order without money: the payer cancels, or the bank declines."""
    if action == "decline":
        bank.apply_transition(
            work.session, order, State.FAILED, work.now, _("declined by the bank")
        )
    else:
        bank.cancel(work.session, order, work.now)


def seconds_left(work: Work, order: Order) -> int:
    """Return how long the page still takes a payment: until the gateway's expiry runs."""
    left = order.expires_at - work.now + expiry_delay(work.world)
    return max(0, int(left.total_seconds()))


def finished(work: Work, order: Order) -> Response:
    """Show the final state, and how to return to the shop where that is possible."""
    return page("bank/finished.html", order, callback=require_call().wire.callback(work, order))


def page(template: str, order: Order, **facts: object) -> Response:
    forced = mask_card(order.payer_card_number or "") if order.force_payer_card else None
    return make_response(render_template(template, order=order, forced=forced, **facts))
