"""Every message of PPG v3, with the fields that make it no answer when they are odd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jibit_client import RefundRequest
from jibit_client.ppg_v3.histories import HistoryFilter
from tests.client import v3_documents as v3
from tests.client.boundaries import ERRORS, NOTHING, Message, Path
from tests.client.wires import PPG_V3, PURCHASE


def strict(*paths: str) -> frozenset[Path]:
    """Return the paths, whose numbers are those of rows."""
    return frozenset(
        tuple(int(part) if part.isdigit() else part for part in path.split(".")) for path in paths
    )


ROW = ("purchaseIdStr", "clientReferenceNumber", "amount", "wage", "currency", "state")
STATUS = strict("status")
PAGE = strict("elements", "hasNext")
REFUND = RefundRequest(purchase_id=v3.ID)
HISTORY = HistoryFilter(purchase_id=v3.ID)
SUCCESS = {"status": "SUCCESSFUL"}

#: Its name, where it is the answer of, the call, the document, and what must not be odd.
ANSWERS: list[tuple[str, str, Callable[[Any], object], Any, frozenset[Path]]] = [
    (
        "create",
        v3.CREATE,
        lambda client: client.create(PURCHASE),
        v3.CREATED,
        strict("purchaseIdStr", "clientReferenceNumber", "pspSwitchingUrl", "currency"),
    ),
    ("verify", v3.VERIFY, lambda client: client.verify(v3.ID), SUCCESS, STATUS),
    (
        "inquiry",
        v3.LIST,
        lambda client: client.inquire(v3.ID),
        v3.PAGE,
        PAGE | strict("elements.0", *(f"elements.0.{name}" for name in ROW)),
    ),
    ("reverse", v3.REVERSE, lambda client: client.reverse(v3.ID), SUCCESS, STATUS),
    (
        "refund",
        v3.REFUND,
        lambda client: client.refund(REFUND),
        v3.ACCEPTED,
        strict("refundId"),
    ),
    (
        "refund inquiry",
        v3.REFUND_INQUIRY,
        lambda client: client.refund_inquiry(v3.ID),
        v3.REFUNDS_OF_IT,
        strict("transfers", "transfers.0.refundId"),
    ),
    (
        "histories",
        v3.HISTORIES,
        lambda client: client.histories(HISTORY),
        v3.HISTORY_PAGE,
        PAGE,
    ),
    (
        "balances",
        v3.BALANCES,
        lambda client: client.balances(),
        v3.BALANCE_LIST,
        strict("balances"),
    ),
    (
        "terminals",
        v3.TERMINALS,
        lambda client: client.terminals(),
        v3.TERMINAL_LIST,
        strict("elements"),
    ),
    (
        "settlements",
        v3.SETTLEMENTS,
        lambda client: client.settlements(),
        v3.SETTLEMENT_PAGE,
        PAGE,
    ),
    ("health", v3.HEALTH, lambda client: client.health(), v3.UP, STATUS),
]
V3_MESSAGES = [
    *(
        Message(name, PPG_V3, name, document, decisive, at=at, call=call)
        for name, at, call, document, decisive in ANSWERS
    ),
    Message("refusal", PPG_V3, "verify", ERRORS, NOTHING, status=400),
]
