"""Answers of PPG v3, written out by hand from its document, in its spellings."""

from __future__ import annotations

import base64
import json
from typing import Any

BASE = "/ppg/v3"
GENERATE = f"POST {BASE}/tokens"
REFRESH = f"POST {BASE}/tokens/refresh"
PURCHASES = f"{BASE}/purchases"
CREATE = f"POST {PURCHASES}"
LIST = f"GET {PURCHASES}"
ID = "123456789012345678"  # beyond 2**53, which JavaScript counts to
VERIFY = f"POST {PURCHASES}/{ID}/verify"
REVERSE = f"POST {PURCHASES}/reverse"
REFUND = f"POST {PURCHASES}/refund"
REFUNDS = f"{PURCHASES}/refunds/{ID}"
REFUND_INQUIRY = f"GET {REFUNDS}"
HISTORIES = f"GET {PURCHASES}/histories"
BALANCES = f"GET {BASE}/balances"
TERMINALS = f"GET {BASE}/terminals/list"
SETTLEMENTS = f"GET {BASE}/settlements"
HEALTH = f"GET {BASE}/app/health"
FEE = f"POST {PURCHASES}/fee"

CREATED: dict[str, Any] = {
    "purchaseId": int(ID),
    "purchaseIdStr": ID,
    "clientReferenceNumber": "our-reference",
    "pspSwitchingUrl": f"https://napi.jibit.ir/ppg/v3/purchases/{ID}/payments",
    "currency": "IRR",
    "shaparakFee": 1200,
    "fee": 2500,
    "affiliateFee": 0,
    "netAmount": 246300,
    "payableAmount": 250000,
}
TRANSFER: dict[str, Any] = {
    "refundId": int(ID),
    "partialRefundIndex": 1,
    "transferMode": "ACH",
    "destination": "IR062960000000100324200001",
    "destinationFirstName": "Sara",
    "destinationLastName": "Karimi",
    "amount": 50000,
    "currency": "IRR",
    "description": "refund",
    "metadata": None,
    "cancellable": False,
    "state": "TRANSFERRED",
    "failReason": None,
    "feeCurrency": "IRR",
    "feeAmount": 500,
    "createdAt": "2026-11-28T11:00:00Z",
    "modifiedAt": "2026-11-28T11:05:00.946Z",
    "transferID": "t-1",
    "paymentID": "p-1",
    "bankTransferID": "b-1",
    "notifyURL": "https://merchant.ir/notify",
}
REFUNDS_OF_IT: dict[str, Any] = {
    "batchID": "batch-1",
    "refundedAmount": 50000,
    "transfers": [TRANSFER],
}
PURCHASE: dict[str, Any] = {
    "purchaseId": int(ID),
    "purchaseIdStr": ID,
    "amount": 250000,
    "wage": 1000,
    "currency": "IRR",
    "callbackUrl": "https://merchant.ir/callback",
    "state": "READY_TO_VERIFY",
    "clientReferenceNumber": "our-reference",
    "userIdentifier": "customer-77",
    "description": "two books",
    "additionalData": {"cart": [1, 2]},
    "payerMobileNumber": "09121234567",
    "payerCardNumber": "6037991234561234",
    "payerNationalCode": "0499370899",
    "pspName": "saman-ipg",
    "pspRrn": "123456789012",
    "pspReferenceNumber": "GmshtyjwKSs9J5KgCWm0p2VGLg8Sxr",
    "pspTraceNumber": "654321",
    "pspMaskedCardNumber": "603799******1234",
    "pspHashedCardNumber": "5ee0c5f1",
    "pspCardOwner": "Sara Karimi",
    "pspFailReasons": [{"code": 51, "description": "no money", "pspError": "NOT_SUFFICIENT"}],
    "pspFailReason": None,
    "initPayerIp": "37.32.127.129",
    "redirectPayerIp": "37.32.127.130",
    "fee": 2500,
    "feePaymentType": "PRE_PAID",
    "shaparakFee": 1200,
    "affiliateFee": 0,
    "resellerCode": "r-1",
    "netAmount": 247300,
    "pspSettled": True,
    "pspSettledAt": "2026-11-29T02:00:00.000+00:00",
    "settlementId": 77,
    "refunded": True,
    "refundableAmount": 201000,
    "refundInquiryResult": REFUNDS_OF_IT,
    "hasContradiction": False,
    "clientCode": "c-1",
    "createdAt": "2026-11-28T10:00:25Z",
    "expirationDate": "2026-11-28T10:15:25.095731Z",
    "billingDate": "2026-11-28T10:03:00.946Z",
    "verifiedAt": "2026-11-28T10:03:01Z",
}
PAGE: dict[str, Any] = {
    "pageNumber": 1,
    "size": 25,
    "numberOfElements": 1,
    "hasNext": False,
    "hasPrevious": False,
    "elements": [PURCHASE],
}
ACCEPTED: dict[str, Any] = {
    "refundId": int(ID),
    "batchId": "batch-1",
    "transferId": "t-1",
    "partialRefundIndex": 1,
}
HISTORY: dict[str, Any] = {
    "purchaseId": int(ID),
    "clientRefNum": "our-reference",
    "newState": "REVERSED",
    "createdAt": "2026-11-28T12:00:00Z",
}
HISTORY_PAGE: dict[str, Any] = {
    "size": 1,
    "totalCount": 2,
    "hasNext": True,
    "nextPageId": "987",
    "elements": [HISTORY],
}
BALANCE_LIST: dict[str, Any] = {
    "balances": [
        {"balanceType": "WLT", "amount": 1_000_000, "currency": "IRR"},
        {"balanceType": "FEE", "amount": -2500, "currency": "IRR"},
    ]
}
TERMINAL: dict[str, Any] = {
    "naturalId": "n-1",
    "clientCode": "c-1",
    "clientName": "Merchant",
    "pspName": "saman-ipg",
    "pspTerminalId": "12345678",
    "pspMerchantNumber": "87654321",
    "type": "NORMAL",
    "directSettlement": False,
    "priority": 2,
    "isAutoVerifyEnabled": True,
    "isCheckPayerMobileNumberActive": False,
    "isCheckPayerNationalCodeActive": True,
    "isSingleCardFreezeActive": False,
    "createdAt": "2026-01-01T00:00:00Z",
}
TERMINAL_LIST: dict[str, Any] = {"elements": [TERMINAL]}
SETTLEMENT: dict[str, Any] = {
    "settlementId": 77,
    "terminalId": "5f0c7f4e-0000-4000-8000-000000000001",
    "fileName": "file-1",
    "state": "SETTLED",
    "amount": 250000,
    "wage": 1000,
    "currency": "IRR",
    "variance": -5,
    "directSettlement": False,
    "cutoff": "1",
    "acceptorCode": "a-1",
    "ledgerAccount": "l-1",
    "iin": 581672061,
    "paymentFacilitatorIban": "IR062960000000100324200001",
    "settlementIban": "IR062960000000100324200002",
    "resellerCode": "r-1",
    "affiliateFee": 0,
    "clientCode": "c-1",
    "clientName": "Merchant",
    "shaparakFailReason": None,
    "shaparakReferenceNumber": "s-1",
    "shaparakTrackingNumber": "s-2",
    "shaparakTransactionId": "s-3",
    "createdAt": "2026-11-29T00:00:00Z",
    "modifiedAt": "2026-11-29T01:00:00Z",
    "settledAt": "2026-11-29T02:00:00Z",
}
SETTLEMENT_PAGE: dict[str, Any] = PAGE | {"elements": [SETTLEMENT]}
UP: dict[str, Any] = {
    "status": "UP",
    "pspStatusMap": {"saman-ipg": "UP", "sepehr-ipg": "NOT_IMPLEMENTED"},
}
FORM = {  # of a success
    "amount": "250000",
    "wage": "1000",
    "currency": "IRR",
    "purchaseId": ID,
    "clientReferenceNumber": "our-reference",
    "status": "SUCCESSFUL",
    "payerIp": "37.32.127.129",
    "pspName": "saman-ipg",
    "pspTerminalId": "12345678",
    "pspReferenceNumber": "GmshtyjwKSs9J5KgCWm0p2VGLg8Sxr",
    "pspRRN": "123456789012",
    "payerMaskedCardNumber": "603799******1234",
    "pspHashedCardNumber": "5ee0c5f1",
    "fee": "2500",
    "shaparakFee": "1200",
    "netAmount": "247300",
}


def jwt(claims: object) -> str:
    """Return a token with these claims, as the gateway signs it."""
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{payload}.c2lnbmF0dXJl"


def purchase(**changed: Any) -> dict[str, Any]:
    """The purchase with some fields changed; ``...`` leaves a field out."""
    return {name: value for name, value in (PURCHASE | changed).items() if value is not ...}


def page(*elements: object, **changed: Any) -> dict[str, Any]:
    """A page of these elements."""
    return PAGE | {"elements": list(elements)} | changed
