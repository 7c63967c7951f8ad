"""The person who decides about what needs review, after a look at the gateway's own panel."""

from __future__ import annotations

from functools import partial

from drills.ledgers import rows
from payment_engine.states import PaymentState
from testkit.scenario import ScenarioDriver
from tests.machine.world import World

IN_REVIEW = "SELECT reference FROM payments WHERE state = 'needs_review' ORDER BY id"
OUTCOMES = {
    "captured": PaymentState.PAID,
    "failed": PaymentState.FAILED,
    "expired": PaymentState.EXPIRED,
    None: PaymentState.EXPIRED,  # the bank has never heard of it
}


def decide_what_is_clear(world: World) -> None:
    """Resolve every payment in review whose end the bank knows."""
    truth = {row["reference_number"]: row["state"] for row in world.bank.orders()}
    for row in rows(world.engine, IN_REVIEW):
        state = truth.get(row["reference"])
        if state in OUTCOMES:
            decide = partial(_resolve, reference=row["reference"], outcome=OUTCOMES[state])
            world.process("server").run(decide)


def _resolve(driver: ScenarioDriver, reference: str, outcome: PaymentState) -> None:
    with driver.in_the_shop() as services:
        services.engine.resolve(reference, outcome, reason="the gateway's panel says so")
