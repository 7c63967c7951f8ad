"""Section 3 of the sheet, row by row: verify, the lists, and the fee."""

from __future__ import annotations

from typing import Any

from tests.sandbox.v3_rows import Row

NOBODYS = "123456789012345678"
NO_NUMBERS = ("abc", "1.5", str(2**63), "۱۲۳")
MISMATCH = "binding.type_mismatch"
THREE_HOURS = "from_and_to.difference_must_be_less_than_3_hours"
PAGES = {"inquiry": (20, 250), "histories": (10, 20_000), "settlements": (20, 250)}
ERRORS: dict[str, Any] = {"v3_invalid_state": "error", "v3_repeated": "error"}
WIDE: dict[str, Any] = {"v3_wide_histories": True}
LISTS = {
    "inquiry": "/purchases?",
    "settlements": "/settlements?",
    "histories": "/purchases/histories?purchaseId=1&",
}


def verify(code: str, path: str, status: int = 400, **switches: Any) -> Row:
    return Row("3 verify", "verify", code, status, path=f"{path}/verify", switches=switches)


def listed(call: str, code: str, query: str, **switches: Any) -> Row:
    path = LISTS[call] + query
    return Row(f"3 {call}", call, code, path=path, switches=switches)


def histories(code: str, query: str, **switches: Any) -> Row:
    """A row without the purchase that the other rows of histories name."""
    path = f"/purchases/histories?{query}"
    return Row("3 histories", "histories", code, path=path, switches=switches)


ROWS = [
    verify("purchase.not_found", f"/purchases/{NOBODYS}", 404),
    verify("purchase.not_found", "/purchases/-1", 404),
    *(verify(MISMATCH, f"/purchases/{each}") for each in NO_NUMBERS),
    verify("payment.already_verified", "/purchases/{verified}", **ERRORS),
    verify("payment.already_verified", "/purchases/{by_hand}", **ERRORS),
    verify("purchase.invalid_state", "/purchases/{unpaid}", **ERRORS),
    verify("purchase.already_reversed", "/purchases/{reversed}", **ERRORS),
    *(listed("inquiry", MISMATCH, f"purchaseId={each}") for each in NO_NUMBERS),
    *(
        listed("inquiry", MISMATCH, query)
        for query in ("status=VERIFIED", "status=success", "from=yesterday", "to=2026-13-01")
    ),
    *(
        listed(call, MISMATCH, query)
        for call in LISTS
        for query in ("page=0", "page=x", "size=0", "size=-1", "size=2.5")
    ),
    *(
        listed(call, f"{name}.max_exceeded", f"{field}={most + 1}")
        for call, limits in PAGES.items()
        for name, field, most in zip(
            ("page_number", "page_size"), ("page", "size"), limits, strict=True
        )
    ),
    histories("criteria.is_empty", ""),
    histories("criteria.is_empty", "statuses=UNKNOWN"),
    histories("criteria.is_empty", "statuses=UNKNOWN", **WIDE),
    histories("criteria.is_empty", "from=2026-11-28T10:00:00Z&to=2026-11-28T11:00:00Z"),
    histories(THREE_HOURS, "from=2026-11-28T10:00:00Z&to=2026-11-28T13:00:00Z", **WIDE),
    listed("histories", THREE_HOURS, "from=2026-11-28T10:00:00Z&to=2026-11-29T10:00:00Z"),
    *(
        listed("histories", "states.can_not_have_null_value", query)
        for query in ("statuses=", "statuses=UNKNOWN,,REVERSED", "statuses[]=")
    ),
    *(
        listed("histories", MISMATCH, query)
        for query in ("statuses=SUCCESS", "nextPageId=x", "from=x", "to=1")
    ),
    *(
        Row("3 the rest", "fee", code, change=change)
        for code, change in (
            ("amount.is_required", {"amount": ...}),
            ("amount.not_enough", {"amount": 4_999}),
            ("wage.is_invalid", {"wage": -1}),
            ("amount_plus_wage.permitted_value_exceeded", {"wage": 2_000_000_000}),
            ("web.invalid_or_missing_body", {"amount": "100000"}),
        )
    ),
]
