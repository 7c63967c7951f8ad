"""Two shops use one account at the gateway: each knows its own payments by their references."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine.discrepancies import Kind
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.databases import PostgresServer, SqliteFiles
from testkit.mishaps import reconciled
from testkit.money import paid_order
from testkit.scenario import ScenarioDriver
from testkit.scenes import card_only
from tests.conftest import open_shop
from tests.sandbox.merchant import Merchant
from tests.sandbox.v3_merchant import V3Merchant

OURS, THEIRS = "eyvan", "eyvan2"  # one begins as the other does
LONGEST = "eyvan123"


@pytest.fixture
def at_the_scene(at_the_scene: dict[str, str]) -> dict[str, str]:
    """The usual settings, with a prefix."""
    return at_the_scene | {"REFERENCE_PREFIX": OURS}


@pytest.fixture
def other_shop(
    databases: SqliteFiles | PostgresServer,
    sandbox: SandboxWorld,
    clock: MovingClock,
    at_the_scene: dict[str, str],
    gateway: str,
    tmp_path: Path,
) -> Iterator[ScenarioDriver]:
    """The other shop of the merchant, with a database of its own."""
    named = at_the_scene | {"REFERENCE_PREFIX": THEIRS}
    with (
        databases.fresh(tmp_path / "second", stocked=True) as url,
        open_shop(url, sandbox, clock, **named) as app,
    ):
        yield ScenarioDriver(app, gateway)


def test_each_gateway_takes_the_longest_reference(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    driver.set_policy(reference_prefix=LONGEST)
    (payment,) = driver.payments(paid_order(driver, sandbox))
    assert payment.reference.startswith(LONGEST)
    assert len(payment.reference) == 40


@card_only  # the wallet has no list
def test_the_other_shops_payments_are_counted_and_not_listed(
    driver: ScenarioDriver, other_shop: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    paid_order(driver, sandbox)
    paid_order(other_shop, sandbox)
    paid_order(other_shop, sandbox)
    for shop, foreign in ((driver, 2), (other_shop, 1)):
        report = reconciled(shop)
        assert report.counts == {"there": 3, "here": 3 - foreign, "foreign": foreign, "open": 0}
        assert (report.complete, report.discrepancies) == (True, [])


@card_only
def test_a_payment_of_ours_that_the_database_has_lost_is_listed(
    driver: ScenarioDriver, sandbox: SandboxWorld, gateway: str
) -> None:
    merchant = V3Merchant(sandbox) if gateway == "ppg_v3" else Merchant(sandbox)
    merchant.generate()
    lost = OURS + secrets.token_hex(16)
    merchant.opened(**merchant.named(lost))
    merchant.opened(**merchant.named("invoice-77"))
    report = reconciled(driver)
    assert [(row.kind, row.reference) for row in report.discrepancies] == [
        (Kind.UNKNOWN_HERE, lost)
    ]
    assert report.counts["foreign"] == 1


@card_only
def test_payments_from_before_the_prefix_stay_known(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    driver.set_policy(reference_prefix="")
    order_id, switching_url = driver.send_shopper()
    (payment,) = driver.payments(order_id)
    assert len(payment.reference) == 32
    driver.set_policy(reference_prefix=OURS)
    driver.come_back(sandbox.callback(switching_url))
    assert driver.order_state(order_id) is OrderState.PAID
    report = reconciled(driver)
    assert report.counts == {"there": 1, "here": 1, "open": 0}


@card_only
def test_without_a_prefix_everything_that_is_unknown_is_listed(
    driver: ScenarioDriver, other_shop: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    driver.set_policy(reference_prefix="")
    paid_order(other_shop, sandbox)
    assert [row.kind for row in reconciled(driver).discrepancies] == [Kind.UNKNOWN_HERE]
