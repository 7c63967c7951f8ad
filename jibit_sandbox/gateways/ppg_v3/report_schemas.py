"""The bodies of PPG v3's reports in the OpenAPI document."""

from __future__ import annotations

from jibit_sandbox.gateways.ppg_v3.schema_parts import (
    IDENTIFIER,
    NUMBER,
    TRUTH,
    WORD,
    list_of,
    page_of,
)
from jibit_sandbox.web.schemas import MOMENT, TEXT, Json, record

HISTORY: Json = record(
    {"purchaseId": IDENTIFIER, "clientRefNum": WORD, "newState": WORD, "createdAt": MOMENT}
)
TERMINAL: Json = record(
    {
        **dict.fromkeys(("naturalId", "clientCode", "clientName", "pspName"), WORD),
        **dict.fromkeys(("pspTerminalId", "pspMerchantNumber", "type"), WORD),
        **dict.fromkeys(("directSettlement", "isAutoVerifyEnabled"), TRUTH),
        **dict.fromkeys(("isCheckPayerMobileNumberActive", "isSingleCardFreezeActive"), TRUTH),
        "isCheckPayerNationalCodeActive": TRUTH,
        "priority": NUMBER,
        "createdAt": MOMENT,
    }
)
OF_SETTLEMENT = ("ledgerAccount", "resellerCode", "shaparakFailReason")
SETTLEMENT: Json = record(
    {
        **dict.fromkeys(("settlementId", "terminalId", "fileName", "currency"), WORD),
        "state": {"enum": ["IN_PROGRESS", "FAILED", "SETTLED", "OBSOLETE", "EARLY_SETTLED"]},
        **dict.fromkeys(("amount", "wage", "affiliateFee"), NUMBER),
        "variance": {"type": "integer"},
        "directSettlement": TRUTH,
        **dict.fromkeys(("cutoff", "acceptorCode", "iin", "paymentFacilitatorIban"), WORD),
        **dict.fromkeys(("settlementIban", "clientCode", "clientName"), WORD),
        **dict.fromkeys(("shaparakReferenceNumber", "shaparakTrackingNumber"), WORD),
        "shaparakTransactionId": WORD,
        **dict.fromkeys(("createdAt", "modifiedAt", "settledAt"), MOMENT),
        **dict.fromkeys(OF_SETTLEMENT, TEXT),
    },
    *OF_SETTLEMENT,
)

REPORT_SCHEMAS: Json = {
    "V3Histories": record(
        {
            "size": NUMBER,
            "totalCount": NUMBER,
            "hasNext": TRUTH,
            "nextPageId": WORD,
            "elements": list_of(HISTORY),
        },
        *("totalCount", "nextPageId"),
    ),
    "V3Balances": record(
        {
            "balances": list_of(
                record({"balanceType": WORD, "amount": {"type": "integer"}, "currency": WORD})
            )
        }
    ),
    "V3Terminals": record({"elements": list_of(TERMINAL)}),
    "V3Settlements": page_of(SETTLEMENT),
    "V3Health": record({"status": WORD, "pspStatusMap": {"type": "object"}}),
}
