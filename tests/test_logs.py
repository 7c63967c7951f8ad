"""What the log tells: one line a record, who and what it is about, and never a secret."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from storefront.core import logs
from storefront.core.log_context import about
from storefront.core.log_lines import JsonLines, TextLines
from storefront.worker import jobs, threads
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.databases import SqliteFiles
from testkit.settings import at_gateways
from testkit.shopper import Shopper
from tests.conftest import open_shop

ROOT = Path(__file__).parents[1]
MADE = re.compile("[0-9a-f]{32}")
NATIONAL_CODE, CARD, JWT = "0499370899", "6037991234561234", "eyJhbGciOi.eyJzdWIiOj.c2ln"


@pytest.fixture
def shop(
    sqlite_files: SqliteFiles, sandbox: SandboxWorld, clock: MovingClock, tmp_path: Path
) -> Iterator[Flask]:
    """A shop that writes JSON, behind one web server; the next test's shop writes text again."""
    with sqlite_files.fresh(tmp_path / "logs", stocked=True) as url:
        named = at_gateways(sandbox) | {"LOG_FORMAT": "json", "TRUSTED_PROXIES": 1}
        with open_shop(url, sandbox, clock, **named) as app:
            yield app
    logs.set_format("text")


Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    """The lines that were written since the last look."""
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_purchase_can_be_followed_by_its_ids(
    shop: Flask, sandbox: SandboxWorld, clock: MovingClock, lines: Lines
) -> None:
    shopper = Shopper(shop)
    shopper.put_in_cart()
    lines()
    switching_url = shopper.check_out(national_code=NATIONAL_CODE)
    tokens, create = lines()
    assert (tokens["operation"], create["operation"]) == ("generate", "create")
    assert MADE.fullmatch(create["request_id"])
    assert create["request_id"] == tokens["request_id"]
    assert (create["level"], create["logger"]) == ("INFO", "jibit_client.wire")
    assert (create["outcome"], create["attempt"], create["gateway"]) == (200, 1, "ppg")
    assert create["milliseconds"] > 0
    assert create["time"].endswith("+00:00")

    sandbox.pay_and_vanish(switching_url)
    clock.advance(60)
    assert jobs.run_job(shop, "recover_payments") == {"paid": 1}
    asked = lines()
    assert [line["operation"] for line in asked] == ["inquiry", "verify"]
    same = {(line["order"], line["payment"]) for line in [create, *asked]}
    assert len(same) == 1
    assert {line["job"] for line in asked} == {"recover_payments"}
    assert len({line["run_id"] for line in asked}) == 1

    written = json.dumps([tokens, create, *asked])
    bodies = [NATIONAL_CODE, "09121234567", "مریم", "Bearer", sandbox.secret_key, "?"]
    assert [word for word in bodies if word in written] == []


def test_an_id_is_taken_from_the_web_server_in_front_alone(shop: Flask) -> None:
    browser = shop.test_client()
    for given, taken in [
        ("a-web.server_s-id-0123456789", True),
        ("short", False),
        ("x" * 65, False),
        ("has a blank in it", False),
        ("\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668", False),
        ('"},{"level":"CRITICAL"', False),
    ]:
        with naming(given):
            answer = browser.get("/healthz", headers={"X-Request-Id": given})
            told = answer.headers["X-Request-Id"]
            assert told == given if taken else MADE.fullmatch(told)
    shop.config["TRUSTED_PROXIES"] = 0
    answer = browser.get("/nowhere", headers={"X-Request-Id": "a-strangers-id"})
    assert answer.status_code == 404
    assert MADE.fullmatch(answer.headers["X-Request-Id"])


def test_a_page_that_fails_is_one_line_with_its_request_and_its_trace(
    shop: Flask, lines: Lines
) -> None:
    shop.config["PROPAGATE_EXCEPTIONS"] = False
    shop.view_functions["pages.show"] = lambda **_: _raises(f"a\nb token={JWT}")
    answer = shop.test_client().get("/contact")
    (line,) = lines()
    assert answer.status_code == 500
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert (line["level"], line["exception"]) == ("ERROR", "ValueError")
    assert "in _raises" in line["traceback"]
    assert JWT not in json.dumps(line)


