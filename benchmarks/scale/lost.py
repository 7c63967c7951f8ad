"""Lost callbacks found per second by 1, 2 and 4 workers, beside one worker and beside the CPU.

PostgreSQL commits to the disk; the gateway is a process of its own that answers after 300 ms. What
the processors allow is measured in the same run: the same work by as many workers as there are
cores, at a gateway that answers at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks.rig.durable import postgresql
from benchmarks.rig.lost_callbacks import Drain, drain
from benchmarks.rig.markdown import figure, print_table
from benchmarks.rig.sizes import whole_number
from testkit.databases import PostgresServer

SLOW, QUICK = 0.3, 0.002  # seconds
TIMES = {2: 1.9, 4: 3.6}  # one worker's rate
OF_THE_CPU = 0.8
CORES = os.cpu_count() or 1
EACH = whole_number("SCALE_LOST", 600)  # callbacks for each worker
HEAD = ("gateway", "workers", "found a second", "times one", "of the CPU's limit", "limit",
        "taken twice", "CPU ms of one")  # fmt: skip


def main() -> int:
    """Print the table; exit code 1 if a limit is broken."""
    with postgresql() as server:
        at_once = _found(server, CORES, 0.0)
        slow = {workers: _found(server, workers, SLOW) for workers in (1, *TIMES)}
        quick = _found(server, CORES, QUICK)
    print_table("Lost callbacks", HEAD, list(_rows(at_once, slow, quick)))
    broken = [*_broken(at_once, slow), *_broken_when_quick(at_once, quick)]
    broken += [f"{d.twice} taken twice" for d in (at_once, quick, *slow.values()) if d.twice]
    for sentence in broken:
        print(f"BROKEN: {sentence}")
    return int(bool(broken))


def _found(server: PostgresServer, workers: int, delay: float) -> Drain:
    count = EACH * (workers if delay == SLOW else 2 * workers)
    with server.fresh(Path(), stocked=True) as url:
        found = drain(
            url,
            count=count,
            processes=workers,
            delay=delay,
            patience=60 + count / 4,
            WORKER_TICK_SECONDS=1,
        )
    print(f"{workers} workers, {delay * 1000:.0f} ms: {found.rate:.1f} a second", flush=True)
    return found


def _rows(at_once: Drain, slow: dict[int, Drain], quick: Drain) -> list[list[object]]:
    rows = [_row("at once", CORES, at_once, at_once, "")]
    for workers, found in slow.items():
        limit = f"{TIMES[workers]} times, or {OF_THE_CPU} of the CPU" if workers in TIMES else ""
        rows.append(_row("300 ms", workers, found, at_once, limit, slow[1]))
    return [*rows, _row("2 ms", CORES, quick, at_once, f"{OF_THE_CPU} of the CPU")]


def _row(
    gateway: str, workers: int, found: Drain, at_once: Drain, limit: str, one: Drain | None = None
) -> list[object]:
    times = f"{found.rate / one.rate:.2f}" if one else ""
    of_cpu = f"{found.rate / at_once.rate:.2f}"
    rate, cpu = figure(found.rate), figure(found.cpu_ms)
    return [gateway, workers, rate, times, of_cpu, limit, found.twice, cpu]


def _broken(at_once: Drain, slow: dict[int, Drain]) -> list[str]:
    return [
        f"{workers} workers find {slow[workers].rate:.1f} a second, {times} of one are"
        f" {times * slow[1].rate:.1f}, {OF_THE_CPU} of the CPU {OF_THE_CPU * at_once.rate:.1f}"
        for workers, times in TIMES.items()
        if slow[workers].rate < min(times * slow[1].rate, OF_THE_CPU * at_once.rate)
    ]


def _broken_when_quick(at_once: Drain, quick: Drain) -> list[str]:
    share = quick.rate / at_once.rate
    return [f"at 2 ms {share:.2f} of the CPU's limit"] if share < OF_THE_CPU else []


if __name__ == "__main__":
    sys.exit(main())
