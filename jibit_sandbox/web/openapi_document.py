"""The sandbox's OpenAPI 3.1 document: its gateways and the control API."""

from __future__ import annotations

from typing import Any

from jibit_sandbox.control.inbox_openapi import INBOX_PATHS, INBOX_SCHEMAS
from jibit_sandbox.control.openapi import CONTROL_PATHS, CONTROL_SCHEMAS
from jibit_sandbox.control.purchases_openapi import PURCHASE_CONTROL_PATHS
from jibit_sandbox.control.worlds_openapi import MAKE_ORDER, RESET_BODY, WORLDS_PATHS
from jibit_sandbox.gateways.ppg_v2.openapi import PPG_PATHS, PPG_SCHEMAS
from jibit_sandbox.gateways.ppg_v3.openapi import V3_PATHS
from jibit_sandbox.gateways.ppg_v3.schemas import V3_SCHEMAS
from jibit_sandbox.gateways.wallet.openapi import WALLET_PATHS, WALLET_SCHEMAS

ABOUT = """Local gateways for tests, with the wires of Jibit's PPG v2.4, PPG v3 and wallet v2.1.

Any pair `NAME-api-key` / `NAME-secret-key` opens world NAME at PPG v2 and v3, `NAME` /
`NAME-password` at the wallet. Any call may carry the header
`X-Sandbox-Behaviour: NAME; parameter=value` to meet a behaviour; `GET /_sandbox/behaviours`
lists them. No money is real."""


def control_paths() -> dict[str, Any]:
    """Return the calls that control a world, with those that make an order or seed a world."""
    orders, reset = "/_sandbox/orders", "/_sandbox/reset"
    return CONTROL_PATHS | {
        orders: {**CONTROL_PATHS[orders], "post": MAKE_ORDER},
        reset: {"post": CONTROL_PATHS[reset]["post"] | {"requestBody": RESET_BODY}},
    }


def openapi_document(base_url: str) -> dict[str, Any]:
    """Return the whole document, for a sandbox that answers under ``base_url``."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Jibit sandbox", "version": "2.4", "description": ABOUT},
        "servers": [{"url": base_url}],
        "tags": [
            {"name": "gateway", "description": "PPG v2.4, as its document has it"},
            {"name": "ppg_v3", "description": "PPG v3, after OpenAPI 3.2.48"},
            {"name": "wallet", "description": "wallet gateway v2.1, as its document has it"},
            {"name": "control", "description": "control of the sandbox from tests"},
        ],
        "paths": PPG_PATHS
        | V3_PATHS
        | WALLET_PATHS
        | control_paths()
        | PURCHASE_CONTROL_PATHS
        | INBOX_PATHS
        | WORLDS_PATHS,
        "components": {
            "schemas": PPG_SCHEMAS | V3_SCHEMAS | WALLET_SCHEMAS | CONTROL_SCHEMAS | INBOX_SCHEMAS,
            "securitySchemes": {"accessToken": {"type": "http", "scheme": "bearer"}},
        },
    }
