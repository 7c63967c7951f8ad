"""Parse requests to PPG: the type of each field, and everything missing or wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from jibit_sandbox.core.worlds import Switches
from jibit_sandbox.gateways.callback_urls import is_callback_url
from jibit_sandbox.gateways.ppg_v2.errors import Refusal, WrongType
from jibit_sandbox.web.json_requests import Body, as_whole_number

CURRENCIES = ("RIALS", "TOMAN")


def text(body: Body, name: str) -> str | None:
    """Return a string field; null and absent are the same. Raise Refusal for another type."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise WrongType(name)
    return value


def required_texts(body: Body, codes: dict[str, str]) -> dict[str, str]:
    """Return the named fields; raise Refusal with the code of each that is blank."""
    values = {name: text(body, name) or "" for name in codes}
    missing = {name: codes[name] for name, value in values.items() if not value.strip()}
    if missing:
        raise Refusal(*missing.values(), fields=tuple(missing))
    return values


@dataclass(frozen=True, slots=True)
class NewOrder:
    """The body of "Create Order", checked. ``amount`` is in ``currency``."""

    amount: int
    currency: str
    reference_number: str
    user_identifier: str
    callback_url: str
    description: str | None
    additional_data: str | None
    payer_card_number: str | None
    force_payer_card: bool
    national_code: str | None

    @property
    def amount_rials(self) -> int:
        return self.amount * 10 if self.currency == "TOMAN" else self.amount


def read_order(body: Body, switches: Switches) -> NewOrder:
    """Check types first, then everything missing or wrong in one Refusal."""
    amount = whole_number(body, "amount")
    currency = read_currency(body)
    force = truth(body, "forcePayerCardNumber")
    texts = {name: text(body, name) for name in TEXTS}
    refuse_order(amount, currency, texts, switches)
    return NewOrder(
        amount=amount or 0,
        currency=currency,
        reference_number=texts["referenceNumber"] or "",
        user_identifier=texts["userIdentifier"] or "",
        callback_url=texts["callbackUrl"] or "",
        description=texts["description"],
        additional_data=texts["additionalData"],
        payer_card_number=texts["payerCardNumber"] or None,
        force_payer_card=force,
        national_code=texts["nationalCode"] or None,
    )


TEXTS = (
    "referenceNumber",
    "userIdentifier",
    "callbackUrl",
    "description",
    "additionalData",
    "payerCardNumber",
    "nationalCode",
)


def refuse_order(
    amount: int | None, currency: str, texts: dict[str, str | None], switches: Switches
) -> None:
    """Raise the Refusal that names everything wrong with the order; return if nothing is."""

    def blank(name: str) -> bool:
        return not (texts[name] or "").strip()

    wrong: dict[str, bool] = {
        "order_create.user_identifier.is_required": blank("userIdentifier"),
        "order_create.reference_number.is_required": blank("referenceNumber"),
        "order_create.amount.is_required": amount is None,
        "order_create.amount.positive": amount is not None and amount <= 99,
        "order_create.currency.is_required": not currency.strip(),
        "order_create.callback_url.is_required": blank("callbackUrl"),
        "order_create.callback_url.not_valid": not blank("callbackUrl")
        and not is_callback_url(texts["callbackUrl"] or "", switches),
    }
    codes = [code for code, is_wrong in wrong.items() if is_wrong]
    if codes:
        raise Refusal(*codes, fields=tuple(dict.fromkeys(map(field_of, codes))))


def field_of(code: str) -> str:
    """Return the field that a code of "Create Order" is about: its second word."""
    first, *rest = code.split(".")[1].split("_")
    return first + "".join(part.title() for part in rest)


def whole_number(body: Body, name: str) -> int | None:
    """Return a JSON integer that a long can hold."""
    value = body.get(name)
    if value is None:
        return None
    whole = as_whole_number(value)
    if whole is None:
        raise WrongType(name)
    return whole


def read_currency(body: Body) -> str:
    """Return the currency, RIALS by default; raise Refusal for an unknown one."""
    currency = text(body, "currency")
    if currency is None:
        return "RIALS"
    if currency.strip() and currency not in CURRENCIES:
        raise WrongType("currency")
    return currency


def truth(body: Body, name: str) -> bool:
    """Accept the documented strings 'true' and 'false', and the booleans that clients send."""
    value = body.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    if value in ("true", "false", ""):
        return bool(value == "true")
    raise WrongType(name)


def whole_parameter(said: str | None, default: int, fits: Callable[[int], bool]) -> int:
    """Return a whole number of the query string; raise Refusal if it is none or does not fit."""
    if said is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", said) or not fits(int(said)):
        raise Refusal("binding.type_mismatch")
    return int(said)
