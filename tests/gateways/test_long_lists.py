"""A look-up is given up in time, so that it keeps the worker from nothing; reading all is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from payment_engine.errors import NoAnswer, Unreadable
from payment_engine.gateways.jibit_ppg import JibitPpg
from tests.client.documents import LIST
from tests.client.paging import Stopwatch, pages
from tests.client.scripted import ScriptedServer
from tests.gateways.conftest import Connect

SINCE = datetime(2020, 6, 10, 15, tzinfo=UTC)
UNTIL = datetime(2020, 6, 10, 16, tzinfo=UTC)


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def gateway(connect: Connect, stopwatch: Stopwatch) -> JibitPpg:
    patient = connect(steady=stopwatch)
    assert isinstance(patient, JibitPpg)
    return patient


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


def test_a_look_up_gives_up_after_ten_seconds(
    server: ScriptedServer, gateway: JibitPpg, stopwatch: Stopwatch
) -> None:
    def three_seconds() -> None:
        stopwatch.seconds += 3

    server.on(LIST, pages(meanwhile=three_seconds))
    with pytest.raises(NoAnswer, match="did not end in 10 seconds"):
        gateway.find("our-reference", since=SINCE, until=UNTIL)
    assert len(server.asked(LIST)) == 4


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
