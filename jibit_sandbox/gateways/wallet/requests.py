"""Parse requests to the wallet gateway, field by field.

Source: wallet gateway v2.1, "Body Parameters" of each section.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from jibit_sandbox.bank.wallets import is_mobile
from jibit_sandbox.core.worlds import Switches
from jibit_sandbox.gateways.callback_urls import is_callback_url
from jibit_sandbox.gateways.wallet.errors import Refusal
from jibit_sandbox.web.json_requests import Body, as_whole_number


@dataclass(frozen=True, slots=True)
class NewOrder:
    """The body of "Order Initiate", checked; the amount is in Rials."""

    amount_rials: int
    reference_number: str
    reference_is_number: bool
    user_identifier: str
    callback_url: str
    description: str | None
    additional_data: str | None


def read_order(body: Body, switches: Switches) -> NewOrder:
    """Check the fields in the order of the table; raise Refusal for the first wrong one."""
    callback_url = partial(is_callback_url, switches=switches)
    return NewOrder(
        amount_rials=read_amount(body),
        callback_url=fitting(body, "callBackUrl", callback_url),
        user_identifier=fitting(body, "userIdentity", is_mobile),
        reference_number=read_reference(body.get("merchantOrderId")),
        reference_is_number=not isinstance(body.get("merchantOrderId"), str),
        additional_data=optional(body, "additionalData"),
        description=optional(body, "description"),
    )


def read_amount(body: Body) -> int:
    amount = as_whole_number(body.get("amount"))
    if amount is None or amount <= 0:
        raise Refusal("amount")
    return amount


def read_reference(value: Any) -> str:
    """Return the merchant's number: a string in the document, an integer from its plugin."""
    whole = as_whole_number(value)
    said = value if isinstance(value, str) else "" if whole is None else str(whole)
    if not said.strip():
        raise Refusal("merchantOrderId")
    return said


def fitting(body: Body, name: str, fits: Callable[[str], bool]) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not fits(value):
        raise Refusal(name)
    return value


def required(body: Body, name: str) -> str:
    """Return a string that is not blank; the Refusal has the field's name."""
    value = optional(body, name)
    if value is None or not value.strip():
        raise Refusal(name)
    return value


def optional(body: Body, name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise Refusal("text", fields=(name,))
    return value
