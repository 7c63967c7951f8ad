"""The page where a shopper pays: the card form, its endings, and what is left after them."""

from __future__ import annotations

from flask import Blueprint, Response, g, request
from werkzeug.wrappers import Response as AnyResponse

from jibit_sandbox.bank import orders as bank
from jibit_sandbox.bank.cards import PAYING_CARD, Card, complaints, plain, read_card
from jibit_sandbox.bank.issuers import BANKS, bank_of
from jibit_sandbox.bank.one_time_passwords import dynamic_password
from jibit_sandbox.bank.orders import State
from jibit_sandbox.bank.test_cards import OUTCOMES, Outcome, outcome_of, refusals
from jibit_sandbox.behaviours.catalogue import BEHAVIOURS
from jibit_sandbox.behaviours.rules import add_rule
from jibit_sandbox.core.context import Work, sandbox, the_call
from jibit_sandbox.core.models import Order
from jibit_sandbox.gateways.payment_pages import fail, page, pressed, seconds_left, shown
from jibit_sandbox.gateways.ppg_v2.api import PREFIX
from jibit_sandbox.web.redaction import mask_card

pages = Blueprint("ppg_pages", __name__, url_prefix=PREFIX)


@pages.get("/orders/<identifier>/payments")
def payment_page(identifier: str) -> AnyResponse:
    """The empty form, with a good card in it; ``?card=`` puts another test card there."""
    card = prefilled(request.args.get("card", ""))
    return shown(identifier, lambda work, order: form_page(work, order, card))


def prefilled(number: str) -> Card:
    return Card(plain(number) or PAYING_CARD.number, *PAYING_CARD.secrets())


@pages.post("/orders/<identifier>/payments")
def pay(identifier: str) -> AnyResponse:
    """What the pressed button says; typing errors bring the form back as it was."""
    card = read_card(request.form)
    if request.form.get("action", "pay") in ("pay", "vanish"):
        sandbox().holds.delay(outcome_of(card).seconds)
    return pressed(identifier, lambda work, order, action: end(work, order, action, card))


def end(work: Work, order: Order, action: str, card: Card) -> Response | None:
    """Bring the order to the ending of the button; a page if the payer has to try again."""
    if action == "password":
        return form_page(work, order, card, password=dynamic_password(order.identifier))
    if action in ("pay", "vanish"):
        return charge(work, order, card)
    fail(work, order, action)
    return None


def charge(work: Work, order: Order, card: Card) -> Response | None:
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
        set_up(work, order, outcome)
    return None


def set_up(work: Work, order: Order, outcome: Outcome) -> None:
    """Arm what the test card does to this payment and, later, to its order."""
    call = the_call()
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
        seconds_left=seconds_left(work, order),
    )
    answer.status_code = 422 if wrong else 200
    return answer
