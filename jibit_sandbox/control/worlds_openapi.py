"""The OpenAPI document's part about worlds as files, orders made by hand, and HAR."""

from __future__ import annotations

from jibit_sandbox.bank.orders import State
from jibit_sandbox.control.at_once import AT_ONCE
from jibit_sandbox.control.openapi import ANY, COUNT, FILTERS, IN_PATH, call, in_path
from jibit_sandbox.files.orders import GATEWAYS
from jibit_sandbox.files.worlds import FORMAT
from jibit_sandbox.web.json_requests import LARGEST_AMOUNT
from jibit_sandbox.web.schemas import TEXT, Json, json_of, record, ref

NEW_ORDER: Json = {
    "type": "object",
    "description": "every field of an exported order, and minutes_ago; null is the default",
    "properties": {
        "gateway": {"enum": [*GATEWAYS, None]},
        "state": {"enum": [*(str(state) for state in State), None]},
        "minutes_ago": {"type": ["number", "null"], "minimum": 0, "maximum": 14},
        "amount": {"type": ["integer", "null"], "minimum": 0, "maximum": LARGEST_AMOUNT},
        "reference_number": TEXT,
    },
    "additionalProperties": False,
}
WORLD_FILE: Json = {
    "type": "object",
    "description": "a world, as the export writes it; every field may be left out",
    "properties": {
        "format": {"enum": [FORMAT, None]},
        "orders": {"type": ["array", "null"], "items": NEW_ORDER},
    },
    "additionalProperties": False,
}
PROCESS = {"pid": COUNT, "parent_pid": COUNT}
HEALTH: Json = record({"status": {"const": "ok"}, "version": {"type": "string"}} | PROCESS)
IMPORTED: Json = record({"world": {"type": "string"}, "orders": COUNT})
ONE_ORDER = (in_path("identifier", IN_PATH),)
ACTION: Json = record({"action": {"enum": list(AT_ONCE)}})

WORLDS_PATHS: Json = {
    "/_sandbox/health": {"get": call("Answer when the sandbox is ready", HEALTH, in_world=False)},
    "/_sandbox/world": {
        "get": call("Export the world as a file", ANY),
        "put": call("Replace the world by a file", IMPORTED, WORLD_FILE, others=(409, 413)),
    },
    "/_sandbox/orders/{identifier}/now": {
        "post": call(
            "Pay, decline, expire or reset an order at once",
            *(ref("Order"), ACTION, ONE_ORDER),
            others=(404, 409),
        )
    },
    "/_sandbox/har": {"get": call("Export the request log as HAR 1.2", ANY, parameters=FILTERS)},
}
MAKE_ORDER = call("Make an order in any state", ref("Order"), NEW_ORDER, status=201, others=(409,))
RESET_BODY: Json = {
    "required": False,
    "content": json_of(
        {
            "type": "object",
            "properties": {
                "seed": {"type": ["integer", "null"], "minimum": 0, "maximum": 10**15 - 1}
            },
        }
    ),
}
