"""Each chapter's check: red on the start, green on the finish, red on typical wrong solutions."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from jibit_sandbox.testing import SandboxWorld
from learn import chapters
from learn.lab import NotYet
from testkit.cases import naming
from testkit.processes import ROOT

Edits = list[tuple[str, str]]

EVERY = list(range(1, chapters.LAST + 1))
CHECKED = [number for number in EVERY if (ROOT / f"learn/checks/chapter_{number:02}.py").is_file()]
# A check takes seconds, and ten where it finds nothing wrong: `make test` tries this chapter's
# start, its finish and its first wrong solution. `make test-long` tries all.
SOON = 3


def wrong_solutions() -> Mapping[int, list[tuple[str, Edits]]]:
    """The wrong solutions of each chapter that has some, by their names."""
    found = sorted((ROOT / "tests" / "learn" / "wrong").glob("chapter_*.py"))
    return {
        int(path.stem[-2:]): import_module(f"tests.learn.wrong.{path.stem}").WRONG for path in found
    }


WRONG = wrong_solutions()
# One wrong solution of the chapter above, the others later.
TRIED = [
    pytest.param(
        number,
        edits,
        id=f"{number:02} {name}",
        marks=() if number == SOON and at == 0 else pytest.mark.long,
    )
    for number, solutions in WRONG.items()
    for at, (name, edits) in enumerate(solutions)
]


def chapter(number: int, *, soon: bool) -> ParameterSet:
    return pytest.param(number, id=f"{number:02}", marks=() if soon else pytest.mark.long)


STARTS = [chapter(number, soon=number == SOON) for number in CHECKED]
FINISHES = [chapter(number, soon=number == SOON) for number in CHECKED]


def test_every_chapter_has_a_check_and_three_wrong_solutions() -> None:
    assert CHECKED == EVERY
    assert [number for number in EVERY if len(WRONG.get(number, [])) < 3] == []


@pytest.mark.parametrize("number", STARTS)
def test_the_check_is_red_on_the_start(number: int, running: SandboxWorld) -> None:
    with pytest.raises(NotYet) as seen:
        chapters.check(number, chapters.start_of(number), running)
    assert set(seen.value.said) == {"en", "fa"}


@pytest.mark.parametrize("number", FINISHES)
def test_the_check_is_green_on_the_finish(number: int, running: SandboxWorld) -> None:
    chapters.check(number, chapters.finish_of(number), running)


# An order of these programs has one reference, which a second tab may replace at any time.
OF_ONE_REFERENCE = [*(f"{number:02}/finish" for number in range(5, 10)), "09/start"]
ANOTHER_TAB = """
CREATE TRIGGER another_tab AFTER UPDATE OF reference ON orders
BEGIN
    UPDATE orders SET reference = 'of another tab' WHERE number = NEW.number;
END
"""


@pytest.mark.long
@pytest.mark.parametrize("program", OF_ONE_REFERENCE)
def test_a_payment_has_the_reference_of_its_own_intent(
    program: str, running: SandboxWorld, tmp_path: Path
) -> None:
    with chapters.Bench(chapters.PROGRAMS / program, running, tmp_path).shop() as shop:
        form = shop.shopper().fill_in()
        shop.ledger()  # the tables are there now
        with shop.database() as connection:
            connection.execute(ANOTHER_TAB)
        shop.shopper().send(form)
        (created,) = shop.world.orders()
        assert created["reference_number"] != "of another tab"


@pytest.mark.parametrize(("number", "edits"), TRIED)
def test_the_check_is_red_on_a_wrong_solution(
    number: int, edits: Edits, running: SandboxWorld, tmp_path: Path
) -> None:
    program = solved_wrongly(number, edits, tmp_path)
    with pytest.raises(NotYet):
        chapters.check(number, program, running)


def solved_wrongly(number: int, edits: Edits, folder: Path) -> Path:
    """A folder with the chapter's finish, and these edits in it; each text stands there once."""
    program = folder / "program"
    shutil.copytree(chapters.finish_of(number), program)
    for old, new in edits:
        texts = {path: path.read_text("utf-8") for path in program.iterdir() if path.is_file()}
        assert sum(text.count(old) for text in texts.values()) == 1, old
        (path,) = (path for path, text in texts.items() if old in text)
        path.write_text(texts[path].replace(old, new), encoding="utf-8")
    return program


@pytest.mark.long
def test_a_check_begins_without_the_learners_own_database(
    running: SandboxWorld, tmp_path: Path
) -> None:
    program = tmp_path / "program"
    shutil.copytree(chapters.finish_of(15), program)
    (program / "refunds.db").write_text("what the learner has tried")
    with chapters.Bench(program, running, tmp_path).shop() as shop:
        assert shop.run("refunds.py", "settle").returncode == 0


@pytest.mark.parametrize("number", WRONG)
def test_every_wrong_solution_fits_the_finish_and_is_a_program(number: int, tmp_path: Path) -> None:
    for at, (name, edits) in enumerate(WRONG[number]):
        with naming(name):
            compiles(solved_wrongly(number, edits, tmp_path / str(at)))


@pytest.mark.parametrize("number", EVERY)
def test_every_start_and_finish_is_a_program(number: int) -> None:
    for folder in (chapters.start_of(number), chapters.finish_of(number)):
        compiles(folder)


@pytest.mark.parametrize("state", ["start", "finish"])
def test_the_broken_evening_is_told_of_the_shop_of_chapter_14(state: str) -> None:
    told = chapters.PROGRAMS / "18" / state / "shop.py"
    assert told.read_bytes() == (chapters.finish_of(14) / "shop.py").read_bytes()


def test_no_file_of_the_course_is_a_link() -> None:
    """Archives, copies and some systems turn links into files that hold a path."""
    assert not [path for path in chapters.PROGRAMS.rglob("*") if path.is_symlink()]


def compiles(folder: Path) -> None:
    assert (folder / "shop.py").is_file()
    for path in folder.glob("*.py"):
        compile(path.read_text(encoding="utf-8"), str(path), "exec")
