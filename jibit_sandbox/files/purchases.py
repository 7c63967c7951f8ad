"""What PPG v3 alone knows of an order, as JSON objects and back: its purchase and its refunds."""

from __future__ import annotations

from typing import Any

from jibit_sandbox.bank.cards import PAYING_CARD
from jibit_sandbox.bank.orders import State
from jibit_sandbox.bank.transfers import HALTED
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.models import Order, Purchase, Transfer
from jibit_sandbox.files.fields import Fields, one_of
from jibit_sandbox.files.order_facts import WITH_MONEY
from jibit_sandbox.files.rows import names_of, object_of, values_in
from jibit_sandbox.files.secrets import without_secrets
from jibit_sandbox.gateways.ppg_v3.payments import record_psp
from jibit_sandbox.gateways.ppg_v3.states import DECLINED
from jibit_sandbox.gateways.ppg_v3.terminals import terminal_for
from jibit_sandbox.web.json_requests import LARGEST_AMOUNT

OF_PURCHASE = {"identifier"}
OF_TRANSFER = {"id", "order_identifier"}
CAPTURED = {State.CAPTURED, State.MANUALLY_CAPTURED, State.REVERSED}
UNASKED = {"wage": 0, "check_payer_mobile": False, "payer_cards": [], "terminal_ids": []}


def purchase_object(purchase: Purchase, transfers: list[Transfer]) -> dict[str, Any]:
    """Return the fields that an order of PPG v3 has beside those of all orders."""
    return {
        "purchase": without_secrets(object_of(purchase, OF_PURCHASE)),
        "refunds": [object_of(each, OF_TRANSFER) for each in transfers],
    }


def add_purchase(work: Work, fields: Fields, order: Order) -> None:
    """Store the purchase of an order, and its refunds."""
    given = fields.inner("purchase")
    given.only(names_of(Purchase, OF_PURCHASE))
    given.read("contradicted_by", one_of([str(state) for state in State]))
    facts = values_in(given, Purchase, OF_PURCHASE)
    if facts.get("wage", 0) > LARGEST_AMOUNT:
        raise given.wrong("wage", f"at most {LARGEST_AMOUNT}")
    purchase = Purchase(**UNASKED | {"auto_switching": True} | facts, order=order)
    if "amount_rials" not in fields.values:
        order.amount_rials += purchase.wage
    work.session.add(purchase)
    if not given.values:
        play(work, purchase)
    for each in fields.each("refunds"):
        add_refund(work, each, order)


def play(work: Work, purchase: Purchase) -> None:
    """Fill in what the PSP says of a purchase in such a state."""
    state, terminal = State(purchase.order.state), terminal_for(purchase)
    if terminal is not None:
        purchase.psp_name, purchase.psp_terminal_id = terminal.psp_name, terminal.psp_terminal_id
    if state in WITH_MONEY:
        record_psp(work.world, purchase, PAYING_CARD)
    if state in CAPTURED:
        purchase.verified_at = purchase.order.modified_at
    purchase.fail_reason = DECLINED if state == State.FAILED else None
    purchase.has_contradiction = state == State.MANUALLY_CAPTURED


def add_refund(work: Work, fields: Fields, order: Order) -> None:
    """Store one refund; what is left out is that of a plain one of the whole amount."""
    fields.only(names_of(Transfer, OF_TRANSFER))
    fields.read("halted", one_of(sorted(HALTED)))
    usual = {"number": 1, "amount": order.amount_rials, "cancellable": False}
    moments = dict.fromkeys(("created_at", "modified_at", "begins_at"), order.modified_at)
    facts = usual | moments | values_in(fields, Transfer, OF_TRANSFER)
    work.session.add(Transfer(order_identifier=order.identifier, **facts))
