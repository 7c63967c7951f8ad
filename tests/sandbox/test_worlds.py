"""Worlds apart: orders, clock, behaviours and log of one world are nobody else's."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from jibit_sandbox.testing import SandboxWorld
from tests.sandbox.merchant import Merchant, codes


@pytest.fixture
def neighbour(merchant: Merchant) -> Iterator[Merchant]:
    neighbour = Merchant(merchant.world.world(f"{merchant.world.name}-next"))
    neighbour.generate()
    yield neighbour
    neighbour.session.close()


def test_neither_orders_nor_log_are_shared(merchant: Merchant, neighbour: Merchant) -> None:
    mine, theirs = merchant.paid(), neighbour.paid()
    assert merchant.listed() == [mine]
    assert neighbour.listed() == [theirs]
    seen = {entry["order_identifier"] for entry in merchant.world.requests_seen()}
    assert mine in seen
    assert theirs not in seen


def test_neither_clock_nor_behaviours_are_shared(merchant: Merchant, neighbour: Merchant) -> None:
    merchant.world.clock.advance(1000)
    merchant.world.behave("error_500", times=None)
    assert neighbour.status(neighbour.paid()) == "IN_PROGRESS"
    assert merchant.list().status_code == 500


def test_a_token_opens_its_own_world_only(merchant: Merchant, neighbour: Merchant) -> None:
    identifier = neighbour.paid()
    assert merchant.inquiry(identifier).status_code == 404


def test_a_secret_key_of_another_world_opens_nothing(merchant: Merchant) -> None:
    keys = {"apiKey": merchant.world.api_key, "secretKey": "sandbox-secret-key"}
    refused = merchant.call("POST", "/tokens/generate", json=keys)
    assert (refused.status_code, codes(refused)) == (401, ["token.generation.failed"])


def test_a_reset_empties_one_world(merchant: Merchant, neighbour: Merchant) -> None:
    merchant.paid()
    neighbour.paid()
    merchant.world.clock.freeze()
    merchant.world.switch(channel="disabled")
    merchant.world.reset()
    assert merchant.world.orders() == []
    assert merchant.world.requests_seen() == []
    assert merchant.world.control("GET", "clock")["mode"] == "real"
    assert merchant.list().status_code == 401
    assert merchant.generate().status_code == 200
    assert len(neighbour.world.orders()) == 1


def test_a_call_that_is_held_while_its_world_is_reset_is_still_answered(
    merchant: Merchant,
) -> None:
    identifier = merchant.paid()
    merchant.world.behave("hold_after_commit", operation="inquiry")
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(merchant.inquiry, identifier)
        merchant.world.wait_until_held()
        merchant.world.reset()
        assert answer.result().json()["id"] == identifier


def test_the_default_world_is_called_sandbox(shared_sandbox: SandboxWorld) -> None:
    assert (shared_sandbox.api_key, shared_sandbox.secret_key) == (
        "sandbox-api-key",
        "sandbox-secret-key",
    )
    url = f"{shared_sandbox.base_url}/_sandbox/clock"
    assert requests.get(url, timeout=10).ok


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "ü"])
def test_a_world_has_a_plain_name(shared_sandbox: SandboxWorld, name: str) -> None:
    merchant = Merchant(shared_sandbox)
    keys = {"apiKey": f"{name}-api-key", "secretKey": f"{name}-secret-key"}
    assert merchant.call("POST", "/tokens/generate", json=keys).status_code == 401
    merchant.session.close()


@pytest.mark.long
def test_many_worlds_at_once_stay_apart(world: SandboxWorld) -> None:
    """A small edition of the long run in test_crowd.py."""
    together = threading.Barrier(4)

    def shop(number: int) -> tuple[list[str], list[str]]:
        merchant = Merchant(world.world(f"{world.name}-{number}"))
        merchant.generate()
        together.wait()
        made = [merchant.paid() for _ in range(5)]
        said = [merchant.verify(identifier).json()["status"] for identifier in made]
        assert said == ["Successful"] * 5
        listed = list(merchant.listed())
        merchant.session.close()
        return made, listed

    with ThreadPoolExecutor(4) as pool:
        for made, listed in pool.map(shop, range(4)):
            assert sorted(made) == sorted(listed)


SECRETS = ("secret-key", "6037990000000014", "0084575948", "12345")


def test_no_secret_reaches_the_log(merchant: Merchant) -> None:
    identifier = merchant.paid(
        userIdentifier="u", nationalCode="0084575948", payerCardNumber="6037990000000014"
    )
    merchant.inquiry(identifier)
    merchant.create(userIdentifier="u", description="paid with 6037990000000014 before")
    merchant.refresh()
    merchant.call("POST", "/orders", data='{"nationalCode": "0084575948", broken')
    log = json.dumps(merchant.world.requests_seen())
    tokens = merchant.pair.values()
    assert [secret for secret in (*SECRETS, *tokens) if secret in log] == []
    assert "603799******0014" in log


def test_the_log_is_searched_by_order_reference_and_operation(merchant: Merchant) -> None:
    identifier = merchant.paid(referenceNumber="R-77")
    merchant.paid()
    seen = merchant.world.requests_seen
    assert {entry["order_identifier"] for entry in seen(reference="R-77")} == {identifier}
    assert [entry["operation"] for entry in seen(order=identifier)] == [
        "create",
        "payment_page",
        "pay",
    ]
    assert len(seen(operation="create")) == 2
