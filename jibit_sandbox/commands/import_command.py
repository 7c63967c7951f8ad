"""``jibit-sandbox import``: a world's file replaces a world of the running sandbox."""

from __future__ import annotations

import sys
from argparse import Namespace

from jibit_sandbox.commands.asking import control
from jibit_sandbox.files.fields import parsed, text_of


def run(said: Namespace) -> int:
    control(said, "GET", "clock")  # so that a wrong name of a world is not laid on the file
    text = text_of(said.file)
    parsed(text, str(said.file))  # so that a mistake is named by the file's own line
    try:
        loaded = control(said, "PUT", "world", text)
    except ValueError as error:
        raise ValueError(f"{said.file}: {error}") from None
    sys.stdout.write(f"World {said.world}: {loaded['orders']} orders\n")
    return 0
