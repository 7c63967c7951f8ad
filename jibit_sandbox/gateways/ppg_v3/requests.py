"""Parse "create a purchase": everything wrong with its fields at once, then one check at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from jibit_sandbox.bank.wallets import is_mobile
from jibit_sandbox.core.worlds import Switches
from jibit_sandbox.gateways.callback_urls import is_callback_url
from jibit_sandbox.gateways.ppg_v3.codes import WRONG_BODY
from jibit_sandbox.gateways.ppg_v3.errors import Refusal
from jibit_sandbox.gateways.ppg_v3.fields import (
    json_object,
    list_of_texts,
    text,
    text_or_number,
    truth,
    whole,
)
from jibit_sandbox.web.json_requests import Body

CURRENCY = "IRR"
LEAST_AMOUNT = 5_000  # Rials
MOST_WITH_WAGE = 2_000_000_000
MOST_WAGE_PERCENT = 15
BLOCKED_MOBILE = "09990000000"  # the one number of the sandbox's black list
OWN_HOSTS = ("localhost", "127.0.0.1", "::1")  # the white list, where the client has one
LONGEST = {"callbackUrl": 1024, "clientReferenceNumber": 50, "userIdentifier": 50}
LONGEST |= {"description": 256}
LIST_OR_ONE = "payerCardNumber_and_payerCardNumbers.just_one_of_them_is_permitted"


@dataclass(frozen=True, slots=True)
class NewPurchase:
    """The body of a create, read but not checked; amounts are in Rials."""

    amount: int | None
    wage: int
    currency: str
    callback_url: str
    reference_number: str
    user_identifier: str
    description: str | None
    additional_data: dict[str, Any] | None
    payer_mobile: str | None
    check_payer_mobile: bool
    payer_card: str | None
    payer_cards: list[str]
    payer_national_code: str | None
    switching: bool
    terminal_ids: list[str]
    auto_switching: bool

    @property
    def cards(self) -> list[str]:
        """Return the cards that may pay; none: any card."""
        return [self.payer_card] if self.payer_card else self.payer_cards


def read_purchase(body: Body, switches: Switches) -> NewPurchase:
    """Read the fields, then refuse with the code of every wrong one, then of the first rule."""
    coerced = switches.v3_number_types == "coerced"
    switching = json_object(body, "switching")
    wanted = NewPurchase(
        amount=whole(body, "amount", coerced=coerced),
        wage=whole(body, "wage", coerced=coerced) or 0,
        currency=read_currency(body),
        callback_url=text(body, "callbackUrl") or "",
        reference_number=text_or_number(body, "clientReferenceNumber") or "",
        user_identifier=text(body, "userIdentifier") or "",
        description=text(body, "description"),
        additional_data=json_object(body, "additionalData"),
        payer_mobile=text(body, "payerMobileNumber") or None,
        check_payer_mobile=truth(body, "checkPayerMobileNumber", default=False),
        payer_card=text(body, "payerCardNumber") or None,
        payer_cards=list_of_texts(body, "payerCardNumbers"),
        payer_national_code=text(body, "payerNationalCode") or None,
        switching=switching is not None,
        terminal_ids=list_of_texts(switching or {}, "terminalIds"),
        auto_switching=truth(switching or {}, "autoSwitching", default=True),
    )
    codes = [code for code, is_wrong in field_checks(wanted, switches).items() if is_wrong]
    codes += codes_of_rules(wanted, switches)[:1] if not codes else []
    if codes:
        raise Refusal(*codes, fields=tuple(dict.fromkeys(map(field_of, codes))))
    return wanted


def field_of(code: str) -> str:
    """Return the field that a code of a create is about."""
    named = {LIST_OR_ONE: "payerCardNumbers", "switching.terminalIds.is_required": "switching"}
    named |= {"fee_as_wage.wage_must_be_zero": "wage"}
    named |= {"amount_plus_wage.permitted_value_exceeded": "amount"}
    return named.get(code, code.split(".")[0])


def read_currency(body: Body) -> str:
    currency = text(body, "currency") or ""
    if currency.strip() and currency != CURRENCY:
        raise Refusal(WRONG_BODY, fields=("currency",))
    return currency.strip()


def field_checks(wanted: NewPurchase, switches: Switches) -> dict[str, bool]:
    """Return each code about one field, with whether it applies."""
    callback, reference = wanted.callback_url, wanted.reference_number
    cards = [card for card in (wanted.payer_card, *wanted.payer_cards) if card is not None]
    return {
        **amount_checks(wanted.amount, wanted.wage),
        "currency.is_required": not wanted.currency,
        "callbackUrl.is_required": not callback.strip(),
        "callbackUrl.max_length": len(callback) > LONGEST["callbackUrl"],
        "callbackUrl.is_invalid": bool(callback.strip())
        and not is_callback_url(callback, switches),
        "clientReferenceNumber.is_required": not reference.strip(),
        "clientReferenceNumber.max_length": len(reference) > LONGEST["clientReferenceNumber"],
        "userIdentifier.max_length": len(wanted.user_identifier) > LONGEST["userIdentifier"],
        "description.max_length": len(wanted.description or "") > LONGEST["description"],
        "payerMobileNumber.is_invalid": not is_mobile(wanted.payer_mobile or "09000000000"),
        "payerMobileNumber.must_be_provided_to_check_with_card_number": wanted.check_payer_mobile
        and wanted.payer_mobile is None,
        "payerCardNumber.is_invalid": not all(is_card(card) for card in cards)
        or len(set(wanted.payer_cards)) < len(wanted.payer_cards),
        LIST_OR_ONE: wanted.payer_card is not None and bool(wanted.payer_cards),
        "payerNationalCode.is_invalid": wanted.payer_national_code is not None
        and not is_national_code(wanted.payer_national_code),
        "switching.terminalIds.is_required": wanted.switching and not wanted.terminal_ids,
    }


def amount_checks(amount: int | None, wage: int) -> dict[str, bool]:
    return {
        "amount.is_required": amount is None,
        "amount.not_enough": amount is not None and amount < LEAST_AMOUNT,
        "wage.is_invalid": wage < 0,
    }


def codes_of_rules(wanted: NewPurchase, switches: Switches) -> list[str]:
    """Return the codes of the client's rules that the purchase breaks; the first one is sent."""
    amount, wage = wanted.amount or 0, wanted.wage
    most = amount * MOST_WAGE_PERCENT - (switches.v3_wage_of_15_percent == "refused")
    host = urlsplit(wanted.callback_url).hostname
    rules = {
        "fee_as_wage.wage_must_be_zero": switches.v3_fee_as_wage and wage > 0,
        "wage.must_be_less_than_fifteen_percent_of_purchase_amount": wage > 0 and wage * 100 > most,
        "amount_plus_wage.permitted_value_exceeded": amount + wage > MOST_WITH_WAGE,
        "callbackUrl.domain_not_in_whitelist": switches.v3_callback_whitelist
        and host not in OWN_HOSTS,
        "payerMobileNumber.in_blacklist": wanted.payer_mobile == BLOCKED_MOBILE,
    }
    return [code for code, is_broken in rules.items() if is_broken]


def is_card(number: str) -> bool:
    return re.fullmatch(r"[0-9]{16}", number) is not None


def is_national_code(code: str) -> bool:
    """Return whether this is ten digits, not all the same, with a correct check digit."""
    if re.fullmatch(r"[0-9]{10}", code) is None or len(set(code)) == 1:
        return False
    rest = sum(int(digit) * (10 - place) for place, digit in enumerate(code[:9])) % 11
    return int(code[9]) == (rest if rest < 2 else 11 - rest)
