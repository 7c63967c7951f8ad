"""Reading a list is bounded in pages and, on request, in seconds."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import pytest

from jibit_client import PpgClient
from jibit_client.errors import TimedOut, Unintelligible
from tests.client.conftest import Connect
from tests.client.documents import LIST, order, page
from tests.client.paging import Stopwatch, pages
from tests.client.scripted import ScriptedServer

SINCE = datetime(2020, 6, 10, 15, tzinfo=UTC)
UNTIL = datetime(2020, 6, 10, 16, tzinfo=UTC)


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def client(connect: Connect, stopwatch: Stopwatch) -> PpgClient:
    patient = connect(steady=stopwatch)
    assert isinstance(patient, PpgClient)
    return patient


def test_a_list_is_given_up_after_so_many_pages(server: ScriptedServer, client: PpgClient) -> None:
    server.on(LIST, pages())
    read = client.orders_between(SINCE, UNTIL, most_pages=3)
    assert [next(read).id for _ in range(3)] == ["o1", "o2", "o3"]
    with pytest.raises(Unintelligible, match="did not end in 3 pages"):
        next(read)
    assert len(server.asked(LIST)) == 3


def test_a_list_of_just_so_many_pages_is_read_to_its_end(
    server: ScriptedServer, client: PpgClient
) -> None:
    server.on(LIST, pages(3))
    assert len(list(client.orders_between(SINCE, UNTIL, most_pages=3))) == 3


def test_a_list_is_given_up_after_so_many_seconds(
    server: ScriptedServer, client: PpgClient, stopwatch: Stopwatch
) -> None:
    def three_seconds() -> None:
        stopwatch.seconds += 3

    server.on(LIST, pages(meanwhile=three_seconds))
    with pytest.raises(TimedOut, match="did not end in 10 seconds"):
        list(client.orders_between(SINCE, UNTIL, most_seconds=10))
    assert len(server.asked(LIST)) == 4


def test_a_page_that_came_late_is_still_read(
    server: ScriptedServer, client: PpgClient, stopwatch: Stopwatch
) -> None:
    def a_minute() -> None:
        stopwatch.seconds += 60

    server.on(LIST, pages(1, meanwhile=a_minute))
    assert [each.id for each in client.orders_between(SINCE, UNTIL, most_seconds=10)] == ["o1"]


def test_without_a_bound_the_list_may_take_as_long_as_it_takes(
    server: ScriptedServer, client: PpgClient, stopwatch: Stopwatch
) -> None:
    def an_hour() -> None:
        stopwatch.seconds += 3600

    server.on(LIST, pages(150, meanwhile=an_hour))
    assert len(list(client.orders_between(SINCE, UNTIL))) == 150


class EndlessList:
    """Stands where calls go out: 10,000 of them are too many for a wire."""

    calls = 0

    def call(self, _: object) -> object:
        self.calls += 1
        return page(order(id=f"o{self.calls}"), pageNumber=self.calls, hasNext=True)


@pytest.mark.long
def test_the_whole_list_is_given_up_after_ten_thousand_pages() -> None:
    endless = EndlessList()
    rows = PpgClient(endless).orders_between(SINCE, UNTIL)  # type: ignore[arg-type]
    assert sum(1 for _ in islice(rows, 10_000)) == 10_000
    with pytest.raises(Unintelligible, match="did not end in 10000 pages"):
        next(rows)
    assert endless.calls == 10_000
