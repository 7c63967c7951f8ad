"""A gateway in trouble does not take the shop along, and nobody who paid is forgotten for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from payment_engine import GatewayUnavailable
from payment_engine.errors import CredentialsRefused, NoAnswer, Refused
from payment_engine.resilience import Bulkhead, CircuitBreaker
from payment_engine.states import PaymentState
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver


@pytest.fixture
def breaker(clock: MovingClock) -> CircuitBreaker:
    return CircuitBreaker("ppg", 3, timedelta(seconds=30), clock.steady)


def end(breaker: CircuitBreaker, error: Exception | None = None) -> None:
    with suppress(NoAnswer, Refused), breaker.watching():
        if error:
            raise error


def test_silence_in_a_row_opens_it(breaker: CircuitBreaker) -> None:
    for _ in range(2):
        end(breaker, NoAnswer("inquiry", "silence"))
    assert breaker.lets_through()
    end(breaker, NoAnswer("inquiry", "silence"))
    assert breaker.state == "open"
    assert not breaker.lets_through()


@pytest.mark.parametrize("answer", [None, Refused("create", "no", http_status=400)])
def test_any_answer_closes_it_a_refusal_too(
    breaker: CircuitBreaker, answer: Exception | None
) -> None:
    for _ in range(3):
        end(breaker, NoAnswer("inquiry", "silence"))
    end(breaker, answer)
    assert breaker.state == "closed"
    assert breaker.lets_through()
    for _ in range(2):
        end(breaker, NoAnswer("inquiry", "silence"))
    assert breaker.state == "closed"


def test_credentials_that_were_not_even_sent_do_not_close_it(breaker: CircuitBreaker) -> None:
    for _ in range(3):
        end(breaker, NoAnswer("inquiry", "silence"))
    end(breaker, CredentialsRefused("generate", "the credentials were refused a moment ago"))
    assert breaker.state == "open"


def test_after_each_pause_one_may_try(breaker: CircuitBreaker, clock: MovingClock) -> None:
    for _ in range(3):
        end(breaker, NoAnswer("create", "silence"))
    clock.advance(30)
    assert [breaker.lets_through() for _ in range(3)] == [True, False, False]
    clock.advance(30)
    assert breaker.lets_through()


def test_slots_are_given_back_whatever_happens(breaker: CircuitBreaker) -> None:
    guard = Bulkhead(breaker, 1, 1)
    for _ in range(2):
        with pytest.raises(Refused), guard.creating():
            raise Refused("create", "no")
    with guard.asking() as first, guard.asking() as second:
        assert (first, second) == (True, False)
    with guard.asking() as third:
        assert third


@pytest.fixture
def driver(app: Flask) -> ScenarioDriver:
    return ScenarioDriver(app)


def test_while_it_is_open_creates_are_not_sent_but_questions_are(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    paid, switching_url = driver.send_shopper()
    sandbox.pay_and_vanish(switching_url)
    sandbox.behave("error_500", operation="create", times=None)
    waiting = driver.place()
    for _ in range(5):
        with pytest.raises(GatewayUnavailable) as unanswered:
            driver.begin(waiting)
        assert isinstance(unanswered.value.__cause__, NoAnswer)
    sent = len(sandbox.requests_seen(operation="create"))
    with pytest.raises(GatewayUnavailable) as not_sent:
        driver.begin(waiting)
    assert not not_sent.value.was_asked
    assert len(sandbox.requests_seen(operation="create")) == sent
    assert len(driver.states(waiting)) == 5
    assert gateways_as_seen(driver)["ppg"] == "open"
    clock.advance(61)
    driver.worker_passes()
    assert driver.order_state(paid) is OrderState.PAID
    sandbox.forget_behaviours()
    assert driver.begin(waiting).state is PaymentState.AWAITING_PAYER
    assert gateways_as_seen(driver)["ppg"] == "closed"


def gateways_as_seen(driver: ScenarioDriver) -> dict[str, str]:
    answer = driver.app.test_client().get("/readyz")
    assert answer.status_code == 200
    seen: dict[str, str] = answer.get_json()["gateways"]
    return seen


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_the_pause_is_as_long_whatever_the_clock_is_set_to(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, seconds: int
) -> None:
    waiting = driver.place()
    sandbox.behave("error_500", operation="create", times=None)
    for _ in range(5):
        with pytest.raises(GatewayUnavailable) as unanswered:
            driver.begin(waiting)
        assert isinstance(unanswered.value.__cause__, NoAnswer)
    clock.set_by(seconds)
    waiting = driver.place()  # by a clock set forward, nobody has time left to pay the other one
    sandbox.forget_behaviours()
    clock.advance(29)
    with pytest.raises(GatewayUnavailable):
        driver.begin(waiting)
    clock.advance(1)
    assert driver.begin(waiting).state is PaymentState.AWAITING_PAYER
    assert gateways_as_seen(driver)["ppg"] == "closed"


def test_no_more_than_the_allowed_number_wait_for_a_hanging_gateway(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    slots = driver.app.config["GATEWAY_CREATE_SLOTS"]
    driver.send_shopper()
    orders = [driver.place(pieces={3: 1}) for _ in range(slots + 2)]
    sandbox.behave("hold", operation="create", times=None)
    with ThreadPoolExecutor(slots) as pool:
        waiting = [pool.submit(driver.begin, order_id) for order_id in orders[:slots]]
        sandbox.wait_until_held(slots)
        for order_id in orders[slots:]:
            with pytest.raises(GatewayUnavailable):
                driver.begin(order_id)
        sandbox.forget_behaviours()
        assert {future.result().state for future in waiting} == {PaymentState.AWAITING_PAYER}


def test_a_callback_that_finds_no_slot_is_left_to_the_worker(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    slots = driver.app.config["GATEWAY_ASK_SLOTS"]
    walks = [driver.send_shopper() for _ in range(slots + 1)]
    callbacks = [sandbox.pay(switching_url) for _, switching_url in walks]
    sandbox.behave("hold", operation="inquiry", times=None)
    with ThreadPoolExecutor(slots) as pool:
        waiting = [pool.submit(driver.come_back, callback) for callback in callbacks[:slots]]
        sandbox.wait_until_held(slots)
        driver.come_back(callbacks[slots])
        unheard, _ = walks[slots]
        assert driver.states(unheard) == [PaymentState.AWAITING_PAYER]
        sandbox.forget_behaviours()
        for future in waiting:
            future.result()
    assert driver.worker_passes() == {"paid": 1}
    assert {driver.order_state(order_id) for order_id, _ in walks} == {OrderState.PAID}
