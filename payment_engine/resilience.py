"""Keep a gateway in trouble from taking the application along: circuit breaker and bulkhead.

An open breaker stops new payments only. Inquiries and verifications are never stopped: they are
what finds out that the gateway is back, and a paid payment cannot wait for that.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from payment_engine.errors import CredentialsRefused, GatewayError, NoAnswer, Refused

logger = logging.getLogger(__name__)

Monotonic = Callable[[], float]
RETRY_SECONDS = 60  #: what a payer is told when the gateway named no time


class GatewayUnavailable(Exception):
    """Raised when no payment could be opened now. Nothing was paid; the order can be paid again.

    Attributes:
        retry_after: seconds to wait before another try.
        refused: the gateway answered, and did not accept this payment; else it did not answer, has
            not for a while, or too many payers wait for it already.
        was_asked: the gateway was called, so there is a payment that is looked up if need be.
    """

    def __init__(
        self,
        reason: str,
        *,
        retry_after: int = RETRY_SECONDS,
        refused: bool = False,
        was_asked: bool = False,
    ) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.refused = refused
        self.was_asked = was_asked


class CircuitBreaker:
    """Pause new payments after ``failures`` calls in a row without an answer.

    Any answer closes the breaker.

    While open, one new payment is let through after each ``pause`` to try. The pause is measured on
    the monotonic clock: a wall clock set back would stop new payments for as long. A refusal (4xx)
    is an answer. Thread-safe; each process has its own.
    """

    def __init__(
        self, name: str, failures: int, pause: timedelta, monotonic: Monotonic = time.monotonic
    ) -> None:
        self._name, self._failures, self._monotonic = name, failures, monotonic
        self._pause_seconds = pause.total_seconds()
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._next_try: float | None = None  # on the monotonic clock

    def renewed(self) -> CircuitBreaker:
        """Return one that is closed, with locks of its own, for a process that was forked."""
        pause = timedelta(seconds=self._pause_seconds)
        return CircuitBreaker(self._name, self._failures, pause, self._monotonic)

    @property
    def state(self) -> str:
        """Return ``"closed"``, which is the usual state, or ``"open"``."""
        return "closed" if self._next_try is None else "open"

    def lets_through(self) -> bool:
        """Return whether a new payment may be tried now."""
        with self._lock:
            now = self._monotonic()
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
        except GatewayError:
            raise
        self._answered()

    def _failed(self) -> None:
        with self._lock:
            self._in_a_row += 1
            if self._in_a_row < self._failures:
                return
            if self._next_try is None:
                logger.error("%s does not answer: new payments pause", self._name)
            self._next_try = self._monotonic() + self._pause_seconds

    def _answered(self) -> None:
        with self._lock:
            if self._next_try is not None:
                logger.warning("%s answers again: new payments go on", self._name)
            self._in_a_row, self._next_try = 0, None


class Bulkhead:
    """Bound how many threads of this process wait for one gateway at once.

    Creating and asking have slots of their own, so that neither can starve the other, and the rest
    of the server's threads serve the pages that need no gateway.
    """

    def __init__(self, breaker: CircuitBreaker, create_slots: int, ask_slots: int) -> None:
        self.breaker = breaker
        self._create_slots, self._ask_slots = create_slots, ask_slots
        self._creating = threading.BoundedSemaphore(create_slots)
        self._asking = threading.BoundedSemaphore(ask_slots)

    def renewed(self) -> Bulkhead:
        """Return one with all its slots free, for a process that was forked."""
        return Bulkhead(self.breaker.renewed(), self._create_slots, self._ask_slots)

    def widen(self, threads: int) -> None:
        """Let at least so many threads ask at once; call it before any does.

        For a worker process, which bounds its threads itself and serves no pages.
        """
        self._asking = threading.BoundedSemaphore(max(self._ask_slots, threads))

    @contextmanager
    def creating(self) -> Iterator[None]:
        """Hold a slot while a payment is opened. Raises GatewayUnavailable at once."""
        if not self._creating.acquire(blocking=False):
            raise GatewayUnavailable("too many payers wait for the gateway already")
        try:
            if not self.breaker.lets_through():
                raise GatewayUnavailable("the gateway has not answered for a while")
            yield
        finally:
            self._creating.release()

    @contextmanager
    def asking(self) -> Iterator[bool]:
        """Hold a slot for inquiries about one payment; give False if all are taken: ask later."""
        free = self._asking.acquire(blocking=False)
        try:
            yield free
        finally:
            if free:
                self._asking.release()
