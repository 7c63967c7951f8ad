"""A host with another SECRET_KEY than the others: it is noticed, and a key may be replaced."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from storefront.doctor import upkeep
from storefront.doctor.findings import Verdict
from storefront.monitoring import keys
from testkit.clock import MovingClock

FORMER, NEW = (f"a secret key with number {number} of more than 32" for number in range(2))
OpenShop = Callable[..., Flask]


class Ticks:
    """A monotonic clock on which every look is long after the last one."""

    now = 0.0

    def __call__(self) -> float:
        self.now += 60
        return self.now


@pytest.fixture
def host(another_shop: OpenShop, stocked_database_url: str) -> Callable[..., Flask]:
    """Opens the shop on one more host, with these keys, the newest first."""

    def open_host(*names: str) -> Flask:
        return another_shop(
            DATABASE_URL=stocked_database_url,
            SECRET_KEY=names[0],
            SECRET_KEY_FALLBACKS=",".join(names[1:]),
            MONOTONIC_CLOCK=Ticks(),
        )

    return open_host


def ready(app: Flask) -> tuple[int, str]:
    answer = app.test_client().get("/readyz")
    return answer.status_code, answer.get_json()["status"]


def doctor(app: Flask) -> list[Verdict]:
    with app.app_context():
        return [each.verdict for each in upkeep.other_hosts()]


def test_a_host_that_comes_with_another_key_is_not_ready_and_the_others_are(
    host: Callable[..., Flask], clock: MovingClock, caplog: pytest.LogCaptureFixture
) -> None:
    first = host(FORMER)
    assert ready(first) == (200, "ok")
    assert doctor(first) == [Verdict.OK]
    clock.advance(30)
    odd = host(NEW)
    assert ready(odd) == (503, keys.OTHER_KEY)
    assert ready(first) == (200, "ok")
    assert doctor(odd) == doctor(first) == [Verdict.WRONG]
    caplog.clear()
    keys.look(odd)
    assert keys.OTHER_KEY in caplog.text
    assert not [key for key in (FORMER, NEW) if key in caplog.text]


def test_a_key_that_replaced_the_former_one_everywhere_is_no_trouble_after_minutes(
    host: Callable[..., Flask], clock: MovingClock
) -> None:
    assert ready(host(FORMER)) == (200, "ok")
    clock.advance(30)
    assert ready(host(NEW))[0] == 503
    clock.advance(200)
    assert ready(host(NEW)) == (200, "ok")


def test_hosts_that_change_their_key_one_by_one_are_ready_all_the_time(
    host: Callable[..., Flask], clock: MovingClock
) -> None:
    for one, other in (
        ([FORMER], [FORMER]),
        ([FORMER, NEW], [FORMER]),
        ([FORMER, NEW], [FORMER, NEW]),
        ([NEW, FORMER], [FORMER, NEW]),
        ([NEW, FORMER], [NEW, FORMER]),
    ):
        clock.advance(30)
        assert [ready(host(*keys))[0] for keys in (one, other)] == [200, 200]
