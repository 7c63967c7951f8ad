"""docs/catalogue.md, which merchants read, says what the import does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click import Command

from storefront.admin import uploads
from storefront.catalogue import files, picture_files
from storefront.catalogue.files.columns import COLUMNS, column_of
from storefront.catalogue.pictures import MOST_PICTURES
from storefront.cli.catalogue import catalogue_commands
from testkit.cases import naming
from testkit.processes import ROOT
from tests.catalogue_files import CASES
from tests.catalogue_files.building import Case

PAGE = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    return PAGE[PAGE.index(f"\n## {heading}") :].partition("\n## ")[2].partition("\n## ")[0]


def test_the_page_names_every_column_in_both_languages() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", section("Columns"), re.MULTILINE)
    assert rows == [(column.name, column.persian) for column in COLUMNS]


def test_the_widths_are_those_of_the_columns() -> None:
    widths = {f"{column.width:,}" for column in COLUMNS if column.width and column.name != "image"}
    said = set(re.findall(r"[Aa]t most ([\d,]+)", section("Columns")))
    assert said == widths


def test_other_headings_on_the_page_are_understood() -> None:
    paragraph = PAGE.partition("More headings that are understood:")[2].partition("\n\n")[0]
    for heading in re.findall(r"`(.+?)`", paragraph):
        with naming(heading):
            assert column_of(heading) is not None


def test_the_commands_have_these_options() -> None:
    for word, options in re.findall(r"^ *flask --app storefront catalogue (\w+)(.*)$", PAGE, re.M):
        command: Command = catalogue_commands.commands[word]
        known = {name for each in command.params for name in each.opts}
        assert set(re.findall(r"--[\w-]+", options)) <= known


def test_the_page_says_which_pictures_are_taken() -> None:
    said = " ".join(PAGE.partition("\n### Pictures\n")[2].partition("\n##")[0].split())
    names = {"JPEG": "JPEG", "PNG": "PNG", "WEBP": "WebP", "AVIF": "AVIF", "GIF": "GIF"}
    assert set(picture_files.READ) == set(names)
    for words in (
        *names.values(),
        f"up to {MOST_PICTURES} pictures",
        f"{picture_files.MOST_BYTES // 10**6} megabytes",
        f"{picture_files.MOST_PIXELS // 10**6} million pixels",
        f"{uploads.MOST_BYTES // 10**6} megabytes together",
        f"fewer than {picture_files.LEAST_SIDE} pixels",
    ):
        assert words in said


BEYOND_ONE_FILE = (
    *("is a new product", "is a new category", "is fewer than the"),
    "was renamed in the back office",
)


def test_the_messages_are_those_of_the_import(tmp_path: Path) -> None:
    said = "\n".join(complaint(case, tmp_path) for case in CASES if case.says)
    rows = re.findall(r"^\| (?!Message|---)(.+?) \| ", section("Messages"), re.MULTILINE)
    assert len(rows) > 10
    for message in [row for row in rows if not row.startswith(BEYOND_ONE_FILE)]:
        with naming(message):
            assert re.search(re.escape(message).replace(r"\.\.\.", ".+"), said)


def complaint(case: Case, folder: Path) -> str:
    path = folder / case.file
    path.write_bytes(case.content)
    with pytest.raises(files.WrongFile) as caught:
        files.read(path, prices_in=case.prices_in)
    return "\n".join(problem.sentence(str) for problem in caught.value.problems)
