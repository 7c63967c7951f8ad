"""What happens to hosts in a storm: one is cut off for good, the cable of another is loose."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING

from drills.plan import Plan

if TYPE_CHECKING:
    from drills.host_system import HostSystem

LOST, FLAPPING = "shop 3", "worker 2"
LOST_AT = 1 / 3  # of the storm
UP, DOWN = (3.0, 7.0), (1.0, 5.0)  # seconds
MOMENT = 0.5  # seconds between two notes that a host is away


class HostFaults:
    """Pulls cables. ``away`` are the hosts that are cut off at this moment, or for good."""

    def __init__(self, system: HostSystem, plan: Plan) -> None:
        self._system, self._plan = system, plan
        self._chance = Random(f"{plan.seed}/cables")  # noqa: S311 - repeatable is the point
        self.away: set[str] = set()
        self.lost_at: datetime | None = None
        self.flaps = 0

    def run(self, over: Event) -> None:
        """Go on until it is over; the flapping host is left connected."""
        lost_at = monotonic() + self._plan.storm * LOST_AT
        while not over.is_set():
            self._pass_time(over, self._chance.uniform(*UP), lost_at)
            self._pull(FLAPPING)
            self._pass_time(over, self._chance.uniform(*DOWN), lost_at)
            self._system.network.plug_in(FLAPPING)
            self.away.discard(FLAPPING)
            self.flaps += 1

    def _pass_time(self, over: Event, seconds: float, lost_at: float) -> None:
        end = monotonic() + seconds
        while monotonic() < end and not over.wait(MOMENT):
            if self.away:
                self._system.cuts.append(datetime.now(UTC))
            if self.lost_at is None and monotonic() >= lost_at:
                self.lost_at = datetime.now(UTC)
                self._pull(LOST)

    def _pull(self, host: str) -> None:
        self.away.add(host)
        self._system.network.pull(host)
        self._system.cuts.append(datetime.now(UTC))
