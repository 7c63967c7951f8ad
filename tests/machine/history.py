"""What the history tells: every state can be learnt from its entries alone, read top to bottom."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from drills.ledgers import Row

REFUSALS = {
    "Refused",
    "InvalidRequest",
    "NotAuthenticated",
    "CredentialsRefused",
    "NotFound",
    "TooManyRequests",
    "NotConnected",
}
OF_PAYMENTS = {
    "payment_initiated": "initiated",
    "payment_opened": "awaiting_payer",
    "found_in_the_list": "awaiting_payer",
    "redirect_not_trusted": "failed",
    "never_reached_the_gateway": "expired",
    "verifying": "verifying",
    **{
        f"{said}_{state}": state
        for said in ("payment", "resolved_as")
        for state in ("awaiting_payer", "in_doubt", "needs_review", "paid", "failed", "expired")
    },
}
OF_ORDERS = {
    "order_placed": "placed",
    "payment_paid": "paid",
    "resolved_as_paid": "paid",
    "order_expired": "expired",
    "order_cancelled": "cancelled",
}


def payment_states(history: Iterable[Row]) -> dict[int, str]:
    """The state of each payment, by its id, as the history has it."""
    states: dict[int, str] = {}
    for entry in history:
        if entry["payment_id"] is not None:
            known = states.get(entry["payment_id"])
            states[entry["payment_id"]] = _after(entry, known)
    return states


def _after(entry: Row, known: str | None) -> str:
    """The state that an entry leaves a payment in."""
    refused = _details(entry).get("answer") in REFUSALS
    if entry["event"] == "payment_not_opened" and refused:
        return "failed"
    return OF_PAYMENTS.get(entry["event"]) or str(known)


def order_states(history: Iterable[Row]) -> dict[str, str]:
    """The state of each order, by its number."""
    told = [entry for entry in history if entry["event"] in OF_ORDERS]
    return {entry["order_key"]: OF_ORDERS[entry["event"]] for entry in told}


def _details(entry: Row) -> Mapping[str, Any]:
    details = entry["details"]
    known: Mapping[str, Any] = json.loads(details) if isinstance(details, str) else details
    return known
