"""Work on several threads, and stop without breaking off what is being begun."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from threading import Lock, Semaphore

from flask import Flask

from payment_engine.row_queue import Spread


class Stop:
    """Whether the worker was asked to stop. Whoever is handing something over ends that first."""

    def __init__(self) -> None:
        self._lock, self._asked = Lock(), False

    def ask(self) -> None:
        """From now on nothing new is begun; what is being begun now is waited for."""
        self._asked = True  # first, or whoever holds the lock could take it again and again
        with self._lock:
            pass

    @contextmanager
    def held_off(self) -> Iterator[bool]:
        """Nobody asks meanwhile; whether nobody has yet, so that something may be begun."""
        with self._lock:
            yield not self._asked


def on_threads(app: Flask, pool: ThreadPoolExecutor, threads: int, stop: Stop) -> Spread:
    """Work like `map`, on so many of the pool's threads, each step with a session of its own.

    What the log knows of the job is known on these threads, too.

    The next row is claimed when a thread is free for it; none is when it is time to stop.
    """

    def spread(step: Callable[[int], str], ids: Iterator[int]) -> list[str]:
        free, running = Semaphore(threads), []

        def in_context(row_id: int) -> str:
            try:
                with app.app_context():
                    return step(row_id)
            finally:
                free.release()

        while free.acquire():
            with stop.held_off() as go_on:
                row_id = next(ids, None) if go_on else None
                if row_id is None:
                    break
                running.append(pool.submit(copy_context().run, in_context, row_id))
        return [each.result() for each in running]

    return spread
