"""Numbers and times in Persian or Latin writing, by the language of the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

from flask import g
from markupsafe import Markup
from persiantools.jdatetime import JalaliDateTime

PERSIAN_DIGITS = str.maketrans("0123456789,", "۰۱۲۳۴۵۶۷۸۹٬")
TEHRAN = timezone(timedelta(hours=3, minutes=30))  # Iran ended summer time in September 2022


def indented(body: str) -> str:
    """Return JSON with line breaks; any other text as it is."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body


def with_facts(message: str, facts: Mapping[str, str]) -> Markup:
    """Return the message with its facts, each kept apart from the writing direction around it."""
    return Markup(message) % {  # noqa: S704 - our own sentence; what is put into it is escaped
        name: Markup('<bdi class="code">{}</bdi>').format(fact) for name, fact in facts.items()
    }


def digits(text: object) -> str:
    """Return the text, with Persian digits on a Persian page."""
    return str(text).translate(PERSIAN_DIGITS) if g.language == "fa" else str(text)


def number(value: int) -> str:
    """Return ``1,234,000``, or ``۱٬۲۳۴٬۰۰۰``."""
    return digits(f"{value:,}")


def toman(amount_rials: int) -> str:
    """Return Rials as Toman, with a single Rial as a tenth."""
    whole, tenth = divmod(amount_rials, 10)
    return number(whole) + digits(f".{tenth}" if tenth else "")


def in_tehran(at: datetime) -> datetime:
    """Return the moment in Tehran time; at the ends of the calendar, where it has none, in UTC."""
    try:
        return at.astimezone(TEHRAN)
    except OverflowError:
        return at


def hour(at: datetime) -> str:
    """Return the time of day in Tehran."""
    return digits(in_tehran(at).strftime("%H:%M:%S"))


def moment(at: datetime) -> str:
    """Return date and time in Tehran, on a Persian page in the Jalali calendar."""
    local = in_tehran(at)
    if g.language == "en":
        return local.strftime("%Y-%m-%d %H:%M:%S")
    try:
        jalali = JalaliDateTime(local)  # type: ignore[no-untyped-call] # untyped library
    except ValueError:  # a world's clock can show a year that the calendar does not have
        return digits(local.strftime("%Y-%m-%d %H:%M:%S"))
    return digits(jalali.strftime("%Y/%m/%d %H:%M:%S"))


def utc(at: datetime) -> str:
    """Return date and time in UTC, as logs have them."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def stamp(at: datetime) -> str:
    """Return the moment for machines, as the attribute ``datetime`` of HTML's ``time``."""
    return at.astimezone(UTC).isoformat(timespec="seconds")
