"""Read settings from `instance/config.py` and from the environment; refuse every unknown name.

A misspelt name would leave the default in force, and a name of Flask's or of an extension's
(`DEBUG`, `WTF_CSRF_ENABLED`) would turn a protection off without a word.
"""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Collection
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any

import click
from flask import Config

PREFIX = "STOREFRONT_"


class Source(StrEnum):
    """Where a setting's value comes from."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    PROGRAM = "program"  # what started the shop said so: a test, or `make run` for its ports


class WrongSetting(click.ClickException):
    """A setting is not what it should be; the message names it and says what it should be."""


@dataclass(frozen=True, slots=True)
class OuterSettings:
    """What is set outside of the code, and where; empty values are left to the default."""

    values: dict[str, Any] = field(repr=False)
    sources: dict[str, Source]


def outer_settings(folder: Path, known: Collection[str]) -> OuterSettings:
    """Return what is set outside of the code, by name; the environment wins over the file.

    Raises WrongSetting for a name that is not ``known``.
    """
    file, environment = _from_file(folder, known), _from_environment(known)
    sources = dict.fromkeys(file, Source.FILE) | dict.fromkeys(environment, Source.ENVIRONMENT)
    values = {**file, **environment}
    set_ones = {name: source for name, source in sources.items() if values[name] not in (None, "")}
    return OuterSettings(values, set_ones)


def _from_file(folder: Path, known: Collection[str]) -> dict[str, Any]:
    config = Config(folder)
    _run(config, folder / "config.py")
    for name in config:
        if name not in known:
            raise _unknown(name, f"{name} in instance/config.py", "", known)
    return dict(config)


def _run(config: Config, file: Path) -> None:
    """Run the file. Raises WrongSetting with the place of a slip, never its text: it may be secret.

    A traceback, or the exception's own words, would show the line.
    """
    try:
        config.from_pyfile(file.name, silent=True)
    except SyntaxError as slip:
        raise WrongSetting(f"{_place(slip.lineno)}: {_kind_of(slip)}") from None
    except Exception as slip:  # noqa: BLE001 - whatever the file raises, its text stays unshown
        frames = traceback.extract_tb(slip.__traceback__)
        lines = [each.lineno for each in frames if each.filename == str(file)]
        raise WrongSetting(
            f"{_place(lines[-1] if lines else None)}: {type(slip).__name__}"
        ) from None


def _place(line: int | None) -> str:
    return "instance/config.py" + (f", line {line}" if line else "")


def _kind_of(slip: SyntaxError) -> str:
    """Return Python's message without what it quotes of the line: a name, a character, a value."""
    return re.sub(r"'[^']*'", "'...'", (slip.msg or type(slip).__name__).partition(" (")[0])


def _from_environment(known: Collection[str]) -> dict[str, Any]:
    found = {
        name.removeprefix(PREFIX): value
        for name, value in os.environ.items()
        if name.upper().startswith(PREFIX)  # one in small letters is a slip, and told as such
    }
    for name in found:
        if name not in known:
            shown = name if name.upper().startswith(PREFIX) else f"{PREFIX}{name}"
            raise _unknown(name.upper(), shown, PREFIX, known)
    return found


def _unknown(name: str, shown: str, prefix: str, known: Collection[str]) -> WrongSetting:
    """Return the refusal: never with the value, which may be a secret."""
    nearest = get_close_matches(name.removeprefix(PREFIX), known, 1)
    hint = f"; did you mean {prefix}{nearest[0]}?" if nearest else "; README.md lists them all"
    return WrongSetting(f"{shown} is no setting of the shop{hint}")
