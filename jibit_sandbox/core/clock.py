"""A world's own time: real, frozen, faster or moved by hand; a straight line, kept in its row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from jibit_sandbox.core.models import World

LARGEST_STEP = 10 * 365 * 24 * 3600  # seconds; nobody rehearses farther than ten years
LARGEST_RATE = 1_000_000


def real_now() -> datetime:
    return datetime.now(UTC)


def now_in(world: World) -> datetime:
    """The world's UTC time: what its clock showed when it was set, plus rate times what passed."""
    passed = real_now() - world.clock_set_at
    return world.clock_showed + passed * world.clock_rate


def run_clock(world: World, rate: float, showing: datetime | None = None) -> None:
    """Go on at ``rate`` (1 real, 0 frozen, 60: a minute each second) from ``showing``."""
    world.clock_showed = showing or now_in(world)
    world.clock_set_at = real_now()
    world.clock_rate = rate


def reset_clock(world: World) -> None:
    """Real time again, without any offset."""
    run_clock(world, 1.0, real_now())


def advance_clock(world: World, seconds: float) -> None:
    """Move the clock forward (or back) by seconds; it goes on as it went before."""
    run_clock(world, world.clock_rate, now_in(world) + timedelta(seconds=seconds))


def describe_clock(world: World) -> dict[str, Any]:
    mode = {0.0: "frozen", 1.0: "real"}.get(world.clock_rate, "accelerated")
    now = now_in(world)
    return {
        "mode": mode,
        "rate": world.clock_rate,
        "now": as_text(now),
        "ahead_seconds": round((now - real_now()).total_seconds(), 3),
    }


def as_text(moment: datetime) -> str:
    """The document's form of a moment: ``2020-06-10T15:50:55.247079Z``."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_text(said: str) -> datetime:
    """Read an ISO moment; without a zone it is UTC. ValueError if it is none."""
    moment = datetime.fromisoformat(said)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def from_query(said: str) -> datetime:
    """Read an ISO moment of a query string, where a ``+`` may have arrived as a blank."""
    return from_text(said.replace(" ", "+"))
