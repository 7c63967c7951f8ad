"""The commands about refunds do what they say, to the payment that is meant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine import PaymentState
from testkit.clock import MovingClock
from testkit.databases import SqliteFiles
from testkit.scenario import ScenarioDriver
from testkit.settings import at_all_gateways
from testkit.staff import system_page
from tests.conftest import open_shop

WORDS = ("--reason", "the cup was broken", "--by", "Sara")
DAY = 86_400


@pytest.fixture
def driver(
    sqlite_files: SqliteFiles, sandbox: SandboxWorld, clock: MovingClock, tmp_path: Path
) -> Iterator[ScenarioDriver]:
    """A shop with every gateway, on a fresh database."""
    settings = at_all_gateways(sandbox)
    with (
        sqlite_files.fresh(tmp_path / "shop", stocked=True) as url,
        open_shop(url, sandbox, clock, **settings) as app,
    ):
        yield ScenarioDriver(app)


def run(driver: ScenarioDriver, *words: str) -> tuple[int, str]:
    result = driver.app.test_cli_runner().invoke(args=list(words))
    return result.exit_code, result.output


@pytest.mark.long
def test_of_an_order_with_a_paid_and_a_returned_payment_the_named_one_goes_back(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order = driver.place()
    cards = [driver.begin(order, gateway) for gateway in ("ppg", "ppg_v3")]
    driver.come_back(sandbox.pay(str(cards[0].redirect_url)))
    sandbox.switch(v3_auto_verify=True, v3_refund=False)
    sandbox.pay_and_vanish(str(cards[1].redirect_url))
    clock.advance(61)
    for pause in (0, 2 * DAY):  # the gateway refuses what goes back by itself, until it is too late
        clock.advance(pause)
        with driver.in_the_shop() as services:
            services.engine.recover_once()
    assert driver.states(order) == [PaymentState.PAID, PaymentState.RETURNED]
    page = system_page(driver.app)
    (link,) = page.soup.select("section:has(#refunds) a[href*=refunds]")
    assert page.soup.select_one("#refunds"), page.text
    assert link
    metrics = driver.app.test_client().get("/metrics").text
    assert "storefront_refunds 1.0" in metrics

    sandbox.switch(v3_refund=True)
    number = driver.number(order)
    assert "ppg has no refunds" in run(driver, "refunds", "request", number, *WORDS)[1]
    code, said = run(driver, "refunds", "request", number, "--payment", cards[1].reference, *WORDS)
    assert (code, "in_progress" in said) == (0, True)
    assert len(sandbox.transfers(str(cards[1].gateway_payment_id))) == 1


def test_a_reference_of_another_order_is_refused(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order, url = driver.send_shopper()
    driver.come_back(sandbox.pay(url))
    code, said = run(
        driver, "refunds", "note", driver.number(order), "--payment", "another", *WORDS
    )
    assert (code, "with a payment another" in said) == (1, True)


def test_a_person_ends_a_refund_with_the_word_that_the_back_office_prints(
    driver: ScenarioDriver,
) -> None:
    code, said = run(driver, "refunds", "resolve", "7", "--as", "done", *WORDS)
    assert (code, said) == (1, "Error: there is no refund 7\n")
