"""PPG v3's callback: a form that the payer's browser posts to the merchant.

Mind the spellings: here ``pspRRN`` and ``payerMaskedCardNumber``, in the inquiry ``pspRrn`` and
``pspMaskedCardNumber``. The names are from public clients; when each field comes is a guess.
"""

from __future__ import annotations

from jibit_sandbox.bank.orders import State
from jibit_sandbox.core.callback import Callback
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.models import Order, Purchase
from jibit_sandbox.core.worlds import switches_of
from jibit_sandbox.gateways.callback_urls import in_ascii, with_query
from jibit_sandbox.gateways.ppg_v3 import fees
from jibit_sandbox.gateways.ppg_v3.states import OTHER, fail_word_of

PAID, FAILED, UNKNOWN = "SUCCESSFUL", "FAILED", "UNKNOWN"
STATUSES = {State.AWAITING: FAILED, State.FAILED: FAILED, State.UNKNOWN: UNKNOWN}


def callback(
    work: Work,
    order: Order,
    *,
    state: str | None = None,
    amount: str | None = None,
    identifier: str | None = None,
) -> Callback | None:
    """Return the form, or by switch the URL with its fields; None for an expired purchase.

    Given values replace the true ones.
    """
    if order.state == State.EXPIRED and state is None:
        return None
    purchase = work.session.get_one(Purchase, order.identifier)
    status = state or STATUSES.get(State(order.state), PAID)
    switches = switches_of(work.world)
    form = claims(purchase, status, has_fees=switches.v3_early_fees) | {
        "amount": amount or str(order.amount),
        "purchaseId": identifier or order.identifier,
    }
    if switches.v3_callback == "GET":
        return Callback(with_query(order.callback_url, form))
    return Callback(in_ascii(order.callback_url), form)


def fees_of(order: Order) -> dict[str, str]:
    """Return the fees, which one public client reads from the callback."""
    total = order.amount_rials
    facts = {"fee": fees.fee, "shaparakFee": fees.shaparak_fee, "netAmount": fees.net_amount}
    return {name: str(of(total)) for name, of in facts.items()}


def claims(purchase: Purchase, status: str, *, has_fees: bool) -> dict[str, str]:
    """Return the fields that come always, and those of a success or of a failure."""
    order = purchase.order
    said = {
        "amount": str(order.amount),
        "wage": str(purchase.wage),
        "currency": order.currency,
        "purchaseId": order.identifier,
        "clientReferenceNumber": order.reference_number,
        "status": status,
        "payerIp": order.redirect_payer_ip,
        "pspName": purchase.psp_name,
        "pspTerminalId": purchase.psp_terminal_id,
    }
    if status == PAID:
        said |= {
            "pspReferenceNumber": purchase.psp_reference_number,
            "pspRRN": purchase.psp_rrn,
            "payerMaskedCardNumber": order.payer_card,
            "pspHashedCardNumber": purchase.psp_hashed_card,
            **(fees_of(order) if has_fees else {}),
        }
    elif status == FAILED:
        said["failReason"] = fail_word_of(purchase.fail_reason or OTHER)
    return {name: value for name, value in said.items() if value is not None}
