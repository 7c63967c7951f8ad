"""The gateway's texts reach terminal, log and page printable, on both databases."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, text, update

from jibit_sandbox.testing import SandboxWorld
from payment_engine import Actor, PaymentState
from storefront.core.database import db, transaction
from storefront.core.tables import TABLES
from storefront.notifications.outbox import Channel, OutboxMessage
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.response_edits import ResponseEdits, editing_proxy
from testkit.scenario import ScenarioDriver
from testkit.shopper import DETAILS, Shopper
from tests.client.boundaries import is_printable
from tests.client.secret_texts import HARMFUL
from tests.conftest import open_shop

HARM = "a" + "".join(HARMFUL).replace("\0", "") + "b کد ملی 0499370899"  # NUL is stored nowhere


@pytest.fixture
def driver(app: Flask) -> ScenarioDriver:
    return ScenarioDriver(app)


def output(app: Flask, *words: str) -> str:
    """What a command prints: cells of printable text, and nobody's national code."""
    printed = app.test_cli_runner().invoke(args=list(words)).output
    assert all(is_printable(cell) for cell in re.split("[\n\t]", printed)), ascii(printed)
    assert "0499370899" not in printed
    return printed


def write_as_before(driver: ScenarioDriver, order_id: int) -> None:
    """Write events with raw texts, as a version before this one may have."""
    facts: list[dict[str, Any]] = [
        {"inquiry": HARM, "verification": HARM, "differences": [HARM]},
        {"errors": [{"answer": HARM, "reason": HARM, "codes": [HARM], "fingerprint": HARM}]},
    ]
    kept = {"order_key": driver.number(order_id), "at": datetime(2026, 11, 21, tzinfo=UTC)}
    rows = [
        *({"event": "payment_in_doubt", "actor": Actor.WORKER, "details": each} for each in facts),
        {"event": "odd_answer", "actor": Actor.WORKER, "details": {"fields": [HARM]}},
        {"event": "callback", "actor": Actor.PAYER, "details": {"state": HARM}},
        {"event": "resolved_as_paid", "actor": Actor.OPERATOR, "details": {"reason": HARM}},
    ]
    with driver.in_the_shop(), transaction():
        for row in rows:
            db.session.execute(insert(TABLES.events), kept | row)


def test_a_history_is_printed_and_shown_a_line_for_each_event(
    driver: ScenarioDriver, shopper: Shopper
) -> None:
    order_id = driver.place()
    write_as_before(driver, order_id)
    for language in ("en", "fa"):
        printed = driver.app.test_cli_runner().invoke(
            args=["orders", "history", driver.number(order_id), "--language", language]
        )
        assert len(printed.output.splitlines()) == 6
        assert not set(printed.output) & (set(HARMFUL) - {"\n", "\u200f"})
        assert "0499370899" not in printed.output
    output(driver.app, "orders", "history", driver.number(order_id))
    page = shopper.open(f"/orders/{driver.token(order_id)}/history").text
    assert not set(page) & (set(HARMFUL) - {"\n", "\t", "\r", "\u200f"})
    assert "0499370899" not in page


def test_dead_letters_are_printed_a_line_each(driver: ScenarioDriver) -> None:
    driver.set_channels(tuple(Channel))
    order_id, _ = driver.send_shopper()
    with driver.in_the_shop() as services:
        (payment,) = driver.payments(order_id)
        services.engine.resolve(payment.reference, PaymentState.FAILED, reason="r")
        with transaction():
            given_up = {"given_up_at": services.clock(), "next_try_at": None, "last_error": HARM}
            db.session.execute(update(OutboxMessage).values(given_up))
        written = len(db.session.scalars(select(OutboxMessage)).all())
    assert len(output(driver.app, "outbox", "dead").splitlines()) == written > 1


def test_discrepancies_are_printed_a_line_each_and_as_ascii_json(
    driver: ScenarioDriver, clock: MovingClock
) -> None:
    kept: dict[str, Any] = dict.fromkeys(("lies_from", "lies_to"), clock.now())
    kept |= dict.fromkeys(("found_at", "last_seen_at"), clock.now())
    kept |= {"gateway": "ppg", "kind": "unknown_here", "key": "k", "gateway_payment_id": "a\x1bb"}
    said = {"state": HARM, "amount_rials": 1}
    with driver.in_the_shop(), transaction():
        db.session.execute(insert(TABLES.discrepancies), kept | {"ours": {}, "theirs": said})
    printed = output(driver.app, "reconciliation", "run")
    assert len(printed.splitlines()) == 3
    as_json = driver.app.test_cli_runner().invoke(args=["reconciliation", "run", "--json"]).output
    assert is_printable(as_json.rstrip("\n"))
    assert as_json.isascii()
    assert json.loads(as_json)["discrepancies"]


@pytest.fixture
def edited(sandbox: SandboxWorld) -> Iterator[tuple[str, ResponseEdits]]:
    with editing_proxy(sandbox.ppg_base_url) as proxy:
        yield proxy


@pytest.fixture
def app(
    stocked_database_url: str,
    sandbox: SandboxWorld,
    clock: MovingClock,
    edited: tuple[str, ResponseEdits],
) -> Iterator[Flask]:
    """A shop whose gateway's answers can be edited on the way."""
    with open_shop(stocked_database_url, sandbox, clock, PPG_BASE_URL=edited[0]) as app:
        yield app


@pytest.mark.parametrize("tail", ["\r\nX-Evil: 1", "\x1b[31m", "\u202e", " b"], ids=ascii)
def test_a_switching_url_that_is_none_is_a_page_that_says_so_and_an_order_that_is_kept(
    shopper: Shopper, edited: tuple[str, ResponseEdits], tail: str
) -> None:
    _, edits = edited
    shopper.put_in_cart()
    shopper.open("/checkout")
    edits.set("pspSwitchingUrl", f"http://127.0.0.1/{tail}")
    page = shopper.press("Pay", **DETAILS)
    assert page.status == 503
    assert "Nothing was paid" in page.text
    edits.stop()


def test_a_path_of_a_request_that_fails_forges_no_line_of_the_log(
    bare_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with bare_app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DROP TABLE order_lines"))
        connection.execute(text("ALTER TABLE orders RENAME TO nobodys"))
    bare_app.config["PROPAGATE_EXCEPTIONS"] = False
    caplog.set_level(logging.INFO)
    for letter in ("%0A", "%0D%0A", "%1B", "%E2%80%AE"):
        with naming(letter):
            bare_app.test_client().get(f"/orders/a{letter}CRITICAL all is lost")
    assert caplog.records
    for record in caplog.records:
        assert is_printable(record.getMessage())
