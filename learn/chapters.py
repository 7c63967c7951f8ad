"""The chapters: where their programs stand, and how a shop is checked against one of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast
from uuid import uuid4

from jibit_sandbox.testing import SandboxWorld
from learn.errors import CannotDo
from learn.lab import Lab, open_lab

HERE = Path(__file__).parent
PROGRAMS = HERE / "chapters"
LAST = 18


class NoSuchChapter(CannotDo):
    """There is no chapter of this number."""

    def __init__(self, number: int) -> None:
        super().__init__("no chapter", number=number, numbers=LAST)


def start_of(number: int) -> Path:
    """Return the folder that a chapter starts from: its own, or the finish of the one before.

    Raises NoSuchChapter.
    """
    if not 1 <= number <= LAST:
        raise NoSuchChapter(number)
    own = PROGRAMS / f"{number:02}" / "start"
    return own if own.is_dir() else finish_of(number - 1)


def finish_of(number: int) -> Path:
    """Return the folder of a chapter's solution. Raises NoSuchChapter below the first one.

    A chapter that changes no program (2, for example) ends as the one before.
    """
    if not 1 <= number <= LAST:
        raise NoSuchChapter(number)
    own = PROGRAMS / f"{number:02}" / "finish"
    return own if own.is_dir() else finish_of(number - 1)


@dataclass
class Bench:
    """What a check works with: it opens as many shops as it likes, each in a world of its own.

    ``language`` is that of what a check prints on its way, if it prints anything.
    """

    program: Path
    sandbox: SandboxWorld
    folder: Path
    language: str = "en"

    @contextmanager
    def shop(self, **settings: str) -> Iterator[Lab]:
        """Run the learner's shop on an empty database, with a gateway that knows nothing of it.

        ``settings`` are added to its environment, as in `shop(STOCK="1")`.
        """
        name = f"learn{uuid4().hex[:12]}"
        folder = self.folder / name
        folder.mkdir()
        with open_lab(self.program, self.sandbox.world(name), folder, settings) as lab:
            yield lab


Step = Callable[[Bench], None]


def steps_of(number: int) -> list[Step]:
    """Return what a chapter's check looks at, one after the other."""
    try:
        module = import_module(f"learn.checks.chapter_{number:02}")
    except ModuleNotFoundError as error:
        raise NoSuchChapter(number) from error
    return cast(list[Step], module.STEPS)


def check(number: int, program: Path, sandbox: SandboxWorld, language: str = "en") -> None:
    """Check a program against a chapter.

    Raises:
        NotYet: the first thing that is not right yet.
        NoSuchChapter: there is nothing to check.
    """
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(program, sandbox, Path(folder), language)
        for step in steps_of(number):
            step(bench)
