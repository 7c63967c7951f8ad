"""Both languages are complete, and the compiled catalogue is the one that people read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from gettext import GNUTranslations

from jibit_sandbox.bank.orders import State
from jibit_sandbox.i18n import labels
from testkit.persian import slips
from tests.sandbox.catalogue import MO, sources, translations

PERSIAN = re.compile("[آ-ی]")
RENEW = "run python -m tests.sandbox.catalogue"


def translated() -> Iterator[tuple[str, str]]:
    """Give every message with its Persian; none has a plural form of its own."""
    for message in translations():
        if message.id:
            assert isinstance(message.id, str)
            assert isinstance(message.string, str)
            yield message.id, message.string


def test_every_message_of_the_sources_is_translated_and_no_other() -> None:
    assert dict(translated()).keys() == {message.id for message in sources() if message.id}, RENEW


def test_the_persian_is_persian_and_the_english_is_not() -> None:
    for english, persian in translated():
        assert PERSIAN.search(persian), english
        assert not PERSIAN.search(english), english


def test_persian_is_spelt_in_one_way_with_its_own_letters_and_punctuation() -> None:
    texts = translated()
    assert [(en, slip) for en, text in texts for slip in slips(text, en)] == []


def test_the_compiled_catalogue_says_what_the_readable_one_says() -> None:
    with MO.open("rb") as file:
        compiled = GNUTranslations(file)
    for english, persian in translated():
        assert compiled.gettext(english) == persian, RENEW


def test_every_state_has_its_labels() -> None:
    assert set(State) == set(labels.state) == set(labels.order_title)
