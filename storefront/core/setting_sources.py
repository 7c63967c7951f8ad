"""Read settings from `instance/config.py` and from the environment; refuse every unknown name.

A misspelt name would leave the default in force, and a name of Flask's or of an extension's
(`DEBUG`, `WTF_CSRF_ENABLED`) would turn a protection off without a word.
"""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any

import click
from flask import Config

from storefront.core.setting_slips import FILE, ConfigText

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
    file: ConfigText = field(repr=False)

    def place(self, name: str, *parts: str) -> str:
        """Return where the file sets a name, as the beginning of a refusal; else nothing.

        ``parts`` lead to a line within its value.
        """
        if self.sources.get(name) is not Source.FILE:
            return ""
        return f"{self.file.place(self.file.line_of(name, *parts))}: "

    def placed(self, refusal: WrongSetting) -> WrongSetting:
        """Return a refusal in the words of the file, if that sets what it names."""
        names = re.findall(rf"{PREFIX}([A-Z0-9_]+)", refusal.message)
        places = [place for place in map(self.place, names) if place]
        if not places:
            return refusal
        message = refusal.message
        for name in sorted(names, key=len, reverse=True):
            if self.sources.get(name) is not Source.ENVIRONMENT:
                message = message.replace(f"{PREFIX}{name}", name)
        return WrongSetting(places[0] + message)


def outer_settings(
    folder: Path, known: Collection[str], shown: Collection[str], wanted: Mapping[str, str]
) -> OuterSettings:
    """Return what is set outside of the code, by name; the environment wins over the file.

    Raises WrongSetting for a name that is not ``known``. The values of those that are ``shown``
    may stand in a refusal; ``wanted`` says what those should be that are no texts.
    """
    text = ConfigText(_read(folder / "config.py"), shown, wanted)
    file, environment = _from_file(folder, known, text), _from_environment(known)
    sources = dict.fromkeys(file, Source.FILE) | dict.fromkeys(environment, Source.ENVIRONMENT)
    values = {**file, **environment}
    set_ones = {name: source for name, source in sources.items() if values[name] not in (None, "")}
    return OuterSettings(values, set_ones, text)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeError:
        raise WrongSetting(f"{FILE} is not written in UTF-8: save it so in the editor") from None
    except OSError:
        return ""


def _from_file(folder: Path, known: Collection[str], text: ConfigText) -> dict[str, Any]:
    config = Config(folder)
    _run(config, folder / "config.py", text)
    for name in config:
        if name not in known:
            line = text.line_of(name)
            where = f"{FILE}, line {line}" if line else FILE
            raise _unknown(name, f"{name} in {where}", "", known)
    _refuse_what_sets_nothing(known, text)
    return dict(config)


def _refuse_what_sets_nothing(known: Collection[str], text: ConfigText) -> None:
    """Raise WrongSetting for a setting in small letters, or one with a colon."""
    for name, line, has_colon in text.not_set():
        where = f"{name} in {FILE}, line {line}"
        if has_colon and name.isupper():
            raise WrongSetting(f"{where} has a colon behind it: write {name} = and the value")
        if get_close_matches(name.upper(), known, 1, 0.9):
            raise _unknown(name.upper(), where, "", known)


def _run(config: Config, file: Path, text: ConfigText) -> None:
    """Run the file. Raises WrongSetting saying where a slip is, and what to write instead.

    A traceback, or the exception's own words, would show what may be a secret.
    """
    try:
        config.from_pyfile(file.name, silent=True)
    except Exception as slip:  # noqa: BLE001 - whatever the file raises, its text stays unshown
        frames = traceback.extract_tb(slip.__traceback__)
        lines = [each.lineno for each in frames if each.filename == str(file)]
        raise WrongSetting(text.explained(slip, lines[-1] if lines else None)) from None


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
