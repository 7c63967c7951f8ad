"""Processes take turns: who waits, for how long, and who goes first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from payment_engine import PaymentEngine, Policy
from payment_engine.errors import NotSent, NoTurn
from payment_engine.gateway import Surroundings
from payment_engine.sqlalchemy_store import SqlAlchemyStore
from payment_engine.testing import ScriptedGateway
from payment_engine.turns import OneAtATime, Turns
from testkit.cases import naming
from testkit.clock import MovingClock

PATIENCE = 10  # seconds; only a deadlock takes so long
HOLD = 30


@pytest.fixture
def store(tmp_path: Path, clock: MovingClock) -> Iterator[SqlAlchemyStore]:
    database = create_engine(f"sqlite:///{tmp_path}/payments.sqlite3")
    yield SqlAlchemyStore(database, clock=clock.now).create_tables()
    database.dispose()


@pytest.fixture
def turns(store: SqlAlchemyStore) -> Turns:
    return store.turns("a list")


@pytest.fixture
def process(turns: Turns, clock: MovingClock) -> OneAtATime:
    """It waits by moving the clock."""
    return OneAtATime(turns, clock.advance, clock.steady)


def held(process: OneAtATime, *, urgent: bool = False, wait: float = 0) -> ExitStack:
    """Take the turn; closing what is returned gives it back."""
    stack = ExitStack()
    stack.enter_context(process.turn(urgent=urgent, wait_seconds=wait, hold_seconds=HOLD))
    return stack


def test_the_turn_is_given_back_also_after_an_error(process: OneAtATime) -> None:
    with pytest.raises(ZeroDivisionError), held(process):
        raise ZeroDivisionError
    with held(process):
        pass


def test_who_waits_in_vain_is_told_after_the_wait_that_nothing_was_sent(
    process: OneAtATime, store: SqlAlchemyStore, clock: MovingClock
) -> None:
    another = OneAtATime(store.turns("a list"), clock.advance, clock.steady)
    for urgent in (True, False):
        for wait in (0, 2.5):
            with naming(urgent, wait), held(another):
                began = clock.steady()
                with pytest.raises(NotSent, match="read by somebody else") as refusal:
                    held(process, urgent=urgent, wait=wait)
                assert isinstance(refusal.value, NoTurn)
                assert clock.steady() - began == pytest.approx(wait)
            clock.advance(2)  # the urgent one gave up


def test_who_waits_gets_the_turn_when_the_killed_holders_has_ended(
    process: OneAtATime, turns: Turns, clock: MovingClock
) -> None:
    assert turns.try_take(urgent=True, seconds=3)
    began = clock.steady()
    with held(process, wait=5):
        assert clock.steady() - began == pytest.approx(3, abs=0.05)


def test_a_waiting_one_asks_about_thirty_times_a_second_and_not_in_step_with_others(
    turns: Turns, clock: MovingClock
) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        clock.advance(seconds)

    turns.try_take(urgent=False, seconds=HOLD)
    with pytest.raises(NoTurn):
        held(OneAtATime(turns, pause, clock.steady), wait=10)
    assert 25 * 10 < len(pauses) < 42 * 10
    assert max(pauses) < 0.05
    assert len({round(each, 6) for each in pauses}) > 100


def test_a_process_with_much_to_do_lets_everybody_else_ask_between_two_turns(
    process: OneAtATime, clock: MovingClock
) -> None:
    for urgent in (True, False):
        with naming(urgent), held(process, urgent=urgent):
            clock.advance(1)
        began = clock.steady()
        with held(process, urgent=not urgent, wait=1):
            assert clock.steady() == began
        with held(process, urgent=urgent, wait=1):
            assert clock.steady() - began > 0.045  # the longest time between two questions
        clock.advance(1)


def test_turns_need_no_clock_that_moves_while_nobody_else_wants_them(
    turns: Turns, clock: MovingClock
) -> None:
    process = OneAtATime(turns, lambda _seconds: None, clock.steady)
    for _ in range(2):
        with held(process, wait=1):
            pass


def test_one_that_gave_up_keeps_nobody_from_the_turn_for_more_than_a_second(
    process: OneAtATime, turns: Turns, clock: MovingClock
) -> None:
    holder = turns.try_take(urgent=False, seconds=HOLD)
    assert holder
    with pytest.raises(NoTurn):
        held(process, urgent=True, wait=5)
    turns.release(holder)
    with pytest.raises(NoTurn):
        held(process)
    began = clock.steady()
    with held(process, wait=5):
        assert 0.4 < clock.steady() - began < 1.1


def test_a_turn_given_before_the_clock_was_set_back_is_free(
    process: OneAtATime, turns: Turns, clock: MovingClock
) -> None:
    turns.try_take(urgent=False, seconds=HOLD)
    assert turns.try_take(urgent=True, seconds=HOLD) is None
    clock.set_by(-3600)
    with held(process):
        assert turns.try_take(urgent=True, seconds=HOLD) is None


def test_another_holders_longer_turn_is_not_taken_for_one_from_the_future(turns: Turns) -> None:
    turns.try_take(urgent=False, seconds=600)
    assert turns.try_take(urgent=True, seconds=1) is None


def test_a_turn_of_less_than_no_or_more_than_ten_minutes_is_refused(turns: Turns) -> None:
    for seconds in (-1, 601):
        with naming(seconds), pytest.raises(ValueError, match="600 seconds"):
            turns.try_take(urgent=False, seconds=seconds)


class Busy:
    """Turns that nobody gets until they are free; ``asked`` tells who asked until then."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.asked: list[str] = []
        self.waiting = threading.Semaphore(0)

    def try_take(self, urgent: bool, seconds: float) -> int | None:
        assert seconds == HOLD
        if self.free.is_set():
            return 1
        self.asked.append("urgent" if urgent else "not urgent")
        return None

    def release(self, fence: int) -> None:
        assert fence == 1

    def pause(self, _seconds: float) -> None:
        """Wait until the turn is free, not only for the seconds."""
        self.waiting.release()
        assert self.free.wait(PATIENCE)


