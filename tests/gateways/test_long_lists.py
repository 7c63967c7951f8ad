"""A list without an end holds nobody up: both walks through it are bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from payment_engine.errors import NoAnswer, Unreadable
from payment_engine.gateways.jibit_ppg import JibitPpg
from tests.client.documents import LIST, order, page
from tests.client.scripted import Connection, Reply, ScriptedServer, says
from tests.gateways.conftest import Connect

SINCE = datetime(2020, 6, 10, 15, tzinfo=UTC)
UNTIL = datetime(2020, 6, 10, 16, tzinfo=UTC)


class Stopwatch:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def gateway(connect: Connect, stopwatch: Stopwatch) -> JibitPpg:
    patient = connect(steady=stopwatch)
    assert isinstance(patient, JibitPpg)
    return patient


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


def test_a_look_up_gives_up_after_a_hundred_pages(
    server: ScriptedServer, gateway: JibitPpg
) -> None:
    server.on(LIST, pages())
    with pytest.raises(Unreadable, match="did not end in 100 pages"):
        gateway.find("our-reference", since=SINCE, until=UNTIL)
    assert len(server.asked(LIST)) == 100


def test_what_stands_on_the_hundredth_page_is_found(
    server: ScriptedServer, gateway: JibitPpg
) -> None:
    server.on(LIST, pages())
    found = gateway.find("reference-100", since=SINCE, until=UNTIL)
    assert found is not None
    assert found.gateway_payment_id == "o100"


def test_a_list_of_a_hundred_pages_is_read_to_its_end(
    server: ScriptedServer, gateway: JibitPpg
) -> None:
    server.on(LIST, pages(100))
    assert gateway.find("our-reference", since=SINCE, until=UNTIL) is None


def test_a_look_up_gives_up_after_ten_seconds(
    server: ScriptedServer, gateway: JibitPpg, stopwatch: Stopwatch
) -> None:
    def three_seconds() -> None:
        stopwatch.seconds += 3

    server.on(LIST, pages(meanwhile=three_seconds))
    with pytest.raises(NoAnswer, match="did not end in 10 seconds"):
        gateway.find("our-reference", since=SINCE, until=UNTIL)
    assert len(server.asked(LIST)) == 4


def test_a_page_that_came_late_is_still_looked_through(
    server: ScriptedServer, gateway: JibitPpg, stopwatch: Stopwatch
) -> None:
    def a_minute() -> None:
        stopwatch.seconds += 60

    server.on(LIST, pages(meanwhile=a_minute))
    found = gateway.find("reference-1", since=SINCE, until=UNTIL)
    assert found is not None
    assert found.gateway_payment_id == "o1"


def test_a_late_last_page_says_that_the_payment_never_arrived(
    server: ScriptedServer, gateway: JibitPpg, stopwatch: Stopwatch
) -> None:
    def a_minute() -> None:
        stopwatch.seconds += 60

    server.on(LIST, pages(1, meanwhile=a_minute))
    assert gateway.find("our-reference", since=SINCE, until=UNTIL) is None


def test_the_whole_list_may_take_as_long_as_it_takes(
    server: ScriptedServer, gateway: JibitPpg, stopwatch: Stopwatch
) -> None:
    def an_hour() -> None:
        stopwatch.seconds += 3600

    server.on(LIST, pages(150, meanwhile=an_hour))
    assert len(list(gateway.payments_between(SINCE, UNTIL))) == 150
