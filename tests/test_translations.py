"""Every word of the shop is said in Persian, and nothing that is no longer said is kept."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from testkit.persian import slips

ROOT = Path(__file__).parents[1]
PERSIAN = ROOT / "storefront/translations/fa/LC_MESSAGES/messages.po"

Extraction = tuple[list[tuple[str, str]], dict[str, dict[str, Any]]]
read_mapping: Callable[[TextIO], Extraction] = parse_mapping_cfg  # which has no types


@pytest.fixture(scope="module")
def persian() -> Catalog:
    with PERSIAN.open("rb") as file:
        return read_po(file, locale="fa")


@pytest.fixture(scope="module")
def said() -> set[str]:
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = read_mapping(file)
    return {str(message) for _, _, message, *_ in extract_from_dir(ROOT, methods, options)}


def test_every_word_is_translated_and_no_translation_is_left_over(
    persian: Catalog, said: set[str]
) -> None:
    translated = {str(message.id) for message in persian if message.id and message.string}
    assert said - translated == set()
    assert translated - said == set()


def test_no_word_is_said_where_it_cannot_be_collected() -> None:
    """Babel sees no call inside an f-string, and so nobody translates it."""
    hidden = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for package in ("storefront", "jibit_sandbox")
        for path in (ROOT / package).rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("_", "gettext")
        if isinstance(call.args[0], ast.Constant)  # else its words are collected where they stand
    ]
    assert hidden == []


def test_no_translation_is_a_guess(persian: Catalog) -> None:
    assert [message.id for message in persian if message.id and message.fuzzy] == []


def test_placeholders_survive_translation(persian: Catalog) -> None:
    for message in persian:
        if message.id:
            words = message.id if isinstance(message.id, str) else message.id[-1]  # the plural
            names = re.findall(r"%\((\w+)\)s|(%%)", str(words))
            translated = re.findall(r"%\((\w+)\)s", str(message.string))
            assert sorted(name for name, _ in names if name) == sorted(translated), message.id


def test_persian_is_written_with_persian_digits(persian: Catalog) -> None:
    for message in persian:
        if message.id:
            assert not re.search("[0-9]", str(message.string)), message.string


def test_persian_is_spelt_in_one_way_with_its_own_letters_and_punctuation(
    persian: Catalog,
) -> None:
    translated = {str(message.id): str(message.string) for message in persian if message.id}
    found = [
        (english, slip) for english, text in translated.items() for slip in slips(text, english)
    ]
    samples = (ROOT / "storefront/web/sample_texts").glob("*.fa.md")
    for path in (*samples, *(ROOT / "templates/emails").glob("*.fa.txt")):
        text = re.sub(r"{{.*?}}|{%.*?%}", "0", path.read_text(encoding="utf-8"))
        found += [(path.name, slip) for slip in slips(text)]
    assert found == []