def _raises(text: str) -> str:
    raise ValueError(text)


def test_threads_of_the_worker_know_the_job(shop: Flask) -> None:
    told: list[str] = []

    def step(_row_id: int) -> str:
        told.append(TextLines().format(record("x")))
        return "done"

    with about(job="recover_payments"), ThreadPoolExecutor(2) as pool:
        threads.on_threads(shop, pool, 2, threads.Stop())(step, iter([1, 2, 3]))
    assert all(line.endswith(" x [job=recover_payments]") for line in told)
    assert len(told) == 3


def record(message: str, *, error: BaseException | None = None) -> logging.LogRecord:
    trouble = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("storefront", logging.ERROR, "x.py", 1, message, (), trouble)


HOSTILE = {
    "a line break": "a\n[2026-01-01 00:00:00] CRITICAL in app: all is lost",
    "another one": "a\u2028b\u0085c\r\nd",
    "a terminal's command": "\x1b[2J\x1b]0;title\x07",
    "text turned around": "\u202egnp.exe",
    "half a letter": "\ud800",
    "JSON": '"}\n{"level":"CRITICAL"}',
    "much": "x" * 1_000_000,
}


def test_no_text_forges_a_line_commands_a_terminal_or_fills_the_disk() -> None:
    for what, text in HOSTILE.items():
        raised = record(text, error=caught(text))
        with naming(what), about(order=text):
            told = json.loads(written := JsonLines().format(raised))
            assert written.replace("\\n", "").isprintable()
            assert len(written) < 40_000
            assert told["level"] == "ERROR"
            assert told["exception"] == "ValueError"
            head, *trace = TextLines().format(raised).split("\n")
            assert all(line.startswith("  ") and line.isprintable() for line in trace)
            assert head.isprintable()
            assert len(head) < 10_000
            written.encode()


def caught(text: str) -> ValueError:
    try:
        _raises(text)
    except ValueError as error:
        return error
    raise AssertionError("nothing was raised")


def test_no_secret_reaches_a_line_of_either_kind() -> None:
    secrets = [NATIONAL_CODE, CARD, JWT, "09121234567", "s3cr3t-value"]
    text = f"کد ملی {NATIONAL_CODE} card {CARD} Bearer {JWT} of 09121234567 password=s3cr3t-value"
    for long in ("", "x" * 7990 + " "):
        raised = record(long + text, error=caught(text))
        for kind in (JsonLines(), TextLines()):
            told = kind.format(raised)
            assert [secret for secret in secrets if secret in told] == []
            assert "603799******1234" in told


def test_no_module_imports_opentelemetry_but_those_that_a_setting_asks_for() -> None:
    wanted = re.compile(r"^(?:from|import) (?:opentelemetry|storefront\.core\.spans)", re.MULTILINE)
    for package in logs.OURS:
        for path in (ROOT / package).rglob("*.py"):
            found = wanted.search(path.read_text(encoding="utf-8"))
            assert path.name in ("spans.py", "spans_export.py") or found is None, path


def test_the_shop_asks_for_no_package_of_traces_until_a_setting_does(
    another_shop: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "storefront.core.spans_export", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    another_shop(DATABASE_URL="sqlite:///:memory:")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    another_shop(DATABASE_URL="sqlite:///:memory:", TRACES="off")
    for settings, asker in [
        ({}, "OTEL_EXPORTER_OTLP_ENDPOINT"),
        ({"TRACES": "otlp"}, "STOREFRONT_TRACES"),
    ]:
        with pytest.raises(Exception, match=f"^{asker} should be unset.* -r requirements-otel"):
            another_shop(DATABASE_URL="sqlite:///:memory:", **settings)
