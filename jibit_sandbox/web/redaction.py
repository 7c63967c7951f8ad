"""Redaction of the log: tokens, keys, cards and national codes are masked before storage."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from jibit_sandbox.bank.cards import is_card_number

SECRET = frozenset(
    (
        *("apikey", "secretkey", "accesstoken", "refreshtoken", "authorization", "token"),
        *("password", "payercardnumber", "nationalcode", "card", "cvv2", "cookie", "set-cookie"),
    )
)
SECRET_IN_TEXT = re.compile(r'("(?:' + "|".join(SECRET) + r')"\s*:\s*")[^"]*', re.IGNORECASE)
CARD_IN_TEXT = re.compile(r"(?<!\d)\d{16}(?!\d)")


def mask(secret: str) -> str:
    """Keep enough to recognise a secret, not enough to use it: ``eyJh…``."""
    return f"{secret[:4]}…" if len(secret) > 8 else "…"


def mask_card(number: str) -> str:
    """Return the documents' masked card: ``603799******1234``."""
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"


def masked_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {
        name: masked_authorization(value) if name.lower() in SECRET else value
        for name, value in headers
    }


def masked_authorization(value: str) -> str:
    scheme, space, token = value.partition(" ")
    return f"{scheme} {mask(token)}" if space and token else mask(value)


def masked_body(body: str, mimetype: str) -> str:
    """Return the body for storage: JSON and forms field by field, other text by pattern."""
    if mimetype == "application/x-www-form-urlencoded":
        pairs = parse_qsl(body, keep_blank_values=True)
        return urlencode([(name, masked_field(name, value)) for name, value in pairs], safe="…*")
    try:
        return json.dumps(masked_value(json.loads(body)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return masked_text(body)


def masked_text(text: str) -> str:
    """Mask text that is not JSON: secrets by their names, and all card numbers."""
    return without_cards(SECRET_IN_TEXT.sub(r"\1…", text))


def without_cards(text: str) -> str:
    return CARD_IN_TEXT.sub(
        lambda found: mask_card(found[0]) if is_card_number(found[0]) else found[0], text
    )


def masked_value(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: masked_field(name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [masked_value(inner) for inner in value]
    return without_cards(value) if isinstance(value, str) else value


def masked_field(name: str, value: Any) -> Any:
    if name.lower() not in SECRET:
        return masked_value(value)
    return mask(value) if isinstance(value, str) and value else value
