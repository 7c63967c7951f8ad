"""An owner returns money in the browser: the whole, an amount, or pieces; once, and seen before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine import RefundMethod, RefundState
from storefront.orders.states import OrderState
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.money import hours_pass, paid_order, transferred
from testkit.scenario import ScenarioDriver
from testkit.settings import at_gateways
from testkit.shopper import Page
from testkit.staff import Person, clerk, owner
from tests.conftest import open_shop

BOWL = "turquoise-bowl"  # of which every order here has two
ONE_BOWL = 6_800_000  # Rials: one bowl, its tax in it
SEND = "Return the money now"


@pytest.fixture
def order_id(v3_shop: ScenarioDriver, sandbox: SandboxWorld) -> int:
    return paid_order(v3_shop, sandbox)


@pytest.fixture
def boss(v3_shop: ScenarioDriver, order_id: int) -> Person:
    """An owner in front of the order's page."""
    person = owner(v3_shop.app)
    person.open(f"/admin/orders/{v3_shop.number(order_id)}")
    return person


def state(driver: ScenarioDriver, order_id: int) -> list[RefundState]:
    return [refund.state for refund in driver.refunds(order_id)]


def test_the_whole_goes_back_after_a_page_that_says_amount_card_and_way(
    v3_shop: ScenarioDriver, clock: MovingClock, order_id: int, boss: Person
) -> None:
    page = boss.press("Go on", how="whole", reason="the bowl came broken")
    assert page.heading == "Return 2,390,000 Toman?"
    (payment,) = v3_shop.payments(order_id)
    assert payment.payer_card
    assert payment.payer_card in page.text
    assert "takes the payment back" in page.text
    assert "the bowl came broken" in page.text
    assert v3_shop.refunds(order_id) == []
    page = boss.press(SEND)
    assert page.path == f"/admin/orders/{v3_shop.number(order_id)}"
    assert "goes on by itself" in page.text
    assert "On its way" in page.text
    (refund,) = v3_shop.refunds(order_id)
    assert (refund.requested_by, refund.reason) == (boss.name, "the bowl came broken")
    hours_pass(v3_shop, clock, 2)
    assert v3_shop.order_state(order_id) is OrderState.REFUNDED
    assert "Done" in boss.open(page.path).text


def test_an_order_whose_whole_money_goes_back_is_not_sent(
    v3_shop: ScenarioDriver, clock: MovingClock, order_id: int, boss: Person
) -> None:
    other = clerk(v3_shop.app)
    other.open(boss.page.path)
    boss.press("Go on", how="whole", reason="the bowl came broken")
    assert "Do not send it: all of its money is on its way back" in boss.press(SEND).text
    assert other.press("Mark as sent").status == 409
    assert v3_shop.order_state(order_id) is OrderState.PAID
    number = v3_shop.number(order_id)
    said = v3_shop.app.test_cli_runner().invoke(args=["orders", "fulfil", number])
    assert said.exit_code == 1
    assert f"order {number} must not be sent: all of its money is on its way back" in said.output
    hours_pass(v3_shop, clock, 2)
    assert (
        "Do not send it: all of its money went back" in other.open(f"/admin/orders/{number}").text
    )


def test_a_merchant_with_reversals_has_the_money_back_on_the_card_at_once(
    v3_shop: ScenarioDriver, sandbox: SandboxWorld, order_id: int, boss: Person
) -> None:
    sandbox.switch(v3_reverse=True)
    boss.press("Go on", how="whole", reason="given up")
    assert "The money has gone back." in boss.press(SEND).text
    (refund,) = v3_shop.refunds(order_id)
    assert (refund.method, refund.state) == (RefundMethod.REVERSE, RefundState.DONE)


