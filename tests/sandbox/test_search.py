"""Search by anything, for orders and for calls."""

from __future__ import annotations

from testkit.cases import naming
from tests.sandbox.merchant import Merchant, codes
from tests.sandbox.raw import ask


def test_orders_and_calls_are_found_by_anything(merchant: Merchant) -> None:
    world = merchant.world
    wanted = merchant.paid(amount=4_845_500, referenceNumber="R-77", userIdentifier="09123334455")
    merchant.paid(amount=14_845_500)
    fingerprint = merchant.inquiry(wanted).headers["X-Sandbox-Fingerprint"]
    world.change(wanted, "reset")
    world.press(wanted)
    words = (wanted, "R-77", "09123334455", "۰۹۱۲۳۳۳۴۴۵۵", "4845500", "4,845,500", fingerprint)
    for word in words:
        with naming(word):
            assert [order["identifier"] for order in world.orders(q=word)] == [wanted]
            found = world.requests_seen(q=word)
            assert found
            assert {call["order_identifier"] for call in found} == {wanted}
    assert len(world.orders(q="6037990000000014")) == 2
    assert len(world.orders(q="603799******0014")) == 2


def test_a_refused_call_is_found_by_the_code_of_its_error(merchant: Merchant) -> None:
    merchant.opened()
    refused = merchant.create(amount=0)
    (code,) = codes(refused)
    (found,) = merchant.world.requests_seen(q=code)
    assert found["status"] == refused.status_code
    assert merchant.world.requests_seen(q="100%") == []


def test_the_dashboard_searches_both_lists(merchant: Merchant) -> None:
    wanted, other = merchant.paid(referenceNumber="R-1"), merchant.paid(referenceNumber="R-2")
    page = ask(merchant.world.base_url, "GET", f"/?world={merchant.world.name}&q=R-1").body.decode()
    assert f"order-{wanted}" in page
    assert other not in page


def test_the_page_of_an_order_changes_it_without_waiting(merchant: Merchant) -> None:
    world = merchant.world
    identifier, _ = merchant.opened()
    query = f"?world={world.name}&lang=en"
    page = f"/_sandbox/pages/orders/{identifier}"
    form = "application/x-www-form-urlencoded"
    for word, action, state in (("Pay", "pay", "paid"), ("Expire", "expire", "expired")):
        shown = ask(world.base_url, "GET", page + query).body.decode()
        assert f'value="{action}">{word} it now</button>' in shown
        body = f"action={action}".encode()
        answer = ask(world.base_url, "POST", f"{page}/now{query}", body=body, content_type=form)
        assert answer.status == 303
        assert world.order(identifier)["state"] == state
    assert "Reset it</button>" in ask(world.base_url, "GET", page + query).body.decode()
