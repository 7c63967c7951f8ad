"""Section 3 of the sheet, row by row: reverse and refund."""

from __future__ import annotations

from typing import Any

from tests.sandbox.v3_rows import Row
from tests.sandbox.v3_rows_reports import ERRORS, NOBODYS
from tests.sandbox.v3_sheet import TRANSFER_CODES

UNNAMED: dict[str, Any] = {"purchaseId": ...}
NOT_NAMED = "clientReferenceNumber_or_purchaseId.are_required"
NO_NUMBERS: tuple[Any, ...] = ("abc", 1.5, True, [], 2**63)
NO_AMOUNTS: tuple[Any, ...] = ("1", 1.5, [])
WRONG_NAMES: tuple[dict[str, Any], ...] = (
    *({"purchaseId": value} for value in NO_NUMBERS),
    {"purchaseId": None, "clientReferenceNumber": {}},
)
TOO_LITTLE = "transfers.0.amount.not_enough_for_normal"
TOO_MUCH = "transfers.0.amount.exceeded_maximum_for_normal"
ACTIONS = ("refund_verify", "refund_retry", "refund_cancel", "refund_start")
PATHS = ("verify", "retry", "cancel", "ignore-cancellable")


def reverse(code: str, named: str = "verified", later: int = 0, **switches: Any) -> Row:
    change = {"purchaseId": f"{{{named}}}"}
    return Row("3 reverse", "reverse", code, change=change, switches=switches, later=later)


def refund(code: str, change: dict[str, Any], status: int = 400, **switches: Any) -> Row:
    return Row("3 refund", "refund", code, status, change=change, switches=switches)


def acted(call: str, code: str, purchase: str, status: int = 400) -> Row:
    path = f"/purchases/refunds/{purchase}/{PATHS[ACTIONS.index(call)]}"
    return Row("3 refund", call, code, status, path=path)


def on_request(call: str, code: str) -> Row:
    return Row("3 refund", call, code, behaviour="refused_with_code")


ROWS = [
    reverse("reverse.is_not_enabled", v3_reverse=False),
    reverse("reverse.not_supported", v3_reverse="not_supported"),
    reverse("purchase.refunded", "refunded"),
    reverse("purchase.invalid_state", "paid", **ERRORS),
    reverse("purchase.invalid_state", "unpaid", **ERRORS),
    reverse("purchase.already_reversed", "reversed", **ERRORS),
    *(
        Row("3 reverse", "reverse", code, status, change=change)
        for code, status, change in (
            (NOT_NAMED, 400, UNNAMED),
            (NOT_NAMED, 400, {"purchaseId": ""}),
            ("purchase.not_found", 404, {"purchaseId": int(NOBODYS)}),
            ("purchase.not_found", 404, UNNAMED | {"clientReferenceNumber": "nobody's"}),
        )
    ),
    *(
        Row("3 reverse", "reverse", "web.invalid_or_missing_body", change=change)
        for change in WRONG_NAMES
    ),
    reverse("purchase.not_reversible", later=24 * 3600),
    refund("refund.not_supported", {}, v3_refund=False),
    refund(NOT_NAMED, UNNAMED),
    refund("purchase.not_found", {"purchaseId": int(NOBODYS)}, 404),
    *(refund("web.invalid_or_missing_body", change) for change in WRONG_NAMES),
    *(refund("web.invalid_or_missing_body", {"amount": each}) for each in NO_AMOUNTS),
    refund("web.invalid_or_missing_body", {"cancellable": "true"}),
    refund("purchase.invalid_state", {"purchaseId": "{paid}"}),
    refund("purchase.invalid_state", {"purchaseId": "{reversed}"}),
    refund("purchase.invalid_state", {"purchaseId": "{by_hand}"}, v3_manual_refund="refused"),
    *(refund(TOO_LITTLE, {"amount": each}) for each in (0, -1)),
    refund(TOO_LITTLE, {"purchaseId": "{refund_failed}"}),
    *(refund(TOO_MUCH, {"amount": each}) for each in (250_001, 2**63 - 1)),
    refund("balances.not_enough", {"amount": 250_001}, v3_refund_above_the_rest="balances"),
    refund("balances.not_enough", {}, v3_refund_balance="refused"),
    *(on_request("refund", code) for code in sorted(TRANSFER_CODES)),
    Row(
        "3 refund",
        "refund_inquiry",
        "transfer.not_found",
        404,
        path="/purchases/refunds/{verified}",
    ),
    *(acted(call, "transfer.not_found", "{verified}", 404) for call in ACTIONS),
    *(acted(call, "transfer.not_found", "{refunded_twice}", 404) for call in ACTIONS),
    *(acted(call, "purchase.not_found", NOBODYS, 404) for call in ACTIONS),
    *(acted(call, "binding.type_mismatch", "abc") for call in ACTIONS),
    acted("refund_verify", "verify.not_applicable", "{refunded}"),
    acted("refund_retry", "retry.not_applicable", "{refunded}"),
    acted("refund_cancel", "cancellation.not_applicable", "{refunded}"),
    acted("refund_start", "cancellation.not_applicable", "{refunded}"),
    on_request("refund_verify", "verify.failed"),
    on_request("refund_retry", "retry.failed"),
    on_request("refund_cancel", "cancellation.failed"),
]
