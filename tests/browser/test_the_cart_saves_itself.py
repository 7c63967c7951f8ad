"""The cart's fields: what they say is saved and ordered, with scripts and without."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Route, expect

from testkit.browsing import GOOD, Browsing
from testkit.processes import wait_until

OTHER = "slim-waist-glasses"


def field(browsing: Browsing, slug: str = GOOD) -> Locator:
    return browsing.page.locator(f"#quantity-{slug}")


def stored(browsing: Browsing) -> list[str]:
    """What a new page of this browser says."""
    tab = browsing.context.new_page()
    tab.goto("/cart")
    found = tab.locator("input[name^=quantity]").evaluate_all("all => all.map(each => each.value)")
    tab.close()
    return [str(value) for value in found]


def in_digits(browsing: Browsing, number: str) -> str:
    return (
        number.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
        if browsing.language == "fa"
        else number
    )


def test_going_on_orders_what_the_fields_say(either: Browsing) -> None:
    either.put_in_cart()
    field(either).fill("3")
    either.go_to_details()
    assert stored(either) == [in_digits(either, "3")]


def test_each_change_saves_itself_and_the_sums_follow(browsing: Browsing) -> None:
    browsing.put_in_cart(OTHER)
    browsing.put_in_cart()
    saved, sum_ = browsing.page.locator("#saved"), browsing.page.locator("#tally dd.total")
    before = sum_.inner_text()
    more = browsing.page.locator(f"[aria-controls=quantity-{GOOD}]").last
    more.click()
    more.click()
    expect(saved).to_contain_text(browsing.word("Saved. To pay: %(amount)s."))
    expect(browsing.page.locator("[data-cart-count]")).to_have_text(in_digits(browsing, "4"))
    assert sum_.inner_text() != before
    field(browsing).fill("1.5")
    expect(browsing.page.locator(f"#quantity-{GOOD}-wrong")).to_be_visible()
    expect(saved).to_contain_text(browsing.word("Not saved yet."))
    assert stored(browsing) == [in_digits(browsing, "1"), in_digits(browsing, "3")]
    field(browsing).fill("۲ عدد")
    expect(saved).to_contain_text(browsing.word("Saved. To pay: %(amount)s."))
    expect(field(browsing)).to_have_value(in_digits(browsing, "2"))
    expect(field(browsing)).not_to_have_attribute("aria-invalid", "true")


def test_taken_out_by_a_click_it_can_be_put_back(browsing: Browsing) -> None:
    browsing.put_in_cart()
    browsing.page.locator(f"[aria-controls=quantity-{GOOD}]").first.click()
    browsing.expect_heading("Your cart is empty")
    back = browsing.button("Put it back")
    expect(back).to_be_focused()
    back.click()
    browsing.expect_heading("Your cart")
    expect(field(browsing)).to_have_value(in_digits(browsing, "1"))


def test_without_a_network_the_fields_keep_what_was_typed(browsing: Browsing) -> None:
    browsing.put_in_cart()
    browsing.page.route("**/cart/change", lambda route: route.abort())
    field(browsing).fill("4")
    saved = browsing.page.locator("#saved")
    expect(saved).to_have_text(browsing.page.locator("#saved").get_attribute("data-failed") or "")
    expect(field(browsing)).to_have_value("4")
    browsing.page.unroute("**/cart/change")
    browsing.page.evaluate("dispatchEvent(new Event('online'))")
    expect(saved).to_contain_text(browsing.word("Saved. To pay: %(amount)s."))
    assert stored(browsing) == [in_digits(browsing, "4")]


def test_what_was_typed_before_the_scripts_arrived_saves_itself_too(browsing: Browsing) -> None:
    browsing.put_in_cart()
    late: list[Route] = []
    browsing.page.route("**/cart.js*", lambda script: late.append(script))
    with browsing.page.expect_request("**/cart.js*"):
        browsing.page.reload(wait_until="commit")
    field(browsing).fill("2")
    for script in late:
        script.continue_()
    saved = browsing.page.locator("#saved")
    expect(saved).to_contain_text(browsing.word("Saved. To pay: %(amount)s."))
    assert stored(browsing) == [in_digits(browsing, "2")]


@pytest.mark.long
def test_who_leaves_at_once_has_changed_the_cart(browsing: Browsing) -> None:
    browsing.put_in_cart()
    browsing.page.wait_for_load_state()  # before its scripts are there, a page saves nothing
    field(browsing).fill("2")
    browsing.page.goto("/")
    wanted = [in_digits(browsing, "2")]  # what is sent on leaving arrives after the next page
    wait_until(lambda: stored(browsing) == wanted, "the cart holds two")


@pytest.mark.long
def test_a_number_that_is_refused_stays_in_its_field(either: Browsing) -> None:
    either.page.goto(f"/products/{GOOD}")
    either.page.locator("#quantity").fill("-3")
    either.button("Add to cart").click()
    expect(either.page.locator("#quantity-wrong")).to_be_visible()
    expect(either.page.locator("#quantity")).to_have_value("-3")
    either.page.locator("#quantity").fill("2")
    either.button("Add to cart").click()
    either.look_at_cart()
    assert stored(either) == [in_digits(either, "2")]
