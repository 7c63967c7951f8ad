"""An owner decides about payments and discrepancies in the browser, with both sides in sight."""

from __future__ import annotations

import itertools

import pytest
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from payment_engine import PaymentState
from payment_engine.discrepancies import Closing
from storefront import create_app
from storefront.core.database import db
from storefront.orders.payments import Discrepancy
from storefront.orders.states import OrderState
from storefront.worker import jobs
from testkit.clock import MovingClock
from testkit.mishaps import failed_here_paid_there, reconciled
from testkit.money import A_DAY, order_in_review, paid_order, transferred
from testkit.scenario import ScenarioDriver
from testkit.settings import at_gateways, quiet_settings
from testkit.staff import Person, owner
from tests.sandbox.merchant import Merchant
from tests.sandbox.v3_merchant import V3Merchant

WINDOW_AND_MORE = 15 * 60 + 3600
LIST = "/admin/money/discrepancies"
KEEP = "Save the decision"


@pytest.fixture
def boss(app: Flask) -> Person:
    return owner(app)


def payment_page(person: Person, driver: ScenarioDriver, order_id: int) -> str:
    (payment,) = driver.payments(order_id)
    person.open(f"/admin/money/payments/{payment.reference}")
    return person.page.path


def discrepancies(driver: ScenarioDriver) -> list[Discrepancy]:
    with driver.in_the_shop():
        return list(db.session.scalars(db.select(Discrepancy).order_by(Discrepancy.id)))


def strangers(sandbox: SandboxWorld, count: int) -> None:
    """Let another program with the same account open payments."""
    merchant = Merchant(sandbox)
    merchant.generate()
    for _ in range(count):
        merchant.create()


def test_where_all_is_well_nothing_waits(
    driver: ScenarioDriver, sandbox: SandboxWorld, boss: Person
) -> None:
    paid_order(driver, sandbox)
    page = boss.open("/admin/money")
    assert [each.text for each in page.soup.select(".todo strong")] == ["0", "0", "0"]
    assert "the outcome of every payment is known" in page.text
    assert "No difference is open." in boss.open(LIST).text
    assert "Nothing to decide." in boss.open("/admin/money/payments").text
    assert "No refund is under way." in boss.open("/admin/money/refunds").text