def test_pieces_go_back_with_the_tax_in_them_and_on_sale_again_in_the_same_step(
    v3_shop: ScenarioDriver, sandbox: SandboxWorld, order_id: int, boss: Person
) -> None:
    typed = {f"pieces-{BOWL}": "۱", f"restock-{BOWL}": "1"}
    page = boss.press("Go on", how="lines", reason="one too many", **typed)
    assert page.heading == "Return 680,000 Toman?"
    assert "transfers it to the customer's bank account" in page.text
    boss.press(SEND)
    assert transferred(v3_shop, sandbox, order_id) == [ONE_BOWL]
    assert v3_shop.stock() == (0, 1)
    entry = next(e for e in v3_shop.history_entries(order_id) if e.event == "items_taken_back")
    assert (entry.details["pieces"], entry.details["by"]) == (1, boss.name)


def test_all_pieces_and_the_delivery_are_the_whole_order_to_the_rial(boss: Person) -> None:
    typed = {f"pieces-{BOWL}": "2", "pieces-sun-lady-plate": "1", "delivery": "yes"}
    page = boss.press("Go on", how="lines", reason="all of it", **typed)
    assert page.heading == "Return 2,390,000 Toman?"
    assert "Delivery fee" in page.text


def test_tax_that_was_added_goes_back_by_its_share(
    stocked_database_url: str, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    sandbox.switch(v3_refund=True)
    added = at_gateways(sandbox, card="ppg_v3") | {"PRICES_WITH_TAX": False}
    with open_shop(stocked_database_url, sandbox, clock, **added) as app:
        driver = ScenarioDriver(app, "ppg_v3")
        number = driver.number(paid_order(driver, sandbox))
        boss = owner(app)
        for typed, back in (
            ({f"pieces-{BOWL}": "1"}, "748,000"),
            ({f"pieces-{BOWL}": "2", "pieces-sun-lady-plate": "1", "delivery": "yes"}, "2,629,000"),
        ):
            boss.open(f"/admin/orders/{number}")
            page = boss.press("Go on", how="lines", reason="all of it", **typed)
            assert page.heading == f"Return {back} Toman?"


def test_an_amount_goes_back_and_the_next_one_waits_until_it_is_over(
    v3_shop: ScenarioDriver,
    sandbox: SandboxWorld,
    clock: MovingClock,
    order_id: int,
    boss: Person,
) -> None:
    boss.press("Go on", how="amount", amount="۱۰۰٬۰۰۰", reason="a scratch")
    page = boss.press(SEND)
    assert transferred(v3_shop, sandbox, order_id) == [1_000_000]
    assert "A refund is under way." in page.text
    hours_pass(v3_shop, clock, 2)
    boss.open(page.path)
    page = boss.press("Go on", how="amount", amount="2,290,001", reason="too much")
    assert page.status == 422
    assert "That is more than is left of this payment." in page.text
    page = boss.press("Go on", how="whole", amount="", reason="the rest")
    assert page.heading == "Return 2,290,000 Toman?"


WRONG: list[tuple[dict[str, str], str]] = [
    ({"how": "amount", "amount": "a lot", "reason": "x"}, "Write the amount in Toman"),
    ({"how": "amount", "amount": "0", "reason": "x"}, "Write the amount in Toman"),
    ({"how": "lines", "reason": "x"}, "Write how many pieces are paid back."),
    ({"how": "lines", f"pieces-{BOWL}": "3", "reason": "x"}, "Write a number up to 2."),
    ({"how": "whole", f"restock-{BOWL}": "-1", "reason": "x"}, "Write a number up to 2."),
    ({"how": "whole", "reason": " "}, "Write why"),
    ({"how": "sideways", "reason": "x"}, "Choose what goes back."),
    ({"how": "whole", "reason": "x"}, "You also wrote an amount or pieces."),
    ({"how": "whole", "amount": "", f"pieces-{BOWL}": "1", "reason": "x"}, "You also wrote"),
]


def test_what_cannot_be_is_said_and_nothing_typed_is_lost(
    v3_shop: ScenarioDriver, order_id: int, boss: Person
) -> None:
    begin = boss.page.path
    for typed, sentence in WRONG:
        with naming(typed):
            boss.open(begin)
            page = boss.press("Go on", **{"amount": "1234", **typed})
            assert page.status == 422
            assert sentence in page.text
            assert page.fields("Go on")["amount"] == typed.get("amount", "1234")
    assert v3_shop.refunds(order_id) == []


def test_changing_ones_mind_on_the_last_page_keeps_what_was_typed(boss: Person) -> None:
    boss.press("Go on", how="amount", amount="5000", reason="a scratch")
    page = boss.press("Change it")
    assert page.fields("Go on") | {"csrf_token": ""} == {
        **page.fields("Go on"),
        "csrf_token": "",
        "how": "amount",
        "amount": "5000",
        "reason": "a scratch",
    }


def test_a_doubled_press_sends_one(
    v3_shop: ScenarioDriver,
    sandbox: SandboxWorld,
    clock: MovingClock,
    order_id: int,
    boss: Person,
) -> None:
    confirm = boss.press("Go on", how="amount", amount="100000", reason="a scratch")
    boss.press(SEND)
    hours_pass(v3_shop, clock, 2)
    boss.page = confirm
    page = boss.press(SEND)
    assert "nothing was sent a second time" in page.text
    assert transferred(v3_shop, sandbox, order_id) == [1_000_000]


@pytest.mark.both_databases
def test_two_presses_at_the_same_moment_note_one(
    v3_shop: ScenarioDriver, order_id: int, boss: Person
) -> None:
    confirm = boss.press("Go on", how="amount", amount="100000", way="hand", reason="by hand")
    form, _button = confirm.form_with("Note it")
    fields, to = confirm.fields("Note it"), str(form["action"])
    cookies = [boss.client.get_cookie(name) for name in ("storefront_session", "language")]

    def press(_: int) -> int:
        client = v3_shop.app.test_client()
        for cookie in filter(None, cookies):
            client.set_cookie(cookie.key, cookie.value)
        return client.post(to, data=fields).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(press, range(4))) == {303}
    (refund,) = v3_shop.refunds(order_id)
    assert (refund.method, refund.amount_rials) == (RefundMethod.BY_HAND, 1_000_000)


