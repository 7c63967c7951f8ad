"""The worker was away, or the gateway was: what waits is worked off at once, in good order."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from threading import Thread

from apscheduler.events import EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from jibit_sandbox.testing import SandboxWorld
from payment_engine.resilience import Bulkhead, CircuitBreaker
from payment_engine.row_queue import LONGEST_PASS
from payment_engine.states import PaymentState
from storefront.worker import jobs, threads
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver

LOST = "recover_payments"


def test_a_backlog_is_worked_off_in_one_go_the_nearest_deadline_first(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    old = [driver.send_shopper() for _ in range(3)]
    clock.advance(60)
    young = [driver.send_shopper() for _ in range(3)]
    work_off(driver)  # asks about the old ones, which are thus due later than the young ones
    before = len(sandbox.requests_seen(operation="verify"))
    for _, switching_url in (*young, *old):
        sandbox.pay_and_vanish(switching_url)
    clock.advance(60)
    work_off(driver)
    verified = sandbox.requests_seen(operation="verify")[before:]
    attempts = [attempt for order_id, _ in (*old, *young) for attempt in driver.payments(order_id)]
    assert [attempt.state for attempt in attempts] == [PaymentState.PAID] * 6
    asked = [request["order_identifier"] for request in verified]
    assert asked == [attempt.gateway_payment_id for attempt in attempts]


def test_a_worker_that_is_to_stop_asks_no_further_question(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.pay_and_vanish(switching_url)
    clock.advance(60)
    stop = threads.Stop()
    stop.ask()
    work_off(driver, stop)
    assert sandbox.requests_seen(operation="inquiry") == []
    clock.advance(60)
    work_off(driver)
    assert driver.states(order_id) == [PaymentState.PAID]


def test_a_worker_that_is_to_stop_while_it_takes_a_payment_still_asks_about_it(
    driver: ScenarioDriver,
) -> None:
    stop = threads.Stop()
    asked: list[int] = []
    with ThreadPoolExecutor(1) as pool:

        def close() -> None:
            stop.ask()
            pool.shutdown()

        closing = Thread(target=close)

        def payments() -> Iterator[int]:
            closing.start()
            closing.join(0.1)  # if it could, it would have closed the pool by then
            yield 1

        def ask(payment_id: int) -> str:
            asked.append(payment_id)
            return ""

        threads.on_threads(driver.app, pool, 1, stop)(ask, payments())
        closing.join()
    assert asked == [1]


def test_the_slots_of_a_server_do_not_bind_a_worker_that_has_more_threads() -> None:
    bulkhead = Bulkhead(
        CircuitBreaker("bank", 5, timedelta(seconds=1)), create_slots=1, ask_slots=1
    )
    bulkhead.widen(3)
    with ExitStack() as questions:
        free = [questions.enter_context(bulkhead.asking()) for _ in range(4)]
    assert free == [True, True, True, False]


def test_a_pass_that_took_as_long_as_one_may_is_followed_by_the_next_at_once() -> None:
    scheduler, now = BackgroundScheduler(timezone="UTC"), datetime.now(UTC)
    for job, took in (("short", LONGEST_PASS / 2), ("long", LONGEST_PASS)):
        scheduler.add_job(print, id=job, next_run_time=now + timedelta(seconds=15))
        ended = JobExecutionEvent(EVENT_JOB_EXECUTED, job, "default", now - took)
        jobs.go_on(scheduler, ended, now)
    scheduler.start(paused=True)
    waits = {job.id: (job.next_run_time - now).total_seconds() for job in scheduler.get_jobs()}
    scheduler.shutdown()
    assert waits["short"] == 15
    assert waits["long"] < 15


def work_off(driver: ScenarioDriver, stop: threads.Stop | None = None) -> None:
    """What the worker does at a tick about callbacks that never came, on a single thread."""
    with ThreadPoolExecutor(1) as pool:
        spread = threads.on_threads(driver.app, pool, 1, stop or threads.Stop())
        jobs.run_job(driver.app, LOST, spread)
