"""The sandbox's OpenAPI document, as a judge of its answers."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import requests


class Reader:
    """Holds an answer against what the document says of its call."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.judges: dict[str, jsonschema_rs.Validator] = {}
        self.calls = {
            (method, path): call
            for path, calls in document["paths"].items()
            for method, call in calls.items()
        }

    def check(self, method: str, path: str, answer: requests.Response) -> None:
        described = self.calls[method.lower(), path]["responses"][str(answer.status_code)]
        if "content" not in described:
            assert answer.content == b""
            return
        schema = described["content"][answer.headers["Content-Type"]]["schema"]
        self.judge(schema).validate(answer.json())

    def judge(self, schema: dict[str, Any]) -> jsonschema_rs.Validator:
        """Return the validator of a schema; making one takes longer than asking it."""
        name = str(schema)
        if name not in self.judges:
            rules = {**schema, "components": self.document["components"]}
            self.judges[name] = jsonschema_rs.validator_for(rules)
        return self.judges[name]

    def check_operation(self, operation: str, answer: requests.Response) -> None:
        """The same, by the call's ``operationId``."""
        for (method, path), call in self.calls.items():
            if call.get("operationId") == operation:
                self.check(method, path, answer)
                return
        raise AssertionError(f"no call is named {operation}")
