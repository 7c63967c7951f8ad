"""What can be a national code, a mobile and a postal code in Iran."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.core.validation import (
    is_mobile,
    is_national_code,
    is_postal_code,
    plain_mobile,
    plain_number,
)
from testkit.cases import naming


def test_a_code_with_the_right_check_digit_is_a_national_code() -> None:
    for code in ("0499370899", "0790419904", "0084575948", "0963695398"):
        with naming(code):
            assert is_national_code(code)


def test_anything_else_is_not_a_national_code() -> None:
    for code in (
        "",
        "0499370898",
        "499370899",
        "04993708990",
        "1111111111",
        "049937089x",
        "۰۴۹۹۳۷۰۸۹۹",
    ):
        with naming(code):
            assert not is_national_code(code)


@given(st.from_regex(r"[0-9]{9}", fullmatch=True).filter(lambda nine: len(set(nine)) > 1))
def test_exactly_one_check_digit_fits_nine_digits(nine: str) -> None:
    assert [is_national_code(f"{nine}{last}") for last in range(10)].count(True) == 1


@given(
    code=st.sampled_from(["0499370899", "0790419904", "0963695398"]),
    place=st.integers(min_value=0, max_value=9),
    step=st.integers(min_value=1, max_value=9),
)
def test_one_mistyped_digit_is_noticed(code: str, place: int, step: int) -> None:
    mistyped = code[:place] + str((int(code[place]) + step) % 10) + code[place + 1 :]
    assert not is_national_code(mistyped)


def test_a_mobile_is_understood_however_it_is_typed() -> None:
    for typed in (
        "09121234567",
        "۰۹۱۲۱۲۳۴۵۶۷",
        "٠٩١٢١٢٣٤٥٦٧",
        "0912 123 4567",
        "0912-123-4567",
        "+98 912 123 4567",
        "00989121234567",
        "989121234567",
        "\u200e0912\u200c1234567",
    ):
        with naming(typed):
            assert plain_mobile(typed) == "09121234567"
            assert is_mobile(plain_mobile(typed))


@pytest.mark.parametrize(
    "typed", ["", "9121234567", "0912123456", "091212345678", "02112345678", "0912123456a"]
)
def test_what_cannot_be_called_is_not_a_mobile(typed: str) -> None:
    assert not is_mobile(plain_mobile(typed))


@pytest.mark.parametrize("typed", ["1193653471", "۱۱۹۳۶-۵۳۴۷۱", " 11936 53471 "])
def test_a_postal_code_is_understood_however_it_is_typed(typed: str) -> None:
    assert is_postal_code(plain_number(typed))


@pytest.mark.parametrize("typed", ["", "119365347", "11936534711", "0193653471", "1111111111"])
def test_what_the_post_never_issued_is_not_a_postal_code(typed: str) -> None:
    assert not is_postal_code(plain_number(typed))
