"""Small building blocks of the OpenAPI document."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

FILLED: Json = {"type": "string", "pattern": r"[^\s\x1c-\x1f]"}
TEXT: Json = {"type": ["string", "null"]}
MOMENT: Json = {"type": "string", "format": "date-time"}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def json_of(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def record(properties: Json, *optional: str) -> Json:
    """Describe an object; its fields are required unless named in ``optional``."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


LANGUAGE: Json = {
    "name": "Accept-Language",
    "in": "header",
    "description": "the language of error messages: en or fa",
    "schema": {"type": "string"},
}
