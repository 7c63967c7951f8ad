"""The span of an audit, when the worker makes one, what is stored, and how a row is closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payment_engine import Actor, GatewayUnavailable, reconciliation
from payment_engine.comparison import Span
from payment_engine.discrepancies import Closing
from payment_engine.errors import NoAnswer, NotFound
from payment_engine.gateway import Inquiry, InquiryStatus
from payment_engine.reconciliation import Report, span_between
from payment_engine.states import PaymentState
from storefront.core.database import db
from storefront.core.tables import TABLES
from storefront.orders.payments import Discrepancy
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from tests.engine.gateway import ObedientGateway

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOMENT = timedelta(microseconds=1)
SILENCE = NoAnswer("list", "no whole answer in time")
CALM, EVERY = 600.0, 86400.0  # seconds


def reconciled(driver: ScenarioDriver, span: Span | None = None) -> Report:
    with driver.in_the_shop() as services:
        return reconciliation.run_once(services.engine.services, span)


def when_due(driver: ScenarioDriver) -> dict[str, int]:
    with driver.in_the_shop() as services:
        return services.engine.reconcile_when_due()


def stored(driver: ScenarioDriver) -> list[Any]:
    with driver.in_the_shop():
        return list(db.session.execute(db.select(TABLES.runs).order_by(TABLES.runs.c.id)))


def strange(clock: MovingClock, number: int = 1) -> Inquiry:
    """A captured payment that our book knows nothing of."""
    status = InquiryStatus.CAPTURED
    row = Inquiry(f"strange-{number}", f"r-{number}", 5000, "RIALS", status, "CAPTURED")
    return replace(row, created_at=clock.now(), expires_at=clock.now())


def test_a_span_is_named_in_part_or_whole_and_ends_now_at_the_latest() -> None:
    assert span_between(NOW, None, None) is None
    assert span_between(NOW, NOW - HOUR, None) == Span(NOW - HOUR, NOW)
    assert span_between(NOW, NOW - HOUR, NOW + HOUR) == Span(NOW - HOUR, NOW)
    assert span_between(NOW, None, NOW - HOUR) == Span(NOW - HOUR - 3 * DAY, NOW - HOUR)
    assert span_between(NOW, NOW - 2 * HOUR, NOW - HOUR) == Span(NOW - 2 * HOUR, NOW - HOUR)
    assert span_between(NOW, NOW, None) == Span(NOW, NOW)


def test_a_span_that_ends_before_it_begins_is_none() -> None:
    with pytest.raises(ValueError, match="nothing lies between"):
        span_between(NOW, NOW - HOUR + MOMENT, NOW - HOUR)


def test_the_first_reconciliation_looks_three_days_back_and_the_next_a_day_before_the_last(
    driver: ScenarioDriver, clock: MovingClock
) -> None:
    first = reconciled(driver)
    assert first.span == Span(clock.now() - 3 * DAY, clock.now())
    ended = clock.now()
    clock.advance(EVERY)
    assert reconciled(driver).span == Span(ended - DAY, clock.now())


def test_an_reconciliation_that_was_not_complete_or_had_a_span_of_its_own_is_not_followed_on(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    gateway.errors["list"] = SILENCE
    reconciled(driver)
    del gateway.errors["list"]
    reconciled(driver, Span(clock.now() - HOUR, clock.now()))
    clock.advance(CALM)
    assert reconciled(driver).span == Span(clock.now() - 3 * DAY, clock.now())
    assert [(run.complete, run.follows_on) for run in stored(driver)] == [
        (False, True),
        (True, False),
        (True, True),
    ]


def test_what_is_stored_of_an_reconciliation_is_what_it_reported(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    began = clock.now()
    gateway.rows = [strange(clock)]
    gateway.takes(lambda: clock.advance(7))
    report = reconciled(driver)
    assert (report.complete, report.error) == (True, None)
    assert report.counts["there"] == report.counts["open"] == 1
    assert [row.gateway_payment_id for row in report.open_discrepancies] == ["strange-1"]
    (run,) = stored(driver)
    assert (run.since, run.until) == (began - 3 * DAY, began)
    assert (run.started_at, run.finished_at) == (began, began + timedelta(seconds=7))
    assert (run.complete, run.error, run.counts) == (True, None, report.counts)


def test_all_that_is_found_mended_and_closed_is_counted(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    gateway.rows = [strange(clock, 1), strange(clock, 2)]
    assert reconciled(driver).counts["found"] == 2
    gateway.rows = []
    gateway.errors["inquire"] = NotFound("inquiry", "no such order")
    clock.advance(1)
    assert reconciled(driver).counts["closed"] == 2
    gateway.errors.clear()
    orders = [driver.send_shopper()[0] for _ in range(2)]
    gateway.says = InquiryStatus.FAILED
    assert reconciled(driver).counts["mended"] == 2
    assert {*driver.states(orders[0]), *driver.states(orders[1])} == {PaymentState.FAILED}


def test_the_history_of_a_payment_names_a_discrepancy_and_what_the_gateway_says(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    order_id, _ = driver.send_shopper()
    (payment,) = driver.payments(order_id)
    gateway.rows = [replace(strange(clock), reference=payment.reference)]
    (row,) = reconciled(driver).open_discrepancies
    entry = driver.history_entries(order_id)[-1]
    assert (entry.event, entry.actor) == ("discrepancy_found", Actor.RECONCILIATION)
    assert entry.details == {"discrepancy": row.id, "kind": row.kind, "theirs": row.theirs}
    assert row.theirs["state"] == "CAPTURED"


def test_every_gateway_that_cannot_be_read_is_named_and_the_others_are_compared(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    silent, sound = ObedientGateway(), ObedientGateway()
    sound.rows = [strange(clock)]
    for each in (gateway, silent):
        each.errors["list"] = NoAnswer("list", "no whole answer in time; " + "so it said " * 20)
    driver.add_gateway("silent", silent)
    driver.add_gateway("sound", sound)
    report = reconciled(driver)
    assert not report.complete
    said = str(gateway.errors["list"])
    assert report.error == f"obedient: {said}; silent: {said}"
    assert len(report.open_discrepancies) == 1
    (run,) = stored(driver)
    assert (run.complete, run.error) == (False, report.error[:200])


def test_the_worker_reconciliation_at_once_and_then_once_a_day(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    gateway.rows = [strange(clock)]
    assert when_due(driver) == {"there": 1, "found": 1, "open": 1, "incomplete": 0}
    clock.advance(EVERY - 0.000001)
    assert when_due(driver) == {}
    clock.advance(0.000001)
    assert when_due(driver) == {"there": 1, "found": 1, "open": 1, "incomplete": 0}


def test_an_incomplete_reconciliation_is_made_again_after_ten_minutes(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    gateway.errors["list"] = SILENCE
    assert when_due(driver) == {"open": 0, "incomplete": 1}
    clock.advance(CALM - 0.000001)
    assert when_due(driver) == {}
    clock.advance(0.000001)
    assert when_due(driver) == {"open": 0, "incomplete": 1}


def test_when_the_clock_was_set_back_an_reconciliation_is_due_once(
    driver: ScenarioDriver, clock: MovingClock
) -> None:
    when_due(driver)
    clock.set_by(-3600)
    assert when_due(driver)["incomplete"] == 0
    assert when_due(driver) == {}
    clock.advance(EVERY)
    assert when_due(driver)["incomplete"] == 0
    assert [run.started_at for run in stored(driver)][1:] == [clock.now() - DAY, clock.now()]


def test_after_an_outage_ten_minutes_of_calm_are_waited_for(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    reconciled(driver)
    driver.place()
    clock.advance(CALM)
    assert when_due(driver) == {}  # orders alone are no trouble
    for _ in range(2):  # the trouble that counts is the latest
        driver.send_shopper()
        gateway.errors["inquire"] = SILENCE
        clock.advance(60)
        driver.worker_passes()
    gateway.errors.clear()
    clock.advance(CALM - 0.000001)
    assert when_due(driver) == {}
    clock.advance(0.000001)
    assert when_due(driver)["incomplete"] == 0
    clock.advance(CALM)
    assert when_due(driver) == {}  # that trouble has been looked into


def test_trouble_at_the_moment_of_an_reconciliation_is_looked_into_afterwards(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    driver.send_shopper()
    gateway.errors["inquire"] = SILENCE
    clock.advance(60)
    driver.worker_passes()
    gateway.errors.clear()
    reconciled(driver)
    clock.advance(CALM)
    assert when_due(driver)["incomplete"] == 0


def test_a_person_puts_a_discrepancy_away_once_and_says_why(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    order_id, _ = driver.send_shopper()
    (payment,) = driver.payments(order_id)
    twin = replace(strange(clock), reference=payment.reference)
    gateway.rows = [twin]
    (row,) = reconciled(driver).open_discrepancies
    clock.advance(5)
    with driver.in_the_shop() as services:
        services.engine.decide_discrepancy(row.id, "our old shop")
        decided = db.session.get_one(Discrepancy, row.id)
        assert (decided.closed_at, decided.how) == (clock.now(), Closing.DECIDED)
        assert decided.reason == "our old shop"
        for gone in (row.id, row.id + 1):
            with pytest.raises(LookupError) as missing:
                services.engine.decide_discrepancy(gone, "again")
            assert missing.value.args == (gone,)
    entry = driver.history_entries(order_id)[-1]
    assert (entry.event, entry.actor) == ("discrepancy_decided", Actor.OPERATOR)
    assert entry.details["reason"] == "our old shop"


def breaker_state(driver: ScenarioDriver) -> str:
    return driver.services.engine.services.bulkheads["obedient"].breaker.state


@pytest.mark.parametrize("unanswered", ["list", "inquire"])
def test_reconciliation_that_is_not_answered_pauses_new_payments_and_its_answers_end_that(
    driver: ScenarioDriver, gateway: ObedientGateway, unanswered: str
) -> None:
    for _ in range(5):
        driver.send_shopper()
    gateway.errors[unanswered] = SILENCE
    runs = 5 if unanswered == "list" else 1
    for _ in range(runs):
        assert breaker_state(driver) == "closed"
        reconciled(driver)
    assert breaker_state(driver) == "open"
    gateway.errors.clear()
    reconciled(driver)
    assert breaker_state(driver) == "closed"


def test_a_look_up_that_is_not_answered_counts_as_well(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    lost = driver.place()
    gateway.errors["open"] = gateway.errors["find"] = SILENCE
    with pytest.raises(GatewayUnavailable):
        driver.begin(lost)
    for _ in range(4):
        assert breaker_state(driver) == "closed"
        clock.advance(2 * HOUR.total_seconds())
        driver.worker_passes()
    assert breaker_state(driver) == "open"
    del gateway.errors["find"]
    clock.advance(2 * HOUR.total_seconds())
    driver.worker_passes()
    assert breaker_state(driver) == "closed"


def test_a_gateway_without_a_list_closes_no_breaker(
    driver: ScenarioDriver, gateway: ObedientGateway
) -> None:
    gateway.has_list = False
    gateway.errors["open"] = SILENCE
    for _ in range(5):
        with pytest.raises(GatewayUnavailable):
            driver.begin(driver.place())
    assert breaker_state(driver) == "open"
    assert reconciled(driver).complete
    assert breaker_state(driver) == "open"
