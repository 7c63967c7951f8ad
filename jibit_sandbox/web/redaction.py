"""Redaction of the log: tokens, keys, cards and national codes are masked before storage."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, quote_plus, unquote_plus, urlencode

from jibit_sandbox.bank.cards import is_card_number

# Names are compared in small letters without what separates words: apiKey, api_key, API-KEY.
SECRET = frozenset(
    (
        *("apikey", "secretkey", "accesstoken", "refreshtoken", "authorization", "token"),
        *("merchantcode", "password", "nationalcode", "cookie", "setcookie", "xapikey"),
        *("payercardnumber", "payercardnumbers", "cardnumber", "card", "pan", "cvv2"),
        "payernationalcode",
    )
)
SEPARATORS = re.compile(r"[^a-z0-9]")
NAME_IN_TEXT = (
    r"(?<![a-z])(?:(?:api|secret)[_-]?key|(?:access|refresh)?[_-]?token|authorization|password|cookie"
    r"|(?:merchant|national)[_-]?code|(?:payer[_-]?)?card(?:[_-]?number)?|pan|cvv2)"
)
SECRET_IN_TEXT = re.compile(
    rf"({NAME_IN_TEXT}\\*[\"']?\s*[:=]\s*)(?:(\\*[\"'])(?:.*?(?<!\\)(?=\2)|.*)|(?:bearer\s+|basic\s+)?[^\s\"'&,;}}\\]+)",
    re.IGNORECASE,
)
QUERY_FIELD = re.compile(r"(?<=[?&;])([^=&;#]+)=([^&;#]*)")
USER_IN_ADDRESS = re.compile(r"(?<=://)[^/?#@\s\"'<>\\]+@")
CARD_IN_TEXT = re.compile(r"(?<!\d)\d{4}(?:[ .\u200c\u2010-\u2015-]{0,3}\d{4}){3}(?!\d)")


def mask(secret: str) -> str:
    """Keep enough to recognise a secret, not enough to use it: ``eyJh…``."""
    return f"{secret[:4]}…" if len(secret) > 8 else "…"


def mask_card(number: str) -> str:
    """Return the documents' masked card: ``603799******1234``."""
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"


def masked_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {
        name: masked_authorization(value) if is_secret(name) else masked_addresses(value)
        for name, value in headers
    }


def masked_addresses(text: str) -> str:
    """Mask the passwords and query fields of the addresses in a text, as a header may hold one."""
    return masked_path(USER_IN_ADDRESS.sub("…@", text)) if "://" in text else text


def masked_authorization(value: str) -> str:
    scheme, space, token = value.partition(" ")
    return f"{scheme} {mask(token)}" if space and token else mask(value)


def masked_path(path: str) -> str:
    """Return the path or the URL with the fields of its query masked."""
    return QUERY_FIELD.sub(_masked_query_field, path)


def _masked_query_field(found: re.Match[str]) -> str:
    name, value = (unquote_plus(part) for part in found.groups())
    masked = masked_field(name, value)
    return found[0] if masked == value else f"{found[1]}={quote_plus(masked, safe='…*')}"


def masked_body(body: str, mimetype: str) -> str:
    """Return the body for storage: JSON and forms field by field, other text by pattern."""
    if mimetype == "application/x-www-form-urlencoded":
        pairs = parse_qsl(body, keep_blank_values=True)
        return urlencode([(name, masked_field(name, value)) for name, value in pairs], safe="…*")
    return masked_json(body)


def masked_json(text: str) -> str:
    """Return JSON masked field by field; text that is no JSON is masked by pattern."""
    try:
        return json.dumps(masked_value(json.loads(text)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return masked_text(text)


def masked_text(text: str) -> str:
    """Mask text that is not JSON: secrets by their names, and all card numbers."""
    named = SECRET_IN_TEXT.sub(lambda found: f"{found[1]}{found[2] or ''}…", text)
    return without_cards(USER_IN_ADDRESS.sub("…@", named))


def without_cards(text: str) -> str:
    """Mask card numbers in any digits, also in groups of four."""
    return CARD_IN_TEXT.sub(_masked_card, text)


def _masked_card(found: re.Match[str]) -> str:
    number = "".join(str(int(sign)) for sign in found[0] if sign.isdigit())
    return mask_card(number) if is_card_number(number) else found[0]


def masked_value(value: Any) -> Any:
    """Mask a value of decoded JSON; a text may hold JSON again, as ``additionalData`` does."""
    if isinstance(value, dict):
        return {name: masked_field(name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [masked_value(inner) for inner in value]
    return _masked_string(value) if isinstance(value, str) else value


def _masked_string(text: str) -> str:
    """Mask a string; JSON in it keeps its spelling unless something is masked."""
    try:
        inner = json.loads(text) if text[:1] in ("{", "[") else None
    except (ValueError, RecursionError):
        inner = None
    masked = masked_value(inner)
    return masked_text(text) if masked == inner else json.dumps(masked, ensure_ascii=False)


def masked_field(name: str, value: Any) -> Any:
    if not is_secret(name):
        return masked_value(value)
    if isinstance(value, (dict, list)):
        return "…"
    text = str(value) if type(value) is int else value
    return mask(text) if isinstance(text, str) and text else value


def is_secret(name: str) -> bool:
    return SEPARATORS.sub("", name.lower()) in SECRET
