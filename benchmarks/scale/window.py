"""A backlog that only some workers can find in time: 20,000 lost callbacks, and 15 minutes.

Everything is real: the rows, the seconds, a gateway that answers after 300 ms, the worker with the
settings' defaults. It begins with one worker and goes on until one number of them is in time.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks.rig.durable import postgresql
from benchmarks.rig.lost_callbacks import WINDOW, Drain, drain
from benchmarks.rig.markdown import figure, print_table
from benchmarks.rig.sizes import whole_number

LOST = whole_number("SCALE_BACKLOG", 20_000)
WORKERS = [int(each) for each in os.environ.get("SCALE_WORKERS", "1,2,3,4").split(",")]
ANSWERS_AFTER = 0.3  # seconds
PATIENCE = 4 * WINDOW.total_seconds()
HEAD = ("workers", "minutes", "found a second", "after their deadline", "taken twice")


def main() -> int:
    """Print a row for each number of workers; exit code 1 if no number is in time."""
    rows, found = [], None
    with postgresql() as server:
        for workers in WORKERS:
            with server.fresh(Path(), stocked=True) as url:
                found = drain(
                    url, count=LOST, processes=workers, delay=ANSWERS_AFTER, patience=PATIENCE
                )
            rows.append(_row(workers, found))
            print(rows[-1], flush=True)
            if not found.late:
                break
    minutes = WINDOW.total_seconds() / 60
    print_table(f"{LOST:,} lost callbacks, {minutes:.0f} minutes", HEAD, rows)
    broken = found is None or bool(found.late or found.twice)
    if broken:
        print(f"BROKEN: not even {WORKERS[-1]} workers were in time, or something was taken twice")
    return int(broken)


def _row(workers: int, found: Drain) -> list[object]:
    whole = found.count / found.seconds
    return [workers, figure(found.seconds / 60), figure(whole), f"{found.late:,}", found.twice]


if __name__ == "__main__":
    sys.exit(main())
