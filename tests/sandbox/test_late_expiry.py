"""A gateway whose own expiry runs later than the orders' ``expirationDate`` says."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from jibit_sandbox.testing import SandboxWorld
from testkit.cases import naming
from tests.sandbox.merchant import Merchant
from tests.sandbox.test_dashboard import Developer
from tests.sandbox.wallet_merchant import MOBILE, WalletMerchant

LATE = 600  # seconds

# What each gateway's inquiry says of an order, in the words of its own document.
EXPIRED = {Merchant: "EXPIRED", WalletMerchant: "CANCEL_BY_SYSTEM"}
PAID = {
    (Merchant, "IN_PROGRESS"): "IN_PROGRESS",
    (Merchant, "SUCCESS"): "SUCCESS",
    (WalletMerchant, "IN_PROGRESS"): "PURCHASE_BY_USER",
    (WalletMerchant, "SUCCESS"): "PURCHASE_BY_USER",
}


@pytest.fixture(autouse=True)
def late(world: SandboxWorld) -> None:
    world.clock.freeze()
    world.switch(expiry_late=LATE)


def at_the_end(merchant: Merchant, identifier: str) -> str:
    """Move the clock to the order's end, to the second, and ask for its status."""
    merchant.world.clock.advance(900)
    return merchant.status(identifier)


def assert_refused(merchant: Merchant, identifier: str) -> None:
    """Check that a verification is refused in the gateway's usual words and changes nothing."""
    before = merchant.world.order(identifier)
    answer = merchant.verify(identifier)
    if isinstance(merchant, WalletMerchant):
        assert (answer.status_code, answer.json()["errorCode"]) == (409, 409)
    else:
        assert (answer.status_code, answer.json()) == (200, {"status": "Failed"})
    assert merchant.world.order(identifier) == before


@pytest.mark.parametrize("reading", ["IN_PROGRESS", "SUCCESS"])
def test_a_paid_order_stays_paid_until_the_late_expiry_runs(either: Merchant, reading: str) -> None:
    either.world.switch(paid_inquiry=reading)
    identifier = either.paid()
    said = either.status(identifier)
    assert said == PAID[type(either), reading]
    assert at_the_end(either, identifier) == said
    assert_refused(either, identifier)
    either.world.clock.advance(LATE - 1)
    assert either.status(identifier) == said
    either.world.clock.advance(1)
    assert either.status(identifier) == EXPIRED[type(either)]


@pytest.mark.parametrize("unpaid", ["unchanged", "fails"])
def test_an_unpaid_order_waits_until_the_late_expiry_runs(either: Merchant, unpaid: str) -> None:
    either.world.switch(verify_unpaid=unpaid)
    identifier, _ = either.opened()
    said = either.status(identifier)
    assert at_the_end(either, identifier) == said
    assert_refused(either, identifier)
    either.world.clock.advance(LATE)
    assert either.status(identifier) == EXPIRED[type(either)]


def test_a_verification_in_time_is_granted_and_may_be_repeated_after_the_end(
    either: Merchant,
) -> None:
    identifier = either.paid()
    either.world.clock.advance(899)
    assert either.is_captured(either.verify(identifier))
    either.world.clock.advance(1)
    assert either.is_captured(either.verify(identifier))
    either.world.clock.advance(LATE)
    assert either.world.order(identifier)["state"] == "captured"


def test_a_payment_between_the_end_and_the_late_expiry_is_taken_and_never_captured(
    either: Merchant,
) -> None:
    identifier, page = either.opened()
    either.world.clock.advance(900 + LATE - 1)
    assert f"{either.state_claim}={either.paid_word}" in either.world.pay(page)
    assert either.world.order(identifier)["state"] == "paid"
    assert_refused(either, identifier)
    either.world.clock.advance(1)
    assert either.status(identifier) == EXPIRED[type(either)]


def test_the_page_counts_down_to_the_late_expiry(either: Merchant, world: SandboxWorld) -> None:
    """Its script loads the page again when nothing is left: it would never stop doing so."""
    _, page = either.opened()
    world.clock.advance(900)
    form = world.submit(page, "pay", password="00000").text
    assert f'data-seconds="{LATE}"' in form


def test_the_money_is_returned_to_the_payer_when_the_late_expiry_runs(
    payee: WalletMerchant,
) -> None:
    full = payee.world.balance(MOBILE)
    identifier = payee.paid(amount=777_000)
    assert at_the_end(payee, identifier) == "PURCHASE_BY_USER"
    assert payee.world.balance(MOBILE) == full - 777_000
    payee.world.clock.advance(LATE)
    assert payee.world.balance(MOBILE) == full


