"""Prints what was measured as a table of Markdown, to be pasted into docs/scale.md."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path


def print_table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table below the command and the day that it was measured by and on."""
    print(f"\n{title} (`{_command()}`, {datetime.now(UTC).date()}, {os.cpu_count()} cores)\n")
    for cells in (head, ["---"] * len(head), *rows):
        print(f"| {' | '.join(map(str, cells))} |", flush=True)


def figure(value: float) -> str:
    """Three digits that matter, with commas between thousands."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _command() -> str:
    chosen = [f"{name}={value}" for name, value in os.environ.items() if name[:6] == "SCALE_"]
    return " ".join([*sorted(chosen), f"python -m benchmarks.scale.{Path(sys.argv[0]).stem}"])
