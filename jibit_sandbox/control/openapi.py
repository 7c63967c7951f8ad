"""The control API's part of the OpenAPI document."""

from __future__ import annotations

from jibit_sandbox.bank.orders import State
from jibit_sandbox.bank.wallets import MOBILE
from jibit_sandbox.behaviours.catalogue import API_CALLS, BEHAVIOURS, PAGE_CALLS
from jibit_sandbox.control.api import MOST_TIMES
from jibit_sandbox.control.inspection import ACTIONS
from jibit_sandbox.core.clock import LARGEST_RATE, LARGEST_STEP
from jibit_sandbox.core.worlds import NAME, NUMBERS, choices
from jibit_sandbox.web.json_requests import LARGEST_AMOUNT
from jibit_sandbox.web.schemas import MOMENT, TEXT, Json, json_of, record, ref

COUNT: Json = {"type": "integer", "minimum": 0}
ANY: Json = {"type": "object"}
SECONDS: Json = {"type": "number", "minimum": -LARGEST_STEP, "maximum": LARGEST_STEP}
SWITCHES: Json = {name: {"enum": list(possible)} for name, possible in choices().items()} | {
    name: {"type": "integer", "minimum": limits[0], "maximum": limits[-1]}
    for name, limits in NUMBERS.items()
}
AS_NUMBERS = {  # a text of digits may be set as the number
    name: [*possible, *(int(each) for each in possible if str(each).isdigit())]
    for name, possible in choices().items()
    if all(isinstance(each, str) for each in possible)
}
WANTED: Json = SWITCHES | {name: {"enum": possible} for name, possible in AS_NUMBERS.items()}
OPERATION: Json = {"enum": [*API_CALLS, *PAGE_CALLS, None]}
GATEWAYS = ("ppg", "ppg_v3", "wallet")
GATEWAY: Json = {"enum": [*GATEWAYS, None]}
BALANCE: Json = {"type": "integer", "minimum": 0, "maximum": LARGEST_AMOUNT}
IN_PATH: Json = {"type": "string", "pattern": "^[A-Za-z0-9]+$"}


def list_of(schema: Json) -> Json:
    return {"type": "array", "items": schema}


CONTROL_SCHEMAS: Json = {
    "ControlError": record({"error": {"type": "string"}}),
    "Clock": record(
        {
            "mode": {"enum": ["real", "frozen", "accelerated"]},
            "rate": {"type": "number"},
            "now": MOMENT,
            "ahead_seconds": {"type": "number"},
        }
    ),
    "Behaviour": record(
        {
            "name": {"enum": list(BEHAVIOURS)},
            "description": {"type": "string"},
            "rehearses": {"type": "string", "deprecated": True},
            "usual": list_of({"type": "string"}),
            "fits": list_of({"type": "string"}),
            "parameters": ANY,
        }
    ),
    "Rule": record(
        {
            "id": COUNT,
            "name": {"enum": list(BEHAVIOURS)},
            "gateway": GATEWAY,
            "operation": OPERATION,
            "order": TEXT,
            "remaining": {"type": ["integer", "null"]},
            "parameters": ANY,
        }
    ),
    "Transition": record({"at": MOMENT, "state": {"type": "string"}, "reason": {"type": "string"}}),
    "Order": record(
        {
            "identifier": {"type": "string"},
            "gateway": {"enum": list(GATEWAYS)},
            "gateway_status": {"type": "string"},
            "state": {"enum": [str(state) for state in State]},
            "amount": COUNT,
            "currency": {"type": "string"},
            "amount_rials": COUNT,
            "reference_number": {"type": "string"},
            "user_identifier": {"type": "string"},
            "callback_url": {"type": "string"},
            "payer_card": TEXT,
            "payer_wallet": TEXT,
            "tracking_number": TEXT,
            "created_at": MOMENT,
            "modified_at": MOMENT,
            "expires_at": MOMENT,
            "transitions": list_of(ref("Transition")),
            "moves": list_of(ref("Transition")) | {"deprecated": True},
        }
    ),
    "Exchange": record(
        {
            "id": COUNT,
            "world": {"type": "string"},
            "gateway": {"enum": list(GATEWAYS)},
            "operation": TEXT,
            "received_at": MOMENT,
            "took_ms": {"type": ["number", "null"]},
            "method": {"type": "string"},
            "path": {"type": "string"},
            "request_headers": ANY,
            "request_body": {"type": "string"},
            "status": {"type": ["integer", "null"]},
            "response_headers": {"type": ["object", "null"]},
            "response_body": TEXT,
            "fate": {"type": "string"},
            "fingerprint": {"type": "string"},
            "order_identifier": TEXT,
            "reference_number": TEXT,
            "behaviour": TEXT,
            "source": TEXT,
            "refusal": {"anyOf": [ref("Refusal"), {"type": "null"}]},
        }
    ),
    "Refusal": record({name: list_of({"type": "string"}) for name in ("codes", "fields", "hints")}),
    "Wallets": record(
        {
            "default_balance_rials": BALANCE,
            "wallets": list_of(record({"mobile": {"type": "string"}, "balance_rials": COUNT})),
        }
    ),
    "Chaos": record(
        {
            "running": {"type": "boolean"},
            "seed": {"type": ["integer", "null"]},
            "rates": ANY,
            "calls": ANY,
            "faults": COUNT,
            "injected": ANY,
        }
    ),
}

