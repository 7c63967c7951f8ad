"""How a step is taken, now or in the middle of another one, and how far it comes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from jibit_sandbox.testing import ShopperStopped
from payment_engine import GatewayUnavailable, NotPayable
from storefront.catalogue.stock import OutOfStock
from storefront.orders.cancellation import NotCancellable
from testkit.scenario import ScenarioDriver
from tests.machine.promises import Promises
from tests.machine.world import World


@dataclass(frozen=True, slots=True)
class During:
    """In the middle of what a process does next, so many touches of the world into it."""

    process: str
    touches: int


@dataclass(slots=True)
class Purchase:
    """A checkout form that was sent: its one-time key, and the order that it became."""

    key: str
    pieces: dict[int, int]
    order_id: int | None = None


@dataclass(slots=True)
class Visit:
    """A browser on its way to the bank's page, there, or back again, as far as it came."""

    purchase: Purchase
    reference: str = "none"
    identifier: str = ""
    url: str | None = None
    callback: str | None = None


class Steps:
    """What the machine's rules are made of."""

    world: World
    promises: Promises

    def __init__(self) -> None:
        super().__init__()
        self._forms = 0

    def _at(self, when: During | None, deed: Callable[[str], Any]) -> None:
        """Now, or in the middle of what a process does next: then it is another one that acts."""
        if when is None:
            deed("server")
        else:
            process = self.world.process(when.process)
            process.touches.overtake_after(when.touches, lambda: deed("other server"))

    def _work_for(self, seconds: float) -> None:
        left = seconds
        while left > 0:
            step = min(left, self.world.until_next_work())
            self.world.clock.advance(step)
            self.world.worker_ticks()
            self.promises.hold_while_calm()
            left -= step

    def _order(self, pieces: dict[int, int]) -> Visit:
        self._forms += 1
        visit = Visit(Purchase(f"form-{self._forms}", pieces))
        self._go_to_pay(visit, "server")
        return visit

    def _go_to_pay(self, visit: Visit, name: str) -> None:
        """Send the form, perhaps again, and go where the shop says; as far as one gets."""
        process, purchase = self.world.process(name), visit.purchase
        with suppress(OutOfStock, NotPayable, GatewayUnavailable):
            payment = process.run(lambda driver: driver.check_out(purchase.key, purchase.pieces))
            if payment is not None:
                visit.reference, visit.url = payment.reference, payment.redirect_url
                visit.identifier = str(payment.gateway_payment_id)
        placed = self.world.order_of(purchase.key)
        assert purchase.order_id in (None, placed)
        purchase.order_id = placed

    def _at_the_bank(self, visit: Visit, what: str, back_to: str | None) -> None:
        """A page that is over stops the shopper."""
        if visit.url is not None:
            with suppress(ShopperStopped):
                visit.callback = getattr(self.world.bank, what)(visit.url)
                if what == "pay":
                    self.promises.note_paid(visit.identifier)
            if back_to is not None:
                self._open(visit.callback, back_to)

    def _open(self, address: str | None, name: str) -> None:
        if address is not None:
            self.world.process(name).run(lambda driver: driver.come_back(address))

    def _cancel(self, purchase: Purchase, name: str) -> None:
        order_id = purchase.order_id
        if order_id is not None:
            with suppress(NotCancellable):
                self.world.process(name).run(lambda driver: driver.cancel(order_id))

    def _look(self, purchase: Purchase, name: str) -> None:
        order_id = purchase.order_id
        if order_id is not None:
            self.world.process(name).run(lambda driver: _open_page(driver, order_id))


def _open_page(driver: ScenarioDriver, order_id: int) -> None:
    page = driver.app.test_client().get(f"/orders/{driver.token(order_id)}")
    assert page.status_code == 200
