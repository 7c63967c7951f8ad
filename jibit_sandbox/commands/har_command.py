"""``jibit-sandbox har``: a world's traffic as HAR 1.2."""

from __future__ import annotations

from argparse import Namespace

from jibit_sandbox.commands.asking import control
from jibit_sandbox.commands.export_command import write


def run(said: Namespace) -> int:
    write(control(said, "GET", "har"), said.file)
    return 0
