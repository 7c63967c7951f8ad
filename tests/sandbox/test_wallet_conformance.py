"""The wallet by raw HTTP: every call with every way to be refused, in both languages.

The rows are in ``wallet_rows``.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, nullcontext

import pytest
import requests

from testkit.cases import naming
from tests.sandbox.changed import send_changed
from tests.sandbox.described import Reader
from tests.sandbox.merchant import Merchant, in_its_own_world
from tests.sandbox.wallet_merchant import WalletMerchant, problem
from tests.sandbox.wallet_rows import CALLS, ROWS, Row

PERSIAN = re.compile("[آ-ی]")


def send(payee: WalletMerchant, row: Row, order: str, language: str) -> requests.Response:
    """The good request with what the row changes, in that language."""
    method, path, good = CALLS[row.call]
    if row.behaviour:
        payee.world.behave(row.behaviour)
    return send_changed(
        payee,
        row.method or method,
        row.path or path,
        good if row.body is None else row.body,
        order=order,
        change=row.change,
        headers={"Accept-Language": language, **row.headers},
    )


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.one_case_in(7)
def test_a_refusal_has_its_number_and_a_message_in_both_languages(
    payee: WalletMerchant, call: str, reader: Reader
) -> None:
    rows = [row for row in ROWS if row.call == call]
    for number, row in enumerate(rows):
        with naming(str(row)), payee_for(row, payee, number) as one:
            check_refusal(one, row, reader)


def payee_for(
    row: Row, payee: WalletMerchant, number: int
) -> AbstractContextManager[WalletMerchant]:
    """The switches of a world are nobody else's."""
    return in_its_own_world(payee, number) if row.switches else nullcontext(payee)


def check_refusal(payee: WalletMerchant, row: Row, reader: Reader) -> None:
    order, _ = payee.opened()
    payee.world.switch(**row.switches)
    messages = []
    for language in ("en", "fa"):
        answer = send(payee, row, order, language)
        assert (answer.status_code, problem(answer)) == (row.status, row.status)
        messages.append(answer.json()["message"])
    assert [bool(PERSIAN.search(message)) for message in messages] == [False, True]
    if not row.method and not row.path:
        reader.check_operation(f"wallet_{row.call}", answer)
    assert logged_status(payee, answer.headers["X-Sandbox-Fingerprint"]) == row.status


def logged_status(payee: WalletMerchant, fingerprint: str) -> int:
    """From the world's log, or that of whom the request claims to be."""
    worlds = (payee.world, payee.world.world("sandbox"), payee.world.world("nobody"))
    found = [entry for world in worlds for entry in world.requests_seen(fingerprint=fingerprint)]
    assert [entry["gateway"] for entry in found] == ["wallet"]
    return int(found[0]["status"])


def test_every_call_of_the_document_is_in_the_table(reader: Reader) -> None:
    described = {
        call["operationId"].removeprefix("wallet_").removesuffix("_by_post")
        for call in reader.calls.values()
        if "wallet" in call["tags"]
    }
    assert described == CALLS.keys() == {row.call for row in ROWS}


def test_a_token_of_one_gateway_opens_nothing_at_the_other(
    merchant: Merchant, payee: WalletMerchant
) -> None:
    merchant_bearer = {"Authorization": f"Bearer {merchant.access_token}"}
    payee_bearer = {"Authorization": f"Bearer {payee.access_token}"}
    order = payee.order()
    refused = payee.call("POST", "/order/initiate", json=order, headers=merchant_bearer)
    assert problem(refused) == 401
    assert merchant.call("GET", "/orders", headers=payee_bearer).status_code == 401


def test_an_order_of_one_gateway_is_unknown_at_the_other(
    merchant: Merchant, payee: WalletMerchant
) -> None:
    card, _ = merchant.opened()
    wallet, page = payee.opened()
    assert problem(payee.inquiry(card)) == problem(payee.verify(card)) == 404
    assert merchant.inquiry(wallet).status_code == 404
    assert requests.get(page.replace(wallet, card), timeout=10).status_code == 404
    assert merchant.listed() == [card]


def test_an_order_of_another_merchant_is_not_found(payee: WalletMerchant) -> None:
    other = WalletMerchant(payee.world.world(f"{payee.world.name}-other"))
    other.generate()
    identifier = other.paid()
    assert problem(payee.inquiry(identifier)) == problem(payee.verify(identifier)) == 404
    assert other.world.order(identifier)["state"] == "paid"
    other.session.close()


def test_the_merchants_order_id_is_told_as_it_came(payee: WalletMerchant) -> None:
    for said in ("merchant-1234-123", "007", 1234, -1, 2**53 + 1):
        with naming(said):
            created = payee.create(merchantOrderId=said).json()["result"]
            identifier = created["orderId"]
            payee.world.press(identifier)
            inquiry = payee.inquiry(identifier).json()
            verified = payee.verify(identifier).json()["result"]
            told = [answer["merchantOrderId"] for answer in (created, inquiry, verified)]
            assert told == [said] * 3
            assert [type(one) for one in told] == [type(said)] * 3


def test_additional_data_is_a_string_that_comes_back_untouched(payee: WalletMerchant) -> None:
    data = '{"additionaldata1":1234,"additionaldata2":"دو"}'
    created = payee.create(additionalData=data).json()["result"]
    payee.world.press(created["orderId"])
    inquiry = payee.inquiry(created["orderId"]).json()
    verified = payee.verify(created["orderId"]).json()["result"]
    assert [answer["additionalData"] for answer in (created, inquiry, verified)] == [data] * 3


@pytest.mark.parametrize("spelling", ["refreshToken", "RefreshToken"])
def test_a_refresh_token_may_be_spelt_as_in_the_table_or_as_in_the_samples(
    payee: WalletMerchant, spelling: str
) -> None:
    body = {"token": payee.access_token, spelling: payee.pair["refreshToken"]}
    fresh = payee.call("POST", "/authenticate/refresh", json=body).json()
    assert fresh["errorCode"] == 0
    assert fresh["result"].keys() == {"token", "refreshToken"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json; charset=utf-8"},
        {"Accept": "*/*"},
        {"Accept": None},
        {"Content-Type": None},
    ],
)
@pytest.mark.parametrize("call", ["verify", "inquiry"])
def test_calls_about_an_order_need_no_body_and_mind_no_header(
    payee: WalletMerchant, call: str, headers: dict[str, str]
) -> None:
    identifier = payee.paid()
    method, path = payee.calls[call]
    for body in (None, "[]", "{}"):
        answer = payee.call(method, path.format(identifier), headers=headers, data=body)
        assert answer.json()["errorCode"] == 0


@pytest.mark.parametrize("path", ["/authenticate", "/authenticate/refresh", "/order/initiate"])
def test_half_a_surrogate_pair_is_no_body(payee: WalletMerchant, path: str) -> None:
    json_type = {"Content-Type": "application/json"}
    refused = payee.call("POST", path, data=r'{"username": "\ud800"}', headers=json_type)
    assert problem(refused) == 400


def test_a_head_request_captures_nothing(payee: WalletMerchant) -> None:
    identifier = payee.paid()
    assert payee.call("HEAD", f"/order/verify/{identifier}").status_code == 405
    assert payee.call("HEAD", f"/order/inquiry/{identifier}").status_code == 405
    assert payee.world.order(identifier)["state"] == "paid"
