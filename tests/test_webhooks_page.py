"""What docs/webhooks.md shows verifies the shop's own signatures, and nothing else."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask

from storefront.core import settings
from storefront.notifications.channels import channels
from storefront.notifications.outbox import Channel
from storefront.notifications.webhook import WebhookSender
from testkit.cases import naming
from testkit.processes import ROOT, Process, free_port, listening, wait_until
from testkit.settings import quiet_settings

PAGE = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
LISTINGS: dict[str, str] = dict(re.findall(r"```(python|php)\n(.*?)```", PAGE, flags=re.S))
OLD, NEW, STRANGE = (f"{first}0123456789abcdef0123456789abcde" for first in "ons")
BODY = json.dumps(
    {"id": "order_paid:1:webhook", "event": "order_paid", "order_number": "۱۲"}, ensure_ascii=False
).encode()

Receive = Callable[[bytes, str], int]  # a body and a header, and the status of the answer


def signed(*secrets: str, seconds_ago: int = 0, body: bytes = BODY) -> str:
    """The header of the shop's call."""
    clock = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return WebhookSender("https://merchant.example", secrets, lambda: clock).signature(body)


def accepted() -> list[str]:
    """Headers that a receiver must accept which knows the old and the new secret."""
    return [
        signed(OLD),
        signed(NEW),
        signed(NEW, OLD),
        signed(STRANGE, NEW),
        signed(NEW, seconds_ago=280),
        signed(NEW, seconds_ago=-280),
    ]


def refused() -> list[str]:
    """Headers that it must not accept."""
    good = signed(NEW)
    moment, _, signature = good.partition(",v1=")
    return [
        "",
        "nonsense",
        ",=,",
        signed(STRANGE),
        signed(NEW, body=BODY + b" "),
        signed(NEW, seconds_ago=320),
        signed(NEW, seconds_ago=-320),
        moment,
        f"v1={signature}",
        f"{moment},v1=",
        f"{moment},v1={signature[:-1]}",
        f"{moment},v1=\u00e9{signature[1:]}",
        f"{good},{moment}",
        f"{moment}0,v1={signature}",
        f"t={'9' * 5000},v1={signature}",
        f"t=\u00b2,v1={signature}",
    ]


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Receive:
    """The page's receiver in Python."""
    monkeypatch.setenv("WEBHOOK_SECRET", f"{NEW},{OLD}")
    monkeypatch.setenv("EVENTS_DATABASE", str(tmp_path / "events.sqlite3"))
    space: dict[str, Any] = {"__name__": "webhooks"}
    exec(compile(LISTINGS["python"], "docs/webhooks.md", "exec"), space)  # noqa: S102 - our own page
    client = space["app"].test_client()

    def receive(body: bytes, header: str) -> int:
        headers = {"X-Storefront-Signature": header, "Content-Type": "application/json"}
        return int(client.post("/webhook", data=body, headers=headers).status_code)

    return receive


@pytest.fixture
def php(tmp_path: Path) -> Iterator[Receive]:
    """The page's receiver in PHP, behind PHP's own server."""
    if not shutil.which("php"):
        pytest.skip("php is not installed, so the page's PHP cannot be run")
    script, port = tmp_path / "webhook.php", free_port()
    script.write_text(LISTINGS["php"], encoding="utf-8")
    command = ["php", "-S", f"127.0.0.1:{port}", str(script)]
    server = Process(command, {"WEBHOOK_SECRET": f"{NEW},{OLD}"}, tmp_path / "php.log")
    server.start()
    wait_until(lambda: listening(port), "PHP listens")
    with requests.Session() as session:

        def receive(body: bytes, header: str) -> int:
            headers = {"X-Storefront-Signature": header.encode("latin-1")}
            url = f"http://127.0.0.1:{port}/webhook"
            return session.post(url, body, headers=headers, timeout=10).status_code

        yield receive
    server.kill()
    assert "PHP Warning" not in server.output
    assert "PHP Fatal" not in server.output


@pytest.mark.parametrize("language", ["python", "php"])
def test_the_receiver_believes_the_shop_alone(
    language: str, request: pytest.FixtureRequest
) -> None:
    receive: Receive = request.getfixturevalue(language)
    for expected, headers in ((204, accepted()), (400, refused())):
        for header in headers:
            with naming(header[:120]):
                assert receive(BODY, header) == expected


def test_the_setting_that_changes_a_secret_signs_with_both(tmp_path: Path) -> None:
    app, now = Flask("shop", instance_path=str(tmp_path)), datetime.now(UTC)
    webhook = {"WEBHOOK_URL": "https://merchant.example", "WEBHOOK_SECRET": f"{NEW}, {OLD}"}
    settings.load(app, quiet_settings(**webhook))
    sender = channels(app, lambda: now)[Channel.WEBHOOK]
    assert isinstance(sender, WebhookSender)
    of_each = [WebhookSender("", [key], lambda: now).signature(BODY) for key in (NEW, OLD)]
    assert sender.signature(BODY) == f"{of_each[0]},{of_each[1].partition(',')[2]}"


def test_the_receiver_takes_a_repeated_event_once(python: Receive, tmp_path: Path) -> None:
    assert [python(BODY, signed(NEW)) for _ in range(3)] == [204] * 3
    database = sqlite3.connect(tmp_path / "events.sqlite3")
    assert database.execute("SELECT * FROM events").fetchall() == [("order_paid:1:webhook", "۱۲")]
    database.close()
