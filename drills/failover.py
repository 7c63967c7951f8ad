"""Kill the primary database again and again, and let the standby take over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Event
from time import monotonic

import flask_migrate

from drills.plan import Plan
from drills.server_pair import ServerPair, server_pair
from drills.system import System
from storefront.catalogue import files
from testkit.databases import in_a_shop_on

UNSAFE = "failover-async"  # the primary does not wait for its standby
KILLED, CUT_OFF = "the primary was killed", "the primary was cut off"
CUT_EVERY = 5  # failovers, beginning with the second
UNNOTICED = (0.5, 3.0)  # seconds until somebody notices
LAG = 3.0  # seconds for which a standby that is not waited for has received nothing
MOMENT = timedelta(seconds=0.5)


@dataclass(frozen=True, slots=True)
class Failover:
    """How a primary ended, when, when its standby took writes, and when commits went through."""

    how: str
    since: datetime
    promoted: datetime
    until: datetime

    @property
    def closed(self) -> float:
        """For how many seconds no server took writes."""
        return (self.promoted - self.since).total_seconds()

    @property
    def seconds(self) -> float:
        """For how many seconds nothing could be committed."""
        return (self.until - self.since).total_seconds()

    def moments(self) -> Iterator[datetime]:
        """Moments so near to each other that whoever asked in the gap is near to one."""
        moment = self.since
        while moment < self.until:
            yield moment
            moment += MOMENT


@contextmanager
def prepared_pair(database: str) -> Iterator[ServerPair]:
    """Lend a stocked shop's database on a primary and its standby."""
    with server_pair(synchronous=database != UNSAFE) as pair:
        in_a_shop_on(pair.url, flask_migrate.upgrade)
        in_a_shop_on(pair.url, files.seed)
        pair.add_standby()
        yield pair


class Failovers:
    """Ends the primary as often as planned, at equal distances."""

    def __init__(self, pair: ServerPair, system: System, over: Event) -> None:
        self._pair, self._system, self._over = pair, system, over

    def run(self, plan: Plan) -> list[Failover]:
        """Fail over until it is over; a pair that was begun is brought back first."""
        began, done = monotonic(), []
        for number in range(1, plan.failovers + 1):
            turn = began + number * plan.storm / (plan.failovers + 1)
            if self._over.wait(max(0.0, turn - monotonic())):
                break
            done.append(self._fail_over(plan, number))
        return done

    def _fail_over(self, plan: Plan, number: int) -> Failover:
        chance = Random(f"{plan.seed}/failover/{number}")  # noqa: S311 - repeatable is the point
        lagging = plan.database == UNSAFE
        if lagging:
            self._pair.silence_standby()
            self._over.wait(LAG)
        how = self._end_primary(number)
        since = datetime.now(UTC)
        if lagging:
            self._pair.forget_unread()
        self._over.wait(chance.uniform(*UNNOTICED))
        self._pair.fail_over()
        promoted = datetime.now(UTC)
        self._pair.bring_back()
        until = datetime.now(UTC)
        self._system.wait_for_shop()
        self._system.silences.append((since, datetime.now(UTC)))
        return Failover(how, since, promoted, until)

    def _end_primary(self, number: int) -> str:
        primary = self._pair.primary
        if primary.place.cable and number % CUT_EVERY == 2 % CUT_EVERY:
            primary.place.pull()
            return CUT_OFF
        primary.kill()
        return KILLED
