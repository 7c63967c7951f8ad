"""What README.md shows is so."""

from __future__ import annotations

import re

import pytest
from click import Group

from scripts.write_settings import README, with_table
from storefront import create_app
from tests.rig.processes import ROOT
from tests.rig.settings import quiet_settings

PAGE = README.read_text(encoding="utf-8")


def test_the_settings_are_those_of_the_code() -> None:
    assert with_table(PAGE) == PAGE, "run: make settings"


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?!instance)(?:\w+/)+(?:\w+\.py)?)`", PAGE)))
)
def test_every_place_on_the_map_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("picture", re.findall(r'src="([^"]+)"', PAGE))
def test_every_picture_is_there(picture: str) -> None:
    assert (ROOT / picture).stat().st_size > 10_000


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z]+)\b", PAGE))))
def test_every_make_word_is_a_target(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:.* ## ", makefile, re.MULTILINE)


@pytest.mark.parametrize(
    "words", re.findall(r"flask --app storefront ((?:[a-z]+ ?){1,2})", PAGE), ids=str.strip
)
def test_every_command_is_one_of_ours(words: str) -> None:
    command = create_app(quiet_settings(DATABASE_URL="sqlite:///:memory:")).cli
    for word in words.split():
        assert isinstance(command, Group)
        command = command.commands[word]
