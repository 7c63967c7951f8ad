"""What is printed for a parcel: the slip, the label, and what to fetch for several orders."""

from __future__ import annotations

import pytest
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from testkit.clock import MovingClock
from testkit.mishaps import paid_by_decision, reconciled
from testkit.scenario import ScenarioDriver
from testkit.shopper import DETAILS, Shopper
from testkit.staff import Person, clerk


@pytest.fixture
def person(app: Flask) -> Person:
    """A clerk who is logged in."""
    return clerk(app)


@pytest.fixture
def numbers(driver: ScenarioDriver, sandbox: SandboxWorld) -> list[str]:
    """Two paid orders: two bowls and a plate, and one bowl."""
    placed = [driver.place(pieces) for pieces in ({1: 2, 2: 1}, {1: 1})]
    for order_id in placed:
        driver.come_back(sandbox.callback(str(driver.begin(order_id).redirect_url)))
    return [driver.number(order_id) for order_id in placed]


def chosen(person: Person, button: str, numbers: list[str]) -> list[str]:
    """What is printed after the orders were chosen in the list; the words of each sheet."""
    person.open("/admin/orders")
    page = person.press(button, number=numbers)
    assert page.status == 200, page.text
    return [" ".join(sheet.get_text(" ").split()) for sheet in page.soup.select(".sheet")]


def test_each_chosen_order_has_a_slip_with_its_goods_and_its_number_as_qr(
    person: Person, numbers: list[str]
) -> None:
    first, second = chosen(person, "Packing slips", numbers)
    assert f"Order {numbers[0]}" in first
    assert "2 Meybod turquoise bowl" in first
    assert f"Order {numbers[1]}" in second
    codes = person.page.soup.select(".sheet img.qr")
    assert [person.open(str(each["src"])).status for each in codes] == [200, 200]


def test_a_label_says_where_the_parcel_goes_in_either_size(
    person: Person, numbers: list[str]
) -> None:
    first, _second = chosen(person, "Address labels", numbers)
    for shown in ("full_name", "address", "mobile", "postal_code"):
        assert DETAILS[shown] in first
    assert "3 pieces" in first
    larger = person.open(f"/admin/packing/labels?number={numbers[0]}&size=a4")
    assert larger.soup.select(".label.a4")
    assert person.open(f"/admin/packing/labels?number={numbers[0]}&size=b5").status == 404


def test_what_to_fetch_is_summed_by_product_and_names_the_orders(
    person: Person, numbers: list[str]
) -> None:
    (sheet,) = chosen(person, "Picking list", numbers)
    assert "For 2 orders" in sheet
    assert f"3 Meybod turquoise bowl {numbers[0]} × 2, {numbers[1]}" in sheet


def test_what_must_not_be_sent_is_left_out_of_what_is_printed(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, numbers: list[str]
) -> None:
    unpaid = driver.number(driver.place())
    disputed = driver.number(paid_by_decision(driver, sandbox, clock))
    reconciled(driver)
    person = clerk(driver.app)
    for button in ("Packing slips", "Address labels", "Picking list"):
        sheets = " ".join(chosen(person, button, [*numbers, unpaid, disputed]))
        assert all(number in sheets for number in numbers)
        assert unpaid not in sheets
        assert disputed not in sheets
        assert f"Left out. Not paid: {unpaid}" in person.page.text
        assert f"must be settled first (see the order): {disputed}" in person.page.text
    assert chosen(person, "Picking list", [unpaid]) == []


def test_one_order_is_printed_from_its_page_and_none_that_is_not_there(
    app: Flask, person: Person, sandbox: SandboxWorld
) -> None:
    shopper = Shopper(app)
    shopper.open(sandbox.pay(shopper.goes_to_pay()))
    number = person.open("/admin/orders").soup.select("table.rows th a")[0].text.strip()
    links = person.open(f"/admin/orders/{number}").soup.select("a[href*=packing]")
    assert [person.open(str(link["href"])).status for link in links] == [200, 200]
    assert person.open("/admin/packing/slips").status == 404
    assert person.open("/admin/packing/pick?number=1&number=2").status == 404
