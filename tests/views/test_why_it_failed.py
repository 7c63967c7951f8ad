"""The order's page says why a payment failed, as the gateway said, and until when to pay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jibit_sandbox.testing import SandboxWorld
from testkit.clock import MovingClock
from testkit.response_edits import editing_proxy
from testkit.settings import at_gateways
from testkit.shopper import Shopper
from tests.conftest import open_shop

SORRY = "The payment did not go through"
MONEY_BACK = "If money left your account and the order is not paid, it goes back there by itself"


def test_a_payment_that_its_payer_cancelled_is_told_as_cancelled(
    stocked_database_url: str, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    at = at_gateways(sandbox, card="ppg_v3")
    with open_shop(stocked_database_url, sandbox, clock, **at) as app:
        for gateway in ("ppg_v3", "wallet"):
            shopper = Shopper(app)
            page = shopper.open(sandbox.callback(shopper.goes_to_pay(gateway=gateway), "cancel"))
            assert page.heading == "You cancelled the payment"
            assert "You were not charged." in page.text
            assert MONEY_BACK not in page.text
            history = shopper.open(f"{page.path}/history").text
            assert "Reason: cancelled by the payer." in history


def test_the_banks_own_words_are_shown_and_a_code_is_not(
    stocked_database_url: str, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    with editing_proxy(sandbox.ppg_v3_base_url) as (url, edits):
        at = at_gateways(sandbox, card="ppg_v3") | {"PPG_V3_BASE_URL": url}
        with open_shop(stocked_database_url, sandbox, clock, **at) as app:
            for code, words, shown in ((57, "انجام نشد", True), (57, "UNKNOWN", False)):
                reasons: list[dict[str, Any]] = [{"code": code, "description": words}]
                edits.set("pspFailReasons", reasons)
                shopper = Shopper(app)
                page = shopper.open(sandbox.callback(shopper.goes_to_pay(), "decline"))
                assert page.heading == SORRY
                assert (f"The bank said: {words}" in page.text) is shown
                assert MONEY_BACK in page.text
                assert "complete the payment before" in page.text


def test_a_browser_that_claims_a_reason_is_not_believed(
    stocked_database_url: str, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    at = at_gateways(sandbox, card="ppg_v3")
    with open_shop(stocked_database_url, sandbox, clock, **at) as app:
        shopper = Shopper(app)
        callback = sandbox.callback(shopper.goes_to_pay(), "decline")
        assert callback.form is not None
        forged = {**callback.form, "failReason": "CANCELLED_BY_USER"}
        assert shopper.open(replace(callback, form=forged)).heading == SORRY


def test_a_waiting_payment_says_until_when(shopper: Shopper) -> None:
    shopper.goes_to_pay()
    page = shopper.open("/cart")
    link = page.soup.select_one("main a[href^='/orders/']")
    assert link
    assert "Please pay before" in shopper.open(str(link["href"])).text
