"""Keep a gateway in trouble from taking the application along: circuit breaker and bulkhead.

An open breaker stops new payments only. Inquiries and verifications are never stopped: they are
what finds out that the gateway is back, and a paid payment cannot wait for that. Every call feeds
the breaker, those of the gateway's list and of reconciliation as well.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from payment_engine.errors import CredentialsRefused, NoAnswer, NoTurn, Refused

logger = logging.getLogger(__name__)

Monotonic = Callable[[], float]
RowT = TypeVar("RowT")
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

    Any answer closes the breaker, and nothing else does.

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
        self._calls = 0  # that have ended
        self._next_try: float | None = None  # on the monotonic clock

    def renewed(self) -> CircuitBreaker:
        """Return one that is closed, with locks of its own, for a process that was forked."""
        pause = timedelta(seconds=self._pause_seconds)
        return CircuitBreaker(self._name, self._failures, pause, self._monotonic)

    @property
    def state(self) -> str:
        """Return ``"closed"``, which is the usual state, or ``"open"``."""
        return "closed" if self._next_try is None else "open"

    @contextmanager
    def letting_through(self) -> Iterator[bool]:
        """Give whether a new payment may be tried now; a try without a call is not used up."""
        before = self._calls
        may_try = self.lets_through()
        try:
            yield may_try
        finally:
            with self._lock:
                if may_try and self._next_try is not None and self._calls == before:
                    self._next_try = self._monotonic()

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
    def watching(self, *, is_answer: bool = True) -> Iterator[None]:
        """Learn from how a call to the gateway ends.

        ``is_answer``: that it ends well shows that the gateway has answered.
        """
        try:
            yield
        except (CredentialsRefused, NoTurn):
            raise  # perhaps nothing was sent: it tells nothing about the gateway
        except NoAnswer:
            self._failed()
            raise
        except Refused:
            self._answered()
            raise
        if is_answer:
            self._answered()

    def _failed(self) -> None:
        with self._lock:
            self._calls += 1
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
            self._calls += 1
            self._in_a_row, self._next_try = 0, None


class Bulkhead:
    """Bound how many threads of this process wait for one gateway at once.

    Creating, asking and listing have slots of their own, so that none can starve another, and the
    rest of the server's threads serve the pages that need no gateway.
    """

    def __init__(self, breaker: CircuitBreaker, create_slots: int, ask_slots: int) -> None:
        self.breaker = breaker
        self._create_slots, self._ask_slots = create_slots, ask_slots
        self._creating = threading.BoundedSemaphore(create_slots)
        self._asking = threading.BoundedSemaphore(ask_slots)
        self._listing = threading.BoundedSemaphore(ask_slots)

    def renewed(self) -> Bulkhead:
        """Return one with all its slots free, for a process that was forked."""
        return Bulkhead(self.breaker.renewed(), self._create_slots, self._ask_slots)

    def widen(self, threads: int) -> None:
        """Let at least so many threads ask at once; call it before any does.

        For a worker process, which bounds its threads itself and serves no pages.
        """
        slots = max(self._ask_slots, threads)
        self._asking = threading.BoundedSemaphore(slots)
        self._listing = threading.BoundedSemaphore(slots)

    @contextmanager
    def creating(self) -> Iterator[None]:
        """Hold a slot while a payment is opened. Raises GatewayUnavailable at once."""
        if not self._creating.acquire(blocking=False):
            raise GatewayUnavailable("too many payers wait for the gateway already")
        try:
            with self.breaker.letting_through() as may_try:
                if not may_try:
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

    @contextmanager
    def listing(self, *, is_answer: bool = True) -> Iterator[None]:
        """Make a call for the look-up of creates or for reconciliation, which no payer waits for.

        Waits for a slot; see :meth:`CircuitBreaker.watching` for what is learnt.
        """
        with self._listing, self.breaker.watching(is_answer=is_answer):
            yield

    def rows_of(self, read: Callable[[], Iterable[RowT]]) -> Iterator[RowT]:
        """Yield the rows of a gateway's list as they are read, each in a slot.

        Only the first one, or that there is none, is sure to come of an answer just received: the
        others may have come with it.
        """
        with self.listing():
            rows = iter(read())
            row = next(rows, None)
        while row is not None:
            yield row
            with self.listing(is_answer=False):
                row = next(rows, None)
