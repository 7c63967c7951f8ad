"""A merchant for recorded calls: its keys, its tokens, and the identifiers that it was given."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from jibit_sandbox.commands.asking import JSON, send
from jibit_sandbox.commands.recordings import Recorded

MASK = "…"  # what the log leaves of a secret
HIDDEN = "******"  # what it leaves of a card
TOKEN_CALLS = {
    "/ppg/v2": "/ppg/v2/tokens/generate",
    "/ppg/v3": "/ppg/v3/tokens",
    "/pg": "/pg/authenticate",
}
IDENTIFIERS = ("orderIdentifier", "purchaseIdStr", "orderId")
TOKENS: tuple[str, ...] = ("accessToken", "token", "refreshToken")
OK = 200
FORM = "application/x-www-form-urlencoded"


class Merchant:
    """One world's merchant at every gateway; JIBIT_API_KEY and JIBIT_SECRET_KEY are other keys."""

    def __init__(self, url: str, world: str) -> None:
        key = os.environ.get("JIBIT_API_KEY") or f"{world}-api-key"
        secret = os.environ.get("JIBIT_SECRET_KEY") or f"{world}-secret-key"
        self.url = url
        self._keys = {"apiKey": key, "secretKey": secret}
        self._wallet_keys = {"username": world, "password": f"{world}-password"}
        self._pairs: dict[str, dict[str, str]] = {}  # by gateway
        self._renamed: dict[str, str] = {}

    def token_for(self, path: str) -> str:
        """Return an access token of the path's gateway, fetched when it is first needed."""
        prefix = gateway_of(path)
        if prefix not in self._pairs:
            body = json.dumps(self._keys_at(prefix))
            answer = send(self.url + TOKEN_CALLS[prefix], "POST", body, JSON)
            if not self._keep(prefix, answer.json):
                raise ValueError(f"{self.url} gives no token: {answer.status} {answer.body[:200]}")
        pair = self._pairs[prefix]
        return pair.get("accessToken") or pair["token"]

    def learn(self, call: Recorded, answer: Any) -> None:
        """Keep tokens and new identifiers of an answer."""
        self._keep(gateway_of(call.path), answer)
        old, new = whole(call.answer), whole(answer)
        for name in IDENTIFIERS:
            if old.get(name) and new.get(name):
                self._renamed[str(old[name])] = str(new[name])

    def renamed(self, text: str) -> str:
        """Return the text with the identifiers of this run."""
        for old, new in self._renamed.items():
            text = text.replace(old, new)
        return text

    def filled(self, call: Recorded) -> str:
        """Return the body to send: masked fields get values, or are left out."""
        body = self.renamed(call.body)
        prefix = gateway_of(call.path)
        if call.path == TOKEN_CALLS[prefix] and call.status == OK:
            return json.dumps(self._keys_at(prefix))
        if any(FORM in str(value) for value in call.headers.values()):
            return urlencode(without_masks(dict(parse_qsl(body)), paying_form()))
        if MASK not in body and HIDDEN not in body:
            return body
        try:
            fields = json.loads(body)
        except ValueError:
            return body
        known = self._keys_at(prefix) | self._pairs.get(prefix, {})
        return json.dumps(without_masks(fields, known)) if isinstance(fields, dict) else body

    def _keys_at(self, prefix: str) -> dict[str, str]:
        return self._wallet_keys if prefix == "/pg" else self._keys

    def _keep(self, prefix: str, answer: Any) -> bool:
        said = whole(answer)
        pair = {name: str(said[name]) for name in TOKENS if name in said}
        if "accessToken" in pair or "token" in pair:
            self._pairs[prefix] = pair
        return prefix in self._pairs


def gateway_of(path: str) -> str:
    return next(prefix for prefix in TOKEN_CALLS if path.startswith(f"{prefix}/"))


def whole(answer: Any) -> dict[str, Any]:
    """Return the fields of an answer, those that the wallet wraps among them."""
    if not isinstance(answer, dict):
        return {}
    inner = answer.get("result")
    return answer | (inner if isinstance(inner, dict) else {})


def paying_form() -> Mapping[str, str]:
    """Return the fields of a payment page that pays."""
    from jibit_sandbox.bank.cards import PAYING_FORM  # few recordings have a payer

    return PAYING_FORM


def without_masks(fields: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    kept = {name: value for name, value in fields.items() if not is_masked(value)}
    filled = {name: known[name] for name in fields if name not in kept and name in known}
    return kept | filled


def is_masked(value: Any) -> bool:
    return isinstance(value, str) and (MASK in value or HIDDEN in value)
