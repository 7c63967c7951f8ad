"""Fields that no decision needs may be odd: the answer counts all the same, and it is noticed."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payment_engine.gateway import InquiryStatus, VerificationStatus
from tests.client.documents import LIST, order, page
from tests.client.scripted import ScriptedServer, says
from tests.client.wallet_documents import INITIATED, ORDER, VERIFIED, result
from tests.client.wallet_documents import order as wallet_order
from tests.gateways.bindings import PPG, REQUEST, WALLET, AnyGateway, Binding, both, of_wallet

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


def _answers(binding: Binding, changed: dict[str, Any]) -> dict[str, object]:
    """The answer to an inquiry with these changes, as the wire gives it."""
    return order(**changed) if binding is PPG else wallet_order(**changed)


ODDITIES = [
    *(pytest.param(PPG, changed, id=f"ppg {changed!r:.60}") for changed in PPG_ODDITIES),
    *(pytest.param(WALLET, changed, id=f"wallet {changed!r:.60}") for changed in WALLET_ODDITIES),
]


@pytest.mark.parametrize(("binding", "changed"), ODDITIES)
def test_an_odd_field_that_decides_nothing_does_not_stop_an_inquiry(
    server: ScriptedServer, gateway: AnyGateway, binding: Binding, changed: dict[str, Any]
) -> None:
    server.on(binding.wire.inquiry, says(_answers(binding, changed)))
    inquiry = gateway.inquire(binding.wire.identifier)
    assert (inquiry.reference, inquiry.amount_rials) == ("our-reference", 200_000)
    assert inquiry.status is binding.paid


@pytest.mark.parametrize(("binding", "changed"), ODDITIES)
def test_an_inquiry_names_its_odd_fields_and_logs_them_once_without_a_value(
    server: ScriptedServer,
    gateway: AnyGateway,
    binding: Binding,
    changed: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.on(binding.wire.inquiry, says(_answers(binding, changed)))
    caplog.set_level(logging.WARNING, "jibit_client.wire")
    inquiry = gateway.inquire(binding.wire.identifier)
    assert inquiry.odd_fields == tuple(changed)
    ((name, level, message),) = caplog.record_tuples
    assert (name, level) == ("jibit_client.wire", logging.WARNING)
    assert message == f"inquiry: odd fields, read as missing or clamped: {', '.join(changed)}"


@both
def test_an_answer_in_the_documents_words_has_no_odd_field_and_no_warning(
    server: ScriptedServer, gateway: AnyGateway, binding: Binding, caplog: pytest.LogCaptureFixture
) -> None:
    server.on(binding.wire.create, binding.wire.opens())
    server.on(binding.wire.inquiry, binding.wire.tells())
    server.on(binding.wire.verify, binding.wire.verifies())
    server.on(LIST, says(page(order())))
    caplog.set_level(logging.WARNING)
    gateway.open(REQUEST)
    assert gateway.inquire(binding.wire.identifier).odd_fields == ()
    assert gateway.verify(binding.wire.identifier).odd_fields == ()
    assert [getattr(row, "odd_fields", ()) for row in gateway.payments_between(SINCE, UNTIL)] in (
        [()],
        [],
    )
    assert caplog.records == []


def test_every_odd_field_of_an_answer_is_named(server: ScriptedServer, gateway: AnyGateway) -> None:
    server.on(PPG.wire.inquiry, says(order(payerCard=1, nationalCode=2, createdAt=3, newField=4)))
    assert gateway.inquire("1ObK7QrL").odd_fields == ("payerCard", "createdAt", "nationalCode")


@pytest.mark.parametrize(
    ("printed", "nearest"),
    [
        ("9999-12-31T23:59:59.999999Z", datetime(2100, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59-10:00", datetime(2100, 1, 1, tzinfo=UTC)),
        ("2100-01-01T00:00:00.000001Z", datetime(2100, 1, 1, tzinfo=UTC)),
        ("1999-12-31T23:59:59Z", datetime(2000, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+10:00", datetime(2000, 1, 1, tzinfo=UTC)),
    ],
)
def test_an_extreme_date_is_clamped_so_that_days_can_be_added(
    server: ScriptedServer, gateway: AnyGateway, printed: str, nearest: datetime
) -> None:
    server.on(PPG.wire.inquiry, says(order(expirationDate=printed, createdAt=printed)))
    inquiry = gateway.inquire("1ObK7QrL")
    assert (inquiry.expires_at, inquiry.created_at) == (nearest, nearest)
    assert inquiry.odd_fields == ("createdAt", "expirationDate")
    assert inquiry.expires_at is not None
    assert inquiry.expires_at - timedelta(days=3650) < inquiry.expires_at + timedelta(days=3650)


@pytest.mark.parametrize("printed", ["2000-01-01T00:00:00Z", "2100-01-01T03:30:00+03:30"])
def test_a_date_at_a_bound_is_not_odd(
    server: ScriptedServer, gateway: AnyGateway, printed: str
) -> None:
    server.on(PPG.wire.inquiry, says(order(expirationDate=printed)))
    inquiry = gateway.inquire("1ObK7QrL")
    assert (inquiry.expires_at, inquiry.odd_fields) == (datetime.fromisoformat(printed), ())


@pytest.mark.parametrize("changed", [{"refId": {}}, {"additionalData": []}, {"clientIP": 7}])
@of_wallet
def test_a_verification_is_a_success_whatever_else_is_odd_in_it(
    server: ScriptedServer,
    gateway: AnyGateway,
    binding: Binding,
    changed: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.on(binding.wire.verify, says(result(VERIFIED | changed)))
    verification = gateway.verify(binding.wire.identifier)
    assert verification.status is VerificationStatus.SUCCESSFUL
    assert (verification.reference, verification.amount_rials) == ("our-reference", 200_000)
    assert verification.odd_fields == tuple(changed)
    assert f"verify: odd fields, read as missing or clamped: {next(iter(changed))}" in caplog.text


@of_wallet
def test_a_payment_is_opened_whatever_else_is_odd_in_the_answer(
    server: ScriptedServer, gateway: AnyGateway, binding: Binding, caplog: pytest.LogCaptureFixture
) -> None:
    server.on(binding.wire.create, says(result(INITIATED | {"additionalData": {}})))
    assert gateway.open(REQUEST).gateway_payment_id == binding.wire.identifier
    assert "create: odd fields, read as missing or clamped: additionalData" in caplog.text


@of_wallet
@pytest.mark.parametrize(
    ("inside", "tracking_number", "odd"),
    [
        ({"refId": "1"}, None, ("refId",)),
        ({"refId": None}, "775743540", ()),
        ({"refId": ["1"]}, "775743540", ("refId",)),
        ({"userIdentity": "09120000000"}, "775743540", ("userIdentity",)),
    ],
)
def test_two_shapes_that_differ_in_what_decides_nothing_are_one_answer(
    server: ScriptedServer,
    gateway: AnyGateway,
    binding: Binding,
    inside: dict[str, Any],
    tracking_number: str | None,
    odd: tuple[str, ...],
) -> None:
    server.on(binding.wire.inquiry, says(ORDER | result(ORDER | inside)))
    inquiry = gateway.inquire(binding.wire.identifier)
    assert inquiry.status is InquiryStatus.AWAITING_VERIFICATION
    assert (inquiry.tracking_number, inquiry.odd_fields) == (tracking_number, odd)


@pytest.mark.parametrize("changed", PPG_ODDITIES, ids=lambda changed: f"{changed!r:.60}")
def test_a_lost_create_is_found_in_the_list_whatever_is_odd_in_its_row(
    server: ScriptedServer, gateway: AnyGateway, changed: dict[str, Any]
) -> None:
    server.on(LIST, says(page(order(**changed))))
    found = gateway.find("our-reference", since=SINCE, until=UNTIL)
    assert found is not None
    assert (found.gateway_payment_id, found.status) == ("1ObK7QrL", InquiryStatus.IN_PROGRESS)


def test_a_page_of_odd_rows_is_logged_once(
    server: ScriptedServer, gateway: AnyGateway, caplog: pytest.LogCaptureFixture
) -> None:
    rows = (order(id="a", payerCard=1), order(id="b", payerCard=2, createdAt=3), order(id="c"))
    server.on(LIST, says(page(*rows, size="100")))
    caplog.set_level(logging.WARNING)
    listed = list(gateway.payments_between(SINCE, UNTIL))
    assert [getattr(row, "odd_fields", None) for row in listed] == [
        ("payerCard",),
        ("payerCard", "createdAt"),
        (),
    ]
    told = "list: odd fields, read as missing or clamped: size, payerCard, createdAt"
    assert [record.getMessage() for record in caplog.records] == [told]
