"""Mask whatever comes from a gateway before it is written into a log, history, page or exception.

It hides values by the name they stand under, in any spelling, and card and mobile numbers, IBANs,
national codes, bearer tokens and JWTs wherever they stand in a text. What is left is safe to store
and to print: one line, without control characters, marks of direction and lone surrogates.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from payment_engine.bounds import LONGEST_TEXT, printable

HIDDEN: Final = "***"
_DEEPEST: Final = 20  # no message of the gateways nests further; a deeper one is somebody's prank

# Names are compared in small letters without what separates words: apiKey, api_key, API-KEY.
_SECRET_ENDINGS: Final = tuple(
    {"token", "secret", "password", "cookie", "authorization"}
    | {"apikey", "secretkey", "merchantcode", "nationalcode"}
    | {"cardowner", "hashedcardnumber", "iban", "destinationfirstname", "destinationlastname"}
)
_SHORT_SECRETS: Final = frozenset({"cvv", "cvv2", "otp", "pin"})  # "shipping" ends with one too
_MOBILES: Final = frozenset(
    {"useridentity", "useridentifier", "mobile", "mobilenumber", "payermobilenumber"}
)
_CARDS: Final = frozenset(
    {"payercardnumber", "payercardnumbers", "payercard", "cardnumber", "cardnumbers", "card"}
    | {"pspmaskedcardnumber", "payermaskedcardnumber", "pan"}
)
_IDS: Final = tuple(
    kind + end
    for kind in ("batch", "payment", "purchase", "refund", "settlement", "transfer")
    for end in ("id", "idstr")
)
_ID_NUMBER: Final = re.compile("[0-9]{1,19}")
_SEPARATORS: Final = re.compile(r"[^a-z0-9]")

_BEARER: Final = re.compile(r"(?i)\bbearer\s+[^\s\"',;]+")
_JWT_BEGINS: Final = re.compile(r"\beyJ")
_RUN: Final = re.compile(r"[\w.-]+")  # what a JWT consists of; one pattern for a JWT is quadratic

_PART: Final = r"[ .·/_\u2010-\u2015\u2212\u200c\ufffd-]"  # what people write between digits
# Not in the middle of a longer number or word; an escape such as %20 or \n is neither.
_BEGIN: Final = r"(?:(?<![0-9A-Za-z\d])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrt]))"
_END: Final = r"(?![0-9A-Za-z\d])"
# Some gateways number payments and refunds with as many digits as a card has; in a text the name
# before it tells an id from a card.
_ID: Final = (
    r"(?i:(?:batch|payment|purchase|refund|settlement|transfer)[ _-]?id(?:[_-]?str)?"
    r"(?:[\s\"'\\=:]|%2[027]|%3[AD]){1,8}|/(?:purchases|refunds)/)[0-9]{16,19}"
)
_ID_OR_CARD: Final = re.compile(
    rf"(?P<id>{_ID}{_END})"
    rf"|{_BEGIN}\d{{4}}(?:{_PART}{{0,3}}\d{{4}}){{3}}(?:{_PART}?\d{{3}}|\d{{1,2}})?{_END}"
)
_IBAN: Final = re.compile(rf"(?i){_BEGIN}IR(?:{_PART}?\d){{24}}{_END}")
_MOBILE: Final = re.compile(
    rf"{_BEGIN}(?:(?:\+|%2B|[0۰٠]{{2}})?[9۹٩][8۸٨]|[0۰٠]){_PART}?[9۹٩](?:{_PART}?\d){{9}}{_END}"
)
_NATIONAL: Final = re.compile(rf"{_BEGIN}\d{{3}}{_PART}?\d{{6}}{_PART}?\d{_END}")
_NAMED_NATIONAL: Final = re.compile(
    r"(?i)((?:national|melli)[ _-]?(?:code|id|number)|(?:کد|شماره)[ \u200c]?ملی)"
    r"(\D{1,12})(\d{8,10})(?!\d)"
)
# name=value, "name": "value", name: value, as in query strings, JSON text and header lines
_NAME: Final = (
    r"(?i)(token|secret|password|cookie|authorization|api[_-]?key|secret[_-]?key"
    r"|merchant[_-]?code|national[_-]?code|card[_-]?(?:numbers?|owner)|iban"
    r"|destination[_-]?(?:first|last)[_-]?name|(?<![a-z])(?:cvv2?|otp|pin))"
)
_PAIR: Final = re.compile(
    _NAME + r"(\\*[\"']?\s*[=:]\s*)(?:"
    r"(?P<quote>\\*[\"'])(?:.*?(?<!\\)(?=(?P=quote))|.*)"  # to the quote of the same depth
    r"|\[[^\]]*|(?:bearer\s+|basic\s+)?[^\s\"'&,;}\\]+)"
)
_ENCODED_PAIR: Final = re.compile(
    _NAME + r"((?:%22|%27)?(?:%3A|%3D)(?:%20|\+)*(?:%22|%27)?)(?:(?!%2[267C]|%7D)[^\s\"'&])+"
)


def redact(value: object, _depth: int = 0) -> object:
    """Return a copy of ``value`` (dicts, lists, texts, numbers, nested) that is safe to write down.

    Mappings become dicts with text keys, lists and tuples become lists; what is none of these
    is kept if it is a number, a boolean or None, and written as masked text otherwise. JSON inside
    a text is masked field by field, too.
    """
    if _depth > _DEEPEST:
        return HIDDEN
    if isinstance(value, Mapping):
        return {redact_text(str(k)): _redact_named(str(k), v, _depth) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact(each, _depth + 1) for each in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value[:1] in ("{", "["):
        return _redact_json(value, _depth)
    text = redact_text(str(value))
    return value if isinstance(value, (int, float)) and text == str(value) else text


def _redact_json(text: str, depth: int) -> str:
    """Mask a text that holds JSON, such as ``additionalData``; one that does not is just text."""
    try:
        inner = json.loads(text[:LONGEST_TEXT])
    except (ValueError, RecursionError):
        return redact_text(text)
    masked = redact(inner, depth + 1)
    return redact_text(text if masked == inner else json.dumps(masked, ensure_ascii=False))


def redact_text(text: str) -> str:
    """Return ``text`` on one line, without what nobody but the gateway and its payer may read.

    That is: card and mobile numbers, IBANs and national codes, in any digits and spacing, tokens,
    and the values of secret fields. :func:`~payment_engine.bounds.printable` says what becomes of
    line breaks and control characters. A number after the name of a gateway's id is left, and so
    are ten digits in a text without blanks: they may be part of an identifier.
    """
    text = printable(text)
    text = _PAIR.sub(lambda found: f"{found[1]}{found[2]}{found['quote'] or ''}{HIDDEN}", text)
    if "%3" in text:
        text = _ENCODED_PAIR.sub(rf"\1\2{HIDDEN}", text)
    text = _BEARER.sub(f"Bearer {HIDDEN}", text)
    if "eyJ" in text:
        text = _RUN.sub(_without_jwt, text)
    text = _IBAN.sub(f"IR{HIDDEN}", text)
    text = _ID_OR_CARD.sub(lambda found: found["id"] or mask_card(found.group()), text)
    text = _MOBILE.sub(lambda found: mask_mobile(found.group()), text)
    text = _NAMED_NATIONAL.sub(rf"\1\2{HIDDEN}", text)
    return _NATIONAL.sub(_without_national_code, text) if " " in text else text


def redact_id(identifier: str) -> str:
    """Return a gateway's id: a number as it is, though it may look like a card, a text masked."""
    return identifier if _ID_NUMBER.fullmatch(identifier) else redact_text(identifier)


