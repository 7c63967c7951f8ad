"""What every gateway's pages have in common: finding the order, its endings, what is left after."""

from __future__ import annotations

from collections.abc import Callable, Container

from flask import Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from jibit_sandbox.bank import orders as bank
from jibit_sandbox.bank.orders import State
from jibit_sandbox.core.context import Work, the_call, work_for
from jibit_sandbox.core.models import Order
from jibit_sandbox.core.worlds import expiry_delay
from jibit_sandbox.gateways.orders import own_order
from jibit_sandbox.web.redaction import mask_card

GONE = {"vanish": "bank/vanished.html", "leave": "bank/left.html"}  # no browser returns to the shop
Form = Callable[[Work, Order], Response]
End = Callable[[Work, Order, str], Response | None]


class NoSuchPage(Exception):
    """There is no order to pay under this address."""


def shown(identifier: str, form: Form) -> AnyResponse:
    """The page of an order that waits for its payer, or what became of it."""
    with work_for(the_call()) as work:
        order = order_to_pay(work, identifier)
        if order.state != State.AWAITING:
            return finished(order)
        return form(work, order)


def pressed(identifier: str, end: End, *, ends: Container[str] = (State.AWAITING,)) -> AnyResponse:
    """Bring the order to the ending of the button, if its state is one that still ``ends``.

    ``end`` gives a page where the payer has to try again.
    """
    action = request.form.get("action", "pay")
    with work_for(the_call()) as work:
        order = order_to_pay(work, identifier)
        if order.state in ends and action != "leave":
            order.redirect_payer_ip = request.remote_addr
            again = end(work, order, action)
            if again is not None:
                return again
        if action in GONE:
            return page(GONE[action], order)
        return redirect(the_call().wire.callback_url(order), 303)


def order_to_pay(work: Work, identifier: str) -> Order:
    """The order of a page that somebody opened, or pressed a button of."""
    order = own_order(work, identifier)
    if order is None:
        raise NoSuchPage(identifier)
    if order.state == State.AWAITING:
        order.init_payer_ip = order.init_payer_ip or request.remote_addr
    return order


def fail(work: Work, order: Order, action: str) -> None:
    """The endings without money: the payer cancels, or the bank says no."""
    if action == "decline":
        bank.move(work.session, order, State.FAILED, work.now, "declined by the bank")
    else:
        bank.cancel(work.session, order, work.now)


def seconds_left(work: Work, order: Order) -> int:
    """Return how long the page still takes a payment: until the gateway's expiry really runs."""
    left = order.expires_at - work.now + expiry_delay(work.world)
    return max(0, int(left.total_seconds()))


def finished(order: Order) -> Response:
    return page("bank/finished.html", order, return_to=the_call().wire.callback_url(order))


def page(template: str, order: Order, **facts: object) -> Response:
    forced = mask_card(order.payer_card_number or "") if order.force_payer_card else None
    return make_response(render_template(template, order=order, forced=forced, **facts))
