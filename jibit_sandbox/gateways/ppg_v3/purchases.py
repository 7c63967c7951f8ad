"""Operations on purchases: open, find, verify and reverse."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from jibit_sandbox.bank import orders as bank
from jibit_sandbox.bank.orders import State
from jibit_sandbox.bank.transfers import refunded_amount, transfers_of
from jibit_sandbox.core.chance import chance
from jibit_sandbox.core.context import Work, require_call, sandbox
from jibit_sandbox.core.models import Order, Purchase, TakenReference, World
from jibit_sandbox.core.worlds import Switches, switches_of
from jibit_sandbox.gateways import orders
from jibit_sandbox.gateways.ppg_v3.codes import WRONG_QUERY
from jibit_sandbox.gateways.ppg_v3.errors import Refusal
from jibit_sandbox.gateways.ppg_v3.fields import identifier as identifier_in
from jibit_sandbox.gateways.ppg_v3.fields import long_in, text_or_number
from jibit_sandbox.gateways.ppg_v3.requests import CURRENCY, NewPurchase
from jibit_sandbox.gateways.ppg_v3.states import SUCCESSFUL
from jibit_sandbox.gateways.ppg_v3.terminals import terminal_for
from jibit_sandbox.i18n.translations import gettext_noop as _
from jibit_sandbox.web.json_requests import Body

FIRST_IDENTIFIER = 10**17 + 1  # 18 digits and odd: no double holds it, so that number bugs show
IDENTIFIERS = 4 * 10**17
REVERSIBLE_FOR = timedelta(hours=24)  # after the capture


def new_identifier(world: World) -> str:
    return str(FIRST_IDENTIFIER + 2 * chance(world, "order").randrange(IDENTIFIERS))


def open_purchase(work: Work, wanted: NewPurchase) -> Purchase:
    """Store a new purchase; raise Refusal if its reference was used before."""
    reference = wanted.reference_number
    if orders.is_used_reference(work, reference) or is_taken(work, reference):
        raise Refusal("clientReferenceNumber.duplicated")
    amount = wanted.amount or 0
    order = orders.open_order(
        work,
        new_identifier(work.world),
        sandbox().settings.order_seconds,
        amount=amount,
        currency=CURRENCY,
        amount_rials=amount + wanted.wage,
        reference_number=reference,
        user_identifier=wanted.user_identifier,
        callback_url=wanted.callback_url,
        description=wanted.description,
        additional_data=as_text(wanted.additional_data),
    )
    purchase = Purchase(
        identifier=order.identifier,
        wage=wanted.wage,
        payer_mobile=wanted.payer_mobile,
        check_payer_mobile=wanted.check_payer_mobile,
        payer_cards=wanted.cards,
        payer_national_code=wanted.payer_national_code,
        terminal_ids=wanted.terminal_ids,
        auto_switching=wanted.auto_switching,
        order=order,
    )
    terminal = terminal_for(purchase)
    if terminal is not None:
        purchase.psp_name, purchase.psp_terminal_id = terminal.psp_name, terminal.psp_terminal_id
    work.session.add(purchase)
    return purchase


def is_taken(work: Work, reference: str) -> bool:
    """Return whether a refused create took the reference."""
    return work.session.get(TakenReference, (work.world.name, reference)) is not None


def take_reference(work: Work, reference: object) -> None:
    """Keep the reference of a refused create from being used again, where the world wants that."""
    said = str(reference).strip() if isinstance(reference, str | int) else ""
    if said and switches_of(work.world).v3_refused_reference == "taken":
        work.session.merge(TakenReference(world=work.world.name, reference_number=str(reference)))


def as_text(additional_data: dict[str, Any] | None) -> str | None:
    return None if additional_data is None else json.dumps(additional_data, ensure_ascii=False)


def own_purchase(work: Work, identifier: str) -> Purchase:
    """Return the client's purchase; raise Refusal for any other."""
    number = long_in(identifier)
    if number is None:
        raise Refusal(WRONG_QUERY)
    return checked(work, work.session.get(Purchase, str(number)))


def named_purchase(work: Work, body: Body) -> Purchase:
    """Return the purchase that a body names by ``purchaseId`` or ``clientReferenceNumber``."""
    identifier = identifier_in(body, "purchaseId")
    reference = text_or_number(body, "clientReferenceNumber")
    if identifier:
        return checked(work, work.session.get(Purchase, identifier))
    if not reference:
        raise Refusal("clientReferenceNumber_or_purchaseId.are_required")
    by_reference = (
        select(Purchase)
        .join(Order)
        .where(Order.world == work.world.name, Order.reference_number == reference)
    )
    return checked(work, work.session.scalar(by_reference))


def checked(work: Work, purchase: Purchase | None) -> Purchase:
    """Return the purchase if it is this client's, and name it in the log."""
    if purchase is None or purchase.order.world != work.world.name:
        raise Refusal("purchase.not_found")
    call = require_call()
    call.order_identifier = purchase.identifier
    call.reference_number = purchase.order.reference_number
    return purchase


def answer(switch: str, status: str, code: str) -> str:
    """Return the status; raise Refusal with the code where the switch wants the document's error.

    The document describes both ways of saying the same, without saying which one is used when.
    """
    if switch == "error":
        raise Refusal(code)
    return status


def verify(work: Work, purchase: Purchase) -> str:
    """Capture a paid purchase; return the answer's status."""
    order, switches = purchase.order, switches_of(work.world)
    if order.state == State.PAID and order.expires_at > work.now:
        capture(work, purchase)
        return "SUCCESSFUL"
    if order.state in SUCCESSFUL:
        return answer(switches.v3_repeated, "ALREADY_VERIFIED", "payment.already_verified")
    is_reversed = order.state == State.REVERSED
    code = "purchase.already_reversed" if is_reversed else "purchase.invalid_state"
    return answer(switches.v3_invalid_state, "NOT_VERIFIABLE", code)


def capture(work: Work, purchase: Purchase) -> None:
    bank.apply_transition(
        work.session, purchase.order, State.CAPTURED, work.now, _("verified by the merchant")
    )
    purchase.verified_at = work.now


def reverse(work: Work, purchase: Purchase) -> str:
    """Return the whole amount to the payer; return the answer's status."""
    switches = switches_of(work.world)
    if switches.v3_reverse == "not_supported":
        raise Refusal("reverse.not_supported")
    if not switches.v3_reverse:
        raise Refusal("reverse.is_not_enabled")
    if refunded_amount(transfers_of(work.session, purchase.identifier), work.now):
        raise Refusal("purchase.refunded")
    state = purchase.order.state
    if state == State.REVERSED:
        return answer(switches.v3_repeated, "ALREADY_REVERSED", "purchase.already_reversed")
    if state == State.MANUALLY_CAPTURED:
        return "NOT_REVERSIBLE"
    if not may_reverse(purchase, switches):
        return answer(switches.v3_invalid_state, "NOT_REVERSIBLE", "purchase.invalid_state")
    is_late = work.now >= (purchase.verified_at or work.now) + REVERSIBLE_FOR
    if is_late and switches.v3_late_reverse == "refused":
        raise Refusal("purchase.not_reversible")
    bank.apply_transition(
        work.session, purchase.order, State.REVERSED, work.now, _("reversed by the merchant")
    )
    return "SUCCESSFUL"


def may_reverse(purchase: Purchase, switches: Switches) -> bool:
    is_unverified = purchase.order.state == State.PAID
    unverified_may = switches.v3_reverse_unverified == "allowed"
    return purchase.order.state == State.CAPTURED or (is_unverified and unverified_may)
