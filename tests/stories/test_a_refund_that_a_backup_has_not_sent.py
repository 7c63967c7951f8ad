"""Money goes back once, also where the database that knew it had gone was lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine import RefundState
from testkit.backups import Operator
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from testkit.scenes import v3_only
from tests.stories.going_back import (
    HOUR,
    MINUTE,
    paid,
    purchase,
    requested,
    time_passes,
    transferred,
)

pytestmark = v3_only  # v2 and the wallet have no refunds
PART = 1_000_000


@pytest.mark.parametrize("arrived", [True, False], ids=["sent since", "never sent"])
def test_what_was_not_sent_when_the_backup_was_taken_is_looked_for_first(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, tmp_path: Path, arrived: bool
) -> None:
    operator = Operator(driver.app, tmp_path / "backups")
    sandbox.switch(v3_refund=True)
    order_id = paid(driver, sandbox)
    sandbox.behave("error_500", operation="inquiry", times=None)
    assert "requested (refund)" in requested(driver, order_id, "--amount-rials", str(PART))
    backup = operator.backs_up()
    if arrived:
        sandbox.forget_behaviours()
        time_passes(driver, clock, 20 * MINUTE)
        assert transferred(sandbox, purchase(driver, order_id)) == [PART]
    sandbox.forget_behaviours()
    operator.restores(backup)
    clock.advance(1)
    driver.worker_passes()
    assert transferred(sandbox, purchase(driver, order_id)) == [PART] * arrived
    time_passes(driver, clock, 4 * HOUR)
    assert transferred(sandbox, purchase(driver, order_id)) == [PART]
    assert [refund.state for refund in driver.refunds(order_id)] == [RefundState.DONE]
