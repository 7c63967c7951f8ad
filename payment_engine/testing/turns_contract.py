"""Test turns: one holder at a time over all processes, and those that are urgent go first."""
# ruff: noqa: S101 - these are tests

from __future__ import annotations

import threading
from itertools import product

from payment_engine.store import Store
from payment_engine.testing.samples import PATIENCE, at_once
from payment_engine.turns import OneAtATime, Turns

LONG = 300.0  #: seconds
OVER = 0.0


class TurnsContract:
    """Test how processes take turns.

    A part of :class:`~payment_engine.testing.store_contract.StoreContract`: subclass that.
    """

    def test_one_of_many_gets_the_turn(self, store: Store) -> None:
        for urgent in (False, True):
            name = f"urgent: {urgent}"
            taken = at_once(4, lambda: store.turns(name).try_take(urgent, LONG))  # noqa: B023
            assert taken.count(None) == 3

    def test_turns_at_two_things_are_separate(self, store: Store) -> None:
        _taken(store.turns("a list"))
        _taken(store.turns("another list"))

    def test_a_turn_that_was_released_is_given_again_with_a_higher_number(
        self, store: Store
    ) -> None:
        turns = store.turns("a list")
        first = _taken(turns)
        assert turns.try_take(urgent=False, seconds=LONG) is None
        turns.release(first)
        assert first < _taken(turns)

    def test_the_turn_of_a_holder_that_was_killed_ends(self, store: Store) -> None:
        turns = store.turns("a list")
        killed = _taken(turns, OVER)
        assert killed < _taken(turns)

    def test_who_was_overtaken_ends_nobodys_turn(self, store: Store) -> None:
        turns = store.turns("a list")
        slow, quick = _taken(turns, OVER), _taken(turns)
        turns.release(slow)
        assert turns.try_take(urgent=False, seconds=LONG) is None
        turns.release(quick)
        turns.release(slow)
        _taken(turns)

    def test_who_waits_and_is_urgent_goes_before_those_that_are_not(self, store: Store) -> None:
        turns = store.turns("a list")
        holder = _taken(turns)
        assert store.turns("a list").try_take(urgent=True, seconds=LONG) is None
        turns.release(holder)
        assert turns.try_take(urgent=False, seconds=LONG) is None
        urgent = _taken(store.turns("a list"), urgent=True)
        turns.release(urgent)
        _taken(turns)

    def test_who_waits_and_is_not_urgent_keeps_nobody_from_the_turn(self, store: Store) -> None:
        turns = store.turns("a list")
        holder = _taken(turns)
        assert turns.try_take(urgent=False, seconds=LONG) is None
        turns.release(holder)
        _taken(store.turns("a list"))

    def test_threads_of_several_processes_never_hold_the_turn_together(self, store: Store) -> None:
        processes = [OneAtATime(store.turns("a list"), _switch_threads) for _ in range(2)]
        threads = list(product(processes, (True, False)))
        inside: list[int] = []
        most = 0

        def work() -> None:
            nonlocal most
            process, urgent = threads.pop()
            for _ in range(5):
                with process.turn(urgent=urgent, wait_seconds=PATIENCE, hold_seconds=LONG):
                    inside.append(1)
                    _switch_threads()
                    most = max(most, len(inside))
                    inside.pop()

        at_once(4, work)
        assert most == 1


def _switch_threads(_seconds: float = 0) -> None:
    """Let the other threads of this process go on."""
    threading.Event().wait(0.001)


def _taken(turns: Turns, seconds: float = LONG, *, urgent: bool = False) -> int:
    fence = turns.try_take(urgent, seconds)
    assert fence is not None
    return fence