RESET: Json = record({"reset": {"type": "string"}, "seed": {"type": ["integer", "null"]}})
WORLD: Json = {
    "name": "world",
    "in": "query",
    "description": "the world; `sandbox` by default",
    "schema": {"type": "string", "pattern": f"^{NAME.pattern}$"},
}


def by(name: str, schema: Json | None = None) -> Json:
    return {"name": name, "in": "query", "schema": schema or {"type": "string"}}


def in_path(name: str, schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def call(
    summary: str,
    answer: Json,
    body: Json | None = None,
    parameters: tuple[Json, ...] = (),
    *,
    status: int = 200,
    others: tuple[int, ...] = (),
    in_world: bool = True,
) -> Json:
    error = {"description": "what is wrong", "content": json_of(ref("ControlError"))}
    described: Json = {
        "tags": ["control"],
        "summary": summary,
        "parameters": [*([WORLD] if in_world else []), *parameters],
        "responses": {
            str(status): {"description": summary, "content": json_of(answer)},
            "400": error,
        }
        | {str(other): error for other in others},
    }
    if body:
        described["requestBody"] = {"required": True, "content": json_of(body)}
    return described


FILTERS = (
    *(by(name) for name in ("gateway", "operation", "fingerprint", "order", "reference")),
    *(by(name) for name in ("behaviour", "fate", "q")),
    by("after", COUNT),
)
CLOCK_MODES: Json = {
    "oneOf": [
        record({"mode": {"const": "real"}}),
        record({"mode": {"const": "frozen"}, "at": {"anyOf": [MOMENT, {"type": "null"}]}}, "at"),
        record(
            {
                "mode": {"const": "accelerated"},
                "rate": {"type": "number", "minimum": 0, "maximum": LARGEST_RATE},
            },
            "rate",
        ),
    ]
}
NEW_RULE: Json = record(
    {
        "name": {"enum": list(BEHAVIOURS)},
        "gateway": GATEWAY,
        "operation": OPERATION,
        "order": TEXT,
        "times": {"type": ["integer", "null"], "minimum": 1, "maximum": MOST_TIMES},
        "parameters": {"type": ["object", "null"]},
    },
    *("gateway", "operation", "order", "times", "parameters"),
)
NEW_CHAOS: Json = record(
    {
        "seed": {"type": ["integer", "null"]},
        "rates": {
            "type": ["object", "null"],
            "propertyNames": {"enum": list(BEHAVIOURS)},
            "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
        },
    },
    *("seed", "rates"),
)

CONTROL_PATHS: Json = {
    "/_sandbox/clock": {
        "get": call("Show the clock", ref("Clock")),
        "put": call("Set the clock", ref("Clock"), CLOCK_MODES),
    },
    "/_sandbox/clock/advance": {
        "post": call("Move the clock", ref("Clock"), record({"seconds": SECONDS}))
    },
    "/_sandbox/behaviours": {
        "get": call(
            "List the catalogue of behaviours and the active ones",
            record({"active": list_of(ref("Rule")), "catalogue": list_of(ref("Behaviour"))}),
        ),
        "post": call(
            "Add a behaviour for the next calls", ref("Rule"), NEW_RULE, status=201, others=(409,)
        ),
        "delete": call(
            "Remove behaviours and release held calls",
            record({"removed": COUNT, "released": COUNT}),
            parameters=(by("id", COUNT),),
        ),
    },
    "/_sandbox/behaviours/release": {
        "post": call("Release held calls", record({"released": COUNT}))
    },
    "/_sandbox/behaviours/held": {
        "get": call(
            "Count held calls; optionally wait until there are so many",
            record({"held": COUNT}),
            parameters=(
                by("count", COUNT),
                by("seconds", {"type": "number", "minimum": 0, "maximum": 60}),
            ),
        )
    },
    "/_sandbox/switches": {
        "get": call(
            "Show the switches for open points of the documents",
            record({"switches": record(SWITCHES), "choices": ANY, "numbers": ANY}),
        ),
        "put": call(
            "Set some switches",
            record({"switches": record(SWITCHES)}),
            {"type": "object", "properties": WANTED, "additionalProperties": False},
        ),
    },
    "/_sandbox/chaos": {
        "get": call("Show chaos and its statistics", ref("Chaos")),
        "put": call("Start chaos at given rates", ref("Chaos"), NEW_CHAOS, others=(409,)),
        "delete": call("Stop chaos and show its statistics", ref("Chaos")),
    },
    "/_sandbox/cards": {
        "get": call(
            "List test cards and magic amounts",
            record({"cards": list_of(ANY), "amounts": list_of(ANY), "v3_amounts": list_of(ANY)}),
            in_world=False,
        )
    },
    "/_sandbox/statistics": {
        "get": call("Count the injected faults", record({"faults": COUNT, "by_operation": ANY}))
    },
    "/_sandbox/worlds": {
        "get": call(
            "List the worlds", record({"worlds": list_of({"type": "string"})}), in_world=False
        )
    },
    "/_sandbox/orders": {
        "get": call(
            "List the world's orders",
            record({"orders": list_of(ref("Order"))}),
            parameters=(by("gateway", {"enum": list(GATEWAYS)}), by("reference"), by("q")),
        )
    },
    "/_sandbox/orders/{identifier}/press": {
        "post": call(
            "Press a button of an order's page without a browser",
            record({"status": COUNT, "location": TEXT, "form": {"type": ["object", "null"]}}),
            record({"action": {"enum": list(ACTIONS)}}),
            parameters=(in_path("identifier", IN_PATH),),
            others=(404, 409),
        )
    },
    "/_sandbox/wallets": {
        "get": call("Show the balances", ref("Wallets")),
        "put": call(
            "Set the balance of one wallet, or the default of unused ones",
            ref("Wallets"),
            record(
                {
                    "mobile": {"type": ["string", "null"], "pattern": f"^{MOBILE}$"},
                    "balance_rials": BALANCE,
                },
                "mobile",
            ),
        ),
    },
    "/_sandbox/orders/{identifier}/callback": {
        "post": call(
            "Send the callback again",
            record({"url": {"type": "string"}, "status": {"type": ["integer", "null"]}}),
            parameters=(in_path("identifier", IN_PATH),),
            others=(404, 409),
        )
    },
    "/_sandbox/requests": {
        "get": call(
            "Show the request log",
            record({"requests": list_of(ref("Exchange"))}),
            parameters=FILTERS,
        )
    },
    "/_sandbox/requests/{number}/replay": {
        "post": call(
            "Send a logged request again",
            record({"status": COUNT, "body": {"type": "string"}}),
            parameters=(in_path("number", {"type": "integer", "minimum": 1, "maximum": 10**12}),),
            others=(404, 409),
        )
    },
    "/_sandbox/reset": {"post": call("Reset the world", RESET)},
}
