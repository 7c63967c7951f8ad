"""Read a list of purchases to its end, although the gateway shows 20 pages of one list at most."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator
from datetime import datetime, timedelta
from typing import Final

from ..errors import TimedOut, Unintelligible
from .pages import MOST_PAGES, Page
from .purchases import Purchase

#: No merchant has more purchases in a second than the gateway lists.
SHORTEST_SPAN: Final = timedelta(seconds=1)

#: New purchases shift others to the next page, but never this many pages in a row.
MOST_STALE_PAGES: Final = 3

log: Final = logging.getLogger("jibit_client.ppg_v3")

Ask = Callable[[datetime, datetime, int], Page[Purchase]]


class PurchaseWalk:
    """Read every purchase of a span of time once, in no certain order.

    ``ask(since, until, page)`` makes the call. A span with more purchases than its pages show is
    halved, as often as needed. Rows that make no sense are gathered in ``unreadable``.
    """

    def __init__(
        self,
        ask: Ask,
        monotonic: Callable[[], float],
        *,
        most_pages: int,
        most_seconds: float | None,
        unreadable: list[object] | None = None,
    ) -> None:
        self._ask = ask
        self._monotonic = monotonic
        self._pages_left = self._most_pages = most_pages
        self._most_seconds = most_seconds
        self._unreadable = [] if unreadable is None else unreadable
        self._seen: set[str] = set()

    def purchases(self, since: datetime, until: datetime) -> Iterator[Purchase]:
        """Yield the purchases.

        Raises Unintelligible if there is more after ``most_pages`` calls, TimedOut if there is more
        after ``most_seconds``.
        """
        self._started = self._monotonic()
        spans = [(since, until)]
        while spans:
            span = spans.pop()
            if not (yield from self._span(*span)):
                spans += _halves(*span)

    def _span(self, since: datetime, until: datetime) -> Generator[Purchase, None, bool]:
        """Yield what is new in the pages of one list; return whether they showed all of it."""
        here: set[str] = set()
        unreadable: list[object] = []
        stale = 0
        for page in range(1, MOST_PAGES + 1):
            answer = self._page(since, until, page)
            yield from self._fresh(answer)
            unreadable += answer.unreadable
            ids = {each.purchase_id for each in answer.elements}
            stale, here = (0 if ids - here else stale + 1), here | ids
            if not answer.goes_on:
                self._unreadable += unreadable
                return True
            if stale == MOST_STALE_PAGES:
                raise Unintelligible("list", "the list repeats itself")
        return False

    def _page(self, since: datetime, until: datetime, page: int) -> Page[Purchase]:
        seconds = self._most_seconds
        if seconds is not None and self._monotonic() - self._started >= seconds:
            raise TimedOut("list", f"the list did not end in {seconds:g} seconds")
        if not self._pages_left:
            raise Unintelligible("list", f"the list did not end in {self._most_pages} pages")
        self._pages_left -= 1
        answer = self._ask(since, until, page)
        if answer.unreadable:
            log.warning("%d unreadable purchases in the list", len(answer.unreadable))
        return answer

    def _fresh(self, answer: Page[Purchase]) -> Iterator[Purchase]:
        for each in answer.elements:
            if each.purchase_id not in self._seen:
                self._seen.add(each.purchase_id)
                yield each


def _halves(since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    if until - since <= SHORTEST_SPAN:
        raise Unintelligible("list", "the gateway does not show all purchases of one second")
    middle = since + (until - since) / 2
    return [(since, middle), (middle, until)]
