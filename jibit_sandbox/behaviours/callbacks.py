"""Callbacks that go wrong: missing, repeated, late, early, and with somebody else's facts."""

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
    """Act only on an answer that sends the browser to the shop."""

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
    """Nobody is called back; the page says that the browser is gone."""
    call.fate = "callback withheld"
    return make_response(render_template("bank/vanished.html", order=the_order(call)))


@when_sent
def late(call: Call, response: Response) -> Response:
    """A page that goes on to the shop by itself, some seconds later."""
    url = response.headers["Location"]
    waiting = make_response(render_template("bank/late.html", order=the_order(call), return_to=url))
    waiting.headers["Refresh"] = f"{call.parameters['seconds']}; url={url}"
    return waiting


@when_sent
def repeated(call: Call, response: Response) -> Response:
    """The sandbox calls the shop back itself, and then the browser does."""
    deliver(the_order(call), response.headers["Location"])
    return response


@when_sent
def parallel(call: Call, response: Response) -> Response:
    """Several callbacks at once, and then the browser's."""
    times = min(max(1, int(call.parameters["times"])), MOST_AT_ONCE)
    deliver(the_order(call), response.headers["Location"], times)
    return response


def before_the_money(call: Call) -> Response | None:
    """The shop is told that the order was paid before it is."""
    with work_in(call.world) as work:
        order = find_order(work.session, call.world, call.order_identifier or "")
    if order is not None:
        deliver(order, call.wire.callback_url(order, state=call.wire.paid_word))
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
    """The newest other order of the merchant; where there is none, one that does not exist."""
    with work_in(call.world) as work:
        others = select(Order.identifier).where(
            Order.world == call.world,
            Order.gateway == call.wire.name,
            Order.identifier != call.order_identifier,
        )
        newest = work.session.scalar(others.order_by(*NEWEST_FIRST).limit(1))
    return sent_with(call, response, identifier=newest or "00000000")


def sent_with(call: Call, response: Response, **claims: str) -> Response:
    """The same redirect with other claims."""
    response.headers["Location"] = call.wire.callback_url(the_order(call), **claims)
    return response
