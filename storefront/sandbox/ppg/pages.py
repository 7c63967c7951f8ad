"""The page where a shopper pays: the card form, its four endings, and what is left after them."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from storefront.sandbox.bank import orders as bank
from storefront.sandbox.bank.cards import PAYING_CARD, Card, complaints, read_card
from storefront.sandbox.bank.orders import State
from storefront.sandbox.calls import Work, work_for
from storefront.sandbox.masking import mask_card
from storefront.sandbox.ppg.access import the_call
from storefront.sandbox.ppg.api import PREFIX
from storefront.sandbox.ppg.callback import callback_url
from storefront.sandbox.tables import Order

pages = Blueprint("ppg_pages", __name__, url_prefix=PREFIX)


class NoSuchPage(Exception):
    """There is no order to pay under this address."""


@pages.get("/orders/<identifier>/payments")
def payment_page(identifier: str) -> AnyResponse:
    with work_for(the_call()) as work:
        order = order_to_pay(work, identifier)
        if order.state != State.AWAITING:
            return finished(order)
        order.init_payer_ip = order.init_payer_ip or request.remote_addr
        return form_page(work, order, PAYING_CARD)


@pages.post("/orders/<identifier>/payments")
def pay(identifier: str) -> AnyResponse:
    """One of the four endings; typing errors bring the form back with what was typed."""
    action = request.form.get("action", "pay")
    card = read_card(request.form)
    with work_for(the_call()) as work:
        order = order_to_pay(work, identifier)
        if order.state == State.AWAITING:
            wrong = complaints(card, work.now) if action in ("pay", "vanish") else []
            if wrong:
                return form_page(work, order, card, wrong)
            finish(work, order, action, card)
        if action == "vanish":
            return page("bank/vanished.html", order)
        return redirect(callback_url(order), 303)


def order_to_pay(work: Work, identifier: str) -> Order:
    order = bank.find_order(work.session, work.world.name, identifier)
    if order is None:
        raise NoSuchPage(identifier)
    the_call().reference_number = order.reference_number
    return order


def finish(work: Work, order: Order, action: str, card: Card) -> None:
    """Take the money, or not."""
    order.redirect_payer_ip = request.remote_addr
    if action in ("pay", "vanish"):
        order.payer_card = mask_card(card.number)
        bank.move(work.session, order, State.PAID, work.now, "paid at the bank's page")
    elif action == "decline":
        bank.move(work.session, order, State.FAILED, work.now, "declined by the bank")
    else:
        bank.move(work.session, order, State.FAILED, work.now, "cancelled by the payer")


def form_page(work: Work, order: Order, card: Card, wrong: list[str] | None = None) -> Response:
    left = max(0, int((order.expires_at - work.now).total_seconds()))
    answer = page("bank/pay.html", order, card=card, wrong=wrong or [], seconds_left=left)
    answer.status_code = 422 if wrong else 200
    return answer


def finished(order: Order) -> Response:
    return page("bank/finished.html", order, return_to=callback_url(order))


def page(template: str, order: Order, **facts: object) -> Response:
    return make_response(render_template(template, order=order, **facts))
