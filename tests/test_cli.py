"""The commands that others script against."""

from __future__ import annotations

import json
import re
import signal
import sys
from pathlib import Path

import pytest
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from payment_engine import Actor, PaymentState
from storefront.core.database import db
from storefront.monitoring.runs import WorkerRun
from storefront.orders.models import by_number
from storefront.orders.states import OrderState
from storefront.worker.jobs import JOBS
from testkit.clock import MovingClock
from testkit.processes import Process, wait_until
from testkit.scenario import ScenarioDriver
from testkit.settings import quiet_environment
from tests.sandbox.merchant import Merchant


@pytest.fixture
def driver(app: Flask) -> ScenarioDriver:
    return ScenarioDriver(app)


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=list(words))
    return result.exit_code, result.output


def test_the_history_of_an_order_is_printed_under_its_old_name_too(driver: ScenarioDriver) -> None:
    number = driver.number(driver.place())
    now, then = (
        driver.app.test_cli_runner().invoke(args=["orders", word, number])
        for word in ("history", "journal")
    )
    assert (now.exit_code, then.exit_code, now.stderr) == (0, 0, "")
    assert now.stdout == then.stdout
    assert "its items are reserved" in now.stdout
    assert then.stderr.startswith("note: `flask orders journal` is now `flask orders history`")


