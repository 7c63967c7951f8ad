"""What every loop over rows does when one of them raises."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from payment_engine.row_queue import process_due
from testkit.clock import MovingClock


class Poison(Exception):
    """What nobody expected."""


class Away(Exception):
    """What every row meets while no database answers."""


class Numbers:
    """Rows that are numbers; ``poisoned`` raises, and setting ``lost`` aside raises too."""

    name = "numbers"
    raises: type[Exception] = Poison

    def __init__(self, count: int, poisoned: int | None = None, lost: int | None = None) -> None:
        self.waiting, self.poisoned, self.lost = list(range(count)), poisoned, lost
        self.done: list[int] = []
        self.reasons: dict[int, str] = {}
        self.meanwhile: Callable[[], object] = lambda: None

    def claim(self) -> int | None:
        return self.waiting.pop(0) if self.waiting else None

    def process(self, row_id: int) -> str:
        self.meanwhile()
        if row_id in (self.poisoned, self.lost):
            raise self.raises(row_id)
        self.done.append(row_id)
        return "even" if row_id % 2 == 0 else "odd"

    def set_aside(self, row_id: int, error: Exception) -> str:
        if row_id == self.lost:
            raise self.raises("again\nwith the values of a statement")
        self.reasons[row_id] = type(error).__name__
        return "put_off"

    def is_temporary(self, error: Exception) -> bool:
        return isinstance(error, Away)


@pytest.mark.parametrize("position", range(4))
def test_a_row_that_raises_is_set_aside_and_the_others_are_done_once(
    clock: MovingClock, position: int, caplog: pytest.LogCaptureFixture
) -> None:
    rows = Numbers(4, poisoned=position)
    assert process_due(rows, clock.steady)["put_off"] == 1
    assert rows.done == [row for row in range(4) if row != position]
    assert rows.reasons == {position: "Poison"}
    assert caplog.messages == [f"numbers: row {position} failed"]


def test_a_row_that_cannot_even_be_set_aside_stops_no_other(
    clock: MovingClock, caplog: pytest.LogCaptureFixture
) -> None:
    rows = Numbers(3, lost=1)
    assert process_due(rows, clock.steady) == {"even": 2, "error": 1}
    assert caplog.messages == ["numbers: row 1 failed", "numbers: row 1 could not be set aside"]
    assert {record.levelno for record in caplog.records} == {logging.ERROR}
    assert all(record.exc_info for record in caplog.records)


def test_what_is_none_of_the_rows_costs_the_log_a_line(
    clock: MovingClock, caplog: pytest.LogCaptureFixture
) -> None:
    rows = Numbers(3, lost=1)
    rows.raises = Away
    assert process_due(rows, clock.steady) == {"even": 2, "error": 1}
    assert caplog.messages == [
        "numbers: row 1 failed: Away: 1",
        "numbers: row 1 could not be set aside: Away: again",
    ]
    assert {record.levelno for record in caplog.records} == {logging.ERROR}
    assert not any(record.exc_info for record in caplog.records)


def test_what_stops_the_worker_itself_is_not_swallowed(clock: MovingClock) -> None:
    rows = Numbers(2)

    def stop() -> None:
        raise KeyboardInterrupt

    rows.meanwhile = stop
    with pytest.raises(KeyboardInterrupt):
        process_due(rows, clock.steady)
    assert rows.waiting == [1]


def test_a_pass_ends_after_half_a_minute(clock: MovingClock) -> None:
    rows = Numbers(10)
    rows.meanwhile = lambda: clock.advance(15)
    assert process_due(rows, clock.steady) == {"even": 2, "odd": 1}
    assert rows.waiting == list(range(3, 10))
