"""The page where a shopper pays: the card form, its endings, and what is left after them."""

from __future__ import annotations

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from storefront.sandbox.bank import orders as bank
from storefront.sandbox.bank.banks import BANKS, bank_of
from storefront.sandbox.bank.cards import PAYING_CARD, Card, complaints, plain, read_card
from storefront.sandbox.bank.orders import State
from storefront.sandbox.bank.outcomes import OUTCOMES, Outcome, outcome_of, refusals
from storefront.sandbox.bank.passwords import dynamic_password
from storefront.sandbox.behaviours.catalogue import BEHAVIOURS
from storefront.sandbox.behaviours.rules import add_rule
from storefront.sandbox.calls import Call, Work, sandbox, work_for
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
    """The empty form, with a good card in it; ``?card=`` puts another test card there."""
    with work_for(the_call()) as work:
        order = order_to_pay(work, identifier)
        if order.state != State.AWAITING:
            return finished(order)
        order.init_payer_ip = order.init_payer_ip or request.remote_addr
        return form_page(work, order, prefilled(request.args.get("card", "")))


def prefilled(number: str) -> Card:
    return Card(plain(number) or PAYING_CARD.number, *PAYING_CARD.secrets())


@pages.post("/orders/<identifier>/payments")
def pay(identifier: str) -> AnyResponse:
    """What the pressed button says; typing errors bring the form back as it was."""
    action = request.form.get("action", "pay")
    card = read_card(request.form)
    if action in ("pay", "vanish"):
        sandbox().holds.delay(outcome_of(card).seconds)
    call = the_call()
    with work_for(call) as work:
        order = order_to_pay(work, identifier)
        if order.state == State.AWAITING:
            again = end(work, call, order, action, card)
            if again is not None:
                return again
        if action == "vanish":
            return page("bank/vanished.html", order)
        return redirect(callback_url(order), 303)


def order_to_pay(work: Work, identifier: str) -> Order:
    order = bank.find_order(work.session, work.world.name, identifier)
    if order is None:
        raise NoSuchPage(identifier)
    the_call().reference_number = order.reference_number
    return order


def end(work: Work, call: Call, order: Order, action: str, card: Card) -> Response | None:
    """Bring the order to the ending of the button; a page if the payer has to try again."""
    order.redirect_payer_ip = request.remote_addr
    if action == "password":
        return form_page(work, order, card, password=dynamic_password(order.identifier))
    if action in ("pay", "vanish"):
        return charge(work, call, order, card)
    reason = "declined by the bank" if action == "decline" else "cancelled by the payer"
    bank.move(work.session, order, State.FAILED, work.now, reason)
    return None


def charge(work: Work, call: Call, order: Order, card: Card) -> Response | None:
    """Take the money as the card's outcome allows; a page if the payer may try another card."""
    wrong = complaints(card, work.now) or refusals(order, card, dynamic_password(order.identifier))
    outcome = outcome_of(card)
    if wrong and not (outcome.final and wrong == [outcome.refused]):
        return form_page(work, order, card, wrong)
    order.payer_card = mask_card(card.number)
    if wrong:
        bank.move(work.session, order, State.FAILED, work.now, f"refused: {wrong[0]}")
    else:
        bank.move(work.session, order, State.PAID, work.now, "paid at the bank's page")
        set_up(work, call, order, outcome)
    return None


def set_up(work: Work, call: Call, order: Order, outcome: Outcome) -> None:
    """Arm what the test card does to this payment and, later, to its order."""
    if outcome.paying and call.behaviour is None:
        call.adopt(outcome.paying, BEHAVIOURS[outcome.paying].parameters, "test card")
    for later in outcome.later:
        add_rule(
            work.session,
            order.world,
            later.behaviour,
            operation=later.operation,
            order=order.identifier,
            times=later.times,
        )


def form_page(
    work: Work,
    order: Order,
    card: Card,
    wrong: list[str] | None = None,
    password: str | None = None,
) -> Response:
    answer = page(
        "bank/pay.html",
        order,
        card=card,
        wrong=wrong or [],
        password=password,
        bank=bank_of(card.number, g.language),
        banks={prefix: names[0 if g.language == "fa" else 1] for prefix, names in BANKS.items()},
        outcomes=OUTCOMES,
        seconds_left=max(0, int((order.expires_at - work.now).total_seconds())),
    )
    answer.status_code = 422 if wrong else 200
    return answer


def finished(order: Order) -> Response:
    return page("bank/finished.html", order, return_to=callback_url(order))


def page(template: str, order: Order, **facts: object) -> Response:
    forced = mask_card(order.payer_card_number or "") if order.force_payer_card else None
    return make_response(render_template(template, order=order, forced=forced, **facts))
