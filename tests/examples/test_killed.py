"""kill -9 of an example at every commit: no paid order is lost, and nobody pays twice."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest
import requests

from jibit_sandbox.testing import SandboxWorld
from testkit.processes import wait_until
from tests.engine.databases import empty_postgresql
from tests.examples.children import Strike
from tests.examples.conftest import SCENES
from tests.examples.shop import EXAMPLES, ExampleShop
from tests.examples.shop import running as running_example
from tests.examples.test_promise import is_paid_once

AMONG_TOKENS = (
    "flask-sqlite"  # alone has timeouts so short that a dead process's lease is over soon
)
# PostgreSQL commits at the same moments as SQLite, and just after a commit is just before the next
# step: `make test-long` kills at every moment, `make test` where the stories of the shop do not.
SOON = {("flask-sqlite", "/callback", "after")}
CASES = [
    pytest.param(
        scene,
        path,
        "before-session" if at == "before" and scene != AMONG_TOKENS else at,
        marks=() if (scene, path, at) in SOON else pytest.mark.long,
    )
    for scene in SCENES
    for path in ("/pay", "/callback")
    for at in ("before", "after")
]
FEWEST_DEATHS = 2  # every request writes what is meant before a call, and what came of it after
MOST_COMMITS = 20  # of one request; only a test that never ends reaches it

NewShop = Callable[[int], AbstractContextManager[ExampleShop]]


@pytest.fixture
def new_shop(
    scene: str, running: SandboxWorld, request: pytest.FixtureRequest, tmp_path: Path
) -> NewShop:
    """Gives a shop on a database and in a world of its own, by number; it is not started yet."""

    @contextmanager
    def new(number: int) -> Iterator[ExampleShop]:
        example, folder = EXAMPLES[scene.partition("-")[0]], tmp_path / str(number)
        folder.mkdir()
        world = running.world(f"w{secrets.token_hex(6)}")
        with (
            _database(scene, request, folder) as url,
            running_example(example, world, url, folder) as shop,
        ):
            yield shop

    return new


@contextmanager
def _database(scene: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if scene.endswith("sqlite"):
        yield f"sqlite:///{folder}/example.sqlite3"
        return
    with empty_postgresql(request.getfixturevalue("postgres_server"), folder) as url:
        yield url


@pytest.mark.parametrize(("scene", "path", "moment"), CASES, indirect=["scene"])
def test_who_paid_has_a_paid_order_and_nobody_paid_twice(
    new_shop: NewShop, path: str, moment: str
) -> None:
    """At the first commit of the request, at the second, and so on until none is left."""
    for number in range(1, MOST_COMMITS):
        with new_shop(number) as shop:
            died = _dies_and_keeps_the_promise(shop, Strike(path, moment, number))
        if not died:
            assert number > FEWEST_DEATHS
            return
    pytest.fail(f"killed {moment} commit {number} of {path}, and still not at its end")


def _dies_and_keeps_the_promise(shop: ExampleShop, strike: Strike) -> bool:
    """Buy while the shop is killed at this commit. Gives whether there was such a commit."""
    shop.start(strike)
    order_page = shop.place_order()
    with suppress(requests.ConnectionError):
        shop.come_back(shop.world.pay(_bank_page(shop, order_page)))
    deaths = shop.deaths
    assert deaths <= 1
    if strike.path == "/callback":
        shop.start()
        shop.recover()
    assert is_paid_once(shop.ledgers()), strike
    return bool(deaths)


def _bank_page(shop: ExampleShop, order_page: str) -> str:
    """Press the button, again after the shop died and was started, until the gateway is reached.

    It is not reached while the dead process holds the lease on the tokens.
    """
    with suppress(requests.ConnectionError):
        return shop.pay(order_page)
    shop.pass_time(61)  # a dead process's create is not waited for any longer
    shop.start()
    sent_to = order_page

    def is_sent_away() -> bool:
        nonlocal sent_to
        sent_to = shop.pay(order_page)
        return sent_to != order_page

    wait_until(is_sent_away, "payable")
    return sent_to