def test_recover_makes_one_pass_and_prints_its_tally(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    assert run(driver.app, "recover") == (0, "asked: nothing due\nexpired: nothing due\n")
    _, switching_url = driver.send_shopper()
    sandbox.pay_and_vanish(switching_url)
    abandoned = driver.place()
    clock.advance(61)
    assert run(driver.app, "recover") == (0, "asked: 1 paid\nexpired: nothing due\n")
    clock.advance(900)
    assert run(driver.app, "recover") == (0, "asked: nothing due\nexpired: 1 orders_expired\n")
    assert driver.order_state(abandoned) is OrderState.EXPIRED


def test_reconciliation_compares_the_ledgers_and_a_person_closes_what_is_open(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    assert run(driver.app, "reconciliation", "run")[0] == 0
    discrepancy = one_discrepancy(driver, sandbox)
    words = ["reconciliation", "close", str(discrepancy), "--reason", "paid for at the counter"]
    assert run(driver.app, *words) == (0, f"discrepancy {discrepancy} (unknown_here) is closed\n")
    code, said = run(driver.app, *words)
    assert (code, said) == (1, f"Error: there is no open discrepancy {discrepancy}\n")
    assert run(driver.app, "reconciliation", "run")[0] == 0


def one_discrepancy(driver: ScenarioDriver, sandbox: SandboxWorld) -> int:
    """The number of one that a run finds: a payment there that the shop never heard of."""
    other_system = Merchant(sandbox)
    other_system.generate()
    other_system.opened(referenceNumber="invoice-77")
    code, said = run(driver.app, "reconciliation", "run", "--json")
    assert code == 1
    (found,) = json.loads(said)["differences"]
    return int(found["id"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["reconcile"], ["recover"]),
        (["audit", "--from", "2026-01-01"], ["reconciliation", "run", "--from", "2026-01-01"]),
        (["audit", "--to", "2001-01-01"], ["reconciliation", "run", "--to", "2001-01-01"]),
    ],
    ids=" ".join,
)
def test_an_old_name_does_the_same_and_names_the_new_one_on_stderr_alone(
    driver: ScenarioDriver, old: list[str], new: list[str]
) -> None:
    runner = driver.app.test_cli_runner()
    under_old_name, under_new_name = (runner.invoke(args=words) for words in (old, new))
    assert under_old_name.exit_code == under_new_name.exit_code
    assert under_old_name.stdout == under_new_name.stdout
    assert under_new_name.stderr.startswith("Usage: " if under_new_name.exit_code == 2 else "")
    (note, *_) = under_old_name.stderr.splitlines()
    assert note.startswith(f"note: `flask {old[0]}` is now `flask {' '.join(new[:2])}`")


def test_a_discrepancy_is_closed_under_the_old_name_too(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    discrepancy = one_discrepancy(driver, sandbox)
    words = ["audit", "close", str(discrepancy), "--reason", "paid for at the counter"]
    result = driver.app.test_cli_runner().invoke(args=words)
    assert result.exit_code == 0
    assert result.stdout == f"discrepancy {discrepancy} (unknown_here) is closed\n"
    (note,) = result.stderr.splitlines()
    assert note.startswith("note: `flask audit close` is now `flask reconciliation close`")


def test_help_shows_the_new_names_alone(bare_app: Flask) -> None:
    names = re.findall(r"^  (\w+) ", run(bare_app, "--help")[1], flags=re.M)
    assert {"recover", "reconciliation"} <= set(names)
    assert not {"reconcile", "audit"} & set(names)


def test_export_prints_every_payment_as_a_line_of_json(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    first, first_url = driver.send_shopper()
    driver.come_back(sandbox.pay(first_url))
    driver.send_shopper()
    code, output = run(driver.app, "payments", "export")
    lines = [json.loads(line) for line in output.splitlines()]
    assert code == 0
    assert [line["state"] for line in lines] == ["paid", "awaiting_shopper"]
    (paid,) = driver.payments(first)
    assert paid.paid_at is not None
    assert lines[0] == {
        "order_number": driver.number(first),
        "reference_number": paid.reference,
        "order_identifier": sandbox.orders()[0]["identifier"],
        "gateway": "ppg",
        "state": "paid",
        "amount_rials": sandbox.orders()[0]["amount_rials"],
        "created_at": paid.created_at.isoformat(),
        "paid_at": paid.paid_at.isoformat(),
    }
    assert lines[1]["paid_at"] is None


def test_a_paid_order_is_fulfilled_once(driver: ScenarioDriver, sandbox: SandboxWorld) -> None:
    order_id, switching_url = driver.send_shopper()
    number = driver.number(order_id)
    refusal = f"Error: order {number} is placed; only a paid order can be fulfilled\n"
    assert run(driver.app, "orders", "fulfil", number) == (1, refusal)
    driver.come_back(sandbox.pay(switching_url))
    assert run(driver.app, "orders", "fulfil", number) == (0, f"order {number} is fulfilled\n")
    assert driver.history(order_id)[-1] == "order_fulfilled"
    code, _ = run(driver.app, "orders", "fulfil", number)  # twice is no error, and changes nothing
    assert code == 0
    assert driver.history(order_id).count("order_fulfilled") == 1
    with driver.in_the_shop():
        order = by_number(number)
        assert order is not None
        assert order.state is OrderState.FULFILLED


def in_review(driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock) -> tuple[int, str]:
    """A payment whose gateway stayed silent for a day. Gives its order and its reference."""
    order_id, switching_url = driver.send_shopper()
    sandbox.behave("error_500", operation="inquiry", times=None)
    driver.come_back(sandbox.pay(switching_url))
    for _ in range(2):
        clock.advance(24 * 3600)
        driver.worker_passes()
    (payment,) = driver.payments(order_id)
    assert payment.state is PaymentState.NEEDS_REVIEW
    return order_id, payment.reference


@pytest.mark.long
@pytest.mark.parametrize(
    ("decision", "order_state", "stock"),
    [("paid", OrderState.PAID, (0, 2)), ("expired", OrderState.EXPIRED, (0, 0))],
)
def test_a_person_decides_what_needs_review_and_says_why(
    driver: ScenarioDriver,
    sandbox: SandboxWorld,
    clock: MovingClock,
    decision: str,
    order_state: OrderState,
    stock: tuple[int, int],
) -> None:
    order_id, reference = in_review(driver, sandbox, clock)
    words = ["payments", "resolve", reference, "--as", decision, "--reason", "seen in the panel"]
    code, _ = run(driver.app, *words)
    assert code == 0
    entry = driver.history_entries(order_id)[-1]
    assert (entry.event, entry.actor) == (f"resolved_as_{decision}", Actor.OPERATOR)
    assert entry.details == {"reason": "seen in the panel", "by": "operator"}
    driver.worker_passes()
    assert driver.order_state(order_id) is order_state
    assert driver.stock() == stock
    code, said = run(driver.app, *words)
    assert code == 1
    assert "that is final" in said


def test_nobody_can_resolve_a_payment_as_paid_for_an_order_that_was_cancelled(
    driver: ScenarioDriver,
) -> None:
    order_id, _ = driver.send_shopper()
    driver.cancel(order_id)
    (payment,) = driver.payments(order_id)
    words = ["payments", "resolve", payment.reference, "--as", "paid", "--reason", "cash"]
    code, said = run(driver.app, *words)
    assert (code, said) == (1, f"Error: order {driver.number(order_id)}: cancelled → paid\n")
    assert driver.states(order_id) == [payment.state]
    assert driver.order_state(order_id) is OrderState.CANCELLED


def test_a_payment_can_be_resolved_without_what_the_shop_does_about_it(
    driver: ScenarioDriver,
) -> None:
    order_id, _ = driver.send_shopper()
    driver.cancel(order_id)
    (payment,) = driver.payments(order_id)
    words = ["payments", "resolve", payment.reference, "--as", "paid", "--reason", "cash"]
    code, said = run(driver.app, *words, "--without-hooks")
    assert code == 0, said
    assert driver.states(order_id) == [PaymentState.PAID]
    assert driver.order_state(order_id) is OrderState.CANCELLED
    assert driver.stock() == (0, 0)


def test_an_unknown_payment_cannot_be_resolved(driver: ScenarioDriver) -> None:
    words = ["payments", "resolve", "unheard-of", "--as", "paid", "--reason", "-"]
    assert run(driver.app, *words) == (1, "Error: there is no payment unheard-of\n")


def test_an_order_that_does_not_exist_is_said_so(driver: ScenarioDriver) -> None:
    assert run(driver.app, "orders", "fulfil", "1") == (1, "Error: there is no order 1\n")


def test_the_worker_runs_its_jobs_and_stops_when_asked(
    driver: ScenarioDriver, stocked_database_url: str, sandbox: SandboxWorld, tmp_path: Path
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
        wait_until(lambda: jobs_run(driver) >= set(JOBS), "every job has run")
        worker.signal(signal.SIGTERM)
        assert worker.wait() == 0
        assert "Traceback" not in worker.output
    finally:
        worker.kill()


@pytest.mark.long
def test_the_worker_stops_also_while_it_hands_a_job_to_a_thread(
    bare_app: Flask, tmp_path: Path
) -> None:
    """It asks itself to stop in the middle of that, where the thread pool holds its lock."""
    program = (
        "import os, signal, sys, threading\n"
        "from storefront import create_app\n"
        "from storefront.worker import jobs\n"
        "asked = []\n"
        "def ask(frame, event, argument):\n"
        "    if frame.f_code.co_name == '_adjust_thread_count' and not asked:\n"
        "        asked.append(os.kill(os.getpid(), signal.SIGTERM))\n"
        "threading.settrace(ask), sys.settrace(ask)\n"
        "jobs.run(create_app())\n"
        "print('stopped')\n"
    )
    environment = quiet_environment(
        DATABASE_URL=bare_app.config["DATABASE_URL"],
        PPG_BASE_URL=bare_app.config["PPG_BASE_URL"],
        WORKER_TICK_SECONDS=0.2,
    )
    worker = Process([sys.executable, "-c", program], environment, tmp_path / "worker.log")
    worker.start()
    try:
        assert worker.wait() == 0
        assert "stopped" in worker.output
    finally:
        worker.kill()


def jobs_run(driver: ScenarioDriver) -> set[str]:
    with driver.in_the_shop():
        return set(db.session.scalars(db.select(WorkerRun.job)))
