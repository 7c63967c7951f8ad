"""Which fact shows each switch of the sandbox: a table that has a line for every switch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from jibit_sandbox.core.worlds import NUMBERS, choices


@dataclass(frozen=True)
class Line:
    """What a check finds while a switch is turned, by gateway.

    ``differ`` are the facts that are then different, ``unseen`` is the fact that harmless calls
    cannot see, and ``no_token`` the code with which no token is issued at all.
    """

    differ: Mapping[str, set[str]] = field(default_factory=dict)
    unseen: Mapping[str, str] = field(default_factory=dict)
    no_token: Mapping[str, str] = field(default_factory=dict)


def everywhere(fact: str) -> dict[str, str]:
    return dict.fromkeys(("ppg", "ppg_v3", "wallet"), fact)


def v3(*facts: str) -> Line:
    return Line(differ={"ppg_v3": set(facts)})


def v3_unseen(fact: str) -> Line:
    return Line(unseen={"ppg_v3": fact})


LINES = {
    "paid_inquiry": Line(unseen={"ppg": "paid_inquiry"}),
    "verify_unpaid": Line(
        differ={"ppg": {"verify_changes_nothing"}, "wallet": {"verify_changes_nothing"}}
    ),
    "verify_again": Line(unseen={"ppg": "verify_again", "wallet": "verify_again"}),
    "reused_reference": Line(
        differ={"ppg": {"reused_reference"}, "wallet": {"reused_reference"}},
    ),
    "old_access": Line(
        differ={"ppg": {"old_access"}, "ppg_v3": {"old_access"}, "wallet": {"old_access"}}
    ),
    "total_spelling": Line(differ={"ppg": {"total_spelling"}}),
    "first_page": Line(differ={"ppg": {"first_page"}}),
    "merchant": Line(
        differ={"ppg": {"merchant"}, "wallet": {"merchant"}},
        no_token={"ppg_v3": "client.not_active"},
    ),
    "channel": Line(no_token={"ppg": "token.channel_not_active", "wallet": "401"}),
    "legacy": Line(
        differ={name: {"older_key_names", "amount_as_text"} for name in ("ppg", "ppg_v3")}
    ),
    "wrong_type": Line(differ={"ppg": {"amount_as_text"}}),
    "error_message": Line(unseen=dict.fromkeys(("ppg", "ppg_v3"), "message_language")),
    **dict.fromkeys(  # a token that names no world is refused in the words of the first one
        ("dead_token", "absent_token"), Line()
    ),
    **dict.fromkeys(  # no fact is about these
        (
            *("fingerprint", "callback_underscore", "callback_user", "callback_persian_path"),
            *("callback_persian_host", "callback_app", "wallet_inquiry_by_post"),
        ),
        Line(),
    ),
    "wallet_minutes": Line(unseen={"wallet": "minutes"}),
    "wallet_inquiry": Line(differ={"wallet": {"inquiry_shape"}}),
    "v3_repeated": v3_unseen("verify_again"),
    "v3_invalid_state": v3("verify_unpaid"),
    "v3_dead_token": Line(),  # a token that names no world is refused in the words of the first one
    "v3_http_statuses": v3(
        "unknown_path", "wrong_method", "wrong_content_type", "purchase_not_found"
    ),
    "v3_bad_credentials": v3("bad_credentials", "used_refresh"),
    "v3_wage_of_15_percent": v3("wage_of_15_percent"),
    "v3_number_types": v3("amount_as_text", "amount_with_fraction"),
    "v3_callback": v3_unseen("callback_method"),
    "v3_reverse_unverified": v3_unseen("reverse_unverified"),
    "v3_empty_fields": v3("empty_fields"),
    "v3_parallel_lists": v3_unseen("parallel_lists"),
    "v3_auto_verify": v3("auto_verify"),
    "v3_reverse": v3_unseen("reverse"),
    "v3_refund": v3_unseen("refund"),
    "v3_refund_verification": v3_unseen("refund_verification"),
    "v3_refund_balance": v3_unseen("refund_balance"),
    "v3_fee_as_wage": v3("fee_as_wage"),
    "v3_early_fees": v3("early_fees"),
    "v3_card_check": v3("card_check"),
    "v3_mobile_check": v3("mobile_check"),
    "v3_national_code_check": v3("national_code_check"),
    "v3_callback_whitelist": v3("callback_domain"),
    "v3_trusted_ip": v3("ip_accepted"),
    "v3_wide_histories": v3("wide_histories"),
    "v3_inactive_client": v3_unseen("client_not_active"),
    "v3_late_reverse": v3_unseen("late_reverse"),
    "v3_manual_refund": v3_unseen("reverse_manual"),
    "v3_refund_above_the_rest": v3_unseen("refund_too_much"),
    "v3_refused_reference": v3("reference_of_a_refused_create"),
    "v3_list_order": v3_unseen("newest_first"),
    "expiry_late": Line(unseen=everywhere("expiry")),
}


def other_readings() -> Iterator[tuple[str, object]]:
    """Every switch of the sandbox with each of its values but the default."""
    for name, (_, *others) in choices().items():
        yield from ((name, other) for other in others)
    yield from ((name, 60) for name in NUMBERS)


def gateways_of(switch: str) -> tuple[str, ...]:
    """The gateways at which a switch may change something."""
    if switch.startswith("v3_"):
        return ("ppg_v3",)
    return ("wallet",) if switch.startswith("wallet_") else ("ppg", "ppg_v3", "wallet")
