"""The sandbox's OpenAPI 3.1 document: the gateway's API and the control API, joined."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from storefront.sandbox.control.openapi import CONTROL_PATHS, CONTROL_SCHEMAS
from storefront.sandbox.ppg.openapi import PPG_PATHS, PPG_SCHEMAS

ABOUT = """A local gateway for tests that speaks the wire of Jibit's PPG v2.4.

Any pair `NAME-api-key` / `NAME-secret-key` opens world NAME. Any call may carry the header
`X-Sandbox-Behaviour: NAME; parameter=value` to meet a behaviour; `GET /_sandbox/behaviours`
lists them. No money is real."""

openapi = Blueprint("openapi", __name__)


@openapi.get("/openapi.json")
def document() -> Response:
    return jsonify(openapi_document(request.host_url.rstrip("/")))


def openapi_document(base_url: str) -> dict[str, Any]:
    """The whole document, for a sandbox that answers under ``base_url``."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Jibit sandbox", "version": "2.4", "description": ABOUT},
        "servers": [{"url": base_url}],
        "tags": [
            {"name": "gateway", "description": "PPG v2.4, as its document has it"},
            {"name": "control", "description": "steering the sandbox from tests"},
        ],
        "paths": PPG_PATHS | CONTROL_PATHS,
        "components": {
            "schemas": PPG_SCHEMAS | CONTROL_SCHEMAS,
            "securitySchemes": {"accessToken": {"type": "http", "scheme": "bearer"}},
        },
    }
