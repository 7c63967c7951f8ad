"""What the document leaves open: our decision by default, and the other reading by a switch."""

from __future__ import annotations

import json

import pytest
import requests

from jibit_sandbox.testing import SandboxWorld
from tests.sandbox.merchant import Merchant, codes


@pytest.mark.parametrize("said", ["IN_PROGRESS", "SUCCESS"])
def test_1_paid_and_not_verified(merchant: Merchant, said: str) -> None:
    merchant.world.switch(paid_inquiry=said)
    identifier = merchant.paid()
    assert merchant.status(identifier) == said
    assert merchant.listed(status=said) == [identifier]


@pytest.mark.parametrize(
    ("switch", "status", "state"),
    [("unchanged", "IN_PROGRESS", "awaiting"), ("fails", "FAILED", "failed")],
)
def test_2_verify_on_an_order_that_nobody_paid(
    merchant: Merchant, switch: str, status: str, state: str
) -> None:
    merchant.world.switch(verify_unpaid=switch)
    identifier, _ = merchant.opened()
    assert merchant.verify(identifier).json() == {"status": "Failed"}
    assert merchant.status(identifier) == status
    assert merchant.world.order(identifier)["state"] == state


@pytest.mark.parametrize("said", ["Successful", "Failed"])
def test_3_verify_a_second_time(merchant: Merchant, said: str) -> None:
    merchant.world.switch(verify_again=said)
    identifier = merchant.paid()
    assert merchant.verify(identifier).json() == {"status": "Successful"}
    assert merchant.verify(identifier).json() == {"status": said}
    assert merchant.status(identifier) == "SUCCESS"


def test_4_verify_after_the_expiry(merchant: Merchant) -> None:
    identifier = merchant.paid()
    merchant.world.clock.advance(901)
    assert merchant.verify(identifier).json() == {"status": "Failed"}
    assert merchant.status(identifier) == "EXPIRED"


def test_5_an_order_of_another_merchant_is_not_found(merchant: Merchant) -> None:
    other = Merchant(merchant.world.world(f"{merchant.world.name}-other"))
    other.generate()
    identifier = other.paid()
    for answer in (merchant.inquiry(identifier), merchant.verify(identifier)):
        assert (answer.status_code, codes(answer)) == (404, ["order.not_found"])
    assert other.world.order(identifier)["state"] == "paid"
    other.session.close()


def test_6_a_reused_reference_number(merchant: Merchant) -> None:
    assert [merchant.create().status_code for _ in range(2)] == [200, 200]
    merchant.world.switch(reused_reference="refused")
    refused = merchant.create()
    assert refused.status_code == 400
    assert codes(refused) == ["order_create.reference_number.duplicated"]


def test_7_older_clients_are_understood_in_legacy_mode_only(merchant: Merchant) -> None:
    older = {"merchantCode": merchant.world.api_key, "password": merchant.world.secret_key}
    refused = merchant.call("POST", "/tokens/generate", json=older)
    assert codes(refused) == [
        "generate_token.api_key.is_required",
        "generate_token.secret_key.is_required",
    ]
    assert codes(merchant.create(amount="200000.00")) == ["binding.type_mismatch"]
    merchant.world.switch(legacy=True)
    assert merchant.call("POST", "/tokens/generate", json=older).status_code == 200
    created = merchant.create(amount="200000.00", retries=3, password="x")
    inquiry = merchant.inquiry(created.json()["orderIdentifier"]).json()
    assert inquiry["amount"] == 200_000
    assert codes(merchant.create(amount="200000.50")) == ["binding.type_mismatch"]


def test_fields_nobody_knows_are_ignored(merchant: Merchant) -> None:
    assert merchant.create(retries=3, apiKey="x", nested={"a": [1]}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json; charset=utf-8"},
        {"Content-Type": "APPLICATION/JSON"},
        {"Accept": "text/html, application/json;q=0.9, */*;q=0.1"},
        {"Accept": "*/*"},
        {"Accept": "application/*"},
        {"Accept": None},
    ],
)
def test_8_headers_that_real_clients_send_are_understood(
    merchant: Merchant, headers: dict[str, str]
) -> None:
    order = {
        "amount": 1000,
        "referenceNumber": "R",
        "userIdentifier": "u",
        "callbackUrl": "http://shop.example/",
    }
    sent = {"Content-Type": "application/json"} | headers
    assert merchant.call("POST", "/orders", data=json.dumps(order), headers=sent).ok


