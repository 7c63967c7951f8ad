"""Collect what is wrong with a file, each with its place, the value and what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from storefront.core.formats import grouped

MOST_SHOWN = 20
LONGEST_VALUE = 60  # characters of a wrong value that are shown

Translate = Callable[[str], str]
# What is done (a text that is marked for translation), how much of it, and of how much.
Progress = Callable[[str, int, int], None]


def N_(text: str) -> str:  # noqa: N802 - the name by which babel finds texts to translate
    """Mark a text for translation; it is translated when it is shown."""
    return text


LINE, ROW, ENTRY = N_("line %(line)s"), N_("row %(line)s"), N_("entry %(line)s")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; ``line`` is the number of its ``place``.

    A place is a LINE of the file, a ROW of its sheet or an ENTRY of its list.
    ``column`` is the heading as the merchant wrote it. ``text`` says what to write instead, with
    ``details`` put in by name.
    """

    text: str
    line: int | None = None
    column: str = ""
    value: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
    place: str = LINE

    def sentence(self, translate: Translate, language: str = "en") -> str:
        """Return the place, the value and what to write instead, in one language."""
        where = (
            [translate(self.place) % {"line": grouped(self.line, language)}] if self.line else []
        )
        where += [self.column] if self.column else []
        start = ("، " if language == "fa" else ", ").join(where) + (
            f" «{self.value}»" if self.value else ""
        )
        said = filled(translate(self.text), self.details, language)
        return f"{start.strip()}: {said}" if start else said


def filled(text: str, details: Mapping[str, object], language: str) -> str:
    """Put numbers and names into a translated text."""
    written = {
        key: grouped(value, language) if isinstance(value, int) else value
        for key, value in details.items()
    }
    return text % written


def shortened(value: Any) -> str:
    """Return a value on one line, bounded."""
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def silent(_what: str, _done: int, _total: int) -> None:
    """Show nobody how far the work is."""


class WrongFile(Exception):
    """The file cannot be imported: the first problems, and how many more there are."""

    def __init__(self, problems: tuple[Problem, ...], more: int = 0) -> None:
        self.problems, self.more = problems, more
        super().__init__("; ".join(problem.sentence(lambda text: text) for problem in problems))


class Problems:
    """Collects problems while a file is read: the first ``MOST_SHOWN``, and a count of the rest."""

    def __init__(self) -> None:
        self.place = LINE
        self._found: list[Problem] = []
        self._more = 0

    def add(
        self,
        text: str,
        line: int | None = None,
        column: str = "",
        value: object = "",
        **details: object,
    ) -> None:
        """Note a problem."""
        if len(self._found) < MOST_SHOWN:
            shown = "" if value is None else shortened(value)
            problem = Problem(text, line, column, shown, details, place=self.place)
            self._found.append(problem)
        else:
            self._more += 1

    def stop(self, text: str, line: int | None = None, **details: object) -> WrongFile:
        """Return the exception for a file that cannot be read any further."""
        self.add(text, line, "", "", **details)
        return self._exception()

    def raise_if_any(self) -> None:
        """Raise :class:`WrongFile` if there was a problem."""
        if self._found:
            raise self._exception()

    def _exception(self) -> WrongFile:
        return WrongFile(tuple(self._found), self._more)