def test_goods_that_are_on_sale_again_already_stop_the_refund_before_it_is_sent(
    v3_shop: ScenarioDriver, sandbox: SandboxWorld, order_id: int, boss: Person
) -> None:
    number = v3_shop.number(order_id)
    boss.press("Go on", how="whole", reason="both back", **{f"restock-{BOWL}": "2"})
    other = owner(v3_shop.app)
    other.open(f"/admin/orders/{number}")
    other.press("Put them on sale again", **{f"pieces-{BOWL}": "1"})
    page = boss.press(SEND)
    assert page.status == 422
    assert "Write a number up to 1." in page.text
    assert v3_shop.refunds(order_id) == []
    assert transferred(v3_shop, sandbox, order_id) == []


def test_the_gateways_no_is_told_with_what_to_do(
    v3_shop: ScenarioDriver, sandbox: SandboxWorld, order_id: int, boss: Person
) -> None:
    sandbox.switch(v3_refund=False)
    boss.press("Go on", how="whole", reason="given up")
    page = boss.press(SEND)
    assert "The gateway refused the refund." in page.text
    assert "has not turned refunds on" in page.text
    assert state(v3_shop, order_id) == [RefundState.FAILED]
    money = boss.open("/admin/money")
    assert "1 refunds that need you" in money.text
    assert "has not turned refunds on" in money.text


def test_an_unanswered_refund_is_ended_by_a_person_and_not_too_early(
    v3_shop: ScenarioDriver,
    sandbox: SandboxWorld,
    clock: MovingClock,
    order_id: int,
    boss: Person,
) -> None:
    sandbox.behave("reset_after_commit", operation="refund")
    sandbox.behave("error_500", operation="refund_inquiry", times=None)
    boss.press("Go on", how="whole", reason="given up")
    boss.press(SEND)
    boss.open("/admin/money/refunds/1")
    page = boss.press("Save the decision", state="done", reason="")
    assert (page.status, "Write why" in page.text) == (422, True)
    page = boss.press("Save the decision", state="done", reason="seen in the panel")
    assert (page.status, "nobody else may end it" in page.text) == (409, True)
    assert "seen in the panel" in page.text
    clock.advance(660)
    assert "The decision is kept." in boss.press("Save the decision").text
    assert state(v3_shop, order_id) == [RefundState.DONE]
    told = v3_shop.history_entries(order_id)[-1]
    assert (told.event, told.details["by"]) == ("refund_resolved", boss.name)


