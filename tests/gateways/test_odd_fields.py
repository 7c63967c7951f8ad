"""Odd fields that no decision needs reach the engine by their names; the answer counts."""

from __future__ import annotations

from datetime import UTC, datetime

from payment_engine.gateway import Inquiry, InquiryStatus, VerificationStatus
from tests.client import v3_documents as v3
from tests.client.documents import LIST, order, page
from tests.client.scripted import ScriptedServer, says
from tests.client.wallet_documents import VERIFIED, result
from tests.client.wallet_documents import order as wallet_order
from tests.gateways.bindings import AnyGateway, Binding, everyone, of_wallet

SINCE = datetime(2020, 6, 10, 15, tzinfo=UTC)
UNTIL = datetime(2020, 6, 10, 16, tzinfo=UTC)
ODD = order(payerCard=1, nationalCode=2, createdAt=3, newField=4)
ODD_FIELDS = ("payerCard", "createdAt", "nationalCode")


@everyone
def test_an_inquiry_counts_and_names_its_odd_fields(
    server: ScriptedServer, gateway: AnyGateway, binding: Binding
) -> None:
    odd_wallet = wallet_order(refId=["775743540"], clientIp=7)
    odd_purchase = v3.page(v3.PURCHASE | {"pspMaskedCardNumber": 7, "createdAt": 3})
    odd, names = {
        "ppg": (ODD, ODD_FIELDS),
        "ppg_v3": (odd_purchase, ("pspMaskedCardNumber", "createdAt")),
        "wallet": (odd_wallet, ("refId", "clientIp")),
    }[binding.name]
    server.on(binding.wire.inquiry, binding.wire.tells(), says(odd))
    assert gateway.inquire(binding.wire.identifier).odd_fields == ()
    inquiry = gateway.inquire(binding.wire.identifier)
    assert (inquiry.reference, inquiry.amount_rials) == ("our-reference", binding.amount_rials)
    assert inquiry.odd_fields == names


@of_wallet
def test_a_verification_is_a_success_and_names_its_odd_fields(
    server: ScriptedServer, gateway: AnyGateway, binding: Binding
) -> None:
    server.on(binding.wire.verify, says(result(VERIFIED | {"refId": {}, "additionalData": []})))
    verification = gateway.verify(binding.wire.identifier)
    assert verification.status is VerificationStatus.SUCCESSFUL
    assert (verification.reference, verification.amount_rials) == ("our-reference", 200_000)
    assert verification.odd_fields == ("refId", "additionalData")


def test_a_lost_create_is_found_in_the_list_whatever_is_odd_in_its_row(
    server: ScriptedServer, gateway: AnyGateway
) -> None:
    server.on(LIST, says(page(ODD, size="100")))
    found = gateway.find("our-reference", since=SINCE, until=UNTIL)
    assert found is not None
    assert (found.gateway_payment_id, found.status) == ("1ObK7QrL", InquiryStatus.IN_PROGRESS)
    assert found.odd_fields == ODD_FIELDS


def test_each_row_of_a_list_names_its_own_odd_fields(
    server: ScriptedServer, gateway: AnyGateway
) -> None:
    rows = (order(id="a", payerCard=1), order(id="b", payerCard=2, createdAt=3), order(id="c"))
    server.on(LIST, says(page(*rows)))
    listed = list(gateway.payments_between(SINCE, UNTIL))
    assert [row.odd_fields for row in listed if isinstance(row, Inquiry)] == [
        ("payerCard",),
        ("payerCard", "createdAt"),
        (),
    ]
