"""Money, numbers and times read as a Persian or an English reader writes them."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.core.formats import (
    TEHRAN,
    digits,
    grouped,
    jalali,
    latin_digits,
    masked_mobile,
    moment,
    moment_seconds,
    persian_letters,
    rials,
    time_element,
    toman,
)

LANGUAGES = st.sampled_from(["fa", "en"])


@pytest.mark.parametrize(
    ("amount_rials", "persian", "english"),
    [
        (0, "۰ تومان", "0 Toman"),
        (5, "۵ ریال", "5 Rials"),
        (10, "۱ تومان", "1 Toman"),
        (1_234_500, "۱۲۳٬۴۵۰ تومان", "123,450 Toman"),
        (1_234_505, "۱۲۳٬۴۵۰ تومان و ۵ ریال", "123,450 Toman and 5 Rials"),
        (148_000_000, "۱۴٬۸۰۰٬۰۰۰ تومان", "14,800,000 Toman"),
        (-1_234_505, "−۱۲۳٬۴۵۰ تومان و ۵ ریال", "−123,450 Toman and 5 Rials"),
    ],
)
def test_rials_are_shown_as_toman(amount_rials: int, persian: str, english: str) -> None:
    assert toman(amount_rials, "fa") == persian
    assert toman(amount_rials, "en") == english


@given(amount_rials=st.integers(min_value=0, max_value=10**18), lang=LANGUAGES)
def test_no_rial_is_lost_between_the_amount_and_what_is_shown(amount_rials: int, lang: str) -> None:
    shown = latin_digits(toman(amount_rials, lang)).replace("٬", "").replace(",", "")
    numbers = [int(word) for word in shown.split() if word.isdigit()]
    in_toman = "Toman" in shown or "تومان" in shown
    whole, left_over = (numbers[0], sum(numbers[1:])) if in_toman else (0, numbers[0])
    assert whole * 10 + left_over == amount_rials


def test_rials_keep_every_digit() -> None:
    assert rials(1_234_500, "fa") == "۱٬۲۳۴٬۵۰۰ ریال"
    assert rials(1_234_500, "en") == "1,234,500 Rials"
    assert rials(-7, "en") == "−7 Rials"


@pytest.mark.parametrize(
    ("moment", "persian"),
    [
        (datetime(2026, 11, 21, 18, 15, tzinfo=UTC), "۳۰ آبان ۱۴۰۵، ۲۱:۴۵"),
        (datetime(2026, 3, 20, 20, 29, tzinfo=UTC), "۲۹ اسفند ۱۴۰۴، ۲۳:۵۹"),
        (datetime(2026, 3, 20, 20, 30, tzinfo=UTC), "۱ فروردین ۱۴۰۵، ۰۰:۰۰"),
        (datetime(2025, 3, 20, 20, 29, tzinfo=UTC), "۳۰ اسفند ۱۴۰۳، ۲۳:۵۹"),
    ],
)
def test_persian_readers_see_the_jalali_date_in_tehran(moment: datetime, persian: str) -> None:
    assert jalali(moment, "fa") == persian


def test_english_readers_see_the_gregorian_date_and_the_zone_by_name() -> None:
    assert jalali(datetime(2026, 11, 21, 22, 5, tzinfo=UTC), "en") == (
        "22 November 2026, 01:35 (Tehran time)"
    )


def test_tehran_has_no_summer_time_whatever_the_system_believes(tmp_path: Path) -> None:
    old = tmp_path / "Asia" / "Tehran"
    old.parent.mkdir()
    old.write_bytes(files("tzdata").joinpath("zoneinfo/Etc/GMT-5").read_bytes())
    show = (
        "from datetime import datetime, UTC; from zoneinfo import ZoneInfo;"
        "from storefront.core.formats import jalali;"
        "moment = datetime(2026, 7, 1, 20, 0, tzinfo=UTC);"
        "print(jalali(moment, 'en'), moment.astimezone(ZoneInfo('Asia/Tehran')).hour)"
    )
    environment = {**os.environ, "PYTHONTZPATH": str(tmp_path)}
    shown = subprocess.run(
        [sys.executable, "-c", show], env=environment, capture_output=True, text=True, check=True
    )
    assert shown.stdout.split() == [*["1", "July", "2026,", "23:30", "(Tehran", "time)"], "1"]


MONTHS = (
    *("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور"),
    *("مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
)
FIRST_DAY_OF_1300 = datetime(1921, 3, 21, 12, tzinfo=UTC)
# The leap years of 1300 to 1500 as ICU 78.2 counts: Node's Intl.DateTimeFormat("en-u-ca-persian").
LEAP_YEARS_BY_ICU = {
    *(1300, 1304, 1309, 1313, 1317, 1321, 1325, 1329, 1333, 1337, 1342, 1346, 1350, 1354, 1358),
    *(1362, 1366, 1370, 1375, 1379, 1383, 1387, 1391, 1395, 1399, 1403, 1408, 1412, 1416, 1420),
    *(1424, 1428, 1432, 1436, 1441, 1445, 1449, 1453, 1457, 1461, 1465, 1469, 1474, 1478, 1482),
    *(1486, 1490, 1494, 1498),
}


def test_two_hundred_years_are_as_icu_counts_them() -> None:
    day, wrong = FIRST_DAY_OF_1300, []
    for year in range(1300, 1501):
        lengths = [31] * 6 + [30] * 5 + [30 if year in LEAP_YEARS_BY_ICU else 29]
        for month, length in zip(MONTHS, lengths, strict=True):
            for number in (1, length):
                shown = jalali(day + timedelta(days=number - 1), "fa").partition("، ")[0]
                expected = digits(f"{number} {month} {year}", "fa")
                wrong += [f"{shown} instead of {expected}"] if shown != expected else []
            day += timedelta(days=length)
    assert wrong == []


def test_a_moment_is_also_told_to_machines() -> None:
    at = datetime(2026, 11, 21, 18, 15, 30, 123456, tzinfo=UTC).astimezone(TEHRAN)
    stamp = '<time datetime="2026-11-21T18:15:30+00:00">'
    assert moment(at, "fa") == f"{stamp}۳۰ آبان ۱۴۰۵، ۲۱:۴۵</time>"
    assert moment_seconds(at, "fa") == f"{stamp}۳۰ آبان ۱۴۰۵، ۲۱:۴۵:۳۰</time>"
    assert moment(at, "en") == f"{stamp}21 November 2026, 21:45 (Tehran time)</time>"
    with pytest.raises(ValueError, match="time zone"):
        time_element(at.replace(tzinfo=None), "then")


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_a_moment_without_a_zone_is_refused(lang: str) -> None:
    nowhere = datetime(2026, 11, 21, 18, 15, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        jalali(nowhere, lang)


@given(
    moment=st.datetimes(
        min_value=datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None),
        max_value=datetime(2100, 1, 1, tzinfo=UTC).replace(tzinfo=None),
        timezones=st.just(UTC),
    )
)
def test_a_day_later_is_another_date_at_the_same_hour(moment: datetime) -> None:
    before = jalali(moment, "fa").split("، ")
    after = jalali(moment + timedelta(days=1), "fa").split("، ")
    assert before[0] != after[0]


def test_numbers_are_grouped_in_the_readers_own_digits() -> None:
    assert grouped(1_234_567, "fa") == "۱٬۲۳۴٬۵۶۷"
    assert grouped(1_234_567, "en") == "1,234,567"
    assert digits("سفارش 12", "fa") == "سفارش ۱۲"
    assert digits(12, "en") == "12"


def test_a_masked_mobile_tells_too_little_to_call_it() -> None:
    assert masked_mobile("09121234567", "en") == "0912*****67"
    assert masked_mobile("09121234567", "fa") == "۰۹۱۲*****۶۷"


@given(st.text(alphabet="0123456789abc -", max_size=30))
def test_digits_come_back_as_they_were_typed(text: str) -> None:
    assert latin_digits(digits(text, "fa")) == text


def test_persian_and_arabic_input_becomes_one_spelling() -> None:
    assert latin_digits("۰۹١٢٣") == "09123"
    assert persian_letters("علي كاظمى") == "علی کاظمی"
    assert persian_letters("کتابِ من") == "کتابِ من", "vowel signs belong to the writer"
