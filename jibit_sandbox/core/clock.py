"""The clock of a world: real, frozen, accelerated or moved by hand. It is a straight line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from jibit_sandbox.core.models import World

LARGEST_STEP = 10 * 365 * 24 * 3600  # seconds; nobody rehearses farther than ten years
LARGEST_RATE = 1_000_000
SEEDED_START = datetime(
    2026, 1, 1, 8, 30, tzinfo=UTC
)  # noon in Tehran; a seeded world's first time


def real_now() -> datetime:
    return datetime.now(UTC)


def now_in(world: World) -> datetime:
    """Return the world's UTC time: the time it was set to plus rate times what has passed."""
    passed = real_now() - world.clock_set_at
    return world.clock_showed + passed * world.clock_rate


def run_clock(world: World, rate: float, showing: datetime | None = None) -> None:
    """Run at ``rate`` (1 real, 0 frozen, 60: a minute each second) from ``showing``."""
    world.clock_showed = showing or now_in(world)
    world.clock_set_at = real_now()
    world.clock_rate = rate


def start_clock(world: World) -> None:
    """Give a new world its time: the real one, or a seeded world one that stands."""
    if world.seed is None:
        reset_clock(world)
    else:
        run_clock(world, 0.0, SEEDED_START)


def reset_clock(world: World) -> None:
    """Return to real time."""
    run_clock(world, 1.0, real_now())


def advance_clock(world: World, seconds: float) -> None:
    """Move the clock forward (or back) by seconds; its rate stays."""
    run_clock(world, world.clock_rate, now_in(world) + timedelta(seconds=seconds))


def describe_clock(world: World) -> dict[str, Any]:
    """Return the clock as JSON; of one that stands nothing depends on when it is asked."""
    mode = {0.0: "frozen", 1.0: "real"}.get(world.clock_rate, "accelerated")
    now = now_in(world)
    return {
        "mode": mode,
        "rate": world.clock_rate,
        "now": as_text(now),
        "ahead_seconds": round((now - real_now()).total_seconds(), 3) if world.clock_rate else 0,
    }


def as_text(moment: datetime) -> str:
    """Return the documents' form of a time: ``2020-06-10T15:50:55.247079Z``."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_text(said: str) -> datetime:
    """Parse an ISO time, UTC where it has no zone; raise ValueError if it is none."""
    moment = datetime.fromisoformat(said)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def from_query(said: str) -> datetime:
    """Parse an ISO time of a query string, where a ``+`` may have become a blank."""
    return from_text(said.replace(" ", "+"))
