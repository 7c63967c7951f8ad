"""The learner's own folder: the shop they write, how far they are, and a running lab."""

from __future__ import annotations

import json
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from learn import chapters
from learn.errors import CannotDo
from learn.lab import CLOCK

WORKSHOP = Path(__file__).resolve().parents[1] / "instance" / "learn"


class NotBegun(CannotDo):
    """The learner's shop is not one of this chapter yet, or there is none."""

    def __init__(self, number: int) -> None:
        super().__init__("not begun", number=number, next=number)


class NoProgram(CannotDo):
    """The learner's shop has lost its program."""

    def __init__(self, program: Path, number: int) -> None:
        super().__init__("no program", program=program, next=number)


@dataclass
class Workshop:
    """``shop/`` is what the learner edits; ``progress.json`` names the chapters that are done.

    It also keeps the learner's language.
    """

    folder: Path = WORKSHOP

    @property
    def shop(self) -> Path:
        """Return the folder of the learner's program."""
        return self.folder / "shop"

    def start(self, number: int) -> Path | None:
        """Put a chapter's start into the shop; return where a former shop was set aside.

        Raises NoSuchChapter and OSError, and leaves the former shop where it is then.
        """
        start, fresh = chapters.start_of(number), self.folder / "shop-new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(start, fresh)
        shutil.copy(CLOCK, fresh)
        aside = self._set_aside(number)
        fresh.rename(self.shop)
        self._write({"chapter": number})
        return aside

    def program_for(self, number: int) -> Path:
        """Return the folder of the learner's shop, which a check of this chapter looks at.

        Raises NoSuchChapter, NotBegun, NoProgram.
        """
        chapters.start_of(number)
        if not self.shop.is_dir() or number > (self.chapter or 0):
            raise NotBegun(number)
        return self.program.parent

    @property
    def program(self) -> Path:
        """Return the learner's shop.py. Raises NotBegun, NoProgram."""
        program, number = self.shop / "shop.py", self.chapter or 1
        if not self.shop.is_dir():
            raise NotBegun(number)
        if not program.is_file():
            raise NoProgram(program, number)
        return program

    def finish(self, number: int) -> None:
        """Remember that a chapter is done; the one that was begun last stays the same."""
        self._write({"chapter": self.chapter or number, "done": sorted({*self.done, number})})

    @property
    def chapter(self) -> int | None:
        """Return the chapter that was begun last."""
        found = self._read().get("chapter")
        return found if isinstance(found, int) else None

    @property
    def language(self) -> str | None:
        """Return the language in which the course was begun or served last."""
        found = self._read().get("language")
        return found if isinstance(found, str) else None

    def keep_language(self, language: str) -> None:
        """Remember the language for the commands that name none."""
        self._write({"language": language})

    @property
    def done(self) -> list[int]:
        """Return the chapters whose check was passed."""
        found = self._read().get("done", [])
        return [one for one in found if isinstance(one, int)] if isinstance(found, list) else []

    def _set_aside(self, number: int) -> Path | None:
        if not self.shop.exists():
            return None
        before = sorted(self.folder.glob("shop-before-*"))
        aside = self.folder / f"shop-before-{number:02}-{len(before) + 1}"
        self.shop.rename(aside)
        return aside

    def _read(self) -> dict[str, object]:
        try:
            found = json.loads((self.folder / "progress.json").read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, progress: dict[str, object]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        replace_file(self.folder / "progress.json", json.dumps(self._read() | progress) + "\n")


def replace_file(path: Path, text: str) -> None:
    """Write a file so that no reader ever sees half of it, and a full disk leaves it as it was.

    Two may write it at once, as the page's button and its clock do: each has a file beside it.
    """
    beside = path.with_suffix(f".{secrets.token_hex(4)}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
