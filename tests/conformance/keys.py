"""The merchant's keys: from a file or from the environment, never from an argument."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from jibit_client.conform import GATEWAYS

USUAL_PREFIX = "JIBIT"
PREFIX = re.compile(r"[A-Z][A-Z0-9_]*")
OTHERS_READ = 0o077


class NoKeys(ValueError):
    """Raised when there are no keys; its text says what to do and repeats nothing of them."""


def keys_from(named: str, gateway: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the body of the token call. Raises NoKeys.

    ``named`` is a file, or how the variables begin: ``LIVE`` means ``LIVE_API_KEY`` and so on.
    """
    names = GATEWAYS[gateway].credentials
    if PREFIX.fullmatch(named or USUAL_PREFIX) and not Path(named or USUAL_PREFIX).is_file():
        return _of(names, environment, named or USUAL_PREFIX, "the environment")
    return _of(names, _in_file(Path(named)), USUAL_PREFIX, "the file that KEYS names")


def _of(
    names: Mapping[str, str], values: Mapping[str, str], prefix: str, where: str
) -> dict[str, str]:
    variables = {f"{prefix}_{name.upper()}": field for name, field in names.items()}
    if not all(values.get(variable) for variable in variables):
        raise NoKeys(f"Put {' and '.join(variables)} into {where}.")
    return {field: values[variable] for variable, field in variables.items()}


def _in_file(path: Path) -> dict[str, str]:
    try:
        text, mode = path.read_text("utf-8"), path.stat().st_mode
    except (OSError, ValueError):
        raise NoKeys(
            "KEYS names no file that can be read. It is a file's name, or how the names of the"
            " variables begin (LIVE for LIVE_API_KEY); it is never a key itself."
        ) from None
    if os.name == "posix" and mode & OTHERS_READ:
        raise NoKeys("Others may read the file that KEYS names: run chmod 600 on it first.")
    lines = (line.strip().removeprefix("export ") for line in text.splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}
