"""How long a row that failed is left alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from payment_engine.row_queue import back_off

DRAWS = 2_000
SECOND, HOUR, YEAR = timedelta(seconds=1), timedelta(hours=1), timedelta(days=365)


@pytest.fixture(autouse=True)
def the_same_draws_each_time() -> Iterator[None]:
    state = random.getstate()
    random.seed(18)
    yield
    random.setstate(state)


@pytest.mark.parametrize(
    ("failures", "longest", "cap"),
    [
        (1, HOUR, SECOND),
        (2, HOUR, 2 * SECOND),
        (3, HOUR, 4 * SECOND),
        (10, HOUR, 512 * SECOND),
        (13, HOUR, HOUR),
        (10_000, HOUR, HOUR),
        (10_000, YEAR, 2**20 * SECOND),
    ],
    ids=str,
)
def test_a_pause_is_drawn_from_nothing_to_a_cap_that_doubles(
    failures: int, longest: timedelta, cap: timedelta
) -> None:
    pauses = [back_off(failures, SECOND, longest) for _ in range(DRAWS)]
    assert timedelta(0) <= min(pauses) < cap / 100
    assert cap * 0.99 < max(pauses) <= cap
    assert cap * 0.45 < sum(pauses, timedelta(0)) / DRAWS < cap * 0.55
