"""Kill the shop or the worker, now or at the next moment of a kind, and remember what happened.

What is killed gets a real SIGKILL, with everything it has started. The supervisor starts it again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import Lock
from typing import Protocol

from storefront.core.clock import Clock

VICTIMS = ("shop", "worker")
KEPT = 20  # events


class Moment(StrEnum):
    """List the moments at which a process can be killed; all but NOW are reported by it."""

    NOW = "now"
    COMMIT = "commit"  #: a change of an order, payment or refund is written, and not committed
    CALL = "call"  #: a gateway is about to be called
    ANSWER = "answer"  #: its answer has arrived, and is not stored


class Kind(StrEnum):
    """List what can happen to a process."""

    STARTED = "started"
    KILLED = "killed"
    ENDED = "ended"  #: by itself


class Killer(Protocol):
    """Ends a process that runs under a supervisor; gives whether there was one."""

    def kill(self, name: str) -> bool: ...


@dataclass
class Happening:
    """One event. ``where`` is what the process was about to do; ``back_at`` when it ran again."""

    at: datetime
    name: str
    kind: Kind
    moment: Moment | None = None
    where: str = ""
    back_at: datetime | None = None

    def as_json(self) -> Mapping[str, str | None]:
        """Return it for programs; times are ISO 8601 in UTC."""
        return {
            "at": self.at.isoformat(),
            "process": self.name,
            "event": self.kind,
            "moment": self.moment,
            "where": self.where,
            "back_at": self.back_at.isoformat() if self.back_at else None,
        }


@dataclass
class Victim:
    """A process that can be killed: since when it runs, and at which moment it is to die next."""

    name: str
    pid: int | None = None
    since: datetime | None = None
    kills: int = 0
    waits_for: Moment | None = None
    places: dict[tuple[Moment, str], int] = field(default_factory=dict)  # where, how often

    def died(self, moment: Moment, where: str) -> None:
        """Count a kill."""
        self.kills += 1
        self.waits_for = None
        self.places[moment, where] = self.places.get((moment, where), 0) + 1


class KillButton:
    """What the page of the kill button shows and does; safe for threads."""

    def __init__(self, killer: Killer, clock: Clock) -> None:
        self._killer, self._clock = killer, clock
        self._lock = Lock()
        self.victims = {name: Victim(name) for name in VICTIMS}
        self.happenings: deque[Happening] = deque(maxlen=KEPT)

    def press(self, name: str, moment: Moment) -> None:
        """Kill now, or wait for the moment; a second wish takes the place of the first."""
        if moment is Moment.NOW:
            self._kill(name, moment, "")
        else:
            self.victims[name].waits_for = moment

    def take_back(self, name: str) -> None:
        """Let the process live."""
        self.victims[name].waits_for = None

    def reached(self, name: str, moment: str, where: str) -> bool:
        """Hear that a process is at a moment; return whether it was killed there."""
        with self._lock:
            if self.victims[name].waits_for != moment:
                return False
            self.victims[name].waits_for = None
        return self._kill(name, Moment(moment), where)

    def _kill(self, name: str, moment: Moment, where: str) -> bool:
        at = self._clock()
        if not self._killer.kill(name):
            return False
        with self._lock:
            self.victims[name].died(moment, where)
            self.happenings.append(Happening(at, name, Kind.KILLED, moment, where))
        return True

    def started(self, name: str, pid: int) -> None:
        """Hear that the supervisor has started a process."""
        if name in self.victims:
            with self._lock:
                self.victims[name].pid, self.victims[name].since = pid, None

    def ended(self, name: str, *, by_itself: bool) -> None:
        """Hear that a process is no longer there."""
        if name not in self.victims:
            return
        with self._lock:
            self.victims[name].pid = self.victims[name].since = None
            if by_itself:
                self.happenings.append(Happening(self._clock(), name, Kind.ENDED))

    def ready(self, name: str) -> None:
        """Hear from a process that it can work now."""
        at = self._clock()
        with self._lock:
            self.victims[name].since = at
            for each in self.happenings:
                if each.name == name and each.kind is not Kind.STARTED and each.back_at is None:
                    each.back_at = at
            self.happenings.append(Happening(at, name, Kind.STARTED))
