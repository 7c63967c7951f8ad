"""The inbox's part of the OpenAPI document."""

from __future__ import annotations

from jibit_sandbox.bank.wallets import MOBILE
from jibit_sandbox.control.inbox import LONGEST_KEY, LONGEST_TEXT
from jibit_sandbox.control.openapi import COUNT, call, list_of
from jibit_sandbox.web.schemas import MOMENT, Json, record, ref

NUMBER: Json = {"type": "string", "pattern": f"^{MOBILE}$"}
INBOX_SCHEMAS: Json = {
    "TextMessage": record(
        {
            "id": {"type": "string"},
            "to": NUMBER,
            "text": {"type": "string"},
            "received_at": MOMENT,
            "times": COUNT,
        }
    )
}
NEW_MESSAGE: Json = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
        "to": NUMBER,
        "text": {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT},
    },
    "required": ["id", "to", "text"],
}
INBOX_PATHS: Json = {
    "/_sandbox/sms": {
        "get": call("List the text messages", record({"messages": list_of(ref("TextMessage"))})),
        "post": call(
            "Take a text message, as an SMS provider would",
            ref("TextMessage"),
            NEW_MESSAGE,
            status=202,
            others=(422,),
        ),
    }
}
