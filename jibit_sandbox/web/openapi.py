"""Serve the OpenAPI document, whole or of one API."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from jibit_sandbox.core.errors import NotFound

APIS = {"ppg": "gateway", "ppg_v3": "ppg_v3", "wallet": "wallet", "control": "control"}  # tags

openapi = Blueprint("openapi", __name__)


@openapi.get("/openapi.json")
def document() -> Response:
    """Return the description of every call, or of those of one API: ``?api=ppg_v3``."""
    from jibit_sandbox.web.openapi_document import (
        openapi_document,  # few sandboxes are asked for it
    )

    whole = openapi_document(request.host_url.rstrip("/"))
    name = request.args.get("api")
    return jsonify(whole if name is None else part_of(whole, name))


def part_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the document with the calls of one API alone; raise NotFound for an unknown one."""
    if name not in APIS:
        raise NotFound(f"there is no API {name!r}; there are {', '.join(APIS)}")
    tag = APIS[name]
    paths = {
        path: calls
        for path, calls in document["paths"].items()
        if any(tag in call.get("tags", ()) for call in calls.values() if isinstance(call, dict))
    }
    tags = [each for each in document["tags"] if each["name"] == tag]
    return document | {"tags": tags, "paths": paths}
