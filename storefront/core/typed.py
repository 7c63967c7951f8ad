"""Bring what people type or paste to plain form; every form, command and file does so first.

Telephones, chat programs and spreadsheets add marks that nobody sees: a mobile number copied from
the contacts of iOS stands between U+202A and U+202C. `storefront/core/validation.py` checks what
these functions return.
"""

from __future__ import annotations

import re
from unicodedata import category, decimal

import idna

_ZWNJ = "\u200c"  # parts the letters of a Persian word; of the invisible ones it alone is typed
_STRAY = re.compile(rf"(?:^|\s){_ZWNJ}|{_ZWNJ}(?:{_ZWNJ}|\s|$)")  # parts no two letters
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})  # control, marks of direction and formats, half letters
# Letters and marks by their category that look like nothing all the same: fillers, a Braille blank,
# and the selectors of another look of the character before them.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]")

_REMEMBERED = 0x3000  # the characters below, of most scripts: strangers must not fill the memory


class _Seen(dict[int, str | None]):
    """Each character as it is, spaces and line breaks as a space, the unseen ones as nothing."""

    def __missing__(self, code: int) -> str | None:
        sign = chr(code)
        is_unseen = category(sign) in _UNSEEN or _BLANK.match(sign)
        kept = None if is_unseen and sign != _ZWNJ else sign
        plain = " " if sign.isspace() else kept
        if code < _REMEMBERED:
            self[code] = plain
        return plain


_SEEN = _Seen()
_DASHES = re.compile("[\u0640\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_ARABIC_SIGNS = {"\u066b": ".", "\u066c": ",", "\u060c": ","}  # point, thousands, comma
_PLAIN_SIGNS: dict[int, int | str] = {
    **_FULL_WIDTH,
    **{ord(sign): plain for sign, plain in _ARABIC_SIGNS.items()},
}
_BETWEEN_DIGITS = re.compile(r"[\s\-._()/#]+")
_TEL = re.compile(r"^tel:", re.IGNORECASE)
_MAILTO = re.compile(r"^mailto:", re.IGNORECASE)
_ORDER_NUMBER = re.compile(r"(?<![0-9])[0-9]{10}(?![0-9])")
_MOBILE = re.compile(r"(?:(?:\+|00)?98)?0?(9[0-9]{9})")


def one_line(text: str) -> str:
    """Return what was typed as one line of visible words, with one space between two.

    A letter speaks with the shop's voice: no line break, mark of direction or invisible letter of a
    stranger gets that far.
    """
    if not text.replace(_ZWNJ, "").isprintable() or _BLANK.search(text):
        text = text.translate(_SEEN)
    if _ZWNJ not in text or not _STRAY.search(text):
        return " ".join(text.split())
    words = (re.sub(f"{_ZWNJ}+", _ZWNJ, word).strip(_ZWNJ) for word in text.split())
    return " ".join(filter(None, words))


def is_blank(text: str) -> bool:
    """Return whether a person would see nothing of a text."""
    begins_visibly = text[:1].isalnum() and not _BLANK.match(text)
    return not begins_visibly and not one_line(text)


def several_lines(text: str) -> str:
    """Return the lines of what was typed, each as :func:`one_line`; no two empty ones in a row."""
    lines = text.splitlines()
    if len(lines) <= 1:
        return one_line(text)
    return re.sub("\n{3,}", "\n\n", "\n".join(map(one_line, lines))).strip()


def ascii_digits(text: str) -> str:
    """Return one line with the digits of every script, full-width signs and dashes as ASCII.

    Nothing is left out that can be seen: ``-3`` and ``1.5`` stay what they are.
    """
    line = one_line(text).replace(_ZWNJ, "")
    if line.isascii():
        return line
    plain = _DASHES.sub("-", line).translate(_PLAIN_SIGNS)
    return "".join(str(decimal(sign, sign)) for sign in plain)


def plain_code(text: str) -> str:
    """Return a code of digits without the signs that people put between them.

    For postal codes, national codes, order numbers: what is no digit and no such sign stays.
    """
    return _BETWEEN_DIGITS.sub("", ascii_digits(text))


def plain_order_number(text: str) -> str:
    """Return the ten digits of an order number, also out of a sentence that was pasted with it.

    Where there is no such number, or more than one, the text is returned as :func:`plain_code`.
    """
    code = plain_code(text)
    within = set(_ORDER_NUMBER.findall(ascii_digits(text)))
    return within.pop() if len(within) == 1 else code


def plain_mobile(text: str) -> str:
    """Return a mobile number as ``09`` and nine digits, however its country code was written.

    What is no mobile number is returned as :func:`plain_code`.
    """
    code = plain_code(_TEL.sub("", ascii_digits(text)))
    found = _MOBILE.fullmatch(code)
    return f"0{found[1]}" if found else code


def plain_email(text: str) -> str:
    """Return an e-mail address with ASCII digits and with its domain as mail servers know it.

    An internationalised domain becomes ``xn--...``; nothing else that can be seen is changed.
    """
    name, at, domain = _MAILTO.sub("", ascii_digits(text)).rpartition("@")
    return f"{name}{at}{_ascii_domain(domain)}"


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return domain  # the check says that it cannot be right
