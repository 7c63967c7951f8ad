"""Both languages are whole: nothing is missing, and nothing is there twice by mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import jibit_sandbox
from jibit_sandbox.bank.orders import State
from jibit_sandbox.bank.test_cards import TEST_CARDS
from jibit_sandbox.behaviours.catalogue import BEHAVIOURS
from jibit_sandbox.i18n import words
from jibit_sandbox.i18n.persian import MEANINGS

TEMPLATES = sorted((Path(jibit_sandbox.__file__).parent / "templates").rglob("*.html"))
PERSIAN = re.compile("[آ-ی]")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_word_a_page_asks_for_is_known(template: Path) -> None:
    asked = set(re.findall(r"\bt\('([^']+[^ '])'\)", template.read_text("utf-8")))
    assert asked - words.WORDS.keys() == set()


def test_every_state_and_every_refusal_has_its_words() -> None:
    keys = {f"state {state}" for state in State} | set(State)
    refused = {outcome.refused for outcome in TEST_CARDS if outcome.refused}
    assert (keys | refused) - words.WORDS.keys() == set()


def test_every_behaviour_is_explained_in_persian() -> None:
    assert MEANINGS.keys() == BEHAVIOURS.keys()


@pytest.mark.parametrize("key", words.WORDS)
def test_the_persian_is_persian_and_the_english_is_not(key: str) -> None:
    persian, english = words.WORDS[key]
    assert PERSIAN.search(persian) or persian == english or key in ("cvv2", "other language")
    assert not PERSIAN.search(english) or key == "other language"
