"""Every code of PPG v3 by raw HTTP, in both languages: the rows are in the modules ``v3_rows``.

Each row is named by its section of the sheet, its call and its code; ``v3_sheet`` has the codes.
"""

from __future__ import annotations

import re

import pytest

from jibit_sandbox.behaviours.catalogue import API_CALLS
from jibit_sandbox.gateways.ppg_v3.codes import CODES
from testkit.cases import naming
from tests.sandbox import v3_rows_access, v3_rows_create, v3_rows_refunds, v3_rows_reports, v3_sheet
from tests.sandbox.merchant import codes
from tests.sandbox.v3_merchant import V3Merchant
from tests.sandbox.v3_rows import CALLS, FEATURES, Facts, refused
from tests.sandbox.v3_rows_create import WAGE_OF_15

PERSIAN = re.compile("[آ-ی]")
ROWS = [
    *(*v3_rows_access.ROWS, *v3_rows_create.ROWS),
    *(*v3_rows_reports.ROWS, *v3_rows_refunds.ROWS),
]
SECTIONS = sorted({row.section for row in ROWS})


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.one_case_in(7)
def test_a_refusal_has_its_code_its_status_and_its_message(v3: V3Merchant, section: str) -> None:
    v3.world.switch(**FEATURES)
    facts, in_persian = Facts(v3), set[str]()
    for row in (row for row in ROWS if row.section == section):
        with naming(str(row)):
            english = refused(facts, row, "en")
            assert english
            assert not PERSIAN.search(english)
            if row.code not in in_persian:  # once for each code is enough
                assert PERSIAN.search(refused(facts, row, "fa") or "")
                in_persian.add(row.code)


def test_every_code_of_the_sheet_has_a_row_or_a_reason() -> None:
    produced = {row.code for row in ROWS}
    assert produced <= v3_sheet.CODES
    assert v3_sheet.CODES - produced == v3_sheet.NOT_PRODUCED.keys()


def test_the_sandbox_has_no_code_beside_those_of_the_sheet() -> None:
    assert set(CODES) <= v3_sheet.CODES


def test_every_call_is_in_the_table() -> None:
    assert CALLS.keys() == set(API_CALLS) - {"list"}  # a list is an inquiry that names nothing


def test_everything_wrong_with_the_fields_is_named_at_once(v3: V3Merchant) -> None:
    answer = v3.call("POST", "/purchases", json={"wage": -1, "payerCardNumber": "1"})
    assert sorted(codes(answer)) == [
        "amount.is_required",
        "callbackUrl.is_required",
        "clientReferenceNumber.is_required",
        "currency.is_required",
        "payerCardNumber.is_invalid",
        "wage.is_invalid",
    ]
    both = v3.call("POST", "/tokens", json={})
    assert codes(both) == ["apiKey.is_required", "secretKey.is_required"]
    too_far = v3.call("GET", "/purchases?page=21&size=251")
    assert codes(too_far) == ["page_number.max_exceeded", "page_size.max_exceeded"]


def test_the_clients_rules_come_after_the_fields_and_one_at_a_time(v3: V3Merchant) -> None:
    twice = v3.order(wage=200_000, payerMobileNumber="09990000000")
    assert codes(v3.call("POST", "/purchases", json=twice)) == [WAGE_OF_15]
    assert codes(v3.call("POST", "/purchases", json=twice | {"currency": ""})) == [
        "currency.is_required"
    ]


@pytest.mark.parametrize("accept", ["text/html", "image/png", "application/xml;q=0.9", None])
def test_any_accept_header_is_answered(v3: V3Merchant, accept: str | None) -> None:
    assert v3.call("GET", "/purchases", headers={"Accept": accept}).status_code == 200


def test_a_405_says_what_is_allowed_and_a_head_request_captures_nothing(v3: V3Merchant) -> None:
    identifier = v3.paid()
    head = v3.call("HEAD", f"/purchases/{identifier}/verify")
    assert (head.status_code, head.headers["Allow"]) == (405, "GET, POST")
    assert v3.status(identifier) == "READY_TO_VERIFY"
