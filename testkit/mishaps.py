"""Make our ledger and a gateway's differ, and run the reconciliation that finds it."""

from __future__ import annotations

from jibit_sandbox.testing import SandboxWorld
from payment_engine import Actor, reconciliation
from payment_engine.comparison import Span
from payment_engine.reconciliation import Report
from payment_engine.states import PaymentState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver

A_DAY = 24 * 3600


def reconciled(driver: ScenarioDriver, span: Span | None = None) -> Report:
    """Compare the ledgers, of this span or of the usual one."""
    with driver.in_the_shop() as services:
        return reconciliation.run_once(services.engine.services, span)


def failed_here_paid_there(driver: ScenarioDriver, sandbox: SandboxWorld) -> int:
    """The gateway said of a paid payment that it had failed; no browser claimed anything else."""
    order_id, switching_url = driver.send_shopper()
    sandbox.pay_and_vanish(switching_url)
    sandbox.behave("inquiry_failed", operation="inquiry")
    (payment,) = driver.payments(order_id)
    with driver.in_the_shop() as services:
        services.engine.complete(payment.id, actor=Actor.WORKER)
    assert driver.states(order_id) == [PaymentState.FAILED]
    return order_id


def paid_by_decision(driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock) -> int:
    """The gateway was silent for a day, and a person believed the shopper."""
    order_id, _ = driver.send_shopper()
    sandbox.behave("error_500", operation="inquiry", times=None)
    for _ in range(2):
        clock.advance(A_DAY)
        driver.worker_passes()
    (payment,) = driver.payments(order_id)
    sandbox.forget_behaviours()
    with driver.in_the_shop() as services:
        reference = payment.reference
        services.engine.resolve(reference, PaymentState.PAID, reason="the shopper says so")
    return order_id
