"""One pair for everybody, renewed once, by one at a time, whatever happens to it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from jibit_client.errors import (
    CredentialsRefused,
    NoAnswer,
    NotAuthenticated,
    NotConnected,
    ServerFailed,
    TimedOut,
    TooManyRequests,
    Unintelligible,
)
from jibit_client.tokens import MemoryTokenStore, TokenPair
from testkit.clock import MovingClock
from tests.client.conftest import Connect
from tests.client.scripted import Connection, Reply, ScriptedServer, hangs, raw, refuses, resets
from tests.client.wires import PPG, PPG_V3, WALLET, AnyClient, Wire

HOUR = 3600.0


@pytest.fixture(params=[PPG, PPG_V3, WALLET], ids=lambda wire: wire.name)
def wire(request: pytest.FixtureRequest) -> Wire:
    """All gateways keep their tokens in the same way."""
    found: Wire = request.param
    return found


@pytest.fixture
def store(clock: MovingClock) -> MemoryTokenStore:
    return MemoryTokenStore(clock.now)


def holds(store: MemoryTokenStore, access: str, refresh: str, issued_at: datetime) -> None:
    fence = store.try_lease(1)
    assert fence is not None
    assert store.write(TokenPair(access, refresh, issued_at), fence)
    store.release(fence)


def bearers(server: ScriptedServer, route: str) -> list[str | None]:
    return [heard.headers["Authorization"] for heard in server.asked(route)]


def test_the_pair_is_asked_for_once_and_used_for_every_call(
    server: ScriptedServer, wire: Wire, client: AnyClient
) -> None:
    server.on(wire.inquiry, wire.tells())
    for _ in range(3):
        client.inquire(wire.identifier)
    assert len(server.asked(wire.generate)) == 1


def test_a_second_process_finds_the_pair_in_the_store(
    server: ScriptedServer, wire: Wire, connect: Connect, store: MemoryTokenStore
) -> None:
    server.on(wire.inquiry, wire.tells())
    connect(token_store=store).inquire(wire.identifier)
    connect(token_store=store).inquire(wire.identifier)
    assert len(server.asked(wire.generate)) == 1


def test_sixteen_cold_threads_make_one_generate_call(
    server: ScriptedServer, wire: Wire, connect: Connect
) -> None:
    together = threading.Barrier(16)
    arrived = threading.Semaphore(0)

    def slow(connection: Connection) -> bool:
        for _ in range(15):  # the answer waits until all others have had to wait for it
            assert arrived.acquire(timeout=10)
        return wire.tokens(1)(connection)

    def sleep(_seconds: float) -> None:
        arrived.release()
        threading.Event().wait(0.005)

    server.on(wire.generate, slow)
    server.on(wire.inquiry, wire.tells())
    client = connect(sleep=sleep)

    def buy(_: int) -> object:
        together.wait()
        client.inquire(wire.identifier)
        return wire.identifier

    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(buy, range(16))) == {wire.identifier}
    assert len(server.asked(wire.generate)) == 1
    assert len(server.asked(wire.inquiry)) == 16


@pytest.mark.parametrize(
    "code",
    [
        "token.verification.failed",
        "token.verification_failed",
        "security.auth_required",
        "user.not.authenticated",
        "never.heard.of",
    ],
)
def test_any_401_renews_once_and_repeats_the_call_once(
    server: ScriptedServer, wire: Wire, client: AnyClient, code: str
) -> None:
    server.on(wire.create, refuses(401, code), wire.opens())
    server.on(wire.refresh, wire.tokens(2))
    assert wire.creates(client) == wire.identifier
    assert bearers(server, wire.create) == ["Bearer access-1", "Bearer access-2"]
    (refresh,) = server.asked(wire.refresh)
    assert refresh.body == wire.refresh_body(1)
    assert refresh.headers["Authorization"] is None
    assert len(server.asked(wire.generate)) == 1


def test_a_401_without_an_envelope_renews_too(
    server: ScriptedServer, wire: Wire, client: AnyClient
) -> None:
    server.on(wire.verify, raw(b"HTTP/1.1 401 X\r\nContent-Length: 0\r\n\r\n"), wire.verifies())
    server.on(wire.refresh, wire.tokens(2))
    assert client.verify(wire.identifier).raw == wire.verified


def test_a_second_401_is_told_and_not_tried_a_third_time(
    server: ScriptedServer, wire: Wire, client: AnyClient
) -> None:
    server.on(wire.create, wire.refuses(401))
    server.on(wire.refresh, wire.tokens(2))
    with pytest.raises(NotAuthenticated) as caught:
        wire.creates(client)
    assert caught.value.codes == wire.codes(401)
    assert (len(server.asked(wire.create)), len(server.asked(wire.refresh))) == (2, 1)


def test_the_refresh_token_of_a_refresh_serves_the_next_refresh(
    server: ScriptedServer, wire: Wire, client: AnyClient
) -> None:
    server.on(
        wire.inquiry,
        wire.refuses(401),
        wire.tells(),
        wire.refuses(401),
        wire.tells(),
    )
    server.on(wire.refresh, wire.tokens(2), wire.tokens(3))
    client.inquire(wire.identifier)
    client.inquire(wire.identifier)
    assert [heard.body for heard in server.asked(wire.refresh)] == [
        wire.refresh_body(1),
        wire.refresh_body(2),
    ]
    assert bearers(server, wire.inquiry)[-1] == "Bearer access-3"


@pytest.mark.parametrize(
    "refresh",
    [
        lambda wire: wire.refuses(401),
        lambda wire: wire.refuses(400),
        lambda wire: wire.refuses(500),
        lambda wire: wire.refuses(429),
        lambda _: resets(),
        lambda wire: wire.tokens(2, refresh=None),
        lambda wire: wire.tokens(2, access="two\r\nlines: x"),
        lambda _: raw(b"HTTP/1.1 200 X\r\nContent-Length: 6\r\n\r\n<html>"),
    ],
    ids=["refused", "400", "500", "429", "reset", "half a pair", "header injection", "HTML"],
)
def test_a_refresh_refused_or_unanswered_falls_back_to_generate(
    server: ScriptedServer, wire: Wire, client: AnyClient, refresh: Callable[[Wire], Reply]
) -> None:
    server.on(wire.inquiry, wire.refuses(401), wire.tells())
    server.on(wire.generate, wire.tokens(1), wire.tokens(2))
    server.on(wire.refresh, refresh(wire))
    client.inquire(wire.identifier)
    assert bearers(server, wire.inquiry) == ["Bearer access-1", "Bearer access-2"]
    assert (len(server.asked(wire.refresh)), len(server.asked(wire.generate))) == (1, 2)


@pytest.mark.one_case_in(3)
def test_a_refresh_that_hangs_falls_back_to_generate(
    server: ScriptedServer, wire: Wire, connect: Connect
) -> None:
    server.on(wire.inquiry, wire.refuses(401), wire.tells())
    server.on(wire.generate, wire.tokens(1), wire.tokens(2))
    server.on(wire.refresh, hangs)
    connect(read_timeout=1.0).inquire(wire.identifier)
    assert bearers(server, wire.inquiry)[-1] == "Bearer access-2"


@pytest.mark.parametrize("status", [400, 401, 404])
def test_refused_credentials_stop_everything_loudly_and_without_a_hot_loop(
    server: ScriptedServer,
    wire: Wire,
    client: AnyClient,
    clock: MovingClock,
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    server.on(wire.generate, wire.refuses(status))
    with pytest.raises(CredentialsRefused) as caught:
        wire.creates(client)
    assert (caught.value.http_status, caught.value.codes) == (status, wire.codes(status))
    loud = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert "check the merchant's credentials" in loud[0].getMessage()
    for ask in (lambda: wire.creates(client), client.keep_fresh):
        with pytest.raises(CredentialsRefused):
            ask()
    assert len(server.asked(wire.generate)) == 1
    assert server.asked(wire.create) == []
    clock.advance(1)
    server.on(wire.generate, wire.tokens(1))
    server.on(wire.create, wire.opens())
    assert wire.creates(client) == wire.identifier


def test_a_pair_that_somebody_else_got_ends_the_pause_after_a_refusal(
    server: ScriptedServer,
    wire: Wire,
    connect: Connect,
    store: MemoryTokenStore,
    clock: MovingClock,
) -> None:
    client = connect(token_store=store)
    server.on(wire.generate, wire.refuses(401))
    server.on(wire.inquiry, wire.tells())
    with pytest.raises(CredentialsRefused):
        client.inquire(wire.identifier)
    holds(store, "access-9", "refresh-9", clock.now())
    client.inquire(wire.identifier)
    assert bearers(server, wire.inquiry) == ["Bearer access-9"]


def test_a_refresh_is_tried_during_the_pause_and_ends_it(
    server: ScriptedServer, wire: Wire, client: AnyClient
) -> None:
    server.on(wire.generate, wire.tokens(1), wire.refuses(401))
    server.on(wire.refresh, wire.refuses(500), wire.tokens(2), wire.refuses(500))
    dead = wire.refuses(401)
    server.on(wire.inquiry, dead, dead, wire.tells(), dead)
    with pytest.raises(CredentialsRefused):
        client.inquire(wire.identifier)
    client.inquire(wire.identifier)
    assert bearers(server, wire.inquiry)[-1] == "Bearer access-2"
    assert (len(server.asked(wire.refresh)), len(server.asked(wire.generate))) == (2, 2)
    with pytest.raises(CredentialsRefused):
        client.inquire(wire.identifier)
    assert len(server.asked(wire.generate)) == 3


def test_refused_credentials_pause_every_process_that_shares_the_store(
    server: ScriptedServer,
    wire: Wire,
    connect: Connect,
    store: MemoryTokenStore,
    clock: MovingClock,
) -> None:
    worker, web = connect(token_store=store), connect(token_store=store)
    server.on(wire.inquiry, wire.tells())
    server.on(wire.generate, wire.refuses(401), wire.tokens(1))
    for process in (worker, web):
        with pytest.raises(CredentialsRefused):
            process.inquire(wire.identifier)
    assert len(server.asked(wire.generate)) == 1
    clock.advance(1)
    assert web.inquire(wire.identifier).raw == wire.order
    assert worker.inquire(wire.identifier).raw == wire.order
    assert len(server.asked(wire.generate)) == 2


def test_a_payment_with_forty_seconds_left_is_verified_after_a_long_series_of_refusals(
    server: ScriptedServer, wire: Wire, connect: Connect, clock: MovingClock
) -> None:
    deadline = clock.now() + timedelta(seconds=1000)
    client = connect(nearest_deadline=lambda: deadline)
    server.on(wire.generate, wire.refuses(401))
    server.on(wire.verify, wire.verifies())
    for _ in range(16):
        with pytest.raises(CredentialsRefused):
            client.verify(wire.identifier)
        clock.advance(60)
    server.on(wire.generate, wire.refuses(401), wire.tokens(1))
    with pytest.raises(CredentialsRefused):  # forty seconds are left; the pause would be sixty
        client.verify(wire.identifier)
    clock.advance(10)
    assert client.verify(wire.identifier).raw == wire.verified


def test_a_lease_from_before_the_clock_was_set_back_bars_no_renewal(
    server: ScriptedServer,
    wire: Wire,
    connect: Connect,
    store: MemoryTokenStore,
    clock: MovingClock,
) -> None:
    server.on(wire.inquiry, wire.tells())
    store.try_lease(15)  # its holder died
    clock.set_by(-HOUR)
    assert connect(token_store=store).inquire(wire.identifier).raw == wire.order


def test_a_clock_that_is_set_back_gives_a_late_call_no_more_time(
    server: ScriptedServer, wire: Wire, client: AnyClient, clock: MovingClock
) -> None:
    def slow(connection: Connection) -> bool:
        clock.advance(13)
        clock.set_by(-HOUR)
        return wire.tokens(1)(connection)

    server.on(wire.generate, slow)
    server.on(wire.verify, wire.verifies())
    with pytest.raises(NotConnected, match="too late"):
        client.verify(wire.identifier)
    assert server.asked(wire.verify) == []


@pytest.mark.parametrize(
    ("generate", "error"),
    [
        (lambda _: resets(), NoAnswer),
        (lambda wire: wire.refuses(500), ServerFailed),
        (lambda wire: wire.tokens(1, access=7), Unintelligible),
        (lambda wire: wire.tokens(1, access="ü"), Unintelligible),
    ],
    ids=["reset", "500", "wrong type", "not ASCII"],
)
def test_an_unanswered_generate_means_that_the_call_was_never_sent(
    server: ScriptedServer,
    wire: Wire,
    connect: Connect,
    store: MemoryTokenStore,
    generate: Callable[[Wire], Reply],
    error: type[NoAnswer],
) -> None:
    client = connect(token_store=store)
    server.on(wire.generate, generate(wire))
    server.on(wire.create, wire.opens())
    with pytest.raises(NotConnected) as caught:
        wire.creates(client)
    assert caught.value.operation == "create"
    assert isinstance(caught.value.__cause__, error)
    assert server.asked(wire.create) == []
    assert store.read() is None
    server.on(wire.generate, wire.tokens(1))
    assert wire.creates(client) == wire.identifier


def test_too_many_generates_is_told_as_that(
    server: ScriptedServer, wire: Wire, client: AnyClient
) -> None:
    server.on(wire.generate, wire.refuses(429))
    with pytest.raises(TooManyRequests):
        wire.creates(client)


def test_a_call_whose_token_comes_too_late_is_not_sent(
    server: ScriptedServer, wire: Wire, client: AnyClient, clock: MovingClock
) -> None:
    def slow(connection: Connection) -> bool:
        clock.advance(13)  # twice the connect timeout of 1 s and the read timeout of 5 s, and more
        return wire.tokens(1)(connection)

    server.on(wire.generate, slow)
    server.on(wire.verify, wire.verifies())
    with pytest.raises(NotConnected, match="too late"):
        client.verify(wire.identifier)
    assert server.asked(wire.verify) == []
    assert client.verify(wire.identifier).raw == wire.verified


def test_a_call_whose_second_token_comes_too_late_is_not_repeated(
    server: ScriptedServer, wire: Wire, client: AnyClient, clock: MovingClock
) -> None:
    def slow(connection: Connection) -> bool:
        clock.advance(13)
        return wire.tokens(2)(connection)

    server.on(wire.refresh, slow)
    server.on(wire.verify, wire.refuses(401), wire.verifies())
    with pytest.raises(NotConnected, match="too late"):
        client.verify(wire.identifier)
    assert len(server.asked(wire.verify)) == 1


def test_whoever_waits_for_a_renewal_that_fails_fails_with_it(
    server: ScriptedServer, wire: Wire, connect: Connect
) -> None:
    waiting: set[int] = set()
    all_waiting = threading.Event()

    def slow(connection: Connection) -> bool:
        assert all_waiting.wait(10)
        return wire.refuses(500)(connection)

    def sleep(_seconds: float) -> None:
        waiting.add(threading.get_ident())
        if len(waiting) == 7:
            all_waiting.set()
        threading.Event().wait(0.005)

    server.on(wire.generate, slow)
    client = connect(sleep=sleep)
    with ThreadPoolExecutor(8) as threads:
        outcomes = [threads.submit(client.inquire, wire.identifier) for _ in range(8)]
    assert {type(outcome.exception()) for outcome in outcomes} == {NotConnected}
    assert len(server.asked(wire.generate)) == 1


def test_on_a_401_the_store_is_read_before_anything_is_renewed(
    server: ScriptedServer,
    wire: Wire,
    connect: Connect,
    store: MemoryTokenStore,
    clock: MovingClock,
) -> None:
    client = connect(token_store=store)
    server.on(wire.inquiry, wire.tells(), wire.refuses(401), wire.tells())
    client.inquire(wire.identifier)
    holds(store, "access-9", "refresh-9", clock.now())
    client.inquire(wire.identifier)
    assert bearers(server, wire.inquiry)[1:] == ["Bearer access-1", "Bearer access-9"]
    assert server.asked(wire.refresh) == []


def test_a_401_during_another_process_renewal_waits_for_its_pair(
    server: ScriptedServer,
    wire: Wire,
    connect: Connect,
    store: MemoryTokenStore,
    clock: MovingClock,
) -> None:
    slept = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            assert store.write(TokenPair("access-9", "refresh-9", clock.now()), others_fence or 0)

    client = connect(token_store=store, sleep=sleep)
    server.on(wire.inquiry, wire.tells(), wire.refuses(401), wire.tells())
    client.inquire(wire.identifier)
    others_fence = store.try_lease(15)
    client.inquire(wire.identifier)
    assert bearers(server, wire.inquiry)[-1] == "Bearer access-9"
    assert (len(slept), server.asked(wire.refresh)) == (3, [])


def test_waiting_for_another_process_is_bounded(
    server: ScriptedServer, wire: Wire, connect: Connect, store: MemoryTokenStore
) -> None:
    slept: list[float] = []
    client = connect(token_store=store, sleep=slept.append)
    store.try_lease(15)  # and the clock stands still: it never ends
    with pytest.raises(NotConnected, match="too long"):
        client.inquire(wire.identifier)
    assert sum(slept) < 13  # two connect timeouts of 1 s and two read timeouts of 5 s
    assert server.heard == []


def test_a_renewer_that_died_blocks_nobody_longer_than_its_lease(
    server: ScriptedServer, wire: Wire, connect: Connect, store: MemoryTokenStore
) -> None:
    server.on(wire.inquiry, wire.tells())
    client = connect(token_store=store)
    store.try_lease(5)  # and never released; the client's sleep moves the store's clock
    assert client.inquire(wire.identifier).raw == wire.order


def test_a_pair_renewed_between_reading_the_store_and_getting_the_lease_is_used(
    server: ScriptedServer, wire: Wire, connect: Connect, clock: MovingClock
) -> None:
    class QuickerNeighbour(MemoryTokenStore):
        def try_lease(self, seconds: float) -> int | None:
            if self.read() is None:
                neighbours = super().try_lease(seconds) or 0
                self.write(TokenPair("access-9", "refresh-9", clock.now()), neighbours)
                self.release(neighbours)
            return super().try_lease(seconds)

    server.on(wire.inquiry, wire.tells())
    connect(token_store=QuickerNeighbour(clock.now)).inquire(wire.identifier)
    assert bearers(server, wire.inquiry) == ["Bearer access-9"]
    assert server.asked(wire.generate) == []


def test_a_renewer_that_lost_its_lease_stores_nothing_and_takes_the_others_pair(
    server: ScriptedServer,
    wire: Wire,
    connect: Connect,
    store: MemoryTokenStore,
    clock: MovingClock,
) -> None:
    def overtaken(connection: Connection) -> bool:
        clock.advance(60)  # the lease has run out, and another process has taken the next
        holds(store, "access-9", "refresh-9", clock.now())
        return wire.tokens(1)(connection)

    server.on(wire.generate, overtaken)
    server.on(wire.inquiry, wire.tells())
    client = connect(token_store=store)
    assert client.keep_fresh() is False
    client.inquire(wire.identifier)
    assert bearers(server, wire.inquiry) == ["Bearer access-9"]
    pair = store.read()
    assert pair is not None
    assert pair.access_token == "access-9"


def test_a_fence_that_was_overtaken_neither_writes_nor_releases(
    store: MemoryTokenStore, clock: MovingClock
) -> None:
    old = store.try_lease(10)
    assert old is not None
    assert store.try_lease(10) is None
    clock.advance(10)
    new = store.try_lease(10)
    assert new is not None
    assert new > old
    assert store.write(TokenPair("old", "old", clock.now()), old) is False
    store.release(old)
    assert store.try_lease(10) is None
    assert store.write(TokenPair("new", "new", clock.now()), new) is True
    assert store.read() == TokenPair("new", "new", clock.now())


def test_the_worker_generates_the_first_pair_and_then_has_nothing_to_do(
    server: ScriptedServer, wire: Wire, client: AnyClient
) -> None:
    assert client.keep_fresh() is True
    assert client.keep_fresh() is False
    assert (len(server.asked(wire.generate)), server.asked(wire.refresh)) == (1, [])


def test_the_worker_refreshes_a_pair_in_its_last_quarter_and_everybody_notices(
    server: ScriptedServer,
    wire: Wire,
    connect: Connect,
    store: MemoryTokenStore,
    clock: MovingClock,
) -> None:
    worker, web = connect(token_store=store), connect(token_store=store)
    server.on(wire.inquiry, wire.tells())
    server.on(wire.refresh, wire.tokens(2))
    web.inquire(wire.identifier)
    clock.advance((wire.access_lives_hours * 3 / 4 - 0.1) * HOUR)
    assert worker.keep_fresh() is False
    clock.advance(0.2 * HOUR)
    assert worker.keep_fresh() is True
    assert worker.keep_fresh() is False
    web.inquire(wire.identifier)
    assert bearers(server, wire.inquiry) == ["Bearer access-1", "Bearer access-2"]


def test_the_worker_waits_for_nobody(
    server: ScriptedServer, connect: Connect, store: MemoryTokenStore
) -> None:
    store.try_lease(15)
    assert connect(token_store=store).keep_fresh() is False
    assert server.heard == []


def test_without_a_worker_an_ageing_token_is_used_until_it_dies(
    server: ScriptedServer, wire: Wire, client: AnyClient, clock: MovingClock
) -> None:
    server.on(wire.inquiry, wire.tells())
    server.on(wire.refresh, wire.tokens(2))
    client.inquire(wire.identifier)
    clock.advance((wire.access_lives_hours - 0.1) * HOUR)
    client.inquire(wire.identifier)
    clock.advance(0.1 * HOUR)
    client.inquire(wire.identifier)
    assert bearers(server, wire.inquiry) == [
        "Bearer access-1",
        "Bearer access-1",
        "Bearer access-2",
    ]


def test_a_refresh_token_that_must_be_dead_is_not_even_tried(
    server: ScriptedServer, wire: Wire, client: AnyClient, clock: MovingClock
) -> None:
    server.on(wire.inquiry, wire.tells())
    server.on(wire.generate, wire.tokens(1), wire.tokens(2))
    client.inquire(wire.identifier)
    clock.advance(wire.refresh_lives_hours * HOUR)
    client.inquire(wire.identifier)
    assert bearers(server, wire.inquiry)[-1] == "Bearer access-2"
    assert server.asked(wire.refresh) == []


def test_a_failed_renewal_of_a_living_pair_leaves_it_in_use(
    server: ScriptedServer, wire: Wire, client: AnyClient, clock: MovingClock
) -> None:
    server.on(wire.inquiry, wire.tells())
    client.inquire(wire.identifier)
    clock.advance(20 * HOUR)
    server.on(wire.refresh, wire.refuses(500))
    server.on(wire.generate, wire.refuses(500))
    with pytest.raises(ServerFailed):
        client.keep_fresh()
    client.inquire(wire.identifier)
    assert bearers(server, wire.inquiry) == ["Bearer access-1"] * 2


def test_a_generate_that_hangs_is_told_as_not_sent(
    server: ScriptedServer, wire: Wire, connect: Connect
) -> None:
    server.on(wire.generate, hangs)
    with pytest.raises(NotConnected) as caught:
        wire.creates(connect(read_timeout=0.3))
    assert isinstance(caught.value.__cause__, TimedOut)


def test_a_pair_shows_nothing_secret() -> None:
    pair = TokenPair("access-1", "refresh-1", datetime(2026, 1, 1, tzinfo=UTC))
    assert "access-1" not in repr(pair) + str(pair)
    assert "refresh-1" not in repr(pair) + str(pair)


def test_a_token_is_dated_from_before_it_was_asked_for(
    server: ScriptedServer,
    wire: Wire,
    connect: Connect,
    store: MemoryTokenStore,
    clock: MovingClock,
) -> None:
    asked_at = clock.now()

    def slow(connection: Connection) -> bool:
        clock.advance(9)
        return wire.tokens(1)(connection)

    server.on(wire.generate, slow)
    connect(token_store=store).keep_fresh()
    pair = store.read()
    assert pair is not None
    assert pair.issued_at == asked_at
    assert timedelta(0) < clock.now() - pair.issued_at


def test_a_token_call_speaks_english_to_the_operator(
    server: ScriptedServer, wire: Wire, client: AnyClient
) -> None:
    ask: Callable[[], object] = client.keep_fresh
    ask()
    assert server.asked(wire.generate)[0].headers["Accept-Language"] == "en"
