"""Behaviours of the callback: missing, repeated, late, early, or with wrong values."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import Response, make_response, render_template
from sqlalchemy import select

from jibit_sandbox.bank.orders import find_order
from jibit_sandbox.behaviours.callback_delivery import deliver
from jibit_sandbox.behaviours.effects import After
from jibit_sandbox.core.callback import Callback
from jibit_sandbox.core.context import Call, Work, work_in
from jibit_sandbox.core.models import NEWEST_FIRST, Order
from jibit_sandbox.gateways.shop_return import send_to_shop

MOST_AT_ONCE = 50
Sent = Callable[[Call, Response, Callback], Response]


def when_sent(act: Sent) -> After:
    """Act only on a response that sends the browser to the shop."""

    def after(call: Call, response: Response) -> Response:
        return act(call, response, call.callback) if call.callback else response

    return after


def order_of(work: Work, call: Call) -> Order:
    order = find_order(work.session, call.world, call.order_identifier or "")
    if order is None:
        raise LookupError("a payment was answered whose order does not exist")
    return order


def the_order(call: Call) -> Order:
    with work_in(call.world) as work:
        return order_of(work, call)


@when_sent
def missing(call: Call, _: Response, __: Callback) -> Response:
    """Show a page instead of the redirect: the shop is never called back."""
    call.fate = "callback withheld"
    return make_response(render_template("bank/vanished.html", order=the_order(call)))


@when_sent
def late(call: Call, _: Response, callback: Callback) -> Response:
    """Show a page that returns to the shop some seconds later."""
    seconds = call.parameters["seconds"]
    facts = {"order": the_order(call), "callback": callback, "seconds": seconds}
    waiting = make_response(render_template("bank/late.html", **facts))
    if callback.form is None:
        waiting.headers["Refresh"] = f"{seconds}; url={callback.url}"
    return waiting


@when_sent
def repeated(call: Call, response: Response, callback: Callback) -> Response:
    """Send one callback from the sandbox, then let the browser return to the shop."""
    deliver(the_order(call), callback)
    return response


@when_sent
def parallel(call: Call, response: Response, callback: Callback) -> Response:
    """Send several callbacks at once, then let the browser return to the shop."""
    times = min(max(1, int(call.parameters["times"])), MOST_AT_ONCE)
    deliver(the_order(call), callback, times)
    return response


def before_the_money(call: Call) -> Response | None:
    """Tell the shop that the order is paid, before it is."""
    with work_in(call.world) as work:
        order = find_order(work.session, call.world, call.order_identifier or "")
        state = call.wire.paid_status
        callback = call.wire.callback(work, order, state=state) if order else None
    if order and callback:
        deliver(order, callback)
    return None


@when_sent
def other_state(call: Call, response: Response, _: Callback) -> Response:
    return sent_with(call, response, state=str(call.parameters["state"]))


@when_sent
def other_amount(call: Call, response: Response, _: Callback) -> Response:
    order = the_order(call)
    amount = call.parameters["amount"] or order.amount_rials * 10
    return sent_with(call, response, amount=str(amount))


@when_sent
def other_order(call: Call, response: Response, _: Callback) -> Response:
    """Name the merchant's newest other order, or one that does not exist."""
    with work_in(call.world) as work:
        others = select(Order.identifier).where(
            Order.world == call.world,
            Order.gateway == call.wire.name,
            Order.identifier != call.order_identifier,
        )
        newest = work.session.scalar(others.order_by(*NEWEST_FIRST).limit(1))
    return sent_with(call, response, identifier=newest or "00000000")


def sent_with(call: Call, response: Response, **claims: str) -> Response:
    """Send the browser to the shop with other values."""
    with work_in(call.world) as work:
        order = order_of(work, call)
        callback = call.wire.callback(work, order, **claims)
    if callback is None:
        return response
    if callback.form is None:
        response.headers["Location"] = callback.url
        return response
    return cast(Response, send_to_shop(call, order, callback))
