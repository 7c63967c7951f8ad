"""What PPG is sent for each call of the port, and how its answers are normalised."""

from __future__ import annotations

from datetime import UTC, datetime

from payment_engine.gateway import InquiryStatus, VerificationStatus
from payment_engine.gateways.jibit_ppg import JibitPpg
from testkit.cases import naming
from tests.client.documents import (
    CREATE,
    CREATED,
    INQUIRY,
    LIST,
    VERIFY,
    order,
    page,
)
from tests.client.scripted import ScriptedServer, says
from tests.gateways.bindings import REQUEST

SINCE = datetime(2020, 6, 10, 15, tzinfo=UTC)
UNTIL = datetime(2020, 6, 10, 16, 30, 0, 250, tzinfo=UTC)


def test_an_order_is_created_in_rials_with_the_documents_fields(
    server: ScriptedServer, gateway: JibitPpg
) -> None:
    server.on(CREATE, says(CREATED))
    opened = gateway.open(REQUEST)
    (create,) = server.asked(CREATE)
    assert create.body == {
        "amount": 200000,
        "currency": "RIALS",
        "referenceNumber": "our-reference",
        "userIdentifier": "09121234567",
        "callbackUrl": "https://merchant.ir/callback",
        "forcePayerCardNumber": "false",
    }
    assert opened.gateway_payment_id == "1ObK7QrL"
    assert opened.reference == "our-reference"
    assert opened.redirect_url == "https://api.jibit.ir/ppg/v2/orders/1ObK7QrL/payments"
    assert opened.raw == CREATED


def test_the_engine_is_told_of_an_inquiry_in_its_own_words(
    server: ScriptedServer, gateway: JibitPpg
) -> None:
    server.on(INQUIRY, says(order(newField={"of": "tomorrow"})))
    inquiry = gateway.inquire("1ObK7QrL")
    assert inquiry.gateway_payment_id == "1ObK7QrL"
    assert inquiry.reference == "our-reference"
    assert inquiry.amount_rials == 200_000
    assert inquiry.currency == "RIALS"
    assert inquiry.said == "IN_PROGRESS"
    assert inquiry.expires_at == datetime(2020, 6, 10, 18, 50, 55, 247079, tzinfo=UTC)
    assert inquiry.created_at == datetime(2020, 6, 10, 15, 50, 55, 247079, tzinfo=UTC)
    assert inquiry.payer_card == "603799******1234"
    assert inquiry.raw["newField"] == {"of": "tomorrow"}


def test_toman_are_converted_and_the_wires_word_stays(
    server: ScriptedServer, gateway: JibitPpg
) -> None:
    server.on(INQUIRY, says(order(amount=20000, currency="TOMAN")))
    inquiry = gateway.inquire("1ObK7QrL")
    assert (inquiry.amount_rials, inquiry.currency) == (200_000, "TOMAN")


def test_an_inquirys_status_is_read_in_its_own_vocabulary(
    server: ScriptedServer, gateway: JibitPpg
) -> None:
    for said, status in (
        ("SUCCESS", InquiryStatus.SUCCESS),
        ("FAILED", InquiryStatus.FAILED),
        ("UNKNOWN", InquiryStatus.UNKNOWN),
        ("EXPIRED", InquiryStatus.EXPIRED),
        ("IN_PROGRESS", InquiryStatus.IN_PROGRESS),
        ("REVERSED", InquiryStatus.UNRECOGNISED),
        ("Successful", InquiryStatus.UNRECOGNISED),
        ("success", InquiryStatus.UNRECOGNISED),
    ):
        with naming(said, status):
            server.on(INQUIRY, says(order(status=said)))
            inquiry = gateway.inquire("1ObK7QrL")
            assert (inquiry.status, inquiry.said) == (status, said)


def test_a_verifications_status_is_read_in_its_own_vocabulary(
    server: ScriptedServer, gateway: JibitPpg
) -> None:
    for said, status in (
        ("Successful", VerificationStatus.SUCCESSFUL),
        ("Failed", VerificationStatus.FAILED),
        ("Unknown", VerificationStatus.UNKNOWN),
        ("Reversed", VerificationStatus.UNRECOGNISED),
        ("SUCCESSFUL", VerificationStatus.UNRECOGNISED),
        ("SUCCESS", VerificationStatus.UNRECOGNISED),
    ):
        with naming(said, status):
            server.on(VERIFY, says({"status": said, "newField": 1}))
            verification = gateway.verify("1ObK7QrL")
            assert (verification.status, verification.said) == (status, said)
            assert verification.raw == {"status": said, "newField": 1}


def test_an_orphan_is_found_by_its_reference(server: ScriptedServer, gateway: JibitPpg) -> None:
    server.on(
        LIST,
        says(page(order(id="a", referenceNumber="other"), hasNext=True)),
        says(page(order(id="b", referenceNumber="our-reference", status="EXPIRED"))),
    )
    found = gateway.find("our-reference", since=SINCE, until=UNTIL)
    assert found is not None
    assert (found.gateway_payment_id, found.status) == ("b", InquiryStatus.EXPIRED)
    assert server.asked(LIST)[0].query["from"] == ["2020-06-10T15:00:00.000000Z"]


def test_a_reference_the_gateway_never_heard_of_is_not_found(
    server: ScriptedServer, gateway: JibitPpg
) -> None:
    server.on(LIST, says(page(order(referenceNumber="other"))))
    assert gateway.find("our-reference", since=SINCE, until=UNTIL) is None


def test_the_documents_callback_is_read(gateway: JibitPpg) -> None:
    callback = gateway.read_callback(
        {"amount": "200000", "refnum": "Re35F2", "state": "SUCCESSFUL", "more": "x"}
    )
    assert callback.gateway_payment_id == "Re35F2"
    assert callback.said == "SUCCESSFUL"
    assert callback.amount_rials == 200_000
