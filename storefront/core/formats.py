"""Format money, numbers and times for Persian and English readers.

Babel prints Latin digits and Gregorian dates for ``fa``, so these are ours. Pure functions, most of
them template filters; ``lang`` is ``"fa"`` or ``"en"``. Money is integer Rials, moments are UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from markupsafe import Markup
from persiantools.digits import ar_to_fa, en_to_fa, fa_to_en
from persiantools.jdatetime import JalaliDateTime


def _tehran() -> ZoneInfo:
    """Read the zone from the pinned tzdata: the system's file may still know summer time."""
    with files("tzdata").joinpath("zoneinfo/Asia/Tehran").open("rb") as file:
        return ZoneInfo.from_file(file, key="Asia/Tehran")


TEHRAN = _tehran()
RIALS_IN_A_TOMAN = 10

_UNITS = {"fa": ("تومان", "ریال", "و"), "en": ("Toman", "Rials", "and")}
# persiantools' own letter mapping also drops vowel signs, which belong to the writer.
_ARABIC_LETTERS, _ARABIC = str.maketrans("يىك", "ییک"), re.compile("[يىك]")


def digits(text: object, lang: str) -> str:
    """``text`` with Persian digits where the language is Persian, unchanged otherwise."""
    written = str(text)
    return en_to_fa(written) if lang == "fa" else written


def grouped(number: int, lang: str) -> str:
    """Return a whole number in groups of three: ``۱۲۳٬۴۵۰`` or ``123,450``."""
    written = f"{number:,}"
    return digits(written.replace(",", "٬"), lang) if lang == "fa" else written


def toman(amount_rials: int, lang: str) -> str:
    """Rials as Toman; what is left over stays in sight: ``123,450 Toman and 5 Rials``."""
    if amount_rials < 0:
        return "−" + toman(-amount_rials, lang)
    unit, _, joiner = _UNITS[lang]
    whole, left_over = divmod(amount_rials, RIALS_IN_A_TOMAN)
    if not left_over:
        return f"{grouped(whole, lang)} {unit}"
    if not whole:
        return rials(left_over, lang)
    return f"{grouped(whole, lang)} {unit} {joiner} {rials(left_over, lang)}"


def rials(amount_rials: int, lang: str) -> str:
    """Rials as they are: ``۱٬۲۳۴٬۵۰۰ ریال`` or ``1,234,500 Rials``."""
    if amount_rials < 0:
        return "−" + rials(-amount_rials, lang)
    return f"{grouped(amount_rials, lang)} {_UNITS[lang][1]}"


def jalali(moment_utc: datetime, lang: str) -> str:
    """A moment in Tehran: ``۳۰ آبان ۱۴۰۵، ۲۱:۴۵`` or ``21 November 2026, 21:45 (Tehran time)``.

    Raises:
        ValueError: ``moment_utc`` has no time zone.
    """
    if moment_utc.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown")
    there = moment_utc.astimezone(TEHRAN)
    if lang != "fa":
        return f"{format_datetime(there, 'd MMMM y, HH:mm', locale='en')} (Tehran time)"
    here = JalaliDateTime.to_jalali(there)  # type: ignore[no-untyped-call]  # published without types
    return f"{digits(here.day, lang)} {here.strftime('%B %Y، %H:%M', locale='fa')}"


def time_of_day(moment_utc: datetime, lang: str) -> str:
    """Return the time in Tehran alone, for what happens within the hour: ``۲۱:۴۵``."""
    return digits(f"{moment_utc.astimezone(TEHRAN):%H:%M}", lang)


def jalali_seconds(moment_utc: datetime, lang: str) -> str:
    """Return the same to the second, for an order's history."""
    seconds = digits(f"{moment_utc:%S}", lang)
    day_and_time, _, zone = jalali(moment_utc, lang).partition(" (")
    return f"{day_and_time}:{seconds}" + (f" ({zone}" if zone else "")


def time_element(moment_utc: datetime, shown: str) -> Markup:
    """Return a moment for people and for machines: ``<time datetime="2026-11-21T18:15:00+00:00">``.

    Seconds are enough: HTML takes no microseconds.

    Raises:
        ValueError: ``moment_utc`` has no time zone.
    """
    if moment_utc.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown")
    stamp = moment_utc.astimezone(UTC).isoformat(timespec="seconds")
    return Markup('<time datetime="{}">{}</time>').format(stamp, shown)


def moment(moment_utc: datetime, lang: str) -> Markup:
    """Return a moment as a page shows it, to the minute."""
    return time_element(moment_utc, jalali(moment_utc, lang))


def moment_seconds(moment_utc: datetime, lang: str) -> Markup:
    """Return the same to the second."""
    return time_element(moment_utc, jalali_seconds(moment_utc, lang))


def both_calendars(moment_utc: datetime, lang: str) -> Markup:
    """Return a day in Tehran by the reader's calendar, and in brackets by the other one.

    ``۳۰ آبان ۱۴۰۵ (۲۱ نوامبر ۲۰۲۶)`` or ``21 November 2026 (30 Aban 1405)``.
    """
    there = moment_utc.astimezone(TEHRAN)
    here = JalaliDateTime.to_jalali(there)  # type: ignore[no-untyped-call]  # published without types
    iranian = f"{here.day} {here.strftime('%B %Y', locale=lang)}"
    gregorian = format_date(there, "d MMMM y", locale=lang)
    own, other = (iranian, gregorian) if lang == "fa" else (gregorian, iranian)
    return time_element(moment_utc, digits(f"{own} ({other})", lang))


def how_long(span: timedelta, lang: str) -> str:
    """Return a length of time in its largest unit: ``۳ ساعت`` or ``3 hours``."""
    return digits(format_timedelta(span, locale=lang), lang)


def masked_mobile(mobile: str, lang: str) -> str:
    """The first four and last two digits of a mobile: enough to recognise, too little to use."""
    return digits(f"{mobile[:4]}*****{mobile[-2:]}", lang)


def latin_digits(text: str) -> str:
    """Persian and Arabic digits as ASCII, for what shoppers type."""
    return fa_to_en(ar_to_fa(text))


def persian_letters(text: str) -> str:
    """Arabic yeh and kaf as Persian ones, so that the same name is the same text."""
    return text.translate(_ARABIC_LETTERS) if _ARABIC.search(text) else text
