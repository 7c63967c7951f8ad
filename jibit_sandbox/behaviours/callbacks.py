"""Behaviours of the callback: missing, repeated, late, early, or with wrong values."""

from __future__ import annotations

from flask import Response, make_response, render_template
from sqlalchemy import select

from jibit_sandbox.bank.orders import find_order
from jibit_sandbox.behaviours.callback_delivery import deliver
from jibit_sandbox.behaviours.effects import After
from jibit_sandbox.core.context import Call, Work, work_in
from jibit_sandbox.core.models import NEWEST_FIRST, Order

MOST_AT_ONCE = 50
SENT = 303  # the status by which the bank's page sends the browser to the shop


def when_sent(act: After) -> After:
    """Act only on a response that redirects the browser to the shop."""

    def after(call: Call, response: Response) -> Response:
        return act(call, response) if response.status_code == SENT else response

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
def missing(call: Call, _: Response) -> Response:
    """Show a page instead of the redirect: the shop is never called back."""
    call.fate = "callback withheld"
    return make_response(render_template("bank/vanished.html", order=the_order(call)))


@when_sent
def late(call: Call, response: Response) -> Response:
    """Show a page that redirects to the shop some seconds later."""
    url = response.headers["Location"]
    waiting = make_response(render_template("bank/late.html", order=the_order(call), return_to=url))
    waiting.headers["Refresh"] = f"{call.parameters['seconds']}; url={url}"
    return waiting


@when_sent
def repeated(call: Call, response: Response) -> Response:
    """Send one callback from the sandbox, then let the browser follow the redirect."""
    deliver(the_order(call), response.headers["Location"])
    return response


@when_sent
def parallel(call: Call, response: Response) -> Response:
    """Send several callbacks at once, then let the browser follow the redirect."""
    times = min(max(1, int(call.parameters["times"])), MOST_AT_ONCE)
    deliver(the_order(call), response.headers["Location"], times)
    return response


def before_the_money(call: Call) -> Response | None:
    """Tell the shop that the order is paid, before it is."""
    with work_in(call.world) as work:
        order = find_order(work.session, call.world, call.order_identifier or "")
    if order is not None:
        deliver(order, call.wire.callback_url(order, state=call.wire.paid_status))
    return None


@when_sent
def other_state(call: Call, response: Response) -> Response:
    return sent_with(call, response, state=str(call.parameters["state"]))


@when_sent
def other_amount(call: Call, response: Response) -> Response:
    order = the_order(call)
    amount = call.parameters["amount"] or order.amount_rials * 10
    return sent_with(call, response, amount=str(amount))


@when_sent
def other_order(call: Call, response: Response) -> Response:
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
    """Return the same redirect with other query values."""
    response.headers["Location"] = call.wire.callback_url(the_order(call), **claims)
    return response
