"""PPG v3's payment page: the card form of PPG, and what only this gateway knows of a payment."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from jibit_sandbox.bank import orders as bank
from jibit_sandbox.bank.cards import Card, card_errors
from jibit_sandbox.bank.orders import State
from jibit_sandbox.bank.test_cards import scenario_of
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.models import Order, Purchase
from jibit_sandbox.core.worlds import Switches, switches_of
from jibit_sandbox.gateways import card_pages
from jibit_sandbox.gateways.card_pages import PAYING, form_page, prefilled, typed_card
from jibit_sandbox.gateways.payment_pages import (
    BUTTONS,
    V3_BUTTONS,
    finished,
    press_order_button,
    show_order_page,
)
from jibit_sandbox.gateways.ppg_v3.api import PREFIX
from jibit_sandbox.gateways.ppg_v3.payments import record_payment
from jibit_sandbox.gateways.ppg_v3.states import (
    CANCELLED,
    DECLINED,
    NOT_MATCHED,
    OTHER,
    REFUSALS,
    TIMED_OUT,
)
from jibit_sandbox.i18n.translations import gettext_noop as _

pages = Blueprint("ppg_v3_pages", __name__, url_prefix=PREFIX)


@pages.get("/purchases/<identifier>/payments")
def payment_page(identifier: str) -> AnyResponse:
    """Show the form, filled with a valid card; ``?card=`` fills in another test card."""
    card = prefilled(request.args.get("card", ""))
    return show_order_page(identifier, lambda work, order: form(work, order, card))


def form(work: Work, order: Order, card: Card) -> Response:
    """Show the card form; without a terminal that may be used, the purchase fails."""
    purchase = work.session.get_one(Purchase, order.identifier)
    if purchase.psp_name is not None:
        return form_page(work, order, card)
    fail(work, purchase, OTHER, _("no terminal could be used"))
    return finished(work, order)


@pages.post("/purchases/<identifier>/payments")
def pay(identifier: str) -> AnyResponse:
    """Act on the pressed button; a mistake in the form shows it again."""
    card = typed_card()
    return press_order_button(
        identifier,
        lambda work, order, action: end(work, order, action, card),
        buttons=(*BUTTONS, "password", *V3_BUTTONS),
    )


def end(work: Work, order: Order, action: str, card: Card) -> Response | None:
    """Act on the pressed button; return a page if the payer has to try again."""
    purchase = work.session.get_one(Purchase, order.identifier)
    if action == "time_out":
        fail(work, purchase, TIMED_OUT, _("the time at the PSP was over"))
        return None
    is_paying = action in (*PAYING, "unknown")
    if is_paying and not card_errors(card, work.now) and mismatch(work, purchase, card):
        fail(work, purchase, NOT_MATCHED, _("the card is not one that the shop has named"))
        return None
    again = card_pages.end(work, order, "pay" if action == "unknown" else action, card)
    if order.state == State.FAILED:
        purchase.fail_reason = CANCELLED if order.cancelled_by_payer else refusal(action, card)
    if order.state == State.PAID:
        record_payment(work, purchase, card, is_known=action != "unknown")
    return again


def refusal(action: str, card: Card) -> str:
    """Return the bank's reason: the test card's, where a card was charged that has one."""
    scenario = scenario_of(card).key
    return scenario if action in PAYING and scenario in REFUSALS else DECLINED


def mismatch(work: Work, purchase: Purchase, card: Card) -> bool:
    """Return whether a check that the client has switched on refuses this card."""
    switches = switches_of(work.world)
    named = switches.v3_card_check and purchase.payer_cards
    if named and card.number not in purchase.payer_cards:
        return True
    return is_owner_checked(purchase, switches) and scenario_of(card).key == "other_owner"


def is_owner_checked(purchase: Purchase, switches: Switches) -> bool:
    by_mobile = switches.v3_mobile_check and purchase.check_payer_mobile
    by_code = switches.v3_national_code_check and purchase.payer_national_code is not None
    return by_mobile or by_code


def fail(work: Work, purchase: Purchase, reason: str, because: str) -> None:
    purchase.fail_reason = reason
    bank.apply_transition(work.session, purchase.order, State.FAILED, work.now, because)
