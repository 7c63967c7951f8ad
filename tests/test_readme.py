"""What README.md shows is so."""

from __future__ import annotations

import re

from click import Command, Group
from flask.cli import cli as flasks_own

from scripts.write_settings import README, with_table
from storefront import create_app
from testkit.cases import naming
from testkit.processes import ROOT
from testkit.settings import quiet_settings

PAGE = README.read_text(encoding="utf-8")
PERSIAN = (ROOT / "README.fa.md").read_text(encoding="utf-8")


def test_the_settings_are_those_of_the_code() -> None:
    assert with_table(PAGE) == PAGE, "run: make settings"


def test_every_place_on_the_map_exists() -> None:
    """A row names its folders first; what it names beside them is in one, or at the root."""
    rows = re.findall(r"^\| (`.+?) \| (.+) \|$", PAGE, re.MULTILINE)
    for folders, purpose in [row for row in rows if "/`" in row[0]]:
        where = [ROOT / folder for folder in re.findall(r"`(\S+)/`", folders)]
        for path in re.findall(r"`([\w/]+(?:/|\.py))`", purpose):
            with naming(folders, path):
                assert any((folder / path).exists() for folder in (ROOT, *where))
        with naming(folders):
            assert all(folder.is_dir() for folder in where)


def test_the_map_has_at_most_twelve_rows() -> None:
    begin = PAGE.index("## The map")
    assert PAGE[begin : PAGE.index("## Commands")].count("\n| `") <= 12


def test_every_picture_is_there() -> None:
    for picture in re.findall(r'src="([^"]+)"', PAGE + PERSIAN):
        with naming(picture):
            assert (ROOT / picture).stat().st_size > 10_000


def test_every_make_word_is_a_target() -> None:
    for target in sorted(set(re.findall(r"\bmake ([a-z]+)\b", PAGE + PERSIAN))):
        with naming(target):
            makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
            assert re.search(rf"^{target}:.* ## ", makefile, re.MULTILINE)


def test_every_command_is_one_of_ours() -> None:
    named = re.findall(r"flask --app storefront ((?:[a-z]+ ?){1,2})", PAGE)
    for words in [each for each in named if each.strip() not in flasks_own.commands]:
        with naming(words):
            command: Command = create_app(quiet_settings(DATABASE_URL="sqlite:///:memory:")).cli
            for word in words.split():
                assert isinstance(command, Group)
                command = command.commands[word]


def test_both_languages_lead_to_each_other_and_every_link_is_there() -> None:
    assert "](README.fa.md)" in PAGE
    assert "](README.md)" in PERSIAN
    for link in re.findall(r"\]\(([^)]+)\)", PAGE + PERSIAN):
        with naming(link):
            assert link.startswith("https://") or (ROOT / link.partition("#")[0]).exists()


def test_persian_is_written_with_persian_letters() -> None:
    assert not re.findall(r"[كي٠-٩]", PERSIAN)
    prose = re.sub(r"```.*?```", "", PERSIAN, flags=re.DOTALL)
    assert not re.findall(r"(?<![آ-ی])ن?می (?=[آ-ی])|(?<=[آ-ی]) ها(?![آ-ی])", prose)


def test_every_command_of_the_persian_page_is_on_the_english_one() -> None:
    blocks = re.findall(r"^```\w*\n(.*?)```", PERSIAN, flags=re.DOTALL | re.MULTILINE)
    commands = re.findall(r"^(?:make|python|\.venv\S+) \S+", "".join(blocks), flags=re.MULTILINE)
    assert len(commands) > 5
    assert [command for command in commands if command not in PAGE] == []
