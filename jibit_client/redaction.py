"""Mask secrets and personal data before anything is logged or put into an exception.

Values are hidden by their names, in any spelling, and card and mobile numbers, IBANs, national
codes, bearer tokens and JWTs anywhere in a text. What is left is safe to store and to print: one
line, without control characters, marks of direction and lone surrogates.
"""

from __future__ import annotations

import re
from typing import Final

from .bounds import printable

HIDDEN: Final = "***"

_BEARER: Final = re.compile(r"(?i)\bbearer\s+[^\s\"',;]+")
_JWT_BEGINS: Final = re.compile(r"\beyJ")
_RUN: Final = re.compile(r"[\w.-]+")  # what a JWT consists of; one pattern for a JWT is quadratic

_PART: Final = r"[ .·/_\u2010-\u2015\u2212\u200c\ufffd-]"  # what people write between digits
# Not in the middle of a longer number or word; an escape such as %20 or \n is neither.
_BEGIN: Final = r"(?:(?<![0-9A-Za-z\d])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrt]))"
_END: Final = r"(?![0-9A-Za-z\d])"
# PPG v3 numbers purchases and refunds with as many digits as a card has; in a text its name tells
# an id from a card.
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


def redact_text(text: str) -> str:
    """Return ``text`` on one line, without what nobody but the gateway and its payer may read.

    That is: card and mobile numbers, IBANs and national codes, in any digits and spacing, tokens,
    and the values of secret fields. :func:`~jibit_client.bounds.printable` says what becomes of
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