@pytest.fixture
def busy() -> Busy:
    return Busy()


def test_of_the_waiting_threads_of_a_process_one_asks_for_the_urgent_and_one_for_the_others(
    busy: Busy,
) -> None:
    process = OneAtATime(busy, busy.pause)
    with ThreadPoolExecutor(8) as pool:
        waiting = pool.map(
            lambda urgent: held(process, urgent=urgent, wait=PATIENCE), (True, False) * 4
        )
        for _ in range(2):
            assert busy.waiting.acquire(timeout=PATIENCE)
        assert not busy.waiting.acquire(timeout=0.05)
        busy.free.set()
        for turn in waiting:
            turn.close()
    assert sorted(busy.asked) == ["not urgent", "urgent"]


def test_a_forked_process_waits_for_no_thread_of_its_parent(busy: Busy) -> None:
    parent = OneAtATime(busy, busy.pause)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(held, parent, wait=PATIENCE)
        assert busy.waiting.acquire(timeout=PATIENCE)
        for process, asked in ((parent, 1), (parent.renewed(), 2)):
            with pytest.raises(NoTurn):
                held(process)
            assert len(busy.asked) == asked
        busy.free.set()
        waiting.result().close()


class Attached(ScriptedGateway):
    """Keeps what the engine lends it."""

    def attach(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings


def test_an_engine_lends_its_gateways_the_turns_of_its_store(
    store: SqlAlchemyStore, clock: MovingClock
) -> None:
    gateway = Attached()
    policy = Policy(callback_url="https://shop.example/{reference}", redirect_hosts={gateway.host})
    PaymentEngine(gateways=[gateway], store=store, policy=policy, clock=clock.now)
    fence = gateway.surroundings.turns("a list").try_take(urgent=True, seconds=HOLD)
    assert fence
    assert store.turns("a list").try_take(urgent=True, seconds=HOLD) is None
    gateway.surroundings.turns("a list").release(fence)
    assert store.turns("a list").try_take(urgent=True, seconds=HOLD)
