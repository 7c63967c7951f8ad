"""The three tables as questions, and what a merchant with a live account must know of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jibit_client.conform import ppg_questions, ppg_v3_questions, wallet_questions
from tests.conformance.questions import ACCEPTED, Question, merged
from tests.sandbox import (
    ppg_rows,
    v3_rows,
    v3_rows_access,
    v3_rows_create,
    v3_rows_refunds,
    v3_rows_reports,
    wallet_rows,
)

FAILING = "it needs a gateway that fails, or that is asked too often"
OTHER_MERCHANT = {"merchant", "channel", "v3_trusted_ip", "v3_callback_whitelist", "v3_fee_as_wage"}
BLACK_LIST = {"payerMobileNumber.in_blacklist": "it needs a number of the gateway's black list"}
MONEY = "this call can return money, so it is never sent"
#: Codes of PPG v3 that come only when nothing is wrong with a single field.
RULES = (
    "wage.must_be",
    "amount_plus_wage.",
    "clientReferenceNumber.duplicated",
    "payerMobileNumber.in",
)
V3_NUMBERS = ("amount", "wage")
WALLET_READING = "the document lists no refusals"


@dataclass(frozen=True)
class Sheet:
    """A gateway's questions; ``order`` are our own values of a create, ``reference`` one's name.

    ``hopeless`` has changes, each with its code, that make a create certain to be refused: the
    first that leaves the row's own mistake alone is taken. ``never`` says which calls are not sent.
    """

    questions: tuple[Question, ...]
    order: Mapping[str, Any]
    reference: str
    callback: str
    hopeless: tuple[tuple[str, Any, str], ...]
    unknown_id: str
    never: Mapping[str, str] = field(default_factory=dict)


def needs(switches: Mapping[str, Any], behaviour: str | None, later: int = 0) -> str:
    """Why nobody but a sandbox can be asked; nothing if anybody can."""
    if behaviour:
        return FAILING
    state = [f"{name}={value}" for name, value in switches.items() if name in OTHER_MERCHANT]
    if later:
        return "it needs a day of waiting"
    return f"it needs another merchant: {', '.join(state)}" if state else ""


def reading(switches: Mapping[str, Any]) -> str:
    """The switches of a row, which are readings of the documents."""
    return ", ".join(f"{name}={value}" for name, value in switches.items())


def ppg_question(row: ppg_rows.Row) -> Question:
    (method, path), good = ppg_rows.SECTIONS[row.section]
    return Question(
        row.section,
        CALL_OF_SECTION[row.section],
        row.method or method,
        row.path or path,
        row.said.status,
        row.code,
        good,
        row.change,
        row.body,
        row.headers,
        needs=needs(row.switches, row.behaviour),
        reading=row.reading,
        otherwise={ACCEPTED: "legacy=True"} if row.reading == ppg_rows.TYPES else {},
    )


CALL_OF_SECTION = dict(
    zip(
        ppg_rows.SECTIONS,
        ("generate", "refresh", "create", "verify", "inquiry", "list"),
        strict=True,
    )
)


def v3_question(row: v3_rows.Row) -> Question:
    method, path, good = v3_rows.CALLS[row.call]
    point, otherwise = v3_reading(row)
    return Question(
        row.section.partition(" ")[2].capitalize(),  # without the number in front
        row.call,
        row.method or method,
        row.path or path,
        row.status,
        row.code,
        good,
        row.change,
        row.body,
        row.headers,
        needs=BLACK_LIST.get(row.code) or needs(row.switches, row.behaviour, row.later),
        reading=reading(row.switches) or point,
        otherwise=otherwise,
        switched=bool(row.switches),
        whole=row.code.startswith(RULES),
    )


def v3_reading(row: v3_rows.Row) -> tuple[str, dict[tuple[int, str], str]]:
    """On which switch the row depends without saying so, and what it would be otherwise."""
    if row.code == "security.bad_credentials":
        return "v3_bad_credentials", {(401, row.code): "v3_bad_credentials=401"}
    if row.code == v3_rows_access.DEAD:
        return ppg_rows.NO_TOKEN, {}
    if row.code == "criteria.is_empty":
        return "v3_wide_histories", {ACCEPTED: "v3_wide_histories=True"}
    if row.code == v3_rows_access.WRONG_BODY and _has_a_number_in_another_form(row):
        return "v3_number_types", {ACCEPTED: "v3_number_types=coerced"}
    if row.code == v3_rows_access.WRONG_BODY and row.change:
        return ppg_rows.TYPES, {ACCEPTED: "legacy=True"}
    if row.status not in (400, 401, 500):
        return "v3_http_statuses", {(400, row.code): "v3_http_statuses=mostly_400"}
    return "", {}


def _has_a_number_in_another_form(row: v3_rows.Row) -> bool:
    return any(type(row.change.get(name)) in (str, float) for name in V3_NUMBERS)


def wallet_question(row: wallet_rows.Row) -> Question:
    method, path, good = wallet_rows.CALLS[row.call]
    return Question(
        WALLET_SECTIONS[row.call],
        row.call,
        row.method or method,
        row.path or path,
        row.status,
        str(row.status),
        good,
        row.change,
        row.body,
        row.headers,
        needs="it needs an unpaid order"
        if row.status == 409
        else needs(row.switches, row.behaviour),
        reading=WALLET_READING,
        whole=bool(row.change),  # every wrong field is the same number
    )


WALLET_SECTIONS = {
    "generate": "Authenticate",
    "refresh": "Refresh Token",
    "create": "Order Initiate",
    "verify": "Verify",
    "inquiry": "Inquiry",
}
V3_ROWS = (
    *(*v3_rows_access.ROWS, *v3_rows_create.ROWS),
    *(*v3_rows_reports.ROWS, *v3_rows_refunds.ROWS),
)
SHEETS: Mapping[str, Sheet] = {
    "ppg": Sheet(
        merged(map(ppg_question, ppg_rows.ROWS)),
        {"userIdentifier": "conform"},
        "referenceNumber",
        "callbackUrl",
        (
            ("amount", ppg_questions.TOO_SMALL, "order_create.amount.positive"),
            ("callbackUrl", ..., "order_create.callback_url.is_required"),
        ),
        ppg_questions.UNKNOWN_ID,
    ),
    "ppg_v3": Sheet(
        merged(map(v3_question, V3_ROWS)),
        {},
        "clientReferenceNumber",
        "callbackUrl",
        (
            ("amount", ppg_v3_questions.TOO_SMALL, "amount.not_enough"),
            ("callbackUrl", ..., "callbackUrl.is_required"),
        ),
        ppg_v3_questions.UNKNOWN_ID,
        {
            "reverse": MONEY,
            **{call: MONEY for call in v3_rows.CALLS if call.startswith("refund")},
            "fee": "no document describes this call",
        },
    ),
    "wallet": Sheet(
        merged(map(wallet_question, wallet_rows.ROWS)),
        {"userIdentity": wallet_questions.MOBILE},
        "merchantOrderId",
        "callBackUrl",
        (("amount", 0, "400"),),
        "conform-unknown",
    ),
}
