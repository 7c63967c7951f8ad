"""The pages of the course: their parts, the same in both languages, and nothing that is not so."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest

from jibit_sandbox.i18n.translations import translate
from jibit_sandbox.testing import SandboxWorld
from learn import chapters
from learn.listings import COMMENTS, object_in, persian_comments, read_listing
from testkit.cases import naming
from testkit.processes import ROOT
from tests.learn.pages import COURSE, LANGUAGES, PAGES, CoursePage, other_language
from tests.learn.terminal import commands_of, fits, run_all

PARTS = {
    "en": ["Break it", "Prevent it", "Exercise", "Words", "In the real storefront"],
    "fa": ["خرابش کنید", "جلویش را بگیرید", "تمرین", "واژه‌ها", "در فروشگاه واقعی"],
}
WITHOUT_EXERCISE = {0: slice(3, None)}  # the map has words and the real storefront only
GOAL = {"en": r"^\*\*Goal:\*\* \S", "fa": r"^\*\*هدف:\*\* \S"}
MINUTES = {"en": r"^About (\d+) minutes\.$", "fa": r"^حدود ([۰-۹]+) دقیقه\.$"}
PERSIAN_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")
AT_MOST_MINUTES = 25
OPTION_OF_LANGUAGE = " --lang fa"
SOON = ("fa 00", "en 03")  # whose commands `make test` runs

every_page = pytest.mark.parametrize("page", PAGES, ids=str)


def test_every_chapter_is_there_in_both_languages() -> None:
    numbers = [f"{number:02}" for number in range(chapters.LAST + 1)]
    for language in LANGUAGES:
        with naming(language):
            there = sorted(path.stem for path in (COURSE / language).glob("[0-9][0-9].md"))
            assert there == numbers


@every_page
def test_every_page_has_its_parts_in_order(page: CoursePage) -> None:
    wanted = PARTS[page.language][WITHOUT_EXERCISE.get(page.number, slice(None))]
    (level, title), *sections = page.headings
    assert level == 1
    assert re.match(r"\d+", title.translate(PERSIAN_DIGITS))
    assert int(title.translate(PERSIAN_DIGITS).split(".")[0]) == page.number
    assert [name for _, name in sections if name in wanted] == wanted
    assert sections[-1] == (2, wanted[-1])
    goal = re.search(GOAL[page.language], page.text, re.MULTILINE)
    assert goal
    assert re.search(MINUTES[page.language], page.text, re.MULTILINE)
    picture = page.blocks_of("mermaid")[0]
    assert goal.start() < page.text.index(picture.text) < page.text.index(f"## {sections[0][1]}")


@every_page
def test_an_answer_and_a_hint_are_folded(page: CoursePage) -> None:
    folded = len(re.findall(r"^:{3,}\{dropdown\} \S", page.text, re.MULTILINE))
    assert folded >= (2 if page.number else 0)
    assert len(re.findall(r"^:{3,}(?:\{|$)", page.text, re.MULTILINE)) == 2 * folded


def same(page: CoursePage, found: list[object], other: list[object]) -> None:
    """Compare in one of the two languages only, and name what differs."""
    assert found == other, page


@pytest.mark.parametrize("page", [page for page in PAGES if page.language == "en"], ids=str)
def test_both_languages_have_the_same_structure(page: CoursePage) -> None:
    other = other_language(page)
    for one, name in (
        (lambda page: [level for level, _ in page.headings], "headings"),
        (lambda page: [block.kind for block in page.blocks], "blocks"),
        (lambda page: [block.listing for block in page.blocks_of("{listing}")], "listings"),
        (lambda page: commands_in_english(page), "commands"),
        (lambda page: sorted(page.links), "links"),
        (minutes, "minutes"),
    ):
        with naming(name):
            assert one(page) == one(other)


def commands_in_english(page: CoursePage) -> list[str]:
    """The commands of every block of a terminal, run by the test or not."""
    blocks = [*page.blocks_of("console"), *page.blocks_of("text")]
    lines = "\n".join(block.text for block in sorted(blocks, key=lambda block: block.line))
    found = re.findall(r"^\$ (.+)$", lines, re.MULTILINE)
    return [command.replace(OPTION_OF_LANGUAGE, "") for command in found]


def minutes(page: CoursePage) -> int:
    found = re.search(MINUTES[page.language], page.text, re.MULTILINE)
    assert found
    return int(found[1].translate(PERSIAN_DIGITS))


@every_page
def test_a_page_takes_at_most_25_minutes(page: CoursePage) -> None:
    assert minutes(page) <= AT_MOST_MINUTES


@every_page
def test_every_listing_is_there_and_its_comments_have_persian(page: CoursePage) -> None:
    translations = persian_comments() if page.language == "fa" else None
    for block in page.blocks_of("{listing}"):
        with naming(block.line, *block.listing):
            name, wanted, former = block.listing
            assert read_listing(name, wanted, former, translations).untranslated == []


@every_page
def test_a_former_program_and_the_change_make_the_program(page: CoursePage) -> None:
    for block in page.blocks_of("{listing}"):
        name, _, former = block.listing
        if former:
            with naming(name, former):
                before = (chapters.PROGRAMS / former).read_text(encoding="utf-8")
                after = (chapters.PROGRAMS / name).read_text(encoding="utf-8")
                assert patched(before, read_listing(name, None, former).text) == after


def patched(before: str, difference: str) -> str:
    """Apply a unified diff."""
    lines, done, result = before.splitlines(keepends=True), 0, list[str]()
    for line in difference.splitlines(keepends=True)[2:]:
        hunk = re.match(r"@@ -(\d+)", line)
        if hunk:
            start = max(int(hunk[1]) - 1, done)
            result += lines[done:start]
            done = start
        elif line[0] == "+":
            result.append(line[1:])
        else:
            assert lines[done] == line[1:]
            result += [line[1:]] if line[0] == " " else []
            done += 1
    return "".join(result + lines[done:])


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=str(page), marks=() if str(page) in SOON else pytest.mark.long)
        for page in PAGES
        if commands_of(page)
    ],
)
def test_every_command_prints_what_the_page_says(
    page: CoursePage, running: SandboxWorld, tmp_path: Path
) -> None:
    printed = run_all(page, running, tmp_path)
    commands = commands_of(page)
    assert len(printed) == len(commands)
    wrong = [
        (command.line, command.expected, seen)
        for command, seen in zip(commands, printed, strict=True)
        if not fits(command.expected, seen)
    ]
    assert wrong == []


@every_page
def test_every_behaviour_is_told_in_the_words_of_the_sandbox(
    page: CoursePage, running: SandboxWorld
) -> None:
    """Those of commands that only `make test-long` runs, too."""
    catalogue = running.control("GET", "behaviours")["catalogue"]
    words = {one["name"]: translate(one["description"], page.language) for one in catalogue}
    for command in commands_of(page):
        name = re.match(r"python -m learn behave (\w+)", command.line)
        if name and name[1] in words:
            with naming(command.line):
                assert f": {words[name[1]]}." in command.expected


@every_page
def test_every_link_leads_somewhere(page: CoursePage) -> None:
    for link in page.links:
        with naming(link):
            if not link.startswith(("http://127.0.0.1", "https://", "#")):
                assert (page.path.parent / link.partition("#")[0]).exists()


TOP = "|".join(re.escape(path.name) for path in ROOT.iterdir() if path.is_dir())
NAMED_PATH = re.compile(rf"`((?:{TOP})/[\w./-]*)`")
NAMED_OBJECT = re.compile(r"`([\w/]+\.py)`(?:,|،|:| )+(?:\w+ )?`(\w+)(?:\(\))?`")


@every_page
def test_every_named_path_is_there(page: CoursePage) -> None:
    paths = [path for path in NAMED_PATH.findall(page.prose) if not path.startswith("instance/")]
    assert paths
    for path in paths:
        with naming(path):
            assert (ROOT / path).exists()


@every_page
def test_every_function_that_is_named_beside_its_file_is_in_it(page: CoursePage) -> None:
    for path, name in NAMED_OBJECT.findall(page.prose):
        if (ROOT / path).is_file():
            with naming(path, name):
                source = (ROOT / path).read_text(encoding="utf-8")
                assert re.search(rf"(?:def|class) {name}\b|^ *{name}\b[:=( ]", source, re.MULTILINE)


@pytest.mark.parametrize(
    ("language", "claims"),
    [
        (
            "en",
            ("with {begun} lines of Flask", "almost {grown}", "more than {given} of your lines"),
        ),
        ("fa", ("با {begun} خط Flask", "نزدیک {grown} خط", "بیش از {given} خط شما")),
    ],
)
def test_the_introduction_knows_how_long_the_programs_are(
    language: str, claims: tuple[str, ...]
) -> None:
    grown = lines_of(chapters.finish_of(15))
    said = {
        "begun": round(lines_of(chapters.start_of(1)), -1),
        "grown": math.ceil(grown / 100) * 100,
        "given": (grown - lines_of(chapters.finish_of(16))) // 100 * 100,
    }
    text = CoursePage(COURSE / language / "00.md").prose.translate(PERSIAN_DIGITS)
    for claim in claims:
        with naming(claim):
            assert claim.format(**said) in " ".join(text.split())


def lines_of(program: Path) -> int:
    return len((program / "shop.py").read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("unknown here", "unknown there")), ("fa", ("اینجا ناشناس", "آنجا ناشناس"))],
)
def test_a_discrepancy_has_the_name_that_the_program_prints(
    language: str, words: tuple[str, str]
) -> None:
    program = (chapters.finish_of(14) / "shop.py").read_text(encoding="utf-8")
    page = CoursePage(COURSE / language / "14.md")
    assert ": unknown here, " in program
    assert " here, unknown there" in program
    for named in words:
        with naming(named):
            assert f"| {named} |" in page.prose  # the table of discrepancies
            assert named in " ".join(page.prose.split("\n## ")[-3].split())  # the exercise


def prose_without_code(page: CoursePage) -> str:
    return re.sub(r"`[^`]*`|<https?://[^>]*>|\]\([^)]*\)", "", page.prose)


PERSIAN_PAGES = [page for page in PAGES if page.language == "fa"]
LETTERS = "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیآأئء"
NOT_PERSIAN = {
    "Arabic kaf or yeh": r"[كي]",
    "Arabic digits": r"[٠-٩]",
    "a space for a half-space after می": rf"(?<![{LETTERS}])ن?می (?=[{LETTERS}])",
    "a space for a half-space before ها": rf"(?<=[{LETTERS}]) ها(?:ی|یی|یم|یت|یش)?(?![{LETTERS}])",
    "a half-space beside a space": "\u200c | \u200c",
    "a Latin comma or semicolon": rf"[{LETTERS}][,;]",
    "a Latin question mark": rf"[{LETTERS}]\?",
}


@pytest.mark.parametrize("page", PERSIAN_PAGES, ids=str)
def test_persian_is_written_with_persian_letters_and_half_spaces(page: CoursePage) -> None:
    text = page.prose + "\n".join(block.text for block in page.blocks_of("mermaid"))
    for what, pattern in NOT_PERSIAN.items():
        with naming(what):
            lines = prose_without_code(page).splitlines() if "Latin" in what else text.splitlines()
            assert [line for line in lines if re.search(pattern, line)] == []


@pytest.mark.parametrize("page", PERSIAN_PAGES, ids=str)
def test_persian_prose_has_persian_digits(page: CoursePage) -> None:
    lines = [re.sub(r"^ *\d+\. ", "", line) for line in prose_without_code(page).splitlines()]
    status = "[1-5]\\d\\d\\b"  # of HTTP, as it stands on the wire
    alone = re.compile(
        rf"(?<![\w.:/٬-])(?!{status})\d+(?= [{LETTERS}]|[{LETTERS}،.؛)]|$)", re.ASCII
    )
    assert [line for line in lines if alone.search(line)] == []


@pytest.mark.parametrize("path", sorted(COMMENTS.glob("*.json")), ids=lambda path: path.stem)
def test_translated_comments_are_pairs_of_english_and_persian(path: Path) -> None:
    for english, persian in json.loads(path.read_text(encoding="utf-8")).items():
        with naming(english):
            assert re.search(rf"[{LETTERS}]", persian)
            assert not re.search(NOT_PERSIAN["Arabic kaf or yeh"], persian)


def test_a_listing_of_an_object_has_its_decorators_and_the_comments_above() -> None:
    source = "x = 1\n\n# why\n# and how\n@a\n@b(1)\ndef f():\n    pass\n\n\ny = {\n    1: 2,\n}\n"
    assert object_in(source, "f") == "# why\n# and how\n@a\n@b(1)\ndef f():\n    pass\n"
    assert object_in(source, "y") == "y = {\n    1: 2,\n}\n"
