"""What an open dashboard is told: only what is new, at once, and never for ever."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import requests

from jibit_sandbox.core.context import MOST_STREAMS
from jibit_sandbox.testing import SandboxWorld, running_sandbox
from testkit.cases import naming
from testkit.processes import wait_until
from tests.sandbox.merchant import Merchant

PAGES = "/_sandbox/pages"


class Reader:
    """Somebody who looked at the dashboard of a world, and asks what is new since then."""

    def __init__(self, world: SandboxWorld, **filters: str) -> None:
        self.world = world
        self.asked = {"world": world.name, "lang": "en", **filters}
        page = requests.get(world.base_url, params=self.asked, timeout=10).text
        found = re.search('data-mark="([^"]+)"', page)
        assert found
        self.mark = found[1]

    def news(self) -> dict[str, Any]:
        asked = {**self.asked, "after": self.mark}
        news = requests.get(f"{self.world.base_url}{PAGES}/news", params=asked, timeout=10).json()
        self.mark = news.pop("mark")
        return dict(news)

    @contextmanager
    def stream(self, **headers: str) -> Iterator[requests.Response]:
        url, asked = f"{self.world.base_url}{PAGES}/stream", {**self.asked, "after": self.mark}
        with requests.get(url, params=asked, headers=headers, stream=True, timeout=20) as stream:
            yield stream


def ids(rows: list[str]) -> list[str]:
    return [row.split('"')[1] for row in rows]


def events_of(stream: requests.Response) -> Iterator[tuple[str, dict[str, Any]]]:
    """The id and the news of each event of the stream."""
    identifier = ""
    for line in stream.iter_lines(chunk_size=1, decode_unicode=True):
        if line.startswith("id: "):
            identifier = line.removeprefix("id: ")
        if line.startswith("data: "):
            yield identifier, json.loads(line.removeprefix("data: "))


def event_about_orders(stream: requests.Response) -> tuple[str, dict[str, Any]]:
    """The next one; the call that created or changed an order is told before."""
    return next(event for event in events_of(stream) if "orders" in event[1])


def test_only_what_is_new_is_told_and_only_once(merchant: Merchant) -> None:
    merchant.paid()
    reader = Reader(merchant.world)
    assert reader.news() == {}
    identifier, _ = merchant.opened()
    news = reader.news()
    assert ids(news["orders"]) == [f"order-{identifier}"]
    assert len(news["calls"]) == 1
    assert set(news["parts"]) == {"counts", "order-count", "call-count"}
    assert reader.news() == {}
    merchant.world.clock.advance(901)
    news = reader.news()  # nobody has called: only the state has changed, and the clock was set
    assert "expired" in news["orders"][0]
    assert set(news) == {"orders", "parts"}
    assert set(news["parts"]) == {"now", "counts"}


def test_a_call_is_told_when_it_comes_and_again_when_it_is_answered(merchant: Merchant) -> None:
    reader = Reader(merchant.world)
    merchant.world.behave("hold", operation="list")
    with ThreadPoolExecutor(1) as background:
        background.submit(merchant.list)
        merchant.world.wait_until_held()
        coming = reader.news()["calls"]
        requests.get(f"{merchant.base_url}/elsewhere", timeout=10)
        assert "calls" not in reader.news()  # the held one is not told again
        merchant.world.release()
    answered = reader.news()["calls"]
    assert ids(coming) == ids(answered)
    assert ("being answered" in coming[0], "being answered" in answered[0]) == (True, False)


def test_the_filters_of_the_page_hold_for_its_news(merchant: Merchant) -> None:
    readers = [Reader(merchant.world, operation="list"), Reader(merchant.world, gateway="wallet")]
    merchant.list()
    merchant.opened()
    news = [reader.news() for reader in readers]
    assert ["GET list" in row for row in news[0]["calls"]] == [True]
    assert set(news[1]) == {"parts"}


def test_a_reset_or_an_unknown_mark_asks_for_the_whole_page(merchant: Merchant) -> None:
    reader = Reader(merchant.world)
    merchant.world.reset()
    merchant.generate()
    merchant.list()
    assert reader.news() == {"reload": True}
    assert reader.news() == {}
    for mark in (
        "",
        "nonsense",
        "1.2.3",
        "9" * 30,
        "1..1..\n",
        f"{'9' * 15}.ffffffff.1..",
        "٣..1..",
    ):
        with naming(mark):
            reader.mark = mark
            assert reader.news() == {"reload": True}


def test_a_stream_tells_at_once_and_goes_on_where_it_was_cut(merchant: Merchant) -> None:
    reader = Reader(merchant.world)
    with reader.stream() as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        one, _ = merchant.opened()
        read, news = event_about_orders(stream)
        assert ids(news["orders"]) == [f"order-{one}"]
    two, _ = merchant.opened()
    with reader.stream(**{"Last-Event-ID": read}) as stream:
        _, news = event_about_orders(stream)
        assert ids(news["orders"]) == [f"order-{two}"]


def test_an_order_expires_on_an_open_dashboard_without_any_call(merchant: Merchant) -> None:
    identifier, _ = merchant.opened()
    reader = Reader(merchant.world)
    merchant.world.clock.advance(901)
    with reader.stream() as stream:
        _, news = event_about_orders(stream)
    assert ids(news["orders"]) == [f"order-{identifier}"]
    assert "expired" in news["orders"][0]


def test_few_listen_at_once_and_who_leaves_makes_room() -> None:
    with running_sandbox() as world, ExitStack() as listening:
        reader = Reader(world)
        for _ in range(MOST_STREAMS):
            assert listening.enter_context(reader.stream()).status_code == 200
        with reader.stream() as refused:
            assert refused.status_code == 204
        assert Reader(world).news() == {}  # pages and calls are served all the same
        listening.close()
        wait_until(lambda: status_of(reader) == 200, "somebody else can listen")


def status_of(reader: Reader) -> int:
    with reader.stream() as stream:
        return stream.status_code


@pytest.mark.parametrize("world_name", ["a b", "x" * 65])
def test_a_world_that_cannot_be_has_no_stream(world: SandboxWorld, world_name: str) -> None:
    url = f"{world.base_url}{PAGES}/stream"
    assert requests.get(url, params={"world": world_name}, timeout=10).status_code == 400
