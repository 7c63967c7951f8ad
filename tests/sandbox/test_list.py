"""The orders list: its filters, its pages, and its order."""

from __future__ import annotations

import pytest

from testkit.cases import naming
from tests.sandbox.merchant import Merchant, codes


@pytest.fixture
def orders(merchant: Merchant) -> list[str]:
    """Five orders a minute apart: verified, paid, failed, expired by then, and a new one."""
    merchant.world.clock.freeze()
    made = []
    expired, _ = merchant.opened()
    merchant.world.clock.advance(840)
    verified = merchant.paid()
    merchant.verify(verified)
    merchant.world.clock.advance(60)
    paid = merchant.paid()
    merchant.world.clock.advance(60)
    failed, switching_url = merchant.opened()
    merchant.world.decline(switching_url)
    merchant.world.clock.advance(60)
    new, _ = merchant.opened()
    made += [new, failed, paid, verified, expired]
    return made


def test_the_newest_order_comes_first(merchant: Merchant, orders: list[str]) -> None:
    assert merchant.listed() == orders


def test_orders_of_one_moment_stay_in_the_order_of_their_creation(merchant: Merchant) -> None:
    merchant.world.clock.freeze()
    made = [merchant.opened()[0] for _ in range(8)]
    assert [order["identifier"] for order in merchant.world.orders()] == made
    assert merchant.listed() == made[::-1]


def test_a_status_filters(merchant: Merchant, orders: list[str]) -> None:
    for status, places in (
        ("IN_PROGRESS", [0, 2]),
        ("FAILED", [1]),
        ("SUCCESS", [3]),
        ("EXPIRED", [4]),
        ("UNKNOWN", []),
    ):
        with naming(status, places):
            assert merchant.listed(status=status) == [orders[place] for place in places]


def test_from_and_to_filter_by_creation_and_count_both_ends(
    merchant: Merchant, orders: list[str]
) -> None:
    created = {order["identifier"]: order["created_at"] for order in merchant.world.orders()}
    span = {"from": created[orders[3]], "to": created[orders[1]]}
    assert merchant.listed(**span) == orders[1:4]
    assert merchant.listed(**{"from": created[orders[1]]}) == orders[:2]


def test_a_moment_may_have_an_offset(merchant: Merchant, orders: list[str]) -> None:
    assert merchant.listed(**{"from": "2000-01-01T03:30:00+03:30"}) == orders


def test_pages_follow_one_another_without_gap_or_overlap(
    merchant: Merchant, orders: list[str]
) -> None:
    pages = [merchant.list(page=number, size=2).json() for number in (1, 2, 3)]
    assert [element["id"] for page in pages for element in page["elements"]] == orders
    assert [(page["hasPrevious"], page["hasNext"]) for page in pages] == [
        (False, True),
        (True, True),
        (True, False),
    ]
    assert {page["numberOfElemnts"] for page in pages} == {5}


def test_the_size_is_25_unless_said_and_never_above_250(merchant: Merchant) -> None:
    assert merchant.list().json()["size"] == 25
    assert merchant.list(size=10_000).json()["size"] == 250


@pytest.mark.usefixtures("orders")
def test_a_page_behind_the_last_is_empty(merchant: Merchant) -> None:
    page = merchant.list(page=9).json()
    assert (page["elements"], page["hasNext"], page["hasPrevious"]) == ([], False, True)


@pytest.mark.usefixtures("orders")
def test_an_element_is_what_the_inquiry_says(merchant: Merchant) -> None:
    for element in merchant.list().json()["elements"]:
        assert element == merchant.inquiry(element["id"]).json()


def test_a_filter_that_cannot_be_read_is_a_type_mismatch(merchant: Merchant) -> None:
    for query in (
        {"page": "0"},
        {"page": "-1"},
        {"page": "one"},
        {"size": "0"},
        {"size": "9" * 30},
        {"status": "PAID"},
        {"from": "yesterday"},
        {"to": "2026-13-01T00:00:00Z"},
    ):
        with naming(query):
            refused = merchant.list(**query)
            assert (refused.status_code, codes(refused)) == (400, ["binding.type_mismatch"])
