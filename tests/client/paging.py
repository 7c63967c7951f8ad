"""Lists without an end, and a watch for tests of how long their reading may take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.client.documents import order, page
from tests.client.scripted import Connection, Reply, says


class Stopwatch:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def pages(last: int | None = None, *, meanwhile: Callable[[], object] = list) -> Reply:
    """Answer page after page with one new order each; without ``last`` there is always a next."""
    numbers: Iterator[int] = iter(range(1, 1_000_000))

    def reply(connection: Connection) -> bool:
        meanwhile()
        number = next(numbers)
        row: dict[str, Any] = order(id=f"o{number}", referenceNumber=f"reference-{number}")
        # the total is wrong, as it may be
        answer = page(row, pageNumber=number, hasNext=number != last, numberOfElemnts=1)
        return says(answer)(connection)

    return reply
