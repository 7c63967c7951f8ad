"""``jibit-sandbox export``: a world as a file, or on standard output."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from jibit_sandbox.commands.asking import control


def run(said: Namespace) -> int:
    write(control(said, "GET", "world"), said.file)
    return 0


def write(document: Any, file: Path | None) -> None:
    """Write JSON that a person can read and change."""
    text = f"{json.dumps(document, ensure_ascii=False, indent=2)}\n"
    if file is None:
        sys.stdout.write(text)
    else:
        file.write_text(text, "utf-8")