def _without_jwt(run: re.Match[str]) -> str:
    text = run.group()
    begins = _JWT_BEGINS.search(text)
    if begins is None or "." not in text[begins.start() :]:
        return text
    return text[: begins.start()] + HIDDEN


def _without_national_code(found: re.Match[str]) -> str:
    """Return the ten digits masked if the last one is the check digit of the other nine."""
    *counted, check = (int(letter) for letter in found.group() if letter.isdigit())
    remainder = sum(digit * (10 - place) for place, digit in enumerate(counted)) % 11
    return HIDDEN if check == (remainder if remainder < 2 else 11 - remainder) else found.group()


def mask_card(card: str) -> str:
    """Return ``603799******1234``; a masked card stays, anything else is hidden whole."""
    digits = re.sub(_PART, "", card)
    if "*" in digits and re.fullmatch(r"\d{0,6}\*+\d{0,4}", digits):
        return digits
    if re.fullmatch(r"\d{16,19}", digits):
        return f"{digits[:6]}******{digits[-4:]}"
    return HIDDEN


def mask_mobile(mobile: str) -> str:
    """Return ``0912***4567``; one that is masked already stays, anything else is hidden whole."""
    if re.fullmatch(r"\+?\d{4,7}\*{3}\d{4}", mobile):
        return mobile
    if not _MOBILE.fullmatch(mobile):
        return HIDDEN
    digits = re.sub(_PART, "", mobile)
    return f"{digits[:-7]}***{digits[-4:]}"


def _redact_named(name: str, value: object, depth: int) -> object:
    spelling = _SEPARATORS.sub("", name.lower())
    if value is None or value == "":
        return value
    if spelling in _SHORT_SECRETS or spelling.endswith(_SECRET_ENDINGS):
        return HIDDEN
    if spelling in _CARDS and isinstance(value, (str, int)):
        return mask_card(str(value))
    if spelling in _CARDS and isinstance(value, (list, tuple)):
        plain = (str, int)
        return [mask_card(str(c)) if isinstance(c, plain) else redact(c, depth + 1) for c in value]
    if spelling in _MOBILES and isinstance(value, (str, int)):
        return mask_mobile(str(value))
    if spelling.endswith(_IDS) and isinstance(value, (str, int)):
        return value if _ID_NUMBER.fullmatch(str(value)) else redact(value, depth + 1)
    return redact(value, depth + 1)
