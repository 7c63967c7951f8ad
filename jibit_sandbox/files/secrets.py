"""What a world's file keeps of cards and national codes: the sandbox's own test cards only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jibit_sandbox.bank.cards import is_card_number
from jibit_sandbox.bank.test_cards import TEST_CARDS
from jibit_sandbox.web.redaction import mask, mask_card

TESTED = frozenset(card.number for card in TEST_CARDS)
CARDS = ("payer_card_number", "payer_cards")
CODES = ("national_code", "payer_national_code")


def without_secrets(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row's values, real cards and national codes masked."""
    cards = {name: masked_cards(row[name]) for name in CARDS if row.get(name)}
    codes = {name: masked_code(row[name]) for name in CODES if row.get(name)}
    return {**row, **cards, **codes}


def masked_cards(value: Any) -> Any:
    if isinstance(value, list):
        return [masked_cards(each) for each in value]
    return mask_card(value) if is_card_number(value) and value not in TESTED else value


def masked_code(code: str) -> str:
    return code if "…" in code else mask(code)
