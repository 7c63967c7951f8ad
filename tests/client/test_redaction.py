"""What the client masks before it puts a text into a log or an exception."""

from __future__ import annotations

from jibit_client.redaction import mask_card, redact_text
from testkit.cases import naming
from tests.client.secret_texts import CARDS, SECRET_TEXTS, assert_card_masked, assert_masked


def test_a_card_number_is_masked_anywhere_in_a_text() -> None:
    for card in CARDS:
        with naming(card):
            assert_card_masked(redact_text(f"card {card} was declined"), card)


def test_tokens_and_named_secrets_are_masked_inside_a_text() -> None:
    for text in SECRET_TEXTS:
        with naming(text):
            assert_masked(redact_text(text))


def test_masking_twice_is_masking_once() -> None:
    assert mask_card(mask_card("6037991234561234")) == "603799******1234"