def test_a_refund_that_waits_is_confirmed_or_told_that_the_gateway_is_silent(
    v3_shop: ScenarioDriver,
    sandbox: SandboxWorld,
    clock: MovingClock,
    order_id: int,
    boss: Person,
) -> None:
    sandbox.switch(v3_refund_verification=True)
    boss.press("Go on", how="whole", reason="given up")
    boss.press(SEND)
    hours_pass(v3_shop, clock, 1)
    assert "It waits for your confirmation." in boss.open("/admin/money/refunds/1").text
    sandbox.behave("error_500", operation="refund_verify", times=2)
    page = boss.confirm("Confirm: return the money", "Return the money now")
    assert (page.status, "The gateway did not answer." in page.text) == (409, True)
    sandbox.forget_behaviours()
    assert (
        "The refund is confirmed."
        in boss.confirm("Confirm: return the money", "Return the money now").text
    )
    hours_pass(v3_shop, clock, 3)
    assert state(v3_shop, order_id) == [RefundState.DONE]


def test_a_refund_that_is_held_back_is_cancelled(
    v3_shop: ScenarioDriver, clock: MovingClock, order_id: int, boss: Person
) -> None:
    page = boss.press("Go on", how="amount", amount="100000", cancellable="yes", reason="perhaps")
    assert "for an hour, in which it can be cancelled" in page.text
    boss.press(SEND)
    boss.open("/admin/money/refunds/1")
    assert "asked to cancel" in boss.confirm("Cancel the refund").text
    hours_pass(v3_shop, clock, 1)
    assert state(v3_shop, order_id) == [RefundState.CANCELLED]
    page = boss.open("/admin/money/refunds/1")
    assert "Cancelled" in page.text


@pytest.mark.long
def test_the_list_has_what_is_not_over_first_and_the_others_by_pages(
    v3_shop: ScenarioDriver, order_id: int, boss: Person
) -> None:
    with v3_shop.in_the_shop() as services:
        (payment,) = v3_shop.payments(order_id)
        for _ in range(26):
            services.engine.note_refund(payment.reference, 10, reason="a bit", by="Sara")
    boss.press("Go on", how="whole", reason="the rest")
    boss.press(SEND)
    page = boss.open("/admin/money/refunds")
    numbers = [cell.text for cell in page.soup.select("tbody th")]
    assert numbers[:3] == ["Refund 27", "Refund 26", "Refund 25"]
    assert len(numbers) == 26
    (further,) = page.soup.select('a[rel="next"]')
    page = boss.open(str(further["href"]))
    assert [cell.text for cell in page.soup.select("tbody th")] == ["Refund 1"]


def test_a_gateway_without_refunds_only_takes_a_note(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id = paid_order(driver, sandbox)
    person = owner(driver.app)
    page = person.open(f"/admin/orders/{driver.number(order_id)}")
    assert "This gateway cannot return money." in page.text
    page = person.press("Go on", how="whole", reason="card transfer, receipt 4711")
    assert page.heading == "Note that 2,390,000 Toman went back?"
    assert "The money has gone back." in person.press("Note it").text
    assert driver.order_state(order_id) is OrderState.REFUNDED
    assert driver.stock() == (0, 2)


def test_a_clerk_sees_nothing_of_it(v3_shop: ScenarioDriver, order_id: int) -> None:
    page = clerk(v3_shop.app).open(f"/admin/orders/{v3_shop.number(order_id)}")
    assert "Return money" not in page.text


def in_persian(driver: ScenarioDriver, order_id: int) -> Page:
    person = owner(driver.app)
    person.open("/language/fa")
    return person.open(f"/admin/orders/{driver.number(order_id)}")


def test_it_speaks_persian(v3_shop: ScenarioDriver, order_id: int) -> None:
    assert "برگرداندن پول" in in_persian(v3_shop, order_id).text
