"""Read a day as merchants write it: `1405/9/9` of the Jalali calendar, or `2026-11-30`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from persiantools.jdatetime import JalaliDate

from storefront.core.formats import TEHRAN
from storefront.core.typed import ascii_digits

LAST_YEAR = 2200
FIRST_GREGORIAN_YEAR = 1700  # no shop has days of the Jalali year 1700, or of 1699
_DAY = re.compile(r"([0-9]{4})[-/. ]([0-9]{1,2})[-/. ]([0-9]{1,2})")


def day_in(text: str) -> date | None:
    """Return the day that a text names, in either calendar; None if it names none."""
    found = _DAY.fullmatch(ascii_digits(text))
    if not found:
        return None
    year, month, day = map(int, found.groups())
    if year > LAST_YEAR:
        return None
    try:
        if year >= FIRST_GREGORIAN_YEAR:
            return date(year, month, day)
        return JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]
    except ValueError:
        return None


def begin_of(day: date) -> datetime:
    """Return when a day begins in Tehran, in UTC."""
    return datetime.combine(day, time(), TEHRAN).astimezone(UTC)


def end_of(day: date) -> datetime:
    """Return when the next one begins."""
    return begin_of(day + timedelta(days=1))


def today(now: datetime) -> date:
    """Return which day it is in Tehran."""
    return now.astimezone(TEHRAN).date()


def written(day: date, language: str) -> str:
    """Return a day as :func:`day_in` reads it, in the calendar of the language."""
    if language != "fa":
        return day.isoformat()
    jalali = JalaliDate.to_jalali(day)  # type: ignore[no-untyped-call]
    return f"{jalali.year}/{jalali.month:02}/{jalali.day:02}"
