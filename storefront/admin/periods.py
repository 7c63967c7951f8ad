"""Read which days a merchant asks about: two days as written, or one of the usual periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _
from persiantools.jdatetime import JalaliDate

from storefront.admin import days
from storefront.admin.sales_words import PRESETS
from storefront.admin.words import shown_number
from storefront.orders.sales import Period

LONGEST_DAYS = 366
DAY = timedelta(days=1)
DEFAULT = "month"


@dataclass(frozen=True, slots=True)
class Days:
    """Some days in Tehran, the last one included."""

    first: date
    last: date

    @property
    def period(self) -> Period:
        """Return them as a span of time."""
        return Period(days.begin_of(self.first), days.end_of(self.last))

    def each(self) -> list[date]:
        """Return every day of them."""
        return [self.first + n * DAY for n in range((self.last - self.first).days + 1)]


def of_preset(name: str, today: date) -> Days:
    """Return the days of a usual period; months are those of the Jalali calendar."""
    if name == "today":
        return Days(today, today)
    if name == "week":
        return Days(today - DAY * ((today.weekday() + 2) % 7), today)  # it begins on Saturday
    first = _first_of_month(today)
    if name == "last_month":
        return Days(_first_of_month(first - DAY), first - DAY)
    return Days(first, today)


def _first_of_month(day: date) -> date:
    jalali = JalaliDate.to_jalali(day)  # type: ignore[no-untyped-call]  # published without types
    first: date = jalali.replace(day=1).to_gregorian()
    return first


def asked_days(asked: Mapping[str, str], today: date) -> tuple[Days, dict[str, str]]:
    """Return the days that are asked about, and by field what cannot be understood.

    One day alone is a period of one day; what is wrong leaves the period of :data:`DEFAULT`.
    """
    first, last = asked.get("since", "").strip(), asked.get("until", "").strip()
    if not first and not last:
        preset = asked.get("period", DEFAULT)
        return of_preset(preset if preset in PRESETS else DEFAULT, today), {}
    since, until = days.day_in(first or last), days.day_in(last or first)
    if since and until:
        return _checked(Days(since, until), today)
    sentence = _("Write a day as 1405/09/09 or 2026-11-30.")
    named = {"since": (first, since), "until": (last, until)}
    wrong = {name: sentence for name, (text, day) in named.items() if text and day is None}
    return of_preset(DEFAULT, today), wrong


def _checked(found: Days, today: date) -> tuple[Days, dict[str, str]]:
    if found.last < found.first:
        wrong = _("The last day is before the first one.")
    elif len(found.each()) > LONGEST_DAYS:
        wrong = _("Choose %(most)s days at most.", most=shown_number(LONGEST_DAYS))
    else:
        return found, {}
    return of_preset(DEFAULT, today), {"until": wrong}
