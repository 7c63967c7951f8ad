"""What is masked before the engine writes anything down, and what is left as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payment_engine.redaction import mask_card, redact, redact_id, redact_text
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

TELLING_NAMES = (
    "accessToken",
    "access_token",
    "ACCESS-TOKEN",
    "refreshToken",
    "RefreshToken",
    "token",
    "apiKey",
    "api_key",
    "Api-Key",
    "secretKey",
    "password",
    "Authorization",
    "nationalCode",
    "national_code",
    "merchantCode",
    "cvv2",
    "Set-Cookie",
    "X-Api-Key",
    "PPG_SECRET_KEY",
    "csrf_token",
)


def test_a_telling_name_hides_its_value_in_any_spelling() -> None:
    for name in TELLING_NAMES:
        with naming(name):
            assert redact({name: "0499370899"}) == {name: "***"}
            assert redact({"deep": [{name: ["0499370899"]}]}) == {"deep": [{name: "***"}]}


def test_what_tells_nothing_is_left_as_it_was() -> None:
    harmless: dict[str, Any] = {
        "amount": 200000,
        "orderIdentifier": "1ObK7QrL",
        "referenceNumber": "9f8e7d6c5b4a39281716151413121110",
        "createdAt": "2020-06-10T15:50:55.247079Z",
        "payerCard": "603799******1234",
        "description": "دو کتاب",
        "hasNext": False,
        "nothing": None,
        "nationalCode": None,
        "ratio": 0.5,
        "shipping": "5 days",
        "note": "shipping: 5 days",
        "elements": [1, "two", {"three": 3}],
    }
    assert redact(harmless) == harmless


def test_a_card_keeps_its_bank_and_its_last_four() -> None:
    for name in ("payerCardNumber", "payer_card_number", "cardNumber", "pan"):
        for card in ("6037991234561234", 6037991234561234, "6037-9912-3456-1234"):
            with naming(name, card):
                assert redact({name: card}) == {name: "603799******1234"}


def test_a_card_field_that_holds_something_else_is_hidden_whole() -> None:
    assert redact({"payerCardNumber": "60379912"}) == {"payerCardNumber": "***"}


def test_a_card_number_is_masked_anywhere_in_a_text() -> None:
    for card in CARDS:
        with naming(card):
            assert_card_masked(redact_text(f"card {card} was declined"), card)


def test_a_list_of_cards_is_masked_card_by_card() -> None:
    cards = ["6037991234561234", 6037991234561234, "60379912", None, ["6037991234561234"]]
    masked = ["603799******1234", "603799******1234", "***", None, ["603799******1234"]]
    assert redact({"payerCardNumbers": cards}) == {"payerCardNumbers": masked}


def test_who_pays_and_who_is_paid_back_in_ppg_v3_is_hidden() -> None:
    personal = {
        "pspCardOwner": "Sara Karimi",
        "pspHashedCardNumber": "5ee0c5f1",
        "destinationFirstName": "Sara",
        "destinationLastName": "Karimi",
        "settlementIban": "IR06",
        "iban": "IR06",
    }
    assert redact(personal) == dict.fromkeys(personal, "***")
    assert redact({"destination": IBANS[0]}) == {"destination": "IR***"}
    assert redact({"payerMobileNumber": "9121234567"}) == {"payerMobileNumber": "***"}


def test_an_id_of_18_digits_stays_under_the_name_of_an_id_in_any_spelling() -> None:
    for name in ("purchaseId", "purchaseIdStr", "purchase_id", "refundId", "REFUND-ID", "batchID"):
        with naming(name):
            for identifier in ("123456789012345678", 123456789012345678):
                assert redact({name: identifier}) == {name: identifier}
    assert redact({"gateway_payment_id": "123456789012345678"}) == {
        "gateway_payment_id": "123456789012345678"
    }
    for name, card in (
        ("purchaseId", "6037-9912-3456-1234"),
        ("userId", "6037991234561234"),
        ("note", "123456789012345678"),
    ):
        with naming(name):
            assert "******" in str(redact({name: card}))


def test_a_gateways_id_stays_in_a_text_where_its_name_stands_before_it() -> None:
    for text in ID_TEXTS:
        with naming(text):
            assert redact_text(text) == text


def test_a_gateways_id_by_itself_is_masked_only_if_it_is_no_number() -> None:
    assert redact_id("123456789012345678") == "123456789012345678"
    assert redact_id("6037 9912 3456 1234") == "603799******1234"


def test_a_bare_number_that_is_a_card_is_masked() -> None:
    assert redact([6037991234561234, 1591804255]) == ["603799******1234", 1591804255]


def test_tokens_and_named_secrets_are_masked_inside_a_text() -> None:
    for text in (*SECRET_TEXTS, *V3_SECRET_TEXTS):
        with naming(text):
            assert_masked(redact_text(text))


def test_an_iban_is_masked_anywhere_in_a_text() -> None:
    for iban in IBANS:
        with naming(iban):
            assert redact_text(f"sent to {iban}, today") == "sent to IR***, today"


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


def test_json_inside_a_text_is_masked_field_by_field() -> None:
    inside = '{"nationalCode": 499370899, "deep": {"mobile": "09121234567", "order": [1, "two"]}}'
    masked = '{"nationalCode": "***", "deep": {"mobile": "0912***4567", "order": [1, "two"]}}'
    assert redact({"additionalData": inside}) == {"additionalData": masked}
    harmless = '{"order":  1, "note": "two books"}'
    assert redact({"additionalData": harmless}) == {"additionalData": harmless}


def test_what_no_database_stores_is_replaced() -> None:
    assert redact({"a\x00": "b\x00\ud800"}) == {"a\ufffd": "b\ufffd\ufffd"}


def test_a_prank_of_nesting_is_cut_off() -> None:
    nested: Any = "6037991234561234"
    for _ in range(5000):
        nested = [nested]
    assert "***" in json.dumps(redact(nested))


def test_an_unknown_object_is_written_as_masked_text() -> None:
    class Card:
        def __str__(self) -> str:
            return "card 6037991234561234"

    assert redact(Card()) == "card 603799******1234"


def test_masking_twice_is_masking_once() -> None:
    assert mask_card(mask_card("6037991234561234")) == "603799******1234"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(deadline=None, max_examples=30)  # a busy machine is no failure
@given(JSON, st.integers(10**15, 10**16 - 1))
def test_no_card_number_survives_wherever_it_stands(around: object, card: int) -> None:
    told = redact({"a": [around, f"x {card} y", card], str(card): around, "payerCard": str(card)})
    assert str(card) not in json.dumps(told)


@pytest.mark.long
@settings(deadline=None)  # a busy machine is no failure
@given(JSON)
def test_whatever_comes_can_be_written_down(value: object) -> None:
    once = redact(value)
    json.dumps(once, ensure_ascii=False).encode()
    assert redact(once) == once
