"""The OpenAPI document's part about the control of PPG v3's purchases."""

from __future__ import annotations

from jibit_sandbox.bank.transfers import HALTED, TransferState
from jibit_sandbox.control.openapi import COUNT, IN_PATH, call, in_path, list_of
from jibit_sandbox.control.purchases import WANTED_STATES
from jibit_sandbox.web.schemas import MOMENT, TEXT, Json, record

TRANSFERS: Json = record(
    {
        "transfers": list_of(
            record(
                {
                    "number": COUNT,
                    "amount_rials": COUNT,
                    "state": {"enum": [str(state) for state in TransferState]},
                    "fail_reason": TEXT,
                    "created_at": MOMENT,
                    "modified_at": MOMENT,
                }
            )
        )
    }
)
STATE: Json = record({"state": {"enum": list(WANTED_STATES)}})
HALT: Json = record(
    {
        "state": {"enum": sorted(str(state) for state in HALTED)},
        "number": {"type": ["integer", "null"]},
        "reason": TEXT,
    },
    *("number", "reason"),
)
PURCHASE = (in_path("identifier", IN_PATH),)

PURCHASE_CONTROL_PATHS: Json = {
    "/_sandbox/purchases/{identifier}/state": {
        "put": call("Contradict a purchase of PPG v3", STATE, STATE, PURCHASE, others=(404, 409))
    },
    "/_sandbox/purchases/{identifier}/transfers": {
        "get": call("List a purchase's refunds", TRANSFERS, parameters=PURCHASE, others=(404,)),
        "put": call("Halt a refund: let it fail or wait", TRANSFERS, HALT, PURCHASE, others=(404,)),
    },
}
