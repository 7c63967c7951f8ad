"""All purchases of a span are read, although the gateway shows 20 pages of one list at most."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from jibit_client import PpgV3Client, PurchaseFilter
from jibit_client.errors import TimedOut, TooManyRequests, Unintelligible
from testkit.clock import MovingClock
from tests.client.scripted import Connection, Reply, ScriptedServer, http, raw, refuses, says
from tests.client.v3_documents import LIST, page, purchase
from tests.client.wires import PPG_V3, Wire

SINCE = datetime(2026, 11, 28, 10, tzinfo=UTC)
UNTIL = SINCE + timedelta(hours=1)


@pytest.fixture
def wire() -> Wire:
    return PPG_V3


def purchases_at(server: ScriptedServer, times: list[datetime]) -> Reply:
    """Answer as the gateway does: the newest first, 20 pages, filtered by the time of creation."""

    def reply(connection: Connection) -> bool:
        query = {name: values[0] for name, values in server.heard[-1].query.items()}
        since, until = (datetime.fromisoformat(query[name]) for name in ("from", "to"))
        number, size = int(query["page"]), int(query["size"])
        if number > 20:
            return refuses(400, "page_number.max_exceeded")(connection)
        found = [
            purchase(purchaseIdStr=str(order), createdAt=at.isoformat())
            for order, at in enumerate(times)
            if since <= at < until
        ]
        newest = found[::-1][(number - 1) * size : number * size]
        more = len(found) > number * size
        return says(page(*newest, hasNext=more, pageNumber=number))(connection)

    return reply


def ids(
    client: PpgV3Client, size: int, most_pages: int = 10_000, most_seconds: float | None = None
) -> list[int]:
    read = client.purchases_between(
        SINCE, UNTIL, size=size, most_pages=most_pages, most_seconds=most_seconds
    )
    return sorted(int(each.purchase_id) for each in read)


def test_a_list_is_read_page_by_page(server: ScriptedServer, client: PpgV3Client) -> None:
    server.on(LIST, purchases_at(server, [SINCE + timedelta(minutes=n) for n in range(5)]))
    criteria = PurchaseFilter(status="SUCCESS")
    read = client.purchases_between(SINCE, UNTIL, criteria=criteria, size=2, language="en")
    assert len(list(read)) == 5
    queries = [heard.query for heard in server.asked(LIST)]
    assert [query["page"] for query in queries] == [["1"], ["2"], ["3"]]
    assert {query["status"][0] for query in queries} == {"SUCCESS"}


def test_a_span_with_more_than_the_gateway_shows_is_halved_and_each_purchase_is_given_once(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(LIST, purchases_at(server, [SINCE + timedelta(seconds=60 * n) for n in range(50)]))
    assert ids(client, size=1) == list(range(50))
    assert len(server.asked(LIST)) < 130


@pytest.mark.long
def test_more_purchases_in_a_second_than_the_gateway_shows_are_not_kept_quiet(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(LIST, purchases_at(server, [SINCE] * 21))
    with pytest.raises(Unintelligible, match="one second"):
        ids(client, size=1)


def test_rows_that_make_no_sense_are_gathered_once(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(LIST, says(page(purchase(purchaseIdStr="1"), "nonsense", hasNext=True)), says(page()))
    unreadable: list[object] = []
    read = client.purchases_between(SINCE, UNTIL, unreadable=unreadable)
    assert [each.purchase_id for each in read] == ["1"]
    assert unreadable == ["nonsense"]


def test_a_list_that_repeats_itself_is_given_up(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(LIST, says(page(purchase(), hasNext=True)))
    with pytest.raises(Unintelligible, match="repeats"):
        ids(client, size=1)
    assert len(server.asked(LIST)) == 4


def test_a_list_is_given_up_after_so_many_pages_or_seconds(
    server: ScriptedServer, client: PpgV3Client, clock: MovingClock
) -> None:
    every_page = purchases_at(server, [SINCE + timedelta(minutes=n) for n in range(10)])
    server.on(LIST, every_page)
    with pytest.raises(Unintelligible, match="did not end in 3 pages"):
        ids(client, size=1, most_pages=3)
    assert ids(client, size=1, most_pages=10) == list(range(10))

    def slow(connection: Connection) -> bool:
        clock.advance(4)
        return every_page(connection)

    server.on(LIST, slow)
    with pytest.raises(TimedOut, match="did not end in 10 seconds"):
        ids(client, size=1, most_seconds=10)


def test_a_second_list_at_the_same_time_is_refused_and_the_wait_is_told(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(LIST, raw(http(429, b"", "Retry-After: 3")))
    with pytest.raises(TooManyRequests) as caught:
        ids(client, size=1)
    assert caught.value.retry_after == 3
    assert len(server.asked(LIST)) == 1
