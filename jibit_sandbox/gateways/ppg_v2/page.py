"""PPG's payment page: the card form and its buttons."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from jibit_sandbox.gateways.card_pages import end, form_page, prefilled, typed_card
from jibit_sandbox.gateways.payment_pages import press_order_button, show_order_page
from jibit_sandbox.gateways.ppg_v2.api import PREFIX

pages = Blueprint("ppg_pages", __name__, url_prefix=PREFIX)


@pages.get("/orders/<identifier>/payments")
def payment_page(identifier: str) -> AnyResponse:
    """Show the form, filled with a valid card; ``?card=`` fills in another test card."""
    card = prefilled(request.args.get("card", ""))
    return show_order_page(identifier, lambda work, order: form_page(work, order, card))


@pages.post("/orders/<identifier>/payments")
def pay(identifier: str) -> AnyResponse:
    """Act on the pressed button; a mistake in the form shows it again."""
    card = typed_card()
    return press_order_button(
        identifier, lambda work, order, action: end(work, order, action, card)
    )