def test_the_answers_say_the_same_end_and_the_moment_at_which_the_expiry_really_ran(
    merchant: Merchant,
) -> None:
    identifier = merchant.paid()
    before = merchant.inquiry(identifier).json()
    merchant.world.clock.advance(900 + LATE + 3000)
    after = merchant.inquiry(identifier).json()
    assert after["expirationDate"] == before["expirationDate"]
    ran_at = datetime.fromisoformat(after["expirationDate"]) + timedelta(seconds=LATE)
    assert datetime.fromisoformat(after["modifiedAt"]) == ran_at
    last = merchant.world.order(identifier)["transitions"][-1]
    assert (last["state"], last["at"]) == ("expired", after["modifiedAt"])


def test_the_list_files_an_order_under_what_its_inquiry_says(merchant: Merchant) -> None:
    identifier = merchant.paid()
    merchant.world.clock.advance(900)
    assert merchant.listed(status="IN_PROGRESS") == [identifier]
    assert merchant.listed(status="EXPIRED") == []
    merchant.world.clock.advance(LATE)
    assert merchant.listed(status="EXPIRED") == [identifier]


def test_what_is_due_expires_at_once_when_the_number_is_lowered(either: Merchant) -> None:
    identifiers = [either.paid(), either.opened()[0]]
    either.world.clock.advance(1000)
    either.world.switch(expiry_late=101)
    assert EXPIRED[type(either)] not in [either.status(each) for each in identifiers]
    either.world.switch(expiry_late=100)
    assert [either.status(each) for each in identifiers] == [EXPIRED[type(either)]] * 2


def test_an_order_never_expires_before_its_last_move(either: Merchant) -> None:
    identifier, page = either.opened()
    either.world.clock.advance(950)
    either.world.pay(page)
    either.world.switch(expiry_late=0)
    history = either.world.order(identifier)["transitions"]
    assert [step["state"] for step in history] == ["awaiting", "paid", "expired"]
    assert history[-1]["at"] == history[-2]["at"]


def test_a_longer_wallet_window_is_late_by_the_same_number(payee: WalletMerchant) -> None:
    payee.world.switch(wallet_minutes=30)
    identifier = payee.paid()
    payee.world.clock.advance(1800 + LATE - 1)
    assert payee.status(identifier) == "PURCHASE_BY_USER"
    payee.world.clock.advance(1)
    assert payee.status(identifier) == "CANCEL_BY_SYSTEM"


def test_a_reset_brings_punctual_expiry_back(merchant: Merchant) -> None:
    merchant.world.reset()
    merchant.generate()
    identifier = merchant.paid()
    merchant.world.clock.advance(901)
    assert merchant.status(identifier) == "EXPIRED"


def test_a_clock_at_the_first_day_of_all_is_early_enough(either: Merchant) -> None:
    either.world.switch(expiry_late=86_400)
    either.world.clock.freeze(datetime.fromisoformat("0001-01-01T00:00:00+00:00"))
    either.generate()
    assert either.create().status_code == 200


def test_a_number_that_cannot_be_is_refused_with_a_sentence(world: SandboxWorld) -> None:
    for wanted in (-1, 86_401, 1.5, True, "600", None, [600], 10**30):
        with naming(wanted):
            with pytest.raises(
                ValueError, match="expiry_late can be a whole number from 0 to 86400, not"
            ):
                world.switch(expiry_late=wanted)
            assert world.control("GET", "switches")["switches"]["expiry_late"] == LATE


def test_every_whole_number_of_a_day_can_be_set(world: SandboxWorld) -> None:
    for wanted in (0, 86_400, 60.0):
        with naming(wanted):
            world.switch(expiry_late=wanted)
            assert world.control("GET", "switches")["switches"]["expiry_late"] == wanted


def test_every_switch_has_either_its_choices_or_its_limits(world: SandboxWorld) -> None:
    known = world.control("GET", "switches")
    assert known["numbers"] == {"expiry_late": {"minimum": 0, "maximum": 86_400}}
    assert [*known["choices"], *known["numbers"]] == list(known["switches"])


def test_the_dashboard_shows_the_number_and_sets_it(world: SandboxWorld) -> None:
    developer = Developer(world)
    assert 'name="expiry_late" type="number" min="0" max="86400" value="600"' in developer.open()
    switches = world.control("GET", "switches")["switches"]
    developer.press("switches", **(switches | {"expiry_late": "42"}))
    assert world.control("GET", "switches")["switches"] == switches | {"expiry_late": 42}
