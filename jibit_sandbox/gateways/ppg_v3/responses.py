"""PPG v3's response bodies of tokens and purchases.

Source: PPG v3, OpenAPI 3.2.48. ``payableAmount`` and ``clientCode`` are newer, from public clients.
"""

from __future__ import annotations

import json

from jibit_sandbox.bank.transfers import refunded_amount, transfers_of
from jibit_sandbox.core.clock import as_text
from jibit_sandbox.core.context import Fields, Work
from jibit_sandbox.core.models import Order, Purchase, TokenPair
from jibit_sandbox.core.worlds import Switches, switches_of
from jibit_sandbox.gateways.ppg_v3 import fees
from jibit_sandbox.gateways.ppg_v3.refund_view import refund_view
from jibit_sandbox.gateways.ppg_v3.settling import is_settled, settled_at, settlement_id
from jibit_sandbox.gateways.ppg_v3.shapes import moment, without_empty
from jibit_sandbox.gateways.ppg_v3.states import (
    CANCELLED,
    NOT_MATCHED,
    REFUSALS,
    SUCCESSFUL,
    TIMED_OUT,
    Refusal,
    fail_word_of,
    word_of,
)

FEE_PAYMENT = "PRE_PAID"
CARD_OWNER = "دارندهٔ کارت آزمایشی"
# The document has numbers without their meanings: these are the sandbox's own.
FAIL_CODES = {CANCELLED: 1, TIMED_OUT: 2, NOT_MATCHED: 3}


def status_of(order: Order, _: Switches) -> str:
    return word_of(order.state)


def tokens(pair: TokenPair) -> Fields:
    return {"accessToken": pair.access_token, "refreshToken": pair.refresh_token}


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


EARLY_FEES = ("fee", "affiliateFee", "netAmount")


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
        "pspCardOwner": CARD_OWNER if purchase.order.payer_card else None,
        **({"pspFailReasons": fail_reasons(reason)} if reason else {}),  # never null
        "pspFailReason": fail_word_of(reason) if reason else None,
        "initPayerIp": purchase.order.init_payer_ip,
        "redirectPayerIp": purchase.order.redirect_payer_ip,
    }


def fail_reasons(reason: str) -> list[Fields]:
    told = REFUSALS.get(reason) or Refusal(FAIL_CODES.get(reason, 0), reason)
    return [{**told._asdict(), "pspError": fail_word_of(reason)}]


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
        "refundInquiryResult": refund_view(work, transfers) if transfers else None,
        "pspSettled": is_settled(purchase, work.now),
    }
    fees_of = early_fees(order.amount_rials) if is_ours else dict.fromkeys(EARLY_FEES)
    settled = facts["pspSettled"]
    return facts | {
        **fees_of,
        "feePaymentType": FEE_PAYMENT if is_ours else None,
        "resellerCode": None,
        "billingDate": moment(purchase.verified_at) if is_ours else None,
        "pspSettledAt": moment(settled_at(purchase)) if settled else None,
        "settlementId": settlement_id(purchase) if settled else None,
    }
