"""The circuit breaker and the bulkhead of one gateway, by themselves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import timedelta
from functools import partial

import pytest

from payment_engine.errors import CredentialsRefused, GatewayError, NoAnswer, NoTurn, Refused
from payment_engine.resilience import Bulkhead, CircuitBreaker, GatewayUnavailable
from testkit.clock import MovingClock

SILENCE = NoAnswer("create", "no whole answer in time")
PAUSE = 30  # seconds


@pytest.fixture
def breaker(clock: MovingClock) -> CircuitBreaker:
    """It opens after three calls in a row without an answer."""
    return CircuitBreaker("ppg", 3, timedelta(seconds=PAUSE), clock.steady)


def meets(breaker: CircuitBreaker, *ends: GatewayError | None) -> None:
    """Let a call end so, and the next one so."""
    for end in ends:
        with suppress(GatewayError), breaker.watching():
            if end:
                raise end


def test_three_silences_in_a_row_open_it_and_two_do_not(breaker: CircuitBreaker) -> None:
    meets(breaker, SILENCE, SILENCE, None, SILENCE, SILENCE)
    assert breaker.state == "closed"
    assert breaker.lets_through()
    meets(breaker, SILENCE)
    assert breaker.state == "open"
    assert not breaker.lets_through()


def test_a_refusal_is_an_answer_and_what_was_not_asked_tells_nothing(
    breaker: CircuitBreaker,
) -> None:
    meets(breaker, SILENCE, SILENCE, Refused("create", "no"), SILENCE, SILENCE)
    assert breaker.state == "closed"
    meets(breaker, CredentialsRefused("generate", "no"), NoTurn("list", "later"))
    assert breaker.state == "closed"
    meets(breaker, SILENCE)
    assert breaker.state == "open"


def test_while_open_it_lets_one_through_after_each_pause_until_an_answer_closes_it(
    breaker: CircuitBreaker, clock: MovingClock
) -> None:
    meets(breaker, *[SILENCE] * 3)
    clock.advance(PAUSE - 1)
    assert not breaker.lets_through()
    for _ in range(2):
        clock.advance(1)
        assert breaker.lets_through()
        assert not breaker.lets_through()
        clock.advance(PAUSE - 1)
        assert not breaker.lets_through()
    meets(breaker, None)
    assert breaker.state == "closed"
    assert breaker.lets_through()
    assert breaker.lets_through()


def test_each_further_silence_begins_the_pause_anew(
    breaker: CircuitBreaker, clock: MovingClock
) -> None:
    meets(breaker, *[SILENCE] * 3)
    clock.advance(PAUSE - 1)
    meets(breaker, SILENCE)
    clock.advance(PAUSE - 1)
    assert not breaker.lets_through()
    clock.advance(1)
    assert breaker.lets_through()


def test_its_state_is_told_once_each_time_it_changes(
    breaker: CircuitBreaker, caplog: pytest.LogCaptureFixture
) -> None:
    meets(breaker, *[SILENCE] * 5, None, None)
    told = [record.message for record in caplog.records]
    assert told == [
        "ppg does not answer: new payments pause",
        "ppg answers again: new payments go on",
    ]


def test_one_for_a_forked_process_is_closed_and_has_the_same_limits(
    breaker: CircuitBreaker, clock: MovingClock
) -> None:
    meets(breaker, *[SILENCE] * 3)
    renewed = breaker.renewed()
    assert (breaker.state, renewed.state) == ("open", "closed")
    meets(renewed, SILENCE, SILENCE)
    assert renewed.state == "closed"
    meets(renewed, SILENCE)
    assert renewed.state == "open"
    clock.advance(PAUSE - 1)
    assert not renewed.lets_through()
    clock.advance(1)
    assert renewed.lets_through()


def test_a_try_that_called_nobody_neither_closes_it_nor_is_used_up(
    breaker: CircuitBreaker, clock: MovingClock
) -> None:
    bulkhead = Bulkhead(breaker, create_slots=2, ask_slots=1)
    meets(breaker, *[SILENCE] * 3)
    clock.advance(PAUSE)
    for _ in range(2):
        with suppress(KeyError), bulkhead.creating():
            with pytest.raises(GatewayUnavailable), bulkhead.creating():
                pass  # one at a time
            raise KeyError("sold out meanwhile")
        assert breaker.state == "open"
    with bulkhead.creating():
        meets(breaker, SILENCE)
    with pytest.raises(GatewayUnavailable), bulkhead.creating():
        pass  # that try has called: the pause begins anew
    clock.advance(PAUSE)
    with bulkhead.creating():
        meets(breaker, None)
    assert breaker.state == "closed"


def test_a_call_of_the_list_feeds_it_and_takes_no_payers_slot(breaker: CircuitBreaker) -> None:
    bulkhead = Bulkhead(breaker, create_slots=1, ask_slots=1)
    for _ in range(3):
        with suppress(NoAnswer), bulkhead.listing():
            with bulkhead.creating(), bulkhead.asking() as free:
                assert free
            raise SILENCE
    assert breaker.state == "open"
    with bulkhead.listing():
        pass
    assert breaker.state == "closed"


def test_no_more_calls_of_the_list_run_at_once_than_there_are_slots(
    breaker: CircuitBreaker,
) -> None:
    bulkhead = Bulkhead(breaker, create_slots=1, ask_slots=2)
    running, most = [0], [0]
    lock = threading.Lock()
    together = threading.Barrier(2)

    def calls(_number: int) -> None:
        with bulkhead.listing():
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            together.wait(10)
            with lock:
                running[0] -= 1

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(calls, range(6)))
    assert most == [2]


def test_of_a_list_only_what_was_just_received_closes_it(breaker: CircuitBreaker) -> None:
    bulkhead = Bulkhead(breaker, create_slots=1, ask_slots=1)
    meets(breaker, *[SILENCE] * 3)
    rows = bulkhead.rows_of(lambda: iter([1, 2, 3]))
    assert breaker.state == "open", "nothing was read yet"
    assert next(rows) == 1
    assert breaker.state == "closed"
    meets(breaker, *[SILENCE] * 3)
    assert list(rows) == [2, 3]
    assert breaker.state == "open", "these had come before"
    assert list(bulkhead.rows_of(list)) == []
    assert breaker.state == "closed", "an empty list is an answer"


def test_a_list_that_breaks_off_is_a_silence(breaker: CircuitBreaker) -> None:
    bulkhead = Bulkhead(breaker, create_slots=1, ask_slots=1)

    def broken(rows: int) -> Iterator[int]:
        yield from range(rows)
        raise SILENCE

    for rows in (0, 0, 0):
        with pytest.raises(NoAnswer):
            list(bulkhead.rows_of(partial(broken, rows)))
    assert breaker.state == "open"
    meets(breaker, None, SILENCE, SILENCE)
    read = bulkhead.rows_of(partial(broken, 1))
    assert next(read) == 0
    meets(breaker, SILENCE, SILENCE)
    with pytest.raises(NoAnswer):
        next(read)
    assert breaker.state == "open"


@pytest.mark.parametrize("forked", [False, True], ids=["here", "forked"])
def test_creating_and_asking_have_slots_of_their_own(
    breaker: CircuitBreaker, *, forked: bool
) -> None:
    bulkhead = Bulkhead(breaker, create_slots=1, ask_slots=2)
    with ExitStack() as waiting:
        waiting.enter_context(bulkhead.creating())
        assert [waiting.enter_context(bulkhead.asking()) for _ in range(3)] == [True, True, False]
        with pytest.raises(GatewayUnavailable), bulkhead.creating():
            pass
        other = bulkhead.renewed() if forked else None
        if other:
            free = [waiting.enter_context(other.asking()) for _ in range(3)]
            assert free == [True, True, False]
            waiting.enter_context(other.creating())
    with bulkhead.creating(), bulkhead.asking() as free_again:
        assert free_again


@pytest.mark.parametrize(("threads", "slots"), [(1, 2), (4, 4)])
def test_a_worker_with_more_threads_gets_as_many_slots_to_ask(
    breaker: CircuitBreaker, threads: int, slots: int
) -> None:
    bulkhead = Bulkhead(breaker, create_slots=1, ask_slots=2)
    bulkhead.widen(threads)
    with ExitStack() as waiting:
        free = [waiting.enter_context(bulkhead.asking()) for _ in range(slots + 1)]
    assert free == [True] * slots + [False]


def test_who_finds_it_open_is_told_when_to_come_back_and_that_nothing_was_asked(
    breaker: CircuitBreaker,
) -> None:
    meets(breaker, *[SILENCE] * 3)
    with pytest.raises(GatewayUnavailable) as trouble:
        Bulkhead(breaker, 1, 1).creating().__enter__()
    assert (trouble.value.retry_after, trouble.value.refused) == (60, False)
    assert not trouble.value.was_asked
