"""`gateway check` compares the gateways with what the shop assumes, with the shop's settings."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from storefront.payments.gateway_check import check_within
from testkit.settings import NOWHERE, at_gateways

OpenShop = Callable[..., Flask]


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["gateway", "check", *words])
    return result.exit_code, result.output


def different(printed: str) -> list[dict[str, Any]]:
    """The facts that differ in the command's JSON."""
    return [
        fact
        for gateway in json.loads(printed)["gateways"]
        for fact in gateway["facts"]
        if fact["verdict"] == "different"
    ]


@pytest.fixture
def settings(sandbox: SandboxWorld) -> dict[str, str]:
    return {"DATABASE_URL": "sqlite:///:memory:", **at_gateways(sandbox)}


def test_every_configured_gateway_is_checked(
    another_shop: OpenShop, settings: dict[str, str], sandbox: SandboxWorld
) -> None:
    code, printed = run(another_shop(**settings))
    assert code == 0, printed
    assert f"ppg at {sandbox.ppg_base_url}\n" in printed
    assert f"wallet at {sandbox.wallet_base_url}\n" in printed
    assert printed.count("The payer is sent to a host in PSP_HOSTS - agreed") == 2
    urls = {order["callback_url"] for order in sandbox.orders()}
    assert urls == {f"{NOWHERE}/payments/gateway-check/callback"}


def test_one_gateway_can_be_named_and_one_that_is_off_cannot(
    another_shop: OpenShop, settings: dict[str, str]
) -> None:
    app = another_shop(**settings | {"PPG_BASE_URL": "off"})
    code, printed = run(app, "wallet", "--json")
    assert code == 0
    assert [each["gateway"] for each in json.loads(printed)["gateways"]] == ["wallet"]
    code, printed = run(app, "ppg")
    assert code == 2
    assert "no such gateway to check; configured: wallet" in printed


def test_a_payer_who_would_be_sent_to_an_unknown_host_is_a_difference(
    another_shop: OpenShop, settings: dict[str, str], sandbox: SandboxWorld
) -> None:
    app = another_shop(**settings, PSP_HOSTS="psp.example")
    code, printed = run(app, "ppg", "--json")
    (fact,) = different(printed)
    assert (code, fact["key"]) == (1, "redirect_host")
    assert fact["detail"] == sandbox.base_url.removeprefix("http://")


def test_a_gateway_that_refuses_the_keys_stops_no_other_one(
    another_shop: OpenShop, settings: dict[str, str]
) -> None:
    app = another_shop(**settings | {"PPG_SECRET_KEY": "a-mistyped-key"})
    code, printed = run(app)
    assert code == 2
    assert printed.startswith(
        "ppg: The gateway issues no token for these keys: HTTP 401, token.generation.failed"
    )
    assert "\nwallet at http" in printed
    refused, other = json.loads(run(app, "--json")[1])["gateways"]
    assert refused["error"].startswith("The gateway issues no token")
    assert other["counts"]["different"] == 0


def test_the_next_reconciliation_reports_the_order_that_nobody_pays(
    app: Flask, sandbox: SandboxWorld
) -> None:
    assert run(app, "ppg")[0] == 0
    runner = app.test_cli_runner()
    found = json.loads(runner.invoke(args=["reconciliation", "run", "--json"]).output)
    (reference,) = {order["reference_number"] for order in sandbox.orders()}
    discrepancies = found["discrepancies"]
    assert {(each["kind"], each["reference_number"]) for each in discrepancies} == {
        ("unknown_here", reference)
    }
    for each in discrepancies:
        words = ["reconciliation", "close", str(each["id"]), "--reason", "gateway check"]
        assert runner.invoke(args=words).exit_code == 0
    assert runner.invoke(args=["reconciliation", "run"]).exit_code == 0


def test_a_gateway_that_hangs_is_given_up_in_time_and_the_other_one_is_seen(
    another_shop: OpenShop, settings: dict[str, str], sandbox: SandboxWorld
) -> None:
    app = another_shop(**settings)
    sandbox.behave("hang", operation="generate", gateway="ppg", times=None, seconds=60)
    began = time.monotonic()
    card, wallet = check_within(app.config, 1.0)
    assert time.monotonic() - began < 5
    assert (card.gateway, card.report) == ("ppg", None)
    assert wallet.report


def test_neither_keys_nor_passwords_are_printed(
    another_shop: OpenShop, settings: dict[str, str], sandbox: SandboxWorld
) -> None:
    app = another_shop(**settings)
    printed = run(app)[1] + run(app, "--json")[1]
    secrets = (sandbox.api_key, sandbox.secret_key, sandbox.password, "eyJ")
    assert not [each for each in secrets if each in printed]
