"""The circuit breaker and the bulkhead of one gateway, by themselves."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from datetime import timedelta

import pytest

from payment_engine.errors import CredentialsRefused, GatewayError, NoAnswer, Refused
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


def test_a_refusal_is_an_answer_and_refused_credentials_tell_nothing(
    breaker: CircuitBreaker,
) -> None:
    meets(breaker, SILENCE, SILENCE, Refused("create", "no"), SILENCE, SILENCE)
    assert breaker.state == "closed"
    meets(breaker, CredentialsRefused("generate", "no"), SILENCE)
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
