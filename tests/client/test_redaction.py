"""What the client masks before it puts a text into a log or an exception."""

from __future__ import annotations

from jibit_client.redaction import mask_card, redact_text
from testkit.cases import naming
from tests.client.secret_texts import (
    CARDS,
    HARMFUL,
    IBANS,
    ID_TEXTS,
    PEOPLE,
    PHONES,
    SECRET_TEXTS,
    V3_SECRET_TEXTS,
    assert_card_masked,
    assert_masked,
    assert_nobody_is_named,
)


def test_a_card_number_is_masked_anywhere_in_a_text() -> None:
    for card in CARDS:
        with naming(card):
            assert_card_masked(redact_text(f"card {card} was declined"), card)


def test_tokens_and_named_secrets_are_masked_inside_a_text() -> None:
    for text in (*SECRET_TEXTS, *V3_SECRET_TEXTS):
        with naming(text):
            assert_masked(redact_text(text))


def test_an_iban_is_masked_anywhere_in_a_text() -> None:
    for iban in IBANS:
        with naming(iban):
            assert redact_text(f"sent to {iban}, today") == "sent to IR***, today"
    for text in ("IR12 is no iban", "AIR062960000000100324200001", "IR0629600000001003242000011"):
        with naming(text):
            assert redact_text(text) == text


def test_a_gateways_id_stays_where_its_name_stands_before_it() -> None:
    for text in ID_TEXTS:
        with naming(text):
            assert redact_text(text) == text
    for text in ("purchase 123456789012345678", "purchaseId: 6037 9912 3456 1234"):
        with naming(text):
            assert "******" in redact_text(text)


def test_national_codes_and_mobile_numbers_are_masked_inside_a_text() -> None:
    for number in (*PEOPLE, *PHONES):
        with naming(number):
            assert_nobody_is_named(redact_text(f"{number} is wrong"))


def test_ten_digits_that_are_no_national_code_or_may_be_an_identifier_stay() -> None:
    for text in (
        "order 1591804255 is paid",
        "0499370899",
        "TX-0499370899",
        "9f8e7d6c5b4a0499370899",
    ):
        with naming(text):
            assert redact_text(text) == text


def test_a_text_comes_out_on_one_line_without_what_a_terminal_or_a_reader_obeys() -> None:
    for letter in HARMFUL:
        with naming(ascii(letter)):
            assert redact_text(f"a{letter}b") in ("a b", "a\ufffdb")
    assert redact_text("می\u200cشود") == "می\u200cشود"


def test_masking_twice_is_masking_once() -> None:
    assert mask_card(mask_card("6037991234561234")) == "603799******1234"
