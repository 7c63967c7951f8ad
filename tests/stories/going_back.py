"""What the stories about money that goes back have in common."""

from __future__ import annotations

from jibit_sandbox.testing import SandboxWorld
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver

MINUTE, HOUR = 60, 3600
WHY = ("--reason", "the bowl came broken", "--by", "Sara")


def paid(driver: ScenarioDriver, sandbox: SandboxWorld) -> int:
    """An order that was paid as it should be. Gives its id."""
    order_id, switching_url = driver.send_shopper()
    driver.come_back(sandbox.callback(switching_url))
    assert driver.order_state(order_id) is OrderState.PAID
    return order_id


def price(driver: ScenarioDriver, order_id: int) -> int:
    """The Rials of its last payment."""
    return driver.payments(order_id)[-1].amount_rials


def purchase(driver: ScenarioDriver, order_id: int) -> str:
    """The gateway's id of its last payment."""
    return str(driver.payments(order_id)[-1].gateway_payment_id)


def command(driver: ScenarioDriver, *words: str) -> tuple[int, str]:
    """Run a command of the shop; return the exit code and what it printed."""
    result = driver.app.test_cli_runner().invoke(args=words)
    return result.exit_code, result.output


def requested(driver: ScenarioDriver, order_id: int, *more: str) -> str:
    """Ask for a refund as the merchant does; return what the command printed."""
    code, output = command(driver, "refunds", "request", driver.number(order_id), *WHY, *more)
    assert code == 0, output
    return output


def time_passes(driver: ScenarioDriver, clock: MovingClock, seconds: int) -> None:
    """Let the worker look every twenty minutes, and at the end."""
    for passed in range(0, seconds, 20 * MINUTE):
        clock.advance(min(20 * MINUTE, seconds - passed))
        driver.worker_passes()


def transferred(sandbox: SandboxWorld, identifier: str) -> list[int]:
    """The Rials of each transfer to the payer that the gateway has taken."""
    return [each["amount_rials"] for each in sandbox.transfers(identifier)]
