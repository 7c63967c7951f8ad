"""Section 3 of the sheet, row by row: what a create refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.sandbox.v3_rows import Row
from tests.sandbox.v3_rows_access import BLANK, WRONG_BODY


def create(code: str, *values: Any, **switches: Any) -> Iterator[Row]:
    """Give a row for each wrong value of the field that the code names first."""
    name = code.split(".")[0]
    for value in values:
        yield row(code, {name: value}, **switches)


def row(code: str, change: dict[str, Any], **switches: Any) -> Row:
    return Row("3 create", "create", code, change=change, switches=switches)


WAGE_OF_15 = "wage.must_be_less_than_fifteen_percent_of_purchase_amount"
TOO_MUCH = "amount_plus_wage.permitted_value_exceeded"
MOBILE_NEEDED = "payerMobileNumber.must_be_provided_to_check_with_card_number"
ONE_OR_LIST = "payerCardNumber_and_payerCardNumbers.just_one_of_them_is_permitted"
NO_TERMINALS = "switching.terminalIds.is_required"
WITHOUT_TERMINALS: tuple[dict[str, Any], ...] = ({}, {"terminalIds": []}, {"terminalIds": None})
CARDS = ("6037990000000014", "6104330000000029")
WRONG_TYPES: tuple[dict[str, Any], ...] = (
    {"amount": "250000"},  # point 6 of section 6
    {"amount": 250000.5},
    {"amount": True},
    {"amount": 2**63},
    {"wage": "1"},
    {"currency": "RIALS"},
    {"currency": "irr"},
    {"currency": 1},
    {"callbackUrl": 1},
    {"clientReferenceNumber": 1.5},
    {"clientReferenceNumber": ["x"]},
    {"userIdentifier": 9121234567},
    {"description": {}},
    {"additionalData": "{}"},
    {"additionalData": []},
    {"checkPayerMobileNumber": "true"},
    {"payerCardNumbers": "6037990000000014"},
    {"payerCardNumbers": [6037990000000014]},
    {"switching": []},
    {"switching": {"terminalIds": "1001"}},
    {"switching": {"terminalIds": ["1001"], "autoSwitching": "no"}},
)
ROWS = [
    *create("amount.is_required", ..., None),
    *create("amount.not_enough", 4_999, 0, -5_000, 4_999.0),
    *create("wage.is_invalid", -1),
    *create(WAGE_OF_15, 15_001, 100_000),
    *create(WAGE_OF_15, 15_000, v3_wage_of_15_percent="refused"),
    row("fee_as_wage.wage_must_be_zero", {"wage": 1}, v3_fee_as_wage=True),
    row(TOO_MUCH, {"amount": 2_000_000_001}),
    row(TOO_MUCH, {"amount": 1_999_999_999, "wage": 2}),
    row(TOO_MUCH, {"amount": 2**63 - 1}),
    *create("currency.is_required", *BLANK),
    *create("callbackUrl.is_required", *BLANK),
    *create("callbackUrl.is_invalid", "shop", "ftp://shop.example/", "https://shop .example/"),
    *create("callbackUrl.max_length", "https://shop.example/" + "x" * 1004),
    *create(
        "callbackUrl.domain_not_in_whitelist", "https://a.example/", v3_callback_whitelist=True
    ),
    *create("clientReferenceNumber.is_required", *BLANK),
    *create("clientReferenceNumber.max_length", "x" * 51),
    *create("clientReferenceNumber.duplicated", "{reference}"),
    *create("userIdentifier.max_length", "x" * 51),
    *create("description.max_length", "x" * 257),
    *create("payerMobileNumber.is_invalid", "+989121234567", "00989121234567", "9121234567"),
    *create("payerMobileNumber.is_invalid", "0912123456", "۰۹۱۲۱۲۳۴۵۶۷", "98 912"),
    *create("payerMobileNumber.in_blacklist", "09990000000"),
    row(MOBILE_NEEDED, {"checkPayerMobileNumber": True}),
    *create("payerCardNumber.is_invalid", "603799", "6037-9900-0000-0014", "x" * 16),
    row("payerCardNumber.is_invalid", {"payerCardNumbers": ["1"]}),
    row("payerCardNumber.is_invalid", {"payerCardNumbers": [CARDS[0], CARDS[0]]}),
    row(ONE_OR_LIST, {"payerCardNumber": CARDS[0], "payerCardNumbers": [CARDS[1]]}),
    *create("payerNationalCode.is_invalid", "0084575949", "1111111111", "84575948"),
    *(row(NO_TERMINALS, {"switching": switching}) for switching in WITHOUT_TERMINALS),
    *(row(WRONG_BODY, change) for change in WRONG_TYPES),
]
