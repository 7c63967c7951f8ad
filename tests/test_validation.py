"""What can be a national code, a mobile and a postal code in Iran."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.core.validation import is_mobile, is_national_code, is_postal_code
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


@given(st.text("0123456789", min_size=9, max_size=9).filter(lambda nine: len(set(nine)) > 1))
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


def test_nine_and_ten_digits_are_a_mobile_and_nothing_else_is() -> None:
    assert is_mobile("09121234567")
    for text in ("", "9121234567", "0912123456", "091212345678", "02112345678", "۰۹۱۲۱۲۳۴۵۶۷"):
        with naming(text):
            assert not is_mobile(text)


@pytest.mark.parametrize("code", ["", "119365347", "11936534711", "0193653471", "1111111111"])
def test_what_the_post_never_issued_is_not_a_postal_code(code: str) -> None:
    assert not is_postal_code(code)
