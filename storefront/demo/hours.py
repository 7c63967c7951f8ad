"""Spread orders over days and hours, as people shop in Iran: at noon, late in the evening."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from storefront.core.formats import TEHRAN

HOURS = (5, 3, 2, 1, 1, 1, 2, 4, 8, 12, 15, 16, 15, 12, 10, 10, 11, 13, 15, 18, 21, 23, 19, 11)
WEEKDAYS = (10, 11, 10, 9, 7, 12, 12)  # from Monday on; Friday is the day of rest
DAY = timedelta(days=1)


def moments(rng: Random, until: datetime, days: int, count: int) -> Iterator[datetime]:
    """Yield so many moments of the last days up to ``until``, the oldest first."""
    last = until.astimezone(TEHRAN)
    dates = [last.date() - DAY * (days - 1 - place) for place in range(days)]
    shares = [WEEKDAYS[day.weekday()] * (_passed(last) if day == dates[-1] else 1) for day in dates]
    given, sum_of_shares, total = 0, 0.0, sum(shares)
    for day, share in zip(dates, shares, strict=True):
        sum_of_shares += share
        up_to = count if day == dates[-1] else round(count * sum_of_shares / total)
        yield from sorted(_moment(rng, day, until) for _ in range(up_to - given))
        given = up_to


def _passed(now: datetime) -> float:
    return sum(HOURS[: now.hour + 1]) / sum(HOURS)


def _moment(rng: Random, day: date, until: datetime) -> datetime:
    (hour,) = rng.choices(range(24), HOURS)
    second = rng.randrange(3600)
    there = datetime.combine(day, time(hour), TEHRAN) + timedelta(seconds=second)
    moment = there.astimezone(UTC)
    return moment if moment <= until else until - timedelta(seconds=second)
