"""The browser died, the answer was lost, the gateway was silent: the worker finds out."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from jibit_sandbox.core.callback import Callback
from jibit_sandbox.testing import SandboxWorld
from payment_engine import GatewayUnavailable
from payment_engine.states import PaymentState
from storefront.core.database import db
from storefront.monitoring.runs import WorkerRun
from storefront.orders.states import OrderState
from storefront.worker import jobs
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from testkit.scenes import CREATES, LOOK_UP, card_only, v2_only


def test_who_pays_and_vanishes_is_found(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.pay_and_vanish(switching_url)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PLACED
    clock.advance(60)
    assert driver.worker_passes() == {"paid": 1}
    assert driver.order_state(order_id) is OrderState.PAID


@pytest.mark.parametrize("paid_after", [1, 59, 61, 421])
def test_who_vanished_is_paid_after_one_interval_and_two_ticks_at_most(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, paid_after: int
) -> None:
    tick, interval = 15, 60
    end = paid_after + interval + 2 * tick
    order_id, switching_url = driver.send_shopper()
    now = 0
    for moment in sorted({paid_after, *range(0, end + 1, tick)}):
        clock.advance(moment - now)
        now = moment
        if moment == paid_after:
            sandbox.pay_and_vanish(switching_url)
        else:
            driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PAID


def test_a_shopper_who_is_still_typing_is_left_in_peace(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    for _ in range(5):
        clock.advance(60)
        assert driver.worker_passes() == {"awaiting_payer": 1}
    driver.come_back(sandbox.callback(switching_url))
    assert driver.order_state(order_id) is OrderState.PAID


@pytest.mark.one_case_in(5)
@pytest.mark.parametrize("operation", ["verify", "inquiry"])
@pytest.mark.parametrize(
    "behaviour",
    [
        "reset",
        "reset_after_commit",
        "error_500",
        "error_500_after_commit",
        "bad_gateway_after_commit",
        "truncated_json",
        "truncated_body",
        "wrong_types",
        "no_fields",
        "redirect",
        "unknown_status",
        "too_many_requests",
        "token_expired",
        "token_revoked",
    ],
)
def test_whatever_becomes_of_an_answer_the_paid_order_is_paid(
    driver: ScenarioDriver,
    sandbox: SandboxWorld,
    clock: MovingClock,
    operation: str,
    behaviour: str,
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.behave(behaviour, operation=operation)
    driver.come_back(sandbox.callback(switching_url))
    clock.advance(61)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PAID
    assert sandbox.orders()[0]["state"] == "captured"
    assert driver.stock() == (0, 2)


@v2_only  # the others' inquiries say what became of a capture: there is no doubt
@pytest.mark.one_case_in(3)
@pytest.mark.parametrize("second_answer", ["Successful", "Failed"])
@pytest.mark.parametrize(
    "behaviour",
    ["verify_unknown", "verify_unknown_after_commit", "verify_failed", "reset_after_commit"],
)
def test_a_verification_that_is_not_clear_is_cleared_up_later(
    driver: ScenarioDriver,
    sandbox: SandboxWorld,
    clock: MovingClock,
    behaviour: str,
    second_answer: str,
) -> None:
    sandbox.switch(verify_again=second_answer)
    order_id, switching_url = driver.send_shopper()
    sandbox.behave(behaviour, operation="verify", times=2)
    driver.come_back(sandbox.callback(switching_url))
    assert driver.order_state(order_id) is OrderState.PLACED
    for seconds in [61] * 3 + [600] * 10:  # a gap of a quarter of an hour would begin anew
        clock.advance(seconds)
        driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PAID
    assert sandbox.orders()[0]["state"] == "captured"


@v2_only  # the others tell unpaid and paid apart: nothing has to wait for the last minute
def test_at_the_last_minute_an_unpaid_payment_is_left_in_peace_and_a_paid_one_is_caught(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    """For a gateway on which verifying an unpaid payment would end it."""
    driver.set_policy(verify_without_callback=False)
    sandbox.switch(verify_unpaid="fails")
    vanished, vanished_url = driver.send_shopper()
    typing, typing_url = driver.send_shopper()
    sandbox.pay_and_vanish(vanished_url)
    for _ in range(13):
        clock.advance(60)
        driver.worker_passes()
    assert sandbox.requests_seen(operation="verify") == []
    driver.come_back(sandbox.callback(typing_url))
    assert driver.order_state(typing) is OrderState.PAID
    clock.advance(95)
    driver.worker_passes()
    assert driver.order_state(vanished) is OrderState.PAID


@v2_only  # the others say when it was paid, so nobody need wait for the last minute
def test_at_the_last_minute_a_question_that_goes_wrong_is_asked_again_at_the_next_tick(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    driver.set_policy(verify_without_callback=False)
    sandbox.switch(verify_unpaid="fails")
    order_id, switching_url = driver.send_shopper()
    sandbox.pay_and_vanish(switching_url)
    for seconds in (*[60] * 14, 30):
        assert driver.order_state(order_id) is OrderState.PLACED
        clock.advance(seconds)
        if seconds == 30:
            sandbox.behave("error_500", operation="inquiry")
        driver.worker_passes()
    clock.advance(15)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PAID


@v2_only  # the others have two words for paid and captured
def test_under_poll_a_gateway_that_says_success_before_the_capture_is_verified(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    sandbox.switch(paid_inquiry="SUCCESS")
    order_id, switching_url = driver.send_shopper()
    sandbox.pay_and_vanish(switching_url)
    clock.advance(61)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PAID
    assert sandbox.orders()[0]["state"] == "captured"


@pytest.mark.long
@v2_only  # the others' word for captured is believed at once, not only after the end
@pytest.mark.one_case_in(3)
@pytest.mark.parametrize(
    "slip", ["inquiry_other_amount", "inquiry_other_currency", "inquiry_other_reference"]
)
def test_one_strange_answer_after_the_end_needs_no_person_and_lasting_ones_do(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, slip: str
) -> None:
    """The capture's answer was lost, and this gateway says Failed to a second verification."""
    sandbox.switch(verify_again="Failed", paid_inquiry="SUCCESS")
    once, ever = (lost_capture(driver, sandbox) for _ in range(2))
    ever_there = driver.payments(ever)[0].gateway_payment_id
    sandbox.behave(slip, operation="inquiry", order=ever_there, times=None)
    clock.advance(899)
    driver.worker_passes()
    clock.advance(300)
    once_there = driver.payments(once)[0].gateway_payment_id
    sandbox.behave(slip, operation="inquiry", order=once_there, times=2)
    driver.worker_passes()
    assert [*driver.states(once), *driver.states(ever)] == [PaymentState.IN_DOUBT] * 2
    for _ in range(10):
        clock.advance(600)
        driver.worker_passes()
    assert driver.states(once) == [PaymentState.PAID]
    assert driver.states(ever) == [PaymentState.NEEDS_REVIEW]


