"""The control API of PPG v3's purchases: contradict them, and halt their refunds."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from jibit_sandbox.bank.contradictions import contradict
from jibit_sandbox.bank.orders import ForbiddenTransition, State
from jibit_sandbox.bank.transfers import HALTED, TransferState, halt, state_of, transfers_of
from jibit_sandbox.control.parameters import (
    body_object,
    checked_word,
    text_in,
    whole_in,
    world_work,
)
from jibit_sandbox.core.clock import as_text
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.errors import Conflict, NotFound
from jibit_sandbox.core.models import Purchase, Transfer

WANTED_STATES = {
    "MANUALLY_SUCCESS": State.MANUALLY_CAPTURED,
    "REVERSED": State.REVERSED,
    "UNKNOWN": State.UNKNOWN,
    "SUCCESS": State.CAPTURED,
    "FAILED": State.FAILED,
    "EXPIRED": State.EXPIRED,
}
purchases = Blueprint("purchases", __name__, url_prefix="/_sandbox")


@purchases.put("/purchases/<identifier>/state")
def contradict_purchase(identifier: str) -> Response:
    """Settle by hand: ``{"state": "MANUALLY_SUCCESS"}``, ``REVERSED``; the others settle none."""
    wanted = checked_word("state", text_in(body_object(), "state"), WANTED_STATES)
    with world_work() as work:
        contradict_by_hand(work, purchase_named(work, identifier), WANTED_STATES[wanted])
    return jsonify(state=wanted)


def contradict_by_hand(work: Work, purchase: Purchase, state: State) -> None:
    """Contradict the purchase; raise Conflict where its state does not allow that."""
    try:
        contradict(work.session, purchase, state, work.now)
    except ForbiddenTransition as error:
        raise Conflict(str(error)) from None


@purchases.get("/purchases/<identifier>/transfers")
def show_transfers(identifier: str) -> Response:
    """Return the transfers of the purchase's refund, the oldest first."""
    with world_work() as work:
        return jsonify(transfers=transfer_views(work, purchase_named(work, identifier).identifier))


@purchases.put("/purchases/<identifier>/transfers")
def halt_transfer(identifier: str) -> Response:
    """Halt ``{"number": 1, "state": "FAILED", "reason"}``; the last transfer without a number."""
    body = body_object()
    number, reason = whole_in(body, "number", None), text_in(body, "reason")
    with world_work() as work:
        purchase = purchase_named(work, identifier)
        halt_by_hand(work, purchase, number, text_in(body, "state"), reason)
        return jsonify(transfers=transfer_views(work, identifier))


def halt_by_hand(
    work: Work, purchase: Purchase, number: int | None, state: str | None, reason: str | None = None
) -> None:
    """Halt a transfer in that state; raise ControlError for a wrong one, NotFound for none."""
    wanted = checked_word("state", state, sorted(HALTED))
    mine = transfers_of(work.session, purchase.identifier)
    found = [each for each in mine if number in (None, each.number)]
    if not found:
        raise NotFound(f"there is no such refund of purchase {purchase.identifier}")
    halt(found[-1], TransferState(wanted), reason, work.now)


def purchase_named(work: Work, identifier: str) -> Purchase:
    purchase = work.session.get(Purchase, identifier)
    if purchase is None or purchase.order.world != work.world.name:
        raise NotFound(f"there is no purchase {identifier} in this world")
    return purchase


def transfer_views(work: Work, identifier: str) -> list[dict[str, Any]]:
    return [transfer_view(work, each) for each in transfers_of(work.session, identifier)]


def transfer_view(work: Work, transfer: Transfer) -> dict[str, Any]:
    return {
        "number": transfer.number,
        "amount_rials": transfer.amount,
        "state": str(state_of(transfer, work.now)),
        "fail_reason": transfer.fail_reason,
        "created_at": as_text(transfer.created_at),
        "modified_at": as_text(transfer.modified_at),
    }
