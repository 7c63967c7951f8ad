"""Fields that no decision needs may be odd: the answer counts all the same, and it is noticed."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jibit_client import PpgClient, WalletClient
from jibit_client.errors import Unintelligible
from jibit_client.ppg.vocabulary import OrderStatus, VerifyStatus
from testkit.cases import naming
from tests.client.documents import LIST, VERIFY, order, page
from tests.client.scripted import ScriptedServer, http, raw, says
from tests.client.wallet_documents import INITIATED, ORDER, VERIFIED, result
from tests.client.wallet_documents import order as wallet_order
from tests.client.wires import PPG, WALLET, AnyClient, Wire

SINCE = datetime(2020, 6, 10, 15, tzinfo=UTC)
UNTIL = datetime(2020, 6, 10, 16, tzinfo=UTC)

PPG_ODDITIES: list[dict[str, Any]] = [
    {"payerCard": 6037991234561234},
    {"payerCard": "*" * 31},
    {"payerCard": {"masked": "603799******1234"}},
    {"createdAt": 1591804255},
    {"createdAt": "yesterday"},
    {"modifiedAt": []},
    {"expirationDate": "2020-06-10T18:50:55"},
    {"expirationDate": "2020-06-10T18:50:55Z" + " " * 10_000},
    {"expirationDate": True},
    {"description": {"fa": "دو کتاب"}},
    {"description": "x" * 10_000},
    {"description": "a broken letter \ud83d"},
    {"description": "a NUL \x00"},
    {"additionalData": {"a": 1}},
    {"userIdentifier": 9121234567},
    {"callbackUrl": ["https://merchant.ir/callback"]},
    {"callbackUrl": "https://merchant.ir/" + "x" * 2000},
    {"initPayerIp": 623935361},
    {"redirectPayerIp": False},
    {"nationalCode": 499370899},
]
WALLET_ODDITIES: list[dict[str, Any]] = [
    {"refId": ["775743540"]},
    {"refId": 7757435.5},
    {"refId": 2**63},
    {"refId": "7" * 65},
    {"additionalData": {"a": 1}},
    {"userIdentity": 9121234567},
    {"clientIp": 7},
]


def _answers(wire: Wire, changed: dict[str, Any]) -> dict[str, object]:
    """The answer to an inquiry with these changes, as the wire gives it."""
    return order(**changed) if wire is PPG else wallet_order(**changed)


both = pytest.mark.parametrize("wire", [PPG, WALLET], ids=lambda wire: wire.name)


@both
def test_an_inquiry_counts_with_its_odd_fields_named_and_logged_once_without_a_value(
    server: ScriptedServer,
    client: PpgClient | WalletClient,
    wire: Wire,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "jibit_client.wire")
    for changed in PPG_ODDITIES if wire is PPG else WALLET_ODDITIES:
        with naming(changed):
            caplog.clear()
            server.on(wire.inquiry, says(_answers(wire, changed)))
            inquiry = client.inquire(wire.identifier)
            assert (inquiry.amount, inquiry.raw) == (200_000, _answers(wire, changed))
            assert inquiry.odd_fields == tuple(changed)
            told = f"inquiry: odd fields, read as missing or clamped: {', '.join(changed)}"
            assert caplog.record_tuples == [("jibit_client.wire", logging.WARNING, told)]


@both
def test_an_answer_in_the_documents_words_has_no_odd_field_and_no_warning(
    server: ScriptedServer, client: AnyClient, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    server.on(wire.create, wire.opens())
    server.on(wire.inquiry, wire.tells())
    server.on(wire.verify, wire.verifies())
    server.on(LIST, says(page(order())))
    caplog.set_level(logging.WARNING)
    wire.creates(client)
    assert client.inquire(wire.identifier).odd_fields == ()
    assert client.verify(wire.identifier).raw == wire.verified
    if isinstance(client, PpgClient):
        assert client.orders().odd_fields == ()
    assert caplog.records == []


def test_every_odd_field_of_an_answer_is_named(server: ScriptedServer, client: PpgClient) -> None:
    server.on(PPG.inquiry, says(order(payerCard=1, nationalCode=2, createdAt=3, newField=4)))
    assert client.inquire("1ObK7QrL").odd_fields == ("payerCard", "createdAt", "nationalCode")


def test_a_card_that_comes_as_a_number_is_not_shown(
    server: ScriptedServer, client: PpgClient, caplog: pytest.LogCaptureFixture
) -> None:
    for card in (6037991234561234, 6037991234561234567, [6037991234561234]):
        with naming(card):
            server.on(PPG.inquiry, says(order(payerCard=card)))
            caplog.set_level(logging.DEBUG)
            inquiry = client.inquire("1ObK7QrL")
            assert inquiry.payer_card is None
            assert "123456" not in repr(inquiry) + caplog.text


def test_an_extreme_date_is_clamped_so_that_days_can_be_added(
    server: ScriptedServer, client: PpgClient
) -> None:
    for printed, nearest in (
        ("9999-12-31T23:59:59.999999Z", datetime(2100, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59-10:00", datetime(2100, 1, 1, tzinfo=UTC)),
        ("2100-01-01T00:00:00.000001Z", datetime(2100, 1, 1, tzinfo=UTC)),
        ("1999-12-31T23:59:59Z", datetime(2000, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+10:00", datetime(2000, 1, 1, tzinfo=UTC)),
    ):
        with naming(printed, nearest):
            server.on(PPG.inquiry, says(order(expirationDate=printed, createdAt=printed)))
            inquiry = client.inquire("1ObK7QrL")
            assert (inquiry.expiration_date, inquiry.created_at) == (nearest, nearest)
            assert inquiry.odd_fields == ("createdAt", "expirationDate")
            assert nearest - timedelta(days=3650) < nearest + timedelta(days=3650)


def test_a_date_at_a_bound_is_not_odd(server: ScriptedServer, client: PpgClient) -> None:
    for printed in ("2000-01-01T00:00:00Z", "2100-01-01T03:30:00+03:30"):
        with naming(printed):
            server.on(PPG.inquiry, says(order(expirationDate=printed)))
            inquiry = client.inquire("1ObK7QrL")
            assert inquiry.expiration_date == datetime.fromisoformat(printed)
            assert inquiry.odd_fields == ()


@pytest.mark.parametrize("wire", [WALLET], ids=lambda wire: wire.name)
def test_a_verification_is_a_success_whatever_else_is_odd_in_it(
    server: ScriptedServer, client: WalletClient, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    oddities: list[dict[str, object]] = [{"refId": {}}, {"additionalData": []}, {"clientIP": 7}]
    for changed in oddities:
        with naming(changed):
            caplog.clear()
            server.on(wire.verify, says(result(VERIFIED | changed)))
            verification = client.verify(wire.identifier)
            assert verification.merchant_order_id == "our-reference"
            assert verification.amount == 200_000
            assert verification.odd_fields == (name := next(iter(changed)),)
            assert f"verify: odd fields, read as missing or clamped: {name}" in caplog.text


@pytest.mark.parametrize("wire", [WALLET], ids=lambda wire: wire.name)
def test_a_payment_is_opened_whatever_else_is_odd_in_the_answer(
    server: ScriptedServer, client: WalletClient, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    server.on(wire.create, says(result(INITIATED | {"additionalData": {}})))
    assert wire.creates(client) == wire.identifier
    assert "create: odd fields, read as missing or clamped: additionalData" in caplog.text


@pytest.mark.parametrize("wire", [WALLET], ids=lambda wire: wire.name)
def test_two_shapes_that_differ_in_what_decides_nothing_are_one_answer(
    server: ScriptedServer, client: WalletClient, wire: Wire
) -> None:
    for inside, tracking_number, odd in (
        ({"refId": "1"}, None, ("refId",)),
        ({"refId": None}, "775743540", ()),
        ({"refId": ["1"]}, "775743540", ("refId",)),
        ({"userIdentity": "09120000000"}, "775743540", ("userIdentity",)),
    ):
        with naming(inside, tracking_number, odd):
            server.on(wire.inquiry, says(ORDER | result(ORDER | inside)))
            inquiry = client.inquire(wire.identifier)
            assert inquiry.said == "PURCHASE_BY_USER"
            assert (inquiry.ref_id, inquiry.odd_fields) == (tracking_number, odd)


def test_an_order_is_found_in_the_list_whatever_is_odd_in_its_row(
    server: ScriptedServer, client: PpgClient
) -> None:
    for changed in PPG_ODDITIES:
        server.on(LIST, says(page(order(**changed))))
        (found,) = client.orders_between(SINCE, UNTIL)
        assert (found.id, found.status) == ("1ObK7QrL", OrderStatus.IN_PROGRESS)


def test_a_page_is_read_whatever_is_odd_in_its_counts(
    server: ScriptedServer, client: PpgClient
) -> None:
    for changed in (
        {"size": 25.0},
        {"size": ...},
        {"size": 2**63},
        {"hasPrevious": None},
        {"hasPrevious": "no"},
        {"numberOfElemnts": "176"},
        {"numberOfElemnts": ...},
        {"numberOfElements": [1]},
        {"numberOfElemnts": -1},
    ):
        with naming(changed):
            answer = page(order()) | changed
            server.on(
                LIST, says({name: value for name, value in answer.items() if value is not ...})
            )
            assert len(list(client.orders_between(SINCE, UNTIL))) == 1


def test_a_page_of_odd_rows_is_logged_once(
    server: ScriptedServer, client: PpgClient, caplog: pytest.LogCaptureFixture
) -> None:
    rows = (order(id="a", payerCard=1), order(id="b", payerCard=2, createdAt=3), order(id="c"))
    server.on(LIST, says(page(*rows, size="100")))
    caplog.set_level(logging.WARNING)
    listed = list(client.orders_between(SINCE, UNTIL))
    assert [getattr(row, "odd_fields", None) for row in listed] == [
        ("payerCard",),
        ("payerCard", "createdAt"),
        (),
    ]
    told = "list: odd fields, read as missing or clamped: size, payerCard, createdAt"
    assert [record.getMessage() for record in caplog.records] == [told]


def test_what_no_database_could_store_in_a_field_that_nobody_reads_harms_nothing(
    server: ScriptedServer, client: PpgClient
) -> None:
    for unstorable in (rb'"\u0000"', rb'"\ud800"', rb'{"\\\u0000": [1]}'):
        with naming(unstorable):
            server.on(
                VERIFY, raw(http(200, b'{"status": "Successful", "new": ' + unstorable + b"}"))
            )
            assert client.verify("1ObK7QrL").status is VerifyStatus.SUCCESSFUL


def test_what_no_database_could_store_is_not_read_where_it_decides(
    server: ScriptedServer, client: PpgClient
) -> None:
    for broken in ("\x00", "SUCCESS\x00", "\ud800", "SUCCESS \udfff"):
        for name in ("status", "referenceNumber", "id", "currency"):
            with naming(broken, name):
                server.on(PPG.inquiry, says(order(**{name: broken})))
                with pytest.raises(Unintelligible):
                    client.inquire("1ObK7QrL")
