"""What the owner and Prometheus see of the shop's state, and what is an alarm."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from jibit_sandbox.testing import SandboxWorld
from payment_engine.states import PaymentState
from storefront.admin.job_words import JOB_TITLES
from storefront.notifications.outbox import Channel
from storefront.worker import jobs
from testkit.clock import MovingClock
from testkit.mishaps import paid_by_decision, reconciled
from testkit.scenario import ScenarioDriver
from testkit.shopper import Shopper
from testkit.staff import system_page

HOUR = 3600  # seconds


@pytest.fixture
def driver(app: Flask) -> ScenarioDriver:
    return ScenarioDriver(app)


def measured(app: Flask) -> dict[str, float]:
    """Every gauge by its name and label."""
    text = app.test_client().get("/metrics").get_data(as_text=True)
    samples = [
        sample for family in text_string_to_metric_families(text) for sample in family.samples
    ]
    return {
        "/".join([s.name.removeprefix("storefront_"), *s.labels.values()]): s.value for s in samples
    }


def run_every_job(app: Flask) -> None:
    for job in jobs.JOBS:
        jobs.run_job(app, job)


def test_a_shop_at_rest_raises_no_alarm(app: Flask) -> None:
    run_every_job(app)
    assert measured(app)["alarms"] == 0
    assert "Everything works." in system_page(app).text


def test_every_job_of_the_worker_has_a_name_in_both_languages(app: Flask) -> None:
    english, persian = system_page(app).text, system_page(app, "fa").text
    assert set(JOB_TITLES) == set(jobs.JOBS)
    with app.test_request_context():
        titles = [str(title) for title in JOB_TITLES.values()]
    with app.test_request_context("/?lang=en"):
        titles_in_english = [str(title) for title in JOB_TITLES.values()]
    assert all(title in persian for title in titles)
    assert all(title in english for title in titles_in_english)
    assert not set(titles) & set(titles_in_english)


def test_a_gateway_whose_answers_have_odd_fields_is_seen(
    app: Flask, driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    run_every_job(app)
    sandbox.behave("odd_fields", operation="inquiry")
    _, switching_url = driver.send_shopper()
    driver.come_back(sandbox.pay(switching_url))
    figures = measured(app)
    assert (figures["odd_answers"], figures["alarms"]) == (1, 1)
    page = system_page(app).text
    assert "Gateway answers with odd fields in a day 1 · look here" in page


def test_a_capture_of_a_payment_that_has_ended_otherwise_is_seen(
    app: Flask, driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    callback = sandbox.pay(switching_url)
    sandbox.behave("hold_after_commit", operation="verify")
    with ThreadPoolExecutor(1) as server:
        answered = server.submit(driver.come_back, callback)
        sandbox.wait_until_held()
        clock.advance(60)
        with driver.in_the_shop() as services:
            reference = driver.payments(order_id)[0].reference
            services.engine.resolve(reference, PaymentState.FAILED, reason="too early")
        sandbox.release()
        answered.result()
    run_every_job(app)
    assert measured(app)["contradictions"] == 1


@pytest.mark.long
def test_a_worker_that_stands_still_is_seen(app: Flask, clock: MovingClock) -> None:
    assert measured(app)["alarms"] == 1, "it never ran"
    run_every_job(app)
    clock.advance(6 * 60)
    assert measured(app)["job_age_seconds/recover_payments"] == 360
    assert (
        "Recover payments whose callback never came 6 minutes · look here" in system_page(app).text
    )


def test_a_doubt_is_seen_with_its_age_and_is_gone_when_it_is_cleared(
    app: Flask, driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.behave("reset", operation="inquiry", times=2)
    driver.come_back(sandbox.pay(switching_url))
    clock.advance(30)
    driver.come_back(f"/payments/{driver.payments(order_id)[0].reference}/callback")
    clock.advance(30)
    run_every_job(app)
    now = measured(app)
    assert now["oldest_doubt_seconds"] == 60
    assert now["payments/in_doubt"] == 1
    clock.advance(61)
    run_every_job(app)
    assert measured(app)["oldest_doubt_seconds"] == 0


def test_a_payment_for_a_person_stands_there_with_the_page_that_ends_it(
    app: Flask, driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.behave("reset", operation="inquiry", times=None)
    driver.come_back(sandbox.decline(switching_url))
    clock.advance(25 * 60 * 60)
    run_every_job(app)
    reference = driver.payments(order_id)[0].reference
    page = system_page(app)
    assert page.soup.select(f'a[href="/admin/money/payments/{reference}"]')
    assert measured(app)["payments/needs_review"] == 1
    assert measured(app)["alarms"] >= 1


def test_a_discrepancy_stands_there_with_the_page_that_closes_it(
    app: Flask, driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id = paid_by_decision(driver, sandbox, clock)
    reconciled(driver)
    (payment,) = driver.payments(order_id)
    page = system_page(app)
    assert measured(app)["discrepancies"] == 1
    assert f"Paid here, not at the gateway, Bank card, {payment.gateway_payment_id}" in page.text
    assert page.soup.select('a[href="/admin/money/discrepancies#difference-1"]')


def test_somebody_who_tries_callbacks_is_seen_for_a_day(
    app: Flask, driver: ScenarioDriver, clock: MovingClock
) -> None:
    order_id, _ = driver.send_shopper()
    reference = driver.payments(order_id)[0].reference
    for _ in range(6):
        assert measured(app)["orders_with_many_callbacks"] == 0
        driver.come_back(f"/payments/{reference}/callback?refnum=guess")
    assert measured(app)["orders_with_many_callbacks"] == 1
    assert f"Order {driver.number(order_id)} : 6" in system_page(app).text
    clock.advance(24 * HOUR + 1)
    assert measured(app)["orders_with_many_callbacks"] == 0
    driver.come_back(f"/payments/{reference}/callback?refnum=guess")
    assert measured(app)["orders_with_many_callbacks"] == 1


def test_payments_at_a_gateway_that_was_turned_off_are_seen_and_harm_nobody(
    app: Flask,
    driver: ScenarioDriver,
    stocked_database_url: str,
    clock: MovingClock,
    another_shop: Callable[..., Flask],
) -> None:
    order_id, _ = driver.send_shopper()
    (payment,) = driver.payments(order_id)
    without_cards = another_shop(
        DATABASE_URL=stocked_database_url,
        PPG_BASE_URL="off",
        WALLET_BASE_URL=app.config["WALLET_BASE_URL"],
    )
    assert measured(without_cards)["left_behind/ppg"] == 1
    clock.advance(16 * 60)
    run_every_job(without_cards)
    shopper = Shopper(without_cards)
    assert shopper.open(f"/payments/{payment.reference}/callback").status == 404
    assert shopper.open(f"/orders/{driver.token(order_id)}").status == 200
    clock.advance(61)
    run_every_job(app)
    assert driver.states(order_id) == [PaymentState.EXPIRED], "turned on again, it ends well"


@pytest.mark.long
def test_a_job_that_ran_before_the_clock_was_set_back_is_an_alarm(
    app: Flask, clock: MovingClock
) -> None:
    run_every_job(app)
    clock.set_by(-HOUR)
    now = measured(app)
    assert now["job_age_seconds/recover_payments"] == -HOUR
    assert now["alarms"] == 1
    said = "Recover payments whose callback never came the clock was set back · look here"
    assert said in system_page(app).text
    assert "ساعت به عقب کشیده شده است" in system_page(app, "fa").text


def test_a_worker_that_goes_on_after_the_clock_was_set_back_is_well(
    app: Flask, clock: MovingClock
) -> None:
    run_every_job(app)
    clock.set_by(-HOUR)
    run_every_job(app)
    clock.advance(60)
    now = measured(app)
    assert now["job_age_seconds/recover_payments"] == 60
    assert now["alarms"] == 0
    assert "Everything works." in system_page(app).text


def test_a_clock_that_is_a_second_behind_another_host_is_no_alarm(
    app: Flask, clock: MovingClock
) -> None:
    run_every_job(app)
    clock.set_by(-1)
    now = measured(app)
    assert now["job_age_seconds/reconcile"] == 0
    assert now["alarms"] == 0


def test_a_doubt_and_notification_from_before_the_clock_was_set_back_are_alarms(
    app: Flask, driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    doubtful, switching_url = driver.send_shopper()
    sandbox.behave("reset", operation="inquiry", times=None)
    driver.come_back(sandbox.pay(switching_url))
    assert driver.states(doubtful) == [PaymentState.IN_DOUBT]
    sandbox.forget_behaviours()
    driver.set_channels((Channel.WEBHOOK,))
    _, switching_url = driver.send_shopper()
    driver.come_back(sandbox.pay(switching_url))
    clock.set_by(-HOUR)
    now = measured(app)
    assert now["oldest_doubt_seconds"] == -HOUR
    assert now["oldest_notification_seconds"] == -HOUR
    assert now["alarms"] == 3, "the doubt, the news and the jobs, which never ran"


def test_a_doubt_from_before_the_clock_was_set_back_does_not_hide_behind_a_newer_one(
    app: Flask, driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    sandbox.behave("reset", operation="inquiry", times=None)
    for seconds in (-HOUR, 0):
        _, switching_url = driver.send_shopper()
        driver.come_back(sandbox.pay(switching_url))
        clock.set_by(seconds)
        clock.advance(60)
    assert measured(app)["oldest_doubt_seconds"] == 120 - HOUR
