"""Expiry and token lifetimes follow the world's own clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from jibit_sandbox.testing import SandboxWorld, running_sandbox
from tests.sandbox.merchant import Merchant, codes


def test_an_order_expires_fifteen_minutes_after_its_creation_and_no_sooner(
    merchant: Merchant, world: SandboxWorld
) -> None:
    world.clock.freeze()
    identifier, _ = merchant.opened()
    world.clock.advance(899)
    assert merchant.status(identifier) == "IN_PROGRESS"
    world.clock.advance(1)
    assert merchant.status(identifier) == "EXPIRED"


def test_a_paid_order_that_nobody_verified_expires_and_the_money_goes_home(
    merchant: Merchant, world: SandboxWorld
) -> None:
    world.clock.freeze()
    identifier = merchant.paid()
    world.clock.advance(900)
    assert merchant.verify(identifier).json() == {"status": "Failed"}
    assert merchant.status(identifier) == "EXPIRED"
    assert "returned to the payer" in world.order(identifier)["transitions"][-1]["reason"]


def test_paying_does_not_prolong_the_window(merchant: Merchant, world: SandboxWorld) -> None:
    world.clock.freeze()
    identifier, switching_url = merchant.opened()
    world.clock.advance(890)
    world.pay(switching_url)
    world.clock.advance(10)
    assert merchant.status(identifier) == "EXPIRED"


def test_a_verified_order_never_expires(merchant: Merchant, world: SandboxWorld) -> None:
    identifier = merchant.paid()
    merchant.verify(identifier)
    world.clock.advance(10_000)
    assert merchant.status(identifier) == "SUCCESS"


def test_an_expired_order_cannot_be_paid(merchant: Merchant, world: SandboxWorld) -> None:
    identifier, switching_url = merchant.opened()
    world.clock.advance(901)
    assert "state=FAILED" in world.pay(switching_url)
    assert merchant.status(identifier) == "EXPIRED"


def test_the_window_can_be_shorter() -> None:
    with running_sandbox(order_seconds=60) as hasty:
        merchant = Merchant(hasty)
        merchant.generate()
        identifier, _ = merchant.opened()
        hasty.clock.advance(61)
        assert merchant.status(identifier) == "EXPIRED"
        merchant.session.close()


def test_an_access_token_dies_after_a_day_and_its_refresh_token_brings_another(
    merchant: Merchant, world: SandboxWorld
) -> None:
    world.clock.freeze()
    world.clock.advance(24 * 3600 - 1)
    assert merchant.list().status_code == 200
    world.clock.advance(1)
    refused = merchant.list()
    assert (refused.status_code, codes(refused)) == (401, ["token.verification.failed"])
    assert merchant.refresh().status_code == 200
    assert merchant.list().status_code == 200


def test_a_refresh_token_dies_after_two_days(merchant: Merchant, world: SandboxWorld) -> None:
    world.clock.advance(48 * 3600 + 1)
    refused = merchant.refresh()
    assert (refused.status_code, codes(refused)) == (401, ["token.generation.failed"])


def test_a_frozen_clock_stands_still_where_it_was_put(world: SandboxWorld) -> None:
    for year in (558, 2026):
        moment = datetime(year, 3, 21, 0, 0, 0, 5, tzinfo=UTC)
        world.clock.freeze(moment)
        assert world.clock.now() == world.clock.now() == moment
    world.clock.advance(1.5)
    assert world.clock.now() == moment + timedelta(seconds=1.5)
    assert world.control("GET", "clock")["ahead_seconds"] == 0  # on every run


def test_an_accelerated_clock_runs_ahead(world: SandboxWorld) -> None:
    world.clock.freeze(datetime(2026, 1, 1, tzinfo=UTC))
    world.clock.accelerate(1_000_000)
    assert world.clock.now() - datetime(2026, 1, 1, tzinfo=UTC) > timedelta(seconds=60)


def test_real_time_can_be_had_back(world: SandboxWorld) -> None:
    world.clock.freeze(datetime(2020, 1, 1, tzinfo=UTC))
    world.clock.reset()
    assert abs(world.clock.now() - datetime.now(UTC)) < timedelta(seconds=30)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", {"mode": "backwards"}),
        ("clock", {"mode": "frozen", "at": "soon"}),
        ("clock", {"mode": "accelerated", "rate": "fast"}),
        ("clock", []),
    ],
)
def test_a_clock_that_cannot_be_is_refused_with_a_sentence(
    world: SandboxWorld, path: str, body: object
) -> None:
    with pytest.raises(ValueError, match=r"mode|at|rate|object"):
        world.control("PUT", path, body)
