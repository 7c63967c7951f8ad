"""Translate the sandbox's sentences with gettext; the English source text is the message's id.

The catalogue lies beside this module as ``.po`` and, ready for use, as ``.mo``.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, translation
from pathlib import Path

from flask import g

DOMAIN = "jibit_sandbox"
FOLDER = Path(__file__).parent


@cache
def persian() -> GNUTranslations:
    return translation(DOMAIN, FOLDER, ["fa"])


def translate(message: str, language: str) -> str:
    """Return the message in ``fa`` or ``en``; a message without a translation stays English."""
    return persian().gettext(message) if language == "fa" else message


def gettext(message: str) -> str:
    """Return the message in the language of the page."""
    return translate(message, g.language)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the singular or plural form in the language of the page."""
    if g.language == "fa":
        return persian().ngettext(singular, plural, count)
    return singular if count == 1 else plural


def gettext_noop(message: str) -> str:
    """Mark a message for the catalogue; it is translated where it is shown."""
    return message
