"""What a row of a conformance table may be told while the switches stand otherwise.

A switch gives a code another word, lets a call pass, or has it refused before its own reason is
looked at. ``GOOD`` stands for an answer that refuses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jibit_sandbox.gateways.ppg_v2.errors import SECTIONS
from tests.sandbox.ppg_rows import ORDER_SECTIONS, TOKEN_SECTIONS, Row
from tests.sandbox.v3_rows import Row as V3Row
from tests.sandbox.wallet_rows import Row as WalletRow

Switches = Mapping[str, Any]
GOOD = "good"
CALLBACKS = (
    *("callback_underscore", "callback_user", "callback_persian_path", "callback_persian_host"),
    "callback_app",
)


def lets_callbacks_pass(switches: Switches) -> bool:
    return any(switches[name] == "accepted" for name in CALLBACKS)


def v2_codes(row: Row, switches: Switches) -> set[str]:
    """The codes that the row may get at PPG v2."""
    codes = {v2_word(row, switches)}
    if row.section in ORDER_SECTIONS and switches["merchant"] == "missing":
        codes.add("merchant.not_found")
    if row.section in TOKEN_SECTIONS and switches["channel"] == "disabled":
        codes.add("token.channel_not_active")
    if row.code == "binding.type_mismatch" and switches["legacy"]:
        codes |= {GOOD, *all_codes(row.section)}
    if "callback_url" in row.code and lets_callbacks_pass(switches):
        codes.add(GOOD)
    if row.section == "Create Order" and GOOD in codes | {row.code}:
        codes |= {"merchant.inactive", "order_create.reference_number.duplicated"}
    return codes


def all_codes(section: str) -> tuple[str, ...]:
    return next(each.all_codes() for each in SECTIONS.values() if each.title == section)


def v2_word(row: Row, switches: Switches) -> str:
    """The row's code in the world's words."""
    if row.code == "binding.type_mismatch":
        return str(switches["wrong_type"])
    is_dead = row.headers.get("Authorization") == "Bearer wrong"
    if row.code == "token.verification.failed" and is_dead:
        return str(switches["dead_token"])
    absent = str(switches["absent_token"])
    is_absent = row.code in ("token.verification.failed", "user.not.authenticated")
    return absent if is_absent and absent != "by_section" else row.code


def wallet_numbers(row: WalletRow, switches: Switches) -> set[int]:
    """The numbers that the row may get at the wallet; 0 is good."""
    numbers = {row.status}
    if row.call in ("create", "verify", "inquiry") and switches["merchant"] == "missing":
        numbers.add(404)
    if row.call in ("generate", "refresh") and switches["channel"] == "disabled":
        numbers.add(401)
    if switches["legacy"] and row.change:
        numbers |= {0, 401}
    if "callBackUrl" in row.change and lets_callbacks_pass(switches):
        numbers.add(0)
    if row.method == "POST" and switches["wallet_inquiry_by_post"] == "answered":
        numbers.add(0)
    return numbers


# What a switch of PPG v3 in one of these positions can have a call told instead.
V3_INSTEAD: tuple[tuple[str, tuple[Any, ...], tuple[str, ...]], ...] = (
    ("merchant", ("inactive", "missing"), ("client.not_active",)),
    ("v3_dead_token", ("security.auth_required",), ("security.auth_required",)),
    ("v3_trusted_ip", (False,), ("ip.not_trusted",)),
    ("v3_reverse", (False,), ("reverse.is_not_enabled",)),
    ("v3_reverse", ("not_supported",), ("reverse.not_supported",)),
    ("v3_refund", (False,), ("refund.not_supported",)),
    ("v3_refund_balance", ("refused",), ("balances.not_enough",)),
    ("v3_refund_above_the_rest", ("balances",), ("balances.not_enough",)),
    ("v3_manual_refund", ("refused",), ("purchase.invalid_state",)),
    ("v3_callback_whitelist", (True,), ("callbackUrl.domain_not_in_whitelist",)),
    ("v3_wide_histories", (True,), (GOOD,)),
    ("v3_fee_as_wage", (True,), ("fee_as_wage.wage_must_be_zero",)),
    ("v3_late_reverse", ("allowed",), (GOOD,)),
    ("v3_reverse_unverified", ("allowed",), (GOOD,)),
    ("v3_wage_of_15_percent", ("refused",), ()),
)


def v3_codes(row: V3Row, switches: Switches, known: set[str]) -> set[str]:
    """The codes that the row may get at PPG v3."""
    codes = {row.code}
    for name, positions, instead in V3_INSTEAD:
        if switches[name] in positions:
            codes |= set(instead)
    coerces = switches["legacy"] or switches["v3_number_types"] == "coerced"
    if row.code == "web.invalid_or_missing_body" and coerces:
        codes |= known | {GOOD}
    if row.code == "callbackUrl.is_invalid" and lets_callbacks_pass(switches):
        codes.add(GOOD)
    return codes


def v3_statuses(row: V3Row, switches: Switches) -> set[int]:
    """The HTTP statuses that go with them."""
    usual = {row.status, 200, 204, 400, 401, 403}
    is_kept = row.status in (401, 500) or switches["v3_http_statuses"] == "by_code"
    return usual if is_kept else {200, 204, 400, 401}
