"""Every section of the document with every code it lists, by raw HTTP, in both languages.

The rows are in ``ppg_rows``, the document's codes and messages in ``ppg_sheet``.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import pytest
import requests

from testkit.cases import naming
from tests.sandbox.changed import send_changed
from tests.sandbox.described import Reader
from tests.sandbox.merchant import Merchant, codes, in_its_own_world
from tests.sandbox.ppg_rows import ROWS, SECTIONS, Row
from tests.sandbox.ppg_sheet import DOCUMENTED

OPERATIONS = dict(
    zip(SECTIONS, ("generate", "refresh", "create", "verify", "inquiry", "list"), strict=True)
)


def send(merchant: Merchant, row: Row, order: str, language: str) -> requests.Response:
    """The section's good request with what the row changes, in that language."""
    (method, path), body = SECTIONS[row.section]
    if row.behaviour:
        merchant.world.behave(row.behaviour)
    return send_changed(
        merchant,
        row.method or method,
        row.path or path,
        body if row.body is None else row.body,
        order=order,
        change=row.change,
        headers={"Accept-Language": language, **row.headers},
    )


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.one_case_in(7)
def test_a_refusal_is_told_as_the_document_says_in_both_languages(
    merchant: Merchant, section: str, reader: Reader
) -> None:
    rows = [row for row in ROWS if row.section == section]
    for number, row in enumerate(rows):
        with naming(str(row)), merchant_for(row, merchant, number) as one:
            check_refusal(one, row, reader)


def merchant_for(row: Row, merchant: Merchant, number: int) -> AbstractContextManager[Merchant]:
    """The switches of a world are nobody else's."""
    return in_its_own_world(merchant, number) if row.switches else nullcontext(merchant)


def check_refusal(merchant: Merchant, row: Row, reader: Reader) -> None:
    order, _ = merchant.opened()
    merchant.world.switch(**row.switches)
    for language, message in (("en", row.said.en), ("fa", row.said.fa)):
        answer = send(merchant, row, order, language)
        assert answer.status_code == row.said.status
        assert answer.headers["Content-Type"] == "application/json"
        assert codes(answer) == [row.code]
        assert answer.json()["errors"][0]["message"] == message
    if not row.method and not row.path:
        reader.check_operation(OPERATIONS[row.section], answer)
    assert logged_status(merchant, answer.json()["fingerprint"]) == row.said.status


def logged_status(merchant: Merchant, fingerprint: str) -> int:
    """From the world's log, or the default world's: who gave no good credentials has none."""
    worlds = (merchant.world, merchant.world.world("sandbox"))
    found = [entry for world in worlds for entry in world.requests_seen(fingerprint=fingerprint)]
    assert len(found) == 1
    return int(found[0]["status"])


@pytest.mark.parametrize("section", DOCUMENTED)
def test_the_table_covers_every_code_of_the_section(section: str) -> None:
    assert {row.code for row in ROWS if row.section == section} == DOCUMENTED[section]


def test_everything_that_is_missing_is_named_at_once(merchant: Merchant) -> None:
    answer = merchant.call("POST", "/orders", json={})
    assert codes(answer) == [
        "order_create.user_identifier.is_required",
        "order_create.reference_number.is_required",
        "order_create.amount.is_required",
        "order_create.callback_url.is_required",
    ]


def test_every_error_has_a_fingerprint_of_its_own(merchant: Merchant) -> None:
    given = [merchant.inquiry("AAAAAAAA").json()["fingerprint"] for _ in range(5)]
    assert len(set(given)) == 5


def test_a_405_says_what_is_allowed(merchant: Merchant) -> None:
    assert merchant.call("DELETE", "/orders").headers["Allow"] == "GET, POST"
    assert merchant.call("POST", "/orders/AAAAAAAA/verify").headers["Allow"] == "GET"


def test_a_head_request_captures_nothing(merchant: Merchant) -> None:
    identifier = merchant.paid()
    assert merchant.call("HEAD", f"/orders/{identifier}/verify").status_code == 405
    assert merchant.world.order(identifier)["state"] == "paid"


@pytest.mark.parametrize("path", ["/tokens/generate", "/tokens/refresh", "/orders"])
def test_half_a_surrogate_pair_is_no_body(merchant: Merchant, path: str) -> None:
    body = r'{"apiKey": "\ud800", "accessToken": "\ud800", "refreshToken": "\ud800"}'
    json_type = {"Content-Type": "application/json"}
    refused = merchant.call("POST", path, data=body, headers=json_type)
    assert (refused.status_code, codes(refused)) == (400, ["web.invalid_or_missing_body"])
