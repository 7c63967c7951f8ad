"""What keeps a gateway in trouble from taking the shop along: a breaker, and slots for its callers.

An open breaker stops new payments only. Questions and verifications are never stopped: they are
what finds out that the gateway is back, and a paid payment cannot wait for that.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from jibit_client.errors import CredentialsRefused, NoAnswer, NotConnected, Refused
from storefront.core.clock import Steady

logger = logging.getLogger(__name__)


class GatewayUnavailable(NotConnected):
    """Nothing was sent: the gateway is in trouble, or too many shoppers wait for it already."""


class Breaker:
    """Opens after ``failures`` calls without an answer in a row; any answer at all closes it.

    While open, one new payment is let through after each ``pause`` to try. The pause is measured on
    the monotonic clock: a clock set back would stop new payments for as long. A refusal (4xx) is
    an answer. Thread-safe; each process has its own.
    """

    def __init__(
        self, name: str, failures: int, pause: timedelta, steady: Steady = time.monotonic
    ) -> None:
        self._name, self._failures, self._steady = name, failures, steady
        self._pause_seconds = pause.total_seconds()
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._next_try: float | None = None  # on the monotonic clock

    @property
    def state(self) -> str:
        """``"closed"`` as it should be, or ``"open"``."""
        return "closed" if self._next_try is None else "open"

    def lets_through(self) -> bool:
        """Whether a new payment may be tried now."""
        with self._lock:
            now = self._steady()
            if self._next_try is not None and now < self._next_try:
                return False
            if self._next_try is not None:
                self._next_try = now + self._pause_seconds
            return True

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Learn from how a call to the gateway ends."""
        try:
            yield
        except CredentialsRefused:
            raise  # perhaps nothing was sent: it tells nothing about the gateway
        except NoAnswer:
            self._failed()
            raise
        except Refused:
            self._answered()
            raise
        self._answered()

    def _failed(self) -> None:
        with self._lock:
            self._in_a_row += 1
            if self._in_a_row < self._failures:
                return
            if self._next_try is None:
                logger.error("%s does not answer: new payments pause", self._name)
            self._next_try = self._steady() + self._pause_seconds

    def _answered(self) -> None:
        with self._lock:
            if self._next_try is not None:
                logger.warning("%s answers again: new payments go on", self._name)
            self._in_a_row, self._next_try = 0, None


class Guard:
    """The breaker of one gateway, and how many threads of this process may wait for it at once.

    Creating and asking have slots of their own, so that neither can starve the other, and what
    is left of the server's threads serves the catalogue.
    """

    def __init__(self, breaker: Breaker, create_slots: int, ask_slots: int) -> None:
        self.breaker = breaker
        self._creating = threading.BoundedSemaphore(create_slots)
        self._ask_slots = ask_slots
        self._asking = threading.BoundedSemaphore(ask_slots)

    def make_room(self, threads: int) -> None:
        """Let at least so many threads ask at once; call it before any does.

        For a process that bounds its threads itself and has no catalogue to keep fast.
        """
        self._asking = threading.BoundedSemaphore(max(self._ask_slots, threads))

    @contextmanager
    def creating(self) -> Iterator[None]:
        """Hold a slot while a payment is opened. Raises :class:`GatewayUnavailable`, at once."""
        if not self._creating.acquire(blocking=False):
            raise GatewayUnavailable("create", "too many shoppers wait for the gateway already")
        try:
            if not self.breaker.lets_through():
                raise GatewayUnavailable("create", "the gateway has not answered for a while")
            with self.breaker.watching():
                yield
        finally:
            self._creating.release()

    @contextmanager
    def asking(self) -> Iterator[bool]:
        """Hold a slot for questions about one payment; False if all are taken: ask later."""
        free = self._asking.acquire(blocking=False)
        try:
            yield free
        finally:
            if free:
                self._asking.release()
