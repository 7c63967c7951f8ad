"""Kill a shop at a line of its own: the request, and where the line stands.

A request is a file beside the learner's shop. The shop reads it when it starts, and removes it
when it is about to run the line, just before it kills itself.
"""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from learn.errors import CannotDo

REQUESTED = "kill.json"
ARMED = "kill-armed.json"  # a shop has read the request


class NoSuchLine(CannotDo):
    """The shop has no such line, or more than one, or is no program."""


@dataclass(frozen=True)
class Line:
    """A line of a program that Python stops at."""

    number: int
    text: str


def find_line(program: Path, text: str) -> Line:
    """Return the one line with this text, whole or in part. Raises NoSuchLine."""
    source, code = _read(program)
    lines = [Line(number, line.strip()) for number, line in enumerate(source.splitlines(), 1)]
    wanted = text.strip()
    found = [line for line in lines if line.text == wanted]
    found = found or [line for line in lines if wanted in line.text]
    if not wanted or not found:
        raise NoSuchLine("no such line", text=text)
    ran = set(_lines_that_run(code))
    stopped_at = [line for line in found if line.number in ran]
    if len(stopped_at) > 1:
        numbers = ", ".join(str(line.number) for line in stopped_at)
        raise NoSuchLine("many lines", numbers=numbers)
    if not stopped_at:
        raise NoSuchLine("never run", number=found[0].number)
    return stopped_at[0]


def _read(program: Path) -> tuple[str, types.CodeType]:
    try:
        source = program.read_text(encoding="utf-8")
        return source, compile(source, str(program), "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        raise NoSuchLine("shop fails", why=error) from error


def request_kill(folder: Path, line: Line | None) -> None:
    """Ask the shop that starts next to die at this line, or at none."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ARMED).unlink(missing_ok=True)
    (folder / REQUESTED).write_text(
        json.dumps({"text": line and line.text}) + "\n", encoding="utf-8"
    )


def take_request(folder: Path) -> str | None:
    """Return the text of the line at which the shop has to die, if it was asked to."""
    requested, armed = folder / REQUESTED, folder / ARMED
    if requested.exists():
        requested.replace(armed)
    try:
        text = json.loads(armed.read_text(encoding="utf-8"))["text"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return text if isinstance(text, str) else None


def forget_request(folder: Path) -> None:
    """Remove a request: it was fulfilled, or it is not wanted any more."""
    for name in (REQUESTED, ARMED):
        (folder / name).unlink(missing_ok=True)


def _lines_that_run(code: types.CodeType) -> Iterator[int]:
    yield from (line for _, _, line in code.co_lines() if line is not None)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _lines_that_run(constant)
