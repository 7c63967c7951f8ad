"""The commands that others script against."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest
from flask import Flask

from storefront.database import db
from storefront.sandbox.testing import SandboxWorld
from storefront.shop.orders import OrderState, by_number
from storefront.worker import JOBS, WorkerRun
from tests.rig.clock import MovingClock
from tests.rig.processes import Process, wait_until
from tests.rig.settings import quiet_environment
from tests.rig.walk import Walk


@pytest.fixture
def walk(app: Flask) -> Walk:
    return Walk(app)


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=list(words))
    return result.exit_code, result.output


def test_reconcile_makes_one_pass_and_prints_its_tally(
    walk: Walk, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    assert run(walk.app, "reconcile") == (0, "asked: nothing due\nexpired: nothing due\n")
    _, switching_url = walk.send_shopper()
    sandbox.pay_and_vanish(switching_url)
    abandoned = walk.place()
    clock.advance(61)
    assert run(walk.app, "reconcile") == (0, "asked: 1 paid\nexpired: nothing due\n")
    clock.advance(900)
    assert run(walk.app, "reconcile") == (0, "asked: nothing due\nexpired: 1 lapsed\n")
    assert walk.order_state(abandoned) is OrderState.LAPSED


def test_export_prints_every_payment_as_a_line_of_json(walk: Walk, sandbox: SandboxWorld) -> None:
    first, first_url = walk.send_shopper()
    walk.come_back(sandbox.pay(first_url))
    walk.send_shopper()
    code, output = run(walk.app, "payments", "export")
    lines = [json.loads(line) for line in output.splitlines()]
    assert code == 0
    assert [line["state"] for line in lines] == ["paid", "awaiting_shopper"]
    (paid,) = walk.payments(first)
    assert paid.paid_at is not None
    assert lines[0] == {
        "order_number": walk.number(first),
        "reference_number": paid.reference_number,
        "order_identifier": sandbox.orders()[0]["identifier"],
        "gateway": "ppg",
        "state": "paid",
        "amount_rials": sandbox.orders()[0]["amount_rials"],
        "created_at": paid.created_at.isoformat(),
        "paid_at": paid.paid_at.isoformat(),
    }
    assert lines[1]["paid_at"] is None


def test_a_paid_order_is_fulfilled_once(walk: Walk, sandbox: SandboxWorld) -> None:
    order_id, switching_url = walk.send_shopper()
    number = walk.number(order_id)
    refusal = f"Error: order {number} is placed; only a paid order can be fulfilled\n"
    assert run(walk.app, "orders", "fulfil", number) == (1, refusal)
    walk.come_back(sandbox.pay(switching_url))
    assert run(walk.app, "orders", "fulfil", number) == (0, f"order {number} is fulfilled\n")
    assert walk.journal(order_id)[-1] == "order_fulfilled"
    code, _ = run(walk.app, "orders", "fulfil", number)
    assert code == 1
    with walk.at_the_till():
        order = by_number(number)
        assert order is not None
        assert order.state is OrderState.FULFILLED


def test_an_order_that_does_not_exist_is_said_so(walk: Walk) -> None:
    assert run(walk.app, "orders", "fulfil", "1") == (1, "Error: there is no order 1\n")


def test_the_worker_runs_its_jobs_and_stops_when_asked(
    walk: Walk, stocked_database_url: str, sandbox: SandboxWorld, tmp_path: Path
) -> None:
    environment = quiet_environment(
        DATABASE_URL=stocked_database_url,
        PPG_BASE_URL=sandbox.ppg_base_url,
        PPG_API_KEY=sandbox.api_key,
        PPG_SECRET_KEY=sandbox.secret_key,
        WORKER_TICK_SECONDS=0.2,
    )
    command = [sys.executable, "-m", "flask", "--app", "storefront", "worker"]
    worker = Process(command, environment, tmp_path / "worker.log")
    worker.start()
    try:
        wait_until(lambda: jobs_run(walk) >= set(JOBS), "every job has run")
        worker.signal(signal.SIGTERM)
        assert worker.wait() == 0
        assert "Traceback" not in worker.output
    finally:
        worker.kill()


def jobs_run(walk: Walk) -> set[str]:
    with walk.at_the_till():
        return set(db.session.scalars(db.select(WorkerRun.job)))
