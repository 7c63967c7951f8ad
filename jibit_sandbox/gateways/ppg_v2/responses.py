"""PPG's response bodies.

Source: PPG v2.4, response tables of "Create Order", "Inquiry Order" and "Orders List".
"""

from __future__ import annotations

from typing import Any

from jibit_sandbox.bank.orders import State
from jibit_sandbox.core.clock import as_text
from jibit_sandbox.core.models import Order, TokenPair
from jibit_sandbox.core.worlds import Switches

INQUIRY_STATUSES = ("SUCCESS", "FAILED", "UNKNOWN", "EXPIRED", "IN_PROGRESS")
CALLBACK_STATES = ("SUCCESSFUL", "FAILED", "ORDER_NOT_FOUND")

STATES_OF = {  # which states an inquiry status stands for, except paid: that one is a switch
    "SUCCESS": {State.CAPTURED},
    "FAILED": {State.FAILED},
    "EXPIRED": {State.EXPIRED},
    "IN_PROGRESS": {State.AWAITING},
    "UNKNOWN": set[State](),
}


def states_of(status: str, switches: Switches) -> set[State]:
    """Return the bank's states that an inquiry reports as ``status``."""
    return STATES_OF[status] | ({State.PAID} if switches.paid_inquiry == status else set())


def status_of(order: Order, switches: Switches) -> str:
    state = State(order.state)
    return next(status for status in INQUIRY_STATUSES if state in states_of(status, switches))


def created(order: Order, base_url: str) -> dict[str, Any]:
    return {
        "orderIdentifier": order.identifier,
        "referenceNumber": order.reference_number,
        "pspSwitchingUrl": f"{base_url}/orders/{order.identifier}/payments",
    }


def tokens(pair: TokenPair) -> dict[str, Any]:
    return {"accessToken": pair.access_token, "refreshToken": pair.refresh_token}


def inquiry(order: Order, switches: Switches) -> dict[str, Any]:
    return {
        "id": order.identifier,
        "amount": order.amount,
        "currency": order.currency,
        "referenceNumber": order.reference_number,
        "userIdentifier": order.user_identifier,
        "callbackUrl": order.callback_url,
        "description": order.description,
        "additionalData": order.additional_data,
        "status": status_of(order, switches),
        "initPayerIp": order.init_payer_ip,
        "redirectPayerIp": order.redirect_payer_ip,
        "createdAt": as_text(order.created_at),
        "modifiedAt": as_text(order.modified_at),
        "expirationDate": as_text(order.expires_at),
        "payerCard": order.payer_card,
        "nationalCode": order.national_code,
    }


def listing(
    orders: list[Order], *, page: int, size: int, total: int, switches: Switches
) -> dict[str, Any]:
    """Return one page; the document's ``numberOfElemnts`` follows the switch ``total_spelling``."""
    spellings = {
        "both": ("numberOfElemnts", "numberOfElements"),
        "documented": ("numberOfElemnts",),
        "correct": ("numberOfElements",),
    }[switches.total_spelling]
    behind = (page - switches.first_page) * size
    return {
        "pageNumber": page,
        "size": size,
        **dict.fromkeys(spellings, total),
        "hasNext": behind + len(orders) < total,
        "hasPrevious": page > switches.first_page,
        "elements": [inquiry(order, switches) for order in orders],
    }
