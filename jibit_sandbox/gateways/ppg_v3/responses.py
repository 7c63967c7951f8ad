"""PPG v3's response bodies of tokens and purchases.

Source: PPG v3, OpenAPI 3.2.48. ``payableAmount`` and ``clientCode`` are newer, from public clients.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from jibit_sandbox.bank.orders import State
from jibit_sandbox.bank.transfers import refunded_amount, transfers_of
from jibit_sandbox.core.clock import as_text
from jibit_sandbox.core.context import Fields, Work
from jibit_sandbox.core.models import Order, Purchase, TokenPair
from jibit_sandbox.core.worlds import Switches, switches_of
from jibit_sandbox.gateways.ppg_v3 import fees
from jibit_sandbox.gateways.ppg_v3.refund_view import refund_view
from jibit_sandbox.gateways.ppg_v3.states import SUCCESSFUL, word_of

FEE_PAYMENT = "PRE_PAID"


def status_of(order: Order, _: Switches) -> str:
    return word_of(order.state)


def tokens(pair: TokenPair) -> Fields:
    return {"accessToken": pair.access_token, "refreshToken": pair.refresh_token}


def without_empty(fields: Fields, switches: Switches) -> Fields:
    """Leave out the fields without a value, unless the world's switch wants them as null."""
    if switches.v3_empty_fields == "null":
        return fields
    return {name: value for name, value in fields.items() if value is not None}


def created(purchase: Purchase, base_url: str, switches: Switches) -> Fields:
    order = purchase.order
    return {
        "purchaseId": int(order.identifier),
        "purchaseIdStr": order.identifier,
        "clientReferenceNumber": order.reference_number,
        "pspSwitchingUrl": f"{base_url}/purchases/{order.identifier}/payments",
        "currency": order.currency,
        "shaparakFee": fees.shaparak_fee(order.amount_rials),
        "payableAmount": order.amount_rials,
        **(early_fees(order.amount_rials) if switches.v3_early_fees else {}),
    }


def early_fees(total: int) -> Fields:
    return {"fee": fees.fee(total), "affiliateFee": 0, "netAmount": fees.net_amount(total)}


def element(work: Work, purchase: Purchase) -> Fields:
    """Return a purchase as the inquiry shows it."""
    order = purchase.order
    said = {
        "purchaseId": int(order.identifier),
        "purchaseIdStr": order.identifier,
        "clientCode": order.world,
        "amount": order.amount,
        "wage": purchase.wage,
        "currency": order.currency,
        "callbackUrl": order.callback_url,
        "state": word_of(order.state),
        "clientReferenceNumber": order.reference_number,
        "userIdentifier": order.user_identifier or None,
        "description": order.description,
        "additionalData": json.loads(order.additional_data) if order.additional_data else None,
        "payerMobileNumber": purchase.payer_mobile,
        "payerCardNumber": next(iter(purchase.payer_cards), None),
        "payerNationalCode": purchase.payer_national_code,
        **at_the_psp(purchase),
        **money(work, purchase),
        "hasContradiction": purchase.has_contradiction,
        "createdAt": as_text(order.created_at),
        "expirationDate": as_text(order.expires_at),
        "verifiedAt": moment(purchase.verified_at),
    }
    return without_empty(said, switches_of(work.world))


def at_the_psp(purchase: Purchase) -> Fields:
    reason = purchase.fail_reason
    return {
        "pspName": purchase.psp_name,
        "pspRrn": purchase.psp_rrn,
        "pspReferenceNumber": purchase.psp_reference_number,
        "pspTraceNumber": purchase.psp_trace_number,
        "pspMaskedCardNumber": purchase.order.payer_card,
        "pspHashedCardNumber": purchase.psp_hashed_card,
        "pspFailReasons": [{"code": 1, "description": reason}] if reason else None,
        "pspFailReason": reason,
        "initPayerIp": purchase.order.init_payer_ip,
        "redirectPayerIp": purchase.order.redirect_payer_ip,
    }


def money(work: Work, purchase: Purchase) -> Fields:
    """Return fees, settlement and refunds; the fees are known of successful purchases only."""
    order = purchase.order
    transfers = transfers_of(work.session, order.identifier)
    refunded = refunded_amount(transfers, work.now)
    is_ours = order.state in SUCCESSFUL
    facts: Fields = {
        "shaparakFee": fees.shaparak_fee(order.amount_rials),
        "refunded": refunded > 0,
        "refundableAmount": order.amount_rials - refunded if is_ours else 0,
        "refundInquiryResult": refund_view(transfers, work.now) if transfers else None,
        "pspSettled": is_settled(purchase, work.now),
    }
    if is_ours:
        facts |= early_fees(order.amount_rials) | {"feePaymentType": FEE_PAYMENT}
        facts["billingDate"] = moment(purchase.verified_at)
    if facts["pspSettled"]:
        facts["pspSettledAt"] = moment(settled_at(purchase))
        facts["settlementId"] = settlement_id(purchase)
    return facts


def settled_at(purchase: Purchase) -> datetime | None:
    """Return when the PSP settles a purchase: at the midnight after its capture, in UTC."""
    if purchase.verified_at is None or purchase.order.state == State.REVERSED:
        return None
    midnight = purchase.verified_at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)


def is_settled(purchase: Purchase, now: datetime) -> bool:
    at = settled_at(purchase)
    return at is not None and at <= now


def settlement_id(purchase: Purchase) -> str | None:
    """Return the number of the settlement: the day of the captures in it."""
    return purchase.verified_at.strftime("%Y%m%d") if purchase.verified_at else None


def moment(at: datetime | None) -> str | None:
    return None if at is None else as_text(at)
