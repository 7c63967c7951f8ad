"""kill -9 of an example at every commit: no paid order is lost, and nobody pays twice."""

from __future__ import annotations

from contextlib import suppress

import pytest
import requests

from tests.examples.children import Strike
from tests.examples.conftest import SCENES
from tests.examples.shop import ExampleShop
from tests.examples.test_promise import is_paid_once
from tests.rig.processes import wait_until

# How many writing commits a request makes. The first payment also writes the tokens: row, lease,
# pair, release; `after` counts the engine's own transactions only.
COMMITS = {
    ("/pay", "before"): 6,
    ("/pay", "after"): 2,
    ("/callback", "before"): 3,
    ("/callback", "after"): 3,
}
STRIKES = [
    Strike(path, moment, number)
    for (path, moment), commits in COMMITS.items()
    for number in range(1, commits + 2)  # the last one finds nothing to kill
]
AMONG_TOKENS = [Strike("/pay", "before", number) for number in range(2, 6)]
CASES = [
    (scene, strike)
    for scene in SCENES
    for strike in STRIKES
    if scene == "flask-sqlite" or strike not in AMONG_TOKENS
]


@pytest.mark.parametrize(("scene", "strike"), CASES, indirect=["scene"], ids=str)
def test_who_paid_has_a_paid_order_and_nobody_paid_twice(shop: ExampleShop, strike: Strike) -> None:
    shop.start(strike)
    starts = shop.deaths
    order_page = shop.place_order()
    with suppress(requests.ConnectionError):
        shop.come_back(shop.world.pay(_bank_page(shop, order_page)))
    assert shop.deaths - starts == (strike.number <= COMMITS[strike.path, strike.moment])
    if strike.path == "/callback":
        shop.start()
        shop.recover()
    assert is_paid_once(shop.ledgers())


def _bank_page(shop: ExampleShop, order_page: str) -> str:
    """Press the button, again after the shop died and was started, until the gateway is reached.

    It is not reached while the dead process holds the lease on the tokens.
    """
    with suppress(requests.ConnectionError):
        return shop.pay(order_page)
    shop.pass_time(61)  # a dead process's create is not waited for any longer
    shop.start()
    sent_to: list[str] = []
    wait_until(lambda: sent_to.append(shop.pay(order_page)) or sent_to[-1] != order_page, "payable")
    return sent_to[-1]
