"""How long tokens are used and waited for, to the very moment; and what a refusal carries along."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from jibit_client.errors import CredentialsRefused, InvalidRequest, NotConnected
from jibit_client.token_manager import TokenManager
from jibit_client.tokens import MemoryTokenStore, TokenLifetimes, TokenPair, utc_now
from testkit.clock import MovingClock

DAY = TokenLifetimes(access=timedelta(hours=24), refresh=timedelta(hours=48))
ISSUED = datetime(2026, 11, 21, tzinfo=UTC)
PAIR = TokenPair("access-1", "refresh-1", ISSUED)
MOMENT = timedelta(microseconds=1)
PATIENCE = 12.0  # seconds
REFUSED = InvalidRequest("generate", "no")


class FakeEndpoint:
    """A gateway's two token calls, of which only the first is needed here."""

    def __init__(self, generate: Callable[[], TokenPair]) -> None:
        self.generate = generate

    def refresh(self, pair: TokenPair) -> TokenPair:  # noqa: ARG002 - the protocol gives it
        raise InvalidRequest("refresh", "no")


class CountingStore(MemoryTokenStore):
    """Counts how often it is read: on a database, each costs a query."""

    reads = 0

    def read(self) -> TokenPair | None:
        self.reads += 1
        return super().read()


@pytest.fixture
def store(clock: MovingClock) -> MemoryTokenStore:
    return MemoryTokenStore(clock.now)


def manager(
    clock: MovingClock,
    store: MemoryTokenStore,
    *,
    patience: float = PATIENCE,
    answered_after: float = 0,
    refused: InvalidRequest | None = None,
    deadline: datetime | None = None,
) -> TokenManager:
    """Return a token manager whose gateway gives a pair, or refuses, after so many seconds."""

    def generate() -> TokenPair:
        clock.advance(answered_after)
        if refused:
            raise refused
        return TokenPair("access-1", "refresh-1", clock.now())

    return TokenManager(
        FakeEndpoint(generate),
        store,
        DAY,
        lease_seconds=30,
        patience_seconds=patience,
        clock=clock.now,
        sleep=clock.advance,
        steady=clock.steady,
        nearest_deadline=lambda: deadline,
    )


def pause_after_a_refusal(
    clock: MovingClock, store: MemoryTokenStore, deadline: datetime | None = None
) -> timedelta:
    """Be refused once; return for how long nobody on this store may try again."""
    refused_at = clock.now()
    with pytest.raises(CredentialsRefused):
        manager(clock, store, refused=REFUSED, deadline=deadline).keep_fresh()
    refusals = store.refusals()
    assert refusals is not None
    return refusals.until - refused_at


@pytest.mark.parametrize(
    ("judge", "end"),
    [
        (DAY.alive, timedelta(hours=23, minutes=59)),
        (DAY.young, timedelta(hours=18)),
        (DAY.refreshable, timedelta(hours=48)),
    ],
    ids=["alive", "young", "refreshable"],
)
def test_a_pair_is_good_until_a_moment_before_its_end(
    judge: Callable[[TokenPair, datetime], bool], end: timedelta
) -> None:
    assert judge(PAIR, ISSUED + end - MOMENT)
    assert not judge(PAIR, ISSUED + end)


def test_the_default_clock_is_aware_and_in_utc() -> None:
    assert utc_now().tzinfo is UTC


def test_a_lease_is_over_at_the_moment_it_was_given_for(
    clock: MovingClock, store: MemoryTokenStore
) -> None:
    assert store.try_lease(5) == 1
    clock.advance(4.999999)
    assert store.try_lease(5) is None
    clock.advance(0.000001)
    assert store.try_lease(5) == 2


def test_a_lease_is_believed_within_the_skew_of_two_clocks(
    clock: MovingClock, store: MemoryTokenStore
) -> None:
    assert store.try_lease(30) == 1
    clock.set_by(-5)
    assert store.try_lease(30) is None
    clock.set_by(-MOMENT.total_seconds())
    assert store.try_lease(30) == 2


def test_a_token_that_comes_just_in_time_is_used_and_a_moment_later_is_not(
    clock: MovingClock, store: MemoryTokenStore
) -> None:
    in_time = manager(clock, store, answered_after=PATIENCE)
    assert in_time.call_with_token("verify", str.upper) == "ACCESS-1"
    late = manager(clock, MemoryTokenStore(clock.now), answered_after=PATIENCE + 0.000001)
    with pytest.raises(NotConnected) as caught:
        late.call_with_token("verify", str.upper)
    assert (caught.value.operation, caught.value.reason) == ("verify", "the tokens came too late")


