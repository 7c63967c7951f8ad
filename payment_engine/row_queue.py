"""Process what is due, one row at a time: whatever one row raises, the others have their turn.

Every loop over rows is a :class:`RowQueue` that :func:`process_due` works off, in any number of
threads and processes: recovery, reconciliation's payments, and an application's own loops.
"""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Protocol

from payment_engine.resilience import Monotonic

logger = logging.getLogger(__name__)

Tally = dict[str, int]
Spread = Callable[[Callable[[int], str], Iterator[int]], Iterable[str]]
"""Runs a function over ids of rows, as ``map`` does; takes the next id when it can."""

LONGEST_PASS = timedelta(seconds=30)  #: then the tally is returned, and the next pass begins
LISTED_AFTER = 5  #: failures in a row; then a person is told, and the row is still tried
FAILED = "error"  #: counts in a tally what raised


class RowQueue(Protocol):
    """Rows that wait for a step of ours, each until its own moment; ``name`` is for the log."""

    name: str

    def claim(self) -> int | None:
        """Lease the next due row, commit, and return its id; None if no row is due.

        No other worker is given the row until the lease ends. Rows that were put off in this pass
        are not due in it.
        """

    def process(self, row_id: int, /) -> str:
        """Do the step for a row. Returns a word to count it under; may raise anything."""

    def set_aside(self, row_id: int, error: Exception, /) -> str:
        """Count a failure of a row, with its reason, and put the row off or give it up.

        Returns a word to count it under.
        """

    def is_temporary(self, error: Exception, /) -> bool:
        """Return whether an error is none of the row's: a line of the log will do, without a trace.

        As while no database answers, when every row meets the same.
        """


def process_due(queue: RowQueue, monotonic: Monotonic, spread: Spread = map) -> Tally:
    """Claim and process rows until none is due, for at most :data:`LONGEST_PASS`; count by word.

    Raises only what :meth:`RowQueue.claim` raises, which concerns no single row.
    """
    return dict(Counter(spread(lambda row_id: _careful(queue, row_id), _claimed(queue, monotonic))))


def _claimed(queue: RowQueue, monotonic: Monotonic) -> Iterator[int]:
    end = monotonic() + LONGEST_PASS.total_seconds()
    while monotonic() <= end and (row_id := queue.claim()) is not None:
        yield row_id


def _careful(queue: RowQueue, row_id: int) -> str:
    try:
        return queue.process(row_id)
    except Exception as error:  # noqa: BLE001 - of this row; the next one has its turn
        _log(queue, row_id, "failed", error)
        return _set_aside(queue, row_id, error)


def _set_aside(queue: RowQueue, row_id: int, error: Exception) -> str:
    try:
        return queue.set_aside(row_id, error)
    except Exception as second:  # noqa: BLE001 - even that: it is due again when its lease ends
        _log(queue, row_id, "could not be set aside", second)
        return FAILED


def _log(queue: RowQueue, row_id: int, what: str, error: Exception) -> None:
    if queue.is_temporary(error):
        why = str(error).partition("\n")[0]  # below it, SQLAlchemy shows the statement's values
        kind = type(error).__name__
        logger.error("%s: row %s %s: %s: %s", queue.name, row_id, what, kind, why)
    else:
        logger.error("%s: row %s %s", queue.name, row_id, what, exc_info=error)


def back_off(failures: int, first: timedelta, longest: timedelta) -> timedelta:
    """Return a pause after so many failures in a row: doubled each time, capped, with full jitter.

    Anything from zero to the cap is as likely, so that what failed together does not return
    together.
    """
    ceiling = min(longest, first * 2 ** min(failures - 1, 20)).total_seconds()
    return timedelta(seconds=random.uniform(0, ceiling))  # noqa: S311 - spreads load, guards nothing
