"""Which faults meet the calls to the gateway, and how often: about every fifth call.

Left out is only what no shop could survive, because it is not a fault but a false ledger: a gateway
that says FAILED of a payment whose money it has (``inquiry_failed``), or Failed of a capture and
IN_PROGRESS right after it (``verify_failed_after_commit``).
"""

from __future__ import annotations

from typing import Any

Rates = dict[str, float]
NOT_HEARD: Rates = {
    "reset": 0.02,
    "hang": 0.005,
    "error_500": 0.01,
    "bad_gateway": 0.01,
    "too_many_requests": 0.005,
    "redirect": 0.005,
    "delay": 0.01,
}
DONE_AND_ANSWER_LOST: Rates = {
    "reset_after_commit": 0.03,
    "hang_after_commit": 0.01,
    "error_500_after_commit": 0.02,
    "bad_gateway_after_commit": 0.01,
    "truncated_body": 0.01,
    "truncated_json": 0.01,
    "json_list": 0.005,
    "wrong_types": 0.005,
    "no_fields": 0.005,
    "verify_unknown_after_commit": 0.03,
    "reverse_unknown_after_commit": 0.03,
}
SAID_OTHERWISE: Rates = {
    "extra_fields": 0.005,
    "verify_unknown": 0.03,
    "verify_failed": 0.02,
    "unknown_status": 0.01,
    "reverse_unknown": 0.03,
    "reverse_failed": 0.03,
    "inquiry_unknown": 0.02,
    "inquiry_in_progress": 0.02,
    "inquiry_other_amount": 0.01,
    "inquiry_other_currency": 0.01,
    "inquiry_other_reference": 0.01,
    "list_duplicate": 0.02,
    "far_future_date": 0.01,
    "overlong_fields": 0.01,
    "odd_fields": 0.01,
    "hostile_texts": 0.02,
}
TOKENS_DIED: Rates = {
    "token_expired": 0.01,
    "token_revoked": 0.01,
    "refresh_refused": 0.05,
    "generate_refused": 0.05,
}
CALLBACK_BENT: Rates = {
    "callback_missing": 0.05,
    "callback_twice": 0.04,
    "callback_parallel": 0.03,
    "callback_before_money": 0.03,
    "callback_other_order": 0.02,
    "callback_other_amount": 0.02,
    "callback_other_state": 0.02,
}
KINDS = {
    "not heard, or late": NOT_HEARD,
    "done, and the answer lost": DONE_AND_ANSWER_LOST,
    "done, and said otherwise": SAID_OTHERWISE,
    "tokens dead": TOKENS_DIED,
    "callback missing or edited": CALLBACK_BENT,
}
RATES: Rates = {name: rate for rates in KINDS.values() for name, rate in rates.items()}


def by_kind(statistics: dict[str, Any]) -> dict[str, int]:
    """How often each kind of fault met a call."""
    met = [
        (name, count)
        for injected in statistics["injected"].values()
        for name, count in injected.items()
    ]
    return {
        kind: sum(count for name, count in met if name in rates) for kind, rates in KINDS.items()
    }


def share(statistics: dict[str, Any]) -> str:
    """Faults and calls, in words."""
    calls, faults = sum(statistics["calls"].values()), statistics["faults"]
    return f"{faults} in {calls} calls ({100 * faults / max(calls, 1):.0f} %)"
