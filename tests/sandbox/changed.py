"""A good request with one thing wrong: what the tables of conformance send."""

from __future__ import annotations

import json
from typing import Any

import requests

from tests.sandbox.merchant import Merchant


def send_changed(
    merchant: Merchant,
    method: str,
    path: str,
    good: dict[str, Any] | str | None,
    *,
    order: str,
    change: dict[str, Any],
    headers: dict[str, str],
) -> requests.Response:
    """Send the good body with its change, or a text as it is, with the merchant's own facts.

    ``{world}``, ``{access}``, ``{refresh}`` and ``{order}`` stand for them in every part; a field
    that is changed to ``...`` is left out.
    """
    facts = {
        "world": merchant.world.name,
        "access": merchant.access_token,
        "refresh": merchant.pair["refreshToken"],
        "order": order,
    }
    said = {name: value.format(**facts) for name, value in headers.items()}
    if good is not None:
        said.setdefault("Content-Type", "application/json")
    body = good if isinstance(good, str | None) else filled(good | change, facts)
    return merchant.call(method, path.format(**facts), headers=said, data=body)


def filled(body: dict[str, Any], facts: dict[str, str]) -> str:
    said = {name: v.format(**facts) if isinstance(v, str) else v for name, v in body.items()}
    return json.dumps({name: value for name, value in said.items() if value is not ...})