def test_a_doubt_is_counted_with_its_age_and_not_yet_for_a_person(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    _order, switching_url = driver.send_shopper()
    sandbox.behave("error_500", operation="inquiry", times=None)
    driver.come_back(sandbox.callback(switching_url))
    boss = owner(driver.app)
    clock.advance(3600)
    page = boss.open("/admin/money")
    assert [each.text for each in page.soup.select(".todo strong")] == ["0", "0", "0"]
    assert "1 payments: the shop keeps asking the gateway, the oldest for 1 hour." in page.text


def test_a_payment_in_review_shows_both_sides_and_is_decided_with_a_reason(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id = order_in_review(driver, sandbox, clock)
    boss = owner(driver.app)
    assert "1 payments that you must decide about" in boss.open("/admin/money").text
    boss.open("/admin/money/payments")
    assert driver.number(order_id) in boss.page.text
    payment_page(boss, driver, order_id)
    cells = [
        [each.get_text(" ", strip=True) for each in row.select("td")]
        for row in boss.page.soup.select("table.sides tbody tr")
    ]
    assert cells[0] == ["A person must decide", "Expired (EXPIRED)"]
    assert cells[1] == ["2,390,000 Toman", "2,390,000 Toman"]
    page = boss.press(KEEP, state="paid", reason=" ")
    assert (page.status, "Write why" in page.text) == (422, True)
    page = boss.press(KEEP, reason="the panel has it")  # the choice was kept
    assert "The decision is kept." in page.text
    assert driver.states(order_id) == [PaymentState.PAID]
    assert driver.order_state(order_id) is OrderState.PAID
    entry = driver.history_entries(order_id)[-1]
    assert (entry.details["by"], entry.details["reason"]) == (boss.name, "the panel has it")


def test_a_silent_gateway_is_said_in_words_and_does_not_stop_the_decision(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id = order_in_review(driver, sandbox, clock)
    boss = owner(driver.app)
    sandbox.behave("error_500", operation="inquiry", times=None)
    payment_page(boss, driver, order_id)
    assert "The gateway did not answer." in boss.page.text
    boss.press(KEEP, state="expired", reason="the panel says so")
    assert driver.states(order_id) == [PaymentState.EXPIRED]


@pytest.mark.long
def test_what_was_decided_meanwhile_is_told_and_stays(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id = order_in_review(driver, sandbox, clock)
    boss, other = owner(driver.app), owner(driver.app)
    payment_page(boss, driver, order_id)
    payment_page(other, driver, order_id)
    other.press(KEEP, state="failed", reason="the panel says so")
    page = boss.press(KEEP, state="paid", reason="the customer says so")
    assert (page.status, "has ended meanwhile" in page.text) == (409, True)
    assert driver.states(order_id) == [PaymentState.FAILED]


def test_an_order_that_another_payment_has_paid_is_not_paid_twice(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, _ = driver.send_shopper()
    second = str(driver.begin(order_id, "wallet").redirect_url)
    driver.come_back(sandbox.callback(second))
    assert driver.order_state(order_id) is OrderState.PAID
    boss = owner(driver.app)
    (first, _paid) = driver.payments(order_id)
    boss.open(f"/admin/money/payments/{first.reference}")
    page = boss.press(KEEP, state="paid", reason="the customer says so")
    assert (page.status, "Another payment of this order is paid" in page.text) == (409, True)
    assert "the customer says so" in page.text


def test_an_unknown_payment_is_no_page(boss: Person) -> None:
    assert boss.open("/admin/money/payments/0123456789abcdef").status == 404


@pytest.fixture
def captured_there(v3_shop: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock) -> int:
    """An order whose payment failed here and was captured there; it was found."""
    order_id = failed_here_paid_there(v3_shop, sandbox)
    (payment,) = v3_shop.payments(order_id)
    merchant = V3Merchant(sandbox)
    merchant.generate()
    merchant.verify(str(payment.gateway_payment_id))
    clock.advance(WINDOW_AND_MORE)
    reconciled(v3_shop)
    return order_id


def test_money_that_only_the_gateway_has_makes_the_order_paid(
    v3_shop: ScenarioDriver, captured_there: int
) -> None:
    boss = owner(v3_shop.app)
    page = boss.open(LIST)
    assert "The gateway has the money, and here the order is not paid" in page.text
    sides = [
        each.get_text(" ", strip=True) for each in page.soup.select("table.sides td[data-side]")
    ]
    assert sides[:4] == ["Failed", "SUCCESS", "2,390,000 Toman", "2,390,000 Toman"]
    assert "paid" in boss.press(KEEP, id="1", outcome="paid", reason="the panel has it").text
    assert v3_shop.order_state(captured_there) is OrderState.PAID
    (row,) = discrepancies(v3_shop)
    assert (row.how, row.reason) == (Closing.DECIDED, "the panel has it")
    assert "the panel has it" in boss.open(LIST).text
    assert "decided about a difference" in boss.open("/admin/system").text


@pytest.mark.long
def test_or_it_goes_back(
    v3_shop: ScenarioDriver, sandbox: SandboxWorld, captured_there: int
) -> None:
    boss = owner(v3_shop.app)
    boss.open(LIST)
    boss.press(KEEP, id="1", outcome="returned", reason="given up")
    assert v3_shop.states(captured_there) == [PaymentState.RETURNED]
    assert transferred(v3_shop, sandbox, captured_there) == [23_900_000]


@pytest.mark.usefixtures("captured_there")
def test_a_decision_that_the_gateway_does_not_confirm_is_refused_in_words(
    v3_shop: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    boss = owner(v3_shop.app)
    boss.open(LIST)
    sandbox.behave("error_500", operation="inquiry", times=None)
    page = boss.press(KEEP, id="1", outcome="paid", reason="the panel has it")
    assert page.status == 409
    assert "The gateway gave no good answer when it was asked once more." in page.text
    assert "the panel has it" in page.text
    assert [row.is_open for row in discrepancies(v3_shop)] == [True]


def test_many_are_noted_at_once_and_one_that_is_not_chosen_stays(
    driver: ScenarioDriver, sandbox: SandboxWorld, boss: Person
) -> None:
    strangers(sandbox, 3)
    reconciled(driver)
    page = boss.open(LIST)
    assert "Open differences: 3" in page.text
    assert "The gateway has a payment that this shop does not know" in page.text
    page = boss.press(KEEP, id=["1", "2"], outcome="noted", reason="our other shop")
    assert "2 differences are decided." in page.text
    assert "Open differences: 1" in page.text
    page = boss.press(KEEP, id=["3"], outcome="paid", reason="our other shop")
    assert (page.status, "can only be noted" in page.text) == (409, True)


def test_what_somebody_else_has_decided_meanwhile_stays(
    driver: ScenarioDriver, sandbox: SandboxWorld, boss: Person
) -> None:
    strangers(sandbox, 1)
    reconciled(driver)
    other = owner(driver.app)
    boss.open(LIST)
    other.open(LIST)
    other.press(KEEP, outcome="noted", reason="our other shop")
    page = boss.press(KEEP, outcome="noted", reason="mine")
    assert (page.status, "It was decided meanwhile, or is gone." in page.text) == (409, True)
    assert discrepancies(driver)[0].reason == "our other shop"


def test_a_page_does_not_take_minutes_however_many_are_chosen(
    app: Flask, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    seconds = itertools.count(step=10)  # a slow gateway, or a slow disk
    settings = quiet_settings(DATABASE_URL=app.config["DATABASE_URL"], **at_gateways(sandbox))
    slow = create_app(settings, clock=clock.now, steady=lambda: next(seconds))
    strangers(sandbox, 3)
    reconciled(ScenarioDriver(slow))
    boss = owner(slow)
    boss.open(LIST)
    page = boss.press(KEEP, id=["1", "2", "3"], outcome="noted", reason="our other shop")
    assert "1 differences are decided." in page.text
    assert "2 were not reached. Press again." in page.text
    assert "Open differences: 2" in page.text
    with slow.app_context():
        db.engine.dispose()


@pytest.mark.long
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"id": [], "outcome": "noted", "reason": "x"}, "Choose one difference or more first."),
        ({"id": ["1"], "outcome": "", "reason": "x"}, "Choose what is decided."),
        ({"id": ["1"], "outcome": "noted", "reason": " "}, "Write why"),
    ],
    ids=str,
)
def test_what_is_missing_is_said(
    driver: ScenarioDriver,
    sandbox: SandboxWorld,
    boss: Person,
    typed: dict[str, object],
    sentence: str,
) -> None:
    strangers(sandbox, 2)
    reconciled(driver)
    boss.open(LIST)
    page = boss.press(KEEP, **typed)
    assert (page.status, sentence in page.text) == (422, True)
    assert all(row.is_open for row in discrepancies(driver))


def test_the_worker_compares_the_ledgers_when_an_owner_asks_and_only_then_again(
    driver: ScenarioDriver, sandbox: SandboxWorld, boss: Person
) -> None:
    paid_order(driver, sandbox)
    jobs.run_job(driver.app, "reconcile")
    strangers(sandbox, 1)
    assert jobs.run_job(driver.app, "reconcile") == {}
    boss.open(LIST)
    page = boss.press("Compare now")
    assert f"{boss.name} asked for it" in page.text
    assert "Compare now" not in page.text
    assert jobs.run_job(driver.app, "reconcile")["found"] == 1
    page = boss.open(LIST)
    assert "Open differences: 1" in page.text
    assert "2 payments at the gateway, 1 of them ours" in page.text
    assert jobs.run_job(driver.app, "reconcile") == {}


def test_an_incomplete_run_says_so(
    driver: ScenarioDriver, sandbox: SandboxWorld, boss: Person, clock: MovingClock
) -> None:
    sandbox.behave("error_500", operation="list", times=None)
    clock.advance(A_DAY)
    reconciled(driver)
    boss = owner(driver.app)
    assert "not complete" in boss.open(LIST).text
    assert "not complete" in boss.open("/admin/money").text


@pytest.mark.long
def test_closed_ones_come_by_pages(
    driver: ScenarioDriver, sandbox: SandboxWorld, boss: Person
) -> None:
    strangers(sandbox, 26)
    reconciled(driver)
    boss.open(LIST)
    every = [str(number) for number in range(1, 27)]
    page = boss.press(KEEP, id=every, outcome="noted", reason="our other shop")
    assert len(page.soup.select("details.card")) == 25
    (further,) = page.soup.select('a[rel="next"]')
    assert len(boss.open(str(further["href"])).soup.select("details.card")) == 1


def test_the_pages_speak_persian(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, boss: Person
) -> None:
    strangers(sandbox, 1)
    order_id = order_in_review(driver, sandbox, clock)
    reconciled(driver)
    boss = owner(driver.app)
    boss.open("/language/fa")
    assert boss.open("/admin/money").heading == "امور مالی"
    assert "درگاه پرداختی دارد که این فروشگاه نمی‌شناسد" in boss.open(LIST).text
    payment_page(boss, driver, order_id)
    assert "دو طرف" in boss.page.text
    assert boss.open("/admin/money/refunds").heading == "برگشت‌های وجه"
