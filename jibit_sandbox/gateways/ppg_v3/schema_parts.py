"""Small parts of PPG v3's schemas: numbers, words, lists and pages."""

from __future__ import annotations

from jibit_sandbox.gateways.ppg_v3.fields import MOST
from jibit_sandbox.gateways.ppg_v3.listing import LARGEST_SIZE
from jibit_sandbox.gateways.ppg_v3.requests import LONGEST
from jibit_sandbox.web.schemas import TEXT, Json, record

NUMBER: Json = {"type": "integer", "minimum": 0}
WORD: Json = {"type": "string"}
TRUTH: Json = {"type": "boolean"}
OBJECT: Json = {"type": ["object", "null"]}
IDENTIFIER: Json = {"type": "integer", "minimum": 10**17}
LONG: Json = {"type": "integer", "minimum": -MOST, "maximum": MOST}
NAMED: Json = {"oneOf": [TEXT, LONG]}
PURCHASE_NUMBER: Json = {"oneOf": [TEXT | {"pattern": "^([1-9][0-9]{0,17})?$"}, LONG]}
CARD: Json = {"type": "string", "pattern": "^[0-9]{16}$"}
MAYBE_NUMBER: Json = {"type": ["integer", "null"]}
MAYBE_TRUTH: Json = {"type": ["boolean", "null"]}


def short(name: str) -> Json:
    return TEXT | {"maxLength": LONGEST[name]}


def list_of(schema: Json) -> Json:
    return {"type": "array", "items": schema}


def page_of(element: Json) -> Json:
    return record(
        {
            "pageNumber": NUMBER,
            "size": {"type": "integer", "minimum": 1, "maximum": LARGEST_SIZE},
            "numberOfElements": NUMBER,
            "hasNext": TRUTH,
            "hasPrevious": TRUTH,
            "elements": list_of(element),
        }
    )
