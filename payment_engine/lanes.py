"""Keep a gateway that serves few calls at once from holding up the rows of all others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from threading import Condition

from payment_engine.gateway import Gateway
from payment_engine.resilience import Monotonic

LOOK_SECONDS = 1.0  #: so often a claim that waits for a lane looks whether another row is due


class Lanes:
    """Bound how many rows of such a gateway one pass works on at once. Thread-safe.

    A gateway with ``asks_at_once`` has so many lanes, and one more, whose thread reads and writes
    while the others call. The rows of all other gateways are not bounded.
    """

    def __init__(self, gateways: Mapping[str, Gateway], monotonic: Monotonic) -> None:
        lanes = {name: gateway.asks_at_once for name, gateway in gateways.items()}
        self._most = {name: at_once + 1 for name, at_once in lanes.items() if at_once}
        self._unbounded = [name for name in gateways if name not in self._most]
        self._monotonic = monotonic
        self._running: dict[int, str] = {}
        self._look_at: dict[str, float] = {}  # when to look for due rows again where none was
        self._ended = 0
        self._changed = Condition()

    def claim(self, take: Callable[[Collection[str]], int | None]) -> int | None:
        """Return a row that can be worked on now; None if no row is due, or can be soon.

        ``take`` claims the next row of the gateways that it is given. Waits while rows that are due
        may only want a lane.
        """
        while True:
            with self._changed:
                ended, running = self._ended, list(self._running.values())
            full = [name for name, most in self._most.items() if running.count(name) >= most]
            row_id = self._take(take, [name for name in self._most if name not in full])
            if row_id is not None or not full:
                return row_id
            self._wait(ended)

    def _wait(self, ended: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._ended != ended, LOOK_SECONDS)

    def _take(
        self, take: Callable[[Collection[str]], int | None], bounded: Collection[str]
    ) -> int | None:
        for name in bounded:
            if self._monotonic() < self._look_at.get(name, 0.0):
                continue  # each look is a transaction that writes
            row_id = take([name])
            if row_id is not None:
                with self._changed:
                    self._running[row_id] = name
                return row_id
            self._look_at[name] = self._monotonic() + LOOK_SECONDS
        return take(self._unbounded) if self._unbounded else None

    @contextmanager
    def working_on(self, row_id: int) -> Iterator[None]:
        """Keep the row's lane while it is worked on."""
        try:
            yield
        finally:
            with self._changed:
                self._running.pop(row_id, None)
                self._ended += 1
                self._changed.notify_all()
