"""Ways in which our book and a gateway's come to differ, and the audit that looks for them."""

from __future__ import annotations

from jibit_sandbox.testing import SandboxWorld
from storefront.core.states import PaymentState
from storefront.payments import audit, outcome
from storefront.payments.audit import Report
from storefront.payments.comparison import Span
from tests.rig.clock import MovingClock
from tests.rig.walk import Walk

A_DAY = 24 * 3600


def audited(walk: Walk, span: Span | None = None) -> Report:
    """Compare the books, of this span or of the usual one."""
    with walk.at_the_till() as till:
        return audit.run_once(till, span)


def failed_here_paid_there(walk: Walk, sandbox: SandboxWorld) -> int:
    """The gateway said of a paid payment that it had failed; no browser claimed anything else."""
    order_id, switching_url = walk.send_shopper()
    sandbox.pay_and_vanish(switching_url)
    sandbox.behave("inquiry_failed", operation="inquiry")
    (payment,) = walk.payments(order_id)
    walk.come_back(f"http://shop.example/payments/{payment.reference_number}/callback")
    assert walk.states(order_id) == [PaymentState.FAILED]
    return order_id


def paid_by_decision(walk: Walk, sandbox: SandboxWorld, clock: MovingClock) -> int:
    """The gateway was silent for a day, and a person believed the shopper."""
    order_id, _ = walk.send_shopper()
    sandbox.behave("error_500", operation="inquiry", times=None)
    for _ in range(2):
        clock.advance(A_DAY)
        walk.worker_passes()
    (payment,) = walk.payments(order_id)
    sandbox.forget_behaviours()
    with walk.at_the_till() as till:
        reference = payment.reference_number
        outcome.resolve_payment(till, reference, PaymentState.PAID, "the shopper says so")
    return order_id
