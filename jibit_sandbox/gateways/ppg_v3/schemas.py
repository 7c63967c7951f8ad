"""The bodies of PPG v3 in the OpenAPI document. Fields without a value are left out."""

from __future__ import annotations

from jibit_sandbox.bank.transfers import TransferState
from jibit_sandbox.gateways.callback_urls import WEB_ADDRESS
from jibit_sandbox.gateways.ppg_v3.codes import CODES
from jibit_sandbox.gateways.ppg_v3.report_schemas import REPORT_SCHEMAS
from jibit_sandbox.gateways.ppg_v3.requests import LEAST_AMOUNT, LONGEST, MOST_WITH_WAGE
from jibit_sandbox.gateways.ppg_v3.schema_parts import (
    CARD,
    IDENTIFIER,
    LONG,
    MAYBE_NUMBER,
    MAYBE_TRUTH,
    NAMED,
    NUMBER,
    OBJECT,
    PURCHASE_NUMBER,
    TRUTH,
    WORD,
    list_of,
    page_of,
    short,
)
from jibit_sandbox.gateways.ppg_v3.states import PURCHASE_STATES
from jibit_sandbox.web.schemas import FILLED, MOMENT, TEXT, Json, record, ref

NEW_PURCHASE: Json = record(
    {
        "amount": {"type": "integer", "minimum": LEAST_AMOUNT, "maximum": MOST_WITH_WAGE},
        "wage": {"type": ["integer", "null"], "minimum": 0, "maximum": MOST_WITH_WAGE},
        "currency": {"const": "IRR"},
        "callbackUrl": {
            "type": "string",
            "pattern": f"^{WEB_ADDRESS}$",
            "maxLength": LONGEST["callbackUrl"],
        },
        "clientReferenceNumber": {
            "oneOf": [FILLED | {"maxLength": LONGEST["clientReferenceNumber"]}, LONG]
        },
        "userIdentifier": short("userIdentifier"),
        "description": short("description"),
        "payerMobileNumber": TEXT | {"pattern": "^(09[0-9]{9})?$"},
        "checkPayerMobileNumber": MAYBE_TRUTH,
        "payerCardNumber": TEXT | {"pattern": "^([0-9]{16})?$"},
        "payerCardNumbers": {"type": ["array", "null"], "items": CARD, "uniqueItems": True},
        "payerNationalCode": TEXT | {"pattern": "^([0-9]{10})?$"},
        "switching": OBJECT
        | {
            "properties": {
                "terminalIds": list_of(WORD) | {"minItems": 1},
                "autoSwitching": MAYBE_TRUTH,
            },
            "required": ["terminalIds"],
        },
        "additionalData": OBJECT,
    },
    *("wage", "userIdentifier", "description", "payerMobileNumber", "checkPayerMobileNumber"),
    *("payerCardNumber", "payerCardNumbers", "payerNationalCode", "switching", "additionalData"),
)
PURCHASE_ID: Json = {"purchaseId": IDENTIFIER, "purchaseIdStr": {"type": "string"}}
EARLY_FEES: Json = {"fee": NUMBER, "affiliateFee": NUMBER, "netAmount": {"type": "integer"}}
CREATED: Json = record(
    {
        **PURCHASE_ID,
        "clientReferenceNumber": WORD,
        "pspSwitchingUrl": {"type": "string", "format": "uri"},
        "currency": WORD,
        "shaparakFee": NUMBER,
        "payableAmount": NUMBER,
        **EARLY_FEES,
    },
    *EARLY_FEES,
)
OF_TRANSFER = (  # absent, or null by switch, where there is no value
    *("destination", "destinationFirstName", "destinationLastName", "description", "metadata"),
    *("notifyURL", "paymentID", "bankTransferID", "failReason"),
)
TRANSFER: Json = record(
    {
        "refundId": IDENTIFIER,
        "partialRefundIndex": NUMBER,
        "transferID": WORD,
        "batchID": WORD,
        "transferMode": {"enum": ["ACH", "NORMAL", "RTGS"]},
        "amount": NUMBER,
        "currency": WORD,
        "cancellable": TRUTH,
        "state": {"enum": [str(state) for state in TransferState]},
        "feeCurrency": WORD,
        "feeAmount": NUMBER,
        "createdAt": MOMENT,
        "modifiedAt": MOMENT,
        **dict.fromkeys(OF_TRANSFER, TEXT),
    },
    *OF_TRANSFER,
)
REFUND: Json = record(
    {"batchID": WORD, "refundedAmount": NUMBER, "transfers": list_of(ref("V3Transfer"))}
)
MAYBE_MOMENT: Json = MOMENT | {"type": ["string", "null"]}
OPTIONAL: Json = {  # absent, or null by switch, where there is no value
    **dict.fromkeys(("userIdentifier", "description", "payerMobileNumber"), TEXT),
    **dict.fromkeys(("payerCardNumber", "payerNationalCode", "pspName", "pspRrn"), TEXT),
    **dict.fromkeys(("pspReferenceNumber", "pspTraceNumber", "pspMaskedCardNumber"), TEXT),
    **dict.fromkeys(("pspHashedCardNumber", "pspFailReason", "initPayerIp"), TEXT),
    **dict.fromkeys(("redirectPayerIp", "settlementId"), TEXT),
    "additionalData": OBJECT,
    **dict.fromkeys(("pspCardOwner", "resellerCode"), TEXT),
    "pspFailReasons": list_of(
        record({"code": {"type": "integer"}, "description": WORD, "pspError": WORD})
    ),
    "refundInquiryResult": {"anyOf": [ref("V3Refund"), {"type": "null"}]},
    "feePaymentType": {"enum": ["PRE_PAID", "POST_PAID", "PRE_PAID_WALLET", None]},
    **dict.fromkeys(EARLY_FEES, MAYBE_NUMBER),
    **dict.fromkeys(("billingDate", "verifiedAt", "pspSettledAt"), MAYBE_MOMENT),
}
PURCHASE: Json = record(
    {
        **PURCHASE_ID,
        **dict.fromkeys(("clientCode", "currency", "callbackUrl", "clientReferenceNumber"), WORD),
        **dict.fromkeys(("amount", "wage", "shaparakFee", "refundableAmount"), NUMBER),
        "state": {"enum": list(PURCHASE_STATES.values())},
        **dict.fromkeys(("refunded", "pspSettled", "hasContradiction"), TRUTH),
        "createdAt": MOMENT,
        "expirationDate": MOMENT,
        **OPTIONAL,
    },
    *OPTIONAL,
)
V3_SCHEMAS: Json = {
    "V3Failure": record(
        {
            "fingerprint": {"type": "string", "minLength": 1},
            "errors": list_of(record({"code": {"enum": list(CODES)}, "message": TEXT}))
            | {"minItems": 1},
        }
    ),
    "V3Keys": record({"apiKey": FILLED, "secretKey": FILLED}),
    "V3RefreshToken": record({"refreshToken": FILLED}),
    "V3Tokens": record({"accessToken": FILLED, "refreshToken": FILLED}),
    "V3NewPurchase": NEW_PURCHASE,
    "V3Created": CREATED,
    "V3Verification": record({"status": WORD}),
    "V3Purchase": PURCHASE,
    "V3Purchases": page_of(ref("V3Purchase")),
    "V3Name": record(
        {"purchaseId": PURCHASE_NUMBER, "clientReferenceNumber": NAMED},
        *("purchaseId", "clientReferenceNumber"),
    ),
    "V3NewRefund": record(
        {
            "purchaseId": PURCHASE_NUMBER,
            "clientReferenceNumber": NAMED,
            "amount": {"type": ["integer", "null"], "minimum": 1},
            "cancellable": MAYBE_TRUTH,
        },
        *("purchaseId", "clientReferenceNumber", "amount", "cancellable"),
    ),
    "V3Refunded": record(
        {"refundId": IDENTIFIER, "batchId": WORD, "transferId": WORD, "partialRefundIndex": NUMBER}
    ),
    "V3Transfer": TRANSFER,
    "V3Refund": REFUND,
    "V3TransferName": record({"transferId": TEXT}, "transferId"),
    "V3Amount": record(
        {
            "amount": {"type": "integer", "minimum": LEAST_AMOUNT, "maximum": MOST_WITH_WAGE},
            "wage": {"type": ["integer", "null"], "minimum": 0, "maximum": MOST_WITH_WAGE},
        },
        "wage",
    ),
    "V3Fee": record({"totalFee": {"type": "integer"}}),
    **REPORT_SCHEMAS,
}
