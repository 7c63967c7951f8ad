"""The wallet's payment page: a one-time code, the balance, and the buttons."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from jibit_sandbox.bank import orders as bank
from jibit_sandbox.bank.cards import Mistake, plain
from jibit_sandbox.bank.one_time_passwords import dynamic_password
from jibit_sandbox.bank.orders import State
from jibit_sandbox.bank.test_cards import STATIC_PASSWORD
from jibit_sandbox.bank.wallets import debit, wallet_of
from jibit_sandbox.core.chance import new_digits
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.models import Order
from jibit_sandbox.gateways.payment_pages import (
    BUTTONS,
    fail,
    page,
    press_order_button,
    seconds_left,
    show_order_page,
)
from jibit_sandbox.gateways.wallet.api import PREFIX
from jibit_sandbox.i18n.translations import gettext_noop as _

pages = Blueprint("wallet_pages", __name__, url_prefix=PREFIX)


@pages.get("/order/<identifier>/payment")
def payment_page(identifier: str) -> AnyResponse:
    """Show mobile number, balance and one-time code, with the test message that brings the code."""
    return show_order_page(identifier, form_page)


@pages.post("/order/<identifier>/payment")
def pay(identifier: str) -> AnyResponse:
    """Act on the pressed button; a wrong code or a small balance shows the form again."""
    return press_order_button(identifier, end, ends=(State.AWAITING, State.PAID), buttons=BUTTONS)


def end(work: Work, order: Order, action: str) -> Response | None:
    """Act on the pressed button; until it is verified, a paid order can be cancelled."""
    if order.state == State.PAID and action != "cancel":
        return None
    if action in ("pay", "vanish"):
        return charge(work, order)
    fail(work, order, action)
    return None


def charge(work: Work, order: Order) -> Response | None:
    """Debit the wallet; return a page if the payer has to try again."""
    if plain(request.form.get("password", "")) not in codes_of(order):
        return form_page(work, order, Mistake("password", _("The one-time code is wrong.")))
    if not debit(work.session, order):
        message = _("There is not enough money in the wallet.")
        return form_page(work, order, Mistake("balance", message))
    order.tracking_number = new_digits(work.world, "tracking", 9)
    bank.apply_transition(work.session, order, State.PAID, work.now, _("paid from the wallet"))
    return None


def codes_of(order: Order) -> tuple[str, str]:
    """Return the code of the test message, and the one that is always accepted."""
    return dynamic_password(order.identifier), STATIC_PASSWORD


def form_page(work: Work, order: Order, wrong: Mistake | None = None) -> Response:
    answer = page(
        "bank/wallet.html",
        order,
        wrong=[wrong] if wrong else [],
        code=dynamic_password(order.identifier),
        balance=wallet_of(work.session, order.world, order.user_identifier).balance_rials,
        seconds_left=seconds_left(work, order),
    )
    answer.status_code = 422 if wrong else 200
    return answer