def test_a_pair_that_was_read_is_used_until_it_is_no_longer_young_without_the_store(
    clock: MovingClock,
) -> None:
    store = CountingStore(clock.now)
    manager(clock, store).keep_fresh()
    reader = manager(clock, store)
    reader.call_with_token("verify", str.upper)
    store.reads = 0
    reader.call_with_token("verify", str.upper)
    assert store.reads == 0
    clock.advance(timedelta(hours=18).total_seconds())
    reader.call_with_token("verify", str.upper)
    assert store.reads == 1


def test_who_has_no_patience_looks_once_all_the_same(
    clock: MovingClock, store: MemoryTokenStore
) -> None:
    assert manager(clock, store, patience=0).call_with_token("verify", str.upper) == "ACCESS-1"


def test_refused_credentials_are_told_with_all_that_the_gateway_said(
    clock: MovingClock, store: MemoryTokenStore
) -> None:
    said = InvalidRequest(
        "generate", "no", http_status=403, codes=("forbidden",), messages=("No.",), fingerprint="f1"
    )
    with pytest.raises(CredentialsRefused) as caught:
        manager(clock, store, refused=said).call_with_token("create", str.upper)
    error = caught.value
    assert (error.operation, error.reason) == ("generate", "the credentials were refused")
    assert (error.http_status, error.codes, error.messages) == (403, ("forbidden",), ("No.",))
    assert error.fingerprint == "f1"


def test_after_a_refusal_nobody_asks_again_for_a_second(
    clock: MovingClock, store: MemoryTokenStore
) -> None:
    asked = manager(clock, store, refused=REFUSED)
    for waited, reason in (
        (timedelta(), "the credentials were refused"),
        (timedelta(seconds=1) - MOMENT, "the credentials were refused a moment ago"),
        (MOMENT, "the credentials were refused"),
    ):
        clock.advance(waited.total_seconds())
        with pytest.raises(CredentialsRefused) as caught:
            asked.keep_fresh()
        assert caught.value.reason == reason


def test_the_pause_doubles_with_every_refusal_up_to_a_minute(
    clock: MovingClock, store: MemoryTokenStore
) -> None:
    pauses = []
    for _ in range(9):
        pauses.append(pause_after_a_refusal(clock, store))
        clock.advance(pauses[-1].total_seconds())
    assert [pause.total_seconds() for pause in pauses] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_pair_ends_the_pause_and_the_next_one_is_short_again(
    clock: MovingClock, store: MemoryTokenStore
) -> None:
    for _ in range(7):
        clock.advance(pause_after_a_refusal(clock, store).total_seconds())
    assert manager(clock, store).keep_fresh() is True
    assert store.refusals() is None
    clock.advance(DAY.refresh.total_seconds())
    assert pause_after_a_refusal(clock, store) == timedelta(seconds=1)


@pytest.mark.parametrize(
    ("seconds_left", "pause"), [(100, 60), (90, 60), (89, 59), (40, 10), (31, 1), (30, 1), (5, 1)]
)
def test_the_pause_ends_before_the_last_chance_to_verify_a_payment(
    clock: MovingClock, store: MemoryTokenStore, seconds_left: int, pause: int
) -> None:
    for _ in range(6):
        clock.advance(pause_after_a_refusal(clock, store).total_seconds())
    deadline = clock.now() + timedelta(seconds=seconds_left)
    assert pause_after_a_refusal(clock, store, deadline) == timedelta(seconds=pause)


def test_a_pause_from_before_the_clock_was_set_back_is_over(
    clock: MovingClock, store: MemoryTokenStore
) -> None:
    pause_after_a_refusal(clock, store)
    clock.set_by(-3600)
    assert manager(clock, store).keep_fresh() is True


def test_a_pause_set_by_a_clock_that_is_a_little_ahead_holds(
    clock: MovingClock, store: MemoryTokenStore
) -> None:
    pause_after_a_refusal(clock, store)
    clock.set_by(-5)
    with pytest.raises(CredentialsRefused, match="a moment ago"):
        manager(clock, store).keep_fresh()
    clock.set_by(-MOMENT.total_seconds())
    assert manager(clock, store).keep_fresh() is True


def test_a_second_refusal_at_the_same_moment_does_no_harm(
    clock: MovingClock, store: MemoryTokenStore
) -> None:
    for _ in range(2):
        store.note_refusal(clock.now() + timedelta(seconds=1))
    with pytest.raises(CredentialsRefused):
        manager(clock, store).keep_fresh()
    clock.advance(1)
    assert manager(clock, store).keep_fresh() is True