def lost_capture(driver: ScenarioDriver, sandbox: SandboxWorld) -> int:
    """An order whose money is captured, and nobody here was told. Gives its id."""
    order_id, switching_url = driver.send_shopper()
    sandbox.behave("reset_after_commit", operation="verify")
    driver.come_back(sandbox.callback(switching_url))
    return order_id


def test_a_gateway_that_is_silent_for_good_leaves_a_person_to_decide(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.behave("error_500", operation="inquiry", times=None)
    driver.come_back(sandbox.callback(switching_url))
    for _ in range(15):
        clock.advance(2 * 3600)
        driver.worker_passes()
    assert driver.states(order_id) == [PaymentState.NEEDS_REVIEW]
    assert driver.order_state(order_id) is OrderState.PLACED
    assert driver.stock() == (2, 0)


def test_nothing_expires_before_the_gateway_was_asked(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, _ = driver.send_shopper()
    sandbox.behave("error_500", times=None)
    clock.advance(1000)
    driver.worker_passes()
    assert driver.states(order_id) == [PaymentState.IN_DOUBT]
    assert driver.order_state(order_id) is OrderState.PLACED
    sandbox.forget_behaviours()
    clock.advance(600)
    driver.worker_passes()
    assert driver.states(order_id) == [PaymentState.EXPIRED]
    assert driver.order_state(order_id) is OrderState.EXPIRED
    assert driver.stock() == (0, 0)


def test_an_order_whose_shop_died_before_any_payment_expires(
    driver: ScenarioDriver, clock: MovingClock
) -> None:
    order_id = driver.place()
    clock.advance(899)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PLACED
    clock.advance(2)
    assert driver.worker_passes() == {"orders_expired": 1}
    assert driver.stock() == (0, 0)


def lost_create(driver: ScenarioDriver, sandbox: SandboxWorld, behaviour: str) -> int:
    """An order whose create was not answered; gives the order's id."""
    order_id = driver.place()
    sandbox.behave(behaviour, operation="create", times=CREATES[driver.gateway])
    with pytest.raises(GatewayUnavailable):
        driver.begin(order_id)
    return order_id


@card_only  # the wallet has no list, here and in the next three
def test_a_lost_create_that_arrived_is_found_in_the_list_and_closed(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id = lost_create(driver, sandbox, "reset_after_commit")
    clock.advance(901)
    driver.worker_passes()
    assert driver.states(order_id) == [PaymentState.EXPIRED]
    assert "found_in_the_list" in driver.history(order_id)
    assert driver.payments(order_id)[0].gateway_payment_id == sandbox.orders()[0]["identifier"]


@card_only
def test_a_lost_create_that_never_arrived_is_closed_too(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id = lost_create(driver, sandbox, "reset")
    clock.advance(901)
    driver.worker_passes()
    assert driver.states(order_id) == [PaymentState.EXPIRED]
    assert "never_reached_the_gateway" in driver.history(order_id)


@card_only
def test_a_lost_create_waits_for_a_list_that_can_be_read(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id = lost_create(driver, sandbox, "reset")
    sandbox.behave("error_500", operation=LOOK_UP[driver.gateway])
    clock.advance(901)
    assert driver.worker_passes() == {"unanswered": 1}
    assert driver.order_state(order_id) is OrderState.PLACED
    clock.advance(61)
    assert driver.worker_passes() == {"expired": 1, "orders_expired": 1}


@card_only
def test_a_lost_create_whose_list_stays_silent_for_a_day_is_for_a_person(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id = lost_create(driver, sandbox, "reset")
    sandbox.behave("error_500", operation=LOOK_UP[driver.gateway], times=None)
    for _ in range(10):
        clock.advance(3 * 3600)
        driver.worker_passes()
    assert driver.states(order_id) == [PaymentState.NEEDS_REVIEW]
    assert driver.order_state(order_id) is OrderState.PLACED


def test_one_silent_payment_does_not_stop_the_others(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    walks = [driver.send_shopper() for _ in range(3)]
    for _, switching_url in walks:
        sandbox.pay_and_vanish(switching_url)
    sandbox.behave("reset", operation="inquiry")
    clock.advance(61)
    assert driver.worker_passes() == {"in_doubt": 1, "paid": 2}


@pytest.mark.both_databases
def test_two_workers_and_a_callback_at_once_do_no_harm(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    walks = [driver.send_shopper() for _ in range(4)]
    callbacks = [sandbox.callback(switching_url) for _, switching_url in walks]
    clock.advance(61)
    together = threading.Barrier(6)

    def come_back(callback: Callback) -> None:
        together.wait()
        driver.come_back(callback)

    def work() -> None:
        together.wait()
        driver.worker_passes()

    with ThreadPoolExecutor(6) as pool:
        outcomes = [pool.submit(come_back, callback) for callback in callbacks]
        outcomes += [pool.submit(work) for _ in range(2)]
    for outcome in outcomes:
        outcome.result()
    assert {driver.order_state(order_id) for order_id, _ in walks} == {OrderState.PAID}
    assert driver.stock() == (0, 8)


def test_every_run_of_a_job_is_kept_with_what_it_counted(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    _, switching_url = driver.send_shopper()
    sandbox.pay_and_vanish(switching_url)
    clock.advance(61)
    for job in ("refresh_tokens", "recover_payments", "expire_orders"):
        jobs.run_job(driver.app, job)
    with driver.in_the_shop():
        runs = db.session.scalars(db.select(WorkerRun).order_by(WorkerRun.id)).all()
    assert [(run.job, run.counts, run.error) for run in runs] == [
        ("refresh_tokens", {"renewed": 1, "fresh": 1, "failed": 0}, None),  # the other gateway's
        ("recover_payments", {"paid": 1}, None),
        ("expire_orders", {}, None),
    ]


def test_tokens_are_renewed_before_they_age(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    driver.send_shopper()
    clock.advance(23 * 3600)
    assert jobs.run_job(driver.app, "refresh_tokens") == {"renewed": 2, "fresh": 0, "failed": 0}
    assert len(sandbox.requests_seen(operation="refresh")) == 1
