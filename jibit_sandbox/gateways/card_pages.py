"""The card form of both card gateways: charge a card, or show the form again."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, request

from jibit_sandbox.bank import orders as bank
from jibit_sandbox.bank.cards import PAYING_CARD, Card, Mistake, card_errors, plain, read_card
from jibit_sandbox.bank.issuers import BANKS, bank_of
from jibit_sandbox.bank.one_time_passwords import dynamic_password
from jibit_sandbox.bank.orders import State
from jibit_sandbox.bank.test_cards import TEST_CARDS, CardScenario, bank_refusals, scenario_of
from jibit_sandbox.behaviours.catalogue import BEHAVIOURS
from jibit_sandbox.behaviours.rules import add_rule
from jibit_sandbox.core.context import Work, require_call, sandbox
from jibit_sandbox.core.models import Order
from jibit_sandbox.gateways.payment_pages import fail, page, seconds_left
from jibit_sandbox.i18n.translations import gettext
from jibit_sandbox.i18n.translations import gettext_noop as _
from jibit_sandbox.web.redaction import mask_card

PAYING = ("pay", "vanish")  # the buttons that charge the card


def prefilled(number: str) -> Card:
    """Return a valid card, or another number with the same secrets."""
    return Card(plain(number) or PAYING_CARD.number, *PAYING_CARD.secrets())


def typed_card() -> Card:
    """Return the card of the form, after the time that its bank takes if it is to be charged."""
    card = read_card(request.form)
    if request.form.get("action", "pay") in PAYING:
        sandbox().held_calls.delay(scenario_of(card).seconds)
    return card


def end(work: Work, order: Order, action: str, card: Card) -> Response | None:
    """Act on the pressed button; return a page if the payer has to try again."""
    if action == "password":
        return form_page(work, order, card, password=dynamic_password(order.identifier))
    if action in PAYING:
        return charge(work, order, card)
    fail(work, order, action)
    return None


def charge(work: Work, order: Order, card: Card) -> Response | None:
    """Charge the card as its scenario says; return a page if the payer may try again."""
    wrong = card_errors(card, work.now) or bank_refusals(
        order, card, dynamic_password(order.identifier)
    )
    scenario = scenario_of(card)
    refused = [mistake.message for mistake in wrong] == [scenario.refused]
    fails_with = scenario.fails_with if refused else None
    if wrong and not fails_with:
        return form_page(work, order, card.without_secrets(), wrong)
    order.payer_card = mask_card(card.number)
    if fails_with:
        bank.apply_transition(work.session, order, State.FAILED, work.now, fails_with)
    else:
        bank.apply_transition(
            work.session, order, State.PAID, work.now, _("paid at the bank's page")
        )
        arm_scenario(work, order, scenario)
    return None


def arm_scenario(work: Work, order: Order, scenario: CardScenario) -> None:
    """Add the behaviours of the test card to this payment and to its order."""
    call = require_call()
    if scenario.paying and call.behaviour is None:
        call.adopt(scenario.paying, BEHAVIOURS[scenario.paying].parameters, "test card")
    for follow_up in scenario.follow_ups:
        add_rule(
            work.session,
            order.world,
            follow_up.behaviour,
            operation=follow_up.operation,
            order=order.identifier,
            times=follow_up.times,
        )


def form_page(
    work: Work,
    order: Order,
    card: Card,
    wrong: Sequence[Mistake] = (),
    password: str | None = None,
) -> Response:
    answer = page(
        "bank/pay.html",
        order,
        card=card,
        wrong=wrong,
        password=password,
        bank=bank_of(card.number),
        banks={prefix: gettext(name) for prefix, name in BANKS.items()},
        test_cards=TEST_CARDS,
        seconds_left=seconds_left(work, order),
    )
    answer.status_code = 422 if wrong else 200
    return answer
