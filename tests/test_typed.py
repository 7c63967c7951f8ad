"""What people type and paste is understood, and nothing of it is turned into something else."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from jibit_sandbox.bank.cards import is_card_number, plain
from storefront.core.typed import (
    ascii_digits,
    is_blank,
    one_line,
    plain_code,
    plain_email,
    plain_mobile,
    plain_order_number,
    several_lines,
)
from storefront.core.validation import is_mobile
from testkit.cases import naming
from tests.client.secret_texts import HARMFUL

TRIES = 10_000
DIGITS = ["0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９"]
MARKS = "\u202a\u202c\u200e\u200f\u2066\u2069\u00ad\u200b\ufeff\u2060"
SPACES = " \u00a0\u2007\u2009\u202f\u3000\t"
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"


@pytest.mark.parametrize(
    "typed",
    [
        "09121234567",
        "۰۹۱۲۱۲۳۴۵۶۷",
        "٠٩١٢١٢٣٤٥٦٧",
        "０９１２１２３４５６７",
        "0912 123 4567",
        "0912\u00a0123\u202f4567",
        "0912-123-4567",
        "0912–123−4567",
        "0912.123.4567",
        "(0912) 123 4567",
        "+98 912 123 4567",
        "+98 0912 123 4567",
        "+98 (0) 912 123 4567",
        "＋98 912 123 4567",
        "00989121234567",
        "0098 0912 123 4567",
        "989121234567",
        "9121234567",
        "tel:+989121234567",
        "TEL:+98-912-123-4567",
        "\u202a+98 912 123 4567\u202c",
        "\u2066۰۹۱۲\u2069۱۲۳۴۵۶۷\u200f",
        "\u200e0912\u200c1234567",
        "0\u00ad912\ufe0f1234567\u3164\u2800",
    ],
    ids=ascii,
)
def test_a_mobile_is_understood_however_it_is_typed(typed: str) -> None:
    assert plain_mobile(typed) == "09121234567"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "0912123456",
        "091212345678",
        "02112345678",
        "0912123456a",
        "+97 9121234567",
        "tel:",
        "98",
    ],
)
def test_what_cannot_be_called_is_not_a_mobile(typed: str) -> None:
    assert not is_mobile(plain_mobile(typed))


@pytest.mark.parametrize(
    "typed",
    [
        "1193653471",
        "۱۱۹۳۶-۵۳۴۷۱",
        " 11936 53471 ",
        "11936–53471",
        "11936ـ53471",
        "#1193653471",
        "\u2066۱۱۹۳۶\u2069-53471",
    ],
)
def test_a_code_is_understood_however_it_is_typed(typed: str) -> None:
    assert plain_code(typed) == "1193653471"
    assert plain_code(f"#{typed}\u0640") == "1193653471"


def test_a_number_keeps_its_sign_and_its_point() -> None:
    for typed, kept in (
        ("-۳", "-3"),
        ("−3", "-3"),
        ("۱٫۵", "1.5"),
        ("۱٬۲۰۰٬۰۰۰", "1,200,000"),
        ("۳ عدد", "3 عدد"),
        ("½", "½"),
        ("m²", "m²"),
    ):
        with naming(ascii(typed)):
            assert ascii_digits(typed) == kept


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ali۱۲@gmail.com", "ali12@gmail.com"),
        (" Maryam.H+shop@Example.com\u200f", "Maryam.H+shop@Example.com"),
        ("ali＠gmail.com", "ali@gmail.com"),
        ("ali@مثال.ایران", "ali@xn--mgbh0fb.xn--mgba3a4f16a"),
        ("ali@bücher.example", "ali@xn--bcher-kva.example"),
        ("علی@gmail.com", "علی@gmail.com"),
        ("mailto:ali@gmail.com", "ali@gmail.com"),
        ("no address", "no address"),
        ("", ""),
    ],
    ids=ascii,
)
def test_an_address_means_its_ascii_digits_and_its_domain(typed: str, meant: str) -> None:
    assert plain_email(typed) == meant


def test_what_is_typed_on_a_line_is_one_line_of_what_can_be_seen() -> None:
    for typed, line in (
        ("مریم\r\n\r\nhttps://evil.example", "مریم https://evil.example"),
        ("  Maryam\t \u00a0Hosseini\u2028", "Maryam Hosseini"),
        ("\u202eمریم\u202c\u200f", "مریم"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("\u200c\u200cعلی\u200c\u200c\u200cرضا\u200c", "علی\u200cرضا"),
        ("\u3164\u2800\u115f\u200b", ""),
        ("a\x00\x1b[31m\x9b\x7f", "a[31m"),
        ("خانهٔ ۱۲ ☕️", "خانهٔ ۱۲ ☕"),
        ("李明", "李明"),
    ):
        with naming(ascii(typed)):
            assert one_line(typed) == line
    for letter in HARMFUL:
        with naming(ascii(letter)):
            assert one_line(f"a{letter}b") in ("ab", "a b")


@given(st.text() | st.text("a\u200c\u3164\u2800\u202e \u00a0\n"))
def test_blank_is_what_has_no_visible_line(typed: str) -> None:
    assert is_blank(typed) == (one_line(typed) == "")


@given(st.text())
def test_a_line_stays_as_it_is(typed: str) -> None:
    line = one_line(typed)
    assert one_line(line) == line
    assert not set(line) & set(HARMFUL)


def test_several_lines_are_cleaned_one_by_one() -> None:
    typed = "\r\n\u202eTehran\r\n\r\n \n\n  No.  12\x1b\n"
    assert several_lines(typed) == "Tehran\n\nNo. 12"
    assert several_lines("a\na") == "a\na"


def dressed(digits: str, chance: random.Random) -> str:
    """Return digits as somebody might type or paste them: other scripts, signs between, marks."""
    script = chance.choice(DIGITS)
    signs: list[str] = []
    for digit in digits:
        signs.append(script[int(digit)])
        if chance.random() < 0.2:
            signs.append(chance.choice([*MARKS, *SPACES, *DASHES]))
    return "".join(signs)


@pytest.mark.long
def test_ten_thousand_mobiles_are_those_of_the_telephone_numbers_own_library() -> None:
    chance = random.Random(18)  # noqa: S311 - the same each time
    for _ in range(TRIES):
        lead = chance.choice([*("90", "91", "92", "93", "99"), *("21", "51")])
        rest = "".join(chance.choice("0123456789") for _ in range(chance.choice([7, 8, 8, 8, 9])))
        prefix = chance.choice(["0", "98", "0098", "980", "00980", ""])
        plus = chance.choice(["", "+"]) if prefix.startswith("98") else ""
        typed = plus + dressed(prefix + lead + rest, chance)
        with naming(ascii(typed)):
            assert found_in(typed) == referee(typed)


def found_in(typed: str) -> str | None:
    mobile = plain_mobile(typed)
    return mobile if is_mobile(mobile) else None


def referee(typed: str) -> str | None:
    """Return the mobile that `phonenumbers` finds; it is not given what it does not know.

    That is what cannot be seen, and blanks of other widths.
    """
    known = ("" if unicodedata.category(sign) == "Cf" else sign for sign in " ".join(typed.split()))
    try:
        found = phonenumbers.parse("".join(known), "IR")
    except phonenumbers.NumberParseException:
        return None
    national = str(found.national_number)
    is_mobile_here = found.country_code == 98 and len(national) == 10 and national[0] == "9"
    return f"0{national}" if is_mobile_here and not found.italian_leading_zero else None


@pytest.mark.long
def test_ten_thousand_cards_pass_as_another_library_lets_them() -> None:
    chance = random.Random(18)  # noqa: S311 - the same each time
    for _ in range(TRIES):
        digits = "".join(
            chance.choice("0123456789") for _ in range(chance.choice([15, 16, 16, 17]))
        )
        with naming(digits):
            card = plain(dressed(digits, chance))
            assert card == digits
            assert is_card_number(card) == (len(digits) == 16 and luhn.is_valid(digits))


def every_decimal() -> Iterator[tuple[str, int]]:
    for code in range(0x110000):
        if unicodedata.category(chr(code)) == "Nd":
            yield chr(code), int(chr(code))


def test_the_digits_of_every_script_are_read_as_python_reads_them() -> None:
    for sign, value in every_decimal():
        with naming(ascii(sign)):
            assert plain_code(f"{sign}1") == f"{value}1"


@given(st.text())
def test_plain_forms_stay_as_they_are(typed: str) -> None:
    for plain_form in (ascii_digits, plain_code, plain_mobile, plain_email):
        once = plain_form(typed)
        assert plain_form(once) == once


@pytest.mark.parametrize(
    "typed",
    [
        "4527123456",
        "۴۵۲۷۱۲۳۴۵۶",
        "4527-123-456",
        "سفارش ۴۵۲۷۱۲۳۴۵۶ در ایوان",
        "Your order 4527123456 is paid.",
        "#4527123456",
        "4527123456 (order 4527123456)",
    ],
)
def test_an_order_number_is_found_in_what_was_pasted_with_it(typed: str) -> None:
    assert plain_order_number(typed) == "4527123456"


@pytest.mark.parametrize("typed", ["45271234567", "452712345", "4527123456 4527123457", "Order"])
def test_where_there_is_no_order_number_or_two_none_is_made(typed: str) -> None:
    assert not re.fullmatch("[0-9]{10}", plain_order_number(typed))
