"""kill -9 as planned, and what was cut by it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from threading import Event

import psutil

from drills.kill_positions import where_they_stand
from drills.plan import Strike
from drills.system import System


@dataclass(frozen=True, slots=True)
class Kill:
    """Who was killed when; ``cut`` names the steps in which its threads were."""

    victim: str
    at: datetime
    cut: tuple[str, ...]


class Killer:
    """Kills parts of a system, and starts them again."""

    def __init__(self, system: System, over: Event) -> None:
        self._system, self._over = system, over
        self._kills: list[Kill] = []

    def run(self, strikes: Iterable[Strike]) -> list[Kill]:
        """Kill as planned, until it is over."""
        for strike in strikes:
            if self._over.wait(strike.gap):
                break
            self._system.revive()
            with suppress(psutil.NoSuchProcess):  # it died by itself a moment ago
                self._strike(strike)
        return self._kills

    def _strike(self, strike: Strike) -> None:
        name = strike.victim.partition(",")[0]
        leader = psutil.Process(self._system.pid(name))
        family = [leader, *leader.children()]
        if strike.victim == "shop, one server":
            self._kill_one_server(strike, family[1:])
        else:
            self._note(strike, family)
            self._kill(name, strike)

    def _note(self, strike: Strike, processes: Iterable[psutil.Process]) -> None:
        log = self._system.log(strike.victim.partition(",")[0])
        cut = where_they_stand([process.pid for process in processes], log)
        self._kills.append(Kill(strike.victim, datetime.now(UTC), tuple(cut)))

    def _kill(self, name: str, strike: Strike) -> None:
        silent_from = datetime.now(UTC)
        self._system.kill(name)
        self._over.wait(strike.pause)
        self._system.start(name)
        if name == "gateway":  # always waited for: how long it was silent decides who is entitled
            self._system.wait_for_bank()
            self._system.silences.append((silent_from, datetime.now(UTC)))
        elif "shop" in name and strike.patient:
            self._system.wait_for_shop()

    def _kill_one_server(self, strike: Strike, servers: list[psutil.Process]) -> None:
        """One of the shop's two servers; its parent starts another one."""
        if servers:
            server = Random(strike.gap).choice(servers)  # noqa: S311 - repeatable is the point
            self._note(strike, [server])
            server.kill()
