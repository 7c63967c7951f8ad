"""Order what all processes together may do one at a time, such as a gateway's list call."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Protocol

from payment_engine.errors import NoTurn
from payment_engine.resilience import Monotonic

POLL_SECONDS = 0.015, 0.045  #: between two questions, at random; processes shall not fall in step
REST_SECONDS = 0.06  #: longer, so that everybody else who waits has asked meanwhile
LONGEST_HOLD_SECONDS = 600


class Turns(Protocol):
    """Give the turn to one holder at a time, over all processes. Thread-safe.

    Every turn that is given has a fencing number higher than the last one's.
    """

    def try_take(self, urgent: bool, seconds: float) -> int | None:
        """Return a fencing number, or None while somebody else has the turn.

        The turn ends after ``seconds``, of which there are at most ``LONGEST_HOLD_SECONDS``: one
        that ends later than it can have been given was given before the clock was set back, and
        counts as free. An urgent try that gets None keeps the turn from those that are not urgent,
        for about a second.
        """

    def release(self, fence: int) -> None:
        """End the turn early; does nothing if it is somebody else's by now."""


class OneAtATime:
    """Wait for the turn, and hold it while something is done. Thread-safe; make one per process.

    The waiting threads of one process stand in two lines, the urgent ones and the others, and only
    the first of each line asks ``turns``. After a turn of its own a line rests until everybody else
    has asked, so that a process with much to do keeps nobody waiting for more than one turn.
    """

    def __init__(
        self,
        turns: Turns,
        pause: Callable[[float], None] = time.sleep,
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        self._turns, self._pause, self._monotonic = turns, pause, monotonic
        self._urgent, self._others = _Line(), _Line()

    def renewed(self) -> OneAtATime:
        """Return one with locks of its own, for a process that was forked."""
        return OneAtATime(self._turns, self._pause, self._monotonic)

    @contextmanager
    def turn(self, *, urgent: bool, wait_seconds: float, hold_seconds: float) -> Iterator[None]:
        """Hold the turn; if this process is killed meanwhile it ends after ``hold_seconds``.

        An urgent one, such as an inquiry that a payer waits for, goes before any that is not, such
        as a page of a reconciliation. Raises :exc:`~payment_engine.errors.NoTurn` if the turn has
        not come after ``wait_seconds``.
        """
        line = self._urgent if urgent else self._others
        until = self._monotonic() + wait_seconds
        if not line.first.acquire(timeout=max(wait_seconds, 0)):
            raise _too_late()
        try:
            fence = self._ask(line, urgent, until, hold_seconds)
        finally:
            line.first.release()
        try:
            yield
        finally:
            self._turns.release(fence)
            line.rests_until = self._monotonic() + REST_SECONDS

    def _ask(self, line: _Line, urgent: bool, until: float, hold_seconds: float) -> int:
        ask_at = 0.0
        while True:
            self._pause_until(min(ask_at, until))
            self._pause_until(min(line.rests_until, until))  # it may have begun meanwhile
            fence = self._turns.try_take(urgent, hold_seconds)
            if fence is not None:
                return fence
            now = self._monotonic()
            if now >= until:
                raise _too_late()
            ask_at = now + random.uniform(*POLL_SECONDS)  # noqa: S311 - guards nothing

    def _pause_until(self, moment: float) -> None:
        seconds = moment - self._monotonic()
        if seconds > 0:
            self._pause(seconds)


class _Line:
    """Hold a line of waiting threads: the first one has the lock."""

    def __init__(self) -> None:
        self.first = Lock()
        self.rests_until = 0.0


def _too_late() -> NoTurn:
    return NoTurn("list", "the list is being read by somebody else")
