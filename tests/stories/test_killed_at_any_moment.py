"""kill -9 of the shop between any two steps, then start: nothing is lost or given away.

A real process dies, the shopper tries again, pays, and perhaps finds the shop dead on coming back.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import requests

from jibit_sandbox.testing import SandboxWorld
from storefront import create_app
from storefront.core.clock import utc_now
from storefront.core.database import db
from testkit import dying_shop
from testkit.databases import PostgresServer, SqliteFiles
from testkit.dying_shop import Strike
from testkit.forks import CONTEXT
from testkit.http_shopper import HttpShopper, form_is_on
from testkit.processes import answers, free_port, wait_until
from testkit.scenario import ScenarioDriver, check_that_one_is_paid
from testkit.scenes import V2, V3, WALLET
from testkit.settings import at_gateway, quiet_environment, quiet_settings

# Until the shopper is sent off, every gateway's payment is written down by the same commits.
# PostgreSQL commits at the same moments as SQLite, and just after a commit is just before the next
# step: `make test` kills after each commit of one callback, `make test-long` at all moments.
SOON = {(V2[0], "/callback", "after")}
CASES = [
    pytest.param(scene, path, at, marks=() if (scene, path, at) in SOON else pytest.mark.long)
    for scene in (*V2, V3[0], WALLET[0])
    for path in ("/checkout", "/callback")
    for at in ("before", "after")
    if scene != WALLET[0] or path == "/callback"
]
FEWEST_DEATHS = 2  # every request writes what is meant before a call, and what came of it after
MOST_COMMITS = 20  # of one request; only a test that never ends reaches it


class Shop:
    """A shop process on its own port, on a database that outlives it."""

    def __init__(self, environment: dict[str, str], port: int, log: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._environment, self._port, self._log = environment, port, log
        self._process: BaseProcess | None = None
        self._starts = 0

    def start(self, strike: Strike | None = None) -> None:
        self.kill()
        configured = (self._environment, self._log, self._port, strike)
        self._process = CONTEXT.Process(target=dying_shop.serve, args=configured)
        self._process.start()
        self._starts += 1
        wait_until(lambda: answers(self._port, "/readyz"), "the shop is ready")

    @property
    def deaths(self) -> int:
        """How often it was killed: it answers, or it will not be there when we look."""
        return self._starts - answers(self._port, "/healthz")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()


@dataclass
class Scenario:
    """A shop that may be killed, the bank it pays at, and the same shop's worker a minute later."""

    shop: Shop
    world: SandboxWorld
    later: ScenarioDriver


@pytest.fixture
def fresh_scenario(
    databases: SqliteFiles | PostgresServer, running: SandboxWorld, gateway: str, tmp_path: Path
) -> Callable[[int], AbstractContextManager[Scenario]]:
    """Gives a scenario on a database and in a world of its own, in real time, by number."""

    @contextmanager
    def fresh(number: int) -> Iterator[Scenario]:
        world = running.world(f"w{secrets.token_hex(6)}")
        with (
            databases.fresh(tmp_path / str(number), stocked=True) as url,
            _shop(_settings(url, world, gateway), tmp_path / f"shop-{number}.log") as shop,
            _worker_later(_settings(url, world, gateway)) as later,
        ):
            yield Scenario(shop, world, later)

    return fresh


@contextmanager
def _shop(settings: dict[str, object], log: Path) -> Iterator[Shop]:
    port = free_port()
    environment = quiet_environment(**settings, PUBLIC_URL=f"http://127.0.0.1:{port}")
    shop = Shop(environment, port, log)
    try:
        yield shop
    finally:
        shop.kill()


@contextmanager
def _worker_later(settings: dict[str, object]) -> Iterator[ScenarioDriver]:
    app = create_app(quiet_settings(**settings), clock=lambda: utc_now() + timedelta(seconds=61))
    yield ScenarioDriver(app)
    with app.app_context():
        db.engine.dispose()


def _settings(database_url: str, world: SandboxWorld, gateway: str) -> dict[str, object]:
    return {
        **at_gateway(world, gateway),  # a shop with one gateway offers it without being asked
        "DATABASE_URL": database_url,
        "GATEWAY_CONNECT_TIMEOUT": 0.3,
        "GATEWAY_READ_TIMEOUT": 0.7,
        "BREAKER_FAILURES": 1000,  # on a busy machine so short a patience often ends in vain
    }


def _named(value: object) -> str:
    return "-".join(value) if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize(("scene", "path", "moment"), CASES, indirect=["scene"], ids=_named)
def test_who_paid_has_a_paid_order_and_nobody_paid_twice(
    fresh_scenario: Callable[[int], AbstractContextManager[Scenario]], path: str, moment: str
) -> None:
    """At the first commit of the request, at the second, and so on until none is left."""
    for number in range(1, MOST_COMMITS):
        with fresh_scenario(number) as scenario:
            died = _dies_and_keeps_the_promise(scenario, Strike(path, moment, number))
        if not died:
            assert number > FEWEST_DEATHS
            return
    pytest.fail(f"killed {moment} commit {number} of {path}, and still not at its end")


def _dies_and_keeps_the_promise(scenario: Scenario, strike: Strike) -> bool:
    """Buy while the shop is killed at this commit. Gives whether there was such a commit."""
    shop, world = scenario.shop, scenario.world
    shop.start(strike)
    shopper = HttpShopper(shop.url)
    shopper.put_in_cart()
    callback = world.callback(_bank_page(shop, shopper))
    with suppress(requests.ConnectionError):
        shopper.open(callback)
    deaths = shop.deaths
    scenario.later.worker_passes()
    check_that_one_is_paid(scenario.later, world)
    assert deaths <= 1
    return bool(deaths)


def _bank_page(shop: Shop, shopper: HttpShopper) -> str:
    """Check out, again after the shop died; pay as soon as the order's page lets us."""
    try:
        sent_to = shopper.check_out()
    except requests.ConnectionError:
        shop.start()
        sent_to = _check_out_again(shopper)
    return sent_to or _pay_as_soon_as_possible(shopper)


def _check_out_again(shopper: HttpShopper) -> str | None:
    """Where the cart is empty already, open the order that the page says is still waiting."""
    shopper.open("/checkout")
    waiting = re.search(r'href="(/orders/[\w-]{20,})"', shopper.page.text)
    if waiting is None or form_is_on(shopper.page.text, "/checkout"):
        return shopper.check_out()
    shopper.open(waiting[1])
    return None


def _pay_as_soon_as_possible(shopper: HttpShopper) -> str:
    """There is no button while the dead shop's create may be heard, and "the gateway does not
    answer" while the dead shop holds the lease on the tokens: at the checkout, if so much time
    went by until the shop was back, or at the order."""
    place = shopper.page.url
    sent_to: list[str | None] = []

    def pays() -> bool:
        nonlocal place
        shopper.open(place)
        if place.endswith("/checkout"):
            sent_to.append(shopper.check_out())
            place = shopper.page.url
        elif shopper.offers("/pay"):
            sent_to.append(shopper.send("/pay"))
        return any(sent_to)

    wait_until(pays, "the order can be paid")
    return str(sent_to[-1])
