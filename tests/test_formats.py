"""Money, numbers and times read as a Persian or an English reader writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.core.formats import (
    digits,
    grouped,
    jalali,
    latin_digits,
    masked_mobile,
    persian_letters,
    rials,
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