def test_8_a_get_with_a_body_leaves_the_connection_in_order(merchant: Merchant) -> None:
    identifier = merchant.paid()
    for _ in range(3):
        answer = merchant.call("GET", f"/orders/{identifier}", data="[]")
        assert answer.json()["id"] == identifier


def test_8_token_calls_do_not_mind_an_empty_bearer(merchant: Merchant) -> None:
    keys = {"apiKey": merchant.world.api_key, "secretKey": merchant.world.secret_key}
    empty = {"Authorization": "Bearer "}
    assert merchant.call("POST", "/tokens/generate", json=keys, headers=empty).ok


def test_8_null_optionals_escaped_slashes_and_a_trailing_newline(merchant: Merchant) -> None:
    body = (
        '{"amount": 1000, "currency": null, "referenceNumber": "R", "userIdentifier": "u",'
        r' "callbackUrl": "https:\/\/shop.example\/cb", "description": null,'
        ' "payerCardNumber": null, "forcePayerCardNumber": null, "nationalCode": null}\n'
    )
    created = merchant.call(
        "POST", "/orders", data=body, headers={"Content-Type": "application/json"}
    )
    inquiry = merchant.inquiry(created.json()["orderIdentifier"]).json()
    assert inquiry["callbackUrl"] == "https://shop.example/cb"
    assert (inquiry["currency"], inquiry["nationalCode"]) == ("RIALS", None)


def test_after_a_refresh_the_old_pair_is_dead_unless_the_switch_lets_it_live(
    merchant: Merchant,
) -> None:
    for access_after, switch in ((401, "dies"), (200, "lives")):
        merchant.world.switch(old_access=switch)
        merchant.generate()
        old = merchant.pair
        assert merchant.refresh().status_code == 200
        new, merchant.pair = merchant.pair, old
        assert merchant.list().status_code == access_after
        refused = merchant.refresh()
        assert (refused.status_code, codes(refused)) == (401, ["token.generation.failed"])
        merchant.pair = new
        assert merchant.list().status_code == 200


def test_two_generates_give_two_pairs_that_both_live(merchant: Merchant) -> None:
    first = merchant.pair
    merchant.generate()
    assert merchant.pair != first
    assert merchant.list().status_code == 200
    merchant.pair = first
    assert merchant.list().status_code == 200


@pytest.mark.parametrize(
    ("spelling", "names"),
    [
        ("both", {"numberOfElemnts", "numberOfElements"}),
        ("documented", {"numberOfElemnts"}),
        ("correct", {"numberOfElements"}),
    ],
)
def test_the_total_has_the_documents_spelling_the_right_one_or_both(
    merchant: Merchant, spelling: str, names: set[str]
) -> None:
    merchant.world.switch(total_spelling=spelling)
    merchant.opened()
    page = merchant.list().json()
    assert {name: page[name] for name in names} == dict.fromkeys(names, 1)
    others = {"pageNumber", "size", "hasNext", "hasPrevious", "elements"}
    assert set(page) == names | others


@pytest.mark.parametrize("first", [1, 0])
def test_pages_are_counted_from_one_or_from_nought(merchant: Merchant, first: int) -> None:
    merchant.world.switch(first_page=first)
    for _ in range(3):
        merchant.opened()
    pages = [merchant.list(page=first + step, size=2).json() for step in range(2)]
    assert [len(page["elements"]) for page in pages] == [2, 1]
    assert [page["hasNext"] for page in pages] == [True, False]
    assert [page["hasPrevious"] for page in pages] == [False, True]
    assert merchant.list().json()["pageNumber"] == first


@pytest.mark.parametrize("wanted", [{"colour": "red"}, {"first_page": True}, {"channel": "off"}])
def test_a_switch_that_cannot_be_is_refused_with_a_sentence(
    world: SandboxWorld, wanted: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=r"there is no switch|can be one of"):
        world.switch(**wanted)


def test_a_switch_of_one_world_is_not_another_ones(merchant: Merchant) -> None:
    merchant.world.switch(merchant="inactive")
    other = Merchant(merchant.world.world(f"{merchant.world.name}-other"))
    other.generate()
    assert other.create().status_code == requests.codes.ok
    other.session.close()
