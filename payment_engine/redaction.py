"""Mask whatever comes from a gateway before it is written into a log, history, page or exception.

It hides values by the name they stand under, in any spelling, and card and mobile numbers, bearer
tokens and JWTs wherever they stand in a text. What is left is safe to store: no NUL and no lone
surrogate either, which a database would refuse.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

HIDDEN: Final = "***"
_DEEPEST: Final = 20  # no message of the gateways nests further; a deeper one is somebody's prank

# Names are compared in small letters without what separates words: apiKey, api_key, API-KEY.
_SECRET_ENDINGS: Final = tuple(
    {"token", "secret", "password", "cookie", "authorization"}
    | {"apikey", "secretkey", "nationalcode"}
)
_SHORT_SECRETS: Final = frozenset({"cvv", "cvv2", "otp", "pin"})  # "shipping" ends with one too
_MOBILES: Final = frozenset({"useridentity", "useridentifier", "mobile"})
_CARDS: Final = frozenset({"payercardnumber", "payercard", "cardnumber", "card", "pan"})
_SEPARATORS: Final = re.compile(r"[^a-z0-9]")

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_BEARER: Final = re.compile(r"(?i)\bbearer\s+[^\s\"',;]+")
_JWT_BEGINS: Final = re.compile(r"\beyJ")
_RUN: Final = re.compile(r"[\w.-]+")  # what a JWT consists of; one pattern for a JWT is quadratic
_CARD: Final = re.compile(r"(?<![0-9A-Za-z])\d{4}([ -]?)\d{4}\1\d{4}\1\d{4}(?![0-9A-Za-z])")
_MOBILE: Final = re.compile(r"(?<![0-9A-Za-z])(?:\+98|0)9\d{9}(?![0-9A-Za-z])")
# name=value, "name": "value", name: value, as in query strings, JSON text and header lines
_PAIR: Final = re.compile(
    r"(?i)(token|secret|password|cookie|authorization|api[_-]?key|secret[_-]?key"
    r"|national[_-]?code|card[_-]?number|(?<![a-z])(?:cvv2?|otp|pin))"
    r"(\\?[\"']?\s*[=:]\s*\\?[\"']?)((?:bearer\s+|basic\s+)?[^\s\"'&,;}\\]+)"
)


def redact(value: object, _depth: int = 0) -> object:
    """Return a copy of ``value`` (dicts, lists, texts, numbers, nested) that is safe to write down.

    Mappings become dicts with text keys, lists and tuples become lists; what is none of these
    is kept if it is a number, a boolean or None, and written as masked text otherwise.
    """
    if _depth > _DEEPEST:
        return HIDDEN
    if isinstance(value, Mapping):
        return {redact_text(str(k)): _redact_named(str(k), v, _depth) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact(each, _depth + 1) for each in value]
    if value is None or isinstance(value, bool):
        return value
    text = redact_text(str(value))
    return value if isinstance(value, (int, float)) and text == str(value) else text


def redact_text(text: str) -> str:
    """Return ``text`` without card and mobile numbers, tokens, or the values of secret fields."""
    text = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    text = _PAIR.sub(rf"\1\2{HIDDEN}", text)
    text = _BEARER.sub(f"Bearer {HIDDEN}", text)
    if "eyJ" in text:
        text = _RUN.sub(_without_jwt, text)
    text = _MOBILE.sub(lambda found: mask_mobile(found.group()), text)
    return _CARD.sub(lambda found: mask_card(found.group()), text)


def _without_jwt(run: re.Match[str]) -> str:
    text = run.group()
    begins = _JWT_BEGINS.search(text)
    if begins is None or "." not in text[begins.start() :]:
        return text
    return text[: begins.start()] + HIDDEN


def mask_card(card: str) -> str:
    """Return ``603799******1234``; a masked card stays, anything else is hidden whole."""
    digits = re.sub(r"[ -]", "", card)
    if "*" in digits and re.fullmatch(r"\d{0,6}\*+\d{0,4}", digits):
        return digits
    if re.fullmatch(r"\d{16,19}", digits):
        return f"{digits[:6]}******{digits[-4:]}"
    return HIDDEN


def mask_mobile(mobile: str) -> str:
    """Return ``0912***4567``; a masked number stays, anything else is hidden whole."""
    if re.fullmatch(r"\+?\d{4,5}\*{3}\d{4}", mobile):
        return mobile
    return f"{mobile[:-7]}***{mobile[-4:]}" if _MOBILE.fullmatch(mobile) else HIDDEN


def _redact_named(name: str, value: object, depth: int) -> object:
    spelling = _SEPARATORS.sub("", name.lower())
    if value is None or value == "":
        return value
    if spelling in _SHORT_SECRETS or spelling.endswith(_SECRET_ENDINGS):
        return HIDDEN
    if spelling in _CARDS and isinstance(value, (str, int)):
        return mask_card(str(value))
    if spelling in _MOBILES and isinstance(value, str):
        return mask_mobile(value)
    return redact(value, depth + 1)
