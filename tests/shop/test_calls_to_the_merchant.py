"""Whom the merchant's webhook reaches: the server that is named, and nobody else."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from jibit_sandbox.testing import SandboxWorld
from storefront.core.database import db
from storefront.notifications.outbox import OutboxMessage
from storefront.worker.jobs import run_job
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from tests.client.scripted import Reply, ScriptedServer, http, raw, says
from tests.conftest import open_shop

CERTIFICATE = Path(__file__).parents[1] / "client" / "untrusted.pem"
HOOK = "POST /hook"
SECRET = "0123456789abcdef" * 2


def server(reply: Reply, tls: ssl.SSLContext | None = None) -> Iterator[ScriptedServer]:
    found = ScriptedServer(tls=tls)
    found.on(HOOK, reply)
    yield found
    found.stop()


@pytest.fixture
def untrusted() -> Iterator[ScriptedServer]:
    """A server with a certificate that nobody vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    yield from server(says({}), context)


@pytest.fixture
def leading_away() -> Iterator[ScriptedServer]:
    """A server that redirects every call to another address of its own."""
    yield from server(raw(http(307, b"", "Location: /elsewhere")))


def told(app: Flask, sandbox: SandboxWorld) -> str | None:
    """Have an order paid and the webhook called; gives why that did not succeed."""
    driver = ScenarioDriver(app)
    _, switching_url = driver.send_shopper()
    driver.come_back(sandbox.pay(switching_url))
    assert run_job(app, "send_webhooks") == {"put_off": 1}
    with app.app_context():
        return db.session.scalars(select(OutboxMessage.last_error)).one()


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("merchant", "why", "heard"),
    [
        ("untrusted", "webhook: ConnectionError", []),
        ("leading_away", "webhook: HTTP 307", ["/hook"]),
    ],
    ids=["certificate", "redirect"],
)
def test_a_webhook_goes_to_the_server_that_is_named_and_certified_alone(
    stocked_database_url: str,
    sandbox: SandboxWorld,
    clock: MovingClock,
    request: pytest.FixtureRequest,
    merchant: str,
    why: str,
    heard: list[str],
) -> None:
    server: ScriptedServer = request.getfixturevalue(merchant)
    webhook = {"WEBHOOK_URL": f"{server.url}/hook", "WEBHOOK_SECRET": SECRET}
    with open_shop(stocked_database_url, sandbox, clock, **webhook) as app:
        assert told(app, sandbox) == why
    assert [each.path for each in server.heard] == heard
