"""The wallet's response bodies.

Source: wallet gateway v2.1, the sample responses and the table of statuses. Mind the document's
spellings: ``clientIP`` in verify, ``clientIp`` in inquiry.
"""

from __future__ import annotations

from jibit_sandbox.bank.orders import State
from jibit_sandbox.core.context import Fields
from jibit_sandbox.core.models import Order, TokenPair
from jibit_sandbox.core.worlds import Switches

STATUSES = (
    *("INITIAL", "PGENTRY", "CANCEL_BY_SYSTEM", "CANCEL_BY_USER"),
    *("PURCHASE_BY_USER", "PURCHASE_CONFIRM_BY_MERCHANT"),
)
PAID = "PURCHASE_BY_USER"


def status_of(order: Order, _: Switches | None = None) -> str:
    """Return one of the document's six statuses."""
    if order.state == State.AWAITING:
        return "INITIAL" if order.init_payer_ip is None else "PGENTRY"
    if order.state == State.PAID:
        return PAID
    if order.state == State.CAPTURED:
        return "PURCHASE_CONFIRM_BY_MERCHANT"
    return "CANCEL_BY_USER" if order.cancelled_by_payer else "CANCEL_BY_SYSTEM"


def enveloped(result: Fields) -> Fields:
    return {"errorCode": 0, "result": result}


def tokens(pair: TokenPair) -> Fields:
    return enveloped({"token": pair.access_token, "refreshToken": pair.refresh_token})


def initiated(order: Order, redirect_url: str) -> Fields:
    return enveloped(
        {
            "orderId": order.identifier,
            "merchantOrderId": reference(order),
            "redirectUrl": redirect_url,
            "additionalData": order.additional_data,
        }
    )


def verified(order: Order) -> Fields:
    return enveloped({**purchase(order), "clientIP": order.init_payer_ip})


def inquiry(order: Order, switches: Switches) -> Fields:
    """Return it flat as the document has it, enveloped as its plugin reads it, or both."""
    said = {"statusV": status_of(order), **purchase(order), "clientIp": order.init_payer_ip}
    return {
        "flat": said,
        "enveloped": enveloped(said),
        "both": {**said, **enveloped(said)},
    }[switches.wallet_inquiry]


def purchase(order: Order) -> Fields:
    """Return the fields that verify and inquiry share."""
    return {
        "merchantOrderId": reference(order),
        "amount": order.amount_rials,
        "refId": order.tracking_number,
        "additionalData": order.additional_data,
        "userIdentity": order.user_identifier,
    }


def reference(order: Order) -> str | int:
    """Return the merchant's number as it was sent."""
    return int(order.reference_number) if order.reference_is_number else order.reference_number
